/** Figures of networks: populations, connections and delays; or layers. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import type { Circuit } from '../circuit/circuit.ts';
import type { SynapseValues } from '../circuit/elements/distribution.ts';
import type { Model } from '../model/model.ts';
import type { Network } from '../model/network.ts';
import { pointOnCircle, sidewaysShift } from './circle.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { MarkSpec, PanelSpec } from './draw/spec.ts';
import { fitted, widthOf } from './draw/text.ts';
import { layersFigure } from './layer-graph.ts';
import { graphNodes, meanOf, nodeName, weightSign } from './network-graph.ts';

/** Connections drawn at most; more would be a black patch. */
const maxConnections = 400;

/** Pixels of a unit of the axes in a figure of 85 mm, and the font size: where texts have room then, they have it always. */
const [unit, font] = [61, 12];

/** Connections up to which each has its delay as a text. */
const maxDelays = 16;

type Point = readonly [x: number, y: number];

export async function topology(
  network: Circuit | Model | Network,
  options: FigureOptions = {},
): Promise<Figure> {
  const appearance = checkOptions('figure.topology', options, figureOptions);
  const description: unknown = network?.description;
  if (typeof description !== 'object' || description === null)
    invalid('network', network, 'a result of circuit(…) or sequential(…), or a model');
  if ('nodes' in description) return layersFigure(network as Model | Network, appearance);
  if (!('populations' in description) || !Array.isArray(description.populations))
    invalid('network', network, 'a result of circuit(…) or sequential(…), or a model');
  const { populations, sources = [], connections = [], inputs = [] } = (network as Circuit).description;
  if (connections.length > maxConnections)
    invalid(
      'network',
      `${connections.length} connections`,
      `at most ${maxConnections}, because more cannot be told apart`,
    );
  const driven = drivesOf(inputs);
  const neurons = new Map(populations.map(({ name, neuron }) => [name, modelOf(neuron)]));
  const nodes = graphNodes((network as Circuit).description).map((node) => ({
    ...node,
    what: node.isSource
      ? 'spike trains'
      : [neurons.get(node.name), ...(driven.get(node.name) ?? [])].join(', '),
  }));
  // A model that all neurons share is named once.
  const models = [...new Set(nodes.flatMap(({ isSource, what }) => (isSource ? [] : [what])))];
  const positions = new Map(nodes.map(({ name }, i) => [name, pointOnCircle(i, nodes.length)]));
  const all = nodes.map((_, i) => pointOnCircle(i, nodes.length));
  const radius = nodes.length > 4 ? 10 : 15;
  const labels = nodes.map(({ name, size, what }, i) =>
    labelAt(all[i]!, radius, [`${name}, ${size.toLocaleString('en')}`, ...(models.length > 1 ? [what] : [])]),
  );
  const taken: Box[] = [
    ...all.map((at) => boxOf(at, (2 * radius + 4) / unit, (2 * radius + 4) / unit)),
    ...labels.flatMap(({ boxes }) => boxes),
  ];
  const delays: { at: Point; text: string }[] = [];
  const arrows = connections.map(({ from, to, weight, delay }): MarkSpec => {
    const [source, target] = [positions.get(nodeName(from))!, positions.get(nodeName(to))!];
    const isInhibitory = weightSign(weight) < 0;
    // Of two connections in opposite directions each runs on its own side.
    const [sx, sy] = sidewaysShift(source, target);
    const [start, end] = [
      [source[0] + sx, source[1] + sy],
      [target[0] + sx, target[1] + sy],
    ] as const;
    // Loops point along the circle: names are outside of it, and other arrows inside.
    const angle = nodes.length === 1 ? 0 : Math.atan2(source[1], source[0]) - Math.PI / 2;
    const text = connections.length > maxDelays ? '' : delayText(delay);
    const at = text === '' ? undefined : textPosition(start, end, angle, text, taken);
    if (at !== undefined) delays.push({ at, text });
    return {
      type: 'arrow',
      from: start,
      to: end,
      color: isInhibitory ? 1 : 0,
      head: isInhibitory ? 'bar' : 'arrow',
      inset: radius + 5,
      width: 1.3,
      angle,
    };
  });
  const points = [false, true].map((isSource): MarkSpec => {
    const own = nodes.flatMap((node, i) => (node.isSource === isSource ? [all[i]!] : []));
    return {
      type: 'points',
      x: own.map(([x]) => x),
      y: own.map(([, y]) => y),
      radius,
      color: isSource ? 'grid' : 'muted',
    };
  });
  const panel: PanelSpec = {
    x: { label: '', domain: [-2.6, 2.6] },
    y: { label: '', domain: [-1.75, 1.75] },
    marks: [
      ...arrows,
      ...points,
      ...labels.flatMap(({ marks }) => marks),
      {
        type: 'text',
        x: delays.map(({ at: [x] }) => x),
        y: delays.map(({ at: [, y] }) => y),
        texts: delays.map(({ text }) => text),
        color: 'muted',
        halo: true,
      },
    ],
    legend: [
      { name: 'excitatory', color: 0 },
      { name: 'inhibitory', color: 1 },
    ].filter(({ color }) => arrows.some((arrow) => arrow.color === color)),
    aspect: 3.5 / 5.2,
    bare: true,
  };
  const total = nodes.reduce((sum, { size, isSource }) => sum + (isSource ? 0 : size), 0);
  const without = connections.length - delays.length;
  const omitted =
    without === 0
      ? ' Times are delays.'
      : `${delays.length === 0 ? '' : ' Times are delays.'} Delays ${delays.length === 0 ? '' : 'not shown '}are ${rangeText(connections.map(({ delay }) => delay))}.`;
  const caption = `${populations.length} populations with ${total.toLocaleString('en')} neurons, ${sources.length} sources of spikes, ${connections.length} connections.${models.length === 1 ? ` Neurons: ${models[0]}.` : ''}${connections.length === 0 ? '' : omitted}`;
  return new Figure({ name: 'topology', title: 'Network', caption, columns: [[panel]] }, appearance);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function boxOf([x, y]: Point, width: number, height: number): Box {
  return { x, y, width, height };
}

/** The lines of a population beside its point: outside of the circle, and away from its loop. */
function labelAt(
  [x, y]: Point,
  radius: number,
  lines: readonly string[],
): { marks: MarkSpec[]; boxes: Box[] } {
  const side = Math.abs(x) < 0.2 ? 0 : Math.sign(x);
  const [dx, line] = [side * (radius + 7), 0.24];
  // Above or below, the lines begin where a loop ends; at the right they go up from the middle, and at the left down.
  const from = side === 0 ? Math.sign(y || -1) * (radius / unit + 0.3) : 0;
  const up = side === 0 ? Math.sign(y || -1) : side;
  const own = lines.map((text) => fitted(text, side === 0 ? 12 : 6.3));
  const placed = up > 0 ? [...own].reverse() : own;
  const marks = placed.map(
    (text, i): MarkSpec => ({
      type: 'text',
      x: [x],
      y: [y + from + up * i * line],
      texts: [text],
      anchor: side === 0 ? 'middle' : side > 0 ? 'start' : 'end',
      dx,
      color: text === own[0] ? 'ink' : 'muted',
      halo: true,
    }),
  );
  const boxes = placed.map((text, i) => {
    const width = (widthOf(text) * font) / unit;
    return boxOf([x + dx / unit + (side * width) / 2, y + from + up * i * line], width, line);
  });
  return { marks, boxes };
}

/** A free position for a text beside an arrow; undefined if there is none. */
function textPosition(
  start: Point,
  end: Point,
  angle: number,
  text: string,
  taken: Box[],
): Point | undefined {
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const long = Math.sqrt(dx ** 2 + dy ** 2);
  const [width, height] = [((widthOf(text) + 0.4) * font) / unit, (1.2 * font) / unit];
  // From an arrow as far as the text reaches towards it.
  const away = long < 1e-9 ? 0 : 0.05 + (Math.abs(dy / long) * width + Math.abs(dx / long) * height) / 2;
  const candidates: Point[] =
    long < 1e-9
      ? [0.85, 0.95, 1.05].map((far) => [
          start[0] + (far + (width / 2) * Math.abs(Math.cos(angle))) * Math.cos(angle),
          start[1] + far * Math.sin(angle),
        ])
      : [0.5, 0.42, 0.58, 0.34, 0.66].map((share) => [
          start[0] + share * dx + (away * dy) / long,
          start[1] + share * dy - (away * dx) / long,
        ]);
  const free = candidates.find(([x, y]) =>
    taken.every(
      (box) =>
        Math.abs(box.x - x) >= (box.width + width) / 2 || Math.abs(box.y - y) >= (box.height + height) / 2,
    ),
  );
  if (free !== undefined) taken.push(boxOf(free, width, height));
  return free;
}

function modelOf(neuron: object): string {
  const { model, equations } = neuron as { model: string; equations?: { name?: string } };
  return model === 'custom' ? (equations?.name ?? 'custom') : model;
}

/** The kinds of inputs of each population. */
function drivesOf(inputs: readonly object[]): Map<string, string[]> {
  const words: Record<string, string> = { poisson: 'Poisson input', normal: 'noise', current: 'current' };
  const driven = new Map<string, string[]>();
  for (const { kind, to } of inputs as readonly { kind: string; to: string | { of: string } }[]) {
    const list = driven.get(nodeName(to)) ?? [];
    const word = words[kind] ?? kind;
    if (!list.includes(word)) driven.set(nodeName(to), [...list, word]);
  }
  return driven;
}

function delayText(delay: SynapseValues): string {
  const mean = meanOf(delay);
  if (mean === undefined) return '';
  return `${typeof delay === 'number' ? '' : '≈ '}${Number(mean.toPrecision(3))} ms`;
}

function rangeText(delays: readonly SynapseValues[]): string {
  const means = delays.map(meanOf).filter((mean) => mean !== undefined);
  if (means.length === 0) return 'expressions of the neurons';
  const [low, high] = [Math.min(...means), Math.max(...means)].map((value) => Number(value.toPrecision(3)));
  return low === high ? `${low} ms` : `from ${low} to ${high} ms`;
}
