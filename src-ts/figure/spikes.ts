/** Figures of spikes. */
import { crossCorrelogram, powerSpectrum } from '../analysis/correlation.ts';
import { psth as countsAround } from '../analysis/counts.ts';
import { intervals } from '../analysis/irregularity.ts';
import type { SpikeTrains } from '../analysis/spike-trains.ts';
import { options as checkOptions, finite, integer, invalid, oneOf } from '../checks/check.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { AxisSpec, MarkSpec, PanelSpec } from './draw/spec.ts';
import { type FigureSpikes, type NamedTrains, neuronOf, populationsOf, spanOf } from './populations.ts';
import { type FigureWindowOptions, windowOf } from './time-window.ts';

/** Spikes per panel above which a raster shows densities: more strokes would overlap. */
const maxStrokes = 20_000;

/** Columns and rows of a raster's density. */
const [densityColumns, densityRows] = [400, 100];

/** Options of {@link raster}. */
export interface RasterOptions extends FigureOptions, FigureWindowOptions {
  /** `'strokes'`, `'density'` (spikes per cell, for many spikes), or `'auto'` (default): density of all populations if one has more than 20,000 spikes. */
  marks?: 'auto' | 'strokes' | 'density';
  /** The side of each panel at which neuron 0 is: `'top'` (default) or `'bottom'`, as in most papers. */
  origin?: 'top' | 'bottom';
}

export async function raster(spikes: FigureSpikes, options: RasterOptions = {}): Promise<Figure> {
  const {
    window,
    marks = 'auto',
    origin = 'top',
    ...appearance
  } = checkOptions('figure.raster', options, [...figureOptions, 'window', 'marks', 'origin']);
  oneOf('origin', origin, ['top', 'bottom']);
  oneOf('marks', marks, ['auto', 'strokes', 'density']);
  const populations = populationsOf(spikes);
  const [start, end] = windowOf(window, spanOf(populations));
  const max = Math.max(...populations.map(({ trains }) => trains.neurons));
  const visible = populations.map(({ trains }) => visibleSpikes(trains, start, end));
  // The same for all populations: strokes beside cells would look like another activity.
  const isDense = marks === 'density' || (marks === 'auto' && visible.some(({ x }) => x.length > maxStrokes));
  const panels = populations.map(
    ({ name, trains }, i): PanelSpec => ({
      ...(name === '' ? {} : { title: name }),
      x: timeAxis([start, end], i < populations.length - 1),
      y: { label: 'neuron', domain: neuronDomain(trains.neurons, origin), ...neuronTicks(trains) },
      weight: Math.max(0.35, trains.neurons / max),
      ...(isDense
        ? densityOf(visible[i]!, trains.neurons, [start, end], i)
        : { marks: [{ type: 'ticks', ...visible[i]!, color: i }] }),
    }),
  );
  const what = isDense ? 'The darkness of a cell is its number of spikes' : 'Each stroke is a spike';
  return new Figure(
    {
      name: 'raster',
      title: 'Spikes',
      caption: `${what}, from ${rounded(start)} to ${rounded(end)} ms.`,
      columns: [panels],
    },
    appearance,
  );
}

/** Options of {@link rate}. */
export interface RateOptions extends FigureOptions, FigureWindowOptions {
  /** Length of a bin in ms; default a round number, about a two-hundredth of the time. */
  bin?: number;
}

/** Firing rates in bins. */
export interface Rates {
  /** Length of a bin in ms. */
  readonly bin: number;
  /** Start of the first bin in ms; default 0. */
  readonly start?: number;
  /** The mean rate of each bin, in Hz. */
  readonly populations: readonly { readonly name: string; readonly rate: ArrayLike<number> }[];
}

/** Populations above which each has a panel of its own. */
const maxPerPanel = 6;

export async function rate(given: FigureSpikes | Rates, options: RateOptions = {}): Promise<Figure> {
  const {
    bin: requestedBin,
    window,
    ...appearance
  } = checkOptions('figure.rate', options, [...figureOptions, 'bin', 'window']);
  if (requestedBin !== undefined) finite('bin', requestedBin, { above: 0 });
  const isBinned = typeof given === 'object' && given !== null && 'bin' in given && 'populations' in given;
  const { bin, start = 0, populations } = isBinned ? (given as Rates) : ratesOf(given, requestedBin, window);
  finite('bin', bin, { above: 0 });
  if (populations.length === 0) invalid('spikes', 'no population', 'at least one population');
  const end = start + bin * Math.max(...populations.map(({ rate: own }) => own.length));
  const domain = windowOf(window, [start, end]);
  const curves = populations.map(({ rate: own }, i): MarkSpec => {
    const x = Array.from(own, (_, k) => start + (k + 0.5) * bin);
    return own.length === 1
      ? { type: 'points', x, y: own, color: i }
      : { type: 'line', x, y: own, color: i, width: 1.3 };
  });
  const panel = (marks: MarkSpec[], title?: string, hidden = false): PanelSpec => ({
    ...(title === undefined ? {} : { title, weight: 0.4 }),
    x: timeAxis(domain, hidden),
    y: { label: 'rate (Hz)' },
    marks,
  });
  const panels =
    populations.length > maxPerPanel
      ? curves.map((curve, i) =>
          panel([{ ...curve, color: 0 }], populations[i]!.name, i < populations.length - 1),
        )
      : [{ ...panel(curves), ...legendOf(populations) }];
  const caption = `Spikes per second and neuron, in bins of ${rounded(bin)} ms.`;
  return new Figure({ name: 'rate', title: 'Firing rates', caption, columns: [panels] }, appearance);
}

