/** The kinds of things that the viewer shows. */
import type { ViewKind } from './kind.ts';
import { study } from './study.ts';
import { training } from './training.ts';

/** In the order in which a target is offered to them. */
export const viewKinds: readonly ViewKind[] = [training, study];
