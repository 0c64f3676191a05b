// What an optimizer leaves to its next step: moments, whose they are, and how many steps they have taken.
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { addon, task } from '../../src-ts/engine/native.ts';
import { readWhole } from '../../src-ts/files/open-file.ts';
import {
  adam,
  adamw,
  dense,
  loadCheckpoint,
  loss,
  Model,
  type Optimizer,
  sequential,
  sgd,
  type Weights,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-optimizer-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));
let files = 0;
const file = () => join(folder, `${files++}.safetensors`);

const [samples, channels, classes, steps] = [24, 6, 3, 5];
const batch = {
  x: uniform(samples * channels, 1, 0, 1),
  y: labels(samples, 2, classes),
  shape: [samples, channels],
};
const network = sequential(
  dense(channels, 8),
  lif({ beta: 0.9 }),
  dense(8, classes, { bias: false }),
  li({ beta: 0.9 }),
);
const compile = () => network.compile({ seed: 1, precision: 'f64' });
const objective = { steps, loss: loss.crossEntropyMeanMembrane() };
const learn = (model: Model, optimizer: Optimizer) => model.trainStep(batch, { ...objective, optimizer });

/** The gradients of the batch with these weights, in a model that has no past. */
async function gradients(weights: Record<string, Weights>): Promise<Record<string, Weights>> {
  using model = await compile();
  await model.setWeights(weights);
  await model.trainStep(batch, objective);
  return model.gradients();
}

/** How far a step is, at most, from moving each weight by what `expected` makes of its gradient. */
async function step(
  model: Model,
  optimizer: Optimizer,
  expected: (gradient: number) => number,
): Promise<number> {
  const before = await model.weights();
  const gradient = await gradients(before);
  await learn(model, optimizer);
  const after = await model.weights();
  let worst = 0;
  for (const [name, values] of Object.entries(gradient)) {
    values.forEach((g, i) => {
      worst = Math.max(worst, Math.abs(after[name]![i]! - before[name]![i]! - expected(g)));
    });
  }
  return worst;
}

const lr = 1e-2;
/** Adam's first step, m/(1 - beta1) over the root of v/(1 - beta2): the gradient over its magnitude. */
const first = (g: number) => (-lr * g) / (Math.abs(g) + 1e-8);

test('a model that was saved and loaded begins Adam anew', async (t) => {
  using model = await compile();
  for (let i = 0; i < 60; i++) await learn(model, adam({ lr }));
  const path = file();
  await model.save(path);
  using loaded = await Model.load(path);
  t.is(loaded.updates, 60);
  t.true((await step(loaded, adam({ lr }), first)) < 1e-12);
  using fitted = await Model.load(path);
  using reference = await compile();
  await reference.setWeights(await fitted.weights());
  const data = () => new DataLoader(batch, { batchSize: 8 });
  const work = { ...objective, optimizer: adam({ lr }), epochs: 2 };
  await fitted.fit(data(), work);
  await reference.fit(data(), work);
  t.deepEqual(await fitted.weights(), await reference.weights(), 'as a model that was given the weights');
});

const others: Record<string, [before: Optimizer, after: Optimizer, (g: number) => number]> = {
  'Adam after SGD': [sgd({ lr: 1e-3 }), adam({ lr }), first],
  'Adam after SGD with momentum': [sgd({ lr: 1e-3, momentum: 0.9 }), adam({ lr }), first],
  'AdamW after Adam': [adam({ lr }), adamw({ lr, weightDecay: 0 }), first],
  'SGD with momentum after Adam': [adam({ lr: 0 }), sgd({ lr, momentum: 0.9 }), (g) => -lr * g],
};
for (const [name, [before, after, expected]] of Object.entries(others)) {
  test(`${name} begins without moments`, async (t) => {
    using model = await compile();
    for (let i = 0; i < 4; i++) await learn(model, before);
    t.true((await step(model, after, expected)) < 1e-12);
  });
}

test('the same kind goes on with its moments, whatever its settings', async (t) => {
  using model = await compile();
  for (let i = 0; i < 3; i++) await learn(model, sgd({ lr: 0, momentum: 0.5 }));
  // The velocity of three equal gradients is 1.75 of one; the fourth makes it 1 + 0.5 * 1.75.
  t.true((await step(model, sgd({ lr, momentum: 0.5 }), (g) => -lr * 1.875 * g)) < 1e-12);
});

