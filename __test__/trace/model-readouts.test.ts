// A read-out that belongs to the model: runs, sessions, predictions, accuracies, files, the summary, and what is refused.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { convert, quantize } from '../../src-ts/doors/chip.ts';
import { writeNir } from '../../src-ts/doors/files.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, loss, Model, sequential } from '../../src-ts/index.ts';
import type { LossScope } from '../../src-ts/trace/traced-loss.ts';

const [steps, batch, inputs, classes] = [7, 9, 6, 3];
const y = Uint32Array.from({ length: batch }, (_, i) => i % classes);
const x = Float64Array.from({ length: steps * batch * inputs }, (_, i) => {
  const [channel, sample] = [i % inputs, Math.floor(i / inputs) % batch];
  return Number(channel % classes === y[sample]!) * 0.7 + Number((i * 0.618) % 1 > 0.7) * 0.5;
});
const input = { x, shape: [steps, batch, inputs] };
const data = [{ ...input, y }];

// The output has 4 neurons, which an own matrix maps to 3 classes; a step counts by the rate of the hidden layer.
const parameters = {
  decoder: {
    shape: { neuron: 4, class: classes },
    initial: [0.9, 0.1, -0.4, -0.3, 0.8, 0.2, 0.1, -0.5, 0.7, 0.3, 0.2, 0.1],
  },
};
const scores = ({ v, layers, parameters: { decoder } }: LossScope<never, 'decoder'>) => {
  const weights = layers.hidden!.spikes.mean('neuron').softmax('time');
  return v.mul(weights).sum('time').contract(decoder, 'neuron', 'neuron');
};
const readout = loss.trace(scores, { parameters });
const objective = loss.trace((scope) => scores(scope).crossEntropy(scope.target, 'class'), { parameters });
const network = sequential(dense(6, 16), lif({ beta: 0.7, name: 'hidden' }), dense(16, 4), li({ beta: 0.5 }));

/** The scores of one sample of recordings `[time, batch, neuron]`. */
function expected(
  v: ArrayLike<number>,
  spikes: ArrayLike<number>,
  decoder: ArrayLike<number>,
  sample: number,
  until = steps,
) {
  const rates = Array.from({ length: until }, (_, step) => {
    let sum = 0;
    for (let i = 0; i < 16; i++) sum += spikes[(step * batch + sample) * 16 + i]! / 16;
    return Math.exp(sum);
  });
  const total = rates.reduce((sum, rate) => sum + rate, 0);
  return Array.from({ length: classes }, (_, k) => {
    let sum = 0;
    for (let step = 0; step < until; step++)
      for (let i = 0; i < 4; i++)
        sum += (rates[step]! / total) * v[(step * batch + sample) * 4 + i]! * decoder[i * classes + k]!;
    return sum;
  });
}

const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number) =>
  a.length === b.length && Array.from(a).every((value, i) => Math.abs(value - b[i]!) < tolerance);

for (const precision of ['f64', 'f32'] as const) {
  test(`run, session and predict give the read-out: ${precision}`, async (t) => {
    const model = await network.compile({ seed: 3, precision, readout });
    t.deepEqual(model.info.parameters.at(-1), { name: 'loss.decoder', shape: [4, 3], trainable: true });
    await model.fit(data, { epochs: 40, loss: objective, optimizer: adam({ lr: 0.03 }) });
    const run = await model.run(input, { record: ['hidden.spikes'] });
    const decoder = (await model.weights())['loss.decoder']!;
    const tolerance = precision === 'f64' ? 1e-12 : 1e-5;
    const prediction = await model.predict(input, { scores: true });
    t.deepEqual(run.readout!.shape, [batch, classes]);
    t.deepEqual(prediction.shape, [batch, classes]);
    t.deepEqual(prediction.scores, run.readout!.values);
    t.deepEqual(await model.predict(input), prediction.labels);
    for (let sample = 0; sample < batch; sample++) {
      const own = run.readout!.values.slice(sample * classes, (sample + 1) * classes);
      t.true(near(own, expected(run.v, run.recordings['hidden.spikes']!, decoder, sample), tolerance));
      t.is(prediction.labels[sample], own.indexOf(Math.max(...own)));
      t.is(prediction.labels[sample], y[sample]);
    }
    const session = await model.session({ readout: true, record: ['hidden.v'] });
    for (const sample of [0, 5]) {
      session.reset();
      for (let step = 0; step < steps; step++) {
        session.push(
          Float64Array.from(
            x.subarray((step * batch + sample) * inputs, (step * batch + sample + 1) * inputs),
          ),
        );
        const soFar = expected(run.v, run.recordings['hidden.spikes']!, decoder, sample, step + 1);
        t.true(near(session.readout(), soFar, tolerance));
      }
      t.deepEqual(session.readout(), run.readout!.values.slice(sample * classes, (sample + 1) * classes));
    }
    const other = session.fork();
    t.throws(() => other.readout(), { message: /at least one step/ });
    t.is(session.readout().length, classes);
    session.restore(await model.restState(1));
    t.throws(() => session.readout(), { message: /at least one step/ });
  });
}

