/** What a conversion did and how well: plain data. */

import type { LayerFidelity } from './layer-report.ts';
import type { ConvertedLayer } from './prepare.ts';
import type { ConversionMethod } from './thresholds.ts';

/** The report of a conversion. */
export interface ConversionReport {
  /** The method that chose the thresholds; `'learned'` if all activations are quantized ones with learned thresholds. */
  readonly method: ConversionMethod | 'learned';
  readonly schedule: 'streaming' | 'accumulate';
  /** T */
  readonly steps: number;
  /** Calibration samples. */
  readonly samples: number;
  /** Number of samples, the first of the calibration data, on which both networks were compared for `populations` and `output`. */
  readonly compared: number;
  /** The conversion of each layer of the artificial network, in order. */
  readonly layers: readonly ConvertedLayer[];
  /** Each population that spikes, from the input on. */
  readonly populations: readonly LayerFidelity[];
  readonly output: {
    /** Error of the outputs, as for a population. */
    readonly error: number;
    /** Fraction of the compared samples with the same label from both networks. */
    readonly agreement: number;
  };
  /** Largest deviation of the outputs after folding the norms, divided by the largest output: rounding errors. */
  readonly folding: number;
  /** Circumstances that affect the meaning of the numbers. */
  readonly notes: readonly string[];
}
