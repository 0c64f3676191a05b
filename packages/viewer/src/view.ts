/** What a view of the page is, and what it is given. */

/** The data of one item: a training, a study, a recording, an event file or a network. Paths are those of the kind's routes in `src-ts/view/kinds`. */
export interface ViewSource {
  /** A JSON route: `json('describe')`, `json('spikes?from=0&to=100')`. Numbers that are not finite arrive as null. */
  json<T = unknown>(path: string): Promise<T>;
  /** A route of bytes; `unpack` of `packed.ts` converts them to typed arrays. */
  bytes(path: string): Promise<ArrayBuffer>;
  /**
   * Follows a stream of the kind. After a lost connection it goes on behind the last event that arrived.
   *
   * @param handler - called with each event's data and number
   * @returns a function that stops it
   */
  follow(path: string, handler: (data: unknown, id: number) => void): () => void;
}

/** The part of the page's URL that is this view's: text by name. So a link shows the same view. */
export interface ViewState {
  get(name: string): string | undefined;
  /** Sets some values; `undefined` removes one. The URL changes without a new entry in the history. */
  set(values: Readonly<Record<string, string | undefined>>): void;
  /** Called when the reader changes the URL or goes back. @returns a function that stops it */
  onChange(handler: () => void): () => void;
}

/** A view that is on the page. */
export interface MountedView {
  /** Ends all that follows, listens and draws; the page removes the elements. */
  destroy(): void;
}

/** A module of `views/`: it shows items of one kind. */
export interface View {
  readonly kind: string;
  mount(element: HTMLElement, source: ViewSource, state: ViewState): MountedView;
}
