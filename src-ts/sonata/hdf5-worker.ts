/**
 * Reads one HDF5 file in a thread of its own: the reader is JavaScript that computes for seconds on large files. It believes what a
 * file declares, so its parts that take memory ask here first. `workerData` is what to read; the answer is `{ tables }` or `{ error }`.
 */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { inflateSync } from 'node:zlib';
import type { DataObjects, Dataset, Group } from 'jsfive';
import type { Hdf5Question, Table } from './hdf5.ts';

/** Groups within groups that a file may have. */
const deepest = 32;

/** Deflate cannot compress better than this. */
const largestDeflateRatio = 1032;

/** Elements that V8 keeps in an array; of more it makes a dictionary. */
const largestArray = 2 ** 25;

/** Bytes of an element while it is read: in the reader's array, a number of its own, and in ours. */
const elementBytes = { array: 24, dictionary: 96, text: 64 } as const;

/** What is more than a file may take. */
class TooMuch extends Error {
  readonly what: string;
  readonly needed: number;

  constructor(what: string, needed: number) {
    super(what);
    this.what = what;
    this.needed = needed;
  }
}

const { path, groups, allowed } = workerData as Hdf5Question;
try {
  const tables = await read();
  const moved = tables.flatMap(([, { values }]) =>
    values instanceof Float64Array ? [values.buffer as ArrayBuffer] : [],
  );
  parentPort!.postMessage({ tables }, moved);
} catch (error) {
  // The reader throws strings.
  const { message = String(error), code, missing, what, needed } = Object(error) as Error & {
    code?: string;
    missing?: string;
  } & Partial<TooMuch>;
  parentPort!.postMessage({ error: { message, code, missing, what, needed } });
}

async function read(): Promise<[string, Table][]> {
  const { File, Dataset, Filters } = await import('jsfive').catch((error: Error) => {
    throw Object.assign(error, { missing: 'jsfive' });
  });
  const content = await readFile(path);
  const whole = content.byteLength === content.buffer.byteLength;
  const file = (
    whole ? content.buffer : content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength)
  ) as ArrayBuffer;
  const guard = new Guard(file.byteLength);
  guard.slices();
  Filters.set(1, (packed) => guard.inflated(packed));
  const root = new File(file, path);
  guard.attributes(root._dataobjects);
  const tables: [string, Table][] = [];
  // A file may have links to what is above, and many to one.
  let seen = 0;
  const most = 1000 + file.byteLength / 16;
  const walk = (group: Group, name: string, depth: number) => {
    if (depth > deepest) throw new Error(`${name} has groups in groups without an end`);
    for (const key of group.keys) {
      seen += 1;
      if (seen > most) throw new Error(`${name} has more links than the file can hold`);
      // Only an order of the same synapses, and as large.
      if (key === 'indices') continue;
      const at = name === '' ? key : `${name}/${key}`;
      if (depth === 0 && !groups.includes(key)) continue;
      const found = group.get(key);
      if (found === null) throw new Error(`the link ${at} leads nowhere`);
      if (found instanceof Dataset) tables.push([at, guard.table(found, at)]);
      else walk(found, at, depth + 1);
    }
  };
  walk(root, '', 0);
  return tables;
}

/** Compares what a file declares with what it holds, and with what it may take. */
class Guard {
  readonly #held: number;
  #taken = 0;
  /** Bytes of the chunk that is being read. */
  #chunk = 0;

  constructor(held: number) {
    this.#held = held;
    this.#take('the file', held);
  }

  #take(what: string, bytes: number): void {
    this.#taken += bytes;
    if (!(this.#taken <= allowed)) throw new TooMuch(`${path}: ${what}`, this.#taken);
  }

  /** Counts the copies of parts of the file, of which a small file may ask for any number. */
  slices(): void {
    const { slice } = ArrayBuffer.prototype;
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
    const { buffer, byteOffset, byteLength } = inflateSync(new Uint8Array(packed), { maxOutputLength: most + 64 });
    return byteLength === buffer.byteLength
      ? (buffer as ArrayBuffer)
      : (Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength)).buffer as ArrayBuffer);
  }

  /** The values of a dataset, if the file can hold them. */
  table(dataset: Dataset, name: string): Table {
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
    return tableOf(dataset, name, count);
  }
}

function tableOf(dataset: Dataset, name: string, count: number): Table {
  const { value, shape, attrs } = dataset;
  const text = Object.entries(attrs).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const isText = typeof value[0] === 'string';
  const values = isText ? value.map(String) : Float64Array.from(value as readonly number[], Number);
  if (values.length !== count)
    throw new Error(`${name} has ${values.length} values where it should have ${count}`);
  return { values, axes: shape.length, attributes: Object.fromEntries(text) };
}
