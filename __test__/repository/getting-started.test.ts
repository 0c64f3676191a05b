// docs/tutorials: the JavaScript blocks of each page are one program, which runs as it stands and says what the page says.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { transform } from 'esbuild';

const folder = 'docs/tutorials';

/** What each page's program prints. */
const printed: Record<string, RegExp> = {
  'README.md': /^0+1(0+1){3,5}0*\n$/,
  'first-network.md':
    /^(8[6-9]|9\d)\.\d % of 2000 digits that it never saw\n\d is what it says, the label is 7\n$/m,
  'own-neuron.md':
    /LapicqueError: line 1, column 14: update: unknown name "tauMen"[\s\S]*spikes at 7, 15, [\s\S]*\n(9\d|100)\.\d % right\ntauMem (?!10\.00)[\d.]+ ms, tauW (?!50\.00)[\d.]+ ms\n$/,
  'snntorch.md': /^500 500\n(8\d|9\d)\.\d %\ndense1\.weight, dense1\.bias, dense2\.weight, dense2\.bias\n$/,
  'spikingjelly.md': /^(7[5-9]|8\d|9\d)\.\d %\n$/,
  'nest.md': /^\d{3,5} spikes, \d+\.\d Hz \d+\nCV 0\.\d\d\n$/,
  'brian2.md': /^\d{3,5} spikes\n[\s\S]*excitation\.weight/,
  'tonic.md': /^2000 events\n\{ width: 17, height: 17, polarities: 2 \}\n[\s\S]*Uint32Array\(10\)/,
  'optuna.md': /^\{ x: (1\.[6-9]|2\.[0-4])\d*, kind: 'square' \}[\s\S]*\n8\n[\s\S]*importance/,
  'node.md': /^(9\d|100)\.\d %\n[\s\S]*\{ label: [01] \}\ntrue\n$/,
};

test('each page is known here', (t) => {
  t.deepEqual(readdirSync(folder).sort(), Object.keys(printed).sort());
});

// One after the other: each takes all cores.
for (const [page, expected] of Object.entries(printed)) {
  test.serial(`${page} is a program that runs`, async (t) => {
    const text = readFileSync(join(folder, page), 'utf8');
    const blocks = [...text.matchAll(/```(?:js|ts)\n([\s\S]*?)```/g)].map(([, code]) => code!);
    t.true(blocks.length > 0);
    const { code } = await transform(blocks.join('\n'), { loader: 'ts' });
    const programFolder = await mkdtemp(join('build', 'getting-started-'));
    try {
      await writeFile(join(programFolder, 'program.mjs'), code);
      const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], {
        cwd: programFolder,
        timeout: 100_000,
      });
      t.regex(stdout, expected);
    } finally {
      await rm(programFolder, { recursive: true });
    }
  });
}
