/** Text that tells screen readers what a plot shows, when it has come to rest. */

/** Sets the text of an element at most every half second, the last one always. */
export function saidIn(element: HTMLElement): { say(text: string): void; destroy(): void } {
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
export function told(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return '–';
  const text = Number(value.toPrecision(digits)).toLocaleString('en', { maximumFractionDigits: 12 });
  return text.replace('-', '−');
}
