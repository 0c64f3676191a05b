// Writes docs/layers.md from the declarations and doc comments of the layers' functions, as api-extractor has read them (run the
// build first). A function whose comment leaves out what a page needs, or that no example uses, is an error.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ApiModel } from '@microsoft/api-extractor-model';

// Title, and the files of src-ts whose exported functions belong there. Every such function has a section.
const rooms = [
  ['Dense', ['projection']],
  ['Images and elements', ['layers']],
  ['Over time', ['over-time', 'legendre']],
  ['Branches', ['graph']],
  ['Attention', ['attention']],
  ['Networks', ['compile']],
  [
    'Networks ready-made',
    ['associative-leaky', 'conv-snn', 'lmu', 'shd-recurrent', 'spike-gpt', 'spikformer'],
  ],
];
// Of compile.ts, what takes layers.
const leftOut = ['compile'];

const [entry] = new ApiModel().loadPackage('build/lapicque.api.json').entryPoints;
const namespaced = entry.members.find(({ displayName }) => displayName === 'models').members;
const items = [...entry.members, ...namespaced];
const fileOf = (item) => item.fileUrlPath.replace(/\.d\.ts$/, '');
const factories = items
  .filter((item) => fileOf(item).endsWith('models.generated'))
  .map((item) => item.displayName);
const source = new Map();
/** Where a function stands in its file: the order of the page. */
function place(item) {
  const path = item.fileUrlPath;
  if (!source.has(path)) source.set(path, readFileSync(path, 'utf8'));
  return source.get(path).indexOf(`declare function ${item.displayName}`);
}
const functions = (file) =>
  items
    .filter((item) => item.kind === 'Function' && basename(fileOf(item)) === file)
    .filter((item) => !leftOut.includes(item.displayName))
    .sort((a, b) => place(a) - place(b));
const sections = rooms.map(([title, files]) => [title, files.flatMap(functions)]);
const documented = sections.flatMap(([, list]) => list.map((item) => item.displayName));

const examples = readdirSync('examples')
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => [name, readFileSync(`examples/${name}`, 'utf8')]);

function missing(item, what) {
  throw new Error(`${item.displayName} (${fileOf(item)}): its comment has no ${what}`);
}

/** A node of a comment as Markdown. */
function markdown(node) {
  const inner = () => node.getChildNodes().map(markdown).join('');
  switch (node.kind) {
    case 'Section':
      return node.getChildNodes().map(markdown).filter(Boolean).join('\n\n');
    case 'Paragraph':
      return inner().trim();
    case 'PlainText':
    case 'ErrorText':
      return node.text;
    case 'EscapedText':
      return node.decodedText;
    case 'SoftBreak':
      return ' ';
    case 'CodeSpan':
      return `\`${node.code}\``;
    case 'FencedCode':
      return ['```ts', node.code.trimEnd(), '```'].join('\n');
    case 'LinkTag':
      return link(
        node.codeDestination.memberReferences.map((member) => member.memberIdentifier.identifier).join('.'),
      );
    default:
      throw new Error(`a comment has a ${node.kind}, which this script does not know`);
  }
}

