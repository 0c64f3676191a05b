/**
 * Parameter search: studies with samplers and pruners, on one machine or many; tables of trials; many trainings in one process.
 *
 * @packageDocumentation
 */

export type { AnyStudy, StudyContext, StudyModule } from '../cli/study-file.ts';
export {
  type FailedTraining,
  type TrainedRows,
  type TrainingRow,
  type TrainManyOptions,
  trainMany,
} from '../many/train-many.ts';
export * from '../study/index.ts';
