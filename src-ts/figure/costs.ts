/** Figures of what networks cost: operations, energy, activity, and accuracy against steps. */
import { options as checkOptions, eachFinite, finite, invalid } from '../checks/check.ts';
import type { CostComparison } from '../costs/compare.ts';
import type { Operations } from '../costs/operations.ts';
import { joulesText } from '../costs/table.ts';
import { extent } from '../numbers/extent.ts';
import type { Evaluation } from '../train/evaluate.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import { fromZero, rowBars, rowsAxis, rowsWeight } from './draw/rows.ts';
import type { MarkSpec, PanelSpec } from './draw/spec.ts';

/** Synaptic operations and energy of a layer, means over samples. */
export interface LayerCosts {
  name: string;
  /** Multiply-adds at every synapse and step. */
  dense: number;
  effectiveAcs: number;
  effectiveMacs: number;
  /** J a sample. */
  joules: number;
}

/** The costs of the layers of a network. */
export interface Costs {
  /** Name of the energy model. */
  model: string;
  layers: readonly LayerCosts[];
}

/** An ANN compared with a spiking network. */
export interface ComparedCosts {
  /** Accuracy of the ANN, 0 to 1. */
  annAccuracy: number;
  /** Steps of the spiking network at which energies are compared. */
  steps: number;
  curve: readonly { steps: number; accuracy: number }[];
  /** J a sample by energy model; a chip for spikes has none for the ANN. */
  energies: readonly { name: string; ann?: number; snn: number }[];
}

/** The activity of one layer, averaged over samples. */
export interface LayerActivity {
  name: string;
  neurons: number;
  /** Mean number of spikes per sample. */
  spikes: number;
}

/** Spikes per sample in each layer; `steps` is needed for the fraction of neurons that spike in a step. */
export interface Activity {
  steps: number;
  layers: readonly LayerActivity[];
}

/** Accuracy of a converted network after several numbers of steps, such as a result of `accuracyAgainstSteps`. */
export interface AccuracyCurve {
  /** Name of the network, where there are several. */
  name?: string;
  steps: ArrayLike<number>;
  /** Shares from 0 to 1, one for each number of steps. */
  accuracy: ArrayLike<number>;
  /** The artificial network's own accuracy. */
  ann?: { readonly accuracy: number; readonly correct?: number };
  /** Samples with the right label; not drawn. */
  correct?: ArrayLike<number>;
  samples?: number;
}

export async function operations(
  counted: Operations | CostComparison | Costs | ComparedCosts,
  options: FigureOptions = {},
): Promise<Figure> {
  const appearance = checkOptions('figure.operations', options, figureOptions);
  if (typeof counted !== 'object' || counted === null)
    invalid('counted', counted, 'what operations or compareCosts returns');
  return 'annAccuracy' in counted
    ? comparisonFigure(comparisonOf(counted), appearance)
    : costsFigure(costsOf(counted), appearance);
}

/** Layers with weights: others have no synaptic operations. @internal */
export function costsOf(costs: Costs | Operations): Costs {
  if (!('energy' in costs)) return costs;
  const { layers, energy } = costs;
  const joules = new Map(energy.layers.map((layer) => [layer.name, layer.joules]));
  return {
    model: energy.model.name,
    layers: layers
      .filter(({ weights }) => weights > 0)
      .map(({ name, dense, effectiveAcs, effectiveMacs }) => ({
        name,
        dense,
        effectiveAcs,
        effectiveMacs,
        joules: joules.get(name) ?? 0,
      })),
  };
}

/** @internal */
export function comparisonOf(comparison: ComparedCosts | CostComparison): ComparedCosts {
  if (!('snnAccuracy' in comparison)) return comparison;
  const { annAccuracy, steps, curve, energies } = comparison;
  const plain = energies.map(({ model, ann, snn }) => ({
    name: model.name,
    ...(ann === undefined ? {} : { ann }),
    snn,
  }));
  return { annAccuracy, steps, curve, energies: plain };
}

