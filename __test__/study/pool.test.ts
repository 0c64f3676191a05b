// Trials in processes of their own: the same results, and limits that nothing evades.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { type Study, search, space, study } from '../../src-ts/doors/study.ts';
import { refusal, results, sleep } from '../support/studies.ts';

const parameters = { x: space.uniform(-5, 10), n: space.int(1, 8) };

// Inside of the package, so that it is found under its name.
let folder: string;
test.before(async () => {
  folder = resolve(await mkdtemp(join('build', 'study-pool-')));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));
let modules = 0;

async function moduleOf(code: string): Promise<string> {
  const path = join(folder, `objective-${modules++}.mjs`);
  await writeFile(path, code);
  return path;
}

/** Of an objective of any form. */
const untyped = study as unknown as (options: object) => Study;
const at = (objective: string, change: object = {}) =>
  study({ name: 'pool', space: parameters, objective, search: search.random(), ...change });

test('a module makes the same trials in processes as its function here', async (t) => {
  const path = await moduleOf(`export default async ({ x, n }, trial) => {
    const kept = await trial.checkpoint.get();
    if (kept !== undefined) throw new Error('of another trial');
    trial.report(1, x);
    await trial.checkpoint.save(Uint8Array.of(n));
    await trial.artifacts.write('n', Uint8Array.of(n, trial.number));
    trial.set('list', [NaN, -0, await trial.artifacts.list()]);
    if (n === 7) throw new RangeError('seven');
    return [x * n, trial.seed];
  };`);
  const { default: objective } = (await import(path)) as { default: never };
  const directions = ['minimize', 'maximize'];
  const here = untyped({
    name: 'pool',
    space: parameters,
    objective,
    search: search.random(),
    directions,
  });
  await here.run({ trials: 10 });
  // Artifacts in memory, and in a folder.
  for (const change of [{ directions }, { directions, store: join(folder, 'store') }]) {
    const there = at(path, change);
    await there.run({ trials: 10, jobs: 2 });
    t.deepEqual(results(await there.trials()), results(await here.trials()));
  }
  const view = await study.open(join(folder, 'store'));
  t.deepEqual(await view.artifacts(3), ['n']);
  t.is((await view.artifact(3, 'n'))![1], 3);
});

test('a trial that never ends, takes all memory or ends its process has failed, and the study goes on', async (t) => {
  const path = await moduleOf(`export default async ({ x }, { number }) => {
    if (number === 1) for (;;);
    if (number === 2) process.exit(3);
    if (number === 3) process.kill(process.pid, 'SIGSEGV');
    return x;
  };`);
  const s = at(path, { limits: { seconds: 2 } });
  t.like(await s.run({ trials: 6, jobs: 2 }), { complete: 3, failed: 3 });
  const errors = (await s.trials()).map(({ error }) => error);
  t.deepEqual(errors[1], { code: 'time-limit', message: 'trial 1 did not end within 2 s' });
  t.deepEqual(errors[2], { code: 'process-exit', message: 'trial 2: its process ended with exit code 3' });
  t.like(errors[3]!, { code: 'process-exit' });
  const greedy = await moduleOf(`export default async ({ x }, { number }) => {
    if (number === 1) for (const all = []; ; await new Promise(setImmediate)) all.push(new Float64Array(1e6).fill(1));
    return x;
  };`);
  const limited = at(greedy, { limits: { bytes: 400e6 } });
  t.like(await limited.run({ trials: 3 }), { complete: 2, failed: 1 });
  const { error } = (await limited.trials())[1]!;
  t.like(error!, { code: 'too-large' });
  t.regex(error!.message, /^trial 1 takes \d+ bytes of memory, and its limit is 400000000$/);
});

test('a module that does not load ends the study', async (t) => {
  for (const [code, pattern] of [
    ['export default function (', /SyntaxError/],
    ['throw new Error("at once");', /at once/],
    ['export default 3;', /objective: expected a function as the default export/],
    ['process.exit(4);', /exit code 4/],
  ] as const) {
    const path = await moduleOf(code);
    const error = await t.throwsAsync(at(path).run({ trials: 2, jobs: 1 }));
    t.regex(error!.message, pattern);
  }
  const missing = await t.throwsAsync(at(join(folder, 'missing.mjs')).run({ trials: 1 }));
  t.regex(missing!.message, /missing\.mjs/);
  const counts = study({ name: 'a', space: parameters, objective: () => 0, limits: { bytes: 1e9 } });
  await refusal(() => counts.run({ trials: 1 }), 'invalid-parameter');
});

test('an aborted run ends its processes, and the next one goes on from the checkpoints', async (t) => {
  const path = await moduleOf(`import { appendFileSync } from 'node:fs';
  export default async ({ x }, trial) => {
    const from = (await trial.checkpoint.get())?.[0] ?? 0;
    appendFileSync(${JSON.stringify(join(folder, 'log'))}, JSON.stringify([trial.number, from]) + '\\n');
    for (let step = from; step < 20; step++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      trial.signal.throwIfAborted();
      trial.report(step, x);
      await trial.checkpoint.save(Uint8Array.of(step + 1));
    }
    return x;
  };`);
  const s = at(path, { store: join(folder, 'aborted') });
  const controller = new AbortController();
  const run = s.run({ trials: 2, jobs: 2, signal: controller.signal });
  const log = async () =>
    (await readFile(join(folder, 'log'), 'utf8').catch(() => ''))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as [number, number]);
  for (let i = 0; i < 1500 && (await log()).length < 2; i++) await sleep(20);
  await sleep(150);
  controller.abort();
  await refusal(() => run, 'aborted');
  t.like(await (await study.open(join(folder, 'aborted'))).status(), {
    complete: 0,
    running: [],
    interrupted: [0, 1],
  });
  await s.run({ trials: 2, jobs: 2 });
  const again = (await log()).slice(2);
  t.deepEqual(again.map(([number]) => number).sort(), [0, 1]);
  t.true(
    again.every(([, from]) => from > 0),
    JSON.stringify(again),
  );
  t.true((await s.trials()).every(({ reports, attempts }) => reports.length === 20 && attempts === 2));
});

test('processes of trials end with a study that was killed', async (t) => {
  const pids = join(folder, 'pids');
  const path = await moduleOf(`import { appendFileSync } from 'node:fs';
  export default () => {
    appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n');
    for (;;);
  };`);
  const program = join(folder, 'killed.mjs');
  await writeFile(
    program,
    `import { search, space, study } from 'lapicque/study';
    await study({ name: 'a', space: { x: space.uniform(0, 1) }, objective: ${JSON.stringify(path)}, search: search.random() }).run({ trials: 2, jobs: 2 });`,
  );
  const child = spawn(process.execPath, [program], { stdio: 'inherit' });
  const begun = async () =>
    (await readFile(pids, 'utf8').catch(() => ''))
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
  for (let i = 0; i < 600 && (await begun()).length < 2; i++) await sleep(50);
  t.is((await begun()).length, 2);
  child.kill('SIGKILL');
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const all = await begun();
  for (let i = 0; i < 200 && all.some(isAlive); i++) await sleep(50);
  t.false(all.some(isAlive));
});
