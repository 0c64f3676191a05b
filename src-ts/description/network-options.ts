/** What is chosen for a whole network: its options, and the part of a description that they decide. */
import { options as checkOptions, finite, integer, invalid, oneOf, text } from '../checks/check.ts';
import { checkTokens } from '../data/text.ts';

/** Precision of all arithmetic: `f32` is fast, `f64` the reference. */
export type Precision = 'f32' | 'f64';

/** What is chosen for a whole network. */
export interface NetworkOptions {
  /** Length of a time step, ms; default 1. */
  dt?: number;
  /** Default `'f32'`. */
  precision?: Precision;
  /** Seed of the initial weights, an integer from 0; default 0. */
  seed?: number;
  /**
   * Number of input channels, or the input's shape `[channels, width]`, `[channels, height, width]` or
   * `[channels, depth, height, width]`; needed only where the first layer does not tell.
   */
  inputs?: number | readonly number[];
  /**
   * Of a language model the characters that its inputs and outputs stand for, in the order of their numbers: files keep
   * them, and `generate` needs them. As many as the output has neurons.
   */
  vocabulary?: readonly string[];
  /**
   * Layers that compute with the weights of another, by their names: `{ decoder: 'encoder' }`. Such a layer has no tensors of its own; its
   * gradients are added to those of the other, which comes before it and has tensors of the same shapes. Default: none.
   */
  sharedWeights?: Readonly<Record<string, string>>;
}

/** The part of a description that the options of a network decide. */
export interface ChosenFields {
  /** Length of a time step, ms. */
  readonly dt: number;
  readonly precision: Precision;
  /** Seed of the initial weights. */
  readonly seed: number;
  /** Of a language model the tokens, in the order of their numbers. */
  readonly vocabulary?: readonly string[];
  /** For each layer without weights of its own that whose weights it has. */
  readonly sharedWeights?: Readonly<Record<string, string>>;
}

const names = ['dt', 'precision', 'seed', 'inputs', 'vocabulary', 'sharedWeights'] as const;

/** Refuses an option that does not exist, and those that a kind of network does not have. */
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

/** The options as fields of a description, checked, with their defaults. */
export function chosenFields(options: NetworkOptions): ChosenFields {
  return {
    dt: finite('dt', options.dt ?? 1, { above: 0 }),
    precision: oneOf('precision', options.precision ?? 'f32', ['f32', 'f64']),
    seed: integer('seed', options.seed ?? 0, { min: 0 }),
    ...(options.vocabulary === undefined
      ? {}
      : { vocabulary: Object.freeze(checkTokens('vocabulary', options.vocabulary)) }),
    ...(options.sharedWeights === undefined ? {} : { sharedWeights: shared(options.sharedWeights) }),
  };
}

function shared(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    invalid('sharedWeights', given, "an object of names, such as { decoder: 'encoder' }");
  }
  const pairs = Object.entries(given).map(([layer, owner]) => [layer, text(`sharedWeights.${layer}`, owner)]);
  return Object.freeze(Object.fromEntries(pairs));
}
