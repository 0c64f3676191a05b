// Graded spikes of several levels against their equations (sinabs' LIF with MultiSpike and MembraneSubtract), written out here.
import test from 'ava';
import { lif, multiLevelLif } from '../../src-ts/doors/neurons.ts';
import { dense, loss, sequential } from '../../src-ts/index.ts';
import { uniform } from '../support/numbers.ts';

test('a spike is worth as many levels as the potential exceeds, at most all of them', async (t) => {
  const [steps, batch, neurons, beta, vThreshold, levels] = [30, 3, 5, 0.75, 0.5, 3];
  const x = Float64Array.from(uniform(steps * batch * neurons, 4, -0.5, 1.5));
  using model = await sequential(multiLevelLif({ beta, vThreshold, levels, name: 'n' })).compile({
    inputs: neurons,
    precision: 'f64',
  });
  const { v, recordings } = await model.run(
    { x, shape: [steps, batch, neurons] },
    { record: ['n.graded', 'n.spikes'] },
  );
  const potential = new Float64Array(batch * neurons);
  const seen = new Set<number>();
  for (let row = 0; row < steps; row++) {
    for (let i = 0; i < batch * neurons; i++) {
      const at = row * batch * neurons + i;
      const charged = beta * potential[i]! + x[at]!;
      const spike = [1, 2, 3].filter((level) => charged > level * vThreshold).length;
      potential[i] = charged - spike * vThreshold;
      seen.add(spike);
      t.is(recordings['n.graded']![at], spike);
      t.is(recordings['n.spikes']![at], Math.min(spike, 1));
      t.true(Math.abs(v[at]! - potential[i]!) < 1e-12);
    }
  }
  t.deepEqual([...seen].sort(), [0, 1, 2, 3]);
});

// A loss, a penalty and their gradients speak of what leaves the output: its graded spikes.
for (const gradedSpikes of [1, 2.5]) {
  test(`the loss reads spikes worth ${gradedSpikes}`, async (t) => {
    const compiled = (slope?: number) =>
      sequential(
        dense(3, 4, { name: 'in' }),
        lif({ beta: 0.9, gradedSpikes, ...(slope === undefined ? {} : { smoothed: slope }), name: 'out' }),
      ).compile({ precision: 'f64', seed: 1 });
    const x = Float64Array.from({ length: 5 * 2 * 3 }, (_, i) => 2 * Math.sin(i) + 1);
    const batch = { x, shape: [5, 2, 3], y: Uint8Array.of(1, 2) };
    const options = {
      loss: loss.meanSquaredRate(),
      regularizers: [{ layer: 'out', penalty: { kind: 'l1-count' as const, lambda: 0.01 } }],
    };
    using model = await compiled();
    const run = await model.run(batch);
    const [targets, classes] = [batch.y, 4];
    const sums = Float64Array.from({ length: 2 * classes }, (_, k) => {
      return [0, 1, 2, 3, 4].reduce((sum, step) => sum + gradedSpikes * run.spikes![step * 8 + k]!, 0);
    });
    const squared = sums.reduce((sum, count, k) => {
      const label = k % classes === targets[Math.floor(k / classes)] ? 1 : 0;
      return sum + (count / 5 - label) ** 2;
    }, 0);
    const expected = squared / 8 + 0.01 * sums.reduce((sum, count) => sum + count, 0);
    t.true(sums.some((count) => count > 0));
    const value = await model.trainStep(batch, { loss: options.loss });
    t.true(Math.abs(value.loss - squared / 8) < 1e-12);
    const penalized = await model.trainStep(batch, options);
    t.true(Math.abs(penalized.loss - expected) < 1e-12, `${penalized.loss}, expected ${expected}`);

    using smooth = await compiled(4);
    const weights = (await smooth.weights())['in.weight'] as Float64Array;
    await smooth.trainStep(batch, options);
    const gradient = (await smooth.gradients())['in.weight']!;
    for (const [i, w] of weights.entries()) {
      const at = async (shift: number) => {
        await smooth.setWeights({ 'in.weight': weights.with(i, w + shift) });
        return (await smooth.trainStep(batch, options)).loss;
      };
      const difference = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
      t.true(
        Math.abs(gradient[i]! - difference) < 1e-6 * Math.max(0.1, Math.abs(difference)),
        `${i}: ${gradient[i]}, expected ${difference}`,
      );
    }
  });
}
