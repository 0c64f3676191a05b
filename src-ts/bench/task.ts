/** The interface of a benchmark task. */

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
  run(options: BenchOptions): Promise<BenchResult>;
  /** The result as text: the main figure, then the others. */
  describe(result: BenchResult): string[];
}
