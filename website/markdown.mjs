// Markdown as HTML: headings with GitHub's anchors, links of the site, colored code, tables that scroll, figures, and code of another library beside ours.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import typescript from 'highlight.js/lib/languages/typescript';
import yaml from 'highlight.js/lib/languages/yaml';
import MarkdownIt from 'markdown-it';
import { inlineHtml, partsOf } from './equations/typeset.mjs';
import { anchors } from './headings.mjs';
import { inlineSvg } from './pictures/inline.mjs';

const languages = { bash, c, json, python, rust, typescript, yaml };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);
hljs.registerAliases(['sh', 'shell', 'console'], { languageName: 'bash' });
hljs.registerAliases(['js', 'mjs', 'ts', 'cjs'], { languageName: 'typescript' });
hljs.registerAliases(['rs'], { languageName: 'rust' });

const titles = {
  js: 'JavaScript',
  ts: 'TypeScript',
  python: 'Python',
  sh: 'Shell',
  rust: 'Rust',
  json: 'JSON',
  c: 'C',
  text: 'Text',
};

/** Code with its colors. */
export function highlighted(code, language) {
  return hljs.getLanguage(language) === undefined
    ? markdownIt.utils.escapeHtml(code)
    : hljs.highlight(code, { language, ignoreIllegals: true }).value;
}

/** A block of code; readers with a keyboard can scroll it. */
export function codeBlock(code, language) {
  const title = titles[language] ?? language;
  return `<pre class="code" role="group" aria-label="${title === '' ? 'Code' : `${title} code`}"><code>${highlighted(code.replace(/\n$/, ''), language)}</code></pre>\n`;
}

const markdownIt = new MarkdownIt({ html: true, linkify: false });
markdownIt.renderer.rules.fence = (list, index) => {
  const { content, info } = list[index];
  const html = codeBlock(content, info.trim());
  // Another library's lines and ours stand side by side.
  const python = (token) => token?.type === 'fence' && token.info.trim() === 'python';
  const ours = (token) => token?.type === 'fence' && /^[jt]s$/.test(token.info.trim());
  const named = (name) => `<div><p class="language">${name}</p>${html}</div>`;
  if (python(list[index]) && ours(list[index + 1])) return `<div class="beside">${named('Python')}`;
  return ours(list[index]) && python(list[index - 1]) ? `${named('lapicque')}</div>` : html;
};
markdownIt.renderer.rules.table_open = (list, index) =>
  `<div class="table${list[index].meta?.isWide ? ' wide' : ''}" role="group" aria-label="Table"><table${markdownIt.renderer.renderAttrs(list[index])}>\n`;
markdownIt.renderer.rules.table_close = () => '</table></div>\n';
// A head without words is no head for a screen reader.
markdownIt.renderer.rules.th_open = (list, index) =>
  list[index + 1].content.trim() === ''
    ? '<td>'
    : `<th scope="col"${markdownIt.renderer.renderAttrs(list[index])}>`;
markdownIt.renderer.rules.th_close = (list, index) =>
  list[index - 1].content.trim() === '' ? '</td>' : '</th>';

/** The plain text of an inline token. */
const plain = (token) =>
  (token.children ?? [])
    .map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : ''))
    .join('');

/**
 * The HTML of a Markdown text, its title, and its headings.
 *
 * @param path - the file, for its links
 * @param address - the page, for its links
 * @param figures - the HTML of a figure by its name, where the text has `<!-- figure: name -->`
 * @param equations - the HTML of the lines of a block of text, which is one of equations then
 * @param formulas - whether formulas within sentences are typeset
 */