function link(name) {
  if (documented.includes(name)) return `[${name}](#${name.toLowerCase()})`;
  if (factories.includes(name)) return `[${name}](models.md#${name.toLowerCase()})`;
  return `\`${name}\``;
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
const row = (...cells) => `| ${cells.map(cell).join(' | ')} |`;

const interfaceOf = (name) => items.find((item) => item.kind === 'Interface' && item.displayName === name);

/** The options of a type such as `ConvOptions<number>`, those that it extends, and those within one, as `delay.max`. */
function optionsOf(type) {
  const [name, argument] = type.split(/[<>]/);
  const item = interfaceOf(name);
  if (item === undefined) throw new Error(`${name} is not exported as an interface`);
  const [parameter] = item.typeParameters;
  const own = item.members.flatMap(({ displayName, tsdocComment, isOptional, propertyTypeExcerpt }) => {
    const text = tsdocComment && markdown(tsdocComment.summarySection);
    if (!text) missing(item, `word on ${displayName}`);
    if (isOptional && !/default/i.test(text)) missing(item, `default of ${displayName}`);
    const given = propertyTypeExcerpt.text;
    const told = given === parameter?.name ? (argument ?? parameter.defaultTypeExcerpt.text) : given;
    const within = told
      .split(/\W+/)
      .map(interfaceOf)
      .find((inner) => inner?.fileUrlPath === item.fileUrlPath);
    const inner = within === undefined ? [] : optionsOf(within.displayName);
    return [
      { name: displayName, type: told, text },
      ...inner.map((one) => ({ ...one, name: `${displayName}.${one.name}` })),
    ];
  });
  return [...item.extendsTypes.flatMap((extended) => optionsOf(extended.excerpt.text)), ...own];
}

/** Rows for a parameter; an object of options is told option by option. */
function parameterRows(item, { name, parameterTypeExcerpt, tsdocParamBlock }) {
  const type = parameterTypeExcerpt.text;
  if (/Options(<|$)/.test(type)) {
    const options = new Map(optionsOf(type).map((option) => [option.name, option]));
    return [...options.values()]
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((option) => row(`\`${option.name}\``, `\`${option.type}\``, option.text));
  }
  const text = tsdocParamBlock && markdown(tsdocParamBlock.content);
  if (!text) missing(item, `@param ${name}`);
  return [row(`**\`${name}\`**`, `\`${type}\``, text)];
}

function section(item) {
  const comment = item.tsdocComment;
  if (comment === undefined) missing(item, 'text');
  const name = item.displayName;
  const blocks = (tag) => comment.customBlocks.filter(({ blockTag }) => blockTag.tagName === tag);
  const [thrown] = blocks('@throws');
  if (comment.returnsBlock === undefined) missing(item, '@returns, which tells the shapes');
  const returned = markdown(comment.returnsBlock.content);
  if (!returned.includes('shape') && !returned.includes('`[')) missing(item, 'shape in @returns');
  if (thrown === undefined) missing(item, '@throws');
  const qualified = namespaced.includes(item) ? `models.${name}` : name;
  const call = new RegExp(`(?<![.\\w])${qualified.replace('.', '\\s*\\.')}\\(`);
  const using = examples.filter(([, text]) => call.test(text)).map(([file]) => file);
  if (using.length === 0) throw new Error(`no example uses ${name}`);
  const signature = item.excerpt.text.replace(/^export declare function /, '').replace(name, qualified);
  const rows = item.parameters.flatMap((parameter) => parameterRows(item, parameter));
  return [
    `### ${name}`,
    '',
    '```ts',
    signature,
    '```',
    '',
    markdown(comment.summarySection),
    '',
    ...(rows.length === 0 ? [] : ['| argument | type | meaning |', '| --- | --- | --- |', ...rows, '']),
    `Returns ${returned}.`,
    '',
    `Throws ${markdown(thrown.content)}.`,
    '',
    ...blocks('@example').flatMap((block) => [markdown(block.content), '']),
    `Examples: ${shown(using)}.`,
    '',
  ];
}

/** Links to examples, a few of many. */
function shown(files) {
  const links = files
    .slice(0, 6)
    .map((file) => `[${file}](../examples/${file})`)
    .join(', ');
  return files.length > 6 ? `${links} and ${files.length - 6} more` : links;
}

/** What stands before the first pause of a comment. */
const first = (item) =>
  markdown(item.tsdocComment.summarySection)
    .split(/\.\s|:\s|;\s|\s\(/)[0]
    .replace(/\.$/, '');
const text = [
  '# Layers',
  '',
  '<!-- Generated by `npm run docs` from the doc comments in src-ts. Do not edit. -->',
  '',
  'A layer maps `[time, batch, …shape]` to `[time, batch, …shape]`; below, shapes are those of one sample at one step. Images are',
  '`[channels, height, width]` or `[channels, width]`, and `pixels` their last axes. In the tables arguments that stand by',
  'themselves are **bold**, the others are options of one object. `Pair` is `[height, width]` or one number for both; an',
  "`Initialiser` is an object such as `{ kind: 'kaiming-normal' }` ([index.d.ts](../index.d.ts) has them all). Neurons, of which each",
  'kind is a layer too, are in [models.md](models.md), and [coverage.md](coverage.md) says which example and which test shows what.',
  '',
  ...sections.flatMap(([title, list]) => [
    `**${title}**`,
    '',
    ...list.map((item) => `- ${link(item.displayName)}: ${first(item)}`),
    '',
  ]),
  ...sections.flatMap(([title, list]) => [`## ${title}`, '', ...list.flatMap(section)]),
];
writeFileSync('docs/layers.md', `${text.join('\n').trimEnd()}\n`);
