// The name of this platform's binary: `lapicque.<triple>.node` in a clone, `@lapicque/<triple>` from npm.
'use strict';

const { closeSync, openSync, readSync } = require('node:fs');

let known;

/** `'gnu'` or `'musl'` on Linux, `undefined` elsewhere. */
function libc() {
  if (process.platform !== 'linux') return undefined;
  known ??= interpreter() ?? reported();
  return known;
}

/** By the loader that Node's own file asks for in its first bytes; `undefined` where it tells none. The report takes 10 ms. */
function interpreter() {
  const head = Buffer.alloc(4096);
  try {
    const file = openSync(process.execPath, 'r');
    readSync(file, head, 0, head.length, 0);
    closeSync(file);
  } catch {
    return undefined;
  }
  if (head.includes('/ld-musl-')) return 'musl';
  return head.includes('/ld-linux') ? 'gnu' : undefined;
}

/** Node tells the glibc it runs on; a Node that runs on musl has none to tell. */
function reported() {
  const { report } = process;
  const before = report.excludeNetwork;
  // It would resolve host names of open sockets.
  report.excludeNetwork = true;
  const { header } = report.getReport();
  report.excludeNetwork = before;
  return header.glibcVersionRuntime ? 'gnu' : 'musl';
}

/** For example `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc`. */
function triple() {
  const { platform, arch } = process;
  const abi = platform === 'win32' ? 'msvc' : libc();
  return abi ? `${platform}-${arch}-${abi}` : `${platform}-${arch}`;
}

module.exports = { libc, triple };
