// Writes build/docs: one page for each exported name, from the same source as the declarations (run the build first).
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

rmSync('build/docs', { recursive: true, force: true });
const written = spawnSync(
  'npx',
  ['--no-install', 'api-documenter', 'markdown', '-i', 'build/api', '-o', 'build/docs'],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
process.exitCode = written.status ?? 1;
