// The license texts of what is built into a package: npm packages that esbuild bundled, and Rust crates linked into the engine.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes the texts of the npm packages that the bundles of `metafile` (esbuild's) hold. */
export function writeBundledLicenses(path, ...metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.keys(output.inputs)),
  );
  const folders = new Set(
    inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean),
  );
  const parts = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { name, version, license, texts: textsIn(folder) };
  });
  write(path, parts);
}

/** Writes the texts of the crates that the engine for `target` (a Rust triple) is linked from. */
export function writeCrateLicenses(path, target) {
  const cargo = spawnSync(
    'cargo',
    ['metadata', '--format-version', '1', '--locked', '--filter-platform', target],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  if (cargo.status !== 0) throw new Error(cargo.stderr);
  const { packages, resolve } = JSON.parse(cargo.stdout);
  const node = (id) => resolve.nodes.find((found) => found.id === id);
  const linked = new Set();
  const follow = (id) => {
    if (linked.has(id)) return;
    linked.add(id);
    // Neither what only tests use nor what only a build script uses is in the binary.
    for (const { pkg, dep_kinds: kinds } of node(id).deps)
      if (kinds.some(({ kind }) => kind === null)) follow(pkg);
  };
  follow(packages.find(({ name }) => name === 'lapicque-node').id);
  const parts = packages
    .filter(({ id, source }) => linked.has(id) && source !== null)
    .map(({ name, version, license, manifest_path: manifest }) => ({
      name,
      version,
      license,
      texts: textsIn(dirname(manifest)),
    }));
  write(path, parts);
}

function textsIn(folder) {
  return readdirSync(folder)
    .filter((name) => /^(licen[cs]e|copying|notice|unlicense)/i.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').trim());
}

function write(path, parts) {
  const rule = '-'.repeat(80);
  const without = parts.filter(({ license, texts }) => texts.length === 0 && license === undefined);
  if (without.length > 0)
    throw new Error(`no license is known of ${without.map(({ name }) => name).join(', ')}`);
  const sections = parts
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1))
    .map(({ name, version, license, texts }) => [`${name} ${version} (${license})`, ...texts].join('\n\n'));
  writeFileSync(path, `${sections.join(`\n\n${rule}\n\n`)}\n`);
}
