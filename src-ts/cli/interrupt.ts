/** Ctrl-C, or a supervisor's SIGTERM, as an `AbortSignal`: the work ends at its next check and what it has finished stays. */
import { exit, terminated } from './failure.ts';

/** Fires at the first signal; a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const on = (name: NodeJS.Signals, reason: Error, code: number) => {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(code);
      controller.abort(reason);
    });
  };
  on('SIGINT', new Error('interrupted'), exit.interrupted);
  // Told to a container's first process, which the system does not end of itself.
  on('SIGTERM', terminated, exit.terminated);
  return controller.signal;
}
