// Modules that are programs when they are started: also under a path with a space, and by a link.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);

test('every module that asks whether it is the program follows links and decodes its address', async (t) => {
  let found = 0;
  for (const folder of ['examples', 'scripts', '__test__', 'benches', 'website', 'src-ts', 'packages']) {
    for (const file of await readdir(folder, { recursive: true })) {
      if (!/\.(mjs|js|ts)$/.test(file) || /node_modules|fixtures|main-modules|dist/.test(file)) continue;
      const text = await readFile(join(folder, file), 'utf8');
      for (const line of text.split('\n')) {
        if (!/argv\[1\]/.test(line) || !/import\.meta/.test(line)) continue;
        found += 1;
        t.regex(
          line,
          /realpathSync\(process\.argv\[1\]\) === fileURLToPath\(import\.meta\.url\)/,
          `${folder}/${file}`,
        );
      }
    }
  }
  t.true(found >= 4, `${found}`);
});

test('the condition holds under a path with a space and by a link', async (t) => {
  const root = resolve(await mkdtemp(join('build', 'main-')));
  t.teardown(() => rm(root, { recursive: true }));
  const server = await readFile('examples/production/server/server.mjs', 'utf8');
  const condition = /^if \((process\.argv\[1\].*)\) \{$/m.exec(server)![1]!;
  const imports = server.split('\n').filter((line) => /from 'node:(fs|url)'/.test(line));
  const folder = join(root, 'a folder');
  await mkdir(folder);
  await writeFile(join(folder, 'program.mjs'), `${imports.join('\n')}\nconsole.log(${condition});\n`);
  await writeFile(join(folder, 'other.mjs'), "await import('./program.mjs');\n");
  await symlink(join(folder, 'program.mjs'), join(root, 'link.mjs'));
  await cp(folder, join(root, 'copy'), { recursive: true });
  const printed = async (path: string) => (await run(process.execPath, [join(root, path)])).stdout.trim();
  t.is(await printed('a folder/program.mjs'), 'true');
  t.is(await printed('link.mjs'), 'true');
  t.is(await printed('copy/program.mjs'), 'true');
  t.is(await printed('copy/other.mjs'), 'false');
});
