// Figures within a page: SVG whose colors are the page's, so that they follow its light and dark theme.

/** The light theme's colors, by the name of the property that replaces them. The first figure of the site's tests checks that none is left. */
const properties = new Map([
  ['#1b2130', '--figure-ink'],
  ['#5b6474', '--figure-muted'],
  ['#e4e7ec', '--figure-grid'],
  ['#0072b2', '--figure-0'],
  ['#d55e00', '--figure-1'],
  ['#009e73', '--figure-2'],
  ['#cc79a7', '--figure-3'],
  ['#56b4e9', '--figure-4'],
  ['#e69f00', '--figure-5'],
]);

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** A figure as HTML with its caption. */
export async function inline(made, { width = 640, caption = made.spec.caption } = {}) {
  const svg = await made.with({ width, fontSize: 13 }).svg();
  const colored = svg
    .replace(/<rect width="100%" height="100%"[^>]*\/>/, '')
    .replaceAll(/#[0-9a-f]{6}\b/gi, (color) => {
      const property = properties.get(color.toLowerCase());
      return property === undefined ? color : `var(${property})`;
    })
    .replace(/<title>[\s\S]*?<\/desc>/, '')
    // Names of marks within a picture, which has one name as a whole.
    .replaceAll(/ aria-[\w-]+="[^"]*"/g, '')
    .replace('role="img"', `role="img" aria-label="${escaped(`${made.spec.title}. ${made.spec.caption}`)}"`)
    .replace(/(<svg[^>]*?) width="[\d.]+" height="[\d.]+"/, '$1')
    .replaceAll(/ d="[^"]*"/g, (path) => path.replaceAll(/(\.\d{2})\d+/g, '$1'));
  return `<figure class="plot"><div class="scroll" role="group" aria-label="Figure">${colored}</div><figcaption>${escaped(caption)}</figcaption></figure>`;
}
