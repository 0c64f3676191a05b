/**
 * Runs trials in child processes. They use all cores, and a trial that never ends or takes too much memory can be
 * killed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { describe } from '../checks/check.ts';
import { abortError, fromNative, LapicqueError } from '../checks/errors.ts';
import { withAttempts } from './attempts.ts';
import type { TrialLimits } from './definition.ts';
import type { ArtifactStore, TrialExecutor, TrialHooks, TrialOutcome, TrialRequest } from './executor.ts';
import { errorOf, type Stopwatch, startStopwatch, type TrialSetting, timesOf } from './run-trial.ts';
import { type FromTrials, type ObjectiveModule, plainError, type ToTrials } from './trial-messages.ts';

/** Options of {@link TrialPool}. */
export interface PoolOptions {
  readonly objective: ObjectiveModule;
  /** Number of processes. */
  readonly jobs: number;
  readonly artifacts: ArtifactStore;
  readonly setting: TrialSetting;
  readonly limits: TrialLimits;
  /** Threads of the engine in each process; default: the cores are divided among the processes. */
  readonly threads?: number;
  /** Receives each line that an objective prints. Default: it goes to stderr. */
  readonly onOutput?: ((line: string) => void) | undefined;
}

/** Time that a process gets to end by itself, in ms: longer than its objective gets. */
const grace = 1200;

/** Interval of checks of a process's memory, in ms. */
const memoryPause = 100;

export class TrialPool implements TrialExecutor {
  readonly slots: number;
  readonly #options: PoolOptions;
  readonly #idle: TrialProcess[] = [];
  readonly #all = new Set<TrialProcess>();

  constructor(options: PoolOptions) {
    this.slots = options.jobs;
    this.#options = options;
  }

  execute(request: TrialRequest, hooks: TrialHooks): Promise<TrialOutcome> {
    return withAttempts(this.#options.setting.attempts, request, hooks, (again, ofAttempt) =>
      this.#executeOnce(again, ofAttempt),
    );
  }

  async #executeOnce(request: TrialRequest, hooks: TrialHooks): Promise<TrialOutcome> {
    const process = this.#idle.pop() ?? this.#start();
    try {
      return await process.run(request, hooks);
    } finally {
      if (process.isAlive) this.#idle.push(process);
      else this.#all.delete(process);
    }
  }

  #start(): TrialProcess {
    const process = new TrialProcess(this.#options);
    this.#all.add(process);
    return process;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((process) => process.end()));
    this.#all.clear();
    this.#idle.length = 0;
  }
}

/** Callbacks of the running trial. */
interface Running {
  readonly request: TrialRequest;
  readonly hooks: TrialHooks;
  readonly stopwatch: Stopwatch;
  resolve(outcome: TrialOutcome): void;
  reject(error: unknown): void;
}

