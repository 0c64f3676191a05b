/**
 * The Python objects that the pickle of a torch file may refer to. Each is a function in this file that builds plain data. No name runs code
 * of the file or of Python, and every other name is refused.
 */
import { storedArrays } from './tensor-data.ts';

/** A reference to an object of a Python module. */
export interface Global {
  readonly isGlobal: true;
  /** Module and name, separated by a space. */
  readonly name: string;
}

/** The element type of a storage or a tensor. */
export interface ElementType {
  /** Its name in safetensors; `''` if the tensor declares the type, not the storage. */
  readonly dtype: string;
  /** Bytes of an element. */
  readonly size: number;
}

const type = (dtype: string): ElementType => ({ dtype, size: storedArrays[dtype]!.BYTES_PER_ELEMENT });

/** Element types by the storage class in the pickle. */
const storages: Readonly<Record<string, ElementType>> = {
  'torch FloatStorage': type('F32'),
  'torch DoubleStorage': type('F64'),
  'torch HalfStorage': type('F16'),
  'torch BFloat16Storage': type('BF16'),
  'torch LongStorage': type('I64'),
  'torch IntStorage': type('I32'),
  'torch ShortStorage': type('I16'),
  'torch CharStorage': type('I8'),
  'torch ByteStorage': type('U8'),
  'torch BoolStorage': type('BOOL'),
  'torch.storage UntypedStorage': { dtype: '', size: 1 },
};

/** Element types by the dtype of a tensor on an untyped storage. */
const types: Readonly<Record<string, ElementType>> = {
  'torch float32': type('F32'),
  'torch float64': type('F64'),
  'torch float16': type('F16'),
  'torch bfloat16': type('BF16'),
  'torch int64': type('I64'),
  'torch int32': type('I32'),
  'torch int16': type('I16'),
  'torch int8': type('I8'),
  'torch uint8': type('U8'),
  'torch uint16': type('U16'),
  'torch uint32': type('U32'),
  'torch uint64': type('U64'),
  'torch bool': type('BOOL'),
};

/** The elements of one or more tensors in a record of the file; the record is read later. */
export class Storage {
  readonly type: ElementType;
  /** Name of the record below `data/`. */
  readonly key: string;
  /** Number of elements. */
  readonly count: number;

  constructor(type: ElementType, key: string, count: number) {
    this.type = type;
    this.key = key;
    this.count = count;
  }
}

/** A view of a storage: element `(i, j, …)` has the index `offset + i strides[0] + j strides[1] + …`. */
export class TorchTensor {
  readonly storage: Storage;
  readonly type: ElementType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(
    storage: Storage,
    type: ElementType,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ) {
    this.storage = storage;
    this.type = type;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** Torch's limit of axes. */
const maxAxes = 64;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= maxAxes && value.every(isCount);

/** Thrown for a call or a persistent id that is not valid; the message is the reason. */
export class Misuse extends Error {}

function view(args: readonly unknown[], dtype?: ElementType): TorchTensor {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof Storage)) throw new Misuse('its first argument is not a storage');
  if (!isCount(offset)) throw new Misuse('its offset is not a number of elements');
  if (!isCounts(shape) || !isCounts(strides) || shape.length !== strides.length)
    throw new Misuse('its shape and strides are not two lists of the same length');
  const type = dtype ?? storage.type;
  if (type.dtype === '') throw new Misuse('its storage has no element type');
  return new TorchTensor(storage, type, offset, shape, strides);
}

/** Functions that a pickle may call. */
const calls: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  // Items follow in opcodes of their own; only Python 2 passes a list of them as an argument.
  'collections OrderedDict': (args) => {
    if (args.length > 0) throw new Misuse('it has arguments');
    return new Map();
  },
  'torch Size': ([sizes]) => {
    if (!isCounts(sizes)) throw new Misuse('its argument is not a list of sizes');
    return sizes;
  },
  'torch._utils _rebuild_tensor': (args) => view(args),
  'torch._utils _rebuild_tensor_v2': (args) => view(args),
  'torch._utils _rebuild_tensor_v3': (args) => {
    const dtype = entryOf(types, args[6]);
    if (dtype === undefined) throw new Misuse('its seventh argument is not a supported dtype');
    return view(args, dtype);
  },
  'torch._utils _rebuild_parameter': ([tensor]) => parameter(tensor),
  'torch._utils _rebuild_parameter_with_state': ([tensor]) => parameter(tensor),
};

function parameter(tensor: unknown): TorchTensor {
  if (!(tensor instanceof TorchTensor)) throw new Misuse('its first argument is not a tensor');
  return tensor;
}

/** The entry of a table for a {@link Global}; `undefined` for any other value. */
function entryOf<T>(table: Readonly<Record<string, T>>, value: unknown): T | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { isGlobal, name } = value as Partial<Global>;
  return isGlobal === true && Object.hasOwn(table, name!) ? table[name!] : undefined;
}

/** Whether a pickle may refer to this name. */
export function isAllowed(name: string): boolean {
  return [calls, storages, types].some((table) => Object.hasOwn(table, name));
}

/** Calls a function of {@link calls}. @throws Misuse */
export function call(callee: unknown, args: unknown): unknown {
  const called = entryOf(calls, callee);
  if (called === undefined) throw new Misuse('it calls a value that is not a function');
  const { name } = callee as Global;
  if (!Array.isArray(args)) throw new Misuse(`it calls ${name} without a tuple of arguments`);
  try {
    return called(args);
  } catch (error) {
    throw error instanceof Misuse ? new Misuse(`${name}: ${error.message}`) : error;
  }
}

/** The storage that a persistent id refers to. @throws Misuse */
export function persistent(id: unknown): Storage {
  if (!Array.isArray(id) || id[0] !== 'storage') throw new Misuse('a persistent id does not name a storage');
  const [, storageClass, key, , count] = id as unknown[];
  const type = entryOf(storages, storageClass);
  if (type === undefined) throw new Misuse('the class of a storage is not a storage class');
  // The name of a record below data/. A path could address another record.
  if (typeof key !== 'string' || !/^[\w.-]{1,64}$/.test(key))
    throw new Misuse('the key of a storage is not the name of a record');
  if (!isCount(count)) throw new Misuse('the size of a storage is not a number of elements');
  return new Storage(type, key, count);
}
