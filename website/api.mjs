// The API by door and topic, from the declarations and doc comments as api-extractor has read them (build/api).
import { existsSync } from 'node:fs';
import { ApiItemKind, ExcerptTokenKind } from '@microsoft/api-extractor-model';
import { entries, fileOf, markdown } from '../scripts/document/doc-comments.mjs';
import { relative } from './links.mjs';
import { codeBlock, escapeHtml, render } from './markdown.mjs';
import { imported, topicOf, topicsOf } from './topics.mjs';

const kinds = new Map([
  [ApiItemKind.Function, 'function'],
  [ApiItemKind.Class, 'class'],
  [ApiItemKind.Interface, 'interface'],
  [ApiItemKind.TypeAlias, 'type'],
  [ApiItemKind.Variable, 'value'],
]);

const placeOf = (item) => fileOf(item).replace(/^src-ts\//, '');
const doorOf = (specifier) => specifier.replace(/^lapicque\//, '');

/** `Map.groupBy`, which Node.js 20 does not have. */
function groupBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** The members of an item, of a class with those that it inherits. */
const membersOf = (item) =>
  item.kind === ApiItemKind.Class ? item.findMembersWithInheritance().items : (item.members ?? []);

/** Every exported symbol: its declarations (several of an overloaded function), its qualified name, its topic, its address. */
export function symbols() {
  const byName = new Map();
  const add = (item, qualified, topic, door) => {
    if (item.displayName.startsWith('_') || !kinds.has(item.kind)) return;
    const key = `${kinds.get(item.kind)} ${qualified}`;
    const symbol = byName.get(key) ?? { name: qualified, kind: kinds.get(item.kind), topic, door, items: [] };
    symbol.items.push(item);
    byName.set(key, symbol);
  };
  for (const { specifier, members } of entries) {
    const topic = (place) => topicOf(doorOf(specifier), place);
    for (const item of members) {
      if (item.kind === ApiItemKind.Namespace)
        for (const member of item.members)
          add(member, `${item.displayName}.${member.displayName}`, topic(item.displayName), specifier);
      else add(item, item.displayName, topic(placeOf(item)), specifier);
    }
  }
  const list = [...byName.values()];
  divideTopics(list);
  const anchors = new Map();
  for (const symbol of list) {
    symbol.page = `api/${doorOf(symbol.door)}/${symbol.topic.name}.html`;
    const key = `${symbol.page}#${symbol.name}`;
    const before = anchors.get(key) ?? 0;
    anchors.set(key, before + 1);
    symbol.anchor = before === 0 ? symbol.name : `${symbol.name}-${symbol.kind}`;
    symbol.address = `${symbol.page}#${symbol.anchor}`;
  }
  return list;
}

/** The most that a page holds: about 20,000 pixels. */
const fullPage = 230;
const isType = ({ kind }) => kind === 'interface' || kind === 'type';
/** How much of a page a symbol takes. */
const weightOf = (symbol) =>
  symbol.items.reduce(
    (sum, item) => sum + (isType(symbol) ? 3 : 7) + membersOf(item).length + (item.parameters?.length ?? 0),
    0,
  );

/** Divides topics that are longer than a page: types have pages of their own, and a long list goes on on further pages. */
function divideTopics(list) {
  const topicKey = ({ door, topic }) => `${door} ${topic.name}`;
  const total = (symbols) => symbols.reduce((sum, symbol) => sum + weightOf(symbol), 0);
  for (const symbols of groupBy(list, topicKey).values()) {
    const types = symbols.filter(isType);
    if (total(symbols) <= fullPage || types.length === symbols.length) continue;
    const { name, title } = types[0]?.topic ?? {};
    for (const symbol of types) symbol.topic = { name: `${name}-types`, title: `${title}: types`, of: name };
  }
  for (const symbols of groupBy(list, topicKey).values()) {
    const parts = Math.ceil(total(symbols) / fullPage);
    if (parts === 1) continue;
    const share = total(symbols) / parts;
    const [{ topic }] = symbols;
    let before = 0;
    for (const symbol of symbols.sort(inOrder)) {
      const part = Math.min(parts, 1 + Math.floor(before / share));
      before += weightOf(symbol);
      symbol.topic = {
        name: part === 1 ? topic.name : `${topic.name}-${part}`,
        title: `${topic.title} (${part} of ${parts})`,
        of: topic.of ?? topic.name,
      };
    }
  }
}

/** A reference without the door: names are unique among all. */
const referenceOf = (reference) => String(reference).replace(/^lapicque-\w+!/, 'lapicque!');

/** Pages of all doors and topics, and their overview. */
export function apiPages(links) {
  const all = symbols();
  const byReference = new Map(
    all.flatMap((symbol) => symbol.items.map((item) => [referenceOf(item.canonicalReference), symbol])),
  );
  const byName = new Map();
  for (const symbol of all)
    for (const name of [symbol.name, symbol.name.split('.').at(-1)])
      if (!byName.has(name)) byName.set(name, symbol);
  const doors = entries.map(({ specifier, words }) => {
    const own = all.filter(({ door }) => door === specifier);
    const order = topicsOf(doorOf(specifier));
    const at = ({ name, of = name }) => (order.indexOf(of) + order.length + 1) % (order.length + 1);
    const groups = [...groupBy(own, ({ page }) => page)].sort(
      ([, [a]], [, [b]]) => at(a.topic) - at(b.topic) || a.topic.name.localeCompare(b.topic.name),
    );
    const parent = `api/${doorOf(specifier)}.html`;
    const pages = groups.map(([address, list]) =>
      topicPage(address, list.sort(inOrder), parent, { byReference, byName, links }),
    );
    return { specifier, words, address: parent, pages, count: own.length };
  });
  return {
    pages: [overview(doors, all.length), ...doors.map(doorPage), ...doors.flatMap(({ pages }) => pages)],
    symbols: all,
  };
}

/** The page of a topic. */
function topicPage(address, list, parent, context) {
  const page = new Page(address, context);
  const [{ topic }] = list;
  const html = `<h1>${topic.title}</h1>\n${summary(list)}${list.map((symbol) => page.symbol(symbol)).join('\n')}`;
  // The page begins with all names; beside the text stand those that a program calls.
  const headings = list
    .filter((symbol) => !isType(symbol))
    .map((symbol) => ({ level: 2, id: symbol.anchor, words: symbol.name }));
  return { address, title: topic.title, html, headings, kind: 'api', parent, list };
}

/** The page of a door: how to import from it, and its topics with all names. */
function doorPage({ specifier, words, address, pages }) {
  const sections = pages.map(({ address: to, title, list }) => {
    const href = relative(address, to);
    const names = list.map(
      ({ name, anchor }) => `<a href="${href}#${anchor}"><code>${escapeHtml(name)}</code></a>`,
    );
    const id = to.split('/').at(-1).replace('.html', '');
    return `<h2 id="${id}"><a href="${href}">${title}</a></h2><p class="names">${names.join(' ')}</p>`;
  });
  const html = `<h1><code>${specifier}</code></h1><p>${escapeHtml(words)}</p>${codeBlock(`import { ${imported[doorOf(specifier)]} } from '${specifier}';`, 'js')}${sections.join('\n')}`;
  return { address, title: specifier, html, headings: [], kind: 'api', parent: 'api/index.html' };
}

/** A link to the first page of each topic. */
const topicLinks = (pages) =>
  pages
    .filter(({ list: [{ topic }] }) => topic.of === undefined || topic.name === topic.of)
    .map(
      ({ address, title }) =>
        `<a href="${relative('api/index.html', address)}">${title.replace(/ \(1 of \d+\)$/, '')}</a>`,
    )
    .join(' · ');

/** The page of all doors. */
function overview(doors, count) {
  const cards = doors.map(
    ({ specifier, words, address, pages }) =>
      `<li class="card"><a href="${relative('api/index.html', address)}"><code>${specifier}</code></a><p>${escapeHtml(words)}</p><p>${topicLinks(pages)}</p></li>`,
  );
  return {
    address: 'api/index.html',
    title: 'API',
    html: `<h1>API</h1><p>The library has thirteen entries. Each of the ${count} exported names is imported from one of them; its page has the declaration and the doc comment, as in <code>index.d.ts</code>. The search finds each name.</p><ul class="cards">${cards.join('\n')}</ul>`,
    headings: [],
    kind: 'api',
  };
}

const rank = ['function', 'class', 'value', 'interface', 'type'];
/** Functions and classes come before the types of their arguments. */
const inOrder = (a, b) => rank.indexOf(a.kind) - rank.indexOf(b.kind) || a.name.localeCompare(b.name);

/** The names on a page, by kind. */
function summary(list) {
  const groups = [
    ['Functions', 'function'],
    ['Classes', 'class'],
    ['Values', 'value'],
    ['Interfaces', 'interface'],
    ['Types', 'type'],
  ];
  const rows = groups.flatMap(([title, kind]) => {
    const named = list.filter((symbol) => symbol.kind === kind);
    if (named.length === 0) return [];
    const names = named
      .map(({ name, anchor }) => `<a href="#${anchor}"><code>${escapeHtml(name)}</code></a>`)
      .join(' ');
    return [`<p class="names"><strong>${title}</strong> ${names}</p>`];
  });
  return `${rows.join('\n')}\n`;
}

/** One page's symbols as HTML. */
class Page {
  constructor(address, context) {
    this.address = address;
    this.context = context;
  }

  href(address) {
    const [path, anchor] = address.split('#');
    return path === this.address ? `#${anchor}` : `${relative(this.address, path)}#${anchor}`;
  }

  /** The name of something as a link in Markdown. */
  link(name) {
    const { byName } = this.context;
    const symbol = byName.get(name) ?? byName.get(name.split('.')[0]);
    if (symbol === undefined) return `\`${name}\``;
    const member =
      symbol.name === name || byName.get(name) === symbol ? '' : `.${name.split('.').slice(1).join('.')}`;
    const known =
      member === '' ||
      symbol.items.some((item) => membersOf(item).some(({ displayName }) => `.${displayName}` === member));
    return `[\`${name}\`](api:${symbol.address}${known ? member : ''})`;
  }

  /** A comment's section as HTML. */
  prose(node) {
    const text = markdown(node, (name) => this.link(name));
    return this.html(text);
  }

  html(text) {
    const { html } = render(text, {
      path: 'index.d.ts',
      address: this.address,
      links: { resolve: (href) => (href.startsWith('api:') ? this.href(href.slice(4)) : href) },
    });
    return html;
  }

  /** One paragraph without its element. */
  line(node) {
    return this.prose(node)
      .trim()
      .replace(/^<p>([\s\S]*)<\/p>$/, '$1');
  }

  /** Tokens of a declaration as code, with a link at each type that is exported. */
  code(excerpt, skip = 0) {
    const text = excerpt.spannedTokens
      .map((token) => {
        const words = escapeHtml(token.text);
        if (token.kind !== ExcerptTokenKind.Reference) return words;
        const symbol = this.context.byReference.get(referenceOf(token.canonicalReference));
        return symbol === undefined ? words : `<a href="${this.href(symbol.address)}">${words}</a>`;
      })
      .join('');
    return skip === 0
      ? text
      : text
          .replace(/^export declare /, '')
          .replace(/^(?:function|const|abstract class) /, (word) => (word === 'function ' ? '' : word));
  }

  symbol({ name, kind, door, anchor, items }) {
    const [first] = items;
    const file = fileOf(first);
    const source = existsSync(file)
      ? ` <a class="file" href="${relative(this.address, this.context.links.source(file))}">${file}</a>`
      : '';
    const parts = [
      `<h2 id="${anchor}"><code>${escapeHtml(name)}</code> <span class="kind">${kind}</span> <a class="anchor" href="#${anchor}" aria-label="Link to ${escapeHtml(name)}">#</a></h2>`,
      `<p class="door">Import from <code>'${door}'</code></p>`,
      ...items.map((item) => this.declaration(item, name)),
      source === '' ? '' : `<p class="source">Source:${source}</p>`,
    ];
    return `<section class="symbol">${parts.join('\n')}</section>`;
  }

  declaration(item, name) {
    const { excerpt, tsdocComment } = item;
    const parts = [
      `<pre class="code signature" role="group" aria-label="Declaration of ${escapeHtml(name)}"><code>${this.code(excerpt, 1).trim()}</code></pre>`,
    ];
    parts.push(this.comment(item, tsdocComment));
    const members = membersOf(item).filter(({ displayName }) => !displayName.startsWith('_'));
    if (members.length > 0 && item.kind !== ApiItemKind.Enum) parts.push(this.members(members, name));
    return parts.join('\n');
  }

  /** Text, parameters, result, errors, examples. */
  comment(item, comment) {
    if (comment === undefined) return '';
    const parts = [this.prose(comment.summarySection)];
    if (comment.remarksBlock !== undefined) parts.push(this.prose(comment.remarksBlock.content));
    const parameters = (item.parameters ?? []).filter(({ tsdocParamBlock }) => tsdocParamBlock !== undefined);
    if (parameters.length > 0) {
      const rows = parameters.map(
        ({ name, parameterTypeExcerpt, tsdocParamBlock }) =>
          `<dt><code>${escapeHtml(name)}</code> <code class="type">${this.code(parameterTypeExcerpt)}</code></dt><dd>${this.line(tsdocParamBlock.content)}</dd>`,
      );
      parts.push(`<dl class="members">${rows.join('\n')}</dl>`);
    }
    if (comment.returnsBlock !== undefined)
      parts.push(`<p><strong>Returns</strong> ${this.line(comment.returnsBlock.content)}</p>`);
    const blocks = (tag) => comment.customBlocks.filter(({ blockTag }) => blockTag.tagName === tag);
    for (const block of blocks('@throws'))
      parts.push(`<div class="throws"><strong>Throws</strong> ${this.line(block.content)}</div>`);
    for (const block of blocks('@example')) parts.push(this.prose(block.content));
    return parts.join('\n');
  }

  members(members, name) {
    const seen = new Set();
    const rows = members.map((member) => {
      const { displayName, excerpt, tsdocComment } = member;
      const id = `${name}.${displayName}`;
      const first = !seen.has(id);
      seen.add(id);
      return `<dt${first ? ` id="${escapeHtml(id)}"` : ''}><code class="type">${this.code(excerpt).trim().replace(/;$/, '')}</code></dt><dd>${this.comment(member, tsdocComment)}</dd>`;
    });
    return `<dl class="members">${rows.join('\n')}</dl>`;
  }
}
