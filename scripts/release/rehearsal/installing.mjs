// The example on every runtime, and from every package manager.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expectExample, makeProject } from './project.mjs';

const packages = ['lapicque', '@lapicque/data-mnist'];

/** Node 20 to 26, Bun and Deno, from ES modules, CommonJS and TypeScript. */
export async function runtimes(context) {
  const { check, run, tools } = context;
  const folder = makeProject(context, 'runtimes', { type: 'module' });
  await check('npm install', () => {
    run('npm', ['install', ...packages, `@types/node@20`], folder, {
      env: { npm_config_ignore_scripts: 'false' },
    });
  });
  await check('TypeScript compiles the example', () => {
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2022',
          strict: true,
          types: ['node'],
          outDir: 'out',
        },
        files: ['main.mts'],
      }),
    );
    run(process.execPath, [tools.bin('tsc'), '-p', folder], folder);
  });
  for (const major of [20, 22, 24, 26]) {
    for (const file of ['main.mjs', 'main.cjs', 'out/main.mjs', ...(major > 22 ? ['main.mts'] : [])]) {
      await check(`Node ${major}, ${file}`, () => expectExample(run(tools.node(major), [file], folder)));
    }
  }
  for (const file of ['main.mjs', 'main.cjs', 'main.mts']) {
    await check(`Bun, ${file}`, () => expectExample(run(tools.bun, ['run', file], folder)));
    await check(`Deno, ${file}`, () =>
      expectExample(run(tools.deno, ['run', '--allow-all', '--node-modules-dir=manual', file], folder)),
    );
  }
}

/** pnpm without hoisting, and Yarn's Plug'n'Play, which has no node_modules at all. */
export async function managers(context) {
  const { check, run, tools, registry } = context;
  const withNode = { path: `${dirname(process.execPath)}:${process.env.PATH}` };
  await check('pnpm, nothing hoisted', () => {
    const folder = makeProject(context, 'pnpm', { type: 'module' });
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), 'hoist: false\n');
    run(tools.bin('pnpm'), ['add', ...packages], folder, withNode);
    return ['main.mjs', 'main.cjs']
      .map((file) => expectExample(run(process.execPath, [file], folder)))
      .join(', ');
  });
  await check("Yarn, Plug'n'Play", () => {
    const folder = makeProject(context, 'yarn', { type: 'module' });
    writeFileSync(
      join(folder, '.yarnrc.yml'),
      `npmRegistryServer: '${registry.url}'\nunsafeHttpWhitelist: ['127.0.0.1']\nnodeLinker: pnp\nenableTelemetry: false\nenableGlobalCache: false\nglobalFolder: '${join(context.work, 'yarn-global')}'\nnpmMinimalAgeGate: 0\n`,
    );
    writeFileSync(join(folder, 'yarn.lock'), '');
    const yarn = tools.module('@yarnpkg/cli-dist/bin/yarn.js');
    run(process.execPath, [yarn, 'add', ...packages], folder, withNode);
    return ['main.mjs', 'main.cjs']
      .map((file) => expectExample(run(process.execPath, [yarn, 'node', file], folder, withNode)))
      .join(', ');
  });
}
