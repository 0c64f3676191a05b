/**
 * JSON of unknown origin: read in turns with the event loop, no deeper than what walks through it can go, and counted as it grows. The text
 * is that of RFC 8259; objects are those of `JSON.parse`, the last of several values of a name counting.
 */
import { throwIfAborted } from '../checks/errors.ts';
import { Turns } from '../engine/turns.ts';
import type { Allowance } from './limits.ts';

/** Lists and objects within one another: no file of ours has half as many. */
const deepest = 100;

/** About what V8 takes for each: a list, an object, a place in one of them, a string beside its characters. */
const bytes = { list: 32, object: 160, value: 16, name: 32, string: 32 } as const;

/** What {@link parseJson} is told. */
export interface JsonOptions {
  /** What takes the memory, for the message. */
  what: string;
  /** Counts what the values take. */
  allowance: Allowance;
  /** The error of a text that is no JSON, or too deep; `reason` names the place in characters. */
  malformed(reason: string): Error;
  signal?: AbortSignal | undefined;
  /** What stands for `null`. */
  null?: unknown;
  /** What stands for an object, asked when it is whole. */
  object?(value: Readonly<Record<string, unknown>>): unknown;
}

/**
 * The value of a text.
 *
 * @throws what `malformed` makes; LapicqueError `too-large`, `aborted`
 */
export async function parseJson(text: string, options: JsonOptions): Promise<unknown> {
  throwIfAborted(options.signal);
  const turns = new Turns(options.signal);
  const parser = new Parser(text, options);
  while (!parser.advance(256)) if (turns.over) await turns.next();
  return parser.value;
}

/**
 * What may come: `item` a value or the end of an empty list, `first-name` a name or the end of an empty object, `next` a comma or the end of
 * what is open.
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

  /** Reads so many tokens; whether the text is at its end. */
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

  /** A number, or one of three words. */
  #plain(): unknown {
    const word = ['true', 'false', 'null'].find((known) => this.#text.startsWith(known, this.#at));
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
    if (this.#open.length >= deepest)
      throw this.#options.malformed(
        `lists and objects are more than ${deepest} deep at character ${this.#at}`,
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
    // A property like any other, as of JSON.parse.
    else
      Object.defineProperty(into.object, into.name, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    this.#expected = 'next';
  }

  /** From a quote to the one that ends it. */
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

  /** Whether an odd number of backslashes is before a place. */
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
