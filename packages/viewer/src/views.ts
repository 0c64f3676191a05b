/** The views of the page. */
import type { View } from './view.ts';
import { study } from './views/study.ts';
import { training } from './views/training.ts';

/** One for each kind of `src-ts/view/kinds`. */
export const views: readonly View[] = [training, study];
