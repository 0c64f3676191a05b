/** Studies: the folder of a study or one of its journals, and studies of this process. */

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { isError, LapicqueError } from '../../checks/errors.ts';
import { JournalReader } from '../../study/journal.ts';
import type { Space } from '../../study/search/space.ts';
import type { Direction, TrialRecord } from '../../study/search/trials.ts';
import { openStore } from '../../study/store.ts';
import { axesOfSpace } from '../../study/table/axes.ts';
import type { Column } from '../../study/table/columns.ts';
import { tableOf } from '../../study/table/table.ts';
import { TrialLog } from '../../study/trial-log.ts';
import { StudyView } from '../../study/view.ts';
import type { NamedTarget, OpenedView, ViewFollow, ViewKind, ViewTarget } from './kind.ts';
import { pack } from './packed.ts';
import type { ViewQuery } from './query.ts';

/** Minimum time between two reads of a followed study in ms; longer for a large one, so that reading takes at most 2 % of the time. */
const readInterval = 1000;
const pausePerRead = 50;

/** Rows of an answer: making them takes some 30 ms. */
const maxRows = 20_000;

const journal = /^journal-[\w.-]+\.log$/;

export const study: ViewKind = {
  kind: 'study',
  opens: isStudy,
  open: async ([target]) => {
    const opened = new OpenedStudy(await sourceOf(target!));
    await opened.read();
    return opened;
  },
};

async function isStudy({ object, path, isFolder }: ViewTarget & { isFolder?: boolean }): Promise<boolean> {
  if (object !== undefined) {
    const { trials, directions, fingerprint } = object as Partial<StudySource & { fingerprint: string }>;
    return typeof trials === 'function' && Array.isArray(directions) && typeof fingerprint === 'string';
  }
  if (!isFolder) return journal.test(basename(path));
  return (await readdir(path).catch(() => [])).some((name) => journal.test(name));
}

/** What is read of a study. */
interface StudySource {
  readonly name: string;
  readonly directions: readonly Direction[];
  readonly definition: { readonly space?: unknown };
  trials(): Promise<readonly TrialRecord[]>;
}

async function sourceOf({ target }: NamedTarget): Promise<StudySource> {
  if (target.path === undefined)
    return ofObject(target.object as StudySource & { setting?: { store?: string } });
  if (target.isFolder) return new StudyView(await openStore(target.path));
  // Only this file, since nothing beside it is to be read.
  const [reader, log] = [new JournalReader(target.path), new TrialLog()];
  const read = () => reader.read((record) => log.apply(record, basename(target.path)));
  await read();
  if (log.definition === undefined)
    throw new LapicqueError('io', { path: target.path, reason: 'no study is stored here' });
  const { name, directions, space } = log.definition as {
    name: string;
    directions: Direction[];
    space?: unknown;
  };
  const trials = async () => {
    await read();
    return log.trials();
  };
  return { name, directions, definition: { space }, trials };
}

/** A study of this process that has a folder: it is opened once, so that each reading reads only what is new. */
function ofObject(object: StudySource & { readonly setting?: { readonly store?: string } }): StudySource {
  const { name, directions, definition } = object;
  const store = object.setting?.store;
  if (store === undefined) return object;
  let stored: StudyView | undefined;
  const trials = async () => {
    if (stored === undefined && existsSync(store))
      stored = await openStore(store).then(
        (reader) => new StudyView(reader),
        // The first record is not there yet.
        (error) => {
          if (isError(error, 'io')) return undefined;
          throw error;
        },
      );
    return stored?.trials() ?? [];
  };
  return { name, directions, definition, trials };
}

class OpenedStudy implements OpenedView {
  readonly #source: StudySource;
  readonly #axes: ReturnType<typeof axesOfSpace> | undefined;
  readonly #listeners = new Set<(from: number) => void>();
  #trials: readonly TrialRecord[] = [];
  #reading: Promise<void> | undefined;
  /** Counts changes: the numbers of the events. */
  #version = 0;
  #timer: NodeJS.Timeout | undefined;

  readonly routes: OpenedView['routes'] = {
    describe: async () => {
      await this.read();
      const { name, directions } = this.#source;
      return { name, directions, axes: this.#axes?.axes ?? null, rows: this.#trials.length };
    },
    rows: (query) => this.#rows(query),
  };

  readonly follows: Record<string, ViewFollow> = { trials: (_, after, send) => this.#follow(after, send) };

  constructor(source: StudySource) {
    this.#source = source;
    const space = source.definition?.space as Space | undefined;
    this.#axes = space === undefined ? undefined : axesOfSpace(space);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Rows from a number on, as columns. */
  #rows(query: ViewQuery): Uint8Array {
    const from = query.whole('from', 0, { min: 0 });
    const count = query.whole('count', maxRows, { min: 1, max: maxRows });
    const table = tableOf(this.#trials.slice(from, from + count), this.#axes?.columns);
    const columns = table.columns.map((column) => {
      const { name, kind } = column;
      return { name, kind, categories: 'codes' in column ? column.categories : null };
    });
    // Often most columns have no value at all.
    const filled = [...table.columns.entries()].filter(([, { present }]) => present.includes(1));
    const arrays = Object.fromEntries(filled.map(([i, column]) => [String(i), packedColumn(column)]));
    return pack(arrays, { from, rows: table.length, total: this.#trials.length, columns });
  }

  /** Reads what is new. */
  read(): Promise<void> {
    this.#reading ??= this.#readNew().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNew(): Promise<void> {
    const [before, now] = [this.#trials, await this.#source.trials()];
    // A trial that has not changed is the same object.
    const same = before.findIndex((trial, i) => trial !== now[i]);
    const from = same < 0 ? before.length : same;
    this.#trials = now;
    if (from === before.length && now.length === before.length) return;
    this.#version += 1;
    for (const notify of this.#listeners) notify(from);
  }

  #follow(after: number, send: (id: number, data: unknown) => void): () => void {
    const notify = (from: number) => send(this.#version, { from, total: this.#trials.length });
    this.#listeners.add(notify);
    // A page that has missed something begins anew.
    if (after !== this.#version) notify(0);
    this.#timer ??= setTimeout(() => void this.#poll(), readInterval).unref();
    return () => {
      this.#listeners.delete(notify);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  async #poll(): Promise<void> {
    const began = performance.now();
    // A store that cannot be read now may be readable later; what was read stays on the page.
    await this.read().catch(() => {});
    if (this.#listeners.size === 0) return;
    const pause = Math.max(readInterval, pausePerRead * (performance.now() - began));
    this.#timer = setTimeout(() => void this.#poll(), pause).unref();
  }
}

/**
 * The values of a column in few bytes: numbers as `Float64Array`, NaN where there is none, or as `Int32Array` if they fit; flags and texts as 0 where there is
 * none, and 1 + the value or the index of the category.
 */
function packedColumn(column: Column): Float64Array | Int32Array | Uint32Array | Uint8Array {
  const { present, length } = column;
  if (column.kind !== 'flag' && !('codes' in column)) {
    const { values } = column;
    return column.kind === 'integer' && !present.includes(0) && values.every(isInt32)
      ? Int32Array.from(values)
      : values;
  }
  const values = 'codes' in column ? column.codes : column.values;
  const max = 'codes' in column ? column.categories.length : 2;
  const packed = max < 256 ? new Uint8Array(length) : new Uint32Array(length);
  for (let row = 0; row < length; row++) packed[row] = present[row] === 1 ? values[row]! + 1 : 0;
  return packed;
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}
