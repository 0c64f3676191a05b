/** The figures of a report, drawn from plain data. Loaded when a report is written: most programs write none. */
import { drawActivity } from './activity.ts';
import { type Figure, openCanvas } from './canvas.ts';
import { checkReport } from './check.ts';
import { drawConfusion } from './confusion.ts';
import { drawCurves } from './curves.ts';
import type { Report } from './data.ts';
import { drawMembrane } from './membrane.ts';
import { drawRaster } from './raster.ts';
import { drawRates } from './rates.ts';
import { plainReport } from './returned.ts';
import { drawSteps } from './steps.ts';

/** Draws what the report has data for. */
export async function drawFigures(given: Report): Promise<Figure[]> {
  const report = plainReport(given);
  checkReport(report);
  const { history, raster, traces, rates, activity, confusion, steps } = report;
  const { plot, draw } = await openCanvas();
  return [
    history && drawCurves(plot, draw, history),
    raster && drawRaster(plot, draw, raster),
    traces && drawMembrane(plot, draw, traces),
    rates && drawRates(plot, draw, rates),
    activity && drawActivity(plot, draw, activity.steps, activity.layers),
    confusion && drawConfusion(plot, draw, confusion),
    steps && drawSteps(plot, draw, steps),
  ].filter((figure) => figure !== undefined);
}
