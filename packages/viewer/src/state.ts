/** The state of the page in the fragment of its URL: `#of=ITEM&name=value`. Or, in a component, in memory. */
import type { ViewState } from './view.ts';

/** Names that belong to the page and not to a view. */
const pageNames = ['of', 'theme'] as const;

export type PageState = { [Name in (typeof pageNames)[number]]?: string | undefined };

const read = () => new URLSearchParams(location.hash.slice(1));

export function pageState(): PageState {
  const all = read();
  return Object.fromEntries(pageNames.flatMap((name) => (all.has(name) ? [[name, all.get(name)!]] : [])));
}

/** Sets values of the page. Another item starts with a fresh state of its view, as a new entry in the history. */
export function setPageState(values: PageState): void {
  const next = values.of === undefined ? read() : new URLSearchParams();
  const all = { ...pageState(), ...values };
  for (const name of pageNames) {
    const value = all[name];
    if (value === undefined) next.delete(name);
    else next.set(name, value);
  }
  if (values.of === undefined) history.replaceState(null, '', `#${next}`);
  else history.pushState(null, '', `#${next}`);
}

/** The state of the view on the page. */
export function fragmentState(): ViewState & { close(): void } {
  const handlers = new Set<() => void>();
  const tell = () => {
    for (const handler of handlers) handler();
  };
  addEventListener('hashchange', tell);
  return {
    get: (name) => read().get(name) ?? undefined,
    set(values) {
      const all = read();
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) all.delete(name);
        else all.set(name, value);
      }
      history.replaceState(null, '', `#${all}`);
    },
    onChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    close: () => removeEventListener('hashchange', tell),
  };
}

/** The state of a view that is embedded in another page, whose URL is not ours. */
export function memoryState(values: Readonly<Record<string, string>> = {}): ViewState {
  const all = new Map(Object.entries(values));
  return {
    get: (name) => all.get(name),
    set(changes) {
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) all.delete(name);
        else all.set(name, value);
      }
    },
    onChange: () => () => {},
  };
}
