// Recurrence without autapses: those weights are 0 and stay so, and all else is as with them.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { li, lif, type Neuron, slstm } from '../../src-ts/doors/neurons.ts';
import { adamw, dense, loss, Model, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const [steps, samples, channels, neurons] = [7, 5, 3, 70];
const batch = {
  x: uniform(steps * samples * channels, 1, 0, 2),
  shape: [steps, samples, channels],
  y: labels(samples, 2, 2),
};
const objective = { loss: loss.crossEntropyMeanMembrane() };
const compile = (hidden: Neuron, width: number) =>
  sequential(dense(channels, width), hidden, dense(neurons, 2), li({ beta: 0.9 })).compile({ seed: 3 });
const name = 'hidden';
const kinds = [
  ['lif', 1, (autapses: boolean) => lif({ name, beta: 0.8, recurrent: { kind: 'dense', autapses } })],
  ['slstm', 4, (autapses: boolean) => slstm({ name, recurrent: { kind: 'dense', autapses } })],
] as const;
const tensor = 'hidden.recurrent.weight';
const own = (index: number) => Math.floor(index / neurons) % neurons === index % neurons;

for (const [kind, ports, hidden] of kinds) {
  test(`${kind}: weights of a neuron to itself begin at 0, and no step moves them`, async (t) => {
    using model = await compile(hidden(false), ports * neurons);
    using whole = await compile(hidden(true), ports * neurons);
    const begin = (await model.weights())[tensor]!;
    const initial = (await whole.weights())[tensor]!;
    t.is(begin.length, ports * neurons * neurons);
    t.deepEqual(
      begin,
      initial.map((value, i) => (own(i) ? 0 : value)),
    );

    await whole.setWeights({ [tensor]: begin });
    await model.trainStep(batch, objective);
    await whole.trainStep(batch, objective);
    const [masked, free] = [(await model.gradients())[tensor]!, (await whole.gradients())[tensor]!];
    t.true(
      free.some((value, i) => own(i) && value !== 0),
      'there is a gradient to hold back',
    );
    t.deepEqual(
      masked,
      free.map((value, i) => (own(i) ? 0 : value)),
    );

    const optimizer = adamw({ lr: 0.01, maxNorm: 1 });
    for (let i = 0; i < 3; i++) await model.trainStep(batch, { ...objective, optimizer });
    const { v, backward } = await model.forward(batch);
    await backward({ v: v.map(() => 1) });
    await model.step(optimizer);
    const after = (await model.weights())[tensor]!;
    t.true(after.every((value, i) => (own(i) ? value === 0 : value !== begin[i])));
  });
}

test('they stay away in files, and are not set', async (t) => {
  using model = await compile(kinds[0][2](false), neurons);
  const path = join(await mkdtemp(join(tmpdir(), 'lapicque-')), 'model.safetensors');
  await model.save(path);
  using loaded = await Model.load(path);
  const weights = (await loaded.weights())[tensor]!;
  t.deepEqual(weights, (await model.weights())[tensor]!);
  weights[neurons + 1] = 0.5;
  const error = await failure(() => loaded.setWeights({ [tensor]: weights }));
  t.regex(
    error!.message,
    /hidden\.recurrent\.weight\[71\]: expected 0, since there are no autapses but got 0\.5/,
  );
  const wrong = () => lif({ beta: 0.8, recurrent: { kind: 'dense', autapses: 'no' as never } });
  t.is((await failure(wrong))?.code, 'invalid-parameter');
});
