// Reports of long trainings, long traces and many classes: as little is drawn as can be seen.
import test from 'ava';
import type { figure } from '../../src-ts/doors/figure.ts';
import { thinned } from '../../src-ts/figure/draw/thinned.ts';
import { extent } from '../../src-ts/numbers/extent.ts';
import { drawFigures } from '../../src-ts/report/figures.ts';
import { random } from '../support/numbers.ts';

test('a thinned curve keeps its ends, its extremes and its order', (t) => {
  const next = random(3);
  const points = Array.from({ length: 123_457 }, (_, x) => ({ x, y: next() - 0.5 }));
  points[77_777]!.y = 9;
  points[100_001]!.y = -9;
  points[5]!.y = Number.NaN;
  const sampled = thinned(points, 500);
  t.true(sampled.length <= 503);
  t.is(sampled[0], points[0]);
  t.is(sampled.at(-1), points.at(-1));
  for (const i of [77_777, 100_001]) t.true(sampled.includes(points[i]!));
  t.deepEqual(
    sampled.filter(({ y }) => Number.isNaN(y)),
    [points[5]!],
    'a gap stays one, however narrow',
  );
  t.true(sampled.every(({ x }, i) => i === 0 || x > sampled[i - 1]!.x));
  t.is(thinned(points, points.length), points);
  const gap = points.map(({ x }) => ({ x, y: x < 60_000 ? Number.NaN : 1 }));
  const withGap = thinned(gap, 500);
  t.true(Number.isNaN(withGap[100]!.y));
  t.is(withGap.at(-1)!.y, 1);
});

test('the extent of more numbers than a call takes as arguments', (t) => {
  t.deepEqual(extent(Array.from({ length: 300_000 }, (_, i) => i)), [0, 299_999]);
  t.deepEqual(extent([2, 3], 0), [0, 3]);
});

test('a history of 200,000 batches, traces of 200,000 steps', async (t) => {
  const next = random(4);
  const batchLoss = Float64Array.from({ length: 200_000 }, (_, i) => Math.exp(-i / 1e5) + next() / 10);
  const v = Float64Array.from({ length: 200_000 }, (_, i) => Math.sin(i / 100));
  const spikes = Array.from({ length: 100_000 }, (_, i) => 2 * i);
  const [curves, membrane] = await drawFigures({
    title: 'long',
    history: { batchLoss, loss: [1, 0.6] },
    traces: { dt: 1, threshold: 1, neurons: [{ name: 'a', v, spikes }] },
  });
  for (const made of [curves!, membrane!]) {
    const { length } = await made.svg();
    t.true(length < 200_000, `${length}`);
  }
  // The axis of the epochs has whole numbers, each once.
  t.deepEqual(curves!.spec.columns[0]![0]!.x.ticks, [1, 2]);
});

test('a hundred classes: every pair that came up is drawn, by few elements', async (t) => {
  const classes = 100;
  const counts = Uint32Array.from({ length: classes ** 2 }, (_, i) =>
    i % (classes + 1) === 0 ? 50 : Number(i % 13 === 0),
  );
  const labels = Array.from({ length: classes }, (_, i) => `class ${i}`);
  const [made] = await drawFigures({ title: 'many', confusion: { counts, labels } });
  const cells = made!.spec.columns[0]![0]!.marks.filter(({ type }) => type === 'cells') as figure.CellsMark[];
  const values = cells.flatMap(({ values }) => Array.from(values).filter(Number.isFinite));
  t.is(values.length, counts.filter((count) => count > 0).length);
  const svg = await made!.svg();
  t.true((svg.match(/<(path|rect|text|line)/g) ?? []).length < 300);
  t.true(Number(/width="([\d.]+)"/.exec(svg)![1]) < 1000);
});
