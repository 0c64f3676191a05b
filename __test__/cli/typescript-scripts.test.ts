// Recipes and networks in TypeScript, which a Node without TypeScript of its own reads through esbuild.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { json, lapicque } from '../support/program.ts';

// Inside of the package, so that scripts find it under its name.
const folder = resolve('build/typescript-scripts');
test.before(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, text: string): string {
  writeFileSync(`${folder}/${name}`, text);
  return `${folder}/${name}`;
}

test('a recipe, with a module of its own beside it', async (t) => {
  script('size.ts', 'export const size: number = 3;\n');
  const recipe = script(
    'recipe.ts',
    `import { dense, loss, type Recipe, type RecipeContext, sequential } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { lif } from 'lapicque/neurons';
    import { size } from './size.ts';
    const x: Float32Array = new Float32Array(40).fill(1);
    export default ({ seed }: RecipeContext): Recipe => ({
      network: sequential(dense(4, size), lif({ beta: 0.9 })),
      data: new DataLoader({ x, y: new Uint32Array(10), shape: [10, 4] }, { batchSize: 5, seed }),
      fit: { steps: 3, epochs: 2, loss: loss.crossEntropyRate() },
    });`,
  );
  const { params, updates } = await json(['train', recipe, '--out', `${folder}/recipe.safetensors`]);
  t.deepEqual({ params, updates }, { params: 15, updates: 4 });
});

test('a recipe whose batches are in a list', async (t) => {
  const recipe = script(
    'list.ts',
    `import { dense, loss, type Recipe, sequential, type TrainingBatch } from 'lapicque';
import { lif } from 'lapicque/neurons';
    const batch: TrainingBatch = { x: new Float32Array(20).fill(1), y: new Uint32Array(5), shape: [5, 4] };
    export default {
      network: sequential(dense(4, 3), lif({ beta: 0.9 })),
      data: [batch, batch, batch],
      fit: { steps: 3, epochs: 2, loss: loss.crossEntropyRate() },
    } satisfies Recipe;`,
  );
  const { updates } = await json(['train', recipe, '--out', `${folder}/list.safetensors`]);
  t.is(updates, 6);
});

test('a network', async (t) => {
  const made = script(
    'network.ts',
    `import { circuits } from 'lapicque/circuit';
    const small = (): circuits.CircuitScript => circuits.brunel({ scale: 0.02 });
    export default small();`,
  );
  const { neurons } = await json(['simulate', made, '--seconds', '0.01']);
  t.is(neurons, 250);
});

test('what is wrong is told with its line', async (t) => {
  const thrown = script(
    'thrown.ts',
    "// Types above the line.\ninterface A {\n  x: number;\n}\nconst a: A = { x: 1 };\nthrow new Error('a.x is ' + a.x);\n",
  );
  const first = await lapicque(['train', thrown]);
  t.is(first.code, 1);
  t.regex(first.stderr, /thrown\.ts, line 6: Error: a\.x is 1/);
  const second = await lapicque(['train', script('syntax.ts', '\nconst x: number = ;\n')]);
  t.is(second.code, 1);
  t.regex(second.stderr, /syntax\.ts.*SyntaxError/);
});
