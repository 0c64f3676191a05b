// What api-extractor has read of the public API (build/api, a file per door), and its doc comments as Markdown.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ApiModel } from '@microsoft/api-extractor-model';
import { doors } from '../package/doors.mjs';

const api = new ApiModel();
/** The declarations of the public API by door. */
export const entries = doors.map(({ specifier, name, source }) => ({
  specifier,
  // What the file says first.
  words: /^\/\*\*\n \* (.*)/.exec(readFileSync(source, 'utf8'))[1],
  members: api.loadPackage(`build/api/${name}.api.json`).entryPoints[0].members,
}));
const exported = entries.flatMap(({ members }) => members);
/** What `networks` holds. */
export const namespaced = exported.find(({ displayName }) => displayName === 'networks').members;
/** All that is exported. */
export const items = [...exported, ...namespaced];

/** The source file that an item is from. */
export const fileOf = ({ fileUrlPath = '' }) =>
  fileUrlPath
    .replace(/^build.types-by-door.\w+./, 'src-ts/')
    .replaceAll('\\', '/')
    .replace(/\.d\.ts$/, '.ts');

const factories = items
  .filter((item) => fileOf(item).endsWith('models.generated.ts'))
  .map((item) => item.displayName);
const examples = readdirSync('examples', { recursive: true })
  .filter((name) => /^(?:training|circuits|events|chip)[\\/].*\.mjs$/.test(name))
  .sort((a, b) => basename(a).localeCompare(basename(b)))
  .map((name) => [name, readFileSync(`examples/${name}`, 'utf8')]);

/** Links to the examples whose text matches, a few of many; none is an error. */
export function examplesWith(pattern, what) {
  const files = examples.filter(([, text]) => pattern.test(text)).map(([file]) => file);
  if (files.length === 0) throw new Error(`no example uses ${what}`);
  const links = files
    .slice(0, 6)
    .map((file) => `[${basename(file)}](../../examples/${file})`)
    .join(', ');
  return files.length > 6 ? `${links} and ${files.length - 6} more` : links;
}

/** Throws: a page needs what a comment leaves out. */
export function missing(item, what) {
  throw new Error(`${item.displayName} (${fileOf(item)}): its comment has no ${what}`);
}

/** A node of a comment as Markdown; `link` makes the name of something a link. */
export function markdown(node, link = linkToNeuron) {
  const children = () => node.getChildNodes().map((child) => markdown(child, link));
  const inner = () => children().join('');
  switch (node.kind) {
    case 'Section':
      return children().filter(Boolean).join('\n\n');
    case 'Paragraph':
      return inner().trim();
    case 'PlainText':
    case 'ErrorText':
      return node.text;
    case 'EscapedText':
      return node.decodedText;
    case 'SoftBreak':
      return '\n';
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

/** A neuron's page, or the name as code. */
export function linkToNeuron(name) {
  return factories.includes(name) ? `[${name}](models.md#${name.toLowerCase()})` : `\`${name}\``;
}

/** Text as a cell of a table. */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
/** A row of a table. */
export const row = (...cells) => `| ${cells.map(cell).join(' | ')} |`;

const interfaceOf = (name) => items.find((item) => item.kind === 'Interface' && item.displayName === name);

// What users get from the library and hand back.
const opaque = ['TrainingState'];
// Options within options have rows, too, where they stand in the same file or are these.
const inlined = ['CheckpointOptions', 'Delays', 'EarlyStopping'];

/** A method as the type of a property: `run(x: number): void;` is `(x: number) => void`. */
function functionType({ displayName, excerpt, returnTypeExcerpt }) {
  const parameters = excerpt.text.slice(displayName.length).replace(/^\?/, '');
  const end = parameters.lastIndexOf(`): ${returnTypeExcerpt.text}`);
  return `${parameters.slice(0, end)}) => ${returnTypeExcerpt.text}`;
}

/** The options of a type such as `ConvOptions<number>`, those that it extends, and those within one, as `delay.max`. */
function optionsOf(type, link) {
  const [, of, omitted] = /^Omit<(\w+), (.*)>$/.exec(type) ?? [];
  if (of !== undefined)
    return optionsOf(of, link).filter(({ name }) => !omitted.includes(`'${name.split('.')[0]}'`));
  const [name, argument] = type.split(/[<>,]/);
  const item = interfaceOf(name);
  if (item === undefined) throw new Error(`${name} is not exported as an interface`);
  const [parameter] = item.typeParameters;
  // The first parameter is that of the whole; others, which an editor infers, are of its kind or of a kind of their own.
  const whole = (typeText) =>
    parameter === undefined
      ? typeText
      : typeText.replace(
          RegExp(`\\b${parameter.name}\\b`),
          () => argument ?? parameter.defaultTypeExcerpt.text,
        );
  const kindOf = (typeText) =>
    whole(
      item.typeParameters.find((one) => one !== parameter && one.name === typeText)?.constraintExcerpt.text ??
        typeText,
    );
  const own = item.members.flatMap((member) => {
    const { displayName, tsdocComment, isOptional } = member;
    const text = tsdocComment && markdown(tsdocComment.summarySection, link);
    if (!text) missing(item, `word on ${displayName}`);
    if (isOptional && !/default/i.test(text)) missing(item, `default of ${displayName}`);
    const typeText = kindOf(member.propertyTypeExcerpt?.text ?? functionType(member));
    const within = typeText
      .split(' | ')
      .filter((one) => !opaque.includes(one))
      .find((one) => {
        const inner = interfaceOf(one.split('<')[0]);
        return inner?.fileUrlPath === item.fileUrlPath || inlined.includes(inner?.displayName);
      });
    const inner = within === undefined ? [] : optionsOf(within, link);
    return [
      { name: displayName, type: typeText, text },
      ...inner.map((one) => ({ ...one, name: `${displayName}.${one.name}` })),
    ];
  });
  return [...item.extendsTypes.flatMap((extended) => optionsOf(whole(extended.excerpt.text), link)), ...own];
}

/** Rows for an object of options: what it extends, and what replaces that. */
export function optionRows(type, link) {
  const options = new Map(optionsOf(type, link).map((option) => [option.name, option]));
  return [...options.values()]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((option) => row(`\`${option.name}\``, `\`${option.type}\``, option.text));
}
