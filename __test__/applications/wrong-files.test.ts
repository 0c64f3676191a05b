// Every application that takes a file says in one line what is wrong with it.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';

const programs = readdirSync('examples/applications').filter(
  (file) => file.endsWith('.mjs') && !/server/.test(file),
);

for (const program of programs)
  test(`${program}: a file that is not there, and one of another kind`, async (t) => {
    for (const file of ['no-such-file.npz', 'README.md']) {
      const run = promisify(execFile)(process.execPath, [
        `examples/applications/${program}`,
        '--reduced',
        '--data',
        file,
      ]);
      const { code, stderr } = await t.throwsAsync<Error & { code: number; stderr: string }>(run);
      t.true(code === 1 || code === 2, stderr);
      t.regex(stderr, /^[\w-]+: --data: .*\n$/, stderr);
    }
  });
