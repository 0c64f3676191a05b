/**
 * The Python objects that a pickle of torch may name. Each is a function here that builds plain data; no name leads to code of the file
 * or of Python, and every other name is refused.
 */
/** A name that the pickle takes from a module of Python. */
export interface Global {
  readonly isGlobal: true;
  /** Module and name with a space between them. */
  readonly name: string;
}

/** Numbers of a storage: how the engine calls their type, and bytes of one. */
export interface StorageType {
  readonly dtype: string;
  readonly size: number;
}

const type = (dtype: string, size: number): StorageType => ({ dtype, size });

/** Storages by the class that the pickle names. */
const storages: Readonly<Record<string, StorageType>> = {
  'torch FloatStorage': type('F32', 4),
  'torch DoubleStorage': type('F64', 8),
  'torch HalfStorage': type('F16', 2),
  'torch BFloat16Storage': type('BF16', 2),
  'torch LongStorage': type('I64', 8),
  'torch IntStorage': type('I32', 4),
  'torch ShortStorage': type('I16', 2),
  'torch CharStorage': type('I8', 1),
  'torch ByteStorage': type('U8', 1),
  'torch BoolStorage': type('BOOL', 1),
  /** Bytes, of which the tensor says the type. */
  'torch.storage UntypedStorage': type('', 1),
};

/** Types of tensors over an untyped storage. */
const types: Readonly<Record<string, StorageType>> = {
  'torch float32': type('F32', 4),
  'torch float64': type('F64', 8),
  'torch float16': type('F16', 2),
  'torch bfloat16': type('BF16', 2),
  'torch int64': type('I64', 8),
  'torch int32': type('I32', 4),
  'torch int16': type('I16', 2),
  'torch int8': type('I8', 1),
  'torch uint8': type('U8', 1),
  'torch uint16': type('U16', 2),
  'torch uint32': type('U32', 4),
  'torch uint64': type('U64', 8),
  'torch bool': type('BOOL', 1),
};

/** Numbers of a file, of which nothing is read yet. */
export class Storage {
  readonly type: StorageType;
  /** Name of the record below `data/`. */
  readonly key: string;
  /** Elements. */
  readonly count: number;

  constructor(type: StorageType, key: string, count: number) {
    this.type = type;
    this.key = key;
    this.count = count;
  }
}

/** A view of a storage: element `(i, j, …)` is number `offset + i strides[0] + j strides[1] + …`. */
export class TorchTensor {
  readonly storage: Storage;
  readonly type: StorageType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(
    storage: Storage,
    type: StorageType,
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

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** As many axes as torch has. */
const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 64 && value.every(isCount);

/** What a function of {@link calls} throws: what is wrong with the arguments. */
class Misuse extends Error {}

function view(args: readonly unknown[], dtype?: StorageType): TorchTensor {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof Storage)) throw new Misuse('its first argument is no storage');
  if (!isCount(offset)) throw new Misuse('its offset is no number of elements');
  if (!isCounts(shape) || !isCounts(strides) || shape.length !== strides.length)
    throw new Misuse('its shape and strides are not two lists of one length');
  const type = dtype ?? storage.type;
  if (type.dtype === '') throw new Misuse('its storage has no type');
  return new TorchTensor(storage, type, offset, shape, strides);
}

/** Functions that a pickle may call. */
const calls: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  // Its items follow one by one; a list of them as an argument is Python 2's.
  'collections OrderedDict': (args) => {
    if (args.length > 0) throw new Misuse('it has arguments');
    return new Map();
  },
  'torch Size': ([sizes]) => {
    if (!isCounts(sizes)) throw new Misuse('its argument is no list of sizes');
    return sizes;
  },
  'torch._utils _rebuild_tensor': (args) => view(args),
  'torch._utils _rebuild_tensor_v2': (args) => view(args),
  'torch._utils _rebuild_tensor_v3': (args) => {
    const dtype = args[6];
    const known = isGlobal(dtype) && Object.hasOwn(types, dtype.name) ? types[dtype.name]! : undefined;
    if (known === undefined) throw new Misuse('its seventh argument is no type of numbers');
    return view(args, known);
  },
  'torch._utils _rebuild_parameter': ([tensor]) => parameter(tensor),
  'torch._utils _rebuild_parameter_with_state': ([tensor]) => parameter(tensor),
};

function parameter(tensor: unknown): TorchTensor {
  if (!(tensor instanceof TorchTensor)) throw new Misuse('its first argument is no tensor');
  return tensor;
}

function isGlobal(value: unknown): value is Global {
  return typeof value === 'object' && value !== null && (value as Partial<Global>).isGlobal === true;
}

/** Whether a pickle may name this. */
export function isAllowed(name: string): boolean {
  return [calls, storages, types].some((known) => Object.hasOwn(known, name));
}

/** Calls a function of the list; gives what is wrong as a text where it cannot be called so. */
export function call(callee: unknown, args: unknown): { readonly value: unknown } | string {
  if (!isGlobal(callee) || !Object.hasOwn(calls, callee.name)) return 'it calls what is no function';
  if (!Array.isArray(args)) return `it calls ${callee.name} without a tuple of arguments`;
  try {
    return { value: calls[callee.name]!(args) };
  } catch (error) {
    if (error instanceof Misuse) return `${callee.name}: ${error.message}`;
    throw error;
  }
}

/** What the persistent id of a pickle stands for: a storage; a text says what is wrong. */
export function persistent(id: unknown): Storage | string {
  if (!Array.isArray(id) || id[0] !== 'storage') return 'it refers to something that is no storage';
  const [, kind, key, , count] = id as unknown[];
  const known = isGlobal(kind) && Object.hasOwn(storages, kind.name) ? storages[kind.name]! : undefined;
  if (known === undefined) return 'the class of a storage is none';
  // A record's name below data/; anything else would be another record.
  if (typeof key !== 'string' || !/^[\w.-]{1,64}$/.test(key))
    return 'the key of a storage is no name of a record';
  if (!isCount(count)) return 'the size of a storage is no number of elements';
  return new Storage(known, key, count);
}
