/** Line charts, drawn by uPlot. */
import uPlot from 'uplot';
import { dom } from './dom.ts';
import { onThemeChange, palette } from './theme.ts';

/** A line of a chart. */
export interface Line {
  readonly label: string;
  /** Index of the palette. */
  readonly color: number;
  /** A thin, pale line: values behind a mean, for example. */
  readonly pale?: boolean;
  readonly dashed?: boolean;
  readonly points?: boolean;
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
  /** Called when the reader zooms by dragging, with undefined for all. */
  readonly zoomed?: (range: readonly [number, number] | undefined) => void;
}

export interface LineChart {
  readonly element: HTMLElement;
  set(
    lines: readonly Line[],
    options?: { log?: boolean; range?: readonly [number, number] | undefined },
  ): void;
  destroy(): void;
}

const short = (value: number) => String(Number(value.toPrecision(4)));

/** A chart of lines. Dragging zooms into a range of x, a double click shows all. */
export function lineChart({
  label,
  x,
  y,
  height = 240,
  format = short,
  zoomed = () => {},
}: LineChartOptions): LineChart {
  const element = dom('div', { class: 'chart', role: 'img', 'aria-label': label });
  let plot: uPlot | undefined;
  let [lines, log, range]: [readonly Line[], boolean, readonly [number, number] | undefined] = [
    [],
    false,
    undefined,
  ];
  /** What the plot was made for: another look needs another plot, new values do not. */
  let look = '';

  const data = () => {
    const tables = lines.map((line) => [
      line.x,
      // uPlot leaves a gap at null; a logarithmic axis has no zero.
      Array.from(line.y, (value) => (Number.isFinite(value) && (!log || value > 0) ? value : null)),
    ]);
    return tables.length === 0
      ? ([[0], [null]] as unknown as uPlot.AlignedData)
      : uPlot.join(
          tables as unknown as uPlot.AlignedData[],
          tables.map(() => [2, 2]),
        );
  };
  const make = () => {
    plot?.destroy();
    element.replaceChildren();
    const colors = palette();
    const axis = {
      stroke: colors.color('muted'),
      grid: { stroke: colors.color('grid'), width: 1 },
      ticks: { show: false },
    };
    const font = '12px system-ui, sans-serif';
    plot = new uPlot(
      {
        width: Math.max(120, element.clientWidth),
        height,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: true, y: false }, points: { size: 6 } },
        scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
        axes: [
          { ...axis, font, label: x, labelFont: font, labelSize: 20, size: 30 },
          {
            ...axis,
            font,
            label: y,
            labelFont: font,
            labelSize: 20,
            size: 52,
            values: (_, ticks) => ticks.map((value) => (value === null ? '' : format(value))),
          },
        ],
        series: [
          {},
          ...(lines.length === 0 ? [{}] : lines).map((line: Partial<Line>): uPlot.Series => {
            const color = colors.color(line.color ?? 0);
            return {
              label: line.label ?? '',
              stroke: line.pale ? `${color}66` : color,
              width: line.pale ? 1 : 2,
              spanGaps: true,
              ...(line.dashed ? { dash: [6, 4] } : {}),
              points: { show: line.points ?? false, size: 5, fill: color },
            };
          }),
        ],
        hooks: {
          setSelect: [
            (self) => {
              if (self.select.width < 5) return;
              const [from, to] = [
                self.posToVal(self.select.left, 'x'),
                self.posToVal(self.select.left + self.select.width, 'x'),
              ];
              zoomed([from, to]);
            },
          ],
        },
      },
      data(),
      element,
    );
    plot.over.addEventListener('dblclick', () => zoomed(undefined));
  };
  const scale = () => {
    if (range !== undefined) plot!.setScale('x', { min: range[0], max: range[1] });
  };
  const observer = new ResizeObserver(() => {
    if (plot !== undefined && element.clientWidth > 0)
      plot.setSize({ width: Math.max(120, element.clientWidth), height });
  });
  observer.observe(element);
  const stop = onThemeChange(() => {
    if (plot === undefined) return;
    make();
    scale();
  });
  return {
    element,
    set(next, options = {}) {
      [lines, log, range] = [next, options.log ?? false, options.range];
      const wanted = JSON.stringify([
        log,
        lines.map(({ label: name, color, pale, dashed, points }) => [name, color, pale, dashed, points]),
      ]);
      if (plot === undefined || wanted !== look) {
        look = wanted;
        make();
      } else plot.setData(data(), range === undefined);
      scale();
    },
    destroy() {
      observer.disconnect();
      stop();
      plot?.destroy();
    },
  };
}
