/** A figure of a large network: its populations and connections. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import type { SynapseValues } from '../circuit/elements/distribution.ts';
import type { Circuit } from '../circuit/network.ts';
import { Figure } from './figure.ts';
import { type FigureOptions, figureOptions } from './options.ts';
import type { MarkSpec, PanelSpec } from './spec.ts';

/** Connections drawn at most; more would be a black patch. */
const mostConnections = 400;

/**
 * The populations and sources of a network on a circle, with an arrow for each connection. An arrow ends in a bar if its mean weight is negative. The text of
 * a population has its number of neurons.
 *
 * @throws LapicqueError `invalid-parameter` for what is no network, or for more than 400 connections; `unknown-name`
 */
export async function topology(network: Circuit, options: FigureOptions = {}): Promise<Figure> {
  const appearance = checkOptions('figure.topology', options, figureOptions);
  const description = network?.description;
  if (typeof description !== 'object' || description === null || !Array.isArray(description.populations))
    invalid('network', network, 'a result of network(…)');
  const { populations, sources = [], connections = [] } = description;
  if (connections.length > mostConnections)
    invalid(
      'network',
      `${connections.length} connections`,
      `at most ${mostConnections}, because more cannot be told apart`,
    );
  const nodes = [
    ...populations.map(({ name, size }) => ({ name, size, isSource: false })),
    ...sources.map(({ name, trains }) => ({ name, size: trains.length, isSource: true })),
  ];
  const places = new Map(nodes.map(({ name }, i) => [name, placeOf(i, nodes.length)]));
  const arrows = connections.map(({ from, to, weight }): MarkSpec => {
    const [source, target] = [places.get(nameOf(from))!, places.get(nameOf(to))!];
    const isInhibitory = signOf(weight) < 0;
    // Of two connections in opposite directions each runs on its own side.
    const [sx, sy] = shifted(source, target);
    return {
      type: 'arrow',
      from: [source[0] + sx, source[1] + sy],
      to: [target[0] + sx, target[1] + sy],
      color: isInhibitory ? 1 : 0,
      head: isInhibitory ? 'bar' : 'arrow',
      inset: 20,
      width: 1.3,
      angle: nodes.length === 1 ? Math.PI / 2 : Math.atan2(source[1], source[0]),
    };
  });
  const points = [false, true].map((isSource): MarkSpec => {
    const own = nodes.flatMap((node, i) => (node.isSource === isSource ? [placeOf(i, nodes.length)] : []));
    return {
      type: 'points',
      x: own.map(([x]) => x),
      y: own.map(([, y]) => y),
      radius: 15,
      color: isSource ? 'grid' : 'muted',
    };
  });
  const all = nodes.map((_, i) => placeOf(i, nodes.length));
  const texts: MarkSpec = {
    type: 'text',
    x: all.map(([x]) => x * 1.58),
    y: all.map(([, y]) => y * 1.42 - (nodes.length === 1 ? 0.2 : 0)),
    texts: nodes.map(({ name, size }) => `${name}, ${size.toLocaleString('en')}`),
  };
  const panel: PanelSpec = {
    x: { label: '', domain: [-2.2, 2.2] },
    y: { label: '', domain: [-1.55, 1.55] },
    marks: [...arrows, ...points, texts],
    legend: [
      { name: 'excitatory', color: 0 },
      { name: 'inhibitory', color: 1 },
    ],
    aspect: 3.1 / 4.4,
    bare: true,
  };
  const total = nodes.reduce((sum, { size, isSource }) => sum + (isSource ? 0 : size), 0);
  const caption = `${populations.length} populations with ${total.toLocaleString('en')} neurons, ${sources.length} sources of spikes, ${connections.length} connections.`;
  return new Figure({ name: 'topology', title: 'Network', caption, columns: [[panel]] }, appearance);
}

function placeOf(i: number, count: number): [number, number] {
  if (count === 1) return [0, 0];
  const angle = Math.PI / 2 - (2 * Math.PI * i) / count;
  return [Math.cos(angle), Math.sin(angle)];
}

/** A shift to the right of the way from a source to a target. */
function shifted([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): [number, number] {
  const long = Math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2);
  return long === 0 ? [0, 0] : [(0.05 * (y2 - y1)) / long, (-0.05 * (x2 - x1)) / long];
}

function nameOf(neurons: string | { readonly of: string }): string {
  return typeof neurons === 'string' ? neurons : neurons.of;
}

/** The sign of the mean; 0 where an expression of two neurons determines the weight. */
function signOf(weight: SynapseValues): number {
  if (typeof weight === 'number') return Math.sign(weight);
  if (typeof weight === 'string') return 0;
  if (!('kind' in weight)) return Math.sign(Array.from(weight).reduce((sum, value) => sum + value, 0));
  if (weight.kind === 'uniform') return Math.sign(weight.low + weight.high);
  return weight.kind === 'normal' ? Math.sign(weight.mean) : 1;
}
