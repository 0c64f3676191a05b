/** What has neurons: populations and sources, and slices of them. */
import { integer, invalid } from '../../checks/check.ts';
import type { DynamicsSpec } from '../../neurons/neuron-node.ts';
import type { Values } from './distribution.ts';
import type { IntrinsicPlasticity } from './intrinsic.ts';
import type { Layout } from './layout.ts';

/** Neurons that can be sliced like an array. */
export interface Sliceable<S> {
  /**
   * Some of the neurons, with indices as in `Array.prototype.slice`: from `start` up to, but not including, `end`; negative indices count from the
   * end.
   *
   * @throws LapicqueError `invalid-parameter` when none are left
   */
  slice(start?: number, end?: number): S;
}

/** Neurons of one model. */
export interface Population extends Sliceable<PopulationSlice> {
  readonly element: 'population';
  readonly name?: string;
  readonly size: number;
  readonly neuron: DynamicsSpec;
  readonly initial: Readonly<Record<string, Values>>;
  readonly layout?: Layout;
  readonly intrinsic?: IntrinsicPlasticity;
}

/** Spikes at given times. */
export interface SpikeSource extends Sliceable<SourceSlice> {
  readonly element: 'spike-source';
  readonly name?: string;
  readonly trains: readonly Float64Array[];
  readonly layout?: Layout;
}

/** Some neurons of a population: from `from` up to, but not including, `to`. */
export interface PopulationSlice extends Sliceable<PopulationSlice> {
  readonly element: 'slice';
  readonly of: Population;
  readonly from: number;
  readonly to: number;
}

/** Some trains of a source. */
export interface SourceSlice extends Sliceable<SourceSlice> {
  readonly element: 'source-slice';
  readonly of: SpikeSource;
  readonly from: number;
  readonly to: number;
}

/** A target of connections, inputs and recorders. */
export type Postsynaptic = Population | PopulationSlice;

/** A source of connections. */
export type Presynaptic = Postsynaptic | SpikeSource | SourceSlice;

/** As a description names them. */
export type NeuronsSpec = string | { readonly of: string; readonly from: number; readonly to: number };

/** The population or source itself. @internal */
export function whole(node: Presynaptic): Population | SpikeSource {
  return node.element === 'slice' || node.element === 'source-slice' ? node.of : node;
}

/** Which neurons of {@link whole} they are. @internal */
export function rangeOf(node: Presynaptic): { from: number; to: number } {
  switch (node.element) {
    case 'population':
      return { from: 0, to: node.size };
    case 'spike-source':
      return { from: 0, to: node.trains.length };
    default:
      return { from: node.from, to: node.to };
  }
}

/** @internal */
export function isTarget(node: unknown): node is Postsynaptic {
  return ['population', 'slice'].includes((node as Postsynaptic | undefined)?.element as string);
}

/** Freezes a population or source and lets it be cut. @internal */
export function sliceable<T extends Population | SpikeSource>(
  node: Omit<T, 'slice'> & Pick<T, 'element'>,
): T {
  const typedNode = node as T;
  const size = rangeOf(typedNode).to;
  Object.defineProperty(typedNode, 'slice', {
    value: (a?: number, b?: number) => cut(typedNode, 0, size, a, b),
  });
  return Object.freeze(typedNode);
}

/** Of the neurons from `first` to before `last`. */
function cut(
  of: Population | SpikeSource,
  first: number,
  last: number,
  start = 0,
  end = last - first,
): unknown {
  const size = last - first;
  const at = (name: string, x: number) => {
    integer(name, x);
    return first + Math.min(size, x < 0 ? Math.max(0, size + x) : x);
  };
  const [from, to] = [at('start', start), at('end', end)];
  if (to <= from) invalid('slice', `${start}, ${end}`, `at least one of ${size} neurons`);
  const element = of.element === 'population' ? 'slice' : 'source-slice';
  const slice = { element, of, from, to };
  Object.defineProperty(slice, 'slice', { value: (a?: number, b?: number) => cut(of, from, to, a, b) });
  return Object.freeze(slice);
}

/** The name of the population or source that a description says. */
export function named(neurons: NeuronsSpec): string {
  return typeof neurons === 'string' ? neurons : neurons.of;
}
