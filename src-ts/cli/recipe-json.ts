/** Recipes as JSON: layers, data, loss and optimizer by name. Paths are relative to the recipe. */
import { resolve } from 'node:path';
import { options as checkOptions, invalid, text } from '../checks/check.ts';
import type { Precision } from '../description/description.ts';
import { describeSequential } from '../description/sequential-description.ts';
import type { Regularizer } from '../train/loss.ts';
import type { Loss } from '../train/losses.generated.ts';
import { methodOptions, type TrainingMethod } from '../train/method.ts';
import type { Optimizer } from '../train/optimizers.generated.ts';
import type { Schedule } from '../train/schedule.ts';
import type { EarlyStopping } from '../train/watch.ts';
import { type DataSpec, loaders } from './recipe-data.ts';
import type { Recipe } from './recipe-form.ts';
import { type LayerSpec, layerOf } from './recipe-layers.ts';

/** A recipe file's content. */
interface RecipeJson {
  seed?: number;
  dt?: number;
  precision?: Precision;
  /** `{ "kind": "dense", "inputs": 784, "outputs": 1000 }`, `{ "kind": "lif", "beta": 0.95 }` … */
  layers: LayerSpec[];
  data: DataSpec;
  /** Steps of a sample; not for data with a time axis. */
  steps?: number;
  epochs: number;
  loss: Loss;
  optimizer?: Optimizer;
  schedule?: Schedule;
  scheduleBy?: 'epoch' | 'step';
  by?: 'count' | 'membrane';
  earlyStopping?: EarlyStopping;
  accumulate?: number;
  clipValue?: number;
  regularizers?: Regularizer[];
  segment?: number;
  method?: TrainingMethod;
  truncate?: number;
  checkpoint?: string | { path: string; everyBatches?: number };
  out?: string;
}

const ofFit = [
  'epochs',
  'loss',
  'optimizer',
  'schedule',
  'scheduleBy',
  'by',
  'earlyStopping',
  'accumulate',
  'clipValue',
  'regularizers',
  'segment',
  ...methodOptions,
] as const;
const known = [...ofFit, 'seed', 'dt', 'precision', 'layers', 'data', 'steps', 'checkpoint', 'out'] as const;

/**
 * @param folder - the folder of the recipe
 * @param seed - overrides the seed of the recipe
 */
export async function recipeOfJson(json: unknown, folder: string, seed?: number): Promise<Recipe> {
  if (typeof json !== 'object' || json === null) invalid('recipe', json, 'an object');
  const recipe = checkOptions('recipe', json as RecipeJson, known);
  if (!Array.isArray(recipe.layers)) invalid('recipe.layers', recipe.layers, 'a list of layers');
  if (typeof recipe.data !== 'object' || recipe.data === null)
    invalid('recipe.data', recipe.data, 'an object');
  if (typeof recipe.loss !== 'object' || recipe.loss === null)
    invalid('recipe.loss', recipe.loss, 'an object with a kind');
  const { dt, precision, steps, checkpoint, out } = recipe;
  const own = seed ?? recipe.seed ?? 0;
  const network = describeSequential(
    recipe.layers.map((layer, i) => layerOf(layer, `layers[${i}]`)),
    {
      seed: own,
      ...(dt === undefined ? {} : { dt }),
      ...(precision === undefined ? {} : { precision }),
    },
  );
  const { train, test, constant } = await loaders(recipe.data, { folder, seed: own, steps });
  const policy = typeof checkpoint === 'string' ? { path: checkpoint } : checkpoint;
  const fit = Object.fromEntries(
    ofFit.filter((key) => recipe[key] !== undefined).map((key) => [key, recipe[key]]),
  );
  return {
    network,
    data: test === undefined ? train : { train, test },
    fit: {
      ...(fit as unknown as Pick<Recipe['fit'], 'epochs' | 'loss'>),
      steps: constant,
      ...(policy === undefined
        ? {}
        : { checkpoint: { ...policy, path: resolve(folder, text('checkpoint', policy.path)) } }),
    },
    ...(out === undefined ? {} : { out: resolve(folder, text('out', out)) }),
  };
}
