/** Graphs beyond chains of layers in integers: residual branches, max pools, batch norms, groups. Where all numbers are whole, exactly what the model does. */
import test from 'ava';
import { convert, quantize } from '../../src-ts/doors/chip.ts';
import { integrateAndFire, li, lif, rateUnit, relu } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  input,
  type Layer,
  type Model,
  maxPool2d,
  residual,
  sequential,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { random, uniform } from '../support/numbers.ts';

const layered = sequential as (...layers: Layer[]) => { compile(options?: object): Promise<Model> };

/** A model whose weights are whole multiples of 1/64 up to 1, and whose batch norms multiply by 1 or 2. */
async function exact(layers: Layer[]): Promise<Model> {
  const model = await layered(...layers).compile({ precision: 'f64' });
  const next = random(5);
  const own: [string, Float64Array][] = [];
  for (const { name, shape } of model.info.parameters) {
    if (name.startsWith('dropout')) continue;
    const n = shape.reduce((a, b) => a * b, 1);
    const values = Float64Array.from({ length: n }, () => Math.floor(next() * 65 - 24) / 64);
    if (name.startsWith('batchNorm')) values.fill(name.endsWith('weight') ? 2 : 0.25);
    // The unit of every layer is then 1/64.
    else if (name.endsWith('weight')) values[0] = 1;
    own.push([name, values]);
  }
  for (const [name, values] of Object.entries(await model.weights()))
    if (name.endsWith('runningVariance')) own.push([name, new Float64Array(values.length).fill(0.5)]);
    else if (name.endsWith('runningMean')) own.push([name, new Float64Array(values.length).fill(0.125)]);
  await model.setWeights(Object.fromEntries(own));
  return model;
}

const fires = (vThreshold: number) => integrateAndFire({ vThreshold });
const same = { padding: 1 } as const;

const networks: Readonly<Record<string, Layer[]>> = {
  'the sum of spikes of two layers': [
    ...[input(2, 6, 6), conv2d(2, 3, 3, same), fires(2)],
    ...[residual([conv2d(3, 3, 3, same), fires(2)]), conv2d(3, 2, 3), fires(3)],
    ...[flatten(), dense(32, 4), fires(2)],
  ],
  'a shortcut of spikes added to the input of neurons': [
    ...[input(2, 6, 6), conv2d(2, 3, 3, same), fires(2)],
    ...[residual([conv2d(3, 3, 3, same)]), fires(3), avgPool2d(2), dense(27, 4), fires(2)],
  ],
  'a shortcut of neurons that are no image': [
    ...[dense(20, 12), fires(3), residual([dense(12, 12)]), fires(3), dense(12, 3), fires(2)],
  ],
  'a shortcut with a convolution and a stride': [
    ...[input(2, 6, 6), conv2d(2, 3, 3, same), fires(2)],
    residual([conv2d(3, 4, 3, { padding: 1, stride: 2 })], [conv2d(3, 4, 1, { stride: 2 })]),
    ...[fires(3), flatten(), dense(36, 3), fires(2)],
  ],
  'max pools in front of a convolution and of a dense layer': [
    ...[input(2, 9, 9), conv2d(2, 3, 3, same), fires(2), maxPool2d(2)],
    ...[conv2d(3, 4, 3, same), fires(2), maxPool2d(2), flatten(), dense(16, 3), fires(2)],
  ],
  'batch norms behind convolutions and dense layers': [
    ...[input(2, 6, 6), conv2d(2, 3, 3, same), batchNorm({ epsilon: 0.5 }), fires(3)],
    ...[dropout(0.3), flatten(), dense(108, 4), batchNorm({ epsilon: 0.5 }), fires(6)],
  ],
  'groups and dilation': [
    ...[input(4, 8, 8), conv2d(4, 6, 3, { groups: 2 }), fires(2)],
    ...[conv2d(6, 2, 3, { dilation: 2 }), fires(2), flatten(), dense(8, 3), fires(1)],
  ],
};

