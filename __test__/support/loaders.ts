/** All loaders of the library by name, for searches through them: each reads a file, or a network of files, of this path. */
import { cp, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  circuit,
  loadCircuit,
  loadSonata,
  population,
  readSonataReport,
  readSonataSpikes,
} from '../../src-ts/doors/circuit.ts';
import { readIdx, readMnist } from '../../src-ts/doors/data.ts';
import { readTensors } from '../../src-ts/doors/files.ts';
import { izhikevich } from '../../src-ts/doors/neurons.ts';
import { LapicqueError, loadCheckpoint, Model } from '../../src-ts/index.ts';

export type Load = (path: string, signal?: AbortSignal, bytes?: number) => Promise<unknown>;

const options = (signal?: AbortSignal, bytes?: number) => ({
  ...(signal === undefined ? {} : { signal }),
  ...(bytes === undefined ? {} : { limits: { bytes } }),
});

export const loaders: Readonly<Record<string, Load>> = {
  'Model.load': async (path, signal, bytes) => (await Model.load(path, options(signal, bytes))).dispose(),
  'Model.load of bytes': async (path, signal, bytes) =>
    (await Model.load(await readFile(path), options(signal, bytes))).dispose(),
  loadCheckpoint: async (path, signal, bytes) =>
    (await loadCheckpoint(path, options(signal, bytes))).model.dispose(),
  loadCircuit: (path, signal, bytes) => loadCircuit(path, options(signal, bytes)),
  readTensors: (path, signal, bytes) => readTensors(path, options(signal, bytes)),
  'readTensors of bytes': async (path, signal, bytes) =>
    readTensors(await readFile(path), options(signal, bytes)),
  readIdx: (path, signal, bytes) => readIdx(path, options(signal, bytes)),
  'readIdx of bytes': async (path, signal, bytes) => readIdx(await readFile(path), options(signal, bytes)),
  /** Of a folder with the four files. */
  readMnist: (path, signal, bytes) => readMnist(path, options(signal, bytes)),
  restore: async (path, signal, bytes) => {
    using simulation = await circuit(population(izhikevich, 4, { name: 'E' })).compile({ dt: 1 });
    await simulation.restore(path, options(signal, bytes));
  },
  loadSonata: (path, signal, bytes) => loadSonata(path, options(signal, bytes)),
  readSonataSpikes: (path, signal, bytes) => readSonataSpikes(path, options(signal, bytes)),
  readSonataReport: (path, signal, bytes) => readSonataReport(path, options(signal, bytes)),
};

/** What became of a file. */
export interface Outcome {
  /** `read`, the code of an error of ours, or what else was thrown. */
  code: string;
  message: string;
  ms: number;
  /** Longest time that the event loop had no turn, in ms. */
  delay: number;
  /** Most memory that the process has had more than before, in MiB. */
  grown: number;
}

/** The most memory that this process has had, in MiB. */
export function peak(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Loads a file and looks what that does to the process. */
export async function tried(load: Load, path: string): Promise<Outcome> {
  const monitor = monitorEventLoopDelay({ resolution: 5 });
  // What the first turn takes is not the loader's.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const [before, began] = [peak(), performance.now()];
  monitor.enable();
  let [code, message] = ['read', ''];
  try {
    await load(path);
  } catch (error) {
    code = error instanceof LapicqueError ? error.code : `not ours: ${(error as Error).name}`;
    message = (error as Error).message;
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  monitor.disable();
  return { code, message, ms: performance.now() - began, delay: monitor.max / 1e6, grown: peak() - before };
}

/** A copy of a SONATA network in which one file is another; gives the path of its configuration. */
export async function sonataWith(
  folder: string,
  file: string,
  content: Uint8Array | string,
): Promise<string> {
  await cp('__test__/circuit/fixtures/sonata', folder, { recursive: true });
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(folder, dirname(file), basename(file)), content);
  return join(folder, 'simulation_config.json');
}
