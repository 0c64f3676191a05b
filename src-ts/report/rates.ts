/** Population rates over time, one row per population with its own scale. */

import { extent } from '../numbers/extent.ts';
import { below, type Draw, type Figure, type Plot, shortened, titled } from './canvas.ts';
import type { Rates } from './data.ts';
import { colour } from './theme.ts';
import { thinned } from './thinned.ts';

const width = 876;
const rowHeight = 84;

export function drawRates(plot: Plot, draw: Draw, { bin, start = 0, populations }: Rates): Figure {
  const end = start + bin * Math.max(...populations.map(({ rate }) => rate.length));
  const panels = populations.map(({ name, rate }, i) => {
    const points = Array.from(rate, (y, k) => ({
      x: start + (k + 0.5) * bin,
      y: Number.isFinite(y) ? y : Number.NaN,
    }));
    const numbers = points.map(({ y }) => y).filter(Number.isFinite);
    const mean = numbers.reduce((sum, y) => sum + y, 0) / numbers.length;
    const [, highest] = extent(numbers, 0, 0);
    const last = i === populations.length - 1;
    const panel = draw({
      width,
      height: rowHeight + (last ? 30 : 0),
      marginLeft: 52,
      marginRight: 16,
      marginTop: 8,
      marginBottom: last ? 38 : 8,
      x: {
        label: last ? 'time (ms)' : null,
        labelArrow: 'none',
        labelAnchor: 'center',
        domain: [start, end],
        ticks: last ? 10 : [],
      },
      y: { domain: [0, highest > 0 ? 1.05 * highest : 1], label: null, ticks: 3 },
      marks: [
        plot.gridY({ stroke: colour('grid'), strokeOpacity: 1, ticks: 3 }),
        plot.lineY(thinned(points), { x: 'x', y: 'y', stroke: colour('first'), strokeWidth: 1.6 }),
        points.length === 1 ? plot.dot(points, { x: 'x', y: 'y', fill: colour('first'), r: 3 }) : null,
      ],
    });
    const told = numbers.length === 0 ? 'no rate' : `mean ${Number(mean.toPrecision(3))} Hz`;
    return titled(`${shortened(name, 60)} · ${told}`, panel);
  });
  return {
    ...below(panels, 6),
    name: 'rates',
    title: 'Population rates',
    caption: `Spikes per second and neuron, in Hz, in bins of ${Number(bin.toPrecision(4))} ms.`,
  };
}
