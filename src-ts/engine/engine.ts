/** What the engine runs and what waits for it, read or published. */
import diagnostics from 'node:diagnostics_channel';
import { options as checkOptions, integer } from '../checks/check.ts';
import { addon, unwrap } from './native.ts';

/** A call that has begun and not ended. */
export interface EngineTask {
  /** Counts all calls of the process. */
  id: number;
  /** What it does, by the engine's name: `run`, `trainStep`, `evaluateStep` (also of `predict`), `simulation.run`, `compile`, `encode` … */
  name: string;
  /** Threads that it asked for. */
  threads: number;
  /** It makes way for other long tasks just now. */
  paused: boolean;
  /** How long it waited before it began, in ms. */
  waitedMs: number;
  /** Since it began, in ms, pauses included. */
  sinceStartMs: number;
}

/** As {@link setEngineLimits} sets them. */
export interface EngineLimits {
  /**
   * Long tasks that run at once, 1 to 64; the others are paused meanwhile, and all get slices of 100 ms. A task is long once it has
   * run for 20 ms. `'auto'` (default): as many as have no more threads together than the machine, at least two.
   */
  running: number | 'auto';
  /** Calls that may wait before further ones are refused with `busy`; default `Infinity`. */
  queued: number;
}

/** The engine at a moment; it is one for all worker threads of the process. */
export interface EngineStatus {
  /** Calls that have begun, in that order. */
  tasks: EngineTask[];
  /** Calls that have not begun: short ones behind others on their model, and long ones. */
  queued: number;
  /** Threads that the engine has started, idle ones included, and the most it starts for all tasks together. */
  threads: number;
  mostThreads: number;
  limits: EngineLimits;
}

/** What runs and what waits now. */
export function engineStatus(): EngineStatus {
  const { limits, ...status } = unwrap(addon.engineStatus());
  return { ...status, limits: { running: limits.running ?? 'auto', queued: limits.queued ?? Infinity } };
}

/**
 * Sets limits for the whole process; what is absent stays as it is. No limit changes a result.
 *
 * @param limits - `running`: long tasks at once; `queued`: calls that may wait
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function setEngineLimits(limits: Partial<EngineLimits>): void {
  const given = checkOptions('limits', limits, ['running', 'queued']);
  const { limits: current } = engineStatus();
  const { running = current.running, queued = current.queued } = given;
  const most = running === 'auto' ? undefined : integer('limits.running', running, { min: 1, max: 64 });
  const waiting = queued === Infinity ? undefined : integer('limits.queued', queued, { min: 1 });
  unwrap(addon.setEngineLimits(most, waiting));
}

/** What is published on the channels `lapicque:task:queued`, `lapicque:task:started` and `lapicque:task:ended`. */
export interface EngineTaskEvent {
  stage: 'queued' | 'started' | 'ended';
  id: number;
  name: string;
  threads: number;
  /** Calls of the process that had not begun then, and those that had. */
  queued: number;
  running: number;
  /** Before it began, in ms; once it has started. */
  waitedMs?: number;
  /** That it ran, without pauses, and was paused, in ms; once it has ended. */
  runMs?: number;
  pausedMs?: number;
  /** `done` or the code of the error; once it has ended. */
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
