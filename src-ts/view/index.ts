// Public names of the room view.

export { view } from './functions.ts';
export type { Viewer, ViewOptions } from './view.ts';
