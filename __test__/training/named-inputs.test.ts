// Graphs with several named inputs: against graphs of one input whose slices are written by hand, and against convolutions of one input.
import test from 'ava';
import { lif } from '../../src-ts/doors/neurons.ts';
import {
  conv2d,
  dense,
  flatten,
  graph,
  input,
  join,
  joinInputs,
  loss,
  Model,
  sequential,
  sgd,
  slice,
  splitInputs,
} from '../../src-ts/index.ts';
import { deviation } from '../support/numbers.ts';

const spikes = (length: number, every: number) =>
  Uint8Array.from({ length }, (_, i) => Number((i * 7 + (i >> 3)) % every === 0));
const reals = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * i));

const [steps, batch] = [5, 3];
const inputs = {
  image: { x: spikes(steps * batch * 2 * 4 * 5, 3), shape: [steps, batch, 2, 4, 5] },
  sound: { x: reals(steps * batch * 6), shape: [steps, batch, 6] },
};
const body = {
  see: conv2d(2, 3, 3, { padding: 1 }),
  pixels: lif({ beta: 0.8, vThreshold: 0.3 }),
  flat: flatten(),
  hear: dense(6, 8),
  cochlea: lif({ beta: 0.9, vThreshold: 0.3 }),
  both: join('concat'),
  out: dense(68, 4),
  last: lif({ beta: 0.9 }),
};
const wires = [
  ['image', 'see'],
  ['see', 'pixels'],
  ['pixels', 'flat'],
  ['sound', 'hear'],
  ['hear', 'cochlea'],
  ['flat', 'both'],
  ['cochlea', 'both'],
  ['both', 'out'],
  ['out', 'last'],
] as const;
const named = () =>
  graph({ inputs: { image: [2, 4, 5], sound: 6 }, nodes: body, edges: wires, output: 'last' });

test('the named inputs are slices of one input', async (t) => {
  const byHand = graph({
    inputs: [46],
    nodes: { image: slice(0, [2, 4, 5]), sound: slice(40, [6]), ...body },
    edges: [['input', 'image'], ['input', 'sound'], ...wires],
    output: 'last',
  });
  t.deepEqual(named().description, byHand.description);
});

test('a batch joins its inputs; each part of the network computes as on its own input', async (t) => {
  using model = await named().compile({ precision: 'f64' });
  const joined = joinInputs(model, inputs);
  t.deepEqual(joined.shape, [steps, batch, 46]);
  t.true(joined.x instanceof Float32Array);
  const { recordings } = await model.run(joined, { record: ['pixels.spikes', 'cochlea.spikes'] });

  using eyes = await sequential(input(2, 4, 5), body.see, body.pixels).compile({ precision: 'f64' });
  using ears = await sequential(body.hear, body.cochlea).compile({ precision: 'f64' });
  const weights = await model.weights();
  await eyes.setWeights({ 'conv1.weight': weights['see.weight']!, 'conv1.bias': weights['see.bias']! });
  await ears.setWeights({ 'dense1.weight': weights['hear.weight']!, 'dense1.bias': weights['hear.bias']! });
  const [seen, heard] = [await eyes.run(inputs.image), await ears.run(inputs.sound)];
  t.true(seen.spikes!.includes(1) && heard.spikes!.includes(1));
  t.deepEqual(recordings['pixels.spikes'], seen.spikes);
  t.deepEqual(recordings['cochlea.spikes'], heard.spikes);
});

test('flat axes, bytes, whole numbers, samples without a batch, and constant inputs are joined', (t) => {
  const network = named();
  const flat = { ...inputs, image: { x: inputs.image.x, shape: [steps, batch, 40] } };
  t.deepEqual(joinInputs(network, flat), joinInputs(network, inputs));
  const bytes = joinInputs(network, {
    image: inputs.image,
    sound: { x: spikes(steps * batch * 6, 2), shape: [steps, batch, 6] },
  });
  t.true(bytes.x instanceof Uint8Array);
  const counts = joinInputs(network, {
    image: { x: new Int32Array(40).fill(2 ** 30 + 1), shape: [1, 2, 4, 5] },
    sound: { x: new Float32Array(6), shape: [1, 6] },
  });
  t.true(counts.x instanceof Float64Array);
  t.is(counts.x[0], 2 ** 30 + 1);
  t.deepEqual(counts.shape, [1, 46]);
});

