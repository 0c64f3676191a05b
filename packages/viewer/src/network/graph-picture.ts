/** A network as a picture whose nodes and edges are buttons. */
import type { EdgeFacts, GraphFacts, NodeFacts } from '../../../../src-ts/view/kinds/network-facts.ts';
import { dom } from '../parts/dom.ts';
import {
  circleLayout,
  columnLayout,
  columnStep,
  edgePath,
  loopPath,
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
const [smallest, largest] = [15, 30];

const half = { width: 60, height: 26 };

/** Loops stand beside the name, which is outside of the circle. */
const loopTurn = 0.85;

export function graphPicture(facts: GraphFacts, select: (selected: Selected) => void): GraphPicture {
  const isCircle = facts.layout === 'circle';
  const names = facts.nodes.map(({ name }) => name);
  const layout = isCircle
    ? circleLayout(names)
    : columnLayout(
        names,
        facts.edges.filter(({ isDelayed }) => !isDelayed).map(({ from, to }) => [from, to] as const),
      );
  const most = Math.max(1, ...facts.nodes.map(({ size }) => size));
  const radiusOf = ({ size }: NodeFacts) =>
    isCircle ? smallest + (largest - smallest) * Math.sqrt(size / most) : half.width;
  const nodes = new Map(facts.nodes.map((node) => [node.name, node]));

  const edges = facts.edges.map((edge, i) => {
    const [from, to] = [layout.places.get(edge.from), layout.places.get(edge.to)];
    if (from === undefined || to === undefined) return undefined;
    // An arrow back, or past a column, bends around what lies between.
    const isBent = !isCircle && (edge.isDelayed || to.x - from.x > 1.5 * columnStep);
    const rim = (name: string, place: { x: number; y: number }) => ({
      ...place,
      radius: isBent ? half.height : radiusOf(nodes.get(name)!),
    });
    const d =
      edge.from === edge.to
        ? loopPath(
            { ...from, radius: isCircle ? radiusOf(nodes.get(edge.from)!) : half.height },
            isCircle ? outward(from, layout) + loopTurn : -Math.PI / 2,
          )
        : edgePath(rim(edge.from, from), rim(edge.to, to), isBent ? 38 + Math.abs(to.x - from.x) / 14 : 0);
    const group = svg(
      'g',
      {
        class: `edge ${edge.sign}${edge.isDelayed ? ' delayed' : ''}`,
        role: 'button',
        tabindex: 0,
        'aria-label': edgeLabel(edge),
      },
      svg('title', {}, edgeLabel(edge)),
      svg('path', { d, class: 'hit' }),
      svg('path', { d, class: 'line', 'marker-end': `url(#lapicque-${edge.sign})` }),
    );
    pressed(group, () => select({ edge: i }));
    return group;
  });
  const circles = facts.nodes.map((node) => {
    const { x, y } = layout.places.get(node.name)!;
    const label = nodeLabel(node);
    const radius = radiusOf(node);
    const text = node.size === 0 ? '' : node.size.toLocaleString('en');
    const transform = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
    const angle = outward({ x, y }, layout);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const anchor = cos > 0.35 ? 'start' : cos < -0.35 ? 'end' : 'middle';
    const group = svg(
      'g',
      {
        class: `node ${node.kind}`,
        role: 'button',
        tabindex: 0,
        'aria-label': label,
        transform,
      },
      svg('title', {}, label),
      isCircle
        ? svg('circle', { r: radius })
        : svg('rect', {
            x: -half.width,
            y: -half.height,
            width: 2 * half.width,
            height: 2 * half.height,
            rx: 8,
          }),
    );
    // The texts lie over all arrows, and the name of the button says the same.
    const texts = svg(
      'g',
      { class: `label ${node.kind}`, transform, 'aria-hidden': 'true' },
      ...(isCircle
        ? [
            svg(
              'text',
              {
                x: (radius + 9) * cos,
                y: (radius + 15) * sin,
                dy: '0.35em',
                class: `name halo ${anchor}`,
              },
              shortened(node.name, 18),
            ),
            svg('text', { y: 0, dy: '0.35em', class: 'size' }, compact(node.size)),
          ]
        : [
            svg('text', { y: -4, class: 'name' }, shortened(node.name, 16)),
            svg(
              'text',
              { y: 13, class: 'detail' },
              shortened([node.model, text].filter(Boolean).join(', '), 20),
            ),
          ]),
    );
    pressed(group, () => select({ node: node.name }));
    return { group, texts };
  });
  const drawn = edges.filter((edge) => edge !== undefined);
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
    ...drawn,
    ...circles.map(({ group }) => group),
    ...circles.map(({ texts }) => texts),
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
      for (const [i, { group }] of circles.entries()) {
        const isSelected =
          selected !== undefined && 'node' in selected && facts.nodes[i]!.name === selected.node;
        group.setAttribute('aria-pressed', String(isSelected));
      }
      for (const [i, group] of edges.entries()) {
        const isSelected = selected !== undefined && 'edge' in selected && selected.edge === i;
        const touches =
          selected !== undefined &&
          'node' in selected &&
          [facts.edges[i]!.from, facts.edges[i]!.to].includes(selected.node);
        group?.setAttribute('aria-pressed', String(isSelected));
        group?.classList.toggle('touches', touches);
      }
      picture.classList.toggle('has-node', selected !== undefined && 'node' in selected);
    },
  };
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
  const told = facts.filter(([label]) => label === 'weight' || label === 'delay');
  const kind = sign === 'none' ? '' : `, ${sign}`;
  const late = isDelayed ? ', of the previous step' : '';
  return `${from} to ${to}${kind}${late}${told.map(([label, text]) => `, ${label} ${text}`).join('')}`;
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** `12k` in a circle. */
function compact(size: number): string {
  return Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(size);
}
