/** The optional package `@lapicque/bench`: the tasks of `lapicque bench`, and the least time of `--limits`. */
import type { Machine } from '@lapicque/bench';
import { missingPackage } from '../checks/optional-package.ts';
import { addon, task, unwrap } from '../engine/native.ts';

/**
 * The import is within `try`, so that bundlers treat the package as optional.
 *
 * @param feature - the command, named in the error
 * @throws LapicqueError `unsupported` if the package is not installed
 */
export async function benchPackage(feature: string): Promise<typeof import('@lapicque/bench')> {
  try {
    return await import('@lapicque/bench');
  } catch (error) {
    throw missingPackage('@lapicque/bench', feature, error);
  }
}

/** What the package needs of the engine beyond the library's exports. */
export const machine: Machine = {
  numpyRng(seed) {
    const rng = unwrap(addon.NumpyRng.create(seed));
    return {
      random: (out) => unwrap(rng.random(out)),
      integers: (high, len) => unwrap(rng.integers(high, len)),
    };
  },
  memory() {
    const { resident, peakResident } = unwrap(addon.memory());
    return {
      resident: resident ?? process.memoryUsage.rss(),
      // Node's value includes that of the process which started it; the addon's does not.
      peak: peakResident ?? process.resourceUsage().maxRSS * 1024,
    };
  },
  rates: (options) => task(options, (handle) => addon.machineRates(handle)),
};
