// Synthetic recordings of one electrode after Quiroga, Nadasdy & Ben-Shaul (Neural Computation 16:1661, 2004): three units before a background of
// many distant spikes, so that noise and signal share their spectrum.
import { readTensors } from 'lapicque/files';
import { Random } from './random.mjs';

export const rate = 24_000; // Hz
export const scale = 8000; // of the 16-bit samples: the largest deflection of a unit
const length = 64; // samples of a spike
const trough = 20; // its sample with the largest deflection
const shapes = 60;

/** The eight kinds of recordings: units that differ much or little, and the standard deviation of the background. */
export const cases = ['easy', 'hard'].flatMap((difficulty) =>
  [0.05, 0.1, 0.15, 0.2].map((noise) => ({ name: `${difficulty} ${noise}`, difficulty, noise })),
);

/** A spike outside of a cell: a sharp trough, a slower positive wave after it, a small bump before it. */
function shape(random) {
  const [width, later, delay] = [
    random.uniform(0.07, 0.16),
    random.uniform(0.18, 0.45),
    random.uniform(0.25, 0.55),
  ];
  const [after, before] = [random.uniform(0.25, 0.6), random.uniform(0, 0.25)];
  const bell = (t, center, sd) => Math.exp(-0.5 * ((t - center) / sd) ** 2);
  const wave = Float64Array.from({ length }, (_, i) => {
    const t = ((i - trough) / rate) * 1000; // ms
    const x = after * bell(t, delay, later) + before * bell(t, -0.28, 0.12) - bell(t, 0, width);
    return x * Math.min(1, i / 6) * Math.min(1, (length - 1 - i) / 12);
  });
  const peak = wave.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return wave.map((x) => x / peak);
}

/** Indices of three shapes: of 200 random triples the most separated one ('easy'), or the median one ('hard'). */
function threeOf(library, random, difficulty) {
  const distance = (a, b) => Math.sqrt(library[a].reduce((sum, x, i) => sum + (x - library[b][i]) ** 2, 0));
  const triples = Array.from({ length: 200 }, () => {
    const [a, b, c] = random.shuffle(library.map((_, k) => k));
    return { units: [a, b, c], apart: Math.min(distance(a, b), distance(a, c), distance(b, c)) };
  });
  triples.sort((p, q) => p.apart - q.apart);
  return triples[difficulty === 'easy' ? 199 : 100].units;
}

/**
 * `samples` (16 bits), and the truth: `times` (sample of the trough), `units` (0, 1 or 2) and their `templates`.
 *
 * @param noise - standard deviation of the background, as a share of the peak of a unit
 */
export function recording(seed, { seconds, noise, difficulty }) {
  const random = new Random(seed);
  const library = Array.from({ length: shapes }, () => shape(random));
  const n = seconds * rate;
  const trace = new Float64Array(n + length);
  const put = (at, wave, size) => {
    for (let i = 0; i < length; i++) trace[at + i] += size * wave[i];
  };
  for (let k = 0; k < 3000 * seconds; k++)
    put(random.integer(0, n), library[random.integer(0, shapes)], random.normal());
  const power = trace.subarray(0, n).reduce((sum, x) => sum + x * x, 0) / n;
  const factor = noise / Math.sqrt(power);
  const spikes = [];
  const chosen = threeOf(library, random, difficulty);
  chosen.forEach((k, unit) => {
    for (let t = 0; ; ) {
      t += 0.002 + random.exponential(1 / 20); // s
      const at = Math.floor(t * rate);
      if (at + length >= n) break;
      put(at, library[k], 1 / factor);
      spikes.push([at + trough, unit]);
    }
  });
  spikes.sort((a, b) => a[0] - b[0]);
  return {
    samples: Int16Array.from(trace.subarray(0, n), (x) => Math.round(scale * factor * x)),
    times: Int32Array.from(spikes, ([t]) => t),
    units: Uint8Array.from(spikes, ([, unit]) => unit),
    templates: chosen.map((k) => library[k]),
  };
}

/** The recordings of a file with arrays `NAME_x`, `NAME_t` and `NAME_unit`; NAME begins with the case, for example `easy_0.05_seed0`. */
export async function readRecordings(path) {
  const { tensors } = await readTensors(path);
  const names = [...tensors.keys()].filter((name) => name.endsWith('_x'));
  if (names.length === 0) throw new TypeError(`${path}: has no array NAME_x`);
  return names.map((name) => {
    const [samples, times, units] = ['x', 't', 'unit'].map((kind) => {
      const array = tensors.get(name.replace(/x$/, kind));
      if (array === undefined) throw new TypeError(`${path}: has no array ${name.replace(/x$/, kind)}`);
      return array.data;
    });
    const known = cases.find((one) => name.startsWith(`${one.difficulty}_${one.noise}_`));
    return { name: known?.name ?? 'from file', samples, times, units };
  });
}
