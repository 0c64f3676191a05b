/** The kinds of things that the viewer shows. */
import { events } from './events.ts';
import type { ViewKind } from './kind.ts';
import { network } from './network.ts';
import { recording } from './recording.ts';
import { study } from './study.ts';
import { training } from './training.ts';

/** In the order in which a target is offered to them. */
export const viewKinds: readonly ViewKind[] = [training, study, recording, events, network];
