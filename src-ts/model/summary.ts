/** A model as a table for people. */

import { printable } from '../checks/printable.ts';
import type { ModelInfo } from '../compiled/model-info.ts';
import type { Description, NodeSpec } from '../description/description.ts';

/** One line a node: name, kind, shape, number of trained values, kernels. */
export function summaryOf(description: Description, info: ModelInfo): string {
  const count = (prefix: string) =>
    info.parameters
      .filter(
        ({ name, trainable }) =>
          trainable && name.startsWith(`${prefix}.`) && !name.slice(prefix.length + 1).includes('.'),
      )
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const rows = [['layer', 'kind', 'shape', 'parameters', 'kernels']];
  const input = description.input.shape ?? [description.input.size];
  rows.push(['input', '', `[${input.join(', ')}]`, '', '']);
  for (const node of description.nodes) {
    if (node.kind === 'dynamics') {
      const native = info.layers.find((layer) => layer.name === node.name)?.native;
      const learned = count(node.name);
      rows.push([
        node.name,
        node.dynamics.model,
        `[${node.neurons}]`,
        String(learned),
        native ? 'compiled' : 'interpreted',
      ]);
    } else {
      rows.push([node.name, node.kind, shapeOf(node, info), count(node.name).toLocaleString('en-US'), '']);
    }
  }
  for (const row of rows) row[0] = printable(row[0]!);
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row
      .map((cell, i) => (i === 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(
    line(rows.map((r) => r.join('')).length ? widths.map((w) => '─'.repeat(w)) : []).length,
  );
  return [
    line(rows[0]!),
    rule,
    ...rows.slice(1).map(line),
    rule,
    `${info.parameterCount.toLocaleString('en-US')} trained values · ${description.precision} · dt ${description.dt} ms · output ${printable(info.output)}`,
  ].join('\n');
}

/** Weights of a projection, otherwise what a layer gives. */
function shapeOf(node: NodeSpec, { parameters, maps }: ModelInfo): string {
  const weights = parameters.find(({ name }) => name === `${node.name}.weight`);
  const shape = weights ?? maps.find(({ name }) => name === node.name);
  return `[${shape?.shape.join(', ') ?? ''}]`;
}
