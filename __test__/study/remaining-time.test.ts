// The remaining time of a study that goes on: trials of earlier runs took none of this run's time.
import test from 'ava';
import { study } from '../../src-ts/doors/study.ts';
import { startProgress } from '../../src-ts/terminal/progress.ts';

test('a remaining time that is given replaces the one by the share', (t) => {
  let text = '';
  let now = 0;
  const stream = {
    write: (line: string) => {
      text += line;
    },
  };
  const progress = startProgress('study', 100, { stream, interval: 0, now: () => now });
  now = 1000;
  progress.update(90, '', 100, 10_000);
  t.is(text, 'study: 90 %, 10 s left\n');
  progress.update(91, '', 100, Number.NaN);
  t.regex(text, /study: 91 %\n$/);
});

test('a resumed study counts what is done, and estimates the rest by its own pace', async (t) => {
  const pace = 40;
  const made = (store: string) =>
    study({
      ...{ name: 'left', store, search: { kind: 'random' } as const },
      space: { x: { kind: 'uniform', low: 0, high: 1 } as const },
      objective: async ({ x }, trial) => {
        await new Promise((resolve) => setTimeout(resolve, pace));
        if (trial.number % 5 === 4) throw new Error('every fifth');
        return x as number;
      },
    });
  const store = `build/left-${process.pid}-${Math.random()}.study`;
  t.teardown(async () => (await import('node:fs/promises')).rm(store, { recursive: true, force: true }));
  await made(store).run({ trials: 20, jobs: 1 });
  const seen: { done: number; total: number; left: number; failed: number; at: number }[] = [];
  await made(store).run({
    trials: 30,
    jobs: 1,
    onProgress: ({ done, total, left, failed }) =>
      seen.push({ done, total, left, failed, at: performance.now() }),
  });
  t.true(seen.every(({ done, total }) => done >= 20 && done <= total && total === 30));
  t.like(seen.at(-1)!, { done: 30, failed: 6, left: 0 });
  // In the middle the rest of the time is known within a factor of 2, on a busy machine too.
  const middle = seen.find(({ done }) => done >= 25 && done < 28)!;
  const took = (seen.at(-1)!.at - middle.at) / 1000;
  t.true(middle.left > took / 2 && middle.left < 2 * took, `${middle.left} for ${took}`);
});
