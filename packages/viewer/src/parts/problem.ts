/** A message in place of what cannot be shown. */
import { dom } from './dom.ts';

export function problem(error: unknown): HTMLElement {
  return dom(
    'p',
    { class: 'problem', role: 'alert' },
    error instanceof Error ? error.message : String(error),
  );
}
