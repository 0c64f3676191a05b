// What a caller can get wrong: each a typed error that names the thing, at the call that is wrong.
import test from 'ava';
import {
  adam,
  adamw,
  compile,
  conv2d,
  cubaLif,
  customSurrogate,
  DataLoader,
  dense,
  evaluateLoss,
  li,
  lif,
  loss,
  Model,
  NetworkState,
  Session,
  sequential,
  setSimd,
  setThreads,
  sgd,
  surrogate,
  surrogateDerivative,
} from '../src-ts/index.ts';
import { failure, outcome } from './support/errors.ts';

const [steps, batch, channels, classes] = [4, 3, 5, 2];
const network = sequential(dense(channels, 6), lif({ beta: 0.9 }), dense(6, classes), lif({ beta: 0.8 }));
const any = (value: unknown) => value as never;
const values = (length: number) => new Float32Array(length);
const x = values(steps * batch * channels);
const shape = [steps, batch, channels];
const y = new Uint8Array(batch);
const objective = loss.crossEntropyMembrane();

let model: Model;
test.before(async () => {
  model = await network.compile();
});
test.after.always(() => model.dispose());

/** A table of calls and what they must say. */
function table(title: string, rows: Record<string, [() => unknown, string | RegExp]>): void {
  for (const [name, [call, expected]] of Object.entries(rows)) {
    test(`${title}: ${name}`, async (t) => {
      const said = await outcome(call);
      if (typeof expected === 'string') t.is(said, expected);
      else t.regex(said, expected);
    });
  }
}

const detached = <T extends ArrayBufferView>(array: T): T => {
  structuredClone(array, { transfer: [array.buffer as ArrayBuffer] });
  return array;
};
const nan = (at: number, value = Number.NaN, length = x.length) => {
  const bad = new Float32Array(length);
  bad[at] = value;
  return bad;
};

table('input', {
  'a shape with a channel too many': [
    () => model.run({ x: values(72), shape: [4, 3, 6] }),
    'shape-mismatch: input: expected shape [4, 3, 5] but got 72 values in the shape [4, 3, 6]',
  ],
  'a shape that its values do not fill': [
    () => model.run({ x: values(59), shape }),
    /^shape-mismatch: input: .*59 values/,
  ],
  'two axes without steps': [
    () => model.run({ x: values(15), shape: [3, 5] }),
    /^shape-mismatch: .*give `steps`/,
  ],
  'one axis with steps': [() => model.run({ x: values(5), shape: [5] }, { steps }), /^shape-mismatch: /],
  'no time steps': [
    () => model.run({ x: values(0), shape: [0, 3, 5] }),
    /^invalid-parameter: input\.shape\[0\]/,
  ],
  'no samples': [
    () => model.run({ x: values(0), shape: [4, 0, 5] }),
    /^invalid-parameter: input\.shape\[1\]/,
  ],
  '0 steps of a constant input': [
    () => model.run({ x: values(15), shape: [3, 5] }, { steps: 0 }),
    /^invalid-parameter: steps: .*0$/,
  ],
  'half a step': [
    () => model.run({ x: values(15), shape: [3, 5] }, { steps: 2.5 }),
    /^invalid-parameter: steps/,
  ],
  'steps that are no number': [
    () => model.run({ x: values(15), shape: [3, 5] }, { steps: any('4') }),
    /^invalid-parameter: steps/,
  ],
  'a negative size': [() => model.run({ x, shape: [-4, -3, 5] }), /^invalid-parameter: input\.shape\[0\]/],
  NaN: [
    () => model.run({ x: nan(batch * channels + 2 * channels + 4), shape }),
    'non-finite: input: sample 2, channel 4 is not finite at step 1',
  ],
  Infinity: [
    () => model.run({ x: nan(3, Infinity), shape }),
    'non-finite: input: sample 0, channel 3 is not finite at step 0',
  ],
  '-Infinity in a constant input': [
    () => model.trainStep({ x: nan(8, -Infinity, 15), shape: [3, 5], y }, { steps, loss: objective }),
    'non-finite: input: sample 1, channel 3 is not finite at step 0',
  ],
  'NaN in a Float64Array': [() => model.run({ x: Float64Array.from(nan(7)), shape }), /^non-finite: input/],
  'a double beyond single precision': [
    () => model.run({ x: new Float64Array(60).fill(1e300), shape }),
    /^non-finite: input/,
  ],
  'a byte that is no spike': [
    () => model.run({ x: new Uint8Array(60).fill(2, 9, 10), shape }),
    'invalid-parameter: input[9]: expected 0 or 1 but got 2',
  ],
  'a list': [() => model.run({ x: any([0, 1]), shape }), /^invalid-parameter: input\.x: .*got \[0, 1\]/],
  'an Int32Array': [() => model.run({ x: any(new Int32Array(60)), shape }), /^invalid-parameter: input\.x/],
  'an array that was transferred': [
    () => model.run({ x: detached(values(60)), shape }),
    /^shape-mismatch: input: .*0 values/,
  ],
  nothing: [() => model.run(any(undefined)), /^invalid-parameter: input/],
  'a shape that is no list': [
    () => model.run({ x, shape: any('4,3,5') }),
    /^invalid-parameter: input\.shape/,
  ],
});

