/** What a study is: options as they are given, checked, and as the plain data that its store keeps. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { options as checkOptions, filePath, finite, integer, invalid, oneOf, text } from '../checks/check.ts';
import { canonicalText } from './record-text.ts';
import type { Objective, ObjectiveValue } from './run-trial.ts';
import { nonFinite, type Prune } from './search/prune.ts';
import { nsga2, type Search, tpe } from './search/search.ts';
import { type Checked, checkSpace, type ParametersOf, type Space } from './search/space.ts';
import type { Direction } from './search/trials.ts';
import type { Trial } from './trial.ts';

/** What a trial may take. */
export interface TrialLimits {
  /**
   * Seconds from the start of a trial, after which it has failed with `time-limit`; default none. An objective that is a module is ended for
   * certain; one that is a function hears `trial.signal`, and is not waited for.
   */
  readonly seconds?: number;
  /** Bytes that the process of a trial may take, after which it has failed with `too-large`; default none. For an objective that is a module. */
  readonly bytes?: number;
}

/** What {@link study} takes. */
export interface StudyOptions<S extends Space = Space> {
  /** What it is called, for whoever looks at its store. */
  name: string;
  /** What varies. */
  space: S & Checked<S>;
  /**
   * What is minimized: a function of the parameters and the trial, or a module whose default export is one, by its path or `file:` URL. Trials
   * of a function share this process; those of a module have processes of their own.
   */
  objective: ((parameters: ParametersOf<S>, trial: Trial<ParametersOf<S>>) => ObjectiveValue) | string | URL;
  /** How parameters are proposed; default `search.tpe()`, of several objectives `search.nsga2()`. */
  search?: Search;
  /** When a trial that reports is ended early; default `prune.nonFinite()`. */
  prune?: Prune;
  /** Whether the objective is minimized (default) or maximized; of several objectives a list. */
  directions?: Direction | readonly Direction[];
  /** From which the seed of each trial follows; default 0. */
  seed?: number;
  /**
   * The folder in which results and checkpoints are kept; default none: the study is in memory alone. A study that is there goes on where it
   * stands.
   */
  store?: string | URL;
  /**
   * How many trials may be under way together. Trial n is proposed from the trials up to n - `parallel`, however many run: so results do not
   * depend on the number of workers. Default 8.
   */
  parallel?: number;
  /**
   * `'fixed'` (default): the same study for any number of workers. `'free'`: a proposal knows every trial that has ended by then, and depends on
   * which was faster.
   */
  order?: 'fixed' | 'free';
  /** What a trial may take; default no limits. */
  limits?: TrialLimits;
  /** Least seconds between checkpoints that `fit` and `simulate` write within a trial; default 1. */
  checkpointEvery?: number;
}

/** The options of a study that its results depend on: plain data but for a custom search. */
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

/** A study's options, checked and complete. */
export interface StudySetting {
  readonly definition: StudyDefinition;
  /** A function, or the URL of a module. */
  readonly objective: Objective | string;
  readonly store: string | undefined;
  readonly limits: TrialLimits;
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
  'checkpointEvery',
] as const;

/** @throws LapicqueError `invalid-parameter`, `unknown-name` */
export function settingOf(given: StudyOptions): StudySetting {
  if (given === undefined) invalid('options', given, 'an object with name, space and objective');
  const options = checkOptions('study', given, known);
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
    checkpointEvery: 1000 * finite('checkpointEvery', options.checkpointEvery ?? 1, { min: 0 }),
  };
}

/** What is in `search` and `prune` is for the sampler to check. */
function kindOf<T extends { kind: string }>(name: string, value: T): T {
  if (typeof value !== 'object' || value === null || typeof value.kind !== 'string')
    invalid(
      name,
      value,
      name === 'search' ? 'a search such as search.tpe()' : 'a pruner such as prune.median()',
    );
  return value;
}

function directionsOf(given: Direction | readonly Direction[]): readonly Direction[] {
  const list = Array.isArray(given) ? given : [given];
  if (list.length === 0 || list.length > 64)
    invalid('directions', given, 'from 1 to 64 directions, one for each objective');
  return Object.freeze(list.map((direction) => oneOf('directions', direction, ['minimize', 'maximize'])));
}

function limitsOf(given: TrialLimits | undefined): TrialLimits {
  const { seconds, bytes } = checkOptions('limits', given, ['seconds', 'bytes']);
  return {
    ...(seconds === undefined ? {} : { seconds: finite('limits.seconds', seconds, { above: 0 }) }),
    ...(bytes === undefined ? {} : { bytes: integer('limits.bytes', bytes, { min: 1 << 20 }) }),
  };
}

function objectiveOf(given: unknown): Objective | string {
  if (typeof given === 'function') return given as Objective;
  if (typeof given !== 'string' && !(given instanceof URL))
    return invalid('objective', given, 'a function, or the path of a module whose default export is one');
  const path = filePath('objective', given);
  return path.startsWith('file:')
    ? pathToFileURL(fileURLToPath(path)).href
    : pathToFileURL(resolve(path)).href;
}

/** The definition as the store keeps it. */
export function plainDefinition({ search, ...rest }: StudyDefinition): Record<string, unknown> {
  const plain = JSON.parse(JSON.stringify({ ...rest, search })) as Record<string, unknown>;
  return plain;
}

/** SHA-256 of everything that results depend on, but for the objective's code. */
export function fingerprintOf(definition: StudyDefinition): string {
  return createHash('sha256')
    .update(canonicalText(plainDefinition(definition)))
    .digest('hex');
}

/** The seed of a trial: an integer below 2^53 (SplitMix64 of G. L. Steele et al., OOPSLA 2014, twice). */
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
