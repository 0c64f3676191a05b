/** Tensors of an ONNX file as numbers, from the file itself or from one beside it. */
import { endianness } from 'node:os';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import { fromBfloat16, fromHalf } from '../files/half-precision.ts';
import type { Allowance } from '../files/limits.ts';
import type { ExternalFiles } from './external.ts';
import { signed, type TensorProto } from './messages.ts';
import { malformed } from './protobuf.ts';

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

/** Elements by their number in onnx.proto. */
const types: Readonly<Record<number, ElementType>> = {
  1: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  2: { bytes: 1, read: (view, at) => view.getUint8(at), isInteger: true },
  3: { bytes: 1, read: (view, at) => view.getInt8(at), isInteger: true },
  6: { bytes: 4, read: (view, at) => view.getInt32(at, true), isInteger: true },
  7: { bytes: 8, read: long, isInteger: true },
  9: { bytes: 1, read: (view, at) => view.getUint8(at), isInteger: true },
  10: { bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  11: { bytes: 8, read: (view, at) => view.getFloat64(at, true), isDouble: true },
  16: { bytes: 2, read: (view, at) => fromBfloat16(view.getUint16(at, true)) },
};

const names: Readonly<Record<number, string>> = {
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

/** Reads a tensor. @throws LapicqueError `malformed-file`, `unsupported` for an element type, `too-large`, `io` */
export async function constantOf(
  tensor: TensorProto,
  label: string,
  files: ExternalFiles,
  allowance: Allowance,
): Promise<ConstantTensor> {
  const { shape, at, raw, external } = tensor;
  const type = types[tensor.type];
  if (type === undefined) {
    const feature = `the element type ${names[tensor.type] ?? tensor.type} of the tensor ${label}`;
    throw new LapicqueError('unsupported', { feature, format: 'reading ONNX' });
  }
  const count = elementCount(shape);
  // Compared with what there is before any memory is taken.
  if (!Number.isSafeInteger(count)) throw malformed(at, `the tensor ${label} has ${count} elements`);
  const isDouble = type.isDouble === true || type.isInteger === true;
  const made = () => {
    allowance.take(`the tensor ${label}`, count * (isDouble ? 8 : 4));
    return isDouble ? new Float64Array(count) : new Float32Array(count);
  };
  const result = (data: Float32Array | Float64Array): ConstantTensor => ({
    name: tensor.name,
    shape: Object.freeze([...shape]),
    data,
    isInteger: type.isInteger === true,
  });
  const wrong = (found: number, what: string) =>
    malformed(at, `the tensor ${label} of shape [${shape.join(', ')}] has ${found} ${what}`);
  if (raw !== undefined || external !== undefined) {
    const needed = count * type.bytes;
    if (raw !== undefined && raw.length !== needed) throw wrong(raw.length, `bytes, not ${needed}`);
    const bytes = raw?.copy() ?? (await files.read(label, external!, needed));
    // Numbers that lie in the file as they do in memory need no second copy.
    if (tensor.type === 1 && endianness() === 'LE') {
      if (raw !== undefined) allowance.take(`the tensor ${label}`, needed);
      return result(new Float32Array(bytes.buffer));
    }
    const [view, data] = [new DataView(bytes.buffer), made()];
    for (let i = 0; i < count; i++) data[i] = type.read(view, i * type.bytes);
    return result(data);
  }
  const { floats, doubles, ints } = tensor;
  const [parts, size] = tensor.type === 1 ? [floats, 4] : tensor.type === 11 ? [doubles, 8] : [undefined, 0];
  if (parts !== undefined) {
    const found = parts.reduce((sum, part) => sum + part.length, 0) / size;
    if (found !== count) throw wrong(found, `numbers, not ${count}`);
    const data = made();
    let to = 0;
    for (const part of parts)
      for (let from = 0; from < part.length; from += size)
        data[to++] = size === 4 ? part.float(from) : part.double(from);
    return result(data);
  }
  // A whole number has a byte at least.
  const most = ints.reduce((sum: number, item) => sum + (typeof item === 'bigint' ? 1 : item.length), 0);
  if (most < count) throw wrong(most, `bytes for ${count} numbers`);
  const data = made();
  let to = 0;
  for (const item of ints)
    for (const value of typeof item === 'bigint' ? [item] : item.varints()) {
      if (to === count) throw wrong(to + 1, `numbers or more, not ${count}`);
      const number = signed(value);
      data[to++] =
        tensor.type === 10
          ? fromHalf(number & 0xffff)
          : tensor.type === 16
            ? fromBfloat16(number & 0xffff)
            : number;
    }
  if (to !== count) throw wrong(to, `numbers, not ${count}`);
  return result(data);
}
