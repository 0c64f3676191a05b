// A bank of neurons, one for each shot that could reach the goal: its receptive field travels with the ball that it stands for.
import { conv2d, dense, input, sequential } from 'lapicque';
import { li, lif } from 'lapicque/neurons';
import {
  bottom,
  columns,
  dt,
  goalLine,
  high,
  low,
  noise,
  pixel,
  radius,
  restitution,
  roll,
  rows,
  top,
} from './football-table.mjs';

export const defaults = {
  blur: 0.9, // pixels, of the receptive field
  width: 3, // potential below the strongest neuron at which a neuron still spikes
  silent: 15, // potential below the strongest neuron at which a neuron is silenced for good
  memory: 6, // ms, time constant of the neurons that look for the ball
  coincidence: 4.2, // events that they need
  reach: 0.025, // m: neurons whose shots end so close vote for the same place
};

const places = Array.from({ length: 41 }, (_, i) => low + ((high - low) * i) / 40);
const speeds = Array.from({ length: 61 }, (_, i) => 6 ** (i / 60)); // 1 to 6 m/s
const bounces = [[], [bottom], [top], [bottom, top], [top, bottom]];
export const neurons = bounces.length * places.length * speeds.length;
const steepest = Math.tan(1); // shots are at most 1 rad from straight

/** The slope of a shot from (x, y) to a place on the goal line by way of walls. A wall turns the slope and leaves `restitution` of it. */
export function slopeTo(place, [x, y], walls) {
  let [from, lateral, kept] = [y, 0, 1];
  for (const wall of walls) {
    lateral += Math.abs(wall - from) / kept;
    kept *= restitution;
    from = wall;
  }
  lateral += Math.abs(place - from) / kept;
  const sign = Math.sign((walls[0] ?? place) - y);
  return (sign * lateral) / (goalLine - x);
}

/**
 * Where a ball causes events that get brighter: their density per pixel, by the offset along and across the ball's direction. The front half of the ball's
 * edge sweeps over pixels, blurred by `blur`. Events that get darker lie as far behind.
 */
function receptiveField(blur) {
  const r = radius / pixel;
  const [side, step] = [33, 0.25];
  const density = new Float64Array(side * side);
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++)
      for (let k = 0; k < 40; k++) {
        const across = r * ((k + 0.5) / 20 - 1);
        const d =
          ((i - 16) * step - Math.sqrt(r * r - across * across)) ** 2 + ((j - 16) * step - across) ** 2;
        density[i * side + j] += Math.exp(-d / (2 * blur * blur)) / (40 * 2 * Math.PI * blur * blur);
      }
  return (along, across) => {
    const [i, j] = [Math.round(along / step) + 16, Math.round(across / step) + 16];
    return i < 0 || j < 0 || i >= side || j >= side ? 0 : density[i * side + j];
  };
}

/** Where the ball appears: a neuron for each pixel counts the events of its 3 × 3 pixels, and forgets them. */
async function startDetector({ memory, coincidence }) {
  const model = await sequential(
    input(1, rows, columns),
    conv2d(1, 1, 3, { padding: 1, bias: false, name: 'disc' }),
    lif({ beta: Math.exp(-1 / memory), reset: 'none', vThreshold: coincidence, name: 'start' }),
  ).compile({ seed: 0 });
  await model.setWeights({ 'disc.weight': new Float32Array(9).fill(1) });
  return model;
}

async function bankModel(reach) {
  const model = await sequential(
    input(neurons),
    lif({ beta: 1, reset: 'none', vThreshold: 0, name: 'bank' }),
    dense(neurons, places.length, { bias: false, name: 'vote' }),
    li({ beta: 0, name: 'goal' }),
  ).compile({ seed: 0 });
  const weight = new Float32Array(places.length * neurons);
  places.forEach((place, j) => {
    for (let neuron = 0; neuron < neurons; neuron++)
      if (Math.abs(placeOf(neuron) - place) < reach) weight[j * neurons + neuron] = 1;
  });
  await model.setWeights({ 'vote.weight': weight });
  return model;
}

const placeOf = (neuron) => places[Math.floor(neuron / speeds.length) % places.length];

/** How many places a neuron votes for. */
const fanOut = (neuron, reach) => places.filter((place) => Math.abs(placeOf(neuron) - place) < reach).length;

/**
 * A goalie's eye: `push(events)` sees a millisecond and returns `target`, the place on the goal line for which most neurons vote (undefined before it has
 * seen a ball), `spikes` of the bank and `operations`.
 */
export async function shotBank(settings = {}) {
  const options = { ...defaults, ...settings };
  const [start, bank] = [await startDetector(options), await bankModel(options.reach)];
  return new ShotBank(
    start,
    await start.session(),
    bank,
    await bank.session({ record: ['bank.v'] }),
    options,
  );
}

class ShotBank {
  #models;
  #start;
  #bank;
  #options;
  #field;
  #image = new Float32Array(rows * columns);
  #current = new Float32Array(neurons);
  #recent = []; // events of the last steps before the ball is found
  #shots; // neurons that are not silenced, with the balls that they stand for

