/** All figures of a study. */

import { type Figure, openCanvas } from '../../report/canvas.ts';
import { type ParameterAxis, positions } from '../table/axes.ts';
import type { Importance, ReportedResults } from '../table/results-data.ts';
import { drawHistory } from './history.ts';
import { drawImportance } from './importance.ts';
import { drawPairwise } from './pairwise.ts';
import { drawParallel } from './parallel.ts';
import { drawPareto } from './pareto.ts';
import { drawReports } from './reports.ts';
import { drawSlices } from './slices.ts';
import type { FigureSource, StudyLabels } from './source.ts';

/** Maximum number of panels of slices and pairs. */
const [mostSlices, mostInPairs] = [12, 3];

/** Draws the figures for which the study has data. */
export async function drawStudy<P>(given: ReportedResults<P>, labels: StudyLabels): Promise<Figure[]> {
  const results = given as unknown as ReportedResults<never>;
  const source: FigureSource = { ...(await openCanvas()), results, labels };
  const [best] = await results.best();
  const objectives = results.directions.map((_, objective) => objective);
  const importance = await Promise.all(objectives.map((objective) => importanceOf(results, objective)));
  const byName = new Map(results.axes.map((axis) => [axis.name, axis]));
  // Two conditional parameters may never occur in the same trial.
  const common = (axis: ParameterAxis) =>
    2 * positions(results.complete, axis).filter((at) => !Number.isNaN(at)).length > results.complete.length;
  const ranked = importance.map((list) =>
    list.flatMap(({ parameter }): ParameterAxis | [] => byName.get(parameter) ?? []),
  );
  return [
    drawHistory(source),
    drawReports(source, best),
    drawPareto(source, await results.paretoFront()),
    results.space === undefined ? undefined : drawImportance(source, importance),
    ...objectives.flatMap((objective) => {
      const axes = ranked[objective]!;
      return [
        drawSlices(source, axes.slice(0, mostSlices), objective),
        drawPairwise(source, pairsOf(axes.filter(common).slice(0, mostInPairs)), objective),
        drawParallel(source, axes, objective),
      ];
    }),
  ].filter((figure) => figure !== undefined);
}

function pairsOf(axes: readonly ParameterAxis[]): (readonly [ParameterAxis, ParameterAxis])[] {
  return axes.flatMap((first, i) => axes.slice(i + 1).map((second) => [first, second] as const));
}

/** In the order of the parameters if there is no space that describes them. */
async function importanceOf(
  results: ReportedResults<never>,
  objective: number,
): Promise<readonly Importance[]> {
  if (results.space !== undefined) return results.importance(objective);
  return results.axes.map(({ name }) => ({ parameter: name, importance: 0 }));
}
