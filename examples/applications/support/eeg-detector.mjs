// The detector of spike-and-wave events: a causal front end, a spiking network, and the alarms.
import { adam, dense, loss, sequential } from 'lapicque';
import { li, lif, surrogate } from 'lapicque/neurons';
import { butterworth, streamFilter } from './filters.mjs';
import { Random } from './random.mjs';

const sampleRate = 256;
export const stepRate = 64;
const taps = 64; // delays of 0 to 63 steps: one second
const channels = 3; // slow wave, sharp waves up, sharp waves down
export const inputs = taps * channels;
const most = 8; // levels per step and channel

/**
 * The front end: from samples in microvolts to the inputs of a step. It divides by a running size of the signal, so that subjects and amplifiers may
 * differ, and keeps its state, so a stream can come in pieces of any length.
 */
export class FrontEnd {
  #slow = streamFilter(butterworth(2, { low: 0.8, high: 7 }, sampleRate));
  #sharp = streamFilter(butterworth(2, { low: 13, high: 50 }, sampleRate));
  #sizes = [30, 6];
  #up = 0;
  #down = 0;
  #samples = 0;
  #line = new Float32Array(inputs);

  /** Takes one sample; returns the delay line `[taps × channels]` after each fourth one, else nothing. */
  push(sample) {
    const [slow, sharp] = [this.#slow(sample), this.#sharp(sample)];
    // The mean size over about 40 s. One second of a large signal moves it little: the contribution of a sample is limited.
    [slow, sharp].forEach((value, i) => {
      const limited = Math.min(Math.abs(value), 2 * this.#sizes[i]);
      this.#sizes[i] += (limited - this.#sizes[i]) / (40 * sampleRate);
    });
    this.#up = Math.max(this.#up, sharp);
    this.#down = Math.max(this.#down, -sharp);
    this.#samples += 1;
    if (this.#samples % (sampleRate / stepRate) !== 0) return undefined;
    const level = (value, size) => Math.max(-most, Math.min(most, Math.round(value / size)));
    this.#line.copyWithin(channels, 0);
    this.#line[0] = level(slow, 0.75 * this.#sizes[0]);
    this.#line[1] = level(this.#up, 1.5 * this.#sizes[1]);
    this.#line[2] = level(this.#down, 1.5 * this.#sizes[1]);
    this.#up = 0;
    this.#down = 0;
    return this.#line;
  }
}

/** The levels of a whole recording, `[steps, channels]`. */
export function levelsOf(signal) {
  const front = new FrontEnd();
  const levels = new Int8Array(Math.floor((signal.length * stepRate) / sampleRate) * channels);
  let at = 0;
  for (const sample of signal) {
    const line = front.push(sample);
    if (line === undefined) continue;
    levels.set(line.subarray(0, channels), at);
    at += channels;
  }
  return levels;
}

/** Writes the delay lines of `steps` steps into `x`. */
export function delayed(
  levels,
  from,
  steps,
  x = new Int16Array(steps * inputs),
  stride = inputs,
  offset = 0,
) {
  for (let t = 0; t < steps; t++)
    for (let k = 0; k < taps; k++)
      for (let c = 0; c < channels; c++)
        x[t * stride + offset + k * channels + c] = levels[(from + t - k) * channels + c] ?? 0;
  return x;
}

/** Trains on recordings `{ levels, events }`; half of the sequences begin around an event or a decoy. */
export async function trainDetector(recordings, { seed, batches, hidden = 48 }) {
  const model = await sequential(
    dense(inputs, hidden, { initial: { kind: 'fan-in-uniform', gain: 0.5 } }),
    lif({ beta: 0.8, surrogate: surrogate.fastSigmoid({ slope: 5 }) }),
    dense(hidden, 2),
    li({ beta: 0.98 }),
  ).compile({ seed });
  const random = new Random(seed + 1000);
  const [steps, size, warm] = [256, 32, 64];
  for (let batch = 0; batch < batches; batch++) {
    const x = new Int16Array(steps * size * inputs);
    const y = new Uint8Array(steps * size);
    for (let sample = 0; sample < size; sample++) {
      const { levels, events, places } = recordings[random.integer(0, recordings.length)];
      const total = levels.length / channels;
      const wanted =
        sample % 2 === 0
          ? random.integer(0, total - steps)
          : Math.round((places[random.integer(0, places.length)][0] / sampleRate) * stepRate) +
            random.integer(-200, 100);
      const from = Math.max(0, Math.min(total - steps, wanted));
      delayed(levels, from, steps, x, size * inputs, sample * inputs);
      for (let t = 0; t < steps; t++) {
        const at = ((from + t) * sampleRate) / stepRate;
        y[t * size + sample] = events.some(([a, b]) => at >= a + 0.7 * sampleRate && at < b) ? 1 : 0;
      }
    }
    const lr = 4e-3 * (1 - batch / batches);
    await model.trainStep(
      { x, shape: [steps, size, inputs], y },
      { loss: loss.crossEntropyMembrane({ from: warm }), optimizer: adam({ lr }) },
    );
  }
  return model;
}

/** The evidence for an event in each step. */
export async function evidenceOf(model, levels) {
  const steps = levels.length / channels;
  const evidence = new Float32Array(steps);
  let state;
  for (let from = 0; from < steps; from += 5000) {
    const part = Math.min(5000, steps - from);
    const run = await model.run({ x: delayed(levels, from, part), shape: [part, 1, inputs] }, { state });
    for (let t = 0; t < part; t++) evidence[from + t] = run.v[2 * t + 1] - run.v[2 * t];
    state = run.state;
  }
  return evidence;
}

/** Alarms: on above the threshold, off after 2 s below it. A stream calls `push` with each step's evidence. */
export class Alarm {
  #threshold;
  #below = 0;
  on = false;

  constructor(threshold) {
    this.#threshold = threshold;
  }

  push(evidence) {
    if (evidence > this.#threshold) {
      this.on = true;
      this.#below = 0;
    } else if (this.on && ++this.#below >= 2 * stepRate) this.on = false;
    return this.on;
  }
}

/** The `[start, end)` of all alarms, in samples. */
export function alarmsOf(evidence, threshold) {
  const alarm = new Alarm(threshold);
  const alarms = [];
  evidence.forEach((value, step) => {
    const before = alarm.on;
    alarm.push(value);
    const sample = ((step + 1) * sampleRate) / stepRate;
    if (alarm.on && !before) alarms.push([sample, sample]);
    if (alarm.on) alarms.at(-1)[1] = sample;
  });
  return alarms;
}

/** An event counts as found if an alarm overlaps it, with 1 s of grace; an alarm away from all events is false. As the baseline counts. */
export function scoreAlarms(alarms, events) {
  const latencies = [];
  let found = 0;
  for (const [a, b] of events) {
    const start = Math.min(...alarms.filter(([s, e]) => s <= b + sampleRate && e >= a).map(([s]) => s));
    if (start === Number.POSITIVE_INFINITY) continue;
    found += 1;
    latencies.push((Math.max(start, a) - a) / sampleRate);
  }
  const wrong = alarms.filter(([s, e]) => !events.some(([a, b]) => s <= b + 2 * sampleRate && e >= a)).length;
  return { found, wrong, latencies };
}
