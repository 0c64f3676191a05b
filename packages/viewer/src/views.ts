/** The views of the page. */
import type { View } from './view.ts';
import { events } from './views/events.ts';
import { network } from './views/network.ts';
import { recording } from './views/recording.ts';
import { study } from './views/study.ts';
import { training } from './views/training.ts';

/** One for each kind of `src-ts/view/kinds`. */
export const views: readonly View[] = [training, study, recording, events, network];
