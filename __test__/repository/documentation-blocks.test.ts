// Every block of code in the documents is run, type-checked or compared with its source by some test; what cannot be has its reason here.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { documents } from '../support/documents.ts';
import * as lapicque from '../support/library.ts';

interface Block {
  page: string;
  language: string;
  code: string;
}

const blocks: Block[] = documents.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```/gm)].map(([, language, code]) => ({
    page,
    language: language!,
    code: code!,
  })),
);
const isProgram = ({ language }: Block) => language === 'js' || language === 'ts';
/** Pages whose blocks documentation.test.ts checks by their types. */
const checked = new Set(
  blocks
    .filter((block) => isProgram(block) && /from 'lapicque(?:\/\w+)?'/.test(block.code))
    .map(({ page }) => page),
);

/** What a language or a page needs that the tests do not have. */
const reasons: Record<string, string> = {
  python:
    'lines of the other libraries, which are not installed here; with LAPICQUE_PEERS, their Python, they are parsed',
  rust: 'CONTRIBUTING.md: scripts/check/recipe.mjs, which `npm run ready` runs, compiles them in a copy of the tree',
  text: 'no program: output, messages, and the equations of models, which site-pictures.test.ts typesets',
  toml: 'no program',
  yaml: 'no program',
  json: 'no program',
  '': 'no program: output and tables',
};

const library = new Map<string, unknown>(Object.entries(lapicque));
const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

test('every block is of a kind that some test reads, or has a reason', (t) => {
  for (const { page, language, code } of blocks) {
    const known = isProgram({ page, language, code })
      ? checked.has(page) ||
        ['layers', 'synapses', 'training', 'optimizers'].some((name) => page === `docs/reference/${name}.md`)
      : language === 'sh' || language in reasons;
    t.true(
      known,
      `${page}: a block of ${language === '' ? 'no language' : language} that no test knows:\n${code}`,
    );
  }
});

test('every program of a page is one that Node 20 reads: no using declaration', (t) => {
  for (const { page, code } of blocks.filter(isProgram))
    t.notRegex(
      code,
      /^\s*(?:await )?using \w+ =/m,
      `${page}: const, and dispose() where the memory is needed`,
    );
});

test('lines of docs/reference/synapses.md that no program is around run', async (t) => {
  const codes = blocks.filter(
    ({ page, language, code }) =>
      page === 'docs/reference/synapses.md' && language === 'js' && !code.includes('console.log'),
  );
  t.true(codes.length >= 5);
  for (const { code } of codes) {
    const names = [...library.keys()].filter((name) => RegExp(`\\b${name}\\b`).test(code));
    const [, defined] = /^const (\w+) = synapse/m.exec(code) ?? [];
    const body = `${code}\nreturn ${defined ?? 'transmitted'};`;
    const value = await AsyncFunction(...names, body)(...names.map((name) => library.get(name)));
    if (defined === undefined) t.is(value.length, 3);
    else {
      // A model that was made runs.
      const pre = [10, 30];
      const { last } = await lapicque
        .driveSynapse(value, { pre, post: [12], weight: 0.5 })
        .catch((error: Error) => {
          // One that sees a membrane needs a network.
          if (/membrane|sights|state/.test(error.message)) return { last: { w: 0.5 } };
          throw error;
        });
      t.true(Number.isFinite(last.w), code);
    }
  }
});

test('declarations of the pages on training are those of the public types, and its program runs', async (t) => {
  const plain = (text: string) => text.replaceAll(/\/\*\*[\s\S]*?\*\/|export |declare |[\s;]/g, '');
  const declared = plain(readFileSync('index.d.ts', 'utf8'));
  const codes = blocks.filter(
    (block) => /^docs\/reference\/(?:training|optimizers)\.md$/.test(block.page) && isProgram(block),
  );
  t.true(codes.length >= 2);
  for (const { code } of codes) {
    if (/^(type|interface) /.test(code)) t.true(declared.includes(plain(code)), code);
    else {
      const logged: unknown[][] = [];
      const body = code.replaceAll('console.log', 'said');
      await AsyncFunction(
        'DataLoader',
        'said',
        body,
      )(lapicque.DataLoader, (...values: unknown[]) => logged.push(values));
      t.deepEqual(logged, [[[3, 2, 2], Uint32Array.of(3, 2)]]);
    }
  }
});

test('examples of neurons, losses and synapses, and of the guides, print what the page says', async (t) => {
  const ofPages =
    /^docs\/(?:reference\/(?:models|losses|synapses)|guides\/(?:training|traced-losses|networks|reinforcement-learning))\.md$/;
  const programs = blocks.filter(
    (block) =>
      ofPages.test(block.page) && /from 'lapicque/.test(block.code) && block.code.includes('console.log'),
  );
  // 41 neurons, 19 losses, 9 synapses, 5 of traced losses, 3 of other guides.
  t.true(programs.length >= 41 + 19 + 9 + 5 + 3, String(programs.length));
  for (const { page, code } of programs) {
    const said: string[] = [];
    const body = code.replaceAll(/^import .*;$/gm, '').replaceAll('console.log(', 'said(');
    const names = [...library.keys()].filter((name) => RegExp(`\\b${name}\\b`).test(body));
    const run = AsyncFunction(...names, 'said', `{\n${body}\n}`);
    await run(...names.map((name) => library.get(name)), (line: string) => said.push(line));
    const text = readFileSync(page, 'utf8');
    const printed = [...body.matchAll(/said\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
    if (printed.length === 0) t.true(text.includes(`It prints \`${said[0]}\``), `${page}: ${said[0]}`);
    else t.deepEqual(said.map(String), printed, code);
    // A training that does not lower its loss is no example.
    const [, from, to] = /^from ([\d.]+) to ([\d.]+)$/.exec(said[0]!) ?? [];
    if (from !== undefined) t.true(Number(to) < Number(from), code);
  }
});

