// A bank of neurons that travel: each integrates the events along a straight track at its own velocity and fires when enough coincide.
import { sequential } from 'lapicque';
import { lif } from 'lapicque/neurons';
import { Collectors } from './collectors.mjs';
import { frame, frames, size } from './satellite-data.mjs';

const pitch = 2; // pixels between neurons
const margin = 16; // pixels around the image in which neurons travel on
const side = (size + 2 * margin) / pitch;
const plane = side * side;
const step = 2.5; // px/s between velocities
const fastest = 26; // px/s
const psf = 0.7; // px: brighter pixels lie ahead of a source, darker ones as far behind it
const reach = Math.floor(fastest / step);
const grid = 2 * reach + 1;

/** The velocities of the bank, and by their place on the square grid their index or -1. */
export const velocities = [];
const channelAt = new Int16Array(grid * grid).fill(-1);
for (let row = -reach; row <= reach; row++)
  for (let column = -reach; column <= reach; column++) {
    if (Math.hypot(row, column) * step > fastest) continue;
    channelAt[(row + reach) * grid + column + reach] = velocities.length;
    const ahead = row === 0 && column === 0 ? 0 : psf / (Math.hypot(row, column) * step);
    velocities.push({ x: column * step, y: row * step, row, column, ahead });
  }
export const neurons = velocities.length * plane;

export const defaults = {
  tau: 0.7, // s, of the neurons of the bank
  threshold: 3.5, // events that have to coincide
  inhibition: 7, // px: the strongest neuron silences the others around it
  slowest: 4.5, // px/s: satellites are faster
  apart: 4.5, // px/s from the drift of the stars
  hot: 8, // events above which a pixel is silenced
  sharpness: 2, // of the mean over neighbors in the bank
  allowance: 4.5, // potential that is no evidence for a satellite
  evidence: 8, // that a collector needs to fire
};

/** A tracker: `push(events)` processes one frame and returns `{ tracks, spikes, operations }`. */
export async function tracker(settings = {}) {
  const options = { ...defaults, ...settings };
  const model = await sequential(
    lif({ name: 'bank', beta: Math.exp(-frame / options.tau), vThreshold: options.threshold, reset: 'none' }),
  ).compile({ inputs: neurons, dt: 1000 * frame, seed: 0 });
  return new Tracker(model, await model.session(), options);
}

class Tracker {
  #model;
  #session;
  #options;
  #input = new Float32Array(neurons);
  #adaptation = new Float64Array(size * size);
  #last = new Float64Array(size * size);
  #votes;
  #frames = 0;
  #collectors;

  constructor(model, session, options) {
    this.#model = model;
    this.#session = session;
    this.#options = options;
    this.#collectors = new Collectors(options);
    this.#votes = new Float64Array(velocities.length);
  }

  reset() {
    this.#session.reset();
    this.#adaptation.fill(0);
    this.#last.fill(0);
    this.#votes = new Float64Array(velocities.length);
    this.#frames = 0;
    this.#collectors.reset();
  }

  dispose() {
    this.#session.dispose();
    this.#model.dispose();
  }

