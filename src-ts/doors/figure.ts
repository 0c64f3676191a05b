/**
 * Figures of recordings, trainings, events and studies; reports; logs; the viewer.
 *
 * @example
 * ```ts
 * import { figure } from 'lapicque/figure';
 *
 * await (await figure.raster(recording)).save('raster.svg');
 * ```
 * @packageDocumentation
 */

export type {
  AccuracyCurve,
  Activity,
  ComparedCosts,
  Costs,
  LayerActivity,
  LayerCosts,
} from '../figure/costs.ts';
export * as figure from '../figure/index.ts';
export type { Rates } from '../figure/spikes.ts';
export type { StudyLabels } from '../figure/study/source.ts';
export type { History } from '../figure/training.ts';
export * as log from '../log/log.ts';
export * from '../report/index.ts';
export * from '../view/index.ts';
