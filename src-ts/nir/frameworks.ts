/** The frameworks that write NIR files: how each is detected, and its conventions that the file does not record. */

import { literal, type NirConventions } from './conventions.ts';
import type { FlatGraph } from './flat.ts';
import { type NirNode, numbersOf } from './graph.ts';

/** A framework with known conventions; `nir` solves the equations as written by forward Euler. */
export type NirFramework = 'nir' | 'lapicque' | 'snntorch' | 'norse' | 'spikingjelly' | 'sinabs' | 'rockpool';

/** The conventions of a framework. */
export interface FrameworkProfile {
  /** The name for users. */
  readonly title: string;
  /** The default step of its files, ms. */
  readonly dt: number;
  /** @param dt - s */
  readonly conventions: (dt: number) => NirConventions;
  /** Differences from the equations of NIR, with the issues that discuss them. */
  readonly quirks: (graph: FlatGraph) => readonly string[];
}

const neurons = (graph: FlatGraph, ...types: string[]) =>
  [...graph.nodes.values()].filter(({ type }) => types.includes(type));
const has = (graph: FlatGraph, ...types: string[]) => neurons(graph, ...types).length > 0;

/** Profiles by framework. */
export const frameworks: Readonly<Record<Exclude<NirFramework, 'lapicque'>, FrameworkProfile>> = {
  nir: { title: 'NIR, equations as written', dt: 1, conventions: () => literal, quirks: () => [] },
  snntorch: {
    title: 'snnTorch',
    dt: 0.1,
    conventions: () => ({ ...literal, reset: 'subtract', resetTiming: 'next-step', feedback: 'neuron' }),
    quirks: (graph) => [
      'snnTorch resets by subtraction one step after the spike; the file has v_reset = 0 for this and for a reset to zero: for reset_mechanism="zero" set conventions: { reset: "value" }',
      'the exporter of snnTorch assumes dt = 0.1 ms for every network; r = tau / dt cancels it',
      'snnTorch before 1.0 scaled thresholds on export (snntorch PR #435); for such a file set conventions: { thresholdScale }',
      ...(has(graph, 'Conv1d', 'Conv2d')
        ? [
            'snnTorch exports convolutions without input_shape (snntorch #410); the shapes are inferred from the input',
          ]
        : []),
    ],
  },
  norse: {
    title: 'Norse',
    dt: 1,
    conventions: (dt) => ({ ...literal, synapse: 'jump-then-decay', ifGain: 'one', tauScale: 1 / dt }),
    quirks: (graph) => [
      'Norse multiplies every time constant by dt on export (norse #411); the reader divides them by dt',
      ...(has(graph, 'CubaLIF', 'CubaLI')
        ? [
            'Norse adds the input to the synaptic current and updates v before the current decays; w_in of the file is ignored',
          ]
        : []),
      ...(has(graph, 'IF')
        ? ['Norse adds the input of an IF neuron without dt; r of the file is ignored']
        : []),
    ],
  },
  spikingjelly: {
    title: 'SpikingJelly',
    dt: 0.1,
    conventions: () => ({ ...literal, start: 'reset', compare: '>=', feedback: 'neuron' }),
    quirks: () => [
      'SpikingJelly spikes when v >= v_threshold, NIR when v > v_threshold; v starts at v_reset',
    ],
  },
  sinabs: {
    title: 'sinabs',
    dt: 1,
    conventions: (dt) => ({
      ...literal,
      membrane: 'exponential',
      inputGain: 'one',
      ifGain: 'one',
      reset: 'subtract',
      compare: '>=',
      spikes: 'several',
      tauScale: dt,
      feedback: 'neuron',
    }),
    quirks: () => [
      'sinabs writes time constants in steps, not in seconds',
      'sinabs emits several spikes per step and subtracts v_threshold from v for each, although the file has v_reset = 0; it spikes when v >= v_threshold',
      'sinabs decays v by exp(-1/tau) and adds the input without a factor; r of the file is ignored',
    ],
  },
  rockpool: {
    title: 'Rockpool',
    dt: 1,
    conventions: () => ({
      ...literal,
      membrane: 'exponential',
      synapse: 'jump-decay-use',
      inputGain: 'one',
      ifGain: 'one',
      reset: 'subtract',
      compare: '>=',
      spikes: 'several',
      feedback: 'neuron',
    }),
    quirks: () => [
      'Rockpool emits several spikes per step and subtracts v_threshold from v for each, although the file has v_reset = 0; it spikes when v >= v_threshold',
      'Rockpool decays by exp(-dt/tau); the input is added to the synaptic current, which decays before it is added to v; w_in and r of the file are ignored',
      'the exporter of Rockpool drops biases and recurrent weights (w_rec) without an error, so a recurrent network cannot be restored from its file',
    ],
  },
};

