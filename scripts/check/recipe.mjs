// Follows the recipes of CONTRIBUTING.md in a copy of the tree, those for a neuron, a layer, a loss, an optimizer, an encoder and an event format: the code of each
// in one file, two words in the list. `check` (what CI runs) compiles the copy, tests included; `test` runs the tests that loop over all.
//   node scripts/check/recipe.mjs [check|test]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const work = process.argv[2] ?? 'check';
if (!['check', 'test'].includes(work)) throw new Error(`what to do is check or test, not ${work}`);
const contributing = readFileSync('CONTRIBUTING.md', 'utf8');

/** The code, the file it goes into, and the word for the list, as a recipe writes them. */
function recipe(title) {
  const guide = contributing.split(`## How to add ${title}\n`)[1].split('\n## ')[0];
  const blocks = [...guide.matchAll(/```rust\n([\s\S]*?)```/g)].map(([, code]) =>
    code.replaceAll(/^ {3}/gm, ''),
  );
  const word = guide.match(/`(\w+)::(\w+),` in the list of \[[^\]]*\]\(([^)]*)\)/);
  const file = guide.match(/`(src-rs\/core\/[\w/]+\/(\w+)\.rs)`/);
  if (blocks.length === 0 || word === null || file?.[2] !== word[1])
    throw new Error(`the recipe for ${title} is not written as this script reads it`);
  return { blocks, file: file[1], module: word[1], word: `${word[1]}::${word[2]},`, list: word[3] };
}

const copy = mkdtempSync(join(tmpdir(), 'lapicque-recipe-'));
try {
  for (const name of ['Cargo.toml', 'Cargo.lock', 'src-rs'])
    cpSync(name, join(copy, name), { recursive: true });
  // Tests of the crates read fixtures, which lie in folders of that name; the tests in TypeScript are not needed.
  cpSync('__test__', join(copy, '__test__'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
  const change = (path, from, to) => {
    const text = readFileSync(join(copy, path), 'utf8');
    if (text.search(from) < 0) throw new Error(`${path} has no ${from}`);
    writeFileSync(join(copy, path), text.replace(from, to));
  };

  const recipes = [
    ...['a neuron', 'a layer without a state', 'a loss', 'an optimizer', 'an encoder', 'an event format'],
  ].map(recipe);
  for (const { blocks, file, module, word, list } of recipes) {
    writeFileSync(join(copy, file), blocks[0]);
    change(list, /^mod |^pub mod /m, (first) => `mod ${module};\n${first}`);
    // The list is the one call of a macro that ends a line with `];`.
    change(list, /^(\w+!\[[\s\S]*?),?\s*\];$/m, (_, head) => `${head},\n    ${word}\n];`);
  }
  const [neuron] = recipes;
  const derivatives = `${dirname(neuron.file)}/tests/derivatives.rs`;
  change(derivatives, 'use crate::{', `use crate::{${neuron.module}, `);
  change(derivatives, /$/, `\n${neuron.blocks[1]}`);
  const format = recipes.at(-1);
  const formats = `${dirname(format.file)}/tests/support.rs`;
  change(formats, /^pub const FORMATS: .*$/m, (line) => `${line}\n    ("${format.module}", "{}"),`);

  // What the tree has built of others' crates is used again.
  const target = process.env.CARGO_TARGET_DIR ?? 'target';
  const env = { ...process.env, CARGO_TARGET_DIR: resolve(target) };
  const cargo = (...args) => execFileSync('cargo', args, { cwd: copy, env, stdio: 'inherit' });
  const rooms = ['dynamics', 'operations', 'train', 'code', 'events'].flatMap((room) => [
    '-p',
    `lapicque-${room}`,
  ]);
  if (work === 'check') {
    cargo('check', '--lib', '--tests', '--locked', ...rooms);
  } else {
    // Of optimizers all but the comparison with a reference, which the recipe leaves to its author.
    cargo(
      'test',
      '--lib',
      '--locked',
      ...rooms,
      '--',
      neuron.module,
      'gradients_are',
      'each_row',
      'spikes_give',
      'bind::',
      'loss::tests',
      'bits',
      'reaches',
      'moderate',
      'encoder',
      'train_has',
    );
    cargo('test', '--test', 'events', '--locked', '-p', 'lapicque-events');
  }
  const made = recipes.map(({ module }) => module).join(', ');
  console.log(
    `the recipes of CONTRIBUTING.md add ${made} in two or three files each, and they ${work === 'test' ? 'pass' : 'compile'}`,
  );
} finally {
  rmSync(copy, { recursive: true, force: true });
}
