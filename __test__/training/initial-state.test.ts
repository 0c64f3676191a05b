// Training steps that begin with a state: against a neuron computed by hand, the whole sequence with truncated gradients, and runs.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { dense, LapicqueError, loss, type Model, ModelState, sequential } from '../../src-ts/index.ts';
import { deviation, uniform } from '../support/numbers.ts';

const summed = loss.trace(({ v }) => v.sum());

test('a leaky neuron from a state: loss and gradient by hand', async (t) => {
  using model = await sequential(dense(1, 1, { bias: false }), li({ beta: 0.5 })).compile({
    precision: 'f64',
  });
  await model.setWeights({ 'dense1.weight': Float64Array.of(0.7) });
  const { state } = await model.run({ x: Float64Array.of(4), shape: [1, 1, 1] });
  const before = state.toArrays().layers[0]!.states[0]![0]!;
  t.true(before > 1);
  const batch = { x: Float64Array.of(1, 2), shape: [2, 1, 1], y: Uint8Array.of(0), state };
  const report = await model.trainStep(batch, { loss: summed });
  const first = 0.5 * before + 0.7;
  const second = 0.5 * first + 1.4;
  t.true(Math.abs(report.loss - first - second) < 1e-12);
  t.true(Math.abs(report.state!.toArrays().layers[0]!.states[0]![0]! - second) < 1e-12);
  // The state is a constant: of the input before it, the weight has no gradient.
  const { 'dense1.weight': gradient } = await model.gradients();
  t.true(Math.abs(gradient![0]! - 3.5) < 1e-12);
});

const [steps, batch, size] = [12, 5, 4];
const x = uniform(2 * steps * batch * size, 1, 0, 2);
const whole = { x, shape: [2 * steps, batch, size], y: new Uint8Array(batch) };
const part = (of: 0 | 1) => ({
  x: x.slice((of * x.length) / 2, ((of + 1) * x.length) / 2),
  shape: [steps, batch, size],
  y: new Uint8Array(batch),
});
const recurrent = () =>
  sequential(
    dense(size, 20, { delay: 2 }),
    lif({ beta: 0.9, recurrent: 'dense', vThreshold: 0.5 }),
    dense(20, 3),
    li({ beta: 0.7 }),
  ).compile({ seed: 3, precision: 'f64' });

test('the second half of a sequence is that of the sequence with truncated gradients', async (t) => {
  using model = await recurrent();
  using other = await recurrent();
  const { state } = await model.run(part(0));
  const report = await model.trainStep({ ...part(1), state }, { loss: summed });
  const later = loss.trace(({ v, batch: { weight } }) => v.mul(weight).sum(), {
    tensors: { weight: ['time'] },
  });
  const weight = Float64Array.from({ length: 2 * steps }, (_, step) => (step < steps ? 0 : 1));
  const expected = await other.trainStep({ ...whole, tensors: { weight } }, { loss: later, truncate: steps });
  t.true(Math.abs(report.loss - expected.loss) < 1e-9);
  const [own, of] = [await model.gradients(), await other.gradients()];
  for (const name of Object.keys(of)) {
    const [a, b] = [own[name]!, of[name]!];
    // Fixed delays have none.
    t.is(
      a.some((value) => value !== 0),
      !name.endsWith('.delay'),
      name,
    );
    t.true(deviation(a, b) < 1e-9, name);
  }
});

test('steps of all kinds give the state of the run', async (t) => {
  using model = await recurrent();
  const { state } = await model.run(part(0));
  const { state: end } = await model.run(part(1), { state });
  const { state: ofWhole } = await model.run(whole);
  t.deepEqual(end.toArrays(), ofWhole.toArrays());
  const given = { ...part(1), state };
  const own = () => ({ loss: 0, gradV: new Float64Array(steps * batch * 3) });
  for (const [name, report] of Object.entries({
    train: await model.trainStep(given, { loss: summed }),
    segments: await model.trainStep(given, { loss: loss.crossEntropyMembrane(), segment: 5 }),
    truncated: await model.trainStep(given, { loss: loss.crossEntropyMembrane(), truncate: 5 }),
    evaluate: await model.evaluateStep(given, { loss: loss.crossEntropyMembrane() }),
    'own loss': await model.trainStep(given, { loss: own }),
    'own loss, evaluated': await model.evaluateStep(given, { loss: own }),
  }))
    t.deepEqual(report.state!.toArrays(), end.toArrays(), name);
  t.is((await model.trainStep(part(1), { loss: summed })).state, undefined);
});

test('states of samples are selected and joined', async (t) => {
  using model = await recurrent();
  const { state } = await model.run(part(0));
  const rest = await model.restState(2);
  const joined = ModelState.concat([rest, state]).select([4, 0, 4]);
  const { layers, batch: samples, pending } = joined.toArrays();
  const of = state.toArrays();
  t.is(samples, 3);
  layers.forEach(({ states, neurons, lastSpikes }, layer) => {
    states.forEach((values, i) => {
      const row = of.layers[layer]!.states[i]!.slice(2 * neurons, 3 * neurons);
      t.deepEqual([...values], [...row, ...new Array(neurons).fill(0), ...row]);
    });
    t.is(lastSpikes?.length, of.layers[layer]!.lastSpikes === undefined ? undefined : 3 * neurons);
  });
  t.true(pending!.some((values) => values.some((value) => value !== 0)));
  // Samples do not depend on each other.
  const sample = (of: number) => {
    const given = Float32Array.from({ length: steps * size }, (_, i) => {
      const [step, channel] = [Math.floor(i / size), i % size];
      return part(1).x[(step * batch + of) * size + channel]!;
    });
    return { x: given, shape: [steps, 1, size] };
  };
  const { v } = await model.run(part(1), { state });
  const { v: alone } = await model.run(sample(2), { state: state.select([2]) });
  for (let step = 0; step < steps; step++)
    t.deepEqual(alone.slice(step * 3, step * 3 + 3), v.slice((step * batch + 2) * 3, (step * batch + 3) * 3));
});

test('states that do not fit are refused', async (t) => {
  using model = await recurrent();
  using other = await sequential(dense(size, 3), li({ beta: 0.5 })).compile({ precision: 'f64' });
  const { state } = await model.run(part(0));
  const refused = async (code: LapicqueError['code'], work: () => unknown) => {
    const error = await t.throwsAsync(async () => work(), { instanceOf: LapicqueError });
    t.is(error?.code, code);
  };
  const step = (of: Model, given: unknown, more = {}) =>
    of.trainStep({ ...part(1), state: given as ModelState }, { loss: loss.crossEntropyMembrane(), ...more });
  await refused('shape-mismatch', () => step(model, state.select([0])));
  await refused('shape-mismatch', () => step(other, state));
  await refused('invalid-parameter', () => step(model, {}));
  await refused('unsupported', async () => step(other, await other.restState(batch), { method: 'e-prop' }));
  await refused('shape-mismatch', async () => ModelState.concat([state, await other.restState(1)]));
  await refused('invalid-parameter', () => state.select([batch]));
  await refused('invalid-parameter', () => state.select([]));
  await refused('invalid-parameter', () => state.select([0.5]));
  await refused('invalid-parameter', () => ModelState.concat([]));
  await refused('invalid-parameter', () => ModelState.concat([{} as ModelState]));
  await refused('invalid-parameter', () => model.restState(0));
  await refused('too-large', () => model.restState(2 ** 32));
  using single = await sequential(dense(size, 3), li({ beta: 0.5 })).compile();
  await refused('invalid-parameter', () => step(single, state));
});
