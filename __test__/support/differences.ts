// Gradients of a model beside central differences in double precision.
import type { ExecutionContext } from 'ava';
import type { Model } from '../../src-ts/index.ts';

/**
 * Compares the gradients of each tensor with the differences of `lossOf` at weights moved by ±1e-5, for about `perTensor` of its elements.
 *
 * @param lossOf - the loss at the model's present weights
 * @param tolerance - as a function of the difference
 */
export async function compareWithDifferences(
  t: ExecutionContext,
  model: Model,
  gradients: Readonly<Record<string, ArrayLike<number>>>,
  lossOf: () => Promise<number>,
  { perTensor, tolerance }: { perTensor: number; tolerance: (difference: number) => number },
): Promise<void> {
  const weights = await model.weights();
  for (const [name, tensor] of Object.entries(weights)) {
    // Statistics of a norm are no parameters.
    if (/running/.test(name)) continue;
    const values = Float64Array.from(tensor as Float64Array);
    for (let i = 0; i < values.length; i += 1 + Math.floor(values.length / perTensor)) {
      const at = async (value: number) => {
        const moved = values.slice();
        moved[i] = value;
        await model.setWeights({ ...weights, [name]: moved });
        return await lossOf();
      };
      const difference = ((await at(values[i]! + 1e-5)) - (await at(values[i]! - 1e-5))) / 2e-5;
      const got = gradients[name]![i]!;
      t.true(Math.abs(got - difference) < tolerance(difference), `${name}[${i}]: ${got} ${difference}`);
    }
    await model.setWeights(weights);
  }
}
