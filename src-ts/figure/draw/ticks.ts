/** Round positions of ticks and their texts. */

/** Positions within a domain, at round numbers. */
export function roundTicks(
  [start, end]: readonly [number, number],
  scale: 'linear' | 'log',
  max: number,
): number[] {
  const [low, high] = [Math.min(start, end), Math.max(start, end)];
  return scale === 'log' ? logTicks(low, high, max) : linearTicks(low, high, max);
}

/** At most `max` ticks, but at least two. */
function linearTicks(low: number, high: number, max: number): number[] {
  for (let count = max; count < max + 4; count++) {
    const ticks = ticksOf(low, high, count);
    if (ticks.length >= 2) return ticks;
  }
  return ticksOf(low, high, max);
}

function ticksOf(low: number, high: number, max: number): number[] {
  const rough = (high - low) / Math.max(1, max);
  const power = powerOfTen(exponentOf(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999_999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // A product of whole numbers and a power of ten is rounded once, so 0.3 is not 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function logTicks(low: number, high: number, max: number): number[] {
  const [below, last] = [exponentOf(low), exponentOf(high)];
  const first = powerOfTen(below) === low ? below : below + 1;
  const decades = last - first + 1;
  const every = Math.max(1, Math.ceil(decades / max));
  const powers = Array.from({ length: Math.max(0, Math.ceil(decades / every)) }, (_, i) =>
    powerOfTen(first + i * every),
  );
  if (decades >= 3) return powers;
  // With few powers of ten, some of their multiples as well; with none, round numbers.
  for (const factors of [
    [1, 2, 5],
    [1, 3],
  ]) {
    const all = factors.flatMap((factor) => [-1, 0, 1, 2].map((i) => factor * powerOfTen(first + i)));
    const within = all.filter((tick) => tick >= low && tick <= high).sort((a, b) => a - b);
    if (within.length >= 2 && within.length <= max + 1) return within;
  }
  return decades >= 2 ? powers : linearTicks(low, high, max).filter((tick) => tick > 0);
}

/** Numbers as texts, all with the same number of decimals. */
export function tickTexts(ticks: readonly number[], scale: 'linear' | 'log'): string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  const smallest = Math.min(...ticks.filter((tick) => tick !== 0).map(Math.abs));
  if (scale === 'log' || largest >= 1e6 || (largest > 0 && largest < 1e-4))
    return ticks.map((tick) => (tick === 0 ? '0' : powerText(tick, smallest < 1e-3 || largest >= 1e5)));
  const decimals = Math.max(...ticks.map((tick) => `${tick}`.split('.')[1]?.length ?? 0));
  // From 10,000 on with commas, as all numbers of texts.
  const text = (tick: number) => (largest >= 1e4 ? tick.toLocaleString('en') : tick.toFixed(decimals));
  return ticks.map((tick) => text(tick).replace('-', '−'));
}

function powerText(tick: number, byPowers: boolean): string {
  if (!byPowers) return `${tick}`.replace('-', '−');
  const [mantissa, power] = tick.toExponential().split('e') as [string, string];
  const raised = [...String(Number(power))].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '⁻').join('');
  return mantissa === '1' ? `10${raised}` : `${mantissa.replace('-', '−')}·10${raised}`;
}

/** The largest whole exponent of ten that does not exceed a positive number. */
function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}
