/** Elements. */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Makes an element. An attribute of `undefined` or `false` is left out, `true` is an empty one; `class` and `aria-…` are attributes like others. */
export function dom<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  element.append(...children);
  return element;
}

let idCount = 0;

/** An id that no other element of the page has, for labels. */
export function uniqueId(): string {
  idCount += 1;
  return `lapicque-${idCount}`;
}
