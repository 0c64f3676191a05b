/** `lapicque verify`: reports the content of a NIR file and the assumptions of the reader. */
import { frameworks, type NirFramework } from '../nir/frameworks.ts';
import type { NirReport } from '../nir/report.ts';
import { type NirVerification, verifyNir } from '../nir/verify.ts';
import { exit } from './failure.ts';
import { interruption } from './interrupt.ts';
import { output, printable, table } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';

interface Options extends CommonOptions {
  dt?: number;
  framework?: NirFramework | 'auto';
}

export async function verify(path: string, options: Options): Promise<void> {
  await prepare(options);
  const { dt, framework, limitBytes, json = false } = options;
  const verification = await verifyNir(path, {
    signal: interruption(),
    ...(dt === undefined ? {} : { dt }),
    ...(framework === undefined ? {} : { framework }),
    ...(limitBytes === undefined ? {} : { limits: { bytes: limitBytes } }),
  });
  const { problem, ...rest } = verification;
  const object = { path, ...rest, ...(problem === undefined ? {} : { problem: problem.toJSON() }) };
  output(json).result(object, () => textOf(path, verification));
  if (!verification.supported) process.exitCode = exit.failed;
}

function textOf(path: string, { report, problem, roundTrip, lost }: NirVerification): string {
  if (report === undefined) return `${path}: not supported\n${printable(problem?.message ?? '')}`;
  const nodes = report.nodes.map(({ name, type, shape, layer = '' }) => [
    name,
    type,
    `[${shape.join(', ')}]`,
    layer === name ? '' : layer,
  ]);
  return [
    `${path}: supported; NIR${report.version === undefined ? '' : ` ${printable(report.version)}`}, ${printable(writer(report))}`,
    '',
    table([['node', 'type', 'shape', 'layer'], ...nodes]),
    '',
    `output      ${printable(report.outputs.map(({ node, layer, value }) => `${node} = ${layer}.${value}`).join(', '))}`,
    `step        ${report.dt} ms`,
    ...conventions(report),
    ...section('assumptions', report.assumptions),
    ...section('differences of the framework from NIR that the file does not record', report.quirks),
    ...section('warnings', report.warnings),
    ...section('semantics that NIR cannot express, written as metadata', lost ?? []),
    '',
    roundTrip?.exact === true
      ? 'round trip  exact: writing the network as NIR and reading it again gives the same network'
      : `round trip  not exact; differences: ${printable(roundTrip?.differences.join(', ') ?? '')}`,
  ].join('\n');
}

function writer({ framework, evidence, detected }: NirReport): string {
  if (framework === 'lapicque') return 'written by lapicque';
  const { title } = frameworks[framework];
  if (framework === 'nir') return `equations as written (${evidence})`;
  return detected
    ? `written by ${title} (${evidence})`
    : `read with the conventions of ${title} (${evidence})`;
}

function conventions({ conventions: own, framework }: NirReport): string[] {
  if (framework === 'lapicque') return ['dynamics    from the lapicque metadata'];
  const decay =
    own.membrane === 'euler' ? 'v decays by 1 - dt/tau (forward Euler)' : 'v decays by exp(-dt/tau)';
  const input = own.inputGain === 'nir' ? 'the input is scaled by r dt/tau' : 'the input is not scaled';
  const synapse = {
    euler: 'forward Euler updates i, then v uses i',
    'jump-then-decay': 'the input is added to i, v uses i, then i decays',
    'jump-decay-use': 'the input is added to i, i decays, then v uses i',
  }[own.synapse];
  const reset = own.reset === 'value' ? 'v is set to v_reset' : 'v_threshold is subtracted from v';
  const timing = own.resetTiming === 'same-step' ? 'in the step of the spike' : 'in the step after the spike';
  const several = own.spikes === 'several' ? `, up to ${own.maxSpikes} per step` : '';
  return [
    `dynamics    ${decay}; ${input}; ${synapse}`,
    `spikes      when v ${own.compare} v_threshold${several}; ${reset} ${timing}`,
    ...(own.tauScale === 1
      ? []
      : [`tau         every time constant of the file is multiplied by ${own.tauScale}`]),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  - ${printable(line)}`)];
}
