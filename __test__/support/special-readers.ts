/** Every reader of the library by name, for searches through them: each reads the file, or a folder with files, at a path. */
import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { IntegerNetwork } from '../../src-ts/doors/chip.ts';
import {
  circuit,
  loadCircuit,
  loadSonata,
  population,
  readSonataReport,
  readSonataSpikes,
} from '../../src-ts/doors/circuit.ts';
import { readIdx, readMnist } from '../../src-ts/doors/data.ts';
import {
  eventDataset,
  openEvents,
  openHdf5Events,
  openShd,
  readEvents,
  represent,
} from '../../src-ts/doors/events.ts';
import { log, view } from '../../src-ts/doors/figure.ts';
import {
  openHdf5,
  readNir,
  readNirData,
  readNirGraph,
  readNirIntegerNetwork,
  readOnnx,
  readSparse,
  readTensors,
  verifyNir,
} from '../../src-ts/doors/files.ts';
import { izhikevich } from '../../src-ts/doors/neurons.ts';
import { search, space, study } from '../../src-ts/doors/study.ts';
import { loadCheckpoint, Model } from '../../src-ts/index.ts';

export type Read = (path: string, options: { signal?: AbortSignal }) => Promise<unknown>;

/** A new folder in the one of the path, in which links of these names lead to it. */
async function folderOf(path: string, scratch: string, names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'links-'));
  for (const name of names) await symlink(path, join(folder, name));
  return folder;
}

/** @param scratch - a folder for files */
export function readersIn(scratch: string, model: Model): Readonly<Record<string, Read>> {
  const folder = (path: string, ...names: string[]) => folderOf(path, scratch, names);
  const studyOf = (store: string, objective: string | (() => number) = () => 0) =>
    study({
      name: 'special',
      space: { x: space.uniform(0, 1) },
      search: search.random(),
      store,
      objective: objective as never,
    });
  const representation = represent.frames({ timeBins: 2 });
  return {
    'Model.load': Model.load,
    'IntegerNetwork.load': IntegerNetwork.load,
    loadCheckpoint,
    loadCircuit,
    loadSonata,
    readTensors,
    readSparse,
    readIdx,
    readMnist: async (path, options) =>
      readMnist(
        await folder(
          path,
          ...['train', 't10k'].flatMap((set) => [`${set}-images-idx3-ubyte`, `${set}-labels-idx1-ubyte`]),
        ),
        options,
      ),
    readOnnx,
    readEvents,
    openEvents,
    ...Object.fromEntries(
      (['evt3', 'csv', 'npy', 'npz', 'aedat4', 'es', 'hdf5'] as const).map((format): [string, Read] => [
        `readEvents as ${format}`,
        (path, options) => readEvents(path, { ...options, format }),
      ]),
    ),
    openHdf5,
    openHdf5Events,
    openShd,
    readNir,
    readNirGraph,
    readNirData,
    readNirIntegerNetwork,
    verifyNir,
    readSonataSpikes,
    readSonataReport,
    'importWeights, by content': (path, options) => model.importWeights(path, options as never),
    'importWeights, of torch': async (path, options) =>
      model.importWeights(join(await folder(path, 'net.pth'), 'net.pth'), options as never),
    'eventDataset, a list of trials': async (path) =>
      eventDataset(await folder(path, 'trials_to_train.txt'), { kind: 'dvs-gesture', representation }),
    'eventDataset, SHD': async (path) =>
      eventDataset(await folder(path, 'shd_train.h5'), { kind: 'shd', representation }),
    restore: async (path, options) => {
      using simulation = await circuit(population(izhikevich, 4, { name: 'E' })).compile({ dt: 1 });
      await simulation.restore(path, options);
    },
    'study.open': async (path) => study.open(await folder(path, 'journal-main.log')),
    'study.run': async (path, options) =>
      studyOf(await folder(path, 'journal-main.log')).run({ trials: 1, ...options }),
    'an artifact of a study': async (path) => {
      const store = await mkdtemp(join(scratch, 'store-'));
      await studyOf(store).run({ trials: 1 });
      await mkdir(join(store, 'artifacts', 'trial-000000'), { recursive: true });
      await symlink(path, join(store, 'artifacts', 'trial-000000', 'file'));
      return (await study.open(store)).artifact(0, 'file');
    },
    'view of a training': async (path) => {
      await using viewer = await view(join(await folder(path, 'log.jsonl'), 'log.jsonl'));
      return viewer;
    },
    'view of a file': async (path) => {
      await using viewer = await view(join(await folder(path, 'a.safetensors'), 'a.safetensors'));
      return viewer;
    },
    'log, appended': async (path) => {
      if (path.includes('/dev/'))
        throw Object.assign(new Error('a log may be written to a device'), { code: 'io' });
      return log.csv(join(await folder(path, 'log.csv'), 'log.csv'), { append: true });
    },
  };
}

/** Readers by their names in the library; a new one must be in {@link readersIn}. */
export const readerName = /^(read|open|load|verify)[A-Z]/;
