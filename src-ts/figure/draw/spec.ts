/** The description of a figure as plain data. A program may change it before the figure is drawn. */

/**
 * A color: a number counts the theme's series colors from 0; a name is one of the theme's: `'paper'` is the background, `'wrong'` marks mistakes,
 * `'accent'` is a contrast to the first series;
 * anything else is a CSS color.
 */
export type FigureColor = number | 'ink' | 'muted' | 'grid' | 'paper' | 'wrong' | 'accent' | (string & {});

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
  /** Texts of the ticks; default the numbers. If they do not fit, they are rotated or omitted. */
  tickLabels?: readonly string[];
  /** Whether texts are omitted, because the panel below has the same axis. */
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
  /** In pixels; default 1. */
  width?: number;
}

/** Round points. */
export interface PointsMark {
  type: 'points';
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  color?: FigureColor;
  /** In pixels; default 2.5. */
  radius?: number;
  /** Default 1. */
  opacity?: number;
  /** Whether they are rings; default false. */
  hollow?: boolean;
}

/** A line through points. It has a gap at values that are not finite, so that one mark may be many lines. */
export interface LineMark {
  type: 'line';
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  color?: FigureColor;
  /** In pixels; default 1.5. */
  width?: number;
  dashed?: boolean;
  /** Default 1. */
  opacity?: number;
  /** Whether a value holds until the next point, as steps; default false. */
  steps?: boolean;
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

/** Rectangles, such as horizontal bars. */
export interface BoxesMark {
  type: 'boxes';
  left: ArrayLike<number>;
  right: ArrayLike<number>;
  low: ArrayLike<number>;
  high: ArrayLike<number>;
  color?: FigureColor;
  /** Default 1. */
  opacity?: number;
}

/** A straight line through the whole panel, at an x or at a y. */
export interface RuleMark {
  type: 'rule';
  x?: number;
  y?: number;
  color?: FigureColor;
  dashed?: boolean;
}

/** A grid of cells over a rectangle of the axes. The darkness of a cell is its value; a cell whose value is not finite is blank. */
export interface CellsMark {
  type: 'cells';
  /** `[rows, columns]`; the first row is at `y[0]`. */
  values: ArrayLike<number>;
  columns: number;
  rows: number;
  x: readonly [number, number];
  y: readonly [number, number];
  color?: FigureColor;
  /** The values of the lightest and of the darkest cell; default 0, which is blank, and the largest value. */
  range?: readonly [number, number];
}

/** Texts at points. */
export interface TextMark {
  type: 'text';
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  texts: readonly string[];
  color?: FigureColor;
  /** Which end of a text is at the point; default `'middle'`. */
  anchor?: 'start' | 'middle' | 'end';
  /** Pixels to the right of the point; default 0. */
  dx?: number;
  /** Whether the color of the paper surrounds the letters, so that lines behind them do not disturb; default false. */
  halo?: boolean;
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
  /** The mark at its end: an arrow head (default), or a bar, as for inhibition. */
  head?: 'arrow' | 'bar';
  /** Direction of a loop from its point, in radians counterclockwise from the x axis; default upwards. */
  angle?: number;
}

/** Small arrows at points, such as a vector field. They have the same length; `u` and `v` are their directions in units of the axes. */
export interface VectorsMark {
  type: 'vectors';
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  u: ArrayLike<number>;
  v: ArrayLike<number>;
  color?: FigureColor;
  /** In pixels; default 9. */
  length?: number;
}

/** A mark of a panel. */
export type MarkSpec =
  | ArrowMark
  | TicksMark
  | PointsMark
  | LineMark
  | BandMark
  | BarsMark
  | BoxesMark
  | RuleMark
  | CellsMark
  | TextMark
  | VectorsMark;

/** An entry of a legend: a line, or a point or a box if `mark` says so. */
export interface LegendEntrySpec {
  name: string;
  color: FigureColor;
  dashed?: boolean;
  mark?: 'line' | 'point' | 'box';
}

/** A pair of axes with marks. */
export interface PanelSpec {
  title?: string;
  x: AxisSpec;
  y: AxisSpec;
  marks: MarkSpec[];
  /** Names of series in the legend above the panel; default none. */
  legend?: LegendEntrySpec[];
  /**
   * The quantity that the darkness of cells represents, with its unit, and the values of the lightest and the darkest cell; drawn as a scale above
   * the panel.
   */
  shades?: { label: string; range: readonly [number, number]; color?: FigureColor };
  /** Texts at the right of the frame, by their position on the y axis. */
  notes?: { y: number; text: string; color?: FigureColor }[];
  /** Height relative to the other panels of the column; default 1. */
  weight?: number;
  /** Height of the frame divided by its width, for images; replaces `weight`. */
  aspect?: number;
  /** Whether frame, axes and ticks are omitted; default false. */
  bare?: boolean;
}

/** A figure: columns of panels. */
export interface FigureSpec {
  /** File name without its ending. */
  name: string;
  title: string;
  /** Description of the figure, with units, for screen readers; drawn below the title if `titles` is set. */
  caption: string;
  columns: PanelSpec[][];
  /** Widths of the columns relative to each other; default equal. */
  widths?: readonly number[];
  /** Largest number of columns side by side; the others follow below. Default: as many as fit. */
  perRow?: number;
  /** The least width of a column in font sizes; narrower columns are placed below each other; default 13. */
  leastWidth?: number;
}
