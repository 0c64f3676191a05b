/** Cells of biophysical nodes as callers make them. */
import type { Cell } from '../morphology/cell.ts';
import type { CellPopulationOptions } from '../morphology/cell-population.ts';
import type { Mechanism, MechanismName } from '../morphology/mechanism.ts';
import type { Morphology } from '../morphology/morphology.ts';

/** A cell, and the conditions of its simulation. */
export interface SonataCell
  extends Pick<CellPopulationOptions, 'dt' | 'method' | 'temperature' | 'initialVoltage' | 'ions'> {
  /** Of the morphology that the function received. */
  cell: Cell;
}

/** Attributes of biophysical nodes of one type. */
export interface SonataCellType {
  /** Of the type's SWC file; for `aibs_perisomatic` with BMTK's stub in place of the axon. */
  readonly morphology: Morphology;
  readonly template: string;
  /** Content of the JSON file that `dynamics_params` names; empty without one. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** A function that makes cells of the `model_template` of biophysical nodes. */
export type SonataCellModel = (type: SonataCellType) => SonataCell;

/** The options of `loadSonata` for biophysical nodes. */
export interface CellModels {
  readonly cells: Readonly<Record<string, SonataCellModel>>;
  readonly mechanisms: Readonly<Record<string, MechanismName | Mechanism>>;
}
