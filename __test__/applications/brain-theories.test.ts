import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

// The program itself fails when the values of an effect and of its control touch.
test('fields, maze, pattern, recall and replay are lost by their controls', async (t) => {
  const { figures } = await runApplication('brain-theories');
  const mean = (name: string) => figures[name]!.mean;
  t.true(mean('receptive fields, selectivity') > 0.2);
  t.true(mean('receptive fields, selectivity; control: pixels shuffled') < 0.1);
  t.true(mean('receptive fields, share oriented') > 0.25);
  t.true(mean('receptive fields, share oriented; control: symmetric window') < 0.1);
  t.true(mean('maze, steps to the goal') >= 6);
  t.true(mean('maze, steps to the goal') < 10);
  t.true(mean('maze, steps to the goal; control: trace of 10 ms') > 20);
  t.true(mean('maze, steps to the goal; control: rewards at random') > 20);
  t.true(mean('repeating pattern, share answered') > 0.9);
  t.true(mean('repeating pattern, share answered; control: jitter of 50 ms') < 0.2);
  t.true(mean('repeating pattern, false alarms per second') < 2);
  t.true(mean('recall, gain of overlap') > 0.4);
  t.true(mean('recall, gain of overlap; control: permuted weights') < 0.1);
  t.true(mean('recall, gain of overlap with 10 patterns; control: 150 patterns') < 0);
  t.true(mean('replay, rank correlation') > 0.8);
  t.true(Math.abs(mean('replay, rank correlation; control: symmetric window')) < 0.3);
});

test('a grating is an oriented and selective field, noise is not', async (t) => {
  const { tuningOf } = await supportModule('theories/patches');
  const { Random } = await supportModule('random');
  const tuning = (value: (i: number) => number) =>
    tuningOf!(Float64Array.from({ length: 144 }, (_, i) => value(i))) as Record<string, number>;
  const grating = tuning((i) => Math.cos((2 * Math.PI * (i % 12)) / 6));
  t.true(Math.abs(grating['selectivity']! - 1) < 1e-6);
  t.true(Math.abs(grating['orientation']! - 1) < 1e-6);
  const random = new (Random as unknown as new (seed: number) => { normal(): number })(1);
  const noise = tuning(() => random.normal());
  t.true(noise['selectivity']! < 0.1);
  t.true(noise['orientation']! < 0.35);
});

// Lee, Mumford, Huang 2001: the power of dead leaves falls with the square of the frequency; the difference of Gaussians leaves contrasts of mean 0.
test('patches have mean 0, and neighbors resemble each other unless pixels are shuffled', async (t) => {
  const { patchesOf } = await supportModule('theories/patches');
  const { Random } = await supportModule('random');
  const random = new (Random as unknown as new (seed: number) => object)(1);
  const patches = patchesOf!(random, 100) as number[][];
  let [neighbors, power] = [0, 0];
  for (const patch of patches) {
    t.true(Math.abs(patch.reduce((sum, x) => sum + x, 0)) < 1e-9);
    for (let i = 0; i < 144; i++) {
      power += patch[i]! ** 2;
      if (i % 12 !== 11) neighbors += (patch[i]! * patch[i + 1]! * 12) / 11;
    }
  }
  t.true(neighbors / power > 0.2);
  t.true(neighbors / power < 0.8);
});
