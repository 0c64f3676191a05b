// Builds what users get: dist/ (ES modules and CommonJS), the packages beside it, and the public types as one file.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { writeBundledLicenses } from '../release/licenses.mjs';
import { buildBundles } from './bundles.mjs';
import { makeDigits } from './digits.mjs';
import { doors } from './doors.mjs';
import { makeTypes } from './types.mjs';

rmSync('dist', { recursive: true, force: true });
// packages/bench imports the library by its name, as users' programs do. (As a dependency in package.json, npm would prepare it twice.)
if (!existsSync('node_modules/lapicque')) symlinkSync('..', 'node_modules/lapicque', 'junction');

const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Development dependencies that the library uses go in: it has no dependency but its engine.
  external: ['lapicque', ...Object.keys(peerDependencies), '#native', '#trial-worker'],
  // Maps would be more than half of the package.
  sourcemap: false,
  legalComments: 'none',
  // Comments and white space would be a fifth of the package. Names stay, for stacks, and lines are short, since Node prints the line of an
  // error that nobody catches.
  minifyWhitespace: true,
  lineLimit: 160,
  logLevel: 'warning',
  metafile: true,
};

// Bundled CommonJS modules require Node's own. (The name is unusual, since users' bundles have such banners, too.)
const banner =
  "import { createRequire as createLapicqueRequire } from 'node:module';\nconst require = createLapicqueRequire(import.meta.url);";

const [library] = await Promise.all([
  buildBundles({
    doors,
    programs: [
      { source: 'src-ts/cli/main.ts', name: 'main', folder: 'cli' },
      { source: 'src-ts/study/trial-worker.ts', name: 'trial-worker' },
    ],
    common,
    esm: { banner: { js: banner } },
    cjs: {
      define: { 'import.meta.url': 'importMetaUrl' },
      banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    },
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
writeBundledLicenses('dist/LICENSES.txt', ...library);

// The command itself, so that its path is the same whatever the folders are.
writeFileSync('dist/cli.js', "#!/usr/bin/env node\nimport './cli/main.js';\n");

// npm does the same where it installs the package; a clone's own copy is called as it is.
chmodSync('dist/cli.js', 0o755);

makeTypes();

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
    entryPoints: [`${folder}/index.js`, `${folder}/png-worker.js`],
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
