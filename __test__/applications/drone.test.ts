import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('a network holds the attitude, and another one lands without a crash', async (t) => {
  const { figures } = await runApplication('drone');
  t.true(figures['attitude, RMS']!.mean < 5.2);
  t.true(figures['landing, touchdown']!.mean < 0.1);
  t.true(figures['landing, time']!.mean < 9);
  t.is(figures['landing, crashes of 20']!.mean, 0);
});

// Of baseline.py of the fixture, seeds 0 … 4 and 0 … 19: the PID controller has 5.98° ± 0.93°, the PI controller 0.144 m/s after 8.52 s without a crash.
// The noise of both is drawn here, so means may differ by the spread of their seeds.
test('the classical controllers have the figures of the fixture on this plant', async (t) => {
  const { attitude, landing } = (await supportModule('quadrotor')) as unknown as {
    attitude(
      references: number[],
      noise: () => number[],
      control: (reference: number, angle: number, rate: number) => number,
    ): number;
    landing(
      start: number[],
      noise: () => number[],
      control: (divergence: number) => number,
    ): { speed: number; seconds: number; crash: boolean };
  };
  const { Random } = (await supportModule('random')) as unknown as {
    Random: new (seed: number) => { normal(): number; uniform(low: number, high: number): number };
  };
  const random = new Random(11);
  const noise = (): number[] => Array.from({ length: 5 }, () => random.normal());
  const clip = (x: number, limit: number): number => Math.min(Math.max(x, -limit), limit);
  const average = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const errors = Array.from({ length: 20 }, () => {
    let integral = 0;
    const references = Array.from({ length: 10 }, () => random.uniform(-0.5, 0.5));
    return attitude(references, noise, (reference, angle, rate) => {
      integral = clip(integral + (reference - angle) * 0.005, 0.3);
      return 0.45 * (reference - angle) + 0.4 * integral - 0.055 * rate;
    });
  });
  t.true(Math.abs(average(errors) - 5.98) < 1);
  const landings = Array.from({ length: 40 }, () => {
    let [smooth, integral] = [0, 0];
    return landing([random.uniform(2, 6), random.uniform(-0.5, 0.1)], noise, (divergence) => {
      smooth += 0.1 * (divergence - smooth);
      integral = clip(integral + (smooth - 1) * 0.005, 2);
      return 1 + 0.3 * clip(0.5 * (smooth - 1) + 0.15 * integral, 1);
    });
  });
  t.true(landings.every(({ crash }) => !crash));
  t.true(Math.abs(average(landings.map(({ speed }) => speed)) - 0.144) < 0.03);
  t.true(Math.abs(average(landings.map(({ seconds }) => seconds)) - 8.52) < 0.8);
});
