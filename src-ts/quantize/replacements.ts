/** Rules of a model that a target replaces by its own: what the report and its warnings say. */
import type { NeuronNumbers } from './neuron.ts';
import type { IntegerRules } from './rules.ts';
import type { TargetRules } from './target-rules.ts';

/** A rule of a model's layer that the target replaces, so that the layer's computation differs. */
export interface RuleReplacement {
  /** Name of the rule in the table of targets. */
  readonly rule: string;
  /** The model's rule. */
  readonly model: string;
  /** The rule of the integer layer. */
  readonly target: string;
}

/** The decay of a state, in factors per step: of the model and of the integer layer, one for each neuron. */
export interface DecayFactors {
  readonly model: Float64Array;
  readonly integer: Float64Array;
}

/** What of a layer the rules of its target change. @param decays - `current`: absent without one in the integer layer */
export function replacedRules(
  numbers: NeuronNumbers,
  rules: IntegerRules,
  decays: { readonly v: DecayFactors; readonly current: DecayFactors | undefined },
  { isDelayed, target }: { readonly isDelayed: boolean; readonly target: TargetRules },
): readonly RuleReplacement[] {
  const all: RuleReplacement[] = [];
  const replaced = (rule: string, model: string, own: string) => all.push({ rule, model, target: own });
  const { rules: model, spiking, alpha } = numbers;
  if (spiking) {
    if (rules.compare !== model.compare)
      replaced('compare', `spike if v ${model.compare} threshold`, `spike if v ${rules.compare} threshold`);
    if (rules.reset !== model.reset) replaced('reset', model.reset, rules.reset);
    else if (rules.reset !== 'none') resetTime();
    if (rules.maxSpikes > 1)
      replaced('maxSpikes', 'at most 1 spike per step', `at most ${rules.maxSpikes} spikes per step`);
  }
  if (isDelayed)
    replaced(
      'outputDelay',
      'spikes act in the same step',
      `spikes act ${target.outputDelay} step later in the last layer`,
    );
  stays('vDecay', 'v', rules.vDecay, decays.v);
  if (decays.current !== undefined) {
    const { integer, model: exact } = decays.current;
    if (alpha === undefined) {
      if (integer.some((factor) => factor > 0))
        replaced(
          'currents',
          'input is added to v at once',
          `input goes through a current that decays to ${integer[0]} of its value in a step; its sum over time equals the input's`,
        );
    } else {
      stays('currentDecay', 'the current', rules.currentDecay, decays.current);
      const shortest = shortestCurrent(rules);
      if (exact.some((factor) => factor < shortest))
        replaced(
          'currentDecay',
          `a current that decays to less than ${shortest} of its value in a step`,
          `${shortest} is left; the sum over time is that of the model`,
        );
      const isLate = (order: IntegerRules['currentOrder']) => order === 'use-decay-add';
      if (isLate(model.currentOrder) !== isLate(rules.currentOrder))
        replaced('currentOrder', model.currentOrder, rules.currentOrder);
    }
  }
  return all;

  function resetTime(): void {
    if (rules.resetTiming !== model.resetTiming)
      replaced('resetTiming', model.resetTiming, rules.resetTiming);
    // Of a reset in the same step, what was subtracted decays with v.
    const scale = (timing: string, own: string) => (timing === 'same-step' ? 'beta-threshold' : own);
    const [before, after] = [
      scale(model.resetTiming, model.resetScale),
      scale(rules.resetTiming, rules.resetScale),
    ];
    if (rules.reset === 'subtract' && before !== after && numbers.beta.some((beta) => beta < 1))
      replaced('resetScale', before, after);
  }

  /** A state without decay that the target makes decay. */
  function stays(
    rule: string,
    what: string,
    decay: IntegerRules['vDecay'],
    { model, integer }: DecayFactors,
  ): void {
    const moves = decay.kind === 'shift' && decay.atLeastOne;
    if (model.some((factor, i) => factor === 1 && (moves || integer[i]! < 1)))
      replaced(rule, `${what} does not decay`, `${what} loses at least one of its units in each step`);
  }
}

/** The least that is left of a current after a step: one that decays before it is used must not vanish before. */
export function shortestCurrent({ currentDecay, currentOrder }: IntegerRules): number {
  return currentOrder === 'add-decay-use' && currentDecay.kind === 'shift' ? 0.5 : 0;
}
