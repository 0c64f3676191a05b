/**
 * Reader of IDX, the format of the original MNIST files: two zero bytes, a byte for the element type, a byte for
 * the number of axes, the sizes as big-endian 32-bit integers, then the elements, big-endian, row-major.
 * Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits", section "the IDX file format".
 */
import { endianness } from 'node:os';
import { pipeline, Readable } from 'node:stream';
import { options as checkOptions, filePath } from '../checks/check.ts';
import { ioError, LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import { isKind } from '../checks/typed.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { Yielder } from '../engine/yielder.ts';
import { type FileSource, piecesOfSource } from '../files/file-source.ts';
import { Allowance, type LimitOptions, limitOf } from '../files/limits.ts';
import { openRegular } from '../files/regular-file.ts';
import { newBytes } from '../files/source-bytes.ts';

/** The array of an IDX file; `shape` lists the outermost axis first. */
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

/** The maximum compression ratio of deflate (RFC 1951; zlib's FAQ). A header that claims more is false. */
const largestDeflateRatio = 1032;

/** Options of readers of IDX files. */
export interface IdxOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {}

/**
 * Reads an IDX file, plain or gzip-compressed (detected by content, not by name). The size of the file bounds the memory, independent of the sizes in
 * its header.
 *
 * @param source - a path, a `file:` URL, the bytes themselves, or a stream of them
 * @param options - `limits`: the memory that the array may take
 * @throws LapicqueError `malformed-file` if the header is not an IDX header or the content is shorter or longer than it
 * says, `too-large` for more than the limit or than memory can hold, `io` if the file cannot be read, `aborted`
 */
export async function readIdx(source: FileSource, options: IdxOptions = {}): Promise<IdxArray> {
  const { data, shape } = await read('source', source, checkOptions('readIdx', options, idxOptions), false);
  return { data: data as IdxArray['data'], shape };
}

/** Names of {@link IdxOptions}. */
export const idxOptions = ['signal', 'limits'] as const;

/**
 * As {@link readIdx}, but converts bytes to fractions of 255, as pixels need it. The conversion happens during reading,
 * so no second array is needed.
 */
export async function readPixels(
  source: FileSource,
  options: IdxOptions,
): Promise<IdxArray & { bytes: boolean }> {
  return read('source', source, options, true);
}

async function read(
  name: string,
  source: FileSource,
  options: IdxOptions,
  shares: boolean,
): Promise<IdxArray & { bytes: boolean }> {
  const { signal } = checkTask({ signal: options.signal });
  const limit = limitOf(options.limits);
  throwIfAborted(signal);
  const content = new Content(limit, shares);
  try {
    if (typeof source !== 'string' && !(source instanceof URL)) {
      const { size, pieces } = piecesOfSource(name, source, { signal, limits: { bytes: limit } });
      return await decode(Readable.from(pieces), content, size, signal);
    }
    const path = filePath(name, source);
    const { handle, size } = await openRegular(path, signal);
    return await decode(handle.createReadStream(), content, size, signal);
  } catch (error) {
    if (error instanceof LapicqueError) throw error;
    throw ioError(String(source), error);
  }
}

async function decode(
  input: Readable,
  content: Content,
  inputBytes: number | undefined,
  signal: AbortSignal | undefined,
): Promise<IdxArray & { bytes: boolean }> {
  try {
    const raw = input[Symbol.asyncIterator]();
    const first = await raw.next();
    const head: Uint8Array = first.done ? new Uint8Array() : first.value;
    const chunks = rest(head, raw);
    const compressed = head[0] === 0x1f && head[1] === 0x8b;
    content.opens(inputBytes, compressed);
    const { createGunzip } = await import('node:zlib');
    // pipeline() passes an error of the source to the loop below; its callback has nothing left to do.
    const bytes = compressed
      ? pipeline(Readable.from(chunks), createGunzip({ chunkSize: 2 ** 18 }), () => {})
      : chunks;
    const yielder = new Yielder(signal);
    for await (const chunk of bytes) {
      throwIfAborted(signal);
      for (let from = 0; from < chunk.length; from += 2 ** 18) {
        if (yielder.isDue) await yielder.yieldNow();
        content.add(chunk.subarray(from, from + 2 ** 18));
      }
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
  return content.finish(signal);
}

async function* rest(head: Uint8Array, raw: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await raw.next(); !next.done; next = await raw.next()) yield next.value;
}

/** Receives the uncompressed content as it arrives: the header first, then the elements, directly into the array. */
class Content {
  received = 0;
  /** The maximum number of bytes that the source can hold. */
  #largest = 0;
  #fileSize = 0;
  #header = new Uint8Array(0);
  #type = 0;
  #shape: number[] = [];
  #body: Uint8Array | Float32Array | undefined;
  #filled = 0;
  readonly #limit: number;
  readonly #shares: boolean;

  /**
   * @param limit - the memory that the array may take
   * @param shares - whether bytes become numbers from 0 to 1
   */
  constructor(limit: number, shares: boolean) {
    this.#limit = limit;
    this.#shares = shares;
  }

  /** @param fileSize - size of the file in bytes, if known */
  opens(fileSize: number | undefined, compressed: boolean): void {
    this.#fileSize = fileSize ?? 0;
    const max = fileSize ?? Number.POSITIVE_INFINITY;
    this.#largest = compressed ? max * largestDeflateRatio : max;
  }

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
      malformed(offset, `more bytes than the ${body.length} of shape ${shapeText(this.#shape)}`);
    }
    if (isKind(body, Float32Array))
      for (let i = 0; i < bytes.length; i++) body[this.#filled + i] = bytes[i]! / 255;
    else body.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  async finish(signal: AbortSignal | undefined): Promise<IdxArray & { bytes: boolean }> {
    const body = this.#body;
    if (body === undefined) malformed(this.received, 'the file ends inside the header');
    if (this.#filled < body.length) {
      malformed(
        this.received,
        `the file ends after ${this.#filled} of the ${body.length} bytes of shape ${shapeText(this.#shape)}`,
      );
    }
    const bytes = this.#type === unsigned;
    if (isKind(body, Float32Array)) return { data: body, shape: this.#shape, bytes };
    const size = elementBytes.get(this.#type)!;
    if (endianness() === 'LE' && size > 1) {
      const yielder = new Yielder(signal);
      for (let from = 0; from < body.length; from += 2 ** 20) {
        if (yielder.isDue) await yielder.yieldNow();
        const piece = Buffer.from(body.buffer, from, Math.min(2 ** 20, body.length - from));
        if (size === 2) piece.swap16();
        else if (size === 4) piece.swap32();
        else piece.swap64();
      }
    }
    return {
      data: new (elementTypes.get(this.#type)!)(body.buffer as ArrayBuffer),
      shape: this.#shape,
      bytes,
    };
  }

  #headerBytes(): number {
    return 4 + 4 * this.#shape.length;
  }

  /** Returns the offset of the elements, or `undefined` while the header is incomplete. */
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
    const content = elementCount(this.#shape) * bytes;
    if (content + end > this.#largest) {
      malformed(4, `shape ${shapeText(this.#shape)} needs ${content} bytes, more than the file can hold`);
    }
    const shares = this.#shares && this.#type === unsigned;
    const needed = shares ? 4 * content : content;
    new Allowance(this.#limit, this.#fileSize).take('the IDX array', needed);
    const memory = newBytes('the IDX array', needed);
    this.#body = shares ? new Float32Array(memory.buffer) : memory;
    return end;
  }
}

/** The element type of pixels. */
const unsigned = 0x08;

function malformed(offset: number, reason: string): never {
  throw new LapicqueError('malformed-file', { format: 'IDX', offset, reason });
}

/** A shape in a message; if it has many axes, only the first ones. */
function shapeText(shape: readonly number[]): string {
  const more = shape.length > 8 ? ['…'] : [];
  return `[${[...shape.slice(0, 8), ...more].join(', ')}]`;
}
