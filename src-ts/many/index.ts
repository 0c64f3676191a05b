// Public names of the room many.

export type { AxisValues, Design, DesignOptions } from './design.ts';
export {
  type FailedRow,
  type RowSpikes,
  SimulatedRows,
  type SimulateManyOptions,
  simulateMany,
} from './simulate-many.ts';
export type { StatisticName, SweepStatistic } from './statistics.ts';
