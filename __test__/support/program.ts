/** The command line as users start it: the built program in a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const program = resolve('dist/cli.js');

/** Starts `lapicque` and gives the process with the promise of its end. */
export function start(args: readonly string[], cwd = '.', env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...process.env, ...env } });
  const ended = new Promise<Ended>((settle, reject) => {
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => settle({ code, stdout, stderr }));
  });
  return { child, ended };
}

export function lapicque(args: readonly string[], cwd?: string, env?: NodeJS.ProcessEnv): Promise<Ended> {
  return start(args, cwd, env).ended;
}

/** The object that a successful run prints with `--json`; it is all of stdout. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at single keys of whatever a command prints
export async function json(args: readonly string[], cwd?: string, env?: NodeJS.ProcessEnv): Promise<any> {
  const { code, stdout, stderr } = await lapicque([...args, '--json'], cwd, env);
  if (code !== 0) throw new Error(`lapicque ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** A folder that is removed with everything in it when `after` has run. */
export async function folder(after: (remove: () => Promise<void>) => void): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'lapicque-cli-'));
  after(() => rm(path, { recursive: true, force: true }));
  return path;
}
