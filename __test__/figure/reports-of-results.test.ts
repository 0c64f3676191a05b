// Reports of what fit, evaluate and simulate return, without anything between; gaps, long names and honest captions.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { circuit, connect, poisson, population, record, rule, simulate } from '../../src-ts/doors/circuit.ts';
import { type figure, writeReport } from '../../src-ts/doors/figure.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, loss, sequential } from '../../src-ts/index.ts';
import { drawFigures } from '../../src-ts/report/figures.ts';
import { plainReport } from '../../src-ts/report/returned.ts';
import { pixelsOf, textsOf } from '../support/figures.ts';
import { random } from '../support/numbers.ts';

const next = random(5);
const batches = Array.from({ length: 3 }, () => {
  const y = BigInt64Array.from({ length: 8 }, () => BigInt(Math.floor(3 * next())));
  const x = Uint8Array.from({ length: 6 * 8 * 5 }, () => Number(next() < 0.4));
  return { x, y, shape: [6, 8, 5] };
});
const trained = async () => {
  const model = await sequential(dense(5, 7), lif({ beta: 0.9 }), dense(7, 3), lif({ beta: 0.9 })).compile({
    seed: 2,
  });
  const objective = loss.crossEntropyCount();
  const options = { epochs: 3, loss: objective, optimizer: adam({ lr: 0.01 }), validation: batches.slice(2) };
  const fitted = await model.fit(batches.slice(0, 2), options);
  return { model, fitted, result: await model.evaluate(batches, { loss: objective }) };
};
const simulated = () => {
  const E = population(lif, 40, { name: 'E', tauMem: 10, vThreshold: 1 });
  const I = population(lif, 10, { name: 'I', tauMem: 10, vThreshold: 1 });
  return simulate(
    circuit(
      E,
      I,
      connect(poisson(2000), E, { weight: 0.3 }),
      connect(E, I, rule.allToAll(), { weight: 0.05, delay: 1 }),
      record.traces(E, ['v'], 0.5, [3, 4]),
    ),
    { duration: 50, seed: 3 },
  );
};

test('fit, evaluate and simulate: what they return is what a report takes', async (t) => {
  const { fitted, result } = await trained();
  const recording = await simulated();
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-returned-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeReport(folder, {
    title: 'everything',
    history: fitted,
    confusion: result,
    classes: ['a', 'b', 'c'],
    activity: result,
    raster: recording,
    traces: recording,
    rates: recording,
  });
  const names = ['activity', 'confusion', 'curves', 'membrane', 'raster', 'rates'].map(
    (name) => `${name}.png`,
  );
  t.deepEqual(readdirSync(folder).toSorted(), [...names, 'report.html'].toSorted());
  // A part of the results does as well.
  await t.notThrowsAsync(
    drawFigures({
      title: 'x',
      history: fitted.history,
      confusion: result.confusion,
      activity: fitted.validation!,
    }),
  );
});

test('a history has the numbers of its epochs, a confusion matrix those of the evaluation', async (t) => {
  const { model, fitted, result } = await trained();
  const { history, confusion, activity } = plainReport({
    title: 'x',
    history: fitted,
    confusion: result,
    activity: result,
  }).plain;
  t.deepEqual(
    history!.loss,
    fitted.history.map(({ loss }) => loss),
  );
  t.deepEqual(
    history!.validationAccuracy,
    fitted.history.map((epoch) => epoch.validationAccuracy),
  );
  t.deepEqual(confusion!.labels, ['0', '1', '2']);
  t.is(
    Array.from(confusion!.counts).reduce((sum, count) => sum + count, 0),
    24,
  );
  t.is(confusion!.counts[1], result.confusion[0]![1]);
  t.is(activity!.steps, 6);
  t.deepEqual(
    activity!.layers,
    model.info.layers.map(({ name, neurons }) => ({ name, neurons, spikes: result.spikesPerSample[name]! })),
  );
});

