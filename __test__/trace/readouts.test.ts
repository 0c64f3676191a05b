// Read-outs that are traced functions: trained in a loss, then used by predict; scores against sums written out.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, loss, sequential } from '../../src-ts/index.ts';
import type { LossScope } from '../../src-ts/trace/traced-loss.ts';

const [steps, batch, inputs, classes] = [8, 12, 6, 3];
const y = Uint32Array.from({ length: batch }, (_, i) => i % classes);
// Only the steps 2 to 4 tell the class; the others are noise.
const x = Float64Array.from({ length: steps * batch * inputs }, (_, i) => {
  const [channel, sample, step] = [
    i % inputs,
    Math.floor(i / inputs) % batch,
    Math.floor(i / inputs / batch),
  ];
  const isSignal = step >= 2 && step <= 4;
  return isSignal ? Number(channel % classes === y[sample]) : Number((i * 0.618) % 1 > 0.6);
});
const input = { x, shape: [steps, batch, inputs] };
const network = sequential(
  dense(6, 16),
  lif({ beta: 0.7, name: 'hidden' }),
  dense(16, classes),
  li({ beta: 0.5 }),
);

// Attention over time: a step counts by a score of its outputs.
const parameters = { query: { shape: [classes, 1], initial: [0.1, -0.2, 0.3] } };
const attention = ({ v, parameters: { query } }: LossScope<never, 'query'>) => {
  const weights = v.matmul(query.rename('neuron', 'one')).sum('one').softmax('time');
  return v.mul(weights).sum('time');
};

for (const precision of ['f64', 'f32'] as const) {
  test(`attention over time is trained, and predicts: ${precision}`, async (t) => {
    const model = await network.compile({ seed: 4, precision });
    const readout = loss.trace(attention, { parameters });
    const objective = loss.trace((scope) => attention(scope).crossEntropy(scope.target), { parameters });
    const before = await model.predict(input, { readout, scores: true });
    await model.fit([{ ...input, y }], { epochs: 80, loss: objective, optimizer: adam({ lr: 0.02 }) });
    const { labels, scores, shape } = await model.predict(input, { readout, scores: true });
    t.deepEqual(shape, [batch, classes]);
    t.deepEqual(labels, y);
    t.notDeepEqual(scores, before.scores);
    t.deepEqual(await model.predict(input, { readout }), labels);
    const { v } = await model.run(input);
    const query = (await model.weights())['loss.query']!;
    t.not(query[0], Math.fround(0.1));
    for (let sample = 0; sample < batch; sample++) {
      const at = (step: number, i: number) => v[(step * batch + sample) * classes + i]!;
      const exponents = Array.from({ length: steps }, (_, step) =>
        Math.exp([0, 1, 2].reduce((sum, i) => sum + at(step, i) * query[i]!, 0)),
      );
      const total = exponents.reduce((sum, e) => sum + e, 0);
      for (let i = 0; i < classes; i++) {
        const expected = exponents.reduce((sum, e, step) => sum + (e / total) * at(step, i), 0);
        t.true(Math.abs(expected - scores[sample * classes + i]!) < (precision === 'f64' ? 1e-12 : 1e-5));
      }
    }
  });
}

test('a read-out of hidden spikes, a parameter and lengths', async (t) => {
  const model = await network.compile({ seed: 4, precision: 'f64' });
  const lengths = Uint32Array.from({ length: batch }, (_, i) => 3 + (i % 6));
  const readout = loss.trace(({ layers, parameter, mask, lengths }) =>
    layers
      .hidden!.spikes.mul(mask)
      .sum('time')
      .div(lengths)
      .contract(parameter('dense2.weight', ['class', 'in']), 'neuron', 'in'),
  );
  const { scores } = await model.predict({ ...input, lengths }, { readout, scores: true });
  const { recordings } = await model.run(input, { record: ['hidden.spikes'] });
  const weights = (await model.weights())['dense2.weight']!;
  for (let sample = 0; sample < batch; sample++) {
    for (let i = 0; i < classes; i++) {
      let expected = 0;
      for (let step = 0; step < lengths[sample]!; step++)
        for (let k = 0; k < 16; k++)
          expected += recordings['hidden.spikes']![(step * batch + sample) * 16 + k]! * weights[i * 16 + k]!;
      t.true(Math.abs(expected / lengths[sample]! - scores[sample * classes + i]!) < 1e-12);
    }
  }
});

test('wrong read-outs are refused', async (t) => {
  const model = await network.compile({ seed: 4 });
  const refused = (readout: never, message: RegExp, others = {}) =>
    t.throwsAsync(model.predict(input, { readout, ...others }), { message });
  await refused(loss.trace(({ v }) => v.mean('time').sum('batch')) as never, /readout.*\[neuron \?\]/);
  await refused(loss.trace(({ v }) => v) as never, /readout.*\[time \?, batch \?, neuron \?\]/);
  await refused(loss.trace(({ v, target }) => v.mean('time').add(target)) as never, /readout.*target/);
  await refused(3 as never, /readout.*loss\.trace.*3/);
  await refused(loss.trace(({ v }) => v.max('time')) as never, /by/, { by: 'count' });
  await refused(loss.trace(({ layers }) => layers.none!.v.max('time')) as never, /none\.v/);
});
