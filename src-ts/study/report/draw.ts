/** All figures of a study. */
import type { Figure } from '../../figure/draw/figure.ts';
import { contours } from '../../figure/study/contours.ts';
import { intermediateValues } from '../../figure/study/intermediate-values.ts';
import { optimizationHistory } from '../../figure/study/optimization-history.ts';
import { parallelCoordinates } from '../../figure/study/parallel-coordinates.ts';
import { parameterImportance } from '../../figure/study/parameter-importance.ts';
import { paretoFront } from '../../figure/study/pareto-front.ts';
import { isCommon } from '../../figure/study/ranked-axes.ts';
import { slices } from '../../figure/study/slices.ts';
import { objectiveOf, type StudyLabels } from '../../figure/study/source.ts';
import type { ReportedResults } from '../table/results-data.ts';

/** The size of the figures in pages. */
const size = { width: 876, fontSize: 12 } as const;

/** The figures for which the study has data. */
export async function drawStudy<P>(given: ReportedResults<P>, labels: StudyLabels): Promise<Figure[]> {
  const results = given as unknown as ReportedResults<never>;
  const { directions, table, complete, axes, space } = results;
  const look = { ...size, labels };
  const common = axes.filter((axis) => isCommon({ results, labels }, axis));
  const pending = [
    table.length > 0 && optimizationHistory(results, look),
    table.trials.some(({ reports }) => reports.length > 1) && intermediateValues(results, look),
    directions.length > 1 && complete.length > 0 && paretoFront(results, look),
    space !== undefined && axes.length > 1 && parameterImportance(results, look),
    ...directions.flatMap((_, objective) => {
      const finite = complete.trials.filter((trial) => Number.isFinite(objectiveOf(trial, objective))).length;
      const options = { ...look, objective };
      return [
        axes.length > 0 && finite > 0 && slices(results, options),
        common.length > 1 && finite > 0 && contours(results, options),
        axes.length > 0 && finite > 1 && parallelCoordinates(results, options),
      ];
    }),
  ];
  return (await Promise.all(pending)).filter((figure) => figure !== false);
}
