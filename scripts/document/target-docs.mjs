// Writes the table of the targets into docs/guides/quantization.md (run the build first).
import { readFileSync, writeFileSync } from 'node:fs';
import { integerTarget } from '../../dist/chip.js';

/** What each rule says, in the order of the table. */
const meanings = {
  weightBits: 'bits of a weight',
  vBits: 'bits of v',
  currentBits: 'bits of a synaptic current',
  range: 'the numbers that a state may have',
  currents: 'synaptic currents of a neuron; with 0, input is added to v',
  currentOrder: 'when a current decays, receives the input and is added to v',
  saturation: 'when what is received saturates',
  vDecay: 'decay of v in a step',
  currentDecay: 'decay of a current in a step',
  compare: 'how v compares with the threshold to spike',
  maxSpikes: 'spikes of a hidden neuron in a step; at the limit v keeps the rest',
  outputMaxSpikes: 'the same of the last layer',
  reset: 'what a spike does to v',
  resetTiming: 'when',
  resetScale: 'of a reset in the next step: whether the amount decays',
  outputDelay: 'steps from a hidden spike to its effect on the last layer',
  inputMaxCount: 'largest count of an input channel in a step; more is clipped',
  inputSigned: 'whether input counts may be negative',
  maxShift: 'largest left shift of the weights of a connection',
  scale: 'scale of weights that `quantize` chooses',
  fromModel: 'rules that `quantize` takes from the model',
  source: 'source',
};

function text(value) {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (typeof value === 'object' && value !== null) {
    const { kind, ...rest } = value;
    const details = Object.entries(rest).map(([name, detail]) => `${name} ${detail}`);
    return [kind, ...details].join(', ');
  }
  return String(value);
}

/** The table of all rules of all targets, as Markdown. */
function table(names) {
  const targets = names.map((name) => {
    const { layer, ...rest } = integerTarget(name);
    return { ...layer, ...rest };
  });
  const rows = Object.entries(meanings).map(
    ([rule, meaning]) =>
      `| \`${rule}\` | ${meaning} | ${targets.map((rules) => text(rules[rule])).join(' | ')} |`,
  );
  const head = `| rule | meaning | ${names.map((name) => `\`'${name}'\``).join(' | ')} |`;
  return [head, `|${' --- |'.repeat(names.length + 2)}`, ...rows].join('\n');
}

/** The targets as the types list them. */
const [, union] = /type IntegerTarget = (.+);/.exec(readFileSync('dist/chip.d.ts', 'utf8'));
const names = [...union.matchAll(/'([^']+)'/g)].map(([, name]) => name);
const page = 'docs/guides/quantization.md';
const [begin, end] = ['<!-- targets -->', '<!-- /targets -->'];
const content = readFileSync(page, 'utf8');
const [before, rest] = content.split(begin);
const after = rest.split(end)[1];
writeFileSync(page, `${before}${begin}\n\n${table(names)}\n\n${end}${after}`);
