// The recurrent network of the spoken digits on sounds made up here: the channels of a cochlea fire one after the other, upwards,
// downwards, up and down, or down and up, in noise.
import assert from 'node:assert/strict';
import { adam, loss, networks } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { generator } from '../support/random.mjs';

const [steps, channels, classes] = [60, 70, 4];
const random = generator(10);
/** Where the sound is at a time from 0 to 1, from 0, the lowest channel, to 1. */
const sweeps = [(t) => t, (t) => 1 - t, (t) => 1 - Math.abs(2 * t - 1), (t) => Math.abs(2 * t - 1)];
function samples(count) {
  const y = Uint8Array.from({ length: count }, () => Math.floor(classes * random()));
  const speed = Array.from(y, () => 0.7 + 0.3 * random());
  const x = Uint8Array.from({ length: steps * count * channels }, (_, i) => {
    const [t, sample, channel] = [
      Math.floor(i / (count * channels)),
      Math.floor(i / channels) % count,
      i % channels,
    ];
    const at = channels * sweeps[y[sample]](Math.min(1, t / (steps * speed[sample])));
    return random() < (Math.abs(channel - at) < 4 ? 0.4 : 0.02) ? 1 : 0;
  });
  return { x, y, shape: [steps, count, channels], timeMajor: true };
}

const model = await networks.shdRecurrent({ channels, hidden: [48], classes }).compile({ seed: 10 });
console.log(model.summary());
const training = new DataLoader(samples(256), { batchSize: 32, shuffle: true, seed: 10 });
const heldOut = new DataLoader(samples(512), { batchSize: 256 });
const objective = loss.crossEntropyMeanMembrane();
await model.fit(training, { epochs: 10, loss: objective, optimizer: adam({ lr: 3e-3, maxNorm: 1 }) });
const { accuracy } = await model.evaluate(heldOut, { loss: objective });
assert.ok(accuracy >= 0.9, `accuracy ${accuracy}`);
console.log(`${(100 * accuracy).toFixed(1)} % of sounds never heard`);