  /** A pixel that fires again and again is silenced by its own adaptation. */
  #passes(t, pixel) {
    const a = this.#adaptation[pixel] * Math.exp((this.#last[pixel] - t) / 3) + 1;
    this.#adaptation[pixel] = a;
    this.#last[pixel] = t;
    return a < this.#options.hot;
  }

  /** The events of the next frame, ascending in time. */
  push({ t, x, y, on }) {
    const input = this.#input.fill(0);
    let operations = 0;
    for (let e = 0; e < t.length; e++) {
      if (!this.#passes(t[e], y[e] * size + x[e])) continue;
      operations += 4 * velocities.length;
      velocities.forEach((v, k) => {
        const time = t[e] + (on[e] ? v.ahead : -v.ahead);
        scatter(input, k * plane, x[e] + 0.5 - v.x * time, y[e] + 0.5 - v.y * time);
      });
    }
    const active = this.#session.push(input);
    this.#frames += 1;
    const v = this.#session.membrane();
    const winners = this.#compete(active, v);
    const drift = this.#drift(winners);
    const { slowest, apart } = this.#options;
    const isStar = (one) =>
      Math.hypot(...one.velocity) < slowest ||
      Math.hypot(one.velocity[0] - drift[0], one.velocity[1] - drift[1]) < apart;
    const inside = (one) => one.at.every((value) => value >= 0 && value < size);
    const tracks = this.#collectors.push(winners.filter((one) => !isStar(one) && inside(one)));
    return { tracks: tracks.filter(inside), spikes: active.length, operations };
  }

  /** Inhibition between neighbors: the strongest neuron silences all others around its place, of whatever velocity. */
  #compete(active, v) {
    const middle = (this.#frames - 0.5) * frame;
    const order = [...active].sort((a, b) => v[b] - v[a]);
    const winners = [];
    for (const neuron of order) {
      const at = place(neuron, middle);
      if (at.some((value) => value < -margin / 2 || value > size + margin / 2)) continue;
      if (
        winners.some((one) => Math.hypot(one.raw[0] - at[0], one.raw[1] - at[1]) < this.#options.inhibition)
      )
        continue;
      winners.push({ raw: at, ...this.#estimate(neuron, v, at, middle), potential: v[neuron], neuron });
    }
    return winners;
  }

  /** Place and velocity as the mean of a winner and its neighbors in the bank, weighted by their potentials. */
  #estimate(neuron, v, at, middle) {
    const k = Math.floor(neuron / plane);
    const { row, column } = velocities[k];
    let [total, px, py, vx, vy] = [0, 0, 0, 0, 0];
    for (let dr = -1; dr <= 1; dr++)
      for (let dc = -1; dc <= 1; dc++) {
        if (Math.abs(row + dr) > reach || Math.abs(column + dc) > reach) continue;
        const other = channelAt[(row + dr + reach) * grid + column + dc + reach];
        if (other < 0) continue;
        const { x, y } = velocities[other];
        const ox = wrap((at[0] - x * middle + margin) / pitch);
        const oy = wrap((at[1] - y * middle + margin) / pitch);
        const [cx, cy] = [Math.round(ox), Math.round(oy)];
        for (let j = -1; j <= 1; j++)
          for (let i = -1; i <= 1; i++) {
            const value = v[other * plane + ((cy + j + side) % side) * side + ((cx + i + side) % side)];
            const weight = Math.max(0, value) ** this.#options.sharpness;
            total += weight;
            px += weight * (cx + i - ox) * pitch;
            py += weight * (cy + j - oy) * pitch;
            vx += weight * x;
            vy += weight * y;
          }
      }
    return { at: [at[0] + px / total, at[1] + py / total], velocity: [vx / total, vy / total] };
  }

  /** The velocity that most slow winners share. */
  #drift(winners) {
    for (let k = 0; k < velocities.length; k++) this.#votes[k] *= 0.98;
    for (const { neuron, potential } of winners) {
      const k = Math.floor(neuron / plane);
      const { x, y } = velocities[k];
      const speed = Math.hypot(x, y);
      if (speed > 0 && speed < 8) this.#votes[k] += potential;
    }
    let best = -1;
    let drift = [0, 0];
    velocities.forEach((v) => {
      let [total, x, y] = [0, 0, 0];
      velocities.forEach((w, j) => {
        if (Math.abs(w.row - v.row) > 1 || Math.abs(w.column - v.column) > 1) return;
        total += this.#votes[j];
        x += this.#votes[j] * w.x;
        y += this.#votes[j] * w.y;
      });
      if (total > best) {
        best = total;
        drift = total > 0 ? [x / total, y / total] : [0, 0];
      }
    });
    return drift;
  }
}

/** The place of a neuron at a time. */
function place(neuron, time) {
  const { x, y } = velocities[Math.floor(neuron / plane)];
  const cell = neuron % plane;
  const span = side * pitch;
  const on = (at) => ((((at + margin) % span) + span) % span) - margin;
  return [
    on((cell % side) * pitch - margin + x * time),
    on(Math.floor(cell / side) * pitch - margin + y * time),
  ];
}

const wrap = (cell) => ((cell % side) + side) % side;

/** One event reaches the four neurons around it. */
function scatter(input, from, x, y) {
  const [cx, cy] = [wrap((x + margin) / pitch), wrap((y + margin) / pitch)];
  const [i, j] = [Math.floor(cx), Math.floor(cy)];
  const [a, b] = [cx - i, cy - j];
  const [right, below] = [(i + 1) % side, ((j + 1) % side) * side];
  const above = (j % side) * side;
  const left = i % side;
  input[from + above + left] += (1 - a) * (1 - b);
  input[from + above + right] += a * (1 - b);
  input[from + below + left] += (1 - a) * b;
  input[from + below + right] += a * b;
}

/** The events of a recording frame by frame. */
export function framesOf({ t, x, y, on }) {
  const list = [];
  let from = 0;
  for (let f = 0; f < frames; f++) {
    let to = from;
    while (to < t.length && t[to] <= (f + 1) * frame) to++;
    list.push({
      t: t.subarray(from, to),
      x: x.subarray(from, to),
      y: y.subarray(from, to),
      on: on.subarray(from, to),
    });
    from = to;
  }
  return list;
}
