/** Trainings: loss, accuracy, activity of the layers and weights over epochs, several runs overlaid, live. */
import { checkbox, select, toggle } from '../parts/controls.ts';
import { dom } from '../parts/dom.ts';
import { heatMap } from '../parts/heat-map.ts';
import { type Line, lineChart, type Range } from '../parts/lines.ts';
import { panel } from '../parts/panel.ts';
import { problem } from '../parts/problem.ts';
import { shortcuts } from '../parts/shortcuts.ts';
import { onThemeChange, palette } from '../parts/theme.ts';
import type { View, ViewSource, ViewState } from '../view.ts';
import { type RunData, TrainingData } from './training-data.ts';

const percent = (value: number) => `${Number((100 * value).toPrecision(4))} %`;

/** The lines of a run in a chart of all runs: batches, epochs, validation. */
const ofRun = (name: 'loss' | 'accuracy') => (run: RunData, color: number) => {
  const points = run.epochs.length < 60;
  const validationName = name === 'loss' ? 'validationLoss' : 'validationAccuracy';
  return [
    {
      label: `${run.id} batches`,
      color,
      pale: true,
      x: run.batches.step.map((step) => step / run.perEpoch),
      y: run.batches[name],
    },
    { label: run.id, color, points, ...column(run, name) },
    { label: `${run.id} validation`, color, points, dashed: true, ...column(run, validationName) },
  ];
};

/** The lines of a run by layer: the entries of epochs whose names begin with `prefix/`. */
const ofLayers =
  (prefix: string) =>
  (run: RunData): Line[] => {
    const names = Object.keys(run.epochs.at(-1) ?? {}).filter((name) => name.startsWith(`${prefix}/`));
    return names.map((name, i) => ({
      label: name.slice(prefix.length + 1),
      color: i,
      points: run.epochs.length < 60,
      ...column(run, name),
    }));
  };

const keys = shortcuts(
  'Click a chart, or reach it with Tab, to use its keys. Drag to zoom; double-click to show all.',
  [
    [['←', '→'], 'move the cursor; the legend shows its values'],
    [['+', '−'], 'zoom in and out'],
    [['0'], 'show all epochs'],
  ],
);

interface Chart {
  readonly title: string;
  readonly y: string;
  readonly caption: string;
  readonly format?: (value: number) => string;
  /** Whether it shows all visible runs, or the chosen one. */
  readonly all: boolean;
  lines(run: RunData, color: number): Line[];
}

const charts: readonly Chart[] = [
  {
    title: 'Loss',
    y: 'loss',
    all: true,
    caption: 'Solid: mean of each epoch of training. Dashed: validation. Thin: single batches.',
    lines: ofRun('loss'),
  },
  {
    title: 'Accuracy',
    y: 'accuracy',
    all: true,
    format: percent,
    caption: 'Solid: mean of each epoch of training. Dashed: validation. Thin: single batches.',
    lines: ofRun('accuracy'),
  },
  {
    title: 'Spikes',
    y: 'spikes per sample',
    all: false,
    caption: 'Mean number of spikes per sample in each layer.',
    lines: ofLayers('spikes'),
  },
  {
    title: 'Dead neurons',
    y: 'fraction of neurons',
    all: false,
    format: percent,
    caption:
      'Dead neurons do not spike in any of up to 32 samples of the epoch’s last batch. They add nothing to the output and often get no gradient, so they may stay dead. If the fraction is high, try larger initial weights, a lower threshold, a wider surrogate, or a penalty on low firing rates.',
    lines: ofLayers('dead'),
  },
  {
    title: 'Saturated neurons',
    y: 'fraction of neurons',
    all: false,
    format: percent,
    caption:
      'Saturated neurons fire in at least 90 % of the steps, so their spikes carry little information. If the fraction is high, try smaller initial weights, a higher threshold, or a penalty on high firing rates.',
    lines: ofLayers('saturated'),
  },
];

export const training: View = {
  kind: 'training',
  mount: (element, source, state) => new TrainingPage(element, source, state),
};

class TrainingPage {
  readonly #state: ViewState;
  readonly #data: TrainingData;
  readonly #message = dom('p', { class: 'note', role: 'status' }, 'Waiting for the first batch…');
  readonly #runs = dom('fieldset', { class: 'legend' });
  readonly #chosen = dom('span', { class: 'field' });
  readonly #panels = dom('div', { class: 'panels' });
  readonly #charts: { chart: Chart; panel: ReturnType<typeof panel>; plot: ReturnType<typeof lineChart> }[];
  readonly #values = new Map<string, ReturnType<typeof lineChart>>();
  readonly #weights = panel('Weights');
  readonly #tensor = dom('span', { class: 'field' });
  readonly #map = heatMap('Distribution of the weights over epochs', 'epoch', 'weight');
  readonly #stops: (() => void)[] = [];
  /** What the controls were made for. */
  #visibleRuns = '';
  #visibleTensors = '';
  #mapKey = '';
  /** What the charts of layers were drawn for: batches do not change them. */
  #layersKey = '';

