/** A view that begins with the description of its item. */
import type { View, ViewSource, ViewState } from '../view.ts';
import { dom } from './dom.ts';
import { problem } from './problem.ts';

/** The view of a kind: says `waiting` until the description is there, and then shows it; an error takes its place. */
export function describedView<Facts>(
  kind: string,
  waiting: string,
  show: (element: HTMLElement, source: ViewSource, state: ViewState, facts: Facts) => { destroy(): void },
): View {
  return {
    kind,
    mount(element, source, state) {
      element.replaceChildren(dom('p', { class: 'note', role: 'status' }, waiting));
      let mounted: { destroy(): void } | undefined;
      let isDestroyed = false;
      source.json<Facts>('describe').then(
        (facts) => {
          if (!isDestroyed) mounted = show(element, source, state, facts);
        },
        (error: unknown) => element.replaceChildren(problem(error)),
      );
      return {
        destroy() {
          isDestroyed = true;
          mounted?.destroy();
        },
      };
    },
  };
}
