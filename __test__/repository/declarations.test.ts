// index.d.ts stands alone: a program needs neither the DOM's types nor Node's, whatever it resolves modules by and however old its
// compiler. Its own checks of library files are on.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);

const program = `import * as lapicque from 'lapicque';
import { dense, input, conv2d, flatten, LapicqueError, Model, sequential, type FitOptions } from 'lapicque';
import { lif } from 'lapicque/neurons';

export async function main(signal: FitOptions['signal']) {
  using model = await sequential(input(1, 8, 8), conv2d(1, 2, 3), flatten(), dense(72, 2), lif({ beta: 0.9 })).compile();
  await model.save('model.safetensors', { signal });
  return Model.load('model.safetensors');
}
// @ts-expect-error 72 elements are left
sequential(input(1, 8, 8), conv2d(1, 2, 3), flatten(), dense(73, 2), lif({ beta: 0.9 }));
export const isOurs = (error: unknown): boolean => error instanceof LapicqueError && error.code === 'io';
export type Names = keyof typeof lapicque;
`;
/** What such a program may still give. */
const withPlatform = `import { Model } from 'lapicque';
import { loadCircuit } from 'lapicque/circuit';
await Model.load(new URL('file:///model.safetensors'), { signal: AbortSignal.timeout(1000) });
await loadCircuit(new URL('file:///network.safetensors'));
// @ts-expect-error a signal is an AbortSignal
await Model.load('model.safetensors', { signal: 'stop' });
// @ts-expect-error a path is a text or a URL
await Model.load(3);
`;

const compilers = {
  'TypeScript 5.4': 'node_modules/typescript-5.4/bin/tsc',
  'TypeScript 7': 'node_modules/typescript/bin/tsc',
};
const modules = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'esnext', moduleResolution: 'bundler' },
] as const;
const platforms = {
  'without the types of any platform': { source: program, more: { lib: ['es2022'], types: [] } },
  'with the types of Node': { source: withPlatform, more: { lib: ['es2022'], types: ['node'] } },
  'with the types of the DOM': { source: withPlatform, more: { lib: ['es2022', 'dom'], types: [] } },
};

for (const [compiler, path] of Object.entries(compilers)) {
  for (const how of modules) {
    for (const [platform, { source, more }] of Object.entries(platforms)) {
      // What a platform declares is the same however modules are resolved, and slow to check with an old compiler.
      const isRepeated = compiler !== 'TypeScript 7' || how.moduleResolution !== 'bundler';
      if (source === withPlatform && isRepeated) continue;
      test(`${compiler}, ${how.moduleResolution}, ${platform}`, async (t) => {
        const folder = await mkdtemp(join(tmpdir(), 'lapicque-declarations-'));
        t.teardown(() => rm(folder, { recursive: true }));
        await mkdir(join(folder, 'node_modules', '@types'), { recursive: true });
        await symlink(process.cwd(), join(folder, 'node_modules', 'lapicque'));
        for (const name of more.types) {
          await symlink(resolve('node_modules/@types', name), join(folder, 'node_modules/@types', name));
        }
        await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
        await writeFile(join(folder, 'main.ts'), source);
        // Node's own types are not always free of errors under every compiler; ours are checked without them.
        const compilerOptions = {
          ...how,
          ...more,
          strict: true,
          noEmit: true,
          target: 'es2022',
          skipLibCheck: more.types.length > 0,
        };
        await writeFile(
          join(folder, 'tsconfig.json'),
          JSON.stringify({ compilerOptions, files: ['main.ts'] }),
        );
        await t.notThrowsAsync(run(process.execPath, [path, '-p', folder]));
      });
    }
  }
}
