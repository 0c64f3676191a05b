// Arrays that a caller can get wrong: each a typed error that names the thing, at the call that is wrong.
import test from 'ava';
import { encode, vocabulary } from '../../src-ts/doors/data.ts';
import { cubaLif, li } from '../../src-ts/doors/neurons.ts';
import {
  compile,
  dense,
  evaluateLoss,
  LapicqueError,
  loss,
  type Model,
  ModelState,
  sequential,
} from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { batch, channels, network, objective, shape, steps, x, y } from '../support/small-network.ts';
import { any, detached, nan, table, values } from '../support/table.ts';

let model: Model;
test.before(async () => {
  model = await network.compile();
});
test.after.always(() => model.dispose());

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
    () => model.run({ x: nan(batch * channels + 2 * channels + 4, Number.NaN, x.length), shape }),
    'non-finite: input: sample 2, channel 4 is not finite at step 1',
  ],
  Infinity: [
    () => model.run({ x: nan(3, Infinity, x.length), shape }),
    'non-finite: input: sample 0, channel 3 is not finite at step 0',
  ],
  '-Infinity in a constant input': [
    () => model.trainStep({ x: nan(8, -Infinity, 15), shape: [3, 5], y }, { steps, loss: objective }),
    'non-finite: input: sample 1, channel 3 is not finite at step 0',
  ],
  'NaN in a Float64Array': [
    () => model.run({ x: Float64Array.from(nan(7, Number.NaN, x.length)), shape }),
    /^non-finite: input/,
  ],
  'a double beyond single precision': [
    () => model.run({ x: new Float64Array(60).fill(1e300), shape }),
    /^non-finite: input/,
  ],
  'a byte that is no spike': [
    () => model.run({ x: new Uint8Array(60).fill(2, 9, 10), shape }),
    'invalid-parameter: input[9]: expected 0 or 1, because bytes are spikes (counts and intensities are a Float32Array) but got 2',
  ],
  'a byte that is no spike in a constant input': [
    () => model.run({ x: new Uint8Array(15).fill(255, 9, 10), shape: [3, 5] }, { steps }),
    'invalid-parameter: input[9]: expected 0 or 1, because bytes are spikes (counts and intensities are a Float32Array) but got 255',
  ],
  'a list': [() => model.run({ x: any([0, 1]), shape }), /^invalid-parameter: input\.x: .*got \[0, 1\]/],
  'a DataView': [
    () => model.run({ x: any(new DataView(new ArrayBuffer(60))), shape }),
    /^invalid-parameter: input\.x/,
  ],
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
    /^invalid-parameter: batch\.lengths: .*transferred/,
  ],
});

test('what stands on memory that has shrunk is refused, not taken for nothing', async (t) => {
  using session = await model.session();
  // Newer than the types that the tests are compiled with.
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  const memory = new Resizable(12, { maxByteLength: 12 });
  const events = new Uint32Array(memory, 4, 2);
  const labels = new Uint32Array(memory, 0, 3);
  memory.resize(4);
  t.regex(await outcome(() => session.push(events)), /^invalid-parameter: events: .*transferred/);
  t.regex(
    await outcome(() => model.trainStep({ x, shape, y: labels }, { loss: objective })),
    /^invalid-parameter: batch\.y: .*transferred/,
  );
  // An empty array on memory that is there is no events.
  t.deepEqual([...session.push(new Uint32Array(memory, 4, 0))], [...session.fork().push([])]);
});

test('a proxy of an array is no array', async (t) => {
  t.regex(await outcome(() => model.run({ x: new Proxy(x, {}), shape })), /^invalid-parameter: input\.x/);
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

test('data without an axis have no time', async (t) => {
  const scalar = { x: Float32Array.of(0.5), shape: [] };
  for (const code of [encode.rate(scalar), encode.delta(scalar)]) {
    const error = await t.throwsAsync(code, { instanceOf: LapicqueError });
    t.is((error as unknown as { code: string }).code, 'shape-mismatch');
  }
  t.deepEqual((await encode.direct(scalar, { steps: 2 })).shape, [2]);
});

test('nothing at all, and numbers that JSON has not, are refused by name', async (t) => {
  const outputs = evaluateLoss(loss.crossEntropyRate(), undefined as never, Uint32Array.of(0));
  t.is(
    (await t.throwsAsync(outputs, { instanceOf: LapicqueError }))?.message.slice(0, 17),
    'outputs: expected',
  );
  const state = { precision: 'f32', batch: 1, layers: [undefined] } as never;
  t.throws(() => ModelState.fromArrays(state), {
    instanceOf: LapicqueError,
    message: /^state.layers\[0\]: expected/,
  });
  t.throws(() => vocabulary('ab').decode(undefined as never), {
    instanceOf: LapicqueError,
    message: /^numbers: expected/,
  });
  for (const key of ['seed', 'dt', 'nodes'] as const) {
    const wrong = compile({ ...model.description, [key]: 10n } as never);
    t.regex(
      (await t.throwsAsync(wrong, { instanceOf: LapicqueError }))!.message,
      /^description: expected plain data \(.*BigInt\)/,
    );
  }
});
