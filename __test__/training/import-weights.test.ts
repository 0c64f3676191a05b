// Weights of snnTorch, SpikingJelly, Norse and torch: state dicts that these libraries wrote (fixtures/state-dicts, with the script
// that makes them) give the spikes and membranes that they give.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Peer, readTensors, writeTensors } from '../../src-ts/doors/files.ts';
import { alif, li, lif, neuron } from '../../src-ts/doors/neurons.ts';
import {
  batchNorm,
  conv2d,
  dense,
  dropout,
  embedding,
  type FileTensor,
  flatten,
  input,
  LapicqueError,
  type Layer,
  type Model,
  psn,
  sequential,
  slidingPsn,
} from '../../src-ts/index.ts';
import { deviation } from '../support/numbers.ts';
import { stateDictCases } from '../support/state-dicts.ts';

const fixtures = '__test__/files/fixtures/state-dicts';
const snn = { like: 'snntorch' } as const;
const sj = { like: 'spikingjelly' } as const;

/** The network in double precision, as the peers computed it. */
const compiled = (layers: readonly Layer[]) => sequential(...layers).compile({ precision: 'f64', seed: 5 });

async function readResults(model: Model, name: string) {
  const { tensors } = await readTensors(join(fixtures, `${name.replace(/\.\w+$/, '')}.io.npz`));
  const { data, shape } = tensors.get('x')!;
  const [steps, batch, ...axes] = shape as [number, number];
  const channels = axes.reduce((product, size) => product * size, 1);
  const run = await model.run({ x: data as Uint8Array, shape: [steps, batch, channels] });
  return { run, spikes: tensors.get('spikes')?.data, v: tensors.get('v')!.data as Float64Array };
}

for (const [file, { from, layers }] of Object.entries(stateDictCases)) {
  test(`${file} gives what ${from} gives`, async (t) => {
    const model = await compiled(layers());
    const { tensors } = await readTensors(join(fixtures, file));
    const report = await model.importWeights(tensors, { from });
    const { run, spikes, v } = await readResults(model, file);
    if (spikes !== undefined) t.deepEqual([...run.spikes!], Array.from(spikes, Number));
    // Constants of the description are 0.9, theirs the single precision that is nearest to it.
    t.true(deviation(run.v, v) < 2e-6, `${deviation(run.v, v)}`);
    const everything = model.info.parameters.map(({ name }) => name).toSorted();
    t.deepEqual(report.set.map(({ parameter }) => parameter).toSorted(), everything);
    t.deepEqual(report.kept, []);
    // Every tensor is somewhere in the report.
    const named = new Set([
      ...report.set.flatMap((set) => set.tensors),
      ...report.compared.map(({ tensor }) => tensor),
      ...report.ignored.map(({ tensor }) => tensor),
    ]);
    t.deepEqual(
      [...tensors.keys()].filter((name) => !named.has(name)),
      [],
    );
    t.true(report.ignored.every(({ reason }) => reason.length > 0));
  });

  test(`${file}: one tensor less, more or of another shape, and nothing is set`, async (t) => {
    const model = await compiled(layers());
    const before = await model.weightsSha256();
    const { tensors } = await readTensors(join(fixtures, file));
    const weights = [...tensors].filter(([name]) => /weight|^.*\.w$|tau_mem_inv|beta$/.test(name));
    t.true(weights.length > 0);
    const refused = async (changed: ReadonlyMap<string, FileTensor>, what: string) => {
      const error = await t.throwsAsync(model.importWeights(changed, { from }), undefined, what);
      t.true(error instanceof LapicqueError, what);
      t.is(await model.weightsSha256(), before, what);
      return error as LapicqueError;
    };
    for (const [name, tensor] of weights) {
      const less = new Map([...tensors].filter(([other]) => other !== name));
      const isConstant = !model.info.parameters.some(({ shape }) => `${shape}` === `${tensor.shape}`);
      // A number of a neuron that the model has as a constant may be missing.
      if (!(isConstant && tensor.shape.length === 0)) await refused(less, `without ${name}`);
      const extra = new Map([...tensors, [`extra.${name}`, tensor]]);
      await refused(extra, `with extra.${name}`);
      const shape = [...tensor.shape, 2];
      const data = new Float32Array(2 * tensor.data.length);
      await refused(new Map([...tensors, [name, { ...tensor, data, shape }]]), `${name} of another shape`);
    }
  });
}

