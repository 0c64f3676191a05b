/** What a conversion did and how well: plain data. */

import type { LayerFidelity } from './layer-report.ts';
import type { ConvertedLayer } from './prepare.ts';
import type { ConversionMethod } from './thresholds.ts';

/** The report of a conversion. */
export interface ConversionReport {
  /** How the thresholds were chosen; `'learned'` where all activations are quantized ones with thresholds of their own. */
  readonly method: ConversionMethod | 'learned';
  readonly schedule: 'streaming' | 'accumulate';
  /** T */
  readonly steps: number;
  /** Calibration samples. */
  readonly samples: number;
  /** Samples that both networks were run on for `populations` and `output`: the first of the calibration data. */
  readonly compared: number;
  /** What became of each layer of the artificial network, in order. */
  readonly layers: readonly ConvertedLayer[];
  /** Each population that spikes, from the input on. */
  readonly populations: readonly LayerFidelity[];
  readonly output: {
    /** As that of a population, of the outputs. */
    readonly error: number;
    /** Share of the samples compared that both networks give the same label. */
    readonly agreement: number;
  };
  /** Largest deviation of the outputs once norms are folded, over the largest output: rounding. */
  readonly folding: number;
  /** Circumstances that a reader of the figures should know. */
  readonly notes: readonly string[];
}
