/** What is stated about a type of NIR nodes. The registry is node-types.ts. */
import type { Shape } from '../checks/tensor.ts';
import type { Weights } from '../compiled/compiled-model.ts';
import type { NodeOf, NodeSpec } from '../description/description.ts';
import type { NirConventions } from './conventions.ts';
import { unsupportedNir } from './errors.ts';
import type { FieldTypes } from './field-type.ts';
import type { NirField, NirNode, NirTensor } from './graph.ts';
import type { LoweredLayer } from './layer-specs.ts';
import type { LoweredNeuron, NeuronNode } from './neuron-node.ts';
import type { PopulationParameters } from './population-parameters.ts';

/** A stateless node in its graph. */
export interface StatelessNode {
  readonly path: string;
  readonly node: NirNode;
  readonly inputShape: Shape;
  readonly shape: Shape;
  /** ms */
  readonly dt: number;
}

/** A layer that is written. */
export interface WrittenLayer<K extends NodeSpec['kind']> {
  readonly node: NodeOf<K>;
  readonly inputShape: Shape;
  readonly shape: Shape;
  readonly weight: (end: string) => Weights;
  /** ms */
  readonly dt: number;
}

/** The fields of a written neuron, one number per neuron, and the options and parameters that NIR cannot express, with the reason. */
export interface WrittenNeuron {
  readonly fields: Readonly<Record<string, readonly number[]>>;
  readonly lost?: readonly (readonly [string, string])[];
}

/** The fields of a written node. */
export type Fields = Readonly<Record<string, NirField>>;

/** A type of nodes. */
export interface NirNodeType {
  readonly fields: FieldTypes;
  /** What it becomes, for the table of the documentation. */
  readonly becomes: string;
  /** Whether it outputs its input unchanged. */
  readonly passing?: true;
  /** Whether its fields have one number per neuron or element; a single number applies to all. */
  readonly elementwise?: true;
  /** Whether it outputs spikes. */
  readonly spiking?: true;
  /** Whether it is a projection, which may lie in a cycle between populations. */
  readonly projection?: true;
  /** Whether an image as input is flattened. */
  readonly flattens?: true;
  /** The conventions that change what it computes. */
  readonly conventions?: readonly (keyof NirConventions)[];
  /** Checks that concern several fields. @throws LapicqueError `shape-mismatch`, `invalid-parameter` */
  readonly check?: (name: string, fields: ReadonlyMap<string, NirField>) => void;
  /** The input shape that its fields determine; `undefined` if it depends on the sources. */
  readonly demands?: (node: NirNode) => Shape | undefined;
  /** The output shape. Absent: the input shape. @param next - the shape that a reader demands */
  readonly output?: (
    name: string,
    node: NirNode,
    inputShape: Shape,
    next: Shape | undefined,
  ) => { readonly shape: Shape; readonly assumed?: string };
  /** Its layers in series, if it has no state. */
  readonly layers?: (node: StatelessNode) => readonly LoweredLayer[];
  /** The same in a cycle, which consists of projections between populations; absent if they are the same. */
  readonly layersInCycle?: (node: StatelessNode) => readonly LoweredLayer[];
  /** The delay of each element in steps, or a single one for all, of a delay. @param dt - ms */
  readonly delaySteps?: (node: NirNode, dt: number) => readonly number[];
  /** Its populations in series, if it is a neuron. @throws LapicqueError `unsupported`, `invalid-parameter` */
  readonly populations?: (neuron: NeuronNode) => LoweredNeuron;
  /** How kinds of layers are written as this type; `undefined` where another type is right. @throws LapicqueError `unsupported` */
  readonly writesLayers?: {
    readonly [K in NodeSpec['kind']]?: (layer: WrittenLayer<K>) => Fields | undefined;
  };
  /** How neuron models are written as this type; `undefined` where another type is right. Custom models are `custom:name`. */
  readonly writesNeurons?: Readonly<Record<string, (p: PopulationParameters) => WrittenNeuron | undefined>>;
}

/** @throws LapicqueError `unsupported`: a layer that NIR has no node for */
export function refuseLayer(name: string, what: string, reason: string): never {
  throw unsupportedNir(`${what} ${name}: ${reason}`, 'NIR');
}

/** The numbers of a field that is checked. */
export function tensorOf(node: NirNode, key: string): NirTensor {
  return node.fields.get(key) as NirTensor;
}
