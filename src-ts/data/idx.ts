/**
 * Reader of IDX, the format of the original MNIST files: two zero bytes, a byte for the element type, a byte for
 * the number of axes, the sizes as big-endian 32-bit integers, then the elements, big-endian, row-major.
 * Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits", section "the IDX file format".
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { endianness } from 'node:os';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { options as checkOptions, filePath, invalid } from '../check.ts';
import { ioError, LapicqueError, throwIfAborted } from '../errors.ts';
import { checkTask, type TaskOptions } from '../native.ts';
import { elementCount } from '../tensor.ts';
import { isKind } from '../typed.ts';

/** An array as an IDX file holds it; `shape` is outermost axis first. */
export interface IdxArray {
  data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
  shape: number[];
}

const elementTypes = new Map<number, new (buffer: ArrayBuffer) => IdxArray['data']>([
  [0x08, Uint8Array],
  [0x09, Int8Array],
  [0x0b, Int16Array],
  [0x0c, Int32Array],
  [0x0d, Float32Array],
  [0x0e, Float64Array],
]);
const elementBytes = new Map([
  [0x08, 1],
  [0x09, 1],
  [0x0b, 2],
  [0x0c, 4],
  [0x0d, 4],
  [0x0e, 8],
]);

/** Deflate cannot compress better than this, so a larger claim of a header is false (RFC 1951; zlib's FAQ). */
const largestDeflateRatio = 1032;

/**
 * Reads an IDX file, plain or gzip-compressed (told by content, not by name). Memory is bounded by what the file
 * can really hold, whatever its header claims.
 *
 * @param source - a path, a `file:` URL, or the bytes themselves
 * @throws LapicqueError `malformed-file` when the header is no IDX header or the content is shorter or longer
 * than it says, `too-large` when memory cannot hold it, `io` when the file cannot be read, `aborted`
 */
export async function readIdx(
  source: string | URL | Uint8Array,
  options: Pick<TaskOptions, 'signal'> = {},
): Promise<IdxArray> {
  const { signal } = checkTask(checkOptions('readIdx', options, ['signal']));
  throwIfAborted(signal);
  if (typeof source === 'string' || source instanceof URL) {
    const path = filePath('source', source);
    try {
      const { size } = await stat(path);
      return await decode(createReadStream(path), size, signal);
    } catch (error) {
      if (error instanceof LapicqueError) throw error;
      throw ioError(path, error);
    }
  }
  if (!isKind(source, Uint8Array)) invalid('source', source, 'a path, a file URL or a Uint8Array');
  return decode(Readable.from([source]), source.byteLength, signal);
}

async function decode(input: Readable, inputBytes: number, signal?: AbortSignal): Promise<IdxArray> {
  const content = new Content();
  try {
    const raw = input[Symbol.asyncIterator]();
    const first = await raw.next();
    const head: Uint8Array = first.done ? new Uint8Array() : first.value;
    const chunks = rest(head, raw);
    const compressed = head[0] === 0x1f && head[1] === 0x8b;
    content.largest = compressed ? inputBytes * largestDeflateRatio : inputBytes;
    // pipeline() hands an error of the source on to the loop below; its callback has nothing left to do.
    const bytes = compressed
      ? pipeline(Readable.from(chunks), createGunzip({ chunkSize: 2 ** 18 }), () => {})
      : chunks;
    for await (const chunk of bytes) {
      throwIfAborted(signal);
      content.add(chunk);
    }
  } catch (error) {
    if (String((error as NodeJS.ErrnoException).code).startsWith('Z_')) {
      const reason = `damaged gzip data (${(error as Error).message})`;
      throw new LapicqueError(
        'malformed-file',
        { format: 'IDX', offset: content.received, reason },
        { cause: error },
      );
    }
    throw error;
  } finally {
    input.destroy();
  }
  return content.finish();
}

async function* rest(head: Uint8Array, raw: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await raw.next(); !next.done; next = await raw.next()) yield next.value;
}

/** The uncompressed content as it arrives: header first, then straight into the array. */
class Content {
  /** Bytes that the source can hold at most. */
  largest = 0;
  received = 0;
  #header = new Uint8Array(0);
  #type = 0;
  #shape: number[] = [];
  #body: Uint8Array | undefined;
  #filled = 0;

  add(chunk: Uint8Array): void {
    let bytes = chunk;
    this.received += chunk.byteLength;
    if (this.#body === undefined) {
      const joined = new Uint8Array(this.#header.length + chunk.length);
      joined.set(this.#header);
      joined.set(chunk, this.#header.length);
      this.#header = joined;
      const end = this.#parseHeader();
      if (end === undefined) return;
      bytes = joined.subarray(end);
    }
    const body = this.#body!;
    if (this.#filled + bytes.length > body.length) {
      const offset = this.#headerBytes() + body.length;
      malformed(offset, `more bytes than the ${body.length} of shape [${this.#shape.join(', ')}]`);
    }
    body.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  finish(): IdxArray {
    const body = this.#body;
    if (body === undefined) malformed(this.received, 'the file ends inside the header');
    if (this.#filled < body.length) {
      malformed(
        this.received,
        `the file ends after ${this.#filled} of the ${body.length} bytes of shape [${this.#shape.join(', ')}]`,
      );
    }
    const bytes = elementBytes.get(this.#type)!;
    if (endianness() === 'LE' && bytes > 1) {
      const buffer = Buffer.from(body.buffer);
      if (bytes === 2) buffer.swap16();
      else if (bytes === 4) buffer.swap32();
      else buffer.swap64();
    }
    return { data: new (elementTypes.get(this.#type)!)(body.buffer as ArrayBuffer), shape: this.#shape };
  }

  #headerBytes(): number {
    return 4 + 4 * this.#shape.length;
  }

  /** Returns where the elements begin, or nothing while the header is incomplete. */
  #parseHeader(): number | undefined {
    const header = this.#header;
    if (header.length < 4) return undefined;
    if (header[0] !== 0 || header[1] !== 0) malformed(0, 'it does not begin with two zero bytes');
    const bytes = elementBytes.get(header[2]!);
    if (bytes === undefined)
      malformed(2, `unknown element type 0x${header[2]!.toString(16).padStart(2, '0')}`);
    const axes = header[3]!;
    if (axes === 0) malformed(3, 'it has no axes');
    const end = 4 + 4 * axes;
    if (header.length < end) return undefined;
    const view = new DataView(header.buffer, header.byteOffset, end);
    this.#type = header[2]!;
    this.#shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
    this.#shape.forEach((size, axis) => {
      if (size === 0) malformed(4 + 4 * axis, `axis ${axis} has size 0`);
    });
    const needed = elementCount(this.#shape) * bytes;
    if (needed + end > this.largest) {
      malformed(4, `shape [${this.#shape.join(', ')}] needs ${needed} bytes, more than the file can hold`);
    }
    try {
      this.#body = new Uint8Array(needed);
    } catch (cause) {
      throw new LapicqueError('too-large', { what: 'IDX array', needed, allowed: this.largest }, { cause });
    }
    return end;
  }
}

function malformed(offset: number, reason: string): never {
  throw new LapicqueError('malformed-file', { format: 'IDX', offset, reason });
}
