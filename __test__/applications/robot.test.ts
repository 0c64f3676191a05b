import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('every level of cart-pole is solved from every start', async (t) => {
  const { figures } = await runApplication('robot');
  for (const level of [1, 2, 3, 4]) t.is(figures[`cart-pole ${level}, worst of 40`]!.mean, 500);
  // One round of imitation is better than no torque, about -1,300.
  t.true(figures['pendulum, return']!.mean > -600);
});

test('the regulator and the Kalman filter solve their equations', async (t) => {
  const { regulator, kalman } = await supportModule('linear-control');
  // One variable: P = q + a² P - a² P² b² / (r + b² P). With a = b = q = r = 1, P is the golden ratio, and the gain is P / (1 + P).
  const golden = (1 + Math.sqrt(5)) / 2;
  const one = [[1]];
  t.true(Math.abs((regulator!(one, one, one, one) as number[][])[0]![0]! - golden / (1 + golden)) < 1e-9);
  t.true(Math.abs((kalman!(one, one, one, one) as number[][])[0]![0]! - golden / (1 + golden)) < 1e-9);
});

test('the spike code follows its linear filter to within a unit', async (t) => {
  const { spikeCode } = await supportModule('spike-coding');
  const { Random } = (await supportModule('random')) as unknown as {
    Random: new (seed: number) => unknown;
  };
  // A rotation that decays, driven by two inputs.
  const [cos, sin] = [0.97 * Math.cos(0.1), 0.97 * Math.sin(0.1)];
  const filter = {
    F: [
      [cos, -sin],
      [sin, cos],
    ],
    G: [
      [0.1, 0],
      [0, 0.1],
    ],
    H: [
      [1, 0],
      [0, 1],
    ],
    J: [
      [0, 0],
      [0, 0],
    ],
  };
  const options = { units: [0.02, 0.02], levels: 10, random: new Random(3), spiking: false };
  const model = (await spikeCode!(filter, options)) as {
    session(): Promise<{ push(x: Float32Array): unknown; membrane(): Float32Array }>;
  };
  const session = await model.session();
  let [x, y] = [0, 0];
  for (let step = 0; step < 400; step++) {
    const input = [Math.sin(step / 20), Math.cos(step / 31)];
    [x, y] = [cos * x - sin * y + 0.1 * input[0]!, sin * x + cos * y + 0.1 * input[1]!];
    session.push(Float32Array.from(input));
    const [a, b] = session.membrane();
    // The error of one step is at most 0.55 units per axis; F passes on errors of earlier steps, on average a few units in size.
    t.true(Math.hypot(a! - x, b! - y) < 0.1, `step ${step}: ${a}, ${b} instead of ${x}, ${y}`);
  }
});
