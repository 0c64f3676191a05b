// Thumbnails of the gallery. Each leads to its picture below.
import { readFileSync } from 'node:fs';
import { escapeHtml } from '../markdown.mjs';

const page = 'docs/reference/gallery.md';

/** The HTML of the thumbnails. Each picture of the gallery has its name as id: `picture-raster`. */
export function galleryThumbnails() {
  const items = [...readFileSync(page, 'utf8').matchAll(/^!\[(.*)\]\(.*\/gallery\/(\w+)\.svg\)$/gm)].map(
    ([, words, name]) =>
      `<li class="card"><img class="thumbnail" loading="lazy" src="../images/gallery/${name}.svg" alt="Thumbnail: ${escapeHtml(words)}"><a href="#picture-${name}">${escapeHtml(words)}</a></li>`,
  );
  return `<ul class="cards small">${items.join('\n')}</ul>`;
}
