// Writes src-ts/layers/operations.generated.ts and operation-tables.generated.ts from the engine's definitions of operations: the functions of
// each with their types and their documentation, and what the layers' code must know of it. The definition is the one place where an
// operation is described.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { addon } = createRequire(import.meta.url)('../../native/load.cjs');
const operations = JSON.parse(addon.describeOperations());
/** Those with functions of their own, or that join branches; others are written by functions such as `multiply`. */
const exposed = operations.filter(({ factories, joins }) => factories.length > 0 || joins);

const pascal = (name) => name[0].toUpperCase() + name.slice(1);
const sentence = (text) => text.replaceAll('*/', '* /').replaceAll('\n', ' ');
/** Lines of a comment of at most so many letters, each behind ` * `. */
function wrapped(text, before = '') {
  const lines = [''];
  for (const word of sentence(text).split(/\s+(?![^{]*\})/)) {
    if (`${lines.at(-1)} ${word}`.length > 120) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines.map((line) => `${before} * ${line}`).join('\n');
}

/** The comment of a field: one line if it is short. */
function fieldComment(text) {
  const line = `  /** ${sentence(text)} */`;
  return line.length <= 128 ? line : `  /**\n${wrapped(text, '  ')}\n   */`;
}

const words = (values) => values.map((value) => `'${value}'`).join(' | ');

function typeOf({ kind }) {
  const types = {
    number: 'number',
    count: 'number',
    flag: 'boolean',
    initial: 'Initializer',
    axes: 'Pair',
    delays: 'number | Delays',
    plain: 'unknown',
  };
  if (kind.is === 'sizes') return ['number', 'Pair', 'Triple'][kind.axes - 1];
  if (kind.is === 'switch' || kind.is === 'words') return words(kind.values);
  if (kind.is === 'shape') return 'readonly number[]';
  return types[kind.is];
}

/** The type of a field of a node. */
function storedTypeOf(param) {
  if (param.kind.is === 'axes') return `W['${param.field}']`;
  if (param.literal) return param.literal;
  return param.kind.is === 'sizes' ? 'readonly number[]' : typeOf(param);
}

/** The type of a field of a description. */
function described(param) {
  if (param.kind.is === 'switch') return 'boolean';
  if (param.kind.is === 'delays') return 'Required<Delays>';
  return ['sizes', 'axes'].includes(param.kind.is) ? 'readonly number[]' : typeOf(param);
}

/** What stands for an option that is left out, for its comment. */
function fallbackOf({ kind, fallback }) {
  if (fallback.is === 'absent') return 'default none';
  if (fallback.is === 'same') return `default the same as \`${fallback.name}\``;
  if (kind.is === 'switch') return `default \`'${kind.values[fallback.value ? 1 : 0]}'\``;
  if (kind.is === 'words') return `default \`'${fallback.value}'\``;
  if (kind.is === 'sizes') return `default ${fallback.value[0]}`;
  if (kind.is === 'initial') return `default \`${fallback.value.kind}\``;
  return `default ${fallback.value}`;
}

function rangeOf({ kind }) {
  if (kind.is === 'number' && kind.bounds.above !== undefined) return `, above ${kind.bounds.above}`;
  return '';
}

/** A parameter as a type parameter is called. */
const parameterName = ({ name, literal }) => literal ?? pascal(name);
const isAxes = ({ kind }) => kind.is === 'axes';
const isField = (name) => (/^\w+$/.test(name) ? name : `'${name}'`);

/** The interface of the options. An option that has axes is of a type parameter, so that the types know its literal value. */
function optionsOf({ types, params, joins }, presets) {
  const optional = params.filter(
    ({ positional, internal, name }) => !positional && !internal && !presets.includes(name),
  );
  const axes = optional.filter(isAxes);
  const parameters = axes.map((param) => `${parameterName(param)} extends Size = Size`);
  const generics = axes.length > 0 ? `<Size = Pair, ${parameters.join(', ')}>` : '';
  const option = (param) => {
    const type = isAxes(param) ? parameterName(param) : typeOf(param);
    const comment = fieldComment(`${pascal(param.meaning)}${rangeOf(param)}; ${fallbackOf(param)}.`);
    return `${comment}\n  ${param.name}?: ${type}${joins ? ' | undefined' : ''};`;
  };
  const used = joins ? `the join of kind \`${types.kind}\`` : types.functions;
  const name = joins
    ? ''
    : `  /** Name in files, recordings and messages; default ${types.base} and a number. */\n  name?: string;\n`;
  return `/** Options of ${used}. */
export interface ${types.options}${generics} {
${name}${optional.map(option).join('\n')}
}
`;
}

/** The interface of the node. */
function nodeOf({ kind, types, params, joins }, presets) {
  if (joins) {
    const fields = params.map((param) => `  readonly ${param.name}: ${typeOf(param)};`);
    return `/** Join of kind \`${kind}\`, with the defaults of {@link ${types.options}} filled in. */
export interface ${types.node} {
  readonly kind: '${kind}';
${fields.join('\n')}
}
`;
  }
  const stored = params.filter(
    (param) =>
      param.positional ||
      param.stated ||
      presets.includes(param.name) ||
      ['sizes', 'axes'].includes(param.kind.is),
  );
  const optional = params.filter(
    ({ positional, internal, name }) => !positional && !internal && !presets.includes(name),
  );
  const literals = params
    .filter(({ literal }) => literal)
    .map((param) => `${param.literal} extends ${typeOf(param)} = ${typeOf(param)}`);
  if (params.some(isAxes)) literals.push('W extends SlidingWindow = SlidingWindow');
  const omitted = optional.filter((param) => stored.includes(param)).map(({ name }) => `'${name}'`);
  const base = omitted.length === 0 ? types.options : `Omit<${types.options}, ${omitted.join(' | ')}>`;
  const isThere = (param) => param.positional || param.stated || presets.includes(param.name);
  const fields = stored.map(
    (param) => `  readonly ${param.name}${isThere(param) ? '' : '?'}: ${storedTypeOf(param)};\n`,
  );
  return `/** ${types.linked} */
export interface ${types.node}${literals.length > 0 ? `<${literals.join(', ')}>` : ''} extends ${base} {
  readonly layer: '${kind}';
${fields.join('')}}
`;
}

/** A value as it stands in code. */
const code = (value) =>
  typeof value === 'object' && !Array.isArray(value)
    ? `{ ${Object.entries(value)
        .map(([key, one]) => `${key}: ${code(one)}`)
        .join(', ')} }`
    : Array.isArray(value)
      ? `[${value.map(code).join(', ')}]`
      : typeof value === 'string'
        ? `'${value}'`
        : String(value);

/** The arguments of a case as fields of a description. */
function fieldsOf(params, { preset, axes }, args) {
  const positional = params.filter((param) => param.positional);
  const options = args[positional.length] ?? {};
  const fields = [
    ...params.filter(({ name }) => name === preset?.name).map((param) => [param, preset.value]),
    ...positional.map((param, i) => [param, args[i]]),
    ...params.filter(({ name }) => Object.hasOwn(options, name)).map((param) => [param, options[param.name]]),
  ];
  const field = ({ kind }, value) => {
    if (kind.is === 'switch') return value === kind.values[1];
    if (kind.is === 'axes' && typeof value === 'number') return Array(axes).fill(value);
    return kind.is === 'sizes' && typeof value === 'number' ? Array(kind.axes).fill(value) : value;
  };
  return Object.fromEntries(fields.map(([param, value]) => [param.field, field(param, value)]));
}

/** Elements behind the layer of a case. */
function elementsBehind({ kind, keepsShape, params }, factory, { input, arguments: args }) {
  const fields = JSON.stringify(fieldsOf(params, factory, args));
  const shape = keepsShape
    ? input
    : JSON.parse(addon.operationShape(kind, kind, fields, JSON.stringify([['input', input]])));
  return shape.reduce((product, size) => product * size, 1);
}

/** The type parameters of a function, what its arguments are and what it returns. */
function typed({ params, types }, { axes }) {
  const size = ['number', 'number', 'Pair'][axes];
  const inferred = params.filter((param) => param.literal || isAxes(param));
  const fallbackType = ({ fallback }) => {
    if (fallback.is === 'same') {
      return ` = ${parameterName(params.find(({ name }) => name === fallback.name))}`;
    }
    return fallback.is === 'value' ? ` = ${fallback.value}` : '';
  };
  const generics = inferred.map((param) => {
    const type = isAxes(param) ? size : typeOf(param);
    return `const ${parameterName(param)} extends ${type}${fallbackType(param)}`;
  });
  const argument = (param) => (param.literal || isAxes(param) ? parameterName(param) : typeOf(param));
  const each = (param) =>
    axes === 1 ? `readonly [${parameterName(param)}]` : `PerAxis<${parameterName(param)}>`;
  const windows = params.filter(isAxes);
  const literals = params.filter(({ literal }) => literal).map(({ literal }) => literal);
  const options = windows.filter(({ positional }) => !positional).map(parameterName);
  if (windows.length > 0) literals.push(`${types.window}<${windows.map(each).join(', ')}>`);
  const node = literals.length === 0 ? types.node : `${types.node}<${literals.join(', ')}>`;
  return {
    generics: generics.length === 0 ? '' : `<${generics.join(', ')}>`,
    argument,
    options: windows.length === 0 ? types.options : `${types.options}<${[size, ...options].join(', ')}>`,
    returned: windows.length === 0 ? node : `NoInfer<${node}>`,
    cast: generics.length === 0 ? node : 'never',
  };
}

function functionOf(operation, factory) {
  const { kind, params } = operation;
  const positional = params.filter((param) => param.positional);
  const { generics, argument, options, returned, cast } = typed(operation, factory);
  const leading = positional.map((param) => `${param.name}: ${argument(param)}`);
  const [first] = factory.cases;
  const example =
    factory.example ||
    `sequential(input(${first.input.join(', ')}), ${factory.name}(${first.arguments.map(code).join(', ')}), dense(${elementsBehind(operation, factory, first)}, 10), lif({ beta: 0.9 }));`;
  const perAxis = ({ kind }) =>
    kind.is === 'axes' && factory.axes === 2 ? ', `[height, width]` or one number for both' : '';
  const hasOthers = params.some(({ name }) => name !== factory.preset?.name);
  const throws = hasOthers
    ? `\`invalid-parameter\` for an option out of range${factory.throws === '' ? '' : `; at \`compile\` ${factory.throws}`}`
    : '`unknown-name` for an option that does not exist';
  return `/**
${wrapped(factory.summary)}
 *
${positional.map((param) => wrapped(`@param ${param.name} - ${param.meaning}${perAxis(param)}\n`)).join('\n')}${positional.length > 0 ? '\n' : ''}${wrapped(`@returns ${factory.returns}`)}
${wrapped(`@throws LapicqueError ${throws}`)}
 *
 * @example
 * \`\`\`ts
${example
  .split('\n')
  .map((line) => ` * ${line}`)
  .join('\n')}
 * \`\`\`
 */
export function ${factory.name}${generics}(${[...leading, `options: ${options} = {}`].join(', ')}): ${returned} {
  return operationNode(operationTables${/^\w+$/.test(kind) ? `.${kind}` : `['${kind}']`}, '${factory.name}', [${positional.map(({ name }) => name).join(', ')}], options) as ${cast};
}
`;
}

/** With the names of its types and what their comments link to. */
function withTypes(operation) {
  const { kind, factories } = operation;
  const links = factories.map(({ name }) => `{@link ${name}}`);
  const types = operation.types ?? {
    node: pascal(factories[0].name),
    options: `${pascal(factories[0].name)}Options`,
  };
  const bases = new Set(factories.map(({ base }) => base));
  const base = bases.size === 1 ? `\`${[...bases][0]}\`` : "the function's name";
  const linked = links.join(', ');
  const functions = links.length < 2 ? linked : `${links.slice(0, -1).join(', ')} and ${links.at(-1)}`;
  return { ...operation, types: { ...types, kind, base, linked, functions } };
}

