/** Quantization of models: the integer network does what the model does, within what its bits allow; what cannot be done is refused. */
import test from 'ava';
import { fitQuantized, integerNetwork, quantize } from '../../src-ts/doors/chip.ts';
import { cubaLif, integrateAndFire, li, lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  avgPool2d,
  conv2d,
  dense,
  input,
  LapicqueError,
  type Layer,
  loss,
  type Model,
  sequential,
} from '../../src-ts/index.ts';

const layered = sequential as (...layers: Layer[]) => { compile(options?: object): Promise<Model> };

/** Numbers in [0, 1). */
function random(seed: number) {
  let state = BigInt(seed) + 7n;
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return Number(state >> 33n) / 2 ** 31;
  };
}

function spikes(steps: number, batch: number, channels: number, share: number, seed = 1) {
  const draw = random(seed);
  const x = Uint8Array.from({ length: steps * batch * channels }, () => (draw() < share ? 1 : 0));
  return { x, shape: [steps, batch, channels] };
}

/** A model whose numbers are whole in units of 1/64: an integer network can do exactly what it does. */
async function exact(layers: Layer[], seed = 2): Promise<Model> {
  const model = await layered(...layers).compile({ precision: 'f64' });
  const draw = random(seed);
  const weights = Object.fromEntries(
    model.info.parameters.map(({ name, shape }) => {
      const n = shape.reduce((a, b) => a * b, 1);
      const values = Float64Array.from({ length: n }, () => Math.floor(draw() * 129 - 64) / 64);
      // So that the unit of every row is 1/64.
      if (name.endsWith('weight')) {
        const width = n / shape[0]!;
        for (let row = 0; row < n; row += width) values[row] = 127 / 64;
      }
      return [name, values];
    }),
  );
  await model.setWeights(weights);
  return model;
}

const exactNetworks: Readonly<Record<string, Layer[]>> = {
  'integrate and fire, a reset in the next step': [
    dense(20, 12),
    integrateAndFire({ vThreshold: 4 }),
    dense(12, 5),
    integrateAndFire({ vThreshold: 2 }),
  ],
  'no memory and no leak, reset to a value at once': [
    dense(20, 12, { bias: false }),
    lif({ beta: 0, vThreshold: 3, reset: 'value', resetTiming: 'same-step', vReset: 0.25 }),
    dense(12, 5, { bias: false }),
    lif({ beta: 1, vThreshold: 2.5, compare: '>=' }),
  ],
  'recurrence, a current, a readout without spikes': [
    dense(20, 12),
    cubaLif({ alpha: 0, beta: 1, vThreshold: 6, recurrent: { kind: 'dense', bias: false } }),
    dense(12, 4),
    li({ beta: 1 }),
  ],
  'an image': [
    input(2, 6, 6),
    conv2d(2, 3, 3, { padding: 1 }),
    integrateAndFire({ vThreshold: 5 }),
    dense(108, 4),
    integrateAndFire({ vThreshold: 4 }),
  ],
};

for (const [name, layers] of Object.entries(exactNetworks)) {
  test(`where all numbers are whole in units of the weights, spikes and potentials are those of the model: ${name}`, async (t) => {
    const model = await exact(layers);
    const channels = model.description.input.size;
    const batch = spikes(30, 3, channels, 0.2);
    const record = model.info.layers.flatMap(({ name, spiking }) => [
      `${name}.v`,
      ...(spiking ? [`${name}.spikes`] : []),
    ]);
    const float = await model.run(batch, { record });
    const { network, report } = await quantize(model, { target: 'int8', calibration: batch });
    const whole = await network.run(batch, { record });
    for (const name of record) {
      const layer = name.slice(0, name.lastIndexOf('.'));
      const units = network.tensors.units[layer]!;
      const got = Float64Array.from(whole.recordings[name]!, (x, i) =>
        name.endsWith('.v') ? x * units[i % units.length]! : x,
      );
      t.deepEqual(got, Float64Array.from(float.recordings[name]!), name);
    }
    t.true(
      report.layers.every(
        ({ weightError, saturated, decayError }) =>
          weightError < 1e-12 && saturated === 0 && decayError === 0,
      ),
    );
    t.true(report.layers[0]!.spikes.integer > 20);
  });
}

