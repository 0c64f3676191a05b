/** What the marks of a panel are drawn with. */
import type { Frame } from './clip.ts';
import type { Palette } from './theme.ts';

/** What a panel draws with. */
export interface Pen {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly frame: Frame;
  readonly palette: Palette;
  /** The lower end of the y axis, on which bars stand if it is a log axis. */
  readonly base: number;
}
