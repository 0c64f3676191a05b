// Data sets of events in the layouts their authors ship, a few samples of each, written here.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import {
  type EventBatch,
  type EventSample,
  eventDataset,
  eventTransform,
  represent,
  writeEvents,
} from '../../src-ts/doors/events.ts';
import { hdf5Group, writeHdf5 } from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, flatten, input, LapicqueError, loss, sequential } from '../../src-ts/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'event-datasets-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** So many events of a sensor, other ones for each seed. */
function batch(n: number, width: number, height: number, seed: number, start = 0): EventBatch {
  const at = (i: number, of: number) => ((i + 1) * (seed * 31 + 17)) % of;
  return {
    t: Float64Array.from({ length: n }, (_, i) => start + i * 100),
    x: Uint16Array.from({ length: n }, (_, i) => at(i, width)),
    y: Uint16Array.from({ length: n }, (_, i) => at(i * 3, height)),
    polarity: Uint8Array.from({ length: n }, (_, i) => (i + seed) % 2),
  };
}

function made(...parts: string[]): string {
  const path = join(folder, ...parts);
  mkdirSync(path, { recursive: true });
  return path;
}

/** AEDAT 2 as jAER writes it of a DVS128: big-endian words of address and time. */
function dvs128({ t, x, y, polarity }: EventBatch): Buffer {
  const words = Buffer.alloc(8 * t.length);
  for (let i = 0; i < t.length; i++) {
    words.writeUInt32BE((y[i]! << 8) | (x[i]! << 1) | polarity[i]!, 8 * i);
    words.writeUInt32BE(t[i]!, 8 * i + 4);
  }
  return Buffer.concat([Buffer.from('#!AER-DAT2.0\r\n# This is a raw AE data file\r\n'), words]);
}

const frames = represent.frames({ timeBins: 4 });

test('N-MNIST: folders of digits', async (t) => {
  for (let digit = 0; digit < 10; digit++) {
    const path = made('n-mnist', 'Train', `${digit}`);
    for (const number of [10, 2])
      await writeEvents(join(path, `${number}.bin`), batch(50 + digit, 34, 34, digit + number), {
        format: 'nmnist',
      });
  }
  const set = await eventDataset(join(folder, 'n-mnist'), { kind: 'n-mnist', representation: frames });
  t.is(set.length, 20);
  t.is(set.classes, 10);
  // In the order of their numbers.
  t.deepEqual(
    set.samples.slice(0, 2).map(({ path }) => path.endsWith('10.bin')),
    [false, true],
  );
  const { x, shape, y } = await set.get(7);
  t.deepEqual([shape, y], [[4, 2, 34, 34], 3]);
  t.is(
    x.reduce((sum, count) => sum + count, 0),
    53,
  );
  const { polarity, ...events } = await set.events(7);
  const written = batch(53, 34, 34, 3 + 10);
  t.deepEqual([events.t, events.x, events.y, polarity], [written.t, written.x, written.y, written.polarity]);
  const { samples, expected, archives } = await set.verify();
  t.deepEqual([samples, expected], [20, 60_000]);
  t.deepEqual(
    archives.map(({ state }) => state),
    ['absent', 'absent'],
  );
  writeFileSync(join(folder, 'n-mnist', 'Train.zip'), 'another file');
  t.is((await set.verify()).archives[0]!.state, 'wrong');
});

test('N-Cars, CIFAR10-DVS: folders of classes', async (t) => {
  for (const [label, name] of ['background', 'cars'].entries())
    await writeEvents(
      join(made('n-cars', 'n-cars_test', name), 'obj_000001_td.dat'),
      batch(60, 120, 100, label),
      { format: 'dat', sensor: { width: 120, height: 100 } },
    );
  const cars = await eventDataset(join(folder, 'n-cars'), {
    kind: 'n-cars',
    split: 'test',
    representation: frames,
  });
  t.deepEqual(
    cars.samples.map(({ label }) => label),
    [0, 1],
  );
  t.deepEqual((await cars.get(1)).shape, [4, 2, 100, 120]);
  t.deepEqual((await cars.events(1)).x, batch(60, 120, 100, 1).x);
  const objects = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
  for (const [label, name] of objects.entries())
    writeFileSync(
      join(made('cifar10-dvs', name), `cifar10_${name}_0.aedat`),
      dvs128(batch(40, 128, 128, label)),
    );
  const cifar = await eventDataset(join(folder, 'cifar10-dvs'), {
    kind: 'cifar10-dvs',
    representation: frames,
  });
  t.deepEqual(
    cifar.samples.map(({ label }) => label),
    [...objects.keys()],
  );
  t.deepEqual((await cifar.events(3)).y, batch(40, 128, 128, 3).y);
});

test('DVS Gesture: parts of recordings', async (t) => {
  const path = made('gestures');
  writeFileSync(join(path, 'trials_to_train.txt'), 'user01_led.aedat\n\n');
  writeFileSync(
    join(path, 'user01_led_labels.csv'),
    'class,startTime_usec,endTime_usec\n2,1000,2000\n11,5000,9000\n',
  );
  const whole = batch(100, 128, 128, 5);
  await writeEvents(join(path, 'user01_led.aedat'), whole, {
    format: 'aedat3.1',
    sensor: { width: 128, height: 128 },
  });
  const set = await eventDataset(path, { kind: 'dvs-gesture', representation: represent.image() });
  t.deepEqual(
    set.samples.map(({ label }) => label),
    [1, 10],
  );
  for (const [index, from, to] of [
    [0, 1000, 2000],
    [1, 5000, 9000],
  ] as const) {
    const { t: times, x } = await set.events(index);
    t.deepEqual(
      [...times],
      [...whole.t].filter((time) => time >= from && time < to),
    );
    t.deepEqual(
      [...x],
      [...whole.x].filter((_, i) => whole.t[i]! >= from && whole.t[i]! < to),
    );
  }
});

