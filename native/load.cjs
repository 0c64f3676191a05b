// Finds and loads the addon: the one built in this clone, else the platform package from npm.
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { version } = require('../package.json');
const { libc, triple } = require('./triple.cjs');

const name = triple();
const platformPackage = `@lapicque/${name}`;
// A bundle of ES modules has no folder of its own, and no build beside it.
const local = typeof __dirname === 'string' ? join(__dirname, `lapicque.${name}.node`) : undefined;

function load() {
  const attempts = [];
  // A local build that does not load is reported, not passed over in silence: it is the one meant.
  if (local !== undefined && existsSync(local))
    return { addon: checked(attempt(local, attempts), local), path: local };
  if (local !== undefined) attempts.push(`${local}: not there`);
  try {
    let addon;
    // Each name is a literal within `try`: bundlers and tracers of files (esbuild, webpack, @vercel/nft) follow nothing else, and
    // accept there that the packages of other platforms are missing.
    switch (name) {
      case 'linux-x64-gnu':
        addon = require('@lapicque/linux-x64-gnu');
        break;
      case 'linux-x64-musl':
        addon = require('@lapicque/linux-x64-musl');
        break;
      case 'linux-arm64-gnu':
        addon = require('@lapicque/linux-arm64-gnu');
        break;
      case 'linux-arm64-musl':
        addon = require('@lapicque/linux-arm64-musl');
        break;
      case 'darwin-x64':
        addon = require('@lapicque/darwin-x64');
        break;
      case 'darwin-arm64':
        addon = require('@lapicque/darwin-arm64');
        break;
      case 'win32-x64-msvc':
        addon = require('@lapicque/win32-x64-msvc');
        break;
      case 'win32-arm64-msvc':
        addon = require('@lapicque/win32-arm64-msvc');
        break;
    }
    if (addon !== undefined) return { addon: checked(addon, platformPackage), path: packagePath() };
    attempts.push(`${platformPackage}: there is no such package`);
  } catch (error) {
    if (error.code === 'unsupported') throw error;
    const absent = error.code === 'MODULE_NOT_FOUND' && String(error.message).includes(platformPackage);
    attempts.push(`${platformPackage}: ${absent ? 'not installed' : error.message}`);
    throw noBinary(attempts, absent ? undefined : error);
  }
  throw noBinary(attempts);
}

/** In a bundle there is no package any more. */
function packagePath() {
  try {
    return require.resolve(platformPackage);
  } catch {
    return platformPackage;
  }
}

function attempt(path, attempts) {
  try {
    return require(path);
  } catch (error) {
    attempts.push(`${path}: ${error.message}`);
    throw noBinary(attempts, error);
  }
}

/** Functions of another version may take other arguments: a wrong answer, not an error. */
function checked(addon, path) {
  if (addon.VERSION !== version) throw otherVersion(path, addon.VERSION ?? 'an earlier version');
  return addon;
}

function otherVersion(path, found) {
  return unsupported(
    [
      `lapicque ${version} found the binary of ${found}: ${path}. What to do:`,
      `  - from npm: install again (npm install lapicque@${version}), which brings ${platformPackage}@${version}`,
      `  - in a clone: run npm run build:native`,
    ],
    `the binary of ${found}`,
  );
}

function noBinary(attempts, cause) {
  const lines = [
    `lapicque has no binary that loads on ${name} (Node ${process.version}, ${process.arch}${libc() ? `, ${libc()} libc` : ''}).`,
    ...attempts.map((line) => `  ${line}`),
    `Expected the package ${platformPackage}. What to do:`,
    `  - from npm: install again with optional packages (npm install --include=optional lapicque);`,
    `    a lock file or node_modules made on another platform lacks this one's package`,
    `  - from a tarball: install both lapicque and ${platformPackage}, which npm run packages -- FOLDER makes in a clone`,
    `  - in a clone, or where no package exists: install Rust (https://rustup.rs) and run npm run build:native`,
  ];
  return unsupported(lines, `the platform ${name}`, cause);
}

function unsupported(lines, feature, cause) {
  return Object.assign(new Error(lines.join('\n'), { cause }), {
    code: 'unsupported',
    feature,
    format: 'lapicque',
  });
}

let addon;
let binaryPath;
// Node 20 ends the process where a CommonJS module throws that an ES module imports, although the import's promise tells of it, too.
// So the failure is handed on, and thrown by the ES module that imports this.
let failure;
try {
  ({ addon, path: binaryPath } = load());
} catch (error) {
  failure = error;
}

module.exports = {
  addon,
  failure,
  binaryPath,
  platform: process.platform,
  arch: process.arch,
  libc: libc(),
};
