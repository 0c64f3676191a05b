/** A loss as a traced function of outputs, hidden layers, parameters and tensors of the batch. */

import { options as checkOptions, invalid } from '../checks/check.ts';
import { place, type TracedGraph } from './graph-builder.ts';
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
}

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
export interface LossScope<Tensors extends string = string> {
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
  /** Number of steps of each sample that count, `[batch]`. */
  readonly lengths: TracedTensor;
  /** 1 at the steps that count, `[time, batch]`. */
  readonly mask: TracedTensor;
  /** Further tensors of the batch, which the option `tensors` declares. */
  readonly batch: { readonly [Name in Tensors]: TracedTensor };
}

/** Options of `loss.trace`. */
export interface TracedLossOptions<Tensors extends string = string> {
  /** The axes of the targets; default `['batch']`, labels. Values per output are `['batch', 'neuron']` or `['time', 'batch', 'neuron']`. */
  readonly target?: TracedAxes;
  /** Further tensors of each batch (fields of its `tensors`), with their axes. */
  readonly tensors?: Readonly<Record<Tensors, TracedAxes>>;
}

const outputs = [
  ['time', null],
  ['batch', null],
  ['neuron', null],
] as const;

/** See {@link loss}.trace. */
export function traceLoss<const Tensors extends string = never>(
  build: (scope: LossScope<Tensors>) => TracedResults,
  options: TracedLossOptions<Tensors> = {},
): TracedLoss {
  checkFunction(build);
  const { target = ['batch'], tensors = {} } = checkOptions('loss.trace', options, ['target', 'tensors']);
  if (typeof tensors !== 'object' || tensors === null) invalid('tensors', tensors, 'an object of axes');
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
    batch: namedScope(
      'tensor of the batch',
      lazily(declared.map(([name, axes]) => [name, `batch:${name}`, axes] as const)),
    ),
  };
  Object.defineProperties(values, Object.getOwnPropertyDescriptors(others));
  const results = scope.results(
    build(namedScope('input of a traced loss', values) as LossScope<Tensors>),
    'loss',
  );
  return Object.freeze({ kind: 'traced' as const, graph: scope.builder.finish(results) });
}