/** The rates of a recording in the part of the window that it covers: no spike was recorded outside of it. */
function ratesOf(
  spikes: FigureSpikes,
  requestedBin: number | undefined,
  window: RateOptions['window'],
): Rates {
  const populations = populationsOf(spikes);
  const [first, last] = spanOf(populations);
  if (!(last > first)) invalid('spikes', 'a recording of no time', 'a recording of at least one step');
  const [from, to] = windowOf(window, [first, last]);
  const [start, end] = [Math.max(from, first), Math.min(to, last)];
  const bin = requestedBin ?? roundAbove((end - start) / 200);
  const count = Math.max(1, Math.ceil((end - start) / bin - 1e-9));
  const width = (k: number) => Math.min(bin, end - start - k * bin);
  const rates = populations.map(({ name, trains }) => {
    const spikes = new Float64Array(count);
    for (let i = 0; i < trains.times.length; i++) {
      const time = trains.times[i]!;
      if (time < start || time > end) continue;
      // A spike at the end of a step belongs to the bin before it.
      const at = Math.max(0, Math.ceil((time - start) / bin - 1e-9) - 1);
      if (at < count) spikes[at]! += 1;
    }
    return { name, rate: spikes.map((own, k) => (1000 * own) / (width(k) * trains.neurons)) };
  });
  return { bin, start, populations: rates };
}

/** Options of {@link psth}. */
export interface PsthOptions extends FigureOptions {
  /** Length of a bin in ms. */
  bin: number;
  /** Times of events in ms. Default: the trains are trials that begin together. */
  events?: readonly number[];
  /** Time around an event in ms, `[from, to]`; with `events` only. */
  window?: readonly [number, number];
}

export async function psth(spikes: FigureSpikes, options: PsthOptions): Promise<Figure> {
  const { bin, events, window, ...appearance } = checkOptions('figure.psth', options, [
    ...figureOptions,
    'bin',
    'events',
    'window',
  ]);
  const populations = populationsOf(spikes);
  const panels: PanelSpec[] = [];
  for (const [i, { name, trains }] of populations.entries()) {
    const { counts, edges } = await countsAround(trains, {
      bin,
      ...(events === undefined ? {} : { events }),
      ...(window === undefined ? {} : { window }),
    });
    const trials = trains.neurons * (events?.length ?? 1);
    const height = Array.from(counts, (count, k) => (1000 * count) / ((edges[k + 1]! - edges[k]!) * trials));
    const hidden = i < populations.length - 1;
    const label = events === undefined ? 'time (ms)' : 'time since the event (ms)';
    panels.push({
      ...(name === '' ? {} : { title: name }),
      x: { label, domain: [edges[0] ?? 0, edges.at(-1) ?? 1], hidden },
      y: { label: 'rate (Hz)' },
      marks: [
        { type: 'bars', from: edges.subarray(0, -1), to: edges.subarray(1), height, color: i },
        ...(events === undefined ? [] : [{ type: 'rule', x: 0, dashed: true } as const]),
      ],
    });
  }
  const around = events === undefined ? '' : ` around ${events.length} events`;
  const caption = `Spikes per second and neuron${around}, in bins of ${rounded(bin)} ms.`;
  return new Figure(
    { name: 'psth', title: 'Peri-stimulus time histogram', caption, columns: [panels] },
    appearance,
  );
}

/** Options of {@link isi}. */
export interface IsiOptions extends FigureOptions {
  /** Number of bins, 1 to 1000; default 50. */
  bins?: number;
}

