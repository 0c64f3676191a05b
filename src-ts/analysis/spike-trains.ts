/** Spike trains as plain arrays, functions that make them, and calls of the engine's measures. */
import { attached, options as checkOptions, finite, integer, invalid, typedArray } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import { asDoubles, isWhole, unsigned, type WholeNumbers } from '../checks/whole-numbers.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';

/**
 * Spikes of `neurons` trains over `[start, stop]`: the train `ids[k]` has a spike at `times[k]`. Any order is allowed;
 * the order of a recording (by time) is the fastest. A train may have no spike.
 */
export interface SpikeTrains {
  /** ms, all from `start` to `stop`; the times of one train must differ. */
  readonly times: Float64Array;
  /** From 0 to `neurons - 1`. */
  readonly ids: Uint32Array;
  readonly neurons: number;
  /** The neuron of each train, counted in its population, if the trains are only some of its neurons; default the train's number. */
  readonly neuronIds?: Uint32Array | undefined;
  /** ms; default 0. */
  readonly start?: number | undefined;
  /** ms */
  readonly stop: number;
}

/** Spike trains as arguments: NumPy's int64 is accepted for identifiers and for integer times. */
export interface GivenSpikeTrains extends Omit<SpikeTrains, 'times' | 'ids'> {
  readonly times: Float64Array | WholeNumbers;
  readonly ids: WholeNumbers;
}

/** Start and end of trains, in ms. */
export interface SpikeTrainSpan {
  /** Default 0. */
  start?: number | undefined;
  stop: number;
}

/**
 * Makes spike trains from one list of times per train.
 *
 * @param lists - spike times in ms
 * @throws LapicqueError `invalid-parameter` for invalid lists or non-finite numbers
 *
 * @example
 * ```ts
 * const trains = analysis.spikeTrains([[12, 40.5, 71], [13.1, 70]], { stop: 100 });
 * const { mean } = await analysis.spikeDistance(trains);
 * ```
 */
export function spikeTrains(
  lists: readonly (ArrayLike<number> | WholeNumbers)[],
  span: SpikeTrainSpan,
): SpikeTrains {
  if (!Array.isArray(lists)) invalid('lists', lists, 'an array of lists of spike times');
  const numbers = lists.map((given, i) => {
    const list = asDoubles(`lists[${i}]`, given);
    if (!isListLike(list)) invalid(`lists[${i}]`, list, 'a list of spike times');
    attached(`lists[${i}]`, list);
    return list;
  });
  const count = numbers.reduce((sum, list) => sum + list.length, 0);
  const [times, ids] = [new Float64Array(count), new Uint32Array(count)];
  let at = 0;
  for (const [id, list] of numbers.entries()) {
    // The list may contain values that are not numbers.
    for (let i = 0; i < list.length; i++) {
      const time = list[i];
      times[at + i] = Number.isFinite(time) ? time! : finite(`lists[${id}][${i}]`, time);
    }
    ids.fill(id, at, at + list.length);
    at += list.length;
  }
  return newTrains(times, ids, lists.length, span);
}

/**
 * Makes spike trains from spikes on a time grid, as `model.run` returns them: step `t` is the time `start + t dt`.
 *
 * @param spikes - `[time, neurons]`, or `[time, batch, neurons]`, where each neuron of each sample is a train with the
 * number `sample * neurons + neuron`; any value other than 0 is a spike
 * @param options - `dt` in ms, default 1; `start` in ms, default 0
 * @throws LapicqueError `shape-mismatch`, `invalid-parameter`
 */
export function fromRaster(
  spikes: Float32Array | Uint8Array,
  shape: readonly [number, number] | readonly [number, number, number],
  options: { dt?: number; start?: number } = {},
): SpikeTrains {
  typedArray('spikes', spikes, [Float32Array, Uint8Array]);
  if (!Array.isArray(shape) || (shape.length !== 2 && shape.length !== 3)) {
    invalid('shape', shape, '[time, neurons] or [time, batch, neurons]');
  }
  shape.forEach((size, axis) => {
    integer(`shape[${axis}]`, size, { min: 1 });
  });
  if (elementCount(shape) !== spikes.length) {
    const expected = `[${shape.join(', ')}]`;
    throw new LapicqueError('shape-mismatch', { layer: 'spikes', expected, got: `${spikes.length} values` });
  }
  const { dt = 1, start = 0 } = checkOptions('analysis.fromRaster', options, ['dt', 'start']);
  finite('dt', dt, { above: 0 });
  finite('start', start);
  const neurons = elementCount(shape.slice(1));
  const count = countSpikes(spikes);
  const [times, ids] = [new Float64Array(count), new Uint32Array(count)];
  let at = 0;
  for (const [i, spike] of spikes.entries()) {
    if (spike === 0) continue;
    times[at] = start + Math.floor(i / neurons) * dt;
    ids[at] = i % neurons;
    at += 1;
  }
  return newTrains(times, ids, neurons, { start, stop: start + shape[0] * dt });
}