table('targets', {
  'a label out of range': [
    () => model.trainStep({ x, shape, y: Uint8Array.of(0, 2, 1) }, { loss: objective }),
    /^invalid-parameter: .*1.*expected .*but got 2/,
  ],
  'a label too few': [
    () => model.trainStep({ x, shape, y: Uint8Array.of(0, 1) }, { loss: objective }),
    /^shape-mismatch: /,
  ],
  'a list': [
    () => model.trainStep({ x, shape, y: any([0, 1, 1]) }, { loss: objective }),
    /^invalid-parameter: batch\.y/,
  ],
  'an array that was transferred': [
    () => model.trainStep({ x, shape, y: detached(new Uint8Array(3)) }, { loss: objective }),
    /^invalid-parameter: batch\.y: .*transferred/,
  ],
  'values for a cross-entropy': [
    () => model.trainStep({ x, shape, y: values(6) }, { loss: objective }),
    /^invalid-parameter: targets/,
  ],
  'a value that is none': [
    () => model.trainStep({ x, shape, y: nan(4, Number.NaN, 6) }, { loss: loss.meanSquaredRate() }),
    /^(invalid-parameter|non-finite): .*4/,
  ],
  'a length of 0': [
    () => model.trainStep({ x, shape, y, lengths: Uint32Array.of(4, 0, 1) }, { loss: objective }),
    /^invalid-parameter: lengths\[1\]/,
  ],
  'a length beyond the end': [
    () => model.trainStep({ x, shape, y, lengths: Uint32Array.of(4, 5, 1) }, { loss: objective }),
    /^invalid-parameter: lengths\[1\]/,
  ],
  'lengths of another kind': [
    () => model.trainStep({ x, shape, y, lengths: any([4, 4, 1]) }, { loss: objective }),
    /^invalid-parameter: batch\.lengths/,
  ],
  'lengths that were transferred': [
    () => model.trainStep({ x, shape, y, lengths: detached(new Uint32Array(3)) }, { loss: objective }),
    /^shape-mismatch: /,
  ],
});

