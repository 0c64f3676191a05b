// The API by topic, from the declarations and doc comments as api-extractor has read them (build/api).
import { existsSync } from 'node:fs';
import { ApiItemKind, ExcerptTokenKind } from '@microsoft/api-extractor-model';
import { entries, fileOf, markdown } from '../scripts/document/doc-comments.mjs';
import { relative } from './links.mjs';
import { escapeHtml, render } from './markdown.mjs';
import { topicOf, topics } from './topics.mjs';

const kinds = new Map([
  [ApiItemKind.Function, 'function'],
  [ApiItemKind.Class, 'class'],
  [ApiItemKind.Interface, 'interface'],
  [ApiItemKind.TypeAlias, 'type'],
  [ApiItemKind.Variable, 'value'],
]);

const roomOf = (item) =>
  fileOf(item)
    .replace(/^src-ts\//, '')
    .split('/')
    .slice(0, -1)
    .join('/');

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
  for (const { specifier, members } of entries)
    for (const item of members) {
      if (item.kind === ApiItemKind.Namespace)
        for (const member of item.members)
          add(member, `${item.displayName}.${member.displayName}`, topicOf(item.displayName), specifier);
      else add(item, item.displayName, topicOf(roomOf(item)), specifier);
    }
  const list = [...byName.values()];
  const anchors = new Map();
  for (const symbol of list) {
    const key = `${symbol.topic.name}#${symbol.name}`;
    const before = anchors.get(key) ?? 0;
    anchors.set(key, before + 1);
    symbol.anchor = before === 0 ? symbol.name : `${symbol.name}-${symbol.kind}`;
    symbol.address = `api/${symbol.topic.name}.html#${symbol.anchor}`;
  }
  return list;
}

/** A reference without the door: names are unique among all. */
const referenceOf = (reference) => String(reference).replace(/^lapicque-\w+!/, 'lapicque!');

/** Pages of all topics, and their overview. */
export function apiPages(links) {
  const all = symbols();
  const byReference = new Map(
    all.flatMap((symbol) => symbol.items.map((item) => [referenceOf(item.canonicalReference), symbol])),
  );
  const byName = new Map();
  for (const symbol of all)
    for (const name of [symbol.name, symbol.name.split('.').at(-1)])
      if (!byName.has(name)) byName.set(name, symbol);
  const titled = new Map(all.map(({ topic }) => [topic.name, topic.title]));
  const order = [
    ...topics.map(([name]) => name).filter((name) => titled.has(name)),
    ...[...titled.keys()].filter((name) => !topics.some(([known]) => known === name)),
  ];
  const pages = order.map((name) => {
    const address = `api/${name}.html`;
    const page = new Page(address, { byReference, byName, links });
    const list = all.filter(({ topic }) => topic.name === name).sort(inOrder);
    const html = `<h1>${titled.get(name)}</h1>\n${summary(list)}${list.map((symbol) => page.symbol(symbol)).join('\n')}`;
    // The page begins with all names; beside the text stand those that a program calls.
    const headings = list
      .filter(({ kind }) => kind === 'function' || kind === 'class' || kind === 'value')
      .map((symbol) => ({ level: 2, id: symbol.anchor, words: symbol.name }));
    return {
      address,
      title: titled.get(name),
      html,
      headings,
      kind: 'api',
      parent: 'api/index.html',
      count: list.length,
      description: listed(list),
    };
  });
  return { pages, symbols: all };
}

const rank = ['function', 'class', 'value', 'interface', 'type'];
/** What a program calls stands before the types of its arguments. */
const inOrder = (a, b) => rank.indexOf(a.kind) - rank.indexOf(b.kind) || a.name.localeCompare(b.name);

const listed = (list) =>
  list
    .filter(({ kind }) => kind === 'function' || kind === 'class')
    .slice(0, 12)
    .map(({ name }) => name);

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
