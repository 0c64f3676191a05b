// Runs the commands of .github/workflows/release.yml on this machine, in a clone of the committed state, against a registry of its own: first a run that
// publishes, then the same once more, which finds everything published. Commands that need GitHub, another system or a toolchain of rustup are
// listed with the reason.
//   node scripts/release/workflow.mjs [--engine FILE] [--tools FOLDER] [--jobs a,b] [--parts a,b]
// --engine: a `.node` file to take in place of the build of several minutes. --tools: what the rehearsal installs to test with, kept there.
// --parts: those of the rehearsal; default all, which takes most of an hour.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { startRegistry } from './rehearsal/registry.mjs';
import { installTools } from './rehearsal/tools.mjs';

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    tools: { type: 'string' },
    jobs: { type: 'string' },
    parts: { type: 'string' },
  },
});
const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const work = mkdtempSync(join(tmpdir(), 'lapicque-workflow-'));
const tools = installTools(root, resolve(values.tools ?? join(work, 'tools')));

/** Why a command cannot run here; undefined if it can. */
const obstacles = [
  [/rustup/, 'the machine has one toolchain'],
  [/docker run/, 'no Docker engine: scripts/release/cross.sh tries musl'],
  [/\bgh release/, 'needs GitHub'],
  [/xvfb-run/, 'Electron is downloaded from GitHub'],
  [/cargo install/, 'compiles for minutes; LAPICQUE_SBOM=1 runs it'],
];
if (values.engine !== undefined)
  obstacles.push([/engine-size/, 'the limit holds for the published build, not for --engine']);
const obstacle = (command) =>
  obstacles.find(
    ([pattern, reason]) =>
      pattern.test(command) && !(reason.includes('LAPICQUE_SBOM') && process.env.LAPICQUE_SBOM),
  )?.[1];

/** Of each matrix, what fits this machine. */
const own = { target: 'x86_64-unknown-linux-gnu' };

const counts = { passed: 0, failed: 0, left: 0 };
const registryFolder = join(work, 'registry');
mkdirSync(registryFolder);
const registry = await startRegistry(registryFolder, tools, (command, args, cwd) =>
  checkedRun(command, args, cwd),
);
try {
  for (const npm of ['npm10', 'npm11']) {
    console.log(
      `\n# ${npm}: ${spawnSync(process.execPath, [tools.module(`${npm}/bin/npm-cli.js`), '--version'], { encoding: 'utf8' }).stdout.trim()}`,
    );
    release(npm);
  }
} finally {
  registry.stop();
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.left} left out`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** All jobs in order, each in a clone of its own; artifacts are folders. */
function release(npm) {
  const { jobs } = parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8'));
  const artifacts = join(work, `artifacts-${npm}`);
  // npm of this version comes first on the path.
  const bin = join(work, `bin-${npm}`);
  mkdirSync(bin, { recursive: true });
  for (const name of ['npm', 'npx']) {
    const program = `#!/bin/sh\nexec "${process.execPath}" "${tools.module(`${npm}/bin/${name}-cli.js`)}" "$@"\n`;
    writeFileSync(join(bin, name), program, { mode: 0o755 });
  }
  const chosen = values.jobs?.split(',') ?? Object.keys(jobs);
  for (const [name, job] of Object.entries(jobs).filter(([name]) => chosen.includes(name))) {
    const matrix =
      job.strategy?.matrix.include.find(({ target }) => target === own.target) ??
      (job.strategy ? undefined : {});
    if (matrix === undefined) {
      left(`${name}: all steps`, 'no platform of its matrix is this one');
      continue;
    }
    runJob(name, job, matrix, { npm, bin, artifacts });
  }
}

