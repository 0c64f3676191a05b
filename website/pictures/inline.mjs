// Figures within a page: SVG whose colors are variables of the page, so that they follow its light and dark theme.

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** A figure as HTML with its caption. */
export async function inline(made, { width = 640, caption = made.spec.caption } = {}) {
  const svg = await made.with({ width, fontSize: 13, theme: 'auto' }).svg();
  const colored = svg
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<rect width="100%" height="100%"[^>]*\/>/, '')
    .replace(/<title>[\s\S]*?<\/desc>/, '')
    // Names of marks within a picture, which has one name as a whole.
    .replaceAll(/ aria-[\w-]+="[^"]*"/g, '')
    .replace('role="img"', `role="img" aria-label="${escaped(`${made.spec.title}. ${made.spec.caption}`)}"`)
    .replace(/(<svg[^>]*?) width="[\d.]+" height="[\d.]+"/, '$1')
    .replaceAll(/ d="[^"]*"/g, (path) => path.replaceAll(/(\.\d{2})\d+/g, '$1'));
  return `<figure class="plot"><div class="scroll" role="group" aria-label="Figure">${colored}</div><figcaption>${escaped(caption)}</figcaption></figure>`;
}
