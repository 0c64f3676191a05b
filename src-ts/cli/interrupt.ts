/** Ctrl-C as an `AbortSignal`: the work ends at its next check and what it has finished stays. */
import { exit } from './failure.ts';

/** Fires at the first SIGINT; a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  process.on('SIGINT', () => {
    if (controller.signal.aborted) process.exit(exit.interrupted);
    controller.abort(new Error('interrupted'));
  });
  return controller.signal;
}
