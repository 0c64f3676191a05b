/** Sends the trials of a study to workers and collects their outcomes. */
import { setMaxListeners } from 'node:events';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { describe } from '../../checks/check.ts';
import { abortError, isError, LapicqueError } from '../../checks/errors.ts';
import { untilAborted } from '../../engine/abort.ts';
import { checkArtifactName } from '../artifacts.ts';
import type { ArtifactStore, TrialExecutor, TrialHooks, TrialOutcome, TrialRequest } from '../executor.ts';
import { isCheckpoint, removeCheckpoints } from '../trial.ts';
import { type RedisAddress, type RedisOptions, redisAddress, redisError } from './address.ts';
import { RedisArtifacts } from './artifacts.ts';
import { connect, type Note, redisPackages, secondConnection } from './connection.ts';
import { digestOf, doneState, nameKey, queueName, type StudyKeys, studyKeys, trialId } from './keys.ts';
import { Leadership } from './leadership.ts';
import { pause, within } from './pause.ts';
import { receivedOutcome, receivedReport, type SentOutcome } from './received.ts';
import { StudyScripts } from './scripts.ts';
import { type RedisStatus, workersOf } from './workers.ts';

export interface RedisExecutorOptions {
  readonly redis: RedisOptions;
  /** The fingerprint of the study. */
  readonly name: string;
  readonly fingerprint: string;
  /** Number of objectives, to check results. */
  readonly objectives?: number;
  /** The store to which artifacts are moved before the outcome is returned. */
  readonly artifacts?: ArtifactStore;
  /** Receives messages for the user: Redis is unreachable or back; there is no worker. */
  readonly note?: Note;
  /**
   * Called for a trial whose second outcome differs from the first; the first one counts. Returns false if the study
   * has no outcome of the trial yet: then it is called again later.
   */
  readonly onConflict?: (number: number, other: TrialOutcome) => boolean;
  /** Called every two seconds. */
  readonly onStatus?: ((status: RedisStatus) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Maximum number of trials that wait for workers or run. */
  readonly slots: number;
  /** Whether that number is limited to the capacity of the workers. Default `false`. */
  readonly followsWorkers?: boolean;
}

/** Interval of checks whether Redis has lost data, in ms. */
const checkInterval = 2000;

/** Time in ms that Redis has to answer when the coordinator ends. */
const closeTimeout = 1000;

/** Number of refused results of a trial after which it has failed. */
const maxRejected = 3;

/** Seconds for which Redis keeps the hashes of a finished study, to compare late outcomes. */
const retentionSeconds = 86_400;

interface OpenTrial {
  readonly request: TrialRequest;
  readonly hooks: TrialHooks;
  readonly resolve: (outcome: TrialOutcome) => void;
  readonly reject: (error: unknown) => void;
  /** Steps of the reports that the study has. */
  seen: number;
  /** Number of its results that were refused. */
  rejected: number;
  /** Serializes the checks of one trial. */
  busy: Promise<void>;
}

/** The coordinator of a study over Redis. */
export class RedisExecutor implements TrialExecutor {
  readonly #options: RedisExecutorOptions;
  readonly #address: RedisAddress;
  readonly #client: Redis;
  readonly #blocking: Redis;
  readonly #queue: Queue;
  readonly #keys: StudyKeys;
  readonly #leadership: Leadership;
  readonly #artifacts: RedisArtifacts;
  readonly #open = new Map<string, OpenTrial>();
  /** Differing second outcomes that are reported to the study after the first. */
  readonly #early = new Map<number, TrialOutcome[]>();
  /** Hashes of the outcomes that were passed to the study, by id. */
  readonly #delivered = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  /** Total capacity of the workers in trials. */
  #capacity = 1;
  #status: RedisStatus = { isUp: true, waiting: 0, workers: [] };
  #sending: OpenTrial[] = [];
  /** Whether the missing worker was reported. */
  #hasReportedNone = false;
  #interrupted = false;
  #closed = false;
  #failure: unknown;
  readonly #listening: Promise<void>;

