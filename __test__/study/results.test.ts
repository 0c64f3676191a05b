// What is told of a study: effects beside other programs' numbers, best trials, reports that have what they should.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { LapicqueError } from '../../src-ts/checks/errors.ts';
import { figure } from '../../src-ts/doors/figure.ts';
import { numberText } from '../../src-ts/figure/study/scales.ts';
import { drawStudy } from '../../src-ts/study/report/draw.ts';
import { resultsOf } from '../../src-ts/study/results.ts';
import {
  array,
  choice,
  fixed,
  int,
  logUniform,
  type Space,
  uniform,
  when,
} from '../../src-ts/study/search/space.ts';
import type { TrialRecord } from '../../src-ts/study/search/trials.ts';
import { outcome } from '../support/errors.ts';

const trial = (number: number, changes: Partial<TrialRecord> = {}): TrialRecord => ({
  number,
  state: 'complete',
  parameters: {},
  reports: [],
  seed: number,
  started: 1e12 + 1000 * number,
  ended: 1e12 + 1000 * number + 500,
  attempts: 1,
  ...changes,
});

/** `[0, 1)`, reproducible. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

type Direction = 'minimize' | 'maximize';
const study = (
  trials: readonly TrialRecord[],
  space?: Space,
  directions: readonly Direction[] = ['minimize'],
) =>
  resultsOf({ name: 'a study', directions, ...(space && { definition: { space } }), trials: () => trials });

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));

test('effects are those of statsmodels and numpy', async (t) => {
  const fixture = JSON.parse(await readFile('__test__/study/fixtures/effects/effects.json', 'utf8'));
  const { lr, beta, value } = fixture as { lr: number[]; beta: number[]; value: number[] };
  const space = { lr: logUniform(1e-5, 1e-1), beta: uniform(0.5, 1) };
  const trials = lr.map((x, i) => trial(i, { parameters: { lr: x, beta: beta[i] }, values: [value[i]!] }));
  // Neither of these counts.
  trials.push(trial(lr.length, { state: 'failed', parameters: { lr: 1e-3, beta: 0.8 } }));
  trials.push(trial(lr.length + 1, { parameters: { lr: 1e-3, beta: 0.8 }, values: [Number.NaN] }));
  const results = await study(trials, space);
  const pair = results.pairwise('lr', 'beta');
  t.is(pair.x.length, 41);
  t.true(near(pair.x[10] as number, 1e-4) && near(pair.y[20] as number, 0.75));
  let compared = 0;
  for (const { x, y, mean } of fixture.pairwise) {
    const got = pair.mean[y * 41 + x]!;
    if (Number.isNaN(got)) continue;
    t.true(near(got, mean), `${x}, ${y}: ${got}, statsmodels ${mean}`);
    compared += 1;
  }
  t.true(compared >= 30, String(compared));
  const bins = results.marginal('lr');
  t.is(bins.length, fixture.bins.length);
  bins.forEach((bin, i) => {
    const reference = fixture.bins[i];
    t.is(bin.trials, 8);
    for (const [got, expected] of [
      [bin.from, reference.low],
      [bin.to, reference.high],
      [bin.at, reference.at],
      [bin.mean, reference.mean],
      [bin.median, reference.median],
      [bin.lower, reference.lower],
      [bin.upper, reference.upper],
    ])
      t.true(near(got, expected), `bin ${i}: ${got}, numpy ${expected}`);
  });
});

test('a choice has one bin a value, whichever type its values have', async (t) => {
  const space = {
    cell: choice(['lif', 'alif', 'silent']),
    size: choice([8, 16]),
    bias: choice([true, false]),
    mixed: choice([1, 'a', null]),
  };
  const mixed = [1, 'a', null];
  const trials = Array.from({ length: 30 }, (_, i) =>
    trial(i, {
      parameters: {
        cell: i % 2 ? 'lif' : 'alif',
        size: i % 3 ? 8 : 16,
        bias: i % 5 === 0,
        mixed: mixed[i % 3],
      },
      values: [i % 2 ? 1 : i % 3 ? 2 : 5],
    }),
  );
  const results = await study(trials, space);
  t.deepEqual(
    results.marginal('cell').map(({ at, median, trials: count }) => [at, median, count]),
    [
      ['lif', 1, 15],
      ['alif', 2, 15],
    ],
  );
  t.deepEqual(
    results.marginal('size').map(({ at, trials: count }) => [at, count]),
    [
      ['8', 20],
      ['16', 10],
    ],
  );
  t.deepEqual(
    results.marginal('bias').map(({ at, trials: count }) => [at, count]),
    [
      ['true', 6],
      ['false', 24],
    ],
  );
  t.deepEqual(
    results.marginal('mixed').map(({ at, trials: count }) => [at, count]),
    [
      ['1', 10],
      ['"a"', 10],
      ['null', 10],
    ],
  );
  const pair = results.pairwise('cell', 'size');
  t.deepEqual(
    [pair.x, pair.y],
    [
      ['lif', 'alif', 'silent'],
      ['8', '16'],
    ],
  );
  t.deepEqual(Array.from(pair.mean), [1, 2, Number.NaN, 1, 5, Number.NaN]);
  t.deepEqual(Array.from(pair.support), [10, 10, 0, 5, 5, 0]);
});

test('the best trials, whichever way is better, and the best so far', async (t) => {
  const values = [3, 1, Number.NaN, 2, 1, Number.POSITIVE_INFINITY];
  const trials = values.map((value, i) => trial(i, { values: [value] }));
  trials.push(trial(6, { state: 'pruned', reports: [{ step: 1, value: -9 }] }));
  const least = await study(trials);
  const numbers = (list: readonly TrialRecord[]) => list.map(({ number }) => number);
  t.deepEqual(numbers(await least.best(9)), [1, 4, 3, 0, 5]);
  t.deepEqual(numbers(await least.best()), [1]);
  t.deepEqual([...least.history().best], [3, 1, 1, 1, 1]);
  t.deepEqual([...least.history().number], [0, 1, 3, 4, 5]);
  const most = await study(trials, undefined, ['maximize']);
  t.deepEqual(numbers(await most.best(3)), [5, 0, 3]);
  t.deepEqual([...most.history().best], [3, 3, 3, 3, Number.POSITIVE_INFINITY]);
});

test('the Pareto front of objectives of both directions', async (t) => {
  const values = [
    [1, 1],
    [2, 2],
    [3, 1],
    [2, 3],
    [1, 4],
    [3, 1],
    [0, 4],
    [Number.NaN, 9],
  ];
  const trials = values.map((list, i) => trial(i, { values: list }));
  const results = await study(trials, undefined, ['minimize', 'maximize']);
  const numbers = (list: readonly TrialRecord[]) => list.map(({ number }) => number);
  // By hand: small first, large second.
  t.deepEqual(numbers(await results.paretoFront()), [6]);
  t.deepEqual(numbers(await results.best(3)), [6, 4, 0]);
  const both = await study(trials, undefined, ['maximize', 'maximize']);
  t.deepEqual(numbers(await both.paretoFront()), [2, 3, 4, 5]);
});

test('importance goes to the parameter that decides', async (t) => {
  const random = generator(1);
  const space = { lr: logUniform(1e-5, 1e-1), idle: uniform(0, 1), kind: choice(['a', 'b']) };
  const trials = Array.from({ length: 300 }, (_, i) => {
    const parameters = { lr: 10 ** (-5 + 4 * random()), idle: random(), kind: random() < 0.5 ? 'a' : 'b' };
    return trial(i, { parameters, values: [(Math.log10(parameters.lr) + 3) ** 2 + 0.01 * random()] });
  });
  const importance = await (await study(trials, space)).importance();
  t.is(importance[0]!.parameter, 'lr');
  t.true(importance[0]!.importance > 0.8, JSON.stringify(importance));
  t.true(
    near(
      importance.reduce((sum, one) => sum + one.importance, 0),
      1,
    ),
  );
});

/** Everything a space can have. */
const space = {
  lr: logUniform(1e-5, 1e-1),
  optimizer: choice(['adam', 'a <b>long</b> & "quoted" name']),
  momentum: when('optimizer', 'adam', uniform(0, 1)),
  layers: array(int(1, 64, { log: true }), int(1, 3)),
  group: { beta: uniform(0, 1), seed: fixed(3) },
};
function trialsOf(count: number, objectives: number): TrialRecord[] {
  const random = generator(7);
  return Array.from({ length: count }, (_, i) => {
    const adam = random() < 0.5;
    const parameters = {
      lr: 10 ** (-5 + 4 * random()),
      optimizer: space.optimizer.values[adam ? 0 : 1],
      ...(adam ? { momentum: random() } : {}),
      layers: Array.from({ length: 1 + Math.floor(3 * random()) }, () => 1 + Math.floor(64 * random())),
      group: { beta: random(), seed: 3 },
    };
    const reports = [1, 2, 3].map((step) => ({
      step,
      value: objectives === 1 ? random() / step : [random() / step, random()],
    }));
    if (i % 7 === 3) return trial(i, { parameters, state: 'pruned', reports });
    if (i % 7 === 5) return trial(i, { parameters, state: 'failed', error: { message: '<script>' } });
    return trial(i, {
      parameters,
      reports,
      values: Array.from({ length: objectives }, () => random() ** 3 + parameters.group.beta),
    });
  });
}

