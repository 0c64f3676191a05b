// Options that a caller can get wrong, and calls in the wrong order.
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  adamw,
  dense,
  evaluateLoss,
  loss,
  type Model,
  sequential,
  setSimd,
  setThreads,
  sgd,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { batch, classes, network, objective, shape, steps, x, y } from '../support/small-network.ts';
import { any, nan, table, values } from '../support/table.ts';

let model: Model;
test.before(async () => {
  model = await network.compile();
});
test.after.always(() => model.dispose());

const step = { x, shape, y };
table('options', {
  'of trainStep': [
    () => model.trainStep(step, any({ loss: objective, optimiser: adam() })),
    'unknown-name: unknown option of trainStep "optimiser"; did you mean "optimizer"?',
  ],
  'of run': [() => model.run({ x, shape }, any({ recrod: [] })), /did you mean "record"\?$/],
  'of predict': [() => model.predict({ x, shape }, any({ bye: 'count' })), /did you mean "by"\?$/],
  'of predict, by': [() => model.predict({ x, shape }, { by: any('counts') }), /did you mean "count"\?$/],
  'of evaluateStep': [
    () => model.evaluateStep(step, any({ loss: objective, optimizer: adam() })),
    /^unknown-name: /,
  ],
  'of forward': [() => model.forward({ x, shape }, any({ segmant: 2 })), /did you mean "segment"\?$/],
  'of step': [() => model.step(adam(), any({ lrfactor: 2 })), /did you mean "lrFactor"\?$/],
  'of estimate': [
    () => model.estimate(any({ steps: 1, batch: 1, trainig: true })),
    /did you mean "training"\?$/,
  ],
  'of estimate, an optimizer without training': [
    () => model.estimate({ steps: 1, batch: 1, optimizer: adam() }),
    /^invalid-parameter: .*no parameter is trained/,
  ],
  'of estimate, an optimizer that does not exist': [
    () => model.estimate({ steps: 1, batch: 1, training: true, optimizer: any({ kind: 'nonesuch' }) }),
    /^unknown-name: .*nonesuch/,
  ],
  'of estimate, a group of unknown parameters': [
    () =>
      model.estimate({
        steps: 1,
        batch: 1,
        training: true,
        optimizer: adam({ groups: [{ parameters: ['nonesuch'] }] }),
      }),
    /^unknown-name: .*nonesuch/,
  ],
  'of fit': [() => model.fit(any([]), any({ epoch: 3, loss: objective })), /did you mean "epochs"\?$/],
  'of a loader': [
    () => new DataLoader({ x: values(6), shape: [6] }, any({ batchsize: 3 })),
    /did you mean "batchSize"\?$/,
  ],
  'of a loss': [
    () => model.trainStep(step, { loss: loss.crossEntropyRate(any({ classWeight: [1, 2] })) }),
    /^unknown-name: .*classWeight/,
  ],
  'of an optimizer': [
    () => model.trainStep(step, { loss: objective, optimizer: adam(any({ beta: [0.9, 0.99] })) }),
    /^unknown-name: .*"beta".*did you mean "betas"\?$/,
  ],
  'a loss that does not exist': [
    () => model.trainStep(step, { loss: any({ kind: 'cross-entropy' }) }),
    /^unknown-name: .*cross-entropy/,
  ],
  'no loss': [() => model.trainStep(step, any({})), /^invalid-parameter: .*loss/],
  'an optimizer that does not exist': [
    () => model.trainStep(step, { loss: objective, optimizer: any({ kind: 'nonesuch' }) }),
    /^unknown-name: .*nonesuch/,
  ],
  'a learning rate below 0': [
    () => model.trainStep(step, { loss: objective, optimizer: sgd({ lr: -1 }) }),
    /^invalid-parameter: .*lr/,
  ],
  'a learning rate that is none': [
    () => model.trainStep(step, { loss: objective, optimizer: adamw({ lr: Number.NaN }) }),
    /^invalid-parameter: .*lr/,
  ],
  'a group of no parameter': [
    () =>
      model.trainStep(step, { loss: objective, optimizer: adam({ groups: [{ parameters: ['dense3'] }] }) }),
    /^unknown-name: .*"dense3"/,
  ],
  'a segment of 0': [
    () => model.trainStep(step, { loss: objective, segment: 0 }),
    /^invalid-parameter: segment/,
  ],
  'a scale of 0': [
    () => model.trainStep(step, { loss: objective, optimizer: adam(), scale: 0 }),
    /^invalid-parameter: scale/,
  ],
  'a clip below 0': [
    () => model.trainStep(step, { loss: objective, optimizer: adam(), clipValue: -1 }),
    /^invalid-parameter: clipValue/,
  ],
  'class weights of another length': [
    () => model.trainStep(step, { loss: loss.crossEntropyRate({ classWeights: [1, 2, 3] }) }),
    /^(shape-mismatch|invalid-parameter): loss\.classWeights/,
  ],
  'a regularizer of no layer': [
    () =>
      model.trainStep(step, {
        loss: objective,
        regularizers: [{ layer: 'lif3', penalty: { kind: 'l1-rate', lambda: 1 } }],
      }),
    /^unknown-name: unknown layer "lif3"; known are lif1, lif2$/,
  ],
  'a regularizer that does not exist': [
    () =>
      model.trainStep(step, {
        loss: objective,
        regularizers: [{ layer: 'lif1', penalty: any({ kind: 'l2', lambda: 1 }) }],
      }),
    /^(unknown-name|invalid-parameter): .*l2/,
  ],
  'a recording that does not exist': [
    () => model.run({ x, shape }, { record: ['lif1.w'] }),
    /^unknown-name: unknown recording "lif1\.w"; did you mean "lif1\.v"\?; known are lif1\.spikes, lif1\.v, lif1\.current$/,
  ],
  'a recording that is no name': [
    () => model.run({ x, shape }, { record: any([3]) }),
    /^invalid-parameter: record\[0\]/,
  ],
  'a state that is none': [() => model.run({ x, shape }, { state: any({}) }), /^invalid-parameter: state/],
  'a signal that is none': [
    () => model.run({ x, shape }, { signal: any({ aborted: false }) }),
    /^invalid-parameter: signal/,
  ],
  'progress to nobody': [
    () => model.run({ x, shape }, { onProgress: any('x') }),
    /^invalid-parameter: onProgress/,
  ],
  'weights of no parameter': [
    () => model.setWeights({ 'dense1.weights': values(30) }),
    'unknown-name: unknown parameter "dense1.weights"; did you mean "dense1.weight"?',
  ],
  'weights of another size': [
    () => model.setWeights({ 'dense1.weight': values(29) }),
    /^shape-mismatch: dense1\.weight/,
  ],
  'weights of another kind': [
    () => model.setWeights({ 'dense1.weight': any([1]) }),
    /^invalid-parameter: dense1\.weight/,
  ],
  'a weight that is none': [
    () => model.setWeights({ 'dense1.weight': nan(3, Number.NaN, 30) }),
    /^invalid-parameter: dense1\.weight\[3\]/,
  ],
  'steps that no double counts': [
    () => model.estimate({ steps: 2 ** 53, batch: 1 }),
    'invalid-parameter: steps: expected an integer from 1 to 9007199254740991 but got 9007199254740992',
  ],
  'no epochs': [
    () => model.fit(any({ [Symbol.asyncIterator]: () => ({}) }), { epochs: 0, loss: objective }),
    /^invalid-parameter: epochs/,
  ],
  'data that is none': [() => model.fit(any(3), { epochs: 1, loss: objective }), /^invalid-parameter: data/],
  'threads of a machine that does not exist': [() => setThreads(0), /^invalid-parameter: threads/],
  'half a thread': [() => setThreads(1.5), /^invalid-parameter: threads/],
  'instructions that do not exist': [
    () => setSimd(any('neon')),
    /^(invalid-parameter|unsupported|unknown-name): /,
  ],
  'a loss of outputs of another size': [
    () => evaluateLoss(objective, { v: values(5), shape: [2, 3, 2] }, new Uint32Array(3)),
    /^shape-mismatch: /,
  ],
  'a loss of no outputs': [
    () => evaluateLoss(objective, any({}), new Uint32Array(3)),
    /^invalid-parameter: outputs\.shape/,
  ],
  'a loss of targets of another kind': [
    () => evaluateLoss(objective, { v: values(6), shape: [2, 3, 1] }, any([1, 2, 3])),
    /^invalid-parameter: targets/,
  ],
});

