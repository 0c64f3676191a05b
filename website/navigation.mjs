// The pages that are the repository's Markdown, and their order. A page of docs/ that is not named here stands at the end of the guides.
import { readdirSync } from 'node:fs';

const docs = (...names) => names.map((name) => `docs/${name}.md`);
const folder = (path) =>
  readdirSync(path)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `${path}/${name}`);

/** Sections of the navigation: a title, and paths of Markdown files or addresses of pages that are generated. */
export function sections() {
  const named = [
    {
      title: 'Getting started',
      pages: docs(
        'getting-started/README',
        'getting-started/first-network',
        'getting-started/own-neuron',
        'getting-started/snntorch',
        'getting-started/spikingjelly',
        'getting-started/nest',
        'getting-started/brian2',
        'getting-started/tonic',
        'getting-started/optuna',
        'getting-started/node',
      ),
    },
    {
      title: 'Networks and training',
      pages: docs(
        'training',
        'custom-neurons',
        'papers',
        'spikegpt',
        'spike-trains',
        'figures',
        'logs',
        'costs',
      ),
    },
    { title: 'Large networks', pages: docs('networks', 'simulate-many') },
    { title: 'Studies', pages: docs('studies', 'search', 'sweeps-on-many-machines') },
    {
      title: 'Events and files',
      pages: docs('event-files', 'event-transforms', 'hdf5', 'nir', 'from-torch'),
    },
    { title: 'To hardware', pages: docs('ann-to-snn', 'quantization') },
    {
      title: 'From other tools',
      pages: docs(
        'coming-from',
        'from-nest-and-brian2',
        'from-brian2-loops',
        'from-tonic',
        'from-metavision',
      ),
    },
    { title: 'In production', pages: docs('production', 'deploying', 'operations') },
    {
      title: 'Reference',
      pages: [
        'README.md',
        ...docs('models'),
        'docs/surrogates.html',
        ...docs('layers', 'synapses', 'encoders'),
        'api/index.html',
        ...docs('source-paper'),
        'examples/README.md',
        ...docs('coverage'),
      ],
    },
    { title: 'Benchmarks', pages: [...folder('docs/benchmarks'), ...folder('docs/benchmarks/notes')] },
    { title: 'Decisions', pages: folder('docs/decisions') },
    { title: 'Contributing', pages: ['CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md'] },
  ];
  const known = new Set(named.flatMap(({ pages }) => pages));
  const others = [...folder('docs'), ...folder('docs/getting-started')].filter((path) => !known.has(path));
  if (others.length > 0) named.splice(8, 0, { title: 'Further guides', pages: others });
  return named;
}

/** Titles in the navigation that differ from those of the pages. */
export const shortTitles = new Map([
  ['README.md', 'Overview'],
  ['docs/getting-started/README.md', 'Install'],
  ['docs/models.md', 'Neurons'],
  ['docs/synapses.md', 'Synapses'],
  ['docs/source-paper.md', 'The source paper'],
  ['docs/studies.md', 'Studies'],
  ['docs/event-transforms.md', 'Transforms, frames, sensors'],
]);

/** The address of a Markdown file in the site. */
export function addressOf(path) {
  if (path === 'examples/README.md') return 'examples/index.html';
  return path
    .replace(/README\.md$/, (name) => (path === name ? 'overview.html' : 'index.html'))
    .replace(/\.md$/, '.html');
}
