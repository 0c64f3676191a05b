/** Recipes: the network, data and training options of `lapicque train`. */
import { existsSync, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { options as checkOptions, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { limitOf } from '../files/limits.ts';
import { importScript } from '../files/script-module.ts';
import { readJsonObject } from '../files/text-file.ts';
import type { Recipe } from './recipe-form.ts';
import { broken, inScript } from './script-error.ts';

/**
 * Reads a recipe and checks its form.
 * @throws LapicqueError `io`, `malformed-file` for a module that cannot be loaded, `unsupported` for TypeScript if
 * neither Node nor esbuild reads it, `unknown-name` and `invalid-parameter` for its content
 */
export async function readRecipe(path: string, seed?: number): Promise<Recipe> {
  if (!existsSync(path)) throw new LapicqueError('io', { path, reason: 'no such file' });
  if (!statSync(path).isFile()) throw new LapicqueError('io', { path, reason: 'not a regular file' });
  if (extname(path) === '.json') {
    const { recipeOfJson } = await import('./recipe-json.ts');
    const malformed = (reason: string) => broken('recipe', path, new SyntaxError(reason));
    const json = await readJsonObject(path, malformed, { limit: limitOf(undefined) });
    return recipeOfJson(json, dirname(resolve(path)), seed);
  }
  const { default: exported } = await inScript('recipe', path, () => importScript(path, 'recipes'));
  const value =
    typeof exported === 'function'
      ? await inScript('recipe', path, () => exported({ seed: seed ?? 0 }))
      : exported;
  if (typeof value !== 'object' || value === null) {
    invalid(
      'recipe',
      value,
      'an object { network, data, fit } or a function that makes one, as default export',
    );
  }
  const recipe = checkOptions('recipe', value as Recipe, ['network', 'compile', 'data', 'fit', 'out']);
  for (const key of ['network', 'data', 'fit'] as const) {
    if (typeof recipe[key] !== 'object' || recipe[key] === null)
      invalid(`recipe.${key}`, recipe[key], 'an object');
  }
  return recipe;
}
