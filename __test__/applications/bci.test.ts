import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('a minute of calibration decodes velocity, and learning helps where directions drift', async (t) => {
  const { figures } = await runApplication('bci');
  t.true(figures['standard, R²']!.mean > 0.8);
  t.true(figures['rates × 0.4, R²']!.mean > 0.7);
  t.true(figures['drift 60°, R² with learning']!.mean > figures['drift 60°, R²']!.mean);
});

// Of generate.py of the fixture, seeds 0 … 2: 9.25 spikes per second and channel (9.8 over its five seeds), velocities with a standard deviation of
// 9.65 cm/s.
test('the generator has the statistics of the fixture', async (t) => {
  const { session } = await supportModule('bci-data');
  const { deviation } = await supportModule('filters');
  const seeds = [0, 1, 2, 3, 4];
  const all = seeds.map((seed) => session!(seed) as { counts: Uint8Array; velocity: Float64Array });
  const average = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const rates = all.map(
    ({ counts }) => counts.reduce((sum, count) => sum + count, 0) / counts.length / 0.004,
  );
  t.true(Math.abs(average(rates) - 9.6) < 1);
  t.true(Math.abs(average(all.map(({ velocity }) => deviation!(velocity) as number)) - 9.65) < 0.5);
});

test('the stream gives the potential of a double exponential filter', async (t) => {
  const { OnlineDecoder } = (await supportModule('online-decoder')) as unknown as {
    OnlineDecoder: {
      create(
        channels: number,
        outputs: number,
        options: object,
      ): Promise<{
        calibrate(counts: Uint8Array, targets: Float64Array, options: object): Promise<void>;
        push(counts: Uint8Array): number[];
        dispose(): void;
      }>;
    };
  };
  // One channel fires at random, and the target is 3 times its spikes, filtered twice with 50 ms, plus 1: the rule has to find 3 and 1.
  const [steps, decay] = [5000, Math.exp(-4 / 50)];
  const counts = Uint8Array.from({ length: steps + 50 }, (_, i) => Number((i * 7919) % 97 < 9));
  const targets = new Float64Array(steps + 50);
  let [current, trace] = [0, 0];
  counts.forEach((count, i) => {
    current = decay * current + count;
    trace = decay * trace + current;
    targets[i] = 3 * trace + 1;
  });
  const decoder = await OnlineDecoder.create(1, 1, { late: 500 });
  await decoder.calibrate(counts.subarray(0, steps), targets.subarray(0, steps), { passes: 60, rate: 0.02 });
  for (let i = steps; i < steps + 50; i++) {
    const [value] = decoder.push(counts.subarray(i, i + 1));
    t.true(Math.abs(value! - targets[i]!) < 0.02 * targets[i]!, `${value} and ${targets[i]}`);
  }
  decoder.dispose();
});
