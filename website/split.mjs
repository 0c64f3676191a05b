// Long generated pages as one page for each section: a neuron, a layer, a synapse.

/**
 * @param level - of the headings that begin a page of their own
 * @returns the text before the first of them, and the sections: their heading and their text
 */
export function split(text, level) {
  const mark = '#'.repeat(level);
  const lines = text.split('\n');
  const [head, sections] = [[], []];
  let fenced = false;
  for (const line of lines) {
    if (line.startsWith('```')) fenced = !fenced;
    const [, depth, words] = (!fenced && /^(#{2,}) (.*)$/.exec(line)) || [];
    if (depth === mark) sections.push({ heading: words, lines: [] });
    // A heading above those ends the section before it, and has a page of its own where it has a text.
    else if (depth !== undefined && depth.length < level)
      sections.push({ heading: words, lines: [], above: true });
    else (sections.at(-1)?.lines ?? head).push(line);
  }
  return {
    head: head.join('\n'),
    sections: sections
      .map(({ heading, lines: own }) => ({ heading, text: own.join('\n').trim() }))
      .filter(({ text: own }) => own !== ''),
  };
}
