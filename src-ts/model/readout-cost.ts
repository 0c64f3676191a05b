/** The arithmetic of a model's read-out. */
import type { CompiledModel } from '../compiled/compiled-model.ts';
import { addon, unwrap } from '../engine/native.ts';
import { readoutSizes } from './readout.ts';

/** A function such as `exp` is a multiply-add, a sum or a comparison an addition; moves cost nothing. */
export interface ReadoutCost {
  readonly multiplyAdds: number;
  readonly additions: number;
}

/** The operations of the read-out of one sample of this number of steps; none without a read-out. */
export function readoutCost(model: Pick<CompiledModel, 'info' | 'description'>, steps: number): ReadoutCost {
  const { readout } = model.description;
  if (readout === undefined) return { multiplyAdds: 0, additions: 0 };
  const sizes = JSON.stringify(readoutSizes(model, readout, steps));
  return JSON.parse(unwrap(addon.graphCost(JSON.stringify(readout.graph), sizes))) as ReadoutCost;
}
