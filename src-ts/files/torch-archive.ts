/** The zip archive that a torch file is: its records by name, unpacked within what the file may take. */
import type { Entry, ZipFile } from 'yauzl';
import { LapicqueError } from '../checks/errors.ts';
import type { Allowance } from './limits.ts';
import { newBytes } from './source-bytes.ts';

/** Records of an archive; more are not a torch file of a network. */
const most = 1_000_000;

/** The error of a damaged torch file. */
export function malformed(name: string, offset: number, reason: string, cause?: unknown): Error {
  const options = cause === undefined ? {} : { cause };
  return new LapicqueError(
    'malformed-file',
    { format: 'torch', offset, reason: `${name}: ${reason}` },
    options,
  );
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

  /** @throws LapicqueError `malformed-file`, `unsupported` */
  static async of(name: string, bytes: Uint8Array<ArrayBuffer>, allowance: Allowance): Promise<Archive> {
    // Only those who read torch's files load it; it needs Node's Buffer as a global.
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
          if (found.size >= most) throw malformed(name, 0, `it has more than ${most} records`);
          if (found.has(entry.fileName))
            throw malformed(name, 0, `the record ${entry.fileName} is there twice`);
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

  /** Bytes that a record unpacks to, as the archive says. */
  size(record: string): number {
    return this.#entries.get(record)!.uncompressedSize;
  }

  /** Unpacks a record. @throws LapicqueError `malformed-file`, `unsupported`, `too-large` */
  async read(record: string, allowance: Allowance): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.#entries.get(record);
    if (entry === undefined) throw malformed(this.name, 0, `the record ${record} is missing`);
    const { uncompressedSize: size, compressedSize, compressionMethod: method } = entry;
    if (entry.isEncrypted())
      throw new LapicqueError('unsupported', { feature: `encryption (${record})`, format: 'a torch file' });
    if (method !== 0 && method !== 8)
      throw new LapicqueError('unsupported', {
        feature: `compression method ${method} (${record})`,
        format: 'a torch file',
      });
    if (method === 0 && size !== compressedSize)
      throw malformed(
        this.name,
        entry.relativeOffsetOfLocalHeader,
        `the sizes of the record ${record} differ`,
      );
    allowance.take(`${this.name}: the record ${record}`, size);
    const bytes = newBytes(`${this.name}: the record ${record}`, size);
    let at = 0;
    try {
      const stream = await new Promise<AsyncIterable<Uint8Array>>((resolve, reject) => {
        this.#zip.openReadStream(entry, (error, opened) =>
          error === null ? resolve(opened) : reject(error),
        );
      });
      for await (const piece of stream) {
        if (at + piece.length > size) throw new Error('it unpacks to more bytes than it says');
        bytes.set(piece, at);
        at += piece.length;
      }
    } catch (error) {
      const reason = `the record ${record}: ${(error as Error).message}`;
      throw malformed(this.name, entry.relativeOffsetOfLocalHeader, reason, error);
    }
    if (at !== size)
      throw malformed(this.name, entry.relativeOffsetOfLocalHeader, `the record ${record} ends early`);
    return bytes;
  }
}

function damaged(name: string, error: Error): Error {
  return malformed(name, 0, `its zip archive is damaged (${error.message})`, error);
}
