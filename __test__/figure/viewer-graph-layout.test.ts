// Where the viewer's picture of a network has its nodes.
import test from 'ava';
import { circleLayout, columnLayout, edgePath } from '../../packages/viewer/src/plots/graph-layout.ts';
import { rankedNodes } from '../../packages/viewer/src/plots/ranks.ts';
import { random } from '../support/numbers.ts';

test('nodes stand behind their sources', (t) => {
  const chain = rankedNodes(
    ['in', 'a', 'b', 'out'],
    [
      ['in', 'a'],
      ['a', 'b'],
      ['b', 'out'],
      ['in', 'out'],
      ['b', 'b'],
      ['out', 'a'],
    ],
  );
  t.deepEqual(
    chain.map(({ name, rank, row }) => [name, rank, row]),
    [
      ['in', 0, 0],
      ['a', 1, 0],
      ['b', 2, 0],
      ['out', 3, 0],
    ],
  );
  const next = random(13);
  for (let run = 0; run < 50; run++) {
    const names = Array.from({ length: 12 }, (_, i) => `n${i}`);
    // Edges from lower to higher numbers have no cycle.
    const edges = Array.from({ length: 20 }, (): [string, string] => {
      const a = Math.floor(next() * 11);
      return [`n${a}`, `n${a + 1 + Math.floor(next() * (11 - a))}`];
    });
    const placed = rankedNodes(names, edges);
    const rank = new Map(placed.map(({ name, rank }) => [name, rank]));
    // The longest path, by trying all.
    const longest = (name: string): number =>
      Math.max(0, ...edges.filter(([, to]) => to === name).map(([from]) => 1 + longest(from)));
    for (const name of names) t.is(rank.get(name), longest(name));
    const cells = new Set(placed.map(({ rank, row }) => `${rank} ${row}`));
    t.is(cells.size, names.length, 'no two at one place');
  }
  const long = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
  const placed = rankedNodes(
    long,
    long.slice(1).map((name, i): [string, string] => [`n${i}`, name]),
  );
  t.is(placed.at(-1)!.rank, 19_999);
});

test('nodes of a picture do not touch, and arrows run between their rims', (t) => {
  const radius = 30;
  for (const count of [1, 2, 5, 30]) {
    const names = Array.from({ length: count }, (_, i) => `n${i}`);
    const chain = names.slice(1).map((name, i): [string, string] => [`n${i}`, name]);
    for (const { positions, width, height } of [circleLayout(names), columnLayout(names, chain)]) {
      for (const [i, a] of names.entries()) {
        const one = positions.get(a)!;
        t.true(one.x >= radius && one.x <= width - radius && one.y >= radius && one.y <= height - radius);
        for (const b of names.slice(i + 1)) {
          const other = positions.get(b)!;
          t.true(Math.hypot(one.x - other.x, one.y - other.y) > 2 * radius + 10, `${a} and ${b} of ${count}`);
          const [x1, y1, x2, y2] = edgePath({ ...one, radius }, { ...other, radius })
            .match(/-?[\d.]+/g)!
            .map(Number) as [number, number, number, number];
          t.true(Math.hypot(x1 - one.x, y1 - one.y) > radius);
          t.true(Math.hypot(x2 - other.x, y2 - other.y) > radius);
        }
      }
    }
  }
});
