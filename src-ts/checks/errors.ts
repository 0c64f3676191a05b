// The one error class of the library: every error has a stable `code` and fields that say what is wrong, so that a
// program can act on it without reading the message. The native layer throws plain objects of the same form.

import { getSystemErrorMap } from 'node:util';

/** The fields of each error code. A code never changes once it has been released. */
export interface ErrorFields {
  /** Two things do not fit together, or an array has the wrong number of elements. */
  'shape-mismatch': { layer: string; expected: string; got: string };
  /**
   * A name (an option, a layer, a neuron model …) that does not exist, with a similar existing name; or, without a similar one, with `known`,
   * the existing names, if they are few.
   */
  'unknown-name': { kind: string; name: string; didYouMean?: string; known?: readonly string[] };
  /** A value of the wrong type or out of range. */
  'invalid-parameter': { name: string; value: string; expected: string };
  /** An error in a user's equation; `frame` shows the line and points at the column. */
  equation: { line: number; column: number; reason: string; frame: string };
  /**
   * Weights of another library that do not fit the model. `model` and `tensors` are the names on both sides that are left
   * over, do not fit one another, or are ambiguous.
   */
  'weights-mismatch': { model: readonly string[]; tensors: readonly string[]; reason: string };
  /** NaN or an infinity where a finite number is needed. */
  'non-finite': { layer: string; step: number; name: string };
  /** A feature that the format or the machine does not support. */
  unsupported: { feature: string; format: string };
  /** A file that is not what it claims to be; `offset` is in bytes of the uncompressed content. */
  'malformed-file': { format: string; offset: number; reason: string };
  /** Sizes in bytes. */
  'too-large': { what: string; needed: number; allowed: number };
  /** The operating system refused to read or write. */
  io: {
    path: string;
    reason: string;
    /** The system's name of the reason, such as `ENOENT` or `ENOSPC`, if there is one (not on Windows). */
    errno?: string;
  };
  /** The engine's queue is full: as many calls wait as `setEngineLimits` allows. Try again later. */
  busy: { queued: number; limit: number };
  /**
   * A trial of a study ends early because its pruner or its objective requested it. The error passes through
   * the objective.
   */
  pruned: { trial: number; step?: number };
  /** A trial of a study did not end within its time limit. */
  'time-limit': { what: string; seconds: number };
  /** The process that ran a trial of a study ended before the trial did. */
  'process-exit': { what: string; status: string };
  /** Canceled through an `AbortSignal`; `name` is `AbortError`, `cause` the signal's reason. */
  aborted: Record<never, never>;
  /** Use of a handle whose native memory has been freed. */
  disposed: { what: string };
  /** A bug of lapicque: please report it. */
  internal: { reason: string };
}

/** The stable codes. */
export type ErrorCode = keyof ErrorFields;

/** Properties that every {@link LapicqueError} has. */
export interface LapicqueErrorBase<C extends ErrorCode> extends Error {
  readonly code: C;
  /** All fields of the code. `name` is only here, because `error.name` is the class of the error. */
  readonly details: Readonly<ErrorFields[C]>;
  /** A plain object for `JSON.stringify`: `code`, `message`, the fields, and the cause's message. */
  toJSON(): Record<string, unknown>;
}

/** The fields on the error itself: all except `name`, which every JavaScript error has already. */
export type OwnFields<C extends ErrorCode> = Readonly<Omit<ErrorFields[C], 'name'>>;

/** An error of the library: a union discriminated by `code`, each member with the fields of {@link ErrorFields}. */
export type LapicqueError = {
  [C in ErrorCode]: LapicqueErrorBase<C> & OwnFields<C>;
}[ErrorCode];

/** The constructor's type: `instanceof LapicqueError` narrows to the union, `code` to one member of it. */
export interface LapicqueErrorConstructor {
  new <C extends ErrorCode>(
    code: C,
    fields: ErrorFields[C],
    options?: { cause?: unknown; message?: string },
  ): LapicqueErrorBase<C> & OwnFields<C>;
  readonly prototype: LapicqueError;
}

/** The messages, one per code; the same as those of the native layer (`src-rs/core/base/error.rs`). */
const sentences: { [C in ErrorCode]: (fields: ErrorFields[C]) => string } = {
  'shape-mismatch': (f) => `${f.layer}: expected shape ${f.expected} but got ${f.got}`,
  'unknown-name': (f) => {
    const close = f.didYouMean === undefined ? '' : `; did you mean "${f.didYouMean}"?`;
    const known = f.known === undefined ? '' : `; known are ${f.known.join(', ')}`;
    return `unknown ${f.kind} "${f.name}"${close}${known}`;
  },
  'invalid-parameter': (f) => `${f.name}: expected ${f.expected} but got ${f.value}`,
  equation: (f) => `line ${f.line}, column ${f.column}: ${f.reason}\n${f.frame}`,
  'weights-mismatch': (f) => {
    const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));
    return `${f.reason}; of the model: ${list(f.model)}; of the tensors: ${list(f.tensors)}`;
  },
  'non-finite': (f) => `${f.layer}: ${f.name} is not finite at step ${f.step}`,
  unsupported: (f) => `${f.format} does not support ${f.feature}`,
  'malformed-file': (f) => `malformed ${f.format} file at byte ${f.offset}: ${f.reason}`,
  'too-large': (f) => `${f.what} needs ${f.needed} bytes but ${f.allowed} are available`,
  io: (f) => `${f.path}: ${f.reason}`,
  busy: (f) => `the engine is busy: ${f.queued} calls wait, and at most ${f.limit} may; try again later`,
  pruned: (f) => `trial ${f.trial} was pruned${f.step === undefined ? '' : ` after step ${f.step}`}`,
  'time-limit': (f) => `${f.what} did not end within ${f.seconds} s`,
  'process-exit': (f) => `${f.what}: its process ended with ${f.status}`,
  aborted: () => 'the operation was aborted',
  disposed: (f) => `${f.what} has been disposed`,
  internal: (f) => `internal error (please report it): ${f.reason}`,
};

