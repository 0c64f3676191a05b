// Files and folders of the repository that a page links to, as they are.
import { readFileSync, statSync } from 'node:fs';
import { namesIn, relative } from './links.mjs';
import { escapeHtml } from './markdown.mjs';

/** The most bytes of a file that are shown. */
const maxBytes = 200_000;

export function sourcePages(links) {
  return [...links.sources].sort().map((path) => {
    const address = links.source(path);
    const html = statSync(path).isDirectory() ? folder(path, address, links) : file(path);
    return {
      address,
      title: path,
      html: `<h1 class="path">${path}</h1>${html}`,
      headings: [],
      kind: 'source',
    };
  });
}

function file(path) {
  const text = readFileSync(path, 'utf8');
  if (text.includes('\0')) return `<p>A file of ${statSync(path).size} bytes.</p>`;
  const cut = text.length > maxBytes ? '<p>The beginning of the file:</p>' : '';
  return `${cut}<pre class="code" role="group" aria-label="Source"><code>${escapeHtml(text.slice(0, maxBytes))}</code></pre>`;
}

/** Names in a folder; those that have pages are links. */
function folder(path, address, links) {
  const names = namesIn(path).map((name) => {
    const inner = `${path}/${name.replace(/\/$/, '')}`;
    const known = links.pages.get(inner) ?? (links.sources.has(inner) ? links.source(inner) : undefined);
    return `<li>${known === undefined ? `<code>${name}</code>` : `<a href="${relative(address, known)}"><code>${name}</code></a>`}</li>`;
  });
  return `<ul>${names.join('\n')}</ul>`;
}
