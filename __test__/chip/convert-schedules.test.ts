// Accumulate, then fire: the spike counts of every unit are the integers of the quantized network, exactly.
import test from 'ava';
import { convert } from '../../src-ts/doors/chip.ts';
import { type NodeSpec, readOnnx, readTensors } from '../../src-ts/doors/files.ts';
import { qcfs, rateUnit } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  batchNorm,
  concat,
  conv2d,
  dense,
  flatten,
  input,
  type Layer,
  type Model,
  maxPool2d,
  type Network,
  residual,
  sequential,
} from '../../src-ts/index.ts';
import { ann } from '../support/ann.ts';
import { deviation, uniform } from '../support/numbers.ts';

const digits = readTensors(ann('digits100.safetensors')).then(({ tensors }) => ({
  x: tensors.get('input')!.data as Float32Array,
  shape: [100, 784],
}));

/** Spike counts `[samples, neurons]` of a population that spikes within a run of samples. */
async function countsOf(
  network: Awaited<ReturnType<typeof convert>>,
  samples: { x: Float32Array | Float64Array; shape: readonly number[] },
  population: string,
): Promise<Float64Array> {
  const { input: sequence, options } = network.input(samples);
  const name = `${population}.spikes`;
  const { recordings, shapes } = await network.model.run(sequence, { ...options, record: [name] });
  const [time, batch, neurons] = shapes[name]!;
  const counts = new Float64Array(batch * neurons);
  const spikes = recordings[name]!;
  for (let i = 0; i < time * batch * neurons; i++) counts[i % counts.length]! += spikes[i]!;
  return counts;
}

for (const file of ['small_qcfs.onnx', 'small_qcfs.legacy.onnx'])
  test(`counts of ${file} are torch's levels`, async (t) => {
    const model = await (await readOnnx(ann(file))).compile();
    const samples = await digits;
    const network = await convert(model, { data: samples, steps: 8, schedule: 'accumulate' });
    t.is(network.totalSteps, 16);
    t.is(network.report.method, 'learned');
    const [layer] = network.report.populations;
    const { tensors } = await readTensors(ann('small_qcfs.expected.safetensors'));
    const levels = Array.from(tensors.get('levels1')!.data as ArrayLike<number>, Number);
    t.deepEqual(Array.from(await countsOf(network, samples, layer!.layer)), levels);
    // The logits are those of torch: sums of T steps, so divided by T.
    const logits = tensors.get('logits_float64')!.data as Float64Array;
    t.true(
      deviation(
        (await network.outputs(samples)).map((sum) => sum / 8),
        logits,
      ) < 1e-5,
    );
  });

for (const T of [4, 8, 16])
  test(`counts of a deep dense network at T = ${T} are those computed by hand`, async (t) => {
    const sizes = [20, 30, 25, 15];
    const layers: Layer[] = sizes.slice(1).flatMap((size, k) => [
      dense(sizes[k]!, size),
      qcfs({
        levels: T,
        theta: Array.from({ length: size }, (_, i) => 0.3 + ((i * 7) % 5) / 5 / (k + 1)),
        trainable: false,
      }),
    ]);
    const model = await sequential(input(20), ...layers, dense(15, 3), rateUnit()).compile({
      precision: 'f64',
      seed: T,
    });
    const samples = { x: Float64Array.from(uniform(64 * 20, 5, 0, 1)), shape: [64, 20] };
    const network = await convert(model, { data: samples, steps: T, schedule: 'accumulate' });
    const weights = await model.weights();
    let values = samples.x;
    for (let k = 0; k < 3; k++) {
      const [W, b] = [weights[`dense${k + 1}.weight`]!, weights[`dense${k + 1}.bias`]!];
      const [from, to] = [sizes[k]!, sizes[k + 1]!];
      const theta = (i: number) => 0.3 + ((i * 7) % 5) / 5 / (k + 1);
      const levels = Float64Array.from({ length: 64 * to }, (_, at) => {
        const [sample, i] = [Math.floor(at / to), at % to];
        let z = b[i]!;
        for (let j = 0; j < from; j++) z += W[i * from + j]! * values[sample * from + j]!;
        return Math.min(T, Math.max(0, Math.floor((z * T) / theta(i) + 0.5)));
      });
      t.deepEqual(await countsOf(network, samples, `qcfs${k + 1}`), levels, `layer ${k + 1}`);
      values = levels.map((level, at) => (level * theta(at % to)) / T);
    }
    const { v } = await model.run({ ...samples, shape: [1, 64, 20] });
    t.true(
      deviation(
        (await network.outputs(samples)).map((sum) => sum / T),
        v,
      ) < 1e-12,
    );
  });

