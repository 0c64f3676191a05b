// Recurrent units whose gates spike against SpikingJelly's cells: hidden values and gradients (see fixtures/gates).
import { readFileSync } from 'node:fs';
import test from 'ava';
import { li, spikingGru, spikingLstm, surrogate } from '../../src-ts/doors/neurons.ts';
import { dense, loss, sequential } from '../../src-ts/index.ts';
import { deviation } from '../support/numbers.ts';

type Tensors = Record<'ih.weight' | 'ih.bias' | 'hh.weight' | 'hh.bias', number[]>;

interface Case {
  name: 'spikingLstm' | 'spikingGru';
  shape: number[];
  neurons: number;
  x: number[];
  target: number[];
  weights: Tensors;
  hidden: number[];
  loss: number;
  inputGradient: number[];
  gradients: Tensors;
}

const { cases } = JSON.parse(readFileSync('__test__/neurons/fixtures/gates/spikingjelly.json', 'utf8')) as {
  cases: Case[];
};
const models = { spikingLstm, spikingGru };
const ours = {
  'ih.weight': 'ih.weight',
  'ih.bias': 'ih.bias',
  'hh.weight': 'cell.recurrent.weight',
  'hh.bias': 'cell.recurrent.bias',
} as const;

for (const c of cases) {
  test(`SpikingJelly: ${c.name}`, async (t) => {
    const inputs = c.shape[2]!;
    const gates = c.weights['ih.bias'].length;
    // A leaky integrator that forgets at once passes on what enters.
    using model = await sequential(
      dense(inputs, gates, { name: 'ih' }),
      models[c.name]({ name: 'cell', recurrent: 'dense', surrogate: surrogate.atan() }),
      li({ beta: 0 }),
    ).compile({ precision: 'f64' });
    const tensors = Object.entries(ours) as [keyof Tensors, string][];
    await model.setWeights(
      Object.fromEntries(tensors.map(([theirs, name]) => [name, Float64Array.from(c.weights[theirs])])),
    );
    const batch = { x: Float64Array.from(c.x), shape: c.shape, y: Float32Array.from(c.target) };
    t.deepEqual(Array.from((await model.run(batch)).v), c.hidden);
    const report = await model.trainStep(batch, { loss: loss.meanSquaredMembrane(), inputGradient: true });
    const gradients = await model.gradients();
    const close = (a: ArrayLike<number>, b: ArrayLike<number>, what: string) =>
      t.true(deviation(a, b) < 1e-6, `${what}: ${deviation(a, b)}`);
    close([report.loss], [c.loss], 'loss');
    close(report.inputGradient!, c.inputGradient, 'input');
    for (const [theirs, name] of tensors) close(gradients[name]!, c.gradients[theirs], name);
  });
}