/** Dense operations as a pale bar, additions and multiply-adds that are left of them as one within it. */
function costsFigure({ model, layers }: Costs, appearance: FigureOptions): Figure {
  if (!Array.isArray(layers) || layers.length === 0)
    invalid('layers', layers, 'at least one layer with weights');
  const list = layers as readonly LayerCosts[];
  const names = list.map(({ name }) => name);
  const of = (key: 'dense' | 'effectiveAcs' | 'effectiveMacs' | 'joules') => list.map((layer) => layer[key]);
  const [acs, dense, zero] = [of('effectiveAcs'), of('dense'), list.map(() => 0)];
  const all = list.map(({ effectiveAcs, effectiveMacs }) => effectiveAcs + effectiveMacs);
  const [unit, factor] = joulesUnit(Math.max(...of('joules')));
  const energies = of('joules').map((joules) => joules * factor);
  const weight = rowsWeight(list.length);
  const counts: PanelSpec = {
    x: { label: 'operations per sample', domain: fromZero([...dense, ...all]) },
    y: rowsAxis(names),
    marks: [
      rowBars(zero, dense, { color: 'grid' }),
      rowBars(zero, acs, { color: 0, part: 0.4 }),
      rowBars(acs, all, { color: 1, part: 0.4 }),
    ],
    legend: [
      { name: 'additions', color: 0, mark: 'box' },
      { name: 'multiply-adds', color: 1, mark: 'box' },
      { name: 'dense', color: 'grid', mark: 'box' },
    ],
    notes: notesOf(all.map((count) => count.toLocaleString('en', { maximumFractionDigits: 1 }))),
    weight,
  };
  const energy: PanelSpec = {
    x: { label: `energy per sample (${unit})`, domain: fromZero(energies) },
    y: rowsAxis(names),
    marks: [rowBars(zero, energies, { color: 2 })],
    notes: notesOf(of('joules').map(joulesText)),
    weight,
  };
  const caption = `Mean number of synaptic operations per sample: additions, multiply-adds, and dense: a multiply-add at every synapse and step. The number at the right counts those that are left of the dense ones. Energy by the model ${model}.`;
  return new Figure(
    {
      name: 'operations',
      title: 'Operations and energy',
      caption,
      columns: [[counts], [energy]],
      leastWidth: 22,
    },
    appearance,
  );
}

/** Accuracy against steps with the ANN's as a line, and the energy of both by each model. */
function comparisonFigure(
  { annAccuracy, steps, curve, energies }: ComparedCosts,
  appearance: FigureOptions,
): Figure {
  const accuracy = accuracyPanel([
    {
      steps: curve.map((point) => point.steps),
      accuracy: curve.map((point) => point.accuracy),
      ann: { accuracy: annAccuracy },
    },
  ]);
  const names = energies.map(({ name }) => name);
  const row = (keep: (one: ComparedCosts['energies'][number]) => boolean) =>
    energies.flatMap((one, y) => (keep(one) ? [{ ...one, y }] : []));
  const both = row(({ ann, snn }) => (ann ?? 0) > 0 && snn > 0);
  const [low, high] = joulesRange(energies);
  const [unit, factor] = joulesUnit(high);
  const points = (key: 'ann' | 'snn', color: number): MarkSpec => {
    const own = row((one) => (one[key] ?? 0) > 0);
    return {
      type: 'points',
      x: own.map((one) => one[key]! * factor),
      y: own.map(({ y }) => y),
      radius: 3.2,
      color,
    };
  };
  const energy: PanelSpec = {
    x: { label: `energy per sample (${unit})`, scale: 'log', domain: [low * factor, high * factor] },
    y: rowsAxis(names),
    marks: [
      ...both.map(
        ({ ann, snn, y }): MarkSpec => ({
          type: 'line',
          x: [ann! * factor, snn * factor],
          y: [y, y],
          color: 'muted',
          width: 1,
        }),
      ),
      points('ann', 1),
      points('snn', 0),
    ],
    legend: [
      { name: 'spiking network', color: 0, mark: 'point' },
      { name: 'ANN', color: 1, mark: 'point' },
    ],
    weight: Math.max(0.6, rowsWeight(names.length)),
  };
  const caption = `Accuracy of the spiking network against its steps, of the ANN as a dashed line, and the energy of both at ${steps} steps by each energy model; chips for spikes have none for the ANN.`;
  const columns = energies.length === 0 ? [[accuracy]] : [[accuracy], [energy]];
  return new Figure(
    { name: 'operations', title: 'ANN beside spiking network', caption, columns, leastWidth: 26 },
    appearance,
  );
}

/** A text at the right of each row. */
function notesOf(texts: readonly string[]): NonNullable<PanelSpec['notes']> {
  return texts.map((text, y) => ({ y, text, color: 'ink' }));
}

/** With room at both ends, so that points are not on the frame. */
function joulesRange(energies: ComparedCosts['energies']): [number, number] {
  const all = energies
    .flatMap(({ ann, snn }) => (ann === undefined ? [snn] : [ann, snn]))
    .filter((one) => one > 0);
  const [low, high] = extent(all);
  return low <= high ? [low / 1.6, high * 1.6] : [1e-12, 1];
}

/** The unit in which a number of joules is between 1 and 1000, and its factor. */
function joulesUnit(max: number): [unit: string, factor: number] {
  const units = ['J', 'mJ', 'µJ', 'nJ', 'pJ'];
  const thousands = max > 0 ? Math.ceil(-Math.log10(max) / 3 - 1e-9) : 0;
  const at = Math.min(units.length - 1, Math.max(0, thousands));
  return [units[at]!, 1000 ** at];
}

