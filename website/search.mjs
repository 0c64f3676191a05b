// What the search finds: a record for each section of each page. The page loads them with a script element, which works from a folder, too.

const entities = new Map(
  Object.entries({
    '&lt;': '<',
    '&gt;': '>',
    '&amp;': '&',
    '&quot;': '"',
    '&#39;': "'",
    '&#x27;': "'",
    '&nbsp;': ' ',
  }),
);

/** The words of some HTML, without its pictures and the MathML that repeats a formula. */
function wordsOf(html) {
  return html
    .replaceAll(/<(svg|annotation|figcaption|script)\b[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<a class="anchor"[\s\S]*?<\/a>/g, '')
    .replaceAll(/<span class="katex-html"[\s\S]*?(?=<\/div>|<\/p>)/g, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(?:lt|gt|amp|quot|nbsp|#39|#x27);/g, (entity) => entities.get(entity))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Records `[address, page, heading, text]` of the pages. */
export function searchRecords(pages) {
  return pages.flatMap(({ address, title, html, kind, searchText }) => {
    if (kind === 'source') return [];
    if (searchText !== undefined) return [[address, title, '', searchText]];
    const sections = html.split(/(?=<h[2-4] id=")/);
    return sections.flatMap((section, i) => {
      const [, id, heading] = i === 0 ? [] : /^<h[2-4] id="([^"]+)"[^>]*>([\s\S]*?)<\/h[2-4]>/.exec(section);
      const text = wordsOf(section.replace(/^<h[1-4][\s\S]*?<\/h[1-4]>/, ''));
      const words =
        heading === undefined ? '' : wordsOf(heading.replace(/<span class="kind">.*?<\/span>/, ''));
      return i > 0 || text !== ''
        ? [[id === undefined ? address : `${address}#${id}`, title, words, text]]
        : [];
    });
  });
}

/** The script that gives the records to the page. */
export function searchScript(pages) {
  // A line separator within a string would end a line in old engines.
  const json = JSON.stringify(searchRecords(pages))
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `window.lapicqueSearch=${json};\n`;
}
