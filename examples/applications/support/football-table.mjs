// A synthetic football table before an event camera: a ball is shot at the goal, bounces off the walls, and a goalie of limited speed waits.
import { readTensors } from 'lapicque/files';
import { Random } from './random.mjs';

export const pixel = 0.0125; // m
export const [columns, rows] = [96, 56];
export const radius = 0.0175; // m, of the ball
export const goalLine = 1.2; // m
export const [low, high] = [0.25, 0.45]; // m, the mouth of the goal
export const [bottom, top] = [0.0175, 0.6825]; // m, of the ball's center at the walls
export const friction = 0.3; // m/s²
export const restitution = 0.8;
export const dt = 0.001; // s
export const noise = 2; // Hz per pixel

/** Moves a ball `{ x, y, vx, vy }` by a millisecond. */
export function roll(ball) {
  const speed = Math.hypot(ball.vx, ball.vy);
  const kept = Math.max(0, 1 - (friction * dt) / Math.max(speed, 1e-6));
  ball.vx *= kept;
  ball.vy *= kept;
  ball.x += ball.vx * dt;
  ball.y += ball.vy * dt;
  if (ball.y >= bottom && ball.y <= top) return;
  ball.y = Math.min(top, Math.max(bottom, ball.y));
  ball.vy *= -restitution;
}

/** The centers of a shot that reaches the goal, one per millisecond: start, speed and direction are drawn until one does. */
function shotPath(random) {
  for (;;) {
    const start = [random.uniform(0.2, 0.6), random.uniform(0.05, 0.65)];
    const [speed, angle] = [random.uniform(1, 6), random.uniform(-1, 1)];
    const ball = { x: start[0], y: start[1], vx: speed * Math.cos(angle), vy: speed * Math.sin(angle) };
    const path = [start];
    while (path.length <= 2000 && ball.x < goalLine && Math.hypot(ball.vx, ball.vy) >= friction) {
      roll(ball);
      path.push([ball.x, ball.y]);
    }
    if (ball.x >= goalLine && ball.y > low && ball.y < high) return path;
  }
}

/** Pixels whose centers the ball covers. */
function covered([x, y]) {
  const pixels = new Set();
  const [column, row] = [Math.floor(x / pixel), Math.floor(y / pixel)];
  for (let j = Math.max(0, row - 2); j <= Math.min(rows - 1, row + 2); j++)
    for (let i = Math.max(0, column - 2); i <= Math.min(columns - 1, column + 2); i++)
      if (Math.hypot((i + 0.5) * pixel - x, (j + 0.5) * pixel - y) < radius) pixels.add(j * columns + i);
  return pixels;
}

/**
 * A shot: `steps`, for each millisecond the events `{ x, y, on }[]`, `on` being 1 (brighter) or 0, its `path` (m), and
 * the place `y` (m) where it crosses the line.
 */
export function shot(seed) {
  const random = new Random(seed);
  const path = shotPath(random);
  let before = new Set();
  const steps = path.map((center) => {
    const now = covered(center);
    const events = [];
    const add = (at, on) => events.push({ x: at % columns, y: Math.floor(at / columns), on });
    for (const at of now) if (!before.has(at)) add(at, 1);
    for (const at of before) if (!now.has(at)) add(at, 0);
    before = now;
    for (let n = random.poisson(noise * columns * rows * dt); n > 0; n--)
      add(random.integer(0, columns * rows), random.integer(0, 2));
    return events;
  });
  return { steps, path, y: path.at(-1)[1] };
}

/** The shots of a file with `t_ms`, `x`, `y`, `p`, `offsets`, `arrival_ms`, `arrival_y`. */
export async function readShots(path) {
  const { tensors } = await readTensors(path);
  const [t, x, y, p, offsets, times, places] = [
    't_ms',
    'x',
    'y',
    'p',
    'offsets',
    'arrival_ms',
    'arrival_y',
  ].map((name) => {
    const array = tensors.get(name);
    if (array === undefined) throw new TypeError(`${path}: has no array ${name}`);
    return array.data;
  });
  return Array.from(places, (place, k) => {
    const steps = Array.from({ length: times[k] + 1 }, () => []);
    for (let i = offsets[k]; i < offsets[k + 1]; i++) {
      if (!(t[i] <= times[k]))
        throw new TypeError(`${path}: shot ${k} has an event at ${t[i]} ms; it arrives at ${times[k]} ms`);
      steps[t[i]].push({ x: x[i], y: y[i], on: p[i] });
    }
    return { steps, y: place };
  });
}

/** The goalie: it moves towards a place as fast as it can. */
export class Goalie {
  y = (low + high) / 2;
  #v = 0;

  step(target) {
    const wanted = Math.min(1.5, Math.max(-1.5, 40 * (Math.min(high, Math.max(low, target)) - this.y)));
    this.#v += Math.min(60 * dt, Math.max(-60 * dt, wanted - this.#v));
    this.y = Math.min(high, Math.max(low, this.y + this.#v * dt));
  }

  /** Whether it saves a ball that crosses the line at `y`. */
  saves(y) {
    return Math.abs(this.y - y) < 0.03;
  }
}
