import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';

interface EngineSize {
  engineSize(path: string): string;
}

const script = pathToFileURL(join(process.cwd(), 'scripts/release/engine-size.mjs')).href;

test('an engine of more than 20 MiB is refused', async (t) => {
  const { engineSize } = (await import(script)) as EngineSize;
  const folder = mkdtempSync(join(tmpdir(), 'lapicque-engine-size-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const engine = (bytes: number) => {
    const path = join(folder, `${bytes}.node`);
    const file = openSync(path, 'w');
    ftruncateSync(file, bytes);
    closeSync(file);
    return path;
  };
  t.is(engineSize(engine(20 * 2 ** 20)), '20.0');
  t.throws(() => engineSize(engine(20 * 2 ** 20 + 1)), { message: /20\.0 MiB; the limit is 20 MiB$/ });
});
