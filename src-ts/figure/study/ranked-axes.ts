/** The parameters of a study in the order of their importance. */
import { unknownName } from '../../checks/check.ts';
import { type ParameterAxis, positions } from '../../study/table/axes.ts';
import type { FigureSource } from './source.ts';

/** The parameters that are named, or all of them; those of a study without a space in the order of its table. */
export async function rankedAxes(
  { results }: FigureSource,
  objective: number,
  named: readonly string[] | undefined,
): Promise<readonly ParameterAxis[]> {
  const byName = new Map(results.axes.map((axis) => [axis.name, axis]));
  if (named !== undefined)
    return named.map((name) => {
      const axis = byName.get(name);
      if (axis === undefined) throw unknownName('parameter', String(name), [...byName.keys()]);
      return axis;
    });
  if (results.space === undefined) return results.axes;
  const ranked = await results.importance(objective);
  return ranked.flatMap(({ parameter }): ParameterAxis | [] => byName.get(parameter) ?? []);
}

/** Whether most trials have a parameter: two conditional parameters may never occur in the same trial. */
export function isCommon({ results }: FigureSource, axis: ParameterAxis): boolean {
  const present = positions(results.complete, axis).filter((at) => !Number.isNaN(at)).length;
  return 2 * present > results.complete.length;
}
