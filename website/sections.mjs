// Pages whose sections are pages: a page for each neuron, layer, loss and synapse with its equations typeset and its picture, and the list of them as cards.
import { createRequire } from 'node:module';
import { surrogates as surrogateWords } from '../scripts/document/entries/surrogates.mjs';
import { equationsHtml } from './equations/typeset.mjs';
import { anchorOf } from './headings.mjs';
import { relative } from './links.mjs';
import { escapeHtml, render } from './markdown.mjs';
import { addressOf } from './navigation.mjs';
import { inline } from './pictures/inline.mjs';
import { layerFigure } from './pictures/layers.mjs';
import { lossFigure } from './pictures/losses.mjs';
import { factoryOf, neuronFigure } from './pictures/neurons.mjs';
import { customSurrogateFigure, surrogateFigure } from './pictures/surrogates.mjs';
import { synapseFigure } from './pictures/synapses.mjs';
import { thumbnail } from './pictures/thumbnail.mjs';
import { stage } from './progress.mjs';
import { split } from './split.mjs';

const { addon } = createRequire(import.meta.url)('../native/load.cjs');
const { models, surrogates } = JSON.parse(addon.describeModels());
const { synapses } = JSON.parse(addon.describeSynapses());
const { losses } = JSON.parse(addon.describeTraining());
const camel = (key) => key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** Traces of rules, which no table lists. */
const traces = ['uPlus', 'uMinus', 'uBar', 'xPre', 'xPost', 'o1', 'o2', 'r1', 'r2'];

/** The file, the level of the headings, what a heading names, the names in its equations, and the picture of a section. */
const splitPages = [
  {
    path: 'docs/reference/models.md',
    level: 2,
    of: Object.fromEntries(models.map((model) => [factoryOf(model.key), model])),
    known: ({ states, params, ports }) => [...states, ...params].map(({ name }) => name).concat(ports),
    figure: (_, model) => model && neuronFigure(model),
  },
  {
    path: 'docs/reference/synapses.md',
    level: 2,
    of: Object.fromEntries(synapses.map((model) => [camel(model.key), model])),
    known: ({ states, params }) => [...states, ...params].map(({ name }) => name).concat(traces),
    figure: (heading, model) => synapseFigure(model ?? { key: heading, title: heading }),
  },
  {
    path: 'docs/reference/losses.md',
    level: 2,
    of: Object.fromEntries(losses.kinds.map((kind) => [kind.name, kind])),
    known: () => [],
    figure: (_, kind) => kind && lossFigure(kind),
  },
  {
    path: 'docs/reference/layers.md',
    level: 3,
    of: {},
    known: () => [],
    figure: layerFigure,
    formulas: true,
  },
];

/** The sections of the pages above, each with its address, which `links` gets to know. */
export function readSections(texts, links) {
  return splitPages.map((one) => {
    const { head, sections } = split(texts.get(one.path), one.level);
    const list = sections.map((section) => {
      const anchor = anchorOf(section.heading);
      const address =
        anchor === 'surrogate-gradients'
          ? 'docs/reference/surrogates.html'
          : `${one.path.replace(/\.md$/, '')}/${anchor}.html`;
      links.sections.set(`${one.path}#${anchor}`, address);
      return { ...section, anchor, address };
    });
    return { ...one, head, list };
  });
}

/** The pages of the sections, and for each file its text with cards in place of the lists of its sections. */
export async function makeSections(parts, links) {
  const pages = [];
  const heads = new Map();
  for (const part of parts) {
    stage(`${part.list.length} pages of ${part.path}`);
    const cards = new Map();
    for (const section of part.list) {
      const { page, made } = await sectionPage(part, section, links);
      pages.push(page);
      cards.set(section.anchor, made === undefined ? '' : thumbnail(made));
    }
    heads.set(part.path, withCards(part, cards, links));
  }
  return { pages, heads };
}

/** A name that a narrow card may break before a capital letter. */
const breakable = (name) => escapeHtml(name).replaceAll(/(?<=[a-z])(?=[A-Z])/g, '<wbr>');

/** Lists whose every line names a section become cards with thumbnails. */
function withCards({ path, head, list }, cards, links) {
  const from = addressOf(path);
  const line = /^- \[([^\]]+)\]\(#([\w-]+)\): (.*)$/;
  return head.replaceAll(/(?:^- \[[^\]]+\]\(#[\w-]+\): .*\n?)+/gm, (block) => {
    const items = block
      .trim()
      .split('\n')
      .map((text) => {
        const [, name, anchor, words] = line.exec(text);
        if (!cards.has(anchor))
          throw new Error(`${path} lists ${name}, which has no section among ${list.length}`);
        const href = relative(from, links.sections.get(`${path}#${anchor}`));
        const shown = words.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
        return `<li class="card">${cards.get(anchor)}<a href="${href}"><code>${breakable(name)}</code></a><p>${escapeHtml(shown)}</p></li>`;
      });
    return `<ul class="cards small">\n${items.join('\n')}\n</ul>\n`;
  });
}

/** The page of one section. */
async function sectionPage({ path, of, known, figure, formulas = false }, { heading, text, address }, links) {
  const model = of[heading];
  const names = new Set(model === undefined ? [] : known(model));
  const made = await figure(heading, model);
  const picture = made === undefined ? '' : await inline(made);
  // The picture stands behind the words on what the section is.
  const [first, ...rest] = text.startsWith('```') ? ['', text] : text.split('\n\n');
  const isOfSurrogates = heading === 'Surrogate gradients';
  // Their words are the captions of their curves.
  if (isOfSurrogates) rest.splice(0, rest.length, ...rest.filter((part) => !/^- \*\*/.test(part)));
  const body = [`# ${heading}`, first, '<!-- figure: picture -->', ...rest].join('\n\n');
  const extra = isOfSurrogates ? await surrogateCurves() : '';
  const { html, title, headings } = render(body, {
    path,
    address,
    links,
    figures: (name) => (name === 'picture' ? picture : undefined),
    equations: (lines) => equationsHtml(lines, names),
    formulas,
  });
  const page = {
    address,
    path,
    title,
    headings,
    html: html + extra,
    kind: path.slice('docs/reference/'.length, -'.md'.length),
    parent: addressOf(path),
  };
  return { page, made };
}

async function surrogateCurves() {
  const pictures = [];
  for (const { name } of surrogates) {
    const factory = camel(name);
    pictures.push(
      `<div id="${factory}">${await inline(await surrogateFigure(factory), { width: 300, caption: `${factory}: ${surrogateWords[name].replaceAll('`', '')}` })}</div>`,
    );
  }
  const custom = await inline(await customSurrogateFigure('1 / (1 + x^2)'), {
    width: 300,
    caption: "customSurrogate('1 / (1 + x^2)')",
  });
  return `<h2 id="curves">Curves</h2><p>Each by a backward pass of the engine with the default parameters.</p><div class="curves">${pictures.join('\n')}<div>${custom}</div></div>`;
}
