// The rooms of src-ts: biome.rooms.json says which room may import from which, and biome holds the code to it. Here the table itself is
// looked over: it names every folder, and no room can come back to itself.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';

interface Rule {
  readonly includes: readonly [string];
  readonly linter: {
    readonly rules: {
      readonly style: {
        readonly noRestrictedImports: {
          readonly options: { readonly patterns: readonly [{ readonly group: readonly string[] }] };
        };
      };
    };
  };
}

const { overrides } = JSON.parse(readFileSync('biome.rooms.json', 'utf8')) as { overrides: readonly Rule[] };

/** Rooms by name, each with those it may import from. */
const rooms = new Map(
  overrides.map(({ includes: [folder], linter }): [string, string[]] => {
    const { group } = linter.rules.style.noRestrictedImports.options.patterns[0];
    const room = folder.replace(/^src-ts\//, '').replace(/\/\*$/, '');
    const allowed = group.filter((pattern) => pattern.startsWith('!'));
    return [
      room,
      allowed.map((pattern) => join(room, pattern.slice(1).replace(/\/\*$/, '')).replaceAll('\\', '/')),
    ];
  }),
);

test('every folder of src-ts is a room with a rule and a line in ARCHITECTURE.md', (t) => {
  const files = readdirSync('src-ts', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const folders = new Set(files.map((name) => dirname(name).replaceAll('\\', '/')));
  folders.delete('.');
  t.deepEqual([...rooms.keys()].sort(), [...folders].sort());
  const text = readFileSync('ARCHITECTURE.md', 'utf8');
  for (const room of rooms.keys()) t.true(text.includes(`](src-ts/${room})`), room);
  t.deepEqual(
    files.filter((name) => dirname(name) === '.'),
    ['index.ts'],
  );
});

test('no room can import from itself by way of others', (t) => {
  for (const [room, allowed] of rooms) {
    for (const one of allowed) t.true(rooms.has(one), `${room} may import from ${one}, which is no room`);
    const reached = new Set<string>();
    const waiting = [...allowed];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      waiting.push(...rooms.get(next)!);
    }
    t.false(reached.has(room), `${room} can import from itself by way of others`);
  }
});
