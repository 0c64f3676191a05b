/** The metrics of `sweep` and `sweep worker`. */
import { gauge, type Metric, metricsText } from '../engine/metrics.ts';
import type { RedisStatus } from '../study/redis/index.ts';
import { study } from '../study/study.ts';
import type { StudyView } from '../study/view.ts';
import type { Observed } from './metrics-server.ts';

/** Milliseconds without an answer after which Redis counts as unreachable: some checks, which run every two seconds. */
const silence = 10_000;

/** The metrics of a process that coordinates a study. */
export class SweepMetrics implements Observed {
  readonly #study: string;
  readonly #store: string;
  readonly #planned: number;
  readonly #redis: Answers<RedisStatus> | undefined;
  #view: StudyView | undefined;

  /** @param planned - number of trials at the end of the run */
  constructor(name: string, store: string, planned: number, hasRedis: boolean) {
    this.#study = name;
    this.#store = store;
    this.#planned = planned;
    this.#redis = hasRedis ? new Answers() : undefined;
  }

  readonly onStatus = (status: RedisStatus): void => this.#redis?.set(status);

  unready(): string | undefined {
    return this.#redis?.isUp === false ? 'Redis does not answer' : undefined;
  }

  async metrics(): Promise<string> {
    const labels = { study: this.#study };
    const planned = gauge(
      'lapicque_study_trials_planned',
      'Trials of the study at the end of the run.',
      this.#planned,
      labels,
    );
    return metricsText([planned, ...this.#redisMetrics(labels)]) + (await this.#stored());
  }

  /** Empty until the store has been created. */
  async #stored(): Promise<string> {
    this.#view ??= await study.open(this.#store).catch(() => undefined);
    return (await this.#view?.metrics()) ?? '';
  }

  #redisMetrics(labels: Record<string, string>): Metric[] {
    if (this.#redis === undefined) return [];
    const { waiting = 0, workers = [] } = this.#redis.last ?? {};
    const slots = workers.reduce((sum, { jobs }) => sum + jobs, 0);
    return [
      redisUp(this.#redis.isUp),
      gauge('lapicque_study_trials_waiting', 'Trials that no worker has taken yet.', waiting, labels),
      gauge('lapicque_study_workers', 'Workers with a recent heartbeat.', workers.length, labels),
      gauge('lapicque_study_worker_slots', 'Trials that these workers run at a time.', slots, labels),
      {
        name: 'lapicque_study_worker_heartbeat_timestamp_seconds',
        help: 'Last heartbeat of a worker by the clock of Redis, in Unix time.',
        type: 'gauge',
        samples: workers.map(({ name: worker, heartbeat }) => ({
          labels: { ...labels, worker },
          value: heartbeat,
        })),
      },
    ];
  }
}

/** The metrics of a worker. */
export class WorkerMetrics implements Observed {
  readonly #study: string;
  readonly #slots: number;
  readonly #ended: Readonly<Record<string, number>>;
  readonly #redis = new Answers<{ readonly isUp: boolean; readonly running: number }>();

  /** @param ended - numbers of ended trials by outcome, which the caller keeps */
  constructor(name: string, slots: number, ended: Readonly<Record<string, number>>) {
    this.#study = name;
    this.#slots = slots;
    this.#ended = ended;
  }

  readonly onStatus = (status: { readonly isUp: boolean; readonly running: number }): void =>
    this.#redis.set(status);

  unready(): string | undefined {
    return this.#redis.isUp ? undefined : 'Redis does not answer';
  }

  metrics(): string {
    const labels = { study: this.#study };
    return metricsText([
      redisUp(this.#redis.isUp),
      gauge('lapicque_worker_slots', 'Trials that this worker runs at a time.', this.#slots, labels),
      gauge(
        'lapicque_worker_trials_running',
        'Trials that run here.',
        this.#redis.last?.running ?? 0,
        labels,
      ),
      {
        name: 'lapicque_worker_trials_ended_total',
        help: 'Trials that have ended here, by outcome.',
        type: 'counter',
        samples: Object.entries(this.#ended).map(([state, value]) => ({
          labels: { ...labels, state },
          value,
        })),
      },
      ...(this.#redis.answered === undefined
        ? []
        : [
            gauge(
              'lapicque_worker_heartbeat_timestamp_seconds',
              'When this worker last reached Redis, in Unix time.',
              this.#redis.answered / 1000,
              labels,
            ),
          ]),
    ]);
  }
}

/** The last answer of Redis, and when it came. */
class Answers<Status extends { readonly isUp: boolean }> {
  last: Status | undefined;
  /** In ms since 1970. */
  answered: number | undefined;

  set(status: Status): void {
    this.last = status;
    if (status.isUp) this.answered = Date.now();
  }

  get isUp(): boolean {
    return this.last?.isUp === true && Date.now() - this.answered! < silence;
  }
}

function redisUp(isUp: boolean): Metric {
  return gauge('lapicque_redis_up', 'Whether Redis answers: 1 or 0.', Number(isUp));
}
