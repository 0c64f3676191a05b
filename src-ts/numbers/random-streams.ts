/** The random streams of encoders: by sample within a loader, otherwise by call. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { integer } from '../checks/check.ts';

/** The seed and the streams of a random encoder. */
export interface RandomStream {
  seed: number;
  /** A number: that stream. Several numbers: one stream. */
  stream: Float64Array;
  /** Each sample has its own stream, by its index in the source. */
  samples?: Uint32Array;
}

/** The loader's position while it calls a user's function. */
export interface LoaderContext {
  seed: number;
  epoch: number;
  batch: number;
  /** Indices of the samples in their source. */
  indices: Uint32Array;
}

/** The user's function that runs; each has its own streams. */
const stages = ['get', 'collate', 'transform'] as const;
type Stage = (typeof stages)[number];

const loading = new AsyncLocalStorage<LoaderContext & { stage: Stage; calls: number }>();

/** Calls a user's function such that encoders in it draw by seed, epoch and sample. */
export function withStreams<T>(stage: Stage, context: LoaderContext, work: () => T): T {
  return loading.run({ ...context, stage, calls: 0 }, work);
}

/** Paths begin with their kind, so that no two kinds share a stream. */
const [ofSamples, ofBatches] = [0, 1];

/** The next stream of calls without a seed and without a loader. */
interface Calls {
  seed: number;
  calls: number;
}

const ofProcess: Calls = { seed: 0, calls: 0 };
const ofTrials = new AsyncLocalStorage<Calls>();

/**
 * Calls an objective such that encoders in it draw by the trial's seed, independently of concurrent trials.
 */
export function withTrialStreams<T>(seed: number, work: () => T): T {
  return ofTrials.run({ seed, calls: 0 }, work);
}

/**
 * Restarts the random streams of encoders that have no `seed` and run outside a {@link DataLoader}: each call
 * takes the next stream of this seed, from the first on. The seed at the start of a process (and of a worker)
 * is 0, so a program that makes the same calls gets the same spikes. In a trial of a study the default is the
 * trial's seed, and a seed that is set there applies to that trial only.
 *
 * @param seed - an integer from 0
 * @throws LapicqueError `invalid-parameter`
 */
export function setSeed(seed: number): void {
  const current = ofTrials.getStore() ?? ofProcess;
  current.seed = integer('seed', seed, { min: 0 });
  current.calls = 0;
}

/**
 * The streams of one call of an encoder.
 *
 * @param samples - number of samples along the sample axis
 */
export function randomStream(
  { seed, stream }: { seed?: number | undefined; stream?: number | undefined },
  samples: number,
): RandomStream {
  if (seed !== undefined) integer('seed', seed, { min: 0 });
  if (stream !== undefined) integer('stream', stream, { min: 0 });
  const loader = loading.getStore();
  const current = ofTrials.getStore() ?? ofProcess;
  if (stream !== undefined) return numbered(seed ?? loader?.seed ?? current.seed, stream);
  if (loader === undefined)
    return seed === undefined ? numbered(current.seed, current.calls++) : numbered(seed, 0);
  const { stage, epoch, batch, indices } = loader;
  const own = seed ?? loader.seed;
  const call = loader.calls++;
  const path = (of: number) => [of, stages.indexOf(stage), epoch, call];
  // For a batch, or for one sample of a dataset of any shape.
  if (samples === indices.length) {
    return { seed: own, stream: Float64Array.from(path(ofSamples)), samples: indices };
  }
  if (indices.length === 1) {
    return { seed: own, stream: Float64Array.of(...path(ofSamples), indices[0]!) };
  }
  return { seed: own, stream: Float64Array.of(...path(ofBatches), batch) };
}

function numbered(seed: number, stream: number): RandomStream {
  return { seed, stream: Float64Array.of(stream) };
}
