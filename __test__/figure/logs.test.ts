// Logs of trainings, simulations and studies. Event files are read by an independent decoder here, and by TensorBoard itself if LAPICQUE_PYTHON (default
// python3) has it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { PbfReader } from 'pbf';
import { circuit, connect, noise, population, simulate } from '../../src-ts/doors/circuit.ts';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { log } from '../../src-ts/doors/figure.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { space, study, type TrialRecord } from '../../src-ts/doors/study.ts';
import { adam, type BatchRecord, dense, type EpochRecord, loss, sequential } from '../../src-ts/index.ts';
import { crc32c } from '../../src-ts/log/crc32c.ts';
import { histogramOf } from '../../src-ts/numbers/histogram.ts';
import { failure, outcome } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-log-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));
let files = 0;
const file = (ending: string) => join(folder, `${files++}${ending}`);

const [samples, channels, classes, steps] = [24, 6, 3, 5];
const x = uniform(samples * channels, 1, 0, 2);
const y = labels(samples, 2, classes);
const shape = [samples, channels];
const compile = () =>
  sequential(dense(channels, 8), lif({ beta: 0.9 }), dense(8, classes), lif({ beta: 0.9 })).compile({
    seed: 1,
  });
const loader = () => new DataLoader({ x, y, shape }, { batchSize: 8 });
const work = { epochs: 2, steps, loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 0.01 }) };

/** What callbacks of one's own receive in the same training. */
async function trained(logs: log.Log) {
  const [batches, epochs]: [BatchRecord[], EpochRecord[]] = [[], []];
  const mine = {
    onBatch: (info: BatchRecord) => void batches.push(info),
    onEpoch: (record: EpochRecord) => void epochs.push(record),
  };
  using model = await compile();
  await model.fit(loader(), { ...work, validation: loader(), callbacks: [logs, mine] });
  await logs.close();
  return { batches, epochs, weights: await model.weights() };
}

const written = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('the loss of a batch stands beside the mean of the epoch so far', async (t) => {
  const { batches } = await trained(log.jsonl(file('.jsonl')));
  t.deepEqual(
    batches.map(({ iteration, epoch, batch }) => [iteration, epoch, batch]),
    [
      [1, 1, 1],
      [2, 1, 2],
      [3, 1, 3],
      [4, 2, 1],
      [5, 2, 2],
      [6, 2, 3],
    ],
  );
  for (const first of [0, 3]) {
    const three = batches.slice(first, first + 3);
    for (const [i, { loss: mean, accuracy }] of three.entries()) {
      const soFar = three.slice(0, i + 1);
      const meanOf = (name: 'batchLoss' | 'batchAccuracy') =>
        soFar.reduce((sum, info) => sum + info[name], 0) / soFar.length;
      t.true(Math.abs(mean - meanOf('batchLoss')) < 1e-12);
      t.true(Math.abs(accuracy - meanOf('batchAccuracy')) < 1e-12);
    }
  }
  t.not(batches[1]!.batchLoss, batches[1]!.loss);
});

test('JSON lines hold every batch and epoch', async (t) => {
  const path = file('.jsonl');
  const { batches, epochs } = await trained(log.jsonl(path));
  const lines = (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    lines.map(({ kind }) => kind),
    [...'bbbebbbe'].map((k) => (k === 'b' ? 'batch' : 'epoch')),
  );
  const { batchLoss, batchAccuracy, epoch, batch, iteration } = batches[4]!;
  const { time, ...fifth } = lines[5];
  t.deepEqual(fifth, {
    kind: 'batch',
    step: iteration,
    epoch,
    batch,
    loss: batchLoss,
    accuracy: batchAccuracy,
  });
  t.false(Number.isNaN(Date.parse(time)));
  const { time: _, kind, step, ...last } = lines[7];
  t.deepEqual([kind, step], ['epoch', 2]);
  t.deepEqual(last, epochs[1]);
});

test('comma-separated values hold one row per epoch; appending continues the table', async (t) => {
  const path = file('.csv');
  const first = await trained(log.csv(path));
  const second = await trained(log.csv(path, { append: true }));
  const [heading, ...rows] = (await readFile(path, 'utf8')).trimEnd().split('\r\n');
  const names = heading!.split(',');
  t.deepEqual([...names].sort(), Object.keys(first.epochs[0]!).sort());
  t.deepEqual(
    rows.map((row) => Object.fromEntries(row.split(',').map((value, i) => [names[i], Number(value)]))),
    [...first.epochs, ...second.epochs] as never,
  );
});

test('comma-separated values hold one row per batch if asked to', async (t) => {
  const path = file('.csv');
  const { batches } = await trained(log.csv(path, { batches: true }));
  const rows = (await readFile(path, 'utf8')).trimEnd().split('\r\n');
  t.is(rows[0], 'epoch,batch,loss,accuracy');
  t.deepEqual(
    rows.slice(1),
    batches.map(
      ({ epoch, batch, batchLoss, batchAccuracy }) => `${epoch},${batch},${batchLoss},${batchAccuracy}`,
    ),
  );
});

