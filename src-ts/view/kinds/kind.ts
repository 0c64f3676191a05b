/** What the viewer's server knows of a kind of things that it shows. One file per kind; the page has a view of the same name. */
import type { ViewQuery } from './query.ts';

/** What to show: a file or folder, or an object of a running program. */
export type ViewTarget =
  | { readonly path: string; readonly isFolder: boolean; readonly object?: undefined }
  | { readonly object: object; readonly path?: undefined };

/** An answer: bytes, or anything that JSON can hold. Numbers that are not finite become null. */
type ViewAnswer = unknown;

export type ViewRoute = (query: ViewQuery) => ViewAnswer | Promise<ViewAnswer>;

/**
 * A stream of events, each with a number that grows.
 *
 * @param after - the number of the last event that the page has, -1 for none
 * @param send - sends an event; no-op once the page is gone
 * @returns a function that stops it
 */
export type ViewFollow = (
  query: ViewQuery,
  after: number,
  send: (id: number, data: unknown) => void,
) => () => void;

/** An opened thing. */
export interface OpenedView {
  /** Each is an address `/api/NAME` of the server. `describe` has the facts that the view begins with. */
  readonly routes: Readonly<Record<string, ViewRoute>> & { readonly describe: ViewRoute };
  /** Each is an address `/api/follow/NAME`. */
  readonly follows?: Readonly<Record<string, ViewFollow>>;
  /** Adds a target that was found later; of kinds that show several together. */
  add?(target: NamedTarget): void | Promise<void>;
  close?(): void | Promise<void>;
}

/** A kind of things. */
export interface ViewKind {
  /** `training`, `study`, `recording`, `events`, `network`: the page's view has this name. */
  readonly kind: string;
  /** Whether all targets of this kind are one item of the page: trainings are compared. */
  readonly together?: boolean;
  /** Whether it also shows targets that a kind before it shows: the network of a simulation is shown beside its recording. */
  readonly beside?: boolean;
  /** Begins to follow an object of the program when it is added, before a page asks for it. */
  follow?(object: object): void;
  /** Whether it shows this target. Reads at most the beginning of a file. */
  opens(target: ViewTarget): boolean | Promise<boolean>;
  /** Opens it when the page asks for it first. @param targets - several if `together`, else one */
  open(targets: readonly NamedTarget[]): OpenedView | Promise<OpenedView>;
}

/** A target with its name on the page: the path within the folder, or what the program calls it. */
export interface NamedTarget {
  readonly name: string;
  readonly target: ViewTarget;
}
