import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('three cells are told apart without labels, in integers and in C as well', async (t) => {
  const { figures } = await runApplication('spike-sorting');
  const mean = (name: string): number => figures[name]!.mean;
  // 6 s of two cases; the unsupervised baselines have 0.877 and 0.660 in 10 s.
  t.true(mean('easy 0.1, accuracy') > 0.96);
  t.true(mean('hard 0.1, accuracy') > 0.9);
  t.true(Math.abs(mean('hard 0.1, accuracy in int8') - mean('hard 0.1, accuracy')) < 0.03);
  t.is(figures['steps of the C program equal to the integer network, share']?.mean ?? 1, 1);
});

interface Recording {
  readonly samples: Int16Array;
  readonly times: Int32Array;
  readonly templates: readonly Float64Array[];
}

// Of generate.recording(s, 4, .1, difficulty) of the fixture, s from 100 to 123, rounded to 16 bits: spikes, standard deviation, autocorrelation at 2 and 6
// samples, mean energy of the three templates, smallest distance of two templates, robust standard deviation; mean, and deviation over the recordings.
test('the generator has the statistics of the fixture', async (t) => {
  const { recording } = await supportModule('spike-trace');
  const expected = {
    easy: [
      [227.75, 1440.66, 0.8368, 0.1659, 9.4784, 1.8325, 713.68],
      [15.84, 66.13, 0.012, 0.0395, 1.1117, 0.2221, 11.49],
    ],
    hard: [
      [227.75, 1295.02, 0.8252, 0.0926, 6.8939, 0.7906, 708.09],
      [15.84, 58.44, 0.0151, 0.0567, 1.0213, 0.0574, 13.27],
    ],
  };
  const count = 10;
  for (const [difficulty, [means, deviations]] of Object.entries(expected)) {
    const sums = new Array<number>(7).fill(0);
    for (let seed = 0; seed < count; seed++) {
      const { samples, times, templates } = recording!(seed, {
        seconds: 4,
        noise: 0.1,
        difficulty,
      }) as Recording;
      const center = samples.reduce((sum, x) => sum + x, 0) / samples.length;
      const moment = (lag: number): number => {
        let sum = 0;
        for (let i = lag; i < samples.length; i++)
          sum += (samples[i]! - center) * (samples[i - lag]! - center);
        return sum / (samples.length - lag);
      };
      const energy = (wave: Float64Array): number => wave.reduce((sum, x) => sum + x * x, 0);
      const apart = [
        [0, 1],
        [0, 2],
        [1, 2],
      ].map(([a, b]) => Math.sqrt(energy(templates[a!]!.map((x, i) => x - templates[b!]![i]!))));
      const sizes = samples.map(Math.abs).sort();
      [
        times.length,
        Math.sqrt(moment(0)),
        moment(2) / moment(0),
        moment(6) / moment(0),
        templates.reduce((sum, wave) => sum + energy(wave), 0) / 3,
        Math.min(...apart),
        sizes[sizes.length >> 1]! / 0.6745,
      ].forEach((value, i) => {
        sums[i]! += value / count;
      });
    }
    sums.forEach((value, i) => {
      const margin = 5 * deviations![i]! * Math.sqrt(1 / count + 1 / 24);
      t.true(Math.abs(value - means![i]!) < margin, `${difficulty} ${i}: ${value} and ${means![i]}`);
    });
  }
});

test('the predictor finds the process that made a background, and its error is white', async (t) => {
  const { predictor, whitened } = await supportModule('whitening');
  const { Random } = (await supportModule('random')) as unknown as {
    Random: new (seed: number) => { normal(): number };
  };
  const random = new Random(3);
  const samples = new Float64Array(100_000);
  for (let i = 2; i < samples.length; i++)
    samples[i] = 1.2 * samples[i - 1]! - 0.5 * samples[i - 2]! + 2 * random.normal();
  const mask = new Uint8Array(samples.length).fill(1);
  mask.fill(0, 5000, 6000);
  const found = predictor!(samples, mask, { order: 3, floor: 0 }) as {
    weights: Float64Array;
    deviation: number;
  };
  // The standard error of a weight is below 1 / sqrt(samples), 0.003.
  [1.2, -0.5, 0].forEach((weight, i) => {
    t.true(Math.abs(found.weights[i]! - weight) < 0.015);
  });
  t.true(Math.abs(found.deviation - 2) < 0.03);
  const white = whitened!(samples, found) as Float64Array;
  const correlation = white.reduce((sum, x, i) => sum + x * (white[i - 1] ?? 0), 0) / white.length;
  t.true(Math.abs(correlation) < 0.015);
});
