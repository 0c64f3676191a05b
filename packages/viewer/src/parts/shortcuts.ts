/** The keys of a view, which a reader opens when he looks for them. */
import { dom } from './dom.ts';

/** Keys that belong together, and their effect. */
type Shortcut = readonly [keys: readonly string[], effect: string];

/** @param where - the plots that take the keys @returns a function that makes the element */
export function shortcuts(where: string, list: readonly Shortcut[]): () => HTMLElement {
  return () => {
    const rows = list.flatMap(([keys, effect]) => [
      dom('dt', {}, ...keys.flatMap((key, i) => [...(i === 0 ? [] : [' ']), dom('kbd', {}, key)])),
      dom('dd', {}, effect),
    ]);
    return dom(
      'details',
      { class: 'shortcuts' },
      dom('summary', {}, 'Keyboard shortcuts'),
      dom('p', { class: 'note' }, where),
      dom('dl', {}, ...rows),
    );
  };
}