export function render(text, { path, address, links, figures, equations, formulas = false }) {
  const list = markdownIt.parse(text, {});
  labelCells(list);
  const anchor = anchors();
  const headings = [];
  let title;
  for (const [i, token] of list.entries()) {
    if (token.type === 'heading_open') {
      const inline = list[i + 1];
      const words = plain(inline);
      const id = anchor(inline.content.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1'));
      token.attrSet('id', id);
      const level = Number(token.tag.slice(1));
      if (level === 1 && title === undefined) title = words;
      else headings.push({ level, id, words });
      if (level > 1) {
        const link = new inline.children[0].constructor('html_inline', '', 0);
        link.content = ` <a class="anchor" href="#${id}" aria-label="Link to “${markdownIt.utils.escapeHtml(words)}”">#</a>`;
        inline.children.push(link);
      }
    }
    if (token.type === 'inline' && !embed(list.slice(i - 1, i + 2), path))
      relink(token.children, path, address, links);
    if (formulas && token.type === 'inline' && list[i - 1].type === 'paragraph_open')
      token.children.forEach(typeset);
    if (equations !== undefined && token.type === 'fence' && token.info.trim() === 'text') {
      token.type = 'html_block';
      token.content = equations(token.content.trim().split('\n'));
    } else if (token.type === 'html_block') token.content = figured(token.content, figures);
  }
  return { title, headings, html: markdownIt.renderer.render(list, markdownIt.options, {}) };
}

/** The columns above which a phone shows each row of a table as a list. */
const maxColumns = 3;

/** Parts of a table, by the roles that they keep where a style makes them blocks. */
const roles = {
  table: 'table',
  thead: 'rowgroup',
  tbody: 'rowgroup',
  tr: 'row',
  th: 'columnheader',
  td: 'cell',
};

/** Cells of tables with many columns get the names of their columns. */
function labelCells(list) {
  for (const [start, table] of list.entries()) {
    if (table.type !== 'table_open') continue;
    const parts = list.slice(
      start,
      list.indexOf(list.find((one, i) => i > start && one.type === 'table_close')),
    );
    const heads = parts.flatMap(({ type }, i) => (type === 'th_open' ? [plain(parts[i + 1])] : []));
    if (heads.length <= maxColumns) continue;
    table.meta = { isWide: true };
    let column = 0;
    for (const part of parts) {
      if (part.type === 'tr_open') column = 0;
      if (part.nesting === 1 && part.tag in roles) part.attrSet('role', roles[part.tag]);
      if (part.type === 'td_open') part.attrSet('data-label', heads[column++]);
    }
  }
}

/** A picture that follows light and dark, alone in its paragraph, becomes a part of the page: it then follows the page's switch too. */
function embed([open, { children }, close], path) {
  const [image, ...others] = children;
  const src = image?.type === 'image' && others.length === 0 ? image.attrGet('src') : '';
  if (!/^\.\.\/images\/tutorials\/.*\.svg$/.test(src)) return false;
  const svg = readFileSync(posix.join(posix.dirname(path), src), 'utf8');
  if (!svg.includes('prefers-color-scheme')) return false;
  image.type = 'html_inline';
  image.content = `<figure class="plot">${inlineSvg(svg, plain({ children: image.children }))}</figure>`;
  open.hidden = true;
  close.hidden = true;
  return true;
}

/** The title of the page that a link of a file leads to; undefined if it leads to none. */
function titleOf(href, path, links) {
  const target = posix.join(posix.dirname(path), href.split('#')[0]);
  if (!links.pages.has(target)) return undefined;
  return /^# (.*)$/m.exec(readFileSync(target, 'utf8'))?.[1].replaceAll('`', '');
}

function relink(children, path, address, links) {
  for (const [i, token] of children.entries()) {
    if (token.type === 'link_open') {
      const href = token.attrGet('href');
      // A reader of the site knows pages by their titles: the name of a file is for readers of the repository.
      const words = children[i + 1];
      if (words?.type === 'text' && /^[\w-]+\.md$/.test(words.content))
        words.content = titleOf(href, path, links) ?? words.content;
      token.attrSet('href', links.resolve(href, path, address));
    }
    if (token.type === 'image') {
      const src = links.resolve(token.attrGet('src'), path, address);
      token.attrSet('src', src);
      // A picture of the gallery can be linked to.
      const [, name] = /\/gallery\/(\w+)\.svg$/.exec(src) ?? [];
      if (name !== undefined) token.attrSet('id', `picture-${name}`);
      token.attrSet('loading', 'lazy');
    }
  }
}

/** Code that is a formula, such as `y = a x + b`, as one. */
function typeset(token) {
  if (token.type !== 'code_inline' || !/ = /.test(token.content)) return;
  const parts = partsOf(token.content);
  if (
    !parts.some(({ tex }) => tex !== undefined) ||
    parts.some(({ words = '' }) => words.split(' ').length > 2)
  )
    return;
  token.type = 'html_inline';
  token.content = `<span class="formula">${inlineHtml(token.content)}</span>`;
}

/** Comments that ask for a figure, as the figure; no other comment is for readers. */
function figured(html, figures) {
  return html.replaceAll(/<!--([\s\S]*?)-->/g, (_, comment) => {
    const [, name] = /^\s*figure: ([\w/-]+)\s*$/.exec(comment) ?? [];
    if (name === undefined) return '';
    const figure = figures?.(name);
    if (figure === undefined) throw new Error(`there is no figure ${name}`);
    return figure;
  });
}

export const { escapeHtml } = markdownIt.utils;
