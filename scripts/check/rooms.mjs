// Checks the rooms inside the large crates (`simulate`, `exec`, `projection`). ARCHITECTURE.md lists the rooms of each crate with their
// purposes. A room may use only rooms above it in the list, so there is no import cycle between rooms.
//
//   node scripts/check/rooms.mjs [root of the repository]
//
// It reads `use` statements and paths in code. It does not see method calls: a method that one room adds to a type of another
// (`impl Simulation` in `time_loop`) is called without a path.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.argv[2] ?? join(import.meta.dirname, '../..');
const problems = [];

/** For each crate, a map from rooms to purposes. A room may use the rooms before it. */
function listedRooms() {
  const crates = new Map();
  const row = /^\| \[`?([\w]+)\/`?\]\(src-rs\/core\/(\w+)\/(\w+)\) \| (.+?) \|$/gm;
  for (const [, name, crate, folder, purpose] of readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(
    row,
  )) {
    if (name !== folder) problems.push(`ARCHITECTURE.md: ${name}/ links to ${folder}`);
    if (!crates.has(crate)) crates.set(crate, new Map());
    crates.get(crate).set(folder, purpose);
  }
  return crates;
}

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rs'))
    .map((entry) => join(entry.parentPath, entry.name));

/** The source text without comments; line numbers are unchanged. */
const code = (file) => readFileSync(file, 'utf8').replace(/\/\/[^\n]*/g, '');

/** The paths of a `use` tree: `a::{b, c::d}` gives `a::b` and `a::c::d`. */
function paths(tree) {
  const open = tree.indexOf('{');
  if (open < 0) return [tree.replace(/ as \w+$/, '').replace(/\s/g, '')];
  const [prefix, inner] = [tree.slice(0, open), tree.slice(open + 1, tree.lastIndexOf('}'))];
  const parts = [''];
  let depth = 0;
  for (const char of inner) {
    if (char === '{') depth++;
    if (char === '}') depth--;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.filter((part) => part.trim()).flatMap((part) => paths(prefix.trim() + part.trim()));
}

/** All paths of a file that begin with `crate` or `super`, with their line numbers. */
function pathsOf(text) {
  const found = [];
  const line = (at) => text.slice(0, at).split('\n').length;
  const rest = text.replace(/\buse\s+((?:crate|super)\s*::[^;]+);/g, (all, tree, at) => {
    for (const path of paths(tree)) found.push([path, line(at)]);
    return all.replace(/[^\n]/g, ' ');
  });
  for (const match of rest.matchAll(/(?<![\w:])(?:crate|super)(?:::\w+)+/g)) {
    found.push([match[0], line(match.index)]);
  }
  return found;
}

for (const [crate, rooms] of listedRooms()) {
  const folder = join(root, 'src-rs/core', crate);
  const order = [...rooms.keys()];
  const folders = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'mod.rs')),
  );
  for (const { name } of folders) {
    if (name !== 'tests' && !rooms.has(name)) {
      problems.push(`${crate}/${name} is not in the list of rooms in ARCHITECTURE.md`);
    }
  }
  // Names that `lib.rs` re-exports are used as `crate::Name`.
  const exported = new Map();
  for (const [, tree] of code(join(folder, 'lib.rs')).matchAll(/\bpub use ([^;]+);/g)) {
    for (const path of paths(tree)) exported.set(path.split('::').at(-1), path.split('::')[0]);
  }
  let count = 0;
  for (const [room, purpose] of rooms) {
    const index = join(folder, room, 'mod.rs');
    if (!existsSync(index)) {
      problems.push(`${crate}/${room}: there is no mod.rs, but ARCHITECTURE.md lists the room`);
      continue;
    }
    const firstLine = /^\/\/! (.*)/.exec(readFileSync(index, 'utf8'))?.[1];
    if (firstLine !== purpose) {
      problems.push(
        `${crate}/${room}/mod.rs: its first line is "//! ${firstLine}"; expected "//! ${purpose}", as ARCHITECTURE.md says`,
      );
    }
    for (const file of filesOf(join(folder, room))) {
      count++;
      for (const [path, line] of pathsOf(code(file))) {
        const [name] = path.split('::').filter((part) => part !== 'crate' && part !== 'super');
        const used = path.startsWith('crate') ? (exported.get(name) ?? name) : name;
        // `super::name` may be a file in the same folder.
        const sibling = path.startsWith('super') && existsSync(join(folder, room, `${name}.rs`));
        if (sibling || used === room || !rooms.has(used)) continue;
        if (order.indexOf(used) > order.indexOf(room)) {
          problems.push(
            `${file.slice(join(root, '/').length)}:${line}: ${path} is of room ${used}; ${room} may use only the rooms above it in ` +
              `ARCHITECTURE.md: ${order.slice(0, order.indexOf(room)).join(', ') || 'none'}`,
          );
        }
      }
    }
  }
  console.log(`${crate}: ${rooms.size} rooms, ${count} files`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
