/** Shapes, and gathering samples from arrays with a shape. */
import { type TypedArray, zerosLike } from './typed.ts';

/** Sizes of the axes, outermost first. */
export type Shape = readonly number[];

/** The number of elements of a shape; 1 for `[]`. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Copies samples out of an array, in the order of `indices`.
 *
 * @param data - elements in row-major order
 * @param shape - shape of `data`; `shape[axis]` is the number of samples
 * @param axis - 0 for `[sample, …]`, 1 for time-major `[time, sample, …]`
 * @returns an array of the same kind with `shape[axis]` replaced by `indices.length`
 */
export function gather<A extends TypedArray>(data: A, shape: Shape, axis: 0 | 1, indices: Uint32Array): A {
  const gathering = pieces(data, shape, axis, indices);
  for (;;) {
    const { done, value } = gathering.next();
    if (done) return value;
  }
}

/**
 * As {@link gather}, but yields to the event loop while it copies much data.
 * @param check - called after each yield, before the array is read again
 */
export function gatherYielding<A extends TypedArray>(
  data: A,
  shape: Shape,
  axis: 0 | 1,
  indices: Uint32Array,
  check: () => void,
): Promise<A> {
  return runYielding(pieces(data, shape, axis, indices), check);
}

async function runYielding<A>(gathering: Generator<void, A>, check: () => void): Promise<A> {
  for (;;) {
    const { done, value } = gathering.next();
    if (done) return value;
    await new Promise((resolve) => setImmediate(resolve));
    check();
  }
}

/** Bytes copied between two yields (1 to 2 ms). The overhead of a row counts as this number of bytes. */
const [bytesPerYield, bytesPerRow] = [1 << 22, 1 << 8];

function* pieces<A extends TypedArray>(
  data: A,
  shape: Shape,
  axis: 0 | 1,
  indices: Uint32Array,
): Generator<void, A> {
  const outer = elementCount(shape.slice(0, axis));
  const samples = shape[axis]!;
  const inner = elementCount(shape.slice(axis + 1));
  const out = zerosLike(data, outer * indices.length * inner);
  const rows = Math.max(1, Math.floor(bytesPerYield / (inner * data.BYTES_PER_ELEMENT + bytesPerRow)));
  let at = 0;
  let left = rows;
  for (let block = 0; block < outer; block++) {
    for (const index of indices) {
      if (left === 0) {
        yield;
        left = rows;
      }
      left -= 1;
      const from = (block * samples + index) * inner;
      // subarray + set is one memory copy per row for every element type
      if (inner === 1) out[at] = data[from]!;
      else out.set(data.subarray(from, from + inner) as never, at);
      at += inner;
    }
  }
  return out;
}

/**
 * Copies sequences out of an array in the order of `indices`. Yields to the event loop while it copies much
 * data.
 *
 * @param data - elements in row-major order
 * @param shape - shape of `data`, `[sample, time, …]`
 * @param check - called after each yield, before the array is read again
 * @returns an array of the same kind, `[time, sample, …]`
 */
export function gatherSequencesYielding<A extends TypedArray>(
  data: A,
  shape: Shape,
  indices: Uint32Array,
  check: () => void,
): Promise<A> {
  return runYielding(sequences(data, shape, indices), check);
}

function* sequences<A extends TypedArray>(data: A, shape: Shape, indices: Uint32Array): Generator<void, A> {
  const steps = shape[1]!;
  const inner = elementCount(shape.slice(2));
  const out = zerosLike(data, steps * indices.length * inner);
  const rows = Math.max(1, Math.floor(bytesPerYield / (inner * data.BYTES_PER_ELEMENT + bytesPerRow)));
  let left = rows;
  for (const [sample, index] of indices.entries()) {
    for (let step = 0; step < steps; step++) {
      if (left === 0) {
        yield;
        left = rows;
      }
      left -= 1;
      const from = (index * steps + step) * inner;
      out.set(data.subarray(from, from + inner) as never, (step * indices.length + sample) * inner);
    }
  }
  return out;
}