export async function isi(spikes: FigureSpikes, options: IsiOptions = {}): Promise<Figure> {
  const { bins = 50, ...appearance } = checkOptions('figure.isi', options, [...figureOptions, 'bins']);
  integer('bins', bins, { min: 1, max: 1000 });
  const populations = populationsOf(spikes);
  const all = await Promise.all(populations.map(async ({ trains }) => (await intervals(trains)).values));
  const longest = all.reduce((max, values) => values.reduce((m, v) => Math.max(m, v), max), 0);
  if (longest === 0) invalid('spikes', 'no interval', 'two spikes of a neuron at least');
  const scale = appearance.x?.scale ?? 'linear';
  const isLog = scale === 'log';
  const shortest = all.reduce((min, values) => values.reduce((m, v) => Math.min(m, v), min), longest);
  const edge = (i: number) => (isLog ? shortest * (longest / shortest) ** (i / bins) : (longest * i) / bins);
  const panels = populations.map(({ name }, i): PanelSpec => {
    const counts = new Float64Array(bins);
    for (const value of all[i]!) {
      const fraction = isLog ? Math.log(value / shortest) / Math.log(longest / shortest) : value / longest;
      counts[Math.min(bins - 1, Math.floor(fraction * bins))]! += 1;
    }
    const edges = Float64Array.from({ length: bins + 1 }, (_, k) => edge(k));
    const hidden = i < populations.length - 1;
    return {
      ...(name === '' ? {} : { title: name }),
      x: { label: 'inter-spike interval (ms)', domain: [edges[0]!, edges[bins]!], scale, hidden },
      y: { label: 'intervals' },
      marks: [{ type: 'bars', from: edges.subarray(0, -1), to: edges.subarray(1), height: counts, color: i }],
    };
  });
  const caption = `Numbers of inter-spike intervals in ${bins} bins.`;
  return new Figure({ name: 'isi', title: 'Inter-spike intervals', caption, columns: [panels] }, appearance);
}

/** Options of {@link correlogram}. */
export interface CorrelogramOptions extends FigureOptions {
  /** Numbers of the two trains; the same twice for the autocorrelogram, whose lag 0 is omitted. */
  pair: readonly [number, number];
  /** Length of a bin in ms; default 1. */
  bin?: number;
  /** First and last lag in ms, multiples of the bin; default 50 bins to each side. */
  window?: readonly [number, number];
}

export async function correlogram(spikes: FigureSpikes, options: CorrelogramOptions): Promise<Figure> {
  const {
    pair,
    bin = 1,
    window = [-50 * bin, 50 * bin],
    ...appearance
  } = checkOptions('figure.correlogram', options, [...figureOptions, 'pair', 'bin', 'window']);
  const [first, ...others] = populationsOf(spikes);
  if (first === undefined || others.length > 0)
    invalid('spikes', `${others.length + 1} populations`, 'one population, such as recording.of(name)');
  const { counts, lags } = await crossCorrelogram(first.trains, { pair, bin, window });
  const isAuto = pair[0] === pair[1];
  const height = Array.from(counts, (count, i) => (isAuto && lags[i] === 0 ? 0 : count));
  const panel: PanelSpec = {
    x: { label: 'lag (ms)', domain: [lags[0]! - bin / 2, lags.at(-1)! + bin / 2] },
    y: { label: 'pairs of spikes' },
    marks: [
      { type: 'bars', from: lags.map((lag) => lag - bin / 2), to: lags.map((lag) => lag + bin / 2), height },
      { type: 'rule', x: 0, dashed: true },
    ],
  };
  const whose = isAuto
    ? `neuron ${neuronOf(first.trains, pair[0])} with itself, without lag 0`
    : `neuron ${neuronOf(first.trains, pair[1])} after neuron ${neuronOf(first.trains, pair[0])}`;
  const caption = `Pairs of spikes by their lag, ${whose}, in bins of ${rounded(bin)} ms.`;
  const title = isAuto ? 'Autocorrelogram' : 'Cross-correlogram';
  return new Figure({ name: 'correlogram', title, caption, columns: [[panel]] }, appearance);
}

/** Options of {@link spectrum}. */
export interface SpectrumOptions extends FigureOptions {
  /** Length of a bin in ms; the highest frequency is half of its inverse. Default 1, for frequencies up to 500 Hz. */
  bin?: number;
  /** Length of a segment in ms, whose inverse is the resolution; default all the time. */
  segment?: number;
}

export async function spectrum(spikes: FigureSpikes, options: SpectrumOptions = {}): Promise<Figure> {
  const {
    bin = 1,
    segment,
    ...appearance
  } = checkOptions('figure.spectrum', options, [...figureOptions, 'bin', 'segment']);
  const populations = populationsOf(spikes);
  const marks: MarkSpec[] = [];
  for (const [i, { trains }] of populations.entries()) {
    const { frequencies, power } = await powerSpectrum(trains, {
      bin,
      ...(segment === undefined ? {} : { segment }),
    });
    // At 0 Hz stands the mean, which is not a fluctuation.
    marks.push({ type: 'line', x: frequencies.subarray(1), y: power.subarray(1), color: i });
  }
  const panel: PanelSpec = {
    x: { label: 'frequency (Hz)' },
    y: { label: 'power (Hz²/Hz)', scale: 'log' },
    marks,
    ...legendOf(populations),
  };
  const caption = `Power spectral density of the mean rate of each population, in bins of ${rounded(bin)} ms.`;
  return new Figure({ name: 'spectrum', title: 'Power spectrum', caption, columns: [[panel]] }, appearance);
}