/** Adam as torch writes it down, each parameter with its own count; `frozen(step)` are left out of that step. */
async function byHand(
  count: number,
  frozen: (step: number) => readonly string[],
): Promise<Record<string, Weights>> {
  using model = await compile();
  const weights = await model.weights();
  const state = Object.fromEntries(
    Object.keys(weights).map((name) => [
      name,
      { t: 0, m: new Map<number, number>(), v: new Map<number, number>() },
    ]),
  );
  for (let n = 0; n < count; n++) {
    const gradient = await gradients(weights);
    for (const [name, values] of Object.entries(weights)) {
      if (frozen(n).includes(name)) continue;
      const own = state[name]!;
      own.t += 1;
      values.forEach((w, i) => {
        const g = gradient[name]![i]!;
        const m = 0.9 * (own.m.get(i) ?? 0) + 0.1 * g;
        const v = 0.999 * (own.v.get(i) ?? 0) + 0.001 * g * g;
        own.m.set(i, m);
        own.v.set(i, v);
        values[i] = w - (lr * (m / (1 - 0.9 ** own.t))) / (Math.sqrt(v / (1 - 0.999 ** own.t)) + 1e-8);
      });
    }
  }
  return weights;
}

function furthest(a: Record<string, Weights>, b: Record<string, Weights>): number {
  return Math.max(
    ...Object.entries(a).flatMap(([name, x]) => [...x].map((w, i) => Math.abs(w - b[name]![i]!))),
  );
}

const frozen = (...parameters: string[]) => adam({ lr, groups: [{ parameters, frozen: true }] });

test('a parameter that was frozen counts its own steps', async (t) => {
  using model = await compile();
  for (let n = 0; n < 5; n++) await learn(model, frozen('dense2'));
  for (let n = 0; n < 4; n++) await learn(model, adam({ lr }));
  const expected = await byHand(9, (n) => (n < 5 ? ['dense2.weight'] : []));
  t.true(furthest(await model.weights(), expected) < 1e-9);
});

/** Three steps without `dense2` in a checkpoint, and two more of all parameters from it. */
async function interrupted(path: string): Promise<void> {
  using model = await compile();
  const data = new DataLoader(batch, { batchSize: samples });
  await model.fit(data, { ...objective, optimizer: frozen('dense2'), epochs: 3, checkpoint: { path } });
}

async function resumed(path: string, optimizer: Optimizer) {
  const { model, training } = await loadCheckpoint(path);
  using again = model;
  const data = new DataLoader(batch, { batchSize: samples });
  await again.fit(data, { ...objective, optimizer, epochs: 5, resume: training! });
  return again.weights();
}

test('a checkpoint keeps the count of each parameter', async (t) => {
  const path = file();
  await interrupted(path);
  const expected = await byHand(5, (n) => (n < 3 ? ['dense2.weight'] : []));
  t.true(furthest(await resumed(path, adam({ lr })), expected) < 1e-9);
});

async function changed(path: string, change: (metadata: Map<string, string>) => void): Promise<string> {
  const read = await readWhole('path', path);
  const metadata = new Map(read.metadata);
  change(metadata);
  const tensors = read.tensors.map(({ name, dtype, shape, data }) => ({
    name,
    dtype,
    shape: [...shape],
    data: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  }));
  const to = file();
  await task({}, () => addon.writeTensors(to, undefined, [...metadata], tensors));
  return to;
}

test('a checkpoint of an older version has one count for all', async (t) => {
  const path = file();
  using model = await compile();
  const data = new DataLoader(batch, { batchSize: samples });
  await model.fit(data, { ...objective, optimizer: adam({ lr }), epochs: 3, checkpoint: { path } });
  const old = await changed(path, (metadata) => {
    metadata.delete('optimizer');
    const { optimizer: _, ...training } = JSON.parse(metadata.get('training')!);
    metadata.set('training', JSON.stringify(training));
  });
  t.true(furthest(await resumed(old, adam({ lr })), await byHand(5, () => [])) < 1e-9);
  const { model: loaded } = await loadCheckpoint(old);
  using other = loaded;
  t.true(
    (await step(other, sgd({ lr, momentum: 0.9 }), (g) => -lr * g)) < 1e-12,
    'two moments are no velocity',
  );
});

test('a checkpoint that says nonsense of its optimizer is refused', async (t) => {
  const path = file();
  await interrupted(path);
  for (const text of [
    '',
    '[]',
    '{"kind":"nonesuch","steps":{}}',
    '{"kind":"adam","steps":{"x":1}}',
    '{"kind":"adam","steps":{"dense1.weight":-1}}',
  ]) {
    const damaged = await changed(path, (metadata) => metadata.set('optimizer', text));
    t.like(await failure(() => loadCheckpoint(damaged)), { code: 'malformed-file' }, text);
  }
});

test('training is not resumed with another kind of optimizer', async (t) => {
  const path = file();
  await interrupted(path);
  for (const [other, value] of [
    [sgd({ lr }), '"sgd"'],
    [adamw({ lr }), '"adamw"'],
  ] as const) {
    const error = await failure(() => resumed(path, other));
    t.like(error, { code: 'invalid-parameter', value });
  }
});
