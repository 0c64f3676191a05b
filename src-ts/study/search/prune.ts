/**
 * When a trial that reports on its way is ended: plain frozen nodes. Every kind but `none` also ends a trial at a report that is not
 * finite. With several objectives a report is a list, one number for each.
 */
import { options as checkOptions, definite } from '../../checks/check.ts';

/** What every kind that compares takes. */
export interface PruneOptions {
  /** Steps before the first decision. Default 0. */
  readonly warmup?: number;
  /** Steps from one decision to the next. Default 1. */
  readonly interval?: number;
  /**
   * Says that a report is one number, better where it is smaller or larger, whatever the objectives are. Default: reports are as the
   * study's values, in number and direction.
   */
  readonly direction?: 'minimize' | 'maximize';
}

/** Never, whatever is reported. */
export interface NoPruning {
  readonly kind: 'none';
}

/** Only where a report is not finite: the default of a study. */
export interface NonFinitePruning {
  readonly kind: 'non-finite';
}

/** Where the best report so far is worse than the median, over complete trials, of their reports at the same step. */
export interface MedianPruning extends PruneOptions {
  readonly kind: 'median';
  /** Complete trials before the first decision. Default 5. */
  readonly startup?: number;
  /** The part of trials, in percent and the best first, that a trial must be among. Default 50: the median. */
  readonly percentile?: number;
}

/** Where a report leaves bounds. */
export interface ThresholdPruning extends Omit<PruneOptions, 'direction'> {
  readonly kind: 'threshold';
  /** Of several objectives a list. Default none. */
  readonly lower?: number | readonly number[];
  /** Of several objectives a list. Default none. */
  readonly upper?: number | readonly number[];
}

/** Asynchronous successive halving: at steps `minSteps · reduction^k`, the best 1 / `reduction` of the trials there go on. */
export interface AshaPruning extends Pick<PruneOptions, 'direction'> {
  readonly kind: 'asha';
  /** Steps of the first rung. Default 1. */
  readonly minSteps?: number;
  /** Default 4. */
  readonly reduction?: number;
  /** Trials at a rung before any of them is ended there. Default 1. */
  readonly startup?: number;
}

/** Several brackets of successive halving, the first of which ends trials early and the last not at all. */
export interface HyperbandPruning extends Pick<PruneOptions, 'direction'> {
  readonly kind: 'hyperband';
  /** Steps of a trial that is not ended. */
  readonly maxSteps: number;
  /** Steps of the first rung of the first bracket. Default 1. */
  readonly minSteps?: number;
  /** Default 3. */
  readonly reduction?: number;
}

/** Where any of several says so. */
export interface AnyPruning {
  readonly kind: 'any';
  readonly of: readonly Prune[];
}

/** When trials are ended early. */
export type Prune =
  | NoPruning
  | NonFinitePruning
  | MedianPruning
  | ThresholdPruning
  | AshaPruning
  | HyperbandPruning
  | AnyPruning;

/** The options of a node. */
export type OptionsOf<P> = Omit<P, 'kind'>;

function node<K extends Prune['kind'], O extends object>(
  kind: K,
  options: O | undefined,
  known: readonly (keyof O & string)[],
): { readonly kind: K } & O {
  const checked = checkOptions(`prune.${kind}`, options, known);
  definite(`prune.${kind}`, checked);
  return Object.freeze({ kind, ...checked });
}

const comparing = ['warmup', 'interval'] as const;

/** {@link NoPruning}. */
export function none(): NoPruning {
  return node('none', {}, []);
}

/** {@link NonFinitePruning}. */
export function nonFinite(): NonFinitePruning {
  return node('non-finite', {}, []);
}

/** {@link MedianPruning}: D. Golovin et al., KDD 2017. */
export function median(options?: OptionsOf<MedianPruning>): MedianPruning {
  return node('median', options, [...comparing, 'direction', 'startup', 'percentile']);
}

/** {@link ThresholdPruning}. */
export function threshold(options: OptionsOf<ThresholdPruning>): ThresholdPruning {
  return node('threshold', options, [...comparing, 'lower', 'upper']);
}

/** {@link AshaPruning}: L. Li et al., MLSys 2020; of several objectives R. Schmucker et al., arXiv:2106.12639. */
export function asha(options?: OptionsOf<AshaPruning>): AshaPruning {
  return node('asha', options, ['direction', 'minSteps', 'reduction', 'startup']);
}

/** {@link HyperbandPruning}: L. Li et al., J. Mach. Learn. Res. 18, 2018. */
export function hyperband(options: OptionsOf<HyperbandPruning>): HyperbandPruning {
  return node('hyperband', options, ['direction', 'maxSteps', 'minSteps', 'reduction']);
}

/** {@link AnyPruning}. */
export function any(...of: readonly Prune[]): AnyPruning {
  return Object.freeze({ kind: 'any', of });
}
