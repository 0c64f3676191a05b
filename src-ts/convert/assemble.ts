/** A changed graph as a description, and as a model with its numbers. */
import type { Description, NodeSpec } from '../description/description.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { compileWith } from '../model/compile.ts';
import type { Model } from '../model/model.ts';
import { clippedRelu, qcfs, relu } from '../neurons/activations.ts';
import { rateUnit } from '../neurons/models.generated.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import type { Activation } from './activation.ts';
import type { AnnGraph } from './ann-graph.ts';
import type { PreparedGraph } from './prepare.ts';

/** What populations of a network are. */
export type Populations = ReadonlyMap<string, DynamicsSpec>;

/** The description of a graph with these populations; others stay as they are. */
export function describe(
  graph: AnnGraph,
  populations: Populations,
  { dt, precision, seed, input }: Pick<Description, 'dt' | 'precision' | 'seed' | 'input'>,
): Description {
  const nodes = graph.ordered().map((name): NodeSpec => {
    const node = graph.nodes.get(name)!;
    const dynamics = populations.get(name);
    return node.kind === 'dynamics' && dynamics !== undefined
      ? { kind: 'dynamics', name, neurons: graph.size(name), dynamics }
      : node;
  });
  return { schema: 1, dt, precision, seed, input, nodes, edges: graph.edges, output: graph.output };
}

/** Compiles a description with the numbers of a graph. */
export async function assembled(
  graph: AnnGraph,
  description: Description,
  options: TaskOptions = {},
): Promise<Model> {
  const model = await compileWith('unset', description, options);
  const weights = model.info.parameters.flatMap(({ name, shape }) => {
    const values = graph.weights.get(name);
    return values === undefined ? [] : [[name, { data: values, shape }] as const];
  });
  const asStored = description.precision === 'f64' ? Float64Array : Float32Array;
  await model.setWeights(
    new Map(weights.map(([name, { data, shape }]) => [name, { data: asStored.from(data), shape }])),
  );
  return model;
}

/** One number per channel as one per neuron; one number where all are equal. */
export function perNeuron(graph: AnnGraph, name: string, values: Float64Array): number | number[] {
  if (values.every((value) => value === values[0])) return values[0]!;
  const pixels = graph.size(name) / values.length;
  return Array.from({ length: graph.size(name) }, (_, i) => values[Math.floor(i / pixels)]!);
}

/** The prepared artificial network: the same function, with the layers that are converted. */
export function artificial(prepared: PreparedGraph): Populations {
  const { graph, activations } = prepared;
  return new Map([...activations].map(([name, activation]) => [name, dynamicsOf(graph, name, activation)]));
}

function dynamicsOf(graph: AnnGraph, name: string, activation: Activation): DynamicsSpec {
  switch (activation.kind) {
    case 'identity':
      return rateUnit().dynamics;
    case 'relu':
      return relu().dynamics;
    case 'clipped-relu':
      return clippedRelu({ ceiling: perNeuron(graph, name, activation.ceiling) }).dynamics;
    case 'quantized':
      return qcfs({
        levels: activation.levels,
        theta: perNeuron(graph, name, activation.theta),
        trainable: false,
      }).dynamics;
  }
}