/** Convolutions with norms in all places, pools, residual branches of spikes and of currents, and joined channels. */
function convolutional(T: number): Network {
  const activation = (theta: number | number[]) => qcfs({ levels: T, theta, trainable: false });
  return sequential(
    input(2, 9, 9),
    conv2d(2, 6, 3, { padding: 1 }),
    batchNorm(),
    maxPool2d(3, { stride: 2, padding: 1 }),
    activation([0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
    residual([
      conv2d(6, 6, 3, { padding: 1, groups: 2, bias: false }),
      batchNorm(),
      activation(0.5),
      conv2d(6, 6, 1),
    ]),
    activation([0.9, 0.8, 0.7, 0.6, 0.5, 0.4]),
    batchNorm(),
    concat([conv2d(6, 4, 3)], [avgPool2d(3, { stride: 1 }), conv2d(6, 2, 1)]),
    activation([0.3, 0.4, 0.5, 0.6, 0.7, 0.8]),
    maxPool2d(2, { stride: 1 }),
    flatten(),
    dense(24, 12),
    batchNorm(),
    activation(0.6),
    dense(12, 5),
    rateUnit(),
  );
}

type Dynamics = Extract<NodeSpec, { kind: 'dynamics' }>;

/** Weights and running averages that are no round numbers. */
async function shaken(model: Model, seed: number): Promise<void> {
  const weights = await model.weights();
  for (const [k, [name, values]] of Object.entries(weights).entries()) {
    const spread = uniform(values.length, seed + k, -1, 1);
    const isPositive = name.endsWith('runningVariance');
    for (let i = 0; i < values.length; i++)
      values[i]! += isPositive ? 0.5 + 0.4 * spread[i]! : 0.2 * spread[i]!;
  }
  await model.setWeights(weights);
}

for (const T of [4, 8, 16])
  test(`counts of a convolutional network with branches and pools at T = ${T} are the quantized network's`, async (t) => {
    const model = await convolutional(T).compile({ precision: 'f64', seed: 3 });
    await shaken(model, 10);
    const samples = { x: Float64Array.from(uniform(10 * 162, 7, 0, 1)), shape: [10, 2, 9, 9] };
    const network = await convert(model, { data: samples, steps: T, schedule: 'accumulate' });
    t.true(network.report.folding < 1e-12);
    const populations = network.report.populations.map(({ layer }) => layer);
    t.is(populations.length, 5);
    for (const name of populations.slice(1)) {
      const node = model.description.nodes.find((one) => one.name === name) as Dynamics;
      const theta = node.dynamics.params.theta!;
      const { recordings } = await model.run(samples, { steps: 1, record: [`${name}.v`] });
      const values = recordings[`${name}.v`]!;
      const size = values.length / 10;
      const levels = Float64Array.from(values, (value, i) => {
        const own = typeof theta === 'number' ? theta : theta[i % size]!;
        return Math.round((value * T) / own);
      });
      t.deepEqual(await countsOf(network, samples, name), levels, name);
      t.true(levels.some((level) => level > 0) && new Set(levels).size > 2, name);
    }
    // The pool of the first population is in front of it in the quantized network; the logits see it.
    const { v } = await model.run(samples, { steps: 1 });
    t.true(
      deviation(
        (await network.outputs(samples)).map((sum) => sum / T),
        v,
      ) < 1e-10,
    );
  });
