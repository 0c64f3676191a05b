/** Studies: the table of trials, the values over the trials, and each parameter against the value. What is chosen in one is marked in all. */
import { button, select, toggle } from '../parts/controls.ts';
import { description } from '../parts/described-view.ts';
import { dom } from '../parts/dom.ts';
import { grid } from '../parts/grid.ts';
import { panel } from '../parts/panel.ts';
import { problem } from '../parts/problem.ts';
import { type Area, maxSinglePoints, type Points, type ScatterAxis, scatter } from '../parts/scatter.ts';
import type { View, ViewSource, ViewState } from '../view.ts';
import { StudyTable, type TrialColumn } from './study-table.ts';

interface Facts {
  readonly name: string;
  readonly directions: readonly ('minimize' | 'maximize')[];
  /** The varied parameters; null for a study without a space. */
  readonly axes:
    | readonly {
        readonly name: string;
        readonly scale: 'linear' | 'log' | 'categories';
        readonly low: number;
        readonly high: number;
        readonly categories: readonly string[];
      }[]
    | null;
}

/** Columns that are shown only on demand. */
const minor = /^(attempts|seed|started|ended|lastStep|worker|error\.code)$/;

/** Maximum number of parameters with a plot. */
const maxPlots = 24;

export const study: View = {
  kind: 'study',
  mount: (element, source, state) => new StudyPage(element, source, state),
};

interface Plot {
  /** The column on the horizontal axis. */
  readonly column: string;
  readonly element: HTMLElement;
  readonly caption: HTMLElement;
  readonly scatterPlot: ReturnType<typeof scatter>;
}

class StudyPage {
  readonly #state: ViewState;
  readonly #facts = dom('p', { class: 'note', role: 'status' }, 'Reading the trials…');
  readonly #bar = dom('div', { class: 'toolbar' });
  readonly #plots = dom('div', { class: 'panels' });
  readonly #plotByColumn = new Map<string, Plot>();
  readonly #readout = dom('p', { class: 'readout' });
  readonly #tablePanel = panel('Trials', { wide: true });
  readonly #grid: ReturnType<typeof grid>;
  readonly #clear: HTMLButtonElement;
  readonly #stops: (() => void)[] = [];
  #study: Facts | undefined;
  #table: StudyTable | undefined;
  /** The rows in the order of the table. */
  #order: Uint32Array = new Uint32Array();
  #chosen: Uint8Array | undefined;
  #frame = 0;
  #ended = false;

