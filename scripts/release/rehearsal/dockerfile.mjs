// What a Dockerfile says, as data. It knows the instructions that the Dockerfiles of this repository use, and refuses others.
const known = new Set([
  ...['ARG', 'FROM', 'ENV', 'WORKDIR', 'COPY', 'RUN', 'USER', 'EXPOSE', 'HEALTHCHECK', 'CMD'],
]);

/**
 * The stages: `{ name, base, steps: [{ instruction, text }] }`; `base` is an image, or the name of a stage before it.
 * Arguments have their defaults.
 */
export function stagesOf(dockerfile) {
  const global = {};
  const stages = [];
  const lines = dockerfile
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  for (const line of lines.filter((line) => line.trim() !== '')) {
    const [, instruction, text] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (!known.has(instruction)) throw new Error(`unknown instruction: ${line}`);
    if (instruction === 'FROM') {
      const [image, , name] = text.split(/\s+/);
      const base = image.replace(/\$\{(\w+)\}/g, (_, key) => global[key]);
      stages.push({ name: name ?? '', base, steps: [] });
    } else if (stages.length === 0) Object.assign(global, pairs(text));
    else stages.at(-1).steps.push({ instruction, text });
  }
  return stages;
}

/** `{ NAME: value }` of `NAME=value NAME=value`. */
export function pairs(text) {
  return Object.fromEntries(
    text.split(/\s+/).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

/** The options and the paths of a COPY. */
export function copyOf(text) {
  const words = text.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) };
}
