// From a network trained in torch to spikes: weights of a .pth file, a conversion without training, accuracy against steps, a figure.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import {
  accuracyAgainstSteps,
  avgPool2d,
  batchNorm,
  conv2d,
  convert,
  dense,
  flatten,
  input,
  Model,
  mnist,
  rateUnit,
  readTensors,
  relu,
  sequential,
  writeReport,
} from 'lapicque';

const folder = '__test__/fixtures/ann';

// The trained network: 100 digits that it has not seen, and their labels.
const ann = await sequential(
  input(1, 28, 28),
  ...[conv2d(1, 12, 5, { name: 'conv1' }), batchNorm({ name: 'bn1' }), relu(), avgPool2d(2)],
  ...[conv2d(12, 64, 5, { name: 'conv2' }), batchNorm({ name: 'bn2' }), relu(), avgPool2d(2)],
  ...[flatten(), dense(1024, 10, { name: 'fc' }), rateUnit()],
).compile();
await ann.importWeights(`${folder}/conv.pth`);
const digits = (await readTensors(`${folder}/digits100.safetensors`)).tensors;
const test = {
  x: digits.get('input').data,
  shape: [100, 784],
  y: Uint8Array.from(digits.get('label').data, Number),
};

// The conversion: some digits say how active each channel is; no label and no training is needed.
const { images } = await mnist();
const some = Array.from({ length: 500 }, (_, i) => images.subarray(20 * i * 784, (20 * i + 1) * 784));
const calibration = new Float32Array(500 * 784);
some.forEach((image, i) => {
  calibration.set(image, i * 784);
});
const spiking = await convert(ann, { data: { x: calibration, shape: [500, 784] }, steps: 16 });
for (const { layer, kind, became } of spiking.report.layers) console.log(`${layer} (${kind}): ${became}`);
for (const { layer, error, saturated, dead, neurons } of spiking.report.populations)
  console.log(
    `${layer}: error ${(100 * error).toFixed(1)} %, ${(100 * saturated).toFixed(2)} % saturated, ${dead} of ${neurons} dead`,
  );

// Accuracy after 1, 2, 4 … steps from one run, beside that of the artificial network.
const curve = await accuracyAgainstSteps(spiking, test, { steps: [1, 2, 4, 8, 16, 32], ann });
curve.steps.forEach((steps, i) => {
  console.log(`${steps} steps: ${curve.correct[i]} of ${curve.samples}`);
});
const [figure] = await writeReport('build/ann-to-chip', { title: 'From an ANN to spikes', steps: curve });
assert(curve.correct.at(-1) >= curve.ann.correct - 2);

// The spiking network is a model like any other: it is saved, and streams step by step.
mkdirSync('build', { recursive: true });
await spiking.model.save('build/ann-to-chip/spiking.safetensors');
const loaded = await Model.load('build/ann-to-chip/spiking.safetensors');
const session = await loaded.session();
const logits = new Float32Array(10);
for (let step = 0; step < 16; step++) {
  session.push(test.x.subarray(0, 784));
  session.membrane().forEach((value, label) => {
    logits[label] += value;
  });
}
assert.equal(logits.indexOf(Math.max(...logits)), (await spiking.predict(test))[0]);

console.log(`ANN ${curve.ann.correct} of 100, spikes ${curve.correct[4]} of 100 in 16 steps: ${figure}`);
