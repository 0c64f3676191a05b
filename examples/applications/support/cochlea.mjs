// A cochlea of 32 band-passes whose envelopes send an event for each level that they cross. Causal: it streams, sample by sample.
import { butterworth } from './filters.mjs';

export const bands = 32;
/** ON events of each band, then OFF events. */
export const channels = 2 * bands;
/** Samples per second. */
export const rate = 8000;
/** Samples in a step of the network: 10 ms. */
export const stepSamples = 80;
const level = 0.25; // of the compressed envelope
const every = 8; // samples between two looks at the envelope: 1 ms

/** Two sections of a band-pass, rectified, then one section of a low-pass, as rows `b0 b1 b2 a1 a2`. */
const sections = Array.from({ length: bands }, (_, band) => {
  const center = 100 * 36 ** (band / (bands - 1));
  const edges = { low: center / 2 ** (1 / 6), high: Math.min(center * 2 ** (1 / 6), 0.99 * (rate / 2)) };
  return Float64Array.from([...butterworth(2, edges, rate), ...butterworth(2, { high: 50 }, rate)].flat());
});

/** A stream of sound, which keeps the state of its filters and levels. */
export class Cochlea {
  #states = sections.map(() => new Float64Array(6));
  #last = new Int32Array(bands);
  #samples = 0;

  /**
   * Takes one sample and counts the events that it causes.
   *
   * @param sample - divided by the loudness of the word, so that words have a root mean square of 1
   * @param counts - `[channels]`, increased; an event counts twice if two levels were crossed
   */
  push(sample, counts) {
    const isRead = this.#samples++ % every === 0;
    for (let band = 0; band < bands; band++) {
      const [c, s] = [sections[band], this.#states[band]];
      let x = sample;
      for (let i = 0; i < 3; i++) {
        const y = c[5 * i] * x + s[2 * i];
        s[2 * i] = c[5 * i + 1] * x - c[5 * i + 3] * y + s[2 * i + 1];
        s[2 * i + 1] = c[5 * i + 2] * x - c[5 * i + 4] * y;
        x = i === 1 ? Math.max(0, y) : y;
      }
      if (!isRead) continue;
      const crossed = Math.floor(Math.log1p(20 * Math.max(0, x)) / level + 0.5) - this.#last[band];
      this.#last[band] += crossed;
      if (crossed > 0) counts[band] += crossed;
      if (crossed < 0) counts[bands + band] -= crossed;
    }
  }
}

/** The events of a recording, scaled by its loudness and counted in steps of 10 ms: `[steps, channels]`. */
export function cochleaSteps(audio) {
  const loudness = Math.sqrt(audio.reduce((total, x) => total + x * x, 0) / audio.length) + 1e-9;
  const cochlea = new Cochlea();
  const steps = Math.ceil(audio.length / stepSamples);
  const counts = new Uint8Array(steps * channels);
  audio.forEach((sample, i) => {
    const step = Math.floor(i / stepSamples);
    cochlea.push(sample / loudness, counts.subarray(step * channels, (step + 1) * channels));
  });
  return { steps, counts };
}
