/** Studies: the public functions. */
import { existsSync } from 'node:fs';
import { callback, options as checkOptions, filePath, integer, invalid } from '../checks/check.ts';
import { LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { MemoryArtifacts } from './artifacts.ts';
import { Asking, type ToldResult } from './asking.ts';
import { bestOf } from './best.ts';
import {
  fingerprintOf,
  type StudyDefinition,
  type StudyOptions,
  type StudySetting,
  settingOf,
} from './definition.ts';
import type { ArtifactStore, TrialExecutor } from './executor.ts';
import { LocalExecutor } from './local-executor.ts';
import { OpenStudy, type Shard } from './open-study.ts';
import { TrialPool } from './pool.ts';
import { resultsOf, type StudyResults } from './results.ts';
import { type StudyProgress, StudyRun } from './run.ts';
import type { TrialSetting } from './run-trial.ts';
import { samplerOf } from './sampler.ts';
import { feedsBack, Schedule } from './schedule.ts';
import type { ParametersOf, Space } from './search/space.ts';
import type { Direction, TrialRecord } from './search/trials.ts';
import { openStore, StoreReader } from './store.ts';
import type { Trial } from './trial.ts';
import { TrialLog } from './trial-log.ts';
import { StudyView } from './view.ts';

/** Options of {@link Study.run}. */
export interface RunStudyOptions extends Omit<TaskOptions, 'onProgress'> {
  /** How many trials the study has at the end of the run, including those of earlier runs; at least 1. */
  trials: number;
  /**
   * How many trials run at a time; default 1. Trials of a function share this process and the engine's threads; each trial of a module has its own
   * process. Results do not depend on this number. With a search that learns, at
   * most the study's `parallel`.
   */
  jobs?: number;
  /**
   * The shard of this process, for several processes that share a folder and have no other connection: the trials whose
   * number modulo `count` is `index`. A search that learns uses the trials of its shard only. Default all trials.
   */
  shard?: Shard;
  /** Called at most 20 times per second, and at the end. An error that it throws ends the run. */
  onProgress?: ((progress: StudyProgress) => void) | undefined;
  /** Called with each trial whose result is on disk. An error that it throws ends the run. */
  onTrial?: ((trial: TrialRecord) => void) | undefined;
}

/** The result of a run. */
export interface StudySummary {
  /** Number of trials that have ended. */
  readonly trials: number;
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  /** The best trial, for a study with one objective. */
  readonly best?: TrialRecord;
}

/** Makes the executor of a run whose trials run elsewhere. @internal */
export type ExecutorFactory = (study: {
  readonly setting: StudySetting;
  readonly trial: TrialSetting;
  readonly artifacts: ArtifactStore;
  readonly jobs: number;
  /** Called for a trial with two different results. */
  conflict: OpenStudy['conflict'];
}) => TrialExecutor | Promise<TrialExecutor>;

const whole: Shard = { index: 0, count: 1 };

/** A study, made by {@link study}. */
export class Study<P = Readonly<Record<string, unknown>>> implements AsyncDisposable {
  readonly name: string;
  readonly directions: readonly Direction[];
  /** The options that determine the results. */
  readonly definition: StudyDefinition;
  /** SHA-256 of the definition. */
  readonly fingerprint: string;
  readonly #setting: StudySetting;
  readonly #memory = { log: new TrialLog(), artifacts: new MemoryArtifacts() };
  /** The result of the last run. */
  #log: TrialLog | undefined;
  #asking: { open: OpenStudy; asking: Asking } | undefined;
  #busy: string | undefined;

  /** @internal */
  constructor(setting: StudySetting) {
    this.#setting = setting;
    // Checks the space and the search before anything runs.
    samplerOf(setting.definition);
    this.definition = setting.definition;
    this.name = setting.definition.name;
    this.directions = setting.definition.directions;
    this.fingerprint = fingerprintOf(setting.definition);
  }

  /** The settings of the study, for the command line and for workers elsewhere. @internal */
  get setting(): StudySetting {
    return this.#setting;
  }

  /**
   * Runs trials until there are `trials` of them. Trials in the store count. Trials that were interrupted continue from
   * their checkpoints. Failed and pruned trials count too.
   *
   * @throws LapicqueError `aborted`, where ended trials are kept; `io` if the store cannot be written or is in use:
   * acknowledged results are on disk; `invalid-parameter`; `malformed-file`; `unsupported` for a store of a newer
   * version
   */
  async run(options: RunStudyOptions): Promise<StudySummary> {
    return this.runWith(options, undefined);
  }

  /** @internal */
  async runWith(rawOptions: RunStudyOptions, factory: ExecutorFactory | undefined): Promise<StudySummary> {
    if (rawOptions === undefined) invalid('options', rawOptions, 'an object with trials');
    const options = checkOptions('run', rawOptions, [
      'trials',
      'jobs',
      'shard',
      'signal',
      'onProgress',
      'onTrial',
    ]);
    const { signal, onProgress, onTrial } = options;
    checkTask({ signal });
    if (onProgress !== undefined) callback('onProgress', onProgress);
    if (onTrial !== undefined) callback('onTrial', onTrial);
    const total = integer('trials', options.trials, { min: 1 });
    const jobs = integer('jobs', options.jobs ?? 1, { min: 1, max: 1 << 16 });
    const shard = shardOf(options.shard);
    const sampler = samplerOf(this.definition);
    const { order, parallel } = this.definition;
    if (jobs > parallel && order === 'fixed' && feedsBack(this.definition, sampler)) {
      const expected = `at most ${parallel}, the study's "parallel"; make the study with a larger one, or with order: 'free'`;
      invalid('jobs', jobs, expected);
    }
    const size = sampler.size === undefined ? total : Math.min(total, sampler.size);
    throwIfAborted(signal);
    await this.#endAsking();
    return this.#alone('run', async () => {
      const open = await this.#opened(shard);
      let executor: TrialExecutor | undefined;
      try {
        const schedule = new Schedule(open, this.definition, sampler, shard);
        executor = await this.#executor(open, jobs, factory);
        const run = new StudyRun(open, schedule, executor, {
          jobs,
          total: size,
          shard,
          directions: this.directions,
          onProgress,
          onTrial,
        });
        await run.run(signal);
        await executor.close();
        await open.close();
        this.#log = open.log;
        return this.#summary(open.log);
      } catch (error) {
        await executor?.close().catch(() => {});
        await open.close().catch(() => {});
        // Results that are not on disk do not count.
        this.#log = this.#setting.store === undefined ? open.log : undefined;
        throw error;
      }
    });
  }

  #executor(
    open: OpenStudy,
    jobs: number,
    factory: ExecutorFactory | undefined,
  ): TrialExecutor | Promise<TrialExecutor> {
    const { objective, limits } = this.#setting;
    const trial = this.trialSetting;
    const { artifacts } = open;
    if (factory !== undefined)
      return factory({
        setting: this.#setting,
        trial,
        artifacts,
        jobs,
        conflict: (n, other) => open.conflict(n, other),
      });
    if (typeof objective === 'function' && limits.bytes !== undefined)
      invalid(
        'limits.bytes',
        limits.bytes,
        'no limit for a function, which shares this process; give the objective as a module',
      );
    if (typeof objective === 'function') return new LocalExecutor(objective, artifacts, trial);
    return new TrialPool({
      objective: { module: objective, exports: 'objective' },
      jobs,
      artifacts,
      setting: trial,
      limits,
    });
  }

  /** Settings that all trials share, for workers elsewhere. @internal */
  get trialSetting(): TrialSetting {
    const { definition, checkpointEvery, limits, attempts } = this.#setting;
    return {
      objectives: definition.directions.length,
      finiteReports: definition.prune.kind !== 'none',
      checkpointEvery,
      attempts,
      seconds: limits.seconds ?? Number.POSITIVE_INFINITY,
    };
  }

  #opened(shard: Shard): OpenStudy | Promise<OpenStudy> {
    const { store } = this.#setting;
    if (store !== undefined) return OpenStudy.atStore({ ...this.#setting, store }, shard);
    return OpenStudy.inMemory(this.#memory.log, this.#memory.artifacts);
  }

  #summary(log: TrialLog): StudySummary {
    const ended = log.trials().filter(({ state }) => state !== 'running');
    const count = (state: string) => ended.filter((trial) => trial.state === state).length;
    const best = this.directions.length === 1 ? bestOf(ended, this.directions) : undefined;
    return {
      ...{
        trials: ended.length,
        complete: count('complete'),
        pruned: count('pruned'),
        failed: count('failed'),
      },
      ...(best === undefined ? {} : { best }),
    };
  }

  /**
   * The next trial, for callers who run it by other means than {@link run}: its parameters are in `parameters`, and its
   * result is passed to {@link tell}. The store stays open until {@link close}. Trials without a result come first in a later session.
   *
   * @returns undefined if the search has ended
   * @throws LapicqueError `invalid-parameter` if `parallel` trials are open; `io` as {@link run}
   */
  async ask(): Promise<Trial<P> | undefined> {
    return this.#alone('ask', async () => {
      if (this.#asking === undefined) {
        const open = await this.#opened(whole);
        const schedule = new Schedule(open, this.definition, samplerOf(this.definition), whole);
        this.#asking = { open, asking: new Asking(open, schedule, this.trialSetting) };
        this.#log = open.log;
      }
      return this.#asking.asking.ask() as Trial<P> | undefined;
    });
  }

  /**
   * Stores the result of a trial from {@link ask}. When the promise resolves, the result is on disk.
   *
   * @param trial - the trial, or its number
   * @param result - the value, with several objectives a list; or `{ state: 'pruned' }`, or `{ state: 'failed', error
   * }`
   * @returns the record: an invalid value makes a failed trial
   * @throws LapicqueError `invalid-parameter` for a trial that was not asked for; `io`
   */
  async tell(trial: Trial<P> | number, result: ToldResult): Promise<TrialRecord> {
    if (this.#asking === undefined) invalid('trial', trial, 'an open trial (asked for but not told)');
    return this.#asking.asking.tell(trial as Trial | number, result);
  }

  /** All trials by number; for a study with a store, those on disk. */
  async trials(): Promise<readonly TrialRecord[]> {
    const { store } = this.#setting;
    const isRunning = this.#busy === 'run' || this.#asking !== undefined;
    if (store !== undefined && (isRunning || this.#log === undefined)) {
      if (!existsSync(store)) return [];
      const reader = new StoreReader(store);
      await reader.refresh();
      // Another shard has just made the folder, and has not written to it yet.
      return reader.log.definition === undefined ? [] : new StudyView(reader).trials();
    }
    const log = this.#log ?? this.#memory.log;
    return log.trials().filter(({ state }) => isRunning || state !== 'running');
  }

  /**
   * The complete trial with the best value; undefined if there is none.
   *
   * @throws LapicqueError `unsupported` for several objectives
   */
  async best(): Promise<TrialRecord | undefined> {
    return bestOf(await this.trials(), this.directions);
  }

  /** The current results: a table of the trials, the best ones, importance, effects, a report. */
  async results(): Promise<StudyResults<P>> {
    return resultsOf<P>(this);
  }

  /**
   * Closes the store that {@link ask} has opened, so that other processes can write it. Not needed after {@link run}.
   */
  async close(): Promise<void> {
    await this.#endAsking();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #endAsking(): Promise<void> {
    const asking = this.#asking;
    this.#asking = undefined;
    asking?.asking.close();
    await asking?.open.close();
  }

  /** Allows one call at a time, because trials are numbered in sequence. */
  async #alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy !== undefined) {
      const fields = {
        name,
        value: `a call during another ${this.#busy}()`,
        expected: `no other running ${this.#busy}()`,
      };
      throw new LapicqueError('invalid-parameter', fields, {
        message: `${name}: the study is busy with ${this.#busy}(); await it first`,
      });
    }
    this.#busy = name;
    try {
      return await work();
    } finally {
      this.#busy = undefined;
    }
  }
}

