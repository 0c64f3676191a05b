/** Converts results of training, evaluation and simulation to plain data for figures. */

import { invalid } from '../checks/check.ts';
import type { Recording } from '../circuit/recording.ts';
import type { PopulationRange, Trace } from '../circuit/traces.ts';
import type { CostComparison } from '../costs/compare.ts';
import type { Operations } from '../costs/operations.ts';
import type { Evaluation } from '../train/evaluate.ts';
import type { EpochRecord } from '../train/training-state.ts';
import type {
  AccuracyCurve,
  Activity,
  ComparedCosts,
  Confusion,
  Costs,
  History,
  PlainReport,
  Raster,
  Rates,
  Report,
  Traces,
} from './data.ts';

/** Maximum number of neurons of a population in a raster, and maximum number of marks. */
const [shownNeurons, shownSpikes] = [400, 40_000];

/** Number of drawn neurons of a trace. */
const shownTraces = 4;

/** Number of bins of population rates. */
const bins = 200;

/** Replaces results of `fit`, `evaluate` and `simulate` by plain data. */
export function plainReport(report: Report): PlainReport {
  if (typeof report !== 'object' || report === null) return report;
  const { history, raster, traces, rates, confusion, classes, activity, costs, comparison, steps, ...rest } =
    report;
  if (classes !== undefined && confusion === undefined)
    invalid('classes', classes, 'no value, because there is no confusion matrix');
  return {
    ...rest,
    ...(history === undefined ? {} : { history: historyOf(history) }),
    ...(raster === undefined ? {} : { raster: isRecording(raster) ? rasterOf(raster) : raster }),
    ...(traces === undefined ? {} : { traces: isRecording(traces) ? tracesOf(traces) : traces }),
    ...(rates === undefined ? {} : { rates: isRecording(rates) ? ratesOf(rates) : rates }),
    ...(confusion === undefined ? {} : { confusion: confusionOf(confusion, classes) }),
    ...(activity === undefined ? {} : { activity: activityOf(activity) }),
    ...(costs === undefined ? {} : { costs: costsOf(costs) }),
    ...(comparison === undefined ? {} : { comparison: comparisonOf(comparison) }),
    ...(steps === undefined ? {} : { steps: Array.isArray(steps) ? steps : [steps as AccuracyCurve] }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Recognized by form, because it may come from another copy of the package. */
function isRecording(value: unknown): value is Recording {
  return isRecord(value) && 'times' in value && 'ids' in value && 'populations' in value;
}

function historyOf(given: NonNullable<Report['history']>): History {
  const records = Array.isArray(given)
    ? given
    : isRecord(given) && 'history' in given
      ? given.history
      : undefined;
  if (records === undefined) return given as History;
  if (!Array.isArray(records) || records.some((record) => !isRecord(record)))
    invalid('history', records, 'the records of epochs, as fit returns them');
  const epochs = records as readonly EpochRecord[];
  const list = (of: (record: EpochRecord) => number | undefined) =>
    epochs.map((record) => of(record) ?? Number.NaN);
  const validated = epochs.some(({ validationLoss }) => validationLoss !== undefined);
  return {
    loss: list(({ loss }) => loss),
    accuracy: list(({ accuracy }) => accuracy),
    ...(validated
      ? {
          validationLoss: list(({ validationLoss }) => validationLoss),
          validationAccuracy: list(({ validationAccuracy }) => validationAccuracy),
        }
      : {}),
  };
}

function confusionOf(
  given: NonNullable<Report['confusion']>,
  classes: readonly string[] | undefined,
): Confusion {
  const isEvaluation = isRecord(given) && 'confusion' in given;
  const rows = isEvaluation ? (given as unknown as Evaluation).confusion : given;
  if (!Array.isArray(rows)) {
    if (classes !== undefined) invalid('classes', classes, 'no value, because confusion has its own labels');
    return given as Confusion;
  }
  if (rows.length === 0)
    invalid('confusion', 'an evaluation without labels', 'an evaluation of data with one label per sample');
  const wrong = rows.findIndex((row) => !Array.isArray(row) || row.length !== rows.length);
  if (wrong >= 0) invalid(`confusion[${wrong}]`, rows[wrong], `a list of ${rows.length} counts`);
  if (classes !== undefined && (!Array.isArray(classes) || classes.length !== rows.length))
    invalid('classes', classes, `a list of ${rows.length} names`);
  return { counts: rows.flat() as number[], labels: classes ?? rows.map((_, label) => `${label}`) };
}

function activityOf(given: Activity | Evaluation): Activity {
  return isRecord(given) && 'activity' in given ? (given as Evaluation).activity : (given as Activity);
}

/** Layers with weights: others have no synaptic operations. */
function costsOf(given: Costs | Operations): Costs {
  if (!isRecord(given) || !('energy' in given)) return given as Costs;
  const { layers, energy } = given as unknown as Operations;
  const joules = new Map(energy.layers.map((layer) => [layer.name, layer.joules]));
  return {
    model: energy.model.name,
    layers: layers
      .filter(({ weights }) => weights > 0)
      .map(({ name, dense, effectiveAcs, effectiveMacs }) => ({
        name,
        dense,
        effectiveAcs,
        effectiveMacs,
        joules: joules.get(name) ?? 0,
      })),
  };
}

function comparisonOf(given: ComparedCosts | CostComparison): ComparedCosts {
  if (!isRecord(given) || !('snnAccuracy' in given)) return given as ComparedCosts;
  const { annAccuracy, steps, curve, energies } = given as unknown as CostComparison;
  const plain = energies.map(({ model, ann, snn }) => ({
    name: model.name,
    ...(ann === undefined ? {} : { ann }),
    snn,
  }));
  return { annAccuracy, steps, curve, energies: plain };
}

/** Populations whose spikes are recorded. */
function kept({ populations, recorded }: Recording): [string, PopulationRange][] {
  return Object.entries(populations).filter(([name]) => Object.hasOwn(recorded, name));
}

function lasting(name: string, { start, stop }: Recording): number {
  if (!(stop > start)) invalid(name, 'a recording of no time', 'a recording of at least one step');
  return stop - start;
}

function rasterOf(recording: Recording): Raster {
  const duration = lasting('raster', recording);
  const populations = kept(recording);
  const share = shownSpikes / populations.length;
  const layers = populations.map(([name, { first, size }]) => {
    let spikes = 0;
    for (const id of recording.ids) if (id >= first && id < first + size) spikes++;
    // Every n-th neuron, with all its spikes.
    const every = Math.max(1, Math.ceil(size / shownNeurons), Math.ceil(spikes / share));
    const [times, ids]: [number[], number[]] = [[], []];
    recording.ids.forEach((id, i) => {
      const neuron = id - first;
      if (neuron < 0 || neuron >= size || neuron % every !== 0) return;
      times.push(recording.times[i]!);
      ids.push(neuron);
    });
    return { name, neurons: size, times, ids, every, count: spikes };
  });
  if (layers.length === 0)
    invalid('raster', 'a recording without spikes of any population', 'record.spikes(…) in the network');
  return { dt: duration, steps: 1, start: recording.start, layers };
}

function tracesOf(recording: Recording): Traces {
  const traces = Object.entries(recording.traces);
  if (traces.length === 0) invalid('traces', 'a recording without traces', 'record.traces(…) in the network');
  const neurons = traces.flatMap(([name, { times, values }]) => {
    const dot = name.lastIndexOf('.');
    const count = times.length === 0 ? 0 : values.length / times.length;
    return Array.from({ length: Math.min(count, shownTraces) }, (_, n) => ({
      name: count === 1 ? name.slice(0, dot) : `${name.slice(0, dot)} ${n}`,
      state: name.slice(dot + 1),
      v: Float64Array.from(times, (_, k) => values[k * count + n]!),
      times,
    }));
  });
  const shown = neurons.filter(({ v }) => v.length > 0);
  if (shown.length === 0) invalid('traces', 'traces of no time', 'a run with at least one sample');
  return { dt: everyOf(traces[0]![1], recording), start: recording.start, neurons: shown };
}

/** Interval of two samples, in ms. */
function everyOf({ times }: Trace, { start }: Recording): number {
  return times.length > 1 ? times[1]! - times[0]! : Math.max(times[0]! - start, Number.MIN_VALUE);
}

function ratesOf(recording: Recording): Rates {
  const duration = lasting('rates', recording);
  // A round number of ms, in tenths.
  const exact = duration / bins;
  const unit = 10 ** Math.floor(Math.log10(exact));
  const bin = [1, 2, 5, 10].map((factor) => factor * unit).find((width) => width >= exact) ?? 10 * unit;
  const count = Math.max(1, Math.ceil(duration / bin - 1e-9));
  const lastBin = duration - (count - 1) * bin;
  const populations = kept(recording).map(([name, { first, size }]) => {
    const rate = new Float64Array(count);
    recording.ids.forEach((id, i) => {
      if (id < first || id >= first + size) return;
      // A spike at the end of a step belongs to the bin before it.
      const at = Math.ceil((recording.times[i]! - recording.start) / bin - 1e-9) - 1;
      if (at >= 0 && at < count) rate[at]! += 1;
    });
    const each = (i: number) => 1000 / ((i < count - 1 ? bin : lastBin) * recording.recorded[name]!);
    return { name, rate: rate.map((spikes, i) => spikes * each(i)) };
  });
  if (populations.length === 0)
    invalid('rates', 'a recording without spikes of any population', 'record.spikes(…) in the network');
  return { bin, start: recording.start, populations };
}
