/** Errors of users' recipes and network scripts, reported with their locations. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LapicqueError } from '../checks/errors.ts';
import { isOurs } from './failure.ts';

/**
 * Runs a script. An error that it throws is reported as the script's, except errors of lapicque, which are passed on.
 */
export async function inScript<T>(format: string, path: string, run: () => T): Promise<Awaited<T>> {
  try {
    return await run();
  } catch (error) {
    throw isOurs(error) ? error : broken(format, path, error);
  }
}

/** Reports an error that was thrown after loading as the script's, if its stack trace contains the script. */
export function ofScript(format: string, path: string, error: unknown): unknown {
  return isOurs(error) || lineIn(path, error) === undefined ? error : broken(format, path, error);
}

/** An error in a file's content, with its line. */
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

/** The line of a script that caused an error. */
function lineIn(path: string, error: unknown): string | undefined {
  const { stack = '' } = error instanceof Error ? error : {};
  // The stack trace contains the path for TypeScript, and the URL for JavaScript.
  const tails = [pathToFileURL(resolve(path)).href, resolve(path)].map((source) => stack.split(source)[1]);
  return tails.map((tail) => tail?.match(/^(?:\?typescript)?:(\d+)/)?.[1]).find((line) => line !== undefined);
}
