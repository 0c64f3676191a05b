// The gallery: every example with what its first comment says, its picture if it makes one, and its source.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { codeBlock, escapeHtml, render } from './markdown.mjs';
import { stage } from './progress.mjs';

/** The examples in the order of examples/README.md, whose table says what each shows. */
export function examples() {
  const table = readFileSync('examples/README.md', 'utf8');
  return [...table.matchAll(/^\| \[[\w-]+\.mjs\]\(([\w/-]+\.mjs)\) \| (.*) \|$/gm)].map(([, file, shows]) => {
    const source = readFileSync(`examples/${file}`, 'utf8');
    const comment = /^(?:\/\/.*\n)+/.exec(source)?.[0] ?? '';
    // `picture` of examples/support/figure.mjs writes build/NAME.png.
    const [, pictureName] = /\bpicture\(\s*'([\w-]+)'/.exec(source) ?? [];
    return {
      name: file.replace(/\.mjs$/, ''),
      shows,
      source,
      picture: pictureName === undefined ? undefined : `build/${pictureName}.png`,
      words: comment
        .replaceAll(/^\/\/ ?/gm, '')
        .replaceAll('\n', ' ')
        .trim(),
    };
  });
}

/** The examples that draw and were not run yet. */
export const withoutPicture = (list) =>
  list.filter(({ picture }) => picture !== undefined && !existsSync(picture));

/** Runs the examples whose pictures are not there yet. */
export function drawMissing(list) {
  const missing = withoutPicture(list);
  for (const [i, { name, picture }] of missing.entries()) {
    stage(`Example ${i + 1} of ${missing.length}: ${name}`);
    const { status, stderr } = spawnSync(process.execPath, [`examples/${name}.mjs`], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`examples/${name}.mjs: ${stderr}`);
    if (!existsSync(picture)) throw new Error(`examples/${name}.mjs has not written ${picture}`);
  }
}

/** Copies pictures to the site. */
export function copyPictures(list, output) {
  for (const { picture } of list) {
    if (picture === undefined || !existsSync(picture)) continue;
    mkdirSync(join(output, 'examples/images'), { recursive: true });
    copyFileSync(picture, join(output, 'examples/images', basename(picture)));
  }
}

const image = ({ picture, name, shows }, folder) =>
  picture === undefined || !existsSync(picture)
    ? ''
    : `<img class="picture" loading="lazy" src="${folder}images/${basename(picture)}" alt="The picture that ${escapeHtml(name)} makes: ${escapeHtml(shows)}">`;

/** The pages of the gallery. */
export function examplePages(links) {
  const list = examples();
  const path = 'examples/README.md';
  const inline = (text, address) => render(text, { path, address, links }).html;
  const pages = list.map((example) => {
    const address = `examples/${example.name}.html`;
    const up = '../'.repeat(example.name.split('/').length - 1);
    const html = [
      `<h1>${example.name}</h1>`,
      inline(`${example.words}\n\nRun it in a clone: \`node examples/${example.name}.mjs\``, address),
      image(example, up),
      codeBlock(example.source.slice(/^(?:\/\/.*\n)+/.exec(example.source)?.[0].length ?? 0), 'js'),
    ].join('\n');
    return {
      address,
      title: example.name,
      html,
      headings: [],
      kind: 'example',
      parent: 'examples/index.html',
      searchText: `${example.shows} ${example.words}`,
    };
  });
  const address = 'examples/index.html';
  const [before] = readFileSync(path, 'utf8').split(/^\| example/m);
  const after = readFileSync(path, 'utf8').split(/\n\n/).at(-1);
  const intro = render(before, { path, address, links });
  const cards = list.map(
    (example) =>
      `<li class="card">${image(example, '')}<a href="${example.name}.html">${example.name}</a>${inline(example.shows, address)}</li>`,
  );
  const html = `${intro.html}<ul class="cards">${cards.join('\n')}</ul>${inline(after, address)}`;
  return [{ address, title: intro.title, html, headings: [], kind: 'gallery' }, ...pages];
}
