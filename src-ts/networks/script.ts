/** What a network script is: a function of scale, step and seed, or what it makes. */
import { finite, integer, options, text } from '../check.ts';
import type { Circuit } from '../circuit/network.ts';

/** What `lapicque simulate` asks of a script. */
export interface NetworkContext {
  /** Multiplies the neurons; default 1. */
  scale?: number;
  /** For what the script draws itself; default 0. */
  seed?: number;
  /** Time step in ms; default the script's own. */
  dt?: number;
  /** How a step is integrated, where there is a choice. */
  method?: string;
}

/** A network and how it is run. */
export interface NetworkScript {
  network: Circuit;
  /** Default time step in ms. */
  dt?: number;
  /** Default time in s that is simulated first and not counted. */
  transient?: number;
}

/** The default export of a network module. */
export type NetworkModule =
  | Circuit
  | NetworkScript
  | ((context: NetworkContext) => Circuit | NetworkScript | Promise<Circuit | NetworkScript>);

/**
 * What a built-in network is asked for; not every one reads all of it.
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function checkContext(network: string, given: NetworkContext): NetworkContext {
  const context = options(network, given, ['scale', 'seed', 'dt', 'method']);
  const { scale, seed, dt, method } = context;
  if (scale !== undefined) finite('scale', scale, { above: 0 });
  if (seed !== undefined) integer('seed', seed, { min: 0 });
  if (dt !== undefined) finite('dt', dt, { above: 0 });
  if (method !== undefined) text('method', method);
  return context;
}
