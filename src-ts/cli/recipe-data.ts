/** The data of a JSON recipe: MNIST, IDX files, tensors of `.safetensors`, `.npy` and `.npz`. */
import { resolve } from 'node:path';
import { options as checkOptions, finite, integer, invalid, oneOf, text } from '../checks/check.ts';
import { elementCount, gather } from '../checks/tensor.ts';
import { isKind } from '../checks/typed.ts';
import type { Encoded } from '../codes/encoder.ts';
import { encode } from '../codes/encoders.generated.ts';
import { readIdx, readPixels } from '../data/idx.ts';
import { DataLoader } from '../data/loader.ts';
import { mnist, readMnist } from '../data/mnist.ts';
import type { TensorBatch, TensorSource } from '../data/source.ts';
import type { TrainingBatch } from '../train/batch.ts';
import { readFile, tensorOf } from './tensors.ts';

/** `data` of a JSON recipe. */
export type DataSpec = {
  /** Default 128. */
  batchSize?: number;
  /** Default true. */
  shuffle?: boolean;
  dropLast?: boolean;
  /** Spikes instead of a constant input: `{ "kind": "rate", "gain": 1 }`. */
  encode?: { kind: 'rate' | 'latency' | 'poisson' } & Record<string, unknown>;
} & (
  | /** The digits that ship with the package, or the four files of the full set in a folder. */
  { kind: 'mnist'; folder?: string }
  | { kind: 'idx'; images: string; labels: string; testImages?: string; testLabels?: string }
  | {
      kind: 'tensors';
      path: string;
      /** Names of tensors in the file; default `x` and `y`. */
      x?: string;
      y?: string;
      /** Names of index tensors of a split within the file. */
      train?: string;
      test?: string;
      /** Another file, for evaluation. */
      testPath?: string;
      /** `x` is `[sample, time, …]`; so is `y` if it has a value for each step. */
      sequences?: boolean;
      /** `x` is `[time, sample, …]`. */
      timeMajor?: boolean;
      /** Factor on `x`. */
      scale?: number;
    }
);

const common = ['kind', 'batchSize', 'shuffle', 'dropLast', 'encode'] as const;

/** Samples in memory. */
type Samples = TensorSource<Float32Array, Uint32Array | Float32Array> & {
  y: Uint32Array | Float32Array;
};
type Loader = AsyncIterable<TrainingBatch>;

/** Loaders of a recipe's data. `constant`: the steps for `fit`, if the input has no time axis. */
export async function loaders(
  spec: DataSpec,
  { folder, seed, steps }: { folder: string; seed: number; steps: number | undefined },
): Promise<{ train: Loader; test?: Loader; constant: number | undefined }> {
  const kind = oneOf('data.kind', spec.kind, ['mnist', 'idx', 'tensors']);
  const { train, test } = await read({ ...spec, kind } as DataSpec, folder, seed);
  const { batchSize = 128, shuffle = true, dropLast = false } = spec;
  const timed = train.timeMajor === true || train.sequences === true;
  if (timed && steps !== undefined) invalid('steps', steps, 'no value, because the data has a time axis');
  if (!timed && steps === undefined) invalid('steps', steps, 'the number of time steps of a sample');
  const make = (source: Samples, training: boolean): Loader => {
    const options = {
      batchSize: Math.min(batchSize, training ? batchSize : countOf(source)),
      shuffle: training && shuffle,
      dropLast: training && dropLast,
      seed,
    };
    const encoder = spec.encode;
    if (encoder === undefined) return new DataLoader(source, options) as Loader;
    oneOf('data.encode.kind', encoder.kind, ['rate', 'latency', 'poisson']);
    if (timed) invalid('data.encode', encoder.kind, 'no value, because the data has a time axis');
    return new DataLoader(source, {
      ...options,
      transform: (batch: TensorBatch<Float32Array, Uint32Array | Float32Array>, { epoch, batch: number }) =>
        // Training batches get new spikes in each epoch; evaluation batches always have the same.
        encoded(batch, encoder, steps!, seed, training ? (epoch + 1) * 2 ** 24 + number : number),
    }) as Loader;
  };
  return {
    train: make(train, true),
    ...(test === undefined ? {} : { test: make(test, false) }),
    constant: timed || spec.encode !== undefined ? undefined : steps,
  };
}

function countOf({ shape, timeMajor }: Samples): number {
  return shape[timeMajor === true ? 1 : 0]!;
}