test('splitInputs is the inverse', (t) => {
  const network = named();
  const split = splitInputs(
    network,
    joinInputs(network, inputs) as { x: Float32Array; shape: readonly number[] },
  );
  t.deepEqual(split.image, { x: Float32Array.from(inputs.image.x), shape: inputs.image.shape });
  t.deepEqual(split.sound, inputs.sound);
});

test('training: gradients of weights and of each input are those of finite differences', async (t) => {
  // Surrogates are not differences of a step: a network whose output is linear in each input.
  using model = await graph({
    inputs: { image: [1, 3, 3], sound: 4 },
    nodes: {
      see: conv2d(1, 2, 2),
      flat: flatten(),
      both: join('concat'),
      out: dense(12, 2),
      last: lif({ beta: 0.9, vThreshold: 1e6 }),
    },
    edges: [
      ['image', 'see'],
      ['see', 'flat'],
      ['flat', 'both'],
      ['sound', 'both'],
      ['both', 'out'],
      ['out', 'last'],
    ],
    output: 'last',
  }).compile({ precision: 'f64' });
  const x = {
    image: { x: Float64Array.from(reals(2 * 2 * 9)), shape: [2, 2, 1, 3, 3] },
    sound: { x: Float64Array.from(reals(2 * 2 * 4)), shape: [2, 2, 4] },
  };
  const y = Uint32Array.of(0, 1);
  const objective = loss.crossEntropyMeanMembrane();
  const batchOf = (given: typeof x) => ({ ...joinInputs(model, given), y });
  const report = await model.trainStep(batchOf(x), { loss: objective, inputGradient: true });
  const gradients = splitInputs(model, { x: report.inputGradient!, shape: [2, 2, 13] });
  for (const name of ['image', 'sound'] as const) {
    t.deepEqual(gradients[name]!.shape, x[name].shape);
    for (let i = 0; i < x[name].x.length; i += 3) {
      const at = async (h: number) => {
        const changed = x[name].x.slice();
        changed[i]! += h;
        const given = { ...x, [name]: { ...x[name], x: changed } };
        return (await model.evaluateStep(batchOf(given), { loss: objective })).loss;
      };
      const slope = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
      t.true(Math.abs(gradients[name]!.x[i]! - slope) < 1e-8, `${name} ${i}`);
    }
  }
  const gradient = (await model.gradients())['see.weight']!;
  const before = (await model.weights())['see.weight']!;
  for (let i = 0; i < before.length; i += 1) {
    const at = async (h: number) => {
      const changed = before.slice();
      changed[i]! += h;
      await model.setWeights({ 'see.weight': changed });
      return (await model.evaluateStep(batchOf(x), { loss: objective })).loss;
    };
    const slope = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
    t.true(Math.abs(gradient[i]! - slope) < 1e-8, `weight ${i}`);
  }
});

test('a session takes the events of each input by name, and equals a run', async (t) => {
  using model = await named().compile();
  const whole = joinInputs(model, inputs);
  const one = {
    x: Float32Array.from(
      { length: steps * 46 },
      (_, i) => whole.x[Math.floor(i / 46) * batch * 46 + (i % 46)]!,
    ),
    shape: [steps, 1, 46],
  };
  const { spikes: expected } = await model.run(one);
  using session = await model.session();
  const got: number[] = [];
  for (let step = 0; step < steps; step += 1) {
    const image = [...one.x.subarray(step * 46, step * 46 + 40)].flatMap((value, i) =>
      value === 1 ? [i] : [],
    );
    const fired = session.push({ image, sound: one.x.slice(step * 46 + 40, (step + 1) * 46) });
    for (let neuron = 0; neuron < 4; neuron += 1) got.push(Number(fired.includes(neuron)));
  }
  t.deepEqual(Uint8Array.from(got), expected);
  // Channels of both inputs.
  using other = session.fork();
  using third = session.fork();
  t.deepEqual(other.push({ image: [1, 39], sound: Uint32Array.of(0, 5) }), third.push([1, 39, 40, 45]));
  t.deepEqual(other.membrane(), third.membrane());
});

