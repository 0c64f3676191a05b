// Studies in memory: the same trials for any number of workers, and whatever an objective does becomes a trial's outcome.
import test from 'ava';
import { encode } from '../../src-ts/doors/data.ts';
import { prune, search, space, study, type Trial } from '../../src-ts/doors/study.ts';
import { trialSeed } from '../../src-ts/study/definition.ts';
import { canonicalText, decodeRecord, encodeRecord } from '../../src-ts/study/record-text.ts';
import { refusal, results, sleep } from '../support/studies.ts';

const parameters = { x: space.uniform(-5, 10), n: space.int(1, 8), kind: space.choice(['a', 'b']) };

/** Trials that take turns in no order. */
const slow = async ({ x, n }: { x: number; n: number }, trial: Trial) => {
  await sleep((trial.number * 7) % 5);
  trial.report(0, x);
  await sleep((trial.number * 3) % 4);
  return (x - 1) ** 2 + n;
};

test('the trials are the same for 1, 2 and 4 jobs, of a search that learns', async (t) => {
  const tables = [];
  for (const jobs of [1, 2, 4]) {
    const s = study({
      name: 'jobs',
      space: parameters,
      objective: slow,
      search: search.tpe({ startup: 6 }),
      parallel: 4,
    });
    const { best, ...counts } = await s.run({ trials: 30, jobs });
    t.deepEqual(counts, { trials: 30, complete: 30, pruned: 0, failed: 0 });
    t.is(best!.values![0], Math.min(...(await s.trials()).map(({ values }) => values![0]!)));
    tables.push(results(await s.trials()));
  }
  t.deepEqual(tables[1], tables[0]);
  t.deepEqual(tables[2], tables[0]);
});

test('trials is the total, over several runs', async (t) => {
  const s = study({ name: 'total', space: parameters, objective: slow, search: search.random() });
  t.is((await s.run({ trials: 3 })).trials, 3);
  t.is((await s.run({ trials: 5, jobs: 2 })).trials, 5);
  t.is((await s.run({ trials: 2 })).trials, 5);
  const whole = study({ name: 'total', space: parameters, objective: slow, search: search.random() });
  await whole.run({ trials: 5 });
  t.deepEqual(results(await s.trials()), results(await whole.trials()));
});

test('at most jobs trials run at a time, and at most parallel of a search that learns', async (t) => {
  const [most, running] = [{ value: 0 }, new Set<number>()];
  const objective = async (_: unknown, trial: Trial) => {
    running.add(trial.number);
    most.value = Math.max(most.value, running.size);
    await sleep(2);
    running.delete(trial.number);
    return 0;
  };
  await study({ name: 'a', space: parameters, objective, search: search.random() }).run({
    trials: 12,
    jobs: 3,
  });
  t.is(most.value, 3);
  const tpe = study({ name: 'a', space: parameters, objective, parallel: 2 });
  const error = await refusal(() => tpe.run({ trials: 12, jobs: 3 }), 'invalid-parameter');
  t.regex(error.message, /^jobs: expected at most 2/);
});

test('a proposal of a fixed order knows the trials up to number - parallel, that of a free one all that have ended', async (t) => {
  for (const order of ['fixed', 'free'] as const) {
    const known: [number, number[]][] = [];
    const propose = search.custom(({ number, trials }) => {
      known.push([number, trials.map((trial) => trial.number)]);
      return { x: number };
    });
    const objective = ({ x }: { x: number }) => sleep(x === 0 ? 30 : 1).then(() => x);
    const s = study({
      name: 'a',
      space: { x: space.uniform(0, 100) },
      objective,
      search: propose,
      parallel: 3,
      order,
    });
    await s.run({ trials: 6, jobs: 3 });
    if (order === 'fixed')
      t.deepEqual(known, [
        [0, []],
        [1, []],
        [2, []],
        [3, [0]],
        [4, [0, 1]],
        [5, [0, 1, 2]],
      ]);
    else t.true(known.at(-1)![1].length >= 3 && known[3]![1][0] !== 0, JSON.stringify(known));
  }
});

