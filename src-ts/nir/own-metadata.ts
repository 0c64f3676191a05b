/** What lapicque writes beside a NIR graph, so that nothing is lost where lapicque reads it again. */
import type { Description } from '../description.ts';
import type { FlatGraph } from './flat.ts';
import type { NirGraph } from './graph.ts';

/** The network as it was written. */
export interface OwnMetadata {
  readonly dt: number;
  /** The network; none where the file was changed since. */
  readonly description?: Description;
  /** From a parameter as the graph gives it to that of the network. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** Why the network is not taken as it was written. */
  readonly changed?: string;
}

/** @internal */
export function ownDescription(_graph: NirGraph, _flat: FlatGraph): OwnMetadata | undefined {
  return undefined;
}