interface Entry {
  name: string;
  use: string;
}

test('every neuron, layer, loss and synapse says what it is called, what it is for and when to choose it', async (t) => {
  const { addon } = createRequire(import.meta.url)(resolve('native/load.cjs')) as {
    addon: Record<'describeModels' | 'describeSynapses' | 'describeTraining', () => string>;
  };
  const { models } = JSON.parse(addon.describeModels()) as { models: { key: string }[] };
  const { synapses } = JSON.parse(addon.describeSynapses()) as { synapses: { key: string }[] };
  const { losses } = JSON.parse(addon.describeTraining()) as { losses: { kinds: { name: string }[] } };
  const layers = readFileSync('docs/reference/layers.md', 'utf8').match(/^### \w+$/gm)!;
  const registered: Record<string, string[]> = {
    neurons: models.map(({ key }) => key),
    synapses: synapses.map(({ key }) => key),
    losses: losses.kinds.map(({ name }) => name),
    layers: layers.map((heading) => heading.slice('### '.length)),
  };
  for (const [kind, keys] of Object.entries(registered)) {
    const file = pathToFileURL(resolve(`scripts/document/entries/${kind}.mjs`)).href;
    const entries = ((await import(file)) as Record<string, Record<string, Entry>>)[kind]!;
    t.deepEqual(Object.keys(entries).sort(), keys.sort(), kind);
    for (const [key, { name, use }] of Object.entries(entries)) {
      t.true(name.length > 3, key);
      const sentences = use.split(/(?<=[.:;])\s+(?=[A-Z])/);
      t.true(sentences.length >= 2 && /\bChoose it\b/.test(use), `${key}: ${use}`);
      for (const sentence of use.split(/(?<=\.)\s+/))
        t.true(sentence.split(' ').length <= 35, `${key}: ${sentence}`);
    }
  }
});

test('commands of the documents exist, with their options', async (t) => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['dist/cli.js', ...args]).then(({ stdout }) => stdout);
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const help = new Map<string, Promise<string>>();
  let commands = 0;
  for (const { page, language, code } of blocks) {
    if (language !== 'sh') continue;
    // A line that ends with a backslash goes on.
    for (const line of code.replaceAll('\\\n', ' ').split('\n')) {
      for (const [, script] of line.matchAll(/npm run (?!-)([\w:]+)/g))
        t.true(script! in scripts, `${page}: ${line}`);
      const [, words] = /(?:npx lapicque|node dist\/cli\.js) ([^|>#]*)/.exec(line) ?? [];
      if (words === undefined) continue;
      const names = words.split(/\s+/).filter((word) => /^[a-z]+$/.test(word));
      // `sweep show` and `events inspect` are commands of a command.
      const path = ['sweep', 'events'].includes(names[0]!) ? names.slice(0, 2) : names.slice(0, 1);
      const key = path.join(' ');
      const text = help.get(key) ?? run(...path, '--help');
      help.set(key, text);
      const helpText = await text;
      t.true(
        helpText.includes(`lapicque ${key}`) || helpText.includes(`lapicque ${path[0]}`),
        `${page}: ${line}`,
      );
      for (const [option] of words.matchAll(/--[a-z][\w-]*/g))
        t.true(helpText.includes(option), `${page}: ${line}: ${option}`);
      commands += 1;
    }
  }
  t.true(commands >= 15, String(commands));
});

const peers = process.env.LAPICQUE_PEERS;
(peers === undefined ? test.skip : test)('lines of other libraries parse as Python', async (t) => {
  for (const { page, language, code } of blocks) {
    if (language !== 'python') continue;
    await t.notThrowsAsync(
      promisify(execFile)(peers!, ['-c', 'import ast, sys; ast.parse(sys.argv[1])', code]),
      page,
    );
  }
});
