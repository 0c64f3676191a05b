/** The recurrent projection of a population to itself, as a node of a description. */
import { integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { Shape } from '../checks/tensor.ts';
import type { Recurrence } from '../neurons/population.ts';
import { frozen, type NodeSpec } from './description.ts';

/**
 * The projection from a population to itself.
 *
 * @param shape - shape of the population, `[channels, …pixels]`; a convolution keeps its pixels
 * @param parts - number of target ports
 */
export function recurrentNode(
  recurrent: Recurrence,
  name: string,
  neurons: number,
  shape: Shape,
  parts: number,
): NodeSpec {
  const { initial, trainable } = recurrent;
  const own = recurrent.name ?? name;
  if (recurrent.kind === 'one-to-one')
    return frozen({
      kind: 'one-to-one',
      name: own,
      neurons,
      ...(parts === 1 ? {} : { parts }),
      ...(recurrent.shared === true ? { shared: true } : {}),
      initial,
      trainable,
    });
  if (recurrent.kind === 'conv') {
    const [channels, ...pixels] = shape as [number, ...number[]];
    if (pixels.length === 0) {
      const expected = '[channels, width] or [channels, height, width]';
      throw new LapicqueError('shape-mismatch', { layer: own, expected, got: `[${neurons}]` });
    }
    const each = (what: string, given: number | readonly number[], min: number) => {
      const sizes = Array.isArray(given) ? (given as readonly number[]) : pixels.map(() => given as number);
      if (sizes.length !== pixels.length) {
        invalid(`${own}.${what}`, given, pixels.length === 1 ? 'one number' : '[height, width]');
      }
      return sizes.map((size) => integer(`${own}.${what}`, size, { min }));
    };
    const kernel = each('kernel', recurrent.kernel, 1);
    const padding = each('padding', recurrent.padding ?? kernel.map((size) => Math.floor(size / 2)), 0);
    const ones = pixels.map(() => 1);
    return frozen({
      kind: 'conv',
      name: own,
      in: channels,
      out: parts * channels,
      kernel,
      stride: ones,
      padding,
      dilation: ones,
      groups: 1,
      bias: recurrent.bias ?? true,
      initial,
      initialBias: recurrent.initialBias,
      trainable,
    });
  }
  return frozen({
    kind: 'dense',
    name: own,
    in: neurons,
    out: parts * neurons,
    bias: recurrent.bias ?? true,
    initial,
    initialBias: recurrent.initialBias,
    trainable,
    parallel: recurrent.parallel === true ? true : undefined,
    autapses: recurrent.autapses === false ? false : undefined,
  });
}
