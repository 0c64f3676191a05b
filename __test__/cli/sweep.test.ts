// `lapicque sweep`: studies in files, from outside.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { study } from '../../src-ts/doors/study.ts';
import { lapicque, start } from '../support/program.ts';
import { results } from '../support/studies.ts';

const options = `name: 'file', search: { kind: 'random' },
  space: { x: { kind: 'uniform', low: -5, high: 10 }, n: { kind: 'int', low: 1, high: 8 } }`;
const objective = `(({ x, n }, trial) => {
  console.log('printed by the objective');
  trial.report(1, x);
  if (n === 8) throw new TypeError('eight');
  return x * n;
})`;

// Inside of the package, so that it is found under its name.
async function folder(t: { teardown: (undo: () => Promise<void>) => void }): Promise<string> {
  const path = resolve(await mkdtemp(join('build', 'sweep-')));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  await writeFile(
    join(path, 'study.mjs'),
    `import { study } from 'lapicque/study';\nexport default study({ ${options}, objective: ${objective} });\n`,
  );
  return path;
}

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a study in a file runs to its total, goes on, and is shown', async (t) => {
  const at = await folder(t);
  const first = await lapicque(['sweep', 'study.mjs', '--trials', '5', '--jobs', '1', '--json'], at);
  t.is(first.code, 0, first.stderr);
  const events = lines(first.stdout);
  t.deepEqual(
    events.map(({ event }) => event),
    [...new Array(5).fill('trial'), 'done'],
  );
  t.like(events.at(-1)!, { study: 'file', trials: 5, store: join(at, 'study.study') });
  // In processes of their own.
  const second = await lapicque(['sweep', 'study.mjs', '--trials', '9', '--jobs', '2'], at);
  t.is(second.code, 0, second.stderr);
  t.regex(
    second.stdout,
    /^file: 9 trials, \d complete, 0 pruned, \d failed; in .*\nbest value .* of trial \d: x .*, n \d\n$/,
  );
  t.regex(second.stderr, /continues after 5 trials/);
  t.regex(second.stderr, /printed by the objective/);
  const view = await study.open(join(at, 'study.study'));
  const trials = await view.trials();
  t.is(trials.length, 9);

  const output = await lapicque(['sweep', 'show', 'study.study', '--json'], at);
  t.deepEqual(lines(output.stdout), JSON.parse(JSON.stringify(trials)));
  const table = await lapicque(['sweep', 'show', 'study.study', '--top', '3'], at);
  t.is(table.stdout.trim().split('\n').length, 4);
  const best = await lapicque(['sweep', 'best', 'study.study', '--json'], at);
  t.deepEqual(lines(best.stdout)[0], JSON.parse(JSON.stringify(await view.best())));
  const one = await lapicque(['sweep', 'show', 'study.study', '--trial', '2'], at);
  t.regex(one.stdout, /^trial 2: [\s\S]*reports 1: /);
  const status = await lapicque(['sweep', 'status', 'study.study', '--json'], at);
  t.like(lines(status.stdout)[0]!, { study: 'file', running: [], interrupted: [] });
  t.false((status.stdout + table.stdout).includes('\u001b['));
});

test('a study in JSON and in TypeScript, and shards, make the same trials', async (t) => {
  const at = await folder(t);
  await writeFile(join(at, 'objective.mjs'), `export default ${objective};\n`);
  const json = {
    name: 'file',
    search: { kind: 'random' },
    space: { x: { kind: 'uniform', low: -5, high: 10 }, n: { kind: 'int', low: 1, high: 8 } },
    objective: './objective.mjs',
  };
  await writeFile(join(at, 'study.json'), JSON.stringify(json));
  const script = `import { study, type Trial } from 'lapicque/study';
const objective = ${objective.replace('{ x, n }, trial', '{ x, n }: { x: number; n: number }, trial: Trial')};
export default ({ seed }: { seed: number }) => study({ ${options}, objective, seed } as never);\n`;
  await writeFile(join(at, 'study.ts'), script);
  const runs = [
    ['study.mjs', '--store', 'a', '--jobs', '1'],
    ['study.json', '--store', 'b', '--jobs', '2'],
    ['study.ts', '--store', 'c', '--jobs', '2'],
    ['study.mjs', '--store', 'd', '--jobs', '1', '--shard', '1/2'],
    ['study.mjs', '--store', 'd', '--jobs', '1', '--shard', '2/2'],
  ];
  for (const run of runs) {
    const { code, stderr } = await lapicque(['sweep', ...run, '--trials', '8'], at);
    t.is(code, 0, stderr);
  }
  const [a, ...others] = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async (store) => results(await (await study.open(join(at, store))).trials())),
  );
  t.is(a!.length, 8);
  for (const other of others) t.deepEqual(other, a);
});

