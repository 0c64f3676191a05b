/** A network as a picture whose nodes and edges are buttons. */
import type { EdgeFacts, GraphFacts, NodeFacts } from '../../../../src-ts/view/kinds/network-facts.ts';
import { dom } from '../parts/dom.ts';
import {
  circleLayout,
  columnLayout,
  columnStep,
  edgePath,
  type GraphLayout,
  loopPath,
  type NodePosition,
  outward,
} from '../plots/graph-layout.ts';
import { svg } from './svg.ts';

/** What the reader has chosen. */
export type Selected = { readonly node: string } | { readonly edge: number };

export interface GraphPicture {
  readonly element: HTMLElement;
  select(selected: Selected | undefined): void;
}

/** Radii of the smallest and the largest node. */
const [minRadius, maxRadius] = [15, 30];

const half = { width: 60, height: 26 };

/** Angle of a loop to its node, beside the name, which is outside of the circle. */
const loopAngle = 0.85;

export function graphPicture(facts: GraphFacts, select: (selected: Selected) => void): GraphPicture {
  const geometry = geometryOf(facts);
  const { isCircle, layout } = geometry;
  const edges = facts.edges.map((edge, i) => {
    const path = pathOf(edge, geometry);
    return path === undefined ? undefined : edgeButton(edge, path, () => select({ edge: i }));
  });
  const nodes = facts.nodes.map((node) => nodeButton(node, geometry, () => select({ node: node.name })));
  const picture = svg(
    'svg',
    {
      viewBox: `0 0 ${layout.width.toFixed(0)} ${layout.height.toFixed(0)}`,
      width: layout.width.toFixed(0),
      height: layout.height.toFixed(0),
      class: 'graph',
      role: 'group',
      'aria-label': `${facts.nodes.length} nodes and ${facts.edges.length} connections`,
    },
    svg('defs', {}, ...(['excitatory', 'inhibitory', 'mixed', 'none'] as const).map(marker)),
    ...edges.filter((edge) => edge !== undefined),
    ...nodes,
    // The texts lie over all arrows.
    ...facts.nodes.map((node) => nodeTexts(node, geometry)),
  );
  // A chain becomes somewhat smaller before it scrolls.
  if (!isCircle) picture.style.minWidth = `${Math.round(0.75 * layout.width)}px`;
  return {
    element: dom(
      'div',
      { class: isCircle ? 'graph-frame' : 'graph-frame columns', role: 'group', 'aria-label': 'Network' },
      picture,
    ),
    select(selected) {
      const node = selected !== undefined && 'node' in selected ? selected.node : undefined;
      const chosenEdge = selected !== undefined && 'edge' in selected ? selected.edge : undefined;
      for (const [i, button] of nodes.entries())
        button.setAttribute('aria-pressed', String(facts.nodes[i]!.name === node));
      for (const [i, button] of edges.entries()) {
        const { from, to } = facts.edges[i]!;
        button?.setAttribute('aria-pressed', String(i === chosenEdge));
        button?.classList.toggle('touches', from === node || to === node);
      }
      picture.classList.toggle('has-node', node !== undefined);
    },
  };
}

/** Positions and sizes of the nodes. */
interface Geometry {
  readonly isCircle: boolean;
  readonly layout: GraphLayout;
  /** From the middle of a node to its left and right rim, by name. */
  readonly radii: ReadonlyMap<string, number>;
}

function geometryOf({ layout, nodes, edges }: GraphFacts): Geometry {
  const isCircle = layout === 'circle';
  const names = nodes.map(({ name }) => name);
  const max = Math.max(1, ...nodes.map(({ size }) => size));
  const radiusOf = (size: number) =>
    isCircle ? minRadius + (maxRadius - minRadius) * Math.sqrt(size / max) : half.width;
  return {
    isCircle,
    layout: isCircle
      ? circleLayout(names)
      : columnLayout(
          names,
          edges.filter(({ isDelayed }) => !isDelayed).map(({ from, to }) => [from, to] as const),
        ),
    radii: new Map(nodes.map(({ name, size }) => [name, radiusOf(size)])),
  };
}

/** The line of an edge as in `d` of SVG; `undefined` if a node is not in the picture. */
function pathOf(edge: EdgeFacts, { isCircle, layout, radii }: Geometry): string | undefined {
  const [from, to] = [layout.positions.get(edge.from), layout.positions.get(edge.to)];
  if (from === undefined || to === undefined) return undefined;
  if (edge.from === edge.to)
    return loopPath(
      { ...from, radius: isCircle ? radii.get(edge.from)! : half.height },
      isCircle ? outward(from, layout) + loopAngle : -Math.PI / 2,
    );
  // An arrow back, or past a column, bends around what lies between.
  const isBent = !isCircle && (edge.isDelayed || to.x - from.x > 1.5 * columnStep);
  const rim = (name: string, position: NodePosition) => ({
    ...position,
    radius: isBent ? half.height : radii.get(name)!,
  });
  const bend = isBent ? 38 + Math.abs(to.x - from.x) / 14 : 0;
  return edgePath(rim(edge.from, from), rim(edge.to, to), bend);
}

