// The limit of one platform's engine, and why: docs/decisions/020-builds-without-link-time-optimization.md.
//   node scripts/release/engine-size.mjs     checks what is in native/
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIMIT = 20 * 2 ** 20;

/** The size of an engine in MiB. Throws where it is above the limit. */
export function engineSize(path) {
  const { size } = statSync(path);
  const mebibytes = (size / 2 ** 20).toFixed(1);
  if (size > LIMIT) throw new Error(`${path}: ${mebibytes} MiB; the limit is ${LIMIT / 2 ** 20} MiB`);
  return mebibytes;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const native = join(import.meta.dirname, '../..', 'native');
  const engines = readdirSync(native).filter((name) => name.endsWith('.node'));
  if (engines.length === 0) throw new Error('native/ has no engine: run npm run build:native');
  for (const name of engines) console.log(`native/${name}  ${engineSize(join(native, name))} MiB`);
}
