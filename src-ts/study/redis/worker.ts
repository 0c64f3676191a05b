/** Runs queued trials from Redis. They run off the event loop, which renews their locks. */
import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { LapicqueError, throwIfAborted } from '../../checks/errors.ts';
import { untilAborted } from '../../engine/abort.ts';
import type { ArtifactStore, TrialExecutor, TrialOutcome, TrialRequest } from '../executor.ts';
import { encodeRecord } from '../record-text.ts';
import { type RedisOptions, redisAddress, redisError } from './address.ts';
import { RedisArtifacts } from './artifacts.ts';
import { connect, type Note, redisPackages } from './connection.ts';
import { digestOf, isDone, nameKey, processName, queueName, type StudyKeys, studyKeys } from './keys.ts';
import { pause, within } from './pause.ts';
import { receivedReport, receivedRequest } from './received.ts';
import { mergedReports, SentReports } from './reports.ts';
import { StudyScripts } from './scripts.ts';
import { redisTime, removeHeartbeat, sendHeartbeat } from './workers.ts';

export interface RedisWorkerOptions {
  readonly redis: RedisOptions;
  /** The fingerprint of the study. */
  readonly name: string;
  readonly fingerprint: string;
  /** Number of trials at a time. */
  readonly jobs: number;
  /** The executor, which uses threads or processes of its own. It is closed at the end. */
  readonly executor: (artifacts: ArtifactStore) => TrialExecutor | Promise<TrialExecutor>;
  readonly note?: Note;
  /**
   * Fires when the worker must stop. Its running trials return to the queue at once; another worker continues them from
   * their checkpoints.
   */
  readonly signal?: AbortSignal | undefined;
  /** Called after each heartbeat, about once a second, and while Redis does not answer. */
  readonly onStatus?: (status: { readonly isUp: boolean; readonly running: number }) => void;
  /** Called after each trial that ended here. */
  readonly onTrial?: (number: number, state: TrialOutcome['state']) => void;
  /** Seconds without work after which the worker stops; default never. */
  readonly idle?: number;
  /**
   * Milliseconds without a heartbeat after which a trial's lock expires. Default 30,000. Trials of a killed worker wait
   * for this time plus the interval of a check, which runs twice in it.
   */
  readonly lock?: number;
  /** Maximum bytes of a checkpoint in Redis. Default 64 MiB. */
  readonly artifactLimit?: number;
}

/** Why {@link serveTrials} ended. */
export type WorkerEnd = 'done' | 'idle' | 'stopped';

/** Milliseconds between checks whether the study is done. */
const checkInterval = 1000;

/** Time in ms for running trials to end and to return to the queue: a little more than their processes get. */
const returnTimeout = 1500;

/** Time in ms that Redis has to answer when the worker ends. */
const answerTimeout = 300;

/** Milliseconds for which a worker of a finished study waits for a coordinator with more trials. */
const doneTimeout = 30_000;

/** Runs trials until the study is done, the signal fires or there was no work for the idle time. */
export async function serveTrials(options: RedisWorkerOptions): Promise<WorkerEnd> {
  const address = redisAddress(options.redis);
  const { bullmq, clients } = await redisPackages();
  const note = options.note ?? (() => {});
  let client: Redis | undefined;
  try {
    throwIfAborted(options.signal);
    client = await connect(clients, address, note, options.signal);
    await untilAborted(options.signal, refuseAnotherStudy(client, options));
    return await new Server(options, client, bullmq, note).run();
  } catch (error) {
    if (options.signal?.aborted) return 'stopped';
    throw error instanceof LapicqueError ? error : redisError(address, error);
  } finally {
    client?.disconnect();
  }
}

/** A worker whose study differs from the coordinator's would wait without end, so it is refused. */
async function refuseAnotherStudy(client: Redis, { name, fingerprint }: RedisWorkerOptions): Promise<void> {
  const stored = await client.hgetall(nameKey(name));
  const alive: string[] = [];
  for (const [print, key] of Object.entries(stored)) if (await client.exists(key)) alive.push(print);
  if (alive.length === 0 || alive.includes(fingerprint)) return;
  throw new LapicqueError('invalid-parameter', {
    name: 'study',
    value: `${name} with the fingerprint ${fingerprint.slice(0, 12)}`,
    expected: `the coordinator's study ${name}, ${alive.map((print) => print.slice(0, 12)).join(', ')}: seed, space, search and version of lapicque must be the same`,
  });
}

class Server {
  readonly #options: RedisWorkerOptions;
  readonly #client: Redis;
  readonly #bullmq: typeof import('bullmq');
  readonly #note: Note;
  readonly #keys: StudyKeys;
  readonly #scripts: StudyScripts;
  readonly #artifacts: RedisArtifacts;
  readonly #stopping = new AbortController();
  /** Running trials, by id. */
  readonly #running = new Map<string, AbortController>();
  #lastWork = Date.now();
  #failure: unknown;

