/** Units of states: the real value of one integer step, so that weights and states fit their bits. */
import { invalid } from '../checks/check.ts';
import { log } from '../numbers/elementary.ts';

/** How weights are scaled: one unit per layer, one per neuron (per channel of a convolution), or a power of two. */
export type WeightScale = 'tensor' | 'channel' | 'power-of-two';

/** The real weights of one connection, with all factors. */
export interface RealWeights {
  /** Row-major, a row for each group. */
  readonly values: Float64Array;
  readonly maxCount: number;
}

/** The limits of a state. */
export interface StateRange {
  /** The name of its option, for messages. */
  readonly option: 'vBits' | 'currentBits';
  /** The largest absolute value of each group that must fit. */
  readonly largest: Float64Array;
  /** The value of a unit of the state, in units of the weights. */
  readonly factor: Float64Array;
  readonly bits: number;
  /** The most bits that may be used where the range needs more. */
  readonly mostBits: number;
  /** Whether a range beyond `mostBits` makes the weights coarser; otherwise it is an error. */
  readonly coarsens: boolean;
}

/** The result of {@link chooseUnits}. */
export interface Units {
  /** For each group. */
  readonly unit: Float64Array;
  /** For each connection. */
  readonly shifts: readonly number[];
  /** For each state, in the order given. */
  readonly bits: readonly number[];
  readonly needed: readonly number[];
}

/** The most that the inputs of a step may add to a state. */
const maxSum = 2 ** 30;

/** Room above the largest value of the calibration, where bits allow. */
const margin = 1.5;

/**
 * Units and shifts for the connections of a layer.
 *
 * @throws LapicqueError `invalid-parameter` if the bits of a state are too few for its range; it says how many are needed
 */
export function chooseUnits(
  layer: string,
  groups: number,
  connections: readonly RealWeights[],
  states: readonly StateRange[],
  { weightBits, maxShift, scale }: { weightBits: number; maxShift: number; scale: WeightScale },
): Units {
  const max = 2 ** (weightBits - 1) - 1;
  const rows = connections.map(({ values }) => largestOfRows(values, groups));
  const tensors = rows.map((row) => row.reduce((a, b) => Math.max(a, b), 0));
  const smallest = Math.min(...tensors.filter((largest) => largest > 0));
  const base = tensors.map((largest) => (largest > 0 ? rounded(log2(largest / smallest), 0, maxShift) : 0));
  const exactUnits = Float64Array.from({ length: groups }, (_, g) =>
    rows.reduce((unit, row, c) => {
      const largest = scale === 'channel' ? row[g]! : tensors[c]!;
      return Math.max(unit, largest / max / 2 ** base[c]!);
    }, 0),
  );
  const common = exactUnits.reduce((a, b) => Math.max(a, b), 0) || 1;
  const inUnits = (units: (g: number) => number) =>
    states.map(({ largest, factor }) =>
      largest.reduce((a, value, g) => Math.max(a, value / (units(g) * factor[g]!)), 0),
    );
  // A row of small weights must not make its states larger than those of a common unit, or than the bits that there are.
  const needed = inUnits(() => common).map((value) => Math.max(8, bitsOf(value)));
  const bits = states.map(({ option, bits, mostBits, coarsens }, i) => {
    if (needed[i]! > mostBits && !coarsens)
      invalid(
        `${layer}.${option}`,
        mostBits,
        `at least ${needed[i]} bits for the range of the calibration (or fewer weightBits)`,
      );
    return Math.min(mostBits, Math.max(bits, needed[i]!));
  });
  const unit = exactUnits.map((value, g) => {
    const min = states.map(
      ({ largest, factor }, i) => largest[g]! / (factor[g]! * (2 ** (bits[i]! - 1) - 1)),
    );
    const fine = scale === 'channel' && value > 0 ? value : common;
    const own = Math.max(fine, ...min);
    return scale === 'power-of-two' ? powerAbove(own) : own;
  });
  // The largest value of each state in whole units.
  const reached = inUnits((g) => unit[g]!);
  const sums = connections.map(
    ({ values, maxCount }, c) => (values.length / groups) * max * maxCount * 2 ** base[c]!,
  );
  const sum = sums.reduce((a, b) => a + b, 0);
  // Fraction bits: as many as fit states, shifts and sums.
  let fraction = 0;
  const fits = (f: number) =>
    base.every((shift) => shift + f <= maxShift) &&
    sum * 2 ** f <= maxSum &&
    reached.every((value, i) => value * margin * 2 ** f < 2 ** (bits[i]! - 1));
  while (fits(fraction + 1)) fraction++;
  return {
    unit: unit.map((value) => value / 2 ** fraction),
    shifts: base.map((shift) => shift + fraction),
    bits,
    needed,
  };
}

/** The largest absolute value of each row. */
function largestOfRows(values: Float64Array, rows: number): Float64Array {
  const out = new Float64Array(rows);
  const width = values.length / rows;
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / width);
    out[row] = Math.max(out[row]!, Math.abs(values[i]!));
  }
  return out;
}

/** The whole number nearest to a value, halves up, within limits. */
export function rounded(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, Math.floor(value + 0.5)));
}

export function log2(x: number): number {
  return log(x) / log(2);
}

/** Bits of a signed number that holds values up to `value`. */
function bitsOf(value: number): number {
  let bits = 1;
  while (2 ** (bits - 1) <= value && bits < 64) bits++;
  return bits;
}

/** The least power of two that is not below a value. */
function powerAbove(value: number): number {
  let power = 1;
  while (power < value) power *= 2;
  while (power / 2 >= value && power > 2 ** -200) power /= 2;
  return power;
}
