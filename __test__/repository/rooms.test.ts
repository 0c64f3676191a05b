// The rooms of src-ts. biome.rooms.json lists the allowed imports of each room, and biome enforces them. These tests check the list itself: it
// contains every folder, it agrees with ARCHITECTURE.md, and it has no cycle.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';

interface Rule {
  readonly includes: readonly [string];
  readonly linter: {
    readonly rules: {
      readonly style: {
        readonly noRestrictedImports: {
          readonly options: {
            readonly patterns: readonly [{ readonly group: readonly string[]; readonly message: string }];
          };
        };
      };
    };
  };
}

const { overrides } = JSON.parse(readFileSync('biome.rooms.json', 'utf8')) as { overrides: readonly Rule[] };

const nameOf = (folder: string) => folder.replace(/^src-ts\//, '').replace(/\/\*$/, '');

/** For each room, the rooms that it may import from. */
const rooms = new Map(
  overrides.map(({ includes: [folder], linter }): [string, string[]] => {
    const { group } = linter.rules.style.noRestrictedImports.options.patterns[0];
    const room = nameOf(folder);
    const allowed = group.filter((pattern) => pattern.startsWith('!'));
    return [
      room,
      allowed.map((pattern) => join(room, pattern.slice(1).replace(/\/\*$/, '')).replaceAll('\\', '/')),
    ];
  }),
);

test('every folder of src-ts is a room with a rule', (t) => {
  const files = readdirSync('src-ts', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const folders = new Set(files.map((name) => dirname(name).replaceAll('\\', '/')));
  // Entries, which only name what the rooms export.
  for (const entries of ['.', 'doors']) folders.delete(entries);
  t.deepEqual([...rooms.keys()].sort(), [...folders].sort());
  t.deepEqual(
    files.filter((name) => dirname(name) === '.'),
    ['index.ts'],
  );
});

test('a room may import only from rooms above it in ARCHITECTURE.md, so there is no cycle', (t) => {
  const text = readFileSync('ARCHITECTURE.md', 'utf8');
  const order = [...text.matchAll(/^\| \[[^\]]+\]\(src-ts\/([\w/]+)\) \|/gm)].map(([, room]) => room!);
  t.deepEqual([...order].sort(), [...rooms.keys()].sort());
  for (const [room, allowed] of rooms) {
    const above = order.slice(0, order.indexOf(room));
    for (const one of allowed)
      t.true(above.includes(one), `${room} may import from ${one}, which is not above it`);
  }
});

test('the message of a rule names the rooms that the rule allows', (t) => {
  for (const { includes, linter } of overrides) {
    const { message } = linter.rules.style.noRestrictedImports.options.patterns[0];
    const room = nameOf(includes[0]);
    const allowed = rooms.get(room)!.join(', ') || 'no other room';
    t.is(message, `The room ${room} may import from ${allowed}.`);
  }
});
