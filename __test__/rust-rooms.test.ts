// Rooms of the large Rust crates use each other in one direction only: scripts/rooms.mjs says so of the tree, and finds what is wrong.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const check = (root: string) => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/rooms.mjs', root], { encoding: 'utf8' });
  return { status, problems: stderr.split('\n').filter((line) => line !== '') };
};

/** A tree of two rooms, `plan` below `run`. */
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

test('no room of this repository uses one above it', (t) => {
  t.deepEqual(check('.'), { status: 0, problems: [] });
});

test('a room that uses one above it is found, however the path is written', (t) => {
  const good = tree(t, 'use super::file::Own;\n// crate::run is only named\n', 'use crate::plan::file;\n');
  t.deepEqual(check(good), { status: 0, problems: [] });
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

test('a room that the list lacks, or that says something else of itself, is found', (t) => {
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
