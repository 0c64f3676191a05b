// `lapicque sweep export` and `sweep report` on a store that a study wrote.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { parquetReadObjects } from 'hyparquet';
import { search, space, study } from '../../src-ts/doors/study.ts';

test('a stored study is exported and reported', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sweep-results-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const store = join(folder, 'store');
  const s = study({
    name: 'bowl',
    space: { x: space.uniform(-1, 1), cell: space.choice(['lif', 'alif']) },
    objective: ({ x, cell }) => x ** 2 + Number(cell === 'lif'),
    search: search.random(),
    store,
  });
  await s.run({ trials: 12 });
  const trials = await s.trials();
  const lapicque = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, ['dist/cli.js', 'sweep', ...args])).stdout;
  const [heading, ...lines] = (await lapicque('export', store)).split('\r\n');
  t.true(heading!.startsWith('number,state,values.0,parameters.x,parameters.cell,seconds'));
  t.deepEqual(
    lines.filter(Boolean).map((line) => Number(line.split(',')[2])),
    trials.map(({ values }) => values![0]),
  );
  const jsonl = (await lapicque('export', store, '--format', 'jsonl')).trim().split('\n');
  t.deepEqual(
    jsonl.map((line) => JSON.parse(line).parameters),
    trials.map(({ parameters }) => parameters),
  );
  const path = join(folder, 'trials.parquet');
  t.deepEqual(JSON.parse(await lapicque('export', store, '--output', path, '--json')), { path, trials: 12 });
  const rows = await parquetReadObjects({ file: new Uint8Array(await readFile(path)).buffer });
  t.deepEqual(
    rows.map((row) => row['parameters.x']),
    trials.map(({ parameters }) => parameters.x),
  );
  const report = join(folder, 'report');
  await lapicque('report', store, '--output', report, '--format', 'html', 'svg');
  const files = [
    'history.svg',
    'importance.svg',
    'pairwise.svg',
    'parallel.svg',
    'report.html',
    'slices.svg',
  ];
  t.deepEqual((await readdir(report)).sort(), files);
  const refused = await t.throwsAsync(lapicque('export', store, '--format', 'xlsx'));
  t.is((refused as unknown as { code: number }).code, 2);
  const absent = await t.throwsAsync(lapicque('report', join(folder, 'nothing')));
  t.is((absent as unknown as { code: number }).code, 1);
});
