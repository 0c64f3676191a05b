/** The page of lapicque's viewer as a component. The page that embeds it loads `@lapicque/viewer/viewer.css`, too. */

/** The data of one item. Paths are the routes of its kind. */
export interface ViewSource {
  json<T = unknown>(path: string): Promise<T>;
  bytes(path: string): Promise<ArrayBuffer>;
  /** Follows a stream. @returns a function that stops it */
  follow(path: string, handler: (data: unknown, id: number) => void): () => void;
}

/** Where a view keeps its state, as text by name. */
export interface ViewState {
  get(name: string): string | undefined;
  set(values: Readonly<Record<string, string | undefined>>): void;
  onChange(handler: () => void): () => void;
}

/** A view that is on a page. */
export interface MountedView {
  /** Ends it and removes its elements. */
  destroy(): void;
}

/** A view of your own. */
export interface View {
  readonly kind: string;
  mount(element: HTMLElement, source: ViewSource, state: ViewState): MountedView;
}

/**
 * Shows a view in an element.
 *
 * @param source - where the data come from: {@link httpSource}, or functions of your own, over IPC for example
 * @param view - `'training'`, `'study'`, `'recording'`, `'events'`, `'network'`, or a view of your own
 * @param state - by default in memory
 */
export function mount(
  element: HTMLElement,
  options: { source: ViewSource; view: string | View; state?: ViewState },
): MountedView;

/** The source of an item of the server that the page comes from. @param connection - called with `false` when a stream is lost, `true` when it is back */
export function httpSource(
  item: { readonly id: string },
  connection?: (connected: boolean) => void,
): ViewSource;

/** What the server that the page comes from shows. */
export function itemsOfServer(): Promise<{
  title: string;
  items: { id: string; kind: string; title: string }[];
}>;
