/**
 * The figures of a report, made from its data. Loaded when a report is written, because most programs write none.
 */
import { accuracyAgainstSteps, activity, operations } from '../figure/costs.ts';
import type { Figure } from '../figure/draw/figure.ts';
import { rate } from '../figure/spikes.ts';
import { membrane } from '../figure/states.ts';
import { confusion, type History, history } from '../figure/training.ts';
import { checkReport } from './check.ts';
import type { Confusion, Report, Traces } from './data.ts';
import { recordingFigure, sampleFigure } from './raster.ts';
import { isRecording, plainReport } from './returned.ts';

/** The size of the figures in pages. */
const size = { width: 876, fontSize: 12 } as const;

/** The figures for which the report has data. */
export async function drawFigures(report: Report): Promise<Figure[]> {
  const { plain, recordings } = plainReport(report);
  checkReport(plain);
  const { history: curves, confusion: counts, activity: layers, costs, comparison, steps } = plain;
  const raster = recordings.raster ?? plain.raster;
  const traces = recordings.traces ?? (plain.traces && tracesOf(plain.traces));
  const rates = recordings.rates ?? plain.rates;
  const figures = await Promise.all([
    curves && hasCurves(curves) && named('curves', history(curves, size)),
    raster && (isRecording(raster) ? recordingFigure(raster, size) : sampleFigure(raster, size)),
    traces && membrane(traces, { ...size, ...(isRecording(traces) ? {} : lookOf(plain.traces)) }),
    rates && named('rates', rate(rates, size)),
    layers && activity(layers, size),
    counts && confusion(rowsOf(counts), { ...size, classes: counts.labels, width: widthOf(counts) }),
    costs && named('costs', operations(costs, size)),
    comparison && named('comparison', operations(comparison, size)),
    steps && named('steps', accuracyAgainstSteps(steps, { ...size, width: 640 })),
  ]);
  return figures.filter((figure) => typeof figure === 'object');
}

/** The names of the files of a report. */
async function named(name: string, pending: Promise<Figure>): Promise<Figure> {
  const figure = await pending;
  figure.spec.name = name;
  return figure;
}

function hasCurves(curves: History): boolean {
  const lists = Object.values(curves) as (ArrayLike<number> | undefined)[];
  return lists.some((list) => Array.from(list ?? []).some(Number.isFinite));
}

function rowsOf({ counts, labels: { length } }: Confusion): number[][] {
  return Array.from({ length }, (_, row) =>
    Array.from({ length }, (_, column) => counts[row * length + column]!),
  );
}

/** Few classes need less than the width of the page. */
function widthOf({ labels }: Confusion): number {
  return Math.min(size.width, 300 + 44 * labels.length);
}

function lookOf(traces: Traces | undefined) {
  const { threshold, unit } = traces ?? {};
  return { ...(threshold === undefined ? {} : { threshold }), ...(unit === undefined ? {} : { unit }) };
}

/** By the names of the neurons; two of the same name are two panels. */
function tracesOf({ dt, start = 0, neurons }: Traces) {
  const seen = new Map<string, number>();
  const entries = neurons.map(({ name, state = 'v', v, times, spikes = [] }) => {
    const key = `${name}.${state}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    const at = (step: number) => start + (step + 1) * dt;
    return [
      count === 1 ? key : `${name} (${count}).${state}`,
      {
        times: times ?? Float64Array.from(v, (_, step) => at(step)),
        values: v,
        spikes: Float64Array.from(spikes, at),
      },
    ] as const;
  });
  return Object.fromEntries(entries);
}
