// Follows the recipes "How to add a neuron" and "How to add a layer without a state" of CONTRIBUTING.md in a copy of the tree: the code in one file, one
// word in the registry, and for a neuron its lines of test. `check` (what CI runs) compiles the copy, tests included; `test` runs the
// tests of models, or of operations, on it.
//   node scripts/recipe.mjs [check|test] [neuron|layer]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const recipes = {
  neuron: {
    title: '## How to add a neuron',
    room: 'dynamics',
    before: '    lif::Lif,\n',
    blocks: 2,
    filter: (file) => [file, 'bind::'],
    more(change, file, [, tests]) {
      change(
        'tests/derivatives.rs',
        (text) => `${text.replace('use crate::{', `use crate::{${file}, `)}\n${tests}`,
      );
    },
  },
  layer: {
    title: '## How to add a layer without a state',
    room: 'operations',
    before: '    layer_norm::LayerNorm,\n',
    blocks: 1,
    filter: () => [],
    more() {},
  },
};

const work = process.argv[2] ?? 'check';
const command = { check: ['check', '--lib', '--tests'], test: ['test', '--lib'] }[work];
if (command === undefined) throw new Error(`what to do is check or test, not ${work}`);
const kinds = process.argv[3] === undefined ? Object.keys(recipes) : [process.argv[3]];
const guide = readFileSync('CONTRIBUTING.md', 'utf8');

for (const kind of kinds) {
  const recipe = recipes[kind];
  if (recipe === undefined) throw new Error(`a recipe is neuron or layer, not ${kind}`);
  const text = guide.split(recipe.title)[1].split('\n## ')[0];
  const blocks = [...text.matchAll(/```rust\n([\s\S]*?)```/g)].map(([, code]) =>
    code.replaceAll(/^ {3}/gm, ''),
  );
  const word = text.match(/`(\w+)::(\w+),` in the list/);
  const file = text.match(RegExp(`\`src-rs/core/${recipe.room}/(\\w+)\\.rs\``))[1];
  if (blocks.length !== recipe.blocks || word?.[1] !== file)
    throw new Error(`the recipe of a ${kind} is not written as this script reads it`);

  const copy = mkdtempSync(join(tmpdir(), 'lapicque-recipe-'));
  try {
    for (const name of ['Cargo.toml', 'Cargo.lock', 'src-rs', '__test__/fixtures']) {
      cpSync(name, join(copy, name), { recursive: true });
    }
    const room = join(copy, 'src-rs/core', recipe.room);
    const change = (path, edit) => {
      const before = readFileSync(join(room, path), 'utf8');
      const after = edit(before);
      if (after === before) throw new Error(`${path} is not as the recipe of a ${kind} takes it`);
      writeFileSync(join(room, path), after);
    };
    writeFileSync(join(room, `${file}.rs`), blocks[0]);
    change('lib.rs', (list) => list.replace(recipe.before, `${recipe.before}    ${word[1]}::${word[2]},\n`));
    recipe.more(change, file, blocks);

    const filter = work === 'test' ? ['--', ...recipe.filter(file)] : [];
    const args = [...command, '--locked', '-p', `lapicque-${recipe.room}`, ...filter];
    // What the tree has built of others' crates is used again.
    const target = process.env.CARGO_TARGET_DIR ?? 'target';
    const env = { ...process.env, CARGO_TARGET_DIR: resolve(target) };
    execFileSync('cargo', args, { cwd: copy, env, stdio: 'inherit' });
    console.log(
      `the recipe of CONTRIBUTING.md adds ${file} in two files, and it ${work === 'test' ? 'passes' : 'compiles'}`,
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
