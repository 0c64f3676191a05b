// Electrocardiograms: a real record with the noise of a stress test added, and the synthetic ones of ECGSYN.
import { readTensors } from 'lapicque/files';
import { butterworth, deviation, filterBothWays } from './filters.mjs';
import { Random } from './random.mjs';

/** Reads a record `{ ecg, beat_sample, beat_label }` (npz): mV, samples of the R peaks, and which beats are not normal. */
export async function readRecord(path) {
  const { tensors } = await readTensors(path);
  for (const name of ['ecg', 'beat_sample', 'beat_label'])
    if (!tensors.has(name)) throw new TypeError(`${path}: has no array ${name}`);
  const { data, shape } = tensors.get('ecg');
  const leads = shape[1] ?? 1;
  return {
    rate: 360,
    signal: Float64Array.from({ length: shape[0] }, (_, i) => (Number(data[i * leads]) - 1024) / 200),
    beats: Array.from(tensors.get('beat_sample').data, Number),
    premature: Array.from(tensors.get('beat_label').data, (label) => Number(label) !== 'N'.charCodeAt(0)),
  };
}

/** Drift, muscle and bursts of motion, added at a signal-to-noise ratio against the power of the record above 0.5 Hz. */
export function noisy(record, seed, decibels) {
  const { signal, rate } = record;
  const random = new Random(seed);
  const white = () => Float64Array.from(signal, () => random.normal());
  const band = (low, high) => filterBothWays(butterworth(2, { low, high }, rate), white());
  const [drift, motion] = [band(0.05, 0.5), band(1, 10)];
  const gates = Array.from({ length: Math.floor(signal.length / rate) + 1 }, () =>
    Number(random.uniform() < 0.3),
  );
  const muscle = white();
  const [driftSize, motionSize] = [deviation(drift), deviation(motion)];
  const noise = drift.map(
    (x, i) => x / driftSize + 0.6 * muscle[i] + (1.5 * motion[i] * gates[Math.floor(i / rate)]) / motionSize,
  );
  const size = deviation(filterBothWays(butterworth(2, { low: 0.5 }, rate), signal));
  const factor = size / deviation(noise) / 10 ** (decibels / 20);
  return { ...record, signal: signal.map((x, i) => x + factor * noise[i]) };
}

const waves = (angles, heights, widths) =>
  angles.map((angle, i) => [(angle * Math.PI) / 180, heights[i], widths[i]]);
const normalWaves = waves([-70, -15, 0, 15, 100], [1.2, -5, 30, -7.5, 0.75], [0.25, 0.1, 0.1, 0.1, 0.4]);
const ectopicWaves = waves([-15, 0, 18, 110], [-2.2, 7, -4, -1], [0.25, 0.3, 0.3, 0.5]);

/**
 * ECGSYN (McSharry et al. 2003) with ventricular ectopic beats: 120 s at 256 Hz and 65 beats per minute. An ectopic beat is wide, has no P wave, an
 * inverted T, and comes early; the beat after it is late by the same time.
 */
export function ecgsyn(seed, { seconds = 120, rate = 256, ectopic = 0.08, decibels = 12 } = {}) {
  const random = new Random(seed);
  const rhythm = heartRhythm(random, seconds);
  const beats = [];
  for (let time = 0, late = 0; time < seconds; ) {
    const usual = rhythm[Math.min(rhythm.length - 1, Math.floor(2 * time))];
    let interval = late || usual;
    let early = false;
    if (beats.length > 0 && !beats.at(-1).early && random.uniform() < ectopic) {
      early = true;
      interval = usual * random.uniform(0.55, 0.75);
      late = 2 * usual - interval;
    } else late = 0;
    beats.push({ time, interval, early });
    time += interval;
  }
  const count = Math.round(seconds * rate);
  const clean = heartEquations(beats, count, rate);
  const sorted = Float64Array.from(clean).sort();
  const scale = 1.2 / sorted[Math.floor(0.995 * count)];
  const drift = filterBothWays(
    butterworth(2, { low: 0.05, high: 0.5 }, rate),
    clean.map(() => random.normal()),
  );
  const phase = random.uniform(0, 2 * Math.PI);
  const driftSize = deviation(drift);
  const noise = drift.map(
    (x, i) => x / driftSize + 0.6 * random.normal() + 0.3 * Math.sin((2 * Math.PI * 50 * i) / rate + phase),
  );
  const factor = (scale * deviation(clean)) / deviation(noise) / 10 ** (decibels / 20);
  const peaks = beats.map(({ time, interval }) => Math.round((time + interval / 2) * rate));
  return {
    rate,
    signal: clean.map((x, i) => scale * x + factor * noise[i]),
    beats: peaks.filter((peak) => peak < count),
    premature: beats.filter((_, i) => peaks[i] < count).map(({ early }) => early),
  };
}

/** Intervals twice a second, with the rhythms of 0.1 Hz (pressure) and 0.25 Hz (breathing). */
function heartRhythm(random, seconds) {
  const count = 2 * seconds;
  const tones = Array.from({ length: count / 2 }, (_, k) => {
    const f = k / seconds;
    const power = 0.5 * Math.exp(-0.5 * ((f - 0.1) / 0.01) ** 2) + Math.exp(-0.5 * ((f - 0.25) / 0.01) ** 2);
    return [Math.sqrt(power), 2 * Math.PI * random.uniform(), 2 * Math.PI * f];
  });
  const rhythm = Float64Array.from({ length: count }, (_, i) =>
    tones.reduce((sum, [size, phase, w]) => sum + size * Math.cos((w * i) / 2 + phase), 0),
  );
  const size = deviation(rhythm);
  return rhythm.map((x) => (0.04 * x) / size + 60 / 65);
}

/** The equations of a beat, solved by Heun's method. */
function heartEquations(beats, count, rate) {
  let at = 0;
  const slope = (i, z) => {
    const time = i / rate;
    while (at > 0 && time < beats[at].time) at--;
    while (at + 1 < beats.length && time >= beats[at + 1].time) at++;
    const { time: start, interval, early } = beats[at];
    const phase = -Math.PI + (2 * Math.PI * (time - start)) / interval;
    let sum = 0;
    for (const [angle, height, width] of early ? ectopicWaves : normalWaves) {
      const turn = phase - angle + Math.PI;
      const d = turn - 2 * Math.PI * Math.floor(turn / (2 * Math.PI)) - Math.PI;
      sum += (height / interval) * d * Math.exp((-d * d) / (2 * width * width));
    }
    return -sum - z + 0.005 * Math.sin((2 * Math.PI * 0.25 * i) / rate);
  };
  const z = new Float64Array(count);
  for (let i = 0; i + 1 < count; i++) {
    const first = slope(i, z[i]);
    z[i + 1] = z[i] + (first + slope(i + 1, z[i] + first / rate)) / (2 * rate);
  }
  return z;
}
