// Builds what users get: dist/ (ES modules and CommonJS), its assets, and the public types as one file.
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { makeAssets } from './assets.mjs';
import { makeTypes } from './types.mjs';

// The assets stay: they take seconds to make and renew themselves when their sources change.
const stale = existsSync('dist') ? readdirSync('dist').filter((name) => name !== 'assets') : [];
for (const name of stale) rmSync(`dist/${name}`, { recursive: true, force: true });

const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  outdir: 'dist',
  // What package.json names as a dependency stays outside; pure-rand and d3-dsv, development dependencies, go in.
  external: [
    ...Object.keys({ ...dependencies, ...peerDependencies }),
    '#native',
    '#assets/*',
    '#hdf5-worker',
  ],
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  logLevel: 'warning',
};

// Programs of the package; they share the modules of the library through common chunks.
const entryPoints = ['index', 'cli', 'vectors', 'sonata/hdf5-worker']
  .map((name) => ({ in: `src-ts/${name}.ts`, out: name.split('/').at(-1) }))
  .filter((entry) => existsSync(entry.in));

await Promise.all([
  build({ ...common, entryPoints, format: 'esm', splitting: true, chunkNames: 'chunks/[name]-[hash]' }),
  build({
    ...common,
    entryPoints: ['src-ts/index.ts'],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  }),
  makeAssets('dist/assets'),
]);

// npm does the same where it installs the package; a clone's own copy is called as it is.
chmodSync('dist/cli.js', 0o755);

makeTypes('index.d.ts');
// Under moduleResolution node16 a CommonJS user needs types of its own kind.
copyFileSync('index.d.ts', 'index.d.cts');