const own = (shape: readonly number[], value = 0.5) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { data: new Float32Array(count).fill(value), shape };
};
/** Tensors of a linear layer, each number another. */
const linear = (name: string, outputs: number, inputs: number, first = 0) => ({
  [`${name}.weight`]: {
    data: Float32Array.from({ length: outputs * inputs }, (_, i) => first + i / 100),
    shape: [outputs, inputs],
  },
  [`${name}.bias`]: { data: new Float32Array(outputs).fill(first), shape: [outputs] },
});

const mismatch = async (t: import('ava').ExecutionContext, act: Promise<unknown>) => {
  const error = (await t.throwsAsync(act)) as unknown as LapicqueError;
  t.is(error.code, 'weights-mismatch');
  return error as LapicqueError & { code: 'weights-mismatch' };
};

test('layers of one shape: numbered names have an order, others need a map', async (t) => {
  const model = await sequential(dense(4, 4), lif({ beta: 0.9 }), dense(4, 4), lif({ beta: 0.9 })).compile();
  const numbered = { ...linear('fc10', 4, 4, 10), ...linear('fc2', 4, 4, 2) };
  await model.importWeights(numbered);
  t.is((await model.weights())['dense1.bias']![0], 2);
  t.is((await model.weights())['dense2.bias']![0], 10);

  const named = { ...linear('head', 4, 4, 1), ...linear('body', 4, 4, 3) };
  const error = await mismatch(t, model.importWeights(named));
  t.regex(error.message, /map/);
  t.deepEqual(error.tensors.filter((name) => name.includes('weight')).toSorted(), [
    'body.weight [4, 4]',
    'head.weight [4, 4]',
  ]);
  t.deepEqual(
    error.model.filter((name) => name.includes('weight')),
    ['dense1.weight [4, 4]', 'dense2.weight [4, 4]'],
  );
  t.is((await model.weights())['dense1.bias']![0], 2);
  await model.importWeights(named, { map: { body: 'dense1', head: 'dense2' } });
  t.is((await model.weights())['dense1.bias']![0], 3);
  t.is((await model.weights())['dense2.bias']![0], 1);
  // One of them is enough, and a function says it too.
  await model.importWeights(named, { map: (name) => (name.startsWith('head') ? 'dense1' : undefined) });
  t.is((await model.weights())['dense1.bias']![0], 1);
  // Where both hold the same numbers nothing is ambiguous.
  await model.importWeights({ ...linear('a', 4, 4, 7), ...linear('b', 4, 4, 7) });
  t.is((await model.weights())['dense2.bias']![0], 7);
});

test('layers that are called as in torch need neither order nor map', async (t) => {
  const model = await sequential(
    dense(4, 4, { name: 'head' }),
    lif({ beta: 0.9 }),
    dense(4, 4, { name: 'body' }),
    lif({ beta: 0.9 }),
  ).compile();
  await model.importWeights({ ...linear('body', 4, 4, 3), ...linear('head', 4, 4, 1) });
  t.is((await model.weights())['head.bias']![0], 1);
  t.is((await model.weights())['body.bias']![0], 3);
  const other = { ...linear('body', 4, 4, 3), ...linear('head', 4, 5, 1) };
  const error = (await t.throwsAsync(model.importWeights(other))) as unknown as LapicqueError;
  t.is(error.code, 'shape-mismatch');
  t.regex(error.message, /head\.weight: expected shape head\.weight \[4, 4\] but got head\.weight \[4, 5\]/);
});

