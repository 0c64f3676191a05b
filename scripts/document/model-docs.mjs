// Writes docs/reference/models.md from the registry of neuron models and surrogates: what is documented is what is computed.
// The entries say what each is for, and its example is run here (run the build first).
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { entryOf } from './entries/entry.mjs';
import { neuronGroups, neurons } from './entries/neurons.mjs';
import { exampleBlock, neuronProgram } from './entries/programs.mjs';
import { surrogates as surrogateEntries } from './entries/surrogates.mjs';
import { weightRows } from './weights-of-ports.mjs';

const { addon } = createRequire(import.meta.url)('../../native/load.cjs');
const registry = JSON.parse(addon.describeModels());
const { models, surrogates } = registry;

const camel = (key) => key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const factory = (key) => (key === 'if' ? 'integrateAndFire' : camel(key));
const code = (text) => `\`${text}\``;
const cell = (text) => String(text).replaceAll('|', '\\|');
const unit = ({ unit }) => (unit === '' || unit === '1' ? '–' : unit);

/** A table whose columns line up, so that it reads well as text too. */
function table(head, rows) {
  if (rows.length === 0) return [];
  const cells = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [first, ...others] = cells.map(line);
  return [first, rule, ...others, ''];
}

/** What large networks refuse at some ports. */
function signed(signs) {
  const signTexts = Object.entries(signs).map(([port, words]) => `\`${port}\` ${words}`);
  return signTexts.length === 0 ? '' : ` In a large network ${signTexts.join('; ')}.`;
}

/** Ports of a model with more than one, and what goes where unless an edge says otherwise. */
function inputs({ ports, wiring, signs }) {
  if (ports.length === 1) return '';
  const list = (names) => names.map(code).join(', ');
  const { entering, returning, returned } = wiring;
  const cut = entering.length === ports.length ? 'all of them' : list(entering);
  const back = returning.join() === entering.join() ? '' : `, its feedback among ${list(returning)}`;
  const state = returned === null ? '' : `. Its feedback is its ${code(returned)}`;
  return ` Its ports are ${list(ports)}; the values of its input are divided among ${cut}${back}${state}.${signed(signs)}`;
}

/** Which options choose the factors on the input. */
function factors(update, options) {
  const chosen = [
    ['gain', 'inputScale'],
    ['gainSyn', 'synInputScale'],
  ].filter(
    ([factor, option]) =>
      new RegExp(`\\b${factor}\\b`).test(update) && options.some(({ name }) => name === option),
  );
  if (/\bcharge \(/.test(update)) {
    const exponential = 'g(tau) = (1 / c) ∫₀^dt exp(-(dt - s) / tauMem) exp(-s / tau) ds';
    return [
      `The factors make the step exact: \`left = exp(-dt / tauMem)\`, \`charge = (1 - left) tauMem / c\`. A current that decays with \`tau\` changes v by \`${exponential}\`, for each synaptic time constant.`,
      ...(/\brise[EI]\b/.test(update)
        ? ['`riseE` and `riseI` are the same integrals with `s exp(-s / tau)`.']
        : []),
      '',
    ];
  }
  if (chosen.length === 0) return [];
  return [
    `The factor on the input is an option below: ${chosen.map(([factor, option]) => `${code(factor)} is chosen by ${code(option)}`).join(', ')}.`,
    '',
  ];
}

function weightTable(rows) {
  if (rows.length === 0) return [];
  return [
    'What a weight does, measured with the defaults from rest:',
    '',
    ...table(['port', 'unit of a weight', 'one spike of weight 1'], rows),
  ];
}

/** The meaning of an option; of one that several models share, the values that this model has. */
function meaningOf({ values, meaning }) {
  const [head, explained] = meaning.split('. ');
  if (!explained?.includes('; ')) return meaning;
  const own = explained.split('; ').flatMap((part) => {
    const [names, words] = part.split(': ');
    return names.split(', ').flatMap((name) => (values.includes(name) ? [`${code(name)}: ${words}`] : []));
  });
  return `${head}. ${own.join('; ')}`;
}

/** The line before the step of a model. */
const stepLine = (options) =>
  options.some(({ name }) => name === 'method')
    ? 'One step, as computed with the default options; the option `method` chooses another integration:'
    : `One step, as computed${options.length === 0 ? '' : ' with the default options'}; this model has no other method:`;

/** The lines of equations: a semicolon ends one, but not within parentheses. */
const lines = (equations) => equations.split(/; (?![^()]*\))/);

