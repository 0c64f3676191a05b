/** Figures of membrane potentials and other states, of weights, and of responses to currents. */
import { options as checkOptions, eachFinite, finite, integer, invalid } from '../checks/check.ts';
import type { Recording } from '../circuit/recording.ts';
import { isNameOfState } from '../circuit/state-units.ts';
import { extent } from '../numbers/extent.ts';
import { histogramOf } from '../numbers/histogram.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { MarkSpec, PanelSpec } from './draw/spec.ts';
import { isRecording } from './populations.ts';
import { type FigureWindowOptions, windowOf } from './time-window.ts';

/** States over time: `values` has the shape `[times, neurons]`. */
export interface FigureTrace {
  /** ms; without times, `values` is of one step after another, counted from 0, and so are `spikes`. */
  readonly times?: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** The neuron of each column, for the legend; default 0, 1, 2 … */
  readonly neurons?: ArrayLike<number>;
  /** Unit of the values, for the label of the axis; default none. */
  readonly unit?: string;
  /** Times of spikes, drawn as points above the curve; default none. */
  readonly spikes?: ArrayLike<number>;
}

/** Options of {@link membrane}. */
export interface MembraneOptions extends FigureOptions, FigureWindowOptions {
  /** The neurons that are shown, by their place in the trace; default the first five. */
  neurons?: readonly number[];
  /** Unit of the states, such as `'mV'`, for the label of the axis; default the trace's unit. */
  unit?: string;
  /** The threshold, drawn as a dashed line in the panels of `v`; default none. */
  threshold?: number;
}

/** Panels above which each is lower. */
const maxTallPanels = 2;

export async function membrane(
  traces: Recording | Readonly<Record<string, FigureTrace>>,
  options: MembraneOptions = {},
): Promise<Figure> {
  const {
    neurons,
    unit: unitOfAll,
    threshold,
    window,
    ...appearance
  } = checkOptions('figure.membrane', options, [...figureOptions, 'neurons', 'unit', 'threshold', 'window']);
  if (typeof traces !== 'object' || traces === null)
    invalid('traces', traces, 'a recording, or traces by name');
  const given = Object.entries(isRecording(traces) ? traces.traces : (traces as Record<string, FigureTrace>));
  if (given.length === 0) invalid('traces', 'no trace', 'a recording of a network with record.traces');
  for (const [name, trace] of given)
    if (typeof trace?.values?.length !== 'number')
      invalid(`traces.${name}.values`, trace?.values, 'a list of numbers');
  const inSteps = given.some(([, trace]) => trace.times === undefined);
  if (inSteps && given.some(([, trace]) => trace.times !== undefined))
    invalid('traces', 'traces with and without times', 'times in all traces or in none');
  const named = given.map(([name, trace]) => [name, timed(trace)] as const);
  if (threshold !== undefined) finite('threshold', threshold);
  const domain = windowOf(window, timesOf(named));
  const isShown = (time: number) => time >= domain[0] && time <= domain[1];
  const panels = named.map(([name, trace], i): PanelSpec => {
    const { times, values, neurons: ids, unit: own = '' } = trace;
    const spikes = Array.from(trace.spikes ?? []).filter(isShown);
    const unit = unitOfAll ?? own;
    const count = times?.length === 0 ? 0 : values?.length / times?.length;
    if (!Number.isInteger(count))
      invalid(`traces.${name}`, `${values?.length} values`, `a multiple of ${times?.length} times`);
    const selected = neurons ?? Array.from({ length: Math.min(5, count) }, (_, n) => n);
    const marks = selected.map((neuron, k): MarkSpec => {
      integer(`neurons[${k}]`, neuron, { min: 0, max: Math.max(0, count - 1) });
      const y = Float64Array.from(times, (_, t) => values[t * count + neuron]!);
      return times.length === 1
        ? { type: 'points', x: times, y, color: k }
        : { type: 'line', x: times, y, color: k, width: 1.3 };
    });
    const [whose, state] = partsOf(name);
    const isOnlyName = whose === name;
    if (threshold !== undefined && state === 'v') marks.push({ type: 'rule', y: threshold, dashed: true });
    if (spikes.length > 0) {
      const [low, high] = rangeOf(
        Array.from(values).filter((_, k) => isShown(times[Math.floor(k / count)]!)),
        threshold,
      );
      const above = high + 0.12 * (high - low || 1);
      marks.push({
        type: 'points',
        x: spikes,
        y: Array.from(spikes, () => above),
        color: 'accent',
        radius: 2,
      });
    }
    return {
      ...titleOf(name, { alone: named.length === 1, single: selected.length === 1 }),
      x: { label: inSteps ? 'step' : 'time (ms)', domain, hidden: i < named.length - 1 },
      y: { label: unit === '' ? state : `${state} (${unit})` },
      marks,
      ...(named.length > maxTallPanels ? { weight: 0.42 } : {}),
      ...(selected.length < 2
        ? isOnlyName && { legend: [{ name, color: 0 }] }
        : {
            legend: selected.map((neuron, color) => ({ name: `neuron ${ids?.[neuron] ?? neuron}`, color })),
          }),
    };
  });
  const line = threshold === undefined ? '' : ' The dashed line is the threshold.';
  const points = named.some(([, { spikes = [] }]) => spikes.length > 0) ? ' Points are spikes.' : '';
  const gaps = named.some(([, { values }]) => !Array.prototype.every.call(values, Number.isFinite))
    ? ' Gaps are values that are not finite numbers.'
    : '';
  const caption = `States of neurons over time.${line}${points}${gaps}`;
  return new Figure(
    { name: 'membrane', title: 'Membrane potentials', caption, columns: [panels] },
    appearance,
  );
}

