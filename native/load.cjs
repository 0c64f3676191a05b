// Finds and loads the addon: the one built in this clone, else the platform package from npm.
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { version } = require('../package.json');
const { libc, triple } = require('./triple.cjs');

const name = triple();
const local = join(__dirname, `lapicque.${name}.node`);
const platformPackage = `@lapicque/${name}`;

function load() {
  const attempts = [];
  // A local build that does not load is reported, not passed over in silence: it is the one meant.
  if (existsSync(local)) return { addon: attempt(local, attempts), path: local };
  attempts.push(`${local}: not there`);
  try {
    const path = require.resolve(platformPackage);
    return { addon: attempt(path, attempts), path };
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' || !String(error.message).includes(platformPackage)) throw error;
    attempts.push(`${platformPackage}: not installed`);
  }
  throw noBinary(attempts);
}

function attempt(path, attempts) {
  let addon;
  try {
    addon = require(path);
  } catch (error) {
    attempts.push(`${path}: ${error.message}`);
    throw noBinary(attempts, error);
  }
  // Functions of another version may take other arguments: a wrong answer, not an error.
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
    `  - from a tarball of npm pack, which has no engine: install both that npm run tarballs -- FOLDER makes in a clone`,
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
