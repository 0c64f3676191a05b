// Streams events through a trained model, one time step a call, and goes on from a saved state.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { lif, surrogate } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// A toy task: ten channels; class 0 is activity in the lower five, class 1 in the upper five.
const [steps, batch, channels] = [20, 64, 10];
const random = generator(1);
const y = Uint8Array.from({ length: batch }, () => (random() < 0.5 ? 0 : 1));
const x = Uint8Array.from({ length: steps * batch * channels }, (_, i) => {
  const upper = i % channels >= channels / 2;
  return random() < (upper === (y[Math.floor(i / channels) % batch] === 1) ? 0.4 : 0.05) ? 1 : 0;
});

const neuron = { beta: 0.9, surrogate: surrogate.fastSigmoid({ slope: 5 }) };
const network = sequential(dense(channels, 32), lif(neuron), dense(32, 2), lif(neuron));
const model = await network.compile({ seed: 1 });
for (let step = 0; step < 60; step++) {
  await model.trainStep(
    { x, shape: [steps, batch, channels], y },
    { loss: loss.crossEntropyCount(), optimizer: adam({ lr: 1e-2 }) },
  );
}

// The first sample as a stream: at each step the channels that fire. A silent step costs next to nothing.
const events = Array.from({ length: steps }, (_, t) =>
  Uint32Array.from(Array.from({ length: channels }, (_, c) => c).filter((c) => x[t * batch * channels + c])),
);
const session = await model.session();
const counts = [0, 0];
for (const fired of events.slice(0, 10)) for (const output of session.push(fired)) counts[output]++;

// Half-way the state is put away; a second stream on the same weights takes it up.
const state = session.save();
const other = session.fork();
other.restore(state);
for (const fired of events.slice(10)) {
  const spikes = session.push(fired);
  assert.deepEqual(other.push(fired), spikes);
  for (const output of spikes) counts[output]++;
}

// Streaming gives the spikes of a run on the whole sequence.
const first = x.filter((_, i) => Math.floor(i / channels) % batch === 0);
const run = await model.run({ x: first, shape: [steps, 1, channels] });
for (const output of [0, 1]) {
  assert.equal(
    run.spikes.filter((_, i) => i % 2 === output).reduce((a, b) => a + b, 0),
    counts[output],
  );
}
assert.equal(counts[1] > counts[0] ? 1 : 0, y[0]);
console.log(`class ${y[0]}: output spikes ${counts.join(' and ')} in ${session.steps} steps`);
