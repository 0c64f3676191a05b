/** Plain data: JSON values, and numbers that are not finite. */
import { invalid } from '../checks/check.ts';

/** @throws LapicqueError `invalid-parameter` with the path of a value that is not plain data */
export function checkPlain(name: string, value: unknown, depth = 0): void {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return;
  if (depth > 64) invalid(name, value, 'plain data of at most 64 levels');
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkPlain(`${name}[${i}]`, item, depth + 1);
    return;
  }
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null)
    invalid(name, value, 'plain data: strings, numbers, booleans, null, lists and objects of them');
  for (const [key, item] of Object.entries(value as object)) checkPlain(`${name}.${key}`, item, depth + 1);
}
