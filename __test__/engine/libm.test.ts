// The exponentials and logarithms of the C library and of JavaScript differ by CPU and system, the engine's own do not.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import native from '#native';
import { exp, log, power } from '../../src-ts/numbers/elementary.ts';

/** The names that an ELF file of 64 bits wants from other libraries. */
function imports(file: Buffer): string[] {
  const at = (offset: number) => Number(file.readBigUInt64LE(offset));
  const [headers, size, count] = [at(0x28), file.readUInt16LE(0x3a), file.readUInt16LE(0x3c)];
  const sections = Array.from({ length: count }, (_, i) => headers + i * size);
  const bytes = (section: number) =>
    file.subarray(at(section + 0x18), at(section + 0x18) + at(section + 0x20));
  const symbols = sections.find((section) => file.readUInt32LE(section + 4) === 11)!;
  const [table, names] = [bytes(symbols), bytes(sections[file.readUInt32LE(symbols + 0x28)]!)];
  const undefineds: string[] = [];
  for (let offset = 0; offset < table.length; offset += 24) {
    const name = table.readUInt32LE(offset);
    if (table.readUInt16LE(offset + 6) === 0)
      undefineds.push(names.toString('latin1', name, names.indexOf(0, name)));
  }
  return undefineds;
}

const elf = process.platform === 'linux' ? test : test.skip;
elf('the engine takes no elementary function from the system', (t) => {
  const found = imports(readFileSync(native.binaryPath));
  t.true(found.includes('malloc'), 'the imports were read');
  const elementary =
    /^(exp[2m]?1?|log(2|10|1p)?|pow|(a?(sin|cos|tan)h?)|atan2|sincos|cbrt|hypot|erfc?|[lt]gamma(_r)?)[fl]?$/;
  t.deepEqual(
    found.filter((name) => elementary.test(name)),
    [],
  );
});

test('nothing that reaches results takes them from JavaScript', (t) => {
  const all = readdirSync('src-ts', { recursive: true, encoding: 'utf8' });
  const files = all.filter((name) => name.endsWith('.ts'));
  t.true(files.includes(join('numbers', 'elementary.ts')));
  const elementary =
    /Math\.(exp|expm1|pow|log|log1p|log2|log10|a?(sin|cos|tan)h?|atan2|cbrt|hypot)\b|(?<!\b2) \*\* (?!2\b)/;
  // What is only shown.
  const display = ['figure', 'report', join('study', 'report'), join('cli', 'inspect.ts')];
  const results = files.filter((name) => !display.some((path) => name.startsWith(path)));
  const taken = results.filter((name) =>
    readFileSync(join('src-ts', name), 'utf8')
      .split('\n')
      .some((line) => !/^ *(\/?\*|\/\/)/.test(line) && elementary.test(line)),
  );
  t.deepEqual(taken.sort(), []);
});

test('elementary functions agree with those of Math', (t) => {
  const close = (got: number, expected: number, units: number) =>
    t.true(Math.abs(got - expected) <= units * 2 ** -52 * Math.abs(expected), `${got} for ${expected}`);
  for (let i = -700; i <= 700; i++) close(exp(i * 1.0137), Math.exp(i * 1.0137), 2);
  for (let i = 1; i < 2000; i++) close(exp(-i / 997), Math.exp(-i / 997), 2);
  for (let i = 1; i < 2000; i++) close(log(i / 997), Math.log(i / 997), 2);
  for (let i = -300; i <= 300; i += 7) close(log(10 ** i), Math.log(10 ** i), 2);
  for (let i = 1; i <= 64; i++) close(power(i / 64, 0.7), (i / 64) ** 0.7, 4 * (1 + Math.log(64 / i)));
  t.deepEqual([exp(0), exp(-1000), exp(1000), exp(Number.NaN)], [1, 0, Number.POSITIVE_INFINITY, Number.NaN]);
  t.deepEqual([log(1), power(0, 0), power(0, 0.5), power(1, 3)], [0, 1, 0, 1]);
});
