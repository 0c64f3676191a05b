// Every layer that is no neuron, and every way of feeding a population back to itself, each within a small network that learns the same thing: which of two channels of an image is the
// brighter one. The shape that leaves each layer, its trained values, and the accuracy on images never seen.
import assert from 'node:assert/strict';
import * as lapicque from 'lapicque';
import { adam, dense, flatten, graph, input, join, loss, sequential } from 'lapicque';
import { li, lif } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

const {
  attention,
  avgPool1d,
  avgPool2d,
  batchNorm,
  concat,
  conv1d,
  conv2d,
  dropout,
  embedding,
  globalAvgPool,
  globalMaxPool,
  globalSumPool,
  lateralInhibition,
  layerNorm,
  maxPool1d,
  maxPool2d,
  multiply,
  pointwise,
  residual,
  slidingPsn,
  sumPool1d,
  sumPool2d,
  threshold,
  timeFilter,
  timeMax,
  timeMean,
  timeMixture,
  timeSum,
  unflatten,
} = lapicque;

const [steps, image, line] = [8, [2, 6, 6], [2, 36]];
const neuron = { beta: 0.9, vThreshold: 0.7 };
const wide = { padding: 1 };
// Layers by what they are; where it is no image that enters, its shape before them.
const kinds = {
  dense: [dense(72, 20)],
  'dense, delays': [dense(72, 20, { delay: { max: 3 } })],
  conv2d: [conv2d(2, 4, 3)],
  'conv2d, stride and dilation': [conv2d(2, 4, 3, { stride: 2, dilation: 2, padding: 2 })],
  'conv2d, depthwise': [conv2d(2, 4, 3, { groups: 2 })],
  'conv2d, grouped': [pointwise(2, 6), conv2d(6, 9, 3, { groups: 3 })],
  'conv2d, transposed': [conv2d(2, 4, 3, { transposed: true, stride: 2, padding: 1, outputPadding: 1 })],
  conv1d: [line, conv1d(2, 4, 5, { stride: 2 })],
  'conv1d, transposed': [line, conv1d(2, 4, 4, { transposed: true, stride: 2 })],
  pointwise: [pointwise(2, 5)],
  maxPool2d: [maxPool2d(2)],
  avgPool2d: [avgPool2d(3, { stride: 1, ...wide })],
  sumPool2d: [sumPool2d([2, 3])],
  maxPool1d: [line, maxPool1d(3)],
  avgPool1d: [line, avgPool1d(3)],
  sumPool1d: [line, sumPool1d(3)],
  globalMaxPool: [globalMaxPool()],
  globalAvgPool: [globalAvgPool()],
  globalSumPool: [globalSumPool()],
  flatten: [flatten()],
  unflatten: [dense(72, 32), unflatten([2, 4, 4]), conv2d(2, 4, 2, { transposed: true, stride: 2 })],
  dropout: [dropout(0.3)],
  layerNorm: [layerNorm()],
  batchNorm: [conv2d(2, 4, 3), batchNorm()],
  'batchNorm through time': [conv2d(2, 4, 3), batchNorm({ over: 'step', steps, bias: false })],
  'batchNorm, threshold-dependent': [conv2d(2, 4, 3), batchNorm({ scale: neuron.vThreshold })],
  residual: [conv2d(2, 4, 3, wide), residual([lif(neuron), conv2d(4, 4, 3, wide)])],
  concat: [concat([], [conv2d(2, 3, 3, wide)], [avgPool2d(3, { stride: 1, ...wide })])],
  multiply: [multiply([], [globalAvgPool(), pointwise(2, 2)])],
  attention: [attention([pointwise(2, 4)], [pointwise(2, 4)], [], { heads: 2 })],
  lateralInhibition: [dense(72, 20), lif(neuron), lateralInhibition()],
  'recurrent, one to one': [pointwise(2, 4), lif({ ...neuron, recurrent: 'one-to-one' })],
  'recurrent, all to all': [dense(72, 20), lif({ ...neuron, recurrent: 'dense' })],
  'recurrent, a convolution': [conv2d(2, 4, 3), lif({ ...neuron, recurrent: { kind: 'conv', kernel: 3 } })],
  'timeFilter and threshold': [timeFilter({ of: (ms) => Math.exp(-ms / 4), length: 6 }), threshold()],
  slidingPsn: [pointwise(2, 5), ...slidingPsn(4)],
  timeMixture: [timeMixture(steps, { order: 3 })],
  timeSum: [lif(neuron), timeSum()],
  timeMean: [lif(neuron), timeMean()],
  timeMax: [lif(neuron), timeMax()],
  // A number from 0 to 7 in each step; the class is whether it is below 4.
  embedding: [[1], embedding(8, 6)],
};

