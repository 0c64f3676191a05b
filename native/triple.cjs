// The name of this platform's binary: `lapicque.<triple>.node` in a clone, `@lapicque/<triple>` from npm.
'use strict';

/** `'gnu'` or `'musl'` on Linux, `undefined` elsewhere. */
function libc() {
  if (process.platform !== 'linux') return undefined;
  // Node tells the glibc it runs on; a Node that runs on musl has none to tell. The report would
  // resolve host names of open sockets if it were let.
  const { report } = process;
  const before = report.excludeNetwork;
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
