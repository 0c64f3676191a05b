// Five ways of finding the same gradient, beside each other: back-propagation through time, its checkpointed and its truncated
// form, e-prop and OTTT. What each costs in memory, how far its gradient is from the exact one, and what it learns.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { li, lif, surrogate } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// Two classes: which half of the channels fires more often, in 200 steps.
const [steps, channels, neurons] = [200, 20, 100];
const random = generator(1);
function samples(count) {
  const y = Uint8Array.from({ length: count }, () => (random() < 0.5 ? 0 : 1));
  const x = Uint8Array.from({ length: steps * count * channels }, (_, i) => {
    const label = y[Math.floor(i / channels) % count];
    return random() < ((i % channels < channels / 2 ? 0 : 1) === label ? 0.12 : 0.08) ? 1 : 0;
  });
  return { x, y, shape: [steps, count, channels], timeMajor: true };
}

const smooth = surrogate.fastSigmoid({ slope: 5 });
const network = sequential(
  dense(channels, neurons, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
  lif({ beta: 0.95, surrogate: smooth }),
  dense(neurons, 2),
  li({ beta: 0.95 }),
);
// Forward in time, the loss has to be one of each step.
const objective = loss.crossEntropyMembrane();
const methods = {
  'back-propagation through time': {},
  'checkpointed, 20 steps at once': { segment: 20 },
  'truncated after 20 steps': { truncate: 20 },
  'e-prop': { method: 'e-prop' },
  OTTT: { method: 'ottt' },
};

const training = new DataLoader(samples(256), { batchSize: 32, shuffle: true, seed: 1 });
const heldOut = new DataLoader(samples(512), { batchSize: 256 });
const batch = samples(32);
const { x, y, shape } = batch;

/** Gradients of all weights of the hidden layer for one batch, in double precision. */
async function gradient(options) {
  const model = await network.compile({ seed: 1, precision: 'f64' });
  await model.trainStep({ x, y, shape }, { loss: objective, ...options });
  return (await model.gradients())['dense1.weight'];
}

const norm = (values) => Math.hypot(...values);
const exact = await gradient({});
const found = {};
for (const [name, options] of Object.entries(methods)) {
  const own = await gradient(options);
  const error = norm(own.map((value, i) => value - exact[i])) / norm(exact);
  const length = norm(own) / norm(exact);
  const cosine = own.reduce((sum, value, i) => sum + value * exact[i], 0) / (norm(own) * norm(exact));
  const model = await network.compile({ seed: 1 });
  await model.fit(training, { epochs: 3, loss: objective, optimizer: adam({ lr: 2e-3 }), ...options });
  const { accuracy } = await model.evaluate(heldOut, { loss: objective });
  found[name] = { error, cosine, length, accuracy };
  console.log(
    `${name.padEnd(31)} gradient ${length.toFixed(2)} times as long, cosine ${cosine.toFixed(4)}; ` +
      `accuracy ${(100 * accuracy).toFixed(1)} %`,
  );
}

const [, checkpointed, truncated, eprop, ottt] = Object.values(found);
// The same sums: checkpoints only compute twice, and without recurrence e-prop leaves nothing out.
assert.ok(checkpointed.error < 1e-12, `checkpointed ${checkpointed.error}`);
assert.ok(eprop.error < 1e-10, `e-prop ${eprop.error}`);
// What is left out makes it shorter; it still points the same way.
for (const { length, cosine } of [truncated, ottt]) {
  assert.ok(length < 0.5 && cosine > 0.98, `${length} times as long, cosine ${cosine}`);
}
for (const { accuracy } of Object.values(found)) assert.ok(accuracy >= 0.9, `accuracy ${accuracy}`);

// Is the exact one exact? A surrogate has no finite difference to compare with; smoothed spikes have.
const smoothed = await sequential(
  dense(channels, 8, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
  lif({ beta: 0.95, smoothed: 5 }),
  dense(8, 2),
  li({ beta: 0.95 }),
).compile({ seed: 1, precision: 'f64' });
await smoothed.trainStep({ x, y, shape }, { loss: objective });
const analytic = (await smoothed.gradients())['dense1.weight'];
const { 'dense1.weight': weight } = await smoothed.weights();
for (const i of [0, 50, 150]) {
  const lossAt = async (by) => {
    await smoothed.setWeights({ 'dense1.weight': weight.map((w, j) => (j === i ? w + by : w)) });
    return (await smoothed.evaluateStep({ x, y, shape }, { loss: objective })).loss;
  };
  const difference = ((await lossAt(1e-5)) - (await lossAt(-1e-5))) / 2e-5;
  const off = Math.abs(difference / analytic[i] - 1);
  assert.ok(off < 1e-5, `${difference} beside ${analytic[i]}`);
}
console.log('gradients of smoothed spikes are those of finite differences');

// Memory of what the way back needs: all steps are kept, or those of a segment and a state before each. Truncated, no more than a
// segment's is needed; e-prop and OTTT keep traces, as many for any number of steps.
const model = await network.compile();
const megabytes = (steps, segment) =>
  model.estimate({ steps, batch: 32, training: true, ...(segment && { segment }) }).tape / 2 ** 20;
const [all, cut] = [megabytes(2000), megabytes(2000, 20)];
assert.ok(all > 4 * megabytes(200) && cut < all / 10, `${all} MiB, ${cut} MiB`);
console.log(`2000 steps keep ${all.toFixed(1)} MiB, in segments of 20 ${cut.toFixed(1)} MiB`);
