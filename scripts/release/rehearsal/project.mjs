// An empty project with README's example in three kinds: ES module, CommonJS, TypeScript.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes `work/name` with the example and the registry's settings. */
export function makeProject({ root, work, registry }, name, manifest = {}) {
  const folder = join(work, 'projects', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.npmrc'), registry.npmrc);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, ...manifest }));
  const program = example(root);
  writeFileSync(join(folder, 'main.mjs'), program);
  writeFileSync(join(folder, 'main.mts'), program);
  writeFileSync(join(folder, 'main.cjs'), asCommonJs(program));
  return folder;
}

/** What the example prints, on every runtime the same, since one seed gives one result. */
export function expectExample(output) {
  const found = /^accuracy (\d+(?:\.\d+)?) % on 2000 held-out digits$/m.exec(output);
  if (found === null || Number(found[1]) < 90)
    throw new Error(`the example printed ${JSON.stringify(output)}`);
  return `${found[1]} %`;
}

function example(root) {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return /<!-- example: __test__\/repository\/readme\.test\.ts runs this block as it stands -->\s*```js\n([\s\S]*?)```/.exec(
    readme,
  )[1];
}

function asCommonJs(program) {
  const imported = /^import \{([^}]*)\} from '([^']+)';$/gm;
  const required = [...program.matchAll(imported)].map(
    ([, names, door]) => `const {${names}} = require('${door}');\n`,
  );
  return `${required.join('')}(async () => {\n${program.replace(imported, '')}\n})();\n`;
}
