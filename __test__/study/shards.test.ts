// A study in parts over a shared folder, as the array script for Slurm runs it.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { study } from '../../src-ts/doors/study.ts';
import { lapicque } from '../support/program.ts';
import { results } from '../support/studies.ts';

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join('build', 'sweep-shards-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

const file = resolve('__test__/support/shard-study.mjs');

test('three tasks of an array make the study of one process', async (t) => {
  const [store, alone] = [join(folder, 'parts'), join(folder, 'alone')];
  const task = (id: number, count: number, env: NodeJS.ProcessEnv = {}) =>
    promisify(execFile)('bash', ['examples/studies/slurm-array.sh', file, '--trials', '10', '--json'], {
      env: {
        ...process.env,
        LAPICQUE: `${process.execPath} dist/cli.js`,
        STORE: store,
        SLURM_ARRAY_TASK_ID: String(id),
        SLURM_ARRAY_TASK_COUNT: String(count),
        ...env,
      },
    });
  await Promise.all([task(1, 3), task(3, 3)]);
  const view = await study.open(store);
  t.deepEqual(
    (await view.trials()).map(({ number }) => number),
    [0, 2, 3, 5, 6, 8, 9],
  );
  // One task by itself, later.
  await task(2, 1, { SHARDS: '3' });
  t.deepEqual((await readdir(store)).filter((name) => name.endsWith('.log')).length, 3);
  t.is((await lapicque(['sweep', file, '--store', alone, '--trials', '10', '--jobs', '1'])).code, 0);
  t.deepEqual(results(await view.trials()), results(await (await study.open(alone)).trials()));
  t.like(await view.status(), { complete: 10, running: [], interrupted: [], conflicts: [] });
});