  constructor(element: HTMLElement, source: ViewSource, state: ViewState) {
    this.#state = state;
    this.#charts = charts.map((chart) => {
      const plotPanel = panel(chart.title);
      plotPanel.caption.textContent = chart.caption;
      const plot = this.#lineChart(chart.title, chart.y, chart.format);
      plotPanel.body.append(plot.element);
      if (chart.title === 'Loss') {
        const log = toggle('Log scale', state.get('log') === '1', (on) => {
          state.set({ log: on ? '1' : undefined });
          this.#draw();
        });
        plotPanel.controls.append(log.element);
      }
      return { chart, panel: plotPanel, plot };
    });
    this.#weights.body.append(this.#map.element);
    this.#weights.controls.append(this.#tensor);
    this.#panels.append(
      ...this.#charts.map(({ panel: { element: panelElement } }) => panelElement),
      this.#weights.element,
    );
    element.append(
      dom('div', { class: 'toolbar' }, this.#runs, this.#chosen, keys()),
      this.#message,
      this.#panels,
    );
    this.#panels.hidden = true;
    this.#data = new TrainingData(
      source,
      () => this.#draw(),
      (error) => this.#message.replaceChildren(problem(error)),
    );
    const redraw = () => this.#draw();
    document.addEventListener('visibilitychange', redraw);
    this.#stops.push(
      () => document.removeEventListener('visibilitychange', redraw),
      state.onChange(() => this.#draw()),
      onThemeChange(() => {
        this.#visibleRuns = '';
        this.#draw();
      }),
    );
  }

  #lineChart(title: string, y: string, format?: (value: number) => string, x = 'epoch') {
    return lineChart({
      label: `${title} over ${x}s`,
      x,
      y,
      ...(format === undefined ? {} : { format }),
      ...(x === 'epoch'
        ? {
            together: 'epoch',
            zoomed: (range: Range | undefined) => {
              this.#state.set({ epochs: range?.map((value) => Number(value.toPrecision(6))).join('~') });
              this.#draw();
            },
          }
        : {}),
    });
  }

  /** The range of epochs in the URL. */
  #range(): Range | undefined {
    const [from, to] = (this.#state.get('epochs') ?? '').split('~').map(Number);
    return from !== undefined && to !== undefined && to > from ? [from, to] : undefined;
  }

  #hidden(): Set<string> {
    return new Set((this.#state.get('hidden') ?? '').split('|').filter((id) => id !== ''));
  }

  /** The run whose layers and weights are shown: the one in the URL, or the latest. */
  #detail(): RunData | undefined {
    const runs = [...this.#data.runs.values()];
    return this.#data.runs.get(this.#state.get('run') ?? '') ?? runs.at(-1);
  }

  #draw(): void {
    // A page in the background takes no time from the training.
    if (document.hidden) return;
    const runs = [...this.#data.runs.values()];
    const hidden = this.#hidden();
    const some = runs.some(
      ({ epochs, batches, values }) => epochs.length + batches.step.length + values.size > 0,
    );
    const message = some ? remarks(runs) : 'Waiting for the first batch…';
    if (this.#message.textContent !== message) this.#message.textContent = message;
    this.#message.hidden = message === '';
    this.#panels.hidden = !some;
    if (!some) return;
    this.#controls(runs, hidden);
    const range = this.#range();
    const detail = this.#detail();
    const key = JSON.stringify([detail?.id, detail?.epochs.length, range]);
    const sameLayers = key === this.#layersKey;
    this.#layersKey = key;
    for (const { chart, panel: plotPanel, plot } of this.#charts) {
      if (!chart.all && sameLayers) continue;
      const lines = chart.all
        ? runs.flatMap((run, i) => (hidden.has(run.id) ? [] : chart.lines(run, i)))
        : detail === undefined
          ? []
          : chart.lines(detail, 0);
      const isEmpty = !lines.some(({ y }) => hasNumber(y));
      plotPanel.element.hidden = isEmpty;
      const visible = lines.filter(({ y }) => hasNumber(y));
      if (!isEmpty)
        plot.set(visible, { log: chart.title === 'Loss' && this.#state.get('log') === '1', range });
    }
    this.#drawValues(runs, hidden);
    void this.#drawWeights(detail, range);
  }

  /** Boxes of the runs, and the choice of the run in detail. They are made again only when the runs change, so that they keep the focus. */
  #controls(runs: readonly RunData[], hidden: ReadonlySet<string>): void {
    const ids = JSON.stringify([runs.map(({ id }) => id), [...hidden]]);
    if (ids === this.#visibleRuns) return;
    this.#visibleRuns = ids;
    const boxes = runs.map(({ id }, i) => {
      const { element } = checkbox(id, !hidden.has(id), (on) => {
        const now = this.#hidden();
        if (on) now.delete(id);
        else now.add(id);
        this.#visibleRuns = JSON.stringify([runs.map((run) => run.id), [...now]]);
        this.#state.set({ hidden: now.size === 0 ? undefined : [...now].join('|') });
        this.#draw();
      });
      const swatch = dom('span', { class: 'swatch' });
      swatch.style.setProperty('--swatch', palette().color(i));
      element.prepend(swatch);
      return element;
    });
    this.#runs.replaceChildren(dom('legend', {}, 'Runs'), ...boxes);
    this.#chosen.hidden = runs.length < 2;
    const { element } = select(
      'Layers and weights of',
      runs.map(({ id }) => ({ value: id, text: id })),
      this.#detail()!.id,
      (run) => {
        this.#state.set({ run });
        this.#draw();
      },
    );
    this.#chosen.replaceChildren(element);
  }

  /** A chart for each value that a program records by itself. */
  #drawValues(runs: readonly RunData[], hidden: ReadonlySet<string>): void {
    const names = new Set(runs.flatMap((run) => [...run.values.keys()]));
    for (const name of names) {
      let plot = this.#values.get(name);
      if (plot === undefined) {
        plot = this.#lineChart(name, name, undefined, 'step');
        this.#values.set(name, plot);
        const plotPanel = panel(name);
        plotPanel.body.append(plot.element);
        this.#panels.append(plotPanel.element);
      }
      plot.set(
        runs.flatMap((run, color) => {
          const series = run.values.get(name);
          if (series === undefined || hidden.has(run.id)) return [];
          return [{ label: run.id, color, points: series.step.length < 60, x: series.step, y: series.value }];
        }),
      );
    }
  }

  async #drawWeights(run: RunData | undefined, range: Range | undefined): Promise<void> {
    const tensors = run?.tensors ?? [];
    this.#weights.element.hidden = tensors.length === 0;
    if (run === undefined || tensors.length === 0) return;
    const requested = this.#state.get('tensor') ?? '';
    const tensor = tensors.includes(requested) ? requested : tensors[0]!;
    const visible = JSON.stringify([tensors, tensor]);
    if (visible !== this.#visibleTensors) {
      this.#visibleTensors = visible;
      const { element } = select(
        'Tensor',
        tensors.map((name) => ({ value: name, text: name.replace(/^weights\//, '') })),
        tensor,
        (value) => {
          this.#visibleTensors = JSON.stringify([tensors, value]);
          this.#state.set({ tensor: value });
          this.#draw();
        },
      );
      this.#tensor.replaceChildren(element);
    }
    const key = JSON.stringify([run.id, tensor, run.epochs.length, range]);
    if (key === this.#mapKey) return;
    this.#mapKey = key;
    const all = await this.#data.histograms(run.id, tensor);
    // The reader may have chosen another one meanwhile.
    if (key !== this.#mapKey) return;
    this.#map.set(all, range);
    const last = all.at(-1);
    this.#weights.caption.textContent =
      last === undefined
        ? ''
        : `One column per epoch; darker cells contain more weights. After epoch ${last.epoch} the weights are between ${Number(last.low.toPrecision(3))} and ${Number(last.high.toPrecision(3))}.`;
  }

  destroy(): void {
    this.#data.destroy();
    for (const stop of this.#stops) stop();
    for (const { plot } of this.#charts) plot.destroy();
    for (const plot of this.#values.values()) plot.destroy();
    this.#map.destroy();
  }
}

/** What the reader should know of the logs. */
function remarks(runs: readonly RunData[]): string {
  const skipped = runs.reduce((sum, run) => sum + run.skipped, 0);
  const missing = runs.filter(({ isMissing }) => isMissing).map(({ id }) => id);
  const parts: string[] = [];
  if (skipped > 0) parts.push(`${skipped} lines of the logs are not entries of a training and were skipped.`);
  if (missing.length > 0)
    parts.push(
      `The log of ${missing.join(', ')} has been deleted. The page shows the part that was read before.`,
    );
  return parts.join(' ');
}

/** A value of all epochs. */
function column({ epochs }: RunData, name: string): Pick<Line, 'x' | 'y'> {
  return {
    x: epochs.map(({ epoch }) => epoch ?? Number.NaN),
    y: epochs.map((epoch) => epoch[name] ?? Number.NaN),
  };
}

function hasNumber(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]!)) return true;
  return false;
}
