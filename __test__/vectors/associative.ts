/** snnTorch's AssociativeLeaky. */
import { networks } from '../../src-ts/index.ts';
import { using } from './check.ts';
import { type Json, number, object, type SideCar, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** `check: 'forward'` of `snntorch.AssociativeLeaky`. */
export async function associative(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const input = car.tensor(object(entry.inputs, 'inputs').input);
  const weights = Object.entries(object(entry.weights, 'weights'));
  const size = (name: string) => number(params[name], `params.${name}`);
  const network = networks.associativeLeaky({
    inputs: size('in_dim'),
    values: size('d'),
    keys: size('n'),
    vThreshold: size('threshold'),
    queries: weights.some(([role]) => role === 'to_q.weight'),
    // snnTorch's, which is no parameter there.
    epsilon: 1e-8,
  });
  await using(await network.compile({ precision: input.double ? 'f64' : 'f32' }), async (model) => {
    const names: Record<string, string> = { to_v: 'value', to_k: 'key', to_alpha: 'decay', to_q: 'query' };
    const ours = (role: string) => role.replace(/^\w+/, (layer) => names[layer] ?? layer);
    const set = weights.map(([role, tensor]) => [ours(role), car.tensor(tensor).data]);
    await model.setWeights(Object.fromEntries(set));
    const x = input.double ? input.data : Float32Array.from(input.data);
    const run = await model.run({ x, shape: input.shape });
    const shape = [...input.shape.slice(0, 2), run.v.length / (input.shape[0]! * input.shape[1]!)];
    comparison.tensor(text(object(entry.expected, 'expected').output, 'expected.output'), run.v, shape);
  });
}