/** Two populations that hear each other a step later. */
const cycle = graph({
  inputs: image,
  nodes: {
    toLeft: conv2d(2, 4, 3),
    toRight: conv2d(2, 4, 3),
    left: lif(neuron),
    right: lif(neuron),
    across: conv2d(4, 4, 3, wide),
    back: conv2d(4, 4, 3, wide),
    both: join('concat'),
    out: dense(8 * 4 * 4, 2),
    last: li({ beta: 0.8 }),
  },
  edges: [
    ['input', 'toLeft'],
    ['toLeft', 'left'],
    ['input', 'toRight'],
    ['toRight', 'right'],
    ['left', 'across', { delayed: true }],
    ['across', 'right'],
    ['right', 'back', { delayed: true }],
    ['back', 'left'],
    ['left', 'both'],
    ['right', 'both'],
    ['both', 'out'],
    ['out', 'last'],
  ],
  output: 'last',
});

const random = generator(1);
function samples(count, tokens) {
  const y = Uint8Array.from({ length: count }, () => (random() < 0.5 ? 0 : 1));
  const channel = (i) => Math.floor(i / 36) % 2;
  const x = Float32Array.from({ length: count * (tokens ? 1 : 72) }, (_, i) =>
    tokens
      ? Math.floor(4 * random()) + 4 * y[i]
      : (channel(i) === y[Math.floor(i / 72)] ? 0.2 : -0.2) + 0.6 * (2 * random() - 1),
  );
  return { x, y, shape: [count, tokens ? 1 : 72] };
}

const objective = loss.crossEntropyMembrane();
const optimizer = adam({ lr: 2e-2 });
/** Trains a network and gives its accuracy on images that it never saw. */
async function accuracyOf(model, tokens) {
  for (let step = 0; step < 60; step++) {
    await model.trainStep(samples(64, tokens), { loss: objective, optimizer, steps });
  }
  const heldOut = samples(256, tokens);
  const { byMembrane } = await model.evaluateStep(heldOut, { loss: objective, steps });
  return byMembrane.filter((label, i) => label === heldOut.y[i]).length / heldOut.y.length;
}

let lowest = { accuracy: 1 };
const report = (kind, shape, parameters, accuracy) => {
  console.log(
    `${kind.padEnd(31)} ${`[${shape.join(', ')}]`.padEnd(12)} ${String(parameters).padStart(5)} trained, ` +
      `accuracy ${(100 * accuracy).toFixed(1)} %`,
  );
  if (accuracy < lowest.accuracy) lowest = { kind, accuracy };
};
for (const [kind, kindLayers] of Object.entries(kinds)) {
  const [shape, layers] = Array.isArray(kindLayers[0])
    ? [kindLayers[0], kindLayers.slice(1)]
    : [image, kindLayers];
  const first = shape.length === 1 ? [] : [input(...shape)];
  // The shape of what leaves is that of neurons behind it.
  const alone = await sequential(...first, ...layers, lif(neuron)).compile();
  const behind = alone.info.layers.at(-1);
  const network = sequential(
    ...first,
    ...layers,
    lif(neuron),
    flatten(),
    dense(behind.neurons, 2),
    li({ beta: 0.8 }),
  );
  const model = await network.compile({ seed: 1 });
  report(kind, behind.shape, alone.parameterCount, await accuracyOf(model, kind === 'embedding'));
}
const loop = await cycle.compile({ seed: 1 });
report('graph with a cycle', [8, 4, 4], loop.parameterCount, await accuracyOf(loop));

assert.ok(lowest.accuracy >= 0.9, `${lowest.kind}: ${lowest.accuracy}`);
console.log(`${Object.keys(kinds).length + 1} kinds, each at least ${(100 * lowest.accuracy).toFixed(1)} %`);