table('networks', {
  'neighbours that do not fit': [
    () =>
      sequential(
        ...(any([dense(5, 6), lif({ beta: 0.9 }), dense(7, 2), lif({ beta: 0.9 })]) as []),
      ).compile(),
    'shape-mismatch: dense2: expected shape [7] but got [6] from lif1',
  ],
  'a population of another width': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, neurons: 7 })).compile(),
    'shape-mismatch: lif1: expected shape [7] but got [6] from dense1',
  ],
  'a list that is not one a neuron': [
    () => sequential(dense(5, 6), lif({ beta: [0.9, 0.8] })).compile(),
    'shape-mismatch: lif1.beta: expected shape [6] but got [2]',
  ],
  'a decay above 1': [
    () => sequential(dense(5, 6), lif({ beta: 1.5 })).compile(),
    'invalid-parameter: lif1.beta: expected a number from 0 to 1 but got 1.5',
  ],
  'a decay below 0': [
    () => sequential(dense(5, 6), lif({ beta: -0.3 })).compile(),
    /^invalid-parameter: lif1\.beta: .*-0\.3/,
  ],
  'a decay that is none': [() => lif({ beta: Number.NaN }), /^invalid-parameter: lif\.beta: .*NaN/],
  'one decay of many': [
    () => sequential(dense(5, 2), lif({ beta: [0.5, 1.01] })).compile(),
    /^invalid-parameter: lif1\.beta: .*1\.01/,
  ],
  'a time constant of 0': [
    () => sequential(dense(5, 6), lif({ tauMem: 0 })).compile(),
    /^invalid-parameter: lif1\.tauMem/,
  ],
  'no decay at all': [() => sequential(dense(5, 6), lif()).compile(), /^invalid-parameter: lif1\..*beta/],
  'two decays': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, tauMem: 5 })).compile(),
    /^invalid-parameter: lif1\..*say the same/,
  ],
  'an option that does not exist': [
    () => lif(any({ betta: 0.9 })),
    'unknown-name: unknown option of lif "betta"; did you mean "beta"?',
  ],
  'a value of an option that does not exist': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, reset: any('substract') })).compile(),
    /^unknown-name: .*"substract"; did you mean "subtract"\?$/,
  ],
  'a learned parameter that does not exist': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, learn: any(['betas']) })).compile(),
    /^unknown-name: .*"betas"; did you mean "beta"\?$/,
  ],
  'a learned parameter that takes no part': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, learn: ['tauMem'] })).compile(),
    /^invalid-parameter: .*learn.*tauMem/,
  ],
  'a learned list that is none': [
    () => lif({ beta: 0.9, learn: any('beta') }),
    /^invalid-parameter: lif\.learn/,
  ],
  'a preset that does not exist': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, like: any('snntorc') })).compile(),
    /^unknown-name: .*did you mean "snntorch"\?$/,
  ],
  'a surrogate that does not exist': [
    () => sequential(dense(5, 6), lif({ beta: 0.9, surrogate: { name: 'fast_sigmoid' } })).compile(),
    /^unknown-name: unknown surrogate .*did you mean "fast-sigmoid"\?$/,
  ],
  'a surrogate that is no object': [() => lif({ beta: 0.9, surrogate: any(7) }), /^invalid-parameter: /],
  'a parameter of a surrogate that does not exist': [
    () => surrogate.atan({ alpa: 2 } as object),
    /^unknown-name: .*"alpa"; did you mean "alpha"\?$/,
  ],
  'no layer': [() => sequential().compile(), /^invalid-parameter: layers/],
  'a projection at the end': [() => sequential(dense(5, 6)).compile(), /^invalid-parameter: the last layer/],
  'a convolution without an image': [
    () => sequential(dense(5, 6), conv2d(6, 7, 3), lif({ beta: 0.9 })).compile(),
    /^shape-mismatch: conv: expected shape \[channels, height, width\]/,
  ],
  'a layer that is none': [
    () => sequential(...(any([{}]) as [])).compile(),
    /^invalid-parameter: layers\[0\]/,
  ],
  'no width': [() => sequential(lif({ beta: 0.9 })).compile(), /^invalid-parameter: inputs/],
  'a width of 0': [() => dense(0, 5), /^invalid-parameter: dense\.inputs/],
  'a width that is too large': [() => dense(5, 2 ** 25), /^invalid-parameter: dense\.outputs/],
  'neurons that are no number': [
    () => sequential(lif({ beta: 0.9, neurons: any('3') })).compile(),
    /^invalid-parameter: lif\.neurons/,
  ],
  'a name twice': [
    () => sequential(dense(5, 6, { name: 'a' }), lif({ beta: 0.9, name: 'a' })).compile(),
    /^invalid-parameter: node name: .*"a"/,
  ],
  'the name of the input': [
    () => sequential(dense(5, 6, { name: 'input' }), lif({ beta: 0.9 })).compile(),
    /^invalid-parameter: node name/,
  ],
  'a precision that does not exist': [
    () => network.compile({ precision: any('f16') }),
    /^unknown-name: .*did you mean "f32"|^unknown-name/,
  ],
  'a seed below 0': [() => network.compile({ seed: -1 }), /^invalid-parameter: seed/],
  'a step of 0 ms': [() => network.compile({ dt: 0 }), /^invalid-parameter: dt/],
  'an option of compile that does not exist': [
    () => network.compile(any({ sead: 1 })),
    'unknown-name: unknown option of network "sead"; did you mean "seed"?',
  ],
  'an initialiser that does not exist': [
    () => sequential(dense(5, 6, { initial: any({ kind: 'xavier' }) }), lif({ beta: 0.9 })).compile(),
    /^(unknown-name|invalid-parameter|malformed-file): .*xavier/,
  ],
  'a deviation below 0': [
    () =>
      sequential(
        dense(5, 6, { initial: { kind: 'normal', mean: 0, std: -1 } }),
        lif({ beta: 0.9 }),
      ).compile(),
    /^invalid-parameter: dense1\..*-1/,
  ],
  'a recurrence that does not exist': [
    () => lif({ beta: 0.9, recurrent: any('sparse') }),
    /^unknown-name: .*"sparse"/,
  ],
  'an option of a recurrence that does not exist': [
    () => lif({ beta: 0.9, recurrent: any({ kind: 'dense', biass: true }) }),
    /^unknown-name: .*"biass"; did you mean "bias"\?$/,
  ],
  'a description that is none': [() => compile(any({})), /^malformed-file: /],
  'a description that is nothing': [() => compile(any(undefined)), /^(malformed-file|invalid-parameter): /],
});

