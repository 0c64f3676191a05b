// The small convolutional network of many papers on 8,000 real digits: at least 98 % of 2,000 that it never saw.
import assert from 'node:assert/strict';
import { adam, loss, networks, progressBar } from 'lapicque';
import { DataLoader, mnist } from 'lapicque/data';
import { generator } from '../support/random.mjs';

const [steps, epochs, side] = [8, 16, 28];
const { train, test } = (await mnist()).split();

/** Moves every image by up to one pixel each way, anew in each epoch. */
function shift({ x, y, shape }, { seed, epoch, batch }) {
  const random = generator(seed * 7919 + epoch * 104_729 + batch * 31 + 1);
  const moved = new Float32Array(x.length);
  for (let image = 0; image < x.length; image += side * side) {
    const [down, right] = [0, 0].map(() => Math.floor(3 * random()) - 1);
    for (let i = 0; i < side * side; i++) {
      const [row, column] = [Math.floor(i / side) + down, (i % side) + right];
      if (row < 0 || row >= side || column < 0 || column >= side) continue;
      moved[image + row * side + column] = x[image + i];
    }
  }
  return { x: moved, y, shape };
}

const model = await networks.convSnn().compile({ seed: 0 });
console.log(model.summary());

const loader = new DataLoader(train, { batchSize: 64, shuffle: true, seed: 0, transform: shift });
// The classes are read from the membranes of the last layer, which tell more than at most eight spikes.
const objective = loss.crossEntropyMeanMembrane();
const { history } = await model.fit(loader, {
  steps,
  epochs,
  loss: objective,
  optimizer: adam({ lr: 3e-3 }),
  scheduleBy: 'step',
  schedule: { kind: 'cosine', period: epochs * loader.length },
  onProgress: progressBar('training'),
});
const heldOut = new DataLoader(test, { batchSize: 250 });
const { accuracy } = await model.evaluate(heldOut, { steps, loss: objective, by: 'membrane' });

assert.ok(accuracy >= 0.98, `accuracy ${accuracy}`);
const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
console.log(`test accuracy ${(100 * accuracy).toFixed(1)} % after ${seconds.toFixed(0)} s of training`);
