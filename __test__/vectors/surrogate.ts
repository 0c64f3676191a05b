/** Surrogate derivatives on a grid. */

import { lif, surrogateDerivative } from '../../src-ts/doors/neurons.ts';
import { sequential } from '../../src-ts/index.ts';
import { using } from './check.ts';
import { BadCase, isObject, type Json, object, type SideCar, text } from './side-car.ts';
import { surrogateOf } from './surrogates.ts';
import type { Comparison } from './tolerance.ts';

/** `check: 'surrogate'` */
export async function surrogate(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const u = car.tensor(object(entry.inputs, 'inputs').u);
  const [library] = text(entry.model, 'model').split('.');
  const described = surrogateOf(library!, entry.surrogate);
  if (described === undefined) throw new BadCase('the surrogate has no name');
  const { derivative, primitive } = surrogateDerivative(described, u.data);
  const expected = object(entry.expected, 'expected');
  if (expected.grad !== undefined) comparison.expected(expected.grad, derivative, u.shape);
  if (expected.primitive !== undefined) comparison.expected(expected.primitive, primitive ?? [], u.shape);
  // The spike itself is the same for all, and stands beside the cases.
  const common = car.json.expected;
  if (isObject(common) && typeof common.spk === 'string' && !comparison.compared.has(common.spk)) {
    comparison.tensor(
      common.spk,
      await spikes(u.data, (entry.fires ?? (library === 'spikingjelly' ? '>=' : '>')) as '>' | '>='),
      u.shape,
    );
  }
}

/** A neuron without memory, whose threshold is at 0. */
async function spikes(u: Float64Array, compare: '>' | '>='): Promise<Uint8Array> {
  const neuron = lif({ neurons: u.length, beta: 0, vThreshold: 0, reset: 'none', compare });
  return using(await sequential(neuron).compile({ precision: 'f64' }), async (model) => {
    return (await model.run({ x: u, shape: [1, 1, u.length] })).spikes!;
  });
}
