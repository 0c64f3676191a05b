/** The views of the page. */
import type { View } from './view.ts';

/** One for each kind of `src-ts/view/kinds`. */
export const views: readonly View[] = [];
