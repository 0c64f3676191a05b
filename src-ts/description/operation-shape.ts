/** The output shape of a layer that the engine defines, by the engine's shape rule. */
import type { Shape } from '../checks/tensor.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { OperationTable } from '../layers/operation-node.ts';

/** @throws LapicqueError `invalid-parameter` and `shape-mismatch`, with the name of the layer */
export function operationShape(
  { kind, keepsShape }: OperationTable,
  name: string,
  fields: object,
  sources: readonly Shape[],
): Shape {
  const [first] = sources;
  if (keepsShape && first !== undefined) return first;
  const [told, shapes] = [JSON.stringify(fields), JSON.stringify(sources)];
  return JSON.parse(unwrap(addon.operationShape(kind, name, told, shapes))) as Shape;
}
