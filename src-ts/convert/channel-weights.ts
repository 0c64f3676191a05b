/** Weights of linear layers, multiplied by a factor for each output channel and each input channel. */
import type { NodeOf } from '../description/description.ts';
import type { AnnGraph } from './ann-graph.ts';

/** Layers whose weights take scales in. */
export type LinearNode = NodeOf<'dense'> | NodeOf<'conv'>;

/** Multiplies the weights of a layer, and its bias by the factor of the output. A factor that is `undefined` is 1. */
export function scaleWeights(
  graph: AnnGraph,
  node: LinearNode,
  output: Float64Array | undefined,
  input: Float64Array | undefined,
): void {
  const weights = graph.weights.get(`${node.name}.weight`)!;
  const channels = node.kind === 'conv' ? convChannels(node) : denseChannels(node);
  for (let i = 0; i < weights.length; i++) {
    const [o, c] = channels(i);
    weights[i] = weights[i]! * (output?.[o] ?? 1) * (input?.[c] ?? 1);
  }
  const bias = graph.weights.get(`${node.name}.bias`);
  if (output !== undefined && bias !== undefined)
    for (let o = 0; o < bias.length; o++) bias[o] = bias[o]! * output[o]!;
}

type Channels = (index: number) => [output: number, input: number];

function denseChannels(node: NodeOf<'dense'>): Channels {
  return (i) => [Math.floor(i / node.in), i % node.in];
}

/** Weights `[out, in / groups, …]`, transposed `[in, out / groups, …]`. */
function convChannels(node: NodeOf<'conv'>): Channels {
  const kernelSize = node.kernel.reduce((product, size) => product * size, 1);
  const isTransposed = node.outputPadding !== undefined;
  const [rows, columns] = isTransposed ? [node.in, node.out] : [node.out, node.in];
  const [rowsInGroup, columnsInGroup] = [rows / node.groups, columns / node.groups];
  return (i) => {
    const row = Math.floor(i / (kernelSize * columnsInGroup));
    const column =
      Math.floor(row / rowsInGroup) * columnsInGroup + (Math.floor(i / kernelSize) % columnsInGroup);
    return isTransposed ? [column, row] : [row, column];
  };
}