test('SHD and SSC: rows of one file', async (t) => {
  const path = made('spoken');
  const rows = [0, 1, 2].map((row) =>
    Float32Array.from({ length: 5 + row }, (_, i) => (i + 1) * 0.01 * (row + 1)),
  );
  const units = rows.map((row) => Uint16Array.from(row, (_, i) => 100 * i + 3));
  for (const name of ['shd_train.h5', 'ssc_valid.h5']) {
    await writeHdf5(
      join(path, name),
      hdf5Group({ spikes: { times: rows, units }, labels: Uint16Array.of(4, 19, 0) }),
    );
  }
  using set = await eventDataset(path, {
    kind: 'shd',
    representation: represent.frames({ window: 20_000, includeIncomplete: true }),
  });
  t.deepEqual(
    set.samples.map(({ label }) => label),
    [4, 19, 0],
  );
  const { x, shape, y } = await set.get(1);
  t.deepEqual([shape.slice(1), y], [[1, 1, 700], 19]);
  t.is(
    x.reduce((sum, count) => sum + count, 0),
    6,
  );
  t.deepEqual([...(await set.events(1)).t], [20_000, 40_000, 60_000, 80_000, 100_000, 120_000]);
  using valid = await eventDataset(path, { kind: 'ssc', split: 'valid', representation: frames });
  t.is(valid.length, 3);
});

test('a loader makes sequences of them, augmented by seed, epoch and sample, and a model learns', async (t) => {
  const path = made('own');
  const index: EventSample[] = [];
  for (let i = 0; i < 16; i++) {
    const side = batch(80, 5, 8, i);
    // Class 1 is on the right.
    const events = { ...side, x: side.x.map((x) => x + 5 * (i % 2)) };
    await writeEvents(join(path, `${i}.es`), events, { sensor: { width: 10, height: 8 } });
    index.push({ path: join(path, `${i}.es`), label: i % 2 });
  }
  const set = await eventDataset(index, {
    representation: represent.frames({ timeBins: 5, binary: true }),
    augment: [eventTransform.drop({ probability: 0.3 })],
  });
  t.is(set.classes, 2);
  const loader = () => new DataLoader(set, { batchSize: 4, shuffle: true, seed: 3, sequences: true });
  const hashes = async () => {
    const epochs: string[] = [];
    const data = loader();
    for (let epoch = 0; epoch < 2; epoch++) {
      const hash = createHash('md5');
      for await (const { x, shape } of data) {
        t.deepEqual(shape, [5, 4, 2, 8, 10]);
        hash.update(x);
      }
      epochs.push(hash.digest('hex'));
    }
    return epochs;
  };
  const [first, second] = await hashes();
  t.not(first, second);
  t.deepEqual(await hashes(), [first!, second!]);
  using model = await sequential(input(2, 8, 10), flatten(), dense(160, 2), lif({ beta: 0.9 })).compile({
    seed: 1,
  });
  await model.fit(loader(), { epochs: 12, loss: loss.crossEntropyCount(), optimizer: adam({ lr: 1e-2 }) });
  const { accuracy } = await model.evaluate(loader(), { loss: loss.crossEntropyCount() });
  t.is(accuracy, 1);
});

test('what is not there is said with where to get it', async (t) => {
  const refused = async (work: () => unknown, code: LapicqueError['code'], message: RegExp) => {
    const error = await t.throwsAsync(async () => work(), { instanceOf: LapicqueError });
    t.is((error as LapicqueError).code, code);
    t.regex(error!.message, message);
  };
  const empty = made('empty');
  for (const kind of ['n-mnist', 'n-cars', 'cifar10-dvs', 'dvs-gesture', 'shd', 'ssc'] as const) {
    await refused(
      () => eventDataset(empty, { kind, representation: frames }),
      'io',
      /does not hold .*: it needs .*\. Get it from https:.*downloads nothing/,
    );
  }
  await refused(
    () => eventDataset(empty, { kind: 'n-mnist', representation: frames }),
    'io',
    /20959b8e626244a1b502305a9e6e2031/,
  );
  await refused(
    () => eventDataset(empty, { kind: 'mnist' as never, representation: frames }),
    'unknown-name',
    /mnist/,
  );
  await refused(
    () => eventDataset(empty, { kind: 'shd', split: 'valid', representation: frames }),
    'unknown-name',
    /valid/,
  );
  await refused(() => eventDataset(empty, { kind: 'shd' } as never), 'invalid-parameter', /representation/);
  await refused(() => eventDataset([], { representation: frames }), 'invalid-parameter', /source/);
  await refused(
    () => eventDataset([{ path: 'a.raw' } as never], { representation: frames }),
    'invalid-parameter',
    /label/,
  );
  const path = made('bad-gestures');
  writeFileSync(join(path, 'trials_to_train.txt'), 'user01_led.aedat\n');
  writeFileSync(join(path, 'user01_led_labels.csv'), 'class,startTime_usec,endTime_usec\nwave,1,2\n');
  await refused(
    () => eventDataset(path, { kind: 'dvs-gesture', representation: frames }),
    'malformed-file',
    /wave/,
  );
});