function runJob(name, job, matrix, { npm, bin, artifacts }) {
  const clone = join(work, `${npm}-${name}`);
  const runner = join(work, `${npm}-${name}-runner`);
  mkdirSync(runner, { recursive: true });
  checkedRun('git', ['clone', '--quiet', '--no-hardlinks', root, clone], work);
  // A maintainer names the version in the changelog before the tag.
  const changes = join(clone, 'CHANGELOG.md');
  const text = readFileSync(changes, 'utf8');
  writeFileSync(changes, text.replace('## [Unreleased]', `## [${version}]`));
  writeFileSync(join(runner, 'npmrc'), registry.npmrc);
  const path = join(runner, 'path');
  writeFileSync(path, '');
  const env = {
    GITHUB_REF_TYPE: 'tag',
    GITHUB_REF_NAME: `v${version}`,
    GITHUB_PATH: path,
    LAPICQUE_REPOSITORY: 'example/lapicque',
    LAPICQUE_REHEARSAL_TOOLS: tools.folder,
    RUNNER_TEMP: runner,
    npm_config_userconfig: join(runner, 'npmrc'),
    ...substituted(job.env, matrix),
  };
  for (const step of job.steps) {
    if (step.uses !== undefined) {
      try {
        useAction(step, matrix, { clone, artifacts });
      } catch (error) {
        failed(`${name}: ${step.uses}`, error.message);
        return;
      }
      continue;
    }
    if (step.if !== undefined && !/flags == '-x'/.test(step.if)) continue;
    const why = obstacle(step.run);
    if (why !== undefined) {
      left(`${name}: ${firstLine(step.run)}`, why);
      continue;
    }
    if (values.engine !== undefined && /build:native/.test(step.run)) {
      copyFileSync(values.engine, join(clone, 'native', basename(values.engine)));
      left(`${name}: ${firstLine(step.run)}`, `--engine ${values.engine}`);
      continue;
    }
    const added = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    const done = spawnSync(
      'bash',
      ['--noprofile', '--norc', '-eo', 'pipefail', '-c', withoutComplete(step.run)],
      {
        cwd: join(clone, step['working-directory'] ?? ''),
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        env: {
          ...cleanEnvironment(),
          ...env,
          ...substituted(step.env, matrix),
          PATH: [bin, ...added, process.env.PATH].join(delimiter),
        },
      },
    );
    if (done.status === 0) {
      counts.passed++;
      console.log(`ok ${name}: ${firstLine(step.run)}`);
    } else {
      failed(`${name}: ${firstLine(step.run)}`, `${done.stdout}${done.stderr}`);
      return;
    }
  }
}

/** Actions: an artifact is a folder; the clone and Node are there. A path or a pattern is a glob, which bash expands. */
function useAction({ uses, with: options = {} }, matrix, { clone, artifacts }) {
  const copy = (glob, from, to) => {
    mkdirSync(to, { recursive: true });
    checkedRun('bash', ['-c', `cp -R ${glob} "$0"`, to], from);
  };
  if (/upload-artifact/.test(uses)) {
    const path = substitute(options.path, matrix);
    const isFolder = existsSync(join(clone, path)) && statSync(join(clone, path)).isDirectory();
    copy(isFolder ? `${path}/.` : path, clone, join(artifacts, substitute(options.name, matrix)));
  } else if (/download-artifact/.test(uses)) {
    const isFlat = options.name !== undefined || options['merge-multiple'] === true;
    const found = substitute(options.name ?? options.pattern, matrix);
    copy(isFlat ? `${found}/.` : found, artifacts, join(clone, options.path ?? '.'));
  }
}

/** Here there is an engine of one platform only. */
function withoutComplete(command) {
  return command
    .replace(' --complete', '')
    .replace(' --provenance', '')
    .replace(
      'npm run rehearse --',
      `npm run rehearse -- ${values.parts?.replaceAll(',', ' ') ?? ''} --tools "$LAPICQUE_REHEARSAL_TOOLS"`,
    );
}

function substituted(env = {}, matrix) {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, substitute(String(value), matrix)]),
  );
}

function substitute(text, matrix) {
  return text.replaceAll(/\$\{\{ matrix\.(\w+) \}\}/g, (_, key) => matrix[key] ?? '');
}

/** Of this process, without what npm and other tools have set; with the certificates of a proxy. */
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|NODE_(?!EXTRA_CA_CERTS)|INIT_CWD|GITHUB_)/i.test(name),
    ),
  );
}

function firstLine(command) {
  const [first, ...more] = command.trim().split('\n');
  return more.length === 0 ? first : `${first} …`;
}

function failed(what, output) {
  counts.failed++;
  console.log(`not ok ${what}\n${output}`.replace(/\n/g, '\n  '));
}

function left(what, why) {
  counts.left++;
  console.log(`-- ${what}: ${why}`);
}

function checkedRun(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}:\n${done.stdout}${done.stderr}`);
  return done.stdout;
}
