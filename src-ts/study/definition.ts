/** The definition of a study: its options, checked, and as the plain data that its store keeps. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { options as checkOptions, filePath, finite, integer, invalid, oneOf, text } from '../checks/check.ts';
import { attemptsOf, type TrialAttempts } from './attempts.ts';
import { canonicalText } from './record-text.ts';
import type { Objective, ObjectiveValue } from './run-trial.ts';
import { nonFinite, type Prune } from './search/prune.ts';
import { nsga2, type Search, tpe } from './search/search.ts';
import { type Checked, checkSpace, type ParametersOf, type Space } from './search/space.ts';
import type { Direction } from './search/trials.ts';
import type { Trial } from './trial.ts';

/** Limits of each trial. */
export interface TrialLimits {
  /**
   * Time limit in seconds from the start of a trial; after it the trial fails with `time-limit`. Default none. The
   * process of an objective that is a module is killed. An objective that is a function is notified by `trial.signal`,
   * and the study does not wait for it.
   */
  readonly seconds?: number;
  /**
   * Memory limit in bytes of a trial's process; above it the trial fails with `too-large`. Default none. Only for an
   * objective that is a module.
   */
  readonly bytes?: number;
}

/** Options of {@link study}. */
export interface StudyOptions<S extends Space = Space> {
  /** Human-readable name of the study, stored with it. */
  name: string;
  /** The parameters that are varied. */
  space: S & Checked<S>;
  /**
   * The objective: a function of the parameters and the trial, or a module (by its path or `file:` URL) whose default export is such a function.
   * Trials of a function share this process; each trial of a module has its own process.
   */
  objective: ((parameters: ParametersOf<S>, trial: Trial<ParametersOf<S>>) => ObjectiveValue) | string | URL;
  /** The sampler that proposes parameters; default `search.tpe()`, with several objectives `search.nsga2()`. */
  search?: Search;
  /** The pruner that ends trials early by their reports; default `prune.nonFinite()`. */
  prune?: Prune;
  /** Whether the objective is minimized (default) or maximized; with several objectives a list. */
  directions?: Direction | readonly Direction[];
  /** The seed from which the seeds of the trials are derived; default 0. */
  seed?: number;
  /**
   * The folder for results and checkpoints. Default none: the study exists in memory only. A study that is stored there
   * is continued.
   */
  store?: string | URL;
  /**
   * How many trials may run at once. Trial n is proposed from the trials up to n - `parallel`, whatever the number of
   * workers, so results do not depend on that number. Default 8.
   */
  parallel?: number;
  /**
   * `'fixed'` (default): the same study for any number of workers. `'free'`: a proposal uses all trials that have ended
   * by then, so it depends on their speed.
   */
  order?: 'fixed' | 'free';
  /** Limits of each trial; default none. */
  limits?: TrialLimits;
  /**
   * Maximum number of starts of a trial before it counts as failed; default 2 if its process ended, 1 after an error.
   */
  attempts?: Partial<TrialAttempts>;
  /** Minimum time in seconds between two checkpoints that `fit` and `simulate` write in a trial; default 1. */
  checkpointEvery?: number;
}

/** The options that determine the results of a study: plain data, except a custom search. */
export interface StudyDefinition {
  readonly name: string;
  readonly space: Space;
  readonly search: Search;
  readonly prune: Prune;
  readonly directions: readonly Direction[];
  readonly seed: number;
  readonly parallel: number;
  readonly order: 'fixed' | 'free';
}

/** The checked and complete options of a study. */
export interface StudySetting {
  readonly definition: StudyDefinition;
  /** A function, or the URL of a module. */
  readonly objective: Objective | string;
  readonly store: string | undefined;
  readonly limits: TrialLimits;
  readonly attempts: TrialAttempts;
  /** In ms. */
  readonly checkpointEvery: number;
}

const known = [
  'name',
  'space',
  'objective',
  'search',
  'prune',
  'directions',
  'seed',
  'store',
  'parallel',
  'order',
  'limits',
  'attempts',
  'checkpointEvery',
] as const;