for (const [name, layers] of Object.entries(networks))
  test(`spikes and potentials are those of the model: ${name}`, async (t) => {
    const model = await exact(layers);
    const { size, shape } = model.description.input;
    const next = random(7);
    const x = Uint8Array.from({ length: 24 * 2 * size }, () => (next() < 0.25 ? 1 : 0));
    const batch = { x, shape: [24, 2, ...(shape ?? [size])] };
    const names = model.info.layers.map(({ name }) => name);
    const record = names.flatMap((name) => [`${name}.v`, `${name}.spikes`]);
    const float = await model.run(batch, { record });
    const { network } = await quantize(model, { calibration: batch, scale: 'power-of-two' });
    const whole = await network.run(batch, { record });
    for (const name of names) {
      const units = network.tensors.units[name]!;
      // A power of two.
      t.true(
        units.every((unit) => Number.isInteger(Math.log2(unit))),
        name,
      );
      t.deepEqual(
        Float64Array.from(whole.recordings[`${name}.spikes`]!),
        Float64Array.from(float.recordings[`${name}.spikes`]!),
        name,
      );
      const v = Float64Array.from(
        whole.recordings[`${name}.v`]!,
        (value, i) => value * units[i % units.length]!,
      );
      t.deepEqual(v, Float64Array.from(float.recordings[`${name}.v`]!), name);
    }
    const active = whole.spikes!.reduce((sum, count) => sum + count, 0);
    t.true(active > 5, `${active} spikes`);
    // A session does the same.
    const session = network.session();
    const last = names.at(-1)!;
    const outputs = network.description.layers.at(-1)!.neurons;
    for (let step = 0; step < 24; step++) {
      session.push(x.subarray(step * 2 * size, step * 2 * size + size));
      t.deepEqual(
        session.v(),
        (whole.recordings[`${last}.v`] as Int32Array).slice(step * 2 * outputs, (step * 2 + 1) * outputs),
      );
    }
  });

test('a converted network with max pools and a residual branch is quantized', async (t) => {
  const ann = await layered(
    ...[input(1, 12, 12), conv2d(1, 6, 3, same), relu(), maxPool2d(2)],
    ...[residual([conv2d(6, 6, 3, same), relu()]), conv2d(6, 8, 3), relu(), maxPool2d(2)],
    ...[flatten(), dense(32, 4), rateUnit()],
  ).compile({ seed: 3 });
  const samples = { x: uniform(40 * 144, 4, 0, 1), shape: [40, 144] };
  const spiking = await convert(ann, { data: samples, steps: 24 });
  const { network } = await quantize(spiking.model, { calibration: samples, steps: 24 });
  const pools = network.description.layers.flatMap(({ connections }) =>
    connections.flatMap(({ projection }) => (projection.pool === undefined ? [] : [projection.pooling])),
  );
  t.deepEqual(new Set(pools), new Set(['max-total']));
  const { v, shape } = await network.run(samples, { steps: 24 });
  const expected = await spiking.model.run(samples, { steps: 24 });
  const units = network.tensors.units[network.description.layers.at(-1)!.name]!;
  const sums = (values: ArrayLike<number>, unit: (k: number) => number) => {
    const out = new Float64Array(shape[1] * shape[2]);
    for (let i = 0; i < values.length; i++) out[i % out.length]! += values[i]! * unit(i % shape[2]);
    return out;
  };
  const [whole, real] = [sums(v, (k) => units[k]!), sums(expected.v, () => 1)];
  let [wrong, all] = [0, 0];
  const mean = real.reduce((sum, value) => sum + value, 0) / real.length;
  whole.forEach((value, i) => {
    wrong += (value - real[i]!) ** 2;
    all += (real[i]! - mean) ** 2;
  });
  t.true(Math.sqrt(wrong / all) < 0.1, `${Math.sqrt(wrong / all)}`);
});

test('what has no integers is refused with the name of the layer and what would do', async (t) => {
  const image = [input(1, 6, 6), conv2d(1, 2, 3), lif({ beta: 0.9 })];
  const cases: [Layer[], RegExp][] = [
    [
      [...image, maxPool2d(3, { stride: 1 }), dense(8, 2), lif({ beta: 0.9 })],
      /pool1.*kernel 3 x 3, stride 1 x 1.*would do/,
    ],
    [
      [
        ...image,
        residual([conv2d(2, 2, 3, same), lif({ beta: 0.9 })]),
        maxPool2d(2),
        dense(8, 2),
        lif({ beta: 0.9 }),
      ],
      /pool1: a max pool of a sum.*would do/,
    ],
    [
      [...image, avgPool2d(2), avgPool2d(2), dense(2, 2), lif({ beta: 0.9 })],
      /pool1: a pool in front of another/,
    ],
    [
      [dense(4, 3), li({ beta: 0.9 }), dense(3, 2), lif({ beta: 0.9 })],
      /dense2: its input is the potential of li1/,
    ],
    [[dense(4, 3), dense(3, 2), lif({ beta: 0.9 })], /dense2: its input is dense1, a dense layer/],
  ];
  for (const [layers, message] of cases) {
    const model = await layered(...layers).compile();
    const { size } = model.description.input;
    const calibration = { x: new Uint8Array(5 * size).fill(1), shape: [5, 1, size] };
    const error = await failure(() => quantize(model, { calibration }));
    t.is(error?.code, 'unsupported', `${message}: ${error?.message}`);
    t.regex(error!.message, message);
  }
});
