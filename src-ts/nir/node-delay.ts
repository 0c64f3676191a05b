/** Delay. */
import { invalid } from '../checks/check.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import { type NirNode, numbersOf, reals } from './graph.ts';
import { imageOf, maxNumbers, tooLarge } from './layer-specs.ts';
import { type Fields, type NirNodeType, refuseLayer, type WrittenLayer } from './node-type.ts';

/** A delay must be shorter, in steps. */
const longestDelay = 2 ** 16;

/** The fields of the same delay for all elements. @param ms - the delay */
export function delayFields(ms: number, shape: Shape): Fields {
  return { delay: reals(new Float64Array(elementCount(shape)).fill(ms / 1000), shape) };
}

function delaySteps(node: NirNode, dt: number): number[] {
  return numbersOf(node, 'delay')!.map((s) => roundedToEven((s * 1000) / dt));
}

/** Rounds half to even, as Python and NumPy do. */
function roundedToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

export const Delay: NirNodeType = {
  fields: { delay: { kind: 'not-negative', unit: 's' } },
  becomes: 'a fixed filter over time lags; delays are rounded to steps, half to even',
  elementwise: true,
  delaySteps,
  // Each kernel has a single 1.
  layers: ({ path, node, inputShape, dt }) => {
    const steps = delaySteps(node, dt);
    const longest = steps.reduce((max, one) => Math.max(max, one), 0);
    if (longest >= longestDelay)
      invalid(`${path}.delay`, `${longest} steps of ${dt} ms`, `a delay below ${longestDelay} steps`);
    const length = longest + 1;
    const kernels = steps.every((one) => one === steps[0]) ? 1 : steps.length;
    if (kernels * length > maxNumbers) tooLarge(`${path}.delay`, 8 * kernels * length);
    const data = new Float64Array(kernels * length);
    for (let i = 0; i < kernels; i++) data[i * length + steps[i]!] = 1;
    const each = kernels > 1;
    const filter = {
      spec: {
        kind: 'filter',
        length,
        each,
        bias: false,
        trainable: false,
        initial: { kind: 'zeros' },
      },
      weights: { weight: { data, shape: [kernels, length] } },
    } as const;
    const isImage = each && inputShape.length > 1;
    return isImage ? [{ suffix: '~flat', spec: { kind: 'flatten' } }, filter, imageOf(inputShape)] : [filter];
  },
  writesLayers: { filter: (layer) => ({ delay: reals(delaysOf(layer), layer.shape) }) },
};

/** The delay of each element in seconds, of a filter whose kernels each consist of zeros and a single 1. */
function delaysOf({ node, weight, inputShape, shape, dt }: WrittenLayer<'filter'>): Float64Array {
  const { name, length, each } = node;
  const kernels = weight('weight');
  if (node.bias) refuseLayer(name, 'the filter', 'NIR has delays only, and a delay has no bias');
  const elements = elementCount(shape);
  const own = each ? inputShape[0]! : 1;
  const lags = Array.from({ length: own }, (_, i) => {
    const kernel = kernels.slice(i * length, (i + 1) * length);
    const lag = kernel.indexOf(1);
    const isDelay = lag >= 0 && kernel.every((x, at) => x === (at === lag ? 1 : 0));
    return isDelay
      ? lag
      : refuseLayer(
          name,
          'the filter',
          'NIR has delays only, so each kernel needs exactly one 1 and zeros elsewhere',
        );
  });
  return Float64Array.from(
    { length: elements },
    (_, i) => (lags[Math.floor(i / (elements / own))]! * dt) / 1000,
  );
}
