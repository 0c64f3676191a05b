/** Synapses of SONATA onto cells with dendrites: their kinetics, and their places. */

import { iterationsPerCheck, type Yielder } from '../engine/yielder.ts';
import type { SynapseKinetics } from '../morphology/cell-population.ts';
import type { Region } from '../morphology/region.ts';
import type { CellNeurons } from './cell-nodes.ts';
import type { SynapseKind } from './edge-synapses.ts';
import type { Elements } from './elements.ts';
import { unsupported } from './json.ts';
import { isExp2Syn } from './synapses.ts';

/** BMTK's and SONATA's names of parts of a cell. */
const tagOf: Readonly<Record<string, Region>> = {
  ...{ soma: 'soma', somatic: 'soma', axon: 'axon', axonal: 'axon' },
  ...{ dend: 'dend', basal: 'dend', apic: 'apic', apical: 'apic' },
};

/** The most synapses of an edge that does not say where they are. */
const mostPerEdge = 1000;

/** Synapses onto one target: the edge of each, and its conductance in µS. */
export interface Targeted {
  readonly edges: Uint32Array;
  readonly weights: Float64Array;
}

/**
 * Synapses of edges onto a part of cells by their targets, which are added to the cells. An edge that does not say where it is has `nsyns` synapses, each at a
 * place of its own. For {@link Yielder.run}.
 */
export type ByTarget = (
  chosen: Uint32Array,
  weights: Float64Array,
  kind: SynapseKind,
  onto: CellNeurons,
) => Generator<undefined, ReadonlyMap<string, Targeted>>;

/** Reads the places of edges onto cells. */
export async function synapsesByTarget(edges: Elements, path: string, yielder: Yielder): Promise<ByTarget> {
  const numbers = async (...names: readonly string[]) => {
    for (const name of names) {
      const values = await yielder.run(edges.numbers(name));
      if (values !== undefined) return values;
    }
    return undefined;
  };
  const section = await numbers('afferent_section_id', 'sec_id');
  const position = await numbers('afferent_section_pos', 'sec_x');
  const sections = await yielder.run(edges.values('target_sections'));
  const range = await yielder.run(edges.values('distance_range'));
  const counts = await numbers('nsyns');
  const has = (value: unknown) => value !== undefined && value !== 'NULL' && !Number.isNaN(value);
  const isPlaced = (edge: number) => has(section?.[edge]) && has(position?.[edge]);
  const targetOf = (edge: number, kinetics: SynapseKinetics, onto: CellNeurons): string => {
    const wrong = (reason: string) => edges.error(`edge ${edge}: ${reason}`);
    const key = `${kinetics.rise},${kinetics.decay},${kinetics.reversal}`;
    if (isPlaced(edge)) {
      const at = onto.place(section![edge]!, position![edge]!, wrong);
      return onto.add(`${key}@${onto.cell.node(at)}`, () => ({ ...kinetics, at }), path);
    }
    const [tags, distances] = [sections?.[edge], range?.[edge]];
    if (!has(tags) && !has(distances))
      throw unsupported(
        path,
        `edge ${edge} onto a cell with neither afferent_section_id and afferent_section_pos nor target_sections or distance_range`,
      );
    const region = (): Region => ({
      intersection: [
        ...(has(tags) ? [{ union: tagsOf(String(tags), wrong) }] : []),
        ...(has(distances) ? [{ distance: rangeOf(String(distances), wrong) }] : []),
      ],
    });
    return onto.add(`${key}@${tags},${distances}`, () => ({ ...kinetics, region: region() }), path);
  };
  return function* (chosen, weights, kind, onto) {
    const kinetics = kineticsOf(kind, path, edges);
    const all = new Map<string, { edges: number[]; weights: number[] }>();
    for (const [k, edge] of chosen.entries()) {
      if (k % iterationsPerCheck === 0) yield;
      if (weights[edge]! < 0)
        throw edges.error(`edge ${edge} has the conductance ${weights[edge]} µS; expected at least 0`);
      const name = targetOf(edge, kinetics, onto);
      const own = all.get(name) ?? { edges: [], weights: [] };
      all.set(name, own);
      const count = isPlaced(edge) || !has(counts?.[edge]) ? 1 : counts![edge]!;
      if (!Number.isInteger(count) || count < 0 || count > mostPerEdge)
        throw edges.error(`edge ${edge} has ${count} nsyns; expected a whole number up to ${mostPerEdge}`);
      for (let i = 0; i < count; i++) {
        own.edges.push(edge);
        own.weights.push(weights[edge]! / count);
      }
    }
    return new Map(
      [...all].map(([name, own]) => [
        name,
        { edges: Uint32Array.from(own.edges), weights: Float64Array.from(own.weights) },
      ]),
    );
  };
}

function kineticsOf(
  { template, params, edge, typeId }: SynapseKind,
  path: string,
  edges: Elements,
): SynapseKinetics {
  const wrong = (reason: string) => edges.error(`edge ${edge} of edge_type_id ${typeId}: ${reason}`);
  if (!isExp2Syn(template))
    throw unsupported(path, `the synapse ${template} of edge_type_id ${typeId} onto cells; exp2syn is known`);
  // NEURON's defaults. level_of_detail names the synapse once more.
  const { tau1 = 0.1, tau2 = 10, erev = 0, level_of_detail: _, ...others } = params;
  const [other] = Object.keys(others);
  if (other !== undefined) throw unsupported(path, `the parameter ${other} of an exp2syn`);
  if (typeof tau1 !== 'number' || typeof tau2 !== 'number' || typeof erev !== 'number')
    throw wrong(`tau1, tau2 and erev of its exp2syn should be numbers, not ${tau1}, ${tau2} and ${erev}`);
  if (!(tau1 > 0 && tau1 < tau2)) throw wrong(`its exp2syn has a tau1 of ${tau1} and a tau2 of ${tau2} ms`);
  return { kinetics: 'doubleExponential', rise: tau1, decay: tau2, reversal: erev };
}

/** A list as Python writes it: `['basal', 'apical']`. */
function listOf(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll("'", '"').replace('(', '[').replace(')', ']'));
  } catch {
    return undefined;
  }
}

function tagsOf(text: string, wrong: (reason: string) => Error): Region[] {
  const list = listOf(text) ?? text;
  const names = Array.isArray(list) ? list : [list];
  return names.map((name) => {
    const tag = Object.hasOwn(tagOf, String(name)) ? tagOf[String(name)] : undefined;
    if (tag === undefined)
      throw wrong(`target_sections is ${text}; known are ${Object.keys(tagOf).join(', ')}`);
    return tag;
  });
}

function rangeOf(text: string, wrong: (reason: string) => Error): [number, number] {
  const list = listOf(text);
  const isRange = Array.isArray(list) && list.length === 2 && list.every((x) => typeof x === 'number');
  if (!isRange) throw wrong(`distance_range is ${text}; expected [from, to] in µm`);
  return list as [number, number];
}
