/** Whether a recording is an HDF5 file. */
import { filePath } from '../checks/check.ts';
import type { FileSource } from '../files/file-source.ts';
import { headOfFile } from '../files/source-bytes.ts';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether a path's file, or bytes that are given whole, begin as HDF5 files do. Of a stream nobody knows before it is read. */
export async function isHdf5(source: FileSource): Promise<boolean> {
  const head = await firstBytes(source);
  return signature.every((byte, i) => head[i] === byte);
}

async function firstBytes(source: FileSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source.subarray(0, signature.length);
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0, signature.length));
  if (source instanceof Blob) return new Uint8Array(await source.slice(0, signature.length).arrayBuffer());
  if (typeof source !== 'string' && !(source instanceof URL)) return new Uint8Array(0);
  return (await headOfFile(filePath('source', source), signature.length)) ?? new Uint8Array(0);
}
