/** The output shape of a layer that the engine defines, by the engine's shape rule. */
import type { Shape } from '../checks/tensor.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { OperationTable } from '../layers/operation-node.ts';

/** @throws LapicqueError `invalid-parameter` and `shape-mismatch`, with the name of the layer */
export function operationShape(
  { kind, keepsShape, flatOutputs }: OperationTable,
  name: string,
  fields: Readonly<Record<string, unknown>>,
  sources: readonly { readonly name: string; readonly shape: Shape }[],
): Shape {
  if (flatOutputs !== null) return [fields[flatOutputs] as number];
  const [first] = sources;
  if (keepsShape && first !== undefined) return first.shape;
  const named = sources.map((source) => [source.name, source.shape]);
  const [fieldsJson, shapesJson] = [JSON.stringify(fields), JSON.stringify(named)];
  return JSON.parse(unwrap(addon.operationShape(kind, name, fieldsJson, shapesJson))) as Shape;
}
