// The doors of the library: the entries that package.json exports, each a file that says which public names leave by it.
import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Specifier, source file, and name of the built files of each door. */
export const doors = [
  { specifier: 'lapicque', source: 'src-ts/index.ts', name: 'index' },
  ...readdirSync(`${root}/src-ts/doors`)
    .map((file) => file.replace(/\.ts$/, ''))
    .sort()
    .map((name) => ({ specifier: `lapicque/${name}`, source: `src-ts/doors/${name}.ts`, name })),
];

/** Doors whose names are used behind the name of the door. */
export const namespaces = ['analysis', 'control', 'morphology'];

/** Every public name of the built library, and some doors as namespaces: for programs that are made of the blocks of a page. */
export async function wholeLibrary() {
  const modules = await Promise.all(
    doors.map(async ({ name }) => [name, await import(pathToFileURL(`${root}/dist/${name}.js`).href)]),
  );
  return Object.assign(
    {},
    ...modules.map(([name, module]) => (namespaces.includes(name) ? { [name]: module } : module)),
  );
}