test('mistakes are told by name, with the exit code of each', async (t) => {
  const at = await folder(t);
  const expectError = async (code: number, pattern: RegExp, ...args: string[]) => {
    const ended = await lapicque(['sweep', ...args], at);
    t.is(ended.code, code, args.join(' '));
    t.regex(ended.stderr, pattern, args.join(' '));
  };
  await expectError(2, /missing required argument 'study'/);
  await expectError(1, /none\.mjs: no such file/, 'none.mjs');
  await expectError(2, /--shard: expected i\/n/, 'study.mjs', '--shard', '3');
  await expectError(2, /--shard: expected an integer from 1 to 2/, 'study.mjs', '--shard', '3/2');
  await expectError(2, /--trials: expected an integer at least 1/, 'study.mjs', '--trials', '0');
  await expectError(1, /none: /, 'status', 'none');
  await writeFile(join(at, 'broken.mjs'), 'export default study(');
  await expectError(1, /broken\.mjs.*SyntaxError/, 'broken.mjs');
  await writeFile(join(at, 'empty.mjs'), 'export default 3;');
  await expectError(1, /study: expected a result of study\(…\)/, 'empty.mjs');
  await writeFile(
    join(at, 'fails.mjs'),
    `export default { ${options}, objective: () => { throw new Error('always'); } };`,
  );
  await expectError(1, /$/, 'fails.mjs', '--trials', '3', '--jobs', '1');
  const output = await lapicque(['sweep', 'show', 'fails.study'], at);
  t.regex(output.stdout, /trial 2: Error: always/);
  const json = await lapicque(['sweep', 'none.mjs', '--json'], at);
  t.like(lines(json.stdout)[0]!, { code: 'io' });
});

test('Ctrl-C keeps what was finished, and the same command goes on', async (t) => {
  const at = await folder(t);
  const slow = `export default { ${options}, objective: async ({ x }) => { await new Promise((r) => setTimeout(r, 30)); return x; } };`;
  await writeFile(join(at, 'slow.mjs'), slow);
  for (const jobs of ['1', '2']) {
    const args = ['sweep', 'slow.mjs', '--trials', '60', '--jobs', jobs, '--json', '--store', `s${jobs}`];
    const { child, ended } = start(args, at);
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    child.kill('SIGINT');
    const { code, stderr, stdout } = await ended;
    t.is(code, 130, stderr);
    t.regex(stderr, /contains the finished trials/);
    const kept = lines(stdout).filter(({ event }) => event === 'trial').length;
    t.true(kept > 0 && kept < 60);
    t.true((await (await study.open(join(at, `s${jobs}`))).trials()).length >= kept);
    t.is((await lapicque(args, at)).code, 0);
    t.is((await (await study.open(join(at, `s${jobs}`))).trials()).length, 60);
  }
});

test('completion knows commands and options', async (t) => {
  const at = await folder(t);
  t.regex((await lapicque(['complete', 'bash'], at)).stdout, /lapicque/);
  t.regex((await lapicque(['complete', '--', 'sw'], at)).stdout, /^sweep\t/m);
  t.regex((await lapicque(['complete', '--', 'sweep', 'study.mjs', '--sh'], at)).stdout, /^--shard/m);
  t.regex(await readFile('dist/LICENSES.txt', 'utf8'), /@bomb\.sh\/tab/);
});
