/** A reference case: the JSON side-car that says all about it, and the tensors beside it. */
import { readFile } from 'node:fs/promises';
import { readTensors } from '../../src-ts/doors/files.ts';

/** A JSON object. */
export type Json = { readonly [key: string]: unknown };

/** Numbers with their shape; `double` when the file has them in 64 bits. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  readonly double: boolean;
}

/** Why a case is not run. */
export class Skip extends Error {}

/** The case cannot be run for a fault of the side-car, or of its reader. */
export class BadCase extends Error {}

export class SideCar {
  /** Of the side-car, beside which its files are. */
  readonly path: string;
  readonly json: Json;
  readonly #tensors: ReadonlyMap<string, Numbers>;

  constructor(path: string, json: Json, tensors: ReadonlyMap<string, Numbers>) {
    this.path = path;
    this.json = json;
    this.#tensors = tensors;
  }

  /**
   * Every run of the case: the side-car itself, or each of its `cases` over it. Those marked `skip` are left out, and what is `null`,
   * which is none.
   */
  entries(): readonly Json[] {
    const { cases = [{}], ...common } = this.json;
    const all = list(cases, 'cases').map((entry) => object(entry, 'cases[]'));
    return all
      .filter(({ skip }) => skip === undefined || skip === null || skip === false)
      .map((entry) => Object.entries({ ...common, ...entry }).filter(([, value]) => value !== null))
      .map((entry) => this.#withNumbers(Object.fromEntries(entry)));
  }

  /** Parameters that are tensors of one number are numbers. */
  #withNumbers({ params = {}, ...others }: Json): Json {
    const single = (value: unknown) =>
      isObject(value) && this.#tensors.get(String(value.tensor))?.data.length === 1;
    const values = Object.entries(object(params, 'params')).map(([name, value]) => [
      name,
      single(value) ? this.value(value, name) : value,
    ]);
    return { ...others, params: Object.fromEntries(values) };
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  tensor(name: unknown): Numbers {
    const found = typeof name === 'string' ? this.#tensors.get(name) : undefined;
    if (found === undefined) throw new BadCase(`there is no tensor ${JSON.stringify(name)}`);
    return found;
  }

  /** A parameter: a number, or the numbers of the tensor it names. A tensor of one number is that number. */
  value(value: unknown, what: string): number | Float64Array {
    if (typeof value === 'number') return value;
    if (isObject(value) && typeof value.tensor === 'string') {
      const { data } = this.tensor(value.tensor);
      return data.length === 1 ? data[0]! : data;
    }
    throw new BadCase(`${what} is ${JSON.stringify(value)}, neither a number nor a tensor`);
  }

  /** The value of a dotted path into the side-car: a number or a list of numbers. */
  field(path: string): Numbers {
    const at = path
      .split('.')
      .reduce<unknown>((json, key) => (isObject(json) ? json[key] : undefined), this.json);
    const values = typeof at === 'number' ? [at] : at;
    if (!Array.isArray(values) || values.some((x) => typeof x !== 'number')) {
      throw new BadCase(`the side-car has no number ${path}`);
    }
    return { shape: [values.length], data: Float64Array.from(values), double: true };
  }
}

/** Whether the tensors of an entry lie as most do, `[T, B, ...]`: so they do if nothing is said. */
export function isTimeFirst({ layout = '[T,B]' }: Json): boolean {
  return /^\[T, ?B\b/.test(text(layout, 'layout'));
}

/** Reads a side-car; its tensors too, if there are any. */
export async function readSideCar(path: string, json: Json): Promise<SideCar> {
  if (json.tensors === undefined) return new SideCar(path, json, new Map());
  const { tensors } = await readTensors(path.replace(/\.json$/, '.safetensors'));
  const numbers = ({
    dtype,
    shape,
    data,
  }: typeof tensors extends ReadonlyMap<string, infer T> ? T : never) => ({
    shape,
    data: Float64Array.from(data as Iterable<number | bigint>, Number),
    double: dtype === 'F64',
  });
  return new SideCar(path, json, new Map([...tensors].map(([name, tensor]) => [name, numbers(tensor)])));
}

/** The content of a JSON file if it is a side-car: an object that says what is to be checked. */
export async function readJson(path: string): Promise<Json | undefined> {
  const json: unknown = JSON.parse(await readFile(path, 'utf8'));
  return isObject(json) && (typeof json.check === 'string' || isCable(json)) ? json : undefined;
}

/** Whether a case is of cells with morphologies, which `cable.ts` reads. */
export const isCable = (json: Json): boolean => String(json.format).startsWith('cable-');

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown, what: string): Json {
  if (!isObject(value)) throw new BadCase(`${what} is not an object`);
  return value;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new BadCase(`${what} is not a list`);
  return value;
}

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new BadCase(`${what} is not a string`);
  return value;
}

export function number(value: unknown, what: string): number {
  if (typeof value !== 'number') throw new BadCase(`${what} is not a number`);
  return value;
}

/**
 * Renames the keys of a peer's options. A key that is not in `names` skips the case rather than being ignored; `null`
 * as the new name drops one that says nothing to us.
 */
export function renamed(
  options: Json,
  names: Readonly<Record<string, string | null>>,
  what: string,
): Record<string, unknown> {
  const ours: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    const name = names[key];
    if (name === undefined) throw new Skip(`${what} ${key} is not built yet`);
    if (name !== null) ours[name] = value;
  }
  return ours;
}
