/** Line charts, drawn by uPlot, with a legend that has the values at the cursor. */
import uPlot from 'uplot';
import { font } from './axes.ts';
import { dom } from './dom.ts';
import { lazyDrawing } from './in-view.ts';
import { onThemeChange, palette } from './theme.ts';

/** A line of a chart. */
export interface Line {
  /** Lines with the same label have one entry of the legend, with the values of the first of them that is not pale. */
  readonly label: string;
  /** Index of the palette. */
  readonly color: number;
  /** A thin, pale line: values behind a mean, for example. */
  readonly pale?: boolean;
  readonly dashed?: boolean;
  readonly points?: boolean;
  /** Ascending. */
  readonly x: ArrayLike<number>;
  /** NaN is a gap. */
  readonly y: ArrayLike<number>;
}

export interface LineChartOptions {
  /** What the chart shows, for screen readers. */
  readonly label: string;
  readonly x: string;
  readonly y: string;
  readonly height?: number;
  /** Format of the values; default up to four digits. */
  readonly format?: (value: number) => string;
  /** Charts with the same name move their cursors together. */
  readonly together?: string;
  /** Called when the reader zooms, by dragging or by keys, with undefined for all. */
  readonly zoomed?: (range: Range | undefined) => void;
}

/** A range of x. */
export type Range = readonly [number, number];

export interface LineChart {
  readonly element: HTMLElement;
  set(lines: readonly Line[], options?: { log?: boolean; range?: Range | undefined }): void;
  destroy(): void;
}

const short = (value: number) => String(Number(value.toPrecision(4)));

/** Distances of the marks of x, which counts epochs or steps: fractions only where the reader has zoomed in. */
const increments = [
  0.01,
  0.1,
  ...Array.from({ length: 30 }, (_, i) => [1, 2, 5][i % 3]! * 10 ** Math.floor(i / 3)),
];

/** A chart of lines. Dragging zooms into a range of x, a double click shows all; arrow keys move the cursor, + and − zoom, 0 shows all. */
export function lineChart(options: LineChartOptions): LineChart {
  const { label, height = 240, format = short, zoomed = () => {} } = options;
  const keys = 'Arrow keys move the cursor, plus and minus zoom, 0 shows all.';
  const container = dom('div', {
    class: 'chart',
    tabindex: 0,
    role: 'group',
    'aria-label': `${label}. ${keys}`,
  });
  container.style.height = `${height}px`;
  const legend = dom('ul', { class: 'legend' });
  const element = dom('div', {}, container, legend);
  let plot: uPlot | undefined;
  let lines: readonly Line[] = [];
  let log = false;
  let range: Range | undefined;
  /** What the plot was made for: another look needs another plot, new values do not. */
  let look = '';

  const showValues = () => {
    const { idx } = plot?.cursor ?? {};
    const at = idx === null || idx === undefined ? undefined : (plot!.data[0][idx] as number);
    const seen = new Set<string>();
    const entries = lines.flatMap((line) => {
      if (line.pale || seen.has(line.label) || line.x.length === 0) return [];
      seen.add(line.label);
      const value = valueAt(line, at);
      const text = `${line.label}${Number.isNaN(value) ? '' : ` ${format(value)}`}`;
      const swatch = dom('span', { class: line.dashed ? 'swatch dashed' : 'swatch' });
      swatch.style.setProperty('--swatch', palette().color(line.color));
      return [dom('li', {}, swatch, text)];
    });
    legend.replaceChildren(...entries);
  };
  const make = () => {
    plot?.destroy();
    plot = new uPlot(
      settings(options, lines, log, Math.max(120, container.clientWidth), height),
      data(lines, log),
      container,
    );
    plot.hooks.setCursor = [showValues];
    plot.hooks.setSelect = [
      ({ select, posToVal }) => {
        if (select.width >= 5)
          zoomed([posToVal(select.left, 'x'), posToVal(select.left + select.width, 'x')]);
      },
    ];
    plot.over.addEventListener('dblclick', () => zoomed(undefined));
  };
  const scale = () => {
    if (range !== undefined) plot!.setScale('x', { min: range[0], max: range[1] });
  };
  container.addEventListener('keydown', (event) => {
    if (plot === undefined) return;
    const { min, max } = plot.scales.x as { min: number; max: number };
    const idx = plot.cursor.idx ?? plot.data[0].length - 1;
    const middle = plot.data[0][idx] ?? (min + max) / 2;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const to = Math.max(0, Math.min(plot.data[0].length - 1, idx + (event.key === 'ArrowLeft' ? -1 : 1)));
      plot.setCursor({ left: plot.valToPos(plot.data[0][to]!, 'x'), top: 10 });
    } else if (event.key === '+' || event.key === '-') {
      const half = ((max - min) * (event.key === '+' ? 0.5 : 2)) / 2;
      zoomed([middle - half, middle + half]);
    } else if (event.key === '0') zoomed(undefined);
    else return;
    event.preventDefault();
  });
  container.addEventListener('focus', () => legend.setAttribute('aria-live', 'polite'));
  container.addEventListener('blur', () => legend.removeAttribute('aria-live'));
  const observer = new ResizeObserver(() => {
    if (plot !== undefined && container.clientWidth > 0)
      plot.setSize({ width: Math.max(120, container.clientWidth), height });
  });
  observer.observe(container);
  const stop = onThemeChange(() => {
    if (plot === undefined) return;
    make();
    scale();
    showValues();
  });
  let wasZoomed = false;
  const inView = lazyDrawing(container, () => {
    const nextLook = JSON.stringify([
      log,
      lines.map(({ label: name, color, pale, dashed, points }) => [name, color, pale, dashed, points]),
    ]);
    if (plot === undefined || nextLook !== look || (wasZoomed && range === undefined)) {
      look = nextLook;
      make();
    } else plot.setData(data(lines, log), range === undefined);
    wasZoomed = range !== undefined;
    scale();
  });
  return {
    element,
    set(next, lineOptions = {}) {
      [lines, log, range] = [next, lineOptions.log ?? false, lineOptions.range];
      inView.draw();
      showValues();
    },
    destroy() {
      observer.disconnect();
      inView.destroy();
      stop();
      plot?.destroy();
    },
  };
}

