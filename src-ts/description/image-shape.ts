/** Shapes of images after layers, `[channels, …pixels]`. */
import { integer, invalid } from '../checks/check.ts';
import type { Shape } from '../checks/tensor.ts';

/** Checks three sizes, `[channels, height, width]`. */
export function imageShape(name: string, value: unknown): void {
  if (!Array.isArray(value) || value.length !== 3) invalid(name, value, '[channels, height, width]');
  value.forEach((size, i) => {
    integer(`${name}[${i}]`, size, { min: 1, max: 2 ** 24 });
  });
}

/** The sum of the channels; the engine checks that the pixels are equal. */
export function joined(shapes: readonly Shape[]): Shape {
  const channels = shapes.reduce((sum, [own]) => sum + own!, 0);
  return [channels, ...(shapes[0]?.slice(1) ?? [])];
}
