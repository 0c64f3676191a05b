/** Shapes of images after layers, `[channels, …pixels]`. */
import { integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { Shape } from '../checks/tensor.ts';

/** Checks three sizes, `[channels, height, width]`. */
export function imageShape(name: string, given: unknown): void {
  if (!Array.isArray(given) || given.length !== 3) invalid(name, given, '[channels, height, width]');
  given.forEach((size, i) => {
    integer(`${name}[${i}]`, size, { min: 1, max: 2 ** 24 });
  });
}

/** The sum of the channels; the engine checks that the pixels are equal. */
export function joined(shapes: readonly Shape[]): Shape {
  const channels = shapes.reduce((sum, [own]) => sum + own!, 0);
  return [channels, ...(shapes[0]?.slice(1) ?? [])];
}

/** The output pixels of a sliding window. */
export function slid(
  layer: string,
  shape: Shape,
  { kernel, stride, padding, dilation }: Record<'kernel' | 'stride' | 'padding' | 'dilation', Shape>,
  outputPadding?: Shape,
): number[] {
  if (shape.length !== kernel.length + 1) {
    const image = kernel.length === 1 ? '[channels, width]' : '[channels, height, width]';
    const expected = `${image}, as from input() or unflatten(),`;
    throw new LapicqueError('shape-mismatch', { layer, expected, got: `[${shape.join(', ')}]` });
  }
  const [, ...pixels] = shape;
  const sides = kernel.map((size, axis) => {
    const reach = dilation[axis]! * (size - 1) + 1;
    const [pixels, step, zeros] = [shape[axis + 1]!, stride[axis]!, padding[axis]!];
    if (outputPadding !== undefined) return (pixels - 1) * step + reach + outputPadding[axis]! - 2 * zeros;
    return Math.floor((pixels + 2 * zeros - reach) / step) + 1;
  });
  if (sides.some((side) => side < 1)) {
    const apart = dilation.every((pixels) => pixels === 1) ? '' : ` with dilation [${dilation.join(', ')}]`;
    const [image, window] = [`an image of [${pixels.join(', ')}]`, `[${kernel.join(', ')}]${apart}`];
    if (outputPadding === undefined) {
      throw new LapicqueError('invalid-parameter', {
        name: `${layer}.kernel`,
        value: `${window} over ${image}`,
        expected: 'a window within the padded image',
      });
    }
    throw new LapicqueError('invalid-parameter', {
      name: `${layer}.padding`,
      value: `[${padding.join(', ')}] with a window of ${window} and ${image}`,
      expected: 'a padding that leaves pixels',
    });
  }
  return sides;
}
