// The package as a user gets it: what package.json exports, from both module systems, with types for both.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);
const node = (...args: string[]) => run(process.execPath, args).then(({ stdout }) => stdout);
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, never> & {
  exports: object;
};

test('import and require give the same names, and no default', async (t) => {
  const doors = Object.keys(manifest.exports)
    .filter((path) => path !== './package.json')
    .map((path) => path.replace('.', 'lapicque'));
  const names = 'console.log(JSON.stringify(Object.keys(m).sort()))';
  const classes = `console.log(Object.entries(m).filter(([, c]) => /^class/.test(c) || c.prototype?.[Symbol.dispose]).map(([k, c]) => [k, c.name]).filter(([k, name]) => k !== name).join())`;
  const all: string[] = [];
  for (const door of doors) {
    const [module, common] = [`import * as m from '${door}';`, `const m = require('${door}');`];
    const esm = JSON.parse(await node('--input-type=module', '-e', `${module} ${names}`));
    t.deepEqual(esm, JSON.parse(await node('-e', `${common} ${names}`)), door);
    t.false(esm.includes('default'), door);
    t.is(await node('--input-type=module', '-e', `${module} ${classes}`), '\n', door);
    t.is(await node('-e', `${common} ${classes}`), '\n', door);
    all.push(...esm);
  }
  t.true(all.includes('DataLoader'));
  t.deepEqual(
    all.filter((name, i) => all.indexOf(name) !== i),
    [],
    'each name leaves by one door',
  );
});

test('objects of either module system serve the other', async (t) => {
  const program = `import * as m from 'lapicque';
    import { createRequire } from 'node:module';
    import { lif } from 'lapicque/neurons';
    import { operations } from 'lapicque/chip';
    const require = createRequire(import.meta.url);
    const c = { ...require('lapicque'), ...require('lapicque/neurons'), ...require('lapicque/chip') };
    const layers = () => [m.dense(3, 4), c.lif({ beta: 0.9 }), c.dense(4, 2), lif({ beta: 0.9 })];
    const [one, two] = [await m.sequential(...layers()).compile(), await c.sequential(...layers()).compile()];
    const input = { x: new Float32Array(6).fill(1), shape: [2, 1, 3] };
    const { state, v } = await one.run(input);
    await two.run(input, { state });
    const counted = await Promise.all([c.operations(one, input), operations(two, input)]);
    const ours = await m.generate(two).next().catch((error) => error instanceof c.LapicqueError && error.message);
    console.log(JSON.stringify([counted[0].synapticOperations === counted[1].synapticOperations, ours]));`;
  const [same, message] = JSON.parse(await node('--input-type=module', '-e', program));
  t.true(same);
  t.regex(message, /a language model/);
});

test('the digits load from either module system', async (t) => {
  const print = '(await m.mnist()).labels.length';
  t.is(
    await node('--input-type=module', '-e', `import * as m from 'lapicque/data'; console.log(${print})`),
    '10000\n',
  );
  t.is(
    await node('-e', `const m = require('lapicque/data'); (async () => console.log(${print}))()`),
    '10000\n',
  );
});

test('importing loads neither the charts nor the pictures', async (t) => {
  const program = `await import('lapicque'); const { createRequire } = await import('node:module');
    const cache = Object.keys(createRequire('${process.cwd()}/x.js').cache).concat(process.moduleLoadList ?? []);
    console.log(cache.filter((name) => /observablehq|resvg|linkedom|commander|cli-progress/.test(name)).length)`;
  t.is(await node('--input-type=module', '-e', program), '0\n');
});

