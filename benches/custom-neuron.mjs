// What a neuron from equations costs beside the built-in one: the same LIF layer, forward and in a training step, with
// and without what its projections cost. Prints one JSON line a row; `ratio` is custom / built-in.
//   node benches/custom-neuron.mjs [--quick]
import { dense, loss, sequential, setThreads } from '../dist/index.js';
import { lif, neuron } from '../dist/neurons.js';

const quick = process.argv.includes('--quick');
const repeats = quick ? 5 : 30;
setThreads(1);

const custom = neuron({
  state: { v: 0 },
  params: { beta: 0.9, vThreshold: 1 },
  update: 'v = beta*v + i',
  spike: 'v > vThreshold',
  reset: 'v -= vThreshold',
  resetTiming: 'next-step',
});
const exponential = neuron({
  state: { v: 0 },
  params: { tauMem: 10, vThreshold: 1 },
  update: "v' = (i - v)/tauMem",
  spike: 'v > vThreshold',
  reset: 'v -= vThreshold',
});
const pairs = {
  'difference equation': [custom, lif({ beta: 0.9 })],
  'exact, reset in the same step': [
    exponential,
    lif({ tauMem: 10, inputScale: 'one-minus-beta', resetTiming: 'same-step' }),
  ],
};
const sizes = [
  // Neurons alone, and behind a projection.
  { steps: 100, batch: 64, channels: 512, hidden: undefined },
  { steps: 100, batch: 64, channels: 200, hidden: 512 },
];

/** The middle of `repeats` times, ms; each call is timed on its own, the two sides taking turns. */
async function times(calls) {
  const taken = calls.map(() => []);
  for (let i = 0; i < repeats + 2; i++) {
    for (const [side, call] of calls.entries()) {
      const start = performance.now();
      await call();
      if (i >= 2) taken[side].push(performance.now() - start);
    }
  }
  return taken.map((all) => all.sort((a, b) => a - b)[all.length >> 1]);
}

for (const [name, [ours, theirs]] of Object.entries(pairs)) {
  for (const { steps, batch, channels, hidden } of sizes) {
    const layers = (layer) => (hidden === undefined ? [layer] : [dense(channels, hidden), layer]);
    const models = [];
    for (const layer of [ours(), theirs]) {
      models.push(await sequential(...layers(layer)).compile({ inputs: channels, seed: 1 }));
    }
    const x = Float32Array.from({ length: steps * batch * channels }, (_, i) => ((i * 7919) % 1000) / 2500);
    const sample = { x, shape: [steps, batch, channels], y: new Uint8Array(batch) };
    const measured = {
      forward: (model) => model.run(sample),
      'training step': (model) => model.trainStep(sample, { loss: loss.crossEntropyRate() }),
    };
    for (const [what, call] of Object.entries(measured)) {
      const [a, b] = await times(models.map((model) => () => call(model)));
      const row = { neuron: name, projection: hidden !== undefined, what, kernels: models.map(kernels) };
      console.log(JSON.stringify({ ...row, customMs: round(a), builtInMs: round(b), ratio: round(a / b) }));
    }
    for (const model of models) model[Symbol.dispose]();
  }
}

function kernels(model) {
  return model.info.layers.every((layer) => layer.native) ? 'compiled' : 'interpreted';
}

function round(x) {
  return Number(x.toPrecision(3));
}
