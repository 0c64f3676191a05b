// The first page. Its program is the README's.
import { codeBlock, render } from './markdown.mjs';

const readers = [
  [
    'docs/tutorials/first-network.html',
    'New to spiking networks',
    'Install, train a first network, look at its spikes',
  ],
  ['docs/tutorials/own-neuron.html', 'A neuron of your own', 'From an equation to a trained neuron'],
  ['docs/tutorials/snntorch.html', 'snnTorch', 'Its lines beside ours, its weights imported'],
  ['docs/tutorials/spikingjelly.html', 'SpikingJelly', 'Its lines beside ours, its neurons by name'],
  ['docs/tutorials/nest.html', 'NEST', 'Populations, connections, recorders'],
  ['docs/tutorials/brian2.html', 'Brian2', 'Equations as text, with units'],
  ['docs/tutorials/tonic.html', 'tonic', 'Event files, transforms, frames'],
  ['docs/tutorials/optuna.html', 'Optuna', 'Studies, samplers, pruners'],
  ['docs/tutorials/node.html', 'Node.js developers', 'Streams, servers, workers, Electron'],
];

export function homePage(links, readme) {
  const address = 'index.html';
  const [, code] = /```js\n([\s\S]*?)```/.exec(readme);
  const [, introduction] = /^# lapicque\n\n([\s\S]*?)\n\n!\[/.exec(readme);
  const { html: words } = render(introduction, { path: 'README.md', address, links });
  const cards = readers.map(
    ([to, title, text]) => `<li class="card"><a href="${to}">${title}</a><p>${text}</p></li>`,
  );
  const html = `<h1>lapicque</h1>
<div class="lead">${words}</div>
<h2 id="start">Start where you are</h2>
<ul class="cards">${cards.join('\n')}</ul>
<h2 id="fifteen-lines">In fifteen lines</h2>
${codeBlock(code, 'js')}
<p class="wide"><img class="picture small" src="docs/images/digit.png" alt="The image of a handwritten 7, the spikes of the input, of 1,000 hidden neurons and of 10 output neurons; output neuron 7 fires most"></p>
<p>It prints 95 % after half a second on two cores. How to install it: <a href="docs/tutorials/index.html">getting started</a>.</p>
<h2 id="look-up">Look something up</h2>
<ul class="cards">
<li class="card"><a href="docs/reference/models.html">Neurons</a><p>Equation, parameters and a picture of each</p></li>
<li class="card"><a href="docs/reference/layers.html">Layers</a><p>Formula, shapes, options, errors</p></li>
<li class="card"><a href="docs/reference/synapses.html">Synapses</a><p>Plasticity rules with their windows</p></li>
<li class="card"><a href="docs/reference/surrogates.html">Surrogate gradients</a><p>All curves</p></li>
<li class="card"><a href="api/index.html">API by topic</a><p>Every exported symbol</p></li>
<li class="card"><a href="examples/index.html">Examples</a><p>Programs that run, with their pictures</p></li>
<li class="card"><a href="docs/reference/source-paper.html">The source paper</a><p>Its sections and figures</p></li>
<li class="card"><a href="overview.html">Overview</a><p>What there is, speed, limits</p></li>
</ul>`;
  const headings = [
    { level: 2, id: 'start', words: 'Start where you are' },
    { level: 2, id: 'fifteen-lines', words: 'In fifteen lines' },
    { level: 2, id: 'look-up', words: 'Look something up' },
  ];
  return { address, title: 'lapicque', html, headings, kind: 'home' };
}