test('states of an ordinary model stay near those of the model, nearer with more bits', async (t) => {
  const model = await layered(dense(40, 60), lif({ beta: 0.9 }), dense(60, 10), li({ beta: 0.95 })).compile();
  const batch = spikes(40, 6, 40, 0.3);
  const float = await model.run(batch);
  const errors: number[] = [];
  for (const options of [{ weightBits: 8 }, { weightBits: 4 }, { weightBits: 2 }]) {
    const { network, report } = await quantize(model, { calibration: batch, ...options });
    const { v } = await network.run(batch);
    const units = network.tensors.units.li1!;
    let [wrong, all] = [0, 0];
    v.forEach((x, i) => {
      wrong += (x * units[i % 10]! - float.v[i]!) ** 2;
      all += float.v[i]! ** 2;
    });
    errors.push(Math.sqrt(wrong / all));
    t.is(report.layers[0]!.weightBits, options.weightBits);
  }
  t.true(errors[0]! < 0.1 && errors[0]! < errors[1]! && errors[1]! < errors[2]!, `${errors}`);
});

test('pools between convolutions are part of the next layer', async (t) => {
  const model = await layered(
    input(1, 8, 8),
    conv2d(1, 4, 3),
    lif({ beta: 0.8, vThreshold: 0.4 }),
    avgPool2d(2),
    conv2d(4, 3, 2),
    lif({ beta: 0.8, vThreshold: 0.2 }),
    avgPool2d(2),
    dense(3, 2),
    li({ beta: 0.9 }),
  ).compile();
  const draw = random(3);
  const values = { x: Float32Array.from({ length: 5 * 64 }, draw), shape: [5, 1, 8, 8] };
  const { network, report } = await quantize(model, { calibration: values, steps: 20 });
  t.true(report.input.scale > 0.003 && report.input.scale < 0.004 && report.input.maxCount === 255);
  const float = await model.run(values, { steps: 20 });
  const { v } = await network.run(values, { steps: 20 });
  const units = network.tensors.units.li1!;
  const largest = Math.max(...Array.from(float.v, Math.abs));
  const worst = v.reduce((a, x, i) => Math.max(a, Math.abs(x * units[i % 2]! - float.v[i]!)), 0);
  t.true(worst < 0.25 * largest, `${worst} of ${largest}`);
  t.true(report.layers[1]!.spikes.model > 50);
});

test('a decay by shift is that of every target that asks for it, and the report says how near it is', async (t) => {
  const layers = [dense(30, 40), cubaLif({ alpha: 0.75, beta: 0.9 }), dense(40, 8), lif({ beta: 0.9375 })];
  const model = await layered(...layers).compile();
  const batch = spikes(60, 4, 30, 0.2);
  const { network, report } = await quantize(model, { calibration: batch, decay: 'shift' });
  const [first, second] = network.description.layers;
  t.deepEqual(first!.rules.vDecay, { kind: 'shift', atLeastOne: true });
  t.deepEqual(first!.rules.currentDecay, { kind: 'shift', atLeastOne: true });
  const { parameters } = network.tensors;
  // 1 - 2^-3 is nearest to 0.9, 1 - 2^-2 is 0.75, 1 - 2^-4 is 0.9375.
  t.deepEqual(new Set(parameters[first!.name]!.vDecay), new Set([3]));
  t.deepEqual(new Set(parameters[first!.name]!.currentDecay), new Set([2]));
  t.deepEqual(new Set(parameters[second!.name]!.vDecay), new Set([4]));
  t.true(Math.abs(report.layers[0]!.decayError - 0.025) < 1e-9 && report.layers[1]!.decayError < 1e-9);
  // A membrane without decay has none by shift, either.
  const still = await layered(dense(3, 2), integrateAndFire()).compile();
  const own = await quantize(still, { calibration: spikes(9, 1, 3, 0.5), decay: 'shift' });
  t.deepEqual(own.network.description.layers[0]!.rules.vDecay, { kind: 'none' });
  await t.throwsAsync(quantize(model, { calibration: batch, decay: 'half' as never }), { message: /decay/ });
});