/** The framework that wrote a file, if the file shows it. */
export interface Detection {
  /** The framework; absent if none or several match. */
  readonly framework?: NirFramework;
  /** The reason for the detection; without a framework, the candidates. */
  readonly evidence: string;
}

const close = (a: number, b: number, rel: number) => Math.abs(a - b) <= rel * Math.abs(b);
const times = (node: NirNode) => ['tau', 'tau_mem', 'tau_syn'].flatMap((key) => numbersOf(node, key) ?? []);

/** Detects the framework that wrote a file by node names, time constants and resistances. */
export function detectFramework(graph: FlatGraph): Detection {
  const names = [...graph.nodes.keys()].map((path) => path.slice(path.lastIndexOf('/') + 1));
  const named = (pattern: RegExp) => names.find((name) => pattern.test(name));
  const rockpool = named(/^\d+_\w+(Torch|Jax)$/);
  if (rockpool !== undefined) return { framework: 'rockpool', evidence: `a node is named ${rockpool}` };
  const jelly = named(/^_\d+(_\d+)*$/);
  if (jelly !== undefined && names.some((name) => /^input_\d+$/.test(name)))
    return {
      framework: 'spikingjelly',
      evidence: `nodes are named ${jelly} and input_1, as by torch.fx`,
    };
  const found = neurons(graph, 'LIF', 'CubaLIF', 'LI', 'CubaLI', 'IF');
  const leaky = found.filter(({ type }) => type !== 'IF');
  const all = leaky.flatMap(times);
  if (leaky.length > 0 && leaky.every(isFromSnntorch))
    return { framework: 'snntorch', evidence: 'r = tau / 0.1 ms in every neuron' };
  const hasUnitR = found.every((node) => numbersOf(node, 'r')!.every((r) => r === 1));
  const isNumbered = names.some((name) => /^\d+$/.test(name));
  if (hasUnitR && all.length > 0 && all.every((tau) => tau >= 1))
    return {
      framework: 'sinabs',
      evidence: 'time constants of at least 1 s and r = 1, so they are in steps',
    };
  if (hasUnitR && isNumbered && all.length > 0 && all.every((tau) => tau < 1e-4))
    return {
      framework: 'norse',
      evidence: 'time constants below 0.1 ms and r = 1, so they were multiplied by dt',
    };
  if (hasUnitR && isNumbered && found.length > 0 && leaky.length === 0) {
    if (has(graph, 'SumPool2d'))
      return { framework: 'sinabs', evidence: 'IF neurons with r = 1, and a SumPool2d' };
    return { evidence: 'IF neurons with r = 1 and numbered nodes, as from sinabs or Norse' };
  }
  return { evidence: 'the file does not show which framework wrote it' };
}

function isFromSnntorch(node: NirNode): boolean {
  const tau = numbersOf(node, 'tau') ?? numbersOf(node, 'tau_mem')!;
  const [r, leak] = [numbersOf(node, 'r')!, numbersOf(node, 'v_leak')!];
  const exported = tau.every((value, i) => close(r[r.length === 1 ? 0 : i]!, value / 1e-4, 1e-4));
  return exported && leak.every((v) => v === 0);
}
