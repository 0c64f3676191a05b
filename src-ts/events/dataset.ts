/** Local copies of event data sets, for a {@link DataLoader}. Nothing is downloaded. */
import { createHash } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { options as checkOptions, filePath, integer, invalid, oneOf } from '../checks/check.ts';
import { LapicqueError, throwIfAborted } from '../checks/errors.ts';
import type { Dataset } from '../data/source.ts';
import { openRegular, regularText } from '../files/regular-file.ts';
import type { EventBatch } from './batch.ts';
import { type DatasetLayout, type EventDatasetName, layouts, objects } from './dataset-layouts.ts';
import { openShd, type ShdFile } from './hdf5-shd.ts';
import { openEvents } from './open.ts';
import { type EventFrames, joined, representEvents } from './pipeline.ts';
import type { EventRepresentation, EventTransform, PixelArray } from './transforms.ts';

/** A sample of an index: a recording or a part of one. */
export interface EventSample {
  /** Path of an event file in any format that {@link openEvents} reads. */
  readonly path: string;
  /** Its class, from 0. */
  readonly label: number;
  /** Part of the recording in µs as stored: from `start` (inclusive) to `end` (exclusive). Default: all of it. */
  readonly start?: number;
  readonly end?: number;
  /** Index of the sample in a file with several (SHD, SSC). */
  readonly sample?: number;
}

/** Options of {@link eventDataset}. */
export interface EventDatasetOptions {
  /** The data set that the folder contains; not allowed with an index. */
  kind?: EventDatasetName;
  /** Default `train`; for CIFAR10-DVS, which has no official split, `all`; for SSC also `valid`. */
  split?: 'train' | 'valid' | 'test' | 'all';
  /** The representation of samples: frames, a voxel grid, surfaces. */
  representation: EventRepresentation<'frames'>;
  /** Transforms that are always applied, before the representation. */
  transforms?: readonly EventTransform[];
  /**
   * Random transforms for augmentation, applied after `transforms`. Their random numbers follow from the loader's seed, the
   * epoch and the sample, as for encoders.
   */
  augment?: readonly EventTransform[];
  /** For an index: the pixels of the recordings; default: as stated in their files. */
  sensor?: PixelArray;
}

/** A sample in the form that {@link DataLoader} collates; with `sequences: true` to `[time, sample, …]`. */
export interface EventExample {
  readonly x: Float32Array;
  /** `[frames, …]` */
  readonly shape: readonly number[];
  readonly y: number;
}

/** The result of {@link EventDataset.verify}. */
export interface DatasetCheck {
  /** Number of samples found, and of samples of the whole split (`undefined` for an index). */
  readonly samples: number;
  readonly expected: number | undefined;
  /** For each published archive: whether its MD5 is right, or that the folder does not contain it. */
  readonly archives: readonly { readonly name: string; readonly state: 'right' | 'wrong' | 'absent' }[];
}

/** Recordings with their labels, read on demand. */
export interface EventDataset extends Dataset<EventExample>, Disposable {
  readonly samples: readonly EventSample[];
  readonly classes: number;
  readonly sensor: PixelArray | undefined;
  /** The events of a sample, without transforms. */
  events(index: number): Promise<EventBatch & { readonly sensor: PixelArray }>;
  /** Checks the numbers of samples, and the MD5 sums of the published archives in the folder. */
  verify(options?: { signal?: AbortSignal }): Promise<DatasetCheck>;
  /** Closes the file of SHD and SSC. */
  dispose(): void;
}

/**
 * A local copy of an event data set in its published layout, or your own recordings given by an index. Nothing is downloaded:
 * if a folder does not contain the data set, the error states which files are needed and where to get them.
 *
 * @param source - the folder, or a list of {@link EventSample}
 * @example
 * ```ts
 * const train = await eventDataset('data/n-mnist', {
 *   kind: 'n-mnist',
 *   representation: represent.frames({ timeBins: 10, binary: true }),
 *   augment: [eventTransform.jitter({ x: 0.7, y: 0.7 }), eventTransform.drop({ probability: 0.1 })],
 * });
 * const loader = new DataLoader(train, { batchSize: 64, shuffle: true, sequences: true });
 * await model.fit(loader, { epochs: 3, loss: loss.crossEntropyCount(), optimizer: adam() });
 * ```
 * @throws LapicqueError `io` for a folder that does not contain it, `invalid-parameter`, `malformed-file` for a list of trials
 * that cannot be read
 */
