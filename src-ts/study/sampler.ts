/** Search through the engine: proposals, data for pruners, Pareto fronts and importances. */
import { finite, integer } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { Proposer, PruningSnapshot, TrialPruner } from './search/proposals.ts';
import type { Prune } from './search/prune.ts';
import type { CustomSearch, Search } from './search/search.ts';
import type { Space } from './search/space.ts';
import type { Direction, TrialRecord, TrialReport } from './search/trials.ts';

/** The part of a study's definition that its search depends on. */
export interface SearchSetting {
  readonly space: Space;
  readonly search: Search;
  readonly directions: readonly Direction[];
  readonly seed: number;
  readonly prune: Prune;
}

/**
 * A parameter of a space, by its name in tables and importances: `lr`, `group.x`, `layers[0].width`, `layers.length`.
 */
export type SpaceParameter = {
  readonly name: string;
  /** Whether it exists only in some trials. */
  readonly conditional: boolean;
} & (
  | { readonly kind: 'real'; readonly low: number; readonly high: number; readonly log: boolean }
  | {
      readonly kind: 'stepped';
      readonly low: number;
      readonly high: number;
      readonly step: number;
      readonly log: boolean;
      readonly whole: boolean;
    }
  | { readonly kind: 'choice'; readonly values: readonly unknown[] }
);

/**
 * Proposes the trials of a study. A proposal is a pure function of the settings, the trial's number, the finished
 * trials in the order in which they were told, and the running trials. So a continued study needs no replay; it only
 * tells the finished trials again.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name` with the name of the parameter or option; `unsupported` if
 * a search does not support the space or the objectives
 */
export class Sampler implements Proposer {
  readonly adaptive: boolean;
  /** Number of trials after which the search ends by itself. */
  declare readonly size?: number;
  /** The varied parameters, in the order of the space. */
  readonly parameters: readonly SpaceParameter[];
  readonly #search: InstanceType<typeof addon.NativeSearch>;
  readonly #custom: CustomSearch | undefined;
  readonly #observed: TrialRecord[] = [];

  constructor({ space, search, directions, seed, prune }: SearchSetting) {
    this.#custom = search.kind === 'custom' ? search : undefined;
    const description = JSON.stringify({ space, search, directions, seed, prune });
    this.#search = unwrap(addon.NativeSearch.create(description));
    const described = JSON.parse(unwrap(this.#search.describe()));
    this.adaptive = described.adaptive;
    this.parameters = described.parameters;
    if (described.size !== null) this.size = described.size;
  }

  propose(
    number: number,
    _seed: number,
    running: readonly TrialRecord[],
  ): Readonly<Record<string, unknown>> | undefined {
    if (this.#custom !== undefined) return this.#proposed(this.#custom, number, running);
    const pending = JSON.stringify(running.map(({ parameters }) => parameters));
    return JSON.parse(unwrap(this.#search.propose(number, pending))) ?? undefined;
  }

  /** A custom sampler may propose anything, so its proposal is checked against the space. */
  #proposed(
    custom: CustomSearch,
    number: number,
    running: readonly TrialRecord[],
  ): Readonly<Record<string, unknown>> | undefined {
    let draws = 0;
    const parameters = custom.propose({
      number,
      trials: this.#observed,
      pending: running.map((trial) => trial.parameters),
      random: () => unwrap(this.#search.uniform(number, draws++)),
    });
    if (parameters === undefined) return undefined;
    const text = JSON.stringify(parameters);
    unwrap(this.#search.check(text ?? 'null'));
    return JSON.parse(text);
  }

  tell(trial: TrialRecord): void {
    const { number, state, parameters, values, reports } = trial;
    const result = {
      number,
      state,
      parameters,
      ...(values === undefined ? {} : { values: values.map(written) }),
      reports: reports.map(({ step, value }) => ({
        step,
        value: typeof value === 'number' ? written(value) : value.map(written),
      })),
    };
    unwrap(this.#search.tell(JSON.stringify(result)));
    if (this.#custom !== undefined) this.#observed.push(trial);
  }

  pruning(number: number): PruningSnapshot {
    return JSON.parse(unwrap(this.#search.pruning(number)));
  }

  /** Numbers of the complete trials that no other trial dominates, in ascending order. */
  front(): number[] {
    return Array.from(unwrap(this.#search.front()));
  }

  /**
   * The hypervolume between the front and a reference point, in the product of the objectives' units. Trials that are
   * not better than the reference in every objective contribute nothing.
   *
   * @param reference - one number for each objective
   */
  hypervolume(reference: readonly number[]): number {
    return unwrap(this.#search.hypervolume(Float64Array.from(reference)));
  }

  /**
   * How much each parameter matters for being among the best tenth of the complete trials: PED-ANOVA (S. Watanabe, A.
   * Bansal, F. Hutter, IJCAI 2023). The shares sum to 1, or are all 0 if nothing can be estimated.
   *
   * @param objective - index from 0; default 0
   */
  importance(objective = 0): Readonly<Record<string, number>> {
    return JSON.parse(unwrap(this.#search.importance(integer('objective', objective, { min: 0 }))));
  }
}

/** The search of a study. */
export function samplerOf(setting: SearchSetting): Sampler {
  return new Sampler(setting);
}

/**
 * The pruner of one trial, created where the trial runs; undefined if there is nothing to decide. In a resumed trial,
 * its earlier reports come first.
 *
 * @throws LapicqueError `invalid-parameter` for an invalid snapshot
 */
export function prunerOf(snapshot: PruningSnapshot | undefined): TrialPruner | undefined {
  if (snapshot === undefined || snapshot.kind === 'none') return undefined;
  const pruner = unwrap(addon.NativePruner.create(JSON.stringify(snapshot)));
  return {
    report: ({ step, value }: TrialReport) =>
      unwrap(
        pruner.report(
          finite('step', step),
          typeof value === 'number' ? Float64Array.of(value) : Float64Array.from(value),
        ),
      ),
  };
}

/**
 * The front of each row of one value per objective, where smaller is better. Front 0 is not dominated; equal rows share
 * a front.
 */
export function paretoRanks(rows: readonly (readonly number[])[]): Uint32Array {
  const objectives = rows[0]?.length ?? 1;
  const mismatched = rows.findIndex((row) => row.length !== objectives);
  if (mismatched >= 0) {
    const fields = {
      layer: `rows[${mismatched}]`,
      expected: `[${objectives}]`,
      got: `[${rows[mismatched]!.length}]`,
    };
    throw new LapicqueError('shape-mismatch', fields);
  }
  return unwrap(addon.paretoRanks(Float64Array.from(rows.flat()), objectives));
}

/** JSON cannot represent NaN and the infinities. */
function written(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
