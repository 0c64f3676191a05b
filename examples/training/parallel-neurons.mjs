// Parallel spiking neurons: without a reset nothing hangs on the step before, so all steps of a sequence are one product. Three
// forms of them learn which of two channels fired first; the masked one then runs step by step, with the same spikes.
import assert from 'node:assert/strict';
import { adam, dense, loss, psn, sequential, slidingPsn } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { li } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// Two channels fire once each, 1 to 8 steps apart, in noise of ten others.
const [steps, channels, neurons] = [24, 12, 32];
const random = generator(2);
function samples(count) {
  const y = Uint8Array.from({ length: count }, () => (random() < 0.5 ? 0 : 1));
  const x = Uint8Array.from({ length: steps * count * channels }, (_, i) =>
    i % channels > 1 && random() < 0.05 ? 1 : 0,
  );
  y.forEach((label, sample) => {
    const first = 2 + Math.floor(10 * random());
    const second = first + 1 + Math.floor(8 * random());
    x[(first * count + sample) * channels + label] = 1;
    x[(second * count + sample) * channels + 1 - label] = 1;
  });
  return { x, y, shape: [steps, count, channels], timeMajor: true };
}
const training = new DataLoader(samples(512), { batchSize: 64, shuffle: true, seed: 2 });
const heldOut = new DataLoader(samples(512), { batchSize: 256 });
const objective = loss.crossEntropyMembrane({ from: steps - 1 });

const order = 10;
const kinds = {
  // Every step sees every other, later ones too.
  'psn, all steps': psn(steps, { name: 'p' }),
  'psn, the last ten steps': psn(steps, { order, name: 'p' }),
  'slidingPsn, one kernel for all': slidingPsn(order, { name: 'p' }),
};
const trained = [];
for (const [name, hidden] of Object.entries(kinds)) {
  const network = sequential(dense(channels, neurons), ...hidden, dense(neurons, 2), li({ beta: 0.95 }));
  const model = await network.compile({ seed: 2 });
  await model.fit(training, { epochs: 20, loss: objective, optimizer: adam({ lr: 1e-2 }) });
  const { accuracy } = await model.evaluate(heldOut, { loss: objective });
  trained.push(model);
  console.log(`${name.padEnd(31)} ${(100 * accuracy).toFixed(1)} %`);
  assert.ok(accuracy >= 0.9, `${name}: ${accuracy}`);
}

// A scan over time is a product: here of one neuron's weights over the steps and what entered it, as plain JavaScript sums it.
const [, masked] = trained;
const size = 64;
const batch = samples(size);
const { v, recordings } = await masked.run(batch, { record: ['p.time.values'] });
const weights = await masked.weights();
const [sample, neuron] = [5, 7];
const enters = Array.from({ length: steps }, (_, step) => {
  let sum = weights['dense1.bias'][neuron];
  for (let channel = 0; channel < channels; channel++) {
    const spike = batch.x[(step * size + sample) * channels + channel];
    sum += spike * weights['dense1.weight'][neuron * channels + channel];
  }
  return sum;
});
let largest = 0;
for (let step = 0; step < steps; step++) {
  let sum = weights['p.time.bias'][step];
  for (let s = Math.max(0, step - order + 1); s <= step; s++) {
    sum += weights['p.time.weight'][step * steps + s] * enters[s];
  }
  const own = recordings['p.time.values'][(step * size + sample) * neurons + neuron];
  largest = Math.max(largest, Math.abs(own - sum));
}
assert.ok(largest < 1e-5, `the product is off by ${largest}`);

// The masked ones also run step by step: a session gets events as they come, and its membrane is that of the run, bit for bit.
const session = await masked.session();
for (let step = 0; step < steps; step++) {
  const row = batch.x.subarray(step * size * channels, step * size * channels + channels);
  session.push(Uint32Array.from(row.keys()).filter((channel) => row[channel] === 1));
  assert.deepEqual(session.membrane(), v.slice(step * size * 2, step * size * 2 + 2));
}
console.log(`a session gives the ${session.steps} steps of a run, bit for bit`);
