/** The registry of NIR's node types (1.0) except NIRGraph: one file states a type, or a few that differ little. */

import { unsupportedNir } from './errors.ts';
import { Conv1d, Conv2d } from './node-convolution.ts';
import { Delay } from './node-delay.ts';
import { Affine, Linear } from './node-dense.ts';
import { Flatten } from './node-flatten.ts';
import { I, IF } from './node-integrator.ts';
import { LI, LIF } from './node-leaky.ts';
import { AvgPool2d, SumPool2d } from './node-pool.ts';
import { Identity, Input, Output } from './node-ports.ts';
import { Scale } from './node-scale.ts';
import { CubaLI, CubaLIF } from './node-synaptic.ts';
import { Threshold } from './node-threshold.ts';
import type { NirNodeType } from './node-type.ts';

/** The types by name. A layer or neuron is written as the first type that takes it. */
export const nodeTypes: Readonly<Record<string, NirNodeType>> = {
  Input,
  Output,
  Identity,
  Affine,
  Linear,
  Scale,
  Conv1d,
  Conv2d,
  SumPool2d,
  AvgPool2d,
  Flatten,
  Delay,
  Threshold,
  I,
  IF,
  LI,
  LIF,
  CubaLI,
  CubaLIF,
};

/** @param where - the node, for the message @throws LapicqueError `unsupported` for a type that NIR does not have */
export function nodeType(name: string, where = 'a node'): NirNodeType {
  if (Object.hasOwn(nodeTypes, name)) return nodeTypes[name]!;
  const all = Object.keys(nodeTypes).join(', ');
  throw unsupportedNir(`the node type "${name}" of ${where}; known types are ${all}, NIRGraph`);
}

/** The first answer that is not `undefined`, with the name of its type. */
export function firstType<T>(
  of: (type: NirNodeType) => T | undefined,
): { readonly type: string; readonly answer: T } | undefined {
  for (const [type, stated] of Object.entries(nodeTypes)) {
    const answer = of(stated);
    if (answer !== undefined) return { type, answer };
  }
  return undefined;
}
