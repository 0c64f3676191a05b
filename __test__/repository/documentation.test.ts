// Code in the documents: what imports the package fits its types, and the examples of docs/reference/layers.md compile.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { doors } from '../support/doors.ts';
import * as lapicque from '../support/library.ts';

// Inside of the package, so that it is found under its name.
const folder = resolve('build/documentation');
test.before(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** Code blocks of a page, those behind a heading and its first words as well, which are signatures in the page of layers. */
function blocks(page: string): { code: string; heads: boolean }[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/(^#+ .*\n\n(?:\*\*.*\n\n)?)?```(?:js|ts)\n([\s\S]*?)```/gm)].map(
    ([, heading, code]) => ({
      code: code!,
      heads: heading !== undefined,
    }),
  );
}

const ofLibrary = /from 'lapicque(?:\/\w+)?'/;

/** What a reader has: data in variables that no block declares. */
const standIns = 'declare const times: Float64Array, ids: Uint32Array;\n';

/** Whether a page has code in TypeScript. */
const isTyped = (page: string) => /^```ts$/m.test(readFileSync(page, 'utf8'));

test('code that imports the package fits its types', async (t) => {
  const folders = ['docs/guides', 'docs/reference', 'docs/tutorials'];
  const pages = [
    'README.md',
    ...folders.flatMap((path) => readdirSync(path).map((name) => join(path, name))),
  ];
  const files = pages.flatMap((page) => {
    if (!page.endsWith('.md')) return [];
    const codes = blocks(page).map(({ code }) =>
      code.replaceAll(/^import \{[^}]*\}/gm, (list) => list.replaceAll(/\s+/g, ' ').replace(', }', ' }')),
    );
    if (!codes.some((code) => ofLibrary.test(code))) return [];
    const isUsed = (name: string) => codes.some((code) => RegExp(`\\b${name}\\b`).test(code));
    const bodies = codes.map((code) => code.replaceAll(/^import .*;$/gm, ''));
    // What comes later on a page goes on from what came before, and may use its names anew.
    const lines = new Set(codes.flatMap((code) => code.match(/^import .*;$/gm) ?? []));
    const named = (door: string) =>
      [...lines]
        .flatMap((line) => RegExp(`^import \\{(.*)\\} from '${door}';$`).exec(line)?.[1] ?? [])
        .flatMap((list) => list.split(',').map((name) => name.trim()));
    const ours = Object.entries(doors).map(([door, module]) => {
      const name = door.slice('lapicque/'.length);
      if (['analysis', 'control', 'morphology'].includes(name)) return `import * as ${name} from '${door}';`;
      const names = new Set([...named(door), ...Object.keys(module).filter(isUsed)]);
      return `import { ${[...names].join(', ')} } from '${door}';`;
    });
    const others = [...lines].filter((line) => !ofLibrary.test(line));
    // In a program in JavaScript, an empty list takes elements of any type, as it does for its reader.
    const file = join(folder, `${page.replaceAll(/\W/g, '-')}.${isTyped(page) ? 'ts' : 'js'}`);
    // JavaScript reads the port of a server that listens without a check for sockets that have none.
    const typed = isTyped(page)
      ? bodies
      : bodies.map((body) => body.replaceAll('server.address()', 'Object($&)'));
    const nested = typed.reduceRight((inner, body) => `{\n${body}\n${inner}}\n`, '');
    writeFileSync(file, `${[...others, ...ours].join('\n')}\n${nested}`);
    return [file];
  });
  t.true(files.length >= 4);
  const declared = join(folder, 'stand-ins.d.ts');
  writeFileSync(declared, standIns);
  const options =
    '--noEmit --target es2022 --module nodenext --skipLibCheck --types node --strict --allowJs --checkJs';
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [
    tsc,
    '--ignoreConfig',
    ...options.split(' '),
    // Programs in JavaScript leave out the types of parameters.
    '--noImplicitAny',
    'false',
    '--useUnknownInCatchVariables',
    'false',
    declared,
    ...files,
  ]).catch((error: { stdout: string }) => error);
  t.is(stdout, '');
});

/** Stand-ins for what a reader has, and training left out: what is tried here is whether networks are built. */
const context = { text: 'Call me Ishmael.'.repeat(20), epochs: 16 };

test('examples of layers compile', async (t) => {
  const { sequential, graph, input } = lapicque;
  let compiled = 0;
  for (const { code, heads } of blocks('docs/reference/layers.md')) {
    if (heads || /^(type|interface) /.test(code)) continue;
    const made: lapicque.Network[] = [];
    const keep = <T extends lapicque.Network>(network: T): T => {
      made.push(network);
      return network;
    };
    const names = {
      ...lapicque,
      ...context,
      sequential: (...layers: []) => keep(sequential(...layers)),
      graph: (spec: lapicque.GraphSpec) => keep(graph(spec)),
    };
    const statements = code.replaceAll(/^await .*\.fit\(.*$/gm, '').trim();
    const isExpression = !/;$/.test(statements);
    const body = isExpression ? `return (${statements});` : `{ ${statements} }`;
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    const value = await AsyncFunction(...Object.keys(names), body)(...Object.values(names));
    if (isExpression) {
      // Layers alone stand behind an image of as many channels as the first one takes.
      const channels = Number(/"inputs":(\d+)/.exec(JSON.stringify(value))![1]);
      const layers = [input(channels, 4, 4), value, lapicque.lif({ beta: 0.9 })].flat();
      made.push((sequential as (...layers: unknown[]) => lapicque.Network)(...layers));
    }
    for (const network of made) {
      using model = await network.compile();
      t.true(model.parameterCount > 0, code);
      compiled += 1;
    }
  }
  t.true(compiled >= 9, String(compiled));
});
