// An associative memory of spikes: pairs of a key and a value are shown one a step, then a key alone, and the memory tells its
// value. Nothing is said of the pairs but in the sequence itself; the network has learned how to store and how to read.
import assert from 'node:assert/strict';
import { adam, loss, networks } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { generator } from '../support/random.mjs';

// Four keys, each with one of four values, in random order; then one of the keys. Channels: keys, values, keys that ask.
const [keys, values] = [4, 4];
const [steps, channels] = [keys + 1, 2 * keys + values];
const random = generator(5);
const draw = (count) => Math.floor(count * random());
function samples(count) {
  const x = new Uint8Array(steps * count * channels);
  const y = new Uint8Array(count);
  for (let sample = 0; sample < count; sample++) {
    const fire = (step, channel) => {
      x[(step * count + sample) * channels + channel] = 1;
    };
    const order = Array.from({ length: keys }, (_, key) => [random(), key]).sort(([a], [b]) => a - b);
    const pairs = order.map(([, key]) => [key, draw(values)]);
    pairs.forEach(([key, value], step) => {
      fire(step, key);
      fire(step, keys + value);
    });
    const [key, value] = pairs[draw(keys)];
    fire(keys, keys + values + key);
    // The memory is read as [values, values]; the answer is expected in its first column.
    y[sample] = value * values;
  }
  return { x, y, shape: [steps, count, channels], timeMajor: true };
}

const network = networks.associativeLeaky({ inputs: channels, values, keys, vThreshold: 0.5 });
const model = await network.compile({ seed: 5 });
console.log(model.summary());
const objective = loss.crossEntropyMembrane({ from: keys });
const training = new DataLoader(samples(2048), { batchSize: 64, shuffle: true, seed: 5 });
const heldOut = new DataLoader(samples(512), { batchSize: 256 });
await model.fit(training, { epochs: 30, loss: objective, optimizer: adam({ lr: 1e-2, maxNorm: 1 }) });
const { accuracy } = await model.evaluate(heldOut, { loss: objective });
assert.ok(accuracy >= 0.9, `accuracy ${accuracy}`);
console.log(`${(100 * accuracy).toFixed(1)} % of pairs never seen are recalled; chance is 25 %`);