test('whatever an objective does, the study goes on, and the error names the trial', async (t) => {
  const deeds: Record<number, () => unknown> = {
    1: () => {
      throw new TypeError('no good');
    },
    2: () => Number.NaN,
    3: () => 'three',
    4: () => [1, 2],
    5: () => undefined,
    6: () => Promise.reject('a string'),
    7: () => [7],
    8: () => Number.POSITIVE_INFINITY,
    9: () => encode.rate({ x: Float32Array.of(2), shape: [1] }, { steps: 2 }),
  };
  const objective = (_: unknown, { number }: Trial) =>
    (deeds[number]?.() ?? (number === 5 ? undefined : 1)) as number;
  const s = study({ name: 'deeds', space: parameters, objective, search: search.random() });
  const finished: number[] = [];
  const summary = await s.run({ trials: 11, jobs: 4, onTrial: ({ number }) => finished.push(number) });
  t.is(summary.failed, 8);
  t.deepEqual(
    finished.sort((a, b) => a - b),
    Array.from({ length: 11 }, (_, i) => i),
  );
  const trials = await s.trials();
  t.deepEqual(
    trials.map(({ error }) => error?.code ?? error?.message),
    [
      undefined,
      'trial 1: TypeError: no good',
      'non-finite',
      'invalid-parameter',
      'shape-mismatch',
      'invalid-parameter',
      'trial 6: "a string"',
      undefined,
      'non-finite',
      'invalid-parameter',
      undefined,
    ],
  );
  for (const { error, number } of trials)
    if (error !== undefined) t.true(error.message.startsWith(`trial ${number}: `), error.message);
  t.deepEqual(trials[7]!.values, [7]);
  t.is(summary.best!.number, 0);
});

test('a value that is not finite fails its trial, and is never the best', async (t) => {
  const values = [2, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN, 1, 3];
  for (const direction of ['minimize', 'maximize'] as const) {
    const objective = (_: unknown, { number }: Trial) => values[number]!;
    const s = study({
      name: direction,
      space: parameters,
      objective,
      directions: [direction],
      search: search.random(),
    });
    const summary = await s.run({ trials: 6 });
    t.deepEqual(summary.best!.values, [direction === 'minimize' ? 1 : 3]);
    t.deepEqual((await s.best())!.values, summary.best!.values);
    const trials = await s.trials();
    t.deepEqual(
      trials.map(({ error }) => error?.code),
      [undefined, 'non-finite', 'non-finite', 'non-finite', undefined, undefined],
    );
    t.is(trials[1]!.error!.message, 'trial 1: the objective returned -Infinity; expected a finite number');
    t.deepEqual((await s.results()).history().best.at(-1), summary.best!.values![0]);
  }
  // One of several objectives, also of a program that tells values.
  const s = study({
    ...{ name: 'two', space: parameters, search: search.random() },
    directions: ['minimize', 'maximize'],
    objective: (_: unknown, { number }: Trial) => [number, number === 1 ? Number.POSITIVE_INFINITY : 1],
  });
  await s.run({ trials: 2 });
  const [, second] = await s.trials();
  t.regex(second!.error!.message, /returned Infinity as value 1; expected a list of 2 finite numbers/);
  const told = study({ name: 'told', space: parameters, objective: slow, search: search.random() });
  await told.ask();
  t.like(await told.tell(0, Number.NEGATIVE_INFINITY), { state: 'failed', error: { code: 'non-finite' } });
});

test('a trial that never ends has failed after its time, and its signal has fired', async (t) => {
  let reason: unknown;
  const objective = ({ n }: { n: number }, { number, signal }: Trial) => {
    if (number !== 1) return n;
    signal.addEventListener('abort', () => {
      reason = signal.reason;
    });
    return new Promise<number>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error('told'))),
    );
  };
  const s = study({
    name: 'a',
    space: parameters,
    objective,
    search: search.random(),
    limits: { seconds: 0.05 },
  });
  t.like(await s.run({ trials: 4, jobs: 2 }), { complete: 3, failed: 1 });
  const { error } = (await s.trials())[1]!;
  t.deepEqual(error, { code: 'time-limit', message: 'trial 1 did not end within 0.05 s' });
  t.is((reason as { code: string }).code, 'time-limit');
});

