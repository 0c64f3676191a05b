// Programs of pages run as a reader runs them: with the imports of the page and nothing else, each block after those before it.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

// Inside of the package, so that it is found under its name.
const folder = resolve('build/documentation-programs');
const results = mkdtempSync(join(tmpdir(), 'lapicque-documentation-'));
test.before(() => mkdirSync(folder, { recursive: true }));
test.after.always(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(results, { recursive: true, force: true });
});

/** The names that a list of imports has, by its module: the same one may be in several blocks. */
function importsOf(code: string): [module: string, name: string][] {
  const named = [...code.matchAll(/^import \{([^}]*)\} from '([^']+)';$/gm)].flatMap(([, list, module]) =>
    list!
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name): [string, string] => [module!, `{ ${name} }`]),
  );
  const whole = [...code.matchAll(/^import (\* as \w+) from '([^']+)';$/gm)];
  return [...named, ...whole.map(([, name, module]): [string, string] => [module!, name!])];
}

for (const page of [
  'docs/guides/from-brian2-loops.md',
  'docs/guides/from-nest-and-brian2.md',
  'docs/guides/morphologies.md',
  'docs/guides/simulate-many.md',
  'docs/reference/circuits.md',
])
  test(`programs of ${page} run`, async (t) => {
    const codes = [...readFileSync(page, 'utf8').matchAll(/^```js\n([\s\S]*?)^```/gm)].map(
      ([, code]) => code!,
    );
    t.true(codes.length > 1);
    const imports = new Set(
      codes.flatMap(importsOf).map(([module, name]) => `import ${name} from '${module}';`),
    );
    const bodies = codes.map((code) => code.replaceAll(/^import [^;]*;$/gm, ''));
    // A block goes on from those before it, and may use their names anew.
    const nested = bodies.reduceRight((inner, body) => `{\n${body}\n${inner}}\n`, '');
    const file = join(folder, page.replaceAll(/\W/g, '-').replace(/-md$/, '.mjs'));
    writeFileSync(file, `${[...imports].join('\n')}\n${nested}`);
    // Files that a page writes are in a folder of their own.
    await t.notThrowsAsync(promisify(execFile)(process.execPath, [file], { cwd: results }));
  });
