/** What the commands `lapicque bench` and `lapicque simulate --limits` load. Nothing else calls it. */
import type { ModelInfo, NeuronOperations } from 'lapicque';
import type { LayerOperations } from 'lapicque/chip';

/** numpy's `default_rng`. */
export interface NumpyRng {
  /** `random(out.length, dtype=float32)`, written to `out`. Long sequences are sampled piece by piece with one array. */
  random(out: Float32Array): void;
  /** `integers(0, high, len)` */
  integers(high: number, len: number): Uint32Array;
}

/** What the tasks need of the engine beyond the library's exports; the command line passes it. */
export interface Machine {
  /** `default_rng(seed)` */
  numpyRng(seed: number): NumpyRng;
  /** Resident memory of this process and its peak, in bytes. */
  memory(): { resident: number; peak: number };
  /** Measures the rates with the threads of a task, for about 3 s. */
  rates(options: { signal?: AbortSignal | undefined }): Promise<MachineRates>;
}

/** Rates by where the table is that is read: 16 KiB, 256 KiB, 4 MiB or 128 MiB for each thread. */
export interface CacheLevels {
  l1: number;
  l2: number;
  l3: number;
  memory: number;
}

/** Units of all threads together in a second, f32, each measured in a loop of nothing else. */
export interface MachineRates {
  threads: number;
  /** Floating-point operations of multiply-adds whose operands are in the first-level cache; a multiply-add is two. */
  dense: number;
  /** Additions of whole rows of weights to sums. */
  rowAdditions: CacheLevels;
  /** Additions of single weights to sums at random indices of the table. */
  scatteredAdditions: CacheLevels;
  /** Bytes read in order from memory. */
  read: number;
  /** Bytes read and written by a copy in memory. */
  copy: number;
  exponentials: number;
  /** Divisions; square roots take about as long. */
  divisions: number;
  /** Words of 32 bits from the engine's random number generator. */
  randomWords: number;
  /** Seconds of one meeting of all threads. */
  barrier: number;
}

/** Sizes and lengths that may be set; each task supports some of them. */
export interface BenchOptions {
  /** Timed training steps. */
  steps?: number;
  /** Neurons from the input to the output. */
  size?: readonly number[];
  /** Time steps of a sample. */
  T?: number;
  batch?: number;
  /** Hidden layers. */
  layers?: number;
  /** Neurons of the input and of each hidden layer. */
  width?: number;
  /** Number of passes of a stream. */
  passes?: number;
  /** Added to the task's own seeds. */
  seed?: number;
  /** Probe the machine and report the least time of the task on it. */
  limits?: boolean;
  /** Ends the task between two steps. */
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** A result: the keys are those of the specification, in its order. */
export type BenchResult = Record<string, unknown> & { task: string; threads: number; simd: string };

/** A benchmark task: a network built with the public API, stepped as `fit` does it. */
export interface BenchTask {
  readonly name: string;
  /** Default number of threads; without it, all. */
  readonly threads?: number;
  /** The {@link BenchOptions} that it supports, except the seed. */
  readonly options: readonly (keyof BenchOptions)[];
  run(options: BenchOptions, machine: Machine): Promise<BenchResult>;
  /** The time of a result that two builds are compared by: the best of its measurements, in `unit`. */
  readonly time: { readonly unit: string; of(result: BenchResult): number };
  /** The result as text: the main figure, then the others. */
  describe(result: BenchResult): string[];
}

/** The benchmark tasks. */
export const tasks: readonly BenchTask[];

/** Parts of the least time, in ms, by the kind of work. */
export type Parts = Record<string, number>;

/** What is reported with a task. */
export interface Least {
  least_ms: number;
  parts_ms: Parts;
  /** `least / measured`. */
  share: number;
}

/** The sum of the parts in ms, and its share of the measured time. */
export function least(parts: Parts, measured: number): Least;

/** What `--limits` adds to the line of a task. */
export function shareOf(result: Readonly<Record<string, unknown>>): string[];

/** What a training step or a pass of a session works on. */
export interface ModelWork {
  layers: readonly LayerOperations[];
  info: ModelInfo;
  /** Sequences whose means `layers` has. */
  samples: number;
  /** Steps of a sequence. */
  steps: number;
  /** Whether the input is the same at all steps: its products are computed once. */
  constant?: boolean;
}

/** A forward pass. */
export function forwardParts(work: ModelWork, rates: MachineRates): Parts;

/** A training step. */
export function trainingParts(work: ModelWork, rates: MachineRates): Parts;

/** What a run of a large network works on. */
export interface NetworkWork {
  steps: number;
  threads: number;
  /** Events delivered. */
  events: number;
  /** The share of synapses that are stored as whole rows, a bit or a weight for each target. */
  wholeRows: number;
  /** The number of synapses, and their bytes. */
  synapses: number;
  synapseBytes: number;
  populations: readonly { size: number; operations: NeuronOperations }[];
  /** Neurons with an input that draws at each step, summed over such inputs. */
  drawing: number;
  /** Meetings of all threads. */
  meetings: number;
}

/** A run of a large network. */
export function networkParts(work: NetworkWork, rates: MachineRates): Parts;
