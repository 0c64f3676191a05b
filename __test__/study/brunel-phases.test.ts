// The example of a sweep finds Brunel's phases, on fewer points than it has by itself.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';

test('the phases of Brunel’s network', async (t) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['examples/studies/brunel-phases.mjs', '--short'],
    { timeout: 120_000 },
  );
  t.regex(
    stdout.trimEnd().split('\n').at(-1)!,
    /^28 networks in [\d.]+ s; rates within \d+ % of theory .*; balanced at g = [345]\.\d\d: build\/brunel-phases\.png$/,
  );
});
