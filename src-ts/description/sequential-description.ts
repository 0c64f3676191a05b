/** Converts a sequence of layers and the options of a network to a description. */
import { integer, invalid } from '../checks/check.ts';
import { LapicqueError, type LapicqueErrorBase } from '../checks/errors.ts';
import { checkLayers, type Layer } from '../layers/layer-kinds.ts';
import type { Description } from './description.ts';
import { Writer } from './description-writer.ts';
import { checkNetworkOptions, type NetworkOptions } from './network-options.ts';

/** Converts a sequence of layers to a description. */
export function describeSequential(layers: readonly Layer[], options: NetworkOptions = {}): Description {
  checkNetworkOptions(options);
  if (layers.length === 0) invalid('layers', layers, 'at least one layer');
  const first = layers[0]!;
  const shaped = first?.layer === 'input';
  const behind = shaped ? layers.slice(1) : layers;
  if (shaped && options.inputs !== undefined)
    invalid('inputs', options.inputs, 'no value, because input() is the first layer');
  checkLayers((i) => `layers[${shaped ? i + 1 : i}]`, behind);
  const declared = shaped ? first.shape : (options.inputs ?? inputsOf(first));
  if (declared === undefined) throw withoutInput(first);
  const shape = inputShape(declared);
  const writer = new Writer();
  const last = writer.all(behind, { name: 'input', shape });
  const end = layers.at(-1)!.layer;
  if (end !== 'population') invalid('the last layer', end, 'a population: lif(), li(), …');
  return writer.description(shape, last.name, options);
}

function inputsOf(first: Layer): number | undefined {
  if (first.layer === 'dense') return first.inputs;
  if (first.layer === 'embedding') return 1;
  if (first.layer !== 'population' || first.neurons === undefined) return undefined;
  return first.neurons * (first.ports?.entering.length ?? 1);
}

/** The error for a first layer that does not determine the shape of its input. */
function withoutInput(first: Layer): LapicqueErrorBase<'invalid-parameter'> {
  const image = (channels: number | string, axes: number) =>
    `input(${channels}, ${axes === 1 ? 'width' : 'height, width'}) first, which determines the size of the image,`;
  const [value, expected] =
    first.layer === 'conv'
      ? ['a convolution', image(first.inputs, first.kernel.length)]
      : first.layer === 'pool'
        ? ['a pool', image('channels', first.kernel.length)]
        : [
            first.layer,
            `input(channels) first${first.layer === 'population' ? ', or its option `neurons`' : ''}, which determines the number of channels,`,
          ];
  return new LapicqueError('invalid-parameter', { name: 'layers[0]', value, expected });
}

/** The sizes of an input, from the given option `name`. */
export function inputShape(inputs: number | readonly number[], name = 'inputs'): readonly number[] {
  const sizes = typeof inputs === 'number' ? [inputs] : inputs;
  if (!Array.isArray(sizes) || sizes.length === 0 || sizes.length > 4) {
    invalid(name, inputs, 'a number of channels, or a shape of at most four sizes');
  }
  for (const size of sizes) integer(name, size, { min: 1, max: 2 ** 24 });
  return Object.freeze([...sizes]);
}
