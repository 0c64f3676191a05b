/**
 * Reads the subset of Python's pickle format (protocols 2 to 5) that `torch.save` uses for dictionaries of tensors. Nothing is executed: an
 * opcode that is not in this file and a name that is not in torch-globals.ts are refused.
 * Source of the opcodes: Python's Lib/pickletools.py.
 */
import { Yielder } from '../engine/yielder.ts';
import type { Allowance } from './limits.ts';
import { malformed, unsupported } from './torch-archive.ts';
import { call, type Global, isAllowed, Misuse, persistent } from './torch-globals.ts';

/** Memory of a value on the stack, in the memo or in a dictionary, without its bytes: an upper bound. */
const valueBytes = 64;

/** Marks the start of a tuple, a list or a dictionary on the stack. */
const mark = Symbol('mark');

/** Opcodes between two checks of the clock. */
const opcodesPerCheck = 2048;

/** Opcodes by their names in pickletools. */
const op = {
  MARK: 0x28,
  EMPTY_TUPLE: 0x29,
  STOP: 0x2e,
  POP: 0x30,
  POP_MARK: 0x31,
  BINFLOAT: 0x47,
  BININT: 0x4a,
  BININT1: 0x4b,
  BININT2: 0x4d,
  NONE: 0x4e,
  BINPERSID: 0x51,
  REDUCE: 0x52,
  BINUNICODE: 0x58,
  EMPTY_LIST: 0x5d,
  APPEND: 0x61,
  BUILD: 0x62,
  GLOBAL: 0x63,
  APPENDS: 0x65,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  SETITEM: 0x73,
  TUPLE: 0x74,
  SETITEMS: 0x75,
  EMPTY_DICT: 0x7d,
  PROTO: 0x80,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  LONG1: 0x8a,
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE8: 0x8d,
  STACK_GLOBAL: 0x93,
  MEMOIZE: 0x94,
  FRAME: 0x95,
} as const;

/** Builds the value that a pickle describes; yields to the event loop. @throws LapicqueError `malformed-file`, `unsupported`, `too-large`, `aborted` */
export function unpickled(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  allowance: Allowance,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return new Yielder(signal).run(new Machine(name, bytes, allowance).run());
}

class Machine {
  readonly #name: string;
  readonly #bytes: Buffer;
  readonly #allowance: Allowance;
  /** Names the pickle in messages about memory. */
  readonly #label: string;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  #at = 0;
  /** Offset of the current opcode. */
  #began = 0;

  constructor(name: string, bytes: Uint8Array<ArrayBuffer>, allowance: Allowance) {
    this.#name = name;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#allowance = allowance;
    this.#label = `${name}: its pickle`;
  }

  *run(): Generator<undefined, unknown> {
    for (let opcodes = 1; ; opcodes++) {
      if (opcodes % opcodesPerCheck === 0) yield;
      this.#began = this.#at;
      const opcode = this.#number(1);
      if (opcode === op.STOP) return this.#pop();
      try {
        this.#step(opcode);
      } catch (error) {
        throw error instanceof Misuse ? this.#malformed(error.message) : error;
      }
    }
  }

