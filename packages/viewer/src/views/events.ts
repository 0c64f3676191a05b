/** Recordings of event cameras: a frame of the window, the same events in space and time, and when there were how many. */
import type { EventFacts } from '../../../../src-ts/view/kinds/events.ts';
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { cloudPlot } from '../events/cloud-plot.ts';
import { framePlot, polarityColors } from '../events/frame-plot.ts';
import { button, select } from '../parts/controls.ts';
import { describedView } from '../parts/described-view.ts';
import { dom } from '../parts/dom.ts';
import { unpack } from '../parts/packed.ts';
import { panel } from '../parts/panel.ts';
import { shortcuts } from '../parts/shortcuts.ts';
import { numberText, throttledText } from '../parts/text.ts';
import type { CloudAngles } from '../plots/cloud.ts';
import { LatestAnswer } from '../recording/raster-data.ts';
import { type Overview, overview } from '../time/overview.ts';
import { player } from '../time/player.ts';
import { timeInput } from '../time/time-input.ts';
import { TimeModel } from '../time/time-model.ts';
import { keepWindow, windowInState } from '../time/time-state.ts';
import type { View, ViewSource, ViewState } from '../view.ts';

/** The shortest window in µs, the one at the beginning, and the choices. */
const [minWindow, defaultWindow] = [10, 20_000];
const lengths = [1000, 5000, 10_000, 20_000, 33_000, 100_000, 1_000_000] as const;

const speeds = [0.001, 0.01, 0.1, 0.25, 1, 4] as const;

const keys = shortcuts('Click a plot, or reach it with Tab, to use its keys.', [
  [['←', '→'], 'move the window; turn the points in space and time'],
  [['+', '−'], 'make the window shorter or longer'],
  [['0'], 'show the whole recording'],
  [['Home', 'End'], 'go to the start or the end'],
  [['Space'], 'play or stop'],
  [['↑', '↓'], 'turn the points in space and time'],
]);

export const events: View = describedView<EventFacts>('events', 'Loading the events…', show);

function extentOf({ start, stop }: EventFacts): TimeWindow {
  return { from: start, to: Math.max(stop, start + 1) };
}

function show(element: HTMLElement, source: ViewSource, state: ViewState, begin: EventFacts) {
  let facts = begin;
  let version = 0;
  const extent = extentOf(facts);
  const first = { from: extent.from, to: Math.min(extent.to, extent.from + defaultWindow) };
  const time = new TimeModel(extent, minWindow, windowInState(state) ?? first);
  const ends: (() => void)[] = [];
  const msAfterStart: TimeText = (at) => numberText((at - facts.start) / 1000, 6);

  const play = player(time, {
    second: 1e6,
    speeds,
    speed: Number(state.get('speed') ?? 0.1),
    chose: (speed) => state.set({ speed: String(speed) }),
  });
  const strip = activityStrip(source, time, () => version, msAfterStart, play.toggle);
  const frame = framePanel(source, time, () => version, msAfterStart);
  const cloud = cloudPanel(source, state, time, () => version);
  const length = lengthChoice(time);
  const about = recordingText();
  const drawAll = () => {
    frame.canvas.draw();
    cloud.canvas.draw();
    length.update();
  };
  about.update(facts);

  element.replaceChildren(
    dom(
      'div',
      { class: 'toolbar' },
      play.element,
      dom('span', { class: 'field' }, ...stepButtons(time)),
      length.element,
      polarityLegend(),
      keys(),
    ),
    dom('div', { class: 'strip' }, strip.canvas.element, ...about.elements),
    dom('div', { class: 'panels' }, frame.element, cloud.element),
  );
  ends.push(
    timeInput(frame.canvas.element, time, {
      frame: () => ({ left: 0, right: frame.canvas.size.width }),
      play: play.toggle,
    }),
    time.onChange(drawAll),
    keepWindow(time, state),
  );
  if (!facts.isComplete)
    ends.push(
      source.follow('index', (next) => {
        facts = next as EventFacts;
        version += 1;
        const { window } = time;
        time.grow(extentOf(facts));
        // The index grows, the reader's window stays.
        time.set(window);
        about.update(facts);
        strip.changed();
        drawAll();
      }),
    );
  return {
    destroy() {
      for (const end of ends) end();
      play.destroy();
      strip.destroy();
      frame.destroy();
      cloud.destroy();
    },
  };
}

/** A time as milliseconds after the first event. */
type TimeText = (at: number) => string;

/** The whole recording with its ON and OFF events over time. */
function activityStrip(
  source: ViewSource,
  time: TimeModel,
  version: () => number,
  msAfterStart: TimeText,
  play: () => void,
): Overview {
  const activity = new LatestAnswer<readonly Float32Array[]>(() => strip.changed());
  const strip = overview(time, {
    label: 'Time',
    text: ({ from, to }) => `${msAfterStart(from)} to ${msAfterStart(to)} ms after the first event`,
    activity: ({ from, to }, parts) =>
      activity.latest(`${from} ${to} ${parts} ${version()}`, async () => {
        const { arrays } = unpack(await source.bytes(`activity?from=${from}&to=${to}&parts=${parts}`));
        return [arrays.on as Float32Array, arrays.off as Float32Array];
      }),
    colors: [polarityColors.on, polarityColors.off],
    play,
  });
  return strip;
}

