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
  const named = groups();
  const known = new Set(named.flatMap(({ pages }) => pages));
  const others = ['tutorials', 'guides', 'reference']
    .flatMap((kind) => folder(`docs/${kind}`))
    .filter((path) => !known.has(path));
  const reference = named.findIndex(({ title }) => title === 'Reference');
  if (others.length > 0) named.splice(reference, 0, { title: 'Further guides', pages: others });
  return named;
}

function groups() {
  return [
    {
      title: 'Getting started',
      pages: docs(
        'tutorials/README',
        'tutorials/first-network',
        'tutorials/cortical-circuit',
        'tutorials/event-camera',
        'tutorials/ann-to-chip',
        'tutorials/study',
        'tutorials/serve',
        'tutorials/online-learning',
        'tutorials/own-neuron',
        'guides/theory',
        'guides/glossary',
      ),
    },
    {
      title: 'Training',
      pages: docs(
        'guides/training',
        'guides/your-data',
        'guides/recipes',
        'guides/traced-losses',
        'guides/custom-neurons',
        'guides/reinforcement-learning',
        'guides/streams',
        'guides/typescript',
        'guides/papers',
        'guides/spikegpt',
        'guides/figures',
        'guides/viewer',
        'guides/logs',
        'guides/costs',
      ),
    },
    {
      title: 'Circuits and studies',
      pages: docs(
        'guides/networks',
        'guides/simulate-many',
        'guides/morphologies',
        'guides/spike-trains',
        'guides/sonata',
        'guides/studies',
        'guides/search',
        'guides/sweeps-on-many-machines',
      ),
    },
    {
      title: 'Events, files and chips',
      pages: docs(
        'guides/event-files',
        'guides/event-transforms',
        'guides/hdf5',
        'guides/nir',
        'guides/from-torch',
        'guides/ann-to-snn',
        'guides/quantization',
      ),
    },
    { title: 'Applications', pages: folder('docs/applications') },
    {
      title: 'From other tools',
      pages: docs(
        'tutorials/snntorch',
        'tutorials/spikingjelly',
        'tutorials/nest',
        'tutorials/brian2',
        'tutorials/tonic',
        'tutorials/optuna',
        'guides/coming-from',
        'guides/from-snntorch',
        'guides/from-spikingjelly',
        'guides/from-norse',
        'guides/from-spytorch',
        'guides/from-nest-and-brian2',
        'guides/from-brian2-loops',
        'guides/from-tonic',
        'guides/from-metavision',
      ),
    },
    {
      title: 'Production and help',
      pages: docs(
        'tutorials/node',
        'guides/production',
        'guides/deploying',
        'guides/operations',
        'guides/faq',
        'guides/troubleshooting',
      ),
    },
    {
      title: 'Reference',
      pages: [
        ...docs('guides/features', 'reference/gallery', 'reference/figures', 'reference/models'),
        'docs/reference/surrogates.html',
        ...docs('reference/layers', 'reference/losses', 'reference/optimizers', 'reference/training'),
        ...docs(
          'reference/synapses',
          'reference/circuits',
          'reference/circuit-runs',
          'reference/homeostasis',
          'reference/encoders',
        ),
        'api/index.html',
        'examples/README.md',
        ...docs('reference/source-paper', 'reference/coverage', 'guides/limits'),
      ],
    },
    { title: 'Measurements and development', pages: development() },
  ];
}

const development = () => [
  ...['CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'docs/guides/releasing.md'],
  ...folder('docs/benchmarks'),
  ...folder('docs/decisions'),
];

/** Titles in the navigation that differ from those of the pages. */
export const shortTitles = new Map([
  ['docs/tutorials/README.md', 'Install'],
  ['docs/applications/README.md', 'All applications'],
  ['docs/reference/models.md', 'Neurons'],
  ['docs/reference/synapses.md', 'Synapses'],
  ['docs/reference/source-paper.md', 'The source paper'],
  ['docs/guides/studies.md', 'Studies'],
  ['docs/guides/training.md', 'How to train'],
  ['docs/guides/networks.md', 'How to simulate a circuit'],
  ['docs/reference/training.md', 'Options of training'],
  ['docs/reference/circuits.md', 'Circuits'],
  ['docs/reference/circuit-runs.md', 'Running circuits'],
  ['docs/reference/homeostasis.md', 'Structural and intrinsic plasticity'],
  ['docs/guides/coming-from.md', 'Differences, trained weights'],
  // A tutorial has the other title.
  ['docs/guides/from-snntorch.md', 'snnTorch: all names'],
  ['docs/guides/from-spikingjelly.md', 'SpikingJelly: all names'],
  ['docs/guides/from-tonic.md', 'tonic: all names'],
  ['docs/guides/from-nest-and-brian2.md', 'NEST, Brian2: all names, devices'],
  ['docs/guides/event-transforms.md', 'Transforms, frames, sensors'],
]);

/** The address of a Markdown file in the site. README is the home page. */
export function addressOf(path) {
  if (path === 'examples/README.md') return 'examples/index.html';
  return path.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html');
}
