/** Membrane potentials and other states of some neurons, one row per neuron, with the threshold. */

import { extent } from '../numbers/extent.ts';
import {
  below,
  type Draw,
  type Figure,
  type Panel,
  type Plot,
  shortened,
  titled,
  widthOf,
} from './canvas.ts';
import type { MembraneTrace, Traces } from './data.ts';
import { colour } from './theme.ts';
import { thinned } from './thinned.ts';

const width = 876;
const rowHeight = 62;
/** Maximum number of characters of a neuron's name. */
const longest = 24;

export function drawMembrane(plot: Plot, draw: Draw, traces: Traces): Figure {
  const { threshold, unit, neurons } = traces;
  const states = [...new Set(neurons.map(stateOf))];
  const panels = states.map((state) => {
    const own = neurons.filter((neuron) => stateOf(neuron) === state);
    return [state, panelOf(plot, draw, traces, own, state === 'v' ? threshold : undefined)] as const;
  });
  const hasPotential = states.includes('v');
  const line =
    threshold === undefined || !hasPotential
      ? ''
      : ` The dashed line is the threshold (${threshold}${unit === undefined ? '' : ` ${unit}`}).`;
  const dots = neurons.some(({ spikes = [] }) => spikes.length > 0) ? '; dots mark its spikes' : '';
  const scale = unit === undefined ? 'in the units of the model' : `in ${unit}`;
  const what = hasPotential && states.length === 1 ? 'Potential' : states.join(' and ');
  const broken = neurons.some(({ v }) => Array.from(v).some((y) => !Number.isFinite(y)));
  const gaps = broken ? ' Gaps are values that are not finite numbers.' : '';
  return {
    ...(panels.length === 1 ? panels[0]![1] : below(panels.map(([state, panel]) => titled(state, panel)))),
    name: 'membrane',
    title: hasPotential ? 'Membrane potentials' : 'States of neurons',
    caption: `${what} of each neuron after every step, ${scale}, at the right${dots}.${line}${gaps}`,
  };
}

function stateOf({ state = 'v' }: MembraneTrace): string {
  return state;
}

function panelOf(
  plot: Plot,
  draw: Draw,
  { dt, start = 0, neurons: all }: Traces,
  neurons: readonly MembraneTrace[],
  threshold: number | undefined,
): Panel {
  // Two neurons with the same name are two rows.
  const row = (i: number) => `${i}`;
  const names = neurons.map((_, i) => row(i));
  const at = ({ times }: MembraneTrace, step: number) => times?.[step] ?? start + (step + 1) * dt;
  const points = neurons.flatMap((neuron, i) =>
    thinned(
      Array.from(neuron.v, (y, step) => ({
        row: row(i),
        x: at(neuron, step),
        y: Number.isFinite(y) ? y : Number.NaN,
      })),
    ),
  );
  const end = Math.max(...all.map((neuron) => at(neuron, neuron.v.length - 1)));
  const spikes = neurons.flatMap(({ spikes = [] }, i) => {
    // One dot per pixel, because further dots would be hidden behind it.
    const pixels = new Map(Array.from(spikes, (step) => [Math.round((step * dt * width) / end), step]));
    return Array.from(pixels.values(), (step) => ({ row: row(i), x: start + (step + 1) * dt }));
  });
  const values = points.map(({ y }) => y).filter(Number.isFinite);
  // The axis need not include 0, because potentials may be around -60 mV.
  const zero = threshold === undefined && values.length > 0 ? values[0]! : 0;
  const [low, highest] = extent(values, zero, threshold ?? zero);
  const high = highest > low ? highest : low + 1;
  // A row for the spikes above the potential.
  const above = high + 0.16 * (high - low);
  const label = (name: string) => shortened(neurons[Number(name)]!.name, longest);
  return draw({
    width,
    height: rowHeight * neurons.length + 46,
    // Panels of several states are aligned at the left.
    marginLeft: Math.max(96, ...all.map(({ name }) => widthOf(shortened(name, longest)) + 20)),
    marginRight: 54,
    marginTop: 8,
    marginBottom: 38,
    x: { label: 'time (ms)', labelArrow: 'none', labelAnchor: 'center', domain: [start, end], ticks: 10 },
    y: { domain: [low, above + 0.1 * (high - low)], label: null, ticks: 3 },
    fy: { domain: names, axis: null, padding: 0.16 },
    marks: [
      plot.ruleY([low], { stroke: colour('grid') }),
      threshold === undefined
        ? null
        : plot.ruleY([threshold], { stroke: colour('wrong'), strokeOpacity: 0.75, strokeDasharray: '4 4' }),
      plot.axisY({ anchor: 'right', ticks: 2, tickSize: 0, color: colour('muted'), label: null }),
      plot.axisX({ ticks: 10, label: 'time (ms)', labelArrow: 'none', labelAnchor: 'center' }),
      plot.lineY(points, { x: 'x', y: 'y', fy: 'row', stroke: colour('first'), strokeWidth: 1.6 }),
      plot.dot(spikes, { x: 'x', y: () => above, fy: 'row', fill: colour('second'), r: 3 }),
      plot.text(names, {
        fy: (name) => name,
        text: label,
        frameAnchor: 'left',
        textAnchor: 'end',
        dx: -14,
        fontWeight: 600,
      }),
    ],
  });
}
