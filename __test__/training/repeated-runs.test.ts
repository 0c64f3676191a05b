// Runs one after the other on one model, each in the memory that the last one left, against first runs of models like it.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  input,
  maxPool2d,
  type RunOptions,
  residual,
  sequential,
  timeFilter,
} from '../../src-ts/index.ts';
import { spikes, uniform } from '../support/numbers.ts';

const network = sequential(
  input(2, 8, 8),
  conv2d(2, 6, 3, { padding: 1, name: 'c' }),
  batchNorm(),
  lif({ beta: 0.7, vThreshold: 0.3, recurrent: { kind: 'conv', kernel: 3 } }),
  residual([conv2d(6, 6, 3, { padding: 1 }), lif({ beta: 0.6, vThreshold: 0.2 })]),
  conv2d(6, 6, 3, { padding: 1 }),
  maxPool2d(2, { name: 'p' }),
  lif({ beta: 0.7, vThreshold: 0.2, name: 'l' }),
  flatten(),
  dropout(0.2),
  timeFilter([0.5, 0.25]),
  dense(96, 20),
  lif({ beta: 0.8, vThreshold: 0.3, recurrent: 'dense' }),
  dense(20, 5),
  li({ beta: 0.9 }),
);

const bits = (steps: number, batch: number) => ({
  x: spikes(steps * batch * 128, steps + batch),
  shape: [steps, batch, 128],
});
const runs: [string, Parameters<Awaited<ReturnType<typeof network.compile>>['run']>[0], RunOptions][] = [
  ['spikes', bits(6, 9), {}],
  ['the same again', bits(6, 9), {}],
  ['recorded', bits(6, 9), { record: ['c.values', 'p.values', 'l.v'] }],
  ['fewer samples', bits(6, 3), {}],
  ['values', { x: uniform(6 * 9 * 128, 3), shape: [6, 9, 128] }, {}],
  ['constant', { x: uniform(9 * 128, 4), shape: [9, 128] }, { steps: 6 }],
  ['more steps', bits(11, 9), { record: ['l.spikes'] }],
  ['spikes once more', bits(6, 9), {}],
];

test('a run in the memory of another gives the bits of a first one', async (t) => {
  using model = await network.compile({ seed: 5 });
  for (const [name, batch, options] of runs) {
    using fresh = await network.compile({ seed: 5 });
    const [first, again] = [await fresh.run(batch, options), await model.run(batch, options)];
    t.deepEqual(again.v, first.v, name);
    t.deepEqual(again.recordings, first.recordings, name);
    t.deepEqual(again.state.toArrays(), first.state.toArrays(), name);
    t.deepEqual([again.events, again.spikeCounts], [first.events, first.spikeCounts], name);
  }
});