test('a training step that is refused changes nothing', async (t) => {
  using one = await network.compile();
  using other = await network.compile();
  const busy = { x: new Float32Array(60).fill(1), shape, y: Uint8Array.of(0, 1, 1) };
  const good = { loss: objective, optimizer: sgd({ lr: 0.1 }) };
  for (const bad of [
    { ...good, optimizer: sgd({ lr: -1 }) },
    { ...good, optimizer: any({ kind: 'nonesuch' }) },
    { ...good, scale: -1 },
    { ...good, clipValue: -1 },
    { ...good, regularizers: [{ layer: 'x', penalty: { kind: 'l1-rate', lambda: 1 } as const }] },
  ]) {
    t.not(await failure(() => one.trainStep(busy, bad)), undefined);
  }
  await one.trainStep(busy, good);
  await other.trainStep(busy, good);
  t.is(await one.weightsSha256(), await other.weightsSha256());
  t.is(one.updates, 1);
});

test('a backward pass belongs to the forward pass before it', async (t) => {
  using own = await sequential(dense(5, 6), lif({ beta: 0.9 }), dense(6, 2), li({ beta: 0.9 })).compile({
    seed: 1,
  });
  const ones = new Float32Array(60).fill(1);
  const gradient = { v: new Float32Array(steps * batch * classes).fill(1) };
  const gradients = async () => (await own.gradients())['dense1.weight'];
  const first = await own.forward({ x: ones, shape });
  await first.backward(gradient);
  const right = await gradients();
  t.is((await failure(() => first.backward(gradient)))?.code, 'invalid-parameter', 'twice');
  await own.step(sgd({ lr: 0 }));
  const second = await own.forward({ x: ones, shape });
  await own.evaluateStep(step, { loss: objective });
  await second.backward(gradient);
  t.deepEqual(await gradients(), right, 'whatever ran in between');
  await own.step(sgd({ lr: 0 }));
  const third = await own.forward({ x, shape });
  const fourth = await own.forward({ x: ones, shape });
  t.is(
    (await failure(() => third.backward(gradient)))?.code,
    'invalid-parameter',
    'of an earlier forward pass',
  );
  t.is(
    (await failure(() => fourth.backward({ spikes: gradient.v })))?.code,
    'invalid-parameter',
    'spikes of a silent readout',
  );
  const fifth = await own.forward({ x: ones, shape });
  await own.step(sgd({ lr: 1 }));
  t.is((await failure(() => fifth.backward(gradient)))?.code, 'invalid-parameter', 'with other weights');
  for (const wrong of [{ v: values(3) }, { v: any([1]) }, { v: nan(1, Number.NaN, 24) }, { w: values(24) }]) {
    const { backward } = await own.forward({ x: ones, shape });
    t.not(await failure(() => backward(any(wrong))), undefined);
  }
});
