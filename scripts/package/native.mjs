// Builds the addon. `LAPICQUE_PROFILE=published` builds the one that is published on npm, with link-time optimization, `LAPICQUE_PROFILE=checked` the
// one that CI tests, with assertions in what reads files.
// Further arguments go to `napi build`.
import { spawnSync } from 'node:child_process';

const { status, error } = spawnSync(
  process.execPath,
  [
    'node_modules/@napi-rs/cli/dist/cli.js',
    ...['build', '--platform', '--profile', process.env.LAPICQUE_PROFILE ?? 'release'],
    ...['--package', 'lapicque-node', '--output-dir', 'native', '--no-js', '--dts', 'addon.d.cts'],
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
if (error !== undefined) throw error;
process.exit(status ?? 1);
