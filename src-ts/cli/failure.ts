/** Error messages and exit codes of the command line. */
import { CommanderError } from 'commander';
import { fromNative, LapicqueError } from '../checks/errors.ts';
import { printable, printableLines } from '../checks/printable.ts';
import { hasColor, styled } from '../terminal/color.ts';
import { fittedTo } from '../terminal/wrap.ts';

/** Exit codes. They are stable, because scripts depend on them. */
export const exit = { done: 0, failed: 1, wrongUse: 2, interrupted: 130, terminated: 143 } as const;

/** The reason of the abort signal after a SIGTERM. */
export const terminated = new Error('terminated');

/** A usage error, as opposed to an error during the work. */
export class WrongUse extends Error {
  readonly error: LapicqueError;

  constructor(error: LapicqueError) {
    super(error.message);
    this.error = error;
  }
}

/** The value of `check`; an error that it throws becomes a usage error. */
export function asUsageError<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof LapicqueError ? new WrongUse(error) : error;
  }
}

/** A failure as the command line reports it: a message, an object for `--json`, and an exit code. */
export interface Failure {
  code: number;
  /** Without control characters, because it may quote a file; on one line, except that an error in an equation shows the place. */
  message: string;
  json: Record<string, unknown>;
}

/** `undefined` if nothing failed: help or the version was requested. */
export function failureOf(thrown: unknown): Failure | undefined {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return undefined;
  if (thrown instanceof CommanderError) return failure(ofCommander(thrown), exit.wrongUse);
  if (thrown instanceof WrongUse) return failure(thrown.error, exit.wrongUse);
  if (isOurs(thrown) && thrown.code === 'aborted') {
    const json = thrown.toJSON();
    return thrown.cause === terminated
      ? { code: exit.terminated, message: terminated.message, json }
      : { code: exit.interrupted, message: 'interrupted', json };
  }
  if (isOurs(thrown)) return failure(thrown, exit.failed);
  if (isError(thrown))
    return {
      code: exit.failed,
      message: printable(`${thrown.name}: ${thrown.message}`),
      json: { code: 'internal', message: thrown.message, reason: `${thrown.name}: ${thrown.message}` },
    };
  return failure(fromNative(thrown), exit.failed);
}

/** A message as it is shown on stderr: in a terminal in lines of its width, otherwise on one line, so that programs can read it. */
export function errorLine(message: string): string {
  const name = 'lapicque:';
  const text = fittedTo(process.stderr, `${name} ${message}`);
  return hasColor(process.stderr) ? `${styled('red', name)}${text.slice(name.length)}` : text;
}

function failure(error: LapicqueError, code: number): Failure {
  // Messages of several lines, whose line breaks are our own: equations, and what to do about an addon that does not load.
  const isOfLines =
    error.code === 'equation' || (error.code === 'unsupported' && error.feature.startsWith('the platform '));
  const shown = isOfLines ? printableLines : printable;
  return { code, message: shown(error.message), json: error.toJSON() };
}

/** By form rather than class, because a recipe may have loaded another copy of the library. */
export function isOurs(thrown: unknown): thrown is LapicqueError {
  return (
    isError(thrown) &&
    (thrown.name === 'LapicqueError' || thrown.name === 'AbortError') &&
    typeof (thrown as LapicqueError).toJSON === 'function'
  );
}

function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error;
}

/** The message of the argument parser on one line, with one of our codes. */
function ofCommander(error: CommanderError): LapicqueError {
  const message = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  const [, name = ''] = /'([^']*)'/.exec(message) ?? [];
  const kind = { 'commander.unknownOption': 'option', 'commander.unknownCommand': 'command' }[error.code];
  if (kind !== undefined) {
    const didYouMean = /\(Did you mean (?:one of )?([^,?]+)/.exec(message)?.[1];
    const fields = didYouMean === undefined ? { kind, name } : { kind, name, didYouMean };
    return new LapicqueError('unknown-name', fields, { message }) as LapicqueError;
  }
  if (error.code === 'commander.help') {
    const fields = { name: 'command', value: 'nothing', expected: 'a command' };
    return new LapicqueError('invalid-parameter', fields) as LapicqueError;
  }
  const fields = { name, value: 'nothing', expected: message };
  return new LapicqueError('invalid-parameter', fields, { message }) as LapicqueError;
}
