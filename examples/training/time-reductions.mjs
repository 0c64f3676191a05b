// What a sequence comes to: its sum, its mean and its largest value so far, beside the same by hand; which of them tells what; and a
// filter over time with a threshold, a spike response model.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential, threshold, timeFilter, timeMax, timeMean, timeSum } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { li, lif } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// Two sequences of three channels in six steps, by hand.
const [steps, batch, channels] = [6, 2, 3];
const random = generator(9);
const x = Float64Array.from({ length: steps * batch * channels }, () => Math.round(10 * random()) - 5);
const column = (sample, channel) =>
  Array.from({ length: steps }, (_, t) => x[(t * batch + sample) * channels + channel]);
const sum = (values) => values.reduce((a, b) => a + b, 0);
const reductions = {
  timeSum: [timeSum(), sum],
  timeMean: [timeMean(), (values) => sum(values) / values.length],
  timeMax: [timeMax(), (values) => Math.max(...values)],
};
for (const [name, [layer, byHand]] of Object.entries(reductions)) {
  const model = await sequential(layer, li({ beta: 0 })).compile({ inputs: channels, precision: 'f64' });
  const { v } = await model.run({ x, shape: [steps, batch, channels] });
  for (let t = 0; t < steps; t++) {
    for (const sample of [0, 1]) {
      for (const channel of [0, 1, 2]) {
        const expected = byHand(column(sample, channel).slice(0, t + 1));
        assert.ok(Math.abs(v[(t * batch + sample) * channels + channel] - expected) < 1e-12, name);
      }
    }
  }
  const values = Array.from({ length: steps }, (_, t) => v[t * batch * channels].toFixed(1).padStart(5));
  console.log(`${name.padEnd(8)} of ${column(0, 0).join(', ')}: ${values.join(' ')}`);
}

// Which of two kinds of sequences is it? In the one kind a channel has a single high value, in the other it is a bit higher all
// the time, and a reduction sees what it keeps.
const [length, count] = [40, 256];
function samples(high) {
  const y = Uint8Array.from({ length: count }, () => (random() < 0.5 ? 0 : 1));
  const x = Float32Array.from({ length: length * count * 2 }, () => random());
  y.forEach((label, sample) => {
    const at = (t) => (t * count + sample) * 2 + label;
    if (high === 'once') x[at(Math.floor(length * random()))] = 1.3;
    else for (let t = 0; t < length; t++) x[at(t)] += 0.3;
  });
  return { x, y, shape: [length, count, 2], timeMajor: true };
}
async function accuracyOf(layer, high) {
  const model = await sequential(layer, dense(2, 2), li({ beta: 0 })).compile({ inputs: 2, seed: 9 });
  const objective = loss.crossEntropyMembrane({ from: length - 1 });
  const loader = new DataLoader(samples(high), { batchSize: 64, shuffle: true, seed: 9 });
  await model.fit(loader, { epochs: 40, loss: objective, optimizer: adam({ lr: 0.1 }) });
  const heldOut = new DataLoader(samples(high), { batchSize: 256 });
  return (await model.evaluate(heldOut, { loss: objective })).accuracy;
}
const percent = (share) => `${(100 * share).toFixed(0)} %`.padStart(5);
const accuracy = {};
for (const [name, layer] of Object.entries({ timeMean: timeMean(), timeMax: timeMax() })) {
  accuracy[name] = { once: await accuracyOf(layer, 'once'), always: await accuracyOf(layer, 'always') };
  console.log(
    `${name.padEnd(8)} high once: ${percent(accuracy[name].once)}, higher always: ${percent(accuracy[name].always)}`,
  );
}
assert.ok(accuracy.timeMax.once >= 0.95 && accuracy.timeMean.once <= 0.75);
assert.ok(accuracy.timeMean.always >= 0.95);

// Each spike that enters makes a potential that fades, and where their sum reaches the threshold a spike leaves. With an exponential
// kernel it is a leaky neuron without a reset.
const potential = timeFilter({ of: (ms) => 0.9 ** ms, length: 50 }, { trainable: false });
const kernel = sequential(potential, threshold({ vThreshold: 2 }));
const leaky = sequential(lif({ beta: 0.9, vThreshold: 2, reset: 'none', compare: '>=' }));
const spikes = {
  x: Uint8Array.from({ length: 50 * 20 }, () => (random() < 0.2 ? 1 : 0)),
  shape: [50, 1, 20],
};
const [a, b] = await Promise.all(
  [kernel, leaky].map(async (network) =>
    (await network.compile({ inputs: 20, precision: 'f64' })).run(spikes),
  ),
);
assert.deepEqual(a.spikes, b.spikes);
const counted = a.spikes.reduce((sum, spike) => sum + spike, 0);
assert.ok(counted > 100 && counted < 900);
console.log(`${counted} spikes of a kernel and a threshold, all those of a leaky neuron`);
