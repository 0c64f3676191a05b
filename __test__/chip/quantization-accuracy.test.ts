// Accuracy of a trained network on 2,000 held-out digits in 8 and 4 bits, within the bounds of docs/benchmarks/quantization.md, which has larger networks.
import test from 'ava';
import {
  accuracyAgainstSteps,
  convert,
  fitQuantized,
  type IntegerNetwork,
  quantize,
} from '../../src-ts/doors/chip.ts';
import { DataLoader, mnist } from '../../src-ts/doors/data.ts';
import { readOnnx, readTensors } from '../../src-ts/doors/files.ts';
import { adam, loss, type Model } from '../../src-ts/index.ts';
import { ann } from '../support/ann.ts';

const steps = 16;

/** The digits of the fixtures, in the order of their split. */
async function digits() {
  const { images, labels } = await mnist();
  const { tensors } = await readTensors(ann('split.npy'));
  const order = Array.from([...tensors.values()][0]!.data as ArrayLike<number>, Number);
  const part = (indices: readonly number[]) => {
    const x = new Float32Array(indices.length * 784);
    indices.forEach((at, i) => {
      x.set(images.subarray(at * 784, (at + 1) * 784), i * 784);
    });
    return { x, y: Uint8Array.from(indices, (at) => labels[at]!), shape: [indices.length, 784] };
  };
  return { train: part(order.slice(0, 8000)), held: part(order.slice(8000)) };
}

/** Samples whose largest sum of outputs is that of their label. */
async function correctOf(
  network: IntegerNetwork,
  samples: { x: Float32Array; y: Uint8Array; shape: number[] },
): Promise<number> {
  const { v, shape } = await network.run(samples, { steps });
  const [, batch, outputs] = shape;
  const units = network.tensors.units[network.description.layers.at(-1)!.name]!;
  let correct = 0;
  for (let sample = 0; sample < batch; sample++) {
    const sums = new Float64Array(outputs);
    for (let step = 0; step < steps; step++)
      for (let k = 0; k < outputs; k++) sums[k]! += v[(step * batch + sample) * outputs + k]! * units[k]!;
    if (sums.indexOf(Math.max(...sums)) === samples.y[sample]) correct++;
  }
  return correct;
}

test('8 bits lose at most 0.3 points, and 4 bits that were trained for at most 1 point, of 2,000 held-out digits', async (t) => {
  const { train, held: testData } = await digits();
  const trained = await (await readOnnx(ann('small_mlp.inline.onnx'))).compile();
  const some = { x: train.x.subarray(0, 1000 * 784), shape: [1000, 784] };
  const spiking = await convert(trained, { data: { x: train.x, shape: train.shape }, steps });
  const { ann: reference, correct } = await accuracyAgainstSteps(spiking, testData, {
    steps: [steps],
    ann: trained,
  });
  // What torch counted.
  t.is(reference!.correct, 1820);
  const quantized = async (model: Model, weightBits: number) =>
    correctOf((await quantize(model, { weightBits, calibration: some, steps })).network, testData);
  const eight = await quantized(spiking.model, 8);
  await fitQuantized(
    spiking.model,
    new DataLoader(train, { batchSize: 64, shuffle: true, seed: 1 }),
    {
      steps,
      epochs: 1,
      loss: loss.crossEntropyMeanMembrane(),
      optimizer: adam({ lr: 3e-4 }),
      schedule: { kind: 'cosine', period: 125 },
      scheduleBy: 'step',
    },
    { weightBits: 4 },
  );
  const four = await quantized(spiking.model, 4);
  t.log(`artificial network ${reference!.correct}, spikes ${correct}, 8 bits ${eight}, 4 bits ${four}`);
  t.true(eight >= reference!.correct - 6, `${eight}`);
  t.true(four >= reference!.correct - 20, `${four}`);
});