  constructor(startModel, start, bankModel, bank, options) {
    this.#models = [startModel, bankModel];
    this.#start = start;
    this.#bank = bank;
    this.#options = options;
    this.#field = receptiveField(options.blur);
  }

  reset() {
    this.#shots = undefined;
    this.#recent = [];
    this.#start.reset();
    this.#bank.reset();
  }

  dispose() {
    for (const one of [this.#start, this.#bank, ...this.#models]) one.dispose();
  }

  push(events) {
    if (this.#shots !== undefined) return this.#follow(events);
    this.#recent.push(events);
    if (this.#recent.length > 2 * this.#options.memory) this.#recent.shift();
    const ball = this.#appeared(events);
    const result = { target: undefined, spikes: 0, operations: 9 * events.length };
    if (ball === undefined) return result;
    this.#shots = this.#candidates(ball.center);
    for (const later of this.#recent.slice(ball.step + 1)) Object.assign(result, this.#follow(later));
    return result;
  }

  /** The mean place of the recent events near the strongest neuron that spikes, in meters, and their mean time, as an index of the recent steps. */
  #appeared(events) {
    const image = this.#image.fill(0);
    for (const { x, y } of events) image[y * columns + x] += 1;
    const active = this.#start.push(image);
    if (active.length === 0) return undefined;
    const v = this.#start.membrane();
    const best = active.reduce((a, b) => (v[b] > v[a] ? b : a));
    const [column, row] = [best % columns, Math.floor(best / columns)];
    const near = this.#recent.flatMap((list, step) =>
      list.filter(({ x, y }) => Math.hypot(x - column, y - row) < 2.5).map(({ x, y }) => ({ x, y, step })),
    );
    const mean = (name) => near.reduce((sum, one) => sum + one[name], 0) / near.length;
    return { center: [pixel * (mean('x') + 0.5), pixel * (mean('y') + 0.5)], step: Math.round(mean('step')) };
  }

  /** The neurons of all shots that begin at a point and reach the goal. All others start far below the threshold. */
  #candidates(center) {
    const list = [];
    this.#current.fill(-1000);
    for (let neuron = 0; neuron < neurons; neuron++) {
      const walls = bounces[Math.floor(neuron / (speeds.length * places.length))];
      const slope = slopeTo(placeOf(neuron), center, walls);
      if (Math.abs(slope) > steepest) continue;
      const vx = speeds[neuron % speeds.length] / Math.hypot(1, slope);
      this.#current[neuron] = 0;
      list.push({ neuron, v: 0, ball: { x: center[0], y: center[1], vx, vy: slope * vx } });
    }
    return list;
  }

  /** Each neuron receives the evidence of a millisecond for its shot. The strongest one inhibits all, so that those close to it spike. */
  #follow(events) {
    let operations = 0;
    let strongest = Number.NEGATIVE_INFINITY;
    for (const one of this.#shots) {
      const evidence = this.#evidence(one.ball, events);
      one.input = evidence.sum;
      operations += 1 + evidence.additions;
      strongest = Math.max(strongest, one.v + one.input);
    }
    const inhibition = strongest - this.#options.width;
    for (const { neuron, input } of this.#shots) this.#current[neuron] += input - inhibition;
    this.#bank.push(this.#current);
    this.#current.fill(0);
    const v = this.#bank.recorded('bank.v');
    let spikes = 0;
    for (const one of this.#shots) {
      one.v = v[one.neuron];
      if (one.v <= 0) continue;
      spikes += 1;
      operations += fanOut(one.neuron, this.#options.reach);
    }
    this.#shots = this.#shots.filter((one) => one.v > this.#options.width - this.#options.silent);
    const votes = this.#bank.membrane();
    const most = votes.reduce((a, b) => Math.max(a, b));
    const elected = places.filter((_, j) => votes[j] === most);
    const target = elected.reduce((sum, place) => sum + place, 0) / elected.length;
    return { target, spikes, operations };
  }

  /** Moves a ball by a millisecond, and compares its receptive field with the events. */
  #evidence(ball, events) {
    const [x, y] = [ball.x, ball.y];
    roll(ball);
    const [cx, cy] = [(x + ball.x) / (2 * pixel) - 0.5, (y + ball.y) / (2 * pixel) - 0.5];
    const speed = Math.hypot(ball.vx, ball.vy);
    const [ux, uy] = [ball.vx / speed, ball.vy / speed];
    const rate = (2 * radius * speed * dt) / pixel ** 2; // events of either polarity
    let [sum, additions] = [-2 * rate, 0];
    for (const event of events) {
      const [dx, dy] = [event.x - cx, event.y - cy];
      if (dx * dx + dy * dy > 12) continue;
      const ahead = (event.on ? 1 : -1) * (dx * ux + dy * uy);
      sum += Math.log(1 + (rate * this.#field(ahead, dx * uy - dy * ux)) / ((noise * dt) / 2));
      additions += 1;
    }
    return { sum, additions };
  }
}
