/** The Legendre memory unit. */
import { options as checkOptions, finite, flag, integer, invalid, oneOf } from '../checks/check.ts';
import type { Edge, GraphSpec } from '../layers/branches.ts';
import { dense } from '../layers/operations.generated.ts';
import { graph } from '../model/graph.ts';
import type { Network } from '../model/network.ts';
import { li, rateUnit } from '../neurons/models.generated.ts';
import type { Neuron } from '../neurons/neuron-node.ts';
import { largestOrder } from '../numbers/legendre.ts';

/** Options of {@link lmu}. */
export interface LmuOptions {
  /** Number of input channels. */
  inputs: number;
  /** Number of classes. */
  classes: number;
  /** Number of remembered signals; default 1. */
  memories?: number;
  /** Number of Legendre polynomials per signal; default 16. */
  order?: number;
  /** Length of the memory in steps. */
  theta: number;
  /** Number of hidden units; default 64. */
  hidden?: number;
  /** The discretization; default `'zoh'`, the zero-order hold. */
  method?: 'zoh' | 'euler';
  /** Whether the matrices of the memory are trained; default false. */
  learned?: boolean;
  /** The sources of feedback to the remembered signal; default both. */
  feedback?: readonly ('hidden' | 'memory')[];
  /** Whether the hidden units are recurrently connected; default true. */
  recurrent?: boolean;
  /** A trained constant in the remembered signal; default false. */
  bias?: boolean;
  /** Whether the input also reaches the hidden units directly; default true. */
  shortcut?: boolean;
  /**
   * Whether a batch computes all steps of the memory at once (N. R. Chilkuri, C. Eliasmith, ICML 2021). This requires a
   * memory without feedback: `feedback: []`. Results equal those of a session within rounding. Default false.
   */
  parallel?: boolean;
  /** The hidden units; default `rateUnit` with `tanh`; with a spiking population the network is spiking. */
  neuron?: Neuron;
}

const names = [
  'inputs',
  'classes',
  'memories',
  'order',
  'theta',
  'hidden',
  'method',
  'learned',
  'feedback',
  'recurrent',
  'bias',
  'shortcut',
  'parallel',
  'neuron',
] as const;

/**
 * A Legendre memory unit (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS 2019) and a readout. The signal `u = Wx x + Wh h
 * + Wm m` is remembered by `m = A m + B u`, which represents its last `theta` steps, and `h = tanh(Vx x + Vh h + Vm
 * m)`. On the right-hand sides, `h` and `m` are values of the previous step, except in `Vm m`. The memory is a
 * population `memory` with fixed recurrent weights; the layers are `encode`, `hiddenToSignal`, `memoryToSignal`,
 * `write`, `read`, `shortcut`, `hidden.recurrent` and `readout`. Without feedback (`feedback: []`) the memory depends
 * on the input alone, and all its steps may be computed at once (`parallel: true`).
 *
 * @returns a network from `[inputs]` to `[classes]`
 * @throws LapicqueError `invalid-parameter` for an option out of range
 * @example
 * ```ts
 * const model = await networks.lmu({ inputs: 1, classes: 10, theta: 64, order: 32, hidden: 64 }).compile({ seed: 1 });
 * ```
 */
export function lmu(options: LmuOptions): Network {
  const {
    inputs,
    classes,
    memories = 1,
    order = 16,
    theta,
    hidden = 64,
    method = 'zoh',
    learned = false,
    feedback = ['hidden', 'memory'],
    recurrent = true,
    bias = false,
    shortcut = true,
    parallel = false,
    neuron = rateUnit({ activation: 'tanh' }),
  } = checkOptions('lmu', options, names);
  for (const [name, size] of Object.entries({ inputs, classes, memories, hidden })) {
    integer(`lmu.${name}`, size, { min: 1, max: 2 ** 20 });
  }
  integer('lmu.order', order, { min: 1, max: largestOrder });
  finite('lmu.theta', theta, { above: 0 });
  oneOf('lmu.method', method, ['zoh', 'euler']);
  for (const [name, value] of Object.entries({ learned, recurrent, bias, shortcut, parallel })) {
    flag(`lmu.${name}`, value);
  }
  if (neuron?.layer !== 'population' || neuron.recurrent !== undefined) {
    invalid('lmu.neuron', neuron, 'a population without recurrence');
  }
  if (!Array.isArray(feedback)) invalid('lmu.feedback', feedback, "a list of 'hidden' and 'memory'");
  for (const source of feedback) oneOf('lmu.feedback', source, ['hidden', 'memory']);
  if (parallel && feedback.length > 0) invalid('lmu.parallel', parallel, 'false, or `feedback: []`');
  const size = memories * order;
  const legendre = { order, theta, method } as const;
  const plain = { bias: false } as const;
  const fixed = { ...plain, trainable: learned } as const;
  const even = { kind: 'xavier-uniform' } as const;
  const nodes: Record<string, GraphSpec['nodes'][string]> = {
    encode: dense(inputs, memories, { bias, initial: even }),
    signal: rateUnit({ neurons: memories }),
    write: dense(memories, size, { ...fixed, initial: { kind: 'legendre-input', ...legendre } }),
    memory: rateUnit({
      neurons: size,
      recurrent: {
        kind: 'dense',
        ...fixed,
        initial: { kind: 'legendre-memory', ...legendre },
        ...(parallel ? { parallel } : {}),
      },
    }),
    read: dense(size, hidden, { initial: even, initialBias: { kind: 'zeros' } }),
    hidden: Object.freeze({
      ...neuron,
      neurons: hidden,
      ...(recurrent
        ? { recurrent: { kind: 'dense', bias: false, initial: { kind: 'orthogonal' } } as const }
        : {}),
    }),
    readout: dense(hidden, classes),
    out: li({ beta: 0 }),
  };
  const edges: Edge[] = [
    ['input', 'encode'],
    ['encode', 'signal'],
    ['signal', 'write'],
    ['write', 'memory'],
    ['memory', 'read'],
    ['read', 'hidden'],
    ['hidden', 'readout'],
    ['readout', 'out'],
  ];
  if (feedback.includes('hidden')) {
    nodes.hiddenToSignal = dense(hidden, memories, { ...plain, initial: { kind: 'zeros' } });
    edges.push(['hidden', 'hiddenToSignal', { delayed: true }], ['hiddenToSignal', 'signal']);
  }
  if (feedback.includes('memory')) {
    nodes.memoryToSignal = dense(size, memories, { ...plain, initial: { kind: 'zeros' } });
    edges.push(['memory', 'memoryToSignal', { delayed: true }], ['memoryToSignal', 'signal']);
  }
  if (shortcut) {
    nodes.shortcut = dense(inputs, hidden, { ...plain, initial: even });
    edges.push(['input', 'shortcut'], ['shortcut', 'hidden']);
  }
  return graph({ inputs: [inputs], nodes, edges, output: 'out' });
}
