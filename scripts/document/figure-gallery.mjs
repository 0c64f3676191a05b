// Writes docs/reference/gallery.md: every figure with the code that draws it, and docs/images/gallery/ with the pictures.
//   node scripts/document/figure-gallery.mjs [FOLDER]     with a folder: all pictures as PNG there instead, in every theme, to look at
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wholeLibrary } from '../package/doors.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = join(root, 'docs/reference/gallery.md');
const pictures = join(root, 'docs/images/gallery');

/** The figures by the name of their constant, in the order of the page. */
export async function galleryFigures() {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
  const names = blocks.flatMap((code) =>
    [...code.matchAll(/^const (\w+) = await figure\.|^const (\w+) = figure\.beside/gm)].map(
      ([, a, b]) => a ?? b,
    ),
  );
  const body = blocks.join('\n').replaceAll(/^import .*;$/gm, '');
  const AsyncFunction = (async () => {}).constructor;
  const library = await wholeLibrary();
  return AsyncFunction(
    ...Object.keys(library),
    `${body}\nreturn { ${names.join(', ')} };`,
  )(...Object.values(library));
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const figures = await galleryFigures();
  const [folder] = process.argv.slice(2);
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    for (const [name, made] of Object.entries(figures)) {
      for (const theme of ['light', 'dark', 'print'])
        await made.with({ theme }).save(join(folder, `${name}-${theme}.png`));
      await made
        .with({ width: '85mm', fontSize: '8pt', theme: 'print' })
        .save(join(folder, `${name}-column.png`), { dpi: 300 });
      await made.with({ titles: true, letters: true }).save(join(folder, `${name}-titles.png`));
    }
  } else {
    rmSync(pictures, { recursive: true, force: true });
    mkdirSync(pictures, { recursive: true });
    // The page follows the reader's system, and so do its pictures.
    for (const [name, made] of Object.entries(figures))
      await made.with({ theme: 'auto' }).save(join(pictures, `${name}.svg`));
    const referenced = [...readFileSync(page, 'utf8').matchAll(/images\/gallery\/(\w+)\.svg/g)].map(
      ([, name]) => name,
    );
    const written = readdirSync(pictures).map((file) => file.replace('.svg', ''));
    const missing = written
      .filter((name) => !referenced.includes(name))
      .concat(referenced.filter((name) => !written.includes(name)));
    if (missing.length > 0)
      throw new Error(`docs/reference/gallery.md and docs/images/gallery differ: ${missing.join(', ')}`);
    console.log(`${written.length} pictures in ${pictures}`);
  }
}
