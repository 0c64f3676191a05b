/** Modules that users write for the command line: recipes and networks, in JavaScript or TypeScript. */
import { createRequire, register } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LapicqueError } from '../checks/errors.ts';

/**
 * Imports a module. Node reads TypeScript itself from 22.18 on; an older version reads it through esbuild, if
 * that is installed. As in Node, types are removed and not checked.
 *
 * @param what - what kind of module it is, for the message
 * @throws LapicqueError `unsupported` for a file type that cannot be imported; any error of the module itself
 */
export async function importScript(path: string, what: string): Promise<{ default?: unknown }> {
  const { href } = pathToFileURL(resolve(path));
  try {
    return await import(/* webpackIgnore: true */ href);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    const extension = extname(path);
    const typed = extension === '.ts' || extension === '.mts';
    // A module that failed to load stays failed under its URL.
    // A constant part of the address would make bundlers look for files of that name in the library's own folder.
    const again = `${href}?typescript`;
    if (typed && readTypeScript(href)) return await import(/* webpackIgnore: true */ again);
    const hint = typed ? ' (22.18 or newer reads TypeScript, an older one with esbuild installed)' : '';
    throw new LapicqueError('unsupported', {
      feature: `${what} in ${extension || 'this form'}`,
      format: `Node ${process.version}${hint}`,
    });
  }
}

let reading = false;

/** Enables TypeScript in this process; returns whether that succeeded. */
function readTypeScript(script: string): boolean {
  if (reading) return true;
  const esbuild = [script, import.meta.url].map(installed).find((found) => found !== undefined);
  if (esbuild === undefined) return false;
  // Errors then name the lines of the original script.
  process.setSourceMapsEnabled(true);
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: esbuild });
  reading = true;
  return true;
}

/** The location of esbuild, resolved from a module. */
function installed(from: string): string | undefined {
  try {
    return pathToFileURL(createRequire(from).resolve('esbuild')).href;
  } catch {
    return undefined;
  }
}

/** Node runs these hooks in a thread of their own, as a module without a file. */
const hooks = `
import { readFile } from 'node:fs/promises';
let esbuild;
export async function initialize(address) {
  esbuild = (await import(address)).default;
}
export async function load(url, context, next) {
  const file = new URL(url);
  if (file.protocol !== 'file:' || !/\\.m?ts$/.test(file.pathname)) return next(url, context);
  file.search = '';
  const options = { loader: 'ts', format: 'esm', target: 'node20', sourcemap: 'inline', sourcefile: file.href };
  try {
    const { code } = await esbuild.transform(await readFile(file, 'utf8'), options);
    return { format: 'module', source: code, shortCircuit: true };
  } catch (error) {
    const [{ text, location }] = error.errors;
    throw new SyntaxError(text + ', line ' + location.line);
  }
}`;
