// Traced layers with several inputs in graphs: gradients of every source by finite differences, sessions, files, shapes, threads.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  conv2d,
  dense,
  environment,
  flatten,
  type GraphSpec,
  graph,
  layer,
  loss,
  Model,
  setThreads,
} from '../../src-ts/index.ts';
import { compareWithDifferences } from '../support/differences.ts';

const [steps, batch] = [4, 3];
const numbers = (count: number, seed: number) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));

const gated = layer.trace(
  'gated',
  { inputs: { a: 5, b: 5 }, parameters: { w: [5, 5], scale: 0.8 } },
  ({ a, b }, { w, scale }) => a.add(b.mul(a.matmul(w).mul(scale).sigmoid())),
);

// One population attends to another one of another size: weights over its 4 groups of 2 neurons.
const attention = layer.trace(
  'attention',
  { inputs: { query: 6, other: 8 }, parameters: { wq: { neuron: 6, key: 2 } } },
  ({ query, other }, { wq }) => {
    const groups = other.unflatten('neuron', { group: 4, key: 2 });
    const weights = groups.contract(query.contract(wq, 'neuron', 'neuron'), 'key', 'key').softmax('group');
    return groups.mul(weights).sum('group').rename('key', 'neuron');
  },
);

const twoBranches = (
  middle: object,
  edges: GraphSpec['edges'],
  [left, right, after]: [number, number, number],
) =>
  graph({
    inputs: [3],
    nodes: {
      left: dense(3, left),
      right: dense(3, right),
      middle: middle as never,
      out: dense(after, 2),
      last: li({ beta: 0.8 }),
    },
    edges: [['input', 'left'], ['input', 'right'], ...edges, ['middle', 'out'], ['out', 'last']],
    output: 'last',
  });

const networks = {
  'a gated sum of two branches': twoBranches(
    gated,
    [
      ['left', 'middle'],
      ['right', 'middle'],
    ],
    [5, 5, 5],
  ),
  'inputs named by edges': twoBranches(
    gated,
    [
      ['right', 'middle', { port: 'b' }],
      ['left', 'middle', { port: 'a' }],
    ],
    [5, 5, 5],
  ),
  'attention of one population by another': twoBranches(
    attention,
    [
      ['left', 'middle'],
      ['right', 'middle'],
    ],
    [6, 8, 2],
  ),
  'one source for both inputs': graph({
    inputs: [3],
    nodes: { left: dense(3, 5), middle: gated, out: dense(5, 2), last: li({ beta: 0.8 }) },
    edges: [
      ['input', 'left'],
      ['left', 'middle'],
      ['left', 'middle'],
      ['middle', 'out'],
      ['out', 'last'],
    ],
    output: 'last',
  }),
  'an image scaled by a vector': graph({
    inputs: [2, 3, 3],
    nodes: {
      conv: conv2d(2, 4, 3, { padding: 1 }),
      flat: flatten(),
      factors: dense(18, 4),
      middle: layer.trace(
        'middle',
        { inputs: { image: [4, 3, 3], factors: 4 }, parameters: { bias: { channel: 4, y: 3, x: 3 } } },
        ({ image, factors }, { bias }) => image.mul(factors.rename('neuron', 'channel').tanh()).add(bias),
      ),
      flatter: flatten(),
      out: dense(36, 2),
      last: li({ beta: 0.8 }),
    },
    edges: [
      ['input', 'conv'],
      ['input', 'flat'],
      ['flat', 'factors'],
      ['conv', 'middle'],
      ['factors', 'middle'],
      ['middle', 'flatter'],
      ['flatter', 'out'],
      ['out', 'last'],
    ],
    output: 'last',
  }),
};

for (const [name, network] of Object.entries(networks)) {
  test(`gradients of finite differences: ${name}`, async (t) => {
    const model = await network.compile({ precision: 'f64', seed: 3 });
    const size = model.description.input.size;
    const x = numbers(steps * batch * size, 1);
    const data = { x, shape: [steps, batch, size], y: Uint32Array.of(0, 1, 1) };
    const objective = loss.trace(({ v, target }) => v.crossEntropy(target).mean('time'));
    const { inputGradient } = await model.trainStep(data, { loss: objective, inputGradient: true });
    const gradients = await model.gradients();
    const lossOf = async () => (await model.evaluateStep(data, { loss: objective })).loss;
    await compareWithDifferences(t, model, gradients as never, lossOf, {
      perTensor: 10,
      tolerance: () => 1e-8,
    });
    for (const i of [0, 5, 11, steps * batch * size - 1]) {
      const at = async (by: number) => {
        const moved = x.slice();
        moved[i]! += by;
        return (await model.evaluateStep({ ...data, x: moved }, { loss: objective })).loss;
      };
      const difference = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
      t.true(Math.abs(inputGradient![i]! - difference) < 1e-8, `x[${i}]`);
    }
  });

  test(`a session gives the bits of a run, also after saving: ${name}`, async (t) => {
    const model = await network.compile({ seed: 5 });
    const size = model.description.input.size;
    const x = Float32Array.from(numbers(steps * size, 2), (value) => 3 * value);
    const run = await model.run({ x, shape: [steps, 1, size] });
    const loaded = await Model.load(await model.toBytes());
    t.deepEqual(loaded.description, model.description);
    for (const of of [model, loaded]) {
      const session = await of.session();
      for (let step = 0; step < steps; step++) {
        session.push(x.slice(size * step, size * (step + 1)));
        t.deepEqual(Array.from(session.membrane()), Array.from(run.v.slice(2 * step, 2 * step + 2)));
      }
    }
  });
}

