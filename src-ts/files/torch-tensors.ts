/** Tensors of a torch file as arrays: each a view of a storage, gathered in C order. */
import { endianness } from 'node:os';
import { elementCount } from '../checks/tensor.ts';
import { Turns } from '../engine/turns.ts';
import { fromBfloat16, fromHalf } from './half-precision.ts';
import type { Allowance } from './limits.ts';
import { newBytes } from './source-bytes.ts';
import type { FileTensor, TensorData } from './tensor-data.ts';
import { type Archive, malformed } from './torch-archive.ts';
import type { Storage, TorchTensor } from './torch-globals.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** How the bytes of a type become an array. */
const arrays: Readonly<Record<string, new (buffer: ArrayBuffer) => TensorData>> = {
  F32: Float32Array,
  F64: Float64Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
  U16: Uint16Array,
  U32: Uint32Array,
  U64: BigUint64Array,
  BOOL: Uint8Array,
};

/** Elements that are copied between two looks at the clock. */
const atOnce = 65_536;

/** Reads tensors of one file, of which several may share a storage. */
export class TensorReader {
  readonly #archive: Archive;
  readonly #folder: string;
  readonly #swapped: boolean;
  readonly #allowance: Allowance;
  readonly #turns: Turns;
  readonly #storages = new Map<string, Promise<Bytes>>();

  /**
   * @param folder - of the records, with a slash at its end
   * @param big - whether the file's numbers are big-endian
   */
  constructor(
    archive: Archive,
    folder: string,
    big: boolean,
    allowance: Allowance,
    signal: AbortSignal | undefined,
  ) {
    this.#archive = archive;
    this.#folder = folder;
    this.#swapped = big !== (endianness() === 'BE');
    this.#allowance = allowance;
    this.#turns = new Turns(signal);
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
        `its shape [${shape.join(', ')}] needs more numbers than its storage has (${storage.count})`,
      );
    const needed = count * type.size;
    // Of a storage of one number a shape can make any number of elements.
    this.#allowance.take(`the tensor ${label}`, needed);
    const source = await this.#storage(storage);
    const gathered = await this.#gathered(source, tensor, count);
    if (this.#swapped && type.size > 1) await this.#swap(gathered, type.size);
    const array = new arrays[type.dtype]!(gathered.buffer);
    const data = await this.#widened(label, type.dtype, array);
    return { dtype: type.dtype, shape: Object.freeze([...shape]), data };
  }

  #storage(storage: Storage): Promise<Bytes> {
    const record = `${this.#folder}data/${storage.key}`;
    const known = this.#storages.get(record);
    const bytes = known ?? this.#archive.read(record, this.#allowance);
    if (known === undefined) this.#storages.set(record, bytes);
    return bytes.then((found) => {
      const size = storage.count * storage.type.size;
      if (size <= found.length) return found;
      const reason = `the record ${record} has ${found.length} bytes, and its storage says ${size}`;
      throw malformed(this.#archive.name, 0, reason);
    });
  }

  /** The bytes of a view in C order: runs of neighbours at once. */
  async #gathered(
    source: Bytes,
    { type, offset, shape, strides }: TorchTensor,
    count: number,
  ): Promise<Bytes> {
    const { size } = type;
    const bytes = newBytes('a tensor', count * size);
    if (count === 0) return bytes;
    // The last axes that lie in the storage as they do in C order are one run.
    let [axes, run] = [shape.length, 1];
    while (axes > 0 && (strides[axes - 1] === run || shape[axes - 1] === 1)) run *= shape[--axes]!;
    const index = new Array<number>(axes).fill(0);
    let [at, sinceTurn] = [offset, 0];
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
      sinceTurn += run;
      if (sinceTurn >= atOnce) {
        if (this.#turns.over) await this.#turns.next();
        sinceTurn = 0;
      }
    }
    return bytes;
  }

  async #swap(bytes: Bytes, size: number): Promise<void> {
    await this.#turns.each(bytes.length / size, (i) => {
      bytes.subarray(i * size, (i + 1) * size).reverse();
    });
  }

  /** Half-precision numbers as the single precision that they are in other files of tensors. */
  async #widened(label: string, dtype: string, array: TensorData): Promise<TensorData> {
    if (dtype !== 'F16' && dtype !== 'BF16') return array;
    this.#allowance.take(`the tensor ${label}`, 4 * array.length);
    const halves = array as Uint16Array;
    const wide = new Float32Array(halves.length);
    const of = dtype === 'BF16' ? fromBfloat16 : fromHalf;
    await this.#turns.each(halves.length, (i) => {
      wide[i] = of(halves[i]!);
    });
    return wide;
  }
}