function block(operation) {
  const { types, factories } = operation;
  const presets = factories.flatMap(({ preset }) => (preset === null ? [] : [preset.name]));
  return [
    ...(types.options === 'MapOptions' ? [] : [optionsOf(operation, presets)]),
    ...(types.nodeByHand ? [] : [nodeOf(operation, presets)]),
    ...factories.filter(({ byHand }) => !byHand).map((factory) => functionOf(operation, factory)),
  ].join('\n');
}

function nodeType({ kind, params }) {
  const fields = params.map((param) => {
    const isThere = param.fallback.is !== 'absent' && !param.quiet && !param.sparse && !param.unwritten;
    return `      readonly ${isField(param.field)}${isThere ? '' : '?'}: ${described(param)};`;
  });
  return `  | {\n      readonly kind: '${kind}';\n      readonly name: string;\n${fields.join('\n')}\n    }`;
}

const layers = exposed.map(withTypes);
const names = (list) => list.map(({ types }) => types.node).join(' | ') || 'never';
const made = layers.filter(({ joins, types }) => !joins && !types.nodeByHand);
const keeping = made.filter(({ keepsShape }) => keepsShape);
const blocks = layers.map(block).join('\n');
const imports = [
  ["import type { %s } from '../neurons/initializer.ts';", ['Initializer']],
  ["import type { %s } from './delays.ts';", ['Delays']],
  ["import type { %s } from './map-node.ts';", ['MapOptions', 'Pair', 'Triple']],
  ["import type { %s } from './sliding.ts';", ['PerAxis', 'PoolWindow', 'SlidingWindow', 'WindowOf']],
].flatMap(([line, all]) => {
  const used = all.filter((name) => new RegExp(`\\b${name}\\b`).test(blocks));
  return used.length === 0 ? [] : [line.replace('%s', used.join(', '))];
});
const isEarly = (line) => /neurons|delays|map-node/.test(line);

