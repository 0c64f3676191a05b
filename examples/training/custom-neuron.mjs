// A neuron of your own: equations in, a layer out. It adapts, rests after a spike, is noisy, and learns its own time
// constant together with the weights.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { li, neuron } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

const adaptive = neuron({
  name: 'adaptive',
  state: { v: 0, w: 0 },
  params: { tauMem: 10, tauW: 50, b: 0.1, sigma: 0.02, vThreshold: 1 },
  update: `
    drive = relu(i) - w                # a name of your own
    v' = (drive - v)/tauMem + sigma*xi # xi: white noise
    w' = -w/tauW`,
  spike: 'v > vThreshold',
  reset: 'v = 0; w += b',
  refractory: 2, // ms
});

// Task: did the first or the second half of the trial hold more spikes?
const [steps, batch, channels] = [40, 64, 20];
const random = generator(5);
function trials() {
  const x = new Uint8Array(steps * batch * channels);
  const y = Uint8Array.from({ length: batch }, () => (random() < 0.5 ? 1 : 0));
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < batch; b++) {
      const rate = t >= steps / 2 === (y[b] === 1) ? 0.3 : 0.1;
      for (let c = 0; c < channels; c++) x[(t * batch + b) * channels + c] = random() < rate ? 1 : 0;
    }
  }
  return { x, shape: [steps, batch, channels], y };
}

const model = await sequential(
  dense(channels, 64, { initial: { kind: 'fan-in-uniform', gain: 6 } }),
  adaptive({ learn: ['tauMem', 'tauW'] }),
  dense(64, 2),
  li({ beta: 0.95 }),
).compile({ seed: 1 });
console.log(`${adaptive.states.join(', ')}; method ${adaptive.method}\n${model.summary()}\n`);

const objective = loss.crossEntropyMembrane();
const optimizer = adam({ lr: 1e-2 });
for (let i = 0; i < 60; i++) await model.trainStep(trials(), { loss: objective, optimizer });

const test = trials();
const { loss: value, byMembrane } = await model.evaluateStep(test, { loss: objective });
const correct = byMembrane.reduce((sum, label, i) => sum + (label === test.y[i] ? 1 : 0), 0);
const { 'adaptive1.tauMem': tauMem } = await model.weights();
assert.ok(tauMem[0] !== 10, 'the time constant was learned');
console.log(
  `loss ${value.toFixed(3)}, accuracy ${((100 * correct) / batch).toFixed(1)} %, tauMem ${tauMem[0].toFixed(2)} ms`,
);
