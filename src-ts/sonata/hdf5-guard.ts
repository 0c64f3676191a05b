/** What an HDF5 file declares, compared with what it holds and with what it may take, before its reader believes it. */
import { inflateSync } from 'node:zlib';
import type { DataObjects, Dataset } from 'jsfive';

/** Deflate cannot compress better than this. */
const largestDeflateRatio = 1032;

/** Elements that V8 keeps in an array; of more it makes a dictionary. */
const largestArray = 2 ** 25;

/** Bytes of an element while it is read: in the reader's array, a number of its own, and in ours. */
const elementBytes = { array: 24, dictionary: 96, text: 64 } as const;

/** What is more than a file may take. */
export class TooMuch extends Error {
  readonly what: string;
  readonly needed: number;

  constructor(what: string, needed: number) {
    super(what);
    this.what = what;
    this.needed = needed;
  }
}

/** Compares what a file declares with what it holds, and with what it may take. */
export class Guard {
  readonly #path: string;
  readonly #held: number;
  readonly #allowed: number;
  #taken = 0;
  /** Bytes of the chunk that is being read. */
  #chunk = 0;

  /**
   * @param path - for messages
   * @param held - bytes of the file
   * @param allowed - bytes that its content may take
   */
  constructor(path: string, held: number, allowed: number) {
    this.#path = path;
    this.#held = held;
    this.#allowed = allowed;
    this.#take('the file', held);
  }

  #take(what: string, bytes: number): void {
    this.#taken += bytes;
    if (!(this.#taken <= this.#allowed)) throw new TooMuch(`${this.#path}: ${what}`, this.#taken);
  }

  /** Counts the copies of parts of the file, of which a small file may ask for any number. */
  slices(): void {
    const { slice } = ArrayBuffer.prototype;
    const [path, allowed] = [this.#path, this.#allowed];
    let copied = 0;
    ArrayBuffer.prototype.slice = function (this: ArrayBuffer, from?: number, to?: number) {
      const part = slice.call(this, from ?? 0, to);
      copied += part.byteLength;
      if (copied > allowed) throw new TooMuch(`${path}: copies of its parts`, copied);
      return part;
    };
  }

  /** Lets attributes be no larger than the file. */
  attributes(objects: DataObjects): void {
    const prototype = Object.getPrototypeOf(objects) as DataObjects;
    const { _attr_value: read } = prototype;
    const held = this.#held;
    prototype._attr_value = function (type, buffer, count, offset) {
      if (!(count <= held)) throw new Error(`an attribute of ${count} values in a file of ${held} bytes`);
      return read.call(this, type, buffer, count, offset);
    };
  }

  /** What a packed chunk holds, which is no more than a chunk. */
  inflated(packed: ArrayBuffer): ArrayBuffer {
    const most = Math.max(1, Math.min(this.#chunk, largestDeflateRatio * packed.byteLength + 1024));
    // A checksum may be behind it.
    const { buffer, byteOffset, byteLength } = inflateSync(new Uint8Array(packed), {
      maxOutputLength: most + 64,
    });
    return byteLength === buffer.byteLength
      ? (buffer as ArrayBuffer)
      : (Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength)).buffer as ArrayBuffer);
  }

  /** Refuses a dataset that the file cannot hold. Gives the number of its elements. */
  check(dataset: Dataset, name: string): number {
    const { shape, dtype, _dataobjects: objects } = dataset;
    const count = shape.reduce((product, n) => product * n, 1);
    const isText = typeof dtype !== 'string' || /S/.test(dtype);
    // Of a text of variable length the file has 16 bytes, which say where it is.
    const bytes = typeof dtype !== 'string' ? 16 : Number(/\d+$/.exec(dtype)?.[0] ?? 1);
    const declares = `${name} declares [${shape.join(', ')}] elements of ${bytes} bytes`;
    const { chunks } = objects;
    if (chunks === null || chunks === undefined) {
      if (!(count * bytes <= this.#held)) throw new Error(`${declares}, the file has ${this.#held}`);
    } else {
      const inChunk = chunks.reduce((product, n) => product * n, 1);
      this.#chunk = inChunk * bytes;
      const most = this.#held * largestDeflateRatio;
      if (!(count * bytes <= most && this.#chunk <= most))
        throw new Error(`${declares} in chunks of ${inChunk}, the file has ${this.#held} bytes`);
      this.#take(`a chunk of ${name}`, this.#chunk);
    }
    const each = count > largestArray ? elementBytes.dictionary : elementBytes.array;
    this.#take(name, count * (isText ? elementBytes.text + bytes : each));
    return count;
  }
}
