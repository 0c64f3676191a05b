/** Reads the tensors of a torch file, which are views of storages, into arrays in C order. */
import { endianness } from 'node:os';
import { elementCount } from '../checks/tensor.ts';
import { Yielder } from '../engine/yielder.ts';
import { fromBfloat16, fromHalf } from './half-precision.ts';
import type { Allowance } from './limits.ts';
import { newBytes } from './source-bytes.ts';
import { type FileTensor, storedArrays, type TensorData } from './tensor-data.ts';
import { type Archive, malformed } from './torch-archive.ts';
import type { Storage, TorchTensor } from './torch-globals.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Elements to copy between two checks of the clock. */
const elementsPerCheck = 65_536;

/** Reads the tensors of one file; several tensors may share a storage. */
export class TensorReader {
  readonly #archive: Archive;
  readonly #folder: string;
  readonly #swapped: boolean;
  readonly #allowance: Allowance;
  readonly #yielder: Yielder;
  readonly #storages = new Map<string, Promise<Bytes>>();

  /**
   * @param folder - prefix of the names of records, with a slash at its end
   * @param isBigEndian - the byte order of the file
   */
  constructor(
    archive: Archive,
    folder: string,
    isBigEndian: boolean,
    allowance: Allowance,
    signal: AbortSignal | undefined,
  ) {
    this.#archive = archive;
    this.#folder = folder;
    this.#swapped = isBigEndian !== (endianness() === 'BE');
    this.#allowance = allowance;
    this.#yielder = new Yielder(signal);
  }

  /** @throws LapicqueError `malformed-file`, `too-large`, `aborted` */
  async read(label: string, tensor: TorchTensor): Promise<FileTensor> {
    const { storage, type, offset, shape, strides } = tensor;
    const count = elementCount(shape);
    const wrong = (reason: string) => malformed(this.#archive.name, 0, `the tensor ${label}: ${reason}`);
    const bytes = storage.count * storage.type.size;
    const last = shape.reduce((at, size, axis) => at + (size - 1) * strides[axis]!, offset);
    if (count > 0 && !((last + 1) * type.size <= bytes))
      throw wrong(
        `its shape [${shape.join(', ')}] needs more elements than its storage has (${storage.count})`,
      );
    // With strides of 0, a storage of one element can fill any shape.
    this.#allowance.take(`the tensor ${label}`, count * type.size);
    const source = await this.#storage(storage);
    const gathered = await this.#gathered(label, source, tensor, count);
    if (this.#swapped && type.size > 1) await this.#swap(gathered, type.size);
    const data = await this.#elements(label, type.dtype, gathered);
    return { dtype: type.dtype, shape: Object.freeze([...shape]), data };
  }

  #storage(storage: Storage): Promise<Bytes> {
    const record = `${this.#folder}data/${storage.key}`;
    const cached = this.#storages.get(record);
    const bytes = cached ?? this.#archive.read(record, this.#allowance);
    if (cached === undefined) this.#storages.set(record, bytes);
    return bytes.then((found) => {
      const size = storage.count * storage.type.size;
      if (size <= found.length) return found;
      const reason = `the record ${record} has ${found.length} bytes, but its storage declares ${size}`;
      throw malformed(this.#archive.name, 0, reason);
    });
  }

  /** Copies a view in C order, one contiguous run at a time. */
  async #gathered(
    label: string,
    source: Bytes,
    { type, offset, shape, strides }: TorchTensor,
    count: number,
  ): Promise<Bytes> {
    const { size } = type;
    const bytes = newBytes(`the tensor ${label}`, count * size);
    if (count === 0) return bytes;
    // The innermost axes that are contiguous in the storage form one run.
    let [axes, run] = [shape.length, 1];
    while (axes > 0 && (strides[axes - 1] === run || shape[axes - 1] === 1)) run *= shape[--axes]!;
    const index = new Array<number>(axes).fill(0);
    let [at, sinceYield] = [offset, 0];
    for (let to = 0; to < count; to += run) {
      if (run <= 16) {
        for (let i = 0; i < run * size; i++) bytes[to * size + i] = source[at * size + i]!;
      } else bytes.set(source.subarray(at * size, (at + run) * size), to * size);
      for (let axis = axes - 1; axis >= 0; axis--) {
        at += strides[axis]!;
        if (++index[axis]! < shape[axis]!) break;
        at -= shape[axis]! * strides[axis]!;
        index[axis] = 0;
      }
      sinceYield += run;
      if (sinceYield >= elementsPerCheck) {
        if (this.#yielder.isDue) await this.#yielder.yieldNow();
        sinceYield = 0;
      }
    }
    return bytes;
  }

  async #swap(bytes: Bytes, size: number): Promise<void> {
    await this.#yielder.each(bytes.length / size, (i) => {
      bytes.subarray(i * size, (i + 1) * size).reverse();
    });
  }

  /** The elements as an array. Half precision is widened to single precision, as the readers of the other formats do. */
  async #elements(label: string, dtype: string, bytes: Bytes): Promise<TensorData> {
    const stored = new storedArrays[dtype]!(bytes.buffer);
    if (dtype !== 'F16' && dtype !== 'BF16') return stored;
    const halves = stored as Uint16Array;
    const what = `the tensor ${label}`;
    this.#allowance.take(what, 4 * halves.length);
    const wide = new Float32Array(newBytes(what, 4 * halves.length).buffer);
    const of = dtype === 'BF16' ? fromBfloat16 : fromHalf;
    await this.#yielder.each(halves.length, (i) => {
      wide[i] = of(halves[i]!);
    });
    return wide;
  }
}
