// Tests of scripts/check/rooms.mjs, which checks that rooms of the large Rust crates use each other in one direction only, and that few files import each
// other in a circle: it passes for this repository, and it reports violations.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const check = (root: string) => {
  const result = spawnSync(process.execPath, ['scripts/check/rooms.mjs', root], { encoding: 'utf8' });
  const [checked, problems] = [result.stdout, result.stderr].map((text) =>
    text.split('\n').filter((line) => line !== ''),
  );
  return { status: result.status, checked, problems: problems! };
};

/** A repository with one crate of two rooms; `run` may use `plan`. The texts are those of a file in each. */
function tree(t: { teardown: (after: () => void) => void }, plan: string, run: string) {
  const root = mkdtempSync(join(tmpdir(), 'rooms-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  const crate = join(root, 'src-rs/core/exec');
  const rooms = ['plan', 'run'].map((room) => `| [${room}/](src-rs/core/exec/${room}) | The ${room}. |\n`);
  for (const [i, text] of [plan, run].entries()) {
    const room = join(crate, ['plan', 'run'][i] as string);
    mkdirSync(room, { recursive: true });
    writeFileSync(join(room, 'mod.rs'), `//! The ${['plan', 'run'][i]}.\n\npub mod file;\n`);
    writeFileSync(join(room, 'file.rs'), text);
  }
  writeFileSync(join(root, 'ARCHITECTURE.md'), `| room | purpose |\n| --- | --- |\n${rooms.join('')}`);
  writeFileSync(join(crate, 'lib.rs'), 'mod plan;\nmod run;\n\npub use run::file::Run;\n');
  return root;
}

test('no room of this repository uses a room below it in the list', (t) => {
  const { checked, ...result } = check('.');
  t.deepEqual(result, { status: 0, problems: [] });
  const crates = checked!
    .slice(0, -1)
    .map((line) => /^(\w+): [1-9]\d* rooms, [1-9]\d* files$/.exec(line)?.[1]);
  t.deepEqual(crates.sort(), ['exec', 'projection', 'simulate']);
  t.regex(checked!.at(-1)!, /^import circles: [1-9]\d*; the largest have [2-8] files: /);
});

test('a room that uses a room below it is reported, for each form of the path', (t) => {
  const good = tree(t, 'use super::file::Own;\n// crate::run is only named\n', 'use crate::plan::file;\n');
  t.deepEqual(check(good), {
    status: 0,
    checked: ['exec: 2 rooms, 4 files', 'import circles: none'],
    problems: [],
  });
  for (const plan of [
    'use crate::run::file::Run;\n',
    'use crate::{plan::file, run::{file::Run, other}};\n',
    'fn f() { crate::run::file::go() }\n',
    'use super::super::run::file;\n',
    'use crate::Run;\n',
  ]) {
    const { status, problems } = check(tree(t, plan, ''));
    t.is(status, 1, plan);
    t.regex(
      problems[0] ?? '',
      /^src-rs\/core\/exec\/plan\/file\.rs:1: .* is of room run; plan may use only .*none/,
    );
  }
});

test('a room that is not in the list, or whose first line differs from the list, is reported', (t) => {
  const root = tree(t, '', '');
  cpSync(join(root, 'src-rs/core/exec/run'), join(root, 'src-rs/core/exec/session'), { recursive: true });
  writeFileSync(join(root, 'src-rs/core/exec/plan/mod.rs'), '//! Something else.\n');
  const { status, problems } = check(root);
  t.is(status, 1);
  t.regex(problems[0] ?? '', /exec\/session is not in the list of rooms/);
  t.regex(
    problems[1] ?? '',
    /exec\/plan\/mod\.rs: its first line is .*Something else.*expected .*The plan\./,
  );
});

/** A crate or a room of `count` members and a list of them. */
function registry(
  root: string,
  folder: string,
  count: number,
  list: (members: string[]) => string,
  member: string,
) {
  const [extension, main] = folder === 'src-ts' ? ['ts', 'list.ts'] : ['rs', 'list.rs'];
  const members = Array.from({ length: count }, (_, i) => `m${i}`);
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, 'lib.rs'), 'mod list;\nmod types;\n\npub use list::{LIST, Type};\n');
  writeFileSync(join(root, folder, main), list(members));
  writeFileSync(join(root, folder, `types.${extension}`), '');
  for (const name of members) writeFileSync(join(root, folder, `${name}.${extension}`), member);
}

test('more than 8 files that import each other are reported, in Rust and in TypeScript', (t) => {
  const inRust = (members: string[]) => `use crate::{${members.join(', ')}};\n`;
  const inScript = (members: string[]) =>
    members.map((name) => `import { ${name} } from './${name}.ts';\n`).join('');
  const cases = [
    // The list and its members.
    ['src-rs/core/events', 7, inRust, 'use crate::list::Type;\n', 0],
    ['src-rs/core/events', 8, inRust, 'use crate::list::Type;\n', 1],
    ['src-rs/core/events', 8, inRust, 'use super::list::{self};\n', 1],
    ['src-rs/core/events', 8, inRust, 'fn f() -> crate::list::Type { 0 }\n', 1],
    // `lib.rs` re-exports the name from the list.
    ['src-rs/core/events', 8, inRust, 'use crate::Type;\n', 1],
    ['src-rs/core/events', 8, inRust, 'use crate::types::Type;\n', 0],
    [
      'src-rs/core/events',
      8,
      inRust,
      '// crate::list::Type\n#[cfg(test)]\nmod tests {\n    use crate::list::Type;\n}\n',
      0,
    ],
    ['src-ts', 7, inScript, "import { list } from './list.ts';\n", 0],
    ['src-ts', 8, inScript, "import { list } from './list.ts';\n", 1],
    ['src-ts', 8, inScript, "import type { List } from './list.ts';\n", 1],
    ['src-ts', 8, inScript, "import type { Type } from './types.ts';\n", 0],
  ] as const;
  for (const [folder, count, list, member, status] of cases) {
    const root = tree(t, '', '');
    registry(root, folder, count, list, member);
    const { problems, ...result } = check(root);
    const what = `${folder}, ${count} of ${member}`;
    t.is(result.status, status, what);
    if (status === 1)
      t.regex(problems[0] ?? '', /^9 files import each other, at most 8 may: .*\blist\./, what);
  }
});

test('a module of base that uses one after it in the list is reported', (t) => {
  for (const [error, status] of [
    ['use crate::memory::check;\n', 0],
    ['use crate::simd::Level;\n', 1],
  ] as const) {
    const root = tree(t, '', '');
    const base = join(root, 'src-rs/core/base');
    mkdirSync(base, { recursive: true });
    writeFileSync(join(base, 'lib.rs'), 'pub mod error;\npub mod memory;\npub mod simd;\n');
    for (const [name, text] of Object.entries({ error, memory: '', simd: 'use crate::error::Error;\n' }))
      writeFileSync(join(base, `${name}.rs`), text);
    const list = '\n`base` has modules in place of rooms. In this order:\n`error` with `memory`, `simd`.\n';
    writeFileSync(
      join(root, 'ARCHITECTURE.md'),
      `${readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')}${list}`,
    );
    const { problems, ...result } = check(root);
    t.is(result.status, status);
    if (status === 1)
      t.regex(problems[0]!, /base\/error\.rs uses simd, which ARCHITECTURE\.md lists after error/);
  }
});