test('an equation that cannot be read: line, column and frame', async (t) => {
  const bad = customSurrogate('1 / (1 +\n  abs(y))');
  for (const call of [
    () => surrogateDerivative(bad, [0]),
    () => sequential(dense(5, 6), lif({ beta: 0.9, surrogate: bad })).compile(),
  ]) {
    const error = await failure(call);
    t.like(error, { code: 'equation', line: 2, column: 7 });
    t.true(error!.code === 'equation' && /abs\(y\)\)\n\s*\^/.test(error!.frame), error!.message);
  }
  for (const text of [
    '',
    '1 +',
    '(',
    'x x',
    '1 / ',
    'exp()',
    'foo(x)',
    '1e999',
    `${'('.repeat(5000)}x${')'.repeat(5000)}`,
    'x = 1',
    '√x',
  ]) {
    const error = await failure(() => surrogateDerivative(customSurrogate(text), [0]));
    t.true(
      error?.code === 'equation' || error?.code === 'invalid-parameter',
      `${text.slice(0, 20)}: ${error?.code}`,
    );
  }
  t.is((await failure(() => customSurrogate('x * k', { k: Number.NaN })))?.code, 'invalid-parameter');
});

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
  'of fit': [() => model.fit(any([]), any({ epoch: 3, loss: objective })), /did you mean "epochs"\?$/],
  'of a loader': [
    () => new DataLoader({ x: values(6), shape: [6] }, any({ batchsize: 3 })),
    /did you mean "batchSize"\?$/,
  ],
  'of a loss': [
    () => model.trainStep(step, { loss: loss.crossEntropyRate(any({ classWeight: [1, 2] })) }),
    /^unknown-name: .*classWeight/,
  ],
  'of an optimiser': [
    () => model.trainStep(step, { loss: objective, optimizer: adam(any({ beta: [0.9, 0.99] })) }),
    /^unknown-name: .*"beta".*did you mean "betas"\?$/,
  ],
  'a loss that does not exist': [
    () => model.trainStep(step, { loss: any({ kind: 'cross-entropy' }) }),
    /^unknown-name: .*cross-entropy/,
  ],
  'no loss': [() => model.trainStep(step, any({})), /^invalid-parameter: .*loss/],
  'an optimiser that does not exist': [
    () => model.trainStep(step, { loss: objective, optimizer: any({ kind: 'rmsprop' }) }),
    /^unknown-name: .*rmsprop/,
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
  'a regulariser of no layer': [
    () =>
      model.trainStep(step, {
        loss: objective,
        regularisers: [{ layer: 'lif3', penalty: { kind: 'l1-rate', lambda: 1 } }],
      }),
    /^unknown-name: unknown layer "lif3"; did you mean "lif[12]"\?$/,
  ],
  'a regulariser that does not exist': [
    () =>
      model.trainStep(step, {
        loss: objective,
        regularisers: [{ layer: 'lif1', penalty: any({ kind: 'l2', lambda: 1 }) }],
      }),
    /^(unknown-name|invalid-parameter): .*l2/,
  ],
  'a recording that does not exist': [
    () => model.run({ x, shape }, { record: ['lif1.w'] }),
    /^unknown-name: unknown recording "lif1\.w"; did you mean "lif1\.v"\?$/,
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
  'no epochs': [
    () => model.fit(any({ [Symbol.asyncIterator]: () => ({}) }), { epochs: 0, loss: objective }),
    /^invalid-parameter: epochs/,
  ],
  'data that is none': [
    () => model.fit(any([1]), { epochs: 1, loss: objective }),
    /^invalid-parameter: data/,
  ],
  'threads of a machine that does not exist': [() => setThreads(0), /^invalid-parameter: threads/],
  'half a thread': [() => setThreads(1.5), /^invalid-parameter: threads/],
  'instructions that do not exist': [
    () => setSimd(any('neon')),
    /^(invalid-parameter|unsupported|unknown-name): /,
  ],
  'a loss of outputs of another size': [
    () => evaluateLoss(objective, { v: values(5), shape: [2, 3, 1] }, new Uint32Array(3)),
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
    { ...good, optimizer: any({ kind: 'rmsprop' }) },
    { ...good, scale: -1 },
    { ...good, clipValue: -1 },
    { ...good, regularisers: [{ layer: 'x', penalty: { kind: 'l1-rate', lambda: 1 } as const }] },
  ]) {
    t.not(await failure(() => one.trainStep(busy, bad)), undefined);
  }
  await one.trainStep(busy, good);
  await other.trainStep(busy, good);
  t.is(await one.weightsSha256(), await other.weightsSha256());
  t.is(one.updates, 1);
});

