/** A loss as a traced function of outputs, hidden layers, parameters and tensors of the batch. */

import { options as checkOptions, finite, invalid } from '../checks/check.ts';
import { place, type TracedGraph } from './graph-builder.ts';
import { axesOfParameter, type ParameterShape } from './parameter-axes.ts';
import {
  axesOf,
  checkFunction,
  namedScope,
  type TracedAxes,
  type TracedResults,
  TracedScope,
} from './trace.ts';
import type { TracedTensor } from './traced-tensor.ts';

/** A traced loss, as plain data: pass it where a loss is expected. */
export interface TracedLoss {
  readonly kind: 'traced';
  readonly graph: TracedGraph;
  /** Parameters of the loss, which are trained with the model. */
  readonly parameters?: readonly {
    /** `loss.` and its own name. */
    readonly name: string;
    readonly shape: readonly number[];
    /** One number for all elements, or one for each. */
    readonly initial: readonly number[];
  }[];
}

/** A parameter of a traced loss: the initial value of a single number; or sizes, with one initial value for all elements or one for each. */
export type LossParameter =
  | number
  | { readonly shape: ParameterShape; readonly initial: number | readonly number[] };

/**
 * Values of a layer, each `[time, batch, neuron]`. Of a population `spikes`, `v` and other states, and `current` or other ports by their names; of a
 * layer without a state `values`, its elements channel by channel.
 */
export type TracedPopulation = Readonly<Record<string, TracedTensor>> & {
  readonly spikes: TracedTensor;
  readonly v: TracedTensor;
  readonly current: TracedTensor;
  readonly values: TracedTensor;
};

/** What a traced loss reads. */
export interface LossScope<Tensors extends string = string, Parameters extends string = string> {
  /** Spikes of the output, `[time, batch, neuron]`. */
  readonly spikes: TracedTensor;
  /** The first state of the output, `[time, batch, neuron]`. */
  readonly v: TracedTensor;
  /** The targets of the batch (`y`): labels `[batch]`, unless the option `target` states other axes. */
  readonly target: TracedTensor;
  /** Layers by name: `layers.hidden.spikes`, `layers.conv1.values`. */
  readonly layers: Readonly<Record<string, TracedPopulation>>;
  /** A parameter of the model by name, such as `'dense1.weight'`, with a name for each of its axes. */
  parameter(name: string, axes: readonly string[]): TracedTensor;
  /** Parameters of the loss itself, which the option `parameters` declares. */
  readonly parameters: { readonly [Name in Parameters]: TracedTensor };
  /** Number of steps of each sample that count, `[batch]`. */
  readonly lengths: TracedTensor;
  /** 1 at the steps that count, `[time, batch]`. */
  readonly mask: TracedTensor;
  /** Further tensors of the batch, which the option `tensors` declares. */
  readonly batch: { readonly [Name in Tensors]: TracedTensor };
}

/** Options of `loss.trace`. */
export interface TracedLossOptions<Tensors extends string = string, Parameters extends string = string> {
  /** The axes of the targets; default `['batch']`, labels. Values per output are `['batch', 'neuron']` or `['time', 'batch', 'neuron']`. */
  readonly target?: TracedAxes;
  /** Further tensors of each batch (fields of its `tensors`), with their axes. */
  readonly tensors?: Readonly<Record<Tensors, TracedAxes>>;
  /**
   * Parameters of the loss, such as a temperature or the weights of its terms. The optimizer trains them with the model, where they are `loss.NAME` in
   * weights, gradients, groups of an optimizer and files. A list of sizes names its axes `neuron`, or `in` and `neuron`.
   */
  readonly parameters?: Readonly<Record<Parameters, LossParameter>>;
}

const outputs = [
  ['time', null],
  ['batch', null],
  ['neuron', null],
] as const;

/** A declared parameter with its axes. */
function declaredParameter([name, given]: [string, LossParameter]) {
  const path = `parameters.${name}`;
  if (name === '' || /[.:]/.test(name)) invalid('parameters', name, 'names without a period or a colon');
  if (typeof given === 'number') return { name, axes: [], initial: [finite(path, given)] };
  const expected = 'a number, or { shape, initial }';
  if (typeof given !== 'object' || given === null) return invalid(path, given, expected);
  const { shape, initial } = checkOptions(path, given, ['shape', 'initial']);
  const numbers = Array.isArray(initial) ? (initial as number[]) : [initial as number];
  return {
    name,
    axes: axesOfParameter(`${path}.shape`, shape, 'neuron'),
    initial: numbers.map((value) => finite(`${path}.initial`, value)),
  };
}

/** See {@link loss}.trace. */
export function traceLoss<const Tensors extends string = never, const Parameters extends string = never>(
  build: (scope: LossScope<Tensors, Parameters>) => TracedResults,
  options: TracedLossOptions<Tensors, Parameters> = {},
): TracedLoss {
  checkFunction(build);
  const {
    target = ['batch'],
    tensors = {},
    parameters = {},
  } = checkOptions('loss.trace', options, ['target', 'tensors', 'parameters']);
  if (typeof tensors !== 'object' || tensors === null) invalid('tensors', tensors, 'an object of axes');
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    invalid('parameters', parameters, 'an object of parameters');
  const own = Object.entries(parameters as Record<string, LossParameter>).map(declaredParameter);
  const scope = new TracedScope();
  const targetAxes = axesOf('target', target);
  const declared = Object.entries(tensors as Record<string, TracedAxes>).map(
    ([name, axes]) => [name, axesOf(`tensors.${name}`, axes)] as const,
  );
  const lazily = (
    entries: readonly (readonly [string, string, readonly (readonly [string, number | null])[]])[],
  ) =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        entries.map(([name, input, axes]) => [
          name,
          { enumerable: true, get: () => scope.input(input, axes) },
        ]),
      ),
    );
  const layer = (name: string) =>
    new Proxy({} as TracedPopulation, {
      get: (_, variable) =>
        typeof variable === 'string' ? scope.input(`layer:${name}.${variable}`, outputs) : undefined,
    });
  const values = lazily([
    ['spikes', 'spikes', outputs],
    ['v', 'v', outputs],
    ['target', 'target', targetAxes],
    ['lengths', 'lengths', [['batch', null]]],
    ['mask', 'mask', outputs.slice(0, 2)],
  ]);
  const others = {
    layers: new Proxy({}, { get: (_, name) => (typeof name === 'string' ? layer(name) : undefined) }),
    parameter: (name: string, axes: readonly string[]) => {
      if (typeof name !== 'string') invalid(place('parameter'), name, "a parameter's name");
      return scope.input(`parameter:${name}`, axesOf(place(`parameter ${name}`), axes));
    },
    parameters: namedScope(
      'parameter of the loss',
      lazily(own.map(({ name, axes }) => [name, `parameter:loss.${name}`, axes] as const)),
    ),
    batch: namedScope(
      'tensor of the batch',
      lazily(declared.map(([name, axes]) => [name, `batch:${name}`, axes] as const)),
    ),
  };
  Object.defineProperties(values, Object.getOwnPropertyDescriptors(others));
  const results = scope.results(
    build(namedScope('input of a traced loss', values) as LossScope<Tensors, Parameters>),
    'loss',
  );
  const described = own.map(({ name, axes, initial }) => ({
    name: `loss.${name}`,
    shape: axes.map(([, size]) => size),
    initial,
  }));
  return Object.freeze({
    kind: 'traced' as const,
    graph: scope.builder.finish(results),
    ...(described.length === 0 ? {} : { parameters: described }),
  });
}
