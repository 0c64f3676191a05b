// Where the relative links of the repository's Markdown lead in the site.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { addressOf } from './navigation.mjs';

/** From the page at one address to another. */
export function relative(from, to) {
  const path = posix.relative(posix.dirname(from), to);
  return path === '' ? posix.basename(to) : path;
}

/** Links of the site: which files have pages, and which files of the repository are shown because something links to them. */
export class Links {
  /** @param markdown - paths of the Markdown files that are pages */
  constructor(markdown) {
    this.pages = new Map(['README.md', ...markdown].map((path) => [path, addressOf(path)]));
    /** Sections that are pages of their own: `docs/reference/models.md#lif`. */
    this.sections = new Map();
    /** Files and folders of the repository with a page of their source. */
    this.sources = new Set();
  }

  /** The address of a file of the repository, or of a section of it. */
  address(path, anchor) {
    const section = this.sections.get(`${path}#${anchor}`);
    if (section !== undefined) return section;
    const hash = anchor === undefined ? '' : `#${anchor}`;
    const page = this.pages.get(path);
    if (page !== undefined) return page + hash;
    if (path === 'index.d.ts') return 'api/index.html';
    if (path === 'examples') return 'examples/index.html';
    if (/^examples\/(?:training|circuits|events|studies|chip)\/[\w-]+\.mjs$/.test(path))
      return path.replace(/\.mjs$/, '.html');
    if (/\.(?:png|svg|jpe?g)$/.test(path)) return path;
    return this.source(path) + hash;
  }

  /** The page of a file's source, or of a folder's list. */
  source(path) {
    if (!existsSync(path)) throw new Error(`a link leads to ${path}, which does not exist`);
    this.sources.add(path);
    return statSync(path).isDirectory() ? `source/${path}/index.html` : `source/${path}.html`;
  }

  /** What a link of a Markdown file is on the page at `from`. */
  resolve(href, file, from) {
    if (/^[a-z]+:/i.test(href)) return href;
    const [target, anchor] = href.split('#');
    const path =
      target === '' ? file : posix.normalize(posix.join(posix.dirname(file), target)).replace(/\/$/, '');
    const [address, hash] = this.address(path, anchor).split('#');
    return `${address === from && hash !== undefined ? '' : relative(from, address)}${hash === undefined ? '' : `#${hash}`}`;
  }
}

/** The names in a folder. */
export const namesIn = (path) =>
  readdirSync(path, { withFileTypes: true }).map((entry) =>
    entry.isDirectory() ? `${entry.name}/` : entry.name,
  );
