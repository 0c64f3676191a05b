/** Limits of the memory that the content of an untrusted file may take. */
import { options as checkOptions, integer } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';

/** Limits of a loader. */
export interface Limits {
  /**
   * Bytes of memory that the uncompressed content of one file may take; or 4 times the size of the file, whichever is more. For a stream, whose size
   * is unknown before its end: its maximal number of bytes. Default 256 MiB.
   */
  bytes?: number;
}

/** The `limits` option of every loader. */
export interface LimitOptions {
  /** The memory that the file may take; raise it for large files from a source that you trust. */
  limits?: Limits | undefined;
}

/** A file may take this multiple of its size, whatever the limit. */
const sizeFactor = 4;

let standard = 256 * 2 ** 20;

/** Sets the default of a program. @internal */
export function setStandardLimit(bytes: number): void {
  standard = integer('limits.bytes', bytes, { min: 0 });
}

/** The limit in bytes from the options. */
export function limitOf(limits: Limits | undefined): number {
  const { bytes = standard } = checkOptions('limits', limits, ['bytes']);
  return integer('limits.bytes', bytes, { min: 0 });
}

/** Counts the memory of one file's content, and refuses an excess before it is allocated. */
export class Allowance {
  readonly #limit: number;
  #fileSize: number;
  #taken = 0;

  /**
   * @param limit - in bytes, from {@link limitOf}
   * @param fileSize - size of the file in bytes
   */
  constructor(limit: number, fileSize: number) {
    this.#limit = limit;
    this.#fileSize = fileSize;
  }

  /** Bytes that may be allocated. */
  get allowed(): number {
    return Math.max(this.#limit, sizeFactor * this.#fileSize);
  }

  /** Adds another file that belongs to the first. @param fileSize - its size in bytes */
  add(fileSize: number): void {
    this.#fileSize += fileSize;
  }

  /** @throws LapicqueError `too-large` with a hint how to raise the limit */
  take(what: string, bytes: number): void {
    this.#taken += bytes;
    if (this.#taken > this.allowed) throw overLimit(what, this.#taken, this.allowed);
  }
}

/** The error of a file that exceeds its limit. The message is the same as the engine's. */
export function overLimit(what: string, needed: number, allowed: number): Error {
  const message =
    `${what} needs ${needed} bytes but ${allowed} are allowed; if you trust the source, raise the limit ` +
    `with limits: { bytes: ${needed} } (on the command line --limit-bytes ${needed})`;
  return new LapicqueError('too-large', { what, needed, allowed }, { message });
}
