/** Electrical synapses. */
import { options as checkOptions, flag, invalid, text } from '../check.ts';
import { isTarget, type Postsynaptic } from './cells.ts';
import { type Values, valuesOf } from './distribution.ts';
import type { Rule } from './rule.ts';

/** What gap junctions are. */
export interface GapOptions {
  /** At least 0, one for all, one for each where the rule is a list, or drawn; times mV it is in the port's unit: nS for pA. */
  conductance: Values;
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
  readonly conductance: Values;
  readonly port?: string;
  readonly symmetric?: boolean;
}

/**
 * Gap junctions from `pre` to `post`: each lets a current `conductance * (v_pre - v_post)` into `post`, from the potentials at the
 * end of the step before, and the opposite one into `pre`. No neuron has one with itself. All neurons of the network then wait
 * for each other in every step.
 *
 * @example
 * ```ts
 * gapJunctions(inhibitory, inhibitory, rule.pairwiseBernoulli(0.05), { conductance: 2 });
 * ```
 * @param rule - which pairs get one; with `symmetric` a pair of one population is met twice, once in each direction
 * @throws LapicqueError `invalid-parameter`; conductances below 0 and neurons without `v` are found when the network is compiled
 */
export function gapJunctions(
  pre: Postsynaptic,
  post: Postsynaptic,
  rule: Rule,
  options: GapOptions,
): GapJunctions {
  if (!isTarget(pre)) invalid('pre', pre, 'a population, or a slice of one');
  if (!isTarget(post)) invalid('post', post, 'a population, or a slice of one');
  if (typeof rule?.kind !== 'string') invalid('rule', rule, 'a rule, such as rule.pairwiseBernoulli(0.1)');
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
    conductance: valuesOf('gapJunctions.conductance', conductance),
    ...(port === undefined ? {} : { port: text('gapJunctions.port', port) }),
    ...(symmetric === undefined ? {} : { symmetric: flag('gapJunctions.symmetric', symmetric) }),
  });
}
