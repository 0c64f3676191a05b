// Writes src-ts/neurons/models.generated.ts from the registry of neuron models: the types of their parameters and options,
// and a factory for each. The registry is the one place where a model is described.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { addon } = createRequire(import.meta.url)('../../native/load.cjs');
const registry = JSON.parse(addon.describeModels());
const isPorted = ({ ports }) => ports.length > 1;

const camel = (key) => key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const pascal = (key) => camel(key)[0].toUpperCase() + camel(key).slice(1);
// `if` is a word of the language.
const factoryName = (key) => (key === 'if' ? 'integrateAndFire' : camel(key));
const typeName = (key) => pascal(factoryName(key) === 'integrateAndFire' ? 'integrate-and-fire' : key);
const isFlag = (option) => option.values.every((value) => value === 'true' || value === 'false');
const quoted = (values) => values.map((value) => JSON.stringify(value)).join(' | ');
const sentence = (text) => text.replace(/\*\//g, '* /');

function optionsType(model) {
  const lines = [];
  for (const p of model.params) {
    const unit = p.unit === '' || p.unit === '1' ? 'dimensionless' : p.unit;
    const fallback = p.default === null ? '' : `; default ${p.default}`;
    lines.push(
      `  /** ${sentence(p.meaning)} (${unit}); ${p.expected}${fallback}. One number, or one per neuron. */`,
    );
    lines.push(`  ${p.name}?: number | readonly number[] | Float64Array | Float32Array;`);
  }
  for (const o of model.options) {
    lines.push(`  /** ${sentence(o.meaning)}; default ${isFlag(o) ? o.default : `\`'${o.default}'\``}. */`);
    lines.push(
      `  ${o.name}?: ${isFlag(o) ? 'boolean' : quoted(o.reset === undefined && o.name === 'reset' ? [...o.values, 'zero'] : o.values)};`,
    );
  }
  if (model.presets.length > 0) {
    const notes = model.presets.map((p) => `${p.name}: ${p.note}`).join('; ');
    lines.push(
      `  /** Fills in the parameters and options with which that library computes. ${sentence(notes)}. */`,
    );
    lines.push(`  like?: ${quoted(model.presets.map((p) => p.name))};`);
  }
  const learnable = model.params.filter((p) => p.learnable).map((p) => p.name);
  if (learnable.length > 0) {
    lines.push(
      '  /** Parameters that training changes, in addition to those that this model always learns. */',
    );
    lines.push(`  learn?: readonly (${quoted(learnable)})[];`);
  }
  return lines.join('\n');
}

/** Whether a preset fills in one of these parameters. */
const fills = (preset, group) => group.some((name) => (preset.params[name] ?? null) !== null);

/** Of parameters that say the same thing one is needed, or, where one has a default, at most one; as types. */
function choices(model) {
  return model.alternatives.map((group) => {
    const isNeeded = !model.params.some((p) => group.includes(p.name) && p.default !== null);
    const filled = model.presets.filter((preset) => fills(preset, group)).map((preset) => preset.name);
    const type = isNeeded ? 'OneOf' : 'AtMostOne';
    const rest = isNeeded && filled.length > 0 ? `, ${quoted(filled)}` : '';
    return { isNeeded, type: `${type}<${quoted(group)}${rest}>` };
  });
}

/** What a population of several ports is, for its documentation. */
function ported({ ports, wiring }) {
  const code = (names) => names.map((name) => `\`${name}\``).join(', ');
  const { entering, returning, returned } = wiring;
  const cut = `its input is split into ${entering.length} parts, for ${code(entering)}, unless an edge names its port`;
  const back =
    returning.join() === entering.join() ? '' : `, and its feedback into parts for ${code(returning)}`;
  const state = returned === null ? '' : `; if recurrent, it feeds back \`${returned}\`, not its spikes`;
  return `a population with the ports ${code(ports)}: ${cut}${back}${state}`;
}

function block(model) {
  const name = typeName(model.key);
  const factory = factoryName(model.key);
  const states = model.states.map((s) => ` * - \`${s.name}\`: ${sentence(s.meaning)}`).join('\n');
  const kind = isPorted(model) ? 'PortedNeuron' : 'Neuron';
  const chosen = choices(model);
  const fallback = chosen.some(({ isNeeded }) => isNeeded) ? '' : ' = {}';
  const alternatives = chosen.map(({ type }) => ` & ${type}`).join('');
  const fields = chosen.length === 0 ? `${name}Options` : `${name}Fields`;
  const together =
    chosen.length === 0
      ? ''
      : `
/** Parameters and options of {@link ${factory}}; one of each group of equivalent parameters. */
export type ${name}Options<N extends number = number> = ${fields}<N>${alternatives};
`;
  const what =
    chosen.length === 0
      ? `Parameters and options of {@link ${factory}}.`
      : `Fields of {@link ${name}Options}.`;
  return `/** ${what} */
export interface ${fields}<N extends number = number> extends NeuronOptions<N> {
${optionsType(model)}
}
${together}
/**
 * ${sentence(model.title)}: \`${sentence(model.equation)}\`.
 *
 * As computed: \`${sentence(model.update)}\`. States:
${states}
 *
 * Source: ${sentence(model.source)}.
 *
 * @returns ${isPorted(model) ? ported(model) : 'a population with the number of neurons of its input'}
 * @throws LapicqueError \`unknown-name\` for an option that does not exist; at \`compile\` \`invalid-parameter\` for a
 * value out of range and \`shape-mismatch\` for a list whose length is not the number of neurons
 */
export function ${factory}<const N extends number = number>(options: ${name}Options<N>${fallback}): ${kind}<N> {
  return neuronNode(${JSON.stringify(model.key)}, ${model.spiking}, options, ${factory}Names)${isPorted(model) ? ' as PortedNeuron<N>' : ''};
}
const ${factory}Names: ModelNames = {
  params: ${JSON.stringify(model.params.map((p) => p.name))},
  options: ${JSON.stringify(model.options.map((o) => o.name))},${
    isPorted(model)
      ? `
  ports: ${JSON.stringify({ all: model.ports, entering: model.wiring.entering, returning: model.wiring.returning })},`
      : ''
  }
};
`;
}

/** One member of the union. */
function named({ name, params }) {
  return `  | { readonly name: ${JSON.stringify(name)};${params.map((p) => ` readonly ${p.name}?: number;`).join('')} }`;
}

/** Where a library's default is another. */
function likes({ like }) {
  return Object.entries(like)
    .map(([peer, value]) => `, under \`like: '${peer}'\` ${value}`)
    .join('');
}

function surrogateBlock(s) {
  const fields = s.params
    .map((p) => `  /** ${sentence(p.expected)}; default ${p.default}${likes(p)}. */\n  ${p.name}?: number;`)
    .join('\n');
  const name = camel(s.name);
  const type = s.params.length === 0 ? '' : `options: {\n${fields}\n} = {}`;
  return `/**
 * Surrogate gradient \`${sentence(s.formula)}\` with \`x = v - vThreshold\`.
 * Source: ${sentence(s.source)}.
 */
export function ${name}(${type}): Surrogate {
  return surrogateOf(${JSON.stringify(s.name)}, ${s.params.length === 0 ? '{}' : 'options'}, ${JSON.stringify(s.params.map((p) => p.name))});
}
`;
}

writeFileSync(
  'src-ts/neurons/models.generated.ts',
  `// Generated by \`npm run generate\` from the registry in src-rs/core/dynamics. Do not edit.
import type { AtMostOne, OneOf } from './alternatives.ts';
import {
  type ModelNames,
  type Neuron,
  type NeuronOptions,
  type PortedNeuron,
  neuronNode,
} from './neuron-node.ts';

${registry.models.map(block).join('\n')}`,
);
writeFileSync(
  'src-ts/neurons/named-surrogates.generated.ts',
  `// Generated by \`npm run generate\` from the registry in src-rs/core/dynamics. Do not edit.

/** A surrogate by its name, with its parameters. */
export type NamedSurrogate =
${registry.surrogates.map(named).join('\n')};
`,
);
writeFileSync(
  'src-ts/neurons/surrogates.generated.ts',
  `// Generated by \`npm run generate\` from the registry in src-rs/core/dynamics. Do not edit.
import { type Surrogate, surrogateOf } from './surrogate-node.ts';

export type { NamedSurrogate } from './named-surrogates.generated.ts';

${registry.surrogates.map(surrogateBlock).join('\n')}`,
);
