/** The axes of a parameter of a traced function, from its sizes. */

import { integer, invalid } from '../checks/check.ts';

/** The sizes of a parameter: a list, or an object that names its axes. */
export type ParameterShape = readonly number[] | Readonly<Record<string, number>>;

/** Names and sizes of all axes. @param main - the name of the last axis of a list @internal */
export function axesOfParameter(path: string, shape: unknown, main: string): [string, number][] {
  const size = (value: unknown) => integer(path, value, { min: 1, max: 2 ** 24 });
  if (!Array.isArray(shape)) {
    if (typeof shape !== 'object' || shape === null)
      invalid(path, shape, 'a list of sizes, or an object of sizes');
    return Object.entries(shape).map(([name, value]) => [name, size(value)]);
  }
  const names = [[], [main], ['in', main]][shape.length];
  if (names === undefined) {
    return invalid(
      path,
      shape,
      'up to two sizes; for more axes an object that names them, such as { head: 2, in: 8, neuron: 8 }',
    );
  }
  return names.map((name, i) => [name, size(shape[i])]);
}
