// Training and simulation within a trial go on after an interruption, without a setting and in the same bits.
import { createHash } from 'node:crypto';
import test from 'ava';
import {
  circuit,
  connect,
  poisson,
  population,
  record,
  rule,
  simulate,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { iafPscExp, lif } from '../../src-ts/doors/neurons.ts';
import { search, space, study, type Trial } from '../../src-ts/doors/study.ts';
import { adam, batchNorm, dense, dropout, loss, sequential } from '../../src-ts/index.ts';
import { labels, uniform } from '../support/numbers.ts';
import { results } from '../support/studies.ts';

const [samples, channels, classes] = [60, 12, 4];
const x = uniform(samples * channels, 1, 0, 1);
const y = labels(samples, 2, classes);

/** Runs a study of two trials, again each time that it is aborted. */
async function untilDone(make: (abort: () => void) => (p: { lr: number }, trial: Trial) => Promise<number>) {
  let controller = new AbortController();
  let attempts = 0;
  const objective = make(() => controller.abort('interrupted'));
  const s = study({
    name: 'checkpoints',
    space: { lr: space.logUniform(1e-3, 1e-1) },
    objective,
    search: search.random(),
    checkpointEvery: 0,
  });
  for (;;) {
    attempts += 1;
    controller = new AbortController();
    try {
      await s.run({ trials: 2, signal: controller.signal });
      return { trials: results(await s.trials()), attempts };
    } catch (error) {
      if ((error as { cause?: unknown }).cause !== 'interrupted') throw error;
    }
  }
}

/** Two trainings, one after the other, interrupted before batches that are counted from the last interruption. */
function training(interruptions: readonly number[]) {
  const left = [...interruptions];
  let batches = 0;
  return (abort: () => void) =>
    async ({ lr }: { lr: number }, trial: Trial) => {
      const loader = () =>
        new DataLoader(
          { x, y, shape: [samples, channels] },
          {
            batchSize: 10,
            shuffle: true,
            seed: trial.seed,
            transform: (batch) => {
              if (trial.number === 1 && batches++ === left[0]) {
                left.shift();
                batches = 0;
                abort();
              }
              return batch;
            },
          },
        );
      const model = await sequential(
        dense(channels, 20),
        batchNorm(),
        dropout(0.1),
        lif({ beta: 0.9, learn: ['beta'] }),
        dense(20, classes),
        lif({ beta: 0.8 }),
      ).compile({ seed: trial.seed });
      const options = { steps: 6, loss: loss.crossEntropyMembrane(), optimizer: adam({ lr }) };
      const first = await model.fit(loader(), {
        ...options,
        epochs: 3,
        validation: new DataLoader({ x, y, shape: [samples, channels] }, { batchSize: 20 }),
        earlyStopping: { metric: 'validationLoss', patience: 5 },
        callbacks: { onEpoch: ({ epoch, loss }) => trial.report(epoch, loss) },
      });
      const second = await model.fit(loader(), {
        ...options,
        epochs: 2,
        schedule: { kind: 'step', stepSize: 1, gamma: 0.5 },
      });
      const plain = (history: typeof first.history) =>
        history.map(({ seconds: _, ...rest }) => ({ ...rest }));
      trial.set('first', { ...first, history: plain(first.history) });
      trial.set('second', plain(second.history));
      trial.set('weights', await model.weightsSha256());
      trial.set('updates', model.updates);
      model.dispose();
      return second.history.at(-1)!.loss;
    };
}

test('fit goes on in the same bits, wherever it was interrupted', async (t) => {
  const whole = await untilDone(training([]));
  t.is(whole.attempts, 1);
  const [, trial] = whole.trials as { user: { first: { history: { loss: number }[] }; weights: string } }[];
  const losses = trial!.user.first.history.map(({ loss }) => loss);
  t.true(losses[2]! < losses[0]!, 'it learns');
  // 6 batches an epoch, 5 epochs of two trainings.
  for (const at of [[1], [7], [13, 3], [17], [20, 9], [26, 2, 2, 2]]) {
    const interrupted = await untilDone(training(at));
    t.is(interrupted.attempts, at.length + 1, String(at));
    t.deepEqual(interrupted.trials, whole.trials, String(at));
  }
});

/** Plastic synapses, noise, and every kind of recorder. */
function network() {
  const E = population(iafPscExp, 40, { name: 'E' });
  const learning = connect(E, E, rule.fixedInDegree(8), {
    weight: 60,
    delay: 1.5,
    model: synapse.stdp({ lambda: 0.02, wMax: 200 }),
  });
  return circuit(
    E,
    learning,
    connect(poisson(9000), E, { weight: 60 }),
    record.spikes(E),
    record.traces(E, ['v'], 1, [0, 7]),
    record.mean(E, ['v'], 1),
    record.weights(learning, { every: 10 }),
  );
}

test('simulate goes on in the same bits, wherever it was interrupted', async (t) => {
  const steps = 3000;
  const runs = async (interruptions: readonly number[]) => {
    const left = [...interruptions];
    return untilDone((abort) => async (_, trial) => {
      const recording = await simulate(network(), {
        duration: steps / 10,
        seed: trial.seed,
        onProgress: ({ done, total }) => {
          t.is(total, steps);
          if (trial.number === 1 && done > (left[0] ?? Number.POSITIVE_INFINITY)) {
            left.shift();
            abort();
          }
        },
      });
      const { times, ids, traces, means, weights, synapticEvents, start, stop, duration } = recording;
      t.deepEqual([start, stop, duration], [0, steps / 10, steps / 10]);
      trial.set('rates', recording.rates());
      trial.set('counts', [times.length, synapticEvents]);
      const all = [
        times,
        ids,
        ...[traces, means].flatMap(Object.values).flatMap(Object.values),
        ...weights.flatMap((w) => [w.times, w.values]),
      ];
      const hash = createHash('sha256');
      for (const array of all as Float64Array[])
        hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      trial.set('recording', hash.digest('hex'));
      return times.length;
    });
  };
  const whole = await runs([]);
  const [first] = whole.trials as { user: { counts: number[] } }[];
  t.true(first!.user.counts[0]! > 200, String(first!.user.counts));
  // What it comes to in one piece.
  const { values, seed } = (whole.trials as { values: number[]; seed: number }[])[1]!;
  t.is((await simulate(network(), { duration: steps / 10, seed })).times.length, values[0]!);
  for (const at of [[40], [60, 250, 1000]]) {
    const interrupted = await runs(at);
    t.is(interrupted.attempts, at.length + 1, String(at));
    t.deepEqual(interrupted.trials, whole.trials, String(at));
  }
});
