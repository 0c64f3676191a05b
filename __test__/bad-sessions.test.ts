// What a session refuses.
import test from 'ava';
import { type Model, NetworkState } from '../src-ts/index.ts';
import { failure } from './support/errors.ts';
import { network } from './support/small-network.ts';
import { any, detached, nan, table, values } from './support/table.ts';

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
