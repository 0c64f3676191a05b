import test from 'ava';
import { type ArithmeticEnergy, operations } from '../../src-ts/doors/chip.ts';
import { readTensors } from '../../src-ts/doors/files.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  batchNorm,
  conv2d,
  dense,
  evaluatePenalty,
  flatten,
  input,
  type LapicqueError,
  layerNorm,
  rmsNorm,
  sequential,
} from '../../src-ts/index.ts';

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
  const { ac, mac } = one.energy.model as ArithmeticEnergy;
  t.true(Math.abs(one.energy.joules - 5 * ac) < 1e-20);
  t.true(Math.abs(one.energy.denseJoules - 12 * mac) < 1e-20);
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

/** Numbers of 0 and 1 without a pattern. */
const bits = (count: number) => Uint8Array.from({ length: count }, (_, i) => Number((i * i + 3 * i) % 7 < 3));
/** -1, 0, 1 or 2, in turns. */
const whole = (count: number) => Float32Array.from({ length: count }, (_, i) => ((5 * i) % 4) - 1);
const nonzero = (values: ArrayLike<number>) => Array.from(values).filter((x) => x !== 0).length;

test('synapses before a batch norm are counted where their input fires, the norm where its input is not zero', async (t) => {
  const [steps, batch, inputs, hidden] = [4, 17, 6, 5];
  using model = await sequential(
    dense(inputs, hidden, { bias: false, name: 'a' }),
    batchNorm({ name: 'n' }),
    lif({ ...relay, name: 'h' }),
    dense(hidden, 2, { bias: false, name: 'o' }),
    li({ beta: 0 }),
  ).compile();
  const [a, scale, o] = [whole(hidden * inputs), Float32Array.of(1, 0, 2, 1, 1), whole(2 * hidden)];
  await model.setWeights({ 'a.weight': a, 'n.weight': scale, 'o.weight': o });
  const x = bits(steps * batch * inputs);
  let [acs, macs, values, fired] = [0, 0, 0, 0];
  for (let row = 0; row < steps * batch; row++) {
    const spikes = x.subarray(row * inputs, (row + 1) * inputs);
    for (let k = 0; k < hidden; k++) {
      const weights = a.subarray(k * inputs, (k + 1) * inputs);
      acs += weights.filter((w, i) => w !== 0 && spikes[i] === 1).length;
      const current = weights.reduce((sum, w, i) => sum + w * spikes[i]!, 0);
      values += Number(current !== 0);
      macs += Number(current !== 0 && scale[k] !== 0);
      if (current * scale[k]! <= 0.6) continue;
      fired += 1;
      acs += Number(o[k] !== 0) + Number(o[hidden + k] !== 0);
    }
  }
  t.true(values < steps * batch * hidden && fired > 0);
  const tensor = { x, shape: [steps, batch, inputs] };
  const counted = await operations(model, tensor);
  t.is(counted.effectiveAcs, acs / batch);
  t.is(counted.effectiveMacs, macs / batch);
  t.is(counted.dense, steps * (inputs * hidden + hidden + hidden * 2));
  t.is(counted.spikes, fired / batch);
  const { energy } = counted;
  const { ac, mac } = energy.model as ArithmeticEnergy;
  const joules = (acs * ac + macs * mac) / batch;
  t.true(Math.abs(energy.joules - joules) < 1e-12 * joules);
  // Twice: a run keeps the memory of the one before.
  for (const record of [[], ['a.values']]) {
    const { events } = await model.run(tensor, { record });
    t.deepEqual(events, { a: nonzero(x), n: values, o: fired });
  }
});

test('the same of convolutions, at every place of the window', async (t) => {
  const [steps, batch, pixels] = [3, 5, 16];
  for (const [norm, scales] of [
    [batchNorm({ name: 'n' }), 3],
    [layerNorm({ name: 'n', affine: false }), 0],
    [rmsNorm({ name: 'n', affine: false }), 0],
  ] as const) {
    using model = await sequential(
      input(2, 4, 4),
      conv2d(2, 3, 3, { bias: false, name: 'a' }),
      norm,
      lif({ ...relay, name: 'h' }),
      flatten(),
      dense(12, 2, { bias: false, name: 'o' }),
      li({ beta: 0 }),
    ).compile();
    const [a, o] = [whole(3 * 2 * 9), whole(2 * 12)];
    await model.setWeights({ 'a.weight': a, 'o.weight': o });
    const x = bits(steps * batch * 2 * pixels);
    let [acs, values] = [0, 0];
    for (let row = 0; row < steps * batch; row++) {
      for (let k = 0; k < 3 * 4; k++) {
        const [channel, top, left] = [Math.floor(k / 4), Math.floor((k % 4) / 2), k % 2];
        let current = 0;
        for (let tap = 0; tap < 2 * 9; tap++) {
          const [from, i, j] = [Math.floor(tap / 9), Math.floor((tap % 9) / 3), tap % 3];
          const spike = x[(row * 2 + from) * pixels + (top + i) * 4 + left + j]!;
          const weight = a[channel * 18 + tap]!;
          acs += Number(spike === 1 && weight !== 0);
          current += spike * weight;
        }
        values += Number(current !== 0);
      }
    }
    const tensor = { x, shape: [steps, batch, 2 * pixels] };
    const { recordings, events } = await model.run(tensor, { record: ['h.spikes'] });
    const spikes = recordings['h.spikes']!;
    spikes.forEach((spike, at) => {
      acs += spike * (Number(o[at % 12] !== 0) + Number(o[12 + (at % 12)] !== 0));
    });
    t.deepEqual(events, { a: nonzero(x), ...(scales > 0 ? { n: values } : {}), o: nonzero(spikes) });
    const counted = await operations(model, tensor);
    t.is(counted.effectiveAcs, acs / batch);
    t.is(counted.effectiveMacs, scales > 0 ? values / batch : 0);
    t.is(counted.dense, steps * (12 * 18 + (scales > 0 ? 12 : 0) + 24));
  }
});

test('events of a run: values of a state, and spikes that return from the second step on', async (t) => {
  using graded = await sequential(
    dense(2, 3, { bias: false, name: 'a' }),
    li({ beta: 0, name: 'h' }),
    dense(3, 2, { name: 'o' }),
    li({ beta: 0 }),
  ).compile();
  await graded.setWeights({ 'a.weight': Float32Array.of(1, -1, 0, 2, 0, 0) });
  const x = Uint8Array.of(1, 1, 0, 1, 1, 0);
  // Of the hidden values [0, 2, 0], [-1, 2, 0], [1, 0, 0].
  t.deepEqual((await graded.run({ x, shape: [3, 1, 2] })).events, { a: 4, o: 4 });

  const population = lif({ ...relay, neurons: 2, name: 'r', recurrent: { kind: 'dense', bias: false } });
  using loop = await sequential(population).compile({ inputs: 2 });
  await loop.setWeights({ 'r.recurrent.weight': Float32Array.of(0, 0.1, 0.1, 0) });
  const ones = { x: new Uint8Array(6).fill(1), shape: [3, 1, 2] };
  const first = await loop.run(ones);
  t.deepEqual(first.events, { 'r.recurrent': 4 });
  // What the last step left enters in the first of the next run.
  t.deepEqual((await loop.run(ones, { state: first.state })).events, { 'r.recurrent': 6 });
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
