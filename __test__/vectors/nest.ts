/** NEST's neurons under spikes and currents, and its network without random numbers: through large networks. */

import {
  type Connection,
  circuit,
  connect,
  currentSource,
  type Recording,
  record,
  rule,
  simulate,
  spikeSource,
} from '../../src-ts/doors/circuit.ts';
import { LapicqueError } from '../../src-ts/index.ts';
import { type NestNeurons, nestModels, nestNeurons, nestState } from '../../src-ts/sonata/nest-models.ts';
import { BadCase, type Json, list, number, object, type SideCar, Skip, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** Steps of our method in one of the network's, where NEST's adapt to the error. */
const subSteps = 20;

/** A case's neurons; what NEST's model has and ours has not is not built yet. */
function neurons(model: string, n: number, params: Json, init: unknown, dt: number, current?: Current) {
  const parameters = {
    ...params,
    ...object(init ?? {}, 'init'),
    ...(current === undefined ? {} : { I_e: current }),
  };
  try {
    return nestNeurons(model, n, parameters, dt, model.startsWith('aeif') ? { subSteps } : {});
  } catch (error) {
    if (error instanceof LapicqueError && error.code === 'unknown-name') throw new Skip(error.message);
    throw error;
  }
}

/** A constant current, of one neuron or of each. */
type Current = number | readonly number[];

export const nest: Readonly<
  Record<string, (entry: Json, comparison: Comparison, car: SideCar) => Promise<void>>
> = {
  ...Object.fromEntries(nestModels.map((model) => [`nest.${model}`, oneNeuron(model)])),
  ...Object.fromEntries(nestModels.map((model) => [`nest.randomfree_${model}`, withoutRandomNumbers])),
};

function oneNeuron(model: string) {
  return async (entry: Json, comparison: Comparison, car: SideCar): Promise<void> => {
    const dt = number(entry.dt_ms, 'dt_ms');
    const kind = text(object(entry.stimulus, 'stimulus').kind, 'stimulus.kind');
    const params = object(entry.params, 'params');
    // A constant stimulus is the neuron's own current.
    const made = neurons(model, 1, params, entry.init, dt, kind === 'constant' ? 0 : undefined);
    const neuron = made.cells;
    const expected = Object.entries(object(entry.expected, 'expected'));
    const traced = expected
      .map(([quantity]) => nestState(model, quantity))
      .filter((state) => state !== undefined);
    // Spikes are recorded to the end of the simulation, states not as long: NEST delivers them later.
    const recorded = entry.n_steps_recorded as number | undefined;
    const steps = Math.round(number(entry.T_ms ?? recorded! * dt, 'T_ms') / dt);
    const traces = traced.length === 0 ? [] : [record.traces(neuron, traced)];
    const recording: Recording = await simulate(
      circuit(neuron, stimulus(entry, kind, made, car), ...traces),
      { duration: steps * dt, dt, precision: 'f64' },
    );
    const [name] = Object.keys(recording.populations);
    for (const [quantity, tensor] of expected) {
      if (quantity === 'spike_times') {
        comparison.expected(tensor, recording.times, [recording.times.length]);
      } else if (quantity === 'n_spikes') {
        comparison.field(quantity, [recording.times.length]);
      } else {
        const state = nestState(model, quantity);
        if (state === undefined) throw new BadCase(`the quantity ${quantity} is unknown`);
        const values = recording.traces[`${name}.${state}`]!.values.subarray(0, recorded);
        comparison.expected(tensor, values, [values.length]);
      }
    }
  };
}

function stimulus(
  entry: Json,
  kind: string,
  { cells, weight: weightOf, current: currentOf }: NestNeurons,
  car: SideCar,
): Connection[] {
  const stimulusSpec = object(entry.stimulus, 'stimulus');
  if (kind === 'constant' || kind === 'step_current') {
    const delay = number(stimulusSpec.delay_ms ?? 0, 'stimulus.delay_ms');
    const [times, values] =
      kind === 'constant'
        ? [[stimulusSpec.from_ms ?? 0], [stimulusSpec.I_pA]]
        : [
            list(stimulusSpec.amplitude_times_ms, 'amplitude_times_ms'),
            list(stimulusSpec.amplitude_values_pA, 'amplitude_values_pA'),
          ];
    const current = currentSource({
      times: times.map((t) => number(t, 'time') + delay),
      values: values.map((x) => currentOf(number(x, 'value'), 0)),
    });
    return [connect(current, cells)];
  }
  if (kind !== 'spikes') throw new Skip(`the stimulus ${kind} of a network's neuron is not built yet`);
  const delay = number(stimulusSpec.delay_ms, 'stimulus.delay_ms');
  return (['exc', 'inh'] as const).map((sign) => {
    const times = car.value(stimulusSpec[`${sign}_times`], `${sign}_times`);
    if (typeof times === 'number') throw new BadCase(`${sign}_times is no tensor`);
    const weight = number(stimulusSpec[`weight_${sign}`], `weight_${sign}`);
    return connect(spikeSource([times], { name: sign }), cells, rule.oneToOne(), {
      weight: weightOf(weight),
      delay,
    });
  });
}

async function withoutRandomNumbers(entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const p = (key: string) => number(params[key], key);
  const [n, k] = [p('n'), p('K')];
  const synapses = Array.from({ length: n * k }, (_, i) => [Math.floor(i / k), i % k] as const);
  const sources = synapses.map(([source]) => source);
  const targets = synapses.map(
    ([source, synapse]) => (source * p('mult') + synapse * p('step') + p('offset')) % n,
  );
  const inhibits = (source: number) => source % p('inh_every') === p('inh_residue');
  const pa = sources.map((source) => p(inhibits(source) ? 'w_inh_pA' : 'w_exc_pA'));
  const { model, params: common } = object(params.neuron, 'neuron');
  const name = text(model, 'neuron.model').replace('nest.', '');
  const currents = Array.from({ length: n }, (_, i) => p('i0_pA') + p('di_pA') * i);
  const dt = p('dt_ms');
  const { cells, weight: weightOf } = neurons(
    name,
    n,
    object(common, 'neuron.params'),
    entry.init,
    dt,
    currents,
  );
  const weight = pa.map(weightOf);
  const { times, ids } = await simulate(
    circuit(cells, connect(cells, cells, rule.list(sources, targets), { weight, delay: p('delay_ms') })),
    { duration: p('ms'), dt, precision: 'f64' },
  );
  comparison.field(
    'step',
    Array.from(times, (t) => Math.round(t / dt)),
  );
  comparison.field('id', Array.from(ids));
}
