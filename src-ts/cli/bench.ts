/** `lapicque bench`: benchmark tasks, one line each. */
import { spawn } from 'node:child_process';
import type { BenchOptions, BenchTask } from '@lapicque/bench';
import { invalid, unknownName } from '../checks/check.ts';
import { abortError } from '../checks/errors.ts';
import { setThreads } from '../engine/environment.ts';
import { benchPackage, machine } from './bench-package.ts';
import { asUsageError, exit } from './failure.ts';
import { interruption } from './interrupt.ts';
import { output, progressOf } from './output.ts';
import type { CommonOptions } from './shared-options.ts';

interface Options extends CommonOptions, Omit<BenchOptions, 'size' | 'signal' | 'onProgress'> {
  size?: string;
}

export async function bench(names: string[], options: Options): Promise<void> {
  const { json, threads, size, ...lengths } = options;
  const { tasks } = await benchPackage('lapicque bench');
  const chosen = asUsageError(() => tasksNamed(names, tasks));
  const benchOptions: BenchOptions = {
    ...lengths,
    ...(size === undefined ? {} : { size: asUsageError(() => sizes(size)) }),
  };
  asUsageError(() => checkTaskOptions(chosen, benchOptions, tasks));
  const signal = interruption();
  if (chosen.length > 1) return each(chosen, options, signal);

  const [task] = chosen as [BenchTask];
  if ((threads ?? task.threads) !== undefined) setThreads((threads ?? task.threads)!);
  const progress = progressOf(task.name);
  try {
    const result = await task.run({ ...benchOptions, signal, onProgress: progress.update }, machine);
    progress.stop();
    output(json === true).result(result, () => line(task, result));
  } catch (error) {
    throw signal.aborted ? abortError(signal) : error;
  } finally {
    progress.stop();
  }
}

function line(task: BenchTask, result: Awaited<ReturnType<BenchTask['run']>>): string {
  const where = `${result.threads} thread${result.threads === 1 ? '' : 's'}, ${result.simd}`;
  return `${task.name.padEnd(12)}  ${where.padEnd(19)}  ${task.describe(result).join(' · ')}`;
}

function tasksNamed(names: string[], tasks: readonly BenchTask[]): BenchTask[] {
  if (names.length === 0) return [...tasks];
  const known = tasks.map(({ name }) => name);
  return names.map((name) => {
    const task = tasks.find((candidate) => candidate.name === name);
    if (task === undefined) throw unknownName('task', name, known, known.length);
    return task;
  });
}

function sizes(text: string): number[] {
  const size = text.split('-').map((part) => (/^\d+$/.test(part) ? Number(part) : 0));
  if (size.length < 2 || size.some((neurons) => neurons < 1 || neurons > 2 ** 24)) {
    invalid('--size', text, 'numbers of neurons such as 784-1000-10');
  }
  return size;
}

/** Refuses an option that no selected task reads, because it would be ignored silently. */
function checkTaskOptions(
  chosen: readonly BenchTask[],
  options: BenchOptions,
  tasks: readonly BenchTask[],
): void {
  for (const key of Object.keys(options) as (keyof BenchOptions)[]) {
    if (key === 'seed' || chosen.some((task) => task.options.includes(key))) continue;
    const readers = tasks.filter((task) => task.options.includes(key)).map(({ name }) => name);
    invalid(`--${key}`, chosen.map(({ name }) => name).join(' '), `one of the tasks ${readers.join(', ')}`);
  }
}

/** Runs each task in a process of its own, so that memory of an earlier task is not measured. */
async function each(chosen: readonly BenchTask[], options: Options, signal: AbortSignal): Promise<void> {
  const { json, seed, threads, ...lengths } = options;
  for (const task of chosen) {
    const known = Object.entries(lengths).filter(([key]) => task.options.includes(key as keyof BenchOptions));
    const flags = [...known, ['seed', seed], ['threads', threads]].flatMap(([key, value]) =>
      value === undefined ? [] : value === true ? [`--${key}`] : [`--${key}`, String(value)],
    );
    const args = [process.argv[1]!, 'bench', task.name, ...flags, ...(json === true ? ['--json'] : [])];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    const interrupt = () => child.kill('SIGINT');
    signal.addEventListener('abort', interrupt, { once: true });
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve(status ?? exit.failed));
    });
    signal.removeEventListener('abort', interrupt);
    if (signal.aborted) throw abortError(signal);
    if (code !== exit.done) {
      // The process has printed its error.
      process.exitCode = code;
      return;
    }
  }
}