function timeAxis(domain: readonly [number, number], hidden = false): AxisSpec {
  return { label: 'time (ms)', domain, hidden };
}

/** A legend, if there is more than one series. */
function legendOf(populations: readonly { readonly name: string }[]): Pick<PanelSpec, 'legend'> {
  return populations.length < 2 ? {} : { legend: populations.map(({ name }, color) => ({ name, color })) };
}

interface VisibleSpikes {
  readonly x: Float64Array;
  readonly y: Uint32Array;
}

function visibleSpikes({ times, ids }: NamedTrains['trains'], start: number, end: number): VisibleSpikes {
  const [x, y] = [new Float64Array(times.length), new Uint32Array(times.length)];
  let count = 0;
  for (let i = 0; i < times.length; i++) {
    if (times[i]! < start || times[i]! > end) continue;
    x[count] = times[i]!;
    y[count] = ids[i]!;
    count += 1;
  }
  return { x: x.subarray(0, count), y: y.subarray(0, count) };
}

/** The ends of an axis of neurons, its lower end first. */
function neuronDomain(neurons: number, origin: 'top' | 'bottom'): readonly [number, number] {
  return origin === 'top' ? [neurons - 0.5, -0.5] : [-0.5, neurons - 0.5];
}

/** Spikes in cells of a round number of ms and as many neurons each: other cells would make stripes. */
function densityOf(
  { x, y }: VisibleSpikes,
  neurons: number,
  [start, end]: readonly [number, number],
  color: number,
): Pick<PanelSpec, 'marks' | 'shades'> {
  const bin = roundAbove((end - start) / densityColumns);
  const each = Math.ceil(neurons / densityRows);
  const [columns, rows] = [Math.max(1, Math.ceil((end - start) / bin - 1e-9)), Math.ceil(neurons / each)];
  const values = new Float64Array(columns * rows);
  let max = 0;
  for (let i = 0; i < x.length; i++) {
    // A spike at the end of a step belongs to the bin before it.
    const column = Math.max(0, Math.ceil((x[i]! - start) / bin - 1e-9) - 1);
    const cell = Math.floor(y[i]! / each) * columns + Math.min(columns - 1, column);
    values[cell]! += 1;
    if (values[cell]! > max) max = values[cell]!;
  }
  const size = `${rounded(bin)} ms${each === 1 ? '' : ` × ${each.toLocaleString('en')} neurons`}`;
  return {
    marks: [
      {
        type: 'cells',
        values,
        columns,
        rows,
        x: [start, start + columns * bin],
        y: [-0.5, rows * each - 0.5],
        color,
      },
    ],
    ...(max === 0 ? {} : { shades: { label: `spikes per ${size}`, range: [0, max], color } }),
  };
}

/** The next of 1, 2, 5, 10, … times a power of ten that is at least as large. @internal */
function roundAbove(min: number): number {
  const power = 10 ** Math.floor(Math.log10(min));
  const found = [1, 2, 5, 10].find((factor) => factor * power >= min * (1 - 1e-9)) ?? 10;
  return Number((found * power).toPrecision(6));
}

/** The first and the last neuron, and round numbers between them. */
/** Where the axis of neurons has ticks, and the neuron at each where trains are those of some neurons. */
function neuronTicks(trains: SpikeTrains): Pick<AxisSpec, 'ticks' | 'tickLabels'> {
  const ticks = trainTicks(trains.neurons);
  const labels = ticks.map((train) => `${neuronOf(trains, train)}`);
  return labels.every((label, i) => label === `${ticks[i]}`) ? { ticks } : { ticks, tickLabels: labels };
}

function trainTicks(neurons: number): number[] {
  if (neurons <= 5) return Array.from({ length: neurons }, (_, i) => i);
  const step = [1, 2, 5, 10, 20, 25, 50]
    .flatMap((factor) => [factor, 100 * factor, 10_000 * factor, 1e6 * factor])
    .sort((a, b) => a - b)
    .find((size) => neurons / size <= 4);
  return Array.from({ length: Math.ceil(neurons / (step ?? neurons)) }, (_, i) => i * (step ?? neurons));
}

/** @internal */
function rounded(value: number): string {
  return `${Number(value.toPrecision(6))}`;
}
