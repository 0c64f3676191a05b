/** `lapicque sweep status|show|best`: the content of a study's store, also while the study runs. */
import { invalid } from '../checks/check.ts';
import { isBetter } from '../study/best.ts';
import type { TrialRecord } from '../study/search/trials.ts';
import { study } from '../study/study.ts';
import type { StudyView } from '../study/view.ts';
import { asUsageError, exit } from './failure.ts';
import { output, printable, table } from './output.ts';
import type { CommonOptions } from './shared-options.ts';
import { parametersText, short } from './sweep.ts';

export async function sweepStatus(store: string, options: CommonOptions): Promise<void> {
  const view = await study.open(store);
  const { conflicts, ...status } = await view.status();
  const best = view.directions.length === 1 ? await view.best() : undefined;
  const report = {
    study: view.name,
    ...status,
    conflicts: conflicts.map(({ number }) => number),
    ...(best === undefined ? {} : { best: { number: best.number, value: best.values![0] } }),
  };
  output(options.json === true).result(report, () =>
    [
      `${printable(view.name)}: ${status.complete} complete, ${status.pruned} pruned, ${status.failed} failed`,
      ...(status.running.length > 0 ? [`running: trials ${status.running.join(', ')}`] : []),
      ...(status.interrupted.length > 0
        ? [`interrupted, to be continued in the next run: trials ${status.interrupted.join(', ')}`]
        : []),
      ...(conflicts.length > 0
        ? [`run twice with different results: trials ${conflicts.map(({ number }) => number).join(', ')}`]
        : []),
      ...(best === undefined ? [] : [`best value ${short(best.values![0])} of trial ${best.number}`]),
    ].join('\n'),
  );
}

export async function sweepShow(
  store: string,
  options: CommonOptions & { trial?: number; top?: number },
): Promise<void> {
  const view = await study.open(store);
  const { result, json } = output(options.json === true);
  const all = await view.trials();
  if (options.trial !== undefined) {
    const trial = all.find(({ number }) => number === options.trial);
    if (trial === undefined)
      return asUsageError(() =>
        invalid('--trial', options.trial, `a trial of the ${all.length} in ${store}`),
      );
    const artifacts = await view.artifacts(trial.number);
    return result({ ...trial, artifacts }, () => details(trial, artifacts));
  }
  const trials = options.top === undefined ? all : ranked(view, all).slice(0, options.top);
  if (json) for (const trial of trials) result({ ...trial }, () => '');
  else result({}, () => rows(trials));
}

export async function sweepBest(store: string, options: CommonOptions): Promise<void> {
  const view = await study.open(store);
  const best = await view.best();
  const { result, note } = output(options.json === true);
  if (best === undefined) {
    note(`${store}: no trial is complete`);
    process.exitCode = exit.failed;
    return;
  }
  result(
    { ...best },
    () => `trial ${best.number}, value ${short(best.values![0])}\n${list(best.parameters)}`,
  );
}

/** Complete trials, the best first. */
function ranked({ directions }: StudyView, trials: readonly TrialRecord[]): TrialRecord[] {
  if (directions.length > 1)
    asUsageError(() => invalid('--top', directions.length, 'a study of one objective'));
  const complete = trials.filter(({ state }) => state === 'complete');
  const order = (a: number, b: number) => (isBetter(directions[0]!, a, b) ? -1 : Number(a !== b));
  return complete.sort((a, b) => order(a.values![0]!, b.values![0]!));
}

function rows(trials: readonly TrialRecord[]): string {
  const seconds = ({ seconds: took }: TrialRecord) => took?.toFixed(1) ?? '';
  const row = (trial: TrialRecord) => [
    String(trial.number),
    trial.state,
    trial.values?.map(short).join(', ') ?? '',
    seconds(trial),
    trial.error?.message ?? parametersText(trial.parameters),
  ];
  return table([['trial', 'state', 'value', 's', 'parameters'], ...trials.map(row)]);
}

function list(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `  ${printable(name)}: ${JSON.stringify(value)}`)
    .join('\n');
}

function details(trial: TrialRecord, artifacts: readonly string[]): string {
  const value = trial.values === undefined ? '' : `, value ${trial.values.map(short).join(', ')}`;
  return [
    `trial ${trial.number}: ${trial.state}${value}`,
    list(trial.parameters),
    `seed ${trial.seed}, started ${new Date(trial.started).toISOString()}, attempts ${trial.attempts}`,
    ...(trial.retried ?? []).map(({ message }) => `started again after: ${printable(message)}`),
    ...(trial.error === undefined ? [] : [printable(trial.error.message)]),
    ...(trial.user === undefined ? [] : ['attached', list(trial.user)]),
    ...(trial.reports.length === 0
      ? []
      : [`reports ${trial.reports.map(({ step, value }) => `${step}: ${short(value)}`).join(', ')}`]),
    ...(artifacts.length === 0 ? [] : [printable(`files ${artifacts.join(', ')}`)]),
  ].join('\n');
}
