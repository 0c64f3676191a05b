/** The tasks that the engine runs and the tasks that wait, as a snapshot or as published events. */
import diagnostics from 'node:diagnostics_channel';
import { options as checkOptions, integer } from '../checks/check.ts';
import { addon, unwrap } from './native.ts';

/** A call that has started and not ended. */
export interface EngineTask {
  /** Number of the call within the process. */
  id: number;
  /**
   * The kind of work, by the engine's name: `run`, `trainStep`, `evaluateStep` (also of `predict`),
   * `simulation.run`, `compile`, `encode` …
   */
  name: string;
  /** Threads that the call asked for. */
  threads: number;
  /** Whether the call is paused in favor of other long tasks. */
  paused: boolean;
  /** Time in the queue before the start, in ms. */
  waitedMs: number;
  /** Time since the start, in ms, including pauses. */
  sinceStartMs: number;
}

/** The limits, as {@link setEngineLimits} sets them. */
export interface EngineLimits {
  /**
   * Long tasks that run at once, 1 to 64. The others are paused, and all take turns in slices of 100 ms. A
   * task is long once it has run for 20 ms. `'auto'` (default): as many tasks as have together no more
   * threads than the machine, but at least two.
   */
  running: number | 'auto';
  /** Calls that may wait before further calls are refused with `busy`; default `Infinity`. */
  queued: number;
}

/** A snapshot of the engine. All worker threads of the process share one engine. */
export interface EngineStatus {
  /** Calls that have started, in the order of their start. */
  tasks: EngineTask[];
  /** Calls that have not started: calls that wait for others on the same model, and long tasks. */
  queued: number;
  /** Threads that the engine has started, including idle ones, and the maximum for all tasks together. */
  threads: number;
  mostThreads: number;
  limits: EngineLimits;
}

/** A snapshot of the running and the waiting calls. */
export function engineStatus(): EngineStatus {
  const { limits, ...status } = unwrap(addon.engineStatus());
  return { ...status, limits: { running: limits.running ?? 'auto', queued: limits.queued ?? Infinity } };
}

/**
 * Sets limits for the whole process; an absent limit is left unchanged. Limits do not change results.
 *
 * @param limits - `running`: long tasks at once; `queued`: calls that may wait
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function setEngineLimits(limits: Partial<EngineLimits>): void {
  const checked = checkOptions('limits', limits, ['running', 'queued']);
  const { limits: current } = engineStatus();
  const { running = current.running, queued = current.queued } = checked;
  const max = running === 'auto' ? undefined : integer('limits.running', running, { min: 1, max: 64 });
  const waiting = queued === Infinity ? undefined : integer('limits.queued', queued, { min: 1 });
  unwrap(addon.setEngineLimits(max, waiting));
}

/** The message on the channels `lapicque:task:queued`, `lapicque:task:started` and `lapicque:task:ended`. */
export interface EngineTaskEvent {
  stage: 'queued' | 'started' | 'ended';
  id: number;
  name: string;
  threads: number;
  /** Numbers of calls of the process that waited and that ran at that moment. */
  queued: number;
  running: number;
  /** Time in the queue, in ms; present once the call has started. */
  waitedMs?: number;
  /** Time that the call ran without pauses, and time that it was paused, in ms; present once it has ended. */
  runMs?: number;
  pausedMs?: number;
  /** `done` or the code of the error; present once the call has ended. */
  outcome?: string;
}

const channels = {
  queued: diagnostics.channel('lapicque:task:queued'),
  started: diagnostics.channel('lapicque:task:started'),
  ended: diagnostics.channel('lapicque:task:ended'),
};

unwrap(
  addon.observeTasks(
    () => channels.queued.hasSubscribers || channels.started.hasSubscribers || channels.ended.hasSubscribers,
    (event) => channels[event.stage as EngineTaskEvent['stage']].publish(event),
  ),
);
