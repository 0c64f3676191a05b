// docs/guides/papers.md: its programs run as they stand, and their networks are those of the papers, forward and backward.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { deviation } from '../support/numbers.ts';

interface Case {
  name: string;
  shape: number[];
  x: number[];
  weights: Record<string, number[]>;
  v: number[];
  cotangent: number[];
  gradients: Record<string, number[]>;
}

const page = readFileSync('docs/guides/papers.md', 'utf8');
const programs = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);
const cases = JSON.parse(readFileSync('__test__/training/fixtures/papers/papers.json', 'utf8')) as Case[];

/** Which program of the page holds the network of which case, by what it says alone. */
const citations: Record<string, string> = {
  'spike-before': 'tauAdp',
  'rad-lif': 'radLif',
  glif: 'glif',
  'dh-lif': 'dhLif',
  heterogeneous: 'distribution.draw',
  tebn: "name: 'norm'",
  decolle: 'stop: threshold',
  'super-spike': 'superSpike',
  delays: 'axons',
};

async function run(code: string, ...inputs: string[]): Promise<string> {
  const folder = await mkdtemp(join('build', 'papers-'));
  try {
    const path = join(folder, 'program.mjs');
    await writeFile(path, code);
    const paths = await Promise.all(
      inputs.map(async (text, i) => {
        await writeFile(join(folder, `${i}.json`), text);
        return join(folder, `${i}.json`);
      }),
    );
    return (await promisify(execFile)(process.execPath, [path, ...paths], { timeout: 100_000 })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const [i, code] of programs.entries()) {
  test(`program ${i + 1} of the page runs`, async (t) => {
    const stdout = await run(code);
    t.true(stdout.trim().length > 0);
    const right = /^([\d.]+) %$/m.exec(stdout);
    if (right !== null) t.true(Number(right[1]) > 90, stdout);
  });
}

test('a sum of losses becomes small', async (t) => {
  const code = programs.find((program) => program.includes('const tet'))!;
  const [before, after] = (await run(code)).split(' ').map(Number) as [number, number];
  t.true(after < before / 3, `${before} ${after}`);
});

test('half of the weights are masked', async (t) => {
  const code = programs.find((program) => program.includes('masked'))!;
  t.is((await run(code)).trim(), '16');
});

const compared = `
const { readFileSync } = await import('node:fs');
const given = JSON.parse(readFileSync(process.argv[2], 'utf8'));
await net.setWeights(Object.fromEntries(Object.entries(given.weights).map(([name, values]) => [name, Float64Array.from(values)])));
const passed = await net.forward({ x: Float64Array.from(given.x), shape: given.shape });
await passed.backward({ v: Float64Array.from(given.cotangent) });
const gradients = Object.entries(await net.gradients()).map(([name, values]) => [name, [...values]]);
console.log('result ' + JSON.stringify({ v: [...passed.v], gradients: Object.fromEntries(gradients) }));
`;

for (const c of cases) {
  test(`${c.name} is what the paper computes`, async (t) => {
    const found = programs.filter((program) => program.includes(citations[c.name]!));
    t.is(found.length, 1);
    const code = found[0]!.replace('.compile()', ".compile({ precision: 'f64' })");
    t.not(code, found[0]);
    const stdout = await run(`${code}${compared}`, JSON.stringify(c));
    const { v, gradients } = JSON.parse(/^result (.*)$/m.exec(stdout)![1]!) as Pick<Case, 'v' | 'gradients'>;
    t.true(deviation(v, c.v) < 1e-10, 'v');
    let [learned, moved] = [0, 0];
    for (const [name, values] of Object.entries(c.gradients)) {
      // Layers that do not learn are given no gradient.
      if (gradients[name]!.every((g) => g === 0) && /^(axons\.weight|r\d\.)/.test(name)) continue;
      learned += 1;
      // A bias before batch norm has none but roundings.
      const size = (list: number[]) => Math.max(...list.map(Math.abs));
      if (size(values) < 1e-12) {
        t.true(size(gradients[name]!) < 1e-12, name);
        moved += 1;
        continue;
      }
      moved += Number(values.some((g) => g !== 0));
      t.true(deviation(gradients[name]!, values) < 1e-9, name);
    }
    t.true(learned >= 2 && moved >= learned - 1, `${moved} of ${learned} gradients are not 0`);
  });
}
