/** Handwritten digits: 10,000 from an optional package, and the full MNIST from a user's files. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { options as checkOptions, filePath, integer } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { missingPackage } from '../checks/optional-package.ts';
import { gather } from '../checks/tensor.ts';
import { isKind } from '../checks/typed.ts';
import { type IdxOptions, idxOptions, readIdx, readPixels } from './idx.ts';
import { shuffledOrder } from './order.ts';

/** Images and labels in the form that `DataLoader` accepts. */
export interface LabeledImages {
  /** `[samples, pixels]`, 0 (black) to 1 (white) */
  x: Float32Array;
  /** `[samples]`, 0 to 9 */
  y: Uint8Array;
  /** `[samples, pixels]` */
  shape: readonly [number, number];
}

/** A training set and a test set that is held out from training. */
export interface Split {
  train: LabeledImages;
  test: LabeledImages;
}

/** The 10,000 digits of the package `@lapicque/data-mnist`. */
export interface Mnist {
  /** `[10000, 784]`, 0 to 1; the 28 rows of each image are contiguous */
  images: Float32Array;
  /** `[10000]`, 0 to 9; the digits are sorted by label */
  labels: Uint8Array;
  /** Shuffles with `seed` and holds out the last 2,000 as the test set. */
  split(seed?: number): Split;
}

const heldOut = 2000;

/**
 * 10,000 real digits of MNIST (LeCun, Cortes & Burges), from the package `@lapicque/data-mnist`, which is installed
 * separately (a clone contains it). The first call reads them in about a tenth of a second; nothing is downloaded.
 *
 * @throws LapicqueError `unsupported` if `@lapicque/data-mnist` is not installed, `io` if one of its files cannot be
 * read
 */
export function mnist(): Promise<Mnist> {
  // A failed read may succeed later (for example after a build), so only success is cached.
  digits ??= readDigits().catch((error) => {
    digits = undefined;
    throw error;
  });
  return digits;
}
let digits: Promise<Mnist> | undefined;

/** The path of a file of the package. */
function digitsFile(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(`@lapicque/data-mnist/mnist-${name}.gz`);
  } catch (error) {
    throw missingPackage('@lapicque/data-mnist', 'mnist()', error);
  }
}

async function readDigits(): Promise<Mnist> {
  const { x: images, y: labels } = await readPair(digitsFile('images.idx3'), digitsFile('labels.idx1'));
  return {
    images,
    labels,
    split(seed = 0) {
      integer('seed', seed, { min: 0 });
      const order = shuffledOrder(labels.length, seed, 0);
      const take = (indices: Uint32Array): LabeledImages => ({
        x: gather(images, [labels.length, 784], 0, indices),
        y: gather(labels, [labels.length], 0, indices),
        shape: [indices.length, 784],
      });
      const boundary = labels.length - heldOut;
      return { train: take(order.subarray(0, boundary)), test: take(order.subarray(boundary)) };
    },
  };
}

/**
 * Reads the four files of MNIST (or of a data set with the same files, such as Fashion-MNIST) from a folder:
 * `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`, each of
 * them plain or with `.gz`.
 *
 * @param options - `limits`: the memory that each of the files may take; pixels take 4 bytes
 * @throws LapicqueError `io` if a file is missing, `malformed-file`, `too-large`, `shape-mismatch` if the numbers of
 * images and labels differ, `aborted`
 */
export async function readMnist(folder: string | URL, options: IdxOptions = {}): Promise<Split> {
  const checked = checkOptions('readMnist', options, idxOptions);
  const above = filePath('folder', folder);
  const file = (name: string) => {
    const path = join(above, name);
    return existsSync(`${path}.gz`) && !existsSync(path) ? `${path}.gz` : path;
  };
  const pair = (set: string) =>
    readPair(file(`${set}-images-idx3-ubyte`), file(`${set}-labels-idx1-ubyte`), checked);
  const [train, test] = await Promise.all([pair('train'), pair('t10k')]);
  return { train, test };
}

async function readPair(
  imagesPath: string,
  labelsPath: string,
  options: IdxOptions = {},
): Promise<LabeledImages> {
  const [images, labels] = await Promise.all([readPixels(imagesPath, options), readIdx(labelsPath, options)]);
  if (!images.bytes || images.shape.length !== 3) {
    throw mismatch(imagesPath, 'bytes [samples, rows, columns]', images.shape);
  }
  const samples = images.shape[0]!;
  if (!isKind(labels.data, Uint8Array) || labels.shape.length !== 1 || labels.shape[0] !== samples) {
    throw mismatch(labelsPath, `bytes [${samples}]`, labels.shape);
  }
  return {
    x: images.data as Float32Array,
    y: labels.data,
    shape: [samples, images.data.length / samples],
  };
}

function mismatch(layer: string, expected: string, got: number[]): Error {
  return new LapicqueError('shape-mismatch', { layer, expected, got: `[${got.join(', ')}]` });
}
