/** Shapes, and taking samples out of arrays that have one. */
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
  const outer = elementCount(shape.slice(0, axis));
  const samples = shape[axis]!;
  const inner = elementCount(shape.slice(axis + 1));
  const out = zerosLike(data, outer * indices.length * inner);
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (const index of indices) {
      const from = (block * samples + index) * inner;
      // subarray + set is one memory copy a row, whatever the element type
      out.set(data.subarray(from, from + inner) as never, at);
      at += inner;
    }
  }
  return out;
}

/**
 * Copies sequences out of an array, in the order of `indices`.
 *
 * @param data - elements in row-major order
 * @param shape - shape of `data`, `[sample, time, …]`
 * @returns an array of the same kind, `[time, sample, …]`
 */
export function gatherSequences<A extends TypedArray>(data: A, shape: Shape, indices: Uint32Array): A {
  const steps = shape[1]!;
  const inner = elementCount(shape.slice(2));
  const out = zerosLike(data, steps * indices.length * inner);
  indices.forEach((index, sample) => {
    for (let step = 0; step < steps; step++) {
      const from = (index * steps + step) * inner;
      out.set(data.subarray(from, from + inner) as never, (step * indices.length + sample) * inner);
    }
  });
  return out;
}
