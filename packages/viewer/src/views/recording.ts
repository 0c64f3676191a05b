/** Recordings of large networks: raster, rates and states on one axis of time. */
import type { RecordingFacts } from '../../../../src-ts/view/kinds/recording.ts';
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { button, select, textField } from '../parts/controls.ts';
import { describedView } from '../parts/described-view.ts';
import { dom } from '../parts/dom.ts';
import { panel } from '../parts/panel.ts';
import { shortcuts } from '../parts/shortcuts.ts';
import { numberText, throttledText } from '../parts/text.ts';
import { seriesVariable } from '../parts/theme.ts';
import { type ChosenNeuron, chosenOf, chosenText } from '../plots/neuron-choice.ts';
import { recordedIn } from '../plots/recorded-neurons.ts';
import { populationTable } from '../recording/population-table.ts';
import { type RasterData, rasterData } from '../recording/raster-data.ts';
import { type RasterPlot, rasterPlot } from '../recording/raster-plot.ts';
import { ratePlot } from '../recording/rate-plot.ts';
import { RasterPopulations } from '../recording/shown-populations.ts';
import { linesOf, traceGroups } from '../recording/trace-choice.ts';
import { tracePlot } from '../recording/trace-plot.ts';
import { type Overview, overview } from '../time/overview.ts';
import { player } from '../time/player.ts';
import { timeInput } from '../time/time-input.ts';
import { TimeModel } from '../time/time-model.ts';
import { keepWindow, windowInState } from '../time/time-state.ts';
import type { View, ViewSource, ViewState } from '../view.ts';

/** The shortest window, in ms. */
const minWindow = 0.05;

const speeds = [0.001, 0.01, 0.05, 0.1, 0.5, 1] as const;

/** The number of neurons that clicks can choose; one more click drops the oldest. */
const maxChosen = 6;

const keysText =
  'Arrow keys move, plus and minus zoom, 0 shows all, space plays; up, down, [ and ] move and zoom neurons.';

const keys = shortcuts('Click a plot, or reach it with Tab, to use its keys.', [
  [['←', '→'], 'move the window; with Shift farther'],
  [['+', '−'], 'zoom in and out'],
  [['0'], 'show the whole recording'],
  [['Home', 'End'], 'go to the start or the end'],
  [['Space'], 'play or stop'],
  [['↑', '↓'], 'move the neurons of the raster'],
  [['[', ']'], 'zoom out of and into the neurons of the raster'],
]);

export const recording: View = describedView<RecordingFacts>('recording', 'Loading the recording…', show);

/** A window ends before its end, but a spike of the last step is at the end of the recording: it ends a little later. */
function extentOf({ start, stop }: RecordingFacts): TimeWindow {
  return { from: start, to: Math.max(stop + 1e-9 * (stop - start), start + minWindow) };
}