  constructor(element: HTMLElement, source: ViewSource, state: ViewState) {
    this.#state = state;
    this.#clear = button('Clear the choice', () => this.#choose({ trials: undefined, area: undefined }));
    this.#grid = grid({
      label: 'Trials',
      sort: (name) => {
        const { name: now, descending } = this.#sorting();
        const down = name === now ? !descending : false;
        this.#state.set({ sort: `${down ? '-' : ''}${name}` });
        this.#draw();
      },
      choose: (row) => this.#pick(this.#order[row]),
    });
    const flag = (name: string, text: string) =>
      toggle(text, this.#state.get(name) === '1', (on) => {
        this.#state.set({ [name]: on ? '1' : undefined });
        this.#draw();
      }).element;
    this.#tablePanel.controls.append(flag('only', 'Only chosen'), flag('all', 'All columns'), this.#clear);
    this.#tablePanel.body.append(this.#grid.element);
    this.#tablePanel.caption.textContent =
      'Drag over points of a plot, click one, or choose rows here: the same trials are marked everywhere.';
    element.append(this.#facts, this.#bar, this.#plots, this.#readout, this.#tablePanel.element);
    this.#tablePanel.element.hidden = true;
    this.#stops.push(state.onChange(() => this.#draw()));
    const failed = (error: unknown) => this.#facts.replaceChildren(problem(error));
    const show = (facts: Facts) => {
      this.#study = facts;
      this.#table = new StudyTable(source, () => this.#draw(), failed);
      this.#controls();
    };
    this.#stops.push(description<Facts>(source, show, failed).stop);
  }

  #controls(): void {
    const { directions } = this.#study!;
    const log = toggle('Log scale of values', this.#state.get('log') === '1', (on) => {
      this.#state.set({ log: on ? '1' : undefined });
      this.#draw();
    });
    if (directions.length > 1) {
      const options = directions.map((direction, i) => ({ value: String(i), text: `${i} (${direction})` }));
      const { element } = select('Objective', options, String(this.#objective()), (value) => {
        this.#state.set({ objective: value, area: undefined });
        this.#draw();
      });
      this.#bar.append(element);
    }
    this.#bar.append(log.element);
  }

  #objective(): number {
    const requested = Number(this.#state.get('objective') ?? 0);
    return Number.isInteger(requested) && requested >= 0 && requested < this.#study!.directions.length
      ? requested
      : 0;
  }

  #sorting(): { name: string; descending: boolean } {
    const requested = this.#state.get('sort') ?? 'number';
    return { name: requested.replace(/^-/, ''), descending: requested.startsWith('-') };
  }

  /** The rectangle in the URL: a column, and two ranges. */
  #area(): { column: string; area: Area } | undefined {
    const [column, ...numbers] = (this.#state.get('area') ?? '').split('~');
    const [a, b, c, d] = numbers.map(Number);
    if (column === undefined || [a, b, c, d].some((n) => n === undefined || !Number.isFinite(n)))
      return undefined;
    return { column, area: { x: [a!, b!], y: [c!, d!] } };
  }

  #choose(values: { trials?: string | undefined; area?: string | undefined }): void {
    this.#state.set(values);
    this.#draw();
  }

  /** Chooses a trial, or no longer. */
  #pick(row: number | undefined): void {
    const number = row === undefined ? undefined : this.#table!.columns.get('number')?.values[row];
    if (number === undefined) return;
    const trials = new Set((this.#state.get('trials') ?? '').split('.').filter((text) => text !== ''));
    if (!trials.delete(String(number))) trials.add(String(number));
    this.#choose({ trials: trials.size === 0 ? undefined : [...trials].join('.') });
  }

  #draw(): void {
    if (this.#frame === 0)
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#drawNow();
      });
  }

  #drawNow(): void {
    const table = this.#table;
    if (table === undefined || this.#ended || this.#study === undefined) return;
    const values = table.columns.get(`values.${this.#objective()}`);
    this.#chosen = this.#marked(table, values);
    this.#tell(table, values);
    this.#drawPlots(table, values);
    this.#drawTable(table);
  }

  /** Marks the chosen rows; undefined if there is no choice. */
  #marked(table: StudyTable, values: TrialColumn | undefined): Uint8Array | undefined {
    const [trials, area] = [this.#state.get('trials'), this.#area()];
    this.#clear.disabled = trials === undefined && area === undefined;
    if (this.#clear.disabled) return undefined;
    const chosen = new Uint8Array(table.length);
    const numbers = table.columns.get('number');
    const selected = new Set(
      (trials ?? '')
        .split('.')
        .filter((text) => text !== '')
        .map(Number),
    );
    const x = area === undefined ? undefined : table.columns.get(area.column)?.values;
    for (let row = 0; row < table.length; row++) {
      if (selected.has(numbers?.values[row] ?? Number.NaN)) chosen[row] = 1;
      if (x === undefined || values === undefined) continue;
      const { area: ranges } = area!;
      if (within(x[row]!, ranges.x) && within(values.values[row]!, ranges.y)) chosen[row] = 1;
    }
    return chosen;
  }

  /** The facts in a sentence. */
  #tell(table: StudyTable, values: TrialColumn | undefined): void {
    const states = table.columns.get('state');
    const counts = new Uint32Array(states?.categories?.length ?? 0);
    for (let row = 0; row < table.length; row++) counts[states?.values[row] ?? 0]! += 1;
    const parts = [...counts].flatMap((count, i) =>
      count === 0 ? [] : [`${count.toLocaleString('en')} ${states!.categories![i]}`],
    );
    const best = values === undefined ? undefined : bestRow(values.values, table.length, this.#direction());
    const text = [
      `${table.length.toLocaleString('en')} trials${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`,
    ];
    if (best !== undefined)
      text.push(
        `Best value ${table.text(values!, best)}, of trial ${table.columns.get('number')!.values[best]}.`,
      );
    const chosen = this.#chosen?.reduce((sum, one) => sum + one, 0);
    if (chosen !== undefined) text.push(`${chosen.toLocaleString('en')} chosen.`);
    const facts = text.join(' ');
    if (this.#facts.textContent !== facts) this.#facts.textContent = facts;
  }

  #direction(): 'minimize' | 'maximize' {
    return this.#study!.directions[this.#objective()] ?? 'minimize';
  }

  #drawPlots(table: StudyTable, values: TrialColumn | undefined): void {
    const hasValues = values !== undefined && table.length > 0;
    this.#plots.hidden = !hasValues;
    if (!hasValues) return;
    const [low, high] = extent(values.values, table.length);
    if (low > high) {
      this.#plots.hidden = true;
      return;
    }
    const log = this.#state.get('log') === '1' && low > 0;
    const objective = this.#study!.directions.length > 1 ? `objective ${this.#objective()}` : 'value';
    const y: ScatterAxis = { title: objective, low, high, log };
    const area = this.#area();
    const numbers = table.columns.get('number')!;
    const dense = table.length > maxSinglePoints ? ' The stronger the color, the more trials.' : '';
    const draw = (column: TrialColumn, title: string, x: ScatterAxis, line?: Points['line']) => {
      const plot = this.#plot(column.name, title);
      if (line !== undefined)
        plot.caption.textContent = `Points: trials. Line: the best value so far.${dense}`;
      const points: Points = {
        x: column.values,
        y: values.values,
        chosen: this.#chosen,
        length: table.length,
        ...(line === undefined ? {} : { line }),
      };
      plot.scatterPlot.set(points, { x, y }, area?.column === column.name ? area.area : undefined);
    };
    const last = numbers.values[table.length - 1]!;
    draw(
      numbers,
      'History',
      { title: 'trial', low: 0, high: Math.max(1, last) },
      bestSoFar(numbers.values, values.values, table.length, this.#direction()),
    );
    for (const axis of this.#axes(table).slice(0, maxPlots)) draw(axis.column, axis.title, axis.axis);
  }

  /** The varied parameters: those of the space, or those that differ among the trials. */
  #axes(table: StudyTable): { column: TrialColumn; title: string; axis: ScatterAxis }[] {
    const prefix = 'parameters.';
    const known = this.#study!.axes;
    if (known !== null)
      return known.flatMap(({ name, scale, low, high, categories }) => {
        const column = table.columns.get(prefix + name);
        if (column === undefined) return [];
        const axis =
          column.categories === undefined
            ? { title: name, low, high, log: scale === 'log' }
            : categoryAxis(name, column.categories);
        // A choice of numbers has few of them.
        if (scale === 'categories' && column.categories === undefined) {
          const numbers = categories.map(Number);
          return [
            {
              column,
              title: name,
              axis: { title: name, low: Math.min(...numbers), high: Math.max(...numbers) },
            },
          ];
        }
        return [{ column, title: name, axis }];
      });
    return [...table.columns.values()].flatMap((column) => {
      if (!column.name.startsWith(prefix)) return [];
      const title = column.name.slice(prefix.length);
      if (column.categories !== undefined)
        return column.categories.length < 2
          ? []
          : [{ column, title, axis: categoryAxis(title, column.categories) }];
      const [low, high] = extent(column.values, table.length);
      return low < high
        ? [{ column, title, axis: { title, low, high, log: low > 0 && high / low >= 1000 } }]
        : [];
    });
  }

  #plot(column: string, title: string): Plot {
    const known = this.#plotByColumn.get(column);
    if (known !== undefined) return known;
    const plotPanel = panel(title);
    const scatterPlot = scatter({
      label:
        title === 'History'
          ? 'The value of each trial, and the best so far'
          : `${title} and the value of each trial`,
      area: (area) => {
        const text =
          area === undefined
            ? undefined
            : [column, ...[...area.x, ...area.y].map((n) => Number(n.toPrecision(6)))].join('~');
        this.#choose({ area: text, ...(area === undefined ? { trials: undefined } : {}) });
      },
      pick: (row) => this.#pick(row),
      point: (row) => this.#tellPoint(row),
    });
    plotPanel.body.append(scatterPlot.element);
    this.#plots.append(plotPanel.element);
    const plot = { column, element: plotPanel.element, caption: plotPanel.caption, scatterPlot };
    this.#plotByColumn.set(column, plot);
    return plot;
  }

  /** What the pointer is on. */
  #tellPoint(row: number | undefined): void {
    const table = this.#table!;
    const parts =
      row === undefined
        ? []
        : [...table.columns.values()].flatMap((column) => {
            const text = table.text(column, row);
            if (text === '' || !/^(number|values|parameters)/.test(column.name)) return [];
            return [`${titleOf(column.name)} ${text}`];
          });
    this.#readout.textContent = parts.join(' · ');
  }

  #drawTable(table: StudyTable): void {
    this.#tablePanel.element.hidden = table.length === 0;
    const sorted = this.#sorting();
    const all = table.sorted(sorted.name, sorted.descending);
    const chosen = this.#chosen;
    const only = this.#state.get('only') === '1' && chosen !== undefined;
    this.#order = only ? all.filter((row) => chosen[row] === 1) : all;
    const everything = this.#state.get('all') === '1';
    const columns = [...table.columns.values()].filter(
      ({ name, values }) => (everything || !minor.test(name)) && hasValue(values, table.length),
    );
    this.#grid.set({
      columns: columns.map(({ name, categories }) => ({
        name,
        title: titleOf(name),
        numeric: categories === undefined,
      })),
      rows: this.#order.length,
      sorted,
      text: (name, row) => table.text(table.columns.get(name)!, this.#order[row]!),
      isChosen: (row) => chosen?.[this.#order[row]!] === 1,
    });
  }

  destroy(): void {
    this.#ended = true;
    cancelAnimationFrame(this.#frame);
    for (const stop of this.#stops) stop();
    this.#table?.destroy();
    for (const { scatterPlot } of this.#plotByColumn.values()) scatterPlot.destroy();
    this.#grid.destroy();
  }
}

function categoryAxis(title: string, categories: readonly string[]): ScatterAxis {
  return { title, low: 0, high: categories.length - 1, categories };
}

/** How a column is called: parameters by their own names. */
function titleOf(name: string): string {
  if (name === 'number') return 'trial';
  return name
    .replace(/^(parameters|user)\./, '')
    .replace(/^values\.0$/, 'value')
    .replace(/^values\./, 'value ');
}

function within(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high;
}

function hasValue(values: Float64Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (!Number.isNaN(values[i]!)) return true;
  return false;
}

/** The smallest and the largest finite value; without any, the first is the larger one. */
function extent(values: Float64Array, length: number): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function bestRow(
  values: Float64Array,
  length: number,
  direction: 'minimize' | 'maximize',
): number | undefined {
  const sign = direction === 'maximize' ? -1 : 1;
  let best: number | undefined;
  for (let row = 0; row < length; row++) {
    if (!Number.isFinite(values[row]!)) continue;
    if (best === undefined || sign * values[row]! < sign * values[best]!) best = row;
  }
  return best;
}

/** The best value after each trial that is better than all before it, up to the last trial. */
function bestSoFar(
  numbers: Float64Array,
  values: Float64Array,
  length: number,
  direction: 'minimize' | 'maximize',
): { x: number[]; y: number[] } {
  const sign = direction === 'maximize' ? -1 : 1;
  const line = { x: [] as number[], y: [] as number[] };
  let best = Number.POSITIVE_INFINITY;
  for (let row = 0; row < length; row++) {
    const value = sign * values[row]!;
    if (!(value < best)) continue;
    best = value;
    line.x.push(numbers[row]!);
    line.y.push(values[row]!);
  }
  if (line.x.length > 0) {
    line.x.push(numbers[length - 1]!);
    line.y.push(line.y.at(-1)!);
  }
  return line;
}
