// Graded spikes of several levels against their equations (sinabs' LIF with MultiSpike and MembraneSubtract), written out here.
import test from 'ava';
import { multiLevelLif, sequential } from '../src-ts/index.ts';
import { uniform } from './support/numbers.ts';

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
