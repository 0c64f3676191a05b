// What a rehearsal needs: several versions of Node and npm, Bun, Deno, package managers, bundlers, a registry; all from npm's registry.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Installs them into `folder`, unless they are there. */
export function installTools(root, folder) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, 'scripts/release/rehearsal/package.json'), join(folder, 'package.json'));
  if (!existsSync(join(folder, 'node_modules'))) {
    console.error('installing Node 20 to 26, Bun, Deno, pnpm, Yarn, bundlers …');
    const options = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
    const done = spawnSync('npm', options, { cwd: folder, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`npm ${options.join(' ')}:\n${done.stdout}${done.stderr}`);
  }
  const module = (path) => join(folder, 'node_modules', path);
  return {
    folder,
    module,
    bin: (name) => module(join('.bin', name)),
    node: (major) => module(`node${major}/bin/node`),
    bun: module('@oven/bun-linux-x64/bin/bun'),
    deno: module('@deno/linux-x64-glibc/deno'),
  };
}
