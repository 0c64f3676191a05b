/** Batches of samples, reshuffled in each epoch, in an order that depends only on the seed. */
import { callback, options as checkOptions, flag, integer, invalid } from '../checks/check.ts';
import type { TypedArray } from '../checks/typed.ts';
import { withStreams } from '../numbers/random-streams.ts';
import {
  type Collated,
  type CollatedLeaf,
  type CollateOptions,
  checkSequences,
  collated,
  isFields,
} from './collate.ts';
import { inOrder, shuffledYielding } from './order.ts';
import { type Dataset, type Reader, readerOf, type TensorBatch, type TensorSource } from './source.ts';

/** Options of a {@link DataLoader}. */
export interface LoaderOptions {
  /** Samples per batch. */
  batchSize: number;
  /** A new order in each epoch; default `false`. */
  shuffle?: boolean;
  /** Determines every order; an integer from 0, default 0. */
  seed?: number;
  /** Omits an incomplete last batch; default `false`. */
  dropLast?: boolean;
  /** Batches to read ahead while the loop processes one; default 1. It never changes the result. */
  prefetch?: number;
}

/**
 * The context of a `transform` or a `collate`, for reproducible random changes: derive all randomness from it. Encoders do so automatically:
 * within a loader, the result of `encode.rate` depends on seed, epoch and sample, also after a restart and in any batch.
 */
export interface TransformContext {
  seed: number;
  epoch: number;
  /** Number of the batch in its epoch, from 0. */
  batch: number;
  /** The samples of the batch, by their indices in the source. */
  indices: Uint32Array;
}

/** Options with a function that is applied to each batch; the loop receives its result. */
export interface TransformOptions<In, Out> extends LoaderOptions {
  transform: (batch: In, context: TransformContext) => Out | Promise<Out>;
}

/** Options with a function that converts a list of samples to a batch, instead of {@link collate}. */
export interface OwnCollateOptions<S, Batch> extends LoaderOptions {
  collate: (samples: S[], context: TransformContext) => Batch | Promise<Batch>;
}

/** The batches of a loader of single samples: objects are collated (see {@link collate}), anything else is a list. */
export type SampleBatch<S> = [S] extends [object] ? ([S] extends [CollatedLeaf] ? S[] : Collated<S>) : S[];

/** The state of a loader; plain data, for a checkpoint. */
export interface LoaderState {
  seed: number;
  epoch: number;
  /** Batches of this epoch that the loop has received. */
  batch: number;
  /** Identifies the loader of the state, so that it cannot be restored into another. */
  samples: number;
  batchSize: number;
  shuffle: boolean;
  dropLast: boolean;
}

/**
 * An async iterable of batches. Each `for await` over it is one epoch, and leaving the loop early ends the epoch. The loader counts
 * epochs, from 0, and each has its own order and random numbers: so even a loop that only inspects a batch shifts the epochs of later loops and of a
 * later `fit`. {@link DataLoader.at} reads an epoch without this effect, and {@link DataLoader.setEpoch} sets the next epoch.
 *
 * @example
 * ```ts
 * const { train } = (await mnist()).split(0);
 * const loader = new DataLoader(train, { batchSize: 128, shuffle: true, seed: 1 });
 * for await (const { x, y, shape } of loader) console.log(shape, y[0]); // [128, 784] …
 * ```
 */
export interface DataLoader<Batch> extends AsyncIterable<Batch> {
  /** Batches per epoch. */
  readonly length: number;
  /** Number of samples in the source. */
  readonly samples: number;
  readonly batchSize: number;
  /** The running epoch or, between loops, the next one; from 0. Every loop counts, even if it ended early. */
  readonly epoch: number;
  /**
   * The batches of an epoch, equal to those of a loop over this epoch, without changing the loader's state.
   *
   * @example
   * ```ts
   * for await (const { x, shape } of loader.at(0)) {
   *   console.log(shape, x.subarray(0, 10));
   *   break; // the training still begins with epoch 0
   * }
   * ```
   * @param epoch - from 0 to 2^32 - 1
   * @throws LapicqueError `invalid-parameter`
   */
  at(epoch: number): AsyncIterable<Batch>;
  /**
   * The next loop, or `fit`, begins with this epoch, as `set_epoch` of torch's distributed sampler; a running loop is not changed.
   *
   * @param epoch - from 0 to 2^32 - 1
   * @throws LapicqueError `invalid-parameter`
   */
  setEpoch(epoch: number): void;
  /** The current state; batches read ahead do not count. */
  state(): LoaderState;
  /**
   * Continues at `state`: the next loop yields the batches that follow this state.
   * @throws LapicqueError `invalid-parameter` if the state was made by a loader with other samples or options
   */
  restore(state: LoaderState): void;
}

