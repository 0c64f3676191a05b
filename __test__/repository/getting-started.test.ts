// Tutorials and the theory: the JavaScript blocks of each page are one program, which runs as it stands, prints what the page states and saves the pictures it shows.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';

interface Programs {
  programPages(): string[];
  blocksOf(path: string): { code: string; stated: string | undefined }[];
  prints(stated: string, printed: string): boolean;
  runPage(path: string): Promise<{ printed: string[]; stdout: string; pictures: Map<string, Uint8Array> }>;
}
const programs = (await import(
  pathToFileURL(resolve('scripts/document/tutorial-program.mjs')).href
)) as Programs;

const folder = 'docs/tutorials';

/** Pages that state no output, and what their programs print. */
const printed: Record<string, RegExp> = {
  'README.md': /^0+1(0+1){3,5}0*\n$/,
  'snntorch.md': /^500 500\n(8\d|9\d)\.\d %\ndense1\.weight, dense1\.bias, dense2\.weight, dense2\.bias\n$/,
  'spikingjelly.md': /^(7[5-9]|8\d|9\d)\.\d %\n$/,
  'nest.md': /^\d{3,5} spikes, \d+\.\d Hz \d+\nCV 0\.\d\d\n$/,
  'brian2.md': /^\d{3,5} spikes\n[\s\S]*excitation\.weight/,
  'tonic.md': /^2000 events\n\{ width: 17, height: 17, polarities: 2 \}\n[\s\S]*Uint32Array\(10\)/,
  'optuna.md': /^\{ x: (1\.[6-9]|2\.[0-4])\d*, kind: 'square' \}[\s\S]*\n8\n[\s\S]*importance/,
  'node.md': /^(9\d|100)\.\d %\n[\s\S]*\{ label: [01] \}\ntrue\n$/,
};

/** Pages that state the output of a block in a block of text behind it. */
const stating = programs
  .programPages()
  .filter((path) => programs.blocksOf(path).some(({ stated }) => stated !== undefined));

test('each page is known here', (t) => {
  const known = [...Object.keys(printed).map((name) => join(folder, name)), ...stating];
  t.deepEqual(
    programs.programPages().filter((path) => !known.includes(path)),
    [],
  );
});

test('an output is compared line by line, and … stands for what differs', (t) => {
  t.true(programs.prints('a (1)\nb … s\n', 'a (1)\nb 1.25 s\n\n'));
  t.false(programs.prints('a\n', 'a\nb\n'));
  t.false(programs.prints('a … c\n', 'a b\nc\n'));
  t.false(programs.prints('1.5\n', '1x5\n'));
});

// One after the other: each takes all cores.
for (const [page, expected] of Object.entries(printed))
  test.serial(`${page} is a program that runs`, async (t) => {
    const { stdout } = await programs.runPage(join(folder, page));
    t.regex(stdout, expected);
  });

for (const path of stating)
  test.serial(`${path} prints what it states, and saves the pictures that it shows`, async (t) => {
    const run = await programs.runPage(path);
    for (const [i, { stated, code }] of programs.blocksOf(path).entries()) {
      if (stated === undefined) continue;
      t.true(
        programs.prints(stated, run.printed[i]!),
        `${code}\nprints\n${run.printed[i]}\nthe page states\n${stated}`,
      );
    }
    for (const [file, bytes] of run.pictures) {
      const start = file.endsWith('.png') ? '<!doctype html>' : '<svg ';
      t.regex(Buffer.from(bytes).toString(), RegExp(`^${start}[\\s\\S]*<(?:path|rect|circle)`, 'i'), file);
      t.true(readFileSync(file).length > 0, `${file}: node scripts/document/tutorials.mjs writes it`);
    }
  });
