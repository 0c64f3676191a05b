/**
 * A JSON parser for untrusted text. It yields to the event loop, limits the depth of nesting, and counts
 * memory while values are built. The grammar is that of RFC 8259; as in `JSON.parse`, the last of several
 * values with the same name counts.
 */
import { throwIfAborted } from '../checks/errors.ts';
import { Yielder } from '../engine/yielder.ts';
import type { Allowance } from './limits.ts';

/** The deepest nesting of lists and objects. Files of lapicque have less than half of this. */
const maxDepth = 100;

/**
 * Approximate memory that V8 uses for a list, an object, a slot in one of them, and a string without its
 * characters.
 */
const bytes = { list: 32, object: 160, value: 16, name: 32, string: 32 } as const;

/** Options of {@link parseJson}. */
export interface JsonOptions {
  /** The owner of the memory, for the message. */
  what: string;
  /** Counts the memory of the values. */
  allowance: Allowance;
  /**
   * Makes the error of a text that is not JSON or nested too deep; `reason` contains the character offset.
   */
  malformed(reason: string): Error;
  signal?: AbortSignal | undefined;
  /** The value that replaces `null`. */
  null?: unknown;
  /** Replaces an object once it is complete. */
  object?(value: Readonly<Record<string, unknown>>): unknown;
}

/**
 * Parses a text.
 *
 * @throws the error that `malformed` makes; LapicqueError `too-large`, `aborted`
 */
export async function parseJson(text: string, options: JsonOptions): Promise<unknown> {
  throwIfAborted(options.signal);
  const yielder = new Yielder(options.signal);
  const parser = new Parser(text, options);
  while (!parser.advance(256)) if (yielder.isDue) await yielder.yieldNow();
  return parser.value;
}

/**
 * The tokens that are allowed next. `item`: a value or the end of an empty list. `first-name`: a name or the
 * end of an empty object. `next`: a comma or the end of the open list or object.
 */
type Expected = 'value' | 'item' | 'first-name' | 'name' | 'next' | 'end';

type Open = { list: unknown[] } | { object: Record<string, unknown>; name: string };

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const space = /[ \t\n\r]*/y;

class Parser {
  value: unknown;
  readonly #text: string;
  readonly #options: JsonOptions;
  readonly #open: Open[] = [];
  #at = 0;
  #expected: Expected = 'value';

  constructor(text: string, options: JsonOptions) {
    this.#text = text;
    this.#options = options;
  }

  /** Reads a number of tokens; returns whether the text is at its end. */
  advance(tokens: number): boolean {
    for (let i = 0; i < tokens; i++) {
      space.lastIndex = this.#at;
      space.test(this.#text);
      this.#at = space.lastIndex;
      if (this.#expected === 'end') {
        if (this.#at < this.#text.length) this.#fail('the end');
        return true;
      }
      this.#token(this.#text[this.#at]);
    }
    return false;
  }

  #token(character: string | undefined): void {
    const expected = this.#expected;
    if (expected === 'next') this.#next(character);
    else if (expected === 'item' && character === ']') this.#close();
    else if (expected === 'first-name' && character === '}') this.#close();
    else if (expected === 'first-name' || expected === 'name') this.#name(character);
    else if (character === '[' || character === '{') this.#enter(character);
    else if (character === '"') this.#put(this.#string());
    else this.#put(this.#plain());
  }

  /** A number, `true`, `false` or `null`. */
  #plain(): unknown {
    const word = ['true', 'false', 'null'].find((literal) => this.#text.startsWith(literal, this.#at));
    if (word !== undefined) {
      this.#at += word.length;
      if (word === 'null') return 'null' in this.#options ? this.#options.null : null;
      return word === 'true';
    }
    number.lastIndex = this.#at;
    if (!number.test(this.#text)) this.#fail('a value');
    const digits = this.#text.slice(this.#at, number.lastIndex);
    this.#at = number.lastIndex;
    return Number(digits);
  }

  #enter(bracket: '[' | '{'): void {
    if (this.#open.length >= maxDepth)
      throw this.#options.malformed(
        `lists and objects are more than ${maxDepth} deep at character ${this.#at}`,
      );
    this.#at += 1;
    this.#take(bracket === '[' ? bytes.list : bytes.object);
    this.#open.push(bracket === '[' ? { list: [] } : { object: {}, name: '' });
    this.#expected = bracket === '[' ? 'item' : 'first-name';
  }

  #close(): void {
    this.#at += 1;
    const ended = this.#open.pop()!;
    const { object = (value) => value } = this.#options;
    this.#put('list' in ended ? ended.list : object(ended.object));
  }

  #next(character: string | undefined): void {
    const isList = 'list' in this.#open.at(-1)!;
    if (character === (isList ? ']' : '}')) {
      this.#close();
      return;
    }
    if (character !== ',') this.#fail(isList ? "',' or ']'" : "',' or '}'");
    this.#at += 1;
    this.#expected = isList ? 'value' : 'name';
  }

  #name(character: string | undefined): void {
    if (character !== '"') this.#fail('a name in quotes');
    const open = this.#open.at(-1) as { name: string };
    open.name = this.#string();
    this.#take(bytes.name);
    space.lastIndex = this.#at;
    space.test(this.#text);
    this.#at = space.lastIndex;
    if (this.#text[this.#at] !== ':') this.#fail("':'");
    this.#at += 1;
    this.#expected = 'value';
  }

  #put(value: unknown): void {
    this.#take(bytes.value);
    const into = this.#open.at(-1);
    if (into === undefined) {
      this.value = value;
      this.#expected = 'end';
      return;
    }
    if ('list' in into) into.list.push(value);
    else if (into.name !== '__proto__') into.object[into.name] = value;
    // `__proto__` becomes an ordinary property, as in JSON.parse.
    else
      Object.defineProperty(into.object, into.name, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    this.#expected = 'next';
  }

  /** Reads a string from its opening to its closing quote. */
  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end >= 0 && this.#isEscaped(start, end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) this.#fail('a string that ends');
    this.#at = end + 1;
    this.#take(bytes.string + 2 * (end - start));
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      this.#at = start;
      return this.#fail('a string as JSON has it');
    }
  }

  /** Whether an odd number of backslashes precedes an offset. */
  #isEscaped(start: number, at: number): boolean {
    let first = at;
    while (first - 1 > start && this.#text[first - 1] === '\\') first -= 1;
    return (at - first) % 2 === 1;
  }

  #take(count: number): void {
    this.#options.allowance.take(this.#options.what, count);
  }

  #fail(expected: string): never {
    const got = this.#at < this.#text.length ? JSON.stringify(this.#text[this.#at]) : 'the end';
    throw this.#options.malformed(`expected ${expected} but got ${got} at character ${this.#at}`);
  }
}