  #step(opcode: number): unknown {
    switch (opcode) {
      case op.PROTO: {
        const protocol = this.#number(1);
        if (protocol > 5) throw this.#unsupported(`pickle protocol ${protocol}`);
        return;
      }
      case op.FRAME:
        this.#long();
        return;
      case op.MARK:
        return this.#push(mark);
      case op.POP:
        this.#stack.pop();
        return;
      case op.POP_MARK:
        this.#aboveMark();
        return;
      case op.EMPTY_DICT:
        return this.#push(new Map());
      case op.EMPTY_LIST:
      case op.EMPTY_TUPLE:
        return this.#push([]);
      case op.TUPLE:
        return this.#push(this.#aboveMark());
      case op.TUPLE1:
        return this.#push(this.#last(1));
      case op.TUPLE2:
        return this.#push(this.#last(2));
      case op.TUPLE3:
        return this.#push(this.#last(3));
      case op.APPEND: {
        const [value] = this.#last(1);
        this.#list().push(value);
        return;
      }
      case op.APPENDS: {
        const values = this.#aboveMark();
        const list = this.#list();
        for (const value of values) list.push(value);
        return;
      }
      case op.SETITEM: {
        const [key, value] = this.#last(2);
        return this.#set(this.#dictionary(), key, value);
      }
      case op.SETITEMS: {
        const items = this.#aboveMark();
        if (items.length % 2 !== 0) throw this.#malformed('a dictionary has a key without a value');
        const dictionary = this.#dictionary();
        for (let i = 0; i < items.length; i += 2) this.#set(dictionary, items[i], items[i + 1]);
        return;
      }
      case op.BINPUT:
        return this.#remember(this.#number(1));
      case op.LONG_BINPUT:
        return this.#remember(this.#number(4));
      case op.MEMOIZE:
        return this.#remember(this.#memo.size);
      case op.BINGET:
        return this.#push(this.#recall(this.#number(1)));
      case op.LONG_BINGET:
        return this.#push(this.#recall(this.#number(4)));
      case op.BINUNICODE:
        return this.#push(this.#text(this.#number(4)));
      case op.SHORT_BINUNICODE:
        return this.#push(this.#text(this.#number(1)));
      case op.BINUNICODE8:
        return this.#push(this.#text(this.#long()));
      case op.NONE:
        return this.#push(null);
      case op.NEWTRUE:
        return this.#push(true);
      case op.NEWFALSE:
        return this.#push(false);
      case op.BININT1:
        return this.#push(this.#number(1));
      case op.BININT2:
        return this.#push(this.#number(2));
      case op.BININT:
        return this.#push(this.#number(4) | 0);
      case op.LONG1:
        return this.#push(this.#integer(this.#number(1)));
      case op.BINFLOAT: {
        const at = this.#take(8);
        return this.#push(this.#bytes.readDoubleBE(at));
      }
      case op.GLOBAL:
        return this.#global(this.#line(), this.#line());
      case op.STACK_GLOBAL: {
        const [module, name] = this.#last(2);
        if (typeof module !== 'string' || typeof name !== 'string')
          throw this.#malformed('the name of a Python object is not a string');
        return this.#global(module, name);
      }
      case op.BINPERSID:
        return this.#push(persistent(this.#pop()));
      case op.REDUCE: {
        const [callee, args] = this.#last(2);
        return this.#push(call(callee, args));
      }
      case op.BUILD: {
        // Torch sets an attribute of an OrderedDict, the versions of modules. It is not needed.
        const [owner] = this.#last(2);
        if (!(owner instanceof Map))
          throw this.#malformed('it sets attributes of a value that is not a dictionary');
        return this.#push(owner);
      }
      default:
        throw this.#unsupported(`the pickle opcode 0x${opcode.toString(16).padStart(2, '0')}`);
    }
  }

  #push(value: unknown): void {
    this.#allowance.take(this.#label, valueBytes);
    this.#stack.push(value);
  }

  #pop(): unknown {
    const value = this.#stack.pop();
    if (value === undefined || value === mark) throw this.#malformed('a value is missing on its stack');
    return value;
  }

  /** Removes `count` values from the stack; gives them in stack order. */
  #last(count: number): unknown[] {
    if (this.#stack.length < count) throw this.#malformed('a value is missing on its stack');
    const values = this.#stack.splice(this.#stack.length - count, count);
    if (values.includes(mark)) throw this.#malformed('a value is missing on its stack');
    return values;
  }

  #aboveMark(): unknown[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw this.#malformed('a mark is missing on its stack');
    const values = this.#stack.splice(at);
    return values.slice(1);
  }

  #list(): unknown[] {
    const list = this.#stack.at(-1);
    if (!Array.isArray(list)) throw this.#malformed('it appends to a value that is not a list');
    return list;
  }

  #dictionary(): Map<unknown, unknown> {
    const dictionary = this.#stack.at(-1);
    if (!(dictionary instanceof Map))
      throw this.#malformed('it sets an item of a value that is not a dictionary');
    return dictionary;
  }

  #set(dictionary: Map<unknown, unknown>, key: unknown, value: unknown): void {
    if (typeof key !== 'string' && typeof key !== 'number')
      throw this.#malformed('a key of a dictionary is neither a string nor a number');
    this.#allowance.take(this.#label, valueBytes);
    dictionary.set(key, value);
  }

  #remember(number: number): void {
    const value = this.#stack.at(-1);
    if (value === undefined || value === mark) throw this.#malformed('a value is missing on its stack');
    this.#allowance.take(this.#label, valueBytes);
    this.#memo.set(number, value);
  }

  #recall(number: number): unknown {
    const value = this.#memo.get(number);
    if (value === undefined) throw this.#malformed(`it reads value ${number} of the memo, which is not set`);
    return value;
  }

  #global(module: string, name: string): void {
    const full = `${module} ${name}`;
    if (!isAllowed(full))
      throw this.#unsupported(
        `the Python object ${module}.${name}: only tensors in dictionaries are read, so save model.state_dict() instead`,
      );
    this.#push(Object.freeze({ isGlobal: true, name: full }) satisfies Global);
  }

  /** Advances by `count` bytes; gives the offset of the first. */
  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw this.#malformed('the pickle ends early');
    this.#at += count;
    return at;
  }

  #number(size: 1 | 2 | 4): number {
    const at = this.#take(size);
    return this.#bytes.readUIntLE(at, size);
  }

  /** A 64-bit size. */
  #long(): number {
    const at = this.#take(8);
    return Number(this.#bytes.readBigUInt64LE(at));
  }

  #text(length: number): string {
    const at = this.#take(length);
    this.#allowance.take(this.#label, 2 * length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0 || end - this.#at > 1000) throw this.#malformed('the name of a Python object does not end');
    const text = this.#text(end - this.#at);
    this.#at += 1;
    return text;
  }

  /** A two's complement integer of `size` bytes. */
  #integer(size: number): number | bigint {
    const at = this.#take(size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    const signed = BigInt.asIntN(8 * size, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  #malformed(reason: string): Error {
    return malformed(this.#name, this.#began, `its pickle: ${reason}`);
  }

  #unsupported(feature: string): Error {
    return unsupported(`${feature} (${this.#name}, byte ${this.#began} of its pickle)`);
  }
}
