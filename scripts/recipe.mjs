// Follows the recipe "How to add a neuron" of CONTRIBUTING.md in a copy of the tree: its code in one file, one word in the
// registry, its lines of test. `check` (what CI runs) compiles the copy, tests included; `test` runs the tests of models on it.
//   node scripts/recipe.mjs [check|test]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const work = process.argv[2] ?? 'check';
const guide = readFileSync('CONTRIBUTING.md', 'utf8').split('## How to add a neuron')[1].split('\n## ')[0];
const blocks = [...guide.matchAll(/```rust\n([\s\S]*?)```/g)].map(([, code]) =>
  code.replaceAll(/^ {3}/gm, ''),
);
const word = guide.match(/`(\w+)::(\w+),` in the list/);
const file = guide.match(/`src-rs\/core\/dynamics\/(\w+)\.rs`/)[1];
if (blocks.length !== 2 || word?.[1] !== file)
  throw new Error('the recipe is not written as this script reads it');

const copy = mkdtempSync(join(tmpdir(), 'lapicque-recipe-'));
try {
  for (const name of ['Cargo.toml', 'Cargo.lock', 'src-rs', '__test__/fixtures']) {
    cpSync(name, join(copy, name), { recursive: true });
  }
  const dynamics = join(copy, 'src-rs/core/dynamics');
  const change = (path, from, to) => {
    const text = readFileSync(join(dynamics, path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    writeFileSync(join(dynamics, path), text.replace(from, to));
  };
  const [model, tests] = blocks;
  writeFileSync(join(dynamics, `${file}.rs`), model);
  change('lib.rs', '    lif::Lif,\n', `    lif::Lif,\n    ${word[1]}::${word[2]},\n`);
  change('tests/derivatives.rs', 'use crate::{', `use crate::{${file}, `);
  const derivatives = join(dynamics, 'tests/derivatives.rs');
  writeFileSync(derivatives, `${readFileSync(derivatives, 'utf8')}\n${tests}`);

  const run = {
    check: ['check', '--lib', '--tests'],
    test: ['test', '--lib'],
  }[work];
  if (run === undefined) throw new Error(`what to do is check or test, not ${work}`);
  const filter = work === 'test' ? ['--', file, 'bind::'] : [];
  const args = [...run, '--locked', '-p', 'lapicque-dynamics', ...filter];
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
