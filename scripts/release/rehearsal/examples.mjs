// The examples that are projects of their own, installed from the registry: the server under load, Next.js, the Electron program's types.
import { spawn } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeProject } from './project.mjs';

export async function examples(context) {
  const { check, run, root, tools } = context;
  const copied = (name) => {
    const folder = makeProject(context, name);
    cpSync(join(root, 'examples/production', name), folder, {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
    return folder;
  };
  await check('the server under load', () => {
    const folder = copied('server');
    run('npm', ['install'], folder);
    const output = run(process.execPath, ['load.mjs', '--seconds', '3', '--json'], folder);
    const { predictions, stream, eventLoopDelayMs } = JSON.parse(output.trim().split('\n').at(-1));
    return `${predictions.perSecond} predictions a second (p99 ${predictions.ms.p99} ms), ${stream.stepsPerSecond} steps a second (p99 ${stream.ms.p99} ms), event loop p99 ${eventLoopDelayMs.p99} ms`;
  });
  await check('Next.js, built and started', () => next(copied('next'), run));
  await check("the Electron program's types", () => {
    const folder = copied('electron');
    // The binary is no part of npm's package, and only types are needed.
    run(
      'npm',
      ['install', '--ignore-scripts', '--no-save', 'lapicque', 'electron@45', '@types/node@20'],
      folder,
    );
    run(process.execPath, [tools.bin('tsc'), '-p', folder], folder);
  });
  await check('programs in TypeScript without types of Node', () => {
    const folder = makeProject(context, 'strict', { type: 'module' });
    run('npm', ['install', 'lapicque'], folder);
    writeFileSync(
      join(folder, 'index.mts'),
      "import { dense } from 'lapicque';\nexport const layer = dense(2, 3);\n",
    );
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2022',
          strict: true,
          types: [],
          lib: ['es2022'],
          noEmit: true,
        },
        files: ['index.mts'],
      }),
    );
    run(process.execPath, [tools.bin('tsc'), '-p', folder], folder);
  });
}

/** Builds the application, starts it, and asks its route. */
async function next(folder, run) {
  run('npm', ['install'], folder);
  run('npm', ['run', 'build'], folder, { env: { NEXT_TELEMETRY_DISABLED: '1' } });
  const program = join(folder, 'node_modules/next/dist/bin/next');
  const options = { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] };
  const child = spawn(
    process.execPath,
    [program, 'start', '--port', '0', '--hostname', '127.0.0.1'],
    options,
  );
  try {
    const url = await new Promise((resolve, reject) => {
      let output = '';
      child.once('exit', (code) => reject(new Error(`next start ended with ${code}\n${output}`)));
      child.stdout.on('data', (text) => {
        output += text;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
        if (found !== null) resolve(found[0]);
      });
    });
    const ask = async (body) => {
      const response = await fetch(`${url}/predict`, { method: 'POST', body: JSON.stringify(body) });
      return [response.status, await response.json()];
    };
    const [status, { label }] = await ask([1, 0.5, 0, 1]);
    const [refused, { code }] = await ask([1]);
    if (status !== 200 || !Number.isInteger(label) || refused !== 400 || code === undefined)
      throw new Error(JSON.stringify([status, label, refused, code]));
    return `label ${label}`;
  } finally {
    child.kill('SIGKILL');
  }
}
