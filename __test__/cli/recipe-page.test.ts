// The recipe of docs/guides/recipes.md trains as it stands.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { folder, json } from '../support/program.ts';

test('the recipe of the page trains, and its model and checkpoint are beside it', async (t) => {
  const page = readFileSync('docs/guides/recipes.md', 'utf8');
  const [, recipe] = /```json\n([\s\S]*?)```/.exec(page)!;
  const path = await folder((remove) => t.teardown(remove));
  writeFileSync(join(path, 'recipe.json'), recipe!);
  const trained = await json(['train', 'recipe.json'], path);
  t.is(trained.out, 'recipe.safetensors');
  t.true(existsSync(join(path, 'recipe.safetensors')));
  t.true(existsSync(join(path, 'recipe.checkpoint.safetensors')));
  // 784 · 256 + 256 + 256 · 10 + 10.
  t.is(trained.params, 203_530);
  t.true(trained.validation.accuracy > 0.9, JSON.stringify(trained.validation));
});
