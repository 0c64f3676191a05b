// Public names of the room checks.

export {
  type ErrorCode,
  type ErrorFields,
  LapicqueError,
  type LapicqueErrorBase,
  type LapicqueErrorConstructor,
  type OwnFields,
} from './errors.ts';
export type { Shape } from './tensor.ts';
export type { TypedArray } from './typed.ts';
export type { WholeNumbers } from './whole-numbers.ts';
