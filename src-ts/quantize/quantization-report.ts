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
  /** Bits that v needs for the calibration data, without bits behind the point. */
  readonly neededBits: number;
  /** The largest absolute v of the calibration data, in numbers of the model. */
  readonly largest: number;
  /** Smallest and largest unit of v: what 1 is worth in the model. */
  readonly unit: readonly [number, number];
  /** Root mean square of the rounding errors of the weights over that of the weights. */
  readonly weightError: number;
  /** The largest difference of a decay factor per step from the model's. */
  readonly decayError: number;
  /** The largest rounding error of a threshold, as a share of it. */
  readonly thresholdError: number;
  /** Rules of the model that the target has otherwise, so that the layer computes something else. */
  readonly replaced: readonly RuleReplacement[];
  /** Share of all v of the calibration data that are at a limit. */
  readonly saturated: number;
  /** Spikes on the calibration data. */
  readonly spikes: { readonly model: number; readonly integer: number };
}

/** What {@link quantize} reports. */
export interface QuantizationReport {
  readonly target: string;
  /** Values of an input are divided by `scale` and rounded to counts. */
  readonly input: { readonly scale: number; readonly maxCount: number; readonly signed: boolean };
  readonly layers: readonly LayerQuantization[];
  /** What the target computes otherwise than the model, beyond rounding: a line for each rule that it replaces. Empty if there is none. */
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
