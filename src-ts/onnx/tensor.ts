/** Tensors of an ONNX file as numbers, from the file itself or from one beside it. */
import { endianness } from 'node:os';
import { elementCount } from '../checks/tensor.ts';
import { iterationsPerCheck, type Yielder } from '../engine/yielder.ts';
import { fromBfloat16, fromHalf } from '../files/half-precision.ts';
import type { Allowance } from '../files/limits.ts';
import { newBytes } from '../files/source-bytes.ts';
import { malformed, unsupportedFeature } from './errors.ts';
import type { ExternalFiles } from './external.ts';
import { signed, type TensorProto } from './messages.ts';

/** Numbers of a file. */
export interface ConstantTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
  readonly isInteger: boolean;
}

interface ElementType {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  readonly isInteger?: true;
  readonly isDouble?: true;
}

const long = (view: DataView, at: number) => Number(view.getBigInt64(at, true));

/** Numbers of element types in onnx.proto. */
export const FLOAT = 1;
const UINT8 = 2;
const INT8 = 3;
export const INT32 = 6;
export const INT64 = 7;
const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const BFLOAT16 = 16;

/** The element types that are read. */
const types: Readonly<Record<number, ElementType>> = {
  [FLOAT]: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  [UINT8]: { bytes: 1, read: (view, at) => view.getUint8(at), isInteger: true },
  [INT8]: { bytes: 1, read: (view, at) => view.getInt8(at), isInteger: true },
  [INT32]: { bytes: 4, read: (view, at) => view.getInt32(at, true), isInteger: true },
  [INT64]: { bytes: 8, read: long, isInteger: true },
  [BOOL]: { bytes: 1, read: (view, at) => view.getUint8(at), isInteger: true },
  [FLOAT16]: { bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  [DOUBLE]: { bytes: 8, read: (view, at) => view.getFloat64(at, true), isDouble: true },
  [BFLOAT16]: { bytes: 2, read: (view, at) => fromBfloat16(view.getUint16(at, true)) },
};

/** Names of the other element types, for messages. */
const typeNames: Readonly<Record<number, string>> = {
  ...{ 4: 'UINT16', 5: 'INT16', 8: 'STRING', 12: 'UINT32', 13: 'UINT64', 14: 'COMPLEX64', 15: 'COMPLEX128' },
  ...{
    17: 'FLOAT8E4M3FN',
    18: 'FLOAT8E4M3FNUZ',
    19: 'FLOAT8E5M2',
    20: 'FLOAT8E5M2FNUZ',
    21: 'UINT4',
    22: 'INT4',
  },
};

/**
 * Reads a tensor; yields to the event loop.
 *
 * @throws LapicqueError `malformed-file`, `unsupported` for an element type, `too-large`, `io`, `aborted`
 */
export async function constantOf(
  tensor: TensorProto,
  label: string,
  files: ExternalFiles,
  allowance: Allowance,
  yielder: Yielder,
): Promise<ConstantTensor> {
  const { shape, at, raw, external, floats, doubles, ints } = tensor;
  const type = types[tensor.type];
  const what = `the tensor ${label}`;
  if (type === undefined)
    throw unsupportedFeature(`the element type ${typeNames[tensor.type] ?? tensor.type} of ${what}`);
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count)) throw malformed(at, `${what} has ${count} elements`);
  const wrong = (found: number, unit: string) =>
    malformed(at, `${what} of shape [${shape.join(', ')}] has ${found} ${unit}`);
  const result = (data: Float32Array | Float64Array): ConstantTensor => ({
    name: tensor.name,
    shape: Object.freeze([...shape]),
    data,
    isInteger: type.isInteger === true,
  });
  // Allocated only after the shape has been compared with the content of the file.
  const allocated = () => {
    const isDouble = type.isDouble === true || type.isInteger === true;
    const bytes = count * (isDouble ? 8 : 4);
    allowance.take(what, bytes);
    const { buffer } = newBytes(what, bytes);
    return isDouble ? new Float64Array(buffer) : new Float32Array(buffer);
  };
  if (raw !== undefined || external !== undefined) {
    const needed = count * type.bytes;
    if (raw !== undefined && raw.length !== needed) throw wrong(raw.length, `bytes, not ${needed}`);
    const bytes = raw?.copy() ?? (await files.read(label, external!, needed));
    // Single precision has the same layout in the file and in memory, so the bytes are the array.
    if (tensor.type === FLOAT && endianness() === 'LE') {
      if (raw !== undefined) allowance.take(what, needed);
      return result(new Float32Array(bytes.buffer));
    }
    const [view, data] = [new DataView(bytes.buffer), allocated()];
    await yielder.each(count, (i) => {
      data[i] = type.read(view, i * type.bytes);
    });
    return result(data);
  }
  if (tensor.type === FLOAT || tensor.type === DOUBLE) {
    const parts = tensor.type === FLOAT ? floats : doubles;
    const partial = parts.find((part) => part.length % type.bytes !== 0);
    if (partial !== undefined)
      throw malformed(
        partial.start,
        `${what} has a field of ${partial.length} bytes, not a multiple of ${type.bytes}`,
      );
    const found = parts.reduce((sum, part) => sum + part.length, 0) / type.bytes;
    if (found !== count) throw wrong(found, `elements, not ${count}`);
    const data = allocated();
    let to = 0;
    for (const part of parts)
      await yielder.each(part.length / type.bytes, (i) => {
        data[to++] = tensor.type === FLOAT ? part.float(4 * i) : part.double(8 * i);
      });
    return result(data);
  }
  // Each integer takes at least one byte.
  const max = ints.reduce((sum: number, item) => sum + (typeof item === 'bigint' ? 1 : item.length), 0);
  if (max < count) throw wrong(max, `bytes for ${count} elements`);
  const data = allocated();
  let to = 0;
  for (const item of ints)
    for (const value of typeof item === 'bigint' ? [item] : item.varints()) {
      if (to === count) throw wrong(to + 1, `or more elements, not ${count}`);
      if (to % iterationsPerCheck === 0 && yielder.isDue) await yielder.yieldNow();
      const number = signed(value);
      data[to++] =
        tensor.type === FLOAT16
          ? fromHalf(number & 0xffff)
          : tensor.type === BFLOAT16
            ? fromBfloat16(number & 0xffff)
            : number;
    }
  if (to !== count) throw wrong(to, `elements, not ${count}`);
  return result(data);
}
