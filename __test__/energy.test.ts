import test from 'ava';
import {
  dense,
  evaluatePenalty,
  type LapicqueError,
  li,
  lif,
  operations,
  readTensors,
  sequential,
} from '../src-ts/index.ts';

/** A neuron that fires whenever its input is above 1/2, and forgets. */
const relay = { beta: 0, vThreshold: 0.5, reset: 'none' } as const;

test('a spike costs an addition for each weight that is not zero', async (t) => {
  using model = await sequential(dense(2, 3, { bias: false, name: 'w' }), lif(relay)).compile();
  await model.setWeights({ 'w.weight': Float32Array.from([1, 0, 1, 1, 0, 0]) });
  const one = await operations(model, { x: Uint8Array.from([1, 0, 1, 1]), shape: [2, 1, 2] });
  // Column 0 has two weights and two spikes, column 1 one of each.
  t.is(one.effectiveAcs, 5);
  t.is(one.effectiveMacs, 0);
  t.is(one.dense, 12);
  t.is(one.connectionSparsity, 0.5);
  t.is(one.parameters, 6);
  t.is(one.parameterBytes, 24);
  // Neurons 0 and 1 at both steps.
  t.is(one.spikes, 4);
  t.is(one.activationSparsity, 1 / 3);
  // All three at the first step; then neuron 1 goes from 1 to 2.
  t.is(one.membraneUpdates, 4);
  t.true(Math.abs(one.energy.joules - 5 * one.energy.model.ac) < 1e-20);
  t.true(Math.abs(one.energy.denseJoules - 12 * one.energy.model.mac) < 1e-20);
});

test('a constant current multiplies at every step, and counts are means over samples', async (t) => {
  using model = await sequential(dense(2, 3, { bias: false, name: 'w' }), lif(relay)).compile();
  await model.setWeights({ 'w.weight': new Float32Array(6).fill(1) });
  const counted = await operations(
    model,
    { x: Float32Array.from([0.5, 0, 0, 0]), shape: [2, 2] },
    { steps: 4 },
  );
  t.is(counted.effectiveMacs, (4 * 3) / 2);
  t.is(counted.effectiveAcs, 0);
  t.is(counted.dense, 24);
});

test('spikes that return count a step later, so the last ones cost nothing', async (t) => {
  const population = lif({ ...relay, neurons: 2, name: 'r', recurrent: { kind: 'dense', bias: false } });
  using model = await sequential(population).compile({ inputs: 2 });
  await model.setWeights({ 'r.recurrent.weight': Float32Array.from([0, 0.1, 0.1, 0]) });
  const counted = await operations(model, { x: new Uint8Array(6).fill(1), shape: [3, 1, 2] });
  t.is(counted.effectiveAcs, 2 * 2);
  t.is(counted.dense, 3 * 4);
});

test('a penalty on spikes at hand', async (t) => {
  const spikes = Float32Array.from([1, 0, 1, 1, 0, 2.5, 0, 0]);
  t.is(await evaluatePenalty({ kind: 'l1-count', lambda: 2 }, spikes, [2, 2, 2]), 11);
  // The second sample counts for one step only.
  t.is(await evaluatePenalty({ kind: 'l1-count', lambda: 2 }, spikes, [2, 2, 2], Uint32Array.of(2, 1)), 11);
  t.is(await evaluatePenalty({ kind: 'l1-count', lambda: 2 }, spikes, [2, 2, 2], Uint32Array.of(1, 2)), 6);
  const error = await t.throwsAsync(evaluatePenalty({ kind: 'l1-count', lambda: 2 }, spikes, [2, 2, 3]));
  t.is((error as LapicqueError).code, 'shape-mismatch');
});

test('graded spikes reach others with their value', async (t) => {
  const network = (grade: number) =>
    sequential(
      dense(2, 3),
      lif({ beta: 0.9, gradedSpikes: grade, recurrent: 'one-to-one' }),
      dense(3, 2),
      li({ beta: 0.9 }),
    ).compile({ precision: 'f64', seed: 1 });
  using graded = await network(2.5);
  using scaled = await network(1);
  const weights = await scaled.weights();
  for (const name of ['lif1.recurrent.weight', 'dense2.weight'])
    weights[name] = weights[name]!.map((w) => 2.5 * w);
  await scaled.setWeights(weights);
  const batch = {
    x: Float64Array.from({ length: 40 }, (_, i) => 4 * (((i * 7) % 11) / 11)),
    shape: [10, 2, 2],
  };
  const [one, other] = [await graded.run(batch), await scaled.run(batch)];
  t.true(one.spikeCounts.lif1! > 5);
  t.is(one.spikeCounts.lif1, other.spikeCounts.lif1);
  t.true(one.v.every((v, i) => Math.abs(v - other.v[i]!) < 1e-12));
});

test('tensors of a file by name', async (t) => {
  const { tensors } = await readTensors('__test__/fixtures/vectors/01_neurons_norse/lif_cell.safetensors');
  const spikes = tensors.get('spk')!;
  t.is(spikes.dtype, 'U8');
  t.true(spikes.data instanceof Uint8Array);
  t.is(
    spikes.data.length,
    spikes.shape.reduce((product, size) => product * size, 1),
  );
});
