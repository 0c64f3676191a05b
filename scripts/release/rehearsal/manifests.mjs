// How much is installed and how long it takes; what the ecosystem's checkers say of the tarballs.
import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectExample, makeProject } from './project.mjs';

/** The library and one engine: at most 26 MiB, 2 packages, 60 ms to import, 10 s from nothing to the first prediction. */
export async function sizes(context) {
  const { check, run } = context;
  const folder = makeProject(context, 'sizes');
  run('npm', ['install', 'lapicque'], folder);
  await check('installed size at most 26 MiB, at most 2 packages', () => {
    const installed = JSON.parse(run('npm', ['ls', '--all', '--json'], folder));
    const count = countPackages(installed);
    const bytes = bytesIn(join(folder, 'node_modules'));
    const summary = `${(bytes / 2 ** 20).toFixed(1)} MiB, ${count} packages`;
    if (bytes > 26 * 2 ** 20 || count > 2) throw new Error(summary);
    return summary;
  });
  await check('import at most 60 ms', () => {
    const program = `const start = performance.now(); await import('lapicque'); console.log(performance.now() - start)`;
    const times = Array.from({ length: 9 }, () =>
      Number(run(process.execPath, ['--input-type=module', '-e', program], folder)),
    ).sort((a, b) => a - b);
    const summary = `median ${times[4].toFixed(0)} ms, least ${times[0].toFixed(0)} ms`;
    if (times[0] > 60) throw new Error(summary);
    return summary;
  });
  await check('from an empty folder to the first prediction at most 10 s', () => {
    const fresh = makeProject(context, 'first-prediction');
    const start = performance.now();
    run('npm', ['install', 'lapicque', '@lapicque/data-mnist'], fresh);
    const summary = expectExample(run(process.execPath, ['main.mjs'], fresh));
    const seconds = (performance.now() - start) / 1000;
    if (seconds > 10) throw new Error(`${seconds.toFixed(1)} s`);
    return `${seconds.toFixed(1)} s, ${summary}`;
  });
}

/** `publint` and `attw` have no remark. */
export async function manifests({ check, tools, tarballs }) {
  for (const file of readdirSync(tarballs)) {
    const tarball = join(tarballs, file);
    await check(`publint ${file}`, () => tool(tools.bin('publint'), ['run', tarball, '--strict']));
  }
  const library = readdirSync(tarballs).find((file) => /^lapicque-\d/.test(file));
  await check(`attw ${library}`, () =>
    tool(tools.bin('attw'), ['--format', 'table-flipped', join(tarballs, library)]),
  );
}

function tool(script, args) {
  const done = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  const text = `${done.stdout}${done.stderr}`;
  if (done.status !== 0 || /warning|suggestion/i.test(text.replace(/No problems|All good/gi, '')))
    throw new Error(text);
}

function countPackages({ dependencies = {} }) {
  return Object.values(dependencies)
    .filter(({ version }) => version !== undefined)
    .reduce((sum, found) => sum + 1 + countPackages(found), 0);
}

function bytesIn(path) {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}
