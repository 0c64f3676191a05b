// Writes src-ts/layers/operations.generated.ts and operation-tables.generated.ts from the engine's definitions of operations: a function for
// each with its types and its documentation, and what the layers' code must know of it. The definition is the one place where an
// operation is described.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { addon } = createRequire(import.meta.url)('../native/load.cjs');
const operations = JSON.parse(addon.describeOperations()).filter(({ factory }) => factory !== null);

const pascal = (name) => name[0].toUpperCase() + name.slice(1);
const sentence = (text) => text.replaceAll('*/', '* /').replaceAll('\n', ' ');
/** Lines of a comment of at most so many letters, each behind ` * `. */
function wrapped(text) {
  const lines = [''];
  for (const word of sentence(text).split(/\s+/)) {
    if (`${lines.at(-1)} ${word}`.length > 120) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines.map((line) => ` * ${line}`).join('\n');
}

function typeOf({ kind }) {
  const types = { number: 'number', count: 'number', flag: 'boolean', initial: 'Initialiser' };
  if (kind.is === 'sizes') return ['number', 'Pair', 'Triple'][kind.axes - 1];
  if (kind.is === 'switch') return kind.values.map((value) => `'${value}'`).join(' | ');
  return types[kind.is];
}

/** The type of a node's or a description's field. */
function storedTypeOf(param) {
  return param.kind.is === 'sizes' ? 'readonly number[]' : typeOf(param);
}

function described(param) {
  return param.kind.is === 'switch' ? 'boolean' : storedTypeOf(param);
}

/** What stands for an option that is left out, for its comment. */
function fallbackOf({ kind, fallback }) {
  if (fallback.is === 'absent') return 'default none';
  if (fallback.is === 'same') return `default the same as \`${fallback.name}\``;
  if (kind.is === 'switch') return `default \`'${kind.values[fallback.value ? 1 : 0]}'\``;
  if (kind.is === 'sizes') return `default ${fallback.value[0]}`;
  if (kind.is === 'initial') return `default \`${fallback.value.kind}\``;
  return `default ${fallback.value}`;
}

function rangeOf({ kind }) {
  if (kind.is === 'number' && kind.bounds.above !== undefined) return `, above ${kind.bounds.above}`;
  return '';
}

const optionType = (param) =>
  `  /** ${sentence(pascal(param.meaning))}${rangeOf(param)}; ${fallbackOf(param)}. */\n  ${param.name}?: ${typeOf(param)};`;

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
function fieldsOf(params, args) {
  const positional = params.filter((param) => param.positional);
  const options = args[positional.length] ?? {};
  const given = [
    ...positional.map((param, i) => [param, args[i]]),
    ...params.filter(({ name }) => Object.hasOwn(options, name)).map((param) => [param, options[param.name]]),
  ];
  const field = ({ kind }, value) => {
    if (kind.is === 'switch') return value === kind.values[1];
    return kind.is === 'sizes' && typeof value === 'number' ? Array(kind.axes).fill(value) : value;
  };
  return Object.fromEntries(given.map(([param, value]) => [param.field, field(param, value)]));
}

/** Elements behind the layer of a case. */
function elementsBehind({ kind, keepsShape, params }, { input, arguments: args }) {
  const fields = JSON.stringify(fieldsOf(params, args));
  const shape = keepsShape
    ? input
    : JSON.parse(addon.operationShape(kind, kind, fields, JSON.stringify([input])));
  return shape.reduce((product, size) => product * size, 1);
}

function block(operation) {
  const { kind, params, factory } = operation;
  const type = pascal(factory.name);
  const positional = params.filter((param) => param.positional);
  const optional = params.filter((param) => !param.positional);
  const stored = params.filter((param) => param.positional || param.kind.is === 'sizes');
  const [example] = factory.cases;
  const leading = positional.map((param) => `${param.name}: ${typeOf(param)}`);
  const throws = factory.throws === '' ? '' : `; at \`compile\` ${factory.throws}`;
  const omitted = optional.filter((param) => param.kind.is === 'sizes').map(({ name }) => `'${name}'`);
  const base = omitted.length === 0 ? `${type}Options` : `Omit<${type}Options, ${omitted.join(' | ')}>`;
  return `/** What {@link ${factory.name}} may be told. */
export interface ${type}Options {
  /** Name in files, recordings and messages; default \`${factory.name}\` and a number. */
  name?: string;
${optional.map(optionType).join('\n')}
}

/** {@link ${factory.name}} */
export interface ${type} extends ${base} {
  readonly layer: '${kind}';
${stored.map((param) => `  readonly ${param.name}${param.positional ? '' : '?'}: ${storedTypeOf(param)};`).join('\n')}
}

/**
${wrapped(factory.summary)}
 *
${positional.map((param) => wrapped(`@param ${param.name} - ${param.meaning}\n`)).join('\n')}${positional.length > 0 ? '\n' : ''}${wrapped(`@returns ${factory.returns}`)}
${wrapped(`@throws LapicqueError \`invalid-parameter\` for an option out of range${throws}`)}
 *
 * @example
 * \`\`\`ts
 * sequential(input(${example.input.join(', ')}), ${factory.name}(${example.arguments.map(code).join(', ')}), dense(${elementsBehind(operation, example)}, 10), lif({ beta: 0.9 }));
 * \`\`\`
 */
export function ${factory.name}(${[...leading, `options: ${type}Options = {}`].join(', ')}): ${type} {
  return operationNode(operationTables${/^\w+$/.test(kind) ? `.${kind}` : `['${kind}']`}, [${positional.map(({ name }) => name).join(', ')}], options) as ${type};
}
`;
}

