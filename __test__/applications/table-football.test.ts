import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('the goalie saves nearly all shots, and moves early', async (t) => {
  const { figures } = await runApplication('table-football');
  const mean = (name: string): number => figures[name]!.mean;
  // 12 shots; a straight line through the last 12 ms saves 67 % and needs 25 ms.
  t.true(mean('saves') >= 90);
  t.true(mean('saves, first millisecond withheld') >= 85);
  t.true(mean('first prediction') < 5);
});

interface Shot {
  readonly steps: readonly (readonly { readonly x: number; readonly y: number; readonly on: number }[])[];
  readonly path: readonly (readonly [number, number])[];
  readonly y: number;
}

// Of baseline.shot(s) of the fixture, s from 1000 to 1099: duration (ms), arrival (m) and its distance from the middle, events per millisecond, brighter
// events of the first millisecond, shots that bounce, start (m); mean, and deviation over the shots.
test('the generator has the statistics of the fixture', async (t) => {
  const { shot } = await supportModule('football-table');
  const count = 100;
  const sums = new Array<number>(7).fill(0);
  for (let seed = 0; seed < count; seed++) {
    const { steps, path, y } = shot!(seed) as Shot;
    const turns = path.some(
      ([, at], k) =>
        k > 1 && Math.sign(at - path[k - 1]![1]) !== Math.sign(path[k - 1]![1] - path[k - 2]![1]),
    );
    [
      steps.length - 1,
      y,
      Math.abs(y - 0.35),
      steps.reduce((sum, events) => sum + events.length, 0) / steps.length,
      steps[0]!.filter(({ on }) => on).length,
      Number(turns),
      path[0]![0],
    ].forEach((value, i) => {
      sums[i]! += value / count;
    });
  }
  [
    [383.1, 277.9],
    [0.3471, 0.0608],
    [0.0528, 0.0298],
    [12.262, 0.754],
    [11.98, 2.416],
    [0.57, 0.4976],
    [0.4297, 0.1046],
  ].forEach(([expected, deviation], i) => {
    const margin = 5 * deviation! * Math.sqrt(2 / count);
    t.true(Math.abs(sums[i]! - expected!) < margin, `${i}: ${sums[i]} and ${expected}`);
  });
});

test('a ball on the slope of a neuron arrives at its place, by way of its walls', async (t) => {
  const { slopeTo } = await supportModule('shot-bank');
  const { roll } = await supportModule('football-table');
  const start = [0.3, 0.4];
  for (const [walls, place] of [
    [[], 0.27],
    [[0.0175], 0.3],
    [[0.6825], 0.43],
    [[0.0175, 0.6825], 0.4],
    [[0.6825, 0.0175], 0.26],
  ]) {
    const slope = slopeTo!(place, start, walls) as number;
    const vx = 5 / Math.hypot(1, slope);
    const ball = { x: start[0]!, y: start[1]!, vx, vy: slope * vx };
    let before = { ...ball };
    while (ball.x < 1.2) {
      before = { ...ball };
      roll!(ball);
    }
    const part = (1.2 - before.x) / (ball.x - before.x);
    const y = before.y + part * (ball.y - before.y);
    // A step in which the ball meets a wall ends at the wall: up to 4 mm of the way are lost at each bounce.
    t.true(Math.abs(y - (place as number)) < 0.002 + 0.006 * (walls as number[]).length, `${y} and ${place}`);
  }
});
