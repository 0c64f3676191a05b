// Trains a spiking network on real handwritten digits and shows what it does: `npm start`, or `npm start -- SEED`.
import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adam, dense, loss, Model, progressBar, sequential } from 'lapicque';
import { operations } from 'lapicque/chip';
import { DataLoader, encode, mnist } from 'lapicque/data';
import { log } from 'lapicque/figure';
import { lif, surrogate } from 'lapicque/neurons';
import { writeDigitReport } from '../support/digit-report.mjs';
import { microjoules, millions, percent, sum, whole } from '../support/numbers.mjs';

const seed = Number(process.argv[2] ?? 0);
const folder = fileURLToPath(new URL('../../report', import.meta.url));
const steps = 25;

// Data: 8,000 digits to learn from, 2,000 that training never sees. A pixel's brightness is the probability of a
// spike at each step, drawn anew for every batch; the seed decides every draw. Without seed and stream a loader's
// encoders draw by seed, epoch and sample.
const { train, test } = (await mnist()).split(seed);
const spikes = async ({ x, y, shape }, stream) => ({
  ...(await encode.rate({ x, shape }, { steps, seed, stream })),
  y,
});
const training = new DataLoader(train, {
  batchSize: 128,
  shuffle: true,
  seed,
  transform: (digits, { epoch, batch }) => spikes(digits, epoch * 1000 + batch),
});
const heldOut = new DataLoader(test, {
  batchSize: 250,
  transform: (digits, { batch }) => spikes(digits, 1e6 + batch),
});

// Model: leaky integrate-and-fire neurons that keep 90 % of their potential from step to step.
const neuron = { beta: 0.9, surrogate: surrogate.fastSigmoid({ slope: 2 }) };
const network = sequential(dense(784, 1000), lif(neuron), dense(1000, 10), lif(neuron));
const model = await network.compile({ seed });
console.log(`${model.summary()}\n`);

// Training: the right output neuron is to fire at 80 % of the steps, the others at 10 %.
const objective = loss.meanSquaredCount({ correctRate: 0.8, incorrectRate: 0.1 });
const epochs = 6;
// The viewer shows this log while it is written: the curves, the spikes of the layers, their silent neurons, the weights.
await mkdir(folder, { recursive: true });
const logFile = join(folder, 'training.jsonl');
await rm(logFile, { force: true });
const logs = log.jsonl(logFile, { activity: true, weights: true });
console.log(`To watch it live, in another terminal: npx lapicque view ${relative('.', logFile)}\n`);
const began = performance.now();
const { history } = await model.fit(training, {
  epochs,
  loss: objective,
  optimizer: adam({ lr: 2e-3 }),
  schedule: { kind: 'cosine', period: epochs * training.length, minFactor: 0.05 },
  scheduleBy: 'step',
  validation: heldOut,
  onProgress: progressBar('training'),
  callbacks: logs,
});
await logs.close();
const seconds = (performance.now() - began) / 1000;

// What it has learned, and what one digit costs.
const result = await model.evaluate(heldOut, { loss: objective });
const some = await spikes(digits(test, 0, 250), 1e6);
const cost = await operations(model, some);
const { joules, denseJoules, model: assumed } = cost.energy;

// A saved model is the same model: the outputs of the loaded one are bit-identical.
const file = join(folder, 'digits.safetensors');
await model.save(file);
const loaded = await Model.load(file);
const [before, after] = [await model.run(some), await loaded.run(some)];
assert.deepEqual([after.spikes, after.v], [before.spikes, before.v], 'the loaded model has other outputs');

const figures = {
  'Test accuracy': percent(result.accuracy),
  'Spikes per digit': `${whole(sum(result.spikesPerSample))} in the network, ${whole(result.inputEventsPerSample)} into it`,
  'Synaptic operations per digit': `${millions(cost.effectiveAcs)} additions; dense ${millions(cost.dense)} multiply-adds`,
  'Energy per digit (estimate)': `${microjoules(joules)}; dense ${microjoules(denseJoules)}, ${whole(denseJoules / joules)} times as much`,
  'Training time': `${seconds.toFixed(1)} s for ${epochs} epochs of ${whole(training.samples)} digits, with validation`,
  'Saved, loaded again': `${relative('.', file)}, outputs identical`,
};
for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(31)}${value}`);
console.log(`\nOperations and energy are means over ${some.y.length} held-out digits. The estimate assumes:`);
for (const assumption of assumed.assumptions) console.log(`- ${assumption}`);

const shown = digits(test, firstInside(test), 1);
const [page] = await writeDigitReport(folder, {
  model,
  history,
  seconds,
  result,
  cost,
  samplesOfCost: some.y.length,
  digit: shown,
  input: await spikes(shown, 2e6),
});
console.log(`\nReport: ${relative('.', page)}`);
console.log(`test accuracy ${percent(result.accuracy)}`);

function digits({ x, y }, first, count) {
  return {
    x: x.subarray(first * 784, (first + count) * 784),
    y: y.subarray(first, first + count),
    shape: [count, 784],
  };
}

/** The first digit that leaves two pixels free at every edge of its image: some of MNIST's are cut. */
function firstInside({ x, y }) {
  const isAtEdge = (pixel) => [pixel % 28, Math.floor(pixel / 28)].some((at) => at < 2 || at > 25);
  return y.findIndex((_, i) =>
    x.subarray(i * 784, (i + 1) * 784).every((value, pixel) => value === 0 || !isAtEdge(pixel)),
  );
}
