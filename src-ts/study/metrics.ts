/** Metrics of a stored study in Prometheus' text format. */
import { gauge, type Metric, metricsText } from '../engine/metrics.ts';
import { bestOf } from './best.ts';
import type { StudyDefinition } from './definition.ts';
import type { TrialRecord } from './search/trials.ts';

/** What is used of a study's status; not its type, whose module imports this one. */
interface Counts {
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  readonly running: readonly unknown[];
  readonly interrupted: readonly unknown[];
  readonly conflicts: readonly unknown[];
}

/**
 * The metrics of a study.
 *
 * @param trials - the trials of the status, without interrupted ones
 */
export function studyMetrics(
  { name, directions }: StudyDefinition,
  status: Counts,
  trials: readonly TrialRecord[],
): string {
  const labels = { study: name };
  const one = (metric: string, help: string, value: number) =>
    gauge(`lapicque_study_${metric}`, help, value, labels);
  const ended: Metric = {
    name: 'lapicque_study_trials_ended_total',
    help: 'Trials that have ended, by outcome.',
    type: 'counter',
    samples: (['complete', 'pruned', 'failed'] as const).map((state) => ({
      labels: { ...labels, state },
      value: status[state],
    })),
  };
  const last = trials.reduce((latest, trial) => Math.max(latest, trial.ended ?? 0), 0);
  const best = directions.length === 1 ? bestOf(trials, directions) : undefined;
  return metricsText([
    ended,
    one('trials_running', 'Trials that run, or wait for a worker.', status.running.length),
    one(
      'trials_interrupted',
      'Trials whose process has ended without a result; the next run continues them.',
      status.interrupted.length,
    ),
    one('trials_conflicting', 'Trials that ran twice with different results.', status.conflicts.length),
    ...(last === 0
      ? []
      : [one('last_result_timestamp_seconds', 'When the last trial ended, in Unix time.', last / 1000)]),
    ...(best === undefined ? [] : [one('best_value', 'The best value so far.', best.values![0]!)]),
  ]);
}
