/** The script of the page, and the component for other pages. */
import { startPage } from './page.ts';
import { paint } from './parts/theme.ts';
import { memoryState } from './state.ts';
import type { MountedView, View, ViewSource, ViewState } from './view.ts';
import { views } from './views.ts';

export { httpSource, itemsOfServer } from './source.ts';
export type { MountedView, View, ViewSource, ViewState } from './view.ts';

/**
 * Shows a view in an element of any page, for example a window of Electron. The page loads `@lapicque/viewer/viewer.css`, too.
 *
 * @param source - where the data come from: `httpSource` for a server of `view(…)`, or functions of your own, over IPC for example
 * @param view - the kind, `'training'` for example, or a view of your own
 * @param state - where the view keeps its state; by default in memory
 */
export function mount(
  element: HTMLElement,
  { source, view, state = memoryState() }: { source: ViewSource; view: string | View; state?: ViewState },
): MountedView {
  const definition = typeof view === 'string' ? views.find(({ kind }) => kind === view) : view;
  if (definition === undefined)
    throw new Error(`view: ${String(view)}; expected one of ${views.map(({ kind }) => kind).join(', ')}`);
  element.classList.add('lapicque-view');
  const stop = paint(element);
  const mounted = definition.mount(element, source, state);
  return {
    destroy() {
      mounted.destroy();
      stop();
      element.replaceChildren();
    },
  };
}

const page = document.getElementById('lapicque-page');
if (page !== null) startPage(page, mount);
