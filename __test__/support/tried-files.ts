// Loads files in a separate process, and reports time, memory and errors of each.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { loaders, Outcome } from './loaders.ts';
import { run } from './process.ts';

/** The default limit of a loader, in MiB. */
export const allowed = 256;

export interface Task {
  name: string;
  loader: keyof typeof loaders;
  path: string;
}

const support = new URL('./loaders.js', import.meta.url).href;

/** Loads files one after the other in a separate process; `folder` is for scratch files. */
export async function triedAll(folder: string, tasks: readonly Task[]): Promise<(Task & Outcome)[]> {
  const list = join(folder, `${Math.random()}.json`);
  await writeFile(list, JSON.stringify(tasks));
  return run(`
    import { loaders, tried } from ${JSON.stringify(support)};
    import { readFileSync } from 'node:fs';
    const tasks = JSON.parse(readFileSync(${JSON.stringify(list)}, 'utf8'));
    const told = [];
    // Load the engine and the loaders first, so that their memory is not counted.
    await tried(loaders.loadSonata, '__test__/circuit/fixtures/sonata/simulation_config.json');
    await tried(loaders.readTensors, '/nowhere');
    for (const task of tasks) told.push({ ...task, ...(await tried(loaders[task.loader], task.path)) });
    console.log(JSON.stringify(told));
  `);
}
