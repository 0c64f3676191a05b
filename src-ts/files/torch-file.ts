/** Reads files of `torch.save`: their tensors, metadata and state_dicts. */
import { extname } from 'node:path';
import { attached, filePath } from '../checks/check.ts';
import { isKind } from '../checks/typed.ts';
import { checkTask } from '../engine/native.ts';
import { type FileSource, isBlob, isSource, type LoadOptions } from './file-source.ts';
import { Allowance, limitOf } from './limits.ts';
import { headOfFile, sourceBytes } from './source-bytes.ts';
import type { FileTensor } from './tensor-data.ts';
import { Archive, malformed, unsupported } from './torch-archive.ts';
import { TorchTensor } from './torch-globals.ts';
import { unpickled } from './torch-pickle.ts';
import { TensorReader } from './torch-tensors.ts';

/** The content of a torch file. */
export interface TorchFile {
  /** By name; the keys of nested dictionaries are joined by dots. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
  /** Numbers, strings and booleans beside the tensors, as strings: `epoch` is `'3'`. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Names of the dictionaries that contain only tensors, as `state_dict()` returns. `''` is the top-level dictionary. */
  readonly stateDicts: readonly string[];
}

/** Memory counted per visited value: it bounds the number of visits. */
const visitBytes = 512;

/** The most levels of nested dictionaries and lists. */
const maxDepth = 64;

/** Whether a path has the name of a torch file. */
export function hasTorchName(path: string): boolean {
  return ['.pth', '.pt'].includes(extname(path).toLowerCase());
}

/** Bytes that identify the format: a local header of a zip archive with the name of its first record. */
const headBytes = 30 + 1024;

/**
 * Whether a source is a torch file. The content decides: a pickle, or a zip archive whose first record is not a numpy array. A path that
 * ends in `.pth` or `.pt` is one too, unless the content has the signature of another format of tensors, so that errors are about torch.
 * A stream can be read only once; its bytes are the returned source.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
export async function torchSource(
  name: string,
  source: FileSource,
  options: LoadOptions,
): Promise<{ readonly isTorch: boolean; readonly source: FileSource }> {
  if (typeof source === 'string' || source instanceof URL) {
    const path = filePath(name, source);
    const head = await headOfFile(path, headBytes);
    const isTorch = head !== undefined && (isTorchHead(head) || (hasTorchName(path) && !isOtherFormat(head)));
    return { isTorch, source };
  }
  // The engine's reader refuses whatever is not a source.
  if (!isSource(source)) return { isTorch: false, source };
  if (isKind(source, Uint8Array)) {
    attached(name, source);
    return { isTorch: isTorchHead(source.subarray(0, headBytes)), source };
  }
  if (isBlob(source)) {
    const { bytes } = await sourceBytes(name, source.slice(0, headBytes) as Blob, options);
    return { isTorch: isTorchHead(bytes), source };
  }
  const { bytes } = await sourceBytes(name, source, options);
  return { isTorch: isTorchHead(bytes.subarray(0, headBytes)), source: bytes };
}

function isTorchHead(head: Uint8Array): boolean {
  if (isPickle(head)) return true;
  if (!isZip(head)) return false;
  const length = (head[26] ?? 0) | ((head[27] ?? 0) << 8);
  return !Buffer.from(head.subarray(30, 30 + length))
    .toString('latin1')
    .endsWith('.npy');
}

/** Whether a file begins with the local header of a zip archive. */
function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

function isPickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5 && !isSafetensors(head);
}

/** A file that is safetensors, `.npy` or `.npz` by its signature; an empty zip archive is an `.npz` without arrays. */
function isOtherFormat(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 6)).toString('latin1');
  return text === '\x93NUMPY' || text.startsWith('PK') || isSafetensors(head);
}

/** The header's length as 64 bits, below 2^32, and the header, a JSON object. The length may begin with the bytes of a pickle. */
function isSafetensors(head: Uint8Array): boolean {
  return head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0);
}

