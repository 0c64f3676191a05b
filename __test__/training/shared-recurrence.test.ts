// One-to-one recurrence with one weight for all neurons, and with one for each, against snnTorch itself.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { cubaLif, lif } from '../../src-ts/doors/neurons.ts';
import {
  adamw,
  compile,
  dense,
  environment,
  Model,
  sequential,
  setThreads,
  sgd,
} from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { folder } from '../support/program.ts';

interface Case {
  model: 'RLeaky' | 'RSynaptic';
  form: 'shared' | 'each';
  V: number[];
  v: number[];
  spikes: number[];
  gradients: Record<'weight' | 'bias' | 'V', number[]>;
}
const peers = JSON.parse(
  readFileSync(
    new URL('../../../__test__/training/fixtures/shared-recurrence/peers.json', import.meta.url),
    'utf8',
  ),
) as {
  x: number[];
  shape: [number, number, number];
  neurons: number;
  coefficients: number[];
  weight: number[];
  bias: number[];
  cases: Case[];
};
const { shape, neurons } = peers;
const x = Float64Array.from(peers.x);

function network(model: Case['model'], form: Case['form']) {
  const recurrent = { kind: 'one-to-one', shared: form === 'shared' } as const;
  const cell =
    model === 'RLeaky'
      ? lif({ like: 'snntorch', beta: 0.85, recurrent, name: 'cell' })
      : cubaLif({ like: 'snntorch', alpha: 0.7, beta: 0.85, recurrent, name: 'cell' });
  return sequential(dense(4, neurons, { name: 'fc' }), cell);
}
const weightsOf = ({ V }: Case) => ({
  'fc.weight': Float64Array.from(peers.weight),
  'fc.bias': Float64Array.from(peers.bias),
  'cell.recurrent.weight': Float64Array.from(V),
});
const near = (a: ArrayLike<number>, b: readonly number[], within = 1e-9) =>
  a.length === b.length && b.every((value, i) => Math.abs(a[i]! - value) < within * (1 + Math.abs(value)));
/** Gradients pass through snnTorch's spikes, which are in single precision. */
const single = 1e-6;

for (const one of peers.cases) {
  test(`${one.model}, ${one.form}: states, spikes, gradients, sessions and files`, async (t) => {
    using model = await network(one.model, one.form).compile({ precision: 'f64' });
    const info = model.info.parameters.find(({ name }) => name === 'cell.recurrent.weight')!;
    t.deepEqual(info.shape, [one.form === 'shared' ? 1 : neurons]);
    t.is(model.parameterCount, 4 * neurons + neurons + one.V.length);
    // As V of snnTorch it begins with 1.
    t.deepEqual(
      [...(await model.weights())['cell.recurrent.weight']!],
      one.V.map(() => 1),
    );
    await model.setWeights(weightsOf(one));
    const run = await model.run({ x, shape });
    t.true(near(run.v, one.v));
    t.deepEqual([...run.spikes!], one.spikes);

    const check = async (times: number) => {
      const gradients = await model.gradients();
      for (const [ours, expected] of [
        ['fc.weight', one.gradients.weight],
        ['fc.bias', one.gradients.bias],
        ['cell.recurrent.weight', one.gradients.V],
      ] as const)
        t.true(
          near(
            gradients[ours]!,
            expected.map((value) => times * value),
            single,
          ),
          ours,
        );
    };
    const pass = async (segment?: number) => {
      const out = await model.forward({ x, shape }, segment === undefined ? {} : { segment });
      t.true(near(out.v, one.v));
      await out.backward({ v: Float64Array.from(peers.coefficients) });
    };
    await pass();
    await check(1);
    // Gradients add up over batches.
    await pass(3);
    await check(2);

    // One step of plain descent is that of torch; the weights of a shared one stay one.
    await model.step(sgd({ lr: 0.01 }), { scale: 0.5 });
    const stepped = await model.weights();
    t.true(
      near(
        stepped['cell.recurrent.weight']!,
        one.V.map((v, i) => v - 0.01 * one.gradients.V[i]!),
        single,
      ),
    );
    for (const decay of [0, 0.1]) {
      await pass2(model);
      await model.step(adamw({ lr: 0.02, weightDecay: decay, maxNorm: 1 }));
    }
    const after = await model.run({ x, shape });

    const path = await folder((remove) => t.teardown(remove));
    await model.save(join(path, 'model.safetensors'));
    using loaded = await Model.load(join(path, 'model.safetensors'));
    t.is(await loaded.weightsSha256(), await model.weightsSha256());
    t.deepEqual((await loaded.run({ x, shape })).v, after.v);
    using again = await compile(await model.currentDescription());
    await again.setWeights(await model.weights());
    t.deepEqual((await again.run({ x, shape })).v, after.v);

    using session = await model.session();
    const [steps, batch, inputs] = shape;
    for (let step = 0; step < steps; step++) {
      const at = step * batch * inputs;
      session.push(x.slice(at, at + inputs));
      const own = step * batch * neurons;
      t.deepEqual([...session.membrane(new Float64Array(neurons))], [...after.v.slice(own, own + neurons)]);
    }
  });
}