table('sessions', {
  'a channel out of range': [
    async () => (await model.session()).push([1, 5]),
    'invalid-parameter: events[1]: expected a channel below 5 but got 5',
  ],
  'channels out of order': [
    async () => (await model.session()).push([2, 1]),
    /^invalid-parameter: events\[1\]/,
  ],
  'a channel twice': [
    async () => (await model.session()).push(Uint32Array.of(2, 2)),
    /^invalid-parameter: events\[1\]/,
  ],
  'a channel that is none': [
    async () => (await model.session()).push([0.5]),
    /^invalid-parameter: events\[0\]/,
  ],
  'a channel below 0': [async () => (await model.session()).push([-1]), /^invalid-parameter: events\[0\]/],
  'values too few': [async () => (await model.session()).push(values(4)), /^shape-mismatch: input/],
  'a value that is none': [
    async () => (await model.session()).push(nan(2, Number.NaN, 5)),
    /^non-finite: input: channel 2/,
  ],
  'events of another kind': [
    async () => (await model.session()).push(any(new Uint8Array(5))),
    /^invalid-parameter: events/,
  ],
  nothing: [async () => (await model.session()).push(any(undefined)), /^invalid-parameter: events/],
  'events that were transferred': [
    async () => (await model.session()).push(detached(new Uint32Array(2))),
    /^invalid-parameter: events/,
  ],
  'values that were transferred': [
    async () => (await model.session()).push(detached(values(5))),
    /^invalid-parameter: events/,
  ],
  'room for another number of neurons': [
    async () => (await model.session()).membrane(values(3)),
    /^invalid-parameter: out/,
  ],
  'a state that is none': [async () => (await model.session()).restore(any({})), /^invalid-parameter: state/],
  'arrays that are no state': [
    () => NetworkState.fromArrays(any({})),
    /^(invalid-parameter|unknown-name): state/,
  ],
  'arrays of another kind': [
    () =>
      NetworkState.fromArrays({
        precision: 'f32',
        batch: 1,
        layers: [{ neurons: 2, states: any([[1, 2]]) }],
      }),
    /^invalid-parameter: state\.layers\[0\]\.states\[0\]/,
  ],
});

test('a step that a session refuses leaves its state as it was', async (t) => {
  using session = await model.session();
  session.push([0, 1, 2]);
  const before = session.save().toArrays();
  for (const bad of [[7], [1, 0], nan(2, Infinity, 5), values(9)])
    await failure(() => session.push(any(bad)));
  t.deepEqual(session.save().toArrays(), before);
  t.is(session.steps, 1);
});