/**
 * Infers the type of the batches from the source, `collate` and the `transform`, which receives the result of `collate`.
 *
 * @example
 * ```ts
 * const recordings = [
 *   { x: Float32Array.of(1, 0, 0, 1, 1, 1), shape: [3, 2], y: 0 },
 *   { x: Float32Array.of(0, 1, 1, 0), shape: [2, 2], y: 1 },
 * ];
 * const loader = new DataLoader(recordings, { batchSize: 2, sequences: true });
 * for await (const { x, y, shape, lengths } of loader) console.log(shape, lengths); // [3, 2, 2] [3, 2]
 * ```
 */
export interface DataLoaderConstructor {
  new <X extends TypedArray, Y extends TypedArray | undefined = undefined, Out = TensorBatch<X, Y>>(
    source: TensorSource<X, Y>,
    options: TransformOptions<TensorBatch<X, Y>, Out>,
  ): DataLoader<Out>;
  new <X extends TypedArray, Y extends TypedArray | undefined = undefined>(
    source: TensorSource<X, Y>,
    options: LoaderOptions,
    // The type of Y is that of the source, because `fit` requires targets and must know from the type whether there are
    // any.
  ): DataLoader<NoInfer<TensorBatch<X, Y>>>;
  new <S, Batch, Out>(
    source: Dataset<S> | readonly S[],
    options: OwnCollateOptions<S, Batch> & TransformOptions<Batch, Out>,
  ): DataLoader<Out>;
  new <S, Batch>(source: Dataset<S> | readonly S[], options: OwnCollateOptions<S, Batch>): DataLoader<Batch>;
  new <S, Out>(
    source: Dataset<S> | readonly S[],
    options: TransformOptions<SampleBatch<S>, Out> & CollateOptions,
  ): DataLoader<Out>;
  new <S>(
    source: Dataset<S> | readonly S[],
    options: LoaderOptions & CollateOptions,
  ): DataLoader<SampleBatch<S>>;
}

type Collate = (samples: unknown[], indices: Uint32Array, context: TransformContext) => unknown;

/** All options. */
interface GivenOptions extends LoaderOptions, CollateOptions {
  collate?: (samples: unknown[], context: TransformContext) => unknown;
  transform?: (batch: unknown, context: TransformContext) => unknown;
}

class Loader implements DataLoader<unknown> {
  readonly length: number;
  readonly samples: number;
  readonly batchSize: number;
  readonly #reader: Reader;
  readonly #options: Required<LoaderOptions>;
  readonly #collate: Collate;
  readonly #transform: ((batch: unknown, context: TransformContext) => unknown) | undefined;
  #epoch = 0;
  #batch = 0;
  /** After a loop that was left early, the next loop starts the next epoch. */
  #left = false;
  /** Counts the loops and what else has said where the loader is. */
  #starts = 0;

