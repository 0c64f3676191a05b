/** Reading and writing of tensor files by commands. */
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

/** Formats of other tools that this version does not read, by extension. */
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
 * Refuses a path that cannot be a tensor file, with a clearer message than a reader's.
 * @param others - further extensions that the command reads
 * @throws LapicqueError `io` for a folder and for a missing file, `unsupported`
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

/** Also true for a path that leads through a file. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Refuses a path that cannot be written, before the work whose result it would hold.
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
    // A file is first written under another name in the same folder.
    accessSync(folder, constants.W_OK);
    // The new file would replace a device or a pipe.
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
 * Refuses an output path that is the path of the input.
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
 * Reads `.safetensors`, `.npy` or `.npz`, detected by content.
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

/** The tensor for a command: the only one of an `.npy` file, otherwise the one with this name. */
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

/** A tensor as the input of a network: bytes of 0 and 1 are spikes, anything else is numbers. */
export function inputOf({ data, shape }: NamedFileTensor): InputTensor {
  if (isKind(data, Float32Array) || isKind(data, Float64Array)) return { x: data, shape };
  if (isKind(data, Uint8Array) && data.every((value) => value <= 1)) return { x: data, shape };
  return { x: Float32Array.from(data as ArrayLike<number | bigint>, Number), shape };
}
