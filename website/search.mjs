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

/** Words that a reader looks for and that the page does not call so in a heading, by its address. */
const keywords = {
  'docs/tutorials/index.html': 'install installation setup npm getting started',
  'docs/tutorials/first-network.html': 'hello world example train beginner what is a spike',
  'docs/tutorials/serve.html': 'save model load model',
  'docs/guides/training.html': 'train learn fit backpropagation gradient descent learning rate overfitting',
  'docs/guides/your-data.html': 'csv own data set variable length sequences padding audio sound wav arrays',
  'docs/guides/troubleshooting.html': 'dead neurons silent no spikes firing rate too high nothing learns',
  'docs/guides/glossary.html': 'what is a spiking network',
  'docs/guides/figures.html': 'report plot',
  'docs/guides/networks.html': 'simulate simulation circuit population',
  'docs/reference/circuits.html': 'seed random',
  'docs/reference/circuit-runs.html': 'seed save restore state getstatus setstatus between runs threads',
  'docs/guides/from-nest-and-brian2.html':
    'getstatus setstatus integration method exact spike generator device start stop',
  'docs/reference/surrogates.html': 'surrogate gradient derivative spike',
  'docs/reference/losses.html': 'loss losses objective',
  'docs/reference/models.html': 'neuron neurons model',
  'docs/reference/synapses.html': 'synapse synapses plasticity',
  'docs/reference/layers.html': 'layer layers',
  'docs/guides/production.html': 'deploy docker server',
  'docs/guides/faq.html': 'gpu cuda when to use a spiking network what for',
  'docs/guides/coming-from.html': 'migrate pytorch torch',
};

/** How a kind of page counts in the search. */
function kindOf({ kind, address }) {
  if (address === 'overview.html' || kind === 'home') return 'overview';
  if (/^(?:architecture|contributing|changelog)\.html$/i.test(address)) return 'contributing';
  // An option of a figure often has the name of a subject. The page of the subject comes first.
  if (address === 'docs/reference/figures.html') return 'example';
  if (address.startsWith('docs/reference/')) return 'reference';
  return kind === 'gallery' ? 'example' : kind;
}

/** Records `[address, page, heading, text, kind, keywords]` of the pages. */
export function searchRecords(pages) {
  return pages.flatMap((page) => {
    const { address, title, html, searchText } = page;
    if (page.kind === 'source') return [];
    const kind = kindOf(page);
    if (searchText !== undefined) return [[address, title, '', searchText, kind]];
    const sections = html.split(/(?=<h[2-4] id=")/);
    return sections.flatMap((section, i) => {
      const [, id, heading] = i === 0 ? [] : /^<h[2-4] id="([^"]+)"[^>]*>([\s\S]*?)<\/h[2-4]>/.exec(section);
      const text = wordsOf(section.replace(/^<h[1-4][\s\S]*?<\/h[1-4]>/, ''));
      const words =
        heading === undefined ? '' : wordsOf(heading.replace(/<span class="kind">.*?<\/span>/, ''));
      if (i === 0 && text === '') return [];
      return [
        [
          id === undefined ? address : `${address}#${id}`,
          title,
          words,
          text,
          kind,
          ...(i === 0 ? [keywords[address] ?? ''] : []),
        ],
      ];
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
