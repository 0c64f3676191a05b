/**
 * Options of a training, as its loop takes them. The public type is {@link FitOptions}. It is declared beside {@link Model} because a callback
 * receives the model. `Model.fit` passes it to {@link fit}, so the compiler checks that the two types agree.
 */
import type { InputOptions } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Batches } from './batch.ts';
import type { CheckpointOptions } from './checkpoint.ts';
import type { Loss, Regulariser } from './loss.ts';
import type { MethodOptions } from './method.ts';
import type { Optimizer, OwnSchedule, Schedule } from './optimizer.ts';
import type { OwnLoss } from './own-loss.ts';
import type { Decision } from './step.ts';
import type { TrainedModel } from './trained-model.ts';
import type { EpochRecord, TrainingState } from './training-state.ts';
import type { EarlyStopping } from './watch.ts';

export interface FitSetting extends InputOptions, TaskOptions, MethodOptions {
  epochs: number;
  loss: Loss | OwnLoss;
  optimizer?: Optimizer;
  schedule?: Schedule | OwnSchedule;
  scheduleBy?: 'epoch' | 'step';
  by?: Decision;
  validation?: Batches;
  earlyStopping?: EarlyStopping;
  accumulate?: number;
  clipValue?: number;
  regularisers?: readonly Regulariser[];
  segment?: number;
  checkpoint?: CheckpointOptions;
  resume?: TrainingState;
  callbacks?: {
    onBatch?(info: { epoch: number; batch: number; loss: number; accuracy: number }): void | Promise<void>;
    onEpoch?(record: EpochRecord, model: TrainedModel): unknown;
  };
}