/** @throws LapicqueError `invalid-parameter`, `unknown-name` */
export function settingOf(rawOptions: StudyOptions): StudySetting {
  if (rawOptions === undefined) invalid('options', rawOptions, 'an object with name, space and objective');
  const options = checkOptions('study', rawOptions, known);
  checkSpace('space', options.space);
  const directions = directionsOf(options.directions ?? 'minimize');
  const fallback = directions.length === 1 ? tpe() : nsga2();
  const definition: StudyDefinition = Object.freeze({
    name: text('name', options.name),
    space: options.space as Space,
    search: kindOf('search', options.search ?? fallback),
    prune: kindOf('prune', options.prune ?? nonFinite()),
    directions,
    seed: integer('seed', options.seed ?? 0, { min: 0 }),
    parallel: integer('parallel', options.parallel ?? 8, { min: 1, max: 1 << 20 }),
    order: oneOf('order', options.order ?? 'fixed', ['fixed', 'free']),
  });
  const limits = limitsOf(options.limits);
  const objective = objectiveOf(options.objective);
  return {
    definition,
    objective,
    store: options.store === undefined ? undefined : resolve(filePath('store', options.store)),
    limits,
    attempts: attemptsOf(options.attempts),
    checkpointEvery: 1000 * finite('checkpointEvery', options.checkpointEvery ?? 1, { min: 0 }),
  };
}

/** The sampler and the pruner check their own options. */
function kindOf<T extends { kind: string }>(name: string, value: T): T {
  if (typeof value !== 'object' || value === null || typeof value.kind !== 'string')
    invalid(
      name,
      value,
      name === 'search' ? 'a search such as search.tpe()' : 'a pruner such as prune.median()',
    );
  return value;
}

function directionsOf(directions: Direction | readonly Direction[]): readonly Direction[] {
  const list = Array.isArray(directions) ? directions : [directions];
  if (list.length === 0 || list.length > 64)
    invalid('directions', directions, 'from 1 to 64 directions, one for each objective');
  return Object.freeze(list.map((direction) => oneOf('directions', direction, ['minimize', 'maximize'])));
}

function limitsOf(limits: TrialLimits | undefined): TrialLimits {
  const { seconds, bytes } = checkOptions('limits', limits, ['seconds', 'bytes']);
  return {
    ...(seconds === undefined ? {} : { seconds: finite('limits.seconds', seconds, { above: 0 }) }),
    ...(bytes === undefined ? {} : { bytes: integer('limits.bytes', bytes, { min: 1 << 20 }) }),
  };
}

function objectiveOf(objective: unknown): Objective | string {
  if (typeof objective === 'function') return objective as Objective;
  if (typeof objective !== 'string' && !(objective instanceof URL))
    return invalid('objective', objective, 'a function, or the path of a module whose default export is one');
  const path = filePath('objective', objective);
  return path.startsWith('file:')
    ? pathToFileURL(fileURLToPath(path)).href
    : pathToFileURL(resolve(path)).href;
}

/** The definition as the store keeps it. */
export function plainDefinition({ search, ...rest }: StudyDefinition): Record<string, unknown> {
  const plain = JSON.parse(JSON.stringify({ ...rest, search })) as Record<string, unknown>;
  return plain;
}

/** SHA-256 of everything that determines the results, except the code of the objective. */
export function fingerprintOf(definition: StudyDefinition): string {
  return createHash('sha256')
    .update(canonicalText(plainDefinition(definition)))
    .digest('hex');
}

/** The seed of a trial: an integer below 2^53 (two steps of SplitMix64, G. L. Steele et al., OOPSLA 2014). */
export function trialSeed(study: number, trial: number): number {
  const mixed = splitMix(splitMix(BigInt(study)) + BigInt(trial));
  return Number(mixed >> 11n);
}

const all64 = (1n << 64n) - 1n;

function splitMix(state: bigint): bigint {
  let z = (state + 0x9e3779b97f4a7c15n) & all64;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & all64;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & all64;
  return z ^ (z >> 31n);
}
