/** A view that begins with the description of its item. */
import type { View, ViewSource, ViewState } from '../view.ts';
import { dom } from './dom.ts';
import { problem } from './problem.ts';

/** Delay in ms after which the description is requested again after an error: its file may not be written yet. */
const retryDelay = 3000;

/**
 * Reads the description of an item, until that succeeds.
 *
 * @param failed - called after each attempt that does not
 */
export function description<Facts>(
  source: ViewSource,
  show: (facts: Facts) => void,
  failed: (error: unknown) => void,
): { stop(): void } {
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = async () => {
    try {
      const facts = await source.json<Facts>('describe');
      if (!isStopped) show(facts);
    } catch (error) {
      if (isStopped) return;
      failed(error);
      timer = setTimeout(read, retryDelay);
    }
  };
  void read();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

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
      const reading = description<Facts>(
        source,
        (facts) => {
          mounted = show(element, source, state, facts);
        },
        (error) => element.replaceChildren(problem(error)),
      );
      return {
        destroy() {
          reading.stop();
          mounted?.destroy();
        },
      };
    },
  };
}
