/** Common parts of stateless layers: their name, sizes for each axis, and their frozen node. */
import { flag, integer, invalid, text } from '../checks/check.ts';

/** A size for each axis of an image, `[height, width]`, or one number for both. */
export type Pair = number | readonly [number, number];

/** A size for each axis of a volume, `[depth, height, width]`, or one number for all three. */
export type Triple = number | readonly [number, number, number];

/** Options of a layer without any other option. */
export interface MapOptions {
  /** Name in files, recordings and messages; default the layer's and a number. */
  name?: string;
}

/** Checks name and `trainable`, if they are given. */
export function named(
  who: string,
  { name, trainable }: { name?: string | undefined; trainable?: boolean | undefined },
) {
  return {
    ...(name === undefined ? {} : { name: text(`${who}.name`, name) }),
    ...(trainable === undefined ? {} : { trainable: flag(`${who}.trainable`, trainable) }),
  };
}

/** One number for each axis. */
export function sizes(name: string, axes: number, size: Pair | Triple, min: number): readonly number[] {
  const values: readonly unknown[] = Array.isArray(size) ? size : Array<unknown>(axes).fill(size);
  if (values.length !== axes)
    invalid(name, size, ['one number', 'one number or two', 'one number or three'][axes - 1]!);
  return Object.freeze(values.map((value) => integer(name, value, { min, max: 2 ** 16 })));
}

/** A frozen node of these fields, without those that are undefined. */
export function node(fields: object): object {
  return Object.freeze(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}