function edgeButton(edge: EdgeFacts, path: string, press: () => void): SVGGElement {
  const label = edgeLabel(edge);
  const group = svg(
    'g',
    {
      class: `edge ${edge.sign}${edge.isDelayed ? ' delayed' : ''}`,
      role: 'button',
      tabindex: 0,
      'aria-label': label,
    },
    svg('title', {}, label),
    svg('path', { d: path, class: 'hit' }),
    svg('path', { d: path, class: 'line', 'marker-end': `url(#lapicque-${edge.sign})` }),
  );
  pressed(group, press);
  return group;
}

function nodeButton(node: NodeFacts, { isCircle, layout, radii }: Geometry, press: () => void): SVGGElement {
  const label = nodeLabel(node);
  const group = svg(
    'g',
    {
      class: `node ${node.kind}`,
      role: 'button',
      tabindex: 0,
      'aria-label': label,
      transform: movedTo(layout.positions.get(node.name)!),
    },
    svg('title', {}, label),
    isCircle
      ? svg('circle', { r: radii.get(node.name) })
      : svg('rect', {
          x: -half.width,
          y: -half.height,
          width: 2 * half.width,
          height: 2 * half.height,
          rx: 8,
        }),
  );
  pressed(group, press);
  return group;
}

/** What is written in a node or beside it. Screen readers skip it: the name of the button says the same. */
function nodeTexts(node: NodeFacts, { isCircle, layout, radii }: Geometry): SVGGElement {
  const position = layout.positions.get(node.name)!;
  return svg(
    'g',
    { class: `label ${node.kind}`, transform: movedTo(position), 'aria-hidden': 'true' },
    ...(isCircle ? circleTexts(node, radii.get(node.name)!, outward(position, layout)) : boxTexts(node)),
  );
}

/** The name outside of the circle, at an angle in radians, and the size within. */
function circleTexts({ name, size }: NodeFacts, radius: number, angle: number): SVGTextElement[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const anchor = cos > 0.35 ? 'start' : cos < -0.35 ? 'end' : 'middle';
  return [
    svg(
      'text',
      { x: (radius + 9) * cos, y: (radius + 15) * sin, dy: '0.35em', class: `name halo ${anchor}` },
      shortened(name, 18),
    ),
    svg('text', { y: 0, dy: '0.35em', class: 'size' }, compact(size)),
  ];
}

function boxTexts({ name, model, size }: NodeFacts): SVGTextElement[] {
  const detail = [model, size === 0 ? '' : size.toLocaleString('en')].filter(Boolean).join(', ');
  return [
    svg('text', { y: -4, class: 'name' }, shortened(name, 16)),
    svg('text', { y: 13, class: 'detail' }, shortened(detail, 20)),
  ];
}

function movedTo({ x, y }: NodePosition): string {
  return `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
}

/** An arrow for excitation, a bar for inhibition, as in `figure.topology`. */
function marker(sign: EdgeFacts['sign']) {
  return svg(
    'marker',
    {
      id: `lapicque-${sign}`,
      viewBox: '0 0 10 10',
      refX: sign === 'inhibitory' ? 5 : 8,
      refY: 5,
      markerWidth: 11,
      markerHeight: 11,
      markerUnits: 'userSpaceOnUse',
      orient: 'auto-start-reverse',
      class: sign,
    },
    svg('path', { d: sign === 'inhibitory' ? 'M3.8 0 L6.2 0 L6.2 10 L3.8 10 z' : 'M0 0 L10 5 L0 10 z' }),
  );
}

function pressed(element: SVGElement, act: () => void): void {
  element.addEventListener('click', act);
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    act();
  });
}

function nodeLabel({ name, size, kind, model }: NodeFacts): string {
  const what = { population: 'neurons', source: 'spike trains', layer: 'outputs', input: 'inputs' }[kind];
  return `${name}: ${model}${size === 0 ? '' : `, ${size.toLocaleString('en')} ${what}`}`;
}

function edgeLabel({ from, to, sign, isDelayed, facts }: EdgeFacts): string {
  const spoken = facts.filter(([label]) => label === 'weight' || label === 'delay');
  const kind = sign === 'none' ? '' : `, ${sign}`;
  const late = isDelayed ? ', of the previous step' : '';
  return `${from} to ${to}${kind}${late}${spoken.map(([label, text]) => `, ${label} ${text}`).join('')}`;
}

function shortened(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** `12k` in a circle. */
function compact(size: number): string {
  return Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(size);
}