test('several objectives have as many values', async (t) => {
  const objective = ({ x }: { x: number }, { number }: Trial) =>
    (number === 2 ? [x] : Float64Array.of(x, -x)) as number[];
  const s = study({
    name: 'two',
    space: parameters,
    objective,
    search: search.random(),
    directions: ['minimize', 'maximize'],
  });
  t.like(await s.run({ trials: 4 }), { complete: 3, failed: 1 });
  const trials = await s.trials();
  t.deepEqual(trials[0]!.values, [trials[0]!.parameters.x, -(trials[0]!.parameters.x as number)]);
  t.is(trials[2]!.error!.code, 'shape-mismatch');
  await refusal(() => s.best(), 'unsupported');
});

test('reports ascend, are kept, and one that is not finite fails the trial unless nothing is pruned', async (t) => {
  const objective = (_: unknown, trial: Trial) => {
    trial.report(1, 0.5);
    trial.report(4, trial.number === 1 ? Number.NaN : 0.25);
    if (trial.number === 2) trial.report(4, 1);
    if (trial.number === 3) trial.prune();
    trial.set('list', [1, Number.NEGATIVE_INFINITY, { a: null }]);
    return -0;
  };
  const s = study({ name: 'a', space: parameters, objective, search: search.random() });
  t.like(await s.run({ trials: 4 }), { complete: 1, failed: 2, pruned: 1 });
  const [good, nan, twice, pruned] = await s.trials();
  t.deepEqual(good!.reports, [
    { step: 1, value: 0.5 },
    { step: 4, value: 0.25 },
  ]);
  t.deepEqual(good!.values, [-0]);
  t.deepEqual(good!.user, { list: [1, Number.NEGATIVE_INFINITY, { a: null }] });
  t.like(nan!, {
    state: 'failed',
    error: { code: 'non-finite', message: 'trial 1: the reported value is not finite at step 4' },
  });
  t.deepEqual(nan!.reports.at(-1), { step: 4, value: Number.NaN });
  t.is(twice!.error!.code, 'invalid-parameter');
  t.is(pruned!.state, 'pruned');
  const all = study({
    name: 'a',
    space: parameters,
    objective,
    search: search.random(),
    prune: prune.none(),
  });
  t.like(await all.run({ trials: 2 }), { complete: 2 });
});

test('pruning is the same for 1, 2 and 4 jobs, and an objective that swallows it has not changed it', async (t) => {
  const objective = async ({ x }: { x: number }, trial: Trial) => {
    for (let step = 1; step <= 6; step++) {
      await sleep((trial.number + step) % 3);
      if (trial.number % 4 === 0) {
        try {
          trial.report(step, Math.abs(x - 3) + 1 / step);
        } catch {
          return 1000;
        }
      } else trial.report(step, Math.abs(x - 3) + 1 / step);
    }
    return Math.abs(x - 3);
  };
  const tables = [];
  for (const jobs of [1, 2, 4]) {
    const s = study({
      name: 'a',
      space: parameters,
      objective,
      search: search.random(),
      prune: prune.median({ startup: 3 }),
      parallel: 4,
    });
    const { pruned, complete } = await s.run({ trials: 30, jobs });
    t.true(pruned >= 5 && complete >= 5, `${pruned} pruned, ${complete} complete`);
    tables.push(results(await s.trials()));
  }
  t.deepEqual(tables[1], tables[0]);
  t.deepEqual(tables[2], tables[0]);
});