test('a file that exists is refused, not overwritten', async (t) => {
  const path = file('.csv');
  await writeFile(path, 'mine\r\n');
  using model = await compile();
  const trainedWith = (callbacks: log.Log) => outcome(() => model.fit(loader(), { ...work, callbacks }));
  t.regex(await trainedWith(log.csv(path)), /^io: .*exists already.*append: true/);
  t.regex(
    await trainedWith(log.csv(path, { append: true })),
    /^invalid-parameter: .*the columns of .*: mine/,
  );
  t.is(await readFile(path, 'utf8'), 'mine\r\n');
});

test('a table refuses a row with other columns', async (t) => {
  const logs = log.csv(file('.csv'));
  await logs.values(1, { rate: 2 });
  const error = await failure(() => logs.values(2, { rate: 2, mean: 3 }));
  t.regex(String(error?.message), /columns of the first entry: step, rate/);
  // Closing throws it again: the file is not complete.
  t.is(await failure(() => logs.close()), error);
});

test('options and values are checked', async (t) => {
  t.regex(await outcome(() => log.csv('')), /^invalid-parameter/);
  t.regex(await outcome(() => log.jsonl('a', { batch: true } as never)), /^unknown-name/);
  t.regex(await outcome(() => log.tensorboard('a', { weights: 1 } as never)), /^invalid-parameter/);
  const curves = log.tensorboard(file(''));
  t.regex(await outcome(() => curves.values(0.5, { a: 1 })), /^invalid-parameter/);
  const lines = log.jsonl(file('.jsonl'));
  t.regex(await outcome(() => lines.values(1, { a: 'b' } as never)), /^invalid-parameter/);
  await lines.close();
  t.regex(await outcome(() => lines.values(1, { a: 1 })), /^disposed/);
  using model = await compile();
  const callbacks = [{}, { onbatch() {} }] as never;
  t.regex(
    await outcome(() => model.fit(loader(), { ...work, callbacks })),
    /^unknown-name: .*callbacks\[1\]/,
  );
});

test('a folder that cannot be written ends the training with its error', async (t) => {
  const blocked = file('.txt');
  await writeFile(blocked, '');
  using model = await compile();
  const callbacks = log.tensorboard(join(blocked, 'runs'));
  t.regex(await outcome(() => model.fit(loader(), { ...work, callbacks })), /^io/);
});

interface Scalar {
  tag: string;
  step: number;
  value: number;
}

