/** The check of an optimizer, whose kinds are generated from the engine's registry. */
import { checkKind } from '../checks/plain-data.ts';
import { optimizerForms } from './optimizer-forms.generated.ts';
import type { Optimizer } from './optimizers.generated.ts';

/** The options of one kind of optimizer. */
export type OptimizerOptionsOf<K extends Optimizer['kind'], O = Optimizer> = O extends { kind: infer Kinds }
  ? K extends Kinds
    ? Omit<O, 'kind'>
    : never
  : never;

/** Refuses an optimizer or an option of it that does not exist; the engine checks the ranges. */
export function checkOptimizer(optimizer: Optimizer): void {
  checkKind('optimizer', optimizer, optimizerForms, 'an optimizer, such as adam({ lr: 1e-3 })');
}
