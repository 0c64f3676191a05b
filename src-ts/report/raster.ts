/** Spikes layer by layer: of one sample with its input image, or of a simulation. */
import {
  below,
  beside,
  type Draw,
  type Figure,
  type Panel,
  type Plot,
  shortened,
  titled,
  widthOf,
} from './canvas.ts';
import type { GreyImage, LayerSpikes, Raster } from './data.ts';
import { colour } from './theme.ts';

const width = 660;
const imageSize = 188;
/** Maximum number of characters of a neuron's name. */
const longest = 24;
const margins = { marginLeft: 52, marginRight: 46, marginTop: 6 };

export function drawRaster(plot: Plot, draw: Draw, raster: Raster): Figure {
  const { layers, image, label, predicted } = raster;
  const panels = layers.map((layer, i) => {
    const last = i === layers.length - 1;
    const count = countSpikes(layer);
    const { every = 1 } = layer;
    const part = every === 1 ? '' : ` (1 in ${words(every)} is shown)`;
    const noun = `${words(layer.neurons)} neurons${part}, ${words(count)} ${count === 1 ? 'spike' : 'spikes'}`;
    return titled(`${shortened(layer.name, 60)} · ${noun}`, spikePanel(plot, draw, layer, raster, last));
  });
  const spikes = below(panels);
  const answer = predicted === undefined ? '' : `; the network answers ${predicted}`;
  const shown = label === undefined ? 'one sample' : `one ${label}`;
  // A simulation has only spike times, not steps.
  const isSample = layers.some(({ spikes }) => spikes !== undefined);
  const [from, to] = [raster.start ?? 0, (raster.start ?? 0) + raster.steps * raster.dt];
  return {
    ...(image === undefined
      ? spikes
      : beside([titled('Input image', imagePanel(plot, draw, image)), spikes])),
    name: 'raster',
    title: isSample ? 'Spikes of one sample' : 'Spikes',
    caption: isSample
      ? `Each mark is a spike while ${shown} is shown for ${raster.steps} steps of ${raster.dt} ms${answer}.`
      : `Each mark is a spike, from ${rounded(from)} to ${rounded(to)} ms.`,
  };
}

function spikePanel(
  plot: Plot,
  draw: Draw,
  layer: LayerSpikes,
  { steps, dt, start = 0, predicted }: Raster,
  axis: boolean,
): Panel {
  const { neurons, labels } = layer;
  const named = labels !== undefined && neurons <= 30;
  const plotHeight = named ? Math.max(48, neurons * 16) : Math.min(190, Math.max(70, neurons * 3));
  const chosen = named && predicted !== undefined ? labels.indexOf(predicted) : -1;
  const marks = marksOfNeurons(layer, steps, dt, start);
  const counts = new Array<number>(named ? neurons : 0).fill(0);
  if (named) for (const { neuron } of marks) counts[neuron]! += 1;
  const most = Math.max(0, ...(named ? labels : []).map((name) => widthOf(shortened(name, longest)) + 10));
  return draw({
    ...margins,
    marginLeft: Math.max(margins.marginLeft, most),
    width,
    marginBottom: axis ? 34 : 8,
    height: plotHeight + margins.marginTop + (axis ? 34 : 8),
    x: {
      domain: [start, start + steps * dt],
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
      ...(named
        ? { ticks: neurons, tickFormat: (n: number) => shortened(labels[n] ?? '', longest), tickSize: 0 }
        : { ticks: 4 }),
    },
    marks: [
      plot.frame({ stroke: colour('grid') }),
      chosen >= 0
        ? plot.ruleY([chosen], { stroke: colour('second'), strokeOpacity: 0.16, strokeWidth: 15 })
        : null,
      marksOf(plot, layer, marks, steps, named, chosen),
      named
        ? plot.text(counts, {
            x: () => start + steps * dt,
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

/** All marks of a layer are one path, because thousands of elements would make the page slow. */
function marksOf(
  plot: Plot,
  layer: LayerSpikes,
  marks: readonly Mark[],
  steps: number,
  named: boolean,
  chosen: number,
) {
  // Without steps, a mark is as thick as its distance to its neighbors allows.
  const thickness = layer.spikes === undefined ? 1.4 : Math.max(1.4, Math.min(3.4, (width / steps) * 0.3));
  const rows = layer.neurons / (layer.every ?? 1);
  const part = (own: readonly Mark[], stroke: string) =>
    plot.dot(own as Mark[], {
      x: 'x',
      y: 'neuron',
      render: (index, _scales, values, dimensions, context) => {
        const { x = [], y = [] } = values as { x?: ArrayLike<number>; y?: ArrayLike<number> };
        const inner = dimensions.height - dimensions.marginTop - dimensions.marginBottom;
        const rise = Math.max(1.6, Math.min(11, (inner / rows) * 0.7));
        const thick = named ? 3 : thickness;
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
    });
  return [
    part(
      marks.filter(({ neuron }) => neuron !== chosen),
      colour('first'),
    ),
    part(
      marks.filter(({ neuron }) => neuron === chosen),
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
        // Slightly wider than the cell; otherwise the background is visible between cells.
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

/** A spike: its time in ms and its neuron. */
interface Mark {
  readonly x: number;
  readonly neuron: number;
}

function marksOfNeurons(layer: LayerSpikes, steps: number, dt: number, start: number): Mark[] {
  const { neurons, spikes, times = [], ids = [] } = layer;
  if (spikes === undefined) return Array.from(times, (x, i) => ({ x, neuron: ids[i]! }));
  const marks: Mark[] = [];
  for (let neuron = 0; neuron < neurons; neuron++)
    for (let step = 0; step < steps; step++)
      if (spikes[step * neurons + neuron] !== 0) marks.push({ x: start + (step + 0.5) * dt, neuron });
  return marks;
}

function rounded(time: number): string {
  return `${Number(time.toPrecision(8))}`;
}

function words(count: number): string {
  return count.toLocaleString('en');
}

function countSpikes({ spikes, times = [], count: all }: LayerSpikes): number {
  if (spikes === undefined) return all ?? times.length;
  let count = 0;
  for (let i = 0; i < spikes.length; i++) if (spikes[i] !== 0) count++;
  return count;
}
