/** The populations of a recording as a table: which are shown, which neurons, and what they do in the window. */
import { dom } from '../parts/dom.ts';
import { numberText } from '../parts/text.ts';
import { seriesVariable } from '../parts/theme.ts';
import { rangeOf, rangeText } from '../plots/neuron-choice.ts';
import type { RasterPopulation, RasterPopulations } from './shown-populations.ts';

export interface PopulationTable {
  readonly element: HTMLElement;
  /** Spikes and rates in the window, by number of the population. */
  update(spikes: ReadonlyMap<number, number>, rates: ReadonlyMap<number, number>): void;
  /** The ranges of neurons have changed otherwise. */
  ranges(): void;
}

/** Minimum time between two updates of the table in ms, because each makes the browser lay out the page. */
const updateInterval = 250;

/** @param changed - called when the reader has chosen */
export function populationTable(populations: RasterPopulations, changed: () => void): PopulationTable {
  const rows = populations.all.map((population) => rowOf(populations, population, changed));
  let latest: { spikes: ReadonlyMap<number, number>; rates: ReadonlyMap<number, number> };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    const { spikes, rates } = latest;
    for (const { population, set } of rows)
      set(spikes.get(population.index) ?? 0, rates.get(population.index) ?? Number.NaN);
  };
  const element = dom(
    'div',
    { class: 'scrolled', tabindex: 0, role: 'group', 'aria-label': 'Populations' },
    dom(
      'table',
      {},
      dom(
        'thead',
        {},
        dom(
          'tr',
          {},
          ...['population', 'neurons', 'shown neurons', 'their spikes', 'rate of all recorded (Hz)'].map(
            (text, i) => dom('th', { scope: 'col', class: i === 0 || i === 2 ? undefined : 'number' }, text),
          ),
        ),
      ),
      dom('tbody', {}, ...rows.map(({ element }) => element)),
    ),
  );
  return {
    element,
    update(spikes, rates) {
      latest = { spikes, rates };
      if (timer !== undefined) return;
      write();
      timer = setTimeout(() => {
        timer = undefined;
        write();
      }, updateInterval);
    },
    ranges() {
      for (const { update } of rows) update();
    },
  };
}

function rowOf(populations: RasterPopulations, population: RasterPopulation, changed: () => void) {
  const { name, size, recorded, whole, color } = population;
  const box = dom('input', { type: 'checkbox' });
  box.checked = population.isVisible;
  box.addEventListener('change', () => {
    populations.show(population, box.checked);
    changed();
  });
  const swatch = dom('span', { class: 'swatch' });
  swatch.style.setProperty('--swatch', seriesVariable(color));
  const range = dom('input', {
    type: 'text',
    class: 'range',
    placeholder: `${whole.first}-${whole.last - 1}`,
    autocomplete: 'off',
    'aria-label': `Shown neurons of ${name}, such as 0-99`,
  });
  const update = () => {
    range.value = rangeText(population.range, whole);
  };
  update();
  range.addEventListener('change', () => {
    const chosen = range.value.trim() === '' ? whole : rangeOf(range.value, size);
    // The browser shows the message beside the field.
    range.setCustomValidity(typeof chosen === 'string' ? chosen : '');
    if (!range.reportValidity() || typeof chosen === 'string') return;
    populations.choose(population, chosen);
    changed();
  });
  const [spikes, rate] = [dom('td', { class: 'number' }), dom('td', { class: 'number' })];
  const element = dom(
    'tr',
    {},
    dom('th', { scope: 'row' }, dom('label', { class: 'choice' }, box, swatch, name)),
    dom(
      'td',
      { class: 'number' },
      recorded === size
        ? size.toLocaleString('en')
        : `${recorded.toLocaleString('en')} recorded of ${size.toLocaleString('en')}`,
    ),
    dom('td', {}, range),
    spikes,
    rate,
  );
  return {
    population,
    element,
    update,
    set(count: number, hz: number) {
      spikes.textContent = Number.isNaN(count) ? '…' : count.toLocaleString('en');
      rate.textContent = numberText(hz, 3);
    },
  };
}