function show(element: HTMLElement, source: ViewSource, state: ViewState, begin: RecordingFacts) {
  let facts = begin;
  const time = new TimeModel(extentOf(facts), minWindow, windowInState(state));
  const populations = new RasterPopulations(facts, state);
  const ends: (() => void)[] = [];

  const drawAll = () => {
    spikes.raster.canvas.draw();
    rates.plot.canvas.draw();
    traces?.plot.canvas.draw();
  };
  const drawChanged = () => {
    drawAll();
    strip.changed();
  };
  const rangesChanged = () => {
    table.ranges();
    drawAll();
  };
  const data = rasterData(source, facts, drawChanged);
  const play = player(time, {
    second: 1000,
    speeds,
    speed: Number(state.get('speed') ?? 0.1),
    chose: (speed) => state.set({ speed: String(speed) }),
  });
  const strip = spikesStrip(time, populations, data, play.toggle);
  const neurons = chosenNeurons(
    state,
    () => facts,
    () => {
      traces?.update();
      drawAll();
    },
  );
  const spikes = spikesPanel(time, populations, data, neurons);
  const rates = ratesPanel(time, populations, data, (hz) => table.update(spikes.counts, hz));
  const traces = tracesPanel(
    source,
    state,
    time,
    () => facts,
    () => neurons.chosen,
  );
  const table = populationTable(populations, drawChanged);
  const tablePanel = panel('Populations', { wide: true });
  tablePanel.body.append(table.element);

  const across = neuronInput(populations, spikes.raster, rangesChanged);
  ends.push(
    timeInput(spikes.raster.canvas.element, time, {
      frame: spikes.raster.frame,
      play: play.toggle,
      across,
      pick(x, y) {
        const at = spikes.raster.at(x, y);
        if (at !== undefined) neurons.toggle({ population: at.population.index, neuron: at.neuron });
      },
    }),
    timeInput(rates.plot.canvas.element, time, { frame: rates.plot.frame, play: play.toggle }),
  );
  if (traces !== undefined) {
    const { canvas, frame } = traces.plot;
    ends.push(timeInput(canvas.element, time, { frame, play: play.toggle }), traces.destroy);
  }

  const live = dom('span', { class: 'note' }, facts.isLive ? 'The simulation may go on.' : '');
  const zooms = zoomButtons(time, populations, rangesChanged);
  element.replaceChildren(
    dom('div', { class: 'toolbar' }, play.element, dom('span', { class: 'field' }, ...zooms), live, keys()),
    dom('div', { class: 'strip' }, strip.canvas.element),
    dom(
      'div',
      { class: 'panels' },
      spikes.element,
      rates.element,
      ...(traces === undefined ? [] : [traces.element]),
      tablePanel.element,
    ),
  );
  ends.push(time.onChange(drawAll), keepWindow(time, state));
  if (facts.isLive)
    ends.push(
      source.follow('growth', (next) => {
        facts = next as RecordingFacts;
        time.grow(extentOf(facts));
        data.grown(facts);
        traces?.grown();
        drawChanged();
      }),
    );
  return {
    destroy() {
      for (const end of ends) end();
      play.destroy();
      strip.destroy();
      spikes.destroy();
      rates.destroy();
    },
  };
}

/** The whole recording with the spikes of the visible populations over time. */
function spikesStrip(
  time: TimeModel,
  populations: RasterPopulations,
  data: RasterData,
  play: () => void,
): Overview {
  return overview(time, {
    label: 'Time',
    text: ({ from, to }) => `${numberText(from, 6)} to ${numberText(to, 6)} ms`,
    activity(window, parts) {
      const counted = data.rates('overview', window, parts);
      if (counted === undefined) return undefined;
      const sums = new Float64Array(counted.bins);
      for (const { index } of populations.visible)
        for (let k = 0; k < counted.bins; k++) sums[k]! += counted.counts[index * counted.bins + k]!;
      return [sums];
    },
    colors: ['muted'],
    play,
  });
}

/** Neurons that are marked in the raster and whose states are shown, with the field in which the reader writes them. */
interface ChosenNeurons {
  readonly field: HTMLElement;
  readonly chosen: readonly ChosenNeuron[];
  /** Adds a neuron, or removes it if it is chosen. */
  toggle(neuron: ChosenNeuron): void;
}

/** The choice is kept in the URL. @param changed - called after each choice */
function chosenNeurons(state: ViewState, facts: () => RecordingFacts, changed: () => void): ChosenNeurons {
  let chosen = chosenOf(state.get('chosen'), facts().populations);
  const choose = (next: ChosenNeuron[]) => {
    chosen = next;
    const text = chosenText(chosen, facts().populations);
    state.set({ chosen: text });
    field.input.value = text ?? '';
    changed();
  };
  const field = textField(
    'Chosen neurons',
    chosenText(chosen, facts().populations) ?? '',
    (text) => choose(chosenOf(text.replace(/\s+/g, ''), facts().populations)),
    { placeholder: `${facts().populations[0]?.name ?? 'E'}.0` },
  );
  return {
    field: field.element,
    get chosen() {
      return chosen;
    },
    toggle(one) {
      const others = chosen.filter(
        ({ population, neuron }) => population !== one.population || neuron !== one.neuron,
      );
      choose(others.length < chosen.length ? others : [...chosen, one].slice(-maxChosen));
    },
  };
}

