/** What quantization changed. */
import type { QuantizedLayer } from './quantized-layer.ts';
import type { Ranges } from './ranges.ts';
import type { RuleReplacement } from './replacements.ts';
import { saturated } from './saturation.ts';

/** One layer in {@link QuantizationReport}. */
export interface LayerQuantization {
  readonly name: string;
  readonly weightBits: number;
  readonly vBits: number;
  /** Bits that v needs for the calibration data, without fractional bits. */
  readonly neededBits: number;
  /** The largest absolute v of the calibration data, in numbers of the model. */
  readonly largest: number;
  /** Smallest and largest unit of v: the value of 1 in the model. */
  readonly unit: readonly [number, number];
  /** Root mean square of the rounding errors of the weights over that of the weights. */
  readonly weightError: number;
  /** The largest difference of a decay factor per step from the model's. */
  readonly decayError: number;
  /** The largest relative rounding error of a threshold. */
  readonly thresholdError: number;
  /** Rules of the model that the target replaces, so that the layer's computation differs. */
  readonly replaced: readonly RuleReplacement[];
  /** Fraction of the values of v at a limit on the calibration data. */
  readonly saturated: number;
  /** Spikes on the calibration data. */
  readonly spikes: { readonly model: number; readonly integer: number };
}

/** The report of {@link quantize}. */
export interface QuantizationReport {
  readonly target: string;
  /** Values of an input are divided by `scale` and rounded to counts. */
  readonly input: { readonly scale: number; readonly maxCount: number; readonly signed: boolean };
  readonly layers: readonly LayerQuantization[];
  /** Differences between target and model beyond rounding: one line for each replaced rule. Empty if there are none. */
  readonly warnings: readonly string[];
}

/** The report of a layer, from recordings of the integer network on the calibration data. */
export function layerReport(
  { layer, units, neededBits, largest, weightError, decayError, thresholdError, replaced }: QuantizedLayer,
  ranges: Ranges,
  recordings: readonly Readonly<Record<string, Uint8Array | Int32Array>>[],
): LayerQuantization {
  const { name, rules } = layer;
  let spikes = 0;
  for (const recorded of recordings) for (const count of recorded[`${name}.spikes`] ?? []) spikes += count;
  return {
    name,
    weightBits: rules.weightBits,
    vBits: rules.vBits,
    neededBits,
    largest,
    unit: [
      units.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      units.reduce((a, b) => Math.max(a, b), 0),
    ],
    weightError,
    decayError,
    thresholdError,
    replaced,
    saturated: saturated(name, rules, recordings).v,
    spikes: { model: ranges.layers.get(name)?.spikes ?? 0, integer: spikes },
  };
}
