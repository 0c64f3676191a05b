// Every figure of docs/reference/gallery.md: its structure in all appearances, and that its picture is the one that the page shows.
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { appearances, checkFigure, textsOf } from '../support/figures.ts';
import * as lapicque from '../support/library.ts';

const page = readFileSync('docs/reference/gallery.md', 'utf8');
const blocks = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);
const names = blocks.flatMap((code) =>
  [...code.matchAll(/^const (\w+) = (?:await )?figure\./gm)].map(([, name]) => name!),
);
const figures = (async () => {
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const body = blocks.join('\n').replaceAll(/^import .*;$/gm, '');
  const run = AsyncFunction(...Object.keys(lapicque), `${body}\nreturn { ${names.join(', ')} };`);
  return (await run(...Object.values(lapicque))) as Record<string, lapicque.figure.Figure>;
})();

test('the page has every figure and its picture', async (t) => {
  const made = Object.keys(lapicque.figure).filter((name) => name !== 'Figure');
  for (const name of made) t.regex(page, new RegExp(`figure\\.${name}\\(`), name);
  const referenced = [...page.matchAll(/images\/gallery\/(\w+)\.svg/g)].map(([, name]) => name!);
  t.deepEqual(referenced.toSorted(), names.toSorted());
  t.deepEqual(readdirSync('docs/images/gallery').toSorted(), names.map((name) => `${name}.svg`).toSorted());
});

for (const name of names)
  test(`${name}: texts apart, units on axes, nothing cut, and the picture of the page`, async (t) => {
    const made = (await figures)[name]!;
    for (const appearance of Object.values(appearances)) await checkFigure(t, made, appearance);
    const now = await made.with({ theme: 'auto' }).svg();
    const then = readFileSync(`docs/images/gallery/${name}.svg`, 'utf8');
    const words = (svg: string) =>
      textsOf(svg.replace(/<style>[\s\S]*?<\/style>/, '')).texts.map(({ text }) => text);
    t.deepEqual(words(now), words(then), 'run node scripts/document/figure-gallery.mjs');
    const count = (svg: string) => svg.match(/<(path|rect|text|g|circle)\b/g)!.length;
    t.is(count(now), count(then));
  });
