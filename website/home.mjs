// The first page. Its first words, its program and its speeds are README's, and its picture is of that program's network.
import { readFileSync } from 'node:fs';
import { repository } from '../scripts/release/repository.mjs';
import { codeBlock, render } from './markdown.mjs';
import { digitFigure, readmeProgram } from './pictures/digit.mjs';
import { inline } from './pictures/inline.mjs';

/** The three best applications, as [address, picture, title, a sentence]: shown as soon as there are any. */
const applications = [
  [
    'docs/applications/spoken-digits.html',
    'docs/applications/spoken-digits.svg',
    'Spoken digits',
    '92.0 % correct; the best classical reader of the same events has 88.2 %.',
  ],
  [
    'docs/applications/event-vision.html',
    'docs/applications/event-vision.svg',
    'Digits before an event camera',
    '98.3 % with 9,200 additions; a linear reader has 97.2 % with 31,000.',
  ],
  [
    'docs/applications/strain.html',
    'docs/applications/strain.svg',
    'Damage found from vibration',
    '18 s after it began instead of 33 s, with fewer false alarms.',
  ],
];

const parts = [
  ['docs/reference/models.html', 'Neurons', '41 models, all trainable, or your own equations'],
  ['docs/reference/training.html', 'Training', 'Surrogate gradients, e-prop, OTTT; 36 surrogates'],
  ['docs/guides/networks.html', 'Large circuits', 'Millions of synapses, plasticity, delays, noise'],
  ['docs/guides/studies.html', 'Studies', 'Parameter search on one machine or many'],
  ['docs/guides/event-files.html', 'Events', 'Event cameras, transforms, streams in real time'],
  ['docs/guides/quantization.html', 'Chips', 'ANN to spikes, integers, C code, energy'],
  ['docs/reference/gallery.html', 'Figures', 'For papers and reports, as SVG, PNG and PDF'],
  ['docs/guides/production.html', 'Production', 'Servers, workers, containers, Electron'],
];

const libraries = [
  ['docs/tutorials/snntorch.html', 'snnTorch', 'Side-by-side code; import your weights'],
  ['docs/tutorials/spikingjelly.html', 'SpikingJelly', 'Side-by-side code; the same neurons by name'],
  ['docs/tutorials/nest.html', 'NEST', 'Populations, connections, recorders'],
  ['docs/tutorials/brian2.html', 'Brian2', 'Equations as text, with units'],
  ['docs/tutorials/tonic.html', 'tonic', 'Event files, transforms, frames'],
  ['docs/tutorials/optuna.html', 'Optuna', 'Studies, samplers, pruners'],
  ['docs/tutorials/node.html', 'Node.js', 'Streams, servers and workers for Node.js developers'],
];

const references = [
  ['docs/guides/features.html', 'Features', 'All parts, and the page of each'],
  ['docs/reference/layers.html', 'Layers', 'Formula, shapes, options, errors'],
  ['docs/reference/synapses.html', 'Synapses', 'Plasticity rules with their windows'],
  ['docs/reference/surrogates.html', 'Surrogate gradients', 'Formula and curve of each'],
  ['api/index.html', 'API by topic', 'Every exported symbol'],
  ['examples/index.html', 'Examples', 'Programs that run, with their pictures'],
  ['docs/reference/source-paper.html', 'The source paper', 'Its sections and figures'],
  ['docs/guides/limits.html', 'Limits', 'What the library does not do'],
];

const source = repository === '' ? 'REPOSITORY' : `https://github.com/${repository}`;

const cards = (list) =>
  `<ul class="cards">${list
    .map(([to, title, text]) => `<li class="card"><a href="${to}">${title}</a><p>${text}</p></li>`)
    .join('\n')}</ul>`;

function applicationCards() {
  if (applications.length === 0) return '';
  const items = applications.map(
    ([to, picture, title, text]) =>
      `<li class="card"><img class="picture" src="${picture}" alt="What ${title} shows"><a href="${to}">${title}</a><p>${text}</p></li>`,
  );
  return `<h2 id="applications">Built with it</h2>\n<ul class="cards">${items.join('\n')}</ul>`;
}

export async function homePage(links) {
  const address = 'index.html';
  const readme = readFileSync('README.md', 'utf8');
  const markdown = (text) => render(text, { path: 'README.md', address, links }).html;
  const [, purpose, introduction] = /^# lapicque\n\n([\s\S]*?)\n\n\[[\s\S]*?\n\n([\s\S]*?)\n\n!\[/.exec(
    readme,
  );
  const [, explained] = /\n!\[.*\n\n([\s\S]*?)\n\n## /.exec(readme);
  const [, printed] = /## In fifteen lines[\s\S]*?```\n\n([\s\S]*?)\n\n/.exec(readme);
  const [, speed] = /\n## Speed\n\n([\s\S]*?)\n\n## /.exec(readme);
  const picture = await inline(await digitFigure(), { width: 480, caption: explained.replaceAll('\n', ' ') });
  const html = `<div class="hero">
<div>
<h1>lapicque</h1>
<div class="lead">${markdown(purpose)}</div>
${markdown(introduction)}
${codeBlock(`git clone ${source} lapicque\ncd lapicque && npm ci && npm start`, 'sh')}
<p class="buttons"><a class="button first" href="docs/tutorials/first-network.html">First network</a> <a class="button" href="docs/tutorials/cortical-circuit.html">Simulate a circuit</a></p>
<p class="note">New to spiking networks? <a href="docs/guides/faq.html">When to use one</a>, <a href="docs/guides/theory.html">how it works</a>.<br>Node.js 20 and Rust 1.89 or newer. <a href="docs/tutorials/index.html">All ways to install</a></p>
</div>
${picture}
</div>
<h2 id="in-fifteen-lines">The same network in fifteen lines</h2>
${codeBlock(readmeProgram(), 'js')}
${markdown(printed)}
${applicationCards()}
<h2 id="features">What you can do with it</h2>
${cards(parts)}
<h2 id="speed">Speed</h2>
${markdown(speed)}
<h2 id="libraries">Coming from another library</h2>
${cards(libraries)}
<h2 id="look-up">Look something up</h2>
${cards(references)}`;
  return { address, title: 'lapicque', html, headings: [], kind: 'home' };
}