/** Reads a torch file. @throws LapicqueError `malformed-file`, `unsupported`, `too-large`, `io`, `aborted` */
export async function readTorch(name: string, source: FileSource, options: LoadOptions): Promise<TorchFile> {
  const { signal } = checkTask({ signal: options.signal });
  const file = await sourceBytes(name, source, options);
  const allowance = new Allowance(limitOf(options.limits), file.bytes.length);
  if (isPickle(file.bytes))
    throw unsupported(
      `a pickle without a zip archive, the format of torch before version 1.6 (${file.name}); load the file with a newer torch and save it again`,
    );
  if (!isZip(file.bytes)) throw malformed(file.name, 0, 'it is not a zip archive, which torch.save writes');
  const archive = await Archive.of(file.name, file.bytes, allowance);
  const folder = folderOf(archive);
  const bytes = await archive.read(`${folder}data.pkl`, allowance);
  const root = await unpickled(file.name, bytes, allowance, signal);
  const byteorder = archive.has(`${folder}byteorder`)
    ? Buffer.from(await archive.read(`${folder}byteorder`, allowance)).toString('latin1')
    : 'little';
  if (byteorder !== 'little' && byteorder !== 'big')
    throw malformed(file.name, 0, 'its record byteorder is neither little nor big');
  const found = gathered(file.name, root, allowance);
  const reader = new TensorReader(archive, folder, byteorder === 'big', allowance, signal);
  const tensors = new Map<string, FileTensor>();
  for (const [label, tensor] of found.tensors) tensors.set(label, await reader.read(label, tensor));
  return { ...found, tensors };
}

/** The folder of the records. Torch gives it the name that the file had when it was saved. */
function folderOf(archive: Archive): string {
  const pickles = archive.names.filter((record) => /^(?:[^/]*\/)?data\.pkl$/.test(record));
  if (pickles.length !== 1)
    throw malformed(
      archive.name,
      0,
      `it is a zip archive with ${pickles.length} records data.pkl; torch.save writes one, and numpy writes arrays (.npy)`,
    );
  const folder = pickles[0]!.slice(0, -'data.pkl'.length);
  if (archive.has(`${folder}constants.pkl`))
    throw unsupported(
      `TorchScript, which is a program (${archive.name}); save the tensors with torch.save(model.state_dict(), path) instead`,
    );
  return folder;
}

type Found = Omit<TorchFile, 'tensors'> & { readonly tensors: ReadonlyMap<string, TorchTensor> };

/** Collects the tensors and the metadata of all dictionaries and lists by their paths. */
function gathered(name: string, root: unknown, allowance: Allowance): Found {
  const tensors = new Map<string, TorchTensor>();
  const metadata = new Map<string, string>();
  const stateDicts: string[] = [];
  const ancestors = new Set<unknown>();
  const label = `${name}: the values of its dictionaries`;
  const visit = (value: unknown, path: string, isInOptimizer: boolean): void => {
    // Dictionaries may share values, so a small file can have any number of paths.
    allowance.take(label, visitBytes + 2 * path.length);
    if (value instanceof TorchTensor) {
      if (tensors.has(path)) throw malformed(name, 0, `two tensors have the name ${path}`);
      tensors.set(path === '' ? 'tensor' : path, value);
      return;
    }
    if (!(value instanceof Map) && !Array.isArray(value)) {
      if (value !== null && typeof value !== 'object') metadata.set(path, String(value));
      return;
    }
    if (ancestors.has(value)) throw malformed(name, 0, `${path || 'its value'} contains itself`);
    if (ancestors.size >= maxDepth)
      throw malformed(name, 0, `dictionaries and lists are nested more than ${maxDepth} levels deep`);
    ancestors.add(value);
    const items = [...value.entries()] as [string | number, unknown][];
    // The state of an optimizer also consists of dictionaries of tensors.
    const isOptimizer =
      isInOptimizer || (value instanceof Map && value.has('state') && value.has('param_groups'));
    const isStateDict =
      value instanceof Map && items.length > 0 && items.every(([, item]) => item instanceof TorchTensor);
    if (isStateDict && !isInOptimizer) stateDicts.push(path);
    for (const [key, item] of items) visit(item, path === '' ? `${key}` : `${path}.${key}`, isOptimizer);
    ancestors.delete(value);
  };
  visit(root, '', false);
  return { tensors, metadata, stateDicts };
}
