/** Values of a network's description as texts and as numbers for a distribution. */
import { draw, isDistribution, isList, type SynapseValues } from '../../circuit/elements/distribution.ts';
import type { QuantityValues } from './network-facts.ts';

/** Numbers drawn of a distribution. */
const draws = 20_000;

/** `20`, `normal, 20 ± 2`, `800 values from -1 to 3`, or an expression. */
export function valuesText(values: SynapseValues, unit = ''): string {
  const of = (value: number) => Number(value.toPrecision(5)).toString().replace('-', '−');
  const suffix = unit === '' ? '' : ` ${unit}`;
  if (typeof values === 'number') return `${of(values)}${suffix}`;
  if (typeof values === 'string') return values;
  if (isList(values)) {
    if (values.length === 0) return 'none';
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return `${values.length.toLocaleString('en')} values from ${of(low)} to ${of(high)}${suffix}`;
  }
  if (values.kind === 'uniform') return `uniform, ${of(values.low)} to ${of(values.high)}${suffix}`;
  if (values.kind === 'normal') return `normal, ${of(values.mean)} ± ${of(values.sd)}${suffix}`;
  return `log-normal, mu ${of(values.mu)}, sigma ${of(values.sigma)}${suffix}`;
}

/** Whether there is more than one value to show. */
export function isSpread(values: SynapseValues | undefined): boolean {
  return values !== undefined && typeof values !== 'number' && typeof values !== 'string';
}

/** The values themselves, or draws of the distribution. */
export function spreadValues(values: SynapseValues): QuantityValues | undefined {
  if (isList(values)) return { values };
  if (isDistribution(values))
    return {
      values: draw(values, draws, 0),
      note: `${draws.toLocaleString('en')} draws of the distribution`,
    };
  return undefined;
}
