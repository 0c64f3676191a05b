/** The zip archive of a torch file: reads its records by name within the memory limit of the file. */
import type { Entry, ZipFile } from 'yauzl';
import { LapicqueError } from '../checks/errors.ts';
import type { Allowance } from './limits.ts';
import { newBytes } from './source-bytes.ts';

/** The largest number of records in an archive; a torch file of a network has fewer. */
const maxRecords = 1_000_000;

/** Compression methods of zip. */
const stored = 0;
const deflated = 8;

/** The error of a damaged torch file. */
export function malformed(name: string, offset: number, reason: string, cause?: unknown): Error {
  const options = cause === undefined ? {} : { cause };
  return new LapicqueError(
    'malformed-file',
    { format: 'torch', offset, reason: `${name}: ${reason}` },
    options,
  );
}

/** The error of a torch file with a feature that this reader does not support. */
export function unsupported(feature: string): Error {
  return new LapicqueError('unsupported', { feature, format: 'a torch file' });
}

/** An archive in memory. */
export class Archive {
  readonly name: string;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(name: string, zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.name = name;
    this.#zip = zip;
    this.#entries = entries;
  }

  /** @throws LapicqueError `malformed-file`, `too-large` */
  static async of(name: string, bytes: Uint8Array<ArrayBuffer>, allowance: Allowance): Promise<Archive> {
    // Loaded only when a torch file is read: yauzl needs Node's Buffer as a global.
    const {
      default: { fromBuffer },
    } = await import('yauzl');
    const zip = await new Promise<ZipFile>((resolve, reject) => {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      fromBuffer(buffer, { lazyEntries: true }, (error, opened) =>
        error === null ? resolve(opened) : reject(damaged(name, error)),
      );
    });
    const entries = await new Promise<Map<string, Entry>>((resolve, reject) => {
      const found = new Map<string, Entry>();
      zip.on('error', (error) => reject(damaged(name, error)));
      zip.on('end', () => resolve(found));
      zip.on('entry', (entry: Entry) => {
        try {
          allowance.take(`${name}: its list of records`, 256 + entry.fileName.length);
          if (found.size >= maxRecords) throw malformed(name, 0, `it has more than ${maxRecords} records`);
          if (found.has(entry.fileName))
            throw malformed(name, 0, `it has two records with the name ${entry.fileName}`);
        } catch (error) {
          reject(error);
          return;
        }
        found.set(entry.fileName, entry);
        zip.readEntry();
      });
      zip.readEntry();
    });
    return new Archive(name, zip, entries);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(record: string): boolean {
    return this.#entries.has(record);
  }

  /** Unpacks a record. @throws LapicqueError `malformed-file`, `unsupported`, `too-large` */
  async read(record: string, allowance: Allowance): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.#entries.get(record);
    if (entry === undefined) throw malformed(this.name, 0, `the record ${record} is missing`);
    const { uncompressedSize: size, compressedSize, compressionMethod: method } = entry;
    const wrong = (reason: string, cause?: unknown) =>
      malformed(this.name, entry.relativeOffsetOfLocalHeader, `the record ${record} ${reason}`, cause);
    if (entry.isEncrypted()) throw unsupported(`encryption (${record})`);
    if (method !== stored && method !== deflated)
      throw unsupported(`compression method ${method} (${record})`);
    if (method === stored && size !== compressedSize)
      throw wrong(`is not compressed, but declares two sizes: ${compressedSize} and ${size} bytes`);
    const label = `${this.name}: the record ${record}`;
    allowance.take(label, size);
    const bytes = newBytes(label, size);
    let at = 0;
    try {
      const stream = await new Promise<AsyncIterable<Uint8Array>>((resolve, reject) => {
        this.#zip.openReadStream(entry, (error, opened) =>
          error === null ? resolve(opened) : reject(error),
        );
      });
      for await (const piece of stream) {
        if (at + piece.length > size)
          throw new Error(`its content is longer than the declared ${size} bytes`);
        bytes.set(piece, at);
        at += piece.length;
      }
    } catch (error) {
      throw wrong(`cannot be unpacked: ${(error as Error).message}`, error);
    }
    if (at !== size) throw wrong(`ends after ${at} of ${size} bytes`);
    return bytes;
  }
}

function damaged(name: string, error: Error): Error {
  return malformed(name, 0, `its zip archive is damaged (${error.message})`, error);
}
