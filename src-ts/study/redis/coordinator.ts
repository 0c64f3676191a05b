/** Sends the trials of a study to workers and collects what comes of them. */
import { setMaxListeners } from 'node:events';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { LapicqueError } from '../../checks/errors.ts';
import type { ArtifactStore, TrialExecutor, TrialHooks, TrialOutcome, TrialRequest } from '../executor.ts';
import { decodeRecord } from '../record-text.ts';
import { removeCheckpoints } from '../trial.ts';
import { type RedisAddress, type RedisOptions, redisAddress, redisError } from './address.ts';
import { RedisArtifacts } from './artifacts.ts';
import { connect, type Note, redisPackages } from './connection.ts';
import { digestOf, doneState, nameKey, queueName, type StudyKeys, studyKeys, trialId } from './keys.ts';
import { Leadership } from './leadership.ts';
import { pause } from './pause.ts';
import { decodeReport } from './reports.ts';
import { StudyScripts } from './scripts.ts';
import { workersOf } from './workers.ts';

/** An outcome as workers send it. */
interface SentOutcome {
  readonly number: number;
  readonly outcome: TrialOutcome;
}

export interface RedisExecutorOptions {
  readonly redis: RedisOptions;
  /** Of the study. */
  readonly name: string;
  readonly fingerprint: string;
  /** Where artifacts that trials leave behind are put before their outcomes are given back. */
  readonly artifacts?: ArtifactStore;
  /** Words for the user: Redis is away, and is back; there is no worker. */
  readonly note?: Note;
  /**
   * Hears of a trial whose second outcome is not the first one, bit for bit; the first one counts. Returns false where the study has none yet: it is
   * told again when it has.
   */
  readonly onConflict?: (number: number, other: TrialOutcome) => boolean;
  readonly signal?: AbortSignal | undefined;
  /** Trials that may wait for workers or run. */
  readonly slots: number;
  /** Not more of them than workers take. Default `false`. */
  readonly followsWorkers?: boolean;
}

/** Milliseconds between looks at whether Redis still has what it was told. */
const lookEvery = 2000;

/** Seconds for which Redis keeps the hashes of a study that is done, for outcomes that come late. */
const keptFor = 86_400;

interface OpenTrial {
  readonly request: TrialRequest;
  readonly hooks: TrialHooks;
  readonly resolve: (outcome: TrialOutcome) => void;
  readonly reject: (error: unknown) => void;
  /** Reports that the study has. */
  seen: number;
  /** One look at a trial at a time. */
  busy: Promise<void>;
}

