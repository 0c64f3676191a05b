/** The page around a view: title, list of items, theme, messages. */
import { select } from './parts/controls.ts';
import { dom } from './parts/dom.ts';
import { problem } from './parts/problem.ts';
import { chooseTheme, paint, type ThemeChoice } from './parts/theme.ts';
import { httpSource, type Item, itemsOfServer } from './source.ts';
import { fragmentState, pageState, setPageState } from './state.ts';
import type { MountedView, View, ViewSource, ViewState } from './view.ts';

type Mount = (
  element: HTMLElement,
  options: { source: ViewSource; view: string | View; state: ViewState },
) => MountedView;

const kinds: Record<string, string> = {
  training: 'Trainings',
  study: 'Studies',
  recording: 'Recordings',
  events: 'Events',
  network: 'Networks',
};

const nothingYet =
  'There is nothing to show yet. Logs of trainings, studies, recordings, event files, models and networks appear here as soon as they are written.';

/** Interval in ms at which the items are requested again: work may have added some. */
const askAgain = { empty: 1000, shown: 5000 };

/** Shows the page in `root`. */
export function startPage(root: HTMLElement, mount: Mount): void {
  chooseTheme((pageState().theme as ThemeChoice | undefined) ?? 'auto');
  paint(document.documentElement);
  void new Page(root, mount).follow();
}

class Page {
  readonly #root: HTMLElement;
  readonly #mount: Mount;
  readonly #title = dom('h1', {}, 'lapicque');
  readonly #status = dom('p', { class: 'status', role: 'status' });
  readonly #navigation = dom('nav', { 'aria-label': 'Items' });
  readonly #view = dom('main', { id: 'view', tabindex: -1 });
  readonly #links = new Map<string, HTMLAnchorElement>();
  #items: readonly Item[] = [];
  #open: { item: string; mounted: MountedView | undefined; state: { close(): void } } | undefined;

  constructor(root: HTMLElement, mount: Mount) {
    [this.#root, this.#mount] = [root, mount];
    const theme = select(
      'Theme',
      [
        { value: 'auto', text: 'System' },
        { value: 'light', text: 'Light' },
        { value: 'dark', text: 'Dark' },
      ],
      pageState().theme ?? 'auto',
      (value) => {
        chooseTheme(value as ThemeChoice);
        setPageState({ theme: value === 'auto' ? undefined : value });
      },
    );
    const skip = dom('a', { class: 'skip', href: '#view' }, 'Skip to the view');
    skip.addEventListener('click', (event) => {
      // The fragment of the URL is the state of the page.
      event.preventDefault();
      this.#view.focus();
    });
    root.classList.add('single');
    this.#navigation.hidden = true;
    const header = dom('header', { class: 'page-header' }, this.#title, this.#status, theme.element);
    root.replaceChildren(skip, header, this.#navigation, this.#view);
    addEventListener('popstate', () => this.#show());
  }

  /** Shows the items of the server, and those that it has later. */
  async follow(): Promise<void> {
    for (;;) {
      if (!document.hidden || this.#open === undefined) await this.#list();
      const pause = this.#items.length === 0 ? askAgain.empty : askAgain.shown;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async #list(): Promise<void> {
    try {
      const { title, items } = await itemsOfServer();
      this.#connected(true);
      const isNew = JSON.stringify(items) !== JSON.stringify(this.#items) || this.#open === undefined;
      if (!isNew) return;
      this.#items = items;
      this.#title.textContent = title;
      document.title = `${title} – lapicque`;
      this.#navigate();
      this.#show();
    } catch (error) {
      // What the page shows already stays.
      if (this.#open === undefined) this.#view.replaceChildren(problem(error));
      // `fetch` throws a TypeError where no server answers.
      else if (error instanceof TypeError) this.#connected(false);
      else this.#tell(error instanceof Error ? error.message : String(error));
    }
  }

  #connected(connected: boolean): void {
    this.#tell(connected ? '' : 'Connection lost. Trying again…');
  }

  #tell(text: string): void {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }

  #navigate(): void {
    const parts: HTMLElement[] = [];
    this.#links.clear();
    for (const [kind, group] of grouped(this.#items)) {
      const entries = group.map(({ id, title }) => {
        const link = dom('a', { href: `#${new URLSearchParams({ of: id })}` }, title);
        link.addEventListener('click', (event) => {
          event.preventDefault();
          setPageState({ of: id });
          this.#show();
        });
        this.#links.set(id, link);
        return dom('li', {}, link);
      });
      parts.push(dom('h2', {}, kinds[kind] ?? kind), dom('ul', {}, ...entries));
    }
    this.#navigation.replaceChildren(...parts);
    this.#navigation.hidden = this.#items.length < 2;
    this.#root.classList.toggle('single', this.#items.length < 2);
    this.#mark();
  }

  #mark(): void {
    for (const [id, link] of this.#links) {
      if (id === this.#open?.item) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }

  #show(): void {
    const requested = pageState().of;
    const item = this.#items.find(({ id }) => id === requested) ?? this.#items[0];
    if (item === undefined) {
      this.#view.replaceChildren(dom('p', { class: 'note' }, nothingYet));
      return;
    }
    if (this.#open?.item === item.id) return;
    this.#open?.mounted?.destroy();
    this.#open?.state.close();
    const container = dom('div');
    this.#view.replaceChildren(container);
    const state = fragmentState();
    this.#open = { item: item.id, mounted: undefined, state };
    this.#mark();
    try {
      const source = httpSource(item, (connected) => this.#connected(connected));
      this.#open.mounted = this.#mount(container, { source, view: item.kind, state });
    } catch (error) {
      container.replaceChildren(problem(error));
    }
  }
}

/** Items by kind, in order. */
function grouped(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(item.kind, [...(groups.get(item.kind) ?? []), item]);
  return groups;
}
