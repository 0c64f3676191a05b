/** Converts columns of a file to the types of batches. */
import { LapicqueError } from '../checks/errors.ts';

function outside(name: string, value: number, max: number): never {
  const reason = `${name} is ${value}; events have integers from 0 to ${max}`;
  throw new LapicqueError('malformed-file', { format: 'HDF5', offset: 0, reason });
}

/** @throws LapicqueError `malformed-file` for a value beyond 16 bits */
export function narrow16(name: string, column: ArrayLike<number>): Uint16Array {
  if (column instanceof Uint16Array) return column;
  const narrow = Uint16Array.from(column);
  for (let i = 0; i < narrow.length; i++) if (narrow[i] !== column[i]) outside(name, column[i]!, 65535);
  return narrow;
}

/** @throws LapicqueError `malformed-file` for a value beyond 8 bits */
export function narrow8(name: string, column: ArrayLike<number>): Uint8Array {
  if (column instanceof Uint8Array) return column;
  const narrow = Uint8Array.from(column);
  for (let i = 0; i < narrow.length; i++) if (narrow[i] !== column[i]) outside(name, column[i]!, 255);
  return narrow;
}
