// All pages of the site: the repository's Markdown, a page for each neuron, layer and synapse, the API, the gallery, and the files that something links to.
import { readFileSync } from 'node:fs';
import { apiPages } from './api.mjs';
import { examplePages } from './examples.mjs';
import { homePage } from './home.mjs';
import { Links } from './links.mjs';
import { render } from './markdown.mjs';
import { addressOf, sections, shortTitles } from './navigation.mjs';
import { galleryThumbnails } from './pictures/gallery.mjs';
import { paperFigures } from './pictures/paper.mjs';
import { stage } from './progress.mjs';
import { makeSections, readSections } from './sections.mjs';
import { sourcePages } from './source.mjs';

/** @returns the pages with their HTML, and the navigation */
export async function makePages() {
  const navigation = sections();
  const paths = navigation.flatMap(({ pages }) => pages).filter((path) => path.endsWith('.md'));
  const links = new Links(paths);
  const texts = new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
  const parts = readSections(texts, links);
  stage('Figures of the source paper');
  const figures = await paperFigures();
  figures.set('gallery/thumbnails', galleryThumbnails());
  const made = await makeSections(parts, links);

  stage(`${paths.length} Markdown pages`);
  const pages = [];
  for (const path of paths) {
    if (path === 'examples/README.md') continue;
    const address = addressOf(path);
    const text = made.heads.get(path) ?? texts.get(path);
    const html = render(text, { path, address, links, figures: (name) => figures.get(name) });
    pages.push({ address, path, kind: kindOf(path), ...html });
  }
  pages.push(...made.pages);
  stage('Examples and API');
  pages.push(...examplePages(links));
  const api = apiPages(links);
  pages.push(...api.pages);
  pages.push(await homePage(links));
  pages.push(...sourcePages(links));
  return {
    pages,
    navigation: navigation.map(({ title, pages: list }) => ({
      title,
      pages: list.map((path) => entryOf(path, pages)),
    })),
    symbols: api.symbols,
  };
}

function entryOf(path, pages) {
  const address = path.endsWith('.md') ? addressOf(path) : path;
  const page = pages.find((one) => one.address === address);
  if (page === undefined) throw new Error(`the navigation names ${path}, which has no page`);
  return { address, title: shortTitles.get(path) ?? page.title };
}

function kindOf(path) {
  if (path.startsWith('docs/tutorials/')) return 'start';
  if (path.startsWith('docs/benchmarks/')) return 'benchmark';
  return path.startsWith('docs/decisions/') ? 'decision' : 'guide';
}
