// Spikformer, a transformer of spikes, on real digits: patches become tokens, spiking self-attention mixes them.
import assert from 'node:assert/strict';
import { adam, loss, networks } from 'lapicque';
import { DataLoader, mnist } from 'lapicque/data';

// Means of two by two pixels; one constant image a sample, 4 steps.
const steps = 4;
const { train, test } = (await mnist()).split(0);
const halved = ({ x, y }, count) => {
  const mean = (_, i) => {
    const at = Math.floor(i / 196) * 784 + (Math.floor(i / 14) % 14) * 56 + (i % 14) * 2;
    return (x[at] + x[at + 1] + x[at + 28] + x[at + 29]) / 4;
  };
  const pixels = Float32Array.from({ length: count * 196 }, mean);
  return { x: pixels, y: y.subarray(0, count), shape: [count, 196] };
};

const model = await networks
  .spikformer({ image: [1, 14, 14], channels: 32, heads: 4, blocks: 1, ratio: 2 })
  .compile({ seed: 0 });
console.log(model.summary());

const objective = loss.crossEntropyMeanMembrane();
const heldOut = new DataLoader(halved(test, 256), { batchSize: 128 });
const before = await model.evaluate(heldOut, { steps, loss: objective });
const loader = new DataLoader(halved(train, 640), { batchSize: 16, shuffle: true, seed: 0 });
const optimizer = adam({ lr: 1e-2, maxNorm: 1 });
const schedule = { kind: 'cosine', period: 4 * loader.length };
await model.fit(loader, { epochs: 4, steps, loss: objective, optimizer, schedule, scheduleBy: 'step' });
const { loss: after, accuracy } = await model.evaluate(heldOut, { steps, loss: objective });

assert.ok(after < before.loss / 2, `loss ${before.loss} before, ${after} after`);
console.log(
  `loss ${before.loss.toFixed(2)} before, ${after.toFixed(2)} after, accuracy ${(100 * accuracy).toFixed(1)} %`,
);