/** Records of an event file: lengths and checksums are checked, messages decoded. */
function events(bytes: Uint8Array): {
  versions: string[];
  scalars: Scalar[];
  histograms: Record<string, number[][]>;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = {
    versions: [] as string[],
    scalars: [] as Scalar[],
    histograms: {} as Record<string, number[][]>,
  };
  const unmasked = (at: number) => {
    const rotated = (view.getUint32(at, true) - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    if (unmasked(at + 8) !== crc32c(bytes.subarray(at, at + 8))) throw new Error('checksum of a length');
    const data = bytes.subarray(at + 12, at + 12 + length);
    if (unmasked(at + 12 + length) !== crc32c(data)) throw new Error('checksum of a record');
    at += length + 16;
    let step = 0;
    new PbfReader(data).readFields((field, _, event) => {
      if (field === 2) step = event.readVarint();
      if (field === 3) found.versions.push(event.readString());
      if (field === 5)
        event.readMessage((inner, __, summary) => {
          if (inner !== 1) return;
          let tag = '';
          summary.readMessage((part, ___, value) => {
            if (part === 1) tag = value.readString();
            if (part === 2) found.scalars.push({ tag, step, value: value.readFloat() });
            if (part === 5) {
              const histogram: number[][] = [];
              value.readMessage((number, ____, fields) => {
                histogram[number] = number >= 6 ? fields.readPackedDouble() : [fields.readDouble()];
              }, undefined);
              found.histograms[`${tag} ${step}`] = histogram;
            }
          }, undefined);
        }, undefined);
    }, undefined);
  }
  return found;
}

test('CRC-32C has the values of RFC 3720', (t) => {
  t.is(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
  t.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
  t.is(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
});

test('a histogram counts every finite value once', (t) => {
  const values = [...uniform(1000, 3, -2, 5), Number.NaN, Number.POSITIVE_INFINITY];
  const bins = 64;
  const { min, max, count, sum, edges, counts } = histogramOf(values, bins);
  const finite = values.filter(Number.isFinite);
  t.deepEqual([min, max, count], [Math.min(...finite), Math.max(...finite), 1000]);
  t.deepEqual([edges[0], edges[bins]], [min, max]);
  t.true(Math.abs(sum - finite.reduce((a, b) => a + b)) < 1e-9);
  for (const [i, own] of counts.entries()) {
    const inside = (value: number) => value >= edges[i]! && (i === bins - 1 || value < edges[i + 1]!);
    t.is(own, finite.filter(inside).length);
  }
  t.deepEqual([...histogramOf([3, 3], 1).counts], [2]);
  t.deepEqual([...histogramOf([3, 3], 2).edges], [2.5, 3, 3.5]);
  t.deepEqual([...histogramOf([Number.NaN], 1).counts], [0]);
});

const runs = file('');
const tensorBoardRun = (async () => {
  const logs = log.tensorboard(runs, { weights: true });
  return { logs, ...(await trained(logs)) };
})();

test('an event file holds curves of batches and epochs, and histograms of weights', async (t) => {
  const { logs, batches, epochs, weights } = await tensorBoardRun;
  t.deepEqual(await readdir(runs), [logs.path.slice(runs.length + 1)]);
  const { versions, scalars, histograms } = events(new Uint8Array(await readFile(logs.path)));
  t.deepEqual(versions, ['brain.Event:2']);
  const curve = (tag: string) => scalars.filter((s) => s.tag === tag).map(({ step, value }) => [step, value]);
  t.deepEqual(
    curve('batch/loss'),
    batches.map(({ iteration, batchLoss }) => [iteration, Math.fround(batchLoss)]),
  );
  t.deepEqual(
    curve('validation/accuracy'),
    epochs.map(({ epoch, validationAccuracy }) => [epoch, Math.fround(validationAccuracy!)]),
  );
  t.deepEqual(
    curve('training/loss'),
    epochs.map(({ epoch, loss: value }) => [epoch, Math.fround(value)]),
  );
  const [name, array] = Object.entries(weights)[0]!;
  const last = histograms[`weights/${name} 2`]!;
  t.is(last[3]![0], array.length);
  t.is(last[1]![0], Math.min(...array));
  t.is(
    last[7]!.reduce((a, b) => a + b),
    array.length,
  );
});

const python = process.env.LAPICQUE_PYTHON ?? 'python3';
const hasTensorBoard =
  spawnSync(python, ['-c', 'import tensorboard.backend.event_processing.event_accumulator']).status === 0;

(hasTensorBoard ? test : test.skip)(
  `TensorBoard reads the event file ${hasTensorBoard ? '' : `(skipped: ${python} has no tensorboard)`}`,
  async (t) => {
    const { batches, weights } = await tensorBoardRun;
    const program = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1], size_guidance={'histograms': 0}); a.Reload()
h = a.Histograms(sorted(a.Tags()['histograms'])[0])[-1]
print(json.dumps({'tags': a.Tags()['scalars'], 'loss': [[e.step, e.value] for e in a.Scalars('batch/loss')],
  'histogram': [h.step, h.histogram_value.num, sum(h.histogram_value.bucket)], 'names': sorted(a.Tags()['histograms'])}))`;
    const { stdout, stderr } = spawnSync(python, ['-c', program, runs], { encoding: 'utf8' });
    t.not(stdout, '', stderr);
    const read = JSON.parse(stdout);
    t.deepEqual(
      read.loss,
      batches.map(({ iteration, batchLoss }) => [iteration, Math.fround(batchLoss)]),
    );
    t.deepEqual(
      read.names,
      Object.keys(weights)
        .map((name) => `weights/${name}`)
        .sort(),
    );
    const first = weights[read.names[0].slice('weights/'.length)]!.length;
    t.deepEqual(read.histogram, [2, first, first]);
    t.true(read.tags.includes('validation/loss'));
  },
);

test('a simulation and a study write logs', async (t) => {
  const path = file('.jsonl');
  const logs = log.jsonl(path);
  const cells = population(lif, 2, { name: 'cells', tauMem: 10 });
  await simulate(circuit(cells, connect(noise({ sd: 0.3 }), cells)), {
    duration: 100,
    onProgress: logs.onProgress,
  });
  const squares = study({
    name: 'squares',
    space: { a: space.uniform(0, 1), kind: space.choice(['x', 'y']) },
    objective: ({ a }) => a * a,
  });
  const trials: TrialRecord[] = [];
  const onTrial = (trial: TrialRecord) => {
    logs.onTrial(trial);
    trials.push(trial);
  };
  await squares.run({ trials: 3, onTrial });
  await squares.close();
  await logs.close();
  const lines = await written(path);
  const progress = lines.filter(({ kind }) => kind === 'progress');
  t.deepEqual([progress.at(-1).done, progress.at(-1).total], [1000, 1000]);
  t.deepEqual(
    lines.filter(({ trial }) => trial !== undefined).map(({ time, kind, step, ...values }) => values),
    trials.map(({ number, state, values, parameters }) => ({
      trial: number,
      state,
      value: values![0],
      'parameters/a': parameters.a,
      'parameters/kind': parameters.kind,
    })),
  );
});
