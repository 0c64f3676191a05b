// Which call runs when: short ones before long ones, bounded queues, what can be read and heard of it, and that no result depends on it.
import diagnostics from 'node:diagnostics_channel';
import test from 'ava';
import { circuits, type Recording } from '../../src-ts/doors/circuit.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import {
  dense,
  type EngineTaskEvent,
  engineStatus,
  environment,
  loss,
  sequential,
  setEngineLimits,
  setThreads,
  sgd,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { library, run } from '../support/process.ts';

const network = sequential(dense(50, 20), lif({ beta: 0.9 }), dense(20, 4), lif({ beta: 0.9 }));
const x = Float32Array.from({ length: 50 }, (_, i) => (i % 7) / 7);
const sample = { x, shape: [1, 50] };

const simulationOf = (seed: number) => circuits.brunel({ scale: 0.1 }).circuit.compile({ seed });
const serialized = ({ times, ids }: Recording) => JSON.stringify([[...times], [...ids]]);

/** As many endless simulations as asked for; `end` aborts them. */
const endless = `
const { engineStatus, circuits } = lapicque;
const stop = new AbortController();
const runs = [];
for (let i = 0; i < 32; i++) {
  const simulation = await circuits.brunel({ scale: 0.1 }).circuit.compile({ seed: i });
  runs.push(simulation.run(1e7, { signal: stop.signal }).then(() => 'done', (error) => [error.code, simulation.time]));
}
const end = () => (stop.abort(), Promise.all(runs));
`;

/** Times of 60 predictions, one after the other, in ms. */
const predictions = `
const model = await lapicque.sequential(lapicque.dense(784, 100), lapicque.lif({ beta: 0.9 }), lapicque.dense(100, 10), lapicque.lif({ beta: 0.9 })).compile();
const x = new Float32Array(784).fill(0.5);
const taken = [];
for (let i = 0; i < 60; i++) {
  const begun = performance.now();
  await model.predict({ x, shape: [1, 784] }, { steps: 10 });
  taken.push(performance.now() - begun);
}
`;

test.serial(
  'beside 32 endless simulations a prediction takes no time, in worker threads either',
  async (t) => {
    const { main, workers, status, ends } = await run<{
      main: number[];
      workers: number[][];
      status: { begun: number; paused: number; queued: number };
      ends: [string, number][];
    }>(`
import { Worker } from 'node:worker_threads';
${endless}
await new Promise((resolve) => setTimeout(resolve, 500));
const { tasks, queued } = engineStatus();
const status = { begun: tasks.length, paused: tasks.filter((task) => task.paused).length, queued };
const inMain = async () => {
${predictions}
return taken;
};
const main = await inMain();
const program = ${JSON.stringify(`
const { parentPort, workerData } = require('node:worker_threads');
(async () => {
const lapicque = await import(workerData);
${predictions}
parentPort.postMessage(taken);
})();
`)};
const workers = await Promise.all(Array.from({ length: 4 }, () => new Promise((resolve, reject) => {
  new Worker(program, { eval: true, execArgv: [], workerData: ${JSON.stringify(library)} }).once('message', resolve).once('error', reject);
})));
// Long enough for each of the 32 to have had its slice.
await new Promise((resolve) => setTimeout(resolve, 3000));
console.log(JSON.stringify({ main, workers, status, ends: await end() }));
`);
    const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
    t.log(`main ${median(main).toFixed(2)} ms, workers ${workers.map(median).map((ms) => ms.toFixed(2))} ms`);
    t.true(median(main) < 20, `${median(main)} ms`);
    for (const taken of workers) t.true(median(taken) < 20, `${median(taken)} ms`);
    t.true(status.begun >= 16 && status.begun <= 32, `${status.begun} begun`);
    t.is(status.begun + status.queued, 32);
    t.true(status.paused >= status.begun - 4, `${status.paused} of ${status.begun} paused`);
    for (const [code, time] of ends) {
      t.is(code, 'aborted');
      t.true(time > 0, 'each has gone on');
    }
  },
);

