/**
 * Checks of arguments at the public boundary, one function for each kind of argument. A check returns the
 * value with its type narrowed, or throws `invalid-parameter`, `unknown-name` or `shape-mismatch` with the
 * message `name: expected … but got …`.
 */
import { fileURLToPath } from 'node:url';
import { LapicqueError } from './errors.ts';
import { nearestName, shortName } from './nearest-name.ts';
import { elementCount, type Shape } from './tensor.ts';
import { isKind, type TypedArrayConstructor } from './typed.ts';

/** Bounds of a number, both included unless `above` or `below` is used. */
export interface Range {
  min?: number;
  max?: number;
  /** Excluded lower bound. */
  above?: number;
  /** Excluded upper bound. */
  below?: number;
}

/** Throws `invalid-parameter`. */
export function invalid(name: string, value: unknown, expected: string): never {
  throw new LapicqueError('invalid-parameter', { name, value: describe(value), expected });
}

/** A whole number that a double holds exactly. */
export function integer(name: string, value: unknown, range: Range = {}): number {
  if (!Number.isSafeInteger(value) || !within(value as number, range)) {
    const isLarge = Number.isInteger(value) && (value as number) > Number.MAX_SAFE_INTEGER;
    const bounds = isLarge ? { max: Number.MAX_SAFE_INTEGER, ...range } : range;
    invalid(name, value, `an integer${rangeText(bounds)}`);
  }
  return value as number;
}

/** A number that is neither NaN nor infinite. */
export function finite(name: string, value: unknown, range: Range = {}): number {
  if (!Number.isFinite(value) || !within(value as number, range)) {
    invalid(name, value, `a finite number${rangeText(range)}`);
  }
  return value as number;
}

/** The longest time step in ms, that of the engine (`Range::TIME_STEP`). */
const longestStep = 1e6;

/** The length of a time step in ms. */
export function timeStep(name: string, value: unknown): number {
  return finite(name, value, { above: 0, max: longestStep });
}

/**
 * Checks each number of a list. The name of an element is formatted only for the error, because lists may
 * have millions of elements.
 */
export function eachFinite(name: string, list: ArrayLike<unknown>, range: Range = {}): void {
  if (
    typeof (list as ArrayLike<unknown> | undefined | null)?.length !== 'number' ||
    typeof list === 'function'
  )
    invalid(name, list, 'a list of numbers');
  attached(name, list);
  for (let i = 0; i < list.length; i++) {
    const x = list[i];
    if (!Number.isFinite(x) || !within(x as number, range)) finite(`${name}[${i}]`, x, range);
  }
}

export function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') invalid(name, value, 'true or false');
  return value;
}

/** Refuses arguments after the last one that a function takes, which JavaScript would ignore. `expected` states the form that does the same. */
export function noFurther(name: string, further: readonly unknown[], expected: string): void {
  // `rates.map(poisson)` passes an index and the list.
  if (further.length === 2 && typeof further[0] === 'number' && Array.isArray(further[1])) return;
  const given = further.find((argument) => argument !== undefined);
  if (given !== undefined) invalid(`further argument of ${name}`, given, expected);
}

/** A string that is not empty. */
export function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') invalid(name, value, 'a string that is not empty');
  return value;
}

/** The path of a file or folder, given as a string or a `file:` URL. */
export function filePath(name: string, value: unknown): string {
  if (typeof value === 'string') return text(name, value);
  try {
    return fileURLToPath(value as URL);
  } catch {
    if (value instanceof URL) return invalid(name, value.href, 'a file: URL');
    return invalid(name, value, 'a path or a file: URL');
  }
}

/** A function. The caller checks its arguments. */
export function callback<F extends (...args: never[]) => unknown>(name: string, value: F): F {
  if (typeof value !== 'function') invalid(name, value, 'a function');
  return value;
}

/**
 * One of a list of names. An unknown name throws `unknown-name` with the nearest known name, or with all of
 * them.
 */
export function oneOf<const N extends string>(kind: string, value: unknown, known: readonly N[]): N {
  if (typeof value !== 'string') invalid(kind, value, listText(known));
  if (!(known as readonly string[]).includes(value)) throw unknownName(kind, value, known);
  return value as N;
}

/**
 * An options object that has no unknown key; `undefined` counts as `{}`. An option is left out by omitting
 * its key or by `undefined`; `null` is refused.
 */
export function options<T extends object>(
  name: string,
  value: T | undefined,
  known: readonly (keyof T & string)[],
): T {
  if (value === undefined) return {} as T;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    invalid(name, value, 'an object of options');
  }
  for (const key of Object.keys(value)) {
    if (!(known as readonly string[]).includes(key)) throw unknownName(`option of ${name}`, key, known);
    if (value[key as keyof T] === null)
      invalid(`${name}.${key}`, null, 'a value (leave the option out for its default)');
  }
  return value;
}