test('states of 8 to 24 bits keep within them, and more bits are nearer', async (t) => {
  const model = await layered(dense(6, 5, { bias: false }), li({ beta: 0.5 })).compile({ seed: 2 });
  const batch = spikes(200, 2, 6, 0.4);
  const { v: float } = await model.run(batch);
  const errors: number[] = [];
  for (const vBits of [8, 11, 16, 20, 24]) {
    const { network, report } = await quantize(model, { calibration: batch, weightBits: 4, vBits });
    t.is(report.layers[0]!.vBits, vBits);
    const { v } = await network.run(batch);
    t.true(v.every((x) => x >= -(2 ** (vBits - 1)) && x < 2 ** (vBits - 1)));
    // Beside exact arithmetic with the same weights.
    const units = network.tensors.units.li1!;
    const [connection] = network.description.layers[0]!.connections;
    const weights = network.tensors.weights[connection!.name]!;
    let worst = 0;
    for (let sample = 0; sample < 2; sample++) {
      const state = new Float64Array(5);
      for (let step = 0; step < 200; step++) {
        const row = 2 * step + sample;
        for (let j = 0; j < 5; j++) {
          state[j]! *= 0.5;
          for (let i = 0; i < 6; i++)
            state[j]! += batch.x[row * 6 + i]! * weights[j * 6 + i]! * 2 ** connection!.shift * units[j]!;
          worst = Math.max(worst, Math.abs(v[row * 5 + j]! * units[j]! - state[j]!));
        }
      }
    }
    errors.push(worst);
  }
  const largest = Float64Array.from(float).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  t.true(errors[0]! < 0.1 * largest, `${errors} of ${largest}`);
  errors.slice(1).forEach((error, i) => {
    t.true(error <= errors[i]!, `${errors}`);
  });
  t.true(errors.at(-1)! < 1e-4 * largest, `${errors} of ${largest}`);
});

test('data beyond those of the calibration saturate, and saturation says how much', async (t) => {
  const weak = { x: new Float32Array(40 * 4).fill(0.01), shape: [40, 1, 4] };
  const strong = { x: new Float32Array(40 * 4).fill(1), shape: [40, 1, 4] };
  const small = await layered(dense(4, 3), cubaLif({ alpha: 0.9, beta: 0.95, vThreshold: 0.5 })).compile();
  await small.setWeights({
    'dense1.weight': new Float32Array(12).fill(0.5),
    'dense1.bias': new Float32Array(3),
  });
  const { network, report } = await quantize(small, { calibration: weak });
  t.true(report.layers.every(({ saturated }) => saturated === 0));
  const within = await network.saturation(weak);
  t.is(within.input, 0);
  t.deepEqual(within.layers, [{ name: 'cubaLif1', v: 0, currents: 0 }]);
  const beyond = await network.saturation(strong);
  // Every value is clipped to the largest of the calibration.
  t.is(beyond.input, 1);
  // Counts are clipped too, and here v reaches its limit.
  const counted = await integerNetwork({
    target: 'int8',
    input: { size: 1, maxCount: 2, signed: false },
    layers: [
      {
        name: 'a',
        neurons: 1,
        rules: { vBits: 8, spiking: false, vDecay: { kind: 'none' } },
        connections: [{ from: 'input', weights: Int8Array.of(100) }],
      },
    ],
  });
  t.deepEqual(await counted.saturation({ x: Uint8Array.of(0, 1, 2, 3), shape: [4, 1, 1] }), {
    input: 0.25,
    // 0, 100, 127, 127
    layers: [{ name: 'a', v: 0.5, currents: 0 }],
  });
});

test('chips have their own rules, and every one of their numbers is in range', async (t) => {
  const model = await layered(
    dense(30, 40),
    cubaLif({ alpha: 0.75, beta: 0.9375 }),
    dense(40, 8),
    cubaLif({ alpha: 0.75, beta: 0.9375 }),
  ).compile();
  const batch = spikes(60, 4, 30, 0.2);
  for (const target of ['xylo', 'loihi'] as const) {
    const { network, report } = await quantize(model, { target, calibration: batch });
    const [hidden] = network.description.layers;
    t.is(hidden!.rules.resetTiming, 'same-step');
    t.is(network.description.layers[1]!.connections[0]!.delay, target === 'xylo' ? 1 : 0);
    const [layer] = report.layers;
    t.true(layer!.decayError < 0.001, `${layer!.decayError}`);
    t.true(
      layer!.spikes.integer > 0.5 * layer!.spikes.model && layer!.spikes.integer < 2 * layer!.spikes.model,
      `${target} ${JSON.stringify(layer!.spikes)}`,
    );
  }
});