test.serial('results do not depend on who else runs', async (t) => {
  const expected: string[] = [];
  for (let seed = 0; seed < 6; seed++) {
    const simulation = await simulationOf(seed);
    expected.push(serialized(await simulation.run(300)));
    simulation.dispose();
  }
  using trained = await network.compile({ seed: 1 });
  const step = (model: typeof trained) =>
    model.trainStep(
      { ...sample, y: Uint8Array.of(1) },
      { steps: 5, loss: loss.crossEntropyMembrane(), optimizer: sgd({ lr: 0.1 }) },
    );
  for (let i = 0; i < 30; i++) await step(trained);
  const weights = await trained.weightsSha256();
  for (const running of [1, 3, 'auto'] as const) {
    setEngineLimits({ running });
    const simulations = await Promise.all([0, 1, 2, 3, 4, 5].map(simulationOf));
    using model = await network.compile({ seed: 1 });
    const training = (async () => {
      for (let i = 0; i < 30; i++) await step(model);
    })();
    const found = await Promise.all(
      simulations.map(async (simulation) => serialized(await simulation.run(300))),
    );
    await training;
    t.true(
      found.every((recording, seed) => recording === expected[seed]),
      `${running} at once`,
    );
    t.is(await model.weightsSha256(), weights);
    for (const simulation of simulations) simulation.dispose();
  }
});

test.serial('more calls than may wait are refused, and the others are done', async (t) => {
  using model = await network.compile({ seed: 1 });
  t.deepEqual(engineStatus().limits, { running: 'auto', queued: Infinity });
  setEngineLimits({ queued: 5 });
  t.deepEqual(engineStatus().limits, { running: 'auto', queued: 5 });
  const calls = Array.from({ length: 40 }, () =>
    model.run({ x: new Float32Array(50 * 2000), shape: [2000, 1, 50] }),
  );
  // Not longer than it takes to queue them: other files of tests use the same engine.
  await new Promise((resolve) => setImmediate(resolve));
  setEngineLimits({ queued: Infinity });
  const ends = await Promise.allSettled(calls);
  const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  t.true(refused.length > 0 && refused.length <= 35, `${refused.length} of 40`);
  for (const error of refused) {
    t.is(error.code, 'busy');
    t.is(error.limit, 5);
    t.true(error.queued >= 5);
    t.regex(error.message, /^the engine is busy: \d+ calls wait, and at most 5 may; try again later$/);
  }
  t.is((await model.run(sample, { steps: 3 })).shape[0], 3);
  for (const [limits, code] of [
    [{ running: 0 }, 'invalid-parameter'],
    [{ running: 65 }, 'invalid-parameter'],
    [{ running: 1.5 }, 'invalid-parameter'],
    [{ running: 'some' }, 'invalid-parameter'],
    [{ queued: 0 }, 'invalid-parameter'],
    [{ queued: Number.NaN }, 'invalid-parameter'],
    [{ runing: 1 }, 'unknown-name'],
  ] as const) {
    t.is((await failure(() => setEngineLimits(limits as never)))?.code, code, JSON.stringify(limits));
  }
  t.deepEqual(engineStatus().limits, { running: 'auto', queued: Infinity });
});

test.serial('a call that has not begun ends as soon as it is aborted', async (t) => {
  using model = await network.compile({ seed: 1 });
  const long = { x: new Float32Array(50 * 200_000), shape: [200_000, 1, 50] };
  const first = model.run(long);
  const stop = new AbortController();
  const ends: string[] = [];
  const second = model.run(sample, { steps: 3, signal: stop.signal }).catch((error) => ends.push(error.code));
  const third = model.run(sample, { steps: 3 }).then(() => ends.push('third'));
  first.then(() => ends.push('first'));
  stop.abort();
  await second;
  t.deepEqual(ends, ['aborted']);
  await third;
  t.deepEqual(ends, ['aborted', 'first', 'third']);
});

