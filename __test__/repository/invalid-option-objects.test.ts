// Options inside options, and arguments of the wrong kind: each is named by its full path.
import test from 'ava';
import { operations } from '../../src-ts/doors/chip.ts';
import { circuits } from '../../src-ts/doors/circuit.ts';
import { DataLoader, decode, encode, encodeTargets, readIdx } from '../../src-ts/doors/data.ts';
import { readTensors } from '../../src-ts/doors/files.ts';
import { customSurrogate, surrogateDerivative } from '../../src-ts/doors/neurons.ts';
import { adam, evaluateLoss, evaluatePenalty, loss, type Model, setSimd } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { network, objective, shape, x, y } from '../support/small-network.ts';
import { any, nan, table, values } from '../support/table.ts';

let model: Model;
test.before(async () => {
  model = await network.compile();
});
test.after.always(() => model.dispose());

const data = { async *[Symbol.asyncIterator]() {} };
/** On a model of its own, because a second fit of one model is refused while the first one runs. */
const fitting = (options: object) => async () => {
  using own = await network.compile();
  return await own.fit(data, any({ epochs: 1, loss: objective, ...options }));
};
const step = (options: object) => () =>
  model.trainStep({ x, shape, y }, any({ loss: objective, ...options }));
const ones = { x: values(4), shape: [4] };
const outputs: readonly [number, number, number] = [2, 1, 3];

table('forms', {
  'a schedule': [
    fitting({ schedule: { kind: 'cosin', period: 3 } }),
    'unknown-name: unknown schedule "cosin"; did you mean "cosine"?',
  ],
  'the beginning of a schedule': [
    fitting({ schedule: { kind: 'cos', period: 3 } }),
    'unknown-name: unknown schedule "cos"; did you mean "cosine"?',
  ],
  'a schedule that is none': [
    fitting({ schedule: 'cosine' }),
    /^invalid-parameter: schedule: expected an object .* got "cosine"$/,
  ],
  'an option of a schedule': [
    fitting({ schedule: { kind: 'cosine', periods: 3 } }),
    'unknown-name: unknown option of schedule cosine "periods"; did you mean "period"?',
  ],
  'an option that a schedule needs': [
    fitting({ schedule: { kind: 'exponential' } }),
    'invalid-parameter: schedule.gamma: expected a finite number but got undefined',
  ],
  'a schedule in a schedule': [
    // biome-ignore lint/suspicious/noThenProperty: it is the name of the option.
    fitting({ schedule: { kind: 'warm-up', steps: 2, then: { kind: 'multi-step', milestones: [1, 2.5] } } }),
    'invalid-parameter: schedule.then.milestones[1]: expected an integer at least 0 but got 2.5',
  ],
  'a group of parameters': [
    () => adam({ groups: any([{ parameters: ['dense1'] }, { lr: 1 }]) }),
    'invalid-parameter: optimizer.groups[1].parameters: expected a list but got undefined',
  ],
  'an option of a group': [
    () => adam({ groups: any([{ parameters: ['dense1'], frozn: true }]) }),
    'unknown-name: unknown option of optimizer.groups[0] "frozn"; did you mean "frozen"?',
  ],
  'a number of an optimizer': [
    () => adam(any({ lr: '0.1' })),
    'invalid-parameter: optimizer.lr: expected a finite number but got "0.1"',
  ],
  'an option that is null': [
    () => adam(any({ lr: null })),
    'invalid-parameter: optimizer.lr: expected a value (leave the option out for its default) but got null',
  ],
  'one decay of two': [
    () => adam({ betas: any([0.9]) }),
    'invalid-parameter: optimizer.betas: expected a list of two numbers but got [0.9]',
  ],
  'a step of a loss': [
    () => loss.crossEntropyRate({ from: -1 }),
    'invalid-parameter: loss.from: expected an integer at least 0 but got -1',
  ],
  'a word of a loss': [
    () => loss.crossEntropyRate({ reduction: any('means') }),
    'unknown-name: unknown value of loss.reduction "means"; did you mean "mean"?',
  ],
  'penalties that are no list': [
    fitting({ regularizers: 'l1' }),
    'invalid-parameter: regularizers: expected a list but got "l1"',
  ],
  'penalties that are no list, of a step': [
    step({ regularizers: 'l1' }),
    'invalid-parameter: regularizers: expected a list but got "l1"',
  ],
  'a penalty': [
    step({ regularizers: [{ layer: 'lif1', penalty: { kind: 'l1-rat', lambda: 1 } }] }),
    'unknown-name: unknown regularizers[0].penalty "l1-rat"; did you mean "l1-rate"?',
  ],
  'a number of a penalty': [
    step({ regularizers: [{ layer: 'lif1', penalty: { kind: 'rate-band', lambda: 1, low: 0 } }] }),
    'invalid-parameter: regularizers[0].penalty.high: expected a finite number but got undefined',
  ],
  'what decides': [
    fitting({ by: 'counts' }),
    'unknown-name: unknown value of by "counts"; did you mean "count"?',
  ],
  'an option of an encoder': [
    () => encode.rate(ones, any({ gian: 1 })),
    'unknown-name: unknown option of encode.rate "gian"; did you mean "gain"?',
  ],
  'a value of an encoder': [
    () => encode.latency(ones, any({ steps: 4, clip: 1 })),
    'invalid-parameter: clip: expected true or false but got 1',
  ],
  'a code of targets': [
    () => encodeTargets(Uint32Array.of(0), 2, any({ code: 'rates' })),
    'unknown-name: unknown value of code "rates"; did you mean "rate"?',
  ],
  'a decoder': [
    () => decode(any({ kind: 'spike-cuont' }), values(6), outputs),
    'unknown-name: unknown decoder "spike-cuont"; did you mean "spike-count"?',
  ],
  'classes of a decoder': [
    () => decode(any({ kind: 'population-vote' }), values(6), outputs),
    'invalid-parameter: decoder.classes: expected an integer at least 1 but got undefined',
  ],
  instructions: [
    () => setSimd(any('avx3')),
    'unknown-name: unknown value of level "avx3"; known are portable, avx2, avx512',
  ],
});

