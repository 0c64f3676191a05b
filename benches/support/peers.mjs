// Where the peers' scripts are, and the Python that runs them: neither is part of this repository. See the head of the program
// that asks.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, run } from './turns.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Finds the folder of the peers' scripts that the variable `folder` names, by default `defaultFolder`, and the Python of the variable
 * `python`, both from the root of the repository. Ends the program with a word to `program` where there is none.
 *
 * @returns runs one of the scripts and gives back its result
 */
export function peersIn(program, { folder, defaultFolder, python }) {
  const scripts = resolve(root, process.env[folder] ?? defaultFolder);
  const interpreter = resolve(root, process.env[python] ?? '.peers/bin/python');
  for (const path of [join(scripts, 'common.py'), interpreter]) {
    if (!existsSync(path)) fail(`${path} is missing: see the head of ${program}`);
  }
  return (args, environment) => run(interpreter, args, scripts, environment);
}

/** Runs our command line from `dist` and gives back its result. */
export function lapicque(args) {
  return run(process.execPath, [join(root, 'dist', 'cli.js'), ...args]);
}
