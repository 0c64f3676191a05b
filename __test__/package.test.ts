// The package as a user gets it: what package.json exports, from both module systems, with types for both.
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);
const node = (...args: string[]) => run(process.execPath, args).then(({ stdout }) => stdout);
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, never>;

test('import and require give the same names, and no default', async (t) => {
  const names = 'console.log(JSON.stringify(Object.keys(m).sort()))';
  const esm = JSON.parse(await node('--input-type=module', '-e', `import * as m from 'lapicque'; ${names}`));
  const cjs = JSON.parse(await node('-e', `const m = require('lapicque'); ${names}`));
  t.deepEqual(esm, cjs);
  t.true(esm.includes('DataLoader'));
  t.false(esm.includes('default'));
  const classes = `console.log(Object.entries(m).filter(([, c]) => /^class/.test(c) || c.prototype?.[Symbol.dispose]).map(([k, c]) => [k, c.name]).filter(([k, name]) => k !== name).join())`;
  t.is(await node('--input-type=module', '-e', `import * as m from 'lapicque'; ${classes}`), '\n');
  t.is(await node('-e', `const m = require('lapicque'); ${classes}`), '\n');
});

test('objects of either module system serve the other', async (t) => {
  const program = `import * as m from 'lapicque';
    import { createRequire } from 'node:module';
    const c = createRequire(import.meta.url)('lapicque');
    const layers = () => [m.dense(3, 4), c.lif({ beta: 0.9 }), c.dense(4, 2), m.lif({ beta: 0.9 })];
    const [one, two] = [await m.sequential(...layers()).compile(), await c.sequential(...layers()).compile()];
    const input = { x: new Float32Array(6).fill(1), shape: [2, 1, 3] };
    const { state, v } = await one.run(input);
    await two.run(input, { state });
    const counted = await Promise.all([c.operations(one, input), m.operations(two, input)]);
    const ours = await m.generate(two).next().catch((error) => error instanceof c.LapicqueError && error.message);
    console.log(JSON.stringify([counted[0].synapticOperations === counted[1].synapticOperations, ours]));`;
  const [same, message] = JSON.parse(await node('--input-type=module', '-e', program));
  t.true(same);
  t.regex(message, /a language model/);
});

test('the digits load from either module system', async (t) => {
  const print = '(await m.mnist()).labels.length';
  t.is(
    await node('--input-type=module', '-e', `import * as m from 'lapicque'; console.log(${print})`),
    '10000\n',
  );
  t.is(await node('-e', `const m = require('lapicque'); (async () => console.log(${print}))()`), '10000\n');
});

test('importing loads neither the charts nor the pictures', async (t) => {
  const program = `await import('lapicque'); const { createRequire } = await import('node:module');
    const cache = Object.keys(createRequire('${process.cwd()}/x.js').cache).concat(process.moduleLoadList ?? []);
    console.log(cache.filter((name) => /observablehq|resvg|linkedom|commander|cli-progress/.test(name)).length)`;
  t.is(await node('--input-type=module', '-e', program), '0\n');
});

const consumer = `import { DataLoader, LapicqueError, type LoaderOptions } from 'lapicque';
const options: LoaderOptions = { batchSize: 1 };
export const loader = new DataLoader([1, 2], options);
export const isOurs = (error: unknown): boolean => error instanceof LapicqueError && error.code === 'io';
`;
const modes = [
  { module: 'node16', moduleResolution: 'node16', type: 'module' },
  { module: 'node16', moduleResolution: 'node16', type: 'commonjs' },
  { module: 'nodenext', moduleResolution: 'nodenext', type: 'module' },
  { module: 'esnext', moduleResolution: 'bundler', type: 'module' },
];
for (const { type, ...compilerOptions } of modes) {
  test(`types resolve: ${compilerOptions.moduleResolution}, ${type}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'lapicque-consumer-'));
    t.teardown(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, 'node_modules', '@types'), { recursive: true });
    await symlink(process.cwd(), join(folder, 'node_modules', 'lapicque'));
    await symlink(join(process.cwd(), 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
    await writeFile(join(folder, 'main.ts'), consumer);
    const options = {
      ...compilerOptions,
      strict: true,
      noEmit: true,
      target: 'es2022',
      types: ['node'],
      lib: ['es2023', 'esnext.disposable'],
    };
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['main.ts'] }),
    );
    await t.notThrowsAsync(run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder]));
  });
}

test('the types of both module systems are the same file', (t) => {
  t.is(readFileSync('index.d.cts', 'utf8'), readFileSync('index.d.ts', 'utf8'));
});

test('installing runs no script, and the package has few dependencies', (t) => {
  const { scripts, dependencies, engines } = manifest as unknown as Record<string, Record<string, string>>;
  for (const hook of ['preinstall', 'install', 'postinstall']) t.false(hook in scripts!);
  t.true(Object.keys(dependencies!).length <= 5);
  t.is(engines!.node, '>=20');
});

test('npx in a clone runs what has been built, and builds nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-npx-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const { triple } = createRequire(import.meta.url)(join(process.cwd(), 'native/triple.cjs'));
  const built = ['dist/cli.js', `native/lapicque.${triple()}.node`];
  const ages = () => built.map((path) => statSync(path).mtimeMs);
  const before = ages();
  const env = { ...process.env, npm_config_cache: folder, npm_config_update_notifier: 'false' };
  const { stdout } = await run('npx', ['lapicque', '--version'], { env });
  t.is(stdout.trim(), manifest.version as unknown as string);
  t.deepEqual(ages(), before);
});

test('the package holds what it needs and nothing of the build', async (t) => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']);
  const [{ files, size }] = JSON.parse(stdout) as [{ files: { path: string }[]; size: number }];
  const paths = files.map((file) => file.path);
  for (const path of [
    'dist/index.js',
    'dist/index.cjs',
    'dist/assets/mnist-images.idx3.gz',
    'index.d.ts',
    'index.d.cts',
    'LICENSE',
    'dist/assets/mnist-LICENSE',
    'dist/assets/Inter-LICENSE',
    'dist/assets/pure-rand-LICENSE',
    'dist/assets/d3-dsv-LICENSE',
    'dist/hdf5-worker.js',
  ]) {
    t.true(paths.includes(path), path);
  }
  t.deepEqual(
    paths.filter((path) => /^(src-rs|src-ts|build|target|__test__|scripts)\//.test(path)),
    [],
  );
  t.true(size < 4e6, `${size} bytes`);
});

test('the two tarballs are all that a project elsewhere needs', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-tarballs-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const tarballs = (await node('scripts/tarballs.mjs', folder)).trim().split('\n');
  t.is(tarballs.length, 2);
  const unpack = async (tarball: string | undefined, name: string) => {
    const into = join(folder, 'node_modules', name);
    await mkdir(into, { recursive: true });
    await run('tar', ['-xzf', tarball!, '-C', into, '--strip-components=1']);
    return JSON.parse(await readFile(join(into, 'package.json'), 'utf8'));
  };
  await unpack(tarballs[0], 'lapicque');
  const load = () =>
    run(process.execPath, ['-e', "console.log(require('lapicque').environment().version)"], {
      cwd: folder,
    });
  const alone = await t.throwsAsync(load);
  t.regex(alone!.message, /npm run tarballs/);
  const engine = await unpack(tarballs[1], 'engine');
  t.deepEqual([engine.os, engine.cpu], [[process.platform], [process.arch]]);
  await unpack(tarballs[1], engine.name);
  t.is((await load()).stdout.trim(), engine.version);
});
