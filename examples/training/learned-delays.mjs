// Delays that learn: four classes that differ in nothing but which channel spikes when. The weights of the first layer are all
// equal and stay so; a neuron fires where its synapses' delays make the spikes of a class arrive together.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { li, lif, surrogate } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// In every sample each of ten channels spikes once, and at the same ten times after a beginning that is any of eight steps;
// a class is the order of the channels. Without delays all classes look alike.
const [steps, channels, classes, latest, detectors] = [40, 10, 4, 15, 6];
const task = generator(1);
const times = Array.from({ length: classes }, () => {
  const order = Array.from({ length: channels }, () => task());
  const rank = (channel) => order.filter((other) => other < order[channel]).length;
  return order.map((_, channel) => Math.round((rank(channel) * latest) / (channels - 1)));
});

function samples(count, random) {
  const y = Uint8Array.from({ length: count }, () => Math.floor(random() * classes));
  const x = new Uint8Array(steps * count * channels);
  y.forEach((label, sample) => {
    const begin = 2 + Math.floor(random() * 8);
    times[label].forEach((after, channel) => {
      x[((begin + after) * count + sample) * channels + channel] = 1;
    });
  });
  return { x, y, shape: [steps, count, channels], timeMajor: true };
}

/** Share of right answers on samples that were never seen. */
async function accuracyOf(seed, delay) {
  const model = await sequential(
    dense(channels, detectors, {
      name: 'synapses',
      bias: false,
      trainable: false,
      initial: { kind: 'constant', value: 0.3 },
      ...(delay && { delay }),
    }),
    lif({ beta: 0.7, surrogate: surrogate.fastSigmoid({ slope: 2 }) }),
    dense(detectors, classes),
    li({ beta: 1 }),
  ).compile({ seed });
  const random = generator(100 + seed);
  const loader = new DataLoader(samples(512, random), { batchSize: 64, shuffle: true, seed });
  const heldOut = new DataLoader(samples(512, random), { batchSize: 256 });
  const objective = loss.crossEntropyMembrane({ from: steps - 1 });
  // Delays are ms, so that they need larger steps than weights.
  const groups = delay ? [{ parameters: ['synapses.delay'], lr: 0.2 }] : [];
  await model.fit(loader, {
    epochs: 30,
    loss: objective,
    optimizer: adam({ lr: 1e-2, groups }),
    schedule: { kind: 'cosine', period: 30 },
  });
  const { accuracy } = await model.evaluate(heldOut, { loss: objective });
  return accuracy;
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const [learned, none] = [[], []];
for (const seed of [0, 1, 2, 3, 4]) {
  learned.push(await accuracyOf(seed, { max: latest + 1 }));
  none.push(await accuracyOf(seed));
  console.log(`seed ${seed}: ${percent(learned.at(-1))}, without delays ${percent(none.at(-1))}`);
}
const [min, max] = [Math.min(...learned), Math.max(...none)];
assert.ok(min >= 0.98 && max <= 0.35, `${learned}; ${none}`);
console.log(`five seeds: at least ${percent(min)} with learned delays, at most ${percent(max)} without`);
