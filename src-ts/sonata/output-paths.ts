/** Where the files of a configuration may be written: it may come from anyone, so it does not choose which files are replaced. */
import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { invalid } from '../checks/check.ts';

/** The path of `file` from `folder`, if it is in it or below it; `''` for the folder itself. */
export function within(folder: string, file: string): string | undefined {
  const path = relative(folder, file);
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path) ? undefined : path;
}

/**
 * Refuses files that a link leads out of `root`, and files that the network was read from.
 *
 * @param root - a folder that exists
 * @throws LapicqueError `invalid-parameter`
 */
export async function checkPlaces(
  root: string,
  files: readonly string[],
  read: ReadonlySet<string>,
): Promise<void> {
  const top = await realpath(root);
  const sources = new Set(await Promise.all([...read].map(realOf)));
  for (const file of files) {
    const real = await realOf(file);
    if (within(top, real) === undefined)
      invalid('file_name', file, `a file in ${root}; a symbolic link leads to ${real}`);
    if (sources.has(real)) invalid('file_name', file, 'a file that the network is not read from');
  }
}

/** The path without symbolic links; what does not exist has none. */
async function realOf(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch {
    const folder = dirname(file);
    return folder === file
      ? file
      : `${await realOf(folder)}${sep}${file.slice(folder.length).replace(/^[/\\]/, '')}`;
  }
}
