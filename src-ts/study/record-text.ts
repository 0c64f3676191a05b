/** Records as text without loss: JSON in which NaN, the infinities and -0 are objects with one key. */

const names = new Map<unknown, number>([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

/** Encodes a record as one line. */
export function encodeRecord(record: object): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? { $number: Object.is(value, -0) ? '-0' : String(value) }
      : value,
  );
}

/** Decodes a line of {@link encodeRecord}. */
export function decodeRecord(text: string): unknown {
  // A reviver function for each value takes ten times as long, and few records contain such numbers.
  return text.includes('{"$number":') ? JSON.parse(text, revive) : JSON.parse(text);
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$number' in value)) return value;
  return names.get(value.$number) ?? value;
}

/**
 * A canonical text: equal for equal outcomes, whatever the order of keys. Two runs of a trial must agree in it bit for
 * bit.
 */
export function canonicalText(value: unknown): string {
  return encodeRecord({ value: sorted(value) });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}