test('rates are spikes of a bin over neurons and time, a raster has every spike, traces their values', async (t) => {
  const recording = await simulated();
  const figures = await drawFigures({ title: 'x', rates: recording, raster: recording, traces: recording });
  const panelsOf = (name: string) => figures.find(({ spec }) => spec.name === name)!.spec.columns[0]!;
  t.true(recording.times.length > 50);
  const names = ['E', 'I'];
  const [rates] = panelsOf('rates');
  for (const [i, name] of names.entries()) {
    const { x, y } = rates!.marks[i] as figure.LineMark;
    const [bin, neurons] = [x[1]! - x[0]!, recording.populations[name]!.size];
    const sum = Array.from(y).reduce((total, hz) => total + (hz * bin * neurons) / 1000, 0);
    const spikes = recording.of(name).times.length;
    t.true(Math.abs(sum - spikes) < 1e-9 * spikes + 1e-12, `${name}: ${sum} of ${spikes}`);
  }
  for (const [i, panel] of panelsOf('raster').entries()) {
    const { times, ids } = recording.of(names[i]!);
    const { x, y } = panel.marks[0] as figure.TicksMark;
    t.deepEqual(Array.from(x), Array.from(times));
    t.deepEqual(Array.from(y), Array.from(ids));
    t.regex(panel.title!, new RegExp(`${names[i]} · .* ${times.length.toLocaleString('en')} spikes`));
  }
  const { times, values } = recording.traces['E.v']!;
  const second = panelsOf('membrane')[0]!.marks[1] as figure.LineMark;
  t.deepEqual(
    Array.from(second.y),
    Array.from(times, (_, k) => values[2 * k + 1]!),
  );
  t.deepEqual(Array.from(second.x), Array.from(times));
});

test('a population with more spikes than can be told apart is a density of all of them', async (t) => {
  const large = {
    times: Float64Array.from({ length: 30_000 }, (_, i) => i / 1000 + 0.1),
    ids: Uint32Array.from({ length: 30_000 }, (_, i) => i % 2000),
    populations: { E: { first: 0, size: 2000 } },
    recorded: { E: 2000 },
    traces: {},
    start: 0,
    stop: 31,
    duration: 31,
    of: () => ({ times: large.times, ids: large.ids, neurons: 2000, start: 0, stop: 31 }),
  };
  const [made] = await drawFigures({ title: 'x', raster: large as never });
  t.regex(await made!.svg(), /E · 2,000 neurons, 30,000 spikes/);
  const { values } = made!.spec.columns[0]![0]!.marks[0] as figure.CellsMark;
  t.is(
    Array.from(values).reduce((sum, count) => sum + count),
    30_000,
  );
});

test('what a result has nothing for is refused, and what would do is said', async (t) => {
  const model = await sequential(dense(5, 2), li({ beta: 0.9 })).compile();
  const values = { ...batches[0]!, y: new Float32Array(16) };
  const result = await model.evaluate([values], { loss: loss.meanSquaredMembrane({ from: 5 }) });
  const { traces: _, ...rest } = await simulated();
  const refused = [
    [{ confusion: result }, /confusion: expected an evaluation of data with one label per sample but got/],
    [{ confusion: [[1, 2], [3]] }, /confusion\[1\]: expected a list of 2 counts/],
    [{ confusion: [[1]], classes: ['a', 'b'] }, /classes: expected a list of 1 names/],
    [
      { confusion: { confusion: [[1]], classes: ['a'] } },
      /confusion\.classes: expected no value, because classes is an option of the report/,
    ],
    [{ classes: ['a'] }, /classes: expected no value, because there is no confusion matrix/],
    [{ traces: { ...rest, traces: {} } }, /traces: expected record\.traces/],
    [{ rates: { ...rest, stop: 0 } }, /rates: expected a recording of at least one step/],
    [{ history: [1, 2] }, /history: expected the records of epochs/],
  ] as const;
  for (const [report, message] of refused)
    await t.throwsAsync(drawFigures({ title: 'x', ...report } as never), { message });
});

