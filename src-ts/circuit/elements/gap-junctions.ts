/** What goes from neuron to neuron in every step: electrical synapses, and graded ones. */
import { options as checkOptions, flag, invalid, noFurther, text } from '../../checks/check.ts';
import { type SynapseValues, synapseValuesOf } from './distribution.ts';
import { isTarget, type Postsynaptic } from './populations.ts';
import type { Rule } from './rule.ts';

/** Options of {@link gapJunctions}. */
export interface GapOptions {
  /**
   * At least 0: one value for all, one per pair if the rule is a list, a distribution, or an expression of the distance. Conductance times mV gives
   * the port's unit: nS for pA.
   */
  conductance: SynapseValues;
  /** Input of the neurons of both populations; default the only input, or `current`. */
  port?: string;
  /** Whether the opposite current runs into `pre`; default true. */
  symmetric?: boolean;
}

/** Gap junctions between neurons. Made by {@link gapJunctions}. */
export interface GapJunctions {
  readonly element: 'gap-junctions';
  readonly from: Postsynaptic;
  readonly to: Postsynaptic;
  readonly rule: Rule;
  readonly conductance: SynapseValues;
  readonly port?: string;
  readonly symmetric?: boolean;
  /** For graded synapses: the state of `pre` that is transmitted; `conductance` is then the weight. */
  readonly state?: string;
}

/** Options of {@link gradedSynapses}. */
export interface GradedOptions {
  /** The transmitted state of `pre`, such as a gate `'s'` or a rate `'r'`. */
  state: string;
  /**
   * One value for all, one per pair if the rule is a list, a distribution, or an expression of the distance. Weight times state gives the port's
   * unit.
   */
  weight: SynapseValues;
  /** Input of the neurons of `post`; default the only input, or `current`. Gap junctions cannot use the same input. */
  port?: string;
}

/**
 * Gap junctions from `pre` to `post`: each lets a current `conductance * (v_pre - v_post)` into `post`, from the potentials at the end of the
 * previous step, and the opposite current into `pre`. No neuron has a junction with itself. All threads then synchronize in every step.
 *
 * Several declarations add up, as connections do: `gapJunctions(a, b, …)` and `gapJunctions(b, a, …)` give a pair two junctions in parallel, with
 * the sum of their conductances.
 *
 * @example
 * ```ts
 * gapJunctions(inhibitory, inhibitory, rule.pairwiseBernoulli(0.05), { conductance: 2 });
 * ```
 * @param rule - the rule that selects the pairs. With `symmetric`, `allToAll`, `pairwiseBernoulli` and `pairwisePoisson` count each pair of neurons
 * of one
 * population once, from the lower to the higher; rules with a fixed number may draw a pair again, whose conductances then add
 * @throws LapicqueError `invalid-parameter`; when the network is compiled, also for conductances below 0, neurons without `v`, a symmetric
 * list with both directions of a pair, and rules with a fixed number that may draw both although `multapses` is false
 */
export function gapJunctions(
  pre: Postsynaptic,
  post: Postsynaptic,
  rule: Rule,
  options: GapOptions,
): GapJunctions;
export function gapJunctions(
  pre: Postsynaptic,
  post: Postsynaptic,
  rule: Rule,
  options: GapOptions,
  ...further: unknown[]
): GapJunctions {
  noFurther('gapJunctions', further, 'none; conductance, port and symmetric are one object');
  checkPairs(pre, post, rule);
  if (options === undefined) invalid('options', options, 'an object with conductance');
  const { conductance, port, symmetric } = checkOptions('gapJunctions', options, [
    'conductance',
    'port',
    'symmetric',
  ]);
  return Object.freeze({
    element: 'gap-junctions',
    from: pre,
    to: post,
    rule,
    conductance: synapseValuesOf('gapJunctions.conductance', conductance),
    ...(port === undefined ? {} : { port: text('gapJunctions.port', port) }),
    ...(symmetric === undefined ? {} : { symmetric: flag('gapJunctions.symmetric', symmetric) }),
  });
}

/**
 * Graded synapses from `pre` to `post`: each adds `weight * state` to the input of `post`, with the state of `pre` at the end of the previous step.
 * They need no spikes, so `pre` may be neurons without spikes. Use them for synapses whose gates are equations of the sender (X.-J. Wang, G. Buzsáki,
 * J. Neurosci. 16, 1996) and for networks of rates. All threads then synchronize in every step.
 *
 * @example
 * ```ts
 * const unit = neuron({ state: { v: 0, r: 0 }, update: 'v += dt*(i - v)/10; r = tanh(v)' });
 * const rates = population(unit, 200);
 * const chaotic = gradedSynapses(rates, rates, rule.allToAll(), { state: 'r', weight: distribution.normal(0, 1.5 / Math.sqrt(200)) });
 * ```
 * @param rule - the rule that selects the pairs
 * @throws LapicqueError `invalid-parameter`, `unknown-name`; states and inputs that the neurons do not have are reported when the network is compiled
 */
export function gradedSynapses(
  pre: Postsynaptic,
  post: Postsynaptic,
  rule: Rule,
  options: GradedOptions,
): GapJunctions;
export function gradedSynapses(
  pre: Postsynaptic,
  post: Postsynaptic,
  rule: Rule,
  options: GradedOptions,
  ...further: unknown[]
): GapJunctions {
  noFurther('gradedSynapses', further, 'none; state, weight and port are one object');
  checkPairs(pre, post, rule);
  if (options === undefined) invalid('options', options, 'an object with state and weight');
  const { state, weight, port } = checkOptions('gradedSynapses', options, ['state', 'weight', 'port']);
  return Object.freeze({
    element: 'gap-junctions',
    from: pre,
    to: post,
    rule,
    conductance: synapseValuesOf('gradedSynapses.weight', weight),
    symmetric: false,
    state: text('gradedSynapses.state', state),
    ...(port === undefined ? {} : { port: text('gradedSynapses.port', port) }),
  });
}

function checkPairs(pre: Postsynaptic, post: Postsynaptic, rule: Rule): void {
  if (!isTarget(pre)) invalid('pre', pre, 'a population, or a slice of one');
  if (!isTarget(post)) invalid('post', post, 'a population, or a slice of one');
  if (typeof rule?.kind !== 'string') invalid('rule', rule, 'a rule, such as rule.pairwiseBernoulli(0.1)');
}
