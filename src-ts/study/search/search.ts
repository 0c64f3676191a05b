/** Search methods of a study: plain frozen nodes, one per sampler. */

import { callback } from '../../checks/check.ts';
import { node } from './node.ts';
import type { TrialRecord } from './trials.ts';

/**
 * Every combination, in the order of the space; the last parameter changes fastest. The study ends after the last
 * combination.
 */
export interface GridSearch {
  readonly kind: 'grid';
  /**
   * Number of values of a range, evenly spaced and including both ends; one number for all ranges or one by name.
   * Default 10.
   */
  readonly points?: number | { readonly [parameter: string]: number };
  /** Combinations in random order, which covers the space better if the study ends early. Default false. */
  readonly shuffle?: boolean;
}

/** Each trial is independent of all others. */
export interface RandomSearch {
  readonly kind: 'random';
}

/** Low-discrepancy points, in any number; most even at powers of two. Up to 1,024 parameters. */
export interface SobolSearch {
  readonly kind: 'sobol';
  /**
   * Owen scrambling by the seed. Without it, every study has the same points, and the first one is all lower bounds.
   * Default true.
   */
  readonly scramble?: boolean;
}

/** Of each `size` trials, every parameter takes one value in each of `size` equal parts of its range. */
export interface LatinHypercubeSearch {
  readonly kind: 'latin-hypercube';
  /** Trials of one hypercube; then the next one starts. Default 64. */
  readonly size?: number;
}

/**
 * Tree-structured Parzen estimator: proposes parameters that are more likely among good trials than among the others.
 */
export interface TpeSearch {
  readonly kind: 'tpe';
  /** Random trials before the first estimated one. Default 10. */
  readonly startup?: number;
  /** Number of candidates; the best one is proposed. Default 24. */
  readonly candidates?: number;
  /** Weight of the prior, uniform over the space, relative to one trial. Default 1. */
  readonly priorWeight?: number;
}

/** Covariance matrix adaptation over the numeric parameters; choices are random. For one objective. */
export interface CmaEsSearch {
  readonly kind: 'cma-es';
  /** Initial standard deviation as a fraction of each range. Default 1/6. */
  readonly sigma?: number;
  /** Trials per generation. Default 4 + ⌊3 ln n⌋ for n numbers. */
  readonly population?: number;
  /** Center of the first generation, by name; default the middle of each range. */
  readonly start?: { readonly [parameter: string]: number };
}

/** Non-dominated sorting genetic algorithm II, for several objectives. */
export interface Nsga2Search {
  readonly kind: 'nsga2';
  /** Size of the parent population; the first trials, equally many, are random. Default 50. */
  readonly population?: number;
  /** Probability that a child has two parents. Default 0.9. */
  readonly crossover?: number;
  /** Probability that a parameter of a child is mutated. Default 1 / number of its parameters. */
  readonly mutation?: number;
}

/** The argument of a custom sampler. Its proposal must depend only on this, otherwise the study cannot be repeated. */
export interface ProposalContext {
  /** The trial to propose. */
  readonly number: number;
  /** Finished trials that this proposal may use, by number (with `order: 'free'` in the order of arrival). */
  readonly trials: readonly TrialRecord[];
  /** Parameters of trials that were proposed before and are not among `trials`. */
  readonly pending: readonly Readonly<Record<string, unknown>>[];
  /** A random number in [0, 1), the next one of this trial's stream. */
  readonly random: () => number;
}

/** A custom sampler; `undefined` ends the study. */
export interface CustomSearch {
  readonly kind: 'custom';
  readonly propose: (context: ProposalContext) => Readonly<Record<string, unknown>> | undefined;
}

/** How parameters are proposed. */
export type Search =
  | GridSearch
  | RandomSearch
  | SobolSearch
  | LatinHypercubeSearch
  | TpeSearch
  | CmaEsSearch
  | Nsga2Search
  | CustomSearch;

/** The options of a node. */
export type OptionsOf<S> = Omit<S, 'kind'>;

/** {@link GridSearch}. */
export function grid(options?: OptionsOf<GridSearch>): GridSearch {
  return node('search', 'grid', options, ['points', 'shuffle']);
}

/** {@link RandomSearch}. */
export function random(): RandomSearch {
  return node('search', 'random', {}, []);
}

/** {@link SobolSearch}: I. M. Sobol', 1967, direction numbers of S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30, 2008. */
export function sobol(options?: OptionsOf<SobolSearch>): SobolSearch {
  return node('search', 'sobol', options, ['scramble']);
}

/** {@link LatinHypercubeSearch}: M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21, 1979. */
export function latinHypercube(options?: OptionsOf<LatinHypercubeSearch>): LatinHypercubeSearch {
  return node('search', 'latin-hypercube', options, ['size']);
}

/** {@link TpeSearch}: J. Bergstra et al., NIPS 2011; multivariate as in S. Falkner et al., ICML 2018, and S. Watanabe, arXiv:2304.11127. */
export function tpe(options?: OptionsOf<TpeSearch>): TpeSearch {
  return node('search', 'tpe', options, ['startup', 'candidates', 'priorWeight']);
}

/** {@link CmaEsSearch}: N. Hansen, The CMA evolution strategy: a tutorial, arXiv:1604.00772. */
export function cmaEs(options?: OptionsOf<CmaEsSearch>): CmaEsSearch {
  return node('search', 'cma-es', options, ['sigma', 'population', 'start']);
}

/** {@link Nsga2Search}: K. Deb et al., IEEE Trans. Evol. Comput. 6, 2002; one trial at a time, J. J. Durillo et al., EMO 2009. */
export function nsga2(options?: OptionsOf<Nsga2Search>): Nsga2Search {
  return node('search', 'nsga2', options, ['population', 'crossover', 'mutation']);
}

/** {@link CustomSearch}: a custom sampler. */
export function custom(propose: CustomSearch['propose']): CustomSearch {
  return Object.freeze({ kind: 'custom', propose: callback('propose', propose) });
}
