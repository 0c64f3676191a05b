import test from 'ava';
import { supportModule } from '../support/application-program.js';

const near = (actual: readonly number[], expected: readonly number[]): boolean =>
  actual.length === expected.length && actual.every((value, i) => Math.abs(value - expected[i]!) < 1e-9);

// scipy.signal.butter(2, …, output='sos') at 360 Hz: 15 Hz low-pass, 0.5 Hz high-pass, and the denominators of the band from 5 to 15 Hz.
test('Butterworth filters have the coefficients of SciPy', async (t) => {
  const { butterworth } = await supportModule('filters');
  const sections = (edges: object): number[][] => butterworth!(2, edges, 360) as number[][];
  t.true(
    near(
      sections({ high: 15 })[0]!,
      [
        0.014401440346511215, 0.02880288069302243, 0.014401440346511215, -1.632993161855452,
        0.6905989232414969,
      ],
    ),
  );
  t.true(
    near(
      sections({ low: 0.5 })[0]!,
      [0.9938483285621093, -1.9876966571242185, 0.9938483285621093, -1.987658813704708, 0.9877345005437297],
    ),
  );
  const band = sections({ low: 5, high: 15 }).sort((a, b) => b[3]! - a[3]!);
  t.true(near(band[0]!.slice(3), [-1.7919338331533654, 0.8412220576077553]));
  t.true(near(band[1]!.slice(3), [-1.9193726170801984, 0.9287446452057326]));
  // The product of both gains is SciPy's, which puts it into one section.
  t.true(Math.abs(band[0]![0]! * band[1]![0]! - 0.006765413257112544) < 1e-9);
});

test('both directions leave no phase, and a causal stream keeps its state', async (t) => {
  const { butterworth, filterBothWays, streamFilter } = await supportModule('filters');
  const low = butterworth!(2, { high: 20 }, 360);
  const wave = Float64Array.from({ length: 2000 }, (_, i) => Math.sin((2 * Math.PI * i) / 360));
  const both = filterBothWays!(low, wave) as Float64Array;
  // Order 2 has the gain 1 / sqrt(1 + (tan(pi/360) / tan(20 pi/360))^4) at 1 Hz, twice.
  const gain = 1 / (1 + (Math.tan(Math.PI / 360) / Math.tan((20 * Math.PI) / 360)) ** 4);
  for (let i = 500; i < 1500; i += 50) t.true(Math.abs(both[i]! - gain * wave[i]!) < 1e-6);
  const stream = streamFilter!(low) as (x: number) => number;
  const constant = Array.from({ length: 500 }, () => stream(3));
  t.true(Math.abs(constant.at(-1)! - 3) < 1e-9);
});

test('events are matched once, with the nearest free detection', async (t) => {
  const { matchEvents, detectionScore } = await supportModule('matching');
  const { hit, used } = matchEvents!([1, 1.4, 2.05, 5], [1.3, 2, 3], 0.5) as {
    hit: Int32Array;
    used: Int32Array;
  };
  t.deepEqual([...hit], [1, 2, -1]);
  t.deepEqual([...used], [-1, 0, 1, -1]);
  const score = detectionScore!(2, 1, 2) as Record<string, number>;
  t.deepEqual(score, { sensitivity: 2 / 3, ppv: 1 / 2, f1: 4 / 7 });
});

test('random numbers have their moments, and a seed repeats them', async (t) => {
  const { Random } = (await supportModule('random')) as unknown as {
    Random: new (
      seed: number,
    ) => Record<'normal' | 'uniform' | 'bits', () => number> & {
      poisson(mean: number): number;
      gamma(shape: number, scale: number): number;
      exponential(mean: number): number;
    };
  };
  const random = new Random(5);
  const count = 40_000;
  const moments = (draw: () => number): [number, number] => {
    const values = Array.from({ length: count }, draw);
    const mean = values.reduce((sum, x) => sum + x, 0) / count;
    return [mean, values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count];
  };
  // Expected mean and variance, and five standard errors of each.
  for (const [draw, mean, variance, margins] of [
    [() => random.uniform(), 1 / 2, 1 / 12, [0.008, 0.002]],
    [() => random.normal(), 0, 1, [0.025, 0.036]],
    [() => random.exponential(2), 2, 4, [0.05, 0.29]],
    [() => random.poisson(3), 3, 3, [0.044, 0.12]],
    [() => random.poisson(100), 100, 100, [0.25, 3.6]],
    [() => random.gamma(2, 0.5), 1, 0.5, [0.018, 0.03]],
  ] as const) {
    const [m, v] = moments(draw);
    t.true(Math.abs(m - mean) < margins[0] && Math.abs(v - variance) < margins[1], `${m}, ${v}`);
  }
  t.is(new Random(9).bits(), new Random(9).bits());
  t.not(new Random(9).bits(), new Random(10).bits());
});

test('colored noise has the spectrum that it was given', async (t) => {
  const { colored } = await supportModule('spectrum');
  const { Random } = (await supportModule('random')) as unknown as { Random: new (seed: number) => unknown };
  const [samples, rate] = [1 << 14, 256];
  const noise = colored!(new Random(1), samples, rate, (f: number) =>
    f > 8 && f < 12 ? 1 : 0,
  ) as Float64Array;
  const power = (f: number): number => {
    let [re, im] = [0, 0];
    noise.forEach((x, i) => {
      re += x * Math.cos((2 * Math.PI * f * i) / rate);
      im += x * Math.sin((2 * Math.PI * f * i) / rate);
    });
    return (re * re + im * im) / samples ** 2;
  };
  const sum = (from: number, to: number): number =>
    Array.from({ length: Math.round((to - from) * 64) }, (_, k) =>
      power(from + (k + 0.5) / 64 + 1 / 128),
    ).reduce((a, b) => a + b, 0);
  // A real signal of variance 1 has half of its power at positive frequencies.
  t.true(Math.abs(sum(7.5, 12.5) - 0.5) < 0.01);
  t.true(sum(20, 22) < 1e-6);
});
