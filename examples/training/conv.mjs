// A small convolutional network tells circles from crosses: convolution, pool, and a residual branch.
import assert from 'node:assert/strict';
import {
  adam,
  avgPool2d,
  conv2d,
  dense,
  flatten,
  input,
  loss,
  maxPool2d,
  residual,
  sequential,
} from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { lif } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// Drawn at random places, in noise, on 16 × 16 pixels; one constant image a sample, 8 steps.
const [size, steps] = [16, 8];
const random = generator(3);
function samples(count) {
  const y = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const x = new Float32Array(count * size * size);
  for (let sample = 0; sample < count; sample++) {
    const [row, column] = [4 + 8 * random(), 4 + 8 * random()];
    for (let i = 0; i < size * size; i++) {
      const [dy, dx] = [Math.floor(i / size) - row, (i % size) - column];
      const circle = Math.abs(Math.hypot(dy, dx) - 3) < 0.7;
      const cross = Math.abs(Math.abs(dy) - Math.abs(dx)) < 0.8 && Math.hypot(dy, dx) < 4;
      x[sample * size * size + i] = (y[sample] === 0 ? circle : cross) ? 1 : 0.3 * random();
    }
  }
  return { x, y, shape: [count, size * size] };
}

const neuron = { beta: 0.7 };
const model = await sequential(
  input(1, size, size),
  conv2d(1, 8, 3, { padding: 1 }),
  maxPool2d(2),
  lif(neuron),
  residual([conv2d(8, 8, 3, { padding: 1 }), lif(neuron)]),
  avgPool2d(2),
  flatten(),
  dense(8 * 4 * 4, 2),
  lif(neuron),
).compile({ seed: 1 });
console.log(model.summary());

const objective = loss.crossEntropyRate();
const training = new DataLoader(samples(256), { batchSize: 32, shuffle: true, seed: 1 });
await model.fit(training, { epochs: 8, steps, loss: objective, optimizer: adam({ lr: 5e-3 }) });
const { accuracy } = await model.evaluate(new DataLoader(samples(128), { batchSize: 128 }), {
  steps,
  loss: objective,
});

assert.ok(accuracy >= 0.9, `accuracy ${accuracy}`);
console.log(`accuracy ${(100 * accuracy).toFixed(1)} % on images never seen`);
