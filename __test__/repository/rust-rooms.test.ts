// Tests of scripts/check/rooms.mjs, which checks that rooms of the large Rust crates use each other in one direction only: it passes for this
// repository, and it reports violations.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  const crates = checked!.map((line) => /^(\w+): [1-9]\d* rooms, [1-9]\d* files$/.exec(line)?.[1]);
  t.deepEqual(crates.sort(), ['exec', 'projection', 'simulate']);
});

test('a room that uses a room below it is reported, for each form of the path', (t) => {
  const good = tree(t, 'use super::file::Own;\n// crate::run is only named\n', 'use crate::plan::file;\n');
  t.deepEqual(check(good), { status: 0, checked: ['exec: 2 rooms, 4 files'], problems: [] });
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
