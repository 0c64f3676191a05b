// Everything that a release publishes, as tarballs: the library, its engine for each platform whose binary is in native/, and the
// packages beside it. What is installed from them needs neither this clone nor Rust.
//   node scripts/release/packages.mjs FOLDER [--complete]     --complete refuses when a platform's binary is missing or
//                                                   larger than the limit
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engineSize } from './engine-size.mjs';
import { writeCrateLicenses } from './licenses.mjs';
import { publishedReadme, repositoryFields } from './repository.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { complete: { type: 'boolean', default: false } },
});
if (positionals.length !== 1) {
  console.error('usage: npm run packages -- FOLDER [--complete]');
  process.exit(2);
}
const folder = resolve(positionals[0]);
mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'lapicque-packages-'));
try {
  const engines = packEngines();
  packLibrary(engines);
  for (const name of ['report', 'viewer', 'bench', 'data-mnist']) packBeside(join('packages', name));
} finally {
  rmSync(work, { recursive: true });
}

/** The platform packages, made by @napi-rs/cli; returns their names. */
function packEngines() {
  const { napi } = manifestOf(root);
  // The tool writes beside package.json only, and joins names by a dash; the packages are called @lapicque/PLATFORM.
  const stage = join(work, 'engines');
  mkdirSync(stage);
  copyFileSync(join(root, 'package.json'), join(stage, 'package.json'));
  run(process.execPath, [join(root, 'node_modules/@napi-rs/cli/dist/cli.js'), 'create-npm-dirs'], stage);
  const names = [];
  for (const [platform, target] of Object.entries(platformsOf(napi.targets))) {
    const binary = `${napi.binaryName}.${platform}.node`;
    if (!existsSync(join(root, 'native', binary))) {
      if (values.complete) throw new Error(`native/${binary} is missing: build it, or take it from its job`);
      console.error(`left out: @lapicque/${platform}, since native/${binary} is not there`);
      continue;
    }
    const directory = join(stage, 'npm', platform);
    const made = manifestOf(directory);
    const name = `@lapicque/${platform}`;
    write(directory, {
      ...made,
      name,
      type: 'commonjs',
      description: `The engine of lapicque for ${platform}`,
      files: [binary, 'LICENSES.txt'],
      ...repositoryFields(),
    });
    writeFileSync(
      join(directory, 'README.md'),
      `# ${name}\n\nThe engine of [lapicque](https://www.npmjs.com/package/lapicque) for ${target}. \`npm install lapicque\` brings it.\n`,
    );
    if (values.complete) engineSize(join(root, 'native', binary));
    copyFileSync(join(root, 'native', binary), join(directory, binary));
    copyFileSync(join(root, 'LICENSE'), join(directory, 'LICENSE'));
    writeCrateLicenses(join(directory, 'LICENSES.txt'), target);
    pack(directory);
    names.push(name);
  }
  if (names.length === 0) throw new Error('native/ has no binary: run npm run build:native');
  return names;
}

/**
 * The library as it is published: without what only a clone needs, with its engines as optional dependencies. It is packed from a copy: npm 10 runs
 * the script `prepare` of a folder that it packs, in spite of --ignore-scripts, and that compiles the engine again.
 */
function packLibrary(engines) {
  const directory = join(work, 'library');
  const {
    scripts: _,
    devDependencies: __,
    workspaces: ___,
    napi: ____,
    ava: _____,
    allowScripts: ______,
    ...kept
  } = manifestOf(root);
  const { version, files } = kept;
  for (const file of [...files, 'LICENSE'])
    cpSync(join(root, file), join(directory, file), { recursive: true });
  write(directory, {
    ...kept,
    ...repositoryFields(),
    optionalDependencies: Object.fromEntries(engines.map((name) => [name, version])),
  });
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  writeFileSync(join(directory, 'README.md'), publishedReadme(readme, version));
  pack(directory);
}

/** A package beside the library, with its place in the repository. */
function packBeside(path) {
  const stage = mkdtempSync(join(work, 'beside-'));
  run('tar', ['-xzf', pack(join(root, path), stage)], stage);
  const directory = join(stage, 'package');
  write(directory, { ...manifestOf(directory), ...repositoryFields(path) });
  pack(directory);
}

/** `{ 'linux-x64-gnu': 'x86_64-unknown-linux-gnu', … }` */
function platformsOf(targets) {
  const systems = { linux: 'linux', darwin: 'darwin', windows: 'win32' };
  const processors = { x86_64: 'x64', aarch64: 'arm64' };
  return Object.fromEntries(
    targets.map((target) => {
      const [processor, , system, abi] = target.split('-');
      const parts = [systems[system], processors[processor], abi];
      return [parts.filter(Boolean).join('-'), target];
    }),
  );
}

/** Packs a directory as it is. Returns the tarball's path. */
function pack(directory, into = folder) {
  const { stdout } = run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', into],
    directory,
  );
  const [{ filename, unpackedSize }] = JSON.parse(stdout);
  const path = join(into, filename);
  if (into === folder) console.log(`${path}  ${(unpackedSize / 2 ** 20).toFixed(1)} MiB unpacked`);
  return path;
}

function run(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}:\n${done.stdout}${done.stderr}`);
  return done;
}

function manifestOf(directory) {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

function write(directory, manifest) {
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