/** The lines as one table over all their x. */
function data(lines: readonly Line[], log: boolean): uPlot.AlignedData {
  if (lines.length === 0) return [[], []];
  const tables = lines.map(({ x, y }) => [
    Array.from(x),
    // uPlot leaves a gap at null; a logarithmic axis has no zero.
    Array.from(y, (value) => (Number.isFinite(value) && (!log || value > 0) ? value : null)),
  ]);
  return uPlot.join(tables as uPlot.AlignedData[]);
}

/** The value at the cursor: that of the nearest x, or the last one. */
function valueAt({ x, y }: Line, at: number | undefined): number {
  let nearest = -1;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(y[i]!)) continue;
    if (at === undefined || nearest < 0 || Math.abs(x[i]! - at) <= Math.abs(x[nearest]! - at)) nearest = i;
  }
  return y[nearest] ?? Number.NaN;
}

function settings(
  { x, y, format = short, together }: LineChartOptions,
  lines: readonly Line[],
  log: boolean,
  width: number,
  height: number,
): uPlot.Options {
  const colors = palette();
  const axis = {
    stroke: colors.color('muted'),
    grid: { stroke: colors.color('grid'), width: 1 },
    ticks: { show: false },
    font,
    labelFont: font,
    labelSize: 20,
  };
  const series = lines.map(({ label, color, pale, dashed, points }): uPlot.Series => {
    const stroke = colors.color(color);
    return {
      label,
      stroke: pale ? `${stroke}66` : stroke,
      width: pale ? 1 : 2,
      spanGaps: true,
      ...(dashed ? { dash: [6, 4] } : {}),
      points: { show: points ?? false, size: 5, fill: stroke },
    };
  });
  return {
    width,
    height,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      ...(together === undefined ? {} : { sync: { key: together, setSeries: false } }),
    },
    scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
    axes: [
      { ...axis, label: x, size: 28, incrs: increments },
      {
        ...axis,
        label: y,
        size: 56,
        values: (_, ticks) => ticks.map((value) => (value === null ? '' : format(value))),
      },
    ],
    series: [{}, ...(series.length === 0 ? [{}] : series)],
  };
}
