// Public names of the room morphology.

export {
  Cell,
  type CellOptions,
  type Compartment,
  type Compartments,
  cell,
  type Division,
  type Paint,
} from './cell.ts';
export {
  type CellPopulationOptions,
  type CellTarget,
  type CellVariable,
  cellPopulation,
  type SynapseKinetics,
} from './cell-population.ts';
export {
  type CellGradient,
  type CellGradients,
  type CellObjective,
  type DifferentiateCellsOptions,
  differentiateCells,
  type PaintGradient,
} from './differentiate.ts';
export { type FitCellsOptions, type FittedCells, type FittedNumber, fitCells } from './fit-cells.ts';
export { type Mechanism, type MechanismEntry, type MechanismName, mechanisms } from './mechanism.ts';
export {
  type Branch,
  type BranchSpec,
  fromBranches,
  fromSwc,
  type Location,
  Morphology,
  type MorphologyNote,
  type SwcOptions,
  type Tag,
} from './morphology.ts';
export type { Region } from './region.ts';
export { type CellEstimate, type CellRecording, estimateCells, simulateCells } from './simulate.ts';
export type {
  CellConnection,
  CellRecorder,
  CellSynapse,
  CellVariation,
  CurrentClamp,
  Detector,
  GapJunction,
  Ion,
  Place,
  SimulateCellsOptions,
  VoltageClamp,
} from './simulation-options.ts';
