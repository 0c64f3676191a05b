// Many calls at once, calls from workers, calls while the event loop goes on.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, loss, Model, sequential, sgd } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, spikes, uniform } from '../support/numbers.ts';
import { library } from '../support/process.ts';

const [steps, batch, channels] = [5, 8, 12];
const network = sequential(dense(channels, 20), lif({ beta: 0.9 }), dense(20, 4), lif({ beta: 0.8 }));
const sample = (seed: number) => ({
  x: uniform(batch * channels, seed),
  shape: [batch, channels],
  y: labels(batch, seed, 4),
});
const objective = loss.crossEntropyMembrane();

test('64 calls at once on one model are 64 calls one after the other', async (t) => {
  const call = (model: Model, i: number) => {
    if (i % 4 === 1) return model.run(sample(i), { steps });
    if (i % 4 === 2) return model.evaluateStep(sample(i), { steps, loss: objective });
    if (i % 8 === 7) return model.weightsSha256();
    const optimizer = i < 32 ? adam({ lr: 1e-2 }) : sgd({ lr: 0.1, momentum: 0.9 });
    return model.trainStep(sample(i), { steps, loss: objective, optimizer });
  };
  const serialized = (result: unknown) =>
    JSON.stringify(result, (key, value) => (key === 'state' ? undefined : value));
  using serial = await network.compile({ seed: 1 });
  const expected: string[] = [];
  for (let i = 0; i < 64; i++) expected.push(serialized(await call(serial, i)));
  using model = await network.compile({ seed: 1 });
  const results = await Promise.all(Array.from({ length: 64 }, (_, i) => call(model, i)));
  t.deepEqual(results.map(serialized), expected);
  t.is(model.updates, serial.updates);
});

test('a file that is asked for between steps holds the weights between them, and their number', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const step = (model: Model, i: number) =>
    model.trainStep(sample(i), { steps, loss: objective, optimizer: adam({ lr: 1e-2 }) });
  using serial = await network.compile({ seed: 1 });
  const expected: string[] = [];
  for (let i = 0; i < 6; i++) {
    await step(serial, i);
    expected.push(await serial.weightsSha256());
  }
  using model = await network.compile({ seed: 1 });
  const file = (i: number) => join(folder, `${i}.safetensors`);
  await Promise.all(Array.from({ length: 6 }, (_, i) => [step(model, i), model.save(file(i))]).flat());
  for (let i = 0; i < 6; i++) {
    using loaded = await Model.load(file(i));
    t.is(loaded.updates, i + 1);
    t.is(await loaded.weightsSha256(), expected[i]!, `after ${i + 1} steps`);
  }
});

test('weights are set at once, in turn with the calls before and after', async (t) => {
  using one = await network.compile({ seed: 1 });
  using two = await network.compile({ seed: 2 });
  const membrane = async (model: Model) => Array.from((await model.run(sample(3), { steps })).v);
  const [first, second] = [await one.weights(), await two.weights()];
  const expected = [await membrane(one), await membrane(two)];
  t.notDeepEqual(expected[0], expected[1]);
  using model = await network.compile({ seed: 3 });
  const setting: Promise<void>[] = [];
  const running: Promise<number[]>[] = [];
  for (let i = 0; i < 40; i++) {
    setting.push(model.setWeights(i % 2 === 0 ? first : second));
    running.push(membrane(model));
    await new Promise((resolve) => setImmediate(resolve));
    running.push(membrane(model));
  }
  await Promise.all(setting);
  const found = await Promise.all(running);
  for (const [i, v] of found.entries()) t.deepEqual(v, expected[Math.floor(i / 2) % 2], `run ${i}`);
  // What is written into the arrays meanwhile does not count.
  const weights = await one.weights();
  const pending = model.setWeights(weights);
  for (const values of Object.values(weights)) values.fill(Number.NaN);
  await pending;
  t.is(await model.weightsSha256(), await one.weightsSha256());
});

