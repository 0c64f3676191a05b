/** Membrane potentials of some neurons, one row each, with the threshold. */
import type { Draw, Figure, Plot } from './canvas.ts';
import type { Traces } from './data.ts';
import { colour } from './theme.ts';
import { extent, thinned } from './thinned.ts';

const width = 876;
const rowHeight = 62;

export function drawMembrane(plot: Plot, draw: Draw, traces: Traces): Figure {
  const { dt, threshold, unit, neurons } = traces;
  const names = neurons.map(({ name }) => name);
  const points = neurons.flatMap(({ name, v }) =>
    thinned(Array.from(v, (y, step) => ({ name, x: (step + 1) * dt, y }))),
  );
  const end = Math.max(...neurons.map(({ v }) => v.length)) * dt;
  const spikes = neurons.flatMap(({ name, spikes = [] }) => {
    // One dot a pixel: what lies behind it is not seen.
    const pixels = new Map(Array.from(spikes, (step) => [Math.round((step * dt * width) / end), step]));
    return Array.from(pixels.values(), (step) => ({ name, x: (step + 1) * dt }));
  });
  const [low, high] = extent(points.map(({ y }) => y).filter(Number.isFinite), 0, threshold ?? 0);
  // Above the potential a lane for the spikes.
  const lane = high + 0.16 * (high - low);
  const panel = draw({
    width,
    height: rowHeight * neurons.length + 46,
    marginLeft: 96,
    marginRight: 46,
    marginTop: 8,
    marginBottom: 38,
    x: { label: 'time (ms)', labelArrow: 'none', labelAnchor: 'center', domain: [0, end], ticks: 10 },
    y: { domain: [low, lane + 0.1 * (high - low)], label: null, ticks: 3 },
    fy: { domain: names, axis: null, padding: 0.16 },
    marks: [
      plot.ruleY([low], { stroke: colour('grid') }),
      threshold === undefined
        ? null
        : plot.ruleY([threshold], { stroke: colour('wrong'), strokeOpacity: 0.75, strokeDasharray: '4 4' }),
      plot.axisY({ anchor: 'right', ticks: 2, tickSize: 0, color: colour('muted'), label: null }),
      plot.axisX({ ticks: 10, label: 'time (ms)', labelArrow: 'none', labelAnchor: 'center' }),
      plot.lineY(points, { x: 'x', y: 'y', fy: 'name', stroke: colour('first'), strokeWidth: 1.6 }),
      plot.dot(spikes, { x: 'x', y: () => lane, fy: 'name', fill: colour('second'), r: 3 }),
      plot.text(names, {
        fy: (name) => name,
        text: (name) => name,
        frameAnchor: 'left',
        textAnchor: 'end',
        dx: -14,
        fontWeight: 600,
      }),
    ],
  });
  const line =
    threshold === undefined
      ? ''
      : ` The dashed line is the threshold (${threshold}${unit === undefined ? '' : ` ${unit}`}).`;
  const scale = unit === undefined ? 'in units in which the equations are dimensionless' : `in ${unit}`;
  return {
    ...panel,
    name: 'membrane',
    title: 'Membrane potentials',
    caption: `Potential of each neuron after every step, ${scale}, at the right; dots mark its spikes.${line}`,
  };
}
