// Batch norm with statistics, or all of its weights, of each step; against torch in layers.test.ts.
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  batchNorm,
  conv2d,
  dense,
  flatten,
  input,
  type Layer,
  loadCheckpoint,
  loss,
  type Network,
  sequential,
} from '../../src-ts/index.ts';
import { deviation, labels, uniform } from '../support/numbers.ts';

const all = sequential as (...layers: readonly Layer[]) => Network;

for (const own of [{}, { steps: 4 }]) {
  test(`batch norm of each step${'steps' in own ? ', with weights of each' : ''}: an image that stays as the same image at every step`, async (t) => {
    const [steps, batch] = [4, 5];
    const network = () =>
      all(
        input(2, 6, 5),
        conv2d(2, 3, 3, { name: 'c' }),
        batchNorm({ over: 'step', momentum: 0.3, name: 'n', ...own }),
        lif({ beta: 0.6, vThreshold: 0.4 }),
        flatten(),
        dense(36, 5),
        li({ beta: 0.9 }),
      );
    const image = Float64Array.from(uniform(batch * 60, 11, -1, 1));
    const repeated = Float64Array.from({ length: steps * image.length }, (_, i) => image[i % image.length]!);
    const options = { loss: loss.crossEntropyMembrane(), optimizer: { kind: 'sgd', lr: 0.1 } };
    const after = async (x: Float64Array, shape: number[], constant: object) => {
      using model = await network().compile({ seed: 2, precision: 'f64' });
      const trainingBatch = { x, shape, y: labels(batch, 1, 5) };
      for (let i = 0; i < 3; i++) await model.trainStep(trainingBatch, { ...options, ...constant } as never);
      return await model.weights();
    };
    const constant = await after(image, [batch, 60], { steps });
    const each = await after(repeated, [steps, batch, 60], {});
    for (const [name, values] of Object.entries(each)) {
      t.true(deviation(constant[name]!, values) < 1e-9, `${name}: ${deviation(constant[name]!, values)}`);
    }
    t.not(each['n.runningMean']![0], 0);
  });
}

test('batch norm with weights of each step: shapes, other numbers of steps, files and streams', async (t) => {
  const network = all(
    input(3),
    batchNorm({ over: 'step', steps: 4, bias: false, name: 'n' }),
    li({ beta: 0.5 }),
  );
  using model = await network.compile({ seed: 1 });
  t.deepEqual(Object.keys(await model.weights()), ['n.weight', 'n.runningMean', 'n.runningVariance']);
  t.is((await model.weights())['n.weight']!.length, 12);
  t.regex(model.summary(), /n +batch-norm +\[4, 3\] +12\n/);
  const batch = (steps: number) => ({
    x: uniform(steps * 15, 5, -1, 1),
    shape: [steps, 5, 3],
    y: labels(5, 1, 3),
  });
  const options = { loss: loss.crossEntropyMembrane(), optimizer: { kind: 'adam', lr: 0.1 } } as const;
  await model.trainStep(batch(4), options);
  for (const steps of [3, 5]) {
    const error = { code: 'shape-mismatch', message: /^n: expected shape 4 steps but got [35]$/ };
    await t.throwsAsync(() => model.run(batch(steps)), error);
    await t.throwsAsync(() => model.trainStep(batch(steps), options), error);
  }
  const loader = () =>
    new DataLoader(
      { x: uniform(60, 7, -1, 1), y: labels(20, 2, 3), shape: [20, 3] },
      { batchSize: 8, seed: 7 },
    );
  const work = { loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 0.1 }), steps: 4 };
  const file = path(tmpdir(), `lapicque-through-time-${process.pid}.safetensors`);
  using whole = await network.compile({ seed: 1 });
  await whole.fit(loader(), { ...work, epochs: 4 });
  using first = await network.compile({ seed: 1 });
  await first.fit(loader(), { ...work, epochs: 2, checkpoint: { path: file } });
  const { model: second, training } = await loadCheckpoint(file);
  using resumed = second;
  t.is(await resumed.weightsSha256(), await first.weightsSha256());
  await resumed.fit(loader(), { ...work, epochs: 4, resume: training! });
  t.is(await resumed.weightsSha256(), await whole.weightsSha256());
  // A stream is one sequence after the other; a sequence that is cut short ends with a reset.
  const { v } = await model.run(batch(4));
  using session = await model.session();
  const push = (step: number) =>
    session.push(Float32Array.from(batch(4).x.subarray(step * 15, step * 15 + 3)));
  push(0);
  push(1);
  session.reset();
  for (let step = 0; step < 4; step++) {
    push(step);
    t.deepEqual(session.membrane(), v.slice(step * 15, step * 15 + 3) as Float32Array);
  }
});

test('batch norm: number of steps and offset are checked', (t) => {
  for (const [options, message] of [
    [{ steps: 4 }, /^batchNorm\.steps: expected over: 'step' as well but got 4/],
    [{ over: 'step', steps: 0 }, /^batchNorm\.steps/],
    [{ over: 'step', steps: 2 ** 16 + 1 }, /^batchNorm\.steps/],
    [{ bias: 1 }, /^batchNorm\.bias/],
  ] as const) {
    t.throws(() => batchNorm(options as never), { code: 'invalid-parameter', message });
  }
});
