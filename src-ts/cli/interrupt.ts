/**
 * Converts Ctrl-C or a supervisor's SIGTERM to an `AbortSignal`: the work ends at its next check, and finished parts
 * are kept.
 */
import { exit, terminated } from './failure.ts';

/** Exits the process soon, although something is open that would keep it, such as a connection that is tried again. */
export function exitSoon(): void {
  // Output that is under way needs a moment.
  setTimeout(() => process.exit(), 250).unref();
}

/** Fires at the first signal; a second one exits the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const on = (name: NodeJS.Signals, reason: Error, code: number) => {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(code);
      controller.abort(reason);
    });
  };
  on('SIGINT', new Error('interrupted'), exit.interrupted);
  // The system does not end the first process of a container by SIGTERM without a handler.
  on('SIGTERM', terminated, exit.terminated);
  return controller.signal;
}
