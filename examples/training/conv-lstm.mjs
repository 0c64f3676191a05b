// A convolutional spiking LSTM sees a dot move and tells where to: its gates are convolutions of the image and of what the cells gave
// in the step before. Neurons without a memory cannot tell, since single images say nothing.
import assert from 'node:assert/strict';
import { adam, conv2d, dense, globalSumPool, input, loss, sequential, threshold } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { li, slstm } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// One dot on 8 × 8 pixels that goes one pixel a step right, left, down or up, and comes back in on the other side.
const [size, steps, classes, channels] = [8, 6, 4, 6];
const random = generator(4);
const moves = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
];
function samples(count) {
  const y = Uint8Array.from({ length: count }, () => Math.floor(classes * random()));
  const x = new Uint8Array(steps * count * size * size);
  y.forEach((label, sample) => {
    const [dy, dx] = moves[label];
    const [row, column] = [Math.floor(size * random()), Math.floor(size * random())];
    for (let step = 0; step < steps; step++) {
      const at = (start, by) => (start + by * step + size * steps) % size;
      x[(step * count + sample) * size * size + at(row, dy) * size + at(column, dx)] = 1;
    }
  });
  return { x, y, shape: [steps, count, size * size], timeMajor: true };
}
const training = new DataLoader(samples(512), { batchSize: 64, shuffle: true, seed: 4 });
const heldOut = new DataLoader(samples(512), { batchSize: 256 });
const objective = loss.crossEntropyMembrane({ from: 2 });

const lstm = [
  // Four gates for each channel of cells.
  conv2d(1, 4 * channels, 3, { padding: 1, name: 'gates' }),
  slstm({ vThreshold: 0.1, recurrent: { kind: 'conv', kernel: 3 }, name: 'cells' }),
];
const memoryless = [conv2d(1, channels, 3, { padding: 1 }), threshold({ vThreshold: 0.1 })];

async function accuracyOf(hidden) {
  const network = sequential(
    input(1, size, size),
    ...hidden,
    globalSumPool(),
    dense(channels, classes),
    li({ beta: 0.5 }),
  );
  const model = await network.compile({ seed: 4 });
  console.log(model.summary());
  await model.fit(training, { epochs: 25, loss: objective, optimizer: adam({ lr: 1e-2, maxNorm: 1 }) });
  return (await model.evaluate(heldOut, { loss: objective })).accuracy;
}

const [remembers, forgets] = [await accuracyOf(lstm), await accuracyOf(memoryless)];
assert.ok(remembers >= 0.95, `with cells ${remembers}`);
assert.ok(Math.abs(forgets - 1 / classes) <= 0.07, `without memory ${forgets}`);
console.log(`${(100 * remembers).toFixed(1)} % with cells, ${(100 * forgets).toFixed(1)} % without memory`);