const folderFor = async (t: { teardown(work: () => unknown): void }) => {
  const folder = await mkdtemp(join(tmpdir(), 'study-report-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
};

test('a report is a page with the best trials, and a picture a figure', async (t) => {
  const folder = await folderFor(t);
  const results = await study(trialsOf(60, 1), space);
  const labels = { lr: 'learning rate', value: 'error (%)' };
  const files = await results.report(folder, { title: 'Digits & <more>', labels });
  const names = ['history', 'reports', 'importance', 'slices', 'pairwise', 'parallel'];
  t.deepEqual(
    files.map((file) => basename(file)),
    ['report.html', ...names.map((name) => `${name}.png`)],
  );
  t.deepEqual((await readdir(folder)).length, 7);
  const html = await readFile(files[0]!, 'utf8');
  t.notRegex(html, /<script|<link|<img|@import|url\(|<b>long/);
  t.regex(html, /<h1>Digits &#38; &#60;more&#62;<\/h1>/);
  const [best] = await results.best();
  t.true(html.includes(`<dt>Smallest error (%)</dt><dd>${numberText(best!.values![0]!)}</dd>`));
  t.true(html.includes(`<tbody><tr><td>${best!.number}</td><td>${numberText(best!.values![0]!)}</td>`));
  t.regex(html, /<dt>Pruned<\/dt>|<th scope="row">Pruned<\/th>/);
  for (const file of files.slice(1)) {
    const png = await readFile(file);
    t.is(png.toString('latin1', 1, 4), 'PNG');
    t.true(png.readUInt32BE(16) >= 960, `${file} is wide enough to read`);
  }
});

/** The points of a figure that are trials. */
const pointsOf = ({ spec }: figure.Figure) =>
  spec.columns
    .flat()
    .flatMap(({ marks }) => marks)
    .reduce((sum, mark) => sum + (mark.type === 'points' ? mark.x.length : 0), 0);

test('figures have a mark for each trial, in units and on logarithmic axes', async (t) => {
  const results = await study(trialsOf(60, 1), space);
  const figures = await drawStudy(results, { lr: 'learning rate', value: 'error (%)' });
  const of = (name: string) => figures.find(({ spec }) => spec.name === name)!;
  const complete = results.complete.length;
  t.is(pointsOf(of('history')), complete);
  // One line a trial, one axis for each of the six most important parameters and one for the value, and a gap.
  const lines = of('parallel').spec.columns[0]![0]!.marks.filter(
    (mark) => mark.type === 'line' && mark.opacity !== undefined,
  ) as figure.LineMark[];
  t.is(
    lines.reduce((sum, { x }) => sum + x.length / 8, 0),
    complete,
  );
  const slices = await of('slices').svg();
  const varying = [
    'lr',
    'optimizer',
    'momentum',
    'layers.length',
    'layers[0]',
    'layers[1]',
    'layers[2]',
    'group.beta',
  ];
  t.deepEqual(
    results.axes.map(({ name }) => name),
    varying,
  );
  t.is(slices.match(/learning rate/g)!.length, 1);
  // Powers of ten: the axis of lr is logarithmic.
  t.regex(slices, />10⁻⁵</);
  t.regex(slices, />0\.001</);
  t.regex(of('history').spec.caption, /error \(%\), smaller is better/);
  for (const made of figures) {
    t.notRegex(await made.svg(), /NaN|undefined|Infinity|<script/);
    t.notRegex(made.spec.caption + made.spec.title, /NaN|undefined/);
  }
});

test('several objectives have a front and figures each', async (t) => {
  const results = await study(trialsOf(40, 2), space, ['minimize', 'maximize']);
  const figures = await drawStudy(results, {});
  const names = [
    'history',
    'reports',
    'pareto',
    'importance',
    'slices-0',
    'pairwise-0',
    'parallel-0',
    'slices-1',
    'pairwise-1',
    'parallel-1',
  ];
  t.deepEqual(
    figures.map(({ spec }) => spec.name),
    names,
  );
  const front = await results.paretoFront();
  t.is(pointsOf(figures[2]!), results.complete.length);
  t.regex(
    figures[2]!.spec.caption,
    new RegExp(`^${front.length} of ${results.complete.length} complete trials`),
  );
  const three = await study(trialsOf(20, 3), space, ['minimize', 'maximize', 'minimize']);
  const pareto = (await drawStudy(three, {})).find(({ spec: { name } }) => name === 'pareto')!;
  t.is(pointsOf(pareto), 3 * three.complete.length);
});

test('unusual studies are drawn, not refused and not fatal', async (t) => {
  const one = (values: readonly number[], parameters: Record<string, unknown> = { lr: 1e-3 }) =>
    values.map((value, i) => trial(i, { values: [value], parameters }));
  const lr = { lr: space.lr };
  const odd: [trials: TrialRecord[], space?: Space][] = [
    [[]],
    [[], space],
    [[trial(0, { state: 'running' })], lr],
    [[trial(0, { state: 'failed', error: { message: 'x' } })], lr],
    [one([1]), lr],
    [one([1, 1, 1]), lr],
    [one([0, 0]), lr],
    [one([Number.NaN, Number.NaN]), lr],
    [one([Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY]), lr],
    [one([1e300, -1e300, 1e-300]), lr],
    [one([Number.MAX_VALUE, -Number.MAX_VALUE]), lr],
    [one([1, 2, 3], { lr: 1e-3 }), { lr: logUniform(1e-3, 1e-3) }],
    [one([1, 2, 3], { other: [1, { a: 'x' }] })],
    [trialsOf(30, 1)],
    [one([5, 1, 4, 2, 8], { c: 'only' }), { c: choice(['only']) }],
    [
      Array.from({ length: 30 }, (_, i) => trial(i, { values: [i], parameters: { c: `category ${i}` } })),
      { c: choice(Array.from({ length: 40 }, (_, i) => `category ${i}`)) },
    ],
    [
      Array.from({ length: 9 }, (_, i) =>
        trial(1000 * i, { values: [10 ** i], parameters: { lr: 10 ** -i } }),
      ),
      { lr: logUniform(1e-9, 1) },
    ],
  ];
  for (const [trials, of] of odd) {
    const results = await study(trials, of);
    for (const made of await drawStudy(results, {}))
      t.notRegex(
        await made.svg(),
        /NaN|undefined|Infinity/,
        `${made.spec.name} of ${JSON.stringify(trials).slice(0, 200)}`,
      );
  }
  t.pass();
});

test('what does not exist is refused by name', async (t) => {
  const results = await study(trialsOf(5, 1), space);
  const refusal = (work: () => unknown) => t.throws(work, { instanceOf: LapicqueError }).message;
  const later = async (work: () => Promise<unknown>) =>
    (await t.throwsAsync(work, { instanceOf: LapicqueError })).message;
  t.regex(
    refusal(() => results.marginal('momentumm')),
    /unknown parameter "momentumm"; did you mean "momentum"/,
  );
  t.regex(
    refusal(() => results.pairwise('lr', 'group')),
    /unknown parameter "group"/,
  );
  t.regex(
    refusal(() => results.marginal('lr', 1)),
    /objective: expected an integer from 0 to 0/,
  );
  t.regex(await later(() => results.importance(-1)), /objective/);
  t.regex(await later(() => results.best(0)), /count/);
  t.regex(
    await later(() => results.report('never', { formats: ['pdf'] as never })),
    /unknown report format "pdf"/,
  );
  t.regex(
    await later(() => results.report('never', { labels: { lrr: 'x' } })),
    /unknown option of labels "lrr"; did you mean "lr"/,
  );
  t.regex(
    await later(() => results.report('never', { labels: { lr: 5 as never } })),
    /labels\.lr: expected a string/,
  );
  t.regex(await later(() => results.report('never', { signal: AbortSignal.abort() })), /abort/);
});

test('numbers as figures show them', (t) => {
  t.deepEqual([0, 1, -1.5, 0.001, 1e-5, 2.5e-4, 1e6, 12345.678, -3e-9, 1e21].map(numberText), [
    '0',
    '1',
    '−1.5',
    '0.001',
    '10⁻⁵',
    '2.5·10⁻⁴',
    '10⁶',
    '12,350',
    '−3·10⁻⁹',
    '10²¹',
  ]);
});

test('figures of studies refuse what they do not have, by name', async (t) => {
  const results = await study(trialsOf(40, 1), space);
  const refused: [call: () => Promise<unknown>, said: RegExp][] = [
    [() => figure.paretoFront(results), /invalid-parameter: results/],
    [() => figure.paretoFront(results, { objective: 1 } as never), /unknown-name: .*objective/],
    [() => figure.slices(results, { objective: 1 }), /invalid-parameter: objective/],
    [() => figure.slices(results, { parameters: ['lrr'] }), /unknown-name: .*lrr.*did you mean "lr"/],
    [() => figure.contours(results, { parameters: ['lr'] }), /invalid-parameter: results/],
    [() => figure.optimizationHistory({} as never), /invalid-parameter: results/],
    [() => figure.parallelCoordinates(results, { labels: { lrr: 'x' } }), /unknown-name: .*lrr/],
  ];
  for (const [call, pattern] of refused) t.regex(await outcome(call), pattern);
});

test('the best so far steps down where a better trial ends, and contours are estimates of the table', async (t) => {
  const results = await study(trialsOf(40, 1), space);
  const history = await figure.optimizationHistory(results);
  const best = history.spec.columns[0]![0]!.marks.find(({ type }) => type === 'line') as figure.LineMark;
  const values = Array.from(best.y);
  t.true(values.every((value, i) => i === 0 || value <= values[i - 1]!));
  t.is(values.at(-1), (await results.best())[0]!.values![0]);
  const { spec } = await figure.contours(results, { parameters: ['lr', 'group.beta'] });
  const { values: cells, columns } = spec.columns[0]![0]!.marks[0] as figure.CellsMark;
  const { mean, x } = results.pairwise('lr', 'group.beta');
  // Cells are a third of the distance of two points; the second of three has a point of the estimate half a cell beside its middle.
  t.is(columns, 3 * (x.length - 1));
  const [first, second] = [mean[20 * x.length + 20]!, mean[20 * x.length + 21]!];
  const between = (cells as number[])[60 * columns + 61]!;
  const above = [mean[21 * x.length + 20]!, mean[21 * x.length + 21]!];
  const low = first + (second - first) / 2;
  t.true(Math.abs(between - (low + (above[0]! + (above[1]! - above[0]!) / 2 - low) / 6)) < 1e-9);
});
