// Delayed match to sample: a cue, 100 steps of silence, a probe. Were they the same? Only a network that keeps spikes going
// round can tell; two ways of training it, and the same neurons without recurrence, which cannot.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { li, lif, surrogate } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// Two symbols of ten channels each. A symbol's channels fire in half of the steps; all fire in 1 % of the others.
const [symbol, gap, perSymbol, neurons] = [10, 100, 10, 64];
const [steps, channels] = [symbol + gap + symbol, 2 * perSymbol];
const seed = Number(process.argv[2] ?? 0);

function samples(count, random) {
  const pairs = Array.from({ length: count }, () => [0, 1].map(() => (random() < 0.5 ? 0 : 1)));
  const x = Uint8Array.from({ length: steps * count * channels }, (_, i) => {
    const t = Math.floor(i / (count * channels));
    const [cue, probe] = pairs[Math.floor(i / channels) % count];
    const now = t < symbol ? cue : t >= symbol + gap ? probe : undefined;
    const rate = Math.floor((i % channels) / perSymbol) === now ? 0.5 : 0.01;
    return random() < rate ? 1 : 0;
  });
  const y = Uint8Array.from(pairs, ([cue, probe]) => (cue === probe ? 1 : 0));
  return { x, y, shape: [steps, count, channels], timeMajor: true };
}

// A neuron that its own spike makes fire again is a memory: recurrent weights begin as the identity times 1.8, enough for
// v = (1.8 - 1) / (1 - 0.5) above the threshold of 1. They learn ten times more slowly than the others, lest the memories be lost.
const recurrent = { kind: 'dense', bias: false, initial: { kind: 'identity', gain: 1.8 } };
const recurrentWeights = 'lif1.recurrent.weight';

/** Share of right answers of a trained network on samples that it never saw. */
async function accuracyOf({ recurrent, epochs = 30, ...training }) {
  const model = await sequential(
    dense(channels, neurons, { bias: false, initial: { kind: 'uniform', low: -0.4, high: 0.6 } }),
    lif({ beta: 0.5, surrogate: surrogate.fastSigmoid({ slope: 10 }), ...(recurrent && { recurrent }) }),
    dense(neurons, 2),
    li({ beta: 0.8 }),
  ).compile({ seed });
  const groups = recurrent ? [{ parameters: [recurrentWeights], lr: 3e-4 }] : [];
  // The answer is due while the second half of the probe lasts.
  const objective = loss.crossEntropyMembrane({ from: symbol + gap + symbol / 2 });
  const random = generator(100 + seed);
  const loader = new DataLoader(samples(512, random), { batchSize: 32, shuffle: true, seed });
  const heldOut = new DataLoader(samples(1024, random), { batchSize: 256 });
  await model.fit(loader, {
    epochs,
    loss: objective,
    optimizer: adam({ lr: 5e-3, maxNorm: 1, groups }),
    schedule: { kind: 'cosine', period: epochs },
    ...training,
  });
  return (await model.evaluate(heldOut, { loss: objective })).accuracy;
}

const bptt = await accuracyOf({ recurrent });
const eprop = await accuracyOf({ recurrent, method: 'e-prop', epochs: 20 });
const feedForward = await accuracyOf({});
const percent = (share) => `${(100 * share).toFixed(1)} %`;
console.log(`recurrent, back-propagation through time: ${percent(bptt)}`);
console.log(`recurrent, e-prop: ${percent(eprop)}`);
console.log(`feed-forward: ${percent(feedForward)}; chance is 50 %`);

assert.ok(bptt >= 0.95, `back-propagation ${bptt}`);
assert.ok(eprop >= 0.9, `e-prop ${eprop}`);
assert.ok(Math.abs(feedForward - 0.5) <= 0.05, `feed-forward ${feedForward}`);