test('a constant of the description that differs is refused, and both numbers are told', async (t) => {
  const layers = (beta: number) => [dense(2, 3), lif({ ...snn, beta })];
  const tensors = {
    ...linear('0', 3, 2),
    '1.beta': own([], 0.9),
    '1.threshold': own([], 1),
    '1.reset_mechanism_val': { data: BigInt64Array.of(0n), shape: [] },
    '1.graded_spikes_factor': own([], 1),
  };
  const report = await (await sequential(...layers(0.9)).compile()).importWeights(tensors, {
    from: 'snntorch',
  });
  t.deepEqual(
    report.compared.map(({ tensor, constant }) => [tensor, constant]),
    [
      ['1.beta', 'lif1.beta'],
      ['1.threshold', 'lif1.vThreshold'],
      ['1.graded_spikes_factor', 'lif1.gradedSpikes'],
    ],
  );
  const model = await sequential(...layers(0.95)).compile();
  const error = await mismatch(t, model.importWeights(tensors, { from: 'snntorch' }));
  t.regex(error.message, /1\.beta makes beta 0\.9, and lif1\.beta is 0\.95 and not learned/);
  const zero = { ...tensors, '1.reset_mechanism_val': { data: BigInt64Array.of(1n), shape: [] } };
  const right = await sequential(...layers(0.9)).compile();
  const other = await mismatch(t, right.importWeights(zero, { from: 'snntorch' }));
  t.regex(other.message, /reset: 'zero'\), and lif1 has reset: 'subtract'/);
});

test('a time constant that is learned takes a factor, a rate or the w of a parametric neuron', async (t) => {
  const weight = linear('0', 3, 2);
  const imported = async (layer: Layer, from: Peer, name: string, value: number) => {
    const model = await sequential(dense(2, 3), layer).compile({ precision: 'f64' });
    const tensors = { ...weight, [`1.${name}`]: { data: Float64Array.of(value), shape: [] } };
    const report = await model.importWeights(tensors, { from });
    const { parameter, how } = report.set.find(({ tensors: [first] }) => first === `1.${name}`)!;
    return [parameter, (await model.weights())[parameter]![0], how !== undefined];
  };
  const near = (t0: unknown[], [name, value]: [string, number]) => {
    t.is(t0[0], name);
    t.true(Math.abs((t0[1] as number) - value) < 1e-12 * value, `${t0[1]} is not ${value}`);
    t.true(t0[2] as boolean);
  };
  // exp(-1 / tau) = beta; 1 - 1 / tau = beta
  const exact = lif({ ...snn, tauMem: 7, learn: ['tauMem'] });
  near(await imported(exact, 'snntorch', 'beta', Math.exp(-1 / 20)), ['lif1.tauMem', 20]);
  const euler = lif({ ...sj, tauMem: 7, learn: ['tauMem'] });
  // sigmoid(-ln(tau - 1)) = 1 / tau
  near(await imported(euler, 'spikingjelly', 'w', -Math.log(2)), ['lif1.tauMem', 3]);
  const norse = lif({ like: 'norse', tauMem: 7, learn: ['tauMem'] });
  near(await imported(norse, 'norse', 'tau_mem_inv', 125), ['lif1.tauMem', 8]);
  const adaptive = alif({ like: 'norse', tauAdapt: 7, learn: ['tauAdapt'] });
  near(await imported(adaptive, 'norse', 'tau_adapt_inv', 1.25), ['alif1.tauAdapt', 800]);
});

