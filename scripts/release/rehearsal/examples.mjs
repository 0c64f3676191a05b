// The examples that are projects of their own, installed from the registry: the server under load, the Electron program's types.
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
