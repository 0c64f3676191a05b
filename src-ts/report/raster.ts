/** Spikes layer by layer: of one sample with its input image, or of a simulation. */
import type { Recording } from '../circuit/recording.ts';
import type { Figure } from '../figure/draw/figure.ts';
import type { FigureOptions } from '../figure/draw/options.ts';
import type { PanelSpec, TicksMark } from '../figure/draw/spec.ts';
import { shortened } from '../figure/draw/text.ts';
import { raster as rasterOf } from '../figure/spikes.ts';
import type { GrayImage, LayerSpikes, Raster } from './data.ts';

/** The populations of a simulation, with the numbers of their neurons and spikes. */
export async function recordingFigure(recording: Recording, options: FigureOptions): Promise<Figure> {
  const figure = await rasterOf(recording, options);
  const names = Object.keys(recording.recorded);
  for (const [i, panel] of figure.spec.columns[0]!.entries()) {
    const { neurons, times } = recording.of(names[i]!);
    panel.title = titleOf({ name: names[i]!, neurons }, times.length);
  }
  return figure;
}

/** The spikes of one sample. */
export async function sampleFigure(raster: Raster, options: FigureOptions): Promise<Figure> {
  const { layers, image, label, predicted, steps, dt, start = 0 } = raster;
  const stop = start + steps * dt;
  const trains = layers.map((layer, i) => [`${i}`, { ...spikesOf(layer, raster), start, stop }] as const);
  const figure = await rasterOf(Object.fromEntries(trains), options);
  const { spec } = figure;
  for (const [i, panel] of spec.columns[0]!.entries())
    completed(panel, layers[i]!, raster, trains[i]![1].times);
  if (image !== undefined) {
    spec.columns.unshift([imagePanel(image)]);
    spec.widths = [0.3, 1];
  }
  // A simulation has only spike times, not steps.
  const isSample = layers.some(({ spikes }) => spikes !== undefined);
  const prediction = predicted === undefined ? '' : `; the network predicts ${predicted}`;
  const what = label === undefined ? 'one sample' : `one ${label}`;
  if (isSample) {
    spec.title = 'Spikes of one sample';
    spec.caption = `Each mark is a spike while ${what} is shown for ${steps} steps of ${dt} ms${prediction}.`;
  }
  return figure;
}

/** The title of a layer, the names of its neurons with their counts, and its height. */
function completed(panel: PanelSpec, layer: LayerSpikes, raster: Raster, times: ArrayLike<number>): void {
  const { neurons, labels, count = times.length } = layer;
  const { steps, dt, start = 0, predicted } = raster;
  panel.title = titleOf(layer, count);
  panel.weight = Math.min(0.8, Math.max(0.35, neurons * 0.016));
  const [mark] = panel.marks as [TicksMark];
  const isNamed = labels !== undefined && neurons <= 30;
  // As thick as the distance to the next step allows.
  if (layer.spikes !== undefined && mark.type === 'ticks')
    mark.width = isNamed ? 3 : Math.max(1.4, Math.min(3.4, 180 / steps));
  if (!isNamed) return;
  const spikes = new Uint32Array(neurons);
  if (mark.type === 'ticks') for (let i = 0; i < mark.y.length; i++) spikes[mark.y[i]!]! += 1;
  panel.weight = Math.max(0.25, neurons * 0.085);
  panel.y = {
    ...panel.y,
    label: '',
    ticks: Array.from(spikes, (_, n) => n),
    tickLabels: Array.from(spikes, (_, n) => shortened(labels[n] ?? '', 24)),
  };
  const chosen = predicted === undefined ? -1 : labels.indexOf(predicted);
  panel.notes = Array.from(spikes, (own, n) => ({
    y: n,
    text: `${own}`,
    color: n === chosen ? 'accent' : 'muted',
  }));
  if (chosen >= 0)
    panel.marks.unshift({
      type: 'boxes',
      left: [start],
      right: [start + steps * dt],
      low: [chosen - 0.5],
      high: [chosen + 0.5],
      color: 'accent',
      opacity: 0.18,
    });
}

function titleOf(
  { name, neurons, every = 1 }: Pick<LayerSpikes, 'name' | 'neurons' | 'every'>,
  count: number,
): string {
  const words = (number: number) => number.toLocaleString('en');
  const part = every === 1 ? '' : ` (1 in ${words(every)} is shown)`;
  return `${shortened(name, 60)} · ${words(neurons)} neurons${part}, ${words(count)} ${count === 1 ? 'spike' : 'spikes'}`;
}

function spikesOf({ neurons, spikes, times = [], ids = [] }: LayerSpikes, { steps, dt, start = 0 }: Raster) {
  if (spikes === undefined) return { times: Float64Array.from(times), ids: Uint32Array.from(ids), neurons };
  const [at, of]: [number[], number[]] = [[], []];
  for (let step = 0; step < steps; step++)
    for (let neuron = 0; neuron < neurons; neuron++)
      if (spikes[step * neurons + neuron] !== 0) {
        at.push(start + (step + 0.5) * dt);
        of.push(neuron);
      }
  return { times: Float64Array.from(at), ids: Uint32Array.from(of), neurons };
}

function imagePanel({ width, height, pixels }: GrayImage): PanelSpec {
  return {
    title: 'Input image',
    x: { label: '', domain: [0, width] },
    y: { label: '', domain: [height, 0] },
    marks: [
      {
        type: 'cells',
        values: Array.from(pixels, (value) => (value > 0.02 ? value : Number.NaN)),
        columns: width,
        rows: height,
        x: [0, width],
        y: [0, height],
        color: 'ink',
        range: [0, 1],
      },
      {
        type: 'line',
        x: [0, width, width, 0, 0],
        y: [0, 0, height, height, 0],
        color: 'grid',
        width: 1,
      },
    ],
    aspect: height / width,
    bare: true,
  };
}
