/** `lapicque bench`: benchmark tasks, one line each. */
import type { BenchOptions, BenchTask } from '@lapicque/bench';
import { invalid, unknownName } from '../checks/check.ts';
import { abortError } from '../checks/errors.ts';
import { setThreads } from '../engine/environment.ts';
import { benchAgainst } from './bench-against.ts';
import { benchPackage, machine } from './bench-package.ts';
import { runProgram, type TaskOptions, taskArguments } from './bench-process.ts';
import { asUsageError, exit } from './failure.ts';
import { interruption } from './interrupt.ts';
import { output, progressOf } from './output.ts';
import type { CommonOptions } from './shared-options.ts';

interface Options extends CommonOptions, TaskOptions {
  against?: string;
  rounds?: number;
}

export async function bench(names: string[], options: Options): Promise<void> {
  const { json, against, rounds, ...taskOptions } = options;
  const { threads, size, ...lengths } = taskOptions;
  const { tasks } = await benchPackage('lapicque bench');
  const chosen = asUsageError(() => tasksNamed(names, tasks));
  const benchOptions: BenchOptions = {
    ...lengths,
    ...(size === undefined ? {} : { size: asUsageError(() => sizes(size)) }),
  };
  asUsageError(() => checkTaskOptions(chosen, benchOptions, tasks));
  const signal = interruption();
  if (against !== undefined) {
    return benchAgainst({
      tasks: chosen,
      against,
      rounds: rounds ?? 5,
      options: taskOptions,
      json: json === true,
      signal,
    });
  }
  asUsageError(() => rounds === undefined || invalid('--rounds', rounds, 'an option of --against'));
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

/** Runs each task in a process of its own, which prints its line or its error. */
async function each(chosen: readonly BenchTask[], options: Options, signal: AbortSignal): Promise<void> {
  const { json, ...taskOptions } = options;
  for (const task of chosen) {
    const args = [...taskArguments(task, taskOptions), ...(json === true ? ['--json'] : [])];
    const { code } = await runProgram(process.argv[1]!, args, signal, true);
    if (code === exit.done) continue;
    process.exitCode = code ?? exit.failed;
    return;
  }
}