test('a model is trained by one fit at a time', async (t) => {
  const data = () => new DataLoader({ x: values, y, shape: [64, channels] }, { batchSize: 8 });
  const [values, y] = [uniform(64 * channels, 5), labels(64, 5, 4)];
  const options = { steps, epochs: 3, loss: objective, accumulate: 4, optimizer: sgd({ lr: 0.1 }) };
  using alone = await network.compile({ seed: 1 });
  await alone.fit(data(), options);
  using model = await network.compile({ seed: 1 });
  const refused = /^fit: the model is being trained by another fit\(\); await it first$/;
  const within: (string | undefined)[] = [];
  const onEpoch = async () => {
    within.push((await failure(() => model.fit(data(), options)))?.message);
  };
  const fitting = model.fit(data(), { ...options, callbacks: { onEpoch } });
  const error = await failure(() => model.fit(data(), { ...options, accumulate: 1 }));
  t.is(error?.code, 'invalid-parameter');
  t.regex(error!.message, refused);
  await fitting;
  t.is(within.length, 3);
  for (const message of within) t.regex(message!, refused);
  t.is(await model.weightsSha256(), await alone.weightsSha256());
  // Afterwards, and after one that failed, another may begin.
  await t.throwsAsync(model.fit(data(), { ...options, epochs: 0 }));
  t.is((await model.fit(data(), options)).stopped, 'done');
});

test('models at once do not disturb one another', async (t) => {
  const train = async () => {
    using model = await network.compile({ seed: 2 });
    for (let i = 0; i < 10; i++)
      await model.trainStep(sample(i), { steps, loss: objective, optimizer: adam() });
    return model.weightsSha256();
  };
  const one = await train();
  t.deepEqual(await Promise.all(Array.from({ length: 20 }, train)), Array(20).fill(one));
});

test('a call copies its arrays: they may be changed or transferred at once', async (t) => {
  using model = await network.compile({ seed: 1 });
  using other = await network.compile({ seed: 1 });
  await model.trainStep(sample(1), { steps, loss: objective, optimizer: adam() });
  const { x, y, shape } = sample(1);
  const running = other.trainStep({ x, y, shape }, { steps, loss: objective, optimizer: adam() });
  x.fill(7);
  structuredClone(x, { transfer: [x.buffer as ArrayBuffer] });
  y.fill(0);
  await running;
  t.is(await other.weightsSha256(), await model.weightsSha256());
});

test('every array that comes back can be transferred', async (t) => {
  using model = await network.compile();
  const found: ArrayBufferView[] = [];
  const collect = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) found.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  const work = { steps, loss: objective };
  const run = await model.run(sample(1), { steps, record: ['lif1.v', 'lif1.spikes'] });
  collect([run, run.state.toArrays()]);
  collect(
    await model.trainStep(sample(1), { ...work, optimizer: adam({ maxNorm: 1 }), inputGradient: true }),
  );
  collect([await model.weights(), await model.gradients(), await model.predict(sample(1), { steps })]);
  collect(await model.forward(sample(1), { steps }));
  using session = await model.session();
  collect([session.push([1, 2, 3]), session.membrane(), session.save().toArrays()]);
  t.true(found.length >= 25, `${found.length} arrays`);
  for (const array of found) {
    const bytes = array.byteLength;
    const moved = structuredClone(array, { transfer: [array.buffer as ArrayBuffer] });
    t.is(moved.byteLength, bytes);
    t.is(array.byteLength, 0);
  }
  // And nothing of the model went with them.
  t.true((await model.run(sample(1), { steps })).v.every(Number.isFinite));
});

