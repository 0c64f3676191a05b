// A recurrent network of current-based neurons learns the order of two events: which side fired first?
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { cubaLif, li, surrogate } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// Ten channels on the left, ten on the right; one side fires in steps 2 to 9, the other in steps 16 to 23. The number
// of spikes says nothing, only their order does.
const [steps, channels] = [30, 20];
const random = generator(7);
function samples(count) {
  const y = Uint8Array.from({ length: count }, () => (random() < 0.5 ? 0 : 1));
  const x = Uint8Array.from({ length: steps * count * channels }, (_, i) => {
    const [t, sample, channel] = [
      Math.floor(i / (count * channels)),
      Math.floor(i / channels) % count,
      i % channels,
    ];
    const first = (channel < channels / 2 ? 0 : 1) === y[sample];
    const active = first ? t >= 2 && t < 10 : t >= 16 && t < 24;
    return random() < (active ? 0.4 : 0.04) ? 1 : 0;
  });
  return { x, y, shape: [steps, count, channels], timeMajor: true };
}

const model = await sequential(
  dense(channels, 64),
  cubaLif({
    alpha: 0.8,
    beta: 0.9,
    recurrent: 'dense',
    surrogate: surrogate.fastSigmoid({ slope: 5 }),
  }),
  dense(64, 2),
  li({ beta: 0.95 }),
).compile({ seed: 7 });

const training = new DataLoader(samples(512), { batchSize: 64, shuffle: true, seed: 7 });
const heldOut = new DataLoader(samples(256), { batchSize: 256 });
const objective = loss.crossEntropyMeanMembrane();
await model.fit(training, { epochs: 12, loss: objective, optimizer: adam({ lr: 3e-3, maxNorm: 1 }) });
const { accuracy, spikesPerSample } = await model.evaluate(heldOut, { loss: objective });

assert.ok(accuracy >= 0.95, `accuracy ${accuracy}`);
const { name } = model.info.layers[0];
console.log(
  `accuracy ${(100 * accuracy).toFixed(1)} %, ${spikesPerSample[name].toFixed(0)} hidden spikes a sample`,
);
