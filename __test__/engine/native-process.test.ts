// The native layer and the life of the process: bugs of ours, exits in the middle of work, workers, other platforms.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import test from 'ava';

const loader = createRequire(import.meta.url).resolve('#native');
const prelude = `const { addon } = require(${JSON.stringify(loader)});
const input = new Float32Array(4);
`;

/** Runs a script in a process of its own and gives what it prints and how long it took. */
async function run(script: string, env: NodeJS.ProcessEnv = {}, flags: string[] = []) {
  const start = performance.now();
  const child = promisify(execFile)(process.execPath, [...flags, '-e', script], {
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  const { stdout } = await child;
  return { stdout: stdout.trim(), milliseconds: performance.now() - start };
}

for (const [kind, code] of [
  ['panic', 'internal'],
  ['rayon-panic', 'internal'],
  ['oversize', 'too-large'],
]) {
  test(`a ${kind} at any place of the boundary becomes an error and the process lives`, async (t) => {
    const { stdout } = await run(
      `${prelude}
(async () => {
  const probe = addon.Probe.create(4);
  const entries = {
    sync: [() => addon.environment(), () => addon.memory(), () => addon.setThreads(2), () => addon.Probe.create(1),
           () => probe.push(input, input), () => probe.run(input, 1, 0), () => addon.readTensors('x', undefined, 'x', 1)],
    task: [() => probe.run(input, 1, 0), () => addon.readTensors('x', undefined, 'x', 1), () => addon.writeTensors('/nowhere/x', undefined, [], [])],
    finish: [() => probe.run(input, 1, 0)],
  };
  const codes = [];
  for (const [place, calls] of Object.entries(entries)) {
    for (const call of calls) {
      addon.armFault('${kind}', place);
      const outcome = await call();
      addon.armFault();
      codes.push(outcome.error.code);
    }
  }
  const after = await addon.Probe.create(4).run(Float32Array.of(1, 2, 3, 4), 2, 0);
  console.log(JSON.stringify({ codes, after: [...after] }));
})();`,
      { LAPICQUE_FAULT: '1' },
    );
    const { codes, after } = JSON.parse(stdout) as { codes: string[]; after: number[] };
    t.deepEqual(codes, Array(11).fill(code));
    t.deepEqual(after, [2, 4, 6, 8]);
  });
}

test('faults cannot be armed by accident', async (t) => {
  const { stdout } = await run(`${prelude} console.log(addon.armFault('panic', 'sync').error.code)`);
  t.is(stdout, 'unsupported');
});

test('process.exit does not wait for a task', async (t) => {
  const script = `${prelude} addon.Probe.create(4).run(input, 1e6, 10); setTimeout(() => process.exit(7), 50)`;
  const start = performance.now();
  const error = await t.throwsAsync<Error & { code: number }>(run(script));
  t.is(error?.code, 7);
  t.true(performance.now() - start < 5000);
});

test('a process ends by itself after its last task, with and without progress', async (t) => {
  const { stdout } = await run(`${prelude}
    addon.Probe.create(4).run(input, 5, 20).then(() => console.log('one'));
    addon.Probe.create(4).run(input, 10, 20, new addon.TaskHandle(() => {})).then(() => console.log('two'));`);
  t.is(stdout, 'one\ntwo');
});

test('a worker ends in the middle of a task', async (t) => {
  const script = `${prelude} addon.Probe.create(4).run(input, 1e6, 10, new addon.TaskHandle(() => {}));
    require('node:worker_threads').parentPort.postMessage('running')`;
  for (let i = 0; i < 20; i++) {
    const worker = new Worker(script, { eval: true });
    await new Promise((resolve) => worker.once('message', resolve));
    const start = performance.now();
    await worker.terminate();
    t.true(performance.now() - start < 2000);
  }
});

test('memory of dropped handles comes back', async (t) => {
  const { stdout } = await run(
    `${prelude}
(async () => {
  const resident = () => addon.memory().resident / 2 ** 20;
  const ones = new Float32Array(2 ** 18).fill(1);
  for (let i = 0; i < 1000; i++) {
    addon.Probe.create(2 ** 18).push(ones, ones);
    if (i % 50 === 0) await new Promise(setImmediate);
  }
  globalThis.gc();
  await new Promise(setImmediate);
  console.log(resident() ?? 0, addon.memory().peakResident / 2 ** 20);
})()`,
    {},
    ['--expose-gc'],
  );
  const [after = 0, peak = 0] = stdout.split(' ').map(Number);
  t.true(after < 200 && peak < 600, `${after} MiB after, ${peak} MiB at most, of 1000 MiB made`);
});

test('forced vector instructions and threads are in force, others are refused', async (t) => {
  const ask = async (env: NodeJS.ProcessEnv) =>
    JSON.parse((await run(`${prelude} console.log(JSON.stringify(addon.environment()))`, env)).stdout);
  const forced = await ask({ LAPICQUE_SIMD: 'portable', LAPICQUE_THREADS: '3' });
  t.is(forced.simd, 'portable');
  t.is(forced.threads, 3);
  t.is((await ask({ LAPICQUE_SIMD: 'mmx' })).error.code, 'invalid-parameter');
  t.is((await ask({ LAPICQUE_THREADS: 'all' })).error.code, 'invalid-parameter');
});

test('where no binary loads the error says what to do', async (t) => {
  const { stdout } = await run(`
    Object.defineProperty(process, 'platform', { value: 'sunos' });
    const { failure } = require(${JSON.stringify(loader)});
    console.log(JSON.stringify({ ...failure, message: failure.message }));`);
  const error = JSON.parse(stdout);
  t.is(error.code, 'unsupported');
  t.regex(error.message, /no binary that loads on sunos-x64|sunos-arm64/);
  t.regex(error.message, /@lapicque\/sunos-/);
  t.regex(error.message, /npm run build:native/);
});

test('a binary of another version is refused: its functions may take other arguments', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'lapicque-version-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  cpSync(dirname(loader), join(root, 'native'), { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ version: '99.0.0' }));
  const { stdout } = await run(`
    const { addon, failure } = require(${JSON.stringify(join(root, 'native', 'load.cjs'))});
    console.log(JSON.stringify({ loaded: addon !== undefined, code: failure.code, message: failure.message }));`);
  const { loaded, code, message } = JSON.parse(stdout);
  t.false(loaded);
  t.is(code, 'unsupported');
  const { version } = createRequire(import.meta.url)('lapicque/package.json');
  t.true(
    message.startsWith(`lapicque 99.0.0 found the binary of ${version}: ${join(root, 'native')}`),
    message,
  );
  t.regex(message, /npm install lapicque@99\.0\.0/);
  t.regex(message, /npm run build:native/);
});

test('who imports the library where no binary loads can catch that, and the command line says it in a sentence', async (t) => {
  const elsewhere = "Object.defineProperty(process, 'platform', { value: 'sunos' });";
  const library = (file: string) => JSON.stringify(pathToFileURL(resolve('dist', file)));
  const script = `${elsewhere}
    const said = [];
    const loads = [() => import(${library('index.js')}), async () => require(${JSON.stringify(resolve('dist/index.cjs'))})];
    const tell = (error) => said.push(error.name, error.code, /sunos/.test(error.message));
    // Later, when nothing has ended the process.
    Promise.all(loads.map((load) => load().catch(tell))).then(() => setTimeout(() => console.log(JSON.stringify(said)), 100));`;
  const { stdout } = await run(script);
  t.deepEqual(JSON.parse(stdout).sort(), [
    'LapicqueError',
    'LapicqueError',
    true,
    true,
    'unsupported',
    'unsupported',
  ]);
  const command = [
    '-e',
    `${elsewhere} process.argv = ['', 'doctor', '--json']; import(${library('cli.js')});`,
  ];
  const ended = await promisify(execFile)(process.execPath, command).catch((error) => error);
  t.is(ended.code, 1);
  t.is(JSON.parse(ended.stdout).code, 'unsupported');
  t.regex(ended.stderr, /^lapicque: lapicque has no binary that loads on sunos/);
  t.notRegex(ended.stderr, /^ +at |Uncaught|triggerUncaught/m);
});
