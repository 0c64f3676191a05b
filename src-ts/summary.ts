/** A model as a table for people. */
import type { ModelInfo } from './model.ts';
import type { Description } from './network.ts';

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
  rows.push(['input', '', `[${description.input.size}]`, '', '']);
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
      const shape = node.kind === 'dense' ? `[${node.out}, ${node.in}]` : `[${node.neurons}]`;
      rows.push([node.name, node.kind, shape, count(node.name).toLocaleString('en-US'), '']);
    }
  }
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
    `${info.parameterCount.toLocaleString('en-US')} trained values · ${description.precision} · dt ${description.dt} ms · output ${info.output}`,
  ].join('\n');
}