/** The raster, with the number of spikes that it shows. */
function spikesPanel(
  time: TimeModel,
  populations: RasterPopulations,
  data: RasterData,
  neurons: ChosenNeurons,
) {
  const plotPanel = panel('Spikes', { wide: true });
  const caption = throttledText(plotPanel.caption);
  let counts: ReadonlyMap<number, number> = new Map();
  const raster = rasterPlot(
    time,
    populations,
    () => data,
    () => neurons.chosen,
    (frame) => {
      counts = frame.spikes;
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      // What a test or a measurement waits for: the caption follows later.
      raster.canvas.element.dataset.spikes = String(total);
      const size = populations.visible.reduce(
        (sum, { recordedRanges, range }) => sum + recordedIn(recordedRanges, range),
        0,
      );
      const { from, to } = time.window;
      const dense = frame.most > 1 ? ` The darkest pixel has ${frame.most.toLocaleString('en')} spikes.` : '';
      caption.say(
        `${Number.isNaN(total) ? 'Counting the' : total.toLocaleString('en')} spikes of ${size.toLocaleString('en')} neurons from ${numberText(from, 6)} to ${numberText(to, 6)} ms.${dense}`,
      );
    },
  );
  takesKeys(raster.canvas.element, `Raster of spikes. ${keysText}`);
  plotPanel.controls.append(neurons.field);
  plotPanel.body.append(raster.canvas.element);
  return {
    element: plotPanel.element,
    raster,
    /** Spikes of the last frame by number of the population. */
    get counts() {
      return counts;
    },
    destroy() {
      caption.destroy();
      raster.canvas.destroy();
    },
  };
}

/** The rates of the visible populations. @param onFrame - called after each frame with the rates of all over the window in Hz */
function ratesPanel(
  time: TimeModel,
  populations: RasterPopulations,
  data: RasterData,
  onFrame: (hz: ReadonlyMap<number, number>) => void,
) {
  const plotPanel = panel('Rates', { wide: true });
  const caption = throttledText(plotPanel.caption);
  const plot = ratePlot(
    time,
    populations,
    () => data,
    (bin, hz) => {
      onFrame(hz);
      caption.say(
        `Mean firing rate of the neurons of each population, in Hz, in bins of ${numberText(bin)} ms.`,
      );
    },
  );
  takesKeys(
    plot.canvas.element,
    'Rates of the populations over time, in Hz. Arrow keys move, plus and minus zoom.',
  );
  plotPanel.body.append(plot.canvas.element);
  return {
    element: plotPanel.element,
    plot,
    destroy() {
      caption.destroy();
      plot.canvas.destroy();
    },
  };
}

/** A plot that is reached with the tab key and operated with keys. */
function takesKeys(element: HTMLElement, label: string): void {
  element.tabIndex = 0;
  element.setAttribute('role', 'application');
  element.setAttribute('aria-label', label);
}

/** Zooms in time, and back to all neurons at all times. @param rangesChanged - called after the latter */
function zoomButtons(
  time: TimeModel,
  populations: RasterPopulations,
  rangesChanged: () => void,
): HTMLButtonElement[] {
  const buttons = [
    button('+', () => time.zoom(0.5), { title: 'Zoom in' }),
    button('−', () => time.zoom(2), { title: 'Zoom out' }),
    button('All', () => {
      time.showAll();
      for (const population of populations.all) populations.choose(population, population.whole);
      rangesChanged();
    }),
  ];
  for (const [i, name] of ['Zoom in', 'Zoom out', 'Show all'].entries())
    buttons[i]!.setAttribute('aria-label', name);
  return buttons;
}

