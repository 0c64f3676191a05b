// Learned delays: from which side comes a sound? Both ears hear the same spikes, one of them 6 ms later. Weights are all the
// same and do not learn; delays do, until what the two ears heard arrives together at the neuron of its side (L. A.
// Jeffress, 1948).
import assert from 'node:assert/strict';
import { adam, DataLoader, dense, li, loss, sequential } from 'lapicque';
import { generator } from './support/random.mjs';

const [steps, lead] = [60, 6];
const random = generator(5);

/** Three spikes a sample at the ear that leads, and again `lead` ms later at the other, each with a jitter of 1 ms. */
function sounds(count) {
  const y = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const x = new Uint8Array(steps * count * 2);
  for (let sample = 0; sample < count; sample++) {
    for (const begin of [2, 18, 34]) {
      const onset = begin + Math.floor(8 * random());
      const jitter = Math.floor(3 * random()) - 1;
      const [first, second] = y[sample] === 0 ? [0, 1] : [1, 0];
      x[(onset * count + sample) * 2 + first] = 1;
      x[((onset + lead + jitter) * count + sample) * 2 + second] = 1;
    }
  }
  return { x, y, shape: [steps, count, 2], timeMajor: true };
}

const model = await sequential(
  dense(2, 2, {
    bias: false,
    initial: { kind: 'constant', value: 1 },
    trainable: false,
    delay: { max: 12 },
  }),
  li({ beta: 0.85 }),
).compile({ seed: 3 });

const heldOut = new DataLoader(sounds(200), { batchSize: 200 });
const objective = loss.crossEntropyMaxMembrane();
const before = await model.evaluate(heldOut, { loss: objective });
const training = new DataLoader(sounds(256), { batchSize: 32, shuffle: true, seed: 3 });
await model.fit(training, { epochs: 30, loss: objective, optimizer: adam({ lr: 0.1 }) });
const { accuracy } = await model.evaluate(heldOut, { loss: objective });

// `[neuron, ear]`: by how much longer each neuron keeps what the leading ear of its side heard.
const { 'dense1.delay': delays } = await model.weights();
const leads = [delays[0] - delays[1], delays[3] - delays[2]];
console.log(`delays of ${leads.map((ms) => ms.toFixed(1)).join(' and ')} ms for a lead of ${lead} ms`);
assert.ok(
  leads.every((ms) => Math.abs(ms - lead) < 1.5),
  `${leads}`,
);
assert.ok(accuracy > 0.95, `accuracy ${accuracy}`);
console.log(
  `accuracy ${(100 * before.accuracy).toFixed(1)} % before, ${(100 * accuracy).toFixed(1)} % after`,
);
