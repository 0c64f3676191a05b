// What newcomers give instead of the right thing: the error says what would be right.
import test from 'ava';
import { DataLoader, encode } from '../../src-ts/doors/data.ts';
import { li, lif, surrogate } from '../../src-ts/doors/neurons.ts';
import { dense, evaluateLoss, loss, type Model, sequential } from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { spikes, uniform } from '../support/numbers.ts';
import { any, table } from '../support/table.ts';

const silent = sequential(dense(4, 8), lif({ beta: 0.9 }), dense(8, 3), li({ beta: 0.9 }));
const batch = { x: new Float32Array(8).fill(1), shape: [2, 4], y: Uint8Array.of(0, 1) };
const step = (options: object) => async () => {
  using model = await silent.compile();
  await model.trainStep(batch, any({ steps: 5, loss: loss.crossEntropyMeanMembrane(), ...options }));
};
const train = (data: unknown) => async () => {
  using model = await silent.compile();
  await model.fit(any(data), { steps: 5, epochs: 1, loss: loss.crossEntropyMeanMembrane() });
};

const fitWith = (options: object) => async () => {
  using model = await silent.compile();
  await model.fit([batch], any({ steps: 5, epochs: 1, loss: loss.crossEntropyMeanMembrane(), ...options }));
};

table('a first mistake', {
  'samples as pairs': [
    train(new DataLoader([[Float32Array.of(1, 2, 3, 4), 1]], { batchSize: 1 })),
    /^invalid-parameter: input: expected an object \{ x, shape \}, .* samples \{ x, y \}, or its `collate` but got an array of length 1$/,
  ],
  'one batch for all': [
    train(batch),
    /^invalid-parameter: data: expected batches: a DataLoader, a list of \{ x, shape, y \}/,
  ],
  'a neuron without a time constant': [
    () => sequential(dense(4, 8), lif(any(undefined))).compile(),
    'invalid-parameter: lif1.beta: expected one of beta, tauMem but got none of them',
  ],
  'a loss that is not called': [
    step({ loss: loss.crossEntropyRate }),
    'invalid-parameter: loss: expected a result of crossEntropyRate() but got function crossEntropyRate',
  ],
  'a loss of your own without a gradient': [
    step({ loss: () => 3 }),
    'invalid-parameter: the loss: expected an object { loss, gradV, gradSpikes } but got 3',
  ],
  'a loss by its name': [
    step({ loss: 'cross_entropy' }),
    'invalid-parameter: loss: expected a loss, such as loss.crossEntropyCount(), or a function but got "cross_entropy"',
  ],
  'an optimizer by its name': [
    step({ optimizer: 'adam' }),
    'invalid-parameter: optimizer: expected an optimizer, such as adam({ lr: 1e-3 }) but got "adam"',
  ],
  'a learning rate for fit': [
    fitWith({ lr: 1e-3 }),
    'unknown-name: unknown option of fit "lr"; did you mean "optimizer"?',
  ],
  'snnTorch’s number of steps': [
    fitWith({ num_steps: 25 }),
    'unknown-name: unknown option of fit "num_steps"; did you mean "steps"?',
  ],
  'a loss of outputs without their shape': [
    () => evaluateLoss(loss.crossEntropyMeanMembrane(), any(new Float32Array(30)), batch.y),
    'invalid-parameter: outputs: expected an object { spikes, v, shape } but got Float32Array with 30 elements',
  ],
  'a dataset of another form': [
    () => new DataLoader(any({ length: 2, getItem: () => batch }), { batchSize: 1 }),
    'invalid-parameter: source: expected an array of samples, a dataset { length, get(index) }, or { x, y, shape } but got an object',
  ],
  'snnTorch’s number of steps for an encoder': [
    () => encode.rate({ x: Float32Array.of(0.5), shape: [1] }, any({ num_steps: 5 })),
    'unknown-name: unknown option of encode.rate "num_steps"; did you mean "steps"?',
  ],
  'an encoder of numbers without their shape': [
    () => encode.rate(any(Float32Array.of(0.5, 1)), any([2])),
    'invalid-parameter: data: expected an object { x, shape } but got Float32Array with 2 elements',
  ],
  'a surrogate that is not called': [
    () => lif({ beta: 0.9, surrogate: any(surrogate.atan) }),
    'invalid-parameter: lif.surrogate: expected a surrogate, such as surrogate.atan() but got function atan',
  ],
});

test('a loss of spikes is refused where the output has none, and every other loss does', async (t) => {
  using model: Model = await silent.compile();
  const spiking = await sequential(dense(4, 3), lif({ beta: 0.9 })).compile();
  const refused = `: expected a loss of the membrane, such as loss.crossEntropyMeanMembrane(), because li1 does not spike`;
  const shape: [number, number, number] = [5, 2, 3];
  const { trace: _, ...kinds } = loss;
  for (const make of Object.values(kinds)) {
    const objective = make();
    const run = (of: Model) => outcome(() => of.evaluateStep(batch, { steps: 5, loss: objective }));
    t.is(await run(spiking), 'succeeded', objective.kind);
    // What the engine reads has a gradient.
    const both = { v: uniform(30, 1), spikes: Float32Array.from(spikes(30, 2)), shape };
    const { gradSpikes } = await evaluateLoss(objective, both, batch.y);
    const readsSpikes = gradSpikes!.some((g) => g !== 0);
    const { v } = both;
    const lacking = `invalid-parameter: outputs.spikes: expected values, because ${objective.kind} is a loss of spikes but got undefined`;
    t.is(
      await outcome(() => evaluateLoss(objective, { v, shape }, batch.y)),
      readsSpikes ? lacking : 'succeeded',
    );
    const expected = readsSpikes
      ? `invalid-parameter: loss${refused} but got "${objective.kind}"`
      : 'succeeded';
    t.is(await run(model), expected, objective.kind);
  }
});

test('a list of batches trains as a loader of them does', async (t) => {
  const x = Float32Array.from({ length: 48 }, (_, i) => (i % 5) / 4);
  const y = Uint8Array.from({ length: 12 }, (_, i) => i % 3);
  const loader = new DataLoader({ x, shape: [12, 4], y }, { batchSize: 4 });
  const list = [0, 4, 8].map((i) => ({
    x: x.subarray(4 * i, 4 * (i + 4)),
    shape: [4, 4],
    y: y.subarray(i, i + 4),
  }));
  const objective = loss.crossEntropyMeanMembrane();
  const trained = async (data: typeof loader | typeof list) => {
    using model = await silent.compile({ seed: 2 });
    const { history } = await model.fit(data, { steps: 5, epochs: 2, loss: objective, validation: data });
    const { confusion } = await model.evaluate(data, { steps: 5, loss: objective });
    return [history.map(({ seconds, ...rest }) => rest), confusion, await model.weightsSha256()];
  };
  t.deepEqual(await trained(list), await trained(loader));
});
