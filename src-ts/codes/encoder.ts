/** One call of an encoder of the engine; which there are, and their options, is generated from its registry. */
import { integer, invalid, typedArray } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { unknownOption } from '../checks/peer-names.ts';
import { checkForm, type Form } from '../checks/plain-data.ts';
import { elementCount } from '../checks/tensor.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { type RandomStream, randomStream } from '../numbers/random-streams.ts';

/** Spikes (or, with `interpolate`, membrane targets) `[time, …]`, where `…` is the shape of the encoded values. */
export interface Encoded {
  /** 0 and 1 unless target values are set; `[time, …]` */
  x: Float32Array;
  shape: number[];
  steps: number;
}

/**
 * Options of every random encoder. The same seed and stream give the same spikes for any number of threads.
 *
 * | | without `stream` | with |
 * | --- | --- | --- |
 * | in a `transform`, `collate` or dataset of a {@link DataLoader} | the random numbers of a sample follow from the seed (default the loader's), the epoch, the sample's index and the number of the call | this stream of the seed (default the loader's) |
 * | elsewhere, with `seed` | stream 0: every call gives the same spikes | this stream |
 * | elsewhere, without `seed` | each call uses the next stream of {@link setSeed}'s seed | this stream of {@link setSeed}'s seed |
 */
export interface RandomOptions extends TaskOptions {
  /** An integer from 0; default the loader's seed, elsewhere the seed of {@link setSeed}. */
  seed?: number;
  /**
   * Selects one of the seed's independent random streams. Default in a loader: by seed, epoch and sample; elsewhere 0 with a `seed`, and without one
   * the next stream.
   */
  stream?: number;
}

/** What the engine returns. */
export interface Raster {
  steps: number;
  width: number;
  values: Float32Array;
}

/** Values to encode, with their shape. */
export type ShapedData = { x: Float32Array; shape: readonly number[] };

/** An encoder of the engine. */
export interface EncoderForm {
  readonly kind: string;
  /** The member of `encode`. */
  readonly name: string;
  /** Where its steps come from: the option `steps`, the first axis of the data, either, an option of its own, or nowhere. */
  readonly time: 'given' | 'first-axis' | 'either' | 'own' | 'none';
  /** Whether it takes random numbers. */
  readonly draws: boolean;
  readonly form: Form;
}

/** Of what draws nothing. */
export const still: RandomStream = { seed: 0, stream: Float64Array.of(0) };

/** An object of options. */
export function withoutUndefined<T extends object>(options: T): T {
  if (typeof options !== 'object' || options === null) invalid('options', options, 'an object of options');
  return options;
}

/** `[…]` of whole numbers. */
export function sizes(name: string, shape: unknown, min: number): readonly number[] {
  if (!Array.isArray(shape)) invalid(name, shape, 'a list of sizes');
  return shape.map((size, axis) => integer(`${name}[${axis}]`, size, { min }));
}

function checked(data: ShapedData): Float32Array {
  if (typeof data !== 'object' || data === null || Array.isArray(data) || ArrayBuffer.isView(data))
    invalid('data', data, 'an object { x, shape }');
  const x = typedArray('x', data.x, [Float32Array]);
  const shape = sizes('shape', data.shape, 0);
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== x.length) {
    throw new LapicqueError('shape-mismatch', {
      layer: 'data',
      expected: `[${shape.join(', ')}]`,
      got: `${x.length} values`,
    });
  }
  return x;
}

/** The options of the engine, and what is not for it. */
function split(encoder: EncoderForm, options: RandomOptions) {
  const { signal, onProgress, ...rest } = withoutUndefined(options);
  const { seed, stream, ...own } = rest as RandomOptions & Record<string, unknown>;
  const encoderOptions = encoder.draws ? own : rest;
  // An option that is undefined is one that is left out; typed arrays are lists.
  const kept = Object.fromEntries(
    Object.entries(encoderOptions)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, ArrayBuffer.isView(value) ? Array.from(value as never) : value]),
  );
  const known = [...Object.keys(encoder.form.options), ...(encoder.draws ? ['seed', 'stream'] : [])];
  const other = Object.keys(kept).find((key) => !known.includes(key));
  const name = `encode.${encoder.name}`;
  if (other !== undefined) throw unknownOption(name, other, known);
  checkForm('', kept, encoder.form, name);
  return { kept, task: { signal, onProgress }, random: { seed, stream } };
}

async function call(
  encoder: EncoderForm,
  data: ShapedData,
  options: object,
): Promise<{ raster: Raster; inner: readonly number[] }> {
  const x = checked(data);
  const { kept, task: taskOptions, random } = split(encoder, options);
  const isInTime = encoder.time === 'first-axis' || (encoder.time === 'either' && kept.steps === undefined);
  const inner = isInTime ? data.shape.slice(1) : data.shape;
  const draws = encoder.draws ? randomStream(random, inner[0] ?? 1) : still;
  const shape = Float64Array.from(data.shape);
  const raster = (await task(taskOptions, (handle) =>
    addon.encode(
      encoder.kind,
      x,
      shape,
      JSON.stringify(kept),
      draws.seed,
      draws.stream,
      draws.samples,
      handle,
    ),
  )) as Raster;
  return { raster, inner };
}

/** A spike train `[steps, …]`. */
export async function encodeBy(encoder: EncoderForm, data: ShapedData, options: object): Promise<Encoded> {
  const { raster, inner } = await call(encoder, data, options);
  // Some encoders give each value several neurons: a last axis.
  const neurons = raster.width / elementCount(inner);
  const shape = neurons === 1 ? inner : [...inner, neurons];
  return { x: raster.values, shape: [raster.steps, ...shape], steps: raster.steps };
}

/** A number for each value. */
export async function valuesBy(
  encoder: EncoderForm,
  data: ShapedData,
  options: object,
): Promise<Float32Array> {
  return (await call(encoder, data, options)).raster.values;
}