/** The events of the window by pixel. */
function framePanel(source: ViewSource, time: TimeModel, version: () => number, msAfterStart: TimeText) {
  const plotPanel = panel('Frame');
  const caption = throttledText(plotPanel.caption);
  const { canvas } = framePlot(source, time, version, ({ totals, window: { from, to } }) => {
    const outside =
      totals.outside === 0 ? '' : ` ${totals.outside.toLocaleString('en')} lie outside of the sensor.`;
    caption.say(
      `${totals.on.toLocaleString('en')} ON and ${totals.off.toLocaleString('en')} OFF events in ${numberText((to - from) / 1000)} ms, ${msAfterStart(from)} to ${msAfterStart(to)} ms after the first event.${outside}`,
    );
  });
  canvas.element.setAttribute('role', 'application');
  canvas.element.tabIndex = 0;
  canvas.element.setAttribute(
    'aria-label',
    'Events by pixel. Left and right move the window, plus and minus change its length, space plays.',
  );
  plotPanel.body.append(canvas.element);
  return {
    element: plotPanel.element,
    canvas,
    destroy() {
      caption.destroy();
      canvas.destroy();
    },
  };
}

/** The events of the window as points in space and time. */
function cloudPanel(source: ViewSource, state: ViewState, time: TimeModel, version: () => number) {
  const plotPanel = panel('Space and time');
  const caption = throttledText(plotPanel.caption);
  const cloud = cloudPlot(
    source,
    time,
    version,
    anglesInState(state),
    ({ t, events: all, every }) =>
      caption.say(
        every === 1
          ? `All ${all.toLocaleString('en')} events of the window. Drag or use the arrow keys to turn.`
          : `${t.length.toLocaleString('en')} of ${all.toLocaleString('en')} events, one of ${every}. Drag or use the arrow keys to turn.`,
      ),
    ({ yaw, pitch }) => state.set({ yaw: yaw.toFixed(3), pitch: pitch.toFixed(3) }),
  );
  const { canvas } = cloud;
  canvas.element.setAttribute(
    'aria-label',
    'Events as points over time, column and row. The arrow keys turn it.',
  );
  plotPanel.body.append(canvas.element);
  return {
    element: plotPanel.element,
    canvas,
    destroy() {
      caption.destroy();
      cloud.destroy();
    },
  };
}

/** The angles of the URL, as far as it has them. */
function anglesInState(state: ViewState): Partial<CloudAngles> {
  const angle = (name: keyof CloudAngles) => {
    const text = state.get(name);
    const value = text === undefined ? Number.NaN : Number(text);
    return Number.isFinite(value) ? { [name]: value } : {};
  };
  return { ...angle('yaw'), ...angle('pitch') };
}

/** The list of window lengths. A length that is not in it, after a zoom, is its first entry. */
function lengthChoice(time: TimeModel) {
  const { element, input } = select(
    'Window',
    [
      { value: '', text: 'other' },
      ...lengths.map((value) => ({ value: String(value), text: `${value / 1000} ms` })),
    ],
    '',
    (value) => {
      if (value === '') return;
      const { from } = time.window;
      time.set({ from, to: from + Number(value) });
    },
  );
  const update = () => {
    const now = Math.round(time.length);
    input.value = lengths.some((value) => value === now) ? String(now) : '';
    input.options[0]!.textContent = input.value === '' ? `${numberText(now / 1000)} ms` : 'other';
  };
  update();
  return { element, update };
}

/** Buttons that move the window by its length. */
function stepButtons(time: TimeModel): HTMLButtonElement[] {
  const step = (by: number) => () => time.move(by * time.length);
  const steps = [
    button('◀', step(-1), { title: 'Window before' }),
    button('▶', step(1), { title: 'Next window' }),
  ];
  for (const stepButton of steps) stepButton.setAttribute('aria-label', stepButton.title);
  return steps;
}

/** What the file is, and what is wrong with it. */
function recordingText() {
  const about = dom('p', { class: 'caption' });
  const warnings = dom('ul', { class: 'note' });
  return {
    elements: [about, warnings],
    update(facts: EventFacts) {
      const { format, sensor, isSensorStated, events: count, on, start, stop, isComplete } = facts;
      const far = isComplete ? '' : ' so far; the file is being read';
      about.textContent = `${format}, ${sensor.width} × ${sensor.height} pixels${isSensorStated ? '' : ' (as far as the events reach)'}, ${count.toLocaleString('en')} events (${numberText((100 * on) / Math.max(1, count), 3)} % ON) in ${numberText((stop - start) / 1e6, 6)} s${far}.`;
      warnings.replaceChildren(...facts.warnings.map((text) => dom('li', {}, text)));
      warnings.hidden = facts.warnings.length === 0;
    },
  };
}

function polarityLegend(): HTMLElement {
  return dom(
    'ul',
    { class: 'legend' },
    ...(['on', 'off'] as const).map((polarity) => {
      const swatch = dom('span', { class: 'swatch' });
      swatch.style.setProperty('--swatch', `var(--series-${polarityColors[polarity]})`);
      return dom('li', { class: 'choice' }, swatch, polarity === 'on' ? 'ON, brighter' : 'OFF, darker');
    }),
  );
}