test('the accuracy, the confusion and the labels of steps are those of the read-out', async (t) => {
  const model = await network.compile({ seed: 3, precision: 'f64', readout });
  const labels = await model.predict(input);
  const accuracy = labels.filter((label, i) => label === y[i]).length / batch;
  const evaluation = await model.evaluate(data, { loss: objective });
  t.is(evaluation.accuracy, accuracy);
  t.is(evaluation.confusion.length, classes);
  t.true(labels.every((label, i) => evaluation.confusion[y[i]!]![label]! > 0));
  // Of a built-in loss, too: its labels are decided by the read-out.
  const built = loss.crossEntropySumMembrane();
  const report = await model.evaluateStep(data[0]!, { loss: built });
  t.deepEqual(report.labels, labels);
  t.is(report.classes, classes);
  const step = await model.trainStep(data[0]!, { loss: objective });
  t.deepEqual(step.labels, labels);
  const { history } = await model.fit(data, { epochs: 1, loss: objective, optimizer: adam({ lr: 0 }) });
  t.is(history[0]!.accuracy, accuracy);
  // A criterion replaces it.
  const byMembrane = await model.evaluateStep(data[0]!, { loss: built, by: 'membrane' });
  t.deepEqual(byMembrane.labels, byMembrane.byMembrane);
  t.is(byMembrane.classes, 4);
  t.deepEqual(await model.predict(input, { by: 'membrane' }), byMembrane.byMembrane);
});

test('samples that end at different steps', async (t) => {
  const rate = loss.trace(({ layers, mask, lengths }) =>
    layers
      .hidden!.spikes.mul(mask)
      .sum('time')
      .div(lengths)
      .unflatten('neuron', { class: 4, one: 4 })
      .sum('one'),
  );
  const model = await network.compile({ seed: 3, precision: 'f64', readout: rate });
  const lengths = Uint32Array.from({ length: batch }, (_, i) => 2 + (i % 5));
  const { scores, shape } = await model.predict({ ...input, lengths }, { scores: true });
  const { recordings, readout: whole } = await model.run(input, { record: ['hidden.spikes'] });
  t.deepEqual(shape, [batch, 4]);
  const spikes = recordings['hidden.spikes']!;
  for (let sample = 0; sample < batch; sample++) {
    for (let k = 0; k < 4; k++) {
      const mean = (length: number) => {
        let sum = 0;
        for (let step = 0; step < length; step++)
          for (let i = 0; i < 4; i++) sum += spikes[(step * batch + sample) * 16 + 4 * k + i]!;
        return sum / length;
      };
      t.true(Math.abs(scores[sample * 4 + k]! - mean(lengths[sample]!)) < 1e-12);
      t.true(Math.abs(whole!.values[sample * 4 + k]! - mean(steps)) < 1e-12);
    }
  }
});

