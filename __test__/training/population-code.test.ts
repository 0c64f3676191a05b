// Population-coded outputs: labels are those of classes, wherever they are told.
import test from 'ava';
import { DataLoader, decode } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { dense, type EpochRecord, loss, type Model, sequential, sgd } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const [samples, channels, classes, block, steps] = [60, 7, 3, 4, 8];
const outputs = classes * block;
const x = uniform(samples * channels, 1, 0, 2);
const y = labels(samples, 2, classes);
const input = { x, shape: [samples, channels] };
const loader = () => new DataLoader({ ...input, y }, { batchSize: 25 });
const still = sgd({ lr: 0 });

const spiking = () =>
  sequential(dense(channels, outputs), lif({ beta: 0.8, vThreshold: 0.5 })).compile({ seed: 4 });
const silent = () => sequential(dense(channels, outputs), li({ beta: 0.8 })).compile({ seed: 4 });

/** Votes counted from the outputs `[steps, samples, outputs]`. */
function counted(values: ArrayLike<number>): number[] {
  return Array.from({ length: samples }, (_, sample) => {
    const votes = new Array<number>(classes).fill(0);
    for (let t = 0; t < steps; t++) {
      for (let i = 0; i < outputs; i++)
        votes[Math.floor(i / block)]! += values[(t * samples + sample) * outputs + i]!;
    }
    return votes.indexOf(Math.max(...votes));
  });
}

function evaluationOf(expected: readonly number[]) {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  expected.forEach((guess, i) => {
    confusion[y[i]!]![guess]! += 1;
  });
  return { confusion, accuracy: expected.filter((guess, i) => guess === y[i]).length / samples };
}

for (const by of ['count', 'membrane'] as const) {
  test(`labels by ${by} are votes of populations in evaluate, fit, trainStep and predict`, async (t) => {
    using model = await spiking();
    const run = await model.run(input, { steps });
    const expected = counted(by === 'count' ? run.spikes! : run.v);
    t.true(new Set(expected).size === classes, 'the test tells classes apart');
    if (by === 'count') {
      const { labels } = decode({ kind: 'population-vote', classes }, run.spikes!, run.shape);
      t.deepEqual([...labels], expected);
    }
    const { confusion, accuracy } = evaluationOf(expected);
    const work = { steps, by, loss: loss.crossEntropyCount({ populationClasses: classes }) };
    t.like(await model.evaluate(loader(), work), { confusion, accuracy });
    const seen: (number | undefined)[] = [];
    const onEpoch = (record: EpochRecord) => {
      seen.push(record.accuracy, record.validationAccuracy);
    };
    const { history } = await model.fit(loader(), {
      ...work,
      optimizer: still,
      epochs: 1,
      validation: loader(),
      callbacks: { onEpoch },
    });
    t.deepEqual(seen, [accuracy, accuracy]);
    t.like(history[0], { accuracy, validationAccuracy: accuracy });
    const report = await model.trainStep({ ...input, y }, { steps, loss: work.loss });
    t.deepEqual([...(by === 'count' ? report.byCount : report.byMembrane)], expected);
    t.deepEqual([...(await model.predict(input, { steps, by, populationClasses: classes }))], expected);
  });
}

test('a readout that does not spike votes by its membrane', async (t) => {
  using model = await silent();
  const { v } = await model.run(input, { steps });
  t.deepEqual([...(await model.predict(input, { steps, populationClasses: classes }))], counted(v));
});

test('a method forward in time tells votes too', async (t) => {
  using model = await spiking();
  const { spikes } = await model.run(input, { steps });
  const { byCount } = await model.trainStep(
    { ...input, y },
    { steps, loss: loss.crossEntropyRate({ populationClasses: classes }), method: 'ottt' },
  );
  t.deepEqual([...byCount], counted(spikes!));
});

test('a class that only its second neuron shows is right', async (t) => {
  using model = await sequential(dense(2, 4, { bias: false }), lif({ beta: 0.5 })).compile();
  await model.setWeights({ 'dense1.weight': Float32Array.of(0, 0, 2, 0, 0, 0, 0, 2) });
  const two = { x: Float32Array.of(1, 0, 0, 1), y: Uint8Array.of(0, 1), shape: [2, 2] };
  const work = { steps: 5, loss: loss.crossEntropyCount({ populationClasses: 2 }) };
  const { accuracy, confusion } = await model.evaluate(new DataLoader(two, { batchSize: 2 }), work);
  t.is(accuracy, 1);
  t.deepEqual(confusion, [
    [1, 0],
    [0, 1],
  ]);
  t.deepEqual([...(await model.predict(two, { steps: 5, populationClasses: 2 }))], [0, 1]);
  t.deepEqual([...(await model.predict(two, { steps: 5 }))], [1, 3], 'else each output is a class');
});

test('labels and confusion of single neurons, counted by hand', async (t) => {
  const make = () => sequential(dense(channels, classes), lif({ beta: 0.8, vThreshold: 0.5 }));
  using model: Model = await make().compile({ seed: 6 });
  const { spikes } = await model.run(input, { steps });
  const expected = Array.from({ length: samples }, (_, sample) => {
    const counts = new Array<number>(classes).fill(0);
    for (let t = 0; t < steps; t++)
      for (let i = 0; i < classes; i++) counts[i]! += spikes![(t * samples + sample) * classes + i]!;
    return counts.indexOf(Math.max(...counts));
  });
  t.deepEqual([...(await model.predict(input, { steps }))], expected);
  t.like(await model.evaluate(loader(), { steps, loss: loss.crossEntropyCount() }), evaluationOf(expected));
});

test('classes that do not divide the outputs are refused', async (t) => {
  using model = await spiking();
  for (const populationClasses of [0, 5, 1.5, 24, Number.NaN]) {
    const error = await failure(() => model.predict(input, { steps, populationClasses }));
    t.is(error?.code, 'invalid-parameter', `${populationClasses}`);
  }
});
