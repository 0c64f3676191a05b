/** Files of tensors as the commands read and write them. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { isKind } from '../checks/typed.ts';
import type { InputTensor } from '../description/input-tensor.ts';
import type { LoadOptions } from '../files/file-source.ts';
import { type NamedFileTensor, readWhole, type WholeFile } from '../files/open-file.ts';
import { readTensors } from '../files/tensor-file.ts';
import { hasTorchName } from '../files/torch-file.ts';

/** Forms that other tools know and that this version does not read, by the ending of the name. */
const unread: Record<string, string> = {
  '.nir': 'NIR graphs',
  '.h5': 'HDF5 files',
  '.hdf5': 'HDF5 files',
  '.aedat': 'event files',
  '.aedat4': 'event files',
  '.raw': 'event files',
  '.dat': 'event files',
};

/**
 * Says no to what cannot be a file of tensors, in better words than a reader would find.
 * @param others - endings that the command reads as well
 * @throws LapicqueError `io` for a directory and what there is not, `unsupported`
 */
export function checkReadable(path: string, others: readonly string[] = []): void {
  if (isFolder(path)) {
    throw new LapicqueError('io', { path, reason: 'is a directory, not a file' });
  }
  const ending = extname(path).toLowerCase();
  const feature = unread[ending];
  if (feature !== undefined && !others.includes(ending)) {
    throw new LapicqueError('unsupported', {
      feature: `${feature} (${basename(path)})`,
      format: 'this version',
    });
  }
  if (!existsSync(path))
    throw new LapicqueError('io', { path, reason: 'No such file or directory', errno: 'ENOENT' });
}

/** Also of a path that leads through a file. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Says no to a place where nothing can be written, before the work whose result is to go there.
 * @throws LapicqueError `io`
 */
export function checkWritable(path: string): void {
  const refuse = (reason: string): never => {
    throw new LapicqueError('io', { path, reason });
  };
  if (isFolder(path)) refuse('is a directory, not a file');
  const folder = dirname(path);
  try {
    if (!statSync(folder).isDirectory()) refuse(`${folder} is not a directory`);
    // Files are written under another name beside it first.
    accessSync(folder, constants.W_OK);
    // Which then would take the place of a device or a pipe.
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) refuse('not a regular file');
  } catch (error) {
    if (error instanceof LapicqueError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    refuse(
      code === 'ENOENT' ? `there is no directory ${folder}` : `${folder} cannot be written to (${code})`,
    );
  }
}

/**
 * Says no to a result that would take the place of what it is made from.
 * @throws LapicqueError `invalid-parameter`
 */
export function checkApart(name: string, path: string, sources: readonly string[]): void {
  const source = sources.find((other) => isSameFile(path, other));
  if (source !== undefined) invalid(name, path, `another file than ${source}, which it would replace`);
}

function isSameFile(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  try {
    const [one, other] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
    return one.dev === other.dev && one.ino === other.ino;
  } catch {
    return false;
  }
}

/**
 * Reads `.safetensors`, `.npy` or `.npz`, whichever the content is.
 * @throws LapicqueError `io`, `unsupported`, `malformed-file`, `too-large`
 */
export async function readFile(path: string, options: LoadOptions = {}): Promise<WholeFile> {
  checkReadable(path);
  if (!hasTorchName(path)) return readWhole('path', path, options);
  const { tensors, metadata } = await readTensors(path, options);
  return {
    metadata: [...metadata],
    schema: null,
    tensors: [...tensors].map(([name, tensor]) => ({ name, ...tensor })),
  };
}

/** The tensor that a command means: the only one of an `.npy` file, else the one named. */
export function tensorOf(file: WholeFile, name: string, path: string): NamedFileTensor {
  const found = file.tensors.find((tensor) => tensor.name === name);
  if (found !== undefined) return found;
  if (file.tensors.length === 1 && extname(path).toLowerCase() === '.npy') return file.tensors[0]!;
  const names = file.tensors.map((tensor) => tensor.name).join(', ');
  throw new LapicqueError('malformed-file', {
    format: extname(path).slice(1) || 'tensor',
    offset: 0,
    reason: `${path}: it has no tensor "${name}" but ${names === '' ? 'none at all' : names}`,
  });
}

/** A tensor as a network's input: bytes of 0 and 1 are spikes, everything else is numbers. */
export function inputOf({ data, shape }: NamedFileTensor): InputTensor {
  if (isKind(data, Float32Array) || isKind(data, Float64Array)) return { x: data, shape };
  if (isKind(data, Uint8Array) && data.every((value) => value <= 1)) return { x: data, shape };
  return { x: Float32Array.from(data as ArrayLike<number | bigint>, Number), shape };
}