test('every method of what was disposed says so, disposing twice does not', async (t) => {
  const gone = await network.compile();
  const session = await gone.session();
  const fork = session.fork();
  const { backward } = await gone.forward({ x, shape });
  const state = session.save();
  gone.dispose();
  gone.dispose();
  gone[Symbol.dispose]();
  // A session has its own hold of the weights.
  t.deepEqual([...session.push([0])], [...fork.push([0])]);
  session.dispose();
  session.dispose();
  const data = new DataLoader({ x: values(15), y, shape: [3, 5] }, { batchSize: 3 });
  const calls: Record<string, () => unknown> = {
    // First, for it belongs to the last forward pass that was tried.
    backward: () => backward({ v: values(steps * batch * classes) }),
    'model.run': () => gone.run({ x, shape }),
    'model.predict': () => gone.predict({ x, shape }),
    'model.evaluate': () => gone.evaluate(any(data), { steps, loss: objective }),
    'model.fit': () => gone.fit(any(data), { epochs: 1, steps, loss: objective }),
    'model.trainStep': () => gone.trainStep(step, { loss: objective, optimizer: adam() }),
    'model.evaluateStep': () => gone.evaluateStep(step, { loss: objective }),
    'model.forward': () => gone.forward({ x, shape }),
    'model.step': () => gone.step(adam()),
    'model.weights': () => gone.weights(),
    'model.gradients': () => gone.gradients(),
    'model.setWeights': () => gone.setWeights({ 'dense1.weight': values(30) }),
    'model.setTensor': () => gone.setTensor('value', 'dense1.weight', values(30)),
    'model.weightsSha256': () => gone.weightsSha256(),
    'model.estimate': () => gone.estimate({ steps: 1, batch: 1 }),
    'model.session': () => gone.session(),
    'model.currentDescription': () => gone.currentDescription(),
    'model.save': () => gone.save('/tmp/never-written.safetensors'),
    'session.push': () => session.push([0]),
    'session.push of values': () => session.push(values(5)),
    'session.pushAsync': () => session.pushAsync([[0]]),
    'session.membrane': () => session.membrane(),
    'session.steps': () => session.steps,
    'session.reset': () => session.reset(),
    'session.save': () => session.save(),
    'session.restore': () => session.restore(state),
    'session.fork': () => session.fork(),
  };
  for (const [name, call] of Object.entries(calls)) t.is((await failure(call))?.code, 'disposed', name);
  const tried = new Set(Object.keys(calls).map((name) => name.split(' ')[0]));
  for (const [name, type] of [
    ['model', Model],
    ['session', Session],
  ] as const) {
    for (const [key, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(type.prototype))) {
      const known = ['constructor', 'dispose', 'summary', 'native', 'parameterCount', 'outputs'];
      if (!known.includes(key) && (get ?? value) !== undefined)
        t.true(tried.has(`${name}.${key}`), `${name}.${key} was not tried`);
    }
  }
  t.is(typeof gone.summary(), 'string');
  fork.dispose();
});

test('disposing during a task lets the task end', async (t) => {
  const busy = await network.compile({ seed: 1 });
  const running = busy.trainStep(step, { loss: objective, optimizer: adam() });
  const session = busy.session();
  busy.dispose();
  t.true(Number.isFinite((await running).loss));
  (await session).push([1]);
  t.is((await failure(() => busy.weights()))?.code, 'disposed');
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

test('unusual numbers are numbers', async (t) => {
  const strange = Float32Array.of(-0, 1e-45, 1e-38, -1e-40, 1e30);
  using plain = await sequential(
    dense(5, 6),
    cubaLif({ alpha: 0.5, beta: 0.9 }),
    dense(6, 2),
    li({ beta: 0.9 }),
  ).compile();
  const run = await plain.run({ x: strange, shape: [1, 5] }, { steps: 3 });
  t.true(run.v.every(Number.isFinite));
  const shared = new Float32Array(new SharedArrayBuffer(20));
  shared.set(strange);
  t.deepEqual((await plain.run({ x: shared, shape: [1, 5] }, { steps: 3 })).v, run.v);
  const longer = new Float32Array(9);
  longer.set(strange, 2);
  t.deepEqual((await plain.run({ x: longer.subarray(2, 7), shape: [1, 5] }, { steps: 3 })).v, run.v);
  t.deepEqual((await plain.run({ x: Buffer.from([1, 0, 1, 0, 0]), shape: [1, 1, 5] })).shape, [1, 1, 2]);
});