/** The pieces of the strongest line of a figure. */
const pieces = async (made: figure.Figure) => {
  const lines = [
    ...(await made.svg()).matchAll(
      /<path d="(M[^"]*L[^"]*)" fill="none" stroke="[^"]*" stroke-width="([\d.]+)"/g,
    ),
  ];
  const strong = lines.reduce((most, line) => (Number(line[2]) > Number(most[2]) ? line : most));
  return strong[1]!.split('M').length - 1;
};

test('NaN in a curve is a gap, not a bridge', async (t) => {
  const broken = (i: number) => (i >= 40 && i < 60 ? Number.NaN : 1 + Math.sin(i / 9));
  const values = Array.from({ length: 100 }, (_, i) => broken(i));
  const whole = Array.from({ length: 100 }, (_, i) => 1 + Math.sin(i / 9));
  for (const [y, count] of [
    [whole, 1],
    [values, 2],
    // So many that the curve is thinned, with one value missing.
    [Array.from({ length: 50_000 }, (_, i) => (i === 25_000 ? Number.NaN : Math.sin(i / 999) + 1)), 2],
    [whole.map((x, i) => (i === 50 ? Number.POSITIVE_INFINITY : x)), 2],
  ] as const) {
    const [curves] = await drawFigures({ title: 'x', history: { loss: y } });
    t.is(await pieces(curves!), count, `loss, ${y.length} values`);
    t.is(/Gaps/.test(curves!.spec.caption), count > 1);
    const [batch] = await drawFigures({ title: 'x', history: { batchLoss: y, loss: [1, 1] } });
    t.is(await pieces(batch!), count, `batches, ${y.length} values`);
    const [membrane] = await drawFigures({ title: 'x', traces: { dt: 1, neurons: [{ name: 'a', v: y }] } });
    t.is(await pieces(membrane!), count, `membrane, ${y.length} values`);
    const [rates] = await drawFigures({
      title: 'x',
      rates: { bin: 1, populations: [{ name: 'a', rate: y }] },
    });
    t.is(await pieces(rates!), count, `rates, ${y.length} values`);
  }
});

test('many and long names: whole words, none over another, none cut by the picture', async (t) => {
  for (const [classes, name] of [
    [4, 'a class of a long name'],
    [26, 'class'],
    [40, 'zero'],
    [100, 'class number'],
    [300, 'c'],
  ] as const) {
    const labels = Array.from({ length: classes }, (_, i) => `${name} ${i}`);
    const counts = new Uint32Array(classes ** 2).fill(1);
    const [made] = await drawFigures({ title: 'x', confusion: { counts, labels } });
    const { texts, width, height } = textsOf(await made!.svg());
    const names = texts.filter(({ text }) => labels.some((label) => label === text));
    t.true(names.length >= Math.min(2 * classes, 40), `${classes}: ${names.length} labels`);
    for (const [i, a] of texts.entries()) {
      t.true(
        a.left >= -1 && a.right <= width + 1 && a.top >= -1 && a.bottom <= height + 1,
        `${classes}: ${a.text}`,
      );
      for (const b of texts.slice(i + 1))
        t.false(
          a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
          `${classes}: ${a.text} on ${b.text}`,
        );
    }
    t.true(width < 1100, `${width}`);
    t.true(pixelsOf(await made!.png({ dpi: 96 })).columns >= Math.floor(width));
  }
});

test('no text claims that data were held out: only who wrote the report knows', async (t) => {
  const { fitted, result } = await trained();
  const figures = await drawFigures({
    title: 'x',
    history: {
      ...plainReport({ title: 'x', history: fitted }).plain.history!,
      testLoss: [1, 1, 1],
      testAccuracy: [1, 1, 1],
    },
    confusion: result,
    activity: result,
  });
  const claim = /held.?out|never (?:seen|trained)|unseen/i;
  for (const made of figures) {
    const { name, caption, title } = made.spec;
    t.notRegex(`${title} ${caption} ${await made.svg()}`, claim, name);
  }
  const sources = ['report', 'study/report', 'figure', 'cli', 'train'].flatMap((folder) =>
    readdirSync(`src-ts/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `src-ts/${folder}/${file}`),
  );
  t.true(sources.length > 30);
  for (const file of sources) t.notRegex(readFileSync(file, 'utf8'), claim, file);
});
