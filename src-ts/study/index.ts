// Public names of the room study.

export type { ToldResult } from './asking.ts';
export type { TrialAttempts } from './attempts.ts';
export type { StudyDefinition, StudyOptions, TrialLimits } from './definition.ts';
export type { TrialOutcome } from './executor.ts';
export type { Shard } from './open-study.ts';
export type { StudyReportOptions } from './report/write.ts';
export { StudyResults } from './results.ts';
export type { StudyProgress } from './run.ts';
export type { Objective, ObjectiveValue } from './run-trial.ts';
export * as prune from './search/prune.ts';
export * as search from './search/search.ts';
export * as space from './search/space.ts';
export type { Direction, TrialError, TrialRecord, TrialReport, TrialState } from './search/trials.ts';
export {
  type RunStudyOptions,
  type Study,
  type StudyFactory,
  type StudySummary,
  study,
} from './study.ts';
export type { ParameterAxis } from './table/axes.ts';
export type { Column, ColumnBase, FlagColumn, NumberColumn, TextColumn } from './table/columns.ts';
export type { MarginalBin, PairwiseEffect } from './table/effects.ts';
export type { TrialFormat, WriteTrialsOptions } from './table/export.ts';
export type { Importance, ReportedResults, StudyHistory } from './table/results-data.ts';
export {
  type ColumnAt,
  type ColumnOf,
  type FixedColumns,
  type ParameterColumn,
  TrialTable,
} from './table/table.ts';
export type { Trial, TrialArtifacts, TrialCheckpoint } from './trial.ts';
export type { TrialConflict } from './trial-log.ts';
export type { StudyStatus, StudyView } from './view.ts';
