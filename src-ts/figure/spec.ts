/** The description of a figure as plain data. A program may change it before the figure is drawn. */

/** A color: a number counts the theme's series colors from 0; a name is one of the theme's; anything else is a CSS color. */
export type FigureColor = number | 'ink' | 'muted' | 'grid' | (string & {});

/** An axis. */
export interface AxisSpec {
  /** With its unit: `time (ms)`. */
  label: string;
  /** Start and end of the axis; the end may be smaller than the start. Default: the range of the marks. */
  domain?: readonly [number, number];
  /** Default `'linear'`. */
  scale?: 'linear' | 'log';
  /** Positions of the ticks; default round numbers. */
  ticks?: readonly number[];
  /** Texts of the ticks; default the numbers. */
  tickLabels?: readonly string[];
  /** Whether texts are left out, because the panel below has the same axis. */
  hidden?: boolean;
}

/** Short vertical strokes, such as spikes. */
export interface TicksMark {
  type: 'ticks';
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  color?: FigureColor;
  /** Length in units of the y axis; default 0.8. */
  length?: number;
}

/** Round points. */
export interface PointsMark {
  type: 'points';
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  color?: FigureColor;
  /** In pixels; default 2.5. */
  radius?: number;
}

/** A line through points. It has a gap at values that are not finite. */
export interface LineMark {
  type: 'line';
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  color?: FigureColor;
  /** In pixels; default 1.5. */
  width?: number;
  dashed?: boolean;
}

/** The area between two curves. */
export interface BandMark {
  type: 'band';
  x: ArrayLike<number>;
  low: ArrayLike<number>;
  high: ArrayLike<number>;
  color?: FigureColor;
  /** Default 0.2. */
  opacity?: number;
}

/** Vertical bars from 0, or from the lower end of a log axis. */
export interface BarsMark {
  type: 'bars';
  /** Left ends. */
  from: ArrayLike<number>;
  /** Right ends. */
  to: ArrayLike<number>;
  height: ArrayLike<number>;
  color?: FigureColor;
}

/** A straight line through the whole panel, at an x or at a y. */
export interface RuleMark {
  type: 'rule';
  x?: number;
  y?: number;
  color?: FigureColor;
  dashed?: boolean;
}

/** A grid of cells over a rectangle of the axes. The darkness of a cell is its value, from 0 to the largest value. */
export interface CellsMark {
  type: 'cells';
  /** `[rows, columns]`; the first row is at `y[0]`. */
  values: ArrayLike<number>;
  columns: number;
  rows: number;
  x: readonly [number, number];
  y: readonly [number, number];
  color?: FigureColor;
}

/** Texts at points. */
export interface TextMark {
  type: 'text';
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  texts: readonly string[];
  color?: FigureColor;
}

/** An arrow, or a loop if its start is its end. */
export interface ArrowMark {
  type: 'arrow';
  from: readonly [x: number, y: number];
  to: readonly [x: number, y: number];
  color?: FigureColor;
  /** In pixels; default 1.5. */
  width?: number;
  /** Pixels that are left free at both ends; default 0. */
  inset?: number;
  /** What stands at its end: an arrow head (default), or a bar, as for inhibition. */
  head?: 'arrow' | 'bar';
  /** Direction of a loop from its point, in radians counterclockwise from the x axis; default upwards. */
  angle?: number;
}

/** What a panel draws. */
export type MarkSpec =
  | ArrowMark
  | TicksMark
  | PointsMark
  | LineMark
  | BandMark
  | BarsMark
  | RuleMark
  | CellsMark
  | TextMark;

/** A pair of axes with marks. */
export interface PanelSpec {
  title?: string;
  x: AxisSpec;
  y: AxisSpec;
  marks: MarkSpec[];
  /** Names of series in the legend above the panel; default none. */
  legend?: { name: string; color: FigureColor; dashed?: boolean }[];
  /** Height relative to the other panels of the column; default 1. */
  weight?: number;
  /** Height of the frame divided by its width, for images; replaces `weight`. */
  aspect?: number;
  /** Whether frame, axes and ticks are left out; default false. */
  bare?: boolean;
}

/** A figure: columns of panels. */
export interface FigureSpec {
  /** File name without its ending. */
  name: string;
  title: string;
  /** What the figure shows, with units. It is the description for screen readers, and stands below the title if `titles` is set. */
  caption: string;
  columns: PanelSpec[][];
}
