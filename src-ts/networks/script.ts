/** What a network script is: a function of scale, step and seed, or what it makes. */
import { finite, integer, invalid, options, text } from '../checks/check.ts';
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
 * @param draws - how many seeds the network makes of its own
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function checkContext(network: string, given: NetworkContext, draws = 1): NetworkContext {
  const context = options(network, given, ['scale', 'seed', 'dt', 'method']);
  const { scale, seed, dt, method } = context;
  if (scale !== undefined) finite('scale', scale, { above: 0 });
  const max = draws > 1 ? { max: Math.floor(Number.MAX_SAFE_INTEGER / draws) - 1 } : {};
  if (seed !== undefined) integer('seed', seed, { min: 0, ...max });
  if (dt !== undefined) finite('dt', dt, { above: 0 });
  if (method !== undefined) text('method', method);
  return context;
}

/** The most neurons of a population: lists of what differs from one to the next are no longer. */
const most = 2 ** 27;

/**
 * How many neurons of a population there are at a scale of the network.
 *
 * @param size - at scale 1
 * @throws LapicqueError `invalid-parameter` with the scale, which is what was asked for
 */
export function scaled(scale: number, population: string, size: number): number {
  const neurons = Math.round(size * scale);
  if (neurons < 1) invalid('scale', scale, `at least ${0.5 / size}, for one neuron in ${population}`);
  if (neurons > most) invalid('scale', scale, `at most ${most / size}, for 2^27 neurons in ${population}`);
  return neurons;
}
