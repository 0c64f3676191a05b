import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('spiking neurons with delays forecast a chaotic series for a Lyapunov time', async (t) => {
  const { figures } = await runApplication('mackey-glass');
  const { values } = figures['τ 20, sMAPE over 1 Lyapunov time']!;
  // The constant forecast has 24 %, the echo-state network of the fixture 1.1 ± 0.6 %.
  for (const value of values) t.true(value > 0 && value < 2, `${value}`);
});

// Of the fixture's mg_17, 20, 25 and 30.npy, which NumPy integrated: points 100, 1000 and 1700. Chaos lets rounding errors grow.
test('the series is that of the fixture', async (t) => {
  const { mackeyGlass } = await supportModule('mackey-glass-data');
  for (const [tau, expected] of [
    [17, [0.9594898563960227, 0.5093809817316745, 0.6634112856592286]],
    [20, [0.9078828142151875, 0.7088473454119533, 0.4769664662284964]],
    [25, [0.3031440294475851, 0.6627083790766254, 1.1730430294833931]],
    [30, [1.0496737265229368, 1.086041568829491, 0.3881009802733475]],
  ] as const) {
    const series = mackeyGlass!(tau, 24) as Float64Array;
    [100, 1000, 1700].forEach((at, i) => {
      t.true(Math.abs(series[at]! - expected[i]!) < 1e-5);
    });
  }
});

test('a constant has the error that the fixture recorded', async (t) => {
  const { mackeyGlass, smape } = await supportModule('mackey-glass-data');
  const series = mackeyGlass!(17, 21) as Float64Array;
  const mean = series.subarray(0, 750).reduce((sum, x) => sum + x / 750, 0);
  const value = smape!(new Float64Array(750).fill(mean), series.subarray(751, 1501)) as number;
  // 21.70 ± 0.02 over eight repeats.
  t.true(Math.abs(value - 21.7) < 0.1, `${value}`);
});

interface RidgeLike {
  add(row: readonly number[], value: number | readonly number[]): void;
  solve(penalty: number | readonly number[]): Float64Array;
}

test('a ridge regression solves its normal equations, and a penalty of 0 leaves a weight free', async (t) => {
  const { Ridge } = (await supportModule('ridge')) as unknown as {
    Ridge: new (size: number, targets?: number) => RidgeLike;
  };
  const ridge = new Ridge(2, 2);
  // y = 3 + 2 x for the first target, and 1 - x for the second.
  for (const x of [-2, -1, 0, 1, 2]) ridge.add([1, x], [3 + 2 * x, 1 - x]);
  // The rows have mean 0 and mean square 2, so the slope is slope · 2 / (2 + penalty).
  const expected = [3, 1, (2 * 2) / (2 + 0.5), -2 / (2 + 0.5)];
  ridge.solve([0, 0.5]).forEach((weight, i) => {
    t.true(Math.abs(weight - expected[i]!) < 1e-9);
  });
  const singular = new Ridge(2);
  singular.add([1, 1], 1);
  t.throws(() => singular.solve(-1), { instanceOf: RangeError });
});
