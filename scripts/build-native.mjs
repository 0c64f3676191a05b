// Builds the addon from source and puts it where native.cjs finds it, lapicque.node beside package.json.
import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';

const build = spawnSync(
  'cargo',
  ['build', '--release', '--locked', '-p', 'lapicque-node', '--message-format=json-render-diagnostics'],
  { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 2 ** 28 },
);
if (build.error?.code === 'ENOENT') {
  console.error(
    'lapicque is built from source here and needs Rust: install it from rustup.rs, then try again',
  );
  process.exit(1);
}
if (build.status !== 0) process.exit(build.status ?? 1);

const library = build.stdout
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line))
  .filter((message) => message.reason === 'compiler-artifact' && message.target.name === 'lapicque_node')
  .flatMap((message) => message.filenames)
  .find((file) => /\.(so|dylib|dll)$/.test(file));
if (library === undefined) throw new Error('cargo built no library for lapicque-node');

// A rename swaps the file at once: writing into one that a running process has loaded would crash that process.
copyFileSync(library, 'lapicque.node.new');
renameSync('lapicque.node.new', 'lapicque.node');
