import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('a bank of resonators finds a loss of stiffness', async (t) => {
  const { figures } = await runApplication('strain');
  // 40 runs; the classical method has an AUC of 0.915 and finds 75 %.
  t.true(figures['loss 20 %, AUC']!.mean > 0.93);
  t.true(figures['loss 20 %, found']!.mean > 0.75);
  t.true(figures['loss 20 %, delay']!.mean < 33);
  t.true(figures['loss 20 %, false-alarm runs']!.mean <= 0.2);
});

interface Run {
  readonly strain: Float64Array;
  readonly damage: number;
}

// Of make.py strain --first 2000 --count 200, the 100 healthy runs after 30 s: root mean square, zero crossings per second, root mean square of the
// differences, kurtosis; mean over the runs, and five standard errors (spread over the runs: 0.21, 0.37, 0.026, 0.39). Damage begins at 65.1 s in the mean.
test('the generator has the statistics of the fixture', async (t) => {
  const { strainRun } = await supportModule('strain-data');
  const runs = Array.from({ length: 120 }, (_, seed) => strainRun!(seed) as Run);
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x / values.length, 0);
  const statistics = runs
    .filter(({ damage }) => damage < 0)
    .map(({ strain }) => {
      const tail = [...strain.subarray(3000)];
      const square = mean(tail.map((x) => x * x));
      const steps = tail.slice(1).map((x, i) => x - tail[i]!);
      const crossings = tail.slice(1).filter((x, i) => x > 0 !== tail[i]! > 0).length;
      return [
        Math.sqrt(square),
        crossings / 90,
        Math.sqrt(mean(steps.map((x) => x * x))),
        mean(tail.map((x) => x ** 4)) / square ** 2,
      ];
    });
  [1.1078, 4.5977, 0.1586, 3.0331].forEach((expected, i) => {
    const value = mean(statistics.map((row) => row[i]!));
    const margin = (5 * [0.2126, 0.3664, 0.0259, 0.3877][i]!) / Math.sqrt(60);
    t.true(Math.abs(value - expected) < margin, `${i}: ${value} and ${expected}`);
  });
  const damaged = runs.filter(({ damage }) => damage >= 0);
  t.is(damaged.length, 60);
  // Uniform from 48 to 84 s: mean 66 s, deviation 10.4 s.
  t.true(Math.abs(mean(damaged.map(({ damage }) => damage / 100)) - 66) < 6.8);
});

test('a loss of stiffness in one direction lowers the frequency as the equation says', async (t) => {
  const { strainRun } = await supportModule('strain-data');
  const crossings = ({ strain }: Run, from: number): number => {
    let count = 0;
    for (let i = from + 1; i < strain.length; i++) if (strain[i]! > 0 !== strain[i - 1]! > 0) count++;
    return count;
  };
  // A half wave takes 1 / sqrt(1 - loss) as long: with a loss of 0.75 twice as long, so 2 / 3 of the crossings.
  let [whole, cracked] = [0, 0];
  for (let seed = 1; seed < 40; seed += 2) {
    const run = strainRun!(seed, { loss: 0.75, noise: 0 }) as Run;
    cracked += crossings(run, run.damage + 500);
    whole += crossings(strainRun!(seed, { loss: 0, noise: 0 }) as Run, run.damage + 500);
  }
  t.true(Math.abs(cracked / whole - 2 / 3) < 0.02, `${cracked / whole}`);
});
