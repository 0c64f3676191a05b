/** Where training stands and what it comes to, as plain data. */

import type { Weights } from '../compiled/compiled-model.ts';
import type { LoaderState } from '../data/loader.ts';
import type { Evaluation } from './evaluate.ts';
import type { Optimizer } from './optimizers.generated.ts';

/** One epoch's record. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  loss: number;
  /** 0 to 1; NaN for targets that are not one label per sample. */
  accuracy: number;
  /** Of a traced loss: the means of its terms by name; their sum and the penalties are `loss`. */
  terms?: Readonly<Record<string, number>>;
  validationLoss?: number;
  validationAccuracy?: number;
  /** Factor of the schedule in this epoch's last step. */
  lrFactor: number;
  seconds: number;
}

/** The state of a training, as plain data; together with the model and the optimizer's moments it makes a checkpoint. */
export interface TrainingState {
  /** Finished epochs. */
  epoch: number;
  /** Finished batches of the running epoch. */
  batch: number;
  /** Optimizer steps of this training; absent in checkpoints of older versions. */
  updates?: number;
  /** State of the loader, if it has one. */
  loader?: LoaderState;
  /** State of the validation data's loader, if it has one. */
  validation?: LoaderState;
  history: EpochRecord[];
  /** Past values of the metric, for a plateau schedule and early stopping. */
  watched: number[];
  /** Sums of the running epoch. */
  running: {
    samples: number;
    loss: number;
    correct: number;
    terms?: Readonly<Record<string, number>>;
  };
  /** The optimizer, whose moments the checkpoint holds. */
  optimizer?: Optimizer['kind'];
  /** Evaluation on the validation data after the last epoch, in checkpoints of trials. */
  evaluation?: Evaluation;
  /** Weights of the best epoch so far, if early stopping restores them. */
  best?: Record<string, Weights>;
}

/** The result of a training. */
export interface FitResult {
  history: EpochRecord[];
  /** Why it ended. */
  stopped: 'done' | 'early' | 'callback';
  /** The best epoch by the watched metric, from 1. */
  bestEpoch: number;
  /** On the validation data after the last epoch, even if the best epoch's weights are restored afterwards. */
  validation?: Evaluation;
}
