// Spiking self-attention against SpikingJelly's blocks (see fixtures/attention), and the errors of wrong shapes.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  attention,
  graph,
  input,
  join,
  type Layer,
  loss,
  multiply,
  type Network,
  networks,
  pointwise,
  residual,
  selfAttention,
  sequential,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { deviation, spikes } from '../support/numbers.ts';

const all = sequential as (...layers: readonly Layer[]) => Network;

interface Case {
  name: 'spikformerBlock' | 'spikeDriven';
  shape: number[];
  heads: number;
  x: number[];
  target: number[];
  output: number[];
  loss: number;
  inputGradient: number[];
  weights: Record<string, number[]>;
  gradients: Record<string, number[]>;
}

const { cases } = JSON.parse(
  readFileSync('__test__/training/fixtures/attention/spikingjelly.json', 'utf8'),
) as {
  cases: Case[];
};

for (const c of cases) {
  test(`SpikingJelly: ${c.name}`, async (t) => {
    const channels = c.shape[2]!;
    const layers = {
      spikformerBlock: networks.spikformerBlock(channels, { heads: c.heads, ratio: 2 }),
      spikeDriven: [residual(selfAttention(channels, { kind: 'spike-driven' }))],
    }[c.name];
    // A leaky integrator that forgets at once passes on what enters.
    const network = all(input(...c.shape.slice(2)), ...layers, li({ beta: 0 }));
    using model = await network.compile({ precision: 'f64' });
    const weights = Object.entries(c.weights).map(([name, values]) => [name, Float64Array.from(values)]);
    await model.setWeights(Object.fromEntries(weights));
    const batch = { x: Float64Array.from(c.x), shape: c.shape, y: Float32Array.from(c.target) };
    const close = (ours: ArrayLike<number>, theirs: ArrayLike<number>, what: string) =>
      t.true(deviation(ours, theirs) < 1e-6, `${what}: ${deviation(ours, theirs)}`);
    close((await model.forward(batch)).v, c.output, 'output');
    const report = await model.trainStep(batch, { loss: loss.meanSquaredMembrane(), inputGradient: true });
    close([report.loss], [c.loss], 'loss');
    close(report.inputGradient!, c.inputGradient, 'input');
    const gradients = await model.gradients();
    for (const [name, values] of Object.entries(c.gradients)) close(gradients[name]!, values, name);
  });
}

test('of spikes both orders of the product count coincidences', async (t) => {
  const [steps, batch, channels, tokens] = [2, 3, 4, 9];
  const x = spikes(steps * batch * channels * tokens, 5);
  // One head of 4 channels multiplies keys and values first, 4 heads of one channel too; 2 tokens would not.
  using model = await all(
    input(channels, tokens),
    attention([], [], [], { heads: 1, scale: 0.5 }),
    li({ beta: 0 }),
  ).compile();
  const { v } = await model.run({ x, shape: [steps, batch, channels, tokens] });
  for (let row = 0; row < steps * batch; row++) {
    const at = (c: number, n: number) => x[(row * channels + c) * tokens + n]!;
    for (let c = 0; c < channels; c++) {
      for (let n = 0; n < tokens; n++) {
        let sum = 0;
        for (let m = 0; m < tokens; m++) {
          let score = 0;
          for (let i = 0; i < channels; i++) score += at(i, n) * at(i, m);
          sum += score * at(c, m);
        }
        t.is(v[(row * channels + c) * tokens + n], sum / 2);
      }
    }
  }
});

test('a graph takes attention as a node whose edges bring queries, keys and values', async (t) => {
  const x = spikes(24, 8);
  const sources = { q: pointwise(2, 2), k: pointwise(2, 2), v: pointwise(2, 2) };
  using one = await graph({
    inputs: [2, 4],
    nodes: { ...sources, a: join({ kind: 'attention', heads: 2, scale: 1 }), out: li({ beta: 0 }) },
    edges: [...['q', 'k', 'v'].flatMap((n) => [['input', n] as const, [n, 'a'] as const]), ['a', 'out']],
    output: 'out',
  }).compile({ seed: 3 });
  const [q, k, v] = [[sources.q], [sources.k], [sources.v]];
  const layers = [input(2, 4), attention(q, k, v, { heads: 2, scale: 1 }), li({ beta: 0 })];
  using two = await all(...layers).compile({ seed: 3 });
  const batch = { x, shape: [1, 3, 2, 4] };
  t.deepEqual((await one.run(batch)).v, (await two.run(batch)).v);
});

test('what does not fit is an error that names the layer and what would', async (t) => {
  const fails = async (work: () => unknown, code: string, text: string) => {
    const error = await failure(work);
    t.is(error?.code, code as never, error?.message);
    t.true(error?.message.includes(text), error?.message);
  };
  const compile = (layer: Layer) => () => all(input(6, 4), layer, lif({ beta: 0.9 })).compile();
  const heads = { heads: 4 };
  await fails(compile(attention([], [], [], heads)), 'invalid-parameter', 'attention1.heads');
  await fails(
    compile(attention([pointwise(6, 3)], [], [], { heads: 3 })),
    'shape-mismatch',
    'attention1: expected shape [3, 4] but got [6, 4] from input',
  );
  await fails(compile(multiply([], [pointwise(6, 3)])), 'shape-mismatch', 'or one pixel of its channels');
  await fails(async () => attention([], [], [], { heads: 0 }), 'invalid-parameter', 'attention.heads');
  await fails(async () => attention([], [], [], { scale: 0 }), 'invalid-parameter', 'attention.scale');
  await fails(async () => attention([], [], {} as never), 'invalid-parameter', 'attention.values');
  await fails(async () => selfAttention(8, { kind: 'soft' as never }), 'unknown-name', 'selfAttention.kind');
  await fails(async () => multiply(), 'invalid-parameter', 'multiply');
  await fails(async () => join({ kind: 'attention', heads: 1.5 }), 'invalid-parameter', 'join.heads');
  const two = graph({
    inputs: [2, 4],
    nodes: { a: join({ kind: 'attention', heads: 1 }), out: lif({ beta: 0.9 }) },
    edges: [
      ['input', 'a'],
      ['input', 'a'],
      ['a', 'out'],
    ],
    output: 'out',
  });
  await fails(() => two.compile(), 'invalid-parameter', 'three sources: queries, keys and values');
});
