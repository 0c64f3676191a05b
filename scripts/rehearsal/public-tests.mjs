// The tests of the public API once more, against the installed package instead of this clone.
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeProject } from './project.mjs';

export async function publicTests(context) {
  const { check, run, root } = context;
  const folder = makeProject(context, 'public-tests', { type: 'module' });
  run(
    'npm',
    ['install', 'lapicque', '@lapicque/data-mnist', '@lapicque/report', 'ava@6', 'fast-check@4'],
    folder,
  );
  run('npm', ['run', 'build:test'], root);
  const built = join(root, 'build/__test__');
  // Those that import the library alone and run nothing of the clone; fixtures they read are here, too.
  const ofClone =
    /from ['"](?:\.\.\/src-ts|#)|program\.js|(?:examples|docs|dist|native|scripts|benches|src-ts|src-rs)\/|README|package\.json|index\.d\.ts|cli\.js/;
  const chosen = readdirSync(built).filter((name) => {
    if (!name.endsWith('.test.js')) return false;
    const text = withImports(join(built, name));
    return text.includes("from 'lapicque'") && !ofClone.test(text);
  });
  cpSync(built, join(folder, 'build/__test__'), { recursive: true });
  for (const name of readdirSync(join(folder, 'build/__test__'))) {
    if (name.endsWith('.test.js') && !chosen.includes(name))
      cpSync('/dev/null', join(folder, 'build/__test__', name));
  }
  symlinkSync(join(root, '__test__'), join(folder, '__test__'));
  writeFileSync(
    join(folder, 'ava.config.js'),
    `export default { files: ${JSON.stringify(chosen.map((name) => `build/__test__/${name}`))}, timeout: '5m' };`,
  );
  await check(`${chosen.length} files of tests against the installed package`, () => {
    const said = run(process.execPath, ['node_modules/ava/entrypoints/cli.mjs', '--tap'], folder);
    return `${(said.match(/^ok /gm) ?? []).length} tests`;
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
