// Compile-only: `npm run typecheck` fails when a type below is not the one expected.
import { LapicqueError } from '../../src-ts/index.ts';

export function read(error: unknown): string | number {
  if (!(error instanceof LapicqueError)) return '';
  switch (error.code) {
    case 'shape-mismatch':
      return error.got;
    case 'too-large':
      return error.needed;
    case 'unknown-name':
      return error.details.name + (error.didYouMean ?? '');
    case 'io':
      // @ts-expect-error an io error has no shape
      return error.got;
    default:
      return error.message;
  }
}

// @ts-expect-error the fields of the code are needed
new LapicqueError('io', { path: '/x' });
// @ts-expect-error an unknown code
new LapicqueError('oops', {});
