// All pages of the site: the repository's Markdown, a page for each neuron, layer and synapse, the API, the gallery, and the files that something links to.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { apiPages } from './api.mjs';
import { equationsHtml } from './equations/typeset.mjs';
import { examplePages } from './examples.mjs';
import { anchorOf } from './headings.mjs';
import { homePage } from './home.mjs';
import { Links } from './links.mjs';
import { render } from './markdown.mjs';
import { addressOf, sections, shortTitles } from './navigation.mjs';
import { inline } from './pictures/inline.mjs';
import { layerFigure } from './pictures/layers.mjs';
import { factoryOf, neuronFigure } from './pictures/neurons.mjs';
import { paperFigures } from './pictures/paper.mjs';
import { customSurrogateFigure, surrogateFigure } from './pictures/surrogates.mjs';
import { synapseFigure } from './pictures/synapses.mjs';
import { sourcePages } from './source.mjs';
import { split } from './split.mjs';

const { addon } = createRequire(import.meta.url)('../native/load.cjs');
const { models, surrogates } = JSON.parse(addon.describeModels());
const { synapses } = JSON.parse(addon.describeSynapses());
const camel = (key) => key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** Pages whose sections are pages: the file, the level of the headings, the names in its equations, and the picture of a section. */
const splitPages = [
  {
    path: 'docs/reference/models.md',
    level: 2,
    of: Object.fromEntries(models.map((model) => [factoryOf(model.key), model])),
    known: ({ states, params, ports }) => [...states, ...params].map(({ name }) => name).concat(ports),
    figure: neuronFigure,
  },
  {
    path: 'docs/reference/synapses.md',
    level: 2,
    of: Object.fromEntries(synapses.map((model) => [camel(model.key), model])),
    known: ({ states, params }) => [...states, ...params].map(({ name }) => name).concat(traces),
    figure: synapseFigure,
  },
  { path: 'docs/reference/layers.md', level: 3, of: {}, known: () => [], figure: layerFigure },
];
/** Traces of rules, which no table lists. */
const traces = ['uPlus', 'uMinus', 'uBar', 'xPre', 'xPost', 'o1', 'o2', 'r1', 'r2'];

/** @returns the pages with their HTML, and the navigation */
export async function makePages() {
  const navigation = sections();
  const paths = navigation.flatMap(({ pages }) => pages).filter((path) => path.endsWith('.md'));
  const links = new Links(paths);
  const texts = new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
  const parts = new Map(splitPages.map((one) => [one.path, split(texts.get(one.path), one.level)]));
  for (const { path } of splitPages)
    for (const { heading } of parts.get(path).sections) {
      const anchor = anchorOf(heading);
      const name =
        anchor === 'surrogate-gradients'
          ? 'docs/reference/surrogates.html'
          : `${path.replace(/\.md$/, '')}/${anchor}.html`;
      links.sections.set(`${path}#${anchor}`, name);
    }
  const figures = await paperFigures();
  const figure = (name) => figures.get(name);

  const pages = [];
  for (const path of paths) {
    if (path === 'examples/README.md') continue;
    const address = addressOf(path);
    const own = parts.get(path);
    const text = own === undefined ? texts.get(path) : withList(own.head, own.sections, path);
    pages.push({
      address,
      path,
      kind: kindOf(path),
      ...render(text, { path, address, links, figures: figure }),
    });
  }
  for (const one of splitPages) pages.push(...(await sectionPages(one, parts.get(one.path).sections, links)));
  pages.push(...examplePages(links));
  const api = apiPages(links);
  pages.push(apiOverview(api), ...api.pages);
  pages.push(homePage(links, texts.get('README.md')));
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
  if (page === undefined) throw new Error(`the navigation names ${path}, of which there is no page`);
  return { address, title: shortTitles.get(path) ?? page.title };
}

function kindOf(path) {
  if (path.startsWith('docs/tutorials/')) return 'start';
  if (path.startsWith('docs/benchmarks/')) return 'benchmark';
  return path.startsWith('docs/decisions/') ? 'decision' : 'guide';
}

/** A list of the sections' pages, where the page has none of its own. */
function withList(head, list, path) {
  const missing = list.filter(({ heading }) => !head.includes(`](#${anchorOf(heading)})`));
  const lines = missing.map(
    ({ heading, text }) => `- [${heading}](#${anchorOf(heading)}): ${firstWords(text)}`,
  );
  return lines.length === 0 || path === 'docs/reference/layers.md'
    ? head
    : `${head}\n\n${lines.join('\n')}\n`;
}

const firstWords = (text) => {
  const [line] = text.split('\n');
  return line.split(/, `|\. /)[0].toLowerCase();
};

/** A page for each section, with its equations typeset and its picture. */
async function sectionPages({ path, of, known, figure }, list, links) {
  const pages = [];
  for (const { heading, text } of list) {
    const address = links.sections.get(`${path}#${anchorOf(heading)}`);
    const model = of[heading];
    const names = new Set(model === undefined ? [] : known(model));
    const made =
      heading === 'Surrogate gradients'
        ? undefined
        : await figure(
            model ?? (path === 'docs/reference/layers.md' ? heading : { key: heading, title: heading }),
          );
    const picture = made === undefined ? '' : await inline(made);
    // The picture stands behind what the section is.
    const [first, ...rest] = text.startsWith('```') ? ['', text] : text.split('\n\n');
    const body = [`# ${heading}`, first, '<!-- figure: picture -->', ...rest].join('\n\n');
    const extra = heading === 'Surrogate gradients' ? await surrogateCurves() : '';
    const { html, title, headings } = render(body, {
      path,
      address,
      links,
      figures: (name) => (name === 'picture' ? picture : undefined),
      equations: (lines) => equationsHtml(lines, names),
      formulas: path === 'docs/reference/layers.md',
    });
    pages.push({
      address,
      path,
      title,
      headings,
      html: html + extra,
      kind: path.slice(5, -3),
      parent: addressOf(path),
    });
  }
  return pages;
}

async function surrogateCurves() {
  const pictures = [];
  for (const { name } of surrogates) {
    const factory = camel(name);
    pictures.push(
      `<div id="${factory}">${await inline(await surrogateFigure(factory), { width: 300, caption: `surrogate.${factory}` })}</div>`,
    );
  }
  const custom = await inline(await customSurrogateFigure('1 / (1 + x^2)'), {
    width: 300,
    caption: "customSurrogate('1 / (1 + x^2)')",
  });
  return `<h2 id="curves">Curves</h2><p>Each by a backward pass of the engine with the default parameters.</p><div class="curves">${pictures.join('\n')}<div>${custom}</div></div>`;
}

function apiOverview({ pages, symbols }) {
  const rows = pages.map(
    ({ address, title, count, description }) =>
      `<li class="card"><a href="${address.slice(4)}">${title}</a><p>${count} symbols${description.length === 0 ? '' : `: ${description.map((name) => `<code>${name}</code>`).join(' ')} …`}</p></li>`,
  );
  return {
    address: 'api/index.html',
    title: 'API by topic',
    html: `<h1>API by topic</h1><p>All ${symbols.length} exported symbols with their declarations and doc comments, as in <code>index.d.ts</code>. The search finds each of them by its name.</p><ul class="cards">${rows.join('\n')}</ul>`,
    headings: [],
    kind: 'api',
  };
}
