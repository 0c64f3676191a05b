// The frame of every page: header with the search, navigation, text, contents of the page.
import { relative } from '../links.mjs';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

export function render({ content, entry, made }) {
  const { address, title, headings, kind } = entry;
  const to = (target) => relative(address, target);
  const root = '../'.repeat(address.split('/').length - 1);
  const current = entry.parent ?? address;
  return `<!doctype html>
<html lang="en" data-root="${root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(kind === 'home' ? 'lapicque: spiking neural networks for Node.js' : `${title} · lapicque`)}</title>
<meta name="description" content="${escaped(`${title}. Documentation of lapicque, spiking neural networks for Node.js.`)}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${root}assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${root}assets/site.css">
${content.includes('class="katex"') ? `<link rel="stylesheet" href="${root}assets/katex.css">\n` : ''}<script src="${root}assets/theme.js"></script>
</head>
<body class="${kind}">
<a class="skip" href="#main">Skip to the text</a>
<header class="top">
<button class="menu" type="button" aria-expanded="false" aria-controls="navigation">Menu</button>
<a class="name" href="${to('index.html')}">lapicque</a>
<div class="search" role="search">
<input type="search" id="search" placeholder="Search" aria-label="Search the documentation" autocomplete="off" role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list">
<ul id="found" role="listbox" aria-label="Results" hidden></ul>
<p class="status" role="status"></p>
</div>
<button class="theme" type="button" aria-label="Theme">◐</button>
</header>
<nav id="navigation" aria-label="Pages">${navigation(made, current, to)}</nav>
<div class="page">
<main id="main" tabindex="-1">
${entry.parent === undefined ? '' : `<p class="parent"><a href="${to(entry.parent)}">${escaped(titleOf(made, entry.parent))}</a></p>`}
${content}
${neighbors(made, entry, to)}
</main>
${contents(headings)}
</div>
<footer><p>lapicque, MIT license. This page is ${entry.path === undefined ? 'made by <code>npm run site</code>' : `<code>${entry.path}</code> of the repository`}.</p></footer>
<script src="${root}assets/site.js"></script>
</body>
</html>
`;
}

const titleOf = (made, address) => made.pages.find((page) => page.address === address).title;

function navigation({ navigation: sections }, current, to) {
  return sections
    .map(({ title, pages }) => {
      const open = pages.some(({ address }) => address === current);
      const items = pages.map(
        ({ address, title: words }) =>
          `<li><a href="${to(address)}"${address === current ? ' aria-current="page"' : ''}>${escaped(words)}</a></li>`,
      );
      return `<details${open || (current === 'index.html' && title === 'Getting started') ? ' open' : ''}><summary>${title}</summary><ul>${items.join('')}</ul></details>`;
    })
    .join('\n');
}

/** The pages before and behind this one: in the navigation, or among the neurons, layers, synapses, topics of the API or examples. */
function neighbors({ navigation: sections, pages }, { address, kind, parent }, to) {
  const list =
    parent === undefined
      ? sections.flatMap((section) => section.pages)
      : pages.filter((page) => page.parent === parent);
  const at = list.findIndex((page) => page.address === address);
  if (at < 0 || kind === 'home') return '';
  const link = (page, words, side) =>
    page === undefined
      ? '<span></span>'
      : `<a rel="${side}" href="${to(page.address)}"><span>${words}</span> ${escaped(page.title)}</a>`;
  return `<nav class="neighbors" aria-label="Neighboring pages">${link(list[at - 1], 'Previous', 'prev')}${link(list[at + 1], 'Next', 'next')}</nav>`;
}

function contents(headings) {
  const list = headings.filter(({ level }) => level <= 3);
  if (list.length < 2) return '';
  const items = list.map(
    ({ level, id, words }) => `<li class="level${level}"><a href="#${id}">${escaped(words)}</a></li>`,
  );
  return `<nav class="contents" aria-label="On this page"><p>On this page</p><ul>${items.join('')}</ul></nav>`;
}
