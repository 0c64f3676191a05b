/** The report on reading a NIR file. */
import type { NirConventions } from './conventions.ts';
import type { NirFramework } from './frameworks.ts';
import type { NirOutput } from './lower.ts';

/** A node of the file or of one of its subgraphs. */
export interface NirNodeReport {
  /** The path in the file: `outer/inner`. */
  readonly name: string;
  readonly type: string;
  /** The shape of the node's output. */
  readonly shape: readonly number[];
  /** The layer of the network for this node; absent if the node has none, such as an Identity. */
  readonly layer?: string;
}

/** Whether writing the network and reading it again results in the same network. */
export interface NirRoundTrip {
  readonly exact: boolean;
  /** The parts of the network that differ. */
  readonly differences: readonly string[];
}

/** The report of {@link readNir} and {@link verifyNir}. */
export interface NirReport {
  /** The version of the package `nir` that wrote the file. */
  readonly version?: string;
  readonly framework: NirFramework;
  /** Whether the framework was detected from the file; otherwise it is from the options or the default `'nir'`. */
  readonly detected: boolean;
  /** The reason for the framework. */
  readonly evidence: string;
  /** Length of a step, ms. */
  readonly dt: number;
  readonly conventions: NirConventions;
  readonly nodes: readonly NirNodeReport[];
  /** The layer and state with the values of each Output; the first is the output of the model. */
  readonly outputs: readonly NirOutput[];
  /** Edges that carry the values of the previous step. */
  readonly delayed: readonly (readonly [string, string])[];
  /** Choices that the reader made because the file does not record them. */
  readonly assumptions: readonly string[];
  /** Known differences of the framework from NIR that the file does not record. */
  readonly quirks: readonly string[];
  /** Probable mistakes in the file or the options. */
  readonly warnings: readonly string[];
}