class TrialProcess {
  readonly #child: ChildProcess;
  readonly #options: PoolOptions;
  readonly #ended: Promise<void>;
  #running: Running | undefined;
  readonly #ready: Promise<void>;
  #nowReady!: () => void;
  #isReady = false;
  /** Why the process was killed, if it was. */
  #reason: LapicqueError | undefined;
  isAlive = true;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#ready = new Promise((resolve) => {
      this.#nowReady = resolve;
    });
    const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / options.jobs));
    const fromEnvironment = options.threads === undefined ? process.env.LAPICQUE_THREADS : undefined;
    this.#child = fork(createRequire(import.meta.url).resolve('#trial-worker'), {
      serialization: 'advanced',
      // Results go to stdout, and an objective may print.
      stdio: options.onOutput === undefined ? ['ignore', 2, 2, 'ipc'] : ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, LAPICQUE_THREADS: fromEnvironment ?? String(threads) },
    });
    if (options.onOutput !== undefined)
      for (const input of [this.#child.stdout!, this.#child.stderr!])
        createInterface({ input }).on('line', options.onOutput);
    this.#child.on('message', (message) => this.#hear(message as FromTrials));
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#exited(error.message, resolve));
      this.#child.on('exit', (code, signal) => {
        this.isAlive = false;
        const status = signal === null ? `exit code ${code}` : `signal ${signal}`;
        // Messages of the process may arrive after its exit. They come before the channel closes.
        if (this.#child.connected) this.#child.once('disconnect', () => this.#exited(status, resolve));
        else this.#exited(status, resolve);
      });
    });
    const { objective, setting, artifacts } = options;
    // The parent process enforces time limits.
    const own = { ...setting, seconds: Number.POSITIVE_INFINITY };
    this.#send({ kind: 'setup', objective, setting: own, folder: artifacts.folder });
  }

  #send(message: ToTrials): void {
    // A process that has ended is reported by its exit event.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  run(request: TrialRequest, hooks: TrialHooks): Promise<TrialOutcome> {
    if (hooks.signal.aborted) return Promise.reject(abortError(hooks.signal));
    const timers: NodeJS.Timeout[] = [];
    const { seconds } = this.#options.setting;
    if (seconds < 2_000_000) {
      const error = new LapicqueError('time-limit', { what: `trial ${request.number}`, seconds });
      // The time of a trial starts when its process has loaded the objective's module.
      this.#ready.then(() => {
        if (this.#running?.request === request)
          timers.push(setTimeout(() => this.#kill(error as LapicqueError), 1000 * seconds));
      });
    }
    if (this.#options.limits.bytes !== undefined && process.platform === 'linux')
      timers.push(setInterval(() => void this.#lookAtMemory(), memoryPause));
    const abort = () => {
      this.#send({ kind: 'abort' });
      timers.push(setTimeout(() => this.#kill(), grace));
    };
    hooks.signal.addEventListener('abort', abort, { once: true });
    return new Promise<TrialOutcome>((resolve, reject) => {
      this.#running = { request, hooks, stopwatch: startStopwatch(), resolve, reject };
      this.#send({ kind: 'trial', request });
    }).finally(() => {
      hooks.signal.removeEventListener('abort', abort);
      for (const timer of timers) clearTimeout(timer);
    });
  }

  #hear(message: FromTrials): void {
    const running = this.#running;
    if (message.kind === 'ready') {
      this.#isReady = true;
      this.#nowReady();
    } else if (message.kind === 'broken') this.#broken(message.error);
    else if (running === undefined) return;
    else if (message.kind === 'report') running.hooks.report(message.report);
    else if (message.kind === 'call') void this.#answer(running, message);
    else if (message.kind === 'memory') this.#checkMemory(message.bytes);
    else {
      this.#running = undefined;
      if (message.kind === 'outcome') running.resolve(message.outcome);
      else if (message.kind === 'stopped') running.reject(fromNative(message.error));
      else running.reject(abortError(running.hooks.signal));
    }
  }

  async #answer(
    { request, hooks }: Running,
    { id, method, args }: FromTrials & { kind: 'call' },
  ): Promise<void> {
    try {
      const { artifacts } = this.#options;
      const [trial, name, bytes] = args as [number, string, Uint8Array];
      const isOwn = method === 'flushed' || trial === request.number;
      if (!isOwn) throw new Error(`trial ${request.number} accessed data of trial ${describe(trial)}`);
      const value =
        method === 'flushed'
          ? await hooks.flushed()
          : method === 'write'
            ? await artifacts.write(trial, name, bytes)
            : await artifacts[method](trial, name);
      this.#send({ kind: 'answer', id, value });
    } catch (error) {
      this.#send({ kind: 'answer', id, error: plainError(error) });
    }
  }

  async #lookAtMemory(): Promise<void> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8').catch(() => '');
    this.#checkMemory(1024 * Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0));
  }

  #checkMemory(needed: number): void {
    const allowed = this.#options.limits.bytes ?? Number.POSITIVE_INFINITY;
    if (needed <= allowed || this.#running === undefined) return;
    const what = `trial ${this.#running.request.number}`;
    const message = `${what} takes ${needed} bytes of memory, and its limit is ${allowed}`;
    this.#kill(new LapicqueError('too-large', { what, needed, allowed }, { message }) as LapicqueError);
  }

  #kill(reason?: LapicqueError): void {
    this.#reason ??= reason;
    this.isAlive = false;
    this.#child.kill('SIGKILL');
  }

  /** The module cannot be loaded, so no trial can run. */
  #broken(error: Record<string, unknown>): void {
    const { path, line, ...fields } = error;
    const restored = fromNative(fields);
    const message = `${String(fields.name ?? 'Error')}: ${String(fields.message)}`;
    const { module } = this.#options.objective;
    const failure =
      restored.code === 'internal' && fields.code === undefined
        ? new LapicqueError(
            'malformed-file',
            { format: 'objective', offset: 0, reason: message },
            { message: `${module}: ${message}` },
          )
        : restored;
    this.#running?.reject(failure);
    this.#running = undefined;
    this.#kill();
  }

  #exited(status: string, resolve: () => void): void {
    this.isAlive = false;
    const running = this.#running;
    this.#running = undefined;
    resolve();
    if (running === undefined) return;
    const { request, hooks, stopwatch } = running;
    if (hooks.signal.aborted) {
      running.reject(abortError(hooks.signal));
      return;
    }
    const what = `trial ${request.number}`;
    const reason = this.#reason ?? new LapicqueError('process-exit', { what, status });
    if (!this.#isReady && this.#reason === undefined) {
      running.reject(reason);
      return;
    }
    const error = errorOf(reason, request.number);
    const worker = this.#options.setting.worker;
    const by = worker === undefined ? {} : { worker };
    running.resolve({ state: 'failed', error, ...timesOf(stopwatch), checkpointed: true, ...by });
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#kill(), grace);
    await this.#ended;
    clearTimeout(timer);
  }
}