const consumer = `import { LapicqueError } from 'lapicque';
import { DataLoader, type LoaderOptions } from 'lapicque/data';
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

test('every door is exported, with the same types for both module systems', (t) => {
  t.deepEqual(
    Object.keys(manifest.exports).sort(),
    ['.', './package.json', ...doorNames.map((name) => `./${name}`)].sort(),
  );
  for (const { import: module, require: common } of Object.values(manifest.exports) as {
    import: { types: string; default: string };
    require: { types: string; default: string };
  }[]) {
    if (module === undefined) continue;
    t.is(
      readFileSync(module.types, 'utf8'),
      `export * from './${basename(common.types, '.d.cts')}.cjs';\n`,
      'declarations are shipped once',
    );
    for (const { default: file } of [module, common]) t.true(existsSync(file), file);
    t.true(readFileSync(common.types, 'utf8').split('\n').length <= 4001, common.types);
  }
});

test('installing runs no script and brings nothing but the engine', (t) => {
  const { scripts, peerDependenciesMeta, engines, ...others } = manifest as unknown as Record<
    string,
    Record<string, unknown>
  >;
  for (const hook of ['preinstall', 'install', 'postinstall']) t.false(hook in scripts!);
  t.false('dependencies' in others);
  for (const [name, { optional }] of Object.entries(
    peerDependenciesMeta as Record<string, { optional: boolean }>,
  ))
    t.true(optional, name);
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

const doorNames = readdirSync('src-ts/doors').map((file) => file.replace(/\.ts$/, ''));
const files =
  (...names: string[]) =>
  (end: string) =>
    RegExp(`^dist/(${[...doorNames, ...names].join('|')})${end}$`);

/** The lists of files that `npm pack` would put into a tarball; every path is looked at, so a new file is seen here. */
const contents: Record<string, RegExp[]> = {
  '.': [
    files('index', 'cli', 'trial-worker')('\\.js'),
    files('index')('\\.cjs'),
    files()('\\.d\\.c?ts'),
    /^dist\/library\/[\w-]+\.c?js$/,
    /^dist\/cli\/[\w-]+\.js$/,
    /^dist\/LICENSES\.txt$/,
    /^dist\/index\.d\.c?ts$/,
    /^native\/(load|triple)\.cjs$/,
    /^native\/(load|addon)\.d\.cts$/,
    /^(LICENSE|README\.md|package\.json)$/,
  ],
  'packages/report': [
    /^dist\/((index|png-worker)\.js|LICENSES\.txt|Inter-(Regular|SemiBold)\.ttf|Inter-LICENSE)$/,
    /^(LICENSE|README\.md|package\.json)$/,
  ],
  'packages/viewer': [
    /^dist\/(index\.html|viewer\.(js|css)|icon\.svg|LICENSES\.txt)$/,
    /^(LICENSE|README\.md|package\.json|index\.d\.ts)$/,
  ],
  'packages/data-mnist': [
    /^dist\/(mnist-(images\.idx3|labels\.idx1)\.gz|mnist-LICENSE|made)$/,
    /^(LICENSE|README\.md|package\.json)$/,
  ],
  'packages/bench': [
    /^dist\/(index\.js|digits\.safetensors|digits-README\.md)$/,
    /^(LICENSE|README\.md|package\.json|index\.d\.ts)$/,
  ],
};
for (const [folder, allowed] of Object.entries(contents)) {
  test(`what npm pack takes of ${folder}`, async (t) => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: folder });
    const [{ files, size }] = JSON.parse(stdout) as [{ files: { path: string }[]; size: number }];
    const paths = files.map((file) => file.path);
    t.deepEqual(
      paths.filter((path) => !allowed.some((form) => form.test(path))),
      [],
    );
    t.deepEqual(allowed.filter((form) => !paths.some((path) => form.test(path))).map(String), []);
    t.true(size < (folder === '.' ? 2e6 : 4e6), `${size} bytes`);
  });
}

test('every platform that has a package stands in the loader, by the name of its binary', (t) => {
  const { targets } = (manifest as unknown as { napi: { targets: string[] } }).napi;
  const loader = readFileSync('native/load.cjs', 'utf8');
  const named = [...loader.matchAll(/require\('@lapicque\/([\w-]+)'\)/g)].map(([, name]) => name);
  t.is(new Set(named).size, targets.length);
  t.true(named.every((name) => loader.includes(`case '${name}':`)));
});

test('the tarballs are all that a project elsewhere needs', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-packages-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const lines = (await node('scripts/release/packages.mjs', folder)).trim().split('\n');
  const tarballs = lines.map((line) => line.split('  ')[0]!);
  t.is(tarballs.length, 6);
  const unpack = async (tarball: string, name: string) => {
    const into = join(folder, 'node_modules', name);
    await mkdir(into, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', into, '--strip-components=1']);
    return JSON.parse(await readFile(join(into, 'package.json'), 'utf8'));
  };
  const [engine, library] = tarballs;
  const { optionalDependencies, scripts, devDependencies } = await unpack(library!, 'lapicque');
  t.deepEqual([scripts, devDependencies], [undefined, undefined]);
  const load = () =>
    run(process.execPath, ['-e', "console.log(require('lapicque').environment().version)"], { cwd: folder });
  const alone = await t.throwsAsync(load);
  t.regex(alone!.message, /npm install --include=optional lapicque/);
  const { name, os, cpu, version, files } = await unpack(engine!, 'engine');
  t.deepEqual(optionalDependencies, { [name]: version });
  t.deepEqual([os, cpu], [[process.platform], [process.arch]]);
  t.true(files.includes('LICENSES.txt'));
  const licenses = await readFile(join(folder, 'node_modules/engine/LICENSES.txt'), 'utf8');
  for (const crate of ['napi ', 'rayon ', 'serde_json ']) t.regex(licenses, new RegExp(`^${crate}`, 'm'));
  await unpack(engine!, name);
  t.is((await load()).stdout.trim(), version);
  // The viewer names its package where that is missing, and finds it where it is installed.
  const viewing =
    "require('lapicque/figure').view().then(async (v) => { const { status } = await fetch(v.url, { redirect: 'manual' }); await v.close(); console.log(status); }, (e) => console.log(e.message))";
  const seen = () => run(process.execPath, ['-e', viewing], { cwd: folder });
  t.regex(
    (await seen()).stdout,
    /needs the package @lapicque\/viewer, which is not installed; run npm install @lapicque\/viewer/,
  );
  await unpack(tarballs.find((path) => path.includes('viewer'))!, '@lapicque/viewer');
  t.is((await seen()).stdout, '303\n');
  // So does the command of the benchmarks, whose package imports the library beside it.
  const command = join(folder, 'node_modules/lapicque/dist/cli.js');
  const bench = (...args: string[]) => run(process.execPath, [command, ...args], { cwd: folder });
  for (const args of [
    ['bench', 'digits'],
    ['simulate', 'coba', '--seconds', '0.01', '--limits'],
  ])
    t.regex(
      ((await t.throwsAsync(bench(...args))) as { stderr?: string }).stderr!,
      /needs the package @lapicque\/bench, which is not installed; run npm install @lapicque\/bench/,
    );
  await unpack(tarballs.find((path) => path.includes('bench'))!, '@lapicque/bench');
  const small = [
    'bench',
    'dense_rate',
    '--size',
    '3-4-2',
    '--T',
    '2',
    '--batch',
    '2',
    '--steps',
    '1',
    '--json',
  ];
  t.is(JSON.parse((await bench(...small)).stdout).params, 26);
});