/** Marks the errors of every copy of the package in a process: `import` and `require` load one copy each. */
const mark = Symbol.for('lapicque.error');

class TypedError<C extends ErrorCode> extends Error {
  override readonly name: string;
  readonly code: C;
  readonly details: Readonly<ErrorFields[C]>;

  constructor(code: C, fields: ErrorFields[C], options: { cause?: unknown; message?: string } = {}) {
    const cause = 'cause' in options ? { cause: options.cause } : {};
    super(options.message ?? sentences[code](fields), cause);
    const { name: _, ...own } = fields as { name?: string };
    Object.assign(this, own);
    // The name that fetch, streams and timers use. So one check covers every cancellation.
    this.name = code === 'aborted' ? 'AbortError' : 'LapicqueError';
    this.code = code;
    this.details = { ...fields };
    // The fields are properties of the error itself already.
    Object.defineProperty(this, 'details', { enumerable: false });
    Object.defineProperty(this, 'name', { enumerable: false });
  }

  toJSON(): Record<string, unknown> {
    const json: Record<string, unknown> = { code: this.code, message: this.message, ...this.details };
    if (this.cause !== undefined) {
      json.cause = this.cause instanceof Error ? this.cause.message : String(this.cause);
    }
    return json;
  }
}
Object.defineProperty(TypedError, 'name', { value: 'LapicqueError' });
Object.defineProperty(TypedError.prototype, mark, { value: true });
Object.defineProperty(TypedError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    // A subclass recognizes only its own instances.
    if (this !== TypedError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && mark in value;
  },
});

/**
 * The class of every error that lapicque throws on purpose.
 *
 * @example
 * ```ts
 * try {
 *   await model.fit(loader, { epochs: 5, loss: loss.crossEntropyCount() });
 * } catch (error) {
 *   if (error instanceof LapicqueError && error.code === 'shape-mismatch') console.log(error.layer, error.got);
 *   else throw error;
 * }
 * ```
 */
export const LapicqueError = TypedError as unknown as LapicqueErrorConstructor;

/** The error of a canceled operation: `name` is `AbortError`, `code` is `aborted`, `cause` is `signal.reason`. */
export function abortError(signal: AbortSignal): LapicqueErrorBase<'aborted'> {
  return new LapicqueError('aborted', {}, { cause: signal.reason });
}

/** Converts an error of Node's file functions. */
export function ioError(path: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const { code } = error as NodeJS.ErrnoException;
  const errno = typeof code === 'string' ? { errno: code } : {};
  return new LapicqueError('io', { path, reason, ...errno }, { cause: error });
}

/** Throws the {@link abortError} of a signal that has already fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/**
 * Converts an error of the native layer, a plain object `{ code, message, ...fields }`, into a {@link
 * LapicqueError}. A `LapicqueError` passes through. If the signal has fired, its reason becomes the cause.
 * Any other thrown value becomes the cause of an `internal` error.
 */
export function fromNative(thrown: unknown, signal?: AbortSignal): LapicqueError {
  if (thrown instanceof LapicqueError) return thrown;
  if (typeof thrown === 'object' && thrown !== null && isCode((thrown as { code?: unknown }).code)) {
    const { code, message, stack, ...fields } = thrown as Record<string, unknown>;
    for (const key of Object.keys(fields)) if (fields[key] === null) delete fields[key];
    const errno = code === 'io' ? systemName(fields.reason) : undefined;
    if (errno !== undefined) fields.errno = errno;
    const options: { message?: string; cause?: unknown } = {};
    if (typeof message === 'string' && message !== '') options.message = message;
    if (code === 'aborted' && signal?.aborted) options.cause = signal.reason;
    return new LapicqueError(code as ErrorCode, fields as never, options) as LapicqueError;
  }
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new LapicqueError('internal', { reason }, { cause: thrown });
}

/** From the error number that Rust appends to a reason. The numbers of Windows differ. */
function systemName(reason: unknown): string | undefined {
  const number = /\(os error (\d+)\)$/.exec(String(reason))?.[1];
  return number === undefined || process.platform === 'win32'
    ? undefined
    : getSystemErrorMap().get(-number)?.[0];
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(sentences, code);
}

/** Whether an error is a `LapicqueError` with this code. */
export function isError<C extends ErrorCode>(
  error: unknown,
  code: C,
): error is LapicqueErrorBase<C> & OwnFields<C> {
  return error instanceof LapicqueError && error.code === code;
}

/** Whether an error is a cancellation. */
export function isAbort(error: unknown): boolean {
  return isError(error, 'aborted');
}
