// What the viewer's server says of trainings and studies, over HTTP. References: what callbacks and the study itself return, and the model run again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { log, type Viewer, view } from '../../src-ts/doors/figure.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { space, study } from '../../src-ts/doors/study.ts';
import { adam, dense, type EpochRecord, loss, type Model, sequential } from '../../src-ts/index.ts';
import { ThinnedSeries } from '../../src-ts/view/kinds/thinned-series.ts';
import { outcome } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';
import { ended } from '../support/process.ts';
import { events, routes } from '../support/viewer-routes.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-view-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const [samples, channels, classes, steps] = [24, 6, 3, 5];
const x = uniform(samples * channels, 1, 0, 2);
const y = labels(samples, 2, classes);
const compile = () =>
  sequential(dense(channels, 8), lif({ beta: 0.9 }), dense(8, classes), lif({ beta: 0.9 })).compile({
    seed: 1,
  });
const loader = () => new DataLoader({ x, y, shape: [samples, channels] }, { batchSize: 8 });
const work = { epochs: 3, steps, loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 0.05 }) };

/** The activity, computed from a run of its own over all samples of the last batch. */
async function activityByHand(model: Model): Promise<Record<string, number>> {
  const from = samples - 8;
  const input = { x: x.subarray(from * channels), shape: [8, channels] };
  const { recordings } = await model.run(input, { steps, record: ['lif1.spikes', 'lif2.spikes'] });
  const found: Record<string, number> = {};
  for (const [name, neurons] of [
    ['lif1', 8],
    ['lif2', classes],
  ] as const) {
    const spikes = Array.from(recordings[`${name}.spikes`]!);
    const perNeuron = Array.from({ length: neurons }, (_, n) =>
      spikes.filter((_, i) => i % neurons === n).reduce((sum, one) => sum + one, 0),
    );
    found[`spikes/${name}`] = spikes.reduce((sum, one) => sum + one, 0) / 8;
    found[`dead/${name}`] = perNeuron.filter((count) => count === 0).length / neurons;
    found[`saturated/${name}`] = perNeuron.filter((count) => count >= 0.9 * 8 * steps).length / neurons;
  }
  return found;
}

test('a training of this process, and the same one from its JSON log', async (t) => {
  await using live = await view();
  const path = join(folder, 'run.jsonl');
  await using logs = log.jsonl(path, { weights: true, activity: true });
  const [batches, epochs, activity]: [number[], EpochRecord[], Record<string, number>[]] = [[], [], []];
  using model = await compile();
  const mine = {
    onBatch: ({ batchLoss }: { batchLoss: number }) => void batches.push(batchLoss),
    onEpoch: async (record: EpochRecord, trained: Model) => {
      epochs.push({ ...record });
      activity.push(await activityByHand(trained));
    },
  };
  await model.fit(loader(), { ...work, validation: loader(), callbacks: [live, logs, mine] });
  await logs.flush();
  await using later = await view(path);
  const weights = Array.from((await model.weights())['dense1.weight']!);
  for (const [viewer, name] of [
    [live, 'training'],
    [later, 'run'],
  ] as const) {
    const { json, packed } = routes(viewer);
    const { items } = await json<{ items: { id: string; kind: string }[] }>('items');
    t.deepEqual(
      items.map(({ kind }) => kind),
      ['training'],
    );
    const of = `item=training&run=${name}`;
    const found = await json<Record<string, number>[]>(`epochs?${of}`);
    t.is(found.length, work.epochs);
    found.forEach((one, i) => {
      const expected: Record<string, number> = { ...epochs[i]!, ...activity[i]! } as never;
      for (const [key, value] of Object.entries(expected)) t.is(one[key], value, key);
    });
    t.deepEqual(await json(`epochs?${of}&from=2`), found.slice(2));
    const { arrays, meta, bytes, size } = await packed(`batches?${of}`);
    t.is(bytes, size);
    t.deepEqual(meta, { from: 0, stride: 1 } as never);
    t.deepEqual(arrays.loss, batches);
    t.deepEqual(
      arrays.step,
      Array.from(batches.keys(), (i) => i + 1),
    );
    const histograms = await json<{ epoch: number; low: number; high: number; counts: number[] }[]>(
      `histograms?${of}&tensor=weights/dense1.weight`,
    );
    t.is(histograms.length, work.epochs);
    const { low, high, counts } = histograms.at(-1)!;
    t.is(low, Math.min(...weights));
    t.is(high, Math.max(...weights));
    t.is(
      counts.reduce((sum, count) => sum + count, 0),
      weights.length,
    );
    const below = (end: number) => weights.filter((weight) => weight < end).length;
    const half = counts.slice(0, counts.length / 2).reduce((sum, count) => sum + count, 0);
    t.is(half, below((low + high) / 2));
  }
});