async function encoded(
  { x, y, shape }: TensorBatch<Float32Array, Uint32Array | Float32Array>,
  { kind, ...options }: NonNullable<DataSpec['encode']>,
  steps: number,
  seed: number,
  stream: number,
): Promise<TrainingBatch> {
  const data = { x, shape };
  let spikes: Encoded;
  if (kind === 'latency') spikes = await encode.latency(data, { ...options, steps });
  else spikes = await encode[kind](data, { ...options, steps, seed, stream });
  return { x: spikes.x, shape: spikes.shape, y };
}

async function read(
  spec: DataSpec,
  folder: string,
  seed: number,
): Promise<{ train: Samples; test?: Samples }> {
  const file = (name: string, path: unknown) => resolve(folder, text(`data.${name}`, path));
  if (spec.kind === 'mnist') {
    checkOptions('data', spec, [...common, 'folder']);
    const { train, test } =
      spec.folder === undefined ? (await mnist()).split(seed) : await readMnist(file('folder', spec.folder));
    const samples = (part: typeof train): Samples => ({ ...part, y: Uint32Array.from(part.y) });
    return { train: samples(train), test: samples(test) };
  }
  if (spec.kind === 'idx') {
    checkOptions('data', spec, [...common, 'images', 'labels', 'testImages', 'testLabels']);
    const { images, labels, testImages, testLabels } = spec;
    const train = await ofIdx(file('images', images), file('labels', labels));
    if (testImages === undefined && testLabels === undefined) return { train };
    return { train, test: await ofIdx(file('testImages', testImages), file('testLabels', testLabels)) };
  }
  checkOptions('data', spec, [
    ...common,
    'path',
    'x',
    'y',
    'train',
    'test',
    'testPath',
    'sequences',
    'timeMajor',
    'scale',
  ]);
  const all = await ofTensors(file('path', spec.path), spec);
  if (spec.testPath !== undefined) {
    return { train: all, test: await ofTensors(file('testPath', spec.testPath), spec) };
  }
  const part = async (name: string | undefined) =>
    name === undefined ? undefined : pick(all, await indices(file('path', spec.path), name, countOf(all)));
  const test = await part(spec.test);
  return { train: (await part(spec.train)) ?? all, ...(test === undefined ? {} : { test }) };
}

/** Bytes become 0 to 1, as for pixels; other numbers are unchanged. */
async function ofIdx(imagesPath: string, labelsPath: string): Promise<Samples> {
  const [images, labels] = await Promise.all([readPixels(imagesPath, {}), readIdx(labelsPath)]);
  return {
    x: isKind(images.data, Float32Array) ? images.data : Float32Array.from(images.data),
    y: targets(labels.data, labelsPath),
    // One row per sample, because IDX images have no channel axis.
    shape: [images.shape[0]!, elementCount(images.shape.slice(1))],
  };
}

async function ofTensors(path: string, spec: DataSpec & { kind: 'tensors' }): Promise<Samples> {
  const content = await readFile(path);
  const x = tensorOf(content, spec.x ?? 'x', path);
  const y = tensorOf(content, spec.y ?? 'y', path);
  const scale = finite('data.scale', spec.scale ?? 1);
  const converted = targets(y.data, path);
  const { sequences = false, timeMajor = false } = spec;
  return {
    x: Float32Array.from(x.data as ArrayLike<number | bigint>, (value) => Number(value) * scale),
    y: converted,
    shape: x.shape,
    yShape: y.shape,
    sequences,
    timeMajor,
    ySequences: sequences && y.shape.length === (isKind(converted, Float32Array) ? 3 : 2),
  };
}

/** Integers are labels, floating-point numbers are values. */
function targets(data: ArrayLike<number | bigint>, path: string): Uint32Array | Float32Array {
  if (isKind(data, Float32Array)) return data;
  if (isKind(data, Float64Array)) return Float32Array.from(data);
  return Uint32Array.from(data, (label) =>
    integer(`a label of ${path}`, Number(label), { min: 0, max: 2 ** 32 - 1 }),
  );
}

async function indices(path: string, name: string, samples: number): Promise<Uint32Array> {
  const { data } = tensorOf(await readFile(path), name, path);
  return Uint32Array.from(data as ArrayLike<number | bigint>, (index) =>
    integer(`an index of ${name} in ${path}`, Number(index), { min: 0, max: samples - 1 }),
  );
}

function pick(samples: Samples, chosen: Uint32Array): Samples {
  const { x, y, shape, timeMajor = false } = samples;
  const axis = timeMajor ? 1 : 0;
  const yShape = samples.yShape ?? [y.length];
  return {
    ...samples,
    x: gather(x, shape, axis, chosen),
    y: gather(y, yShape, 0, chosen),
    shape: shape.with(axis, chosen.length),
    yShape: yShape.with(0, chosen.length),
  };
}
