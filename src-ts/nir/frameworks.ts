/** The frameworks that write NIR files: how each is recognised, and which of its habits a file does not tell. */

import { literal, type NirConventions } from './conventions.ts';
import type { FlatGraph } from './flat.ts';
import type { NirNode } from './graph.ts';
import { numbersOf } from './shapes.ts';

/** A framework whose habits are known; `nir` takes a file literally. */
export type NirFramework = 'nir' | 'lapicque' | 'snntorch' | 'norse' | 'spikingjelly' | 'sinabs' | 'rockpool';

/** What is known of a framework. */
export interface FrameworkProfile {
  readonly title: string;
  /** The step that its files suggest, ms. */
  readonly dt: number;
  /** @param dt - step in s */
  readonly conventions: (dt: number) => NirConventions;
  /** What differs from the equations of NIR, and where it is discussed. */
  readonly quirks: (graph: FlatGraph) => readonly string[];
}

const neurons = (graph: FlatGraph, ...types: string[]) =>
  [...graph.nodes.values()].filter(({ type }) => types.includes(type));
const has = (graph: FlatGraph, ...types: string[]) => neurons(graph, ...types).length > 0;

/** Habits by framework. */
export const frameworks: Readonly<Record<Exclude<NirFramework, 'lapicque'>, FrameworkProfile>> = {
  nir: { title: 'NIR, taken literally', dt: 1, conventions: () => literal, quirks: () => [] },
  snntorch: {
    title: 'snnTorch',
    dt: 0.1,
    conventions: () => ({ ...literal, reset: 'subtract', resetTiming: 'next-step', feedback: 'neuron' }),
    quirks: (graph) => [
      'snnTorch resets by subtraction one step after the spike, and the file says v_reset = 0 for that and for a reset to zero alike: for reset_mechanism="zero" tell conventions: { reset: "value" }',
      'the exporter of snnTorch takes dt as 0.1 ms, whatever the network’s: r = tau / dt undoes it',
      'snnTorch before 1.0 scaled thresholds on export (snntorch PR #435); for such a file tell conventions: { thresholdScale }',
      ...(has(graph, 'Conv1d', 'Conv2d')
        ? ['snnTorch exports convolutions without input_shape (snntorch #410): shapes follow from the input']
        : []),
    ],
  },
  norse: {
    title: 'Norse',
    dt: 1,
    conventions: (dt) => ({ ...literal, synapse: 'jump-then-decay', ifGain: 'one', tauScale: 1 / dt }),
    quirks: (graph) => [
      'Norse multiplies every time constant by dt on export (norse #411): they are divided by dt again',
      ...(has(graph, 'CubaLIF', 'CubaLI')
        ? [
            'in Norse the synaptic current jumps by the input and drives v before it decays; w_in of the file is not used',
          ]
        : []),
      ...(has(graph, 'IF')
        ? ['Norse adds the input of an IF neuron without dt; r of the file is not used']
        : []),
    ],
  },
  spikingjelly: {
    title: 'SpikingJelly',
    dt: 0.1,
    conventions: () => ({ ...literal, start: 'reset', compare: '>=', feedback: 'neuron' }),
    quirks: () => [
      'SpikingJelly spikes where v >= v_threshold, NIR where v > v_threshold; v starts at v_reset',
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
      'sinabs counts time constants in steps, not in seconds',
      'sinabs gives several spikes in one step and takes v_threshold off v for each, although the file says v_reset = 0; it spikes where v >= v_threshold',
      'sinabs decays by exp(-1/tau) and adds the input as it is; r of the file is not used',
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
      'Rockpool gives several spikes in one step and takes v_threshold off v for each, although the file says v_reset = 0; it spikes where v >= v_threshold',
      'Rockpool decays by exp(-dt/tau); the synaptic current jumps by the input and decays before it drives v; w_in and r of the file are not used',
      'the exporter of Rockpool leaves out biases and recurrent weights (w_rec) without a word: a recurrent network cannot be had from its file',
    ],
  },
};

/** Who wrote a file, as far as it tells. */
export interface Detection {
  /** The framework, where one thing only fits. */
  readonly framework?: NirFramework;
  /** What it was recognised by; of none, which would fit. */
  readonly evidence: string;
}

const close = (a: number, b: number, rel: number) => Math.abs(a - b) <= rel * Math.abs(b);
const times = (node: NirNode) => ['tau', 'tau_mem', 'tau_syn'].flatMap((key) => numbersOf(node, key) ?? []);

/** Recognises the writing framework by names of nodes, time constants and resistances. */
export function detectFramework(graph: FlatGraph): Detection {
  const names = [...graph.nodes.keys()].map((path) => path.slice(path.lastIndexOf('/') + 1));
  const named = (pattern: RegExp) => names.find((name) => pattern.test(name));
  const rockpool = named(/^\d+_\w+(Torch|Jax)$/);
  if (rockpool !== undefined) return { framework: 'rockpool', evidence: `the node is called ${rockpool}` };
  const jelly = named(/^_\d+(_\d+)*$/);
  if (jelly !== undefined && names.some((name) => /^input_\d+$/.test(name)))
    return {
      framework: 'spikingjelly',
      evidence: `nodes are called ${jelly} and input_1, as torch.fx names them`,
    };
  const found = neurons(graph, 'LIF', 'CubaLIF', 'LI', 'CubaLI', 'IF');
  const leaky = found.filter(({ type }) => type !== 'IF');
  const all = leaky.flatMap(times);
  if (leaky.length > 0 && leaky.every(isOfSnntorch))
    return { framework: 'snntorch', evidence: 'r = tau / 0.1 ms in every neuron' };
  const unit = found.every((node) => numbersOf(node, 'r')!.every((r) => r === 1));
  const counted = names.some((name) => /^\d+$/.test(name));
  if (unit && all.length > 0 && all.every((tau) => tau >= 1))
    return { framework: 'sinabs', evidence: 'time constants of 1 s and more, r = 1: they are in steps' };
  if (unit && counted && all.length > 0 && all.every((tau) => tau < 1e-4))
    return { framework: 'norse', evidence: 'time constants below 0.1 ms, r = 1: they were multiplied by dt' };
  if (unit && counted && found.length > 0 && leaky.length === 0) {
    if (has(graph, 'SumPool2d'))
      return { framework: 'sinabs', evidence: 'IF neurons with r = 1 behind SumPool2d' };
    return { evidence: 'IF neurons with r = 1 and nodes called by numbers: sinabs or Norse' };
  }
  return { evidence: 'nothing in the file tells who wrote it' };
}

function isOfSnntorch(node: NirNode): boolean {
  const tau = numbersOf(node, 'tau') ?? numbersOf(node, 'tau_mem')!;
  const [r, leak] = [numbersOf(node, 'r')!, numbersOf(node, 'v_leak')!];
  const exported = tau.every((value, i) => close(r[r.length === 1 ? 0 : i]!, value / 1e-4, 1e-4));
  return exported && leak.every((v) => v === 0);
}
