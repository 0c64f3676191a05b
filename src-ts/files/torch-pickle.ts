/**
 * The part of Python's pickle (protocols 2 to 5) that dictionaries of tensors are written in. Nothing is executed: an opcode that is not
 * here and a name that is not in globals.ts are refused.
 * Source of the opcodes: Python's Lib/pickletools.py.
 */
import { LapicqueError } from '../checks/errors.ts';
import { Turns } from '../engine/turns.ts';
import type { Allowance } from './limits.ts';
import { malformed } from './torch-archive.ts';
import { call, type Global, isAllowed, persistent } from './torch-globals.ts';

/** Memory that a value takes at most, but for its bytes. */
const valueBytes = 64;

/** Where a tuple, a list or a dictionary begins on the stack. */
const mark = Symbol('mark');

/** Opcodes between two looks at the clock. */
const atOnce = 2048;

/** Builds the value that a pickle describes, in turns. @throws LapicqueError `malformed-file`, `unsupported`, `too-large`, `aborted` */
export function unpickled(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  allowance: Allowance,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return new Turns(signal).run(new Machine(name, bytes, allowance).run());
}

class Machine {
  readonly #name: string;
  readonly #bytes: Buffer;
  readonly #allowance: Allowance;
  /** What it takes, as messages tell it. */
  readonly #label: string;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  #at = 0;
  /** Of the opcode that is being worked on. */
  #began = 0;

  constructor(name: string, bytes: Uint8Array<ArrayBuffer>, allowance: Allowance) {
    this.#name = name;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#allowance = allowance;
    this.#label = `${name}: its pickle`;
  }

  *run(): Generator<undefined, unknown> {
    for (let opcodes = 1; ; opcodes++) {
      if (opcodes % atOnce === 0) yield;
      this.#began = this.#at;
      const opcode = this.#number(1);
      if (opcode === 0x2e) return this.#pop();
      this.#step(opcode);
    }
  }

  #step(opcode: number): unknown {
    switch (opcode) {
      case 0x80: {
        const protocol = this.#number(1);
        if (protocol > 5) throw this.#unsupported(`pickle protocol ${protocol}`);
        return;
      }
      case 0x95:
        this.#long();
        return;
      case 0x28:
        return this.#push(mark);
      case 0x30:
        this.#stack.pop();
        return;
      case 0x31:
        this.#aboveMark();
        return;
      case 0x7d:
        return this.#push(new Map());
      case 0x5d:
      case 0x29:
        return this.#push([]);
      case 0x74:
        return this.#push(this.#aboveMark());
      case 0x85:
        return this.#push(this.#last(1));
      case 0x86:
        return this.#push(this.#last(2));
      case 0x87:
        return this.#push(this.#last(3));
      case 0x61: {
        const [value] = this.#last(1);
        this.#list().push(value);
        return;
      }
      case 0x65: {
        const values = this.#aboveMark();
        const list = this.#list();
        for (const value of values) list.push(value);
        return;
      }
      case 0x73: {
        const [key, value] = this.#last(2);
        return this.#set(this.#dictionary(), key, value);
      }
      case 0x75: {
        const items = this.#aboveMark();
        if (items.length % 2 !== 0) throw this.#malformed('a dictionary has a key without a value');
        const dictionary = this.#dictionary();
        for (let i = 0; i < items.length; i += 2) this.#set(dictionary, items[i], items[i + 1]);
        return;
      }
      case 0x71:
        return this.#remember(this.#number(1));
      case 0x72:
        return this.#remember(this.#number(4));
      case 0x94:
        return this.#remember(this.#memo.size);
      case 0x68:
        return this.#push(this.#recall(this.#number(1)));
      case 0x6a:
        return this.#push(this.#recall(this.#number(4)));
      case 0x58:
        return this.#push(this.#text(this.#number(4)));
      case 0x8c:
        return this.#push(this.#text(this.#number(1)));
      case 0x8d:
        return this.#push(this.#text(this.#long()));
      case 0x4e:
        return this.#push(null);
      case 0x88:
        return this.#push(true);
      case 0x89:
        return this.#push(false);
      case 0x4b:
        return this.#push(this.#number(1));
      case 0x4d:
        return this.#push(this.#number(2));
      case 0x4a:
        return this.#push(this.#number(4) | 0);
      case 0x8a:
        return this.#push(this.#integer(this.#number(1)));
      case 0x47: {
        const at = this.#take(8);
        return this.#push(this.#bytes.readDoubleBE(at));
      }
      case 0x63:
        return this.#global(this.#line(), this.#line());
      case 0x93: {
        const [module, name] = this.#last(2);
        if (typeof module !== 'string' || typeof name !== 'string')
          throw this.#malformed('the name of a Python object is no text');
        return this.#global(module, name);
      }
      case 0x51: {
        const storage = persistent(this.#pop());
        if (typeof storage === 'string') throw this.#malformed(storage);
        return this.#push(storage);
      }
      case 0x52: {
        const [callee, args] = this.#last(2);
        const made = call(callee, args);
        if (typeof made === 'string') throw this.#malformed(made);
        return this.#push(made.value);
      }
      case 0x62: {
        // Attributes of a dictionary, as torch keeps versions of modules in one; a value of another kind has none.
        const [owner] = this.#last(2);
        if (!(owner instanceof Map)) throw this.#malformed('it sets attributes of what is no dictionary');
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

  /** So many values, in their order. */
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
    if (!Array.isArray(list)) throw this.#malformed('it appends to what is no list');
    return list;
  }

  #dictionary(): Map<unknown, unknown> {
    const dictionary = this.#stack.at(-1);
    if (!(dictionary instanceof Map)) throw this.#malformed('it sets an item of what is no dictionary');
    return dictionary;
  }

  #set(dictionary: Map<unknown, unknown>, key: unknown, value: unknown): void {
    if (typeof key !== 'string' && typeof key !== 'number')
      throw this.#malformed('a key of a dictionary is neither a text nor a number');
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
    if (value === undefined) throw this.#malformed(`it refers to value ${number}, which there is not`);
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

  /** Moves on by so many bytes; gives where they begin. */
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

  /** A size of 64 bits. */
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
    if (end < 0 || end - this.#at > 1000) throw this.#malformed('the name of a Python object has no end');
    const text = this.#text(end - this.#at);
    this.#at += 1;
    return text;
  }

  /** A whole number of so many bytes, two's complement. */
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
    const where = `${feature} (${this.#name}, byte ${this.#began} of its pickle)`;
    return new LapicqueError('unsupported', { feature: where, format: 'a torch file' });
  }
}
