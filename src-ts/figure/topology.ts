/** A figure of a large network: its populations and connections. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import type { Circuit } from '../circuit/network.ts';
import { besideWay, placeOnCircle } from './circle.ts';
import { Figure } from './figure.ts';
import { graphNodes, nodeName, weightSign } from './network-graph.ts';
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
  const nodes = graphNodes(description);
  const places = new Map(nodes.map(({ name }, i) => [name, placeOnCircle(i, nodes.length)]));
  const arrows = connections.map(({ from, to, weight }): MarkSpec => {
    const [source, target] = [places.get(nodeName(from))!, places.get(nodeName(to))!];
    const isInhibitory = weightSign(weight) < 0;
    const [sx, sy] = besideWay(source, target);
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
    const own = nodes.flatMap((node, i) =>
      node.isSource === isSource ? [placeOnCircle(i, nodes.length)] : [],
    );
    return {
      type: 'points',
      x: own.map(([x]) => x),
      y: own.map(([, y]) => y),
      radius: 15,
      color: isSource ? 'grid' : 'muted',
    };
  });
  const all = nodes.map((_, i) => placeOnCircle(i, nodes.length));
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