test('a number that is not finite is refused, and nothing is set', async (t) => {
  const model = await sequential(dense(2, 3), lif({ beta: 0.9, learn: ['beta'] })).compile();
  const before = await model.weightsSha256();
  const weights = linear('0', 3, 2);
  const broken = { ...weights, '1.beta': own([], 0.5), '0.bias': own([3], Number.NaN) };
  await t.throwsAsync(model.importWeights(broken), { message: /dense1\.bias\[0\]: .*NaN/ });
  const infinite = { ...weights, '1.beta': own([], Number.POSITIVE_INFINITY) };
  await t.throwsAsync(model.importWeights(infinite), { message: /lif1\.beta\[0\]: .*/ });
  t.is(await model.weightsSha256(), before);
});

test('what is left over on either side is told; map leaves out, keep keeps', async (t) => {
  const model = await sequential(dense(4, 6), lif({ beta: 0.9 }), dense(6, 3), li({ beta: 0.9 })).compile();
  const body = linear('body', 6, 4);
  const missing = await mismatch(t, model.importWeights(body));
  t.true(missing.model.includes('dense2.weight [3, 6]'), missing.message);
  const before = (await model.weights())['dense2.weight']!;
  const report = await model.importWeights(body, { keep: ['dense2'] });
  t.deepEqual(report.kept, ['dense2.weight', 'dense2.bias']);
  t.deepEqual((await model.weights())['dense2.weight'], before);

  const extra = { ...body, ...linear('head', 3, 6), ...linear('auxiliary', 9, 6) };
  const unused = await mismatch(t, model.importWeights(extra));
  t.true(unused.tensors.includes('auxiliary.weight [9, 6]'), unused.message);
  const left = await model.importWeights(extra, { map: { auxiliary: null } });
  t.deepEqual(
    left.ignored.map(({ tensor }) => tensor),
    ['auxiliary.weight', 'auxiliary.bias'],
  );
  const unknown = [
    [{ map: { nothing: 'dense1' } }, /unknown tensor or module "nothing"/],
    [{ map: { body: 'dense9' } }, /unknown layer or parameter "dense9"/],
    [{ keep: ['dense3'] }, /unknown layer "dense3"/],
    [{ from: 'snnTorch' }, /unknown from "snnTorch".*did you mean "snntorch"/],
    [{ map: 3 }, /map: expected/],
  ] as const;
  for (const [options, message] of unknown)
    await t.throwsAsync(async () => model.importWeights(extra, options as never), { message });
});

test('a single tensor goes where map says', async (t) => {
  const model = await sequential(dense(2, 3, { bias: false }), lif({ beta: 0.5, learn: ['beta'] })).compile();
  const tensors = { kernel: own([3, 2], 0.25), decay: own([], 0.75) };
  await model.importWeights(tensors, { map: { kernel: 'dense1.weight', decay: 'lif1.beta' } });
  const { 'dense1.weight': weight, 'lif1.beta': beta } = await model.weights();
  t.is(weight![5], 0.25);
  t.is(beta![0], 0.75);
  const wrong = { ...tensors, kernel: own([2, 3]) };
  const error = await t.throwsAsync(
    model.importWeights(wrong, { map: { kernel: 'dense1.weight', decay: 'lif1.beta' } }),
  );
  t.regex(error!.message, /dense1\.weight: expected shape dense1\.weight \[3, 2\] but got kernel \[2, 3\]/);
});