async function section(model) {
  const { key, equation, update, source, states, params, options, presets, alternatives } = model;
  const { name, use, example } = entryOf(neurons, key, 'neurons.mjs');
  const pairs = alternatives.map((group) => group.map(code).join(' or '));
  return [
    `## ${factory(key)}`,
    '',
    `**${name}.** ${use}`,
    '',
    ...(await exampleBlock(neuronProgram(factory(key), example))),
    '',
    `${model.spiking ? 'It emits spikes.' : 'It emits no spikes: its output is its state.'} Its name in files is ${code(key)}.${inputs(model)}`,
    '',
    'Equation:',
    '',
    '```text',
    ...lines(equation),
    '```',
    '',
    stepLine(options),
    '',
    '```text',
    ...lines(update),
    '```',
    '',
    ...factors(update, options),
    ...table(
      ['state', 'unit', 'at the start', 'meaning'],
      states.map((s) => [code(s.name), unit(s), s.init === null ? '0' : code(s.init), s.meaning]),
    ),
    ...table(
      ['parameter', 'unit', 'default', 'allowed', 'meaning', 'learnable', 'NIR'],
      params.map((p) => [
        code(p.name),
        unit(p),
        p.default === null ? '–' : code(p.default),
        p.expected,
        p.meaning,
        model.learned.includes(p.name) ? 'always' : p.learnable ? 'yes' : '',
        p.nir === null ? '' : code(p.nir),
      ]),
    ),
    ...(pairs.length === 0 ? [] : [`Give one parameter of each of these pairs: ${pairs.join('; ')}.`, '']),
    ...table(
      ['option', 'values, the default first', 'meaning'],
      options.map((o) => [code(o.name), o.values.map(code).join(', '), meaningOf(o)]),
    ),
    ...table(
      ['`like`', 'options and parameters it sets', 'surrogate', 'note'],
      presets.map((p) => [
        code(p.name),
        Object.entries({ ...p.options, ...p.params })
          .map(([name, value]) => code(`${name} ${value ?? 'unset'}`))
          .join(', ') || '–',
        p.surrogate === null ? '–' : code(Object.values(p.surrogate).join(' ')),
        p.note,
      ]),
    ),
    ...weightTable(await weightRows(model, factory(key))),
    `Source: ${source}.`,
    '',
  ];
}

const grouped = Object.values(neuronGroups).flat();
const ungrouped = models.find(({ key }) => !grouped.includes(key));
if (ungrouped !== undefined) throw new Error(`${ungrouped.key} is in no group of entries/neurons.mjs`);

/** Where a library's default is another. */
function likes({ like }) {
  return Object.entries(like)
    .map(([peer, value]) => ` (${value} under ${code(`like: '${peer}'`)})`)
    .join('');
}

const text = [
  '# Neuron models and surrogate gradients',
  '',
  '<!-- Generated by `npm run docs` from the registry in src-rs/core/dynamics. Do not edit. -->',
  '',
  'Each neuron is a layer of a network and the model of a population of a circuit. For training begin with `lif`, for circuits with `iafPscExp`.',
  '',
  ...Object.entries(neuronGroups).flatMap(([title, keys]) => [
    `**${title}**`,
    '',
    ...keys.map(
      (key) =>
        `- [${factory(key)}](#${factory(key).toLowerCase()}): ${entryOf(neurons, key, 'neurons.mjs').name}`,
    ),
    '',
  ]),
  'Training needs a derivative of the spike: [surrogate gradients](#surrogate-gradients).',
  '',
  'A parameter is one number, or one number per neuron; in images also one per channel, which its pixels share. A dash as unit means dimensionless,',
  'as default: unset. Every population also takes `name`, `neurons`, `recurrent` and, if it spikes, `surrogate`.',
  'In a model without units a weight has none either: the input is the sum of the weights of the spikes that arrive in a step.',
  "`reset: 'zero'` is `reset: 'value'` with `vReset` 0. The option `like` sets the defaults of another library, its peculiarities included;",
  'options that you give take precedence.',
  '',
  ...(await Promise.all(models.map(section))).flat(),
  '## Surrogate gradients',
  '',
  'A spike is a step: its derivative is 0 except at the threshold, so a network of spikes has no useful gradient. In the backward pass a',
  'smooth function, the surrogate gradient, replaces this derivative; the spikes stay as they are.',
  '',
  'Begin with the default, `atan`, whose derivative is above 0 everywhere. A steeper one (a larger `alpha` or `slope`) is closer to the spike',
  'but gives neurons far from their threshold almost no gradient. One with bounded support, such as `triangular`, is faster where few',
  'neurons are active ([sparse gradients](../guides/training.md#sparse-gradients)). The others repeat published programs.',
  '',
  'In the table `x = v - vThreshold`. Factories are in `surrogate`, for example `surrogate.fastSigmoid({ slope: 10 })`; a custom derivative is',
  "`customSurrogate('1 / (1 + x^2)')`. Parameters that you leave out have the values of this table; under a `like`, that library's.",
  '',
  ...surrogates.map(
    ({ name }) => `- **${camel(name)}**: ${entryOf(surrogateEntries, name, 'surrogates.mjs')}`,
  ),
  '',
  ...table(
    ['factory', 'derivative', 'parameters', 'source'],
    surrogates.map((s) => [
      code(camel(s.name)),
      code(s.formula),
      s.params.map((p) => `${code(`${p.name} = ${p.default}`)}${likes(p)}, ${p.expected}`).join('; ') || '–',
      s.source,
    ]),
  ),
]
  .join('\n')
  .trimEnd();

writeFileSync('docs/reference/models.md', `${text}\n`);
