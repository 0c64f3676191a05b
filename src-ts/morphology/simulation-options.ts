/** Inputs and recorders of a simulation of cells. */
import type { TaskOptions } from '../engine/task-options.ts';
import type { Location } from './morphology.ts';

/** A location on one of the simulated cells. */
export interface Place extends Location {
  /** Index of the cell; default 0. */
  readonly cell?: number;
}

/** A current into a cell. */
export interface CurrentClamp {
  at: Place;
  /** Start in ms; default 0. */
  delay?: number;
  /** In ms; default to the end. */
  duration?: number;
  /** In nA; positive depolarizes. */
  amplitude: number;
}

/** Voltages that are held one after the other, from time 0 on. */
export interface VoltageClamp {
  at: Place;
  /** Duration in ms and voltage in mV of each. */
  steps: readonly (readonly [number, number])[];
  /** Series resistance in MΩ; default 0.1. */
  resistance?: number;
}

/** A synapse onto a place. */
export interface CellSynapse {
  at: Place;
  /**
   * How the conductance follows an event:
   * - `'exponential'`: a jump by the weight, which decays with `decay`,
   * - `'doubleExponential'` (default): a difference of two exponentials, whose maximum is the weight,
   * - `'nmda'`: the same, times the magnesium block 1 / (1 + magnesium / 3.57 exp(-0.062 v)) of Jahr and Stevens (1990).
   */
  kinetics?: 'exponential' | 'doubleExponential' | 'nmda';
  /** Time constant of the rise in ms, below `decay`; default 0.2, for `'nmda'` 2. Not for `'exponential'`. */
  rise?: number;
  /** Time constant of the decay in ms; default 2, for `'nmda'` 75. */
  decay?: number;
  /** Magnesium outside in mM; default 1. Only for `'nmda'`. */
  magnesium?: number;
  /** Reversal potential in mV; default 0. */
  reversal?: number;
  /** Times of presynaptic spikes in ms; default none. */
  times?: ArrayLike<number>;
  /** Maximum conductance after each of `times`, in µS. */
  weight?: number;
}

/** Spikes: the voltage at a place reaches a threshold from below. */
export interface Detector {
  at: Place;
  /** In mV; default -10. */
  threshold?: number;
}

/** Spikes of a detector become events of a synapse. */
export interface CellConnection {
  /** Name of a detector. */
  from: string;
  /** Name of a synapse. */
  to: string;
  /** Maximum conductance after a spike, in µS. */
  weight: number;
  /** In ms, at least one time step. */
  delay: number;
}

/** An ohmic connection of two places. */
export interface GapJunction {
  a: Place;
  b: Place;
  /** In µS. */
  conductance: number;
}

/** A parameter that differs between cells that are one object. */
export interface CellVariation {
  /** Index in the cell's `paint`. */
  paint: number;
  /** A parameter of its mechanism. */
  parameter: string;
  /** One factor of the painted values for each cell. */
  factors: ArrayLike<number>;
}

/** An ion for mechanisms. */
export interface Ion {
  /** Charge number, such as 2 for calcium. */
  valence: number;
  /** Fixed reversal potential in mV; default Nernst's, from the concentrations. */
  reversal?: number;
  /** Concentration inside in mM; a pool changes it. */
  inside: number;
  /** Concentration outside in mM. */
  outside: number;
}

/**
 * A quantity over time. At a place, one of
 * - `'v'`: the voltage in mV (default),
 * - `'hh.m'`: a state, by the names of mechanism and state,
 * - `'ica'`: the membrane current of an ion in mA/cm², at the voltage before the step,
 * - `'cai'`: the concentration inside in mM, `'eca'`: the reversal potential in mV, of an ion with a pool.
 *
 * Or the current in nA of a voltage clamp or a synapse, by its name.
 */
export type CellRecorder =
  | { readonly at: Place; readonly value?: string }
  | { readonly voltageClamp: string }
  | { readonly synapse: string };

/** Options of `simulateCells`. Times are in ms. */
export interface SimulateCellsOptions<R extends string = string, D extends string = string>
  extends TaskOptions {
  /** Simulated time. */
  duration: number;
  /** Time step; default 0.025. */
  dt?: number;
  /** `'euler'` (default): implicit Euler, first order. `'crankNicolson'`: second order. */
  method?: 'euler' | 'crankNicolson';
  /** Temperature in °C; default 6.3. */
  temperature?: number;
  /** Voltage of all compartments at the beginning, in mV; default -65. Gates begin in their steady state there. */
  initialVoltage?: number;
  /**
   * In addition to, or in place of `na` (50 mV), `k` (-77 mV) and `ca` (5e-5 mM inside, 2 mM outside).
   */
  ions?: Readonly<Record<string, Ion>>;
  /** Differences between cells that are one object; default none. */
  variations?: readonly CellVariation[];
  currentClamps?: Readonly<Record<string, CurrentClamp>>;
  voltageClamps?: Readonly<Record<string, VoltageClamp>>;
  synapses?: Readonly<Record<string, CellSynapse>>;
  gapJunctions?: readonly GapJunction[];
  detectors?: { readonly [K in D]: Detector };
  connections?: readonly CellConnection[];
  /** Recorders by name; the result has a trace for each. */
  record?: { readonly [K in R]: CellRecorder };
  /** Time between samples, a multiple of `dt`; default `dt`. */
  sampleInterval?: number;
  /**
   * `'exact'` (default): an event acts in the step that contains it. `'neuron'`: in the step whose start is nearest, and the current of
   * NMDA synapses is linearized by a secant, as in NEURON.
   */
  rules?: 'exact' | 'neuron';
  /** Number of threads; default that of `setThreads`. Results do not depend on it. */
  threads?: number;
}