type RangeChange = 'zoom-in' | 'zoom-out' | 'up' | 'down';

/** Zooms and moves the neurons of the population at a height of the raster; without a height, of the first one. */
function neuronInput(populations: RasterPopulations, raster: RasterPlot, changed: () => void) {
  return (change: RangeChange, y: number | undefined): void => {
    const at = y === undefined ? undefined : raster.at(0, y);
    const population = at?.population ?? populations.visible[0];
    if (population === undefined) return;
    const { first, last } = population.range;
    const around = at?.neuron ?? (first + last) / 2;
    populations.choose(population, nextRange(population.range, population.size, change, around));
    changed();
  };
}

/** The neurons after a zoom around one of them, or a move by a fifth. */
function nextRange(
  { first, last }: { first: number; last: number },
  size: number,
  change: RangeChange,
  around: number,
) {
  const long = last - first;
  if (change === 'up' || change === 'down') {
    const by = Math.max(1, Math.round(long / 5)) * (change === 'up' ? -1 : 1);
    const start = Math.max(0, Math.min(size - long, first + by));
    return { first: start, last: start + long };
  }
  const zoomed = change === 'zoom-in' ? Math.floor(long * 0.8) : Math.ceil(long * 1.25);
  const next = Math.max(1, Math.min(size, zoomed));
  const start = Math.round(around - ((around - first) * next) / long);
  const from = Math.max(0, Math.min(size - next, start));
  return { first: from, last: from + next };
}

/** The plot of states with the choice of what it shows; `undefined` for a recording without traces that stays so. */
function tracesPanel(
  source: ViewSource,
  state: ViewState,
  time: TimeModel,
  facts: () => RecordingFacts,
  chosen: () => readonly ChosenNeuron[],
) {
  if (facts().traces.length === 0 && !facts().isLive) return undefined;
  const plotPanel = panel('States', { wide: true });
  const caption = throttledText(plotPanel.caption);
  const legend = dom('ul', { class: 'legend' });
  let count = 0;
  let unit = '';
  const plot = tracePlot(source, time, (range) => {
    const { from, to } = time.window;
    caption.say(
      range === undefined
        ? 'No values in the window.'
        : `${count} traces from ${numberText(from, 6)} to ${numberText(to, 6)} ms, with values from ${numberText(range[0])} to ${numberText(range[1])}${unit === '' ? '' : ` ${unit}`}. Click a neuron in the raster to see its states.`,
    );
  });
  takesKeys(plot.canvas.element, 'States over time. Arrow keys move, plus and minus zoom.');
  const choice = dom('span', {});
  let known = '';
  const update = () => {
    const groups = traceGroups(facts().traces);
    const ids = groups.map(({ id }) => id).join(' ');
    const requested = state.get('trace');
    const group = groups.find(({ id }) => id === requested) ?? groups[0];
    plotPanel.element.hidden = group === undefined;
    if (group === undefined) return;
    if (ids !== known) {
      known = ids;
      const list = select(
        'Trace',
        groups.map(({ id, label }) => ({ value: id, text: label })),
        group.id,
        (id) => {
          state.set({ trace: id });
          update();
        },
      );
      choice.replaceChildren(list.element);
    }
    const lines = linesOf(group, chosen(), facts().populations);
    count = lines.length;
    unit = group.unit;
    plot.set(lines, group.label);
    legend.replaceChildren(
      ...lines.map(({ label }, i) => {
        const swatch = dom('span', { class: 'swatch' });
        swatch.style.setProperty('--swatch', seriesVariable(i));
        return dom('li', { class: 'choice' }, swatch, label);
      }),
    );
  };
  update();
  plotPanel.controls.append(choice);
  plotPanel.body.append(legend, plot.canvas.element);
  return {
    element: plotPanel.element,
    plot,
    update,
    grown() {
      update();
      plot.grown();
    },
    destroy() {
      caption.destroy();
      plot.canvas.destroy();
    },
  };
}
