/** What the viewer shows: the files of a folder, or objects of a program, each with the kind that opens it. */
import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { ioError, LapicqueError } from '../checks/errors.ts';
import { viewKinds } from './kinds/all.ts';
import type { NamedTarget, OpenedView, ViewKind, ViewTarget } from './kinds/kind.ts';

/** An item of the page. */
export interface Item {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
}

interface Entry extends Item {
  readonly opener: ViewKind;
  targets: NamedTarget[];
  opened: Promise<OpenedView> | undefined;
}

/** Maximum depth of the search in folders. */
const maxDepth = 4;
/** Maximum number of files that the search reads. */
const maxFiles = 2000;
/** Minimum time between two searches in ms. */
const searchInterval = 2000;

/** All items of a server. */
export class Items {
  readonly #paths: readonly string[];
  readonly #objects: NamedTarget[] = [];
  readonly #entries = new Map<string, Entry>();
  /** What no kind shows, with its size and time: it is looked at again when it has changed. */
  readonly #others = new Map<string, string>();
  #searched = Number.NEGATIVE_INFINITY;
  #searching: Promise<void> | undefined;

  /** @param paths - files and folders; nothing outside them is read */
  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Adds an object of the program. @throws LapicqueError `unsupported` if no kind shows it */
  async add(name: string, object: object): Promise<void> {
    const target = { name, target: { object } };
    if (!(await this.#take(target)))
      throw new LapicqueError('unsupported', { feature: `the viewer of ${name}`, format: 'this object' });
    this.#objects.push(target);
  }

  /** The items now: folders are searched again, because work may have added files. */
  async list(): Promise<Item[]> {
    await this.search();
    return [...this.#entries.values()].map(({ id, kind, title }) => ({ id, kind, title }));
  }

  /** Opens the first item, which the page shows first, while the browser starts; an error is reported when the page requests the item. */
  openFirst(): void {
    const [first] = this.#entries.values();
    if (first !== undefined) this.opened(first.id).catch(() => {});
  }

  /** The opened item. @throws LapicqueError `unknown-name` for an item that does not exist, and whatever its kind throws */
  async opened(id: string): Promise<OpenedView> {
    const entry = this.#entries.get(id);
    if (entry === undefined)
      throw new LapicqueError('unknown-name', { kind: 'item', name: id.slice(0, 200) });
    entry.opened ??= this.#open(entry).catch((error) => {
      entry.opened = undefined;
      throw error;
    });
    return entry.opened;
  }

  async #open({ opener, targets }: Entry): Promise<OpenedView> {
    // A file may have become a link since the folder was searched.
    for (const { target } of targets) if (target.path !== undefined) await this.#within(target.path);
    return opener.open(targets);
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled([...this.#entries.values()].map((entry) => entry.opened));
    for (const one of opened) if (one.status === 'fulfilled') await one.value?.close?.();
  }

  /** Searches the paths for what can be shown. @throws LapicqueError `io` */
  search(): Promise<void> {
    if (performance.now() - this.#searched < searchInterval) return this.#searching ?? Promise.resolve();
    this.#searching ??= this.#search().finally(() => {
      this.#searching = undefined;
      this.#searched = performance.now();
    });
    return this.#searching;
  }

  async #search(): Promise<void> {
    let left = maxFiles;
    const scan = async (path: string, name: string, depth: number): Promise<void> => {
      if (left <= 0 || !(await this.#isWithin(path))) return;
      left -= 1;
      const found = await stat(path).catch(() => undefined);
      if (found === undefined || !(found.isFile() || found.isDirectory())) return;
      const [isFolder, version] = [found.isDirectory(), `${found.mtimeMs} ${found.size}`];
      if (this.#others.get(path) !== version) {
        if (await this.#take({ name, target: { path, isFolder } })) return;
        this.#others.set(path, version);
      }
      if (!found.isDirectory() || depth >= maxDepth) return;
      for (const entry of (await readdir(path).catch(() => [])).sort())
        if (!entry.startsWith('.') && entry !== 'node_modules')
          await scan(join(path, entry), name === '' ? entry : `${name}/${entry}`, depth + 1);
    };
    for (const path of this.#paths) {
      // What was there when the viewer began may be deleted: what was read of it stays on the page.
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) continue;
      const name = this.#paths.length > 1 || found.isFile() ? basename(path) : '';
      await scan(path, name, 0);
      // A file that is still empty may become a log.
      if (found.isFile() && found.size > 0 && !this.#shows(path)) throw unknownFile(path);
    }
  }

  #shows(path: string): boolean {
    const entries = [...this.#entries.values()];
    return entries.some(({ targets }) => targets.some(({ target }) => target.path === path));
  }

  /** Gives a target to the first kind that shows it, and to those that show it beside others. @returns whether one does */
  async #take(target: NamedTarget): Promise<boolean> {
    for (const entry of this.#entries.values())
      if (entry.targets.some((existing) => isSame(existing.target, target.target))) return true;
    let isTaken = false;
    for (const opener of viewKinds) {
      if (isTaken && opener.beside !== true) continue;
      if (!(await opener.opens(target.target))) continue;
      isTaken = true;
      if (target.target.object !== undefined) opener.follow?.(target.target.object);
      const { kind, together = false } = opener;
      const joined = together ? [...this.#entries.values()].find((entry) => entry.kind === kind) : undefined;
      if (joined !== undefined) {
        joined.targets.push(target);
        const opened = await joined.opened?.catch(() => undefined);
        await opened?.add?.(target);
        continue;
      }
      const name = target.name || basename(target.target.path ?? kind);
      const id = together ? kind : this.#idOf(kind, name);
      this.#entries.set(id, {
        id,
        kind,
        title: together ? 'All runs' : name,
        opener,
        targets: [target],
        opened: undefined,
      });
    }
    return isTaken;
  }

  /** The name, or the name with a few letters if another item has it. */
  #idOf(kind: string, name: string): string {
    if (!this.#entries.has(name)) return name;
    return `${name} ${createHash('sha256').update(`${kind} ${name} ${this.#entries.size}`).digest('hex').slice(0, 6)}`;
  }

  async #isWithin(path: string): Promise<boolean> {
    return this.#within(path).then(
      () => true,
      () => false,
    );
  }

  /** Refuses what a link leads to outside of the paths. */
  async #within(path: string): Promise<void> {
    const real = await realpath(path).catch((error: unknown) => {
      throw ioError(path, error);
    });
    const inside = this.#paths.some((root) => {
      const relativePath = relative(root, real);
      return (
        relativePath === '' ||
        !(relativePath === '..' || relativePath.startsWith(`..${sep}`) || /^[A-Za-z]:/.test(relativePath))
      );
    });
    if (!inside) throw new LapicqueError('io', { path, reason: 'it leads out of the folder that is shown' });
  }
}

function isSame(a: ViewTarget, b: ViewTarget): boolean {
  return a.path === undefined ? a.object === b.object : a.path === b.path;
}

function unknownFile(path: string): LapicqueError {
  const content =
    'logs of trainings (log.jsonl, lapicque train --log), studies, recordings, event files, models and networks';
  const message = `${path} is nothing that the viewer shows: ${content}`;
  return new LapicqueError('unsupported', { feature: path, format: 'the viewer' }, { message });
}