export async function eventDataset(
  source: string | URL | readonly EventSample[],
  options: EventDatasetOptions,
): Promise<EventDataset> {
  const {
    kind,
    split,
    representation,
    transforms = [],
    augment = [],
    sensor,
  } = checkOptions('eventDataset', options, [
    'kind',
    'split',
    'representation',
    'transforms',
    'augment',
    'sensor',
  ]);
  if (representation?.gives !== 'frames')
    invalid(
      'representation',
      representation,
      'a representation of frames, such as represent.frames({ timeBins: 20 })',
    );
  const setup = { representation, transforms: [...transforms, ...augment] };
  if (Array.isArray(source)) {
    if (kind !== undefined) invalid('kind', kind, 'no value, because an index is given');
    return new Recordings(checkIndex(source), { ...setup, sensor, classes: classesOf(source) });
  }
  const folder = filePath('source', source);
  const layout = layouts[oneOf('kind', kind, Object.keys(layouts) as EventDatasetName[])];
  const part = oneOf('split', split ?? layout.splits[0], layout.splits);
  const samples = await find[kind!](folder, part).catch((error: unknown) => {
    throw missing(layout, folder, error);
  });
  if (samples.length === 0) throw missing(layout, folder, undefined);
  const { width, height, polarities, classes } = layout;
  const expected = layout.samples?.[part];
  return new Recordings(samples, {
    ...setup,
    sensor: { width, height, polarities },
    classes,
    folder,
    layout,
    ...(expected === undefined ? {} : { expected }),
  });
}

function missing(layout: DatasetLayout, folder: string, cause: unknown): LapicqueError {
  if (cause instanceof LapicqueError && cause.code !== 'io') return cause;
  const archives = layout.archives.map(({ name, md5 }) => `${name} (MD5 ${md5})`).join(', ');
  const reason = `does not hold ${layout.title}: it needs ${layout.layout}. Get it from ${layout.from}${
    archives === '' ? '' : `: ${archives}`
  }. lapicque downloads nothing`;
  return new LapicqueError('io', { path: folder, reason }, { cause });
}

function checkIndex(index: readonly EventSample[]): readonly EventSample[] {
  if (index.length === 0) invalid('source', index, 'at least one sample');
  index.forEach((entry, i) => {
    const { path, label, start, end, sample } = checkOptions(`source[${i}]`, entry, [
      'path',
      'label',
      'start',
      'end',
      'sample',
    ]);
    filePath(`source[${i}].path`, path);
    integer(`source[${i}].label`, label, { min: 0 });
    if (sample !== undefined) integer(`source[${i}].sample`, sample, { min: 0 });
    for (const [name, time] of Object.entries({ start, end }))
      if (time !== undefined && !Number.isFinite(time)) invalid(`source[${i}].${name}`, time, 'a time in µs');
  });
  return index;
}

function classesOf(index: readonly EventSample[]): number {
  return index.reduce((max, { label }) => Math.max(max, label), 0) + 1;
}

async function filesOf(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(folder);
  // "2.bin" comes before "10.bin".
  const order = new Intl.Collator('en', { numeric: true });
  return names
    .filter((name) => name.toLowerCase().endsWith(ending))
    .sort(order.compare)
    .map((name) => join(folder, name));
}

async function ofFolders(folders: readonly string[], ending: string): Promise<EventSample[]> {
  const lists = await Promise.all(folders.map((folder) => filesOf(folder, ending)));
  return lists.flatMap((paths, label) => paths.map((path) => ({ path, label })));
}

/** The first of several paths that exists; published archives and their mirrors differ in case. */
async function existing(...paths: string[]): Promise<string> {
  for (const path of paths)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  return paths[0]!;
}

type Find = (folder: string, split: string) => Promise<readonly EventSample[]>;

const find: Readonly<Record<EventDatasetName, Find>> = {
  'n-mnist': async (folder, split) => {
    const name = split === 'train' ? 'Train' : 'Test';
    const root = await existing(join(folder, name), join(folder, name.toLowerCase()));
    return ofFolders(
      Array.from({ length: 10 }, (_, digit) => join(root, `${digit}`)),
      '.bin',
    );
  },
  'n-cars': async (folder, split) => {
    const root = await existing(join(folder, `n-cars_${split}`), join(folder, split));
    return ofFolders([join(root, 'background'), join(root, 'cars')], '.dat');
  },
  'cifar10-dvs': (folder) =>
    ofFolders(
      objects.map((name) => join(folder, name)),
      '.aedat',
    ),
  'dvs-gesture': async (folder, split) => {
    const trials = await lines(join(folder, `trials_to_${split}.txt`));
    const lists = await Promise.all(
      trials.map(async (trial) => {
        const path = join(folder, trial);
        const table = await lines(path.replace(/\.aedat$/, '_labels.csv'));
        return table.slice(1).map((row) => {
          const [gesture, start, end] = row.split(',').map(Number);
          if (![gesture, start, end].every(Number.isFinite))
            throw new LapicqueError('malformed-file', {
              format: 'CSV',
              offset: 0,
              reason: `${path}: the row "${row}" is not a class and two times`,
            });
          return { path, label: gesture! - 1, start: start!, end: end! };
        });
      }),
    );
    return lists.flat();
  },
  shd: (folder, split) => spoken(join(folder, `shd_${split}.h5`)),
  ssc: (folder, split) => spoken(join(folder, `ssc_${split}.h5`)),
};

