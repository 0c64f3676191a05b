// The pages that are the repository's Markdown, and their order. A guide or tutorial that is not named here stands at the end of the guides.
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
        'tutorials/README',
        'tutorials/first-network',
        'tutorials/event-camera',
        'tutorials/ann-to-chip',
        'tutorials/serve',
        'tutorials/online-learning',
        'tutorials/own-neuron',
        'guides/theory',
        'guides/glossary',
        'tutorials/snntorch',
        'tutorials/spikingjelly',
        'tutorials/nest',
        'tutorials/brian2',
        'tutorials/tonic',
        'tutorials/optuna',
        'tutorials/node',
      ),
    },
    {
      title: 'Networks and training',
      pages: docs(
        'reference/training',
        'guides/custom-neurons',
        'guides/papers',
        'guides/spikegpt',
        'guides/spike-trains',
        'guides/figures',
        'guides/logs',
        'guides/costs',
      ),
    },
    { title: 'Large networks', pages: docs('guides/networks', 'guides/simulate-many') },
    { title: 'Studies', pages: docs('guides/studies', 'guides/search', 'guides/sweeps-on-many-machines') },
    {
      title: 'Events and files',
      pages: docs(
        'guides/event-files',
        'guides/event-transforms',
        'guides/hdf5',
        'guides/nir',
        'guides/from-torch',
      ),
    },
    { title: 'To hardware', pages: docs('guides/ann-to-snn', 'guides/quantization') },
    {
      title: 'From other tools',
      pages: docs(
        'guides/coming-from',
        'guides/from-nest-and-brian2',
        'guides/from-brian2-loops',
        'guides/from-tonic',
        'guides/from-metavision',
      ),
    },
    { title: 'In production', pages: docs('guides/production', 'guides/deploying', 'guides/operations') },
    {
      title: 'Reference',
      pages: [
        'README.md',
        ...docs('reference/models'),
        'docs/reference/surrogates.html',
        ...docs('reference/layers', 'reference/synapses', 'reference/encoders'),
        'api/index.html',
        ...docs('reference/source-paper'),
        'examples/README.md',
        ...docs('reference/coverage'),
      ],
    },
    { title: 'Benchmarks', pages: folder('docs/benchmarks') },
    { title: 'Decisions', pages: folder('docs/decisions') },
    { title: 'Contributing', pages: ['CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md'] },
  ];
  const known = new Set(named.flatMap(({ pages }) => pages));
  const others = ['tutorials', 'guides', 'reference']
    .flatMap((kind) => folder(`docs/${kind}`))
    .filter((path) => !known.has(path));
  if (others.length > 0) named.splice(8, 0, { title: 'Further guides', pages: others });
  return named;
}

/** Titles in the navigation that differ from those of the pages. */
export const shortTitles = new Map([
  ['README.md', 'Overview'],
  ['docs/tutorials/README.md', 'Install'],
  ['docs/reference/models.md', 'Neurons'],
  ['docs/reference/synapses.md', 'Synapses'],
  ['docs/reference/source-paper.md', 'The source paper'],
  ['docs/guides/studies.md', 'Studies'],
  ['docs/guides/event-transforms.md', 'Transforms, frames, sensors'],
]);

/** The address of a Markdown file in the site. */
export function addressOf(path) {
  if (path === 'examples/README.md') return 'examples/index.html';
  return path
    .replace(/README\.md$/, (name) => (path === name ? 'overview.html' : 'index.html'))
    .replace(/\.md$/, '.html');
}
