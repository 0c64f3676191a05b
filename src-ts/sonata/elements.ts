/** Nodes or edges of one population as SONATA stores them: each has a type and is one of a group; a group's values come before its type's. */

import { iterationsPerCheck } from '../engine/yielder.ts';
import type { SonataFiles } from './files.ts';
import type { Hdf5 } from './hdf5.ts';
import { malformed } from './json.ts';

/** What each type says, by its number; `NULL` is left out. */
export type Types = ReadonlyMap<number, Readonly<Record<string, string>>>;

/** A table of types: columns parted by spaces. */
export async function readTypes(
  path: string | undefined,
  kind: 'node' | 'edge',
  files: SonataFiles,
): Promise<(population: string) => Types> {
  if (path === undefined) return () => new Map();
  const rows = await files.rows(path);
  const id = `${kind}_type_id`;
  if (!rows.columns.includes(id)) throw malformed(path, `it has no column ${id}`);
  return (population) => {
    const own = rows.filter((row) => (row.population ?? population) === population);
    return new Map(
      own.map((row) => {
        const attributes = Object.entries(row).filter(([, value]) => value !== 'NULL' && value !== '');
        return [Number(row[id]), Object.fromEntries(attributes)];
      }),
    );
  };
}

export class Elements {
  readonly size: number;
  readonly types: Types;
  readonly #path: string;
  readonly #at: string;
  readonly #tables: Hdf5;
  readonly #typeIds: Float64Array;
  readonly #groupIds: Float64Array | undefined;
  readonly #groupIndices: Float64Array | undefined;
  readonly #groups: ReadonlySet<number>;

  /** @param at - where the population is in the file, such as `nodes/V1` */
  constructor(path: string, tables: Hdf5, at: string, types: Types) {
    const kind = at.startsWith('nodes/') ? 'node' : 'edge';
    this.types = types;
    this.#path = path;
    this.#at = at;
    this.#tables = tables;
    this.#typeIds = this.dataset(`${kind}_type_id`);
    this.size = this.#typeIds.length;
    this.#groupIds = this.#optional(`${kind}_group_id`);
    this.#groupIndices = this.#optional(`${kind}_group_index`);
    for (const [name, ids] of [
      ['group_id', this.#groupIds],
      ['group_index', this.#groupIndices],
    ] as const) {
      if (ids !== undefined && ids.length !== this.size)
        throw this.error(`${kind}_${name} has ${ids.length} values for ${this.size} of ${kind}_type_id`);
    }
    this.#groups = new Set(this.#groupIds ?? [0]);
    const unknown = this.#typeIds.find((id) => !types.has(id));
    if (unknown !== undefined && types.size > 0)
      throw this.error(`the table of types has no ${kind}_type_id ${unknown}`);
  }

  error(reason: string): Error {
    return malformed(this.#path, `${this.#at}: ${reason}`);
  }

  typeId(element: number): number {
    return this.#typeIds[element]!;
  }

  /** Numbers of all elements. */
  dataset(name: string): Float64Array {
    const found = this.#optional(name);
    if (found === undefined) throw this.error(`${name} is missing`);
    return found;
  }

  #optional(name: string): Float64Array | undefined {
    const values = this.#tables.get(`${this.#at}/${name}`)?.values;
    if (values === undefined) return undefined;
    if (!(values instanceof Float64Array)) throw this.error(`${name} should be numbers`);
    return values;
  }

  /** The text attribute of a dataset. */
  attribute(dataset: string, name: string): string | undefined {
    return this.#tables.get(`${this.#at}/${dataset}`)?.attributes[name];
  }

  /** Names of what groups store. */
  get stored(): string[] {
    const names = [...this.#tables.keys()]
      .filter((at) => at.startsWith(`${this.#at}/`))
      .map((at) => at.slice(this.#at.length + 1).match(/^\d+\/(?!@)(.+)$/)?.[1]);
    return [...new Set(names)].filter((name) => name !== undefined);
  }

  /** Names of all that is known of them. */
  get names(): string[] {
    return [...new Set([...this.stored, ...[...this.types.values()].flatMap(Object.keys)])];
  }

  /** One value an element, `undefined` where it has none. For {@link Yielder.run}, or at once. */
  *values(name: string): Generator<undefined, (string | number | undefined)[] | undefined> {
    const filled = yield* this.#filled<string | number | undefined>(
      name,
      () => new Array(this.size).fill(undefined),
      (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text),
    );
    return filled as (string | number | undefined)[] | undefined;
  }

  /** Of an attribute that is a number, one an element, NaN where it has none. For {@link Yielder.run}, or at once. */
  *numbers(name: string): Generator<undefined, Float64Array | undefined> {
    const filled = yield* this.#filled<number>(
      name,
      () => new Float64Array(this.size).fill(Number.NaN),
      (text) => {
        const x = Number(text);
        if (text.trim() === '' || Number.isNaN(x))
          throw this.error(`${name} should be a number, not ${text}`);
        return x;
      },
    );
    return filled as Float64Array | undefined;
  }

  *#filled<T extends string | number | undefined>(
    name: string,
    empty: () => T[] | Float64Array,
    read: (text: string) => T,
  ): Generator<undefined, T[] | Float64Array | undefined> {
    let all: T[] | Float64Array | undefined;
    const byType = new Map(
      [...this.types].flatMap(([id, attributes]) =>
        attributes[name] === undefined ? [] : [[id, read(attributes[name])] as const],
      ),
    );
    if (byType.size > 0) {
      all = empty();
      for (let i = 0; i < this.size; i++) {
        if (i % iterationsPerCheck === 0) yield;
        const value = byType.get(this.#typeIds[i]!);
        if (value !== undefined) all[i] = value;
      }
    }
    for (const group of this.#groups) {
      const table = this.#tables.get(`${this.#at}/${group}/${name}`);
      if (table === undefined) continue;
      if (table.axes !== 1)
        throw this.error(`${group}/${name} has ${table.axes} axes, not one value an element`);
      const library = this.#tables.get(`${this.#at}/${group}/@library/${name}`)?.values;
      const at = (i: number) =>
        library === undefined ? table.values[i] : library[table.values[i] as number];
      all ??= empty();
      for (let i = 0; i < this.size; i++) {
        if (i % iterationsPerCheck === 0) yield;
        if ((this.#groupIds?.[i] ?? 0) !== group) continue;
        const value = at(this.#groupIndices?.[i] ?? i);
        if (value === undefined) throw this.error(`${group}/${name} has no value for element ${i}`);
        all[i] = (typeof value === 'string' ? read(value) : value) as T;
      }
    }
    return all;
  }
}
