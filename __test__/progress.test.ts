import { PassThrough } from 'node:stream';
import test from 'ava';
import { duration, progressBar, startProgress } from '../src-ts/progress.ts';

const output = (terminal: boolean) => {
  const stream = Object.assign(new PassThrough(), terminal ? { isTTY: true, columns: 100 } : {});
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
    'training: 50 %, 6 s left, loss 0.512, 87.5 % right\ntraining: 100 %, 6 s in all, loss 0.250\n',
  );
  handler({ done: 2, total: 2 });
  t.regex(text(), /0 ms in all\n$/);
});

test('durations read like words', (t) => {
  const cases = [0, 849.6, 999.9, 59_400, 60_000, 200_000, 3_600_000, 7_500_000];
  const words = ['0 ms', '850 ms', '1 s', '59 s', '1 min', '3 min 20 s', '1 h', '2 h 5 min'];
  t.deepEqual(cases.map(duration), words);
});