  /**
   * Connects and becomes the study's only coordinator.
   *
   * @throws LapicqueError `unsupported` if a package is missing, `invalid-parameter` for an address that is refused,
   * `io` if Redis is not reached or another process coordinates the study
   */
  static async open(options: RedisExecutorOptions): Promise<RedisExecutor> {
    const address = redisAddress(options.redis);
    const { bullmq, clients } = await redisPackages();
    const note = options.note ?? (() => {});
    const client = await connect(clients, address, note, options.signal);
    const keys = studyKeys(options.fingerprint);
    const scripts = new StudyScripts(client, keys);
    const leadership = new Leadership(scripts, address, options.name);
    try {
      const lead = async () => {
        await leadership.take(options.signal);
        await client.hset(nameKey(options.name), options.fingerprint, keys.coordinator);
        await client.set(keys.state, 'running');
        await client.persist(keys.digests);
      };
      await untilAborted(options.signal, lead());
    } catch (error) {
      client.disconnect();
      if (options.signal?.aborted) throw abortError(options.signal);
      throw error instanceof LapicqueError ? error : redisError(address, error);
    }
    const queue = new bullmq.Queue(queueName, {
      connection: client,
      prefix: keys.prefix,
      streams: { events: { maxLen: 100 } },
      defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    });
    // The connection reports its errors itself.
    queue.on('error', () => {});
    return new RedisExecutor(options, address, client, queue, keys, scripts, leadership);
  }

