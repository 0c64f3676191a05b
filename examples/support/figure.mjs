// Pictures of the examples: figures of the library with a title and a caption, written to build/.
import { mkdir } from 'node:fs/promises';

/** Writes a figure as PNG below its title and caption, and returns the path. */
export async function picture(name, made, { width, height } = {}) {
  await mkdir('build', { recursive: true });
  const path = `build/${name}.png`;
  await made
    .with({ titles: true, fontSize: 12, width, ...(height === undefined ? {} : { height }) })
    .save(path);
  return path;
}
