// Writes docs/reference/layers.md from the declarations and doc comments of the layers' functions, as api-extractor has read them (run the
// build first). A function whose comment leaves out what a page needs, or that no example uses, is an error.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  examplesWith,
  fileOf,
  items,
  linkToNeuron,
  markdown,
  missing,
  namespaced,
  optionRows,
  row,
} from './doc-comments.mjs';
import { entryOf } from './entries/entry.mjs';
import { layers as entries } from './entries/layers.mjs';

const { addon } = createRequire(import.meta.url)('../../native/load.cjs');
/** For each generated function the title under which its definition places it. */
const placed = new Map(
  JSON.parse(addon.describeOperations()).flatMap(({ factories }) =>
    factories.map(({ name, section }) => [name, section]),
  ),
);

// Title, and the files of src-ts whose exported functions belong there, beside the generated ones of that title. Every such function has
// a section.
const rooms = [
  ['Dense', []],
  ['Images', ['convolutions', 'layers/pools']],
  ['Elements', ['layers/layers', 'normalization']],
  ['Over time', ['over-time', 'legendre']],
  ['Branches', ['branches']],
  ['Attention', ['attention']],
  ['Networks', ['model/sequential', 'model/graph']],
  [
    'Networks ready-made',
    ['associative-leaky', 'conv-snn', 'lmu', 'shd-recurrent', 'spike-gpt', 'spikformer'],
  ],
];

const source = new Map();
/** The offset of a function in its file: the order of the page. */
function sourceOffset(item) {
  const path = item.fileUrlPath;
  if (!source.has(path)) source.set(path, readFileSync(path, 'utf8'));
  return source.get(path).indexOf(`declare function ${item.displayName}`);
}
const functions = (file) =>
  items
    .filter((item) => item.kind === 'Function' && fileOf(item).endsWith(`/${file}.ts`))
    .sort((a, b) => sourceOffset(a) - sourceOffset(b));
const generated = functions('layers/operations.generated');
const sections = rooms.map(([title, files]) => [
  title,
  [...files.flatMap(functions), ...generated.filter((item) => placed.get(item.displayName) === title)],
]);
const lost = generated.find((item) => !sections.some(([, list]) => list.includes(item)));
if (lost !== undefined) throw new Error(`${lost.displayName}: no section "${placed.get(lost.displayName)}"`);
const documented = sections.flatMap(([, list]) => list.map((item) => item.displayName));

function link(name) {
  return documented.includes(name) ? `[${name}](#${name.toLowerCase()})` : linkToNeuron(name);
}

/** A type with its type parameters replaced by their constraints, which tell a reader more. */
function typeText(type, { typeParameters }) {
  const [, name] = /^(?:Fitting\w*<)?(\w+)/.exec(type) ?? [];
  const parameter = typeParameters.find((one) => one.name === name);
  return parameter === undefined ? type : parameter.constraintExcerpt.text;
}

/** As declared; types that only an editor needs are replaced by their kinds. */
function signatureOf(item) {
  const declared = item.excerpt.text.replace(/^export declare function /, '');
  if (item.typeParameters.length < 3) return declared;
  const parameters = item.parameters.map(({ name, isOptional, parameterTypeExcerpt }) => {
    const type = typeText(parameterTypeExcerpt.text, item).replace(/<(\w+), .*>$/s, (_, first) =>
      first === 'Pair' ? '' : `<${first}>`,
    );
    return `${name}${isOptional ? '?' : ''}: ${type}`;
  });
  const returned = item.returnTypeExcerpt.text.replace(/^NoInfer<(\w+)[\s\S]*$/, '$1');
  return `${item.displayName}(${parameters.join(', ')}): ${returned};`;
}

/** Rows for a parameter; an object of options has a row for each option. */
function parameterRows(item, { name, parameterTypeExcerpt, tsdocParamBlock }) {
  const type = parameterTypeExcerpt.text;
  if (/Options(<|$)/.test(type)) return optionRows(type, link);
  const text = tsdocParamBlock && markdown(tsdocParamBlock.content, link);
  if (!text) missing(item, `@param ${name}`);
  return [row(`**\`${name}\`**`, `\`${typeText(type, item)}\``, text)];
}

function section(item) {
  const comment = item.tsdocComment;
  if (comment === undefined) missing(item, 'text');
  const name = item.displayName;
  const blocks = (tag) => comment.customBlocks.filter(({ blockTag }) => blockTag.tagName === tag);
  const [thrown] = blocks('@throws');
  if (comment.returnsBlock === undefined) missing(item, '@returns, which tells the shapes');
  const returned = markdown(comment.returnsBlock.content, link);
  if (!returned.includes('shape') && !returned.includes('`[')) missing(item, 'shape in @returns');
  if (thrown === undefined) missing(item, '@throws');
  const qualified = namespaced.includes(item) ? `networks.${name}` : name;
  const call = new RegExp(`(?<![.\\w])${qualified.replace('.', '\\s*\\.')}\\(`);
  const signature = signatureOf(item).replace(name, qualified);
  const rows = item.parameters.flatMap((parameter) => parameterRows(item, parameter));
  const { name: full, use } = entryOf(entries, name, 'layers.mjs');
  return [
    `### ${name}`,
    '',
    `**${full}.** ${use}`,
    '',
    '```ts',
    signature,
    '```',
    '',
    markdown(comment.summarySection, link),
    '',
    ...(rows.length === 0 ? [] : ['| argument | type | meaning |', '| --- | --- | --- |', ...rows, '']),
    `Returns ${returned}.`,
    '',
    `Throws ${markdown(thrown.content, link)}.`,
    '',
    ...blocks('@example').flatMap((block) => [markdown(block.content, link), '']),
    // A generated function has its example from the cases of its definition.
    ...(fileOf(item).endsWith('operations.generated.ts')
      ? []
      : [`Examples: ${examplesWith(call, name)}.`, '']),
  ];
}

const initializer = items.find((item) => item.displayName === 'Initializer');
const text = [
  '# Layers',
  '',
  '<!-- Generated by `npm run docs` from the doc comments in src-ts. Do not edit. -->',
  '',
  'A layer maps `[time, batch, …shape]` to `[time, batch, …shape]`. The shapes below are those of one sample at one step. Images are',
  '`[channels, height, width]` or `[channels, width]`; `pixels` are their last axes. [Neurons](models.md) are layers, too.',
  '',
  'In the tables, **bold** arguments are positional; the others are options of one object. `Pair` is `[height, width]` or one number for',
  "both. An [`Initializer`](#how-weights-begin) is an object such as `{ kind: 'kaiming-normal' }`. Examples and tests of each layer are in",
  '[coverage.md](coverage.md).',
  '',
  ...sections.flatMap(([title, list]) => [
    `**${title}**`,
    '',
    ...list.map(
      (item) => `- ${link(item.displayName)}: ${entryOf(entries, item.displayName, 'layers.mjs').name}`,
    ),
    '',
  ]),
  ...sections.flatMap(([title, list]) => [`## ${title}`, '', ...list.flatMap(section)]),
  '## How weights begin',
  '',
  markdown(initializer.tsdocComment.summarySection, link),
  '',
  '```ts',
  initializer.excerpt.text.replace(/^export /, '').replaceAll(/ +$/gm, ''),
  '```',
];
writeFileSync('docs/reference/layers.md', `${text.join('\n').trimEnd()}\n`);
