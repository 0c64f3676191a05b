/** A benchmark task in a process of its own, so that neither the memory nor the caches of an earlier task are measured. */
import { spawn } from 'node:child_process';
import type { BenchOptions, BenchTask } from '@lapicque/bench';
import { abortError } from '../checks/errors.ts';

/** The options of the command that reach a task. */
export interface TaskOptions extends Omit<BenchOptions, 'size' | 'signal' | 'onProgress'> {
  size?: string;
  threads?: number;
}

/** How a process ended. `stdout` and `stderr` are empty where the process wrote to our own. */
export interface EndedProcess {
  /** `null` after a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The arguments of `lapicque bench TASK` with the options that the task reads. */
export function taskArguments(task: BenchTask, { seed, threads, ...lengths }: TaskOptions): string[] {
  const known = Object.entries(lengths).filter(([key]) => task.options.includes(key as keyof BenchOptions));
  const flags = [...known, ['seed', seed], ['threads', threads]].flatMap(([key, value]) =>
    value === undefined ? [] : value === true ? [`--${key}`] : [`--${key}`, String(value)],
  );
  return ['bench', task.name, ...flags];
}

/**
 * Runs a program of Node to its end.
 *
 * @param shown - whether it writes to our own streams, instead of into the result
 * @throws LapicqueError `aborted`
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
  shown: boolean,
): Promise<EndedProcess> {
  if (signal.aborted) throw abortError(signal);
  const child = spawn(process.execPath, [program, ...args], {
    stdio: shown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  const interrupt = () => child.kill('SIGINT');
  signal.addEventListener('abort', interrupt, { once: true });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (signal.aborted) throw abortError(signal);
    return { code, stdout, stderr };
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
