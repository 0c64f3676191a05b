/** A layer without a state from a function of tensors. */
import { options as checkOptions, finite, flag, integer, invalid, text } from '../checks/check.ts';
import { type Initializer, initializers } from '../neurons/initializer.ts';
import { axesOfParameter } from '../trace/parameter-axes.ts';
import { checkFunction, namedScope, TracedScope } from '../trace/trace.ts';
import type { TracedTensor } from '../trace/traced-tensor.ts';
import { node } from './map-node.ts';
import type { TracedLayer, TracedLayerOptions, TracedParameter, TraceLayer } from './traced-layer-types.ts';

function axesOfInput(size: unknown): [string, number][] {
  const shape = Array.isArray(size) ? (size as unknown[]) : [size];
  const names = [['neuron'], ['channel', 'x'], ['channel', 'y', 'x'], ['channel', 'z', 'y', 'x']][
    shape.length - 1
  ];
  if (names === undefined)
    return invalid('layer.trace.size', size, 'a number of inputs, or up to four sizes');
  return names.map((name, i) => [name, integer('layer.trace.size', shape[i], { min: 1, max: 2 ** 24 })]);
}

/** Sizes and initial values of a parameter. */
function parameter(
  path: string,
  given: unknown,
  main: string,
): { axes: [string, number][]; initial: Initializer } {
  if (typeof given === 'number') {
    return { axes: [], initial: { kind: 'constant', value: finite(path, given) } };
  }
  const isWhole = typeof given === 'object' && given !== null && 'shape' in given && 'initial' in given;
  if (isWhole) {
    const { shape, initial } = checkOptions(path, given as { shape: unknown; initial: Initializer }, [
      'shape',
      'initial',
    ]);
    initializers(path, { initial }, ['initial']);
    return { axes: axesOfParameter(path, shape, main), initial };
  }
  const axes = axesOfParameter(path, given, main);
  return { axes, initial: axes.length > 1 ? { kind: 'fan-in-uniform', gain: 1 } : { kind: 'zeros' } };
}

function traceLayer<
  const N extends number,
  const Parameters extends Readonly<Record<string, TracedParameter>>,
>(
  name: string,
  options: TracedLayerOptions<N, Parameters>,
  build: (x: TracedTensor, parameters: { readonly [Name in keyof Parameters]: TracedTensor }) => TracedTensor,
): TracedLayer<N> {
  text('layer.trace.name', name);
  checkFunction(build);
  const {
    size,
    parameters = {},
    trainable,
  } = checkOptions('layer.trace', options, ['size', 'parameters', 'trainable']);
  if (typeof parameters !== 'object' || parameters === null) {
    return invalid('layer.trace.parameters', parameters, 'an object of parameters');
  }
  const axes = axesOfInput(size);
  const scope = new TracedScope();
  const described = Object.entries(parameters).map(([own, given]) => {
    const { axes: ofParameter, initial } = parameter(`layer.trace.parameters.${own}`, given, axes[0]![0]);
    return { name: own, initial, axes: ofParameter };
  });
  const tensors = Object.fromEntries(
    described.map(({ name: own, axes }) => [own, scope.input(`parameter:${own}`, axes)]),
  );
  const x = scope.input('x', axes);
  const given = namedScope('parameter of the layer', tensors) as {
    readonly [Name in keyof Parameters]: TracedTensor;
  };
  const results = scope.results(build(x, given), 'result');
  return node({
    layer: 'traced',
    name,
    graph: scope.builder.finish(results),
    parameters: Object.freeze(
      described.map(({ name: own, initial, axes }) => ({
        name: own,
        shape: axes.map(([, size]) => size),
        initial,
      })),
    ),
    trainable: trainable === undefined ? undefined : flag('layer.trace.trainable', trainable),
  }) as TracedLayer<N>;
}

/** Layers from functions. */
export const layer: Readonly<{
  /** A layer without a state, as a function of one sample at one step: `layer.trace('gate', { size: 64 }, (x) => x.mul(x.sigmoid()))`. */
  trace: TraceLayer;
}> = Object.freeze({ trace: traceLayer });
