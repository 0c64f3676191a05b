// Two packages to install where there is neither the clone nor Rust, such as in an image of a server: the library, and this
// platform's engine, which `npm pack` of the library leaves out, since it is not for every platform.
//   node scripts/tarballs.mjs FOLDER
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npm run tarballs -- FOLDER');
  process.exit(2);
}
const into = resolve(folder);
mkdirSync(into, { recursive: true });
const { libc, triple } = createRequire(import.meta.url)('../native/triple.cjs');
const { version, license, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const name = triple();
const addon = `lapicque.${name}.node`;
const engine = mkdtempSync(join(tmpdir(), 'lapicque-engine-'));
try {
  copyFileSync(join(root, 'native', addon), join(engine, addon));
  copyFileSync(join(root, 'LICENSE'), join(engine, 'LICENSE'));
  // What npm compares with the machine, so that another platform's engine is refused when it is installed.
  const platform = {
    os: [process.platform],
    cpu: [process.arch],
    ...(libc() && { libc: [libc() === 'gnu' ? 'glibc' : 'musl'] }),
  };
  const manifest = {
    name: `@lapicque/${name}`,
    version,
    license,
    engines,
    ...platform,
    main: addon,
    files: [addon],
  };
  writeFileSync(join(engine, 'package.json'), JSON.stringify(manifest, null, 2));
  for (const of of [root, engine]) pack(of);
} finally {
  rmSync(engine, { recursive: true });
}

/** Packs a folder as it is: scripts would build the engine again. */
function pack(of) {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', into],
    {
      cwd: of,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error(stderr);
  console.log(join(into, JSON.parse(stdout)[0].filename));
}
