/** The interface of a network script: a function of scale, step and seed, or its result. */
import { finite, integer, invalid, options, text, timeStep } from '../checks/check.ts';
import type { Circuit } from '../circuit/circuit.ts';

/** Options that `lapicque simulate` passes to a script. */
export interface CircuitContext {
  /** Multiplies the neurons; default 1. */
  scale?: number;
  /** Seed of random numbers that the script draws itself; default 0. */
  seed?: number;
  /** Time step in ms; default the script's own. */
  dt?: number;
  /** The integration method, if the network has several. */
  method?: string;
}

/** A network and the settings of its run. */
export interface CircuitScript {
  circuit: Circuit;
  /** Default time step in ms. */
  dt?: number;
  /** Default transient in s, which is simulated first and not measured. */
  transient?: number;
}

/** The default export of a network module. */
export type CircuitModule =
  | Circuit
  | CircuitScript
  | ((context: CircuitContext) => Circuit | CircuitScript | Promise<Circuit | CircuitScript>);

/**
 * Checks the options of a built-in network; not every network reads all of them.
 * @param draws - number of seeds that the network uses itself
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function checkContext(network: string, given: CircuitContext, draws = 1): CircuitContext {
  const context = options(network, given, ['scale', 'seed', 'dt', 'method']);
  const { scale, seed, dt, method } = context;
  if (scale !== undefined) finite('scale', scale, { above: 0 });
  const max = draws > 1 ? { max: Math.floor(Number.MAX_SAFE_INTEGER / draws) - 1 } : {};
  if (seed !== undefined) integer('seed', seed, { min: 0, ...max });
  if (dt !== undefined) timeStep('dt', dt);
  if (method !== undefined) text('method', method);
  return context;
}

/** The maximum number of neurons of a population, so that lists with one value per neuron are not longer. */
const maxNeurons = 2 ** 27;

/**
 * The number of neurons of a population at a scale of the network.
 *
 * @param size - at scale 1
 * @throws LapicqueError `invalid-parameter` with the scale, which the user has set
 */
export function scaled(scale: number, population: string, size: number): number {
  const neurons = Math.round(size * scale);
  if (neurons < 1) invalid('scale', scale, `at least ${0.5 / size}, for one neuron in ${population}`);
  if (neurons > maxNeurons)
    invalid('scale', scale, `at most ${maxNeurons / size}, for 2^27 neurons in ${population}`);
  return neurons;
}
