/** What goes from neuron to neuron in every step: electrical synapses, and graded ones. */
import { options as checkOptions, flag, invalid, text } from '../../checks/check.ts';
import { type SynapseValues, synapseValuesOf } from './distribution.ts';
import { isTarget, type Postsynaptic } from './populations.ts';
import type { Rule } from './rule.ts';

/** What gap junctions are. */
export interface GapOptions {
  /**
   * At least 0, one for all, one for each where the rule is a list, drawn, or an expression of the distance; times mV it is in the port's
   * unit: nS for pA.
   */
  conductance: SynapseValues;
  /** Input of the neurons of both; default the only one, or `current`. */
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
  /** Of graded synapses: the state of `pre` that enters, and `conductance` the weight. */
  readonly state?: string;
}

/** What graded synapses are. */
export interface GradedOptions {
  /** The state of `pre` that they carry, such as a gate `'s'` or a rate `'r'`. */
  state: string;
  /** One for all, one for each where the rule is a list, drawn, or an expression of the distance; times the state it is in the port's unit. */
  weight: SynapseValues;
  /** Input of the neurons of `post`; default the only one, or `current`. No gap junctions have the same. */
  port?: string;
}

/**
 * Gap junctions from `pre` to `post`: each lets a current `conductance * (v_pre - v_post)` into `post`, from the potentials at the
 * end of the step before, and the opposite one into `pre`. No neuron has one with itself. All neurons of the network then wait
 * for each other in every step.
 *
 * Several declarations add up, as connections do: `gapJunctions(a, b, …)` and `gapJunctions(b, a, …)` give a pair two junctions in parallel, with
 * the sum of their conductances.
 *
 * @example
 * ```ts
 * gapJunctions(inhibitory, inhibitory, rule.pairwiseBernoulli(0.05), { conductance: 2 });
 * ```
 * @param rule - which pairs get one. With `symmetric`, `allToAll`, `pairwiseBernoulli` and `pairwisePoisson` count each pair of neurons of one
 * population once, from the lower to the higher; rules with a fixed number may draw a pair again, whose conductances then add
 * @throws LapicqueError `invalid-parameter`; when the network is compiled, also for conductances below 0, neurons without `v`, a symmetric
 * list with both directions of a pair, and rules with a fixed number that may draw both although `multapses` is false
 */
export function gapJunctions(
  pre: Postsynaptic,
  post: Postsynaptic,
  rule: Rule,
  options: GapOptions,
): GapJunctions {
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
 * Graded synapses from `pre` to `post`: each adds `weight * state` to the input of `post` for a step, the state of `pre` at the end of the
 * step before; they need no spikes, so `pre` may be neurons that have none. Synapses whose gates are equations of the sender (X.-J. Wang, G.
 * Buzsáki, J. Neurosci. 16, 1996) and networks of rates. All neurons of the network then wait for each other in every step.
 *
 * @example
 * ```ts
 * const unit = neuron({ state: { v: 0, r: 0 }, update: 'v += dt*(i - v)/10; r = tanh(v)' });
 * const rates = population(unit, 200);
 * const chaotic = gradedSynapses(rates, rates, rule.allToAll(), { state: 'r', weight: distribution.normal(0, 1.5 / Math.sqrt(200)) });
 * ```
 * @param rule - which pairs get one
 * @throws LapicqueError `invalid-parameter`, `unknown-name`; what the neurons do not have is found when the network is compiled
 */
export function gradedSynapses(
  pre: Postsynaptic,
  post: Postsynaptic,
  rule: Rule,
  options: GradedOptions,
): GapJunctions {
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
