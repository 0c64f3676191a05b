/** What a call fails with: the error itself if it is one of the library's, `undefined` when it succeeds. */
import { LapicqueError } from '../../src-ts/index.ts';

/** Anything else that is thrown is thrown on: it has no code that a program could act on. */
export async function failure(call: () => unknown): Promise<LapicqueError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof LapicqueError) return error;
    throw error;
  }
}

/** `code: message`, or `succeeded`. */
export async function outcome(call: () => unknown): Promise<string> {
  const error = await failure(call);
  return error === undefined ? 'succeeded' : `${error.code}: ${error.message}`;
}

/** The same of a call that returns at once. */
export function outcomeNow(call: () => unknown): string {
  try {
    call();
    return 'succeeded';
  } catch (error) {
    if (error instanceof LapicqueError) return `${error.code}: ${error.message}`;
    throw error;
  }
}