test('each trial has a seed that follows from the study’s and its number, and encoders draw by it', async (t) => {
  const objective = async (_: unknown, { seed, set }: Trial) => {
    const [first, second] = await Promise.all(
      [0, 1].map(() => encode.rate({ x: new Float32Array(64).fill(0.5), shape: [1, 64] }, { steps: 1 })),
    );
    t.is(typeof set, 'function');
    return Number.parseInt(JSON.stringify(seed).slice(0, 6), 10) + first!.x.length + (second!.x[0] as number);
  };
  const parametersOf = async (jobs: number, seed: number) => {
    const s = study({ name: 'a', space: parameters, objective, search: search.random(), seed });
    await s.run({ trials: 6, jobs });
    return (await s.trials()).map((trial) => [trial.seed, trial.values]);
  };
  const one = await parametersOf(1, 5);
  t.deepEqual(await parametersOf(3, 5), one);
  t.notDeepEqual(await parametersOf(1, 6), one);
  t.deepEqual(
    one.map(([seed]) => seed),
    [0, 1, 2, 3, 4, 5].map((number) => trialSeed(5, number)),
  );
  const seeds = new Set(Array.from({ length: 20_000 }, (_, i) => trialSeed(i % 2, i >> 1)));
  t.is(seeds.size, 20_000);
  t.true([...seeds].every((seed) => Number.isSafeInteger(seed) && seed >= 0));
});

test('an aborted run keeps what has ended, and the next one goes on from checkpoints', async (t) => {
  const controller = new AbortController();
  const begun: [number, number, number][] = [];
  const objective = async ({ x }: { x: number }, trial: Trial) => {
    const kept = await trial.checkpoint.get();
    begun.push([trial.number, trial.attempt, kept?.[0] ?? 0]);
    for (let step = kept?.[0] ?? 0; step < 4; step++) {
      await sleep(1);
      trial.report(step, x * step);
      await trial.checkpoint.save(Uint8Array.of(step + 1));
      if (trial.number === 3 && step === 1) controller.abort('enough');
      trial.signal.throwIfAborted();
    }
    return x;
  };
  const s = study({ name: 'a', space: parameters, objective, search: search.random() });
  const error = await refusal(() => s.run({ trials: 6, signal: controller.signal }), 'aborted');
  t.is(error.cause, 'enough');
  t.deepEqual(
    (await s.trials()).map(({ number, state }) => [number, state]),
    [
      [0, 'complete'],
      [1, 'complete'],
      [2, 'complete'],
    ],
  );
  await s.run({ trials: 6 });
  t.deepEqual(
    begun.filter(([number]) => number === 3),
    [
      [3, 1, 0],
      [3, 2, 2],
    ],
  );
  const whole = study({
    name: 'a',
    space: parameters,
    objective: ({ x }, trial) => {
      for (let step = 0; step < 4; step++) trial.report(step, x * step);
      return x;
    },
    search: search.random(),
  });
  await whole.run({ trials: 6 });
  t.deepEqual(results(await s.trials()), results(await whole.trials()));
  t.is((await s.trials())[3]!.attempts, 2);
});

test('ask and tell: parameters go out, results come back', async (t) => {
  const s = study({ name: 'ask', space: parameters, objective: () => 0, search: search.tpe(), parallel: 3 });
  const trials = [await s.ask(), await s.ask(), await s.ask()].map((trial) => trial!);
  t.deepEqual(
    trials.map(({ number }) => number),
    [0, 1, 2],
  );
  t.regex((await refusal(() => s.ask(), 'invalid-parameter')).message, /trial 0; tell it first/);
  trials[1]!.report(3, 4);
  t.like(await s.tell(trials[1]!, { state: 'pruned' }), {
    state: 'pruned',
    reports: [{ step: 3, value: 4 }],
  });
  t.like(await s.tell(0, 1.5), { state: 'complete', values: [1.5] });
  t.like(await s.tell(trials[2]!, { state: 'failed', error: new RangeError('elsewhere') }), {
    state: 'failed',
    error: { message: 'trial 2: RangeError: elsewhere' },
  });
  await refusal(() => s.tell(0, 1), 'invalid-parameter');
  t.is((await s.ask())!.number, 3);
  // What was not told begins again.
  await s.close();
  t.like(await s.ask(), { number: 3, attempt: 2 });
  t.like(await s.tell(3, Number.NaN), { state: 'failed', error: { code: 'non-finite' } });
  t.is((await s.run({ trials: 6 })).trials, 6);
  t.is((await s.best())!.values![0], 0);
});

