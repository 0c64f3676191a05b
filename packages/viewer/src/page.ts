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

/** Shows the page in `root`. */
export async function startPage(root: HTMLElement, mount: Mount): Promise<void> {
  chooseTheme((pageState().theme as ThemeChoice | undefined) ?? 'auto');
  paint(document.documentElement);
  const status = dom('p', { class: 'status', role: 'status' });
  const view = dom('main', { id: 'view', tabindex: -1 });
  const navigation = dom('nav', { 'aria-label': 'Items' });
  const title = dom('h1', {}, 'lapicque');
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
      setPageState({ theme: value === 'auto' ? undefined : value } as never);
    },
  );
  const skip = dom('a', { class: 'skip', href: '#view' }, 'Skip to the view');
  skip.addEventListener('click', (event) => {
    // The fragment of the URL is the state of the page.
    event.preventDefault();
    view.focus();
  });
  root.replaceChildren(
    skip,
    dom('header', { class: 'page-header' }, title, status, theme.element),
    navigation,
    view,
  );
  const connection = (connected: boolean) => {
    status.textContent = connected ? '' : 'Connection lost. Trying again…';
  };

  let items: Item[];
  try {
    const got = await itemsOfServer();
    items = got.items;
    title.textContent = got.title;
    document.title = `${got.title} – lapicque`;
  } catch (error) {
    view.replaceChildren(problem(error));
    return;
  }
  let shown: { item: string; mounted: MountedView | undefined; state: { close(): void } } | undefined;

  const links = new Map<string, HTMLAnchorElement>();
  const groups = grouped(items);
  for (const [kind, group] of groups) {
    const list = dom('ul');
    for (const { id, title: name } of group) {
      const link = dom('a', { href: `#${new URLSearchParams({ of: id })}` }, name);
      link.addEventListener('click', (event) => {
        event.preventDefault();
        setPageState({ of: id });
        show();
      });
      links.set(id, link);
      list.append(dom('li', {}, link));
    }
    navigation.append(dom('h2', {}, kinds[kind] ?? kind), list);
  }
  navigation.hidden = items.length < 2;
  root.classList.toggle('single', items.length < 2);

  const show = () => {
    const wanted = pageState().of;
    const item = items.find(({ id }) => id === wanted) ?? items[0];
    if (item === undefined) {
      view.replaceChildren(dom('p', {}, 'There is nothing to show yet.'));
      return;
    }
    if (shown?.item === item.id) return;
    shown?.mounted?.destroy();
    shown?.state.close();
    for (const [id, link] of links) {
      if (id === item.id) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    const place = dom('div');
    view.replaceChildren(place);
    const state = fragmentState();
    shown = { item: item.id, mounted: undefined, state };
    try {
      shown.mounted = mount(place, { source: httpSource(item, connection), view: item.kind, state });
    } catch (error) {
      place.replaceChildren(problem(error));
    }
  };
  addEventListener('popstate', show);
  show();
}

/** Items by kind, in order. */
function grouped(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(item.kind, [...(groups.get(item.kind) ?? []), item]);
  return groups;
}
