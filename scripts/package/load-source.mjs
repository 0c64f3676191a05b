// Loads files of src-ts that are not public, for scripts and the site.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** The exports of a file of src-ts. @param file - such as `src-ts/nir/node-types.ts` */
export async function loadSource(file) {
  const outfile = join(root, 'build/loaded', file.replace(/ts$/, 'mjs'));
  const settings = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['#native', '@lapicque/*'],
    logLevel: 'error',
  };
  await build({ ...settings, entryPoints: [join(root, file)], outfile });
  return await import(pathToFileURL(outfile).href);
}
