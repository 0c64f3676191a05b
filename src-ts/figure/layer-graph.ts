/** The layers of a network from top to bottom, with their connections. */
import { invalid } from '../checks/check.ts';
import type { Model } from '../model/model.ts';
import type { Network } from '../model/network.ts';
import { Figure } from './draw/figure.ts';
import type { FigureOptions } from './draw/options.ts';
import type { MarkSpec, PanelSpec } from './draw/spec.ts';
import { shortened } from './draw/text.ts';

/** Layers drawn at most. */
const maxLayers = 200;

export function layersFigure(network: Model | Network, appearance: FigureOptions): Figure {
  const { nodes, edges, input } = network.description;
  if (nodes.length > maxLayers) invalid('network', `${nodes.length} layers`, `at most ${maxLayers}`);
  const shapes = shapesOf(network);
  const size = (input.shape ?? [input.size]).join(' × ');
  const rows = ['input', ...nodes.map(({ name }) => name)];
  const texts = [
    `input, ${size}`,
    ...nodes.map((node) => {
      const kind = node.kind === 'dynamics' ? node.dynamics.model : node.kind;
      const shape = shapes.get(node.name);
      return shortened(`${node.name}: ${kind}${shape === undefined ? '' : `, ${shape}`}`, 48);
    }),
  ];
  const rowOf = new Map(rows.map((name, i) => [name, i]));
  let isRecurrent = false;
  const connections = edges.flatMap(([from, to]): MarkSpec[] => {
    const [a, b] = [rowOf.get(from), rowOf.get(to)];
    if (a === undefined || b === undefined) return [];
    const isBack = b <= a;
    isRecurrent ||= isBack;
    const look = { color: isBack ? 1 : 'muted', width: 1.3 } as const;
    if (b === a + 1) return [{ type: 'arrow', from: [0, a], to: [0, b], inset: 7, ...look }];
    // Other connections are arcs on the left.
    const bulge = 0.12 + 0.11 * Math.sqrt(Math.abs(b - a));
    const [middle, half] = [(a + b) / 2, a === b ? 0.3 : (b - a) / 2];
    const angles = Array.from({ length: 25 }, (_, i) => (Math.PI * i) / 24);
    const x = angles.map((angle) => -bulge * Math.sin(angle) - 0.04);
    const y = angles.map((angle) => middle - half * Math.cos(angle));
    return [
      { type: 'line', x, y, ...look },
      { type: 'arrow', from: [x[22]!, y[22]!], to: [x[24]!, y[24]!], ...look, width: 1 },
    ];
  });
  const y = rows.map((_, i) => i);
  const isPopulation = (i: number) => i > 0 && nodes[i - 1]!.kind === 'dynamics';
  const pointsOf = (keep: (i: number) => boolean, color: 0 | 'muted'): MarkSpec => {
    const own = y.filter(keep);
    return { type: 'points', x: own.map(() => 0), y: own, radius: color === 0 ? 4.5 : 3, color };
  };
  const panel: PanelSpec = {
    x: { label: '', domain: [-0.7, 2.6] },
    y: { label: '', domain: [rows.length - 0.4, -0.6] },
    marks: [
      ...connections,
      pointsOf((i) => !isPopulation(i), 'muted'),
      pointsOf(isPopulation, 0),
      { type: 'text', x: y.map(() => 0), y, texts, anchor: 'start', dx: 12 },
    ],
    legend: [
      { name: 'neurons', color: 0, mark: 'point' },
      { name: 'other layers', color: 'muted', mark: 'point' },
      ...(isRecurrent ? [{ name: 'feedback', color: 1 }] : []),
    ],
    weight: 0.15 * rows.length,
    bare: true,
  };
  const caption = `${nodes.length} layers with their outputs, from the input down.${isRecurrent ? ' Arcs that lead up are feedback.' : ''}`;
  return new Figure({ name: 'topology', title: 'Network', caption, columns: [[panel]] }, appearance);
}

/** The shapes of outputs: of a compiled model those of all populations, else what the description says. */
function shapesOf(network: Model | Network): Map<string, string> {
  const known = network.description.nodes.flatMap((node): [string, string][] =>
    node.kind === 'dense' ? [[node.name, `${node.in} → ${node.out}`]] : [],
  );
  const compiled =
    'info' in network
      ? [...network.info.layers, ...network.info.maps].map(({ name, shape }): [string, string] => [
          name,
          shape.join(' × '),
        ])
      : [];
  return new Map([...known, ...compiled]);
}
