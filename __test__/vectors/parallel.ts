/** snnTorch's LeakyParallel: torch's recurrent network, whose values spike where they exceed a threshold. */

import { lif, rateUnit } from '../../src-ts/doors/neurons.ts';
import { dense, graph } from '../../src-ts/index.ts';
import { using } from './check.ts';
import { BadCase, type Json, object, type SideCar, Skip, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** `check: 'forward'` of `snntorch.LeakyParallel`. */
export async function parallel(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const input = car.tensor(object(entry.inputs, 'inputs').input);
  const named = object(entry.weights, 'weights');
  const [into, back] = ['weight_ih', 'weight_hh'].map((role) => car.tensor(named[role]));
  const bias = biases(car, named);
  const activation = params.nonlinearity ?? 'relu';
  if (activation !== 'relu' && activation !== 'tanh')
    throw new Skip(`the nonlinearity ${activation} is not built yet`);
  const [n, width] = into!.shape as [number, number];
  const number = (name: string, fallback: number) =>
    params[name] === undefined ? fallback : car.value(params[name], `params.${name}`);
  const network = graph({
    inputs: [width],
    nodes: {
      current: dense(width, n, { bias: bias !== undefined }),
      mem: rateUnit({ activation, recurrent: { kind: 'dense', bias: false } }),
      spk: lif({
        beta: 0,
        reset: 'none',
        vThreshold: number('threshold', 1),
        gradedSpikes: number('graded_spikes_factor', 1),
      }),
    },
    edges: [
      ['input', 'current'],
      ['current', 'mem'],
      ['mem', 'spk'],
    ],
    output: 'spk',
  });
  await using(await network.compile({ precision: input.double ? 'f64' : 'f32' }), async (model) => {
    await model.setWeights({
      'current.weight': into!.data,
      'mem.recurrent.weight': back!.data,
      ...(bias === undefined ? {} : { 'current.bias': bias }),
    });
    const x = input.double ? input.data : Float32Array.from(input.data);
    const graded = model.info.layers.at(-1)!.states.some(({ name }) => name === 'graded');
    const record = { spk: graded ? 'spk.graded' : 'spk.spikes', mem: 'mem.v' };
    const run = await model.run({ x, shape: input.shape }, { record: Object.values(record) });
    for (const [name, tensor] of Object.entries(object(entry.expected, 'expected'))) {
      const variable = record[name as keyof typeof record];
      if (variable === undefined) throw new BadCase(`unknown quantity ${name}`);
      const shape = [...input.shape.slice(0, 2), n];
      comparison.tensor(text(tensor, `expected.${name}`), run.recordings[variable]!, shape);
    }
  });
}

/** The biases of the input, which torch's recurrent layers have twice. */
export function biases(car: SideCar, weights: Json): Float64Array | undefined {
  const present = ['bias_ih', 'bias_hh'].filter((role) => weights[role] !== undefined);
  const [first, ...others] = present.map((role) => car.tensor(weights[role]).data);
  return first?.map((x, i) => others.reduce((sum, other) => sum + other[i]!, x));
}
