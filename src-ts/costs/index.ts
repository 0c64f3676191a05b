// Public names of the room costs.

export {
  type CompareCostsOptions,
  type CostComparison,
  type CostDecision,
  compareCosts,
} from './compare.ts';
export {
  type CountedOperations,
  type EnergyEstimate,
  type EnergyParts,
  estimateEnergy,
  type MemoryLevels,
} from './energy.ts';
export {
  type ArithmeticEnergy,
  type ChipEnergy,
  type EnergyModel,
  type EnergyModelBase,
  type EnergyModelName,
  type EnergyPrecision,
  energyModels,
  type MemoryEnergy,
  type MemoryLevel,
} from './energy-models.ts';
export type { LayerOperations } from './layer-operations.ts';
export type { NeuroBenchMetrics } from './neurobench.ts';
export {
  type Operations,
  type OperationsInput,
  type OperationsOptions,
  operations,
} from './operations.ts';
export { energyTable, operationsTable, profileTable } from './table.ts';
