/** Errors of the code in recipes and network scripts, told as theirs. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LapicqueError } from '../checks/errors.ts';
import { isOurs } from './failure.ts';

/** What `run` gives; what it throws is the script's, but for errors of ours that it ran into, which speak for themselves. */
export async function inScript<T>(format: string, path: string, run: () => T): Promise<Awaited<T>> {
  try {
    return await run();
  } catch (error) {
    throw isOurs(error) ? error : broken(format, path, error);
  }
}

/** What was thrown long after a script was loaded, told as the script's where its trace leads there. */
export function ofScript(format: string, path: string, error: unknown): unknown {
  return isOurs(error) || lineIn(path, error) === undefined ? error : broken(format, path, error);
}

/** An error of a file's content, with the line where it is. */
export function broken(format: string, path: string, error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const at = lineIn(path, error);
  const reason = `${name}: ${message.split('\n')[0]}`;
  return new LapicqueError(
    'malformed-file',
    { format, offset: 0, reason },
    { message: `${path}${at === undefined ? '' : `, line ${at}`}: ${reason}`, cause: error },
  );
}

/** The line of a script that an error comes from. */
function lineIn(path: string, error: unknown): string | undefined {
  const { stack = '' } = error instanceof Error ? error : {};
  // Of TypeScript the trace has the path, of JavaScript the URL.
  const places = [pathToFileURL(resolve(path)).href, resolve(path)].map((place) => stack.split(place)[1]);
  return places
    .map((place) => place?.match(/^(?:\?typescript)?:(\d+)/)?.[1])
    .find((line) => line !== undefined);
}
