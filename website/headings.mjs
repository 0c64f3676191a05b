// Anchors of headings as GitHub makes them, so that a link works in both places.

/** The anchor of a heading's text. */
export function anchorOf(text) {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** Anchors of one page, each of them once. */
export function anchors() {
  const taken = new Map();
  return (text) => {
    const anchor = anchorOf(text);
    const before = taken.get(anchor) ?? 0;
    taken.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  };
}