test('edges name the inputs: the order of the edges does not matter then', async (t) => {
  const [inOrder, named] = [networks['a gated sum of two branches'], networks['inputs named by edges']];
  t.deepEqual(
    (await named.compile({ seed: 3 })).description.edges.filter(([, to]) => to === 'middle'),
    (await inOrder.compile({ seed: 3 })).description.edges.filter(([, to]) => to === 'middle'),
  );
});

test('gradients have the same bits with 1 and 2 threads, in blocks of rows', async (t) => {
  // More than one block of rows of one tile, samples that do not fill their tile, and spikes as a source.
  const gate = layer.trace(
    'gate',
    { inputs: { a: 40, b: 40 }, parameters: { w: [40, 40] } },
    ({ a, b }, { w }) => a.mul(b.matmul(w).sigmoid()),
  );
  const network = graph({
    inputs: [7],
    nodes: {
      left: dense(7, 40),
      right: dense(7, 40),
      hidden: lif({ beta: 0.9 }),
      gate,
      out: dense(40, 3),
      last: li({ beta: 0.9 }),
    },
    edges: [
      ['input', 'left'],
      ['input', 'right'],
      ['right', 'hidden'],
      ['left', 'gate'],
      ['hidden', 'gate'],
      ['gate', 'out'],
      ['out', 'last'],
    ],
    output: 'last',
  });
  const [many, samples] = [37, 27];
  const x = Float32Array.from(numbers(many * samples * 7, 3), (value) => 3 * value);
  const data = { x, shape: [many, samples, 7], y: Uint32Array.from({ length: samples }, (_, i) => i % 3) };
  const before = environment().threads;
  const gradients = async (threads: number) => {
    setThreads(threads);
    const model = await network.compile({ seed: 2 });
    await model.trainStep(data, { loss: loss.crossEntropyMembrane() });
    return model.gradients();
  };
  try {
    const [one, two] = [await gradients(1), await gradients(2)];
    t.deepEqual(two, one);
    t.true(one['gate.weight']!.some((value) => value !== 0));
  } finally {
    setThreads(before);
  }
});

test('wrong inputs are refused, with their names', async (t) => {
  const sum = layer.trace('sum', { inputs: { a: 5, b: 5 } }, ({ a, b }) => a.add(b));
  const compile = (edges: GraphSpec['edges'], sizes: [number, number, number] = [5, 5, 5]) =>
    twoBranches(sum, edges, sizes).compile();
  await t.throwsAsync(
    compile(
      [
        ['left', 'middle'],
        ['right', 'middle'],
      ],
      [5, 4, 5],
    ),
    {
      code: 'shape-mismatch',
      message: /middle, input b: .*\[neuron 5\].*\[neuron 4\] from right/,
    },
  );
  await t.throwsAsync(compile([['left', 'middle']]), {
    message: /middle\.sources.*2, one for each of the inputs a, b/,
  });
  const named = (a: string, b: string): GraphSpec['edges'] => [
    ['left', 'middle', { port: a }],
    ['right', 'middle', { port: b }],
  ];
  await t.throwsAsync(compile(named('a', 'c')), { message: /unknown input of middle.*c.*a, b/ });
  await t.throwsAsync(compile(named('a', 'a')), { message: /2 edges onto its input a/ });
  await t.throwsAsync(
    compile([
      ['left', 'middle', { port: 'a' }],
      ['right', 'middle'],
    ]),
    {
      message: /right without a port/,
    },
  );
  const message = (build: () => unknown) => t.throws(build, { instanceOf: Error })!.message;
  t.regex(
    message(() => layer.trace('a', { inputs: { a: 3, b: 4 } }, ({ a, b }) => a.add(b))),
    /several-inputs\.test\.\w+:\d+:\d+\).*neuron/,
  );
  t.regex(
    message(() => layer.trace('a', { inputs: { a: 3 } }, (inputs) => (inputs as never as { c: never }).c)),
    /unknown input of the layer .*"c".*a/,
  );
  t.regex(
    message(() => layer.trace('a', { inputs: {} }, () => 0 as never)),
    /1 to 32 inputs/,
  );
  t.regex(
    message(() => layer.trace('a', { inputs: { a: 3 }, size: 3 } as never, (a) => a as never)),
    /beside inputs/,
  );
});
