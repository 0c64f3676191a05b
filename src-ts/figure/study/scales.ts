/** Axes of a study's figures: parameters by their space, objectives by their values. */
import { coordinateOf, type ParameterAxis, span, valueAt } from '../../study/table/axes.ts';
import { quantile } from '../../study/table/effects.ts';
import type { AxisSpec } from '../draw/spec.ts';
import { shortened } from '../draw/text.ts';
import { roundTicks } from '../draw/ticks.ts';

/** A number as axes and tables show it. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    const exponent = Math.floor(Math.log10(size) + 1e-9);
    const mantissa = Number((value / 10 ** exponent).toPrecision(3));
    const power = `10${superscript(exponent)}`;
    return mantissa === 1 ? power : mantissa === -1 ? `−${power}` : `${minus(mantissa)}·${power}`;
  }
  return minus(Number(value.toPrecision(4)));
}

function minus(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 6 }).replace('-', '−');
}

function superscript(exponent: number): string {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return `${exponent < 0 ? '⁻' : ''}${[...String(Math.abs(exponent))].map((digit) => digits[Number(digit)]).join('')}`;
}

/** The names of a parameter's values in figures. */
function textAt(axis: ParameterAxis, position: number): string {
  const value = valueAt(axis, position);
  return typeof value === 'number' ? numberText(Number(value.toPrecision(9))) : value;
}

/** Positions of ticks on the axis of a parameter, with their texts. */
export function parameterTicks(axis: ParameterAxis, max = 5): { at: number; text: string }[] {
  if (axis.scale === 'categories')
    return axis.categories.map((_, at) => ({ at, text: shortened(textAt(axis, at), 16) }));
  return roundTicks([axis.low, axis.high], axis.scale, max).map((value) => ({
    at: coordinateOf(axis, value) as number,
    text: numberText(value),
  }));
}

/** The axis of a parameter, in units of `positions`: decimal logarithms on a logarithmic axis, indices of categories. */
export function parameterAxis(axis: ParameterAxis, label: string): AxisSpec {
  const [low, high] = span(axis);
  const ticks = parameterTicks(axis);
  const margin = axis.scale === 'categories' ? 0.5 : 0.02 * (high - low) || 0.5;
  return {
    label,
    domain: [low - margin, high + margin],
    ticks: ticks.map(({ at }) => at),
    tickLabels: ticks.map(({ text }) => text),
  };
}

/** The axis of an objective, and the position of outliers. */
export interface ValueScale {
  readonly axis: Pick<AxisSpec, 'domain' | 'scale'> & { readonly domain: readonly [number, number] };
  readonly beyond: (value: number) => boolean;
  /** Values beyond the end of the axis are drawn at its end. */
  readonly clamped: (value: number) => number;
  readonly isLog: boolean;
}

/**
 * Logarithmic if all values are positive and the bulk of them spans two powers of ten. The axis ends with the bulk of
 * the values, so that a few very bad values do not compress it.
 */
export function valueScale(values: readonly number[], maximize: boolean): ValueScale {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const [low, high] = sorted.length === 0 ? [0, 1] : [sorted[0]!, sorted.at(-1)!];
  const best = maximize ? high : low;
  const worst = maximize ? low : high;
  const bulk = sorted.length === 0 ? worst : quantile(sorted, maximize ? 0.05 : 0.95);
  const isLog = low > 0 && Math.max(bulk, best) / low >= 100;
  const measure = (value: number) => (isLog ? Math.log10(value) : value);
  const back = (measured: number) => (isLog ? 10 ** measured : measured);
  const far = Math.abs(measure(worst) - measure(best)) > 2.5 * Math.abs(measure(bulk) - measure(best));
  const end = far && bulk !== best ? bulk : worst;
  const margin = 0.04 * Math.abs(measure(end) - measure(best)) || 0.5;
  const domain: [number, number] = maximize
    ? [back(measure(end) - margin), back(measure(best) + margin)]
    : [back(measure(best) - margin), back(measure(end) + margin)];
  const edge = maximize ? domain[0] : domain[1];
  const beyond = (value: number) => (maximize ? value < edge : value > edge);
  return {
    axis: { scale: isLog ? 'log' : 'linear', domain },
    beyond,
    clamped: (value) => (beyond(value) ? edge : value),
    isLog,
  };
}
