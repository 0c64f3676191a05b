/** The order in which NEURON numbers the sections of an SWC file: by type, and within a type by their first points in the file. */
import type { Branch, Morphology } from '../morphology/morphology.ts';
import { unsupported } from './json.ts';

const typeOf: Readonly<Record<string, number>> = { soma: 1, axon: 2, dend: 3, apic: 4 };

/**
 * Branches by the numbers of sections (`afferent_section_id`).
 *
 * @throws LapicqueError `unsupported` if branches of one type cannot be told apart, because all their points occur twice
 */
export function sectionOrder(morphology: Morphology, bytes: Uint8Array, path: string): readonly number[] {
  // By place and radius: the line, or -1 if several lines are the same.
  const lines = new Map<string, number>();
  const rows = new TextDecoder().decode(bytes).split('\n');
  rows.forEach((row, line) => {
    const words = row
      .split('#')[0]!
      .trim()
      .split(/[\s,]+/);
    if (words.length < 7) return;
    const key = words.slice(2, 6).map(Number).join();
    lines.set(key, lines.has(key) ? -1 : line);
  });
  const firstLine = (branch: Branch): number => {
    const { points, index, parent } = branch;
    // A branch on another one begins with a point of that.
    const from = parent === undefined || parent === 0 ? 0 : 1;
    for (let i = from; i < points.length / 4; i++) {
      const line = lines.get(Array.from(points.subarray(4 * i, 4 * i + 4)).join());
      if (line !== undefined && line >= 0) return line;
    }
    if (index === 0) return -1;
    throw unsupported(path, `the number of the section of branch ${index}: all its points occur twice`);
  };
  const { branches } = morphology;
  const keys = branches.map(
    (branch) => [typeOf[branch.tag] ?? Number(branch.tag), firstLine(branch)] as const,
  );
  return branches
    .map(({ index }) => index)
    .sort((a, b) => keys[a]![0] - keys[b]![0] || keys[a]![1] - keys[b]![1]);
}
