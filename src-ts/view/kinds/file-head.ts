/** What a file of tensors says about itself, read from its beginning. */
import { extname } from 'node:path';
import { openRegular } from '../../files/regular-file.ts';

/** Names of tensors and the metadata of a file. */
export interface FileHead {
  readonly names: ReadonlySet<string>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Headers that are longer are not read. */
const maxHeader = 16 * 2 ** 20;

/** The head of a `.safetensors` or `.npz` file; `undefined` for any other file, and for one that is not whole. */
export async function headOf(path: string): Promise<FileHead | undefined> {
  const ending = extname(path).toLowerCase();
  if (ending !== '.safetensors' && ending !== '.npz') return undefined;
  const opened = await openRegular(path).catch(() => undefined);
  if (opened === undefined) return undefined;
  const { handle: file, size } = opened;
  try {
    const read = async (position: number, length: number) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, (await file.read(bytes, 0, length, position)).bytesRead);
    };
    return ending === '.npz' ? await npzHead(read, size) : await safetensorsHead(read, size);
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

type Read = (position: number, length: number) => Promise<Buffer>;

async function safetensorsHead(read: Read, size: number): Promise<FileHead | undefined> {
  if (size < 8) return undefined;
  const length = (await read(0, 8)).readBigUInt64LE();
  if (length > maxHeader || Number(length) > size - 8) return undefined;
  const header: unknown = JSON.parse((await read(8, Number(length))).toString());
  if (typeof header !== 'object' || header === null) return undefined;
  const { __metadata__: metadata = {}, ...tensors } = header as Record<string, unknown>;
  const strings = Object.entries(metadata as object).filter(([, value]) => typeof value === 'string');
  return { names: new Set(Object.keys(tensors)), metadata: Object.fromEntries(strings) };
}

/** The names in the directory at the end of a ZIP archive without comment and with less than 4 GiB, as lapicque and numpy write it. */
async function npzHead(read: Read, size: number): Promise<FileHead | undefined> {
  if (size < 22) return undefined;
  const end = await read(size - 22, 22);
  const [length, start] = [end.readUInt32LE(12), end.readUInt32LE(16)];
  if (end.readUInt32LE(0) !== 0x06054b50 || length > maxHeader || start + length > size) return undefined;
  const directory = await read(start, length);
  const names = new Set<string>();
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50; ) {
    const name = directory.toString('utf8', at + 46, at + 46 + directory.readUInt16LE(at + 28));
    names.add(name.replace(/\.npy$/, ''));
    at +=
      46 +
      directory.readUInt16LE(at + 28) +
      directory.readUInt16LE(at + 30) +
      directory.readUInt16LE(at + 32);
  }
  return { names, metadata: {} };
}
