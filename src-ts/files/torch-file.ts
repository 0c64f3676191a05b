/** Files of `torch.save`: which dictionaries of tensors they hold. */
import { extname } from 'node:path';
import { attached, filePath } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { isKind } from '../checks/typed.ts';
import { checkTask } from '../engine/native.ts';
import { type FileSource, isBlob, isSource, type LoadOptions } from './file-source.ts';
import { Allowance, limitOf } from './limits.ts';
import { headOfFile, type SourceBytes, sourceBytes } from './source-bytes.ts';
import type { FileTensor } from './tensor-data.ts';
import { Archive, malformed } from './torch-archive.ts';
import { TorchTensor } from './torch-globals.ts';
import { unpickled } from './torch-pickle.ts';
import { TensorReader } from './torch-tensors.ts';

/** What a torch file holds. */
export interface TorchFile {
  /** By name; of dictionaries within dictionaries the names are joined by a dot. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
  /** Numbers, texts and flags beside the tensors, as text: `epoch` is `'3'`. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Names of the dictionaries that hold tensors and no others within them: what `state_dict()` gives. `''` is the file's own. */
  readonly stateDicts: readonly string[];
}

/** Counted for each value that is visited, so that the visits have an end. */
const visitBytes = 512;

/** Dictionaries within dictionaries. */
const deepest = 64;

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
  if (isPickle(file.bytes)) throw withoutZip(file);
  if (!isZip(file.bytes)) throw malformed(file.name, 0, 'it is not a zip archive, which torch.save writes');
  const archive = await Archive.of(file.name, file.bytes, allowance);
  const folder = folderOf(archive);
  const bytes = await archive.read(`${folder}data.pkl`, allowance);
  const root = await unpickled(file.name, bytes, allowance, signal);
  const byteorder = archive.has(`${folder}byteorder`)
    ? Buffer.from(await archive.read(`${folder}byteorder`, allowance)).toString('latin1')
    : 'little';
  if (byteorder !== 'little' && byteorder !== 'big')
    throw malformed(file.name, 0, 'its byteorder is neither little nor big');
  const found = gathered(file.name, root, allowance);
  const reader = new TensorReader(archive, folder, byteorder === 'big', allowance, signal);
  const tensors = new Map<string, FileTensor>();
  for (const [label, tensor] of found.tensors) tensors.set(label, await reader.read(label, tensor));
  return { ...found, tensors };
}

/** The folder within the archive, which has the name that the file had. */
function folderOf(archive: Archive): string {
  const pickles = archive.names.filter((record) => /^(?:[^/]*\/)?data\.pkl$/.test(record));
  if (pickles.length !== 1)
    throw malformed(
      archive.name,
      0,
      'it is a zip archive with neither arrays of numpy nor the one record data.pkl of torch.save',
    );
  const folder = pickles[0]!.slice(0, -'data.pkl'.length);
  if (archive.has(`${folder}constants.pkl`))
    throw new LapicqueError('unsupported', {
      feature: `TorchScript, which is a program (${archive.name}); save model.state_dict() instead`,
      format: 'a torch file',
    });
  return folder;
}

function withoutZip({ name }: SourceBytes): Error {
  return new LapicqueError('unsupported', {
    feature: `pickles that are no zip archive, as torch saved before version 1.6 (${name}); load it there and call torch.save again`,
    format: 'a torch file',
  });
}

type Found = Omit<TorchFile, 'tensors'> & { readonly tensors: ReadonlyMap<string, TorchTensor> };

/** Tensors and other values of all dictionaries, by the path to them. */
function gathered(name: string, root: unknown, allowance: Allowance): Found {
  const tensors = new Map<string, TorchTensor>();
  const metadata = new Map<string, string>();
  const stateDicts: string[] = [];
  const within = new Set<unknown>();
  const label = `${name}: the values of its dictionaries`;
  const visit = (value: unknown, path: string, isOptimizer = false): void => {
    // Values that several names share can be as many as one likes.
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
    if (within.has(value)) throw malformed(name, 0, `${path || 'its value'} holds itself`);
    if (within.size >= deepest)
      throw malformed(name, 0, `more than ${deepest} dictionaries within each other`);
    within.add(value);
    const own = [...value.entries()] as [string | number, unknown][];
    const isTensors = own.length > 0 && own.every(([, item]) => item instanceof TorchTensor);
    if (value instanceof Map && isTensors && !isOptimizer) stateDicts.push(path);
    // Moments of an optimizer are dictionaries of tensors, too.
    const ofOptimizer =
      isOptimizer || (value instanceof Map && value.has('state') && value.has('param_groups'));
    for (const [key, item] of own) visit(item, path === '' ? `${key}` : `${path}.${key}`, ofOptimizer);
    within.delete(value);
  };
  visit(root, '');
  return { tensors, metadata, stateDicts };
}
