// The C library's exponentials and logarithms differ by CPU and system, the engine's own do not: it imports none of them.
import { readFileSync } from 'node:fs';
import test from 'ava';
import native from '#native';

/** The names that an ELF file of 64 bits wants from other libraries. */
function imports(file: Buffer): string[] {
  const at = (place: number) => Number(file.readBigUInt64LE(place));
  const [headers, size, count] = [at(0x28), file.readUInt16LE(0x3a), file.readUInt16LE(0x3c)];
  const sections = Array.from({ length: count }, (_, i) => headers + i * size);
  const bytes = (section: number) =>
    file.subarray(at(section + 0x18), at(section + 0x18) + at(section + 0x20));
  const symbols = sections.find((section) => file.readUInt32LE(section + 4) === 11)!;
  const [table, names] = [bytes(symbols), bytes(sections[file.readUInt32LE(symbols + 0x28)]!)];
  const undefineds: string[] = [];
  for (let place = 0; place < table.length; place += 24) {
    const name = table.readUInt32LE(place);
    if (table.readUInt16LE(place + 6) === 0)
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
