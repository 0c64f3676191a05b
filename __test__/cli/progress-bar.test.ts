import { PassThrough } from 'node:stream';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { circuit as circuitOf, population } from '../../src-ts/doors/circuit.ts';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, loss, sequential, sgd } from '../../src-ts/index.ts';
import { duration, progressBar, startProgress } from '../../src-ts/terminal/progress.ts';

const output = (terminal: boolean, columns = 100) => {
  const stream = Object.assign(new PassThrough(), terminal ? { isTTY: true, columns } : {});
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { stream, text: () => text };
};

test('without a terminal, a line now and then, and the last one', (t) => {
  const { stream, text } = output(false);
  let clock = 0;
  const progress = startProgress('training', 200, { stream, now: () => clock });
  for (let done = 1; done <= 150; done++) {
    clock += 100;
    progress.update(done, `loss ${(1 / done).toFixed(3)}`);
  }
  progress.stop();
  progress.stop();
  t.is(
    text(),
    [
      'training: 25 %, 15 s left, loss 0.020',
      'training: 50 %, 10 s left, loss 0.010',
      'training: 75 %, 5 s left, loss 0.007',
      '',
    ].join('\n'),
  );
});

test('work that ends early leaves one line', (t) => {
  const { stream, text } = output(false);
  let clock = 0;
  const progress = startProgress('loading', 2, { stream, now: () => clock });
  clock = 40;
  progress.update(2);
  progress.stop();
  t.is(text(), 'loading: 100 %, 40 ms in all\n');
});

test('on a terminal, a bar', (t) => {
  const { stream, text } = output(true);
  const progress = startProgress('training', 4, { stream });
  progress.update(2, 'loss 0.5');
  progress.stop();
  t.regex(text(), /training/);
  t.regex(text(), /━{14}─{14}.* 50 %/);
  t.regex(text(), /left {2}loss 0\.5/);
});