test('other layers: embeddings, parallel spiking neurons, neurons of equations, dropout', async (t) => {
  const tokens = await sequential(
    embedding(7, 5),
    dense(5, 3),
    lif({ beta: 0.9 }),
    dropout(0.5),
    dense(3, 2),
    li({ beta: 0.9 }),
  ).compile();
  const report = await tokens.importWeights({
    'tokens.weight': own([7, 5]),
    ...linear('fc1', 3, 5),
    ...linear('fc2', 2, 3),
  });
  t.deepEqual(report.kept, ['dropout1.draws']);

  const masked = await sequential(
    dense(2, 3),
    psn(4, { order: 2, lambda: 0.5 })[0],
    lif({ beta: 0.9 }),
  ).compile();
  await masked.importWeights(
    {
      ...linear('0', 3, 2),
      '1.weight': own([4, 4]),
      '1.bias': own([4, 1]),
      '1._lambda_': own([], 0.25),
      '1.mask0': own([4, 4]),
      '1.mask1': own([4, 4]),
    },
    { from: 'spikingjelly' },
  );
  t.is((await masked.weights())['mixture1.lambda']![0], 0.25);

  const [time, fires] = slidingPsn(3);
  const sliding = await sequential(dense(2, 3), time, fires).compile();
  const lags = { data: Float32Array.of(1, 2, 3), shape: [3] };
  await sliding.importWeights(
    { ...linear('0', 3, 2), '1.weight': lags, '1.bias': own([], -1) },
    { from: 'spikingjelly' },
  );
  t.deepEqual([...(await sliding.weights())['filter1.weight']!], [3, 2, 1]);

  const filter = neuron({ state: { y: 0 }, params: { w: 0 }, update: 'y = y - (1 - i)*sigmoid(w)*y + i' });
  const custom = await sequential(
    dense(2, 3),
    filter({ name: 'synapse', learn: ['w'] }),
    dense(3, 2),
    li({ beta: 0.9 }),
  ).compile();
  await custom.importWeights(
    { ...linear('0', 3, 2), '1.w': own([], -1.5), ...linear('2', 2, 3) },
    { from: 'spikingjelly' },
  );
  t.is((await custom.weights())['synapse.w']![0], -1.5);
});

test('batch norms of a list, one a step, are rows of one', async (t) => {
  const model = await sequential(
    dense(2, 3),
    batchNorm({ over: 'step', steps: 2, bias: false }),
    lif({ beta: 0.9 }),
  ).compile();
  const norm = (step: number) => ({
    [`bntt.${step}.weight`]: own([3], 1 + step),
    [`bntt.${step}.running_mean`]: own([3], 10 + step),
    [`bntt.${step}.running_var`]: own([3], 20 + step),
    [`bntt.${step}.num_batches_tracked`]: { data: BigInt64Array.of(5n), shape: [] },
  });
  await model.importWeights({ ...linear('fc', 3, 2), ...norm(0), ...norm(1) });
  t.deepEqual([...(await model.weights())['batchNorm1.runningMean']!], [10, 10, 10, 11, 11, 11]);
});

test('weights keep their shapes: what writeTensors writes is set again and imported', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-weights-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const layers = () => [
    input(1, 6, 6),
    conv2d(1, 2, 3),
    batchNorm(),
    lif({ beta: 0.9, learn: ['beta'], recurrent: { kind: 'conv', kernel: 3 } }),
    flatten(),
    dense(32, 3),
    li({ beta: 0.8 }),
  ];
  for (const precision of ['f32', 'f64'] as const) {
    const model = await sequential(...layers()).compile({ precision, seed: 1 });
    const weights = await model.weights();
    for (const { name, shape } of model.info.parameters) t.deepEqual(weights[name]!.shape, shape);
    // The arrays are what they were: nothing that loops over them or compares them sees the shape.
    t.deepEqual(Object.keys(weights['conv1.weight']!), Object.keys(new Float32Array(18)));
    for (const format of ['npz', 'safetensors']) {
      const path = join(folder, `weights.${format}`);
      await writeTensors(path, weights);
      const { tensors } = await readTensors(path);
      for (const { name, shape } of model.info.parameters)
        t.deepEqual([...tensors.get(name)!.shape], [...shape]);
      const set = await sequential(...layers()).compile({ precision, seed: 2 });
      await set.setWeights(tensors);
      t.is(await set.weightsSha256(), await model.weightsSha256());
      const imported = await sequential(...layers()).compile({ precision, seed: 3 });
      await imported.importWeights(tensors);
      t.is(await imported.weightsSha256(), await model.weightsSha256());
    }
  }
});
