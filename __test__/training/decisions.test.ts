// What decides a sample's label: sums, maxima, first spikes, from a step on and up to each sample's length.
import test from 'ava';
import { DataLoader, decode } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { type Decision, dense, loss, sequential, sgd } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const [steps, samples, channels, classes] = [9, 40, 6, 4];
const x = uniform(steps * samples * channels, 1, -2, 2);
const y = labels(samples, 2, classes);
const input = { x, shape: [steps, samples, channels] };
const lengths = Uint32Array.from({ length: samples }, (_, i) => 3 + ((i * 5) % (steps - 2)));
const batch = { ...input, y, lengths };
const batches = {
  async *[Symbol.asyncIterator]() {
    yield batch;
  },
};

const silent = () => sequential(dense(channels, classes), li({ beta: 0.7 })).compile({ seed: 4 });
const spiking = () =>
  sequential(dense(channels, classes), lif({ beta: 0.7, vThreshold: 0.6 })).compile({ seed: 4 });

/** The label of each sample by a score of each neuron's values over its steps. */
function by(values: ArrayLike<number>, score: (column: number[]) => number, from = 0): number[] {
  return Array.from({ length: samples }, (_, s) => {
    const scores = Array.from({ length: classes }, (_, i) =>
      score(
        Array.from(
          { length: lengths[s]! - from },
          (_, t) => values[((from + t) * samples + s) * classes + i]!,
        ),
      ),
    );
    return scores.indexOf(Math.max(...scores));
  });
}
const sum = (column: number[]) => column.reduce((total, value) => total + value, 0);
const largest = (column: number[]) => Math.max(...column);
const earliest = (column: number[]) => {
  const first = column.findIndex((value) => value !== 0);
  return -(first < 0 ? column.length - 1 : first);
};
const accuracy = (guesses: readonly number[]) =>
  guesses.filter((guess, i) => guess === y[i]).length / samples;

test('a readout that does not spike is judged by its sum, or by its maximum where the loss compares maxima', async (t) => {
  using model = await silent();
  const { v } = await model.run(input);
  const [summed, maxima] = [by(v, sum), by(v, largest)];
  t.notDeepEqual(summed, maxima, 'the test tells them apart');
  const accuracyOf = async (
    objective: ReturnType<typeof loss.crossEntropyMaxMembrane>,
    decision?: Decision,
  ) =>
    (await model.evaluate(batches, { loss: objective, ...(decision === undefined ? {} : { by: decision }) }))
      .accuracy;
  t.is(await accuracyOf(loss.crossEntropyMaxMembrane()), accuracy(maxima));
  t.is(await accuracyOf(loss.crossEntropyMeanMembrane()), accuracy(summed));
  t.is(await accuracyOf(loss.crossEntropyMaxMembrane(), 'membrane'), accuracy(summed));
  t.is(await accuracyOf(loss.crossEntropyMeanMembrane(), 'max-membrane'), accuracy(maxima));
  const { labels: found } = await model.trainStep(batch, { loss: loss.crossEntropyMaxMembrane() });
  t.deepEqual([...found], maxima);
  const still = { loss: loss.crossEntropyMaxMembrane(), epochs: 1, optimizer: sgd({ lr: 0 }) };
  const { history } = await model.fit(batches, { ...still, validation: batches });
  t.is(history[0]!.accuracy, accuracy(maxima));
  t.is(history[0]!.validationAccuracy, accuracy(maxima));
});

test('spikes are judged by their count, or by the first one where the loss compares first spikes', async (t) => {
  using model = await spiking();
  const { spikes } = await model.run(input);
  const [counted, first] = [by(spikes!, sum), by(spikes!, earliest)];
  t.notDeepEqual(counted, first, 'the test tells them apart');
  for (const [objective, expected] of [
    [loss.crossEntropyRate(), counted],
    [loss.crossEntropyMaxMembrane(), counted],
    [loss.crossEntropyFirstSpike(), first],
    [loss.meanSquaredFirstSpike(), first],
  ] as const) {
    t.deepEqual([...(await model.evaluateStep(batch, { loss: objective })).labels], expected, objective.kind);
  }
  const late = await model.evaluateStep(batch, { loss: loss.crossEntropyFirstSpike({ from: 2 }) });
  t.deepEqual([...late.labels], by(spikes!, earliest, 2));
});

test('predict takes the same decisions, from a step on', async (t) => {
  using model = await spiking();
  const { spikes, v } = await model.run(input);
  const all = (values: ArrayLike<number>, score: (column: number[]) => number, from: number) => {
    const kept = lengths.slice();
    lengths.fill(steps);
    const found = by(values, score, from);
    lengths.set(kept);
    return found;
  };
  for (const from of [0, steps - 1]) {
    t.deepEqual([...(await model.predict(input, { by: 'max-membrane', from }))], all(v, largest, from));
    t.deepEqual([...(await model.predict(input, { by: 'membrane', from }))], all(v, sum, from));
    t.deepEqual([...(await model.predict(input, { from }))], all(spikes!, sum, from));
  }
  const decoded = decode({ kind: 'first-spike' }, spikes!, [steps, samples, classes]).labels;
  t.deepEqual(await model.predict(input, { by: 'first-spike' }), decoded);
});

test('spikes of an output that has none are refused, and other names', async (t) => {
  using model = await silent();
  for (const decision of ['count', 'first-spike'] as const) {
    const error = await failure(() => model.predict(input, { by: decision }));
    t.is(error?.code, 'invalid-parameter');
    t.regex(error!.message, /^by: expected 'membrane' or 'max-membrane', for the output does not spike/);
  }
  for (const call of [
    () => model.predict(input, { by: 'mode' as never }),
    () => model.evaluateStep(batch, { loss: loss.crossEntropyMembrane(), by: 'mode' as never }),
    () => model.fit(batches, { loss: loss.crossEntropyMembrane(), epochs: 1, by: 'mode' as never }),
  ]) {
    t.regex((await failure(call))!.message, /by/);
  }
  const far = { loss: loss.crossEntropyMembrane(), by: 'max-membrane' as const };
  using online = await sequential(
    dense(channels, 5),
    lif({ beta: 0.8 }),
    dense(5, classes),
    li({ beta: 0.8 }),
  ).compile();
  t.is(
    (await failure(() => online.trainStep({ ...input, y }, { ...far, method: 'e-prop' })))?.code,
    'unsupported',
  );
});

test('a loader and populations: the label of a class is the vote of all its neurons', async (t) => {
  using model = await silent();
  const loader = new DataLoader(
    { x: x.slice(0, samples * channels), shape: [samples, channels], y },
    { batchSize: 7 },
  );
  const { v } = await model.run({ x: x.slice(0, samples * channels), shape: [samples, channels] }, { steps });
  const found = await model.predict(
    { x: x.slice(0, samples * channels), shape: [samples, channels] },
    { steps, by: 'max-membrane', populationClasses: 2 },
  );
  const expected = Array.from({ length: samples }, (_, s) => {
    const of = (i: number) =>
      Math.max(...Array.from({ length: steps }, (_, t) => v[(t * samples + s) * classes + i]!));
    return of(0) + of(1) >= of(2) + of(3) ? 0 : 1;
  });
  t.deepEqual([...found], expected);
  const { samples: seen } = await model.evaluate(loader, { steps, loss: loss.crossEntropyMaxMembrane() });
  t.is(seen, samples);
});
