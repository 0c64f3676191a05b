/** A part of a view: a heading, controls, and what it shows. */
import { dom, uniqueId } from './dom.ts';

export interface Panel {
  readonly element: HTMLElement;
  /** Beside the heading. */
  readonly controls: HTMLElement;
  readonly body: HTMLElement;
  /** The text below, which describes what is shown; screen readers read it. */
  readonly caption: HTMLElement;
}

/** @param wide - whether the panel takes the whole width of the page */
export function panel(title: string, { wide = false }: { wide?: boolean } = {}): Panel {
  const id = uniqueId();
  const controls = dom('div', { class: 'controls' });
  const body = dom('div', { class: 'body' });
  const caption = dom('p', { class: 'caption' });
  const element = dom(
    'section',
    { class: wide ? 'panel wide' : 'panel', 'aria-labelledby': id },
    dom('header', {}, dom('h2', { id }, title), controls),
    body,
    caption,
  );
  return { element, controls, body, caption };
}
