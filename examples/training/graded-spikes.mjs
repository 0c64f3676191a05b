// Spikes of several levels: two neurons pass a signal on. With one level a neuron says yes or no in each step; with more it
// says how much, and the same neurons carry the signal more exactly.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { li, lif, multiLevelLif } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// A slow random signal, in 64 samples for learning and 64 that are never seen.
const [steps, batch, neurons] = [60, 64, 2];
const random = generator(6);
function samples() {
  const x = new Float32Array(steps * batch);
  for (let sample = 0; sample < batch; sample++) {
    const waves = [20, 33, 47].map((period) => [period, 2 * Math.PI * random()]);
    for (let t = 0; t < steps; t++) {
      const sum = waves.reduce((sum, [period, at]) => sum + Math.sin((2 * Math.PI * t) / period + at), 0);
      x[t * batch + sample] = 0.5 + sum / 6;
    }
  }
  return { x, y: x, shape: [steps, batch, 1] };
}
const [training, heldOut] = [samples(), samples()];
const objective = loss.meanSquaredMembrane();

async function errorOf(levels) {
  const network = sequential(
    dense(1, neurons, { initial: { kind: 'uniform', low: 4, high: 8 } }),
    multiLevelLif({ beta: 0.5, levels, name: 'neurons' }),
    dense(neurons, 1),
    li({ beta: 0.5 }),
  );
  const model = await network.compile({ seed: 6 });
  const optimizer = adam({ lr: 2e-2, maxNorm: 1 });
  for (let step = 0; step < 400; step++) await model.trainStep(training, { loss: objective, optimizer });
  const { loss: error } = await model.evaluateStep(heldOut, { loss: objective });
  // What leaves is the state `graded`, a whole number from 0 to the number of levels.
  const { recordings } = await model.run(heldOut, { record: ['neurons.graded'] });
  const used = new Set(recordings['neurons.graded']);
  assert.ok([...used].every((level) => Number.isInteger(level) && level <= levels));
  assert.equal(used.size, Math.min(levels, Math.max(...used)) + 1);
  return { error, used: used.size - 1 };
}

const errors = [];
for (const levels of [1, 2, 4, 8]) {
  const { error, used } = await errorOf(levels);
  errors.push(error);
  console.log(`${levels} levels, ${used} of them used: mean squared error ${error.toFixed(5)}`);
}
errors.slice(1).forEach((error, i) => {
  assert.ok(error < errors[i], errors.join(', '));
});

// The spikes of any neuron may be worth another number than 1: it is a factor on all weights behind it.
const trainedAccuracy = (gradedSpikes, weight) =>
  sequential(
    dense(1, 1, { bias: false, initial: { kind: 'constant', value: 2 } }),
    lif({ beta: 0.9, gradedSpikes }),
    dense(1, 1, { bias: false, initial: { kind: 'constant', value: weight } }),
    li({ beta: 0.5 }),
  ).compile();
const [one, four] = [await trainedAccuracy(1, 0.5), await trainedAccuracy(4, 0.125)];
assert.deepEqual((await four.run(heldOut)).v, (await one.run(heldOut)).v);

const gain = errors[0] / errors.at(-1);
assert.ok(gain > 1.5, `the error falls to 1/${gain}`);
console.log(`eight levels: ${gain.toFixed(1)} times less error than one`);
