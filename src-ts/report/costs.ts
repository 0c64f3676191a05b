/** Operations of each layer, and an ANN beside a spiking network. */
import { joulesText } from '../costs/table.ts';
import {
  beside,
  type Draw,
  type Figure,
  type Panel,
  type Plot,
  shortened,
  titled,
  widthOf,
} from './canvas.ts';
import type { ComparedCosts, Costs, LayerCosts } from './data.ts';
import { accuracyPanel } from './steps.ts';
import { colour } from './theme.ts';

const rowHeight = 40;
const amount = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 0 });

/** Dense operations as a pale bar, additions and multiply-adds that are left of them as one within it. */
export function drawCosts(plot: Plot, draw: Draw, { model, layers }: Costs): Figure {
  const label = ({ name }: LayerCosts) => shortened(name, 32);
  const labels = new Map(layers.map((layer) => [layer.name, label(layer)]));
  const words = ({ effectiveAcs, effectiveMacs, joules }: LayerCosts) => {
    const parts = [
      ...(effectiveAcs > 0 ? [`${amount(effectiveAcs)} additions`] : []),
      ...(effectiveMacs > 0 ? [`${amount(effectiveMacs)} multiply-adds`] : []),
    ];
    return `${parts.length === 0 ? 'nothing' : parts.join(', ')} · ${joulesText(joules)}`;
  };
  const widest = Math.max(...layers.map((layer) => widthOf(words(layer))));
  const panel = draw({
    width: 876,
    height: rowHeight * layers.length + 46,
    marginLeft: Math.max(90, ...layers.map((layer) => widthOf(label(layer)) + 14)),
    marginRight: widest + 16,
    marginTop: 6,
    marginBottom: 40,
    x: {
      label: 'operations per sample',
      labelArrow: 'none',
      labelAnchor: 'center',
      ticks: 5,
      tickFormat: '~s',
      zero: true,
    },
    y: {
      type: 'band',
      domain: layers.map(({ name }) => name),
      label: null,
      tickSize: 0,
      padding: 0.28,
      tickFormat: (name: string) => labels.get(name) ?? name,
    },
    marks: [
      plot.gridX({ stroke: colour('grid'), strokeOpacity: 1, ticks: 5 }),
      plot.barX(layers, { x: 'dense', y: 'name', fill: colour('muted'), fillOpacity: 0.25, rx2: 3 }),
      plot.barX(layers, {
        x: 'effectiveAcs',
        y: 'name',
        fill: colour('first'),
        insetTop: 5,
        insetBottom: 5,
      }),
      plot.barX(layers, {
        x1: 'effectiveAcs',
        x2: (layer: LayerCosts) => layer.effectiveAcs + layer.effectiveMacs,
        y: 'name',
        fill: colour('second'),
        insetTop: 5,
        insetBottom: 5,
      }),
      plot.text(layers, { x: 'dense', y: 'name', text: words, textAnchor: 'start', dx: 8, fontWeight: 600 }),
    ],
  });
  return {
    ...panel,
    name: 'costs',
    title: 'Operations per layer',
    caption: `Mean number of synaptic operations per sample: additions in blue, multiply-adds in orange, and in gray a multiply-add at every synapse and step. Energy by the model ${model}.`,
  };
}

const [panelWidth, panelHeight] = [390, 260];

/** Accuracy against steps with the ANN's as a line, and the energy of both by each model. */
export function drawComparison(plot: Plot, draw: Draw, compared: ComparedCosts): Figure {
  const accuracy = titled('Accuracy against steps', drawAccuracy(plot, draw, compared));
  const { steps, energies } = compared;
  const panels = [
    accuracy,
    ...(energies.length > 0 ? [titled('Energy per sample', drawEnergies(plot, draw, compared))] : []),
  ];
  return {
    ...beside(panels),
    name: 'comparison',
    title: 'ANN beside spiking network',
    caption: `Left: accuracy of the spiking network in blue, of the ANN as a gray line. Right: energy at ${steps} steps by each energy model, of the spiking network in blue and of the ANN in orange; chips for spikes have none for the ANN.`,
  };
}

function drawAccuracy(plot: Plot, draw: Draw, { annAccuracy, curve }: ComparedCosts): Panel {
  const spiking = {
    steps: curve.map(({ steps }) => steps),
    accuracy: curve.map(({ accuracy }) => accuracy),
    ann: { accuracy: annAccuracy },
  };
  return accuracyPanel(plot, draw, [spiking], { width: panelWidth, height: panelHeight, marginRight: 56 });
}
function drawEnergies(plot: Plot, draw: Draw, { energies }: ComparedCosts): Panel {
  const names = energies.map(({ name }) => name);
  const margin = Math.max(...names.map((name) => widthOf(name))) + 14;
  const both = energies.filter((one) => one.ann !== undefined && one.ann > 0 && one.snn > 0);
  const dot = (key: 'ann' | 'snn', fill: string) =>
    plot.dot(
      energies.filter((one) => (one[key] ?? 0) > 0),
      { x: key, y: 'name', fill, r: 4.2 },
    );
  return draw({
    width: panelWidth + margin,
    height: Math.max(panelHeight, 21 * names.length + 46),
    marginLeft: margin,
    marginRight: 24,
    marginTop: 8,
    marginBottom: 38,
    x: {
      type: 'log',
      label: 'energy per sample',
      labelArrow: 'none',
      labelAnchor: 'center',
      ticks: 5,
      tickFormat: (joules: number) => joulesText(joules).replace(/\.0+ /, ' '),
      inset: 8,
    },
    y: { type: 'point', domain: names, label: null, tickSize: 0, padding: 0.5 },
    marks: [
      plot.gridX({ stroke: colour('grid'), strokeOpacity: 1, ticks: 5 }),
      plot.link(both, { x1: 'ann', x2: 'snn', y: 'name', stroke: colour('muted'), strokeOpacity: 0.6 }),
      dot('ann', colour('second')),
      dot('snn', colour('first')),
    ],
  });
}