/** A trace with its times. */
function timed(trace: FigureTrace): FigureTrace & { readonly times: ArrayLike<number> } {
  const { times, values, neurons } = trace;
  const steps = () => Array.from({ length: (values?.length ?? 0) / (neurons?.length ?? 1) }, (_, t) => t);
  return { ...trace, times: times ?? steps() };
}

/** The neuron and the state of the name of a trace: `E.v`, `w` of an unnamed neuron, or a name of a trace of `v`. */
function partsOf(name: string): [whose: string, state: string] {
  const dot = name.lastIndexOf('.');
  if (dot >= 0) return [name.slice(0, dot), name.slice(dot + 1)];
  return isNameOfState(name) ? ['', name] : [name, 'v'];
}

/** The legend or the axis has the other names. */
function titleOf(name: string, { alone, single }: { alone: boolean; single: boolean }): { title?: string } {
  const [whose] = partsOf(name);
  if (whose === '' || (whose === name ? single : alone)) return {};
  return { title: single ? whose : name };
}

/** The same time axis for all traces. */
function timesOf(
  named: readonly (readonly [string, { readonly times: ArrayLike<number> }])[],
): [number, number] {
  const [first, last] = extent(
    named.flatMap(([, { times }]) => [times[0] ?? 0, times[times.length - 1] ?? 0]),
  );
  return first < last ? [first, last] : [first - 0.5, last + 0.5];
}

function rangeOf(values: ArrayLike<number>, threshold: number | undefined): readonly [number, number] {
  const all = Array.from(values).filter(Number.isFinite);
  const [low, high] = extent(threshold === undefined ? all : [...all, threshold]);
  return low <= high ? [low, high] : [0, 1];
}

/** Options of {@link weights}. */
export interface WeightsOptions extends FigureOptions {
  /** Number of bins, 1 to 1000; default 50. */
  bins?: number;
}

export async function weights(
  tensors: Readonly<Record<string, ArrayLike<number>>> | ArrayLike<number>,
  options: WeightsOptions = {},
): Promise<Figure> {
  const { bins = 50, ...appearance } = checkOptions('figure.weights', options, [...figureOptions, 'bins']);
  integer('bins', bins, { min: 1, max: 1000 });
  if (typeof tensors !== 'object' || tensors === null)
    invalid('tensors', tensors, 'an array, or an object of arrays');
  const named: [string, ArrayLike<number>][] = isArray(tensors) ? [['', tensors]] : Object.entries(tensors);
  if (named.length === 0) invalid('tensors', tensors, 'at least one tensor');
  const panels = named.map(([name, values], i): PanelSpec => {
    eachFinite(`tensors.${name}`, values);
    const { edges, counts } = histogramOf(values, bins);
    return {
      ...(name === '' ? {} : { title: name }),
      x: { label: i === named.length - 1 ? 'weight' : '' },
      y: { label: 'count' },
      ...(named.length > maxTallPanels ? { weight: 0.5 } : {}),
      marks: [{ type: 'bars', from: edges.subarray(0, -1), to: edges.subarray(1), height: counts, color: i }],
    };
  });
  const caption = `Numbers of weights in ${bins} bins.`;
  return new Figure({ name: 'weights', title: 'Weights', caption, columns: [panels] }, appearance);
}

/** A relation of current and rate. */
export interface FiCurve {
  /** Input currents. */
  readonly currents: ArrayLike<number>;
  /** Firing rates in Hz, one per current. */
  readonly rates: ArrayLike<number>;
}

/** Options of {@link fi}. */
export interface FiOptions extends FigureOptions {
  /** Unit of the currents, such as `'pA'`; default none. */
  unit?: string;
}

export async function fi(
  curves: FiCurve | Readonly<Record<string, FiCurve>>,
  options: FiOptions = {},
): Promise<Figure> {
  const { unit, ...appearance } = checkOptions('figure.fi', options, [...figureOptions, 'unit']);
  if (typeof curves !== 'object' || curves === null) invalid('curves', curves, '{ currents, rates }');
  const named: [string, FiCurve][] = isCurve(curves) ? [['', curves]] : Object.entries(curves);
  const marks = named.flatMap(([name, curve], color): MarkSpec[] => {
    if (typeof curve !== 'object' || curve === null) invalid(`curves.${name}`, curve, '{ currents, rates }');
    const { currents, rates } = curve;
    eachFinite(`curves.${name}.currents`, currents);
    if (currents?.length !== rates?.length)
      invalid(
        `curves.${name}`,
        `${currents?.length} currents and ${rates?.length} rates`,
        'one rate per current',
      );
    return [
      { type: 'line', x: currents, y: rates, color },
      ...(currents.length > 60 ? [] : [{ type: 'points', x: currents, y: rates, color } as const]),
    ];
  });
  const panel: PanelSpec = {
    x: { label: unit === undefined ? 'input current' : `input current (${unit})` },
    y: { label: 'rate (Hz)' },
    marks,
    ...(named.length < 2 ? {} : { legend: named.map(([name], color) => ({ name, color })) }),
  };
  const caption = 'Firing rate against a constant input current.';
  return new Figure({ name: 'fi', title: 'f–I curves', caption, columns: [[panel]] }, appearance);
}

function isArray(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

function isCurve(value: object): value is FiCurve {
  return 'currents' in value && 'rates' in value;
}
