// Builds what users get: dist/ (ES modules and CommonJS), the packages beside it, and the public types as one file.
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { writeBundledLicenses } from '../release/licenses.mjs';
import { makeDigits } from './digits.mjs';
import { makeTypes } from './types.mjs';

rmSync('dist', { recursive: true, force: true });

const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  outdir: 'dist',
  // Development dependencies that the library uses go in: it has no dependency but its engine.
  external: ['lapicque', ...Object.keys(peerDependencies), '#native', '#trial-worker'],
  // The output is readable as it is, and maps would be more than half of the package.
  sourcemap: false,
  legalComments: 'none',
  // Not minified: Node prints the line of an error that nobody catches, and that would be all of it.
  logLevel: 'warning',
  metafile: true,
};

// Bundled CommonJS modules require Node's own. (The name is unusual, since users' bundles have such banners, too.)
const banner =
  "import { createRequire as createLapicqueRequire } from 'node:module';\nconst require = createLapicqueRequire(import.meta.url);";

// Programs of the package; they share the modules of the library through common chunks.
const entryPoints = [
  { in: 'src-ts/index.ts', out: 'index' },
  { in: 'src-ts/cli/main.ts', out: 'cli' },
  { in: 'src-ts/study/trial-worker.ts', out: 'trial-worker' },
];

const [modules, commonjs] = await Promise.all([
  build({
    ...common,
    entryPoints,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: banner },
  }),
  build({
    ...common,
    entryPoints: ['src-ts/index.ts'],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  }),
  // The program of `npm run vectors` tests the library and is not published.
  build({
    ...common,
    entryPoints: [{ in: '__test__/vectors/main.ts', out: 'vectors' }],
    outdir: 'build',
    format: 'esm',
    banner: { js: banner },
  }),
  makeReport('packages/report'),
  makeViewer('packages/viewer'),
  makeBench('packages/bench'),
  makeDigits('packages/data-mnist/dist'),
]);
await joinLibrary(modules.metafile);
writeBundledLicenses('dist/LICENSES.txt', modules.metafile, commonjs.metafile);

// npm does the same where it installs the package; a clone's own copy is called as it is.
chmodSync('dist/cli.js', 0o755);

makeTypes('index.d.ts');
// Under moduleResolution node16 a CommonJS user needs types of its own kind.
copyFileSync('index.d.ts', 'index.d.cts');

/**
 * Joins all that `import 'lapicque'` loads in one file. The commands of the command line, each loaded when it is called, cut the library
 * into some thirty chunks, and a chunk costs a millisecond however small it is. What was such a chunk passes on what the file exports.
 */
async function joinLibrary({ outputs }) {
  const reached = (path, files = new Set()) => {
    if (files.has(path) || outputs[path] === undefined) return files;
    files.add(path);
    for (const { path: next, kind } of outputs[path].imports)
      if (kind === 'import-statement') reached(next, files);
    return files;
  };
  // What the command line begins with stays apart: it says in a sentence that the engine does not load, which the library throws.
  const begins = reached('dist/cli.js');
  const library = new Set([...reached('dist/index.js')].filter((path) => !begins.has(path)));
  const files = [...library];
  const joined = 'dist/chunks/library.js';
  await build({
    ...common,
    stdin: {
      // Names of a chunk are unique within it, not among all.
      contents: files
        .map((path, i) => {
          const names = outputs[path].exports.map((name) => `${name} as ${name}$${i}`);
          return `export { ${names.join(', ')} } from './${path}';`;
        })
        .join('\n'),
      resolveDir: '.',
    },
    outdir: undefined,
    outfile: joined,
    allowOverwrite: true,
    format: 'esm',
    plugins: [
      {
        name: 'library',
        setup({ onResolve }) {
          // Chunks that are loaded later stay files of their own, beside this one.
          onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
            const file = relative('.', resolve(resolveDir, path)).replaceAll('\\', '/');
            return library.has(file)
              ? { path: resolve(file) }
              : { path: `./${basename(file)}`, external: true };
          });
        },
      },
    ],
  });
  for (const [i, path] of files.entries()) {
    const names = outputs[path].exports.map((name) => `${name}$${i} as ${name}`);
    writeFileSync(
      path,
      `export { ${names.join(', ')} } from './${relative(dirname(path), joined).replaceAll('\\', '/')}';\n`,
    );
  }
}

/** The tasks of `lapicque bench`, which import the library, and the digits of one of them. */
async function makeBench(folder) {
  await build({
    ...common,
    entryPoints: [`${folder}/src/index.ts`],
    outdir: `${folder}/dist`,
    format: 'esm',
  });
  copyFileSync('assets/digits/digits.safetensors', `${folder}/dist/digits.safetensors`);
  copyFileSync('assets/digits/README.md', `${folder}/dist/digits-README.md`);
}

/** What PNG and PDF of figures are written with, as one file, and a font, since a machine without any would draw no text. */
async function makeReport(folder) {
  const { dependencies } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const { metafile } = await build({
    ...common,
    entryPoints: [`${folder}/index.js`],
    outdir: `${folder}/dist`,
    external: Object.keys(dependencies),
    format: 'esm',
    sourcemap: false,
    minify: true,
  });
  writeBundledLicenses(`${folder}/dist/LICENSES.txt`, metafile);
  const font = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/inter/package.json'));
  copyFileSync(`${font}/400Regular/Inter_400Regular.ttf`, `${folder}/dist/Inter-Regular.ttf`);
  copyFileSync(`${font}/600SemiBold/Inter_600SemiBold.ttf`, `${folder}/dist/Inter-SemiBold.ttf`);
  copyFileSync(`${font}/LICENSE_FONT`, `${folder}/dist/Inter-LICENSE`);
}

/** The page of the viewer: one script and one style sheet, since a server that reads no other file has no other file to give away. */
async function makeViewer(folder) {
  const { metafile } = await build({
    ...common,
    entryPoints: [
      { in: `${folder}/src/main.ts`, out: 'viewer' },
      { in: `${folder}/src/viewer.css`, out: 'viewer' },
    ],
    outdir: `${folder}/dist`,
    platform: 'browser',
    target: 'es2022',
    external: [],
    format: 'esm',
    sourcemap: false,
    minify: true,
  });
  writeBundledLicenses(`${folder}/dist/LICENSES.txt`, metafile);
  for (const file of ['index.html', 'icon.svg'])
    copyFileSync(`${folder}/src/${file}`, `${folder}/dist/${file}`);
}
