/** Traces of one layer of neurons. */

import { rateUnit } from '../../src-ts/doors/neurons.ts';
import {
  dense,
  type Layer,
  lateralInhibition,
  type Model,
  type ModelInfo,
  ModelState,
  sequential,
} from '../../src-ts/index.ts';
import { associative } from './associative.ts';
import { using } from './check.ts';
import { convLstm } from './conv-lstm.ts';
import { at, type NeuronLayer, neurons, type Quantity, type Values } from './neurons.ts';
import { biases, parallel } from './parallel.ts';
import { BadCase, isObject, isTimeFirst, type Json, number, object, type SideCar, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';
import { xylo } from './xylo.ts';

/** The peers' names of states in ours; `spk` are the spikes. */
export const states: Readonly<Record<string, string>> = {
  mem: 'v',
  v: 'v',
  syn: 'iSyn',
  i: 'iSyn',
  c: 'iSyn',
  syn_exc: 'synExc',
  syn_inh: 'synInh',
  rho: 'refractory',
  g_e: 'gE',
  g_i: 'gI',
};

/** `check: 'forward'` */
export async function forward(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  if (entry.model === 'snntorch.SConv2dLSTM') return convLstm(car, entry, comparison);
  if (entry.model === 'snntorch.AssociativeLeaky') return associative(car, entry, comparison);
  if (entry.model === 'snntorch.LeakyParallel') return parallel(car, entry, comparison);
  // Their weights are named as the chip's are.
  if (String(entry.model).startsWith('xylosim.')) return xylo(car, entry, comparison);
  const layer = layerOf(car, entry);
  const input = car.tensor(object(entry.inputs, 'inputs').input);
  if (!isTimeFirst(entry)) throw new BadCase(`unknown layout ${entry.layout}`);
  const image = input.shape.length > 3;
  const channels = input.shape.slice(2).reduce((product, size) => product * size, 1);
  const weights = object(entry.weights ?? {}, 'weights');
  const matrix = weights.input ?? weights.weight_ih;
  const into = matrix === undefined ? undefined : car.tensor(matrix);
  const bias = biases(car, weights);
  // Rows of an LSTM's weights are those of its four gates.
  const ports = layer.model === 'snntorch.SLSTM' ? 4 : 1;
  const n = (into?.shape[0] ?? channels) / ports;
  const { population, weights: recurrent, quantities } = neurons(layer, 'neurons', n);
  const quantity = (name: string): Quantity => quantities[name] ?? { state: states[name] ?? name };
  const layers: Layer[] = [population];
  const set = new Map([...recurrent].map(([name, data]) => [`neurons.${name}`, data]));
  if (into !== undefined) {
    layers.unshift(dense(channels, ports * n, { name: 'input weights', bias: bias !== undefined }));
    set.set('input weights.weight', into.data);
    if (bias !== undefined) set.set('input weights.bias', bias);
  }
  const inhibits = layer.params.inhibition === true;
  // A network ends with a population: one that passes on what inhibition lets through.
  if (inhibits) layers.push(lateralInhibition({ name: 'inhibited' }), rateUnit({ name: 'out' }));
  const network = (sequential as (...layers: Layer[]) => ReturnType<typeof sequential>)(...layers);
  const dt = entry.dt_s === undefined ? 1 : number(entry.dt_s, 'dt_s') * 1e3;
  const precision = input.double ? 'f64' : 'f32';
  await using(
    await network.compile({
      dt,
      precision,
      inputs: image && into === undefined ? input.shape.slice(2) : channels,
    }),
    async (model) => {
      await model.setWeights(Object.fromEntries(set));
      const expected = object(entry.expected, 'expected');
      const spiking = model.info.layers[0]!.spiking;
      const record = Object.keys(expected).filter((name) => name !== 'spk');
      const variables = record.map((name) => `neurons.${quantity(name).state}`);
      const spikes = inhibits ? 'inhibited.values' : `neurons.${leaving(model.info.layers[0]!)}`;
      const run = await model.run(
        { x: precision === 'f64' ? input.data : Float32Array.from(input.data), shape: input.shape },
        {
          record: [...variables, ...(spiking ? [spikes] : [])],
          ...initial(model, car, entry, input.shape[1]!, quantity),
        },
      );
      const shape = [...input.shape.slice(0, 2), ...(into === undefined ? input.shape.slice(2) : [n])];
      if (spiking && 'spk' in expected) {
        comparison.tensor(text(expected.spk, 'expected.spk'), run.recordings[spikes]!, shape);
      }
      record.forEach((name, i) => {
        const { offset = 0, scale = 1 } = quantity(name);
        const values = run.recordings[variables[i]!]!.map((x, i) => at(offset, i) + at(scale, i) * x);
        comparison.tensor(text(expected[name], `expected.${name}`), values, shape);
      });
    },
  );
}

function layerOf(car: SideCar, entry: Json): NeuronLayer {
  const params = Object.entries(object(entry.params, 'params')).map(([name, value]) => [
    name,
    isObject(value) ? car.value(value, `params.${name}`) : value,
  ]);
  const weights = Object.entries(object(entry.weights ?? {}, 'weights')).filter(([role]) => role !== 'input');
  return {
    model: text(entry.model, 'model'),
    params: Object.fromEntries(params),
    weights: new Map(weights.map(([role, name]) => [role, car.tensor(name).data])),
    surrogate: entry.surrogate,
    fires: entry.fires,
  };
}

/** Where the run begins, which need not be where ours would; a state that is not named is at 0. */
function initial(
  model: Model,
  car: SideCar,
  entry: Json,
  batch: number,
  quantity: (name: string) => Quantity,
): { state?: ModelState } {
  const init = Object.entries(object(entry.init ?? {}, 'init')).map(([name, value]) => {
    return [name, car.value(value, `init.${name}`)] as const;
  });
  if (init.length === 0) return {};
  const { neurons: n, states: known } = model.info.layers[0]!;
  const others = model.info.layers.slice(1).map(({ neurons, states: own }) => ({
    neurons,
    states: own.map(() => new Float64Array(batch * neurons)),
  }));
  const named = new Map<string, Float64Array>();
  for (const [name, value] of init) {
    const { state, offset = 0, scale = 1 } = quantity(name);
    const all = everywhere(value, batch * n);
    named.set(
      state,
      all.map((x, i) => (x - at(offset, i)) / at(scale, i)),
    );
  }
  const arrays = known.map(({ name }) => named.get(name) ?? new Float64Array(batch * n));
  const last = named.get('spk') ?? new Float64Array(batch * n);
  // What returns to an LSTM is its state, not its spikes.
  const recurrent =
    model.info.layers[0]!.ports.length === 1 &&
    model.info.projections.some(({ name }) => name === 'neurons.recurrent');
  return {
    state: ModelState.fromArrays({
      precision: model.description.precision,
      batch,
      layers: [
        {
          neurons: n,
          states: arrays,
          ...(recurrent ? { lastSpikes: Uint8Array.from(last) } : {}),
        },
        ...others,
      ],
    }),
  };
}

/** One value, one per neuron, or one for each sample's neuron. */
function everywhere(value: Values, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => at(value, i));
}

/** What leaves a spiking layer: where spikes are not worth 1, a state. */
export function leaving(layer: ModelInfo['layers'][number]): string {
  return layer.states.some(({ name }) => name === 'graded') ? 'graded' : 'spikes';
}
