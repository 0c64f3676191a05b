// Checks the rooms inside the large crates (`simulate`, `exec`, `projection`). ARCHITECTURE.md lists the rooms of each crate with their
// purposes. A room may use only rooms above it in the list, so there is no import cycle between rooms.
//
// It also finds import circles among the files of each crate and of src-ts: a circle of more than a few files fails. The list of members of a
// registry therefore stands in a file that no member imports from.
//
//   node scripts/check/rooms.mjs [root of the repository]
//
// It reads `use` statements and paths in code. It does not see method calls: a method that one room adds to a type of another
// (`impl Simulation` in `time_loop`) is called without a path.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { circlesOf, code, filesOf, importsOfCrate, importsOfScripts, paths } from './circles.mjs';

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
    for (const file of filesOf(join(folder, room), '.rs')) {
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

/** `base` has modules in place of rooms; ARCHITECTURE.md lists them in the order of use, those of equal rank joined by "with". */
function checkBase() {
  const base = join(root, 'src-rs/core/base');
  if (!existsSync(base)) return;
  const listed =
    /^`base` has modules[^\n]*\n([^\n]*)\.$/m.exec(
      readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'),
    )?.[1] ?? '';
  const ranks = new Map();
  for (const [rank, group] of listed.split(', ').entries())
    for (const [, name] of group.matchAll(/`(\w+)`/g)) ranks.set(name, rank);
  const moduleOf = (file) => relative(base, file).split(/[/\\]/)[0].replace(/\.rs$/, '');
  for (const [file, used] of importsOfCrate(base)) {
    const module = moduleOf(file);
    if (module === 'lib') continue;
    if (!ranks.has(module)) {
      problems.push(`base/${module} is not in the list of modules in ARCHITECTURE.md`);
      continue;
    }
    const below = [...used].map(moduleOf).filter((other) => (ranks.get(other) ?? 0) > ranks.get(module));
    if (below.length > 0)
      problems.push(
        `${relative(root, file)} uses ${below.join(', ')}, which ARCHITECTURE.md lists after ${module}`,
      );
  }
}
checkBase();

/** The most files of an import circle. */
const mostFiles = 8;

const folders = (folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []);
// `src-rs/core` itself only re-exports the crates in its folders.
const crates = [
  ...folders(join(root, 'src-rs/core')),
  ...['node', 'references'].map((name) => join(root, 'src-rs', name)),
];
const graphs = crates.filter((crate) => existsSync(join(crate, 'lib.rs'))).map(importsOfCrate);
if (existsSync(join(root, 'src-ts'))) graphs.push(importsOfScripts(join(root, 'src-ts')));
const circles = graphs.flatMap(circlesOf).sort((a, b) => b.length - a.length);
for (const circle of circles.filter(({ length }) => length > mostFiles)) {
  const names = circle.map((file) => relative(root, file)).join(', ');
  problems.push(`${circle.length} files import each other, at most ${mostFiles} may: ${names}`);
}
const largest = circles.filter(({ length }) => length === circles[0].length);
console.log(
  circles.length === 0
    ? 'import circles: none'
    : `import circles: ${circles.length}; the largest have ${largest[0].length} files: ${largest.map(([file]) => relative(root, file)).join(', ')} …`,
);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