/**
 * Refuses a key of an object of data that looks like a misspelled name of one that is missing. Other keys may be the
 * caller's own data.
 */
export function refuseMisspelled(kind: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const near = nearestName(key, known);
    if (near === undefined || (value as Record<string, unknown>)[near] !== undefined) continue;
    throw new LapicqueError('unknown-name', { kind, name: shortName(key), didYouMean: near });
  }
}

/**
 * Refuses values that JSON cannot represent. Options reach the engine as JSON. JSON turns NaN and the
 * infinities into `null`, and the engine reads `null` as an option that was left out.
 */
export function definite(name: string, value: unknown): void {
  tree(name, value);
  allDefinite(name, value);
}

function allDefinite(name: string, value: unknown): void {
  if (typeof value === 'number') finite(name, value);
  else if (value === null || ['function', 'bigint', 'symbol'].includes(typeof value))
    invalid(name, value, 'a value (leave the option out for its default)');
  else if (Array.isArray(value)) {
    value.forEach((item, i) => {
      allDefinite(`${name}[${i}]`, item);
    });
  } else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) allDefinite(`${name}.${key}`, item);
  }
}

/** The most levels of nesting in plain data. The engine's JSON reader stops at 127. */
const maxDepth = 100;

/**
 * The most objects in plain data, more than any network needs. Shared parts can multiply the number of
 * visited objects without bound.
 */
const maxObjects = 1e6;

/**
 * Refuses data that contain themselves or are nested too deep: a recursive walk over them, and JSON, would
 * not end.
 */
export function tree(name: string, value: unknown): void {
  let count = 0;
  const above = new Set<object>();
  const path: string[] = [];
  const refuse = (got: string): never => {
    const at = name + path.join('');
    throw new LapicqueError('invalid-parameter', { name: shortName(at), value: got, expected: 'plain data' });
  };
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
    if (above.has(value)) refuse(`${describe(value)} that contains itself`);
    if (above.size > maxDepth) refuse(`${describe(value)} within more than ${maxDepth} others`);
    count += 1;
    if (count > maxObjects) refuse(`more than ${maxObjects} objects`);
    above.add(value);
    const isList = Array.isArray(value);
    for (const [key, item] of isList ? value.entries() : Object.entries(value)) {
      if (typeof item !== 'object') continue;
      path.push(isList ? `[${key}]` : `.${key}`);
      walk(item);
      path.pop();
    }
    above.delete(value);
  };
  walk(value);
}

/** A frozen copy of what JSON can hold. */
export function frozenCopy(name: string, value: unknown): unknown {
  tree(name, value);
  const copy = (name: string, value: unknown): unknown => {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value === 'number') return finite(name, value);
    if (Array.isArray(value)) return Object.freeze(value.map((item, i) => copy(`${name}[${i}]`, item)));
    const isPlain =
      typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value));
    if (!isPlain) invalid(name, value, 'JSON values: strings, numbers, true, false, null, lists and objects');
    const entries = Object.entries(value as object).filter(([, item]) => item !== undefined);
    return Object.freeze(
      Object.fromEntries(entries.map(([key, item]) => [key, copy(`${name}.${key}`, item)])),
    );
  };
  return copy(name, value);
}

/** An iterable or async iterable that is not a string. */
export function iterable<T>(name: string, value: AsyncIterable<T> | Iterable<T>, expected: string): void {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(value) as Partial<
    AsyncIterable<T> & Iterable<T>
  >;
  if (typeof value !== 'object' || typeof (later ?? now) !== 'function') invalid(name, value, expected);
}

/** A list of positive integers. */
export function shape(name: string, value: unknown): Shape {
  if (!Array.isArray(value)) invalid(name, value, 'an array of positive integers');
  value.forEach((size, axis) => {
    integer(`${name}[${axis}]`, size, { min: 1 });
  });
  const count = elementCount(value);
  if (!Number.isSafeInteger(count)) invalid(name, value, 'a shape with at most 2^53 - 1 elements');
  return value;
}

/** A typed array of one of the kinds allowed and, when `length` is given, of that length. */
export function typedArray<K extends TypedArrayConstructor>(
  name: string,
  value: unknown,
  kinds: readonly K[],
  length?: number,
): InstanceType<K> {
  if (!kinds.some((kind) => isKind(value, kind))) {
    invalid(name, value, `${listText(kinds.map((kind) => kind.name))}${conversion(value, kinds)}`);
  }
  const array = value as InstanceType<K>;
  // A transferred (detached) array arrives with length 0, and would otherwise read as "empty".
  if (length !== undefined && array.length !== length) {
    invalid(name, value, `${array.constructor.name} with ${length} elements`);
  }
  return array;
}

