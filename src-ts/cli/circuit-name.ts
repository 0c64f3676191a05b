/**
 * Checks the network argument of `lapicque simulate`, before anything is loaded and before other options are required.
 */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { unknownName } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { asUsageError } from './failure.ts';

/** The names of the built-in networks. */
export const circuitNames = [
  'brunel',
  'brunel-stdp',
  'coba',
  'cobahh',
  'cuba',
  'izhikevich',
  'microcircuit',
] as const;

export type CircuitName = (typeof circuitNames)[number];

export function isBuiltIn(name: string): name is CircuitName {
  return (circuitNames as readonly string[]).includes(name);
}

/** @throws LapicqueError `io`; usage error for an unknown name */
export function checkCircuit(name: string): void {
  if (isBuiltIn(name)) return;
  const found = statSync(name, { throwIfNoEntry: false });
  if (found?.isFile() === true) return;
  if (found !== undefined) throw new LapicqueError('io', { path: name, reason: 'not a regular file' });
  const isFile = extname(name) !== '' || /[\\/]/.test(name);
  if (isFile) throw new LapicqueError('io', { path: name, reason: 'no such file' });
  asUsageError(() => {
    throw unknownName('network', name, circuitNames);
  });
}
