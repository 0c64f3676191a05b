/** `lapicque bench --against FOLDER`: the tasks of this build and of another, in turns. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BenchResult, BenchTask } from '@lapicque/bench';
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { type EndedProcess, runProgram, type TaskOptions, taskArguments } from './bench-process.ts';
import { asUsageError } from './failure.ts';
import { output, progressOf } from './output.ts';

/** The tasks, the other build, and how often both run. */
export interface Comparison {
  tasks: readonly BenchTask[];
  /** The other build: a clone or an installed package. */
  against: string;
  /** Pairs of runs for each task. */
  rounds: number;
  options: TaskOptions;
  json: boolean;
  signal: AbortSignal;
}

/** The least, median and largest of the rounds. */
interface Spread {
  min: number;
  med: number;
  max: number;
}

/**
 * Runs each task `rounds` times with each build, each run in a process of its own. The build that runs first changes from round to round, and
 * a ratio is taken within a round, so that a machine that gets slower or faster changes both.
 */
export async function benchAgainst(comparison: Comparison): Promise<void> {
  const { tasks, against, rounds, options, json, signal } = comparison;
  const programs = { own: process.argv[1]!, other: asUsageError(() => programIn(against)) };
  for (const task of tasks) {
    const args = [...taskArguments(task, options), '--json'];
    const progress = progressOf(task.name);
    const results = { own: [] as BenchResult[], other: [] as BenchResult[] };
    try {
      for (let round = 0; round < rounds; round++) {
        const order = round % 2 === 0 ? (['own', 'other'] as const) : (['other', 'own'] as const);
        for (const [turn, build] of order.entries()) {
          const ended = await runProgram(programs[build], args, signal, false);
          results[build].push(resultOf(ended, programs[build]));
          progress.update(2 * round + turn + 1, 2 * rounds);
        }
      }
    } finally {
      progress.stop();
    }
    const line = compared(task, results.own, results.other, against);
    output(json).result(line, () => textOf(task, line));
  }
}

/** The command line of the build in a folder. */
function programIn(folder: string): string {
  const path = join(resolve(folder), 'package.json');
  let description: { name?: unknown; bin?: { lapicque?: unknown } };
  try {
    description = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) invalid('--against', folder, `valid JSON in ${path}`);
    throw new LapicqueError('io', { path, reason: 'no such file' }, { cause: error });
  }
  const program = description?.bin?.lapicque;
  if (description?.name !== 'lapicque' || typeof program !== 'string') {
    invalid('--against', folder, 'the folder of a clone of lapicque or of the installed package');
  }
  return join(resolve(folder), program);
}

function resultOf({ code, stdout, stderr }: EndedProcess, program: string): BenchResult {
  const reason = code === 0 ? 'it printed no result' : stderr.trim() || `it ended with ${code}`;
  try {
    if (code === 0) return JSON.parse(stdout) as BenchResult;
  } catch {
    // Said below.
  }
  throw new LapicqueError('io', { path: program, reason });
}

interface ComparedTask extends Record<string, unknown> {
  against: string;
  rounds: number;
  unit: string;
  /** Best time of each build. */
  own: number;
  other: number;
  /** How many times faster this build is. */
  ratio: Spread;
  /** Whether both computed the same; `undefined` if the task has no hash. */
  same_results: boolean | undefined;
}

function compared(
  task: BenchTask,
  own: readonly BenchResult[],
  other: readonly BenchResult[],
  against: string,
): ComparedTask {
  const { unit, of } = task.time;
  const [ownTimes, otherTimes] = [own.map(of), other.map(of)];
  const hashes = new Set([...own, ...other].map((result) => result.weights_sha256 ?? result.output_sha256));
  return {
    task: task.name,
    against,
    rounds: own.length,
    threads: own[0]!.threads,
    simd: own[0]!.simd,
    unit,
    own: Math.min(...ownTimes),
    other: Math.min(...otherTimes),
    ratio: spreadOf(ownTimes.map((time, round) => otherTimes[round]! / time)),
    same_results: hashes.has(undefined) ? undefined : hashes.size === 1,
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const med = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  const rounded = (value: number) => Number(value.toFixed(4));
  return { min: rounded(sorted[0]!), med: rounded(med), max: rounded(sorted.at(-1)!) };
}

function textOf(task: BenchTask, { ratio, own, other, unit, rounds, same_results }: ComparedTask): string {
  const results = same_results === undefined ? [] : [same_results ? 'same results' : 'RESULTS DIFFER'];
  return [
    `${task.name.padEnd(12)}  ${ratio.med.toFixed(2)} times the speed (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)} in ${rounds} round${rounds === 1 ? '' : 's'})`,
    `best ${own.toPrecision(4)} beside ${other.toPrecision(4)} ${unit}`,
    ...results,
  ].join(' · ');
}
