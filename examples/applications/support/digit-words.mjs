// The network that reads spoken digits from the events of a cochlea: level neurons, delays, two spiking layers, and its training.
import { adam, dense, dropout, loss, sequential } from 'lapicque';
import { li, lif, surrogate } from 'lapicque/neurons';
import { bands, channels } from './cochlea.mjs';
import { Random } from './random.mjs';

export const hidden = 128;
const thresholds = [2, 4, 6, 8];
const delays = [0, 4, 8, 12]; // steps of 10 ms
/** Steps after the end of a word until its last spikes have passed the delays. */
export const tail = 16;
const fibers = channels + bands * thresholds.length;
export const inputs = fibers * delays.length;

/**
 * The first layer: level neurons. Each adds 1 for an ON event of its band, subtracts 1 for an OFF event, never falls below 0, has no leak and no
 * reset, and fires in each step in which its potential is at least its threshold. Their spikes follow the events on the fibers.
 */
class Fibers {
  #levels = new Int32Array(bands);

  /** One step: event counts in, the values of the fibers into `out`. */
  push(counts, out) {
    out.set(counts);
    for (let band = 0; band < bands; band++) {
      const level = Math.max(0, this.#levels[band] + counts[band] - counts[bands + band]);
      this.#levels[band] = level;
      thresholds.forEach((threshold, i) => {
        out[channels + i * bands + band] = level >= threshold ? 1 : 0;
      });
    }
  }
}

/** The layers that are trained; their input is every fiber at each of the delays. */
export function wordNetwork(seed) {
  const neuron = (name) => lif({ name, beta: 0.8, surrogate: surrogate.fastSigmoid({ slope: 5 }) });
  return sequential(
    dense(inputs, hidden),
    neuron('hidden1'),
    dropout(0.3),
    dense(hidden, hidden),
    neuron('hidden2'),
    dropout(0.3),
    dense(hidden, 10),
    li({ beta: 0.9 }),
  ).compile({ seed });
}

/** A word stretched in time, moved by a band, with events left out. */
function varied(counts, steps, random) {
  const varied = new Uint8Array(steps * channels);
  const stretch = random.uniform(0.8, 1.2);
  const shift = random.integer(-1, 2);
  const start = random.integer(0, 4);
  const lost = random.uniform(0, 0.1);
  for (let step = 0; step < counts.length / channels; step++) {
    const t = start + Math.floor(step * stretch + random.uniform());
    if (t >= steps) continue;
    for (let c = 0; c < channels; c++) {
      const count = counts[step * channels + c];
      const band = (c % bands) + shift;
      if (count === 0 || band < 0 || band >= bands || random.uniform() < lost) continue;
      varied[t * channels + (c < bands ? 0 : bands) + band] += count;
    }
  }
  return varied;
}

/** Event counts of words as the input of the network, `[steps, words, inputs]`. */
export function inputOf(list, steps) {
  const x = new Float32Array(steps * list.length * inputs);
  const out = new Float32Array(fibers);
  list.forEach((counts, b) => {
    const nerve = new Fibers();
    const length = counts.length / channels;
    for (let t = 0; t < steps; t++) {
      nerve.push(
        t < length ? counts.subarray(t * channels, (t + 1) * channels) : new Uint8Array(channels),
        out,
      );
      delays.forEach((delay, k) => {
        if (t + delay < steps) x.set(out, ((t + delay) * list.length + b) * inputs + k * fibers);
      });
    }
  });
  return { x, shape: [steps, list.length, inputs] };
}

/** Trains on words `{ counts, label }`. */
export async function trainWords(words, { seed, epochs }) {
  const model = await wordNetwork(seed);
  const random = new Random(seed + 7);
  const [size, steps] = [32, 80];
  const batches = Math.floor(words.length / size);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.shuffle([...words]);
    for (let i = 0; i < batches; i++) {
      const part = order.slice(i * size, (i + 1) * size);
      const y = Uint8Array.from(part, ({ label }) => label);
      const lr = 1.5e-3 * (1 + Math.cos((Math.PI * (epoch * batches + i)) / (epochs * batches)));
      const input = inputOf(
        part.map(({ counts }) => varied(counts, steps, random)),
        steps,
      );
      await model.trainStep(
        { ...input, y },
        { loss: loss.crossEntropyMeanMembrane(), optimizer: adam({ lr, maxNorm: 1 }) },
      );
    }
  }
  return model;
}

const largest = (values) => values.indexOf(Math.max(...values));

/** The digit of each word after each of the fractions of it; the fraction 1 includes the tail. */
export async function answers(model, words, fractions = [1]) {
  const all = [];
  for (let first = 0; first < words.length; first += 50) {
    const part = words.slice(first, first + 50);
    const lengths = part.map(({ counts }) => counts.length / channels);
    const list = part.map(({ counts }) => counts);
    const { v } = await model.run(inputOf(list, Math.max(...lengths) + tail));
    part.forEach((_, b) => {
      const ends = fractions.map((f) =>
        f === 1 ? lengths[b] + tail : Math.max(1, Math.round(f * lengths[b])),
      );
      const sums = new Array(10).fill(0);
      const given = [];
      for (let t = 0; t < lengths[b] + tail; t++) {
        for (let digit = 0; digit < 10; digit++) sums[digit] += v[(t * part.length + b) * 10 + digit];
        ends.forEach((end, i) => {
          if (end === t + 1) given[i] = largest(sums);
        });
      }
      all.push(given);
    });
  }
  return all;
}

/** A word that streams: each step of events moves the answer. */
export class WordStream {
  #session;
  #rest;
  #fibers = new Fibers();
  #past = [];
  #sums = new Array(10).fill(0);

  static async open(model) {
    const stream = new WordStream();
    stream.#session = await model.session();
    stream.#rest = stream.#session.save();
    return stream;
  }

  /** One step of 10 ms: event counts in, the digit so far out. */
  push(counts) {
    const now = new Float32Array(fibers);
    this.#fibers.push(counts, now);
    this.#past.unshift(now);
    this.#past.length = Math.min(this.#past.length, delays.at(-1) + 1);
    const x = new Float32Array(inputs);
    delays.forEach((delay, k) => {
      if (delay < this.#past.length) x.set(this.#past[delay], k * fibers);
    });
    this.#session.push(x);
    this.#session.membrane().forEach((v, digit) => {
      this.#sums[digit] += v;
    });
    return largest(this.#sums);
  }

  /** Forgets the word. */
  reset() {
    this.#session.restore(this.#rest);
    this.#fibers = new Fibers();
    this.#past = [];
    this.#sums.fill(0);
  }

  close() {
    this.#session.dispose();
  }
}
