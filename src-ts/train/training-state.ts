/** Where training stands and what it comes to, as plain data. */

import type { Weights } from '../compiled/compiled-model.ts';
import type { LoaderState } from '../data/loader.ts';
import type { Evaluation } from './evaluate.ts';
import type { Optimizer } from './optimizer.ts';

/** One epoch's record. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  loss: number;
  /** 0 to 1; NaN for targets that are not one label a sample. */
  accuracy: number;
  validationLoss?: number;
  validationAccuracy?: number;
  /** Factor of the schedule in this epoch's last step. */
  lrFactor: number;
  seconds: number;
}

/** Where training stands, as plain data; with the model and the optimiser's moments it makes a checkpoint. */
export interface TrainingState {
  /** Finished epochs. */
  epoch: number;
  /** Finished batches of the running epoch. */
  batch: number;
  /** Optimiser steps of this training; absent in checkpoints of older versions. */
  updates?: number;
  /** Of the loader, where it tells. */
  loader?: LoaderState;
  /** Of the validation data, where they tell. */
  validation?: LoaderState;
  history: EpochRecord[];
  /** Values that a plateau schedule and early stopping have seen. */
  watched: number[];
  /** Sums of the running epoch. */
  running: { samples: number; loss: number; correct: number };
  /** The optimiser, whose moments the checkpoint holds. */
  optimizer?: Optimizer['kind'];
  /** Of the validation data after the last epoch, in checkpoints of trials. */
  evaluation?: Evaluation;
  /** Weights of the best epoch so far, where early stopping is to end with them. */
  best?: Record<string, Weights>;
}

/** What training gives back. */
export interface FitResult {
  history: EpochRecord[];
  /** Why it ended. */
  stopped: 'done' | 'early' | 'callback';
  /** The best epoch by the watched metric, from 1. */
  bestEpoch: number;
  /** On the validation data after the last epoch, also where the weights are then those of the best epoch. */
  validation?: Evaluation;
}