test('a saved model keeps its named inputs', async (t) => {
  using model = await named().compile();
  using loaded = await Model.load(await model.toBytes());
  const x = joinInputs(loaded, inputs);
  t.deepEqual(x, joinInputs(model, inputs));
  t.true(deviation((await loaded.run(x)).v, (await model.run(x)).v) === 0);
  await loaded.fit([{ ...x, y: Uint32Array.of(0, 1, 2) }], {
    epochs: 1,
    loss: loss.crossEntropyRate(),
    optimizer: sgd({ lr: 0.1 }),
  });
});

test('what does not fit is refused by name', async (t) => {
  const network = named();
  const { image, sound } = inputs;
  const refused: [string, () => unknown, RegExp][] = [
    ['unknown-name', () => joinInputs(network, { image, sound, smell: sound }), /smell.*image, sound/],
    ['unknown-name', () => joinInputs(network, { image, sounds: sound }), /did you mean.*sound/],
    ['invalid-parameter', () => joinInputs(network, { image }), /inputs\.sound/],
    ['invalid-parameter', () => joinInputs(network, [] as never), /image, sound/],
    ['invalid-parameter', () => joinInputs(network, { image, sound: 3 as never }), /inputs\.sound/],
    [
      'shape-mismatch',
      () => joinInputs(network, { image, sound: { ...sound, shape: [steps, batch + 1, 6] } }),
      /sound/,
    ],
    [
      'shape-mismatch',
      () => joinInputs(network, { image: { ...image, shape: [steps, batch, 2, 5, 4] }, sound }),
      /image.*2, 4, 5/,
    ],
    [
      'shape-mismatch',
      () => joinInputs(network, { image, sound: { x: new Float32Array(6), shape: [6] } }),
      /sound/,
    ],
    [
      'shape-mismatch',
      () => joinInputs(network, { image, sound: { x: reals(6 * steps * 2), shape: [steps, 2, 6] } }),
      /sound.*5, 3/,
    ],
    ['shape-mismatch', () => splitInputs(network, { x: new Float64Array(45), shape: [1, 45] }), /46/],
    [
      'invalid-parameter',
      () => joinInputs(sequential(dense(4, 2), lif({ beta: 0.9 })), { a: sound }),
      /one input/,
    ],
    [
      'invalid-parameter',
      () => graph({ inputs: {}, nodes: body, edges: wires, output: 'last' }).description,
      /inputs/,
    ],
    [
      'invalid-parameter',
      () => graph({ inputs: { see: 4 }, nodes: body, edges: wires, output: 'last' }).description,
      /see/,
    ],
    [
      'invalid-parameter',
      () => graph({ inputs: { image: [0] }, nodes: body, edges: wires, output: 'last' }).description,
      /inputs\.image/,
    ],
    [
      'unknown-name',
      () => graph({ inputs: { image: [2, 4, 5] }, nodes: body, edges: wires, output: 'last' }).description,
      /sound/,
    ],
    [
      'unknown-name',
      () =>
        graph({
          inputs: { image: [2, 4, 5], sound: 6 },
          nodes: body,
          edges: [...wires, ['input', 'hear']],
          output: 'last',
        }).description,
      /input/,
    ],
  ];
  for (const [code, make, message] of refused) t.throws(make, { code, message }, String(make));
  using model = await network.compile();
  using session = await model.session();
  for (const events of [
    { image: [40], sound: [] },
    { image: [2, 1], sound: [] },
    { image: [] },
    { image: [], sound: [], a: [] },
    { image: [], sound: new Float32Array(5) },
    { image: [0.5], sound: [] },
  ]) {
    t.throws(() => session.push(events as never), { name: 'LapicqueError' }, JSON.stringify(events));
  }
});
