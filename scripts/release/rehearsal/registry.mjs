// A registry for one rehearsal: our packages are published to it, everything else comes through it from npm's.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Starts Verdaccio on a free port of the loopback interface. */
export async function startRegistry(work, tools, run) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const upstream = run('npm', ['config', 'get', 'registry'], work).trim();
  writeFileSync(
    join(work, 'verdaccio.yaml'),
    // After "max_fails" slow answers Verdaccio would say for five minutes that other packages do not exist.
    `storage: ${join(work, 'registry')}
uplinks: { npmjs: { url: '${upstream}', maxage: 60m, timeout: 60s, max_fails: 100, fail_timeout: 1s } }
packages:
  lapicque: { access: $all, publish: $anonymous }
  '@lapicque/*': { access: $all, publish: $anonymous }
  '**': { access: $all, proxy: npmjs }
max_body_size: 100mb
server: { keepAliveTimeout: 60 }
log: { type: file, path: ${join(work, 'verdaccio.log')}, level: warn }
`,
  );
  // Verdaccio asks for Node 22.
  const server = spawn(
    tools.node(24),
    [tools.bin('verdaccio'), '--config', join(work, 'verdaccio.yaml'), '--listen', `127.0.0.1:${port}`],
    { cwd: work, stdio: 'ignore' },
  );
  for (let tries = 0; ; tries++) {
    const answers = await fetch(`${url}-/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) break;
    if (tries > 600 || server.exitCode !== null) throw new Error('Verdaccio did not start');
    await sleep(100);
  }
  // npm publishes to nobody's account only with a token, whatever it is.
  const npmrc = `registry=${url}\n//127.0.0.1:${port}/:_authToken=rehearsal\naudit=false\nfund=false\nupdate-notifier=false\n`;
  return {
    url,
    npmrc,
    stop: () => server.kill('SIGKILL'),
    /** Publishes as the workflow of a release does: with its script, from a folder beside it. */
    publish(root, folder) {
      writeFileSync(join(work, '.npmrc'), npmrc);
      return run(process.execPath, [join(root, 'scripts/release/publish.mjs'), folder], work);
    },
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });
}
