// The progress of a study with trials that are pruned, that fail and that complete: every figure, in one process, in a pool and in shards.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { prune, type Shard, type StudyProgress, search, space, study } from '../../src-ts/doors/study.ts';
import { lapicque } from '../support/program.ts';

let folder: string;
test.before(async () => {
  folder = resolve(await mkdtemp(join('build', 'study-progress-')));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** Of any 12 trials in a row 4 fail, 4 are pruned (2 by themselves, 2 by the pruner), and 4 complete. */
const stateOf = (number: number) => (['failed', 'pruned', 'complete'] as const)[number % 3]!;
const code = `async ({ x }, trial) => {
  await new Promise((resolve) => setTimeout(resolve, trial.number % 5));
  if (trial.number % 3 === 0) throw new Error('every third');
  if (trial.number % 3 === 1) {
    if (trial.number % 2 === 0) trial.prune();
    trial.report(1, 100);
  }
  return x;
}`;
const objective = new Function(`return ${code}`)();

const made = (own: object) =>
  study({
    name: 'progress',
    space: { x: space.uniform(0, 1) },
    objective,
    search: search.random(),
    prune: prune.threshold({ upper: 10 }),
    ...own,
  });

/** The figures of a run from `before` to `trials` trials. */
function check(
  t: ExecutionContext,
  seen: readonly StudyProgress[],
  { before = 0, trials, index = 0, count = 1 }: { before?: number; trials: number } & Partial<Shard>,
): void {
  const own = Array.from({ length: trials }, (_, number) => number).filter(
    (number) => number % count === index,
  );
  const wanted = { complete: 0, pruned: 0, failed: 0 };
  for (const number of own) wanted[stateOf(number)] += 1;
  let last = { done: 0, complete: 0, pruned: 0, failed: 0 };
  for (const [i, { done, total, complete, pruned, failed, running, left, best }] of seen.entries()) {
    t.is(complete + pruned + failed, done);
    t.is(total, own.length);
    t.true(done >= Math.max(before, last.done) && done + running.length <= total, `${done} of ${total}`);
    t.true(complete >= last.complete && pruned >= last.pruned && failed >= last.failed);
    t.true(i === seen.length - 1 || Number.isNaN(left) || left >= 0);
    t.is(best === undefined, complete === 0);
    last = { done, complete, pruned, failed };
  }
  t.like(seen.at(-1)!, { ...wanted, done: own.length, running: [], left: 0 });
}

async function run(own: object, options: { trials: number; jobs?: number; shard?: Shard }) {
  const seen: StudyProgress[] = [];
  await made(own).run({ ...options, onProgress: (progress) => seen.push(progress) });
  return seen;
}

test('in one process, one and three at a time, and continued', async (t) => {
  for (const jobs of [1, 3]) {
    const store = join(folder, `here-${jobs}`);
    check(t, await run({ store }, { trials: 25, jobs }), { trials: 25 });
    check(t, await run({ store }, { trials: 60, jobs }), { before: 25, trials: 60 });
    // Nothing is left to do.
    check(t, await run({ store }, { trials: 60, jobs }), { before: 60, trials: 60 });
  }
});

test('in a pool of processes', async (t) => {
  const path = join(folder, 'objective.mjs');
  await writeFile(path, `export default ${code};\n`);
  check(t, await run({ objective: path }, { trials: 40, jobs: 2 }), { trials: 40 });
});

test('in shards of one folder, one after the other and together', async (t) => {
  const store = join(folder, 'shards');
  // As another shard leaves it for a moment.
  await mkdir(store);
  t.deepEqual(await made({ store }).trials(), []);
  const part = async (index: number, count: number, trials: number) => {
    const shard = { index, count };
    check(t, await run({ store }, { trials, shard }), { trials, ...shard });
  };
  await part(2, 4, 30);
  await Promise.all([part(0, 4, 30), part(1, 4, 30), part(3, 4, 30)]);
  const trials = await (await study.open(store)).trials();
  t.deepEqual(
    trials.map(({ state }) => state),
    trials.map(({ number }) => stateOf(number)),
  );
  t.is(trials.length, 30);
});

test('the command ends at 100 %', async (t) => {
  const file = join(folder, 'study.mjs');
  await writeFile(
    file,
    `import { prune, search, space, study } from 'lapicque/study';
export default study({ name: 'progress', space: { x: space.uniform(0, 1) }, objective: ${code},
  search: search.random(), prune: prune.threshold({ upper: 10 }) });\n`,
  );
  for (const args of [
    ['--jobs', '1'],
    ['--jobs', '2'],
    ['--jobs', '1', '--shard', '2/3'],
  ]) {
    const store = join(folder, args.join('').replace('/', '-'));
    const { code, stderr } = await lapicque(['sweep', file, '--trials', '24', '--store', store, ...args]);
    t.is(code, 0, stderr);
    t.regex(
      stderr.trim().split('\n').at(-1)!,
      /^progress: 100 %, .* in all, .*0 running, [\d.]+\/s, 8 pruned/,
    );
  }
});
