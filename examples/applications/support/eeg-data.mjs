// Synthetic EEG of one channel: background, alpha, events of 3 Hz spike-and-wave, and decoys (rhythmic slowing, muscle, blinks). A seed is a subject.
import { Random } from './random.mjs';
import { colored } from './spectrum.mjs';

export const rate = 256;

const band = (random, samples, center, width) =>
  colored(random, samples, rate, (f) => Math.exp(-0.5 * ((f - center) / width) ** 2));

/** A recording: microvolts, and the samples `[start, end)` of events and of decoys. */
export function recording(seed, { minutes = 20, snr = 2 } = {}) {
  const random = new Random(seed);
  const subject = new Random(10000 + seed);
  const traits = {
    rhythm: subject.uniform(2.8, 3.6),
    spike: subject.uniform(0.7, 1.4),
    alpha: subject.uniform(8.5, 11.5),
    scale: subject.uniform(0.8, 1.25),
  };
  const count = minutes * 60 * rate;
  const background = colored(random, count, rate, (f) => Math.max(f, 0.5) ** -0.6);
  const alpha = band(random, count, traits.alpha, 0.7);
  const phase = random.uniform(0, 2 * Math.PI);
  const signal = background.map(
    (x, i) => 25 * x + 8 * alpha[i] * (1 + 0.8 * Math.sin((2 * Math.PI * i) / rate / 37 + phase)),
  );
  const place = placer(random, count);
  const events = [];
  for (let k = 0; k < Math.floor((18 * minutes) / 60 + 0.5); k++) {
    const at = place(random.uniform(5, 20));
    if (at === undefined) continue;
    addEvent(random, signal, at, traits, snr);
    events.push(at);
  }
  const decoys = [];
  for (let k = 0; k < Math.floor((30 * minutes) / 60 + 0.5); k++) {
    const kind = random.integer(0, 3);
    const at = place(random.uniform(2, 8));
    if (at === undefined) continue;
    addDecoy(random, signal, at, kind, snr);
    decoys.push(at);
  }
  const ascending = (a, b) => a[0] - b[0];
  return {
    signal: signal.map((x) => x * traits.scale),
    events: events.sort(ascending),
    decoys: decoys.sort(ascending),
  };
}

/** Free places at least 5 s from all others. */
function placer(random, count) {
  const taken = [];
  return (seconds) => {
    for (let attempt = 0; attempt < 1000; attempt++) {
      const from = Math.floor(random.uniform(5, count / rate - seconds - 5) * rate);
      const to = from + Math.floor(seconds * rate);
      if (taken.some(([a, b]) => a < to + 5 * rate && b > from - 5 * rate)) continue;
      taken.push([from, to]);
      return [from, to];
    }
    return undefined;
  };
}

function addEvent(random, signal, [from, to], { rhythm, spike }, snr) {
  const samples = to - from;
  const jitter = band(random, samples, 0.5, 0.3);
  const swell = band(random, samples, 0.3, 0.2);
  const size = 25 * snr * random.uniform(0.8, 1.2);
  let cycles = 0;
  for (let i = 0; i < samples; i++) {
    cycles += (rhythm * (1.06 - (0.18 * i) / samples) * (1 + 0.02 * jitter[i])) / rate;
    const at = cycles % 1;
    const wave = 0.35 - Math.sin(Math.PI * Math.min(1, Math.max(0, (at - 0.2) / 0.8)));
    const peak = spike * Math.exp(-0.5 * ((at - 0.1) / 0.035) ** 2);
    const ramp = Math.min(1, i / (0.5 * rate), (samples - i) / (0.5 * rate));
    signal[from + i] += size * (wave + 1.5 * peak) * ramp * (1 + 0.15 * swell[i]);
  }
}

function addDecoy(random, signal, [from, to], kind, snr) {
  const samples = to - from;
  const window = (i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (samples - 1));
  if (kind === 2) {
    for (let blink = 0; blink < 3; blink++) {
      const at = random.uniform(from, to);
      const size = 60 * random.uniform(0.7, 1.6);
      for (let i = Math.max(0, Math.floor(at) - 64); i < Math.min(signal.length, Math.floor(at) + 128); i++)
        signal[i] += size * Math.exp(-0.5 * ((i - at) / (0.08 * rate)) ** 2);
    }
    return;
  }
  const noise = kind === 0 ? band(random, samples, random.uniform(2, 4), 0.4) : band(random, samples, 45, 20);
  const size = kind === 0 ? 25 * snr * 0.9 : 20 * random.uniform(1, 3);
  for (let i = 0; i < samples; i++) signal[from + i] += size * window(i) * noise[i];
}
