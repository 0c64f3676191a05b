/** `lapicque verify`: what a NIR file says, and what it leaves open. */
import type { NirFramework } from '../nir/frameworks.ts';
import { frameworks } from '../nir/frameworks.ts';
import type { NirReport } from '../nir/report.ts';
import { type NirVerification, verifyNir } from '../nir/verify.ts';
import { exit } from './failure.ts';
import { interruption } from './interrupt.ts';
import { output, table } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';

interface Options extends CommonOptions {
  dt?: number;
  framework?: NirFramework | 'auto';
}

export async function verify(path: string, options: Options): Promise<void> {
  await prepare(options);
  const { dt, framework, limitBytes, json = false } = options;
  const found = await verifyNir(path, {
    signal: interruption(),
    ...(dt === undefined ? {} : { dt }),
    ...(framework === undefined ? {} : { framework }),
    ...(limitBytes === undefined ? {} : { limits: { bytes: limitBytes } }),
  });
  const { problem, ...rest } = found;
  const object = { path, ...rest, ...(problem === undefined ? {} : { problem: problem.toJSON() }) };
  output(json).result(object, () => textOf(path, found));
  if (!found.supported) process.exitCode = exit.failed;
}

function textOf(path: string, { report, problem, roundTrip, lost }: NirVerification): string {
  if (report === undefined) return `${path}: not supported\n${problem?.message}`;
  const nodes = report.nodes.map(({ name, type, shape, layer = '' }) => [
    name,
    type,
    `[${shape.join(', ')}]`,
    layer === name ? '' : layer,
  ]);
  return [
    `${path}: supported; NIR${report.version === undefined ? '' : ` ${report.version}`}, ${writer(report)}`,
    '',
    table([['node', 'type', 'shape', 'layer'], ...nodes]),
    '',
    `output      ${report.outputs.map(({ node, layer, value }) => `${node} = ${layer}.${value}`).join(', ')}`,
    `step        ${report.dt} ms`,
    ...conventions(report),
    ...section('assumed', report.assumptions),
    ...section('habits of the framework that the file does not show', report.quirks),
    ...section('warnings', report.warnings),
    ...section('what NIR cannot say of it, written as metadata', lost ?? []),
    '',
    roundTrip?.exact === true
      ? 'round trip  exact: written as NIR and read again it is the same network'
      : `round trip  not exact: ${roundTrip?.differences.join(', ')}`,
  ].join('\n');
}

function writer({ framework, evidence, detected }: NirReport): string {
  if (framework === 'lapicque') return 'written by lapicque';
  const { title } = frameworks[framework];
  if (framework === 'nir') return `taken literally (${evidence})`;
  return detected ? `written by ${title} (${evidence})` : `read as ${title} writes (${evidence})`;
}

function conventions({ conventions: own, framework }: NirReport): string[] {
  if (framework === 'lapicque') return ['dynamics    as the metadata of lapicque say'];
  const decay =
    own.membrane === 'euler' ? 'v decays by 1 - dt/tau (forward Euler)' : 'v decays by exp(-dt/tau)';
  const input = own.inputGain === 'nir' ? 'the input counts r dt/tau' : 'the input counts as it is';
  const synapse = {
    euler: 'i is updated by forward Euler before v uses it',
    'jump-then-decay': 'i jumps by the input, v uses it, then it decays',
    'jump-decay-use': 'i jumps by the input and decays, then v uses it',
  }[own.synapse];
  const reset = own.reset === 'value' ? 'v is set to v_reset' : 'v_threshold is taken off v';
  const timing = own.resetTiming === 'same-step' ? 'in the step of the spike' : 'in the step after the spike';
  const several = own.spikes === 'several' ? `, up to ${own.maxSpikes} in a step` : '';
  return [
    `dynamics    ${decay}; ${input}; ${synapse}`,
    `spikes      where v ${own.compare} v_threshold${several}; ${reset} ${timing}`,
    ...(own.tauScale === 1 ? [] : [`tau         every time constant is multiplied by ${own.tauScale}`]),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  - ${line}`)];
}
