// Units are learned from the trace alone: prototypes compete for the waveforms of large deflections. Each waveform is shared among the prototypes by how
// well they match, and each prototype moves to the mean of its share. A soft winner-take-all circuit learns so, by expectation maximization
// (Nessler et al., PLoS Computational Biology 9:e1003037, 2013).
import { energy, lead, quantum, taps } from './spike-sorter.mjs';
import { rate } from './spike-trace.mjs';

export const defaults = {
  prototypes: 14,
  sigmas: 4, // robust standard deviations of the trace: a trough below has a waveform
  rounds: 30, // of competition
  cost: 0.5, // of a prototype, as a share of Schwarz's criterion (1978): log(waveforms) / 2 for each of its samples
  slowest: 2, // Hz: a prototype with fewer waveforms is no unit
  evidence: 650, // 1/s, energy times rate: a prototype with less is background
};

/** Samples of the troughs below `sigmas` robust standard deviations, at least 0.6 ms apart. */
function troughs(samples, sigmas) {
  const sizes = Float64Array.from(samples, Math.abs).sort();
  const limit = (-sigmas * sizes[sizes.length >> 1]) / 0.6745;
  const isLowest = (i) => {
    for (let k = i - 14; k <= i + 14; k++)
      if (samples[k] < samples[i] || (samples[k] === samples[i] && k < i)) return false;
    return true;
  };
  const found = [];
  for (let i = taps; i + taps < samples.length; i++) if (samples[i] <= limit && isLowest(i)) found.push(i);
  return found;
}

const distance = (a, b) => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0);

/** First prototypes: waveforms that lie far from those chosen before (Arthur, Vassilvitskii 2007), each the best of four draws. */
function firstPrototypes(waves, count, random) {
  const chosen = [waves[random.integer(0, waves.length)]];
  let nearest = waves.map((wave) => distance(wave, chosen[0]));
  const total = (list) => list.reduce((sum, x) => sum + x, 0);
  const draw = () => {
    let rest = random.uniform() * total(nearest);
    let i = 0;
    while (i + 1 < waves.length && rest > nearest[i]) rest -= nearest[i++];
    return {
      wave: waves[i],
      nearest: waves.map((wave, k) => Math.min(nearest[k], distance(wave, waves[i]))),
    };
  };
  while (chosen.length < count) {
    const draws = Array.from({ length: 4 }, draw).sort((a, b) => total(a.nearest) - total(b.nearest));
    chosen.push(draws[0].wave);
    nearest = draws[0].nearest;
  }
  return chosen.map((template) => ({ template, count: waves.length / count }));
}

/** How much each prototype wins of each waveform, and the logarithm of the likelihood of all waveforms (without the constant of the noise). */
function compete(waves, prototypes) {
  const bias = prototypes.map(({ template, count }) => Math.log(count / waves.length) - energy(template) / 2);
  let likelihood = 0;
  const shares = waves.map((wave) => {
    const potentials = prototypes.map(({ template }, k) => {
      let v = bias[k];
      for (let i = 0; i < taps; i++) v += wave[i] * template[i];
      return v;
    });
    const top = Math.max(...potentials);
    const exponentials = potentials.map((v) => Math.exp(v - top));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    likelihood += top + Math.log(sum);
    return exponentials.map((x) => x / sum);
  });
  return { shares, likelihood };
}

function learn(waves, prototypes, rounds) {
  let list = prototypes;
  for (let round = 0; round < rounds; round++) {
    const { shares } = compete(waves, list);
    list = list.map((_, k) => {
      const sum = new Float64Array(taps);
      let count = 1e-9;
      waves.forEach((wave, n) => {
        const share = shares[n][k];
        if (share < 1e-3) return;
        count += share;
        for (let i = 0; i < taps; i++) sum[i] += share * wave[i];
      });
      return { template: sum.map((x) => x / count), count };
    });
    list = list.filter(({ count }) => count >= 5);
  }
  return list;
}

/** Joins the two prototypes that the waveforms distinguish least, as long as one prototype less is worth more than the likelihood that is lost. */
function joinAlike(waves, prototypes, cost) {
  let list = prototypes;
  while (list.length > 1) {
    const { likelihood } = compete(waves, list);
    const joins = list.flatMap((a, i) =>
      list.slice(0, i).map((b) => {
        const count = a.count + b.count;
        const template = a.template.map((x, k) => (a.count * x + b.count * b.template[k]) / count);
        const joined = [...list.filter((one) => one !== a && one !== b), { template, count }];
        return { joined, loss: likelihood - compete(waves, joined).likelihood };
      }),
    );
    const best = joins.reduce((a, b) => (b.loss < a.loss ? b : a));
    if (best.loss > (cost * taps * Math.log(waves.length)) / 2) break;
    list = learn(waves, best.joined, 10);
  }
  return list;
}

/** Leaves out a prototype that resembles a more frequent one most when it is shifted: the same spike, cut out at another sample of its trough. */
function withoutShifted(prototypes) {
  const kept = [];
  for (const one of prototypes.toSorted((a, b) => b.count - a.count)) {
    const isShifted = kept.some(({ template }) => {
      const unshifted = distance(template, one.template);
      return [-3, -2, -1, 1, 2, 3].some(
        (shift) =>
          distance(
            template,
            template.map((_, i) => one.template[i + shift] ?? 0),
          ) <
          unshifted / 2,
      );
    });
    if (!isShifted) kept.push(one);
  }
  return kept;
}

/**
 * The units of a recording: `{ template, count }`, templates in standard deviations of the background, the trough at sample `lead`.
 *
 * @param samples - the trace, in which deflections are found
 * @param counts - the encoded trace, from which waveforms are cut
 */
export function learnUnits(samples, counts, random, settings = {}) {
  const options = { ...defaults, ...settings };
  const waves = troughs(samples, options.sigmas).map((at) =>
    Float64Array.from(counts.subarray(at - lead, at - lead + taps), (count) => quantum * count),
  );
  if (waves.length < options.prototypes) return [];
  const first = learn(waves, firstPrototypes(waves, options.prototypes, random), options.rounds);
  const seconds = counts.length / rate;
  return withoutShifted(joinAlike(waves, first, options.cost)).filter(
    ({ template, count }) =>
      count >= options.slowest * seconds && count * energy(template) >= options.evidence * seconds,
  );
}