test('each training of a program is a run of its own', async (t) => {
  await using viewer = await view();
  for (const lr of [0.1, 0.01]) {
    using model = await compile();
    await model.fit(loader(), { ...work, epochs: 1, optimizer: adam({ lr }), callbacks: viewer });
  }
  using model = await compile();
  await model.fit(loader(), { ...work, epochs: 1, callbacks: viewer.run('named') });
  const { json } = routes(viewer);
  await json('items');
  const { runs } = await json<{ runs: { id: string; epochs: number }[] }>('describe?item=training');
  t.deepEqual(
    runs.map(({ id, epochs }) => [id, epochs]),
    [
      ['training', 1],
      ['training 2', 1],
      ['named', 1],
    ],
  );
});

test('a stream tells what is new, goes on after a lost connection, and logs that appear later are found', async (t) => {
  const path = join(folder, 'runs');
  const line = (epoch: number) =>
    `${JSON.stringify({ kind: 'epoch', step: epoch, time: '', epoch, loss: 1 / epoch })}\n`;
  await log.jsonl(join(path, 'a.jsonl')).values(0, { x: 1 });
  await writeFile(join(path, 'a.jsonl'), `${line(1)}no JSON\n{"kind":"other"}\n`);
  await using viewer = await view(path);
  const { get, json } = routes(viewer);
  const first = new AbortController();
  const stream = events(await get('follow/runs?item=training', {}, first.signal));
  const { id, data } = (await stream.next()).value!;
  const [run] = (data as unknown as { runs: { epochs: number; skipped: number }[] }).runs;
  t.is(run!.epochs, 1);
  t.is(run!.skipped, 2);
  // A line that is not complete is not an entry yet.
  await appendFile(join(path, 'a.jsonl'), line(2) + line(3).slice(0, 10));
  const second = (await stream.next()).value!;
  t.true(second.id > id);
  t.is((second.data as unknown as { runs: { epochs: number }[] }).runs[0]!.epochs, 2);
  first.abort();
  await stream.next().catch(() => {});
  await appendFile(join(path, 'a.jsonl'), line(3).slice(10));
  const again = events(await get('follow/runs?item=training', { 'last-event-id': String(second.id) }));
  const next = (await again.next()).value!;
  t.true(next.id > second.id);
  t.is((next.data as unknown as { runs: { epochs: number }[] }).runs[0]!.epochs, 3);
  await again.return(undefined);
  // A log that is written anew begins anew.
  await rm(join(path, 'a.jsonl'));
  await writeFile(join(path, 'a.jsonl'), line(1));
  const anew = events(await get('follow/runs?item=training', { 'last-event-id': String(next.id) }));
  for await (const { data: status } of anew) {
    const [only] = (status as unknown as { runs: { epochs: number; skipped: number }[] }).runs;
    if (only!.epochs === 1 && only!.skipped === 0) break;
  }
  t.is((await json<unknown[]>('epochs?item=training&run=a')).length, 1);
  await writeFile(join(path, 'b.jsonl'), line(1));
  // A folder is searched again at most every two seconds.
  await pause(2100);
  await json('items');
  const { runs } = await json<{ runs: { id: string }[] }>('describe?item=training');
  t.deepEqual(
    runs.map((one) => one.id),
    ['a', 'b'],
  );
});

test('a log that is deleted while it is watched: the page is told, and what was read stays', async (t) => {
  const path = join(folder, 'deleted.jsonl');
  const line = `${JSON.stringify({ kind: 'epoch', step: 1, time: '', epoch: 1, loss: 0.5 })}\n`;
  await writeFile(path, line);
  await using viewer = await view(path);
  const { get, json } = routes(viewer);
  const control = new AbortController();
  const stream = events(await get('follow/runs?item=training', {}, control.signal));
  const run = async () =>
    ((await stream.next()).value!.data as unknown as { runs: { epochs: number; isMissing: boolean }[] })
      .runs[0]!;
  t.like(await run(), { epochs: 1, isMissing: false });
  await rm(path);
  t.like(await run(), { epochs: 1, isMissing: true });
  t.is((await get('items')).status, 200);
  t.is((await json<unknown[]>('epochs?item=training&run=deleted')).length, 1);
  await writeFile(path, line + line);
  let now = await run();
  while (now.epochs !== 2) now = await run();
  t.false(now.isMissing);
  control.abort();
});

