/** One pass of the artificial network over the calibration data: what its activations are, and some samples to compare with. */
import { invalid } from '../checks/check.ts';
import type { InputTensor } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Model } from '../model/model.ts';
import type { AnnGraph } from './ann-graph.ts';
import { type CalibrationData, piecesOf } from './data.ts';
import { Histogram } from './histogram.ts';

/** What the calibration data say about a population. */
interface LayerStatistics {
  readonly histogram: Histogram;
  /** Neurons that were above 0 once, `[neurons]`. */
  readonly active: Uint8Array;
  /** Values above 0, and those of them at the ceiling of the activation. */
  positive: number;
  capped: number;
}

export interface Calibration {
  readonly samples: number;
  readonly layers: ReadonlyMap<string, LayerStatistics>;
  /** The first samples, `[samples, …]`, which both networks are run on. */
  readonly compared: InputTensor & { readonly samples: number };
}

/** Samples that the report and the offsets compare both networks by, where their activations are not more than this. */
const [maxCompared, maxActivations] = [200, 2 ** 25];

/** Activations that are recorded at once. */
const maxRecorded = 2 ** 21;

/** @throws LapicqueError `invalid-parameter` for data without samples, `non-finite`, `shape-mismatch` */
export async function calibrate(
  ann: Model,
  graph: AnnGraph,
  ceilings: ReadonlyMap<string, Float64Array | undefined>,
  data: CalibrationData,
  { signal, onProgress }: TaskOptions,
): Promise<Calibration> {
  const layers = new Map(
    [...ceilings.keys()].map((name) => {
      const statistics: LayerStatistics = {
        histogram: new Histogram(graph.channels(name)),
        active: new Uint8Array(graph.size(name)),
        positive: 0,
        capped: 0,
      };
      return [name, statistics];
    }),
  );
  const neurons = [...layers.values()].reduce((sum, { active }) => sum + active.length, 0);
  const compared = Math.max(1, Math.min(maxCompared, Math.floor(maxActivations / neurons)));
  const atOnce = Math.max(1, Math.floor(maxRecorded / neurons));
  const record = [...ceilings.keys()].map((name) => `${name}.v`);
  let samples = 0;
  const firsts: InputTensor[] = [];
  for await (const batch of piecesOf(data, atOnce, signal)) {
    const { recordings } = await ann.run(batch, { steps: 1, record, signal });
    for (const [name, statistics] of layers) {
      const values = recordings[`${name}.v`] as Float32Array | Float64Array;
      statistics.histogram.add(values, batch.samples);
      count(statistics, values, ceilings.get(name));
    }
    const missing = compared - samples;
    if (missing > 0) firsts.push(first(batch, Math.min(missing, batch.samples)));
    samples += batch.samples;
    onProgress?.({ done: samples, total: Math.max(samples, samplesOf(data)) });
  }
  for (const [name, { histogram }] of layers)
    if (histogram.max.every((max) => max === 0))
      invalid(
        'data',
        `${samples} samples that leave every neuron of ${name} at 0`,
        'data that activate every layer',
      );
  return { samples, layers, compared: joined(firsts) };
}

/** Counts values above 0, and those at the ceiling within rounding. */
function count(
  statistics: LayerStatistics,
  values: Float32Array | Float64Array,
  ceiling?: Float64Array,
): void {
  const { active } = statistics;
  const pixels = active.length / (ceiling?.length ?? active.length);
  for (let i = 0; i < values.length; i++) {
    if (!(values[i]! > 0)) continue;
    const neuron = i % active.length;
    active[neuron] = 1;
    statistics.positive += 1;
    if (ceiling !== undefined && values[i]! >= ceiling[Math.floor(neuron / pixels)]! * (1 - 1e-6))
      statistics.capped += 1;
  }
}

function samplesOf(data: CalibrationData): number {
  const { shape, samples } = data as { shape?: readonly number[]; samples?: number };
  return Array.isArray(shape) ? shape[0]! : (samples ?? 0);
}

function first({ x, shape: [samples, ...axes] }: InputTensor, count: number): InputTensor {
  const size = x.length / samples!;
  return { x: x.slice(0, count * size), shape: [count, ...axes] };
}

function joined(batches: readonly InputTensor[]): InputTensor & { samples: number } {
  const [head] = batches as [InputTensor];
  const samples = batches.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const x = new Float64Array(batches.reduce((sum, batch) => sum + batch.x.length, 0));
  let at = 0;
  for (const batch of batches) {
    x.set(batch.x, at);
    at += batch.x.length;
  }
  return { x, shape: [samples, ...head.shape.slice(1)], samples };
}