test('the read-out is in the file, and a changed model keeps it', async (t) => {
  const model = await network.compile({ seed: 3, readout });
  await model.setWeights({ 'loss.decoder': Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)) });
  const run = await model.run(input);
  const loaded = await Model.load(await model.toBytes());
  t.deepEqual(loaded.description, model.description);
  t.deepEqual(loaded.info, model.info);
  t.is(loaded.parameterCount, model.parameterCount);
  t.deepEqual((await loaded.run(input)).readout, run.readout);
  t.deepEqual(await loaded.predict(input), await model.predict(input));
  const { surrogate } = await import('../../src-ts/doors/neurons.ts');
  const changed = await model.withSurrogates({ hidden: surrogate.atan() });
  t.deepEqual((await changed.run(input)).readout, run.readout);
  t.regex(model.summary(), /readout +traced +12/);
  t.is(model.parameterCount, (await network.compile({ seed: 3 })).parameterCount + 12);
});

test('what a read-out cannot be is refused at compile', async (t) => {
  const refused = (given: unknown, message: RegExp) =>
    t.throwsAsync(network.compile({ readout: given as never }), { message });
  await refused(3, /readout.*loss\.trace.*3/);
  await refused({ kind: 'traced' }, /readout\.graph/);
  await refused(
    loss.trace(({ v }) => v.mean('time').sum('neuron')),
    /readout.*\[batch \?\]/,
  );
  await refused(
    loss.trace(({ v, target }) => v.mean('time').add(target)),
    /readout.*target/,
  );
  await refused(
    loss.trace(({ v }) => ({ a: v.max('time'), b: v.max('time') })),
    /readout.*2 results/,
  );
  await refused(
    loss.trace(({ v }) => v.mean('time').sub(v.mean(['time', 'batch']))),
    /readout.*mixes the samples/,
  );
  await refused(
    loss.trace(({ layers }) => layers.none!.v.max('time')),
    /none\.v/,
  );
  await refused(
    loss.trace(({ spikes }) => spikes.sum('time')),
    /does not spike.*spikes/,
  );
  await refused(
    loss.trace(({ v, parameter }) => v.max('time').mul(parameter('dense9.weight', ['a', 'b']).sum())),
    /dense9\.weight.*dense1\.weight/,
  );
});

test('what a model with a read-out cannot do is refused', async (t) => {
  const model = await network.compile({ seed: 3, readout });
  const plain = await network.compile({ seed: 3 });
  t.is((await plain.run(input)).readout, undefined);
  await t.throwsAsync(plain.session({ readout: true }), { message: /compiled with a readout/ });
  const session = await model.session();
  session.push([1, 2]);
  t.throws(() => session.readout(), { message: /session\(\{ readout: true \}\)/ });
  const own = () => ({ loss: 0, gradV: new Float64Array(steps * batch * 4) });
  await t.throwsAsync(model.trainStep(data[0]!, { loss: own }), { message: /by.*read-out/ });
  t.is((await model.trainStep(data[0]!, { loss: own, by: 'membrane' })).labels.length, batch);
  const spiking = await sequential(
    dense(6, 8),
    lif({ beta: 0.9, name: 'hidden' }),
    dense(8, 3),
    lif({ beta: 0.9 }),
  ).compile({
    readout: loss.trace(({ spikes }) => spikes.sum('time')),
  });
  const online = { loss: loss.crossEntropyMembrane(), method: 'e-prop' as const };
  await t.throwsAsync(spiking.trainStep(data[0]!, online), { message: /read-out/ });
  t.is((await spiking.trainStep(data[0]!, { ...online, by: 'count' })).labels.length, batch);
});

test('chips, conversions and NIR files name the read-out that they cannot hold', async (t) => {
  const spikes = loss.trace((scope) => scope.spikes.sum('time'));
  const layers = sequential(dense(6, 8), lif({ beta: 0.9 }), dense(8, 3), lif({ beta: 0.9 }));
  const model = await layers.compile({ seed: 1, readout: spikes });
  await t.throwsAsync(quantize(model, { calibration: input }), { message: /readout/ });
  await t.throwsAsync(convert(model, { data: input, steps }), { message: /readout/ });
  const folder = mkdtempSync(join(tmpdir(), 'lapicque-readout-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'model.nir');
  await t.throwsAsync(writeNir(file, model), { message: /readout/ });
  const report = await writeNir(file, model, { lossy: true });
  t.true(JSON.stringify(report).includes('readout'));
});
