/** Parameters of losses in the list of a model's parameters. */
import type { ModelInfo } from './model-info.ts';

/** Names and shapes; each name begins with `loss.`. */
export type LossParameters = readonly { readonly name: string; readonly shape: readonly number[] }[];

/** How many parameters of losses each model has: they follow those of its layers. */
const counts = new WeakMap<ModelInfo['parameters'], number>();

/** Adds parameters that the list does not have yet. */
export function addParameters(info: ModelInfo, parameters: LossParameters): void {
  const list = info.parameters as ModelInfo['parameters'][number][];
  for (const { name, shape } of parameters) {
    if (list.some((known) => known.name === name)) continue;
    list.push({ name, shape, trainable: true });
    counts.set(list, (counts.get(list) ?? 0) + 1);
    (info as { parameterCount: number }).parameterCount += shape.reduce((product, size) => product * size, 1);
  }
}

/** The parameters of losses that a model has. */
export function parametersOfLosses({ parameters }: ModelInfo): LossParameters {
  const count = counts.get(parameters) ?? 0;
  return parameters.slice(parameters.length - count).map(({ name, shape }) => ({ name, shape }));
}