test('the event loop turns during a long step, and estimate does not wait for it', async (t) => {
  using model = await sequential(
    dense(200, 2000),
    lif({ beta: 0.9 }),
    dense(2000, 10),
    lif({ beta: 0.9 }),
  ).compile();
  const [long, many] = [250, 64];
  const x = spikes(long * many * 200, 1);
  const started = performance.now();
  let settled = false;
  const running = model
    .trainStep(
      { x, y: labels(many, 1, 10), shape: [long, many, 200] },
      { loss: objective, optimizer: adam() },
    )
    .finally(() => {
      settled = true;
    });
  const called = performance.now() - started;
  let [turns, longest, last] = [0, 0, performance.now()];
  while (!settled) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    model.estimate({ steps: long, batch: many, training: true });
    turns += 1;
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  await running;
  const took = performance.now() - started;
  // A loop that is held turns once. How often a free one does is up to what else the machine runs.
  t.true(turns >= 5, `${turns} turns in ${took} ms`);
  t.true(longest < took / 2, `the loop stood still for ${longest} of ${took} ms`);
  t.true(called < took / 2, `the call itself took ${called} of ${took} ms`);
});

test('an aborted step stops soon, changes nothing and leaves nothing behind', async (t) => {
  using model = await sequential(
    dense(100, 300),
    lif({ beta: 0.9 }),
    dense(300, 10),
    lif({ beta: 0.9 }),
  ).compile();
  using other = await sequential(
    dense(100, 300),
    lif({ beta: 0.9 }),
    dense(300, 10),
    lif({ beta: 0.9 }),
  ).compile();
  const [long, many] = [60, 1024];
  const big = { x: uniform(many * 100, 1), y: labels(many, 1, 10), shape: [many, 100] };
  const small = { x: uniform(2 * 100, 1), y: labels(2, 1, 10), shape: [2, 100] };
  const before = await model.weightsSha256();
  let aborted = 0;
  for (const delay of [0, 5, 20, 40, 60, 80]) {
    const signal = AbortSignal.timeout(delay);
    const started = performance.now();
    const error = await failure(() =>
      model.trainStep(big, { steps: long, loss: objective, optimizer: sgd({ lr: 1e-30 }), signal }),
    );
    if (error === undefined) continue;
    aborted += 1;
    t.is(error.code, 'aborted');
    t.is((error.cause as Error).name, 'TimeoutError');
    t.true(performance.now() - started < 2000);
  }
  t.true(aborted > 0);
  t.is(await model.weightsSha256(), before);
  for (const subject of [model, other]) {
    subject.updates = 0;
    await subject.trainStep(small, { steps: 5, loss: objective, optimizer: sgd({ lr: 0.1 }) });
  }
  t.is(await model.weightsSha256(), await other.weightsSha256(), 'gradients of an aborted batch are gone');
  const gone = await failure(() => model.run(small, { steps: 5, signal: AbortSignal.abort('no') }));
  t.like(gone, { code: 'aborted', cause: 'no' });
});

test('workers compile, run and end, also in the middle of a run', async (t) => {
  const script = (body: string) => `
    import { parentPort } from 'node:worker_threads';
    import { adam, dense, lif, loss, sequential } from ${JSON.stringify(library)};
    const model = await sequential(dense(50, 200), lif({ beta: 0.9 }), dense(200, 5), lif({ beta: 0.9 })).compile({ seed: 1 });
    const step = (steps) => model.trainStep(
      { x: new Float32Array(32 * 50).fill(0.3), y: new Uint8Array(32), shape: [32, 50] },
      { steps, loss: loss.crossEntropyMembrane(), optimizer: adam() });
    ${body}`;
  const worker = (body: string) =>
    new Worker(new URL(`data:text/javascript,${encodeURIComponent(script(body))}`), {});
  const hashes: unknown[] = [];
  for (let round = 0; round < 4; round++) {
    const done = worker('await step(10); parentPort.postMessage(await model.weightsSha256());');
    const cut = worker("parentPort.postMessage('running'); for (;;) await step(200);");
    const first = (w: Worker) =>
      new Promise((resolve, reject) => {
        w.once('message', resolve);
        w.once('error', reject);
      });
    const [hash] = await Promise.all([first(done), first(cut)]);
    hashes.push(hash);
    const started = performance.now();
    await Promise.all([cut.terminate(), done.terminate()]);
    t.true(performance.now() - started < 5000);
  }
  t.is(new Set(hashes).size, 1);
});
