/** Detects HDF5 files. */
import { filePath, invalid } from '../checks/check.ts';
import type { FileSource } from '../files/file-source.ts';
import { headOfFile } from '../files/source-bytes.ts';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Whether a file at a path, or complete bytes, begin with the HDF5 signature; false for streams, which cannot be inspected
 * before they are read.
 */
export async function isHdf5(source: FileSource): Promise<boolean> {
  const head = await firstBytes(source);
  return signature.every((byte, i) => head[i] === byte);
}

async function firstBytes(source: FileSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    try {
      return new Uint8Array(source.slice(0, signature.length));
    } catch {
      return invalid('source', source, 'memory that has not been transferred');
    }
  }
  if (source instanceof Blob) return new Uint8Array(await source.slice(0, signature.length).arrayBuffer());
  if (typeof source !== 'string' && !(source instanceof URL)) return new Uint8Array(0);
  return (await headOfFile(filePath('source', source), signature.length)) ?? new Uint8Array(0);
}
