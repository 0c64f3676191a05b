/** Figures of what the library returns, one call each. */
export type { AccuracyCurve, Activity, ComparedCosts, Costs, LayerActivity, LayerCosts } from './costs.ts';
export { type BesideOptions, beside } from './draw/beside.ts';
export { Figure, type FigurePngOptions } from './draw/figure.ts';
export type { FigureAxisOptions, FigureLength, FigureOptions } from './draw/options.ts';
export type {
  ArrowMark,
  AxisSpec,
  BandMark,
  BarsMark,
  BoxesMark,
  CellsMark,
  FigureColor,
  FigureSpec,
  LegendEntrySpec,
  LineMark,
  MarkSpec,
  PanelSpec,
  PointsMark,
  RuleMark,
  TextMark,
  TicksMark,
  VectorsMark,
} from './draw/spec.ts';
export type { FigureTheme } from './draw/theme.ts';
export type { EventFigureOptions, FigureEvents } from './events.ts';
export * from './functions.ts';
export type { MorphologyFigureOptions } from './morphology.ts';
export type { FigureTable, PhaseDiagramOptions } from './phase-diagram.ts';
export type { PhasePlaneOptions, Trajectory } from './phase-plane.ts';
export type { FigureSpikes } from './populations.ts';
export type {
  CorrelogramOptions,
  IsiOptions,
  PsthOptions,
  RasterOptions,
  RateOptions,
  Rates,
  SpectrumOptions,
} from './spikes.ts';
export type { FiCurve, FigureTrace, FiOptions, MembraneOptions, WeightsOptions } from './states.ts';
export type { StdpWindowOptions } from './stdp-window.ts';
export type { StepResponseOptions } from './step-response.ts';
export type { ContoursOptions } from './study/contours.ts';
export type { ParametersFigureOptions } from './study/slices.ts';
export type { ObjectiveFigureOptions, StudyFigureOptions, StudyLabels } from './study/source.ts';
export type { SurrogateFigureOptions } from './surrogates.ts';
export type { FigureWindowOptions } from './time-window.ts';
export type { ConfusionOptions, FigureRun, History } from './training.ts';
