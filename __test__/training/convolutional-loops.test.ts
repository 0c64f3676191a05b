// Convolutions within loops of populations: against a simulation by hand, and against the dense recurrence with their weights.
import test from 'ava';
import { li, lif, type Recurrence } from '../../src-ts/doors/neurons.ts';
import {
  conv1d,
  dense,
  flatten,
  graph,
  input,
  join,
  type Layer,
  loss,
  type Network,
  sequential,
} from '../../src-ts/index.ts';
import { deviation, labels, uniform } from '../support/numbers.ts';

const all = sequential as (...layers: readonly Layer[]) => Network;

test('two populations that hear each other through convolutions a step later, in any order of the nodes', async (t) => {
  const [width, steps, beta, vThreshold] = [5, 12, 0.75, 0.5];
  const kernel = [0.25, 0.5, -0.5];
  const weights = { bias: false, initial: { kind: 'values', values: kernel } } as const;
  const nodes = {
    out: li({ beta: 0 }),
    right: lif({ beta, vThreshold }),
    back: conv1d(1, 1, 3, { padding: 1, ...weights }),
    across: conv1d(1, 1, 3, { padding: 1, ...weights }),
    left: lif({ beta, vThreshold }),
    seen: conv1d(1, 1, 1, { bias: false, initial: { kind: 'constant', value: 1 } }),
    both: join('concat'),
  };
  const edges = [
    ['input', 'left'],
    ['input', 'seen'],
    ['seen', 'right'],
    ['left', 'across', { delayed: true }],
    ['across', 'right'],
    ['right', 'back', { delayed: true }],
    ['back', 'left'],
    ['left', 'both'],
    ['right', 'both'],
    ['both', 'out'],
  ] as const;
  const x = Float64Array.from(uniform(steps * width, 12, 0, 1));
  // v[t] = beta v[t-1] + x[t] + kernel over the other's spikes of t-1 - vThreshold s[t-1]
  const expected: number[] = [];
  let states = [0, 1].map(() => ({ v: Array<number>(width).fill(0), s: Array<number>(width).fill(0) }));
  for (let step = 0; step < steps; step++) {
    states = states.map(({ v, s }, own) => {
      const source = states[1 - own]!.s;
      const next = v.map((value, i) => {
        const current = kernel.reduce(
          (sum, weight, k) => sum + weight * (source[i + k - 1] ?? 0),
          x[step * width + i]!,
        );
        return beta * value + current - vThreshold * s[i]!;
      });
      return { v: next, s: next.map((value) => (value > vThreshold ? 1 : 0)) };
    });
    expected.push(...states.flatMap(({ s }) => s));
  }
  t.true(expected.includes(1) && expected.includes(0));
  const names = Object.keys(nodes) as (keyof typeof nodes)[];
  for (const order of [names, [...names].reverse()]) {
    const ordered = Object.fromEntries(order.map((name) => [name, nodes[name]]));
    using model = await graph({ inputs: [1, width], nodes: ordered, edges, output: 'out' }).compile({
      precision: 'f64',
    });
    t.deepEqual([...(await model.run({ x, shape: [steps, 1, width] })).v], expected);
  }
});

test('recurrence through a convolution is the dense recurrence with its weights', async (t) => {
  const [channels, height, width, k] = [2, 4, 3, 3];
  const n = channels * height * width;
  const network = (recurrent: Recurrence) =>
    all(
      input(channels, height, width),
      lif({ beta: 0.8, vThreshold: 0.6, recurrent, name: 'r' }),
      flatten(),
      dense(n, 3),
      li({ beta: 0.9 }),
    );
  const options = { precision: 'f64', seed: 4 } as const;
  using image = await network({ kind: 'conv', kernel: k }).compile(options);
  using flat = await network({ kind: 'dense' }).compile(options);
  const weights = await image.weights();
  const kernel = weights['r.recurrent.weight']!;
  // Where each of the dense weights is in the kernel; -1: outside the window.
  const kernelIndices = Int32Array.from({ length: n * n }, (_, i) => {
    const at = (m: number) => [Math.floor(m / (height * width)), Math.floor(m / width) % height, m % width];
    const [[o, oy, ox], [c, iy, ix]] = [at(Math.floor(i / n)), at(i % n)] as [number[], number[]];
    const [ky, kx] = [iy! - oy! + 1, ix! - ox! + 1];
    return ky < 0 || ky >= k || kx < 0 || kx >= k ? -1 : ((o! * channels + c!) * k + ky) * k + kx;
  });
  const bias = weights['r.recurrent.bias']!;
  await flat.setWeights({
    ...weights,
    'r.recurrent.weight': Float64Array.from(kernelIndices, (index) => (index < 0 ? 0 : kernel[index]!)),
    'r.recurrent.bias': Float64Array.from({ length: n }, (_, i) => bias[Math.floor(i / (height * width))]!),
  });
  const [steps, samples] = [15, 19];
  const batch = {
    x: uniform(steps * samples * n, 8, -0.5, 1),
    shape: [steps, samples, n],
    y: labels(samples, 2, 3),
  };
  const work = { loss: loss.crossEntropyMembrane(), inputGradient: true };
  const [a, b] = [await image.trainStep(batch, work), await flat.trainStep(batch, work)];
  t.deepEqual(a.spikes, b.spikes);
  t.true(a.spikes[0]! > 0.02 * steps * samples * n);
  t.true(deviation(a.inputGradient!, b.inputGradient!) < 1e-11);
  const [own, wide] = [await image.gradients(), await flat.gradients()];
  const tied = new Float64Array(kernel.length);
  kernelIndices.forEach((index, i) => {
    if (index >= 0) tied[index]! += wide['r.recurrent.weight']![i]!;
  });
  t.true(deviation(own['r.recurrent.weight']!, tied) < 1e-11);
  const offsets = new Float64Array(channels);
  wide['r.recurrent.bias']!.forEach((g, i) => {
    offsets[Math.floor(i / (height * width))]! += g;
  });
  t.true(deviation(own['r.recurrent.bias']!, offsets) < 1e-11);

  const { v } = await image.run(batch);
  using session = await image.session();
  for (let step = 0; step < steps; step++) {
    session.push(batch.x.slice(step * samples * n, (step * samples + 1) * n));
    const out = session.membrane();
    for (let i = 0; i < 3; i++) t.is(out[i], Math.fround(v[step * samples * 3 + i]!));
  }
});
