/** How much memory the content of a file may take: nobody knows who wrote it. */
import { options as checkOptions, integer } from './check.ts';
import { LapicqueError } from './errors.ts';

/** What a loader may give to what it reads. */
export interface Limits {
  /**
   * Bytes of memory that the content of one file may take, unpacked; or 4 times the size of the file, whichever is more. Of a stream, whose size
   * nobody knows before its end, the bytes that it may have. Default 256 MiB.
   */
  bytes?: number;
}

/** An option of every loader. */
export interface LimitOptions {
  /** What the file may take; raise it for large files from a source that you trust. */
  limits?: Limits | undefined;
}

/** A file may take so many times its size, whatever the limit. */
const times = 4;

let standard = 256 * 2 ** 20;

/** Sets the default, for a program that is told it once. @internal */
export function setStandardLimit(bytes: number): void {
  standard = integer('limits.bytes', bytes, { min: 0 });
}

/** The limit in bytes that options ask for. */
export function limitOf(limits: Limits | undefined): number {
  const { bytes = standard } = checkOptions('limits', limits, ['bytes']);
  return integer('limits.bytes', bytes, { min: 0 });
}

/** Counts what the content of one file takes, and refuses what is too much before it is taken. */
export class Allowance {
  readonly #limit: number;
  #held: number;
  #taken = 0;

  /**
   * @param limit - in bytes, of {@link limitOf}
   * @param held - bytes of the file
   */
  constructor(limit: number, held: number) {
    this.#limit = limit;
    this.#held = held;
  }

  /** Bytes that may be taken. */
  get allowed(): number {
    return Math.max(this.#limit, times * this.#held);
  }

  /** Counts another file that belongs to the first. @param held - its bytes */
  add(held: number): void {
    this.#held += held;
  }

  /** @throws LapicqueError `too-large`, which says how to raise the limit */
  take(what: string, bytes: number): void {
    this.#taken += bytes;
    if (this.#taken > this.allowed) throw overLimit(what, this.#taken, this.allowed);
  }
}

/** The error of a file that would take more than it may; the sentence is that of the engine. */
export function overLimit(what: string, needed: number, allowed: number): Error {
  const message =
    `${what} needs ${needed} bytes but ${allowed} are allowed; if you trust the source, raise the limit ` +
    `with limits: { bytes: ${needed} } (on the command line --limit-bytes ${needed})`;
  return new LapicqueError('too-large', { what, needed, allowed }, { message });
}
