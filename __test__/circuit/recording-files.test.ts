// Files of recordings: one call writes all of it, another reads it back; what a file says wrongly is refused. References: the recording
// itself, and the arrays as other readers of safetensors and numpy find them.
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import {
  circuit,
  connect,
  poisson,
  population,
  Recording,
  record,
  rule,
  simulate,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { view } from '../../src-ts/doors/figure.ts';
import { readTensors, tensorBytes } from '../../src-ts/doors/files.ts';
import { iafCondExp, iafPscExp, neuron } from '../../src-ts/doors/neurons.ts';
import { json, lapicque as program } from '../support/program.ts';
import { routes } from '../support/viewer-routes.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-recordings-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** A network that records one of each kind, of some neurons. */
function network() {
  const E = population(iafPscExp, 40, { name: 'E' });
  const I = population(iafCondExp, 10, { name: 'I' });
  const equations = neuron({
    state: { v: '0 mV', w: 0 },
    params: { tau: '10 ms', theta: '15 mV' },
    input: { name: 'i', unit: 'mV' },
    update: "v' = (i - v)/tau\nw' = -w/tau",
    ...{ spike: 'v > theta', reset: 'v *= 0; w += 1' },
  });
  const U = population(equations, 3, { name: 'U' });
  const learning = connect(E, E, rule.fixedInDegree(5), { weight: 20, delay: 1.5, model: synapse.stdp() });
  return circuit(
    ...[E, I, U, learning],
    connect(poisson(9000), E, { weight: 30 }),
    connect(E, I, rule.fixedInDegree(5), { weight: 5, delay: 1 }),
    record.spikes(E.slice(10, 20), E.slice(30), I),
    record.traces(E, ['v', 'iE'], 1, [39, 2]),
    record.traces(I, ['gE'], 0.5),
    record.traces(U, ['v', 'w'], 10),
    record.mean(E, ['v'], 1),
    record.lfp(E, { every: 2 }),
    record.weights(learning, { every: 50 }),
  );
}

const run = simulate(network(), { duration: 200, seed: 2 });

/** All that a recording has, as plain data. */
const contentOf = (recording: Recording) => ({ ...recording });

test('one call saves a whole recording, and another reads all of it back', async (t) => {
  const recording = await run;
  t.true(recording.times.length > 30 && recording.weights[0]!.values.length > 0);
  const paths = ['whole.safetensors', 'whole.npz'].map((name) => join(folder, name));
  for (const path of paths) {
    await recording.save(path);
    const read = await Recording.load(path);
    t.deepEqual(contentOf(read), contentOf(recording), path);
    t.deepEqual(read.rates(), recording.rates());
    t.deepEqual(read.of('E'), recording.of('E'));
    t.deepEqual((await Recording.load(readFileSync(path))).ids, recording.ids);
  }
  t.deepEqual(contentOf(await Recording.load(await recording.toBytes())), contentOf(recording));
  t.deepEqual(
    contentOf(await Recording.load(await recording.toBytes({ format: 'npz' }))),
    contentOf(recording),
  );
  const url = pathToFileURL(join(folder, 'url.npz'));
  await recording.save(url);
  t.deepEqual(contentOf(await Recording.load(url)), contentOf(recording));
  const parts: Uint8Array[] = [];
  await recording.save(new WritableStream<Uint8Array>({ write: (part) => void parts.push(part) }) as never);
  t.deepEqual(contentOf(await Recording.load(Buffer.concat(parts))), contentOf(recording));
});

test('the file has arrays with shapes, units and neurons for other readers', async (t) => {
  const recording = await run;
  const path = join(folder, 'shapes.npz');
  await recording.save(path);
  const { tensors } = await readTensors(path);
  const shape = (name: string) => [...tensors.get(name)!.shape];
  t.deepEqual(shape('E.v'), [200, 2]);
  t.deepEqual(shape('I.gE'), [400, 10]);
  t.deepEqual([...(tensors.get('E.v.neurons')!.data as Uint32Array)], [39, 2]);
  t.deepEqual(shape('means/E.v'), [200]);
  t.deepEqual(shape('lfp/E'), [100]);
  t.deepEqual(shape('weights/0'), [4, recording.weights[0]!.values.length / 4]);
  const about = JSON.parse(new TextDecoder().decode(tensors.get('recording')!.data as Uint8Array)) as {
    traces: Record<string, { unit: string }>;
  };
  t.deepEqual(about.traces, {
    'E.v': { unit: 'mV' },
    'E.iE': { unit: 'pA' },
    'I.gE': { unit: 'nS' },
    'U.v': { unit: 'mV' },
    'U.w': { unit: '' },
  });
});

test('a recording of no time, and one without spikes, come back as they were', async (t) => {
  using simulation = await network().compile({ seed: 1 });
  for (const recording of [await simulation.run(0), await simulation.run(0.1)])
    t.deepEqual(contentOf(await Recording.load(await recording.toBytes())), contentOf(recording));
  const quiet = await simulate(circuit(population(iafPscExp, 3, { name: 'Q' })), { duration: 10 });
  t.deepEqual(contentOf(await Recording.load(await quiet.toBytes())), contentOf(quiet));
});

test('lapicque simulate --record writes all that the network records, and the viewer shows it', async (t) => {
  const file = join(folder, 'network.safetensors');
  await network().save(file);
  const path = join(folder, 'cli.safetensors');
  const args = ['simulate', file, '--seconds', '0.2', '--transient', '0', '--seed', '2', '--record', path];
  const report = await json([...args, '--trace', 'E.v', 'I.v']);
  const [own, read] = [await run, await Recording.load(path)];
  // What the network records itself stays; I.v is added.
  const { 'I.v': added, ...traces } = read.traces;
  t.deepEqual({ ...contentOf(read), traces }, { ...contentOf(own), traces: { ...own.traces } });
  t.deepEqual([[...added!.neurons], added!.unit], [[...Array(10).keys()], 'mV']);
  t.deepEqual(report.mean_rate_hz, own.rates());
  const { stdout } = await program(args);
  t.regex(
    stdout,
    /cli\.safetensors: times in ms and ids of recorded spikes, E\.v, E\.iE, I\.gE, U\.v, U\.w, mean E\.v, field E, weights E to E/,
  );
  await using viewer = await view(path);
  const facts = await routes(viewer).json<{ traces: { name: string; kind: string }[] }>(
    'describe?item=cli.safetensors',
  );
  t.deepEqual(
    facts.traces.map(({ name, kind }) => `${kind} ${name}`),
    [
      ...['state E.v', 'state E.iE', 'state I.gE', 'state U.v', 'state U.w'],
      ...['mean E.v', 'field E', 'weight E to E'],
    ],
  );
});

test('files that are no recordings, or say wrong things, are refused', async (t) => {
  const recording = await run;
  await t.throwsAsync(recording.save(join(folder, 'x.h5')), {
    code: 'invalid-parameter',
    message: /\.safetensors or \.npz/,
  });
  await t.throwsAsync(recording.save(join(folder, 'x.npz'), { format: 'npy' as never }), {
    code: 'unknown-name',
  });
  await t.throwsAsync(Recording.load(await tensorBytes({ times: Float64Array.of(1) })), {
    code: 'malformed-file',
    message: /recording\.save/,
  });
  const { tensors, metadata } = await readTensors(await recording.toBytes());
  const about = JSON.parse(metadata.get('recording')!) as Record<string, unknown>;
  const load = async (changes: object, arrays: Record<string, object | undefined> = {}) => {
    const all = new Map([...tensors].map(([name, { data, shape }]) => [name, { data, shape }]));
    for (const [name, array] of Object.entries(arrays))
      if (array === undefined) all.delete(name);
      else all.set(name, { data: array, shape: [(array as Float64Array).length] } as never);
    const text = JSON.stringify({ ...about, ...changes });
    return Recording.load(await tensorBytes(all, { metadata: { recording: text } }));
  };
  t.deepEqual(contentOf(await load({})), contentOf(recording));
  await t.throwsAsync(load({ version: 2 }), { code: 'unsupported', message: /version 2/ });
  const { times, ids } = recording;
  const changed = <T extends Float64Array | Uint32Array>(array: T, at: number, to: number): T => {
    const copy = array.slice() as T;
    copy[at] = to;
    return copy;
  };
  for (const [changes, arrays, message] of [
    [{ version: 'x' }, {}, /version/],
    [{ populations: { E: { first: -1, size: 40 } } }, {}, /populations/],
    [{ populations: [] }, {}, /populations/],
    [{ recordedRanges: { X: [{ from: 0, to: 1 }] } }, {}, /recordedRanges/],
    [{ recordedRanges: { E: [{ from: 0, to: 41 }] } }, {}, /recordedRanges/],
    [
      {
        recordedRanges: {
          E: [
            { from: 5, to: 9 },
            { from: 8, to: 10 },
          ],
        },
      },
      {},
      /recordedRanges/,
    ],
    [{ recordedRanges: { E: [] } }, {}, /recordedRanges/],
    [{ recordedRanges: { E: [{ from: 0, to: 1 }] } }, {}, /whose spikes are not recorded/],
    [{ start: null }, {}, /start/],
    [{ stop: -1 }, {}, /stop/],
    [{ duration: -1 }, {}, /duration/],
    [{ synapticEvents: 'x' }, {}, /synapticEvents/],
    [{ traces: { 'E.v': {} } }, {}, /traces/],
    [{ means: 3 }, {}, /means/],
    [{ lfp: [3] }, {}, /lfp/],
    [{ weights: [{ from: 'E' }] }, {}, /weights/],
    [{}, { times: undefined }, /lacks the array times/],
    [{}, { ids: ids.slice(1) }, /ids has \d+ values/],
    [{}, { times: changed(times, 3, Number.NaN) }, /times\[3\] is NaN/],
    [{}, { times: changed(times, 3, 1e9) }, /times\[4\]/],
    [{}, { ids: changed(ids, 3, 53) }, /ids below 53/],
    [{}, { 'E.v.neurons': undefined }, /lacks the array E\.v\.neurons/],
    [{}, { 'E.v.neurons': Uint32Array.of(1) }, /array E\.v is F64 \[200, 2\]/],
    [{}, { 'means/E.v.times': Float64Array.of(1) }, /means\/E\.v/],
    [{}, { 'weights/0.times': Float64Array.of(1) }, /weights\/0/],
  ] as const)
    await t.throwsAsync(load(changes, arrays), { code: 'malformed-file', message }, JSON.stringify(changes));
});
