/** Texts of plots: numbers for people, and captions for screen readers. */

/** Sets the text of an element at most every half second, the last one always. */
export function throttledText(element: HTMLElement): { say(text: string): void; destroy(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = '';
  const set = () => {
    timer = undefined;
    if (element.textContent !== last) element.textContent = last;
  };
  return {
    say(text) {
      last = text;
      if (element.textContent === '') set();
      else timer ??= setTimeout(set, 500);
    },
    destroy: () => clearTimeout(timer),
  };
}

/** A number as people read it: `1,234.5`. */
export function numberText(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return '–';
  const text = Number(value.toPrecision(digits)).toLocaleString('en', { maximumFractionDigits: 12 });
  return text.replace('-', '−');
}
