// Operations of traced layers: those of built-in layers with the same products, and numbers counted by hand.
import test from 'ava';
import { estimateEnergy, operations, operationsTable } from '../../src-ts/doors/chip.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { conv2d, dense, flatten, input, layer, sequential } from '../../src-ts/index.ts';

const [steps, batch] = [5, 3];
const spikes = (count: number) => Uint8Array.from({ length: count }, (_, i) => Number((i * 7919) % 11 < 3));

/** A number of weights is 0, so that fan-outs differ. */
const sparse = (count: number) =>
  Float32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 0 : Math.sin(i) / 2));

test('a traced product with weights costs what a dense layer costs', async (t) => {
  const w = sparse(6 * 4);
  const transposed = Float32Array.from({ length: 24 }, (_, i) => w[(i % 6) * 4 + Math.floor(i / 6)]!);
  const linear = layer.trace('linear', { size: 6, parameters: { w: [6, 4], b: [4] } }, (x, { w, b }) =>
    x.matmul(w).add(b),
  );
  const after = [lif({ beta: 0.9 }), dense(4, 2), li({ beta: 0.9 })] as const;
  const traced = await sequential(dense(3, 6), lif({ beta: 0.5 }), linear, ...after).compile({ seed: 1 });
  const built = await sequential(dense(3, 6), lif({ beta: 0.5 }), dense(6, 4), ...after).compile({ seed: 1 });
  const first = { 'dense1.weight': Float32Array.from({ length: 18 }, (_, i) => 1 + Math.cos(i)) };
  await traced.setWeights({
    ...(await traced.weights()),
    ...first,
    'linear.weight': Float32Array.of(...w, 1, 2, 3, 4),
  });
  await built.setWeights({ ...(await built.weights()), ...first, 'dense2.weight': transposed });
  const x = { x: spikes(steps * batch * 3), shape: [steps, batch, 3] };
  const [a, b] = [await operations(traced, x), await operations(built, x)];
  const own = (counted: typeof a, name: string) => counted.layers.find((one) => one.name === name)!;
  const [mine, theirs] = [own(a, 'linear'), own(b, 'dense2')];
  t.true(theirs.effectiveAcs > 0 && theirs.effectiveAcs < theirs.dense);
  for (const key of ['events', 'effectiveMacs', 'effectiveAcs', 'dense'] as const)
    t.is(mine[key], theirs[key], key);
  const energy = (counted: typeof a) => estimateEnergy(counted, 'horowitz-45nm-fp32').layers;
  t.is(
    energy(a).find(({ name }) => name === 'linear')!.joules,
    energy(b).find(({ name }) => name === 'dense2')!.joules,
  );
});

test('the gate of an image is counted from its graph', async (t) => {
  const excite = layer.trace('excite', { size: [4, 3, 3], parameters: { w: [4, 4] } }, (x, { w }) =>
    x.mul(x.mean(['y', 'x']).contract(w, 'channel', 'in').sigmoid()),
  );
  const layers = [input(2, 3, 3), conv2d(2, 4, 3, { padding: 1 }), excite, flatten(), dense(36, 2)] as const;
  const model = await sequential(...layers, li({ beta: 0.8 })).compile({ seed: 1 });
  const x = Float32Array.from({ length: steps * batch * 18 }, (_, i) => Math.sin(i));
  const counted = await operations(model, { x, shape: [steps, batch, 18] });
  const own = counted.layers.find(({ name }) => name === 'excite')!;
  // A mean over 3 rows, then one over 3 columns, of 4 channels; 16 products, 4 sigmoids, 36 products of two signals.
  const [additions, multiplications] = [36 + 12, 12 + 4 + 16 + 4 + 36];
  t.is(own.effectiveAcs, steps * additions);
  t.is(own.effectiveMacs, steps * multiplications);
  t.is(own.dense, steps * (additions + multiplications));
  t.regex(operationsTable(counted), /excite +traced/);
});

test('products of spikes with constants cost nothing without spikes', async (t) => {
  const scale = layer.trace('scale', { size: 4 }, (x) => x.mul(0.5));
  const model = await sequential(
    dense(3, 4),
    lif({ beta: 0.5 }),
    scale,
    dense(4, 2),
    li({ beta: 0.5 }),
  ).compile();
  const of = async (x: Uint8Array) => {
    const counted = await operations(model, { x, shape: [steps, batch, 3] });
    return [counted, counted.layers.find(({ name }) => name === 'scale')!] as const;
  };
  const [, silent] = await of(new Uint8Array(steps * batch * 3));
  t.deepEqual([silent.effectiveAcs, silent.effectiveMacs, silent.dense], [0, 0, steps * 4]);
  await model.setWeights({ ...(await model.weights()), 'dense1.weight': new Float32Array(12).fill(2) });
  const [counted, own] = await of(spikes(steps * batch * 3));
  t.is(own.effectiveAcs, counted.layers.find(({ name }) => name === 'lif1')!.nonZero);
  t.true(own.effectiveAcs > 0);
});
