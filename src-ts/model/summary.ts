/** A model as a table for people. */

import { printable } from '../checks/printable.ts';
import type { ModelInfo } from '../compiled/model-info.ts';
import type { Description } from '../description/description.ts';

/** One line a node: name, kind, shape, number of trained values, kernels. */
export function summaryOf(description: Description, info: ModelInfo): string {
  const trained = trainedValues(info);
  const native = new Map(info.layers.map((layer) => [layer.name, layer.native]));
  const shapeOf = shapes(info);
  const rows = [['layer', 'kind', 'shape', 'parameters', 'kernels']];
  const input = description.input.shape ?? [description.input.size];
  rows.push(['input', '', `[${input.join(', ')}]`, '', '']);
  for (const node of description.nodes) {
    const count = trained.get(node.name) ?? 0;
    if (node.kind === 'dynamics') {
      const kernels = native.get(node.name) ? 'compiled' : 'interpreted';
      rows.push([node.name, node.dynamics.model, `[${node.neurons}]`, String(count), kernels]);
    } else rows.push([node.name, node.kind, shapeOf(node.name), count.toLocaleString('en-US'), '']);
  }
  if (description.readout !== undefined) {
    const own = (description.readout.parameters ?? []).map(({ shape }) => shape);
    const count = own.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
    rows.push(['readout', 'traced', '', count.toLocaleString('en-US'), '']);
  }
  for (const row of rows) row[0] = printable(row[0]!);
  const widths = rows[0]!.map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]!.length), 0),
  );
  const line = (row: string[]) =>
    row
      .map((cell, i) => (i === 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = line(widths.map((width) => '─'.repeat(width))).replaceAll(' ', '─');
  return [
    line(rows[0]!),
    rule,
    ...rows.slice(1).map(line),
    rule,
    `${info.parameterCount.toLocaleString('en-US')} trained values · ${description.precision} · dt ${description.dt} ms · output ${printable(info.output)}`,
  ].join('\n');
}

/** Numbers of trained values by the node that has them. */
function trainedValues({ parameters }: ModelInfo): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, trainable, shape } of parameters) {
    if (!trainable) continue;
    const node = name.slice(0, name.lastIndexOf('.'));
    counts.set(node, (counts.get(node) ?? 0) + shape.reduce((product, size) => product * size, 1));
  }
  return counts;
}

/** The shape by node: of its weights, otherwise of its values. */
function shapes({ parameters, maps }: ModelInfo): (node: string) => string {
  const found = new Map(maps.map(({ name, shape }) => [name, shape]));
  for (const { name, shape } of parameters)
    if (name.endsWith('.weight')) found.set(name.slice(0, -'.weight'.length), shape);
  return (node) => `[${found.get(node)?.join(', ') ?? ''}]`;
}