  constructor(source: unknown, rawOptions: GivenOptions) {
    const known = [
      'batchSize',
      'shuffle',
      'seed',
      'dropLast',
      'prefetch',
      'transform',
      ...collating,
    ] as const;
    const { transform, ...options } = checkOptions('DataLoader', rawOptions, known);
    const { batchSize, shuffle = false, seed = 0, dropLast = false, prefetch = 1 } = options;
    this.#options = {
      batchSize: integer('batchSize', batchSize, { min: 1 }),
      shuffle: flag('shuffle', shuffle),
      seed: integer('seed', seed, { min: 0 }),
      dropLast: flag('dropLast', dropLast),
      prefetch: integer('prefetch', prefetch, { min: 0, max: 1024 }),
    };
    if (transform !== undefined) this.#transform = callback('transform', transform);
    this.#reader = readerOf(source);
    this.#collate = collateOf(this.#reader, options);
    this.samples = this.#reader.length;
    this.batchSize = batchSize;
    this.length = dropLast ? Math.floor(this.samples / batchSize) : Math.ceil(this.samples / batchSize);
    if (this.length === 0) invalid('batchSize', batchSize, `at most ${this.samples} with dropLast`);
  }

  get prefetches(): boolean {
    return this.#options.prefetch > 0;
  }

  get epoch(): number {
    return this.#left ? this.#epoch + 1 : this.#epoch;
  }

  state(): LoaderState {
    const { seed, batchSize, shuffle, dropLast } = this.#options;
    return {
      seed,
      epoch: this.#epoch,
      batch: this.#batch,
      samples: this.samples,
      batchSize,
      shuffle,
      dropLast,
    };
  }

  restore(state: LoaderState): void {
    const now = this.state();
    if (state === undefined) invalid('state', state, 'a result of state() of a loader');
    checkOptions('state', state, Object.keys(now) as (keyof LoaderState)[]);
    for (const key of ['seed', 'samples', 'batchSize', 'shuffle', 'dropLast'] as const) {
      if (state[key] !== now[key]) invalid(`state.${key}`, state[key], `${now[key]}, as in this loader`);
    }
    this.#epoch = epochOf('state.epoch', state.epoch);
    this.#batch = integer('state.batch', state.batch, { min: 0, max: this.length });
    this.#left = false;
    this.#starts += 1;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    if (this.#left || this.#batch === this.length) {
      this.#epoch++;
      this.#batch = 0;
    }
    this.#left = true;
    const [epoch, start] = [this.#epoch, ++this.#starts];
    // A loop that setEpoch, restore or another loop has overtaken does not move the loader any more.
    const isCurrent = () => this.#starts === start;
    let batch = this.#batch;
    for await (const ready of this.#batches(epoch, batch)) {
      batch += 1;
      if (isCurrent()) this.#batch = batch;
      yield ready;
    }
    if (!isCurrent()) return;
    this.#epoch = epoch + 1;
    this.#batch = 0;
    this.#left = false;
  }

  at(epoch: number): AsyncIterable<unknown> {
    const checked = epochOf('epoch', epoch);
    return { [Symbol.asyncIterator]: () => this.#batches(checked, 0) };
  }

  setEpoch(epoch: number): void {
    this.#epoch = epochOf('epoch', epoch);
    this.#batch = 0;
    this.#left = false;
    this.#starts += 1;
  }

  /** The batches of an epoch from one on. */
  async *#batches(epoch: number, from: number): AsyncGenerator<unknown, void, undefined> {
    const { shuffle, seed, prefetch } = this.#options;
    const prefetched: Promise<unknown>[] = [];
    let next = from;
    const order = shuffle ? await shuffledYielding(this.samples, seed, epoch) : undefined;
    for (let batch = next; batch < this.length; batch++) {
      while (next < this.length && next <= batch + prefetch) {
        const reading = this.#read(order, epoch, next++);
        // A failure is reported when the loop reaches its batch, not as an unhandled rejection.
        reading.catch(() => {});
        prefetched.push(reading);
      }
      yield await prefetched.shift();
    }
  }

  async #read(order: Uint32Array | undefined, epoch: number, batch: number): Promise<unknown> {
    const { batchSize, seed } = this.#options;
    const [from, to] = [batch * batchSize, Math.min((batch + 1) * batchSize, this.samples)];
    const indices = order === undefined ? inOrder(from, to) : order.slice(from, to);
    const context = { seed, epoch, batch, indices };
    const reader = this.#reader;
    const read =
      reader.kind === 'tensors'
        ? await reader.read(indices)
        : await this.#collated(await reader.read(indices, context), context);
    const transform = this.#transform;
    return transform === undefined ? read : withStreams('transform', context, () => transform(read, context));
  }

  #collated(samples: unknown[], context: TransformContext): unknown {
    return withStreams('collate', context, () => this.#collate(samples, context.indices, context));
  }
}

function epochOf(name: string, epoch: number): number {
  return integer(name, epoch, { min: 0, max: 2 ** 32 - 1 });
}

/** The options that define how samples become a batch. */
const collating = ['collate', 'sequences', 'ySequences'] as const;

function collateOf(
  { kind }: Reader,
  { collate: own, sequences = false, ySequences = false }: GivenOptions,
): Collate {
  const collateOptions = { collate: own, sequences, ySequences };
  const option = collating.find(
    (name) => collateOptions[name] !== undefined && collateOptions[name] !== false,
  );
  if (kind === 'tensors' && option !== undefined)
    invalid(
      option,
      collateOptions[option],
      'no value, because the source { x, shape } holds all samples (it has its own option `sequences`)',
    );
  checkSequences(sequences, ySequences);
  if (own !== undefined) {
    if (sequences) invalid('sequences', true, 'false, because collate is given');
    callback('collate', own);
    return (samples, _, context) => own(samples, context);
  }
  return (samples, indices) =>
    sequences || isFields(samples[0]) ? collated(samples, { sequences, ySequences }, indices) : samples;
}
Object.defineProperty(Loader, 'name', { value: 'DataLoader' });

/** Whether `data` may be asked for a batch before the previous one has been processed. @internal */
export function prefetches(data: unknown): boolean {
  return data instanceof Loader && data.prefetches;
}

export const DataLoader = Loader as unknown as DataLoaderConstructor;
