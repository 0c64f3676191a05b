/** Controls, each with a name that is seen or read aloud. */
import { dom, uniqueId } from './dom.ts';

/** A button with a text. */
export function button(
  text: string,
  press: () => void,
  { title }: { title?: string } = {},
): HTMLButtonElement {
  const element = dom('button', { type: 'button', title }, text);
  element.addEventListener('click', press);
  return element;
}

/** A button that is on or off. */
export function toggle(
  text: string,
  on: boolean,
  change: (on: boolean) => void,
): { element: HTMLButtonElement; set(on: boolean): void } {
  const element = dom('button', { type: 'button', 'aria-pressed': String(on) }, text);
  const set = (to: boolean) => element.setAttribute('aria-pressed', String(to));
  element.addEventListener('click', () => {
    const to = element.getAttribute('aria-pressed') !== 'true';
    set(to);
    change(to);
  });
  return { element, set };
}

/** A box to tick with its label. */
export function checkbox(
  label: string,
  on: boolean,
  change: (on: boolean) => void,
): { element: HTMLLabelElement; input: HTMLInputElement } {
  const input = dom('input', { type: 'checkbox' });
  input.checked = on;
  input.addEventListener('change', () => change(input.checked));
  return { element: dom('label', { class: 'choice' }, input, label), input };
}

/** A list to choose one of, with its label. */
export function select(
  label: string,
  options: readonly { value: string; text: string }[],
  chosen: string,
  change: (value: string) => void,
): { element: HTMLElement; input: HTMLSelectElement } {
  const id = uniqueId();
  const input = dom('select', { id }, ...options.map(({ value, text }) => dom('option', { value }, text)));
  input.value = chosen;
  input.addEventListener('change', () => change(input.value));
  return { element: dom('span', { class: 'field' }, dom('label', { for: id }, label), input), input };
}

/** A field for a text, with its label. */
export function textField(
  label: string,
  value: string,
  change: (value: string) => void,
  { placeholder }: { placeholder?: string } = {},
): { element: HTMLElement; input: HTMLInputElement } {
  const id = uniqueId();
  const input = dom('input', { id, type: 'text', placeholder, autocomplete: 'off', spellcheck: 'false' });
  input.value = value;
  input.addEventListener('change', () => change(input.value));
  return { element: dom('span', { class: 'field' }, dom('label', { for: id }, label), input), input };
}
