/** A table of any number of rows: only those in view are on the page. Arrow keys move, Enter or Space chooses a row. */
import { dom, uniqueId } from './dom.ts';

interface GridColumn {
  readonly name: string;
  readonly title: string;
  /** Whether its texts are numbers, which align at the right. */
  readonly numeric: boolean;
}

export interface GridOptions {
  readonly label: string;
  /** Called when the reader sorts by a column. */
  sort(name: string): void;
  /** Called when the reader chooses a row, or no longer. */
  choose(position: number): void;
}

/** What the grid shows. Rows are identified by their position in the order. */
export interface GridContent {
  readonly columns: readonly GridColumn[];
  readonly rows: number;
  readonly sorted: { readonly name: string; readonly descending: boolean };
  text(column: string, position: number): string;
  isChosen(position: number): boolean;
}

const rowHeight = 30;

export function grid({ label, sort, choose }: GridOptions) {
  const id = uniqueId();
  const head = dom('div', { role: 'row', class: 'grid-head', 'aria-rowindex': 1 });
  const body = dom('div', { role: 'rowgroup', class: 'grid-body' });
  const table = dom(
    'div',
    { role: 'grid', class: 'grid', 'aria-label': label, tabindex: 0, 'aria-multiselectable': 'true' },
    dom('div', { role: 'rowgroup', class: 'grid-top' }, head),
    body,
  );
  let content: GridContent | undefined;
  let current = 0;
  let frame = 0;
  let heading = '';

  const draw = () => {
    frame = 0;
    if (content === undefined) return;
    const { columns, rows, text, isChosen } = content;
    body.style.height = `${rows * rowHeight}px`;
    const first = Math.max(0, Math.floor(table.scrollTop / rowHeight) - 5);
    const last = Math.min(rows, first + Math.ceil(table.clientHeight / rowHeight) + 10);
    const rendered: HTMLElement[] = [];
    for (let position = first; position < last; position++) {
      const cells = columns.map(({ name, numeric }) =>
        dom('div', { role: 'gridcell', class: numeric ? 'number' : undefined }, text(name, position)),
      );
      const row = dom(
        'div',
        {
          role: 'row',
          id: `${id}-${position}`,
          class: position === current ? 'current' : undefined,
          'aria-rowindex': position + 2,
          'aria-selected': String(isChosen(position)),
        },
        ...cells,
      );
      row.style.top = `${position * rowHeight}px`;
      row.addEventListener('click', () => {
        current = position;
        choose(position);
      });
      rendered.push(row);
    }
    body.replaceChildren(...rendered);
    table.setAttribute('aria-rowcount', String(rows + 1));
    if (current >= first && current < last) table.setAttribute('aria-activedescendant', `${id}-${current}`);
    else table.removeAttribute('aria-activedescendant');
  };
  const ask = () => {
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  const drawHead = () => {
    const { columns, sorted } = content!;
    const nextHeading = JSON.stringify([columns, sorted]);
    if (nextHeading === heading) return;
    heading = nextHeading;
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.column : undefined;
    const cells = columns.map(({ name, title, numeric }) => {
      const order = sorted.name !== name ? 'none' : sorted.descending ? 'descending' : 'ascending';
      const arrow = { none: '', ascending: ' ↑', descending: ' ↓' }[order];
      const press = dom(
        'button',
        { type: 'button', 'data-column': name, title: `Sort by ${title}` },
        title + arrow,
      );
      press.addEventListener('click', () => sort(name));
      return dom(
        'div',
        { role: 'columnheader', 'aria-sort': order, class: numeric ? 'number' : undefined },
        press,
      );
    });
    head.replaceChildren(...cells);
    if (focused !== undefined)
      head.querySelector<HTMLElement>(`[data-column="${CSS.escape(focused)}"]`)?.focus();
    table.style.setProperty('--columns', String(columns.length));
  };
  table.addEventListener('scroll', ask);
  table.addEventListener('keydown', (event) => {
    if (content === undefined || event.target !== table) return;
    const page = Math.max(1, Math.floor(table.clientHeight / rowHeight) - 2);
    const steps: Record<string, number> = {
      ArrowUp: -1,
      ArrowDown: 1,
      PageUp: -page,
      PageDown: page,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    if (event.key === 'Enter' || event.key === ' ') choose(current);
    else if (event.key in steps) {
      current = Math.max(0, Math.min(content.rows - 1, current + steps[event.key]!));
      const top = current * rowHeight;
      const space = table.clientHeight - head.offsetHeight - rowHeight;
      if (top < table.scrollTop) table.scrollTop = top;
      else if (top > table.scrollTop + space) table.scrollTop = top - space;
    } else return;
    event.preventDefault();
    ask();
  });
  const observer = new ResizeObserver(ask);
  observer.observe(table);
  return {
    element: table,
    set(next: GridContent): void {
      content = next;
      current = Math.max(0, Math.min(current, next.rows - 1));
      drawHead();
      ask();
    },
    destroy(): void {
      observer.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
