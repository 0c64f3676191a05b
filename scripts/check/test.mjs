// Runs the Rust and the TypeScript tests and closes with one line over both: `N passed, N failed, N skipped`.
//
//   node scripts/check/test.mjs [ROOM …]     with names of folders of __test__: the TypeScript tests of these only
//
// The numbers are read from what the runners print; a runner whose closing lines are missing counts as failed.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const total = { passed: 0, failed: 0, skipped: 0 };
let sound = true;

const rooms = process.argv.slice(2);
for (const room of rooms)
  if (!existsSync(`__test__/${room}`)) {
    console.error(`no folder __test__/${room}`);
    process.exit(2);
  }
if (rooms.length === 0) {
  // The target is named, as `napi build` names it: both use the same compiled crates then. Not the examples, which `cargo test` builds as
  // well and clippy looks at.
  const target = /^host: (.+)$/m.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1];
  const options = ['--profile', 'checked', '--target', target, '--workspace', '--tests', '--locked'];
  await run('cargo test', 'cargo', ['test', ...options, '--no-fail-fast'], readCargo());
}
const files = rooms.map((room) => `build/__test__/${room}/**/*.test.js`);
await run('ava', process.execPath, ['node_modules/ava/entrypoints/cli.mjs', '--tap', ...files], readTap());

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = sound && total.failed === 0 ? 0 : 1;

/** Passes the output through, counts what `reader` finds in it, and checks it against the exit code. */
async function run(name, command, args, reader) {
  console.log(`\n# ${name}`);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) {
    console.log(line);
    reader.line(line);
  }
  const code = await exit;
  const { passed, failed, skipped, complete } = reader.counts;
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;

  const problem = !complete
    ? 'its closing lines are missing'
    : passed + failed === 0
      ? 'it ran no test'
      : code !== 0 && failed === 0
        ? `it ended with ${code} although no test failed`
        : undefined;
  if (problem !== undefined) {
    console.error(`${name}: ${problem}`);
    total.failed++;
    sound = false;
  }
}

/** One `test result:` line for each crate; every `running N tests` must be followed by one. */
function readCargo() {
  const counts = { passed: 0, failed: 0, skipped: 0, complete: false };
  let open = 0;
  return {
    counts,
    line(text) {
      if (/^running \d+ tests?$/.test(text)) open++;
      const result = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/.exec(text);
      if (result === null) return;
      open--;
      counts.passed += Number(result[1]);
      counts.failed += Number(result[2]);
      counts.skipped += Number(result[3]);
      counts.complete = open === 0;
    },
  };
}

/** TAP lines at the margin; the plan `1..N` is ava's last word, so without it ava did not finish. */
function readTap() {
  const counts = { passed: 0, failed: 0, skipped: 0, complete: false };
  return {
    counts,
    line(text) {
      const test = /^(not )?ok \d+/.exec(text);
      if (test !== null) {
        if (/# (SKIP|TODO)\b/i.test(text)) counts.skipped++;
        else if (test[1] === undefined) counts.passed++;
        else counts.failed++;
      }
      if (/^1\.\.\d+$/.test(text)) counts.complete = true;
    },
  };
}