/** The coordinator's half of a study over Redis. */
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
  /** Second outcomes that the study is to hear of after the first. */
  readonly #early = new Map<number, TrialOutcome[]>();
  /** Hashes of the outcomes that were given to the study, by id. */
  readonly #given = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  /** Trials that the workers there are take together. */
  #places = 1;
  #sending: OpenTrial[] = [];
  /** The user was told that there is no worker. */
  #toldOfNone = false;
  #interrupted = false;
  #closed = false;
  #failure: unknown;
  readonly #listening: Promise<void>;

  /**
   * Connects, and takes the place of the study's one coordinator.
   *
   * @throws LapicqueError `unsupported` where a package is missing, `invalid-parameter` for an address that is refused, `io` where Redis is not reached
   * or another process coordinates the study
   */
  static async open(options: RedisExecutorOptions): Promise<RedisExecutor> {
    const address = redisAddress(options.redis);
    const { bullmq, Redis } = await redisPackages();
    const note = options.note ?? (() => {});
    const client = await connect(Redis, address, note, options.signal);
    const keys = studyKeys(options.fingerprint);
    const scripts = new StudyScripts(client, keys);
    const leadership = new Leadership(scripts, address, options.name);
    try {
      await leadership.take(options.signal);
      await client.hset(nameKey(options.name), options.fingerprint, keys.coordinator);
      await client.set(keys.state, 'running');
      await client.persist(keys.digests);
    } catch (error) {
      client.disconnect();
      throw error instanceof LapicqueError ? error : redisError(address, error);
    }
    const queue = new bullmq.Queue(queueName, {
      connection: client,
      prefix: keys.prefix,
      streams: { events: { maxLen: 100 } },
      defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    });
    // The connection tells of what is wrong with it.
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
    this.#blocking = client.duplicate({ connectionName: 'lapicque-wait' });
    this.#blocking.on('error', () => {});
    this.#listening = this.#listen();
    this.#timer = setInterval(() => void this.#look(), lookEvery);
    client.on('ready', () => void this.#look());
    leadership.keep((error) => this.#fail(error));
  }

  get slots(): number {
    const { slots, followsWorkers } = this.#options;
    return followsWorkers === true ? Math.min(slots, this.#places) : slots;
  }

  async execute(request: TrialRequest, hooks: TrialHooks): Promise<TrialOutcome> {
    if (this.#failure !== undefined) throw this.#failure;
    const { signal } = hooks;
    // All trials under way listen to it.
    setMaxListeners(0, signal);
    const id = trialId(this.#options.fingerprint, request.number);
    const abort = () => {
      this.#interrupted = true;
      this.#open.get(id)?.reject(signal.reason);
    };
    try {
      return await new Promise<TrialOutcome>((resolve, reject) => {
        const trial = { request, hooks, resolve, reject, seen: 0, busy: Promise.resolve() };
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

  /** Lets workers go where the study has all its outcomes; otherwise they go on with what waits, and the next coordinator finds the results. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#leadership.stop();
    this.#blocking.disconnect();
    await this.#listening;
    try {
      if (!this.#interrupted && this.#open.size === 0 && this.#failure === undefined) await this.#finish();
      await this.#client.hdel(nameKey(this.#options.name), this.#options.fingerprint);
      await this.#leadership.resign();
    } catch {
      // What could not be said is noticed when the coordinator's place expires.
    }
    await this.#queue.close().catch(() => {});
    this.#client.disconnect();
  }

  async #finish(): Promise<void> {
    const { state, digests, conflicts, starts, workers, arrived } = this.#keys;
    await this.#client.set(state, doneState(), 'EX', keptFor);
    await this.#queue.obliterate({ force: true });
    for (const key of [digests, conflicts, starts, workers, arrived]) await this.#client.expire(key, keptFor);
  }

  /** Trials that are asked for at the same time travel together. */
  #send(trial: OpenTrial): void {
    this.#sending.push(trial);
    if (this.#sending.length > 1) return;
    setImmediate(() => {
      const trials = this.#sending;
      this.#sending = [];
      this.#offer(trials).catch((error) => this.#lost(error));
    });
  }

  /** Queues what is not queued and has no outcome yet. */
  async #offer(trials: readonly OpenTrial[]): Promise<void> {
    const ids = trials.map(({ request }) => trialId(this.#options.fingerprint, request.number));
    const { prefix, results, digests } = this.#keys;
    const asked = this.#client
      .multi()
      .hmget(results, ...ids)
      .hmget(digests, ...ids);
    for (const id of ids) asked.exists(`${prefix}:${queueName}:${id}`);
    const [there, known, ...queued] = ((await asked.exec()) ?? []).map(([, reply]) => reply) as [
      (string | null)[],
      (string | null)[],
      ...number[],
    ];
    const missing: OpenTrial[] = [];
    for (const [i, trial] of trials.entries()) {
      const id = ids[i]!;
      if (there[i] != null) void this.#advance(id);
      else {
        // A journal that does not know the outcome, which was acknowledged once, is another one.
        if (known[i] != null) await this.#client.hdel(digests, id);
        if (queued[i] !== 1) missing.push(trial);
        else void this.#advance(id);
      }
    }
    if (missing.length === 0) return;
    // One by one: scripts in a transaction fail for a while when Redis has been started again without them.
    await Promise.all(missing.map(({ request }) => this.#queueUp(request)));
  }

  async #queueUp(request: TrialRequest): Promise<void> {
    const { number } = request;
    if (request.attempt > 1) await this.#sendCheckpoints(number);
    await this.#queue.add(`trial ${number}`, request, { jobId: trialId(this.#options.fingerprint, number) });
  }

  /** Of a trial that was begun without Redis. */
  async #sendCheckpoints(number: number): Promise<void> {
    const { artifacts } = this.#options;
    for (const name of (await artifacts?.list(number)) ?? []) {
      const bytes = await artifacts!.read(number, name);
      if (bytes !== undefined) await this.#artifacts.take(number, name, bytes);
    }
  }

  /** Takes what workers sent of a trial: its reports in their order, then its outcome. */
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
    // Redis may have forgotten some that are in the journal.
    if ((await this.#client.llen(reports(id))) < trial.seen) trial.seen = 0;
    for (const text of await this.#client.lrange(reports(id), trial.seen, -1)) {
      trial.hooks.report(decodeReport(text));
      trial.seen += 1;
    }
    if (sent === null) return;
    const { outcome } = decodeRecord(sent) as SentOutcome;
    await this.#keepArtifacts(trial.request.number);
    this.#given.set(id, digestOf(outcome));
    trial.resolve(outcome);
  }

  /** What the trial left, but for checkpoints, goes where the study keeps it. */
  async #keepArtifacts(number: number): Promise<void> {
    const { artifacts } = this.#options;
    if (artifacts === undefined) return;
    await removeCheckpoints(this.#artifacts, number);
    for (const name of await this.#artifacts.list(number)) {
      const bytes = await this.#artifacts.read(number, name);
      if (bytes !== undefined) await artifacts.write(number, name, bytes);
    }
  }

  /** Waits for what workers send. */
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
        // The connection comes back by itself.
        if (!this.#closed) await pause(200, undefined);
      }
    }
  }

  async #arrival(id: string): Promise<void> {
    if (this.#open.has(id)) {
      void this.#advance(id);
      return;
    }
    // Redis forgot, in a crash, that this one was there, and a worker ran it again.
    const kept = this.#given.get(id);
    const sent = kept === undefined ? null : await this.#client.hget(this.#keys.results, id);
    if (sent === null) return;
    const { number, outcome } = decodeRecord(sent) as SentOutcome;
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
      const { number, outcome } = decodeRecord(text) as SentOutcome;
      this.#conflict(number, outcome);
    }
  }

  /** After Redis lost what it was told, everything open is told again. */
  async #look(): Promise<void> {
    if (this.#closed || this.#client.status !== 'ready') return;
    try {
      await this.#client.set(this.#keys.state, 'running');
      await this.#client.hset(nameKey(this.#options.name), this.#options.fingerprint, this.#keys.coordinator);
      await this.#offer([...this.#open.values()]);
      await this.#conflicts();
      const workers = await workersOf(this.#client, this.#keys);
      this.#places = workers.reduce((sum, { jobs }) => sum + jobs, 0) || 1;
      this.#tellOfNone(workers.length === 0 && this.#open.size > 0);
    } catch (error) {
      this.#lost(error);
    }
  }

  /** Without a worker a study waits for one, for ever. */
  #tellOfNone(none: boolean): void {
    if (none && !this.#toldOfNone)
      this.#options.note?.(
        `no worker runs trials of "${this.#options.name}"; waiting for one: lapicque sweep worker STUDY --redis URL, here or on other machines`,
      );
    this.#toldOfNone = none;
  }

  /** Of a connection that broke: the next look goes on. Anything else is told to those who wait. */
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
