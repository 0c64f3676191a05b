// Synthetic recordings of an event camera behind a telescope: stars that drift together, satellites that move otherwise, noise, hot pixels.
import { Random } from './random.mjs';

export const size = 128; // pixels of a side
export const seconds = 6;
export const frame = 0.1; // s, from one label to the next
export const frames = 60;

/**
 * The events in order of time, `t` (s), `x`, `y` (pixels), `on` (1 brighter, 0 darker), and `labels`: for each frame the centers of the
 * satellites at its middle. A source of brightness b at a speed of s pixels per second makes b s events per second.
 *
 * @param faint - factor of the brightness of the satellites
 */
export function starField(seed, { noise = 0.2, faint = 1 } = {}) {
  const random = new Random(seed);
  const events = [];
  const add = (t, x, y, on) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column >= 0 && column < size && row >= 0 && row < size) events.push({ t, x: column, y: row, on });
  };
  const source = ([x, y], [vx, vy], brightness) => {
    const speed = Math.hypot(vx, vy);
    for (let n = random.poisson(brightness * speed * seconds); n > 0; n--) {
      const t = random.uniform(0, seconds);
      const on = random.uniform() < 0.55;
      const ahead = (on ? 0.7 : -0.7) / speed; // s; brighter pixels lie ahead of the source, darker ones behind
      add(t, x + (t + ahead) * vx + 0.8 * random.normal(), y + (t + ahead) * vy + 0.8 * random.normal(), on);
    }
  };
  const vector = (low, high) => {
    const [angle, length] = [random.uniform(0, 2 * Math.PI), random.uniform(low, high)];
    return [length * Math.cos(angle), length * Math.sin(angle)];
  };
  const drift = vector(1.5, 6);
  const count = { stars: random.integer(12, 30), satellites: random.integer(0, 4) };
  for (let i = 0; i < count.stars; i++) {
    const start = [random.uniform(-20, size + 20), random.uniform(-20, size + 20)];
    source(start, drift, Math.min(12, 1.5 * (1 / (1 - random.uniform())) ** 0.7));
  }
  const satellites = [];
  while (satellites.length < count.satellites) {
    const v = vector(6, 25);
    if (Math.hypot(v[0] - drift[0], v[1] - drift[1]) <= 6) continue;
    const start = v.map((part) => random.uniform(30, size - 30) - (part * seconds) / 2);
    satellites.push({ start, v });
    source(start, v, faint * random.uniform(2.5, 6));
  }
  for (let n = random.poisson(noise * size * size * seconds); n > 0; n--)
    add(random.uniform(0, seconds), random.uniform(0, size), random.uniform(0, size), random.uniform() < 0.5);
  for (let i = 0; i < 12; i++) {
    const pixel = [random.integer(0, size), random.integer(0, size)];
    for (let n = random.poisson(30 * seconds); n > 0; n--) add(random.uniform(0, seconds), ...pixel, true);
  }
  events.sort((a, b) => a.t - b.t);
  const inside = (value) => value >= 0 && value < size;
  const labels = Array.from({ length: frames }, (_, f) =>
    satellites
      .map(({ start, v }) => start.map((at, axis) => at + (f + 0.5) * frame * v[axis]))
      .filter((center) => center.every(inside)),
  );
  return {
    t: Float64Array.from(events, ({ t }) => t),
    x: Int16Array.from(events, ({ x }) => x),
    y: Int16Array.from(events, ({ y }) => y),
    on: Uint8Array.from(events, ({ on }) => (on ? 1 : 0)),
    labels,
  };
}
