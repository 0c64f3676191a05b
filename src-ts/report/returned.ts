/** Converts results of training and evaluation to plain data for figures. */

import { invalid } from '../checks/check.ts';
import type { Recording } from '../circuit/recording.ts';
import { type AccuracyCurve, type Activity, comparisonOf, costsOf } from '../figure/costs.ts';
import { curvesOf } from '../figure/training.ts';
import type { Evaluation } from '../train/evaluate.ts';
import type { Confusion, PlainReport, Report } from './data.ts';

/** Simulations that are drawn as they are. */
export interface Recordings {
  readonly raster?: Recording;
  readonly traces?: Recording;
  readonly rates?: Recording;
}

/** Replaces results of `fit` and `evaluate` by plain data, and takes the results of `simulate` apart. */
export function plainReport(report: Report): { plain: PlainReport; recordings: Recordings } {
  if (typeof report !== 'object' || report === null) return { plain: report, recordings: {} };
  const { history, raster, traces, rates, confusion, classes, activity, costs, comparison, steps, ...rest } =
    report;
  if (classes !== undefined && confusion === undefined)
    invalid('classes', classes, 'no value, because there is no confusion matrix');
  const recordings = recordingsOf({ raster, traces, rates });
  const simulated = Object.entries({ raster, traces, rates }).filter(
    ([name, part]) => part !== undefined && !(name in recordings),
  );
  const plain: object = {
    ...rest,
    ...Object.fromEntries(simulated),
    ...(history === undefined ? {} : { history: curvesOf(history) }),
    ...(confusion === undefined ? {} : { confusion: confusionOf(confusion, classes) }),
    ...(activity === undefined ? {} : { activity: activityOf(activity) }),
    ...(costs === undefined ? {} : { costs: isRecord(costs) ? costsOf(costs) : costs }),
    ...(comparison === undefined
      ? {}
      : { comparison: isRecord(comparison) ? comparisonOf(comparison) : comparison }),
    ...(steps === undefined ? {} : { steps: Array.isArray(steps) ? steps : [steps as AccuracyCurve] }),
  };
  return { plain: plain as PlainReport, recordings };
}

/** The parts that are recordings, with something to show. */
function recordingsOf(parts: Readonly<Record<'raster' | 'traces' | 'rates', unknown>>): Recordings {
  const own = Object.entries(parts).filter(([, part]) => isRecording(part)) as [string, Recording][];
  for (const [name, { start, stop, traces }] of own) {
    if (name !== 'traces' && !(stop > start))
      invalid(name, 'a recording of no time', 'a recording of at least one step');
    if (name === 'traces' && Object.values(traces).every(({ times }) => times.length === 0))
      invalid('traces', 'a recording without traces', 'record.traces(…) in the network');
  }
  return Object.fromEntries(own);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Recognized by form, because it may come from another copy of the package. */
export function isRecording(value: unknown): value is Recording {
  return isRecord(value) && 'times' in value && 'ids' in value && 'populations' in value;
}

function confusionOf(
  confusion: NonNullable<Report['confusion']>,
  classes: readonly string[] | undefined,
): Confusion {
  const isEvaluation = isRecord(confusion) && 'confusion' in confusion;
  if (isEvaluation && 'classes' in confusion)
    invalid('confusion.classes', confusion.classes, 'no value, because classes is an option of the report');
  const rows = isEvaluation ? (confusion as unknown as Evaluation).confusion : confusion;
  if (!Array.isArray(rows)) {
    if (classes !== undefined) invalid('classes', classes, 'no value, because confusion has its own labels');
    return confusion as Confusion;
  }
  if (rows.length === 0)
    invalid('confusion', 'an evaluation without labels', 'an evaluation of data with one label per sample');
  const wrong = rows.findIndex((row) => !Array.isArray(row) || row.length !== rows.length);
  if (wrong >= 0) invalid(`confusion[${wrong}]`, rows[wrong], `a list of ${rows.length} counts`);
  if (classes !== undefined && (!Array.isArray(classes) || classes.length !== rows.length))
    invalid('classes', classes, `a list of ${rows.length} names`);
  return { counts: rows.flat() as number[], labels: classes ?? rows.map((_, label) => `${label}`) };
}

function activityOf(activity: Activity | Evaluation): Activity {
  return isRecord(activity) && 'activity' in activity
    ? (activity as Evaluation).activity
    : (activity as Activity);
}
