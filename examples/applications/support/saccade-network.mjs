// The network of event-vision.mjs: pools of integrate-and-fire neurons, and a readout with weights for each half of a saccade.
import { adam, dense, input, loss, sequential, sumPool2d } from 'lapicque';
import { alif, li } from 'lapicque/neurons';
import { duration, side } from './event-vision-data.mjs';
import { Random } from './random.mjs';

const window = 4; // pixels of a pool
const pools = 2 * (side / window) ** 2;
export const phases = 6;
export const stepMs = 2;
export const phaseSteps = duration / stepMs / phases;
const pixels = 2 * side * side;

/** Each pool neuron counts the events of one polarity in its window. It fires after 3 of them, then after each 5 more. */
export const poolNetwork = () =>
  sequential(
    input(2, side, side),
    sumPool2d(window),
    alif({ name: 'pools', beta: 1, rho: 1, vThreshold: 2.5, betaAdapt: 5, reset: 'none' }),
  ).compile();

/** One accumulator per digit, with a weight for each pool in each phase. */
export const readoutNetwork = (seed) =>
  sequential(
    dense(phases * pools, 10, { initial: { kind: 'constant', value: 0 }, bias: false }),
    li({ beta: 1 }),
  ).compile({ seed });

/** Spikes of the pools: per presentation a list of `[step, input of the readout]`. */
export async function poolSpikes(model, presentations) {
  const all = presentations.map(() => []);
  const per = 20; // presentations in a run; pools start each phase at rest, so a phase is a sample
  for (let first = 0; first < presentations.length; first += per) {
    const part = presentations.slice(first, first + per);
    const samples = part.length * phases;
    const x = new Float32Array(phaseSteps * samples * pixels);
    part.forEach(({ t, x: column, y: row, p }, i) => {
      t.forEach((time, n) => {
        const step = Math.floor(time / stepMs);
        const sample = i * phases + Math.floor(step / phaseSteps);
        x[((step % phaseSteps) * samples + sample) * pixels + (p[n] * side + row[n]) * side + column[n]] += 1;
      });
    });
    const { spikes } = await model.run({ x, shape: [phaseSteps, samples, 2, side, side] });
    for (let step = 0; step < phaseSteps; step++)
      for (let sample = 0; sample < samples; sample++)
        for (let pool = 0; pool < pools; pool++)
          if (spikes[(step * samples + sample) * pools + pool] > 0) {
            const phase = sample % phases;
            all[first + Math.floor(sample / phases)].push([phase * phaseSteps + step, phase * pools + pool]);
          }
  }
  for (const list of all) list.sort((one, other) => one[0] - other[0]);
  return all;
}

/** Trains the readout on spikes and labels. It adds weights up, so all spikes of a presentation may come in one step. */
export async function trainReadout(spikes, labels, { seed, epochs }) {
  const model = await readoutNetwork(seed);
  const random = new Random(seed + 1);
  const order = spikes.map((_, i) => i);
  const size = 90;
  for (let epoch = 0; epoch < epochs; epoch++) {
    random.shuffle(order);
    for (let first = 0; first + size <= order.length; first += size) {
      const part = order.slice(first, first + size);
      const x = new Float32Array(size * phases * pools);
      part.forEach((i, b) => {
        for (const [, at] of spikes[i]) x[b * phases * pools + at] += 1;
      });
      await model.trainStep(
        { x, shape: [1, size, phases * pools], y: Uint8Array.from(part, (i) => labels[i]) },
        {
          loss: loss.crossEntropyMeanMembrane(),
          optimizer: adam({ lr: 5e-3 * (1 - epoch / epochs), weightDecay: 3e-4 }),
        },
      );
    }
  }
  return model;
}

/** A camera's stream: events in, the digit so far out. The saccade resets the pools and selects the weights. */
export class SaccadeStream {
  #pools;
  #readout;
  #rest;
  #step = 0;
  spikes = 0;

  static async open(pool, readout) {
    const stream = new SaccadeStream();
    stream.#pools = await pool.session();
    stream.#readout = await readout.session();
    stream.#rest = [stream.#pools.save(), stream.#readout.save()];
    return stream;
  }

  /** One step of 2 ms: counts of events `[2, 28, 28]` in, potentials of the digits out. A presentation has 150 steps. */
  push(counts) {
    if (this.#step === 0) this.#readout.restore(this.#rest[1]);
    if (this.#step % phaseSteps === 0) this.#pools.restore(this.#rest[0]);
    const phase = Math.floor(this.#step / phaseSteps);
    const fired = Array.from(this.#pools.push(counts), (pool) => phase * pools + pool);
    this.#readout.push(fired);
    this.spikes += fired.length;
    this.#step = (this.#step + 1) % (phases * phaseSteps);
    return this.#readout.membrane();
  }

  close() {
    this.#pools.dispose();
    this.#readout.dispose();
  }
}

export { pixels };
