/** The types of layers that are functions of tensors. */
import type { Initializer } from '../neurons/initializer.ts';
import type { TracedGraph } from '../trace/graph-builder.ts';
import type { ParameterShape } from '../trace/parameter-axes.ts';
import type { TracedTensor } from '../trace/traced-tensor.ts';

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
  /** The names of several inputs, in the order of the layer's sources. */
  readonly inputs?: readonly string[];
  /** The number of elements of its input, for the types only. */
  readonly size?: N;
}

/** Creates a layer from a function; {@link layer}.trace. */
export interface TraceLayer {
  /**
   * A layer without a state, as a function of one sample at one step. The function runs once; the engine differentiates it and runs it in
   * training, runs and sessions alike. Axes are `neuron`, or `channel`, `y` and `x` of an image; samples and steps are no axes of the function.
   * Its parameters are saved as one tensor, `NAME.weight`, one after the other in their order.
   *
   * ```ts
   * const gate = layer.trace('gate', { size: 64, parameters: { w: [64, 64] } }, (x, { w }) => x.mul(x.matmul(w).sigmoid()));
   * ```
   *
   * @param name - the layer's name in files, recordings and messages
   * @returns a layer whose output has the axes of the result: `[neurons]`, or `[channels, height, width]`
   * @throws LapicqueError `shape-mismatch`, `unknown-name` and `invalid-parameter` with the line of the function
   */
  <const N extends number, const Parameters extends Readonly<Record<string, TracedParameter>>>(
    name: string,
    options: TracedLayerOptions<N, Parameters>,
    build: (
      x: TracedTensor,
      parameters: { readonly [Name in keyof Parameters]: TracedTensor },
    ) => TracedTensor,
  ): TracedLayer<N>;
  /**
   * As above, with several inputs, for a node of {@link graph}: a gated sum of two branches, attention of one population by another. Edges onto it are its
   * inputs in their order, or name them: `['left', 'gate', { port: 'a' }]`. Energy and operation counts regard the first input as its synapses' input.
   *
   * ```ts
   * const gate = layer.trace('gate', { inputs: { a: 64, b: 64 }, parameters: { w: [64, 64] } }, ({ a, b }, { w }) =>
   *   a.add(b.mul(a.matmul(w).sigmoid())),
   * );
   * ```
   *
   * @throws LapicqueError `shape-mismatch`, `unknown-name` and `invalid-parameter` with the line of the function; at `compile` also `shape-mismatch`
   * with the name of the input, for a source of another shape
   */
  <
    const Inputs extends Readonly<Record<string, number | readonly number[]>>,
    const Parameters extends Readonly<Record<string, TracedParameter>>,
  >(
    name: string,
    options: TracedJoinOptions<Inputs, Parameters>,
    build: (
      inputs: { readonly [Name in keyof Inputs]: TracedTensor },
      parameters: { readonly [Name in keyof Parameters]: TracedTensor },
    ) => TracedTensor,
  ): TracedLayer;
}

/** Options of {@link layer}.trace with several inputs. */
export interface TracedJoinOptions<
  Inputs extends Readonly<Record<string, number | readonly number[]>>,
  Parameters extends Readonly<Record<string, TracedParameter>>,
> extends Omit<TracedLayerOptions<number, Parameters>, 'size'> {
  /** The inputs by name, up to 32: of each the number of elements, or the shape of an image. */
  readonly inputs: Inputs;
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
