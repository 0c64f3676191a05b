/** Checkpoints and other artifacts of trials: files in a folder of each trial, or bytes in memory. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { invalid } from '../checks/check.ts';
import { ioError, isError } from '../checks/errors.ts';
import { writeAtomic } from '../files/file-source.ts';
import { bytesOfFile } from '../files/source-bytes.ts';
import type { ArtifactStore } from './executor.ts';

/** Names become parts of paths, so separators, `..` and names with a special meaning in a file system are refused. */
export function checkArtifactName(name: unknown): string {
  if (typeof name === 'string' && /^[\w][\w.-]{0,99}$/.test(name) && !name.endsWith('.')) return name;
  return invalid(
    'artifact',
    name,
    'up to 100 letters, digits, ".", "-" and "_", starting with a letter or digit',
  );
}

/** Files below `folder`: `trial-000012/NAME`. */
export class FolderArtifacts implements ArtifactStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  #trial(trial: number): string {
    return join(this.folder, `trial-${String(trial).padStart(6, '0')}`);
  }

  path(trial: number, name: string): string {
    return join(this.#trial(trial), checkArtifactName(name));
  }

  async read(trial: number, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = this.path(trial, name);
    try {
      return await bytesOfFile(path);
    } catch (error) {
      if (isError(error, 'io') && error.errno === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(trial: number, name: string, bytes: Uint8Array): Promise<void> {
    const path = this.path(trial, name);
    await mkdir(this.#trial(trial), { recursive: true }).catch((error: unknown) => {
      throw ioError(path, error);
    });
    await writeAtomic(path, bytes);
  }

  async remove(trial: number, name: string): Promise<void> {
    const path = this.path(trial, name);
    await rm(path, { force: true }).catch((error: unknown) => {
      throw ioError(path, error);
    });
  }

  async list(trial: number): Promise<string[]> {
    try {
      const names = await readdir(this.#trial(trial));
      return names.filter((name) => !name.startsWith('.')).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw ioError(this.#trial(trial), error);
    }
  }
}

/** Artifacts of a study without a store. */
export class MemoryArtifacts implements ArtifactStore {
  readonly #bytes = new Map<number, Map<string, Uint8Array<ArrayBuffer>>>();

  path(_trial: number, name: string): undefined {
    checkArtifactName(name);
  }

  async read(trial: number, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#bytes.get(trial)?.get(checkArtifactName(name))?.slice();
  }

  async write(trial: number, name: string, bytes: Uint8Array): Promise<void> {
    const own = this.#bytes.get(trial) ?? new Map<string, Uint8Array<ArrayBuffer>>();
    own.set(checkArtifactName(name), Uint8Array.from(bytes));
    this.#bytes.set(trial, own);
  }

  async remove(trial: number, name: string): Promise<void> {
    const own = this.#bytes.get(trial);
    own?.delete(checkArtifactName(name));
    if (own?.size === 0) this.#bytes.delete(trial);
  }

  async list(trial: number): Promise<string[]> {
    return [...(this.#bytes.get(trial)?.keys() ?? [])].sort();
  }
}
