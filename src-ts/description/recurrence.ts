/** The recurrent projection of a population to itself, as a node of a description. */
import { integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { Shape } from '../checks/tensor.ts';
import { operationFields } from '../layers/operation-node.ts';
import { operationTables } from '../layers/operation-tables.generated.ts';
import type { Recurrence } from '../neurons/neuron-node.ts';
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
  const own = recurrent.name ?? name;
  if (recurrent.kind === 'one-to-one')
    return recurrentSpec('one-to-one', own, { ...recurrent, neurons, parts });
  if (recurrent.kind === 'conv') {
    const [channels, ...pixels] = shape as [number, ...number[]];
    if (pixels.length === 0) {
      const expected = '[channels, width] or [channels, height, width]';
      throw new LapicqueError('shape-mismatch', { layer: own, expected, got: `[${neurons}]` });
    }
    const each = (what: string, value: number | readonly number[], min: number) => {
      const sizes = Array.isArray(value) ? (value as readonly number[]) : pixels.map(() => value as number);
      if (sizes.length !== pixels.length) {
        invalid(`${own}.${what}`, value, pixels.length === 1 ? 'one number' : '[height, width]');
      }
      return sizes.map((size) => integer(`${own}.${what}`, size, { min }));
    };
    const kernel = each('kernel', recurrent.kernel, 1);
    const padding = each('padding', recurrent.padding ?? kernel.map((size) => Math.floor(size / 2)), 0);
    const ones = pixels.map(() => 1);
    const window = { kernel, stride: ones, padding, dilation: ones, groups: 1 };
    return recurrentSpec('conv', own, {
      ...recurrent,
      inputs: channels,
      outputs: parts * channels,
      ...window,
    });
  }
  return recurrentSpec('dense', own, { ...recurrent, inputs: neurons, outputs: parts * neurons });
}

/** The node with the parameters of its kind. */
function recurrentSpec(kind: Recurrence['kind'], name: string, parameters: object): NodeSpec {
  return frozen({ kind, name, ...operationFields(operationTables[kind], parameters) });
}
