// What losses and penalties read of an output whose spikes are worth other than 1.
import test from 'ava';
import { lif, multiLevelLif } from '../../src-ts/doors/neurons.ts';
import { dense, loss, sequential } from '../../src-ts/index.ts';

test('a loss reads what leaves the output: graded spikes with their values', async (t) => {
  // One spike of value 1.7 in each of two steps for the wrong class, none for the right one.
  const graded = lif({ beta: 0.5, gradedSpikes: 1.7, resetTiming: 'same-step', name: 'out' });
  using model = await sequential(dense(1, 2, { bias: false, name: 'in' }), graded).compile({
    precision: 'f64',
  });
  await model.setWeights({ 'in.weight': Float64Array.of(1.2, 0.1) });
  const step = { x: new Float64Array([1, 1, 0]), shape: [3, 1, 1], y: new Uint32Array([1]) };
  const { loss: value, byCount } = await model.evaluateStep(step, { loss: loss.crossEntropyCount() });
  t.true(Math.abs(value - Math.log(1 + Math.exp(2 * 1.7))) < 1e-12);
  t.deepEqual([...byCount], [0]);
  // A penalty, too: the sum of what leaves.
  const regularizers = [{ layer: 'out', penalty: { kind: 'l1-count', lambda: 0.1 } }] as const;
  const penalized = await model.evaluateStep(step, { loss: loss.crossEntropyCount(), regularizers });
  t.true(Math.abs(penalized.loss - value - 0.1 * 2 * 1.7) < 1e-12);
});

test('a loss reads spikes of several levels as what they are worth', async (t) => {
  using model = await sequential(
    dense(1, 1, { bias: false, name: 'in' }),
    multiLevelLif({ beta: 0.5, levels: 4 }),
  ).compile({ precision: 'f64' });
  await model.setWeights({ 'in.weight': Float64Array.of(3.2) });
  // v is 3.2, of which 3 leave; then 0.1 + 3.2, of which 3 leave.
  const step = { x: new Float64Array([1, 1]), shape: [2, 1, 1], y: new Float32Array([2]) };
  const { loss: value } = await model.evaluateStep(step, { loss: loss.meanSquaredRate() });
  t.is(value, 1);
});

test('with smoothed spikes the gradient of a loss on the output is its slope', async (t) => {
  const spikes = { beta: 0.8, smoothed: 3, detachReset: false } as const;
  using model = await sequential(
    dense(2, 3, { name: 'first' }),
    lif({ ...spikes, gradedSpikes: 1.3 }),
    dense(3, 2, { name: 'last' }),
    lif({ ...spikes, gradedSpikes: [0.7, 1.6], name: 'out' }),
  ).compile({ precision: 'f64', seed: 4 });
  const step = {
    x: Float64Array.from({ length: 24 }, (_, i) => 1.5 * Math.abs(Math.sin(i + 1))),
    shape: [6, 2, 2],
    y: new Uint32Array([1, 0]),
    lengths: new Uint32Array([6, 4]),
  };
  const options = {
    loss: loss.crossEntropyCount(),
    regularizers: [{ layer: 'out', penalty: { kind: 'l1-rate', lambda: 0.3 } }],
  } as const;
  await model.trainStep(step, options);
  const gradients = await model.gradients();
  const weights = await model.weights();
  for (const name of ['first.weight', 'last.weight', 'last.bias']) {
    const at = async (change: number) => {
      const moved = Float64Array.from(weights[name]!);
      moved[1]! += change;
      await model.setWeights({ [name]: moved });
      return (await model.evaluateStep(step, options)).loss;
    };
    const slope = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
    await model.setWeights({ [name]: weights[name]! });
    t.true(Math.abs(slope - gradients[name]![1]!) < 1e-7 * Math.max(1, Math.abs(slope)), `${name}: ${slope}`);
  }
});
