// What is not converted, and data that cannot be used: typed errors with the name of the layer, or what would be right.
import test from 'ava';
import { accuracyAgainstSteps, convert } from '../../src-ts/doors/chip.ts';
import { clippedRelu, li, lif, neuron, qcfs, rateUnit, relu } from '../../src-ts/doors/neurons.ts';
import {
  batchNorm,
  dense,
  input,
  type Layer,
  layerNorm,
  multiply,
  type Network,
  sequential,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { uniform } from '../support/numbers.ts';

const data = { x: uniform(40 * 6, 1), shape: [40, 6] };

const leaky = neuron({ state: { v: 0 }, update: 'v = where(i > 0, i, 0.1*i)' });
const stairs = neuron({ state: { v: 0 }, update: 'v = where(i > 0, where(i < 4, floor(i), 4), 0)' });
const adding = neuron({ state: { v: 0 }, update: 'v = relu(i + 0*v) + 0.5*relu(v)' });

const between = (...layers: readonly Layer[]): Network =>
  sequential(dense(6, 5), ...layers, dense(5, 2), rateUnit());

for (const [what, network, reason] of [
  [
    'tanh',
    between(rateUnit({ activation: 'tanh', name: 'curved' })),
    /curved \(rate-unit\): the activation tanh/,
  ],
  ['sigmoid', between(rateUnit({ activation: 'sigmoid' })), /sigmoid/],
  ['negative activations', between(leaky({ name: 'leaky' })), /leaky \(custom\): it is not 0 below 0/],
  ['stairs without the half step', between(stairs({ name: 'stairs' })), /stairs \(custom\): .*qcfs|clip/],
  ['memory in equations', between(adding({ name: 'adding' })), /adding \(custom\): it has memory/],
  ['spiking neurons', between(lif({ beta: 0.9, name: 'lif' })), /lif \(lif\): a neuron with memory/],
  ['a leaky readout', between(relu(), dense(5, 5), li({ beta: 0.9 })), /li1 \(li\): a neuron with memory/],
  ['layer norm', between(relu(), layerNorm({ name: 'norm' })), /norm \(layer-norm\): .*keep: \['norm'\]/],
  ['products', between(relu(), multiply([dense(5, 5)], [])), /multiply1 \(multiply\): it multiplies/],
  [
    'recurrence',
    between(rateUnit({ activation: 'relu', recurrent: 'dense' })),
    /rateUnit1 \(rate-unit\): it is part of a cycle/,
  ],
  ['no activation', sequential(dense(6, 2), rateUnit()), /no activation/],
  [
    'statistics of each step',
    between(batchNorm({ over: 'step', steps: 1 }), relu()),
    /batchNorm1 \(batch-norm\)/,
  ],
] as const)
  test(`refused by name: ${what}`, async (t) => {
    const error = await failure(async () => convert(await network.compile(), { data }));
    t.is(error?.code, 'unsupported', error?.message);
    t.regex(error!.message, reason);
  });

test('what is named in keep stays as it is', async (t) => {
  const model = await between(relu(), layerNorm({ name: 'norm' })).compile({ seed: 1 });
  const { report, model: spiking } = await convert(model, { data, keep: ['norm'] });
  t.is(report.layers.find(({ layer }) => layer === 'norm')!.became, 'kept');
  t.true(spiking.description.nodes.some(({ kind }) => kind === 'layer-norm'));
  t.is((await failure(() => convert(model, { data, keep: ['nrm'] })))?.code, 'unknown-name');
  const accumulating = await failure(() => convert(model, { data, keep: ['norm'], schedule: 'accumulate' }));
  t.regex(accumulating!.message, /norm \(layer-norm\)/);
  // What the input alone decides is the same in every step.
  const early = await sequential(
    input(6),
    layerNorm(),
    dense(6, 5),
    relu(),
    dense(5, 2),
    rateUnit(),
  ).compile();
  t.is((await convert(early, { data })).report.layers[0]!.became, 'kept');
});

test('data without samples, of another shape, that are no numbers, or that reach nothing', async (t) => {
  const model = await between(relu()).compile({ seed: 1 });
  const holed = Float32Array.from(data.x);
  holed[6 * 7 + 2] = Number.NaN;
  const codes = async (samples: unknown) => {
    const error = await failure(() => convert(model, { data: samples as never }));
    return `${error?.code}: ${error?.message}`;
  };
  t.regex(await codes(undefined), /^invalid-parameter: data/);
  t.regex(await codes([]), /^invalid-parameter: data: .*no samples/);
  t.regex(await codes('digits'), /^invalid-parameter: data/);
  t.regex(await codes([3]), /^invalid-parameter: data\[0\]/);
  t.regex(await codes({ x: new Float32Array(0), shape: [0, 6] }), /^invalid-parameter/);
  t.regex(await codes({ x: data.x, shape: [40, 7] }), /^shape-mismatch/);
  t.regex(await codes({ x: data.x, shape: [48, 5] }), /^shape-mismatch/);
  t.regex(await codes({ x: data.x, shape: [240] }), /^shape-mismatch/);
  t.regex(await codes({ x: holed, shape: [40, 6] }), /^non-finite: .*sample 7, element 2/);
  const weights = await model.weights();
  weights['dense1.bias']!.fill(-100);
  await model.setWeights(weights);
  t.regex(await codes(data), /^invalid-parameter: data: .*rateUnit1 at 0/);
});

test('data that saturate trained thresholds', async (t) => {
  for (const layer of [qcfs({ name: 'act', theta: 0.5 }), clippedRelu({ name: 'act', ceiling: 0.5 })]) {
    const model = await between(layer).compile({ seed: 1 });
    t.true((await convert(model, { data })).report.populations[0]!.saturated < 0.9);
    const large = { x: data.x.map((x) => 1000 * x), shape: [40, 6] };
    const error = await failure(() => convert(model, { data: large }));
    t.is(error?.code, 'invalid-parameter');
    t.regex(error!.message, /^data: .*saturate act: \d+ %/);
  }
});

test('options out of range', async (t) => {
  const model = await between(relu()).compile();
  for (const [options, code] of [
    [{ steps: 0 }, 'invalid-parameter'],
    [{ steps: 2.5 }, 'invalid-parameter'],
    [{ method: 'median' }, 'unknown-name'],
    [{ schedule: 'later' }, 'unknown-name'],
    [{ percentile: 0 }, 'invalid-parameter'],
    [{ percentile: 101 }, 'invalid-parameter'],
    [{ initial: 2 }, 'invalid-parameter'],
    [{ iterations: 0 }, 'invalid-parameter'],
    [{ keep: 'norm' }, 'invalid-parameter'],
    [{ threshold: 1 }, 'unknown-name'],
    [{ schedule: 'accumulate', offsets: true }, 'invalid-parameter'],
    [{ schedule: 'accumulate', readoutDelay: 2 }, 'invalid-parameter'],
  ] as const) {
    const error = await failure(() => convert(model, { data, ...options } as never));
    t.is(error?.code, code, JSON.stringify(options));
  }
  t.is((await failure(() => convert({} as never, { data })))?.code, 'invalid-parameter');
});

test('accuracy against steps refuses what it cannot measure', async (t) => {
  const model = await between(relu()).compile({ seed: 1 });
  const network = await convert(model, { data, steps: 4, schedule: 'accumulate' });
  const labeled = { ...data, y: new Uint8Array(40) };
  const code = async (call: () => unknown) => (await failure(call))?.code;
  t.is(await code(() => accuracyAgainstSteps(network, labeled, { steps: [8] })), 'invalid-parameter');
  t.is(await code(() => accuracyAgainstSteps(network, labeled, { steps: [] })), 'invalid-parameter');
  t.is(
    await code(() => accuracyAgainstSteps(network, { ...data, y: new Uint8Array(3) })),
    'invalid-parameter',
  );
  t.is(
    await code(() => accuracyAgainstSteps(network, { ...data, y: new Uint8Array(40).fill(2) })),
    'invalid-parameter',
  );
  t.is(await code(() => accuracyAgainstSteps(network, [])), 'invalid-parameter');
  t.is(await code(() => accuracyAgainstSteps(model as never, labeled)), 'invalid-parameter');
  t.deepEqual((await accuracyAgainstSteps(network, labeled)).steps, [4]);
});
