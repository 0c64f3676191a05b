// What a session refuses.
import test from 'ava';
import { type Initializer, li, lif } from '../../src-ts/doors/neurons.ts';
import { dense, type Model, ModelState, sequential, timeFilter, timeSum } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { network } from '../support/small-network.ts';
import { any, detached, nan, table, values } from '../support/table.ts';

let model: Model;
test.before(async () => {
  model = await network.compile();
});
test.after.always(() => model.dispose());

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
    () => ModelState.fromArrays(any({})),
    /^(invalid-parameter|unknown-name): state/,
  ],
  'arrays of another kind': [
    () =>
      ModelState.fromArrays({
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

const constant = (value: number): Initializer => ({ kind: 'constant', value });

for (const [precision, huge] of [
  ['f32', 3e38],
  ['f64', 1.5e308],
] as const) {
  test(`a state that leaves the numbers is told, ${precision}: the population, the step`, async (t) => {
    using overflowing = await sequential(
      dense(1, 2, { initial: { kind: 'values', values: [huge, -huge] }, bias: false }),
      li({ beta: 1, name: 'sums' }),
      dense(2, 1, { initial: constant(1), bias: false }),
      li({ beta: 1 }),
    ).compile({ precision });
    using session = await overflowing.session();
    t.is(session.push([0]).length, 0);
    // Twice `huge` is beyond either precision, and huge - huge is 0.
    for (let i = 0; i < 2; i++) {
      const error = await failure(() => session.push([0]));
      t.like(error, { code: 'non-finite', layer: 'sums', step: 1 });
      t.is(session.steps, 1);
      t.deepEqual(session.membrane(), Float32Array.of(0));
    }
    session.push([]);
    t.is(session.steps, 2);
  });

  test(`a step refused at its end is taken back from all layers, ${precision}`, async (t) => {
    using late = await sequential(
      dense(2, 70, { initial: { kind: 'uniform', low: 0.2, high: 1 } }),
      lif({ beta: 0.9, recurrent: 'dense' }),
      dense(70, 3, { initial: constant(0.1) }),
      li({ beta: 0.5 }),
      timeFilter([1, 0.5, 0.25]),
      timeSum(),
      dense(3, 1, { initial: constant(2), name: 'doubling' }),
      li({ beta: 0.9, name: 'last' }),
    ).compile({ seed: 3, precision });
    const weights = await late.weights();
    const doubling = weights['doubling.weight']!;
    using session = await late.session();
    using other = await late.session();
    // The same layers up to the last one, whose weights are too much for three values of 0.5.
    await late.setWeights({ 'doubling.weight': doubling.map(() => huge) as typeof doubling });
    using steep = await late.session();
    let refused = 0;
    for (let step = 0; step < 30; step++) {
      const input = step % 3 === 0 ? [0, 1] : [step % 2];
      t.deepEqual(session.push(input), other.push(input));
      steep.restore(session.save());
      const before = steep.save().toArrays();
      const error = await failure(() => steep.push(Float32Array.of(2, 2)));
      if (error === undefined) continue;
      refused += 1;
      t.like(error, { code: 'non-finite', layer: 'last' });
      t.deepEqual(steep.save().toArrays(), before);
      session.restore(steep.save());
      t.deepEqual(session.membrane(), other.membrane());
    }
    t.true(refused > 5, `${refused}`);
  });
}
