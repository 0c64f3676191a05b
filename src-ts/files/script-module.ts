/** Modules that users write for the command line: recipes and networks, in JavaScript or TypeScript. */
import { createRequire, register } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LapicqueError } from '../checks/errors.ts';

/**
 * Imports a module. TypeScript is read by Node itself from 22.18 on, and by an older one through esbuild where that is
 * installed; as in Node, types are taken away and not checked.
 *
 * @param what - what such modules are, for the message
 * @throws LapicqueError `unsupported` for a form that is not read; whatever the module itself throws
 */
export async function importScript(path: string, what: string): Promise<{ default?: unknown }> {
  const { href } = pathToFileURL(resolve(path));
  try {
    return await import(href);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    const extension = extname(path);
    const typed = extension === '.ts' || extension === '.mts';
    // A form that failed to load stays failed under its address.
    if (typed && readTypeScript(href)) return await import(`${href}?typescript`);
    const hint = typed ? ' (22.18 or newer reads TypeScript, an older one with esbuild installed)' : '';
    throw new LapicqueError('unsupported', {
      feature: `${what} in ${extension || 'this form'}`,
      format: `Node ${process.version}${hint}`,
    });
  }
}

let reading = false;

/** Lets this process read TypeScript from now on; whether it can. */
function readTypeScript(script: string): boolean {
  if (reading) return true;
  const esbuild = [script, import.meta.url].map(installed).find((found) => found !== undefined);
  if (esbuild === undefined) return false;
  // Errors then name the lines of the script as it was written.
  process.setSourceMapsEnabled(true);
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: esbuild });
  reading = true;
  return true;
}

/** Where esbuild is, seen from a module. */
function installed(from: string): string | undefined {
  try {
    return pathToFileURL(createRequire(from).resolve('esbuild')).href;
  } catch {
    return undefined;
  }
}

/** Node runs these in a thread of their own, as a module without a file. */
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
