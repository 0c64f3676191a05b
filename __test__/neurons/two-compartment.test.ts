// Two-compartment neurons against their published equations in torch (see fixtures/two-compartment).
import { readFileSync } from 'node:fs';
import test from 'ava';
import { li, surrogate, tcLif } from '../../src-ts/doors/neurons.ts';
import { loss, sequential } from '../../src-ts/index.ts';
import { deviation } from '../support/numbers.ts';

const learnable = ['c1', 'c2', 'vThreshold'] as const;
type Learned = Record<(typeof learnable)[number], number[]>;

const expected = JSON.parse(readFileSync('__test__/neurons/fixtures/two-compartment/torch.json', 'utf8')) as {
  shape: number[];
  x: number[];
  target: number[];
  gamma: number;
  learned: Learned;
  spikes: number[];
  v: number[];
  vDendrite: number[];
  loss: number;
  inputGradient: number[];
  gradients: Learned;
};

test('TC-LIF as published', async (t) => {
  const neurons = tcLif({
    name: 'n',
    ...expected.learned,
    gamma: expected.gamma,
    learn: [...learnable],
    compare: '>=',
    detachReset: false,
    surrogate: surrogate.atan(),
  });
  // A leaky integrator that forgets at once passes on what enters.
  using model = await sequential(neurons, li({ beta: 0 })).compile({
    inputs: expected.shape[2]!,
    precision: 'f64',
  });
  const batch = {
    x: Float64Array.from(expected.x),
    shape: expected.shape,
    y: Float32Array.from(expected.target),
  };
  const close = (a: ArrayLike<number>, b: ArrayLike<number>, what: string) =>
    t.true(deviation(a, b) < 1e-6, `${what}: ${deviation(a, b)}`);
  const { v, recordings } = await model.run(batch, { record: ['n.v', 'n.vDendrite'] });
  t.deepEqual(Array.from(v), expected.spikes);
  close(recordings['n.v']!, expected.v, 'soma');
  close(recordings['n.vDendrite']!, expected.vDendrite, 'dendrite');
  const report = await model.trainStep(batch, { loss: loss.meanSquaredMembrane(), inputGradient: true });
  close([report.loss], [expected.loss], 'loss');
  close(report.inputGradient!, expected.inputGradient, 'input');
  const gradients = await model.gradients();
  for (const name of learnable) close(gradients[`n.${name}`]!, expected.gradients[name], name);
});
