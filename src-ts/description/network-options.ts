/** Options of a whole network, and the part of a description that they determine. */
import { options as checkOptions, integer, invalid, oneOf, text, timeStep } from '../checks/check.ts';
import { checkTokens } from '../data/text.ts';
import { checkedReadout } from '../trace/readout.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';

/** Precision of all arithmetic: `f32` is fast, `f64` the reference. */
export type Precision = 'f32' | 'f64';

/** Options of a whole network. */
export interface NetworkOptions {
  /** Length of a time step, ms; default 1. */
  dt?: number;
  /** Default `'f32'`. */
  precision?: Precision;
  /** Seed of the initial weights, an integer from 0; default 0. */
  seed?: number;
  /**
   * Number of input channels, or the input's shape `[channels, width]`, `[channels, height, width]` or `[channels, depth,
   * height, width]`; required only if the first layer does not determine it.
   */
  inputs?: number | readonly number[];
  /**
   * For a language model: the characters that its inputs and outputs stand for, in the order of their indices. Files store
   * them, and `generate` needs them. Their number must equal the number of output neurons.
   */
  vocabulary?: readonly string[];
  /**
   * Layers that use the weights of another layer, by name: `{ decoder: 'encoder' }`. Such a layer has no weights and no
   * bias; its gradients are added to those of the other, which must come before it and have tensors of the same shapes. A batch norm
   * keeps its own running averages. Default: none.
   */
  sharedWeights?: Readonly<Record<string, string>>;
  /**
   * The scores of the classes as a function of {@link loss}.trace, in place of spike counts or membranes: attention over time, a population
   * vector. Its result has the axes `batch` and one for the classes; each sample must be independent of the others. It belongs to the model: runs and
   * sessions return its values, predictions and accuracies use it, and files store it. Its parameters exist from the beginning.
   */
  readout?: TracedLoss;
}

/** The part of a description that the options determine. */
export interface ChosenFields {
  /** Length of a time step, ms. */
  readonly dt: number;
  readonly precision: Precision;
  /** Seed of the initial weights. */
  readonly seed: number;
  /** For a language model: the tokens, in the order of their indices. */
  readonly vocabulary?: readonly string[];
  /** For each layer without weights: the layer whose weights it uses. */
  readonly sharedWeights?: Readonly<Record<string, string>>;
  /** The function that gives the scores of the classes. */
  readonly readout?: TracedLoss;
}

const names = ['dt', 'precision', 'seed', 'inputs', 'vocabulary', 'sharedWeights', 'readout'] as const;

/** Refuses unknown options, and those that do not apply to a kind of network. */
export function checkNetworkOptions(
  options: NetworkOptions,
  without: readonly (keyof NetworkOptions)[] = [],
): void {
  checkOptions(
    'network',
    options,
    names.filter((name) => !without.includes(name)),
  );
}

/** Checks the options; returns them as fields of a description, with their defaults. */
export function chosenFields(options: NetworkOptions): ChosenFields {
  return {
    dt: timeStep('dt', options.dt ?? 1),
    precision: oneOf('precision', options.precision ?? 'f32', ['f32', 'f64']),
    seed: integer('seed', options.seed ?? 0, { min: 0 }),
    ...(options.vocabulary === undefined
      ? {}
      : { vocabulary: Object.freeze(checkTokens('vocabulary', options.vocabulary)) }),
    ...(options.sharedWeights === undefined ? {} : { sharedWeights: shared(options.sharedWeights) }),
    ...(options.readout === undefined ? {} : { readout: checkedReadout('readout', options.readout) }),
  };
}

function shared(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    invalid('sharedWeights', given, "an object of names, such as { decoder: 'encoder' }");
  }
  const pairs = Object.entries(given).map(([layer, owner]) => [layer, text(`sharedWeights.${layer}`, owner)]);
  return Object.freeze(Object.fromEntries(pairs));
}
