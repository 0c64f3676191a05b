// Spaces, proposals, pruning and what a study comes to, as a study uses them.
import test from 'ava';
import { isError, LapicqueError } from '../../src-ts/checks/errors.ts';
import { paretoRanks, prunerOf, type Sampler, samplerOf } from '../../src-ts/study/sampler.ts';
import * as prune from '../../src-ts/study/search/prune.ts';
import * as search from '../../src-ts/study/search/search.ts';
import * as space from '../../src-ts/study/search/space.ts';
import type { TrialRecord } from '../../src-ts/study/search/trials.ts';

const parts = {
  lr: space.logUniform(1e-5, 1e-1),
  optimizer: space.choice(['adam', 'sgd']),
  momentum: space.when('optimizer', 'sgd', space.uniform(0, 0.99)),
  net: { layers: space.array(space.int(4, 64), space.int(1, 3)), bias: space.fixed(true) },
};

function sampler(of: search.Search, more: object = {}): Sampler {
  return samplerOf({
    space: parts,
    search: of,
    directions: ['minimize'],
    seed: 3,
    prune: prune.nonFinite(),
    ...more,
  });
}

function finished(
  number: number,
  parameters: TrialRecord['parameters'],
  more: Partial<TrialRecord>,
): TrialRecord {
  return { number, state: 'complete', parameters, reports: [], seed: 0, started: 0, attempts: 1, ...more };
}

function message(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof LapicqueError) return error.message;
    throw error;
  }
  return 'accepted';
}

test('proposals have the form of the space', (t) => {
  for (const one of [
    search.random(),
    search.sobol(),
    search.latinHypercube(),
    search.tpe(),
    search.cmaEs(),
    search.grid(),
  ]) {
    const proposing = sampler(one);
    const [seen, lengths] = [new Set<unknown>(), new Set<number>()];
    for (let number = 0; number < 40; number++) {
      const parameters = proposing.propose(number, 0, []) as unknown as space.ParametersOf<typeof parts>;
      t.true(parameters.lr >= 1e-5 && parameters.lr <= 1e-1);
      t.is('momentum' in parameters, parameters.optimizer === 'sgd');
      t.is(parameters.net.bias, true);
      t.true(parameters.net.layers.every((width) => Number.isInteger(width) && width >= 4 && width <= 64));
      seen.add(parameters.optimizer);
      lengths.add(parameters.net.layers.length);
      proposing.tell(finished(number, { ...parameters }, { values: [parameters.lr] }));
    }
    if (one.kind !== 'grid') t.deepEqual([seen.size, lengths.size], [2, 3], one.kind);
  }
  const names = sampler(search.random()).parameters.map(({ name, conditional }) => [name, conditional]);
  t.deepEqual(names, [
    ['lr', false],
    ['optimizer', false],
    ['momentum', true],
    ['net.layers.length', false],
    ['net.layers[0]', false],
    ['net.layers[1]', true],
    ['net.layers[2]', true],
  ]);
});