  constructor(options: RedisWorkerOptions, client: Redis, bullmq: typeof import('bullmq'), note: Note) {
    this.#options = options;
    this.#client = client;
    this.#bullmq = bullmq;
    this.#note = note;
    this.#keys = studyKeys(options.fingerprint);
    this.#scripts = new StudyScripts(client, this.#keys);
    this.#artifacts = new RedisArtifacts(
      client,
      this.#scripts,
      this.#keys,
      options.fingerprint,
      note,
      options.artifactLimit,
    );
  }

  async run(): Promise<WorkerEnd> {
    const { jobs, lock = 30_000, signal } = this.#options;
    const executor = await this.#options.executor(this.#artifacts);
    const worker: Worker<TrialRequest> = new this.#bullmq.Worker<TrialRequest>(
      queueName,
      (job, token) => this.#process(executor, job, token!),
      {
        connection: this.#client,
        prefix: this.#keys.prefix,
        concurrency: jobs,
        lockDuration: lock,
        stalledInterval: lock / 2,
        // A trial is never abandoned because its workers were killed: results are counted, not starts.
        maxStalledCount: 1_000_000,
        runRetryDelay: 1000,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      },
    );
    // Connections report their errors themselves. A lost lock is not an error: the first outcome counts.
    worker.on('error', () => {});
    try {
      const before = await untilAborted(signal, this.#state());
      return await this.#until(worker, before, signal);
    } finally {
      this.#stopping.abort(new Error('the worker stops'));
      for (const controller of this.#running.values()) controller.abort(this.#stopping.signal.reason);
      await this.#close(worker, executor);
    }
  }

  /** Returns the running trials to the queue. A Redis that is unreachable or does not answer is not waited for. */
  async #close(worker: Worker, executor: TrialExecutor): Promise<void> {
    const isReachable = this.#client.status === 'ready';
    const answers = isReachable && (await within(returnTimeout, worker.close()));
    await executor.close();
    if (answers) await within(answerTimeout, removeHeartbeat(this.#client, this.#keys));
    // Ends the connection on which it waits for jobs.
    if (!isReachable) void worker.close(true).catch(() => {});
  }

  /** Resolves with the reason to stop. `before`: the state of the study when the worker started. */
  async #until(worker: Worker, before: string | null, signal: AbortSignal | undefined): Promise<WorkerEnd> {
    const pausedAt = Date.now();
    for (;;) {
      if (signal?.aborted) return 'stopped';
      if (this.#failure !== undefined) throw this.#failure;
      const { idle } = this.#options;
      if (this.#running.size > 0) this.#lastWork = Date.now();
      if (idle !== undefined && Date.now() - this.#lastWork > idle * 1000) return 'idle';
      const isUp = this.#client.status === 'ready';
      if (isUp) {
        const state = await untilAborted(signal, this.#state()).catch(() => undefined);
        // If the study was done before, its coordinator may return with more trials. Each end has its own mark, because
        // a short study may start and end between two checks.
        const isNews = state !== before || Date.now() - pausedAt > doneTimeout;
        if (isDone(state) && isNews && this.#running.size === 0) return 'done';
        await untilAborted(signal, this.#alive()).catch(() => {});
      }
      this.#options.onStatus?.({ isUp, running: this.#running.size });
      await pause(checkInterval, signal);
      if (!worker.isRunning() && !worker.isPaused()) return 'stopped';
    }
  }

  async #state(): Promise<string | null> {
    return await this.#client.get(this.#keys.state);
  }

  /** Sends a heartbeat, and drops trials that another worker has finished. */
  async #alive(): Promise<void> {
    const { digests } = this.#keys;
    await sendHeartbeat(this.#client, this.#keys, this.#options.jobs, this.#running.size);
    const ids = [...this.#running.keys()];
    if (ids.length === 0) return;
    const outcomes = await this.#client.hmget(digests, ...ids);
    for (const [i, id] of ids.entries()) if (outcomes[i] != null) this.#running.get(id)?.abort(finished);
  }

  /** The value of `check`; undefined, with a note, for an entry of Redis that is damaged. */
  #checked<T>(what: string, check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      this.#note(`${what} in Redis is ignored: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** The times of an outcome by the clock of Redis, which all workers share. */
  async #times({ started, ended }: TrialOutcome): Promise<Pick<TrialOutcome, 'started' | 'ended'>> {
    const offset = Math.round(1000 * (await redisTime(this.#client, this.#keys)) - Date.now());
    return { started: started + offset, ended: ended + offset };
  }

  async #process(executor: TrialExecutor, job: Job<TrialRequest>, token: string): Promise<void> {
    const id = job.id!;
    const { digests, starts, reports } = this.#keys;
    if (await this.#client.hexists(digests, id)) return;
    const began = await this.#client.hincrby(starts, id, 1);
    const offered = this.#checked('a trial', () => receivedRequest(job.data));
    if (offered === undefined) return;
    const earlier = (await this.#client.lrange(reports(id), 0, -1)).flatMap(
      (text) => this.#checked(`a report of trial ${offered.number}`, () => receivedReport(text)) ?? [],
    );
    const request: TrialRequest = {
      ...offered,
      attempt: offered.attempt + began - 1,
      reports: mergedReports(offered.reports, earlier),
    };
    const controller = new AbortController();
    this.#running.set(id, controller);
    if (this.#stopping.signal.aborted) controller.abort(this.#stopping.signal.reason);
    const sending = new SentReports(this.#scripts, job);
    try {
      const outcome = await executor.execute(request, {
        signal: controller.signal,
        report: (report) => sending.report(report),
        flushed: () => sending.flushed(),
      });
      await sending.flushed();
      const worker = outcome.worker ?? processName();
      const sent = {
        number: request.number,
        outcome: { attempts: request.attempt, ...outcome, ...(await this.#times(outcome)), worker },
      };
      const kept = await this.#scripts.record(id, digestOf(outcome), encodeRecord(sent));
      if (kept === 'other')
        this.#note(`trial ${request.number} came out differently than on the worker that ran it before`);
      else if (kept === 'first') this.#options.onTrial?.(request.number, outcome.state);
    } catch (error) {
      if (controller.signal.reason === finished) return;
      if (!controller.signal.aborted) this.#failure ??= error;
      // Returns to the head of the queue, for another worker. If the lock was lost, another worker has it already.
      await job.moveToWait(token).catch(() => {});
      throw new this.#bullmq.WaitingError();
    } finally {
      this.#running.delete(id);
      this.#lastWork = Date.now();
    }
  }
}

/** Reason for dropping a trial. */
const finished = new Error('another worker has finished the trial');