test('bits that are too few, empty data and what integers do not have are refused', async (t) => {
  const model = await layered(dense(4, 3), lif({ beta: 0.9, vThreshold: 3 })).compile();
  const calibration = spikes(10, 2, 4, 0.5);
  const refused = async (made: Promise<unknown>, code: string, message: RegExp) => {
    const error = await t.throwsAsync(made, { instanceOf: LapicqueError, message });
    t.is((error as LapicqueError).code, code as never);
  };
  const tooFewBits = await t.throwsAsync(quantize(model, { calibration, vBits: 8 }), {
    message: /lif1\.vBits.*at least \d+ bits/,
  });
  const needed = Number(tooFewBits!.message.match(/at least (\d+) bits/)![1]);
  await t.notThrowsAsync(quantize(model, { calibration, vBits: needed }));
  await refused(quantize(model, { calibration, vBits: needed - 1 }), 'invalid-parameter', /vBits/);
  const cuba = await layered(dense(4, 3), cubaLif({ alpha: 0.9, beta: 0.9 })).compile();
  await refused(
    quantize(cuba, { calibration, currentBits: 8 }),
    'invalid-parameter',
    /cubaLif1\.currentBits.*at least \d+ bits/,
  );
  await refused(quantize(model, { calibration: [] }), 'invalid-parameter', /calibration/);
  await refused(
    quantize(model, { calibration: { x: new Float32Array(0), shape: [0, 1, 4] } }),
    'invalid-parameter',
    /calibration/,
  );
  await refused(quantize(model, { calibration, target: 'pentium' as never }), 'unknown-name', /pentium/);
  const others: [Layer[], RegExp][] = [
    [[dense(4, 3), lif({ beta: 0.9, refractorySteps: 2 })], /lif1.*refractorySteps/],
  ];
  for (const [layers, message] of others) {
    const other = await layered(...layers).compile();
    await refused(quantize(other, { calibration }), 'unsupported', message);
  }
});

test('training for two bits finds weights that two bits can have; weights in full precision do not round to them', async (t) => {
  const batch = { ...spikes(12, 256, 16, 0.3, 5), y: new Uint32Array(256) };
  // The class is the quarter with most spikes.
  for (let sample = 0; sample < 256; sample++) {
    const sums = [0, 0, 0, 0];
    for (let step = 0; step < 12; step++)
      for (let i = 0; i < 16; i++) sums[i >> 2]! += batch.x[(step * 256 + sample) * 16 + i]!;
    batch.y[sample] = sums.indexOf(Math.max(...sums));
  }
  const network = layered(dense(16, 24), lif({ beta: 0.9 }), dense(24, 4), li({ beta: 0.95 }));
  const options = { epochs: 60, loss: loss.crossEntropyMeanMembrane(), optimizer: adam({ lr: 0.02 }) };
  const data = [batch];
  const lossOf = async (model: Model) => {
    const { network } = await quantize(model, { weightBits: 2, calibration: batch });
    const { v, shape } = await network.run(batch);
    const units = network.tensors.units.li1!;
    const [steps, samples, classes] = shape;
    let right = 0;
    for (let sample = 0; sample < samples; sample++) {
      const mean = new Float64Array(classes);
      for (let step = 0; step < steps; step++)
        for (let k = 0; k < classes; k++) mean[k]! += v[(step * samples + sample) * classes + k]! * units[k]!;
      if (mean.indexOf(Math.max(...mean)) === batch.y[sample]) right++;
    }
    return right;
  };
  const plain = await network.compile({ seed: 3 });
  await plain.fit(data, options);
  const aware = await network.compile({ seed: 3 });
  const seen: unknown[] = [];
  await fitQuantized(
    aware,
    data,
    { ...options, callbacks: { onEpoch: (_, model) => void seen.push(model) } },
    { weightBits: 2 },
  );
  t.is(seen[0], aware);
  t.is(aware.updates, plain.updates);
  const [rounded, trained] = [await lossOf(plain), await lossOf(aware)];
  t.log(`right of 256: rounded after training ${rounded}, trained for it ${trained}`);
  t.true(trained > rounded + 10, `${trained} of 256, and ${rounded} without`);
  // The weights themselves are in full precision.
  const weights = (await aware.weights())['dense1.weight']!;
  t.true(new Set(weights).size > 300);
});
