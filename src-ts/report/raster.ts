/** Every spike of one sample, layer by layer, beside the image that caused them. */
import { below, beside, type Draw, type Figure, type Panel, type Plot, titled } from './canvas.ts';
import type { GreyImage, LayerSpikes, Raster } from './data.ts';
import { colour } from './theme.ts';

const width = 660;
const imageSize = 188;
const margins = { marginLeft: 52, marginRight: 46, marginTop: 6 };

export function drawRaster(plot: Plot, draw: Draw, raster: Raster): Figure {
  const { layers, image, label, predicted } = raster;
  const panels = layers.map((layer, i) => {
    const last = i === layers.length - 1;
    const count = countSpikes(layer);
    const noun = `${words(layer.neurons)} neurons, ${words(count)} ${count === 1 ? 'spike' : 'spikes'}`;
    return titled(`${layer.name} · ${noun}`, spikePanel(plot, draw, layer, raster, last));
  });
  const spikes = below(panels);
  const answer = predicted === undefined ? '' : `; the network answers ${predicted}`;
  const shown = label === undefined ? 'one sample' : `one ${label}`;
  return {
    ...(image === undefined
      ? spikes
      : beside([titled('Input image', imagePanel(plot, draw, image)), spikes])),
    name: 'raster',
    title: 'Spikes of one sample',
    caption: `Each mark is a spike while ${shown} is shown for ${raster.steps} steps of ${raster.dt} ms${answer}.`,
  };
}

function spikePanel(
  plot: Plot,
  draw: Draw,
  layer: LayerSpikes,
  { steps, dt, predicted }: Raster,
  axis: boolean,
): Panel {
  const { neurons, labels } = layer;
  const named = labels !== undefined && neurons <= 30;
  const plotHeight = named ? Math.max(48, neurons * 16) : Math.min(190, Math.max(70, neurons * 3));
  const chosen = named && predicted !== undefined ? labels.indexOf(predicted) : -1;
  const counts = Array.from({ length: neurons }, (_, neuron) => neuron).map(
    (neuron) => spikesOf(layer, steps, neuron).length,
  );
  return draw({
    ...margins,
    width,
    marginBottom: axis ? 34 : 8,
    height: plotHeight + margins.marginTop + (axis ? 34 : 8),
    x: {
      domain: [0, steps * dt],
      label: axis ? 'time (ms)' : null,
      labelArrow: 'none',
      labelAnchor: 'center',
      ticks: axis ? 8 : [],
    },
    y: {
      domain: [neurons - 0.5, -0.5],
      label: named ? null : 'neuron',
      labelArrow: 'none',
      labelAnchor: 'center',
      ...(named ? { ticks: neurons, tickFormat: (n: number) => labels[n] ?? '', tickSize: 0 } : { ticks: 4 }),
    },
    marks: [
      plot.frame({ stroke: colour('grid') }),
      chosen >= 0
        ? plot.ruleY([chosen], { stroke: colour('second'), strokeOpacity: 0.16, strokeWidth: 15 })
        : null,
      marksOf(plot, layer, steps, dt, named, chosen),
      named
        ? plot.text(counts, {
            x: () => steps * dt,
            y: (_, neuron) => neuron,
            text: (count: number) => `${count}`,
            fill: (_, neuron) => (neuron === chosen ? colour('second') : colour('muted')),
            fontWeight: 600,
            textAnchor: 'start',
            dx: 8,
          })
        : null,
    ],
  });
}

/** All marks of a layer are one path: thousands of elements would make the page slow. */
function marksOf(plot: Plot, layer: LayerSpikes, steps: number, dt: number, named: boolean, chosen: number) {
  const all = Array.from({ length: layer.neurons }, (_, neuron) => neuron);
  const part = (neurons: number[], stroke: string) =>
    plot.dot(
      neurons.flatMap((neuron) =>
        spikesOf(layer, steps, neuron).map((step) => ({ x: (step + 0.5) * dt, y: neuron })),
      ),
      {
        x: 'x',
        y: 'y',
        render: (index, _scales, values, dimensions, context) => {
          const { x = [], y = [] } = values as { x?: ArrayLike<number>; y?: ArrayLike<number> };
          const inner = dimensions.height - dimensions.marginTop - dimensions.marginBottom;
          const rise = Math.max(1.6, Math.min(11, (inner / layer.neurons) * 0.7));
          const thick = named ? 3 : Math.max(1.4, Math.min(3.4, (width / steps) * 0.3));
          const path = context.ownerSVGElement.ownerDocument.createElementNS(
            'http://www.w3.org/2000/svg',
            'path',
          );
          const d = Array.from(
            index,
            (i) => `M${x[i]?.toFixed(1)} ${(y[i]! - rise / 2).toFixed(1)}v${rise.toFixed(1)}`,
          );
          path.setAttribute('d', d.join(''));
          path.setAttribute('stroke', stroke);
          path.setAttribute('stroke-width', thick.toFixed(1));
          return path;
        },
      },
    );
  return [
    part(
      all.filter((n) => n !== chosen),
      colour('first'),
    ),
    part(
      all.filter((n) => n === chosen),
      colour('second'),
    ),
  ];
}

function imagePanel(plot: Plot, draw: Draw, { width: columns, height: rows, pixels }: GreyImage): Panel {
  const cells = Array.from(pixels, (value, i) => ({ value, x: i % columns, y: Math.floor(i / columns) }));
  const height = Math.round((imageSize * rows) / columns);
  return draw({
    width: imageSize,
    height,
    margin: 1,
    x: { domain: [0, columns], axis: null },
    y: { domain: [rows, 0], axis: null },
    marks: [
      plot.rect(
        cells.filter(({ value }) => value > 0.02),
        // A hair wider than the cell, or the background shines through between them.
        {
          x1: 'x',
          x2: (c) => c.x + 1.03,
          y1: 'y',
          y2: (c) => c.y + 1.03,
          fill: colour('ink'),
          fillOpacity: 'value',
        },
      ),
      plot.frame({ stroke: colour('grid') }),
    ],
    opacity: { type: 'identity' },
  });
}

function spikesOf({ spikes, neurons }: LayerSpikes, steps: number, neuron: number): number[] {
  const at: number[] = [];
  for (let step = 0; step < steps; step++) if (spikes[step * neurons + neuron] !== 0) at.push(step);
  return at;
}

function words(count: number): string {
  return count.toLocaleString('en');
}

function countSpikes({ spikes }: LayerSpikes): number {
  let count = 0;
  for (let i = 0; i < spikes.length; i++) if (spikes[i] !== 0) count++;
  return count;
}
