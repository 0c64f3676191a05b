// The installed package inside other things: bundles, traced files, a single executable, threads, processes, an Electron archive.
// Each result runs in a folder that holds nothing else.
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeProject } from './project.mjs';

/** Trains nothing, but goes through the engine: what it prints is the same everywhere. */
const program = `
const model = await sequential(dense(4, 8), lif({ beta: 0.9 }), dense(8, 2), lif({ beta: 0.9 })).compile({ seed: 1 });
const { spikes } = await model.run({ x: new Float32Array(40).fill(1), shape: [10, 1, 4] });
console.log('spikes', spikes.length, environment().version);
`;
const names = { lapicque: 'dense, environment, sequential', 'lapicque/neurons': 'lif' };
const lines = (line) =>
  Object.entries(names)
    .map(([door, list]) => line(list, door))
    .join('\n');
const esm = `${lines((list, door) => `import { ${list} } from '${door}';`)}\n${program}`;
const cjs = `${lines((list, door) => `const { ${list} } = require('${door}');`)}\n(async () => {${program}})();\n`;

export async function embedding(context) {
  const { run, tools, work } = context;
  const project = makeProject(context, 'embedding', { type: 'module' });
  run('npm', ['install', 'lapicque', '@lapicque/data-mnist'], project);
  writeFileSync(join(project, 'app.mjs'), esm);
  writeFileSync(join(project, 'app.cjs'), cjs);
  const elsewhere = (name) => {
    const folder = join(work, 'embedded', name);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const runs = (file, cwd, ...args) => {
    const output = run(process.execPath, [...args, file], cwd);
    if (!/^spikes \d+ \d+\.\d+/m.test(output)) throw new Error(`it printed ${JSON.stringify(output)}`);
  };
  const load = (name) => import(pathToFileURL(tools.module(name)).href);
  const setup = { ...context, project, elsewhere, runs, load };
  await bundles(setup);
  await folders(setup);
  await executable(setup);
  await processes(setup);
}

async function bundles({ check, tools, project, elsewhere, runs, load }) {
  await check('esbuild, CommonJS', async () => {
    const { build } = (await load('esbuild/lib/main.js')).default;
    const outdir = elsewhere('esbuild-cjs');
    await build({
      absWorkingDir: project,
      entryPoints: ['app.cjs'],
      outdir,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      loader: { '.node': 'copy' },
      logLevel: 'error',
    });
    runs('app.cjs', outdir);
  });
  await check('esbuild, ES modules', async () => {
    const { build } = (await load('esbuild/lib/main.js')).default;
    const outdir = elsewhere('esbuild-esm');
    await build({
      absWorkingDir: project,
      entryPoints: ['app.mjs'],
      outdir,
      bundle: true,
      platform: 'node',
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      loader: { '.node': 'copy' },
      banner: {
        js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    runs('app.mjs', outdir);
  });
  await check('webpack', async () => {
    const webpack = (await load('webpack/lib/index.js')).default;
    const path = elsewhere('webpack');
    const stats = await new Promise((resolve, reject) =>
      webpack(
        {
          context: project,
          entry: './app.cjs',
          mode: 'production',
          target: 'node20',
          output: { path, filename: 'app.cjs' },
          node: { __dirname: false },
          module: {
            rules: [{ test: /\.node$/, type: 'javascript/auto', use: tools.module('node-loader') }],
          },
          optimization: { minimize: false },
        },
        (error, result) => (error ? reject(error) : resolve(result)),
      ),
    );
    if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
    runs('app.cjs', path);
  });
  await check('Vite, server-side rendering', async () => {
    const { build } = await load('vite/dist/node/index.js');
    const outDir = elsewhere('vite');
    await build({
      root: project,
      configFile: false,
      logLevel: 'error',
      build: { ssr: 'app.mjs', outDir, emptyOutDir: true },
      ssr: { external: ['lapicque'] },
    });
    // The usual way: dependencies stay outside, and are installed where it runs.
    cpSync(join(project, 'node_modules'), join(outDir, 'node_modules'), { recursive: true });
    runs(
      readdirSync(outDir).find((name) => /^app\.m?js$/.test(name)),
      outDir,
    );
  });
}

/** What copies files beside each other: traced ones, and those of an archive. */
async function folders({ check, project, elsewhere, runs, load }) {
  await check('@vercel/nft', async () => {
    const { nodeFileTrace } = (await load('@vercel/nft/out/index.js')).default;
    const { fileList } = await nodeFileTrace([join(project, 'app.mjs')], { base: project });
    const folder = elsewhere('nft');
    for (const file of fileList) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(project, file), join(folder, file), { dereference: true });
    }
    runs('app.mjs', folder);
    return `${fileList.size} files`;
  });
  await check('an Electron archive with the binary unpacked', async () => {
    const asar = (await load('@electron/asar/lib/asar.js')).default;
    const folder = elsewhere('asar');
    const archive = join(folder, 'app.asar');
    await asar.createPackageWithOptions(project, archive, { unpack: '**/*.node' });
    const unpacked = `${archive}.unpacked`;
    const binary = findBinary(unpacked);
    // Electron itself reads the rest from the archive; without it the rest is taken out beside the binary that stays where it is.
    for (const file of asar.listPackage(archive).map((path) => path.slice(1))) {
      const target = join(unpacked, file);
      const { size, files } = asar.statFile(archive, file);
      if (files !== undefined || size === undefined || existsSync(target)) continue;
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, asar.extractFile(archive, file));
    }
    runs('app.mjs', unpacked);
    return relative(folder, binary);
  });
}

async function executable({ check, run, tools, project, elsewhere, load }) {
  await check('a single executable', async () => {
    const { build } = (await load('esbuild/lib/main.js')).default;
    const folder = elsewhere('executable');
    await build({
      absWorkingDir: project,
      entryPoints: ['app.cjs'],
      outdir: folder,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      loader: { '.node': 'copy' },
      // What such a program is given as \`require\` knows Node's own modules only.
      banner: { js: "require = require('node:module').createRequire(process.execPath);" },
      logLevel: 'error',
    });
    writeFileSync(
      join(folder, 'sea.json'),
      JSON.stringify({ main: 'app.cjs', output: 'app.blob', disableExperimentalSEAWarning: true }),
    );
    run(process.execPath, ['--experimental-sea-config', 'sea.json'], folder);
    cpSync(process.execPath, join(folder, 'app'), { dereference: true });
    const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
    run(
      process.execPath,
      [tools.module('postject/dist/cli.js'), 'app', 'NODE_SEA_BLOB', 'app.blob', '--sentinel-fuse', fuse],
      folder,
    );
    renameSync(join(folder, 'app.cjs'), join(folder, 'app.cjs.away'));
    if (!/^spikes/m.test(run(join(folder, 'app'), [], folder))) throw new Error('it printed nothing');
  });
}

async function processes({ check, project, runs }) {
  await check('worker threads and child processes', () => {
    writeFileSync(
      join(project, 'both.mjs'),
      `import { Worker } from 'node:worker_threads'; import { fork } from 'node:child_process'; import { once } from 'node:events';
const threads = [1, 2].map(() => new Worker(new URL('app.mjs', import.meta.url)));
const children = [1, 2].map(() => fork(new URL('app.mjs', import.meta.url)));
const codes = await Promise.all([...threads, ...children].map(async (one) => (await once(one, 'exit'))[0]));
if (codes.some((code) => code !== 0)) throw new Error(codes.join());\n${esm}`,
    );
    runs('both.mjs', project);
  });
  await check('models from bytes, without a path', () => {
    writeFileSync(
      join(project, 'bytes.mjs'),
      `${lines((list, door) => `import { ${list} } from '${door}';`)} import { Model } from 'lapicque'; import { readFileSync } from 'node:fs';
const made = await sequential(dense(4, 2), lif({ beta: 0.9 })).compile({ seed: 1 });
await made.save('model.safetensors');
const loaded = await Model.load(readFileSync('model.safetensors'));
if (JSON.stringify(await loaded.currentDescription()) !== JSON.stringify(await made.currentDescription())) throw new Error('another model');
${program}`,
    );
    runs('bytes.mjs', project);
  });
}

function findBinary(folder) {
  const found = readdirSync(folder, { recursive: true }).find((path) => path.endsWith('.node'));
  if (found === undefined) throw new Error(`no .node file under ${folder}`);
  return join(folder, found);
}
