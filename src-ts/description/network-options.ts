/** What is chosen for a whole network. */
import type { Precision } from './description.ts';

/** What is chosen for a whole network. */
export interface NetworkOptions {
  /** Length of a time step, ms; default 1. */
  dt?: number;
  /** Default `'f32'`. */
  precision?: Precision;
  /** Seed of the initial weights, an integer from 0; default 0. */
  seed?: number;
  /**
   * Number of input channels, or the input's shape `[channels, width]` or `[channels, height, width]`; needed only where
   * the first layer does not tell.
   */
  inputs?: number | readonly number[];
  /**
   * Of a language model the characters that its inputs and outputs stand for, in the order of their numbers: files keep
   * them, and `generate` needs them. As many as the output has neurons.
   */
  vocabulary?: readonly string[];
}
