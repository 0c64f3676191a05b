// What npm runs after `npm ci`: builds all from source. It also runs before `npx lapicque` in a clone, because npx installs the package it
// stands in, and hides what is printed: there what has been built before is used as it is, as `node dist/cli.js` uses it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const { triple } = createRequire(import.meta.url)('../../native/triple.cjs');
const isBuilt = existsSync('dist/cli.js') && existsSync(`native/lapicque.${triple()}.node`);

if (process.env.npm_command !== 'exec' || !isBuilt) {
  for (const script of ['build:native', 'build']) {
    const { status } = spawnSync('npm', ['run', script], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    if (status !== 0) process.exit(status ?? 1);
  }
}
