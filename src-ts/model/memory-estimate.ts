/** How much memory a batch needs. */
import type { TrainingMethod } from '../train/method.ts';

/** What is to be done, as far as memory is concerned. */
export interface MemoryWork {
  steps: number;
  batch: number;
  /** Default false: a run. */
  training?: boolean;
  /** As in training; default all steps. */
  segment?: number;
  /** As in training: truncated back-propagation, with the memory of so many steps; default not. */
  truncate?: number;
  /** How gradients are found in training; default `'bptt'`. */
  method?: TrainingMethod;
  /** Default `'values'`: a `Float32Array` with numbers for each step. */
  input?: 'values' | 'constant' | 'spikes';
}

/** Memory in bytes, beyond the arrays that the caller holds. */
export interface MemoryEstimate {
  /** All that is learned. */
  parameters: number;
  /** Gradients, moments, transposed weights. */
  training: number;
  /** The engine's copy of the input. */
  input: number;
  /** States and spikes, and what learning needs of them. */
  tape: number;
  outputs: number;
  total: number;
}