test('progress tells how the study stands, and what a listener throws ends it', async (t) => {
  const s = study({ name: 'a', space: parameters, objective: slow, search: search.random() });
  const progress: [number, number][] = [];
  await s.run({
    trials: 20,
    jobs: 2,
    onProgress: ({ done, total, best, running, rate }) => {
      progress.push([done, total]);
      t.true(running.length <= 2 && rate > 0 && (done === 0 || best !== undefined));
    },
  });
  t.deepEqual(progress.at(-1), [20, 20]);
  t.true(progress.every(([done], i) => i === 0 || done >= progress[i - 1]![0]));
  for (const listener of ['onProgress', 'onTrial']) {
    const bad = () => {
      throw new Error('of the listener');
    };
    await t.throwsAsync(s.run({ trials: 30, [listener]: bad }), { message: 'of the listener' });
  }
  t.true((await s.run({ trials: 30 })).trials === 30);
});

test('what is wrong with a study is refused by name', async (t) => {
  const good = { name: 'a', space: parameters, objective: () => 0 };
  const refused = async (change: object, code: string, pattern: RegExp) => {
    const error = await refusal(
      async () => study({ ...good, ...change } as typeof good).run({ trials: 1 }),
      code as 'io',
    );
    t.regex(error.message, pattern);
  };
  await refused({ name: '' }, 'invalid-parameter', /^name: expected a string/);
  await refused({ space: undefined }, 'invalid-parameter', /^space: expected/);
  await refused({ objective: 3 }, 'invalid-parameter', /^objective: expected a function, or the path/);
  await refused({ space: { x: space.uniform(2, 1) } }, 'invalid-parameter', /x/);
  await refused({ space: { x: space.logUniform(0, 1) } }, 'invalid-parameter', /x/);
  await refused({ space: {} }, 'invalid-parameter', /space/);
  await refused({ search: 'tpe' }, 'invalid-parameter', /^search: expected a search such as/);
  await refused({ directions: 'up' }, 'unknown-name', /directions/);
  await refused({ directions: [] }, 'invalid-parameter', /^directions: expected/);
  await refused({ seed: -1 }, 'invalid-parameter', /^seed: /);
  await refused({ parallel: 0 }, 'invalid-parameter', /^parallel: /);
  await refused({ limits: { seconds: 0 } }, 'invalid-parameter', /^limits.seconds: /);
  await refused({ limits: { bytes: 1e9 } }, 'invalid-parameter', /^limits.bytes: .*module/);
  await refused({ nsme: 'a' }, 'unknown-name', /did you mean "name"/);
  const s = study(good);
  for (const options of [
    {},
    { trials: 0 },
    { trials: 1, jobs: 0 },
    { trials: 1, shard: { index: 2, count: 2 } },
  ]) {
    await refusal(() => s.run(options as never), 'invalid-parameter');
  }
  const under = s.run({ trials: 3 });
  t.regex((await refusal(() => s.run({ trials: 3 }), 'invalid-parameter')).message, /busy with run\(\)/);
  await under;
});

test('records keep every bit of a number, and equal outcomes have one text', (t) => {
  const record = { a: [Number.NaN, -0, Number.NEGATIVE_INFINITY, 0.1, 5e-324], b: { c: 'NaN', d: null } };
  t.deepEqual(decodeRecord(encodeRecord(record)), record);
  t.false(encodeRecord(record).includes('\n'));
  t.is(canonicalText({ x: 1, y: { b: 2, a: -0 } }), canonicalText({ y: { a: -0, b: 2 }, x: 1 }));
  t.not(canonicalText([0]), canonicalText([-0]));
});