writeFileSync(
  'src-ts/layers/operations.generated.ts',
  `// Generated by \`npm run generate\` from the definitions in src-rs/core/operations. Do not edit.
${imports.filter(isEarly).join('\n')}
import { operationNode } from './operation-node.ts';
import { operationTables } from './operation-tables.generated.ts';
${imports.filter((line) => !isEarly(line)).join('\n')}

${blocks}
/** A layer with a definition in the engine. */
export type OperationLayer = ${names(made)};

/** Those that keep the shape. */
export type KeepingOperation = ${names(keeping)};
`,
);
writeFileSync(
  'src-ts/layers/operation-specs.generated.ts',
  `// Generated by \`npm run generate\` from the definitions in src-rs/core/operations. Do not edit.
import type { Initializer } from '../neurons/initializer.ts';
import type { Delays } from './delays.ts';

/** Layers with a definition in the engine, in the form that they have in a {@link Description}. */
export type OperationSpec =
${operations.map(nodeType).join('\n')};
`,
);

const tables = [...layers, ...operations.filter((operation) => !exposed.includes(operation))].map(
  ({ kind, keepsShape, flatOutputs, params, factories }) => {
    const known = params.map(({ meaning: _, literal: __, unwritten: ___, ...param }) => param);
    const torch = factories[0]?.torch ?? null;
    const own = factories.map(({ name, base, axes, preset }) => ({ name, base, axes, preset }));
    return [kind, { kind, keepsShape, flatOutputs, torch, params: known, factories: own }];
  },
);
writeFileSync(
  'src-ts/layers/operation-tables.generated.ts',
  `// Generated by \`npm run generate\` from the definitions in src-rs/core/operations. Do not edit.
import type { OperationTable } from './operation-node.ts';

/** What is known of each kind of layer that has a definition in the engine. */
export const operationTables = ${JSON.stringify(Object.fromEntries(tables), null, 2)} as const satisfies Readonly<Record<string, OperationTable>>;
`,
);
