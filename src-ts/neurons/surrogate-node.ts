/** Surrogate gradients as plain frozen nodes. The factories of the named ones are generated from the registry. */
import { options as checkOptions, finite } from '../checks/check.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { NamedSurrogate } from './named-surrogates.generated.ts';

/** A surrogate from an expression, with its parameters; see {@link customSurrogate}. */
export interface CustomSurrogate {
  readonly derivative: string;
  readonly name?: undefined;
  readonly [parameter: string]: number | string | undefined;
}

/**
 * A surrogate gradient by name, with the given parameters. The others have the defaults of its page or, in a neuron
 * with `like`, the library's: `surrogate.sigmoid()` has slope 25, and with `like: 'spikingjelly'` slope 4.
 */
export type Surrogate = NamedSurrogate | CustomSurrogate;

/** Used by the generated factories. */
export function surrogateOf(name: string, rawOptions: object, known: readonly string[]): Surrogate {
  const options = checkOptions(name, rawOptions, known as readonly never[]) as Record<string, number>;
  const surrogate: Record<string, number | string> = { name };
  for (const [key, value] of Object.entries(options)) {
    if (value !== undefined) surrogate[key] = finite(`${name}.${key}`, value);
  }
  // The engine checks the ranges.
  unwrap(addon.surrogate(JSON.stringify(surrogate), new Float64Array(0)));
  return Object.freeze(surrogate) as unknown as Surrogate;
}