async function lines(path: string): Promise<string[]> {
  const text = await regularText(path);
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

async function spoken(path: string): Promise<readonly EventSample[]> {
  using file = await openShd(path);
  return Array.from(file.labels, (label, sample) => ({ path, label, sample }));
}

interface Setup {
  readonly representation: EventRepresentation<'frames'>;
  readonly transforms: readonly EventTransform[];
  readonly sensor: PixelArray | undefined;
  readonly classes: number;
  readonly folder?: string;
  readonly layout?: DatasetLayout;
  readonly expected?: number;
}

class Recordings implements EventDataset {
  readonly samples: readonly EventSample[];
  readonly length: number;
  readonly sensor: PixelArray | undefined;
  readonly classes: number;
  readonly #setup: Setup;
  /** Files with many samples stay open. */
  readonly #open = new Map<string, Promise<ShdFile>>();

  constructor(samples: readonly EventSample[], setup: Setup) {
    this.samples = samples;
    this.length = samples.length;
    this.sensor = setup.sensor;
    this.classes = setup.classes;
    this.#setup = setup;
  }

  async get(index: number): Promise<EventExample> {
    const { representation, transforms } = this.#setup;
    const events = await this.events(index);
    const { x, shape }: EventFrames = await representEvents(events, representation, { transforms }).collect();
    return { x, shape, y: this.samples[index]!.label };
  }

  async events(index: number): Promise<EventBatch & { readonly sensor: PixelArray }> {
    const sample = this.samples[integer('index', index, { min: 0, max: this.length - 1 })]!;
    if (sample.sample !== undefined)
      return { ...(await this.#spoken(sample.path, sample.sample)), sensor: this.sensor ?? units };
    const given =
      this.sensor === undefined ? {} : { sensor: { width: this.sensor.width, height: this.sensor.height } };
    using reader = await openEvents(sample.path, { ...this.#setup.layout?.open, ...given });
    const sensor = this.sensor ?? reader.sensor;
    if (sensor === undefined)
      invalid('sensor', undefined, `{ width, height }, because ${sample.path} does not contain it`);
    if (sample.start !== undefined) await reader.seek(sample.start);
    const batches: EventBatch[] = [];
    const { start = -Infinity, end = Infinity } = sample;
    for (let batch = await reader.read(); batch !== undefined; batch = await reader.read()) {
      const { t, x, y, polarity } = batch;
      const [from, to] = [t.findIndex((time) => time >= start), t.findIndex((time) => time >= end)];
      const [first, last] = [from < 0 ? t.length : from, to < 0 ? t.length : to];
      batches.push({
        t: t.subarray(first, last),
        x: x.subarray(first, last),
        y: y.subarray(first, last),
        polarity: polarity.subarray(first, last),
      });
      if (to >= 0) break;
    }
    return { ...joined(batches), sensor };
  }

  /** Reads a sample of SHD or SSC. */
  async #spoken(path: string, sample: number): Promise<EventBatch> {
    let opening = this.#open.get(path);
    if (opening === undefined) {
      opening = openShd(path);
      this.#open.set(path, opening);
    }
    const { times, units } = await (await opening).sample(sample);
    const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]!);
    return {
      t: Float64Array.from(order, (i) => Math.round(times[i]! * 1e6)),
      x: Uint16Array.from(order, (i) => units[i]!),
      y: new Uint16Array(order.length),
      polarity: new Uint8Array(order.length).fill(1),
    };
  }

  async verify({ signal }: { signal?: AbortSignal } = {}): Promise<DatasetCheck> {
    const { folder, layout, expected } = this.#setup;
    const archives: DatasetCheck['archives'][number][] = [];
    for (const { name, md5 } of layout?.archives ?? []) {
      const path = join(folder!, name);
      const there = await access(path).then(
        () => true,
        () => false,
      );
      const state = !there ? 'absent' : (await md5Of(path, signal)) === md5 ? 'right' : 'wrong';
      archives.push({ name, state });
    }
    return { samples: this.length, expected, archives };
  }

  dispose(): void {
    for (const opening of this.#open.values())
      void opening.then(
        (file) => file.close(),
        () => {},
      );
    this.#open.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const units: PixelArray = { width: 700, height: 1, polarities: 1 };

async function md5Of(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('md5');
  const { handle } = await openRegular(path, signal);
  for await (const bytes of handle.createReadStream()) {
    throwIfAborted(signal);
    hash.update(bytes as Uint8Array);
  }
  return hash.digest('hex');
}
