/** The order in which NEURON numbers the sections of an SWC file. */
import type { Morphology } from '../morphology/morphology.ts';

const typeOf: Readonly<Record<string, number>> = { soma: 1, axon: 2, dend: 3, apic: 4 };

/** Branches by the numbers of their sections (`afferent_section_id`): by type, and within a type by the ids of their first points. */
export function sectionOrder({ branches, firstIds = new Int32Array() }: Morphology): readonly number[] {
  const type = (branch: number) => typeOf[branches[branch]!.tag] ?? Number(branches[branch]!.tag);
  return branches.map(({ index }) => index).sort((a, b) => type(a) - type(b) || firstIds[a]! - firstIds[b]!);
}
