/** The error of what integer networks do not have. */
import { LapicqueError } from '../checks/errors.ts';

/** @throws LapicqueError `unsupported`; `feature` begins with the name of the layer */
export function refuse(feature: string): never {
  throw new LapicqueError('unsupported', { feature, format: 'quantize' });
}