test.serial('what is queued, started and ended is published, with its times', async (t) => {
  const events: EngineTaskEvent[] = [];
  const listen = (event: unknown) => events.push(event as EngineTaskEvent);
  const names = ['queued', 'started', 'ended'].map((stage) => `lapicque:task:${stage}`);
  using model = await network.compile({ seed: 1 });
  for (const name of names) diagnostics.subscribe(name, listen);
  await model.run(sample, { steps: 3 });
  const afterOne = events.length;
  await Promise.all([1, 2, 3].map(() => model.predict(sample, { steps: 3 })));
  await failure(() => model.run({ x: Float32Array.of(Number.NaN), shape: [1, 1] }, { steps: 3 }));
  await failure(() => model.setWeights({ 'nothing.weight': new Float32Array(3) }));
  const stop = new AbortController();
  const running = model.run(
    { x: new Float32Array(50 * 100_000), shape: [100_000, 1, 50] },
    { signal: stop.signal },
  );
  const aborted = failure(() => running);
  stop.abort();
  await aborted;
  for (const name of names) diagnostics.unsubscribe(name, listen);
  await model.run(sample, { steps: 3 });
  t.deepEqual(
    events.slice(0, afterOne).map(({ stage, name }) => [stage, name]),
    [
      ['queued', 'run'],
      ['started', 'run'],
      ['ended', 'run'],
    ],
  );
  const ids = [...new Set(events.map(({ id }) => id))];
  for (const id of ids) {
    const own = events.filter((event) => event.id === id);
    const stages = own.map(({ stage }) => stage).join(' ');
    t.regex(stages, /^queued (started )?ended$/);
    for (const { threads, queued, running } of own) {
      t.is(threads, environment().threads);
      t.true(Number.isInteger(queued) && Number.isInteger(running));
    }
    const { waitedMs, runMs, pausedMs, outcome } = own.at(-1)!;
    for (const time of [waitedMs, runMs, pausedMs]) t.true(time! >= 0 && time! < 60_000);
    t.is(typeof outcome, 'string');
  }
  t.is(events.filter(({ outcome }) => outcome === 'aborted').length, 1);
});

test.serial('a number of threads that no machine has is refused', async (t) => {
  const { mostThreads, threads } = environment();
  t.true(mostThreads >= 64);
  const network = circuits.brunel({ scale: 0.1 }).circuit;
  for (const requested of [1000, mostThreads + 1, 1e6, 2 ** 53]) {
    const expected = `a whole number from 1 to ${mostThreads}`;
    for (const call of [() => setThreads(requested), () => network.compile({ threads: requested })]) {
      const error = await failure(call);
      t.is(error?.code, 'invalid-parameter', String(requested));
      if (requested < 2 ** 53) t.regex(error!.message, new RegExp(expected));
    }
  }
  t.is(environment().threads, threads);
  const own = await run<string>(
    `try { lapicque.environment(); } catch (error) { console.log(JSON.stringify(error.message)); }`,
    { LAPICQUE_THREADS: '1000' },
  );
  t.regex(own, /^LAPICQUE_THREADS: expected a whole number from 1 to \d+ .* but got "1000"$/);
});

test.serial('many sizes of pools keep to the budget of threads', async (t) => {
  const { threads, budget, results } = await run<{ threads: number; budget: number; results: number }>(`
const { encode, engineStatus, setThreads } = lapicque;
const results = new Set();
const data = { x: new Float32Array(1000).fill(0.5), shape: [10, 100] };
for (let threads = 1; threads <= 64; threads++) {
  setThreads(threads);
  results.add((await encode.rate(data, { steps: 20, seed: 1 })).x.join(''));
}
const { threads, mostThreads } = engineStatus();
console.log(JSON.stringify({ threads, budget: mostThreads, results: results.size }));
`);
  t.true(threads <= budget + 64, `${threads} of ${budget}`);
  t.is(results, 1);
});