test('a study: its rows as columns, while it runs and from its folder', async (t) => {
  const store = join(folder, 'search');
  const search = study({
    name: 'search',
    space: { lr: space.logUniform(1e-4, 1), kind: space.choice(['a', 'b']) },
    objective: ({ lr, kind }) => {
      if (lr > 0.5) throw new Error('too large');
      return Math.log10(lr) + (kind === 'a' ? 1 : 0);
    },
    store,
  });
  await search.run({ trials: 20 });
  await using viewer = await view([search, store]);
  const { get, json, packed } = routes(viewer);
  const { items } = await json<{ items: { id: string; kind: string }[] }>('items');
  t.deepEqual(
    items.map(({ kind }) => kind),
    ['study', 'study'],
  );
  const control = new AbortController();
  for (const { id } of items) {
    const item = encodeURIComponent(id);
    const facts = await json<{ directions: string[]; axes: { name: string }[] }>(`describe?item=${item}`);
    t.deepEqual(facts.directions, ['minimize']);
    t.deepEqual(
      facts.axes.map(({ name }) => name),
      ['lr', 'kind'],
    );
    const trials = await search.trials();
    const check = async (from: number, count: number) => {
      const { arrays, meta } = await packed(`rows?item=${item}&from=${from}&count=${count}`);
      const { columns, total } = meta as unknown as {
        columns: { name: string; categories: string[] | null }[];
        total: number;
      };
      const column = (name: string) => columns.findIndex((one) => one.name === name);
      const part = (await search.trials()).slice(from, from + count);
      t.is(total, (await search.trials()).length);
      t.deepEqual(
        arrays[String(column('values.0'))],
        part.map(({ values }) => values?.[0] ?? Number.NaN),
      );
      t.deepEqual(
        arrays[String(column('parameters.lr'))],
        part.map(({ parameters }) => parameters.lr as number),
      );
      const state = column('state');
      t.deepEqual(
        arrays[String(state)]!.map((code) => columns[state]!.categories![code - 1]),
        part.map((trial) => trial.state),
      );
    };
    await check(0, 5000);
    await check(7, 5);
    t.is(trials.length, (await search.trials()).length);
    const stream = events(await get(`follow/trials?item=${item}`, {}, control.signal));
    t.deepEqual((await stream.next()).value!.data, { from: 0, total: trials.length } as never);
    await search.run({ trials: trials.length + 5 });
    t.deepEqual((await stream.next()).value!.data, {
      from: trials.length,
      total: trials.length + 5,
    } as never);
    await check(trials.length, 100);
    const refused = await get(`rows?item=${item}&count=1000000`);
    t.is(refused.status, 400);
    t.regex(((await refused.json()) as { error: { message: string } }).error.message, /count.*20000/);
  }
  control.abort();
});

test('a series of any length is kept in constant memory, at the mean of its neighbors', (t) => {
  const series = new ThinnedSeries(2, 64);
  for (let i = 0; i < 10_000; i++) series.push(i, i % 2 === 0 ? Number.NaN : i);
  const [at, values] = series.columns() as [Float64Array, Float64Array];
  t.true(series.length <= 64 && series.length >= 32);
  at.forEach((mean, row) => {
    const rows = Array.from({ length: series.stride }, (_, i) => row * series.stride + i);
    t.is(mean, rows.reduce((sum, i) => sum + i, 0) / series.stride);
    const odd = rows.filter((i) => i % 2 === 1);
    t.true(Math.abs(values[row]! - odd.reduce((sum, i) => sum + i, 0) / odd.length) < 1e-9);
  });
});

test('what cannot be shown is refused', async (t) => {
  t.regex(await outcome(() => view(join(folder, 'nothing'))), /^io: .*nothing/);
  t.regex(await outcome(() => view({ some: 'object' })), /^unsupported: .*object/);
  t.regex(await outcome(() => view(5 as never)), /^invalid-parameter: target/);
  t.regex(await outcome(() => view(undefined, { port: 70_000 })), /^invalid-parameter: port/);
  t.regex(await outcome(() => view(undefined, { ports: 7 } as never)), /^unknown-name: .*ports/);
  await using one = await view();
  const port = Number(new URL(one.url).port);
  t.regex(await outcome(() => view(undefined, { port })), /^io: .*the port is in use/);
  const notes = join(folder, 'notes.txt');
  await writeFile(notes, 'not a log');
  t.regex(await outcome(() => view(notes)), /^unsupported: .*notes\.txt is nothing that the viewer shows/);
});

test('the command prints the address and serves until it is interrupted', async (t) => {
  const path = join(folder, 'of-command.jsonl');
  await writeFile(path, `${JSON.stringify({ kind: 'epoch', step: 1, time: '', epoch: 1, loss: 0.5 })}\n`);
  const child = spawn(process.execPath, ['dist/cli.js', 'view', path, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = (await once(child.stdout!, 'data')) as [Buffer];
  const { url } = JSON.parse(printed.toString()) as { url: string };
  const { json } = routes({ url } as Viewer);
  t.deepEqual(await json('items'), {
    title: 'of-command.jsonl',
    items: [{ id: 'training', kind: 'training', title: 'All runs' }],
  });
  child.kill('SIGINT');
  t.is(await ended(child), 0);
});

test('a log has activity and histograms only if asked, and a network without spikes has none', async (t) => {
  const path = join(folder, 'plain.jsonl');
  await using plain = log.jsonl(path);
  using model = await compile();
  await model.fit(loader(), { ...work, epochs: 1, callbacks: plain });
  await plain.flush();
  t.notRegex(await readFile(path, 'utf8'), /histograms|spikes\/|dead/);
});
