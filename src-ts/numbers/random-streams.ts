/** Which random numbers an encoder draws: by the sample within a loader, otherwise by the call. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { integer } from '../checks/check.ts';

/** What a random encoder draws from. */
export interface RandomStream {
  seed: number;
  /** One number: the stream of that number; several name one. */
  stream: Float64Array;
  /** Each sample has a stream of its own, by its number in the source. */
  samples?: Uint32Array;
}

/** What a loader works on while it calls a user's function. */
export interface LoaderContext {
  seed: number;
  epoch: number;
  batch: number;
  /** Numbers of the samples in their source. */
  indices: Uint32Array;
}

/** Which of a user's functions runs, so that each has streams of its own. */
const stages = ['get', 'collate', 'transform'] as const;
type Stage = (typeof stages)[number];

const loading = new AsyncLocalStorage<LoaderContext & { stage: Stage; calls: number }>();

/** Calls a user's function such that what it encodes draws by seed, epoch and sample. */
export function withStreams<T>(stage: Stage, context: LoaderContext, work: () => T): T {
  return loading.run({ ...context, stage, calls: 0 }, work);
}

/** Paths begin with what they are of, so that no two kinds share a stream. */
const [ofSamples, ofBatches] = [0, 1];

/** Where calls without a seed and without a loader stand. */
interface Calls {
  seed: number;
  calls: number;
}

const ofProcess: Calls = { seed: 0, calls: 0 };
const ofTrials = new AsyncLocalStorage<Calls>();

/** Calls an objective such that what it encodes draws by the trial's seed, whatever other trials draw meanwhile. */
export function withTrialStreams<T>(seed: number, work: () => T): T {
  return ofTrials.run({ seed, calls: 0 }, work);
}

/**
 * Begins anew with the random numbers that encoders draw where no `seed` is given to them and no {@link DataLoader} runs them: each call
 * takes the next stream of this seed, from the first on. The seed at the start of a process (and of a worker) is 0, so that a program that
 * makes the same calls gets the same spikes. In a trial of a study it is the trial's seed, and what is set there is the trial's alone.
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
 * What a call of an encoder draws from.
 *
 * @param samples - how many samples there are along the axis of samples
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
  // Of a batch, or of a dataset's one sample, whatever its shape is.
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