test('what is no space, no search or no pruner is refused by name', (t) => {
  const of = (definition: object) =>
    message(() => {
      space.checkSpace('space', definition);
      return sampler(search.random(), { space: definition });
    });
  t.is(
    of({ lr: space.uniform(2, 1) }),
    'space.lr.high: expected a finite number not below low, which is 2 but got 1',
  );
  t.is(of({ lr: space.uniform(Number.NaN, 1) }), 'space.lr.low: expected a finite number but got NaN');
  t.is(of({ lr: space.logUniform(0, 1) }), 'space.lr.low: expected a number above 0 but got 0');
  t.is(of({ c: space.choice([]) }), 'space.c.values: expected a list of at least one value but got []');
  t.is(
    of({ c: space.choice([1, 1]) }),
    'space.c.values[1]: expected a value that is not in the list before but got 1',
  );
  t.regex(
    of({ 'a.b': space.int(1, 2), a: { b: space.int(1, 2) } }),
    /^space\.a\.b: .*two parameters of this name$/,
  );
  t.regex(of({ a: 5 }), /^space\.a: expected a part of a space such as space\.uniform\(0, 1\)/);
  t.regex(of({ a: { kind: 'unifrom', low: 0, high: 1 } }), /did you mean "uniform"\?$/);
  t.regex(of({ a: space.when('b', 1, space.int(1, 2)) } as object), /^unknown parameter in space\.a "b"/);
  t.throws(() => sampler({ kind: 'tpee' } as never), {
    message: 'unknown search "tpee"; did you mean "tpe"?',
  });
  t.throws(() => search.tpe({ startup: Number.NaN }), {
    message: /startup: expected a finite number but got NaN/,
  });
  t.throws(() => search.tpe({ star: 1 } as never), {
    message: /unknown option of search.tpe "star"; did you mean "start/,
  });
  t.throws(() => sampler(search.cmaEs(), { directions: ['minimize', 'maximize'] }), {
    message: 'cma-es does not support 2 objectives',
  });
  t.throws(() => sampler(search.random(), { prune: prune.asha({ reduction: 1 }) }), {
    message: 'prune.asha.reduction: expected an integer from 2 to 1048576 but got 1',
  });
});

test('records that do not fit are refused by their number, and infinite values are taken', (t) => {
  const telling = sampler(search.tpe());
  const parameters = telling.propose(0, 0, [])!;
  telling.tell(finished(0, parameters, { values: [Number.POSITIVE_INFINITY] }));
  telling.tell(finished(1, parameters, { values: [Number.NaN], reports: [{ step: 1, value: Number.NaN }] }));
  t.regex(
    message(() => telling.tell(finished(1, parameters, { values: [1] }))),
    /^trial\.number: /,
  );
  const wrong = finished(2, { ...parameters, lr: 7 }, { values: [1] });
  t.is(
    message(() => telling.tell(wrong)),
    'trial 2.parameters.lr: expected a number from 0.00001 to 0.1 but got 7',
  );
});

test("a sampler of one's own is held to the space, and its random numbers are the trial's", (t) => {
  const samples: number[][] = [];
  const own = search.custom(({ number, trials, pending, random }) => {
    samples.push([random(), random(), trials.length, pending.length]);
    if (number === 3) return undefined;
    const lr = number === 2 ? 5 : 1e-3;
    return { lr, optimizer: 'adam', net: { layers: [8], bias: true } };
  });
  const first = sampler(own);
  t.deepEqual(first.propose(0, 0, []), { lr: 1e-3, optimizer: 'adam', net: { layers: [8], bias: true } });
  first.tell(finished(0, first.propose(0, 0, [])!, { values: [1] }));
  first.propose(1, 0, [finished(4, {}, { state: 'running' })]);
  t.regex(
    message(() => first.propose(2, 0, [])),
    /^parameters\.lr: expected a number/,
  );
  t.is(first.propose(3, 0, []), undefined);
  t.deepEqual(samples[0], samples[1]);
  t.deepEqual(samples[2]!.slice(2), [1, 1]);
  t.notDeepEqual(samples[2]!.slice(0, 2), samples[0]!.slice(0, 2));
});

test('a grid ends, and counts its trials before', (t) => {
  const whole = { a: space.int(1, 3), b: space.choice(['x', 'y']) };
  const grid = sampler(search.grid(), { space: whole });
  t.is(grid.size, 6);
  t.false(grid.adaptive);
  const all = Array.from({ length: 6 }, (_, n) => JSON.stringify(grid.propose(n, 0, [])));
  t.is(new Set(all).size, 6);
  t.is(grid.propose(6, 0, []), undefined);
});

