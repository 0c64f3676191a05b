// Two builds in turns. How fast they are is no matter of tests: the other build is a program that prints a result chosen here.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { folder, json, lapicque } from '../support/program.ts';

const small = ['bench', 'dense_rate', '--size', '20-10-5', '--T', '4', '--batch', '3', '--steps', '2'];

async function build(at: string, program: string, name = 'lapicque'): Promise<string> {
  await mkdir(at, { recursive: true });
  await writeFile(join(at, 'package.json'), JSON.stringify({ name, bin: { lapicque: 'cli.cjs' } }));
  await writeFile(join(at, 'cli.cjs'), program);
  return at;
}

test('a build is compared with itself: the same results', async (t) => {
  const result = await json([...small, '--against', '.', '--rounds', '2']);
  t.is(result.same_results, true);
  t.is(result.rounds, 2);
  t.true(result.ratio.min <= result.ratio.med && result.ratio.med <= result.ratio.max);
  t.true(result.own > 0 && result.other > 0);
});

test('ratios are taken within a round; other weights are told', async (t) => {
  const at = await folder((remove) => t.teardown(remove));
  // Its options reach it, and each run takes longer than the one before.
  const program = `
const { appendFileSync, readFileSync } = require('node:fs');
const log = __dirname + '/log';
appendFileSync(log, process.argv.slice(2).join(' ') + '\\n');
const runs = readFileSync(log, 'utf8').split('\\n').length - 1;
console.log(JSON.stringify({ task: 'dense_rate', step_ms: { min: runs * 1e6 }, weights_sha256: 'other' }));`;
  const other = await build(at, program);
  const result = await json([...small, '--against', other, '--rounds', '3', '--threads', '1']);
  t.is(result.other, 1e6);
  t.is(result.same_results, false);
  t.true(result.ratio.max >= (3e6 / result.own) * 0.2 && result.ratio.min > 1);
  const runs = (await readFile(join(at, 'log'), 'utf8')).trim().split('\n');
  t.is(runs.length, 3);
  t.true(
    runs.every((run) => run.includes('--size 20-10-5') && run.includes('--threads 1')),
    runs[0],
  );
  const { stdout } = await lapicque([...small, '--against', other, '--rounds', '1']);
  t.regex(stdout, /times the speed .* in 1 rounds?\).*RESULTS DIFFER/s);
});

test('a folder that is no build, and a build that fails', async (t) => {
  const at = await folder((remove) => t.teardown(remove));
  const missing = await lapicque([...small, '--against', join(at, 'nothing')]);
  t.is(missing.code, 2);
  t.regex(missing.stderr, /no such file/);
  const foreign = await lapicque([...small, '--against', await build(join(at, 'foreign'), '', 'other')]);
  t.is(foreign.code, 2);
  t.regex(foreign.stderr, /--against.*the folder of a clone of lapicque/s);
  const failing = await build(join(at, 'failing'), "console.error('no engine'); process.exit(3);");
  const failed = await lapicque([...small, '--against', failing, '--rounds', '1']);
  t.is(failed.code, 1);
  t.regex(failed.stderr, /no engine/);
  const silent = await lapicque([
    ...small,
    '--against',
    await build(join(at, 'silent'), ''),
    '--rounds',
    '1',
  ]);
  t.regex(silent.stderr, /printed no result/);
  const alone = await lapicque([...small, '--rounds', '2']);
  t.is(alone.code, 2);
  t.regex(alone.stderr, /--rounds.*--against/s);
});
