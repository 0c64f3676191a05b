// The README's code runs as it is written, and what the README points at exists.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const readme = readFileSync('README.md', 'utf8');
const blocks = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);

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
  const printed = /^([\d.]+) % of 2000 digits it never saw\n$/.exec(await output(blocks[0]!));
  t.truthy(printed);
  t.true(Number(printed![1]) >= 93.5, printed![0]);
});

test('the streaming example runs', async (t) => {
  const model = `import { dense, lif, sequential } from 'lapicque';
const model = await sequential(dense(784, 10), lif({ beta: 0.9 })).compile();\n`;
  t.regex(await output(model + blocks[1]!), /Uint32Array.*Float32Array\(10\)/s);
});

test('every file that the documents link to exists', (t) => {
  for (const document of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
    for (const [, target] of readFileSync(document, 'utf8').matchAll(/\]\(([^)#]+)\)/g)) {
      if (!target!.includes(':')) t.true(existsSync(target!), `${document} links to ${target}`);
    }
  }
});
