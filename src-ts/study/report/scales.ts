/** Scales of a study's figures: parameters by their space, objectives by their values. */
import type { ScaleOptions } from '@observablehq/plot';
import { shortened, widthOf } from '../../report/canvas.ts';
import { type ParameterAxis, placeOf, span, valueAt } from '../table/axes.ts';
import { quantile } from '../table/effects.ts';

/** A number as axes and tables show it. */
export function shown(value: number): string {
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

/** Ticks of a logarithmic axis: powers of ten; with 2 and 5 times them, or other round numbers, if there are few. */
function logTicks(low: number, high: number, most: number): number[] {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const within = (factors: readonly number[], every = 1) =>
    Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every)
      .flatMap((power) => factors.map((factor) => factor * 10 ** power))
      .filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
  for (const factors of [[1, 2, 3, 4, 5, 6, 8], [1, 2, 5], [1, 3], [1]]) {
    const ticks = within(factors);
    if (ticks.length <= most) return ticks;
  }
  return within([1], Math.ceil((to - from) / most));
}

/**
 * The scale of a parameter over a number of pixels; its values come from {@link placeOf}. Categories are bands if
 * `bands`, otherwise points.
 */
export function parameterScale(axis: ParameterAxis, pixels: number, bands = false): ScaleOptions {
  if (axis.scale === 'categories') {
    const room = pixels / axis.categories.length;
    const longest = Math.max(...axis.categories.map((name) => widthOf(shortened(name, 16))));
    return {
      type: bands ? 'band' : 'point',
      domain: axis.categories,
      tickFormat: (name: string) => shortened(name, 16),
      tickSize: 0,
      ...(longest > room - 4 ? { tickRotate: -32 } : {}),
      ...(bands ? { padding: 0.06 } : { padding: 0.5 }),
    };
  }
  const most = Math.max(2, Math.floor(pixels / 52));
  const ticks = parameterTicks(axis, most);
  return {
    type: 'linear',
    domain: span(axis),
    ticks: ticks.map((value) => placeOf(axis, value) as number),
    tickFormat: (place: number) => shownAt(axis, place),
  };
}

/** About this number of round values. */
export function parameterTicks({ scale, low, high }: ParameterAxis, most: number): number[] {
  return scale === 'log' ? logTicks(low, high, most) : roundTicks(low, high, most);
}

/** Round numbers within a range: at most this number, and at least two if they exist. */
export function roundTicks(low: number, high: number, most = 5): number[] {
  const exact = (high - low) / Math.max(1, most) || 1;
  const unit = 10 ** Math.floor(Math.log10(exact));
  const step =
    [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= exact * (1 - 1e-9)) ?? exact;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The height in pixels of slanted names below an axis of categories, if they are needed. */
export function slant(axis: ParameterAxis, pixels: number): number {
  if (parameterScale(axis, pixels).tickRotate === undefined) return 0;
  return 8 + 0.53 * Math.max(...axis.categories.map((name) => widthOf(shortened(name, 16))));
}

/** The scale of an objective, and the position of outliers. */
export interface ValueScale {
  readonly options: ScaleOptions;
  /** The end of the drawn axis; values beyond it are drawn at the end. */
  readonly edge: number;
  readonly beyond: (value: number) => boolean;
  readonly clamped: (value: number) => number;
  readonly log: boolean;
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
  const log = low > 0 && Math.max(bulk, best) / low >= 100;
  const measure = (value: number) => (log ? Math.log10(value) : value);
  const far = Math.abs(measure(worst) - measure(best)) > 2.5 * Math.abs(measure(bulk) - measure(best));
  const end = far && bulk !== best ? bulk : worst;
  const room = 0.04 * Math.abs(measure(end) - measure(best)) || 0.5;
  const beyondEnd = (sign: number) => (log ? 10 ** (measure(end) + sign * room) : end + sign * room);
  const beyondBest = (sign: number) => (log ? 10 ** (measure(best) + sign * room) : best + sign * room);
  const domain = maximize ? [beyondEnd(-1), beyondBest(1)] : [beyondBest(-1), beyondEnd(1)];
  const edge = maximize ? domain[0]! : domain[1]!;
  const beyond = (value: number) => (maximize ? value < edge : value > edge);
  return {
    options: {
      type: log ? 'log' : 'linear',
      domain,
      ticks: log ? logTicks(domain[0]!, domain[1]!, 6) : 5,
      tickFormat: shown,
    },
    edge,
    beyond,
    clamped: (value) => (beyond(value) ? edge : value),
    log,
  };
}

/** The names of a parameter's values in figures. */
export function shownAt(axis: ParameterAxis, position: number): string {
  const value = valueAt(axis, position);
  return typeof value === 'number' ? shown(Number(value.toPrecision(9))) : value;
}
