/** Figures of what the library returns, one call each. */
export { beside } from './beside.ts';
export { type EventFigureOptions, eventCloud, eventFrame, type FigureEvents } from './events.ts';
export { Figure, type FigurePngOptions } from './figure.ts';
export type { FigureAxisOptions, FigureLength, FigureOptions } from './options.ts';
export type { FigureSpikes } from './populations.ts';
export type {
  ArrowMark,
  AxisSpec,
  BandMark,
  BarsMark,
  CellsMark,
  FigureColor,
  FigureSpec,
  LineMark,
  MarkSpec,
  PanelSpec,
  PointsMark,
  RuleMark,
  TextMark,
  TicksMark,
} from './spec.ts';
export {
  type CorrelogramOptions,
  correlogram,
  type IsiOptions,
  isi,
  type PsthOptions,
  psth,
  type RasterOptions,
  type RateOptions,
  raster,
  rate,
  type SpectrumOptions,
  spectrum,
} from './spikes.ts';
export {
  type FiCurve,
  type FigureTrace,
  type FiOptions,
  fi,
  type MembraneOptions,
  membrane,
  type WeightsOptions,
  weights,
} from './states.ts';
export type { FigureTheme } from './theme.ts';
export { topology } from './topology.ts';
export { type ConfusionOptions, confusion, type FigureRun, history } from './training.ts';