test('a bar fits into the terminal: it becomes shorter, then the note loses its last parts', (t) => {
  const note = 'best 0.01234 (trial 12), 8 running, 0.52/s, 3 pruned, 1 failed';
  const long = 'a study whose name takes a lot of room on a line';
  for (const [columns, name] of [
    ...[40, 60, 80, 120].map((columns) => [columns, 'balance'] as const),
    [40, long],
    [80, long],
  ] as const) {
    const { stream, text } = output(true, columns);
    const progress = startProgress(name, 100, { stream });
    progress.update(50, note, 100, 65_000);
    progress.stop();
    const lines = text()
      .split(String.fromCharCode(27))
      .flatMap((part) => part.replace(/^\[\d*[A-Za-z]/, '').split('\n'));
    const bar = lines.filter((line) => line.includes(' 50 %')).at(-1)!;
    t.true(bar.length < columns, `${columns}: ${bar.length}`);
    t.regex(bar, /50 % {2}1 min 5 s left/);
    if (columns >= 60) t.regex(bar, /━{4,}─{4,}/);
    if (columns >= 80 && name !== long) t.regex(bar, /best 0\.01234/);
    t.is(columns >= 120, bar.endsWith('1 failed'));
  }
});

test('a handler for onProgress shows how it goes and ends itself', (t) => {
  const { stream, text } = output(false);
  let clock = 0;
  const handler = progressBar('training', { stream, now: () => clock });
  handler({ done: 0, total: 2 });
  clock = 6000;
  handler({ done: 1, total: 2, loss: 0.51234, accuracy: 0.875 });
  handler({ done: 2, total: 2, loss: 0.25, accuracy: Number.NaN });
  t.is(
    text(),
    'training: 50 %, 6 s left, loss 0.512, 87.5 % accuracy\ntraining: 100 %, 6 s in all, loss 0.250\n',
  );
  handler({ done: 2, total: 2 });
  t.regex(text(), /0 ms in all\n$/);
});

test('durations read like words', (t) => {
  const cases = [0, 849.6, 999.9, 59_400, 60_000, 200_000, 3_600_000, 7_500_000];
  const words = ['0 ms', '850 ms', '1 s', '59 s', '1 min', '3 min 20 s', '1 h', '2 h 5 min'];
  t.deepEqual(cases.map(duration), words);
});

test('a bar that nobody stops leaves no timer, and the terminal as it was', (t) => {
  const { stream, text } = output(true);
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const handler = progressBar('training', { stream });
  handler({ done: 1, total: 4 });
  handler({ done: 2, total: 4 });
  t.is(timers(), before);
  const esc = String.fromCharCode(27);
  for (const hidden of ['[?25l', '[?7l']) t.false(text().includes(`${esc}${hidden}`));
});

test('work after work that was broken off has a display of its own, and a total may change', (t) => {
  const { stream, text } = output(false);
  let clock = 0;
  const handler = progressBar('training', { stream, now: () => clock });
  handler({ done: 3, total: 4 });
  clock = 6000;
  handler({ done: 1, total: 10 });
  clock = 12_000;
  handler({ done: 2, total: 4 });
  handler({ done: 2, total: 2 });
  t.is(text(), 'training: 75 %, 0 ms left\ntraining: 50 %, 6 s left\ntraining: 100 %, 6 s in all\n');
});

const network = () => sequential(dense(3, 2), lif({ beta: 0.9 })).compile({ seed: 1 });
const samples = { x: new Float32Array(30).fill(0.5), y: new Uint32Array(10), shape: [10, 3] };
const loader = () => new DataLoader(samples, { batchSize: 2 });
const withoutLength = () => ({ [Symbol.asyncIterator]: () => loader()[Symbol.asyncIterator]() });
const training = { steps: 2, loss: loss.crossEntropyRate(), optimizer: sgd({ lr: 1e-9 }) };

test('training that ends early tells so', async (t) => {
  const reports: number[][] = [];
  await (await network()).fit(loader(), {
    ...training,
    epochs: 50,
    earlyStopping: { patience: 0, minDelta: 1 },
    onProgress: ({ done, total }) => reports.push([done, total]),
  });
  t.deepEqual(reports[0], [1, 250]);
  t.deepEqual(reports.at(-1), [10, 10]);
});

test('data without a length are not at their end before they are', async (t) => {
  for (const work of ['fit', 'evaluate'] as const) {
    const reports: number[][] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => void reports.push([done, total]);
    const model = await network();
    const { steps, loss: objective } = training;
    if (work === 'fit') await model.fit(withoutLength(), { ...training, epochs: 2, onProgress });
    else await model.evaluate(withoutLength(), { steps, loss: objective, onProgress });
    const all = work === 'fit' ? 10 : 5;
    t.deepEqual(reports.at(-1), [all, all]);
    t.true(reports.slice(0, -1).every(([done, total]) => done! < total!));
  }
});

test('progress is told 20 times a second at most, and of the end', async (t) => {
  const at: number[] = [];
  let last = [0, 0];
  const begin = performance.now();
  await (await network()).fit(loader(), {
    ...training,
    epochs: 200,
    onProgress: ({ done, total }) => {
      at.push(performance.now());
      last = [done, total];
    },
  });
  t.deepEqual(last, [1000, 1000]);
  // Two may come close to each other where the first came late; the end comes when it comes.
  t.true(at.length <= 2 + (at.at(-1)! - begin) / 50, `${at.length} in ${at.at(-1)! - begin} ms`);
});

test('what an async listener rejects with ends the work, as what one throws does', async (t) => {
  using model = await sequential(dense(2, 8), lif({ beta: 0.9 }), dense(8, 2), lif({ beta: 0.9 })).compile();
  using session = await model.session();
  const [x, y] = [new Float32Array(128).fill(1), new Uint32Array(64)];
  const data = new DataLoader({ x, y, shape: [64, 2] }, { batchSize: 1 });
  const work = { steps: 2, loss: loss.crossEntropyCount() };
  const onProgress = async () => {
    throw new Error('heard enough');
  };
  const message = 'heard enough';
  // As where the library runs in a context of its own (Jest): no instance of this one's Promise.
  const foreign = () => runInNewContext("Promise.reject(new Error('heard enough'))");
  await t.throwsAsync(model.fit(data, { ...work, epochs: 1000, onProgress: foreign }), {
    any: true,
    message,
  });
  await t.throwsAsync(model.fit(data, { ...work, epochs: 1000, onProgress }), { message });
  t.true(model.updates < 1000);
  await t.throwsAsync(model.evaluate(data, { ...work, onProgress }), { message });
  await t.throwsAsync(model.run({ x, shape: [64, 2] }, { steps: 20_000, onProgress }), { message });
  const steps = (function* () {
    for (;;) yield [0, 1];
  })();
  await t.throwsAsync(session.pushAsync(steps, { onProgress }), { message });
  using simulation = await circuitOf(population(lif, 5, { beta: 0.9 })).compile();
  const pieces = simulation.chunks(10_000, 1000, { onProgress });
  await t.throwsAsync(async () => void (await pieces.next()), { message });
});

test('fit and evaluate refuse a signal and a listener that are none', async (t) => {
  const model = await network();
  const { steps, loss: objective } = training;
  for (const [name, value] of [
    ['signal', {}],
    ['signal', 'x'],
    ['onProgress', 3],
    ['onProgress', {}],
  ] as const) {
    const wrong = { [name]: value } as object;
    const expected = { code: 'invalid-parameter', message: new RegExp(`^${name}: expected`) };
    await t.throwsAsync(async () => model.fit(loader(), { ...training, epochs: 1, ...wrong }), expected);
    await t.throwsAsync(async () => model.evaluate(loader(), { steps, loss: objective, ...wrong }), expected);
  }
  await t.throwsAsync(async () => model.evaluate(loader(), undefined as never), {
    code: 'invalid-parameter',
    message: /^loss: expected a loss/,
  });
});
