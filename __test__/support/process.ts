/** Scripts in processes of their own, for what a test's own process cannot show: its end, and its memory. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

/** The library as the tests were compiled with it. */
export const library = new URL('./library.js', import.meta.url).href;

const whole = (script: string) => `import * as lapicque from ${JSON.stringify(library)};
const { adam, conv3d, cubaLif, dense, input, layerNorm, li, lif, loadCheckpoint, loss, Model, rmsprop, sequential, sgd } = lapicque;
${script}`;

const flags = ['--expose-gc', '--input-type=module', '-e'];

/** Runs a script to its end and gives what it printed, read as JSON. Longer than `timeout` ms it may not take. */
export async function run<T>(script: string, env: NodeJS.ProcessEnv = {}, timeout = 60_000): Promise<T> {
  const options = { env: { ...process.env, ...env }, timeout };
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, whole(script)], options);
  return JSON.parse(stdout) as T;
}

/** Starts a script and resolves once it has printed something. */
export async function start(script: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...flags, whole(script)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout!.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`exit ${code} before it began`)));
  });
  return child;
}

/** Resolves with the signal that ended a process, or its exit code. */
export function ended(child: ChildProcess): Promise<NodeJS.Signals | number | null> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(child.signalCode ?? child.exitCode);
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
}