function shardOf(shard: Shard | undefined): Shard {
  if (shard === undefined) return whole;
  const { index, count } = checkOptions('shard', shard, ['index', 'count']);
  const parts = integer('shard.count', count, { min: 1, max: 1 << 20 });
  return { index: integer('shard.index', index, { min: 0, max: parts - 1 }), count: parts };
}

function make(options: StudyOptions): Study {
  return new Study(settingOf(options));
}

async function open(path: string | URL): Promise<StudyView> {
  return new StudyView(await openStore(filePath('path', path)));
}

/** Makes studies and opens stored ones. */
export interface StudyFactory {
  /**
   * Defines a study: it proposes parameters, computes an objective for them, and searches for the best ones.
   *
   * @example
   * ```ts
   * const s = study({
   *   name: 'decay',
   *   space: { beta: space.uniform(0.5, 0.99), lr: space.logUniform(1e-4, 1e-1) },
   *   objective: async ({ beta, lr }, trial) => {
   *     const model = await sequential(input(784), dense(10), lif({ beta })).compile({ seed: trial.seed });
   *     const { history } = await model.fit(loader, { epochs: 5, loss: loss.crossEntropyCount(), optimizer: adam({ lr }) });
   *     return history.at(-1)!.loss;
   *   },
   *   store: 'studies/decay',
   * });
   * const { best } = await s.run({ trials: 100, jobs: 2 });
   * ```
   * @throws LapicqueError `invalid-parameter`, `unknown-name`
   */
  <const S extends Space>(options: StudyOptions<S>): Study<ParametersOf<S>>;
  /**
   * Opens a stored study for reading. It may be running, in this process or another.
   *
   * @param path - the folder that is the study's `store`
   * @throws LapicqueError `io`, `malformed-file`, `unsupported` for a store of a newer version
   */
  open(path: string | URL): Promise<StudyView>;
}

export const study = Object.assign(make, { open }) as unknown as StudyFactory;
