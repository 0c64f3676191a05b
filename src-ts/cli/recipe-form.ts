/** The form of a recipe. */
import type { Description } from '../description/description.ts';
import type { NetworkOptions } from '../description/network-options.ts';
import type { FitOptions } from '../model/model.ts';
import type { Network } from '../model/network.ts';
import type { Batches } from '../train/batch.ts';

/** The default export of a recipe module. */
export interface Recipe {
  network: Network | Description;
  /** Options of `network.compile`. */
  compile?: NetworkOptions;
  /** A loader, or one for training and one for evaluation. */
  data: Batches | { train: Batches; test?: Batches };
  /** Options of `model.fit`; `checkpoint` has a default. */
  fit: Omit<FitOptions, 'signal' | 'onProgress' | 'resume' | 'validation'>;
  /** Path of the trained model. */
  out?: string;
}

/** The argument of a recipe that is a function. */
export interface RecipeContext {
  /** `--seed`, default 0. */
  seed: number;
}

/** A recipe, or a function that returns one (for data that depends on the seed). */
export type RecipeModule = Recipe | ((context: RecipeContext) => Recipe | Promise<Recipe>);