/** Says in an error message how to convert 64-bit integers, NumPy's default, to the expected array. */
function conversion(value: unknown, kinds: readonly TypedArrayConstructor[]): string {
  if (!ArrayBuffer.isView(value) || !['BigInt64Array', 'BigUint64Array'].includes(value.constructor.name))
    return '';
  const kind = kinds.find(({ name }) => name === 'Uint32Array') ?? kinds[0]!;
  return `, such as ${kind.name}.from(array, Number) makes of 64-bit integers,`;
}

/**
 * Refuses an array whose memory has been transferred or resized away. Such an array has length 0, but is not
 * an empty array.
 */
export function attached(name: string, array: unknown): void {
  if (!ArrayBuffer.isView(array)) return;
  try {
    // Every method of a typed array checks that the memory is still there.
    Uint8Array.prototype.values.call(array as Uint8Array);
  } catch {
    invalid(name, array, 'an array whose memory has not been transferred');
  }
}

/** Throws `shape-mismatch` unless an array of `length` elements holds exactly `expected`. */
export function fits(layer: string, length: number, expected: Shape): void {
  if (length === elementCount(expected)) return;
  throw new LapicqueError('shape-mismatch', {
    layer,
    expected: `[${expected.join(', ')}] (${elementCount(expected)} elements)`,
    got: `${length} elements`,
  });
}

/**
 * Throws `non-finite` for outputs `[time, batch, neurons]` that contain NaN or infinity, with the location.
 */
export function finiteOutputs(layer: string, values: Float32Array, shape: Shape): void {
  refuseOutput(layer, values.findIndex(isNotFinite), shape);
}

/** As {@link finiteOutputs}, but yields to the event loop, because outputs may have millions of elements. */
export async function finiteOutputsYielding(
  layer: string,
  values: Float32Array | Float64Array,
  shape: Shape,
): Promise<void> {
  refuseOutput(layer, await firstNotFinite(values), shape);
}

/** The index of the first element that is not finite, or -1. Yields to the event loop. */
export async function firstNotFinite(values: Float32Array | Float64Array): Promise<number> {
  const atOnce = 1 << 18;
  for (let from = 0; from < values.length; from += atOnce) {
    const bad = values.subarray(from, from + atOnce).findIndex(isNotFinite);
    if (bad >= 0) return from + bad;
    if (from + atOnce < values.length) await new Promise((resolve) => setImmediate(resolve));
  }
  return -1;
}

function isNotFinite(x: number): boolean {
  return !Number.isFinite(x);
}

function refuseOutput(layer: string, bad: number, [, batch, neurons]: Shape): void {
  if (bad < 0) return;
  const [step, position] = [Math.floor(bad / (batch! * neurons!)), bad % (batch! * neurons!)];
  const name = `sample ${Math.floor(position / neurons!)}, neuron ${position % neurons!}`;
  throw new LapicqueError('non-finite', { layer, step, name });
}

/** The most known names that an error lists if none of them is similar. */
const maxNamesListed = 12;

/** An `unknown-name` error with the nearest of the known names, or with all of them if there are few. */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  maxListed = maxNamesListed,
): Error {
  const didYouMean = nearestName(name, known);
  const shortened = shortName(name);
  if (didYouMean !== undefined)
    return new LapicqueError('unknown-name', { kind, name: shortened, didYouMean });
  const isListed = known.length > 0 && known.length <= maxListed;
  return new LapicqueError('unknown-name', {
    kind,
    name: shortened,
    ...(isListed ? { known: known.map(shortName) } : {}),
  });
}

/**
 * A value as an error message shows it: shortened, and with its type if the text of the value does not show
 * the type.
 */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `"${value.slice(0, 57)}…"` : `"${value}"`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return value.name === '' ? 'a function' : `function ${value.name}`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (Array.isArray(value)) {
    const short = value.length <= 8 && value.every((item) => typeof item !== 'object');
    return short ? `[${value.map(describe).join(', ')}]` : `an array of length ${value.length}`;
  }
  const kind = value.constructor?.name ?? 'Object';
  if (ArrayBuffer.isView(value) && 'length' in value) return `${kind} with ${value.length} elements`;
  return kind === 'Object' ? 'an object' : `an object of class ${kind}`;
}

function within(value: number, { min, max, above, below }: Range): boolean {
  return !(
    (min !== undefined && value < min) ||
    (max !== undefined && value > max) ||
    (above !== undefined && value <= above) ||
    (below !== undefined && value >= below)
  );
}

function rangeText({ min, max, above, below }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  const parts: string[] = [];
  if (min !== undefined) parts.push(`at least ${min}`);
  if (above !== undefined) parts.push(`above ${above}`);
  if (max !== undefined) parts.push(`at most ${max}`);
  if (below !== undefined) parts.push(`below ${below}`);
  return parts.length === 0 ? '' : ` ${parts.join(' and ')}`;
}

function listText(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `one of ${names.join(', ')}`;
}
