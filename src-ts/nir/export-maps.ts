/** Converts layers without state to NIR nodes, or says why NIR has no node for them. */
import type { Description, NodeSpec } from '../description/description.ts';
import { type Fields, refuseLayer, type WrittenLayer } from './node-type.ts';
import { firstType } from './node-types.ts';

/** The reason why a kind of layer cannot be written. */
export const unwrittenLayers: Readonly<Record<string, string>> = {
  mixture: 'NIR has no mixing of time steps',
  'time-reduction': 'NIR has no reduction over time',
  concat: 'NIR has no concatenation',
  multiply: 'NIR has no product of two signals',
  'matrix-product': 'NIR has no product of two signals',
  attention: 'NIR has no attention',
  inhibition: 'NIR has no lateral inhibition',
  unflatten: 'NIR has no reshape from a vector to an image',
  'layer-norm': 'NIR has no normalization',
  'batch-norm': 'NIR has no normalization; fold the running statistics into the previous layer',
  embedding: 'NIR has no embedding lookup',
};

/** Whether a node outputs its input unchanged (or the sum of its inputs): NIR has edges from its sources to its readers instead. */
export function isPassedOn(node: NodeSpec, { edges, output }: Description): boolean {
  if (node.kind === 'add' || node.kind === 'dropout') return true;
  if (node.kind !== 'dynamics') return false;
  const { model, params } = node.dynamics;
  const isIdentity =
    model === 'li' && params.beta === 0 && params.r === 1 && params.vLeak === 0 && params.vInit === 0;
  // A delayed edge at the output population reads its state of the previous step, so that population is written.
  const hasDelayedEdge = edges.some(
    ([from, to, how]) => (from === node.name || to === node.name) && how?.delayed === true,
  );
  return (
    isIdentity && node.dynamics.options.inputScale === 'weight' && (!hasDelayedEdge || node.name !== output)
  );
}

/** @throws LapicqueError `unsupported` with the reason */
export function exportMap<K extends NodeSpec['kind']>(
  layer: WrittenLayer<K>,
): { readonly type: string; readonly answer: Fields } {
  const { name, kind } = layer.node as NodeSpec;
  const written = firstType(({ writesLayers = {} }) =>
    (writesLayers[kind] as ((own: WrittenLayer<K>) => Fields | undefined) | undefined)?.(layer),
  );
  return written ?? refuseLayer(name, `the layer ${kind}`, unwrittenLayers[kind] ?? 'NIR has no node for it');
}
