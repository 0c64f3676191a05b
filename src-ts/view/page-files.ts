/** The page: the files of the optional package `@lapicque/viewer`, all of them, in memory. The server reads no other file by an address. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { missingPackage } from '../checks/optional-package.ts';

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/viewer.js': ['viewer.js', 'text/javascript; charset=utf-8'],
  '/viewer.css': ['viewer.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** By their addresses. @throws LapicqueError `unsupported` if the package is not installed */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  try {
    const script = createRequire(import.meta.url).resolve('@lapicque/viewer');
    const read = Object.entries(files).map(async ([address, [name, type]]) => {
      const bytes: Uint8Array = await readFile(join(dirname(script), name));
      return [address, { type, bytes }] as const;
    });
    return new Map(await Promise.all(read));
  } catch (error) {
    throw missingPackage('@lapicque/viewer', 'the viewer', error);
  }
}
