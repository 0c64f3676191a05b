/** A layer without a state from a function of tensors. */
import { options as checkOptions, finite, flag, integer, invalid, text } from '../checks/check.ts';
import { type Initializer, initializers } from '../neurons/initializer.ts';
import { axesOfParameter } from '../trace/parameter-axes.ts';
import { checkFunction, namedScope, TracedScope } from '../trace/trace.ts';
import { node } from './map-node.ts';
import type { TracedLayer, TraceLayer } from './traced-layer-types.ts';

function axesOfInput(path: string, size: unknown): [string, number][] {
  const shape = Array.isArray(size) ? (size as unknown[]) : [size];
  const names = [['neuron'], ['channel', 'x'], ['channel', 'y', 'x'], ['channel', 'z', 'y', 'x']][
    shape.length - 1
  ];
  if (names === undefined) return invalid(path, size, 'a number of inputs, or up to four sizes');
  return names.map((name, i) => [name, integer(path, shape[i], { min: 1, max: 2 ** 24 })]);
}

/** The names of several inputs, with their axes. */
function namedInputs(inputs: unknown): [string, [string, number][]][] {
  const path = 'layer.trace.inputs';
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
    return invalid(path, inputs, 'an object of sizes, such as { a: 64, b: 64 }');
  }
  const entries = Object.entries(inputs as Readonly<Record<string, unknown>>);
  if (entries.length === 0 || entries.length > 32)
    invalid(path, `${entries.length} inputs`, '1 to 32 inputs');
  return entries.map(([name, size]) => [text(`${path}: a name`, name), axesOfInput(`${path}.${name}`, size)]);
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

function traceLayer(
  name: string,
  options: { size?: unknown; inputs?: unknown; parameters?: unknown; trainable?: unknown },
  build: (x: unknown, parameters: unknown) => unknown,
): TracedLayer {
  text('layer.trace.name', name);
  checkFunction(build);
  const {
    size,
    inputs,
    parameters = {},
    trainable,
  } = checkOptions('layer.trace', options, ['size', 'inputs', 'parameters', 'trainable']);
  if (typeof parameters !== 'object' || parameters === null) {
    return invalid('layer.trace.parameters', parameters, 'an object of parameters');
  }
  if (size !== undefined && inputs !== undefined) invalid('layer.trace.size', size, 'no value beside inputs');
  const several = inputs === undefined ? undefined : namedInputs(inputs);
  const first = several?.[0];
  const axes = first === undefined ? axesOfInput('layer.trace.size', size) : first[1];
  const scope = new TracedScope();
  const described = Object.entries(parameters).map(([own, given]) => {
    const { axes: ofParameter, initial } = parameter(`layer.trace.parameters.${own}`, given, axes[0]![0]);
    return { name: own, initial, axes: ofParameter };
  });
  const tensors = Object.fromEntries(
    described.map(({ name: own, axes }) => [own, scope.input(`parameter:${own}`, axes)]),
  );
  const x =
    several === undefined
      ? scope.input('x', axes)
      : namedScope(
          'input of the layer',
          Object.fromEntries(several.map(([own, axes]) => [own, scope.input(`input:${own}`, axes)])),
        );
  const results = scope.results(build(x, namedScope('parameter of the layer', tensors)), 'result');
  return node({
    layer: 'traced',
    name,
    inputs: several === undefined ? undefined : Object.freeze(several.map(([own]) => own)),
    graph: scope.builder.finish(results),
    parameters: Object.freeze(
      described.map(({ name: own, initial, axes }) => ({
        name: own,
        shape: axes.map(([, size]) => size),
        initial,
      })),
    ),
    trainable: trainable === undefined ? undefined : flag('layer.trace.trainable', trainable),
  }) as TracedLayer;
}

/** Layers from functions. */
export const layer: Readonly<{
  /** A layer without a state, as a function of one sample at one step: `layer.trace('gate', { size: 64 }, (x) => x.mul(x.sigmoid()))`. */
  trace: TraceLayer;
}> = Object.freeze({ trace: traceLayer as TraceLayer });
