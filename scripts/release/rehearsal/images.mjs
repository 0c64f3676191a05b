// The steps of the Dockerfiles, each stage in a folder instead of an image: what is copied is there, what is run succeeds, the server answers
// its health check, and SIGTERM ends it. A Docker engine, where there is one, builds the image, too.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyOf, pairs, stagesOf } from './dockerfile.mjs';

export async function images(context) {
  const { check, root, tarballs } = context;
  const server = join(root, 'examples/production/server');
  await check('examples/production/server/Dockerfile, step by step', () =>
    follow(context, 'Dockerfile', server, (stage) => stage),
  );
  await check('examples/production/server/Dockerfile.clone, with packages that are made', () =>
    follow(context, 'Dockerfile.clone', root, (stage, folder) => {
      // Its first stage compiles the engine for many minutes: its result is here.
      if (stage.name !== 'packages') return stage;
      cpSync(tarballs, join(folder, 'packages'), { recursive: true });
      return { ...stage, steps: [] };
    }),
  );
  await check('examples/production/server/Dockerfile as an image', () => {
    const done = spawnSync('docker', ['info'], { encoding: 'utf8' });
    if (done.status !== 0) return 'left out: no Docker engine';
    const tag = `lapicque-rehearsal-${process.pid}`;
    const network = ['--network', 'host', '--tag', tag];
    const built = spawnSync('docker', ['build', ...network, '.'], { cwd: server, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stdout + built.stderr);
    return tag;
  });
}

/** Runs the stages; `change` may replace one. Returns a summary. */
async function follow({ root, work, run, registry }, name, source, change) {
  const stages = stagesOf(readFileSync(join(root, 'examples/production/server', name), 'utf8'));
  const folders = new Map();
  let last;
  for (const [i, original] of stages.entries()) {
    const folder = join(work, 'images', name, original.name || String(i));
    mkdirSync(folder, { recursive: true });
    const stage = change(original, folder);
    folders.set(stage.name, folder);
    last = { folder, at: folder, env: {} };
    for (const { instruction, text } of stage.steps) {
      if (instruction === 'ENV') Object.assign(last.env, pairs(text));
      else if (instruction === 'WORKDIR') {
        last.at = join(folder, text);
        mkdirSync(last.at, { recursive: true });
        writeFileSync(join(last.at, '.npmrc'), registry.npmrc);
      } else if (instruction === 'COPY') copy(text, { last, source, folders });
      // Paths of the image are within the stage's folder.
      else if (instruction === 'RUN')
        run('sh', ['-c', text.replaceAll(/(?<=\s)\/(?=\w)/g, `${folder}/`)], last.at, { env: last.env });
      else if (instruction === 'CMD') last.command = JSON.parse(text);
      else if (instruction === 'HEALTHCHECK') last.health = JSON.parse(/CMD (\[.*\])$/.exec(text)[1]);
    }
  }
  const files = readdirSync(last.folder, { recursive: true });
  const rust = files.filter((file) => /(?:^|\/)(?:cargo|rustc|Cargo\.toml|target)$|\.rs$/.test(file));
  if (rust.length > 0) throw new Error(`the last stage has ${rust.join(', ')}`);
  return serve(last);
}

function copy(text, { last, source, folders }) {
  const { from, sources, target } = copyOf(text);
  for (const path of sources) {
    const original = join(from === undefined ? source : folders.get(from), path);
    if (!existsSync(original)) throw new Error(`COPY ${text}: there is no ${original}`);
    const to = target.startsWith('/') ? join(last.folder, target) : join(last.at, target);
    // A folder's content is copied; a file keeps its name in a folder.
    const isFolder = statSync(original).isDirectory();
    mkdirSync(to, { recursive: true });
    cpSync(original, isFolder ? to : join(to, path.split('/').at(-1)), { recursive: true });
  }
}

/** Starts the image's command, waits for its health check, and ends it as a container is ended. */
async function serve({ at, env, command: [program, ...args], health: [, ...healthArgs] }) {
  const port = await freePort();
  const options = { cwd: at, env: { PATH: process.env.PATH, ...env, PORT: String(port) } };
  const began = performance.now();
  const child = spawn(program === 'node' ? process.execPath : program, args, { ...options, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text;
    });
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  try {
    while (spawnSync(process.execPath, healthArgs, options).status !== 0) {
      if (child.exitCode !== null || performance.now() - began > 60_000) throw new Error(output);
      await sleep(100);
    }
    const healthy = Math.round(performance.now() - began);
    const ready = await fetch(`http://127.0.0.1:${port}/ready`);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    if (ready.status !== 200 || !/^lapicque_engine_info\{/m.test(metrics))
      throw new Error(`${ready.status}\n${metrics}`);
    child.kill('SIGTERM');
    const code = await Promise.race([ended, sleep(10_000)]);
    if (code !== 0) throw new Error(`after SIGTERM it ended with ${code}\n${output}`);
    return `healthy after ${healthy} ms, ended by SIGTERM`;
  } finally {
    child.kill('SIGKILL');
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
