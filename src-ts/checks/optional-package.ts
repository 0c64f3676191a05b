/** Optional packages that a server seldom needs and a user installs separately: `@lapicque/report`, for example. */
import { LapicqueError } from './errors.ts';

/**
 * The error of `feature` if its package cannot be loaded.
 *
 * @param reason - the loader's error: the package may be installed while one of its own dependencies is
 * missing
 */
export function missingPackage(name: string, feature: string, reason: unknown): LapicqueError {
  const { code, message } = reason as NodeJS.ErrnoException;
  const absent =
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && String(message).includes(name);
  const state = absent ? 'is not installed' : `does not load (${message})`;
  return new LapicqueError(
    'unsupported',
    { feature: `${feature} without ${name}`, format: 'this installation' },
    {
      message: `${feature} needs the package ${name}, which ${state}; run npm install ${name}`,
      cause: reason,
    },
  ) as LapicqueError;
}
