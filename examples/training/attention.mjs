// Attention of spikes in two forms: Spikformer's counts coincidences of queries and keys, the spike-driven one masks and adds. In
// a row of tokens two are marked: are both of the same kind? Convolutions see neighbors only; attention brings together what
// is far apart.
import assert from 'node:assert/strict';
import {
  adam,
  batchNorm,
  conv1d,
  dense,
  globalAvgPool,
  input,
  loss,
  networks,
  pointwise,
  residual,
  selfAttention,
  sequential,
} from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { li, lif } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

const [tokens, sorts, steps, channels] = [12, 4, 4, 32];
const random = generator(8);
const draw = (count) => Math.floor(count * random());

/** `[sorts + 1, tokens]`: which of four sorts each token is, and whether it is marked; the same in every step. */
function samples(count) {
  const x = new Float32Array(count * (sorts + 1) * tokens);
  const y = Uint8Array.from({ length: count }, () => draw(2));
  y.forEach((same, sample) => {
    const row = Array.from({ length: tokens }, () => draw(sorts));
    const marked = [draw(tokens / 2), tokens / 2 + draw(tokens / 2)];
    row[marked[1]] = (row[marked[0]] + (same ? 0 : 1 + draw(sorts - 1))) % sorts;
    const set = (channel, token) => {
      x[(sample * (sorts + 1) + channel) * tokens + token] = 1;
    };
    row.forEach(set);
    for (const token of marked) set(sorts, token);
  });
  return { x, y, shape: [count, (sorts + 1) * tokens] };
}

const neuron = lif({ like: 'spikingjelly', tauMem: 2, detachReset: true });
const project = (from, to) => [pointwise(from, to, { bias: false }), batchNorm()];
const convolve = () => residual([neuron, conv1d(channels, channels, 3, { padding: 1 }), batchNorm()]);
const blocks = {
  'dot-product attention': networks.spikformerBlock(channels, { heads: 4, ratio: 2 }),
  // Its branches begin with neurons: what goes from block to block is a membrane.
  'spike-driven attention': [
    residual(selfAttention(channels, { kind: 'spike-driven' })),
    residual([neuron, ...project(channels, 2 * channels), neuron, ...project(2 * channels, channels)]),
  ],
  'two convolutions': [convolve(), convolve()],
};

const training = new DataLoader(samples(2048), { batchSize: 64, shuffle: true, seed: 8 });
const heldOut = new DataLoader(samples(512), { batchSize: 256 });
const objective = loss.crossEntropyMeanMembrane();
const accuracies = [];
for (const [name, block] of Object.entries(blocks)) {
  const network = sequential(
    input(sorts + 1, tokens),
    ...project(sorts + 1, channels),
    ...(name.startsWith('dot') ? [neuron] : []),
    ...block,
    neuron,
    globalAvgPool(),
    dense(channels, 2),
    li({ beta: 0 }),
  );
  const model = await network.compile({ seed: 8 });
  await model.fit(training, { epochs: 5, steps, loss: objective, optimizer: adam({ lr: 5e-3, maxNorm: 1 }) });
  const { accuracy } = await model.evaluate(heldOut, { steps, loss: objective });
  accuracies.push(accuracy);
  console.log(`${name.padEnd(22)} ${model.parameterCount} trained values, ${(100 * accuracy).toFixed(1)} %`);
}
const [dotProduct, spikeDriven, convolutions] = accuracies;
assert.ok(Math.min(dotProduct, spikeDriven) >= 0.9, `${dotProduct}, ${spikeDriven}`);
assert.ok(convolutions <= 0.65, `convolutions ${convolutions}`);
console.log(`attention at least ${(100 * Math.min(dotProduct, spikeDriven)).toFixed(1)} %; chance is 50 %`);
