/** Spikes per sample in each layer. */
import { type Draw, type Figure, type Plot, shortened, widthOf } from './canvas.ts';
import type { LayerActivity } from './data.ts';
import { colour } from './theme.ts';

const rowHeight = 40;

export function drawActivity(
  plot: Plot,
  draw: Draw,
  steps: number,
  layers: readonly LayerActivity[],
): Figure {
  const words = ({ spikes, neurons }: LayerActivity) => {
    const share = (100 * spikes) / (neurons * steps);
    return `${spikes.toLocaleString('en', { maximumFractionDigits: 1 })}  (${share.toPrecision(2)} %)`;
  };
  const name = (layer: LayerActivity) => `${layer.name} (${layer.neurons.toLocaleString('en')})`;
  const label = (layer: LayerActivity) =>
    `${shortened(layer.name, 32)} (${layer.neurons.toLocaleString('en')})`;
  const labels = new Map(layers.map((layer) => [name(layer), label(layer)]));
  const panel = draw({
    width: 876,
    height: rowHeight * layers.length + 46,
    marginLeft: Math.max(150, ...layers.map((layer) => widthOf(label(layer)) + 14)),
    marginRight: 130,
    marginTop: 6,
    marginBottom: 40,
    x: { label: 'spikes per sample', labelArrow: 'none', labelAnchor: 'center', ticks: 6, zero: true },
    y: {
      type: 'band',
      domain: layers.map(name),
      label: null,
      tickSize: 0,
      padding: 0.28,
      tickFormat: (n: string) => labels.get(n) ?? n,
    },
    marks: [
      plot.gridX({ stroke: colour('grid'), strokeOpacity: 1, ticks: 6 }),
      plot.barX(layers, { x: 'spikes', y: name, fill: colour('first'), rx2: 3 }),
      plot.text(layers, { x: 'spikes', y: name, text: words, textAnchor: 'start', dx: 8, fontWeight: 600 }),
    ],
  });
  return {
    ...panel,
    name: 'activity',
    title: 'Spikes per layer',
    caption: `Mean number of spikes per sample; in brackets the share of the layer's neurons that spike in one step, over ${Number(steps.toPrecision(4))} steps.`,
  };
}
