// A bank of neurons that recognizes spikes in a whitened trace, and subtracts each spike that it finds.
import { conv1d, input, sequential } from 'lapicque';
import { lif } from 'lapicque/neurons';

export const taps = 40; // samples of a template
export const lead = 16; // of them, samples before the trough
const shifts = 48; // positions of a template in a window
const hop = 24; // of them, positions that a window decides; the next window sees the others again
const apart = 24; // samples: a unit rests for as long, and of two overlapping spikes within it the stronger one is taken first
export const windowLength = shifts + taps - 1;
export const quantum = 0.5; // standard deviations of the background per count
const rarity = 1200; // samples per spike of a unit: 20 Hz at 24 kHz
const margin = 1.5; // standard deviations: a real background has more large deflections than a normal one

/** The trace in counts: signed events, as many per sample as quanta. */
export function encode(white) {
  return Int16Array.from(white, (x) => Math.max(-127, Math.min(127, Math.round(x / quantum))));
}

export const energy = (template) => template.reduce((sum, x) => sum + x * x, 0);

/** The potential at which a spike is as likely as none, in normal noise, plus a margin. */
function thresholdOf({ template }) {
  return energy(template) / 2 + Math.log(rarity) + margin * Math.sqrt(energy(template));
}

/** The bank as a model: a neuron for each unit and each position of its template in the window. */
export async function bankOf(units) {
  const model = await sequential(
    input(1, windowLength),
    conv1d(1, units.length, taps, { bias: false, name: 'templates' }),
    lif({
      beta: 0,
      reset: 'none',
      vThreshold: units.flatMap((unit) => new Array(shifts).fill(thresholdOf(unit))),
      name: 'bank',
    }),
  ).compile({ seed: 0 });
  const weight = Float32Array.from(units.flatMap(({ template }) => Array.from(template, (x) => quantum * x)));
  await model.setWeights({ 'templates.weight': weight });
  return model;
}

/** A session of the model: `push` gives a window to the bank and returns the neurons that spike, `potentials` are those of all neurons. */
export async function floatBank(model) {
  const session = await model.session();
  const window = new Float32Array(windowLength);
  return {
    push(counts) {
      window.set(counts);
      return session.push(window);
    },
    potentials: () => session.membrane(),
    dispose: () => session.dispose(),
  };
}

/** The same of an integer network. Its potentials count units of the model. */
export function integerBank(network) {
  const session = network.session();
  const unit = network.tensors.units.bank;
  return {
    push: (counts) => session.push(counts),
    potentials: () => Float64Array.from(session.v(), (v, neuron) => v * (unit[neuron] ?? unit[0])),
    dispose: () => session.dispose(),
  };
}

/**
 * Sorts counts. Of all neurons that spike in a window, the one farthest above its threshold wins. Its template is subtracted from the counts, and the
 * bank sees the window again, until no neuron spikes.
 *
 * @returns spikes `{ at, unit, latency }`: the sample of the trough, and samples from it to the end of the window that found the spike
 */
export function sort(units, counts, bank) {
  const rest = Int16Array.from(counts);
  const waves = units.map(({ template }) => Int16Array.from(template, (x) => Math.round(x / quantum)));
  const thresholds = units.map(thresholdOf);
  const last = units.map(() => Number.NEGATIVE_INFINITY);
  const spikes = [];
  for (let from = 0; from + windowLength <= rest.length; from += hop)
    for (;;) {
      const window = rest.slice(from, from + windowLength);
      const active = bank.push(window);
      if (active.length === 0) break;
      const v = bank.potentials();
      const candidates = Array.from(active, (neuron) => {
        const unit = Math.floor(neuron / shifts);
        return { unit, at: from + (neuron % shifts), above: v[neuron] - thresholds[unit] };
      }).filter(({ unit, at }) => at >= last[unit] + apart);
      const winner = decide(candidates, from + hop);
      if (winner === undefined) break;
      const { unit, at } = winner;
      waves[unit].forEach((count, i) => {
        rest[at + i] -= count;
      });
      last[unit] = Math.max(last[unit], at);
      spikes.push({ at: at + lead, unit, latency: from + windowLength - at - lead });
    }
  return spikes.sort((a, b) => a.at - b.at);
}

/** The strongest candidate before `end`, or a stronger one close behind `end`, which has to be subtracted first. */
function decide(candidates, end) {
  const later = [];
  for (const candidate of candidates.sort((a, b) => b.above - a.above)) {
    if (candidate.at < end) return later.find(({ at }) => at - candidate.at < apart) ?? candidate;
    later.push(candidate);
  }
  return undefined;
}
