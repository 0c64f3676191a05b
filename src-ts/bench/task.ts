/** What a benchmark task is. */

/** Sizes and lengths that may be chosen; each task knows some of them. */
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
  /** Passes of a stream. */
  passes?: number;
  /** Added to the task's own seeds. */
  seed?: number;
  /** Ends the task between two steps. */
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** A result: the keys are those of the specification, in its order. */
export type BenchResult = Record<string, unknown> & { task: string; threads: number; simd: string };

/** A benchmark task: a network built with the public API, stepped as `fit` does it. */
export interface BenchTask {
  readonly name: string;
  /** Threads where the user does not choose; default all. */
  readonly threads?: number;
  /** What of {@link BenchOptions} it knows, beside the seed. */
  readonly options: readonly (keyof BenchOptions)[];
  run(options: BenchOptions): Promise<BenchResult>;
  /** The result for people: the main figure, then the others. */
  describe(result: BenchResult): string[];
}
