// A delayed match: one of two cues, a hundred silent steps, a cue again; was it the same one? The neurons forget within
// a few steps, so only a network whose spikes go round can know. Learned three ways: feed-forward, recurrent with
// back-propagation through time, recurrent with e-prop, which needs no record of the past.
import assert from 'node:assert/strict';
import { adam, dense, li, lif, loss, sequential, surrogate } from 'lapicque';
import { generator } from './support/random.mjs';

const [cue, gap, answer] = [10, 100, 10];
const steps = 2 * cue + gap + answer;
const [channels, neurons, classes] = [40, 60, 2];

/** Spikes, and what the two outputs should be while the answer counts: 1 for the right one, 0 else and before. */
function trials(count, random) {
  const x = new Uint8Array(steps * count * channels);
  const y = new Float32Array(steps * count * classes);
  const right = new Uint8Array(count);
  for (let sample = 0; sample < count; sample++) {
    const cues = [random() < 0.5 ? 0 : 1, random() < 0.5 ? 0 : 1];
    right[sample] = cues[0] === cues[1] ? 1 : 0;
    for (let t = 0; t < steps; t++) {
      const shown = t < cue ? cues[0] : t >= cue + gap && t < 2 * cue + gap ? 2 + cues[1] : undefined;
      for (let c = 0; c < channels; c++)
        if (Math.floor((c * 4) / channels) === shown && random() < 0.3) x[(t * count + sample) * channels + c] = 1;
      if (t >= steps - answer) y[(t * count + sample) * classes + right[sample]] = 1;
    }
  }
  return { x, y, right, shape: [steps, count, channels] };
}

/** Share of right answers, by the output that is larger while the answer counts. */
async function accuracy(model, { x, shape, right }) {
  const { v } = await model.run({ x, shape });
  let correct = 0;
  for (let sample = 0; sample < right.length; sample++) {
    const sum = [0, 0];
    for (let t = steps - answer; t < steps; t++)
      for (const k of [0, 1]) sum[k] += v[(t * right.length + sample) * classes + k];
    correct += (sum[1] > sum[0] ? 1 : 0) === right[sample] ? 1 : 0;
  }
  return correct / right.length;
}

async function learn(name, recurrent, method, batches) {
  const random = generator(11);
  const model = await sequential(
    dense(channels, neurons, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
    // A neuron that fires excites itself enough to fire again: spikes last until others stop them.
    lif({ beta: 0.8, surrogate: surrogate.fastSigmoid({ slope: 5 }), ...(recurrent ? { recurrent } : {}) }),
    dense(neurons, classes),
    li({ beta: 0.8 }),
  ).compile({ seed: 11 });
  const options = { loss: loss.meanSquaredMembrane(), method, optimizer: adam({ lr: 2e-3, maxNorm: 1 }) };
  for (let i = 0; i < batches; i++) await model.trainStep(trials(64, random), options);
  const share = await accuracy(model, trials(1000, random));
  console.log(`${name}: ${(100 * share).toFixed(1)} %`);
  model.dispose();
  return share;
}

const latch = { kind: 'dense', initial: { kind: 'identity', gain: 1.2 }, bias: false };
const feedForward = await learn('feed-forward, back-propagation through time', undefined, 'bptt', 300);
const recurrent = await learn('recurrent, back-propagation through time', latch, 'bptt', 300);
const eprop = await learn('recurrent, e-prop', latch, 'e-prop', 300);
assert.ok(Math.abs(feedForward - 0.5) <= 0.05, `feed-forward ${feedForward}`);
assert.ok(recurrent >= 0.95, `recurrent ${recurrent}`);
assert.ok(eprop >= 0.9, `e-prop ${eprop}`);