table('arguments', {
  'readTensors of no path': [() => readTensors(any(3)), /^invalid-parameter: source: .* got 3$/],
  'estimate of nothing': [
    () => model.estimate(any(undefined)),
    /^invalid-parameter: steps: .* got undefined$/,
  ],
  'operations of nothing': [() => operations(any(undefined), any(undefined)), /^invalid-parameter: model: /],
  'a penalty without a shape': [
    () => evaluatePenalty({ kind: 'l1-rate', lambda: 1 }, values(6), any(undefined)),
    'invalid-parameter: shape: expected [time, batch, neurons] but got undefined',
  ],
  'a surrogate with null': [
    () => customSurrogate('x', any(null)),
    'invalid-parameter: params: expected an object of options but got null',
  ],
  'the derivative of nothing': [
    () => surrogateDerivative(any(undefined), []),
    /^invalid-parameter: surrogate: .* got undefined$/,
  ],
  'readIdx with null': [
    () => readIdx(new Uint8Array(4), any(null)),
    /^invalid-parameter: readIdx: .* got null$/,
  ],
  'readIdx with a signal that is none': [
    () => readIdx(new Uint8Array(4), any({ signal: 3 })),
    /^invalid-parameter: signal: .* got 3$/,
  ],
  'readIdx of an address': [
    () => readIdx(new URL('http://x/y')),
    'invalid-parameter: source: expected a file: URL but got "http://x/y"',
  ],
  'a value that is none among spikes': [
    () => evaluatePenalty({ kind: 'l1-rate', lambda: 1 }, nan(4, Number.NaN, 6), outputs),
    'non-finite: spikes: sample 0, neuron 1 is not finite at step 1',
  ],
  'a loss of a membrane that is no number': [
    () =>
      evaluateLoss(
        loss.crossEntropyMembrane(),
        { v: nan(5, Infinity, 6), shape: outputs },
        Uint32Array.of(0),
      ),
    'non-finite: outputs.v: sample 0, neuron 2 is not finite at step 1',
  ],
  'a loss of spikes that are no numbers': [
    () =>
      evaluateLoss(
        loss.crossEntropyRate(),
        { spikes: nan(0, Number.NaN, 6), shape: outputs },
        Uint32Array.of(0),
      ),
    'non-finite: outputs.spikes: sample 0, neuron 0 is not finite at step 0',
  ],
});

for (const [name, make] of Object.entries(circuits)) {
  test(`networks.${name} of null, of nonsense`, async (t) => {
    t.is((await failure(() => make(any(null))))?.code, 'invalid-parameter');
    t.is((await failure(() => make({ scale: Number.NaN })))?.code, 'invalid-parameter');
    t.is((await failure(() => make(any({ scael: 1 }))))?.code, 'unknown-name');
  });
}

test('backward of nothing adds nothing', async (t) => {
  const { backward } = await model.forward({ x, shape });
  await backward(any(undefined));
  t.true(Object.values(await model.gradients()).every((gradient) => gradient.every((g) => g === 0)));
});

test('memory that is transferred away while a loop reads it is told', async (t) => {
  const source = { x: values(8), shape: [8], y: new Uint32Array(8) };
  for (const name of ['x', 'y'] as const) {
    const own = { ...source, [name]: source[name].slice() };
    const loop = new DataLoader(own, { batchSize: 2, prefetch: 0 })[Symbol.asyncIterator]();
    await loop.next();
    structuredClone(own[name], { transfer: [own[name].buffer as ArrayBuffer] });
    const error = await failure(() => loop.next());
    t.regex(error?.message ?? '', new RegExp(`^source\\.${name}: expected an array whose memory`));
  }
});