  private constructor(
    options: RedisExecutorOptions,
    address: RedisAddress,
    client: Redis,
    queue: Queue,
    keys: StudyKeys,
    scripts: StudyScripts,
    leadership: Leadership,
  ) {
    this.#options = options;
    this.#address = address;
    this.#client = client;
    this.#queue = queue;
    this.#keys = keys;
    this.#leadership = leadership;
    this.#artifacts = new RedisArtifacts(client, scripts, keys, options.fingerprint);
    this.#blocking = secondConnection(client);
    this.#blocking.on('error', () => {});
    this.#listening = this.#listen();
    this.#timer = setInterval(() => void this.#synchronize(), checkInterval);
    client.on('ready', () => void this.#synchronize());
    leadership.keep((error) => this.#fail(error));
  }

  get slots(): number {
    const { slots, followsWorkers } = this.#options;
    return followsWorkers === true ? Math.min(slots, this.#capacity) : slots;
  }

  async execute(request: TrialRequest, hooks: TrialHooks): Promise<TrialOutcome> {
    if (this.#failure !== undefined) throw this.#failure;
    const { signal } = hooks;
    // All running trials listen to this signal.
    setMaxListeners(0, signal);
    const id = trialId(this.#options.fingerprint, request.number);
    const abort = () => {
      this.#interrupted = true;
      this.#open.get(id)?.reject(signal.reason);
    };
    try {
      return await new Promise<TrialOutcome>((resolve, reject) => {
        const trial = { request, hooks, resolve, reject, seen: 0, rejected: 0, busy: Promise.resolve() };
        this.#open.set(id, trial);
        if (signal.aborted) return abort();
        signal.addEventListener('abort', abort, { once: true });
        this.#send(trial);
      });
    } finally {
      signal.removeEventListener('abort', abort);
      this.#open.delete(id);
    }
  }

  async acknowledge(number: number): Promise<void> {
    const id = trialId(this.#options.fingerprint, number);
    const { results, starts, reports, steps, artifacts } = this.#keys;
    await this.#client
      .pipeline()
      .hdel(results, id)
      .hdel(starts, id)
      .unlink(reports(id), steps(id), artifacts(id))
      .exec();
    const conflicts = this.#early.get(number) ?? [];
    this.#early.delete(number);
    for (const other of conflicts) this.#conflict(number, other);
  }

  /**
   * Lets the workers stop if the study has all its outcomes. Otherwise they continue with the queued trials, and the
   * next coordinator finds the results.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#leadership.stop();
    this.#blocking.disconnect();
    // A Redis that is unreachable or does not answer must not keep the process from ending.
    if (this.#client.status === 'ready') await within(closeTimeout, this.#resign());
    this.#client.disconnect();
  }

  async #resign(): Promise<void> {
    await this.#listening;
    try {
      if (!this.#interrupted && this.#open.size === 0 && this.#failure === undefined) await this.#finish();
      await this.#client.hdel(nameKey(this.#options.name), this.#options.fingerprint);
      await this.#leadership.resign();
    } catch {
      // A state that could not be sent becomes visible when the coordinator's key expires.
    }
    await this.#queue.close().catch(() => {});
  }

  async #finish(): Promise<void> {
    const { state, results, digests, conflicts, rejected, starts, workers, arrived } = this.#keys;
    await this.#client.set(state, doneState(), 'EX', retentionSeconds);
    await this.#queue.obliterate({ force: true });
    for (const key of [results, digests, conflicts, rejected, starts, workers, arrived])
      await this.#client.expire(key, retentionSeconds);
  }

  /** Trials that are requested at the same time are sent together. */
  #send(trial: OpenTrial): void {
    this.#sending.push(trial);
    if (this.#sending.length > 1) return;
    setImmediate(() => {
      const trials = this.#sending;
      this.#sending = [];
      this.#offer(trials).catch((error) => this.#lost(error));
    });
  }

  /** Adds trials to the queue that are not in it and have no outcome yet. */
  async #offer(trials: readonly OpenTrial[]): Promise<void> {
    const ids = trials.map(({ request }) => trialId(this.#options.fingerprint, request.number));
    const { prefix, results, digests } = this.#keys;
    const pipeline = this.#client
      .multi()
      .hmget(results, ...ids)
      .hmget(digests, ...ids);
    for (const id of ids) pipeline.exists(`${prefix}:${queueName}:${id}`);
    const [storedResults, storedDigests, ...queued] = ((await pipeline.exec()) ?? []).map(
      ([, reply]) => reply,
    ) as [(string | null)[], (string | null)[], ...number[]];
    const missing: OpenTrial[] = [];
    for (const [i, trial] of trials.entries()) {
      const id = ids[i]!;
      if (storedResults[i] != null) void this.#advance(id);
      else {
        // The outcome was acknowledged once, but this journal does not contain it: it is another journal.
        if (storedDigests[i] != null) await this.#client.hdel(digests, id);
        if (queued[i] !== 1) missing.push(trial);
        else void this.#advance(id);
      }
    }
    if (missing.length === 0) return;
    // One by one: after a restart of Redis, scripts within a transaction fail until they are loaded again.
    await Promise.all(missing.map(({ request }) => this.#queueUp(request)));
  }

  async #queueUp(request: TrialRequest): Promise<void> {
    const { number } = request;
    if (request.attempt > 1) await this.#sendCheckpoints(number);
    await this.#queue.add(`trial ${number}`, request, { jobId: trialId(this.#options.fingerprint, number) });
  }

  /** For a trial that was started without Redis. */
  async #sendCheckpoints(number: number): Promise<void> {
    const { artifacts } = this.#options;
    for (const name of (await artifacts?.list(number)) ?? []) {
      const bytes = await artifacts!.read(number, name);
      if (bytes !== undefined) await this.#artifacts.take(number, name, bytes);
    }
  }

  /** Receives a worker's messages of a trial: its reports in order, then its outcome. */
  #advance(id: string): Promise<void> {
    const trial = this.#open.get(id);
    if (trial === undefined) return Promise.resolve();
    trial.busy = trial.busy.then(() => this.#take(id, trial)).catch((error) => this.#lost(error));
    return trial.busy;
  }

  async #take(id: string, trial: OpenTrial): Promise<void> {
    if (this.#open.get(id) !== trial) return;
    const { results, reports } = this.#keys;
    const sent = await this.#client.hget(results, id);
    // Redis may have lost some that are in the journal.
    if ((await this.#client.llen(reports(id))) < trial.seen) trial.seen = 0;
    for (const text of await this.#client.lrange(reports(id), trial.seen, -1)) {
      trial.seen += 1;
      const { number } = trial.request;
      const report = this.#checked(`a report of trial ${number}`, () =>
        receivedReport(text, this.#options.objectives),
      );
      if (report !== undefined) trial.hooks.report(report);
    }
    if (sent === null) return;
    const received = this.#received(sent, trial.request.number);
    if (received === undefined) return await this.#setAside(id, trial, sent);
    const { outcome } = received;
    await this.#keepArtifacts(trial.request.number);
    this.#delivered.set(id, digestOf(outcome));
    trial.resolve(outcome);
  }

  /** The value of `check`; undefined, with a note, for an entry of Redis that is damaged. */
  #checked<T>(what: string, check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      this.#ignored(what, error);
      return undefined;
    }
  }

  #ignored(what: string, error: unknown): void {
    this.#options.note?.(`${what} in Redis is ignored: ${(error as Error).message}`);
  }

  #received(text: string, number?: number): SentOutcome | undefined {
    return this.#checked(number === undefined ? 'a result' : `a result of trial ${number}`, () =>
      receivedOutcome(text, this.#options.objectives, number),
    );
  }

  /** The trial runs again, unless all its results are damaged. */
  async #setAside(id: string, trial: OpenTrial, text: string): Promise<void> {
    const { results, digests, rejected } = this.#keys;
    await this.#client
      .multi()
      .hdel(results, id)
      .hdel(digests, id)
      .rpush(rejected, text)
      .ltrim(rejected, -100, -1)
      .exec();
    trial.rejected += 1;
    if (trial.rejected < maxRejected) return await this.#offer([trial]);
    const { number } = trial.request;
    const message = `trial ${number}: ${maxRejected} damaged results of it were found in Redis`;
    const now = Date.now();
    trial.resolve({ state: 'failed', error: { code: 'malformed-file', message }, started: now, ended: now });
  }

  /** Moves the trial's artifacts, except checkpoints, to the study's store. */
  async #keepArtifacts(number: number): Promise<void> {
    const { artifacts } = this.#options;
    if (artifacts === undefined) return;
    await removeCheckpoints(this.#artifacts, number);
    for (const name of await this.#artifacts.list(number)) {
      if (isCheckpoint(name)) continue;
      const what = `the file ${describe(name)} of trial ${number}`;
      if (this.#checked(what, () => checkArtifactName(name)) === undefined) continue;
      const bytes = await this.#artifacts.read(number, name).catch((error: unknown) => {
        if (!isError(error, 'too-large')) throw error;
        this.#ignored(what, error);
      });
      if (bytes !== undefined) await artifacts.write(number, name, bytes);
    }
  }

  /** Waits for messages of workers. */
  async #listen(): Promise<void> {
    const { arrived } = this.#keys;
    while (!this.#closed) {
      try {
        const first = await this.#blocking.blpop(arrived, 2);
        if (first === null) continue;
        const more = (await this.#client.lpop(arrived, 1000)) ?? [];
        await this.#conflicts();
        for (const id of new Set([first[1], ...more])) await this.#arrival(id);
      } catch (error) {
        this.#lost(error);
        // The connection reconnects by itself.
        if (!this.#closed) await pause(200, undefined);
      }
    }
  }

  async #arrival(id: string): Promise<void> {
    if (this.#open.has(id)) {
      void this.#advance(id);
      return;
    }
    // A crash of Redis lost this outcome, and a worker ran the trial again.
    const kept = this.#delivered.get(id);
    const sent = kept === undefined ? null : await this.#client.hget(this.#keys.results, id);
    if (sent === null) return;
    const received = this.#received(sent);
    if (received === undefined) {
      await this.#client.hdel(this.#keys.results, id);
      return;
    }
    const { number, outcome } = received;
    if (digestOf(outcome) !== kept) this.#conflict(number, outcome);
    await this.acknowledge(number);
  }

  #conflict(number: number, other: TrialOutcome): void {
    if (this.#options.onConflict?.(number, other) !== false) return;
    this.#early.set(number, [...(this.#early.get(number) ?? []), other]);
  }

  async #conflicts(): Promise<void> {
    for (;;) {
      const text = await this.#client.lpop(this.#keys.conflicts);
      if (text === null) return;
      const received = this.#received(text);
      if (received !== undefined) this.#conflict(received.number, received.outcome);
    }
  }

  /** After a loss of data in Redis, all open trials are sent again. */
  async #synchronize(): Promise<void> {
    if (this.#closed) return;
    if (this.#client.status !== 'ready') {
      this.#reportStatus({ ...this.#status, isUp: false });
      return;
    }
    try {
      await this.#client.set(this.#keys.state, 'running');
      await this.#client.hset(nameKey(this.#options.name), this.#options.fingerprint, this.#keys.coordinator);
      await this.#offer([...this.#open.values()]);
      await this.#conflicts();
      const workers = await workersOf(this.#client, this.#keys);
      this.#capacity = workers.reduce((sum, { jobs }) => sum + jobs, 0) || 1;
      this.#reportStatus({ isUp: true, waiting: await this.#queue.getWaitingCount(), workers });
      this.#reportNoWorker(workers.length === 0 && this.#open.size > 0);
    } catch (error) {
      this.#lost(error);
    }
  }

  #reportStatus(status: RedisStatus): void {
    this.#status = status;
    this.#options.onStatus?.(status);
  }

  /** Without a worker, a study waits without a time limit. */
  #reportNoWorker(none: boolean): void {
    if (none && !this.#hasReportedNone)
      this.#options.note?.(
        `no worker runs trials of "${this.#options.name}"; waiting for one: lapicque sweep worker STUDY --redis URL, here or on other machines`,
      );
    this.#hasReportedNone = none;
  }

  /** An error of a broken connection: the next check continues. Other errors are passed to the callers. */
  #lost(error: unknown): void {
    if (this.#closed || this.#client.status !== 'ready') return;
    if (/connection|closed|ECONN|EPIPE|timed out|LOADING|write after end/i.test(String(error))) return;
    this.#fail(error instanceof LapicqueError ? error : redisError(this.#address, error));
  }

  #fail(error: unknown): void {
    this.#failure = error;
    for (const { reject } of this.#open.values()) reject(error);
  }
}