export async function activity(
  given: Activity | Pick<Evaluation, 'activity'>,
  options: FigureOptions = {},
): Promise<Figure> {
  const appearance = checkOptions('figure.activity', options, figureOptions);
  if (typeof given !== 'object' || given === null) invalid('activity', given, 'what evaluate returns');
  const { steps, layers } = 'activity' in given ? given.activity : given;
  finite('activity.steps', steps, { above: 0 });
  if (!Array.isArray(layers) || layers.length === 0) invalid('activity.layers', layers, 'at least one layer');
  const list = layers as readonly LayerActivity[];
  const spikes = list.map((layer) => layer.spikes);
  const share = ({ spikes: count, neurons }: LayerActivity) =>
    `${Number(((100 * count) / (neurons * steps)).toPrecision(2))} %`;
  const panel: PanelSpec = {
    x: { label: 'spikes per sample', domain: fromZero(spikes) },
    y: rowsAxis(list.map(({ name, neurons }) => `${name}, ${neurons.toLocaleString('en')}`)),
    marks: [
      rowBars(
        list.map(() => 0),
        spikes,
        { color: 0 },
      ),
    ],
    notes: list.map((layer, y) => ({
      y,
      text: `${layer.spikes.toLocaleString('en', { maximumFractionDigits: 1 })} (${share(layer)})`,
      color: 'ink',
    })),
    weight: rowsWeight(list.length),
  };
  const caption = `Mean number of spikes per sample of each layer, with its number of neurons; in brackets the share of the neurons that spike in one step, over ${Number(steps.toPrecision(4))} steps.`;
  return new Figure({ name: 'activity', title: 'Spikes per layer', caption, columns: [[panel]] }, appearance);
}

export async function accuracyAgainstSteps(
  curves: AccuracyCurve | readonly AccuracyCurve[],
  options: FigureOptions = {},
): Promise<Figure> {
  const appearance = checkOptions('figure.accuracyAgainstSteps', options, figureOptions);
  const list = (Array.isArray(curves) ? curves : [curves]) as readonly AccuracyCurve[];
  if (list.length === 0) invalid('curves', curves, 'at least one curve');
  for (const [i, curve] of list.entries()) {
    if (typeof curve !== 'object' || curve === null) invalid(`curves[${i}]`, curve, '{ steps, accuracy }');
    eachFinite(`curves[${i}].steps`, curve.steps, { min: 1 });
    if (curve.accuracy?.length !== curve.steps.length || curve.steps.length === 0)
      invalid(
        `curves[${i}].accuracy`,
        `${curve.accuracy?.length} values`,
        `${curve.steps.length} values, one per number of steps`,
      );
  }
  const hasAnn = list.some(({ ann }) => ann !== undefined);
  const caption = `Share of samples with the right label after each number of steps.${hasAnn ? ' Dashed lines are the artificial networks.' : ''}`;
  return new Figure(
    {
      name: 'accuracy-against-steps',
      title: 'Accuracy against steps',
      caption,
      columns: [[accuracyPanel(list)]],
    },
    appearance,
  );
}

function accuracyPanel(curves: readonly AccuracyCurve[]): PanelSpec {
  const marks = curves.flatMap(({ steps, accuracy, ann }, color): MarkSpec[] => [
    ...(ann === undefined
      ? []
      : [
          {
            type: 'rule',
            y: ann.accuracy,
            dashed: true,
            color: curves.length > 1 ? color : 'muted',
          } as const,
        ]),
    { type: 'line', x: steps, y: accuracy, color },
    { type: 'points', x: steps, y: accuracy, color },
  ]);
  const values = curves.flatMap(({ accuracy, ann }) => [
    ...Array.from(accuracy),
    ...(ann === undefined ? [] : [ann.accuracy]),
  ]);
  const [lowest] = extent(values.filter(Number.isFinite), 1);
  const all = [...new Set(curves.flatMap(({ steps }) => Array.from(steps)))].sort((a, b) => a - b);
  const isNamed = curves.length > 1;
  return {
    x: {
      label: 'steps',
      scale: 'log',
      domain: [all[0]! / 1.1, all.at(-1)! * 1.1],
      ...(all.length > 12 ? {} : { ticks: all, tickLabels: all.map((step) => `${step}`) }),
    },
    y: {
      label: 'accuracy',
      // Down to the next multiple of 5 % with a little room.
      domain: [Math.max(0, Math.floor(lowest * 20 - 0.5) / 20), 1.005],
    },
    marks,
    ...(isNamed
      ? { legend: curves.map(({ name }, color) => ({ name: name ?? `network ${color + 1}`, color })) }
      : curves[0]!.ann === undefined
        ? {}
        : {
            legend: [
              { name: 'spiking network', color: 0 },
              { name: 'ANN', color: 'muted', dashed: true },
            ],
          }),
  };
}
