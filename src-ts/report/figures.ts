/**
 * The figures of a report, drawn from plain data. Loaded when a report is written, because most programs write none.
 */
import { drawActivity } from './activity.ts';
import { type Figure, openCanvas } from './canvas.ts';
import { checkReport } from './check.ts';
import { drawConfusion } from './confusion.ts';
import { drawComparison, drawCosts } from './costs.ts';
import { drawCurves } from './curves.ts';
import type { Report } from './data.ts';
import { drawMembrane } from './membrane.ts';
import { drawRaster } from './raster.ts';
import { drawRates } from './rates.ts';
import { plainReport } from './returned.ts';
import { drawSteps } from './steps.ts';

/** Draws the figures for which the report has data. */
export async function drawFigures(given: Report): Promise<Figure[]> {
  const report = plainReport(given);
  checkReport(report);
  const { history, raster, traces, rates, activity, confusion, costs, comparison, steps } = report;
  const { plot, draw } = await openCanvas();
  return [
    history && drawCurves(plot, draw, history),
    raster && drawRaster(plot, draw, raster),
    traces && drawMembrane(plot, draw, traces),
    rates && drawRates(plot, draw, rates),
    activity && drawActivity(plot, draw, activity.steps, activity.layers),
    confusion && drawConfusion(plot, draw, confusion),
    costs && drawCosts(plot, draw, costs),
    comparison && drawComparison(plot, draw, comparison),
    steps && drawSteps(plot, draw, steps),
  ].filter((figure) => figure !== undefined);
}