async function pass2(model: Model): Promise<void> {
  const out = await model.forward({ x, shape });
  await out.backward({ v: Float64Array.from(peers.coefficients) });
}

test('the norm of all gradients counts a shared weight once', async (t) => {
  const [one] = peers.cases;
  using model = await network('RLeaky', 'shared').compile({ precision: 'f64' });
  await model.setWeights(weightsOf(one!));
  await pass2(model);
  const all = Object.values(one!.gradients).flat();
  const norm = Math.sqrt(all.reduce((sum, g) => sum + g * g, 0));
  await model.step(sgd({ lr: 1, maxNorm: 1 }));
  const moved = (await model.weights())['cell.recurrent.weight']![0]!;
  t.true(Math.abs(moved - (one!.V[0]! - one!.gradients.V[0]! / norm)) < single);
});

test.serial('training is the same over threads, and goes on from a checkpoint', async (t) => {
  const cells = lif({ beta: 0.9, recurrent: { kind: 'one-to-one', shared: true } });
  const wide = sequential(dense(4, 150), cells, dense(150, 3), lif({ beta: 0.9 }));
  const batch = { x, shape, y: Uint32Array.of(0, 1, 2) };
  const { loss, adam, loadCheckpoint } = await import('../../src-ts/index.ts');
  const options = { loss: loss.crossEntropyCount(), optimizer: adam({ lr: 0.01 }) };
  const hashes = new Set<string>();
  const { threads } = environment();
  const path = await folder((remove) => t.teardown(remove));
  const checkpoint = { path: join(path, 'checkpoint.safetensors') };
  for (const n of [1, 2, 5]) {
    setThreads(n);
    using model = await wide.compile({ seed: 1 });
    await model.fit([batch], { ...options, epochs: 6 });
    hashes.add(await model.weightsSha256());
  }
  setThreads(threads);
  using first = await wide.compile({ seed: 1 });
  await first.fit([batch], { ...options, epochs: 3, checkpoint });
  const { model, training } = await loadCheckpoint(checkpoint.path);
  await model.fit([batch], { ...options, epochs: 6, resume: training! });
  hashes.add(await model.weightsSha256());
  model.dispose();
  t.is(hashes.size, 1);
});

test('what is no form of it is refused', async (t) => {
  const of = (recurrent: object) => outcome(() => lif({ beta: 0.9, recurrent: recurrent as never }));
  t.regex(await of({ kind: 'one-to-one', shared: 1 }), /^invalid-parameter: lif\.recurrent\.shared/);
  t.regex(await of({ kind: 'dense', shared: true }), /^unknown-name: .*"shared"/);
});
