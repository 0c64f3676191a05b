// Permuted sequential digits: a Legendre memory unit sees the 64 pixels of an 8 × 8 digit one after the other, in an order
// that was drawn once, and then says which digit it was. Held out: at least 94 %; seeds 0 to 4 reach 96.1, 95.0, 95.6, 96.4
// and 95.6 %.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { adam, loss, networks, progressBar } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { readTensors } from 'lapicque/files';
import { generator } from '../support/random.mjs';

const seed = Number(process.argv[2] ?? 0);
const [pixels, epochs] = [64, 12];

// 1,797 digits of the UCI repository, pixels 0 to 16, split into what is learned and what is never seen.
const path = fileURLToPath(new URL('../../assets/digits/digits.safetensors', import.meta.url));
const { tensors } = await readTensors(path);
const [images, labels] = ['images', 'labels'].map((name) => tensors.get(name).data);

// The same order for all digits: neighbors in time are no neighbors in the image.
const random = generator(1234);
const order = Array.from({ length: pixels }, (_, i) => i);
for (let i = pixels - 1; i > 0; i--) {
  const j = Math.floor((i + 1) * random());
  [order[i], order[j]] = [order[j], order[i]];
}

/** `[time, digits, 1]` */
function part(name) {
  const chosen = Array.from(tensors.get(name).data);
  const x = Float32Array.from({ length: pixels * chosen.length }, (_, i) => {
    const [step, digit] = [Math.floor(i / chosen.length), i % chosen.length];
    return images[chosen[digit] * pixels + order[step]] / 16;
  });
  const y = Uint8Array.from(chosen, (digit) => labels[digit]);
  return { x, y, shape: [pixels, chosen.length, 1], timeMajor: true };
}

const model = await networks
  .lmu({ inputs: 1, classes: 10, theta: pixels, order: 64, hidden: 64 })
  .compile({ seed });
console.log(model.summary());

// Only the last step counts.
const objective = loss.crossEntropyMembrane({ from: pixels - 1 });
const loader = new DataLoader(part('train'), { batchSize: 64, shuffle: true, seed });
const heldOut = () =>
  model.evaluate(new DataLoader(part('test'), { batchSize: 360 }), { loss: objective, by: 'membrane' });
const untrained = await heldOut();
await model.fit(loader, {
  epochs,
  loss: objective,
  optimizer: adam({ lr: 3e-3, maxNorm: 1 }),
  scheduleBy: 'step',
  schedule: { kind: 'cosine', period: epochs * loader.length },
  onProgress: progressBar('training'),
});
const { accuracy, loss: after } = await heldOut();
console.log(`held-out accuracy ${(100 * accuracy).toFixed(1)} %`);
assert(accuracy >= 0.94 && after < untrained.loss / 2);