/**
 * Selects trains, in the given order: for example 100 neurons of a population, because the
 * cost of pairwise measures grows with the square of the number of trains.
 *
 * @param chosen - numbers of the trains; they become 0, 1, 2 …
 * @throws LapicqueError `invalid-parameter` for a train that does not exist, or a repeated one
 */
export function select(given: GivenSpikeTrains, chosen: ArrayLike<number> | WholeNumbers): SpikeTrains {
  const trains = check(given);
  const ids = isWhole(chosen) ? unsigned('ids', chosen) : chosen;
  if (!isListLike(ids)) invalid('ids', ids, 'a list of trains');
  const newIds = new Map<number, number>();
  for (let i = 0; i < ids.length; i++) {
    const id = integer(`ids[${i}]`, ids[i], { min: 0, max: trains.neurons - 1 });
    if (newIds.has(id)) invalid(`ids[${i}]`, id, 'each train once');
    newIds.set(id, i);
  }
  const kept = (_: number, k: number) => newIds.has(trains.ids[k]!);
  const times = trains.times.filter(kept);
  const renumbered = trains.ids.filter((id) => newIds.has(id)).map((id) => newIds.get(id)!);
  const { neuronIds } = trains;
  const chosenNeurons = neuronIds && Uint32Array.from(ids, (id) => neuronIds[id]!);
  return newTrains(times, renumbered, ids.length, { ...trains, neuronIds: chosenNeurons });
}

/**
 * Selects the spikes from `start` up to, but not including, `stop`, for example to remove a transient.
 *
 * @throws LapicqueError `invalid-parameter` for an invalid time span, or one that is not within the trains' time span
 */
export function within(given: GivenSpikeTrains, span: SpikeTrainSpan): SpikeTrains {
  const trains = check(given);
  const { start = 0, stop } = spanOf(span);
  finite('start', start, { min: trains.start ?? 0 });
  finite('stop', stop, { above: start, max: trains.stop });
  const inside = (time: number) => time >= start && time < stop;
  const ids = trains.ids.filter((_, k) => inside(trains.times[k]!));
  const { neuronIds } = trains;
  return newTrains(trains.times.filter(inside), ids, trains.neurons, { start, stop, neuronIds });
}

function isListLike(list: unknown): list is ArrayLike<number> {
  const length = (list as ArrayLike<number> | null)?.length;
  return typeof list === 'object' && Number.isSafeInteger(length) && length! >= 0;
}

function countSpikes(spikes: Iterable<number>): number {
  let count = 0;
  for (const spike of spikes) if (spike !== 0) count += 1;
  return count;
}

function newTrains(
  times: Float64Array,
  ids: Uint32Array,
  neurons: number,
  span: SpikeTrainSpan & Pick<SpikeTrains, 'neuronIds'>,
): SpikeTrains {
  const { start = 0, stop } = spanOf(span);
  finite('start', start);
  finite('stop', stop, { above: start });
  const { neuronIds } = span;
  return Object.freeze({ times, ids, neurons, ...(neuronIds && { neuronIds }), start, stop });
}

function spanOf(span: SpikeTrainSpan): SpikeTrainSpan {
  if (typeof span !== 'object' || span === null) invalid('span', span, 'an object { start, stop } in ms');
  return span;
}

/** Checks shapes and types; the engine checks the spikes themselves. */
function check(given: GivenSpikeTrains): SpikeTrains {
  if (typeof given !== 'object' || given === null) invalid('trains', given, 'spike trains');
  const times = asDoubles('times', given.times);
  const ids = isWhole(given.ids) ? unsigned('ids', given.ids) : given.ids;
  const trains = { ...given, times, ids };
  attached('times', typedArray('times', trains.times, [Float64Array]));
  typedArray('ids', trains.ids, [Uint32Array], trains.times.length);
  integer('neurons', trains.neurons, { min: 0, max: 2 ** 32 });
  if (trains.neuronIds !== undefined)
    attached('neuronIds', typedArray('neuronIds', trains.neuronIds, [Uint32Array], trains.neurons));
  finite('stop', trains.stop, { above: finite('start', trains.start ?? 0) });
  return trains;
}

/**
 * Calls one of the engine's measures.
 *
 * @internal
 */
export async function measure<T>(
  name: string,
  trains: GivenSpikeTrains,
  options: Record<string, unknown>,
  { signal, onProgress }: TaskOptions,
): Promise<T> {
  const { times, ids, neurons, start = 0, stop } = check(trains);
  const request = JSON.stringify({ measure: name, ...options });
  return task({ signal, onProgress }, (handle) =>
    addon.measureSpikeTrains(request, times, ids, neurons, start, stop, handle),
  ) as Promise<T>;
}

/** The names of {@link TaskOptions}. */
export const taskOptions = ['signal', 'onProgress'] as const;

/**
 * Checks a pair of trains.
 *
 * @internal
 */
export function checkPair(trains: GivenSpikeTrains, pair: readonly [number, number]): void {
  if (!Array.isArray(pair) || pair.length !== 2) invalid('pair', pair, 'two trains by their numbers');
  for (const [i, id] of pair.entries()) integer(`pair[${i}]`, id, { min: 0, max: trains.neurons - 1 });
}