function nodeType({ kind, params }) {
  const fields = params.map((param) => {
    const isThere = param.fallback.is !== 'absent' && !param.quiet;
    return `      readonly ${/^\w+$/.test(param.field) ? param.field : `'${param.field}'`}${isThere ? '' : '?'}: ${described(param)};`;
  });
  return `  | {\n      readonly kind: '${kind}';\n      readonly name: string;\n${fields.join('\n')}\n    }`;
}

const names = (list) => list.map(({ factory }) => pascal(factory.name)).join(' | ') || 'never';
const keeping = operations.filter(({ keepsShape }) => keepsShape);
const uses = (name) => operations.some(({ params }) => params.some((param) => typeOf(param) === name));
const imported = ['Pair', 'Triple'].filter(uses);

writeFileSync(
  'src-ts/layers/operations.generated.ts',
  `// Generated by \`npm run generate\` from the definitions in src-rs/core/operations. Do not edit.
${uses('Initialiser') ? "import type { Initialiser } from '../neurons/initialiser.ts';\n" : ''}${imported.length > 0 ? `import type { ${imported.join(', ')} } from './map-node.ts';\n` : ''}import { operationNode } from './operation-node.ts';
import { operationTables } from './operation-tables.generated.ts';

${operations.map(block).join('\n')}
/** A layer with a definition in the engine. */
export type OperationLayer = ${names(operations)};

/** Those that keep the shape. */
export type KeepingOperation = ${names(keeping)};

/** Their form in a {@link Description}. */
export type OperationSpec =
${operations.map(nodeType).join('\n')};
`,
);

const tables = operations.map(({ kind, keepsShape, params, factory }) => {
  const told = params.map(({ meaning: _, ...param }) => param);
  return [kind, { kind, name: factory.name, keepsShape, torch: factory.torch, params: told }];
});
writeFileSync(
  'src-ts/layers/operation-tables.generated.ts',
  `// Generated by \`npm run generate\` from the definitions in src-rs/core/operations. Do not edit.
import type { OperationTable } from './operation-node.ts';

/** What is known of each kind of layer that has a definition in the engine. */
export const operationTables = ${JSON.stringify(Object.fromEntries(tables), null, 2)} as const satisfies Readonly<Record<string, OperationTable>>;
`,
);
