// Publishes the tarballs that packages.mjs has made: the engines first, the library last, so that nobody installs a library without its engine.
// What the registry has already is left as it is: a run that was interrupted is repeated.
//   node scripts/release/publish.mjs FOLDER [--provenance]
// --provenance needs the identity of a GitHub workflow (id-token: write). The registry is npm's setting.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { provenance: { type: 'boolean', default: false } },
});
if (positionals.length !== 1) {
  console.error('usage: node scripts/release/publish.mjs FOLDER [--provenance]');
  process.exit(2);
}
const [folder] = positionals;

const packages = readdirSync(folder)
  .filter((file) => file.endsWith('.tgz'))
  .map((file) => ({ path: join(folder, file), manifest: manifestIn(join(folder, file)) }));
const ordered = inOrder(packages);
// npm takes a path without a dot in front for a repository on GitHub.
const spec = (path) => `./${relative('.', path).replaceAll('\\', '/')}`;

for (const { path, manifest } of ordered) {
  const { name, version } = manifest;
  const own = `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;
  const there = published(name, version);
  if (there !== undefined) {
    if (there !== own) fail(`${name} ${version} is published with other content (${there}; here ${own})`);
    console.log(`${name} ${version} is there already`);
    continue;
  }
  const tag = version.includes('-') ? 'next' : 'latest';
  const options = ['--access', 'public', '--tag', tag, ...(values.provenance ? ['--provenance'] : [])];
  const { status } = spawnSync('npm', ['publish', spec(path), ...options], { stdio: 'inherit' });
  if (status !== 0) fail(`npm publish ${spec(path)} ended with ${status}`);
  console.log(`published ${name} ${version}`);
}

/** The engines, then the packages beside the library, then the library. Refuses an incomplete set. */
function inOrder(packages) {
  const library = packages.find(({ manifest }) => manifest.name === 'lapicque');
  if (library === undefined) fail(`${folder} has no tarball of lapicque`);
  const { version, optionalDependencies = {} } = library.manifest;
  const names = new Set(packages.map(({ manifest }) => manifest.name));
  const missing = Object.keys(optionalDependencies).filter((name) => !names.has(name));
  if (missing.length > 0)
    fail(`${folder} has no tarball of ${missing.join(', ')}, which lapicque depends on`);
  for (const { path, manifest } of packages) {
    if (manifest.version !== version)
      fail(`${path} has version ${manifest.version}; lapicque has ${version}`);
    if (manifest.repository === undefined)
      fail(
        `${path} has no field "repository": set the address in scripts/release/repository.mjs and pack again`,
      );
  }
  const rank = ({ manifest: { name } }) => (name in optionalDependencies ? 0 : name === 'lapicque' ? 2 : 1);
  return packages.sort((a, b) => rank(a) - rank(b) || (a.manifest.name < b.manifest.name ? -1 : 1));
}

function manifestIn(tarball) {
  const { status, stdout, stderr } = spawnSync('tar', ['-xzOf', tarball, 'package/package.json'], {
    encoding: 'utf8',
  });
  if (status !== 0) fail(`${tarball}: ${stderr}`);
  return JSON.parse(stdout);
}

/** The hash of a published version; undefined if there is none. */
function published(name, version) {
  const asked = ['view', `${name}@${version}`, 'dist.integrity', '--json', '--prefer-online'];
  const { status, stdout, stderr } = spawnSync('npm', asked, { encoding: 'utf8' });
  if (status === 0) return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  if (/E404/.test(stdout + stderr)) return undefined;
  fail(`npm ${asked.join(' ')}:\n${stdout}${stderr}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
