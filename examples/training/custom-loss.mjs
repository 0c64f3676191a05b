// A training loop by hand, with a loss that lapicque does not have: the outputs come out, the gradient goes back in.
import assert from 'node:assert/strict';
import { adam, dense, sequential } from 'lapicque';
import { li, lif } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

// Task: the readout's membrane is to draw one period of a sine while the input fires a fixed random pattern.
const [steps, channels] = [100, 40];
const random = generator(3);
const x = Uint8Array.from({ length: steps * channels }, () => (random() < 0.1 ? 1 : 0));
const target = Float64Array.from({ length: steps }, (_, t) => Math.sin((2 * Math.PI * t) / steps));

const model = await sequential(
  dense(channels, 100, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
  lif({ beta: 0.9 }),
  dense(100, 1),
  li({ beta: 0.9 }),
).compile({ seed: 3 });
const optimizer = adam({ lr: 5e-3 });

const losses = [];
for (let step = 0; step < 300; step++) {
  const { v, backward } = await model.forward({ x, shape: [steps, 1, channels] });
  // Huber loss: squared near the target, absolute far from it, so that no step is too large.
  const error = target.map((expected, t) => v[t] - expected);
  const value = error.reduce((sum, e) => sum + (Math.abs(e) < 1 ? e ** 2 / 2 : Math.abs(e) - 0.5), 0) / steps;
  losses.push(value);
  await backward({ v: Float32Array.from(error, (e) => Math.max(-1, Math.min(1, e)) / steps) });
  await model.step(optimizer);
}

assert.ok(losses.at(-1) < losses[0] / 20, `the loss fell from ${losses[0]} to ${losses.at(-1)} only`);
console.log(`loss ${losses[0].toFixed(4)} before, ${losses.at(-1).toFixed(4)} after ${losses.length} steps`);
