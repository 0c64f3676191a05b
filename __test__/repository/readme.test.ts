// The code of README and of the pages on streams and TypeScript runs as it is written, and the links of the documents lead to files and sections that exist.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { transform } from 'esbuild';
import { documents } from '../support/documents.ts';

const readme = readFileSync('README.md', 'utf8');
/** The one block of a language on a page. */
function codeOf(page: string, language: string): string {
  const blocks = [...page.matchAll(RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code]) => code!,
  );
  if (blocks.length !== 1) throw new Error(`${blocks.length} blocks of ${language}`);
  return blocks[0]!;
}

/** Runs a module from inside the package, where `lapicque` is the package itself. */
async function output(code: string): Promise<string> {
  const folder = await mkdtemp(join('build', 'readme-'));
  try {
    const path = join(folder, 'example.mjs');
    await writeFile(path, code);
    return (await promisify(execFile)(process.execPath, [path], { timeout: 100_000 })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the example reaches what the README says', async (t) => {
  const printed = /^accuracy ([\d.]+) % on 2000 held-out digits\n$/.exec(await output(codeOf(readme, 'js')));
  t.truthy(printed);
  t.true(Number(printed![1]) >= 93.5, printed![0]);
});

test('the example of streams runs', async (t) => {
  const code = codeOf(readFileSync('docs/guides/streams.md', 'utf8'), 'js');
  t.regex(await output(code), /Uint32Array.*Float32Array\(10\)/s);
});

// documentation.test.ts checks its types, the error that it expects included.
test('the TypeScript quick start runs and learns', async (t) => {
  const code = codeOf(readFileSync('docs/guides/typescript.md', 'utf8'), 'ts');
  const { code: program } = await transform(code, { loader: 'ts' });
  const printed = /^accuracy: ([\d.]+)\n$/.exec(await output(program));
  t.truthy(printed);
  t.true(Number(printed![1]) >= 0.95, printed![0]);
});

test('README is short: 800 words, eight features, three applications, five figures of speed', (t) => {
  t.true(readme.split(/\s+/).filter(Boolean).length <= 800);
  const bullets = (title: string) =>
    readme.split(`## ${title}\n`)[1]!.split('\n## ')[0]!.match(/^- /gm)?.length;
  t.deepEqual([bullets('Features'), bullets('Built with it')], [8, 3]);
  const section = /## Speed\n([\s\S]*?)\n## /.exec(readme)![1]!;
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  t.is(rows.length - 2, 5);
  t.regex(section, /\]\(docs\/benchmarks\//);
});

/** The anchors of a document's headings, as GitHub makes them. */
function anchors(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm);
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^\w\- ]/g, '');
  return [...headings].map(([, text]) => plain(text!).replaceAll(' ', '-'));
}

test('every file and section that the documents link to exists', (t) => {
  for (const document of documents) {
    // Links stand in prose: code has brackets of its own.
    const prose = readFileSync(document, 'utf8').replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
    for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (target!.includes(':')) continue;
      const [file, anchor] = target!.split('#') as [string, string | undefined];
      const path = file === '' ? document : join(dirname(document), file);
      t.true(existsSync(path), `${document} links to ${target}`);
      if (anchor !== undefined && path.endsWith('.md')) {
        t.true(anchors(path).includes(anchor), `${document} links to ${target}`);
      }
    }
  }
});
