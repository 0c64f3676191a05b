/** In which order the axes of targets are: as many elements in another order are other targets. */
import { shape as checkShape, fits } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import { hasSampleTargets } from '../data/source.ts';
import type { BatchShape } from '../description/input-tensor.ts';
import type { TrainingBatch } from './batch.ts';

/**
 * Refuses targets whose axes are known and in another order than the loss reads them: `[batch, …]` or `[time, batch, …]`. How many there
 * must be, the engine checks.
 *
 * @param row - shape of one target: that of the output population, or `[]` for a label
 */
export function checkTargetAxes(batch: TrainingBatch, { steps, batch: size }: BatchShape, row: Shape): void {
  const { y, yShape } = batch;
  const each = elementCount(row);
  const ofSteps = steps > 1 && y.length === steps * size * each;
  const flat = row.length === 0 ? [] : [each];
  const text = (axes: Shape) => `[${axes.join(', ')}]`;
  const expected = text([...(ofSteps ? [steps] : []), size, ...flat]);
  if (yShape === undefined) {
    // What a loader stacked has the samples first, however the elements of one are meant.
    if (!ofSteps || !hasSampleTargets(batch)) return;
    throw new LapicqueError('shape-mismatch', {
      layer: 'targets',
      expected: `${expected}, which the loader makes from per-step targets with \`ySequences: true\`,`,
      got: text([size, steps * each]),
    });
  }
  const shape = checkShape('batch.yShape', yShape);
  fits('batch.y', y.length, shape);
  const samplesFirst = ofSteps && hasSampleTargets(batch);
  const orders = ofSteps ? [[steps, size]] : steps === 1 ? [[size], [1, size]] : [[size]];
  const isRead = orders.some((outer) => {
    const axes = shape.slice(outer.length);
    const inner = axes.length <= 1 ? elementCount(axes) === each : `${axes}` === `${row}`;
    return `${shape.slice(0, outer.length)}` === `${outer}` && inner;
  });
  if (isRead && !samplesFirst) return;
  const wide = row.length > 1 ? ` or ${text([...(ofSteps ? [steps] : []), size, ...row])}` : '';
  const hint = ofSteps ? ' (`ySequences: true` of a loader’s source that has the samples first)' : '';
  throw new LapicqueError('shape-mismatch', {
    layer: 'targets',
    expected: `${expected}${wide}${hint}`,
    got: text(shape),
  });
}
