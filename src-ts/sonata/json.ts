/** Objects of JSON in SONATA files, and errors that name the file. */
import { LapicqueError } from '../checks/errors.ts';

/** An object as JSON has it. */
export type Json = Readonly<Record<string, unknown>>;

/** What is wrong with a file of a SONATA network. */
export function malformed(path: string, reason: string): LapicqueError {
  return new LapicqueError('malformed-file', { format: 'SONATA', offset: 0, reason: `${path}: ${reason}` });
}

export function unsupported(path: string, feature: string): LapicqueError {
  return new LapicqueError('unsupported', { feature: `${feature} (${path})`, format: 'loadSonata' });
}