test('a pruner decides by what was told when the trial was proposed', (t) => {
  const watching = sampler(search.random(), { prune: prune.median({ startup: 3, warmup: 2 }) });
  const tell = (number: number, values: number[]) =>
    watching.tell(
      finished(number, watching.propose(number, 0, [])!, {
        values: [values.at(-1)!],
        reports: values.map((value, i) => ({ step: i + 1, value })),
      }),
    );
  const decide = (values: number[]) => {
    const pruner = prunerOf(JSON.parse(JSON.stringify(watching.pruning(9))))!;
    return values.map((value, i) => pruner.report({ step: i + 1, value }));
  };
  tell(0, [5, 4, 3]);
  tell(1, [6, 5, 4]);
  t.deepEqual(decide([9, 9, 9]), [false, false, false]);
  tell(2, [7, 6, 5]);
  t.deepEqual(decide([9, 9, 9]), [false, true, true]);
  // The median of the second step is 5, of the third 4; what counts is the best so far.
  t.deepEqual(decide([9, 5, 4.5]), [false, false, true]);
  t.deepEqual(decide([4, 9, 9]), [false, false, false]);
  t.deepEqual(decide([1, Number.NaN, 1]), [false, true, false]);
  t.is(prunerOf(undefined), undefined);
  t.is(prunerOf({ kind: 'none' }), undefined);
  t.true(
    isError(
      t.throws(() => prunerOf({ kind: 'median' })),
      'invalid-parameter',
    ),
  );
});

test('pruning with several objectives: fronts decide', (t) => {
  const of = (pruning: prune.Prune) => {
    const watching = sampler(search.random(), { directions: ['minimize', 'maximize'], prune: pruning });
    for (const [number, value] of [
      [1, 1],
      [2, 5],
      [3, 3],
      [4, 2],
      [5, 1],
      [6, 0],
      [7, 0],
    ].entries())
      watching.tell(
        finished(number, watching.propose(number, 0, [])!, { values: value, reports: [{ step: 1, value }] }),
      );
    return (value: number | number[]) => prunerOf(watching.pruning(9))!.report({ step: 1, value });
  };
  // Of eight trials the best two go on: those that nothing is better than in both.
  const asha = of(prune.asha({ reduction: 4 }));
  t.deepEqual([asha([0.5, 9]), asha([1.5, 4]), asha([5, 5])], [false, true, true]);
  // Worse than the median in both objectives.
  const median = of(prune.median());
  t.deepEqual([median([9, 9]), median([0, -9]), median([9, -9])], [false, false, true]);
  const one = of(prune.threshold({ upper: [5, 5], lower: [0, 0] }));
  t.deepEqual([one([1, 1]), one([6, 1]), one([1, -1])], [false, true, true]);
  // A report of one number, whatever the objectives.
  const single = of(prune.any(prune.asha({ direction: 'minimize' }), prune.threshold({ upper: [8, 8] })));
  t.false(single(1));
});

test('fronts, hypervolume and importance', (t) => {
  const two = { x: space.uniform(0, 1), y: space.uniform(0, 1) };
  const telling = sampler(search.sobol(), { space: two, directions: ['minimize', 'maximize'] });
  for (let number = 0; number < 128; number++) {
    const parameters = telling.propose(number, 0, []) as { x: number; y: number };
    telling.tell(finished(number, parameters, { values: [(parameters.x - 0.3) ** 2, 1 - parameters.y] }));
  }
  const alone = telling.importance(0);
  t.true(alone.x! > 0.9 && Math.abs(alone.x! + alone.y! - 1) < 1e-12, JSON.stringify(alone));
  t.true(telling.importance(1).y! > 0.9);
  t.throws(() => telling.importance(2), {
    message: 'objective: expected an objective from 0 to 1 but got 2',
  });
  const front = telling.front();
  t.true(front.length > 2 && front.length < 30);
  // The ideal point is [0, 1]: nearly the whole square before the reference.
  const volume = telling.hypervolume([0.49, 0]);
  t.true(volume > 0.46 && volume < 0.49, String(volume));
  t.throws(() => telling.hypervolume([1]), { message: /reference: expected 2 finite numbers/ });
  t.deepEqual(
    Array.from(
      paretoRanks([
        [1, 2],
        [2, 1],
        [2, 2],
        [3, 3],
        [1, 2],
      ]),
    ),
    [0, 0, 1, 2, 0],
  );
  t.throws(() => paretoRanks([[1, 2], [2]]), { message: 'rows[1]: expected shape [2] but got [1]' });
});
