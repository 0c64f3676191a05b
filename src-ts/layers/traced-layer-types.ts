/** The types of layers that are functions of tensors. */
import type { Initializer } from '../neurons/initializer.ts';
import type { TracedGraph } from '../trace/graph-builder.ts';

/** The sizes of a parameter: a list, or an object that names its axes. */
export type ParameterShape = readonly number[] | Readonly<Record<string, number>>;

/** A parameter of a traced layer: its sizes, sizes and initial values, or the initial value of a single number. */
export type TracedParameter =
  | number
  | ParameterShape
  | { readonly shape: ParameterShape; readonly initial: Initializer };

/** A layer of {@link layer}.trace with `N` inputs. */
export interface TracedLayer<N extends number = number> {
  readonly layer: 'traced';
  readonly name: string;
  readonly graph: TracedGraph;
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly initial: Initializer;
  }[];
  readonly trainable?: boolean;
  /** The number of inputs, for the types only. */
  readonly inputs?: N;
}

/** Options of {@link layer}.trace. */
export interface TracedLayerOptions<
  N extends number,
  Parameters extends Readonly<Record<string, TracedParameter>>,
> {
  /** The number of inputs, or the shape of an image: `[channels, height, width]`. */
  readonly size: N | readonly number[];
  /**
   * Trained parameters by name. A list of sizes names its axes `neuron`, or `in` and `neuron`, so that `x.matmul(w)` and `x.add(b)` work; for an
   * image `channel` replaces `neuron`. An object names its axes. Matrices begin as those of {@link dense}, other tensors at 0.
   */
  readonly parameters?: Parameters;
  /** Whether training changes its parameters; default true. */
  readonly trainable?: boolean;
}
