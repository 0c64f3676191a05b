// Figures within a page: SVG whose colors are variables of the page, so that they follow its light and dark theme.

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** An SVG of the theme `auto` as HTML: its colors are the page's, its name is `label`. */
export function inlineSvg(svg, label) {
  const colored = svg
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<rect width="100%" height="100%"[^>]*\/>/, '')
    .replace(/<title>[\s\S]*?<\/desc>/, '')
    // Names of marks within a picture, which has one name as a whole.
    .replaceAll(/ aria-[\w-]+="[^"]*"/g, '')
    .replace('role="img"', `role="img" aria-label="${escaped(label)}"`)
    .replace(/(<svg[^>]*?) width="[\d.]+" height="[\d.]+"/, '$1')
    .replaceAll(/ d="[^"]*"/g, (path) => path.replaceAll(/(\.\d{2})\d+/g, '$1'));
  return `<div class="scroll" role="group" aria-label="Figure">${colored}</div>`;
}

/** A figure as HTML with its caption. */
export async function inline(made, { width = 640, caption = made.spec.caption } = {}) {
  const svg = await made.with({ width, fontSize: 13, theme: 'auto' }).svg();
  const label = `${made.spec.title}. ${made.spec.caption}`;
  return `<figure class="plot">${inlineSvg(svg, label)}<figcaption>${escaped(caption)}</figcaption></figure>`;
}
