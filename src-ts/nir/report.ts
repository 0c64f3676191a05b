/** What reading a NIR file found, assumed and changed. */
import type { NirConventions } from './conventions.ts';
import type { NirFramework } from './frameworks.ts';
import type { NirOutput } from './lower.ts';

/** A node of the file, subgraphs opened. */
export interface NirNodeReport {
  /** Path in the file: `outer/inner`. */
  readonly name: string;
  readonly type: string;
  /** Of what leaves it. */
  readonly shape: readonly number[];
  /** The layer of the network that it became; none where it only passes on. */
  readonly layer?: string;
}

/** Whether writing the network and reading it again gives the same network. */
export interface NirRoundTrip {
  readonly exact: boolean;
  /** What differs or cannot be written. */
  readonly differences: readonly string[];
}

/** The report of {@link readNir} and {@link verifyNir}. */
export interface NirReport {
  /** The version of the package `nir` that wrote the file. */
  readonly version?: string;
  readonly framework: NirFramework;
  /** Whether the file told the framework; otherwise the options did, or it is taken literally. */
  readonly detected: boolean;
  readonly evidence: string;
  /** Step, ms. */
  readonly dt: number;
  readonly conventions: NirConventions;
  readonly nodes: readonly NirNodeReport[];
  /** Where the values of each Output are; the first is the output of the model. */
  readonly outputs: readonly NirOutput[];
  /** Edges that carry the values of the step before. */
  readonly delayed: readonly (readonly [string, string])[];
  /** What the file leaves open and how it was taken. */
  readonly assumptions: readonly string[];
  /** Known habits of the framework that the file does not show. */
  readonly quirks: readonly string[];
  /** What is probably wrong. */
  readonly warnings: readonly string[];
}
