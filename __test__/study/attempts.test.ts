// A trial whose process is killed starts again from its checkpoint, as often as the study allows, and its record says so.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { search, space, study, type TrialRecord } from '../../src-ts/doors/study.ts';
import { refusal } from '../support/studies.ts';

let folder: string;
test.before(async () => {
  folder = resolve(await mkdtemp(join('build', 'study-attempts-')));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

let modules = 0;
async function moduleOf(code: string): Promise<string> {
  const path = join(folder, `objective-${modules++}.mjs`);
  await writeFile(path, code);
  return path;
}

const common = { name: 'attempts', space: { x: space.uniform(0, 1) }, search: search.random() };

/** Ends as by the kernel's out-of-memory killer in the first `kills` attempts, each one step after its checkpoint. */
const killed = (kills: number) => `export default async ({ x }, trial) => {
  const from = (await trial.checkpoint.get())?.[0] ?? 0;
  for (let step = from; step < 4; step++) {
    trial.report(step, x + step);
    await trial.checkpoint.save(Uint8Array.of(step + 1));
    if (trial.number === 1 && trial.attempt <= ${kills}) process.kill(process.pid, 'SIGKILL');
  }
  return x;
};`;

const seen = ({ state, attempts, retried }: TrialRecord) => ({ state, attempts, retried });

test('a trial that was killed once is complete at its second attempt, from its checkpoint', async (t) => {
  const store = join(folder, 'once');
  const s = study({ ...common, objective: await moduleOf(killed(1)), store });
  t.like(await s.run({ trials: 3, jobs: 2 }), { complete: 3, failed: 0 });
  // As it is on disk, and as the table shows it.
  const trials = await (await study.open(store)).trials();
  const error = { code: 'process-exit', message: 'trial 1: its process ended with signal SIGKILL' };
  t.deepEqual(trials.map(seen), [
    { state: 'complete', attempts: 1, retried: undefined },
    { state: 'complete', attempts: 2, retried: [error] },
    { state: 'complete', attempts: 1, retried: undefined },
  ]);
  const { x } = trials[1]!.parameters as { x: number };
  t.deepEqual(trials[1]!.values, [x]);
  t.deepEqual(
    trials[1]!.reports.map(({ step, value }) => [step, value]),
    [0, 1, 2, 3].map((step) => [step, x + step]),
  );
  t.deepEqual([...(await s.results()).table.column('attempts').values], [1, 2, 1]);
  const starts = (await readFile(join(store, 'journal-main.log'), 'utf8')).match(/"t":"start","n":1,/g);
  t.is(starts?.length, 2);
});

test('attempts are counted by the kind of failure', async (t) => {
  const path = await moduleOf(killed(2));
  const run = async (attempts?: object) => {
    const s = study({ ...common, objective: path, ...(attempts === undefined ? {} : { attempts }) });
    await s.run({ trials: 2 });
    return (await s.trials())[1]!;
  };
  t.like(seen(await run()), { state: 'failed', attempts: 2 });
  t.like(await run(), { error: { code: 'process-exit' } });
  t.like(seen(await run({ processExit: 3 })), { state: 'complete', attempts: 3 });
  t.like(seen(await run({ processExit: 1, error: 9 })), { state: 'failed', attempts: 1, retried: undefined });
  // Errors of a function.
  const errors = async (error?: number) => {
    const s = study({
      ...common,
      objective: ({ x }, { attempt }) => {
        if (attempt < 3) throw new RangeError(`attempt ${attempt}`);
        return x;
      },
      ...(error === undefined ? {} : { attempts: { error } }),
    });
    await s.run({ trials: 1 });
    return (await s.trials())[0]!;
  };
  t.like(await errors(), {
    state: 'failed',
    attempts: 1,
    error: { message: 'trial 0: RangeError: attempt 1' },
  });
  t.like(await errors(2), {
    state: 'failed',
    attempts: 2,
    error: { message: 'trial 0: RangeError: attempt 2' },
  });
  const third = await errors(3);
  t.is(third.state, 'complete');
  t.deepEqual(
    third.retried!.map(({ message }) => message),
    ['trial 0: RangeError: attempt 1', 'trial 0: RangeError: attempt 2'],
  );
  for (const attempts of [{ error: 0 }, { processExit: 1.5 }, 3])
    await refusal(
      () => study({ ...common, objective: () => 0, attempts: attempts as never }),
      'invalid-parameter',
    );
  await refusal(
    () => study({ ...common, objective: () => 0, attempts: { errors: 2 } as never }),
    'unknown-name',
  );
});

test('the duration of a trial is measured by a clock that nobody sets', async (t) => {
  const { now } = Date;
  t.teardown(() => {
    Date.now = now;
  });
  const s = study({
    ...common,
    objective: async ({ x }) => {
      // The system's clock is set back by a day.
      Date.now = () => now() - 86_400_000;
      await new Promise((done) => setTimeout(done, 200));
      return x;
    },
  });
  await s.run({ trials: 1 });
  Date.now = now;
  const [trial] = await s.trials();
  t.true(trial!.seconds! >= 0.19 && trial!.seconds! < 2, String(trial!.seconds));
  t.true(Math.abs(trial!.ended! - trial!.started - 1000 * trial!.seconds!) <= 1);
  t.is((await s.results()).table.column('seconds').values[0], trial!.seconds);
});
