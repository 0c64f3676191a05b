// Public names of the room train.

export type { Batches, TrainingBatch } from './batch.ts';
export type { CheckpointOptions } from './checkpoint.ts';
export type { EvaluateOptions, Evaluation } from './evaluate.ts';
export type { AfterBatch, BatchRecord, CallbacksOf, FitOptionsOf, LastBatch } from './fit-options.ts';
export {
  evaluateLoss,
  evaluatePenalty,
  type LossOptionsOf,
  type LossOutputs,
  type LossValue,
  type Penalty,
  type Regularizer,
} from './loss.ts';
export * from './losses.generated.ts';
export type { MethodOptions, TrainingMethod } from './method.ts';
export type { UpdateOptions } from './native-step.ts';
export type { OptimizerOptionsOf } from './optimizer.ts';
export type { OptimizerOptions, ParameterGroup } from './optimizer-options.ts';
export * from './optimizers.generated.ts';
export type { OwnLoss, OwnLossBatch, OwnLossOutputs, OwnLossValue } from './own-loss.ts';
export type { OwnSchedule, Schedule } from './schedule.ts';
export type { Decision, EvaluateStepOptions, StepReport, TrainStepOptions } from './step.ts';
export type { EpochRecord, FitResult, TrainingState } from './training-state.ts';
export type { EarlyStopping, Metric } from './watch.ts';
