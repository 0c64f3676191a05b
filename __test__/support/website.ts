import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Imports a file of the folder website. */
export const websiteModule = <T>(path: string) =>
  import(pathToFileURL(resolve('website', path)).href) as Promise<T>;
