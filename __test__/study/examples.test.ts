// The examples of sweeps find what they assert, on fewer rows, seeds and trials than they have by themselves.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';

const closing: Record<string, [args: string[], line: RegExp]> = {
  'fi-curves.mjs': [['20'], /^five f-I curves as their equations say: build\/sweep-fi-curves\.png$/],
  'stdp-seeds.mjs': [['4'], /^4 seeds end between [\d.]+ and [\d.]+ Hz: build\/sweep-stdp-seeds\.png$/],
};
/** Run by tests of their own, or too long for one: hundreds of trials, each of which trains or simulates. */
const others = ['adex-fit.mjs', 'brunel-phases.mjs', 'digits-search.mjs'];
const isLong = process.env.LAPICQUE_LONG_TESTS === '1';

test('every example of a sweep is known here', (t) => {
  const programs = readdirSync('examples/studies').filter((name) => name.endsWith('.mjs'));
  t.deepEqual(programs.sort(), [...Object.keys(closing), ...others].sort());
});

for (const [name, [args, line]] of Object.entries(closing)) {
  test.serial(name, async (t) => {
    const quickArgs = isLong ? [] : args;
    t.regex(await lastLine(name, quickArgs), isLong ? /build\/sweep-/ : line);
  });
}

const long = isLong ? test.serial : test.serial.skip;
long('adex-fit.mjs', async (t) => {
  t.regex(await lastLine('adex-fit.mjs', []), /^coincidence factor (0\.[7-9]|1\.00)/);
});
long('digits-search.mjs', async (t) => {
  t.timeout(3_600_000);
  t.regex(await lastLine('digits-search.mjs', []), /^median of 5 seeds: /);
});

async function lastLine(name: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [`examples/studies/${name}`, ...args], {
    timeout: isLong ? 3_600_000 : 110_000,
  });
  return stdout.trimEnd().split('\n').at(-1)!;
}
