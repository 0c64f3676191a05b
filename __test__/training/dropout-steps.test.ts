// Dropout with a mask for the whole sequence, and with a new one at each step.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  dense,
  dropout,
  environment,
  input,
  loss,
  type Model,
  sequential,
  setThreads,
} from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';

const [steps, batch, width, rate] = [9, 20, 40, 0.3];
const kept = 1 / (1 - rate);
const ones = { x: new Float64Array(steps * batch * width).fill(1), shape: [steps, batch, width] };
type Options = Parameters<typeof dropout>[1];
/** li of beta 0 holds what enters: with ones the mask itself. */
const network = (options: Options) => sequential(input(width), dropout(rate, options), li({ beta: 0 }));
const compiled = (options: Options) => network(options).compile({ precision: 'f64', seed: 4 });
const masks = async (model: Model, given = ones, how = {}) => (await model.forward(given, how)).v;
const at = (v: Float64Array, step: number, sample: number) =>
  v.slice((step * batch + sample) * width, (step * batch + sample + 1) * width);

/** The share in which two masks agree: of independent ones (1 - p)² + p². */
function agreement(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + (value === b[i] ? 1 : 0), 0) / a.length;
}
const chance = (1 - rate) ** 2 + rate ** 2;
const isChance = (share: number, n: number) =>
  Math.abs(share - chance) < 5 * Math.sqrt((chance * (1 - chance)) / n);

test('each step draws anew, the share is right, and what is kept is scaled', async (t) => {
  using model = await compiled({ mask: 'step' });
  const v = await masks(model);
  const off = v.filter((value) => value === 0).length;
  t.true(v.every((value) => value === 0 || Math.abs(value - kept) < 1e-12));
  const n = v.length;
  t.true(Math.abs(off / n - rate) < 5 * Math.sqrt((rate * (1 - rate)) / n), `${off / n}`);
  for (let step = 1; step < steps; step++) {
    const [now, before] = [
      v.slice(step * batch * width, (step + 1) * batch * width),
      v.slice(0, batch * width),
    ];
    t.true(isChance(agreement(now, before), batch * width), `step ${step}`);
  }
  // Samples and batches have masks of their own.
  t.true(isChance(agreement(v.slice(0, n / 2), v.slice(n / 2)), n / 2));
  t.true(isChance(agreement(await masks(model), v), n));
});

test('a sequence keeps one mask, as before', async (t) => {
  for (const options of [{}, { mask: 'sequence' }] as const) {
    using model = await compiled(options);
    const v = await masks(model);
    for (let step = 1; step < steps; step++)
      for (let sample = 0; sample < batch; sample++) t.deepEqual(at(v, step, sample), at(v, 0, sample));
    t.true(isChance(agreement(at(v, 0, 0), at(v, 0, 1)), width));
  }
});

test('channels are dropped as a whole, at each step others', async (t) => {
  const image = sequential(input(8, 2, 3), dropout(0.5, { over: 'channels', mask: 'step' }), li({ beta: 0 }));
  using model = await image.compile({ precision: 'f64' });
  const shape = [steps, batch, 8, 2, 3];
  const { v } = await model.forward({ x: new Float64Array(steps * batch * 48).fill(1), shape });
  const channels = Array.from({ length: v.length / 6 }, (_, c) => v.slice(6 * c, 6 * c + 6));
  for (const pixels of channels) t.true(pixels.every((value) => value === pixels[0]));
  const first = Float64Array.from(channels, ([value]) => value!);
  const each = batch * 8;
  const share = agreement(first.slice(0, each), first.slice(each, 2 * each));
  t.true(Math.abs(share - 0.5) < 5 / (2 * Math.sqrt(each)), `${share}`);
});

test.serial(
  'masks do not depend on threads and segments, and a constant input has new ones too',
  async (t) => {
    const { threads } = environment();
    const found: Float64Array[] = [];
    for (const [n, segment] of [
      [1, undefined],
      [3, undefined],
      [2, 2],
      [2, 4],
    ] as const) {
      setThreads(n);
      using model = await compiled({ mask: 'step' });
      found.push(await masks(model, ones, segment === undefined ? {} : { segment }));
    }
    setThreads(threads);
    for (const v of found) t.deepEqual(v, found[0]);
    using model = await compiled({ mask: 'step' });
    const still = { x: new Float64Array(batch * width).fill(1), shape: [batch, width] };
    t.deepEqual(await masks(model, still, { steps }), found[0]);
  },
);

test('the gradient passes the mask of its step', async (t) => {
  for (const segment of [undefined, 2]) {
    using model = await compiled({ mask: 'step' });
    using reference = await compiled({ mask: 'step' });
    const mask = await masks(reference);
    // The loss is that of v, so its gradient at the input is the mask times that at v.
    const x = Float64Array.from(ones.x, (_, i) => Math.sin(i));
    const y = new Float64Array(steps * batch * width).fill(0.25);
    const report = await model.trainStep(
      { x: x, shape: ones.shape, y },
      {
        loss: loss.meanSquaredMembrane(),
        inputGradient: true,
        ...(segment === undefined ? {} : { segment }),
      },
    );
    const n = steps * batch * width;
    report.inputGradient!.forEach((g, i) => {
      const expected = (2 * (mask[i]! * x[i]! - 0.25) * mask[i]!) / n;
      if (Math.abs(g - expected) > 1e-12) t.fail(`${i}: ${g}, not ${expected}`);
    });
    t.pass();
  }
});

test('runs, evaluations and sessions drop nothing; files keep the option', async (t) => {
  using model = await compiled({ mask: 'step' });
  t.true((await model.run(ones)).v.every((value) => value === 1));
  using session = await model.session();
  session.push(new Float64Array(width).fill(1));
  t.true(session.membrane().every((value) => value === 1));
  t.like(model.description.nodes[0], { kind: 'dropout', eachStep: true });
  // The number of the batch is kept: a model set back to it draws the same.
  const first = await masks(model);
  await model.setWeights({ 'dropout1.draws': Float64Array.of(0) });
  t.deepEqual(await masks(model), first);
  t.regex(await outcome(() => dropout(0.5, { mask: 'batch' as never })), /dropout\.mask/);
});

test.serial('training with it is the same over threads and from the same seed', async (t) => {
  const whole = sequential(
    dense(width, 30),
    lif({ beta: 0.9 }),
    dropout(0.4, { mask: 'step' }),
    dense(30, 4),
    lif({ beta: 0.9 }),
  );
  const y = Uint32Array.from({ length: batch }, (_, i) => i % 4);
  const { threads } = environment();
  const hashes = new Set<string>();
  for (const n of [1, 2, 4]) {
    setThreads(n);
    using model = await whole.compile({ seed: 1 });
    await model.fit([{ ...ones, y }], { epochs: 3, loss: loss.crossEntropyCount() });
    hashes.add(await model.weightsSha256());
  }
  setThreads(threads);
  t.is(hashes.size, 1);
});
