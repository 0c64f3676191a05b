/** How a study proposes its next parameters: plain frozen nodes, one per sampler. */
import { callback, options as checkOptions, definite } from '../../checks/check.ts';
import type { TrialRecord } from './trials.ts';

/** Every combination, in the order of the space, the last parameter changing fastest. The study ends with the last one. */
export interface GridSearch {
  readonly kind: 'grid';
  /** Values of a parameter that is a range: as many, evenly spaced with both ends, of each or of those named. Default 10. */
  readonly points?: number | { readonly [parameter: string]: number };
  /** Combinations in random order, which is fairer to a study that ends early. Default false. */
  readonly shuffle?: boolean;
}

/** Each trial independent of all others. */
export interface RandomSearch {
  readonly kind: 'random';
}

/** Points that fill the space evenly, in any number: best in powers of two. Up to 1,024 parameters. */
export interface SobolSearch {
  readonly kind: 'sobol';
  /** Owen scrambling by the seed; without it every study has the same points, the first of them all lower bounds. Default true. */
  readonly scramble?: boolean;
}

/** In each `size` trials, every parameter takes one value of each of `size` equal parts of its range. */
export interface LatinHypercubeSearch {
  readonly kind: 'latin-hypercube';
  /** Trials of one hypercube; another begins after it. Default 64. */
  readonly size?: number;
}

/** Tree-structured Parzen estimator: proposes what is more likely among good trials than among the others. */
export interface TpeSearch {
  readonly kind: 'tpe';
  /** Random trials before the first that is estimated. Default 10. */
  readonly startup?: number;
  /** Candidates; the best one is proposed. Default 24. */
  readonly candidates?: number;
  /** Weight of the prior, uniform over the space, against one trial. Default 1. */
  readonly priorWeight?: number;
}

/** Covariance matrix adaptation, over the numbers of the space; choices are random. For one objective. */
export interface CmaEsSearch {
  readonly kind: 'cma-es';
  /** First standard deviation as a part of each range. Default 1/6. */
  readonly sigma?: number;
  /** Trials of a generation. Default 4 + ⌊3 ln n⌋ of n numbers. */
  readonly population?: number;
  /** Where the first generation is centered, by name; default the middle of each range. */
  readonly start?: { readonly [parameter: string]: number };
}

/** Non-dominated sorting genetic algorithm II, for several objectives. */
export interface Nsga2Search {
  readonly kind: 'nsga2';
  /** Parents that are kept; as many random trials come first. Default 50. */
  readonly population?: number;
  /** Probability that a child has two parents. Default 0.9. */
  readonly crossover?: number;
  /** Probability that a parameter of a child is mutated. Default 1 / number of its parameters. */
  readonly mutation?: number;
}

/** What a custom sampler receives. Its proposal must depend only on this, or the study cannot be repeated. */
export interface ProposalContext {
  /** The trial to propose. */
  readonly number: number;
  /** Finished trials that this one may know, by number (with `order: 'free'` as they came). */
  readonly trials: readonly TrialRecord[];
  /** Parameters of trials that have been proposed before and are not among `trials`. */
  readonly pending: readonly Readonly<Record<string, unknown>>[];
  /** A random number in [0, 1), the next of this trial's stream. */
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

function node<K extends Search['kind'], O extends object>(
  kind: K,
  options: O | undefined,
  known: readonly (keyof O & string)[],
): { readonly kind: K } & O {
  const checked = checkOptions(`search.${kind}`, options, known);
  definite(`search.${kind}`, checked);
  return Object.freeze({ kind, ...checked });
}

/** {@link GridSearch}. */
export function grid(options?: OptionsOf<GridSearch>): GridSearch {
  return node('grid', options, ['points', 'shuffle']);
}

/** {@link RandomSearch}. */
export function random(): RandomSearch {
  return node('random', {}, []);
}

/** {@link SobolSearch}: I. M. Sobol', 1967, direction numbers of S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30, 2008. */
export function sobol(options?: OptionsOf<SobolSearch>): SobolSearch {
  return node('sobol', options, ['scramble']);
}

/** {@link LatinHypercubeSearch}: M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21, 1979. */
export function latinHypercube(options?: OptionsOf<LatinHypercubeSearch>): LatinHypercubeSearch {
  return node('latin-hypercube', options, ['size']);
}

/** {@link TpeSearch}: J. Bergstra et al., NIPS 2011; multivariate as in S. Falkner et al., ICML 2018, and S. Watanabe, arXiv:2304.11127. */
export function tpe(options?: OptionsOf<TpeSearch>): TpeSearch {
  return node('tpe', options, ['startup', 'candidates', 'priorWeight']);
}

/** {@link CmaEsSearch}: N. Hansen, The CMA evolution strategy: a tutorial, arXiv:1604.00772. */
export function cmaEs(options?: OptionsOf<CmaEsSearch>): CmaEsSearch {
  return node('cma-es', options, ['sigma', 'population', 'start']);
}

/** {@link Nsga2Search}: K. Deb et al., IEEE Trans. Evol. Comput. 6, 2002; one trial at a time, J. J. Durillo et al., EMO 2009. */
export function nsga2(options?: OptionsOf<Nsga2Search>): Nsga2Search {
  return node('nsga2', options, ['population', 'crossover', 'mutation']);
}

/** {@link CustomSearch}: a custom sampler. */
export function custom(propose: CustomSearch['propose']): CustomSearch {
  return Object.freeze({ kind: 'custom', propose: callback('propose', propose) });
}
