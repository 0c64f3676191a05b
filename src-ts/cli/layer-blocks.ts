/** The costs of a network's layers as text: a block of lines for each layer. */
import type { LayerOperations } from '../costs/layer-operations.ts';
import type { Operations } from '../costs/operations.ts';
import { joulesText } from '../costs/table.ts';
import { grouped, printable } from './output.ts';

const count = (value: number) => grouped(Math.round(value));
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Blocks of the layers that have weights, states or operations; means per sample. */
export function layerBlocks({ layers, energy }: Pick<Operations, 'layers' | 'energy'>): string {
  const energies = new Map(energy.layers.map(({ name, joules }) => [name, joules]));
  return layers
    .filter(({ weights, states, dense }) => weights > 0 || states > 0 || dense > 0)
    .map((layer) => block(layer, energies.get(layer.name) ?? 0))
    .join('\n');
}

function block(layer: LayerOperations, joules: number): string {
  const { name, kind, weights, zeroWeights, effectiveAcs, effectiveMacs, dense } = layer;
  const { sparsity, activation, membraneUpdates, neuronOperations, active } = layer;
  const parts = (...texts: (string | false | undefined)[]) => texts.filter(Boolean).join('; ');
  const lines = {
    weights: parts(weights > 0 && `${count(weights)}, ${percent(zeroWeights / weights)} zero`),
    operations: parts(
      ...(weights > 0 || dense > 0
        ? [
            `${count(effectiveAcs)} additions`,
            `${count(effectiveMacs)} multiply-adds`,
            `dense ${count(dense)}`,
          ]
        : []),
    ),
    outputs: parts(activation && sparsity !== undefined && `${percent(sparsity)} zero`),
    neurons: parts(
      membraneUpdates !== undefined && `${count(membraneUpdates)} membrane updates`,
      neuronOperations != null && `${count(neuronOperations.effective)} operations`,
      active !== undefined && `${percent(active)} with an active surrogate`,
    ),
    energy: parts(joules > 0 && joulesText(joules)),
  };
  return [
    printable(`${name} (${kind})`),
    ...Object.entries(lines).flatMap(([label, text]) =>
      text === '' ? [] : [`  ${label.padEnd(11)} ${text}`],
    ),
  ].join('\n');
}
