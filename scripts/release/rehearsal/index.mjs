// The dry run of a release: publishes all packages to a registry of its own (Verdaccio) and uses them from there as strangers do, in
// projects that see neither this clone nor Rust. Needs a built clone and the npm registry; changes nothing outside a temporary folder.
//   node scripts/release/rehearsal/index.mjs [PART…] [--tarballs FOLDER] [--tools FOLDER] [--keep]
// PART: runtimes, managers, sizes, errors, manifests, embedding, examples, images, tests; all by default.
// --tarballs: those to publish, by default made here. --tools keeps what it installs to test with.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../repository.mjs';
import { embedding } from './embedding.mjs';
import { errors } from './errors.mjs';
import { examples } from './examples.mjs';
import { images } from './images.mjs';
import { managers, runtimes } from './installing.mjs';
import { manifests, sizes } from './manifests.mjs';
import { publicTests } from './public-tests.mjs';
import { startRegistry } from './registry.mjs';
import { installTools } from './tools.mjs';

const parts = {
  runtimes,
  managers,
  sizes,
  errors,
  manifests,
  embedding,
  examples,
  images,
  tests: publicTests,
};
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tarballs: { type: 'string' },
    tools: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const chosen = positionals.length === 0 ? Object.keys(parts) : positionals;
for (const part of chosen) {
  if (!(part in parts)) {
    console.error(`there is no part ${part}: ${Object.keys(parts).join(', ')}`);
    process.exit(2);
  }
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'lapicque-rehearsal-'));
const counts = { passed: 0, failed: 0 };

/** One line a check; a failed one says why and the next goes on. */
async function check(name, body) {
  const start = performance.now();
  try {
    const summary = await body();
    counts.passed++;
    console.log(
      `ok ${name}${summary === undefined ? '' : `: ${summary}`} (${Math.round(performance.now() - start)} ms)`,
    );
  } catch (error) {
    counts.failed++;
    console.log(`not ok ${name}\n${String(error.stack ?? error).replace(/^/gm, '  ')}`);
  }
}

let registry;
try {
  const tools = installTools(root, resolve(values.tools ?? join(work, 'tools')));
  const tarballs = join(work, 'tarballs');
  if (values.tarballs !== undefined) cpSync(values.tarballs, tarballs, { recursive: true });
  else {
    const env = { LAPICQUE_REPOSITORY: repository || 'example/lapicque' };
    run(process.execPath, [join(root, 'scripts/release/packages.mjs'), tarballs], root, { env });
  }
  registry = await startRegistry(work, tools, run);
  await check('all packages are published', () => {
    const first = registry.publish(root, 'tarballs').match(/^published /gm).length;
    const again = registry.publish(root, 'tarballs');
    if (/^published /m.test(again)) throw new Error(`a second run publishes again:\n${again}`);
    return `${first}, and nothing by a second run`;
  });
  const context = { root, work, tools, registry, tarballs, check, run };
  for (const part of chosen) await parts[part](context);
} catch (error) {
  counts.failed++;
  console.log(`not ok the rehearsal itself\n${error.stack}`);
} finally {
  registry?.stop();
  if (values.keep) console.error(`kept: ${work}`);
  else rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** Runs a program to its end and returns what it printed; throws with all of it when it fails. */
function run(command, args, cwd, { env = {}, path, minutes = 10 } = {}) {
  // Neither Rust nor this clone is to be found by what runs.
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|CARGO|RUSTUP|NODE_|INIT_CWD)/i.test(name)),
  );
  const PATH = path ?? process.env.PATH;
  const done = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...clean, PATH, ...env },
    maxBuffer: 1 << 28,
    timeout: 60_000 * minutes,
  });
  if (done.error) throw done.error;
  if (done.status !== 0)
    throw new Error(
      `${command} ${args.join(' ')} ended with ${done.status ?? done.signal}\n${done.stdout}\n${done.stderr}`,
    );
  return done.stdout;
}
