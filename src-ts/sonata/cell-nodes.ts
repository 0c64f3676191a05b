/** Biophysical nodes of SONATA: cells with dendrites, as populations whose targets are the places of their synapses. */
import { resolve } from 'node:path';
import { invalid } from '../checks/check.ts';
import type { Layout } from '../circuit/elements/layout.ts';
import type { Population } from '../circuit/elements/populations.ts';
import type { Cell } from '../morphology/cell.ts';
import { type CellTarget, cellPopulation } from '../morphology/cell-population.ts';
import { type Branch, fromBranches, type Location, type Morphology } from '../morphology/morphology.ts';
import { allenCell } from './allen-cell.ts';
import type { Config } from './config.ts';
import type { SonataFiles } from './files.ts';
import { malformed, unsupported } from './json.ts';
import { sectionOrder } from './section-order.ts';
import type { CellModels } from './sonata-cell.ts';

/** Attributes that the nodes of one population of cells share. */
export interface CellStatements {
  readonly template: string;
  readonly morphology: string;
  readonly processing: string | undefined;
  readonly params: string | undefined;
}

/** The target of currents. */
export const electrode = 'electrode';
/** The most places of synapses of one population: each is an input of its own. */
const mostTargets = 4096;
/** Defaults of BMTK: the threshold of spikes in mV, and half of the length of the longest compartment in µm. */
const [defaultThreshold, defaultLength] = [-15, 20];
/** BMTK's axon: sections of this length and diameter in µm. */
const stub = { length: 30, diameter: 1 };

/** A population of cells. Its targets are the places of synapses, which are known after all edges have been read. */
export class CellNeurons {
  readonly cell: Cell;
  /** Branches in the order of NEURON's sections. */
  readonly sections: readonly number[];
  readonly #make: (targets: Record<string, CellTarget>) => Population;
  /** Names and targets, by a key made of kinetics and place. */
  readonly #targets = new Map<string, readonly [string, CellTarget]>();
  #population: Population | undefined;

  constructor(
    cell: Cell,
    sections: readonly number[],
    make: (targets: Record<string, CellTarget>) => Population,
  ) {
    this.cell = cell;
    this.sections = sections;
    this.#make = make;
    this.#targets.set(electrode, [electrode, { electrode: { branch: 0, x: 0.5 } }]);
  }

  /** The population. Made once, so no target can be added afterwards. */
  get cells(): Population {
    this.#population ??= this.#make(Object.fromEntries(this.#targets.values()));
    return this.#population;
  }

  /** A current in nA; point neurons have a unit of their own. */
  current(amplitude: number): number {
    return amplitude;
  }

  /** The name of the target with this key. The target is made and added if there is none. */
  add(key: string, target: () => CellTarget, path: string): string {
    const found = this.#targets.get(key);
    if (found !== undefined) return found[0];
    if (this.#targets.size >= mostTargets)
      throw unsupported(path, `synapses at more than ${mostTargets} places of one type of cell`);
    const name = `synapse${this.#targets.size}`;
    this.#targets.set(key, [name, target()]);
    return name;
  }

  /** The location of a position on a section. @throws LapicqueError `malformed-file` */
  place(section: number, x: number, wrong: (reason: string) => Error): Location {
    const branch = this.sections[section];
    if (branch === undefined)
      throw wrong(`there is no section ${section}; the cell has ${this.sections.length}`);
    if (!(x >= 0 && x <= 1)) throw wrong(`the position ${x} on a section is not between 0 and 1`);
    return { branch, x };
  }
}

/** @throws LapicqueError `malformed-file`, `unsupported`, `io`, and errors of the caller's function */
export async function cellNeurons(
  { template, morphology: file, processing, params: paramsFile }: CellStatements,
  n: number,
  { cells, mechanisms }: CellModels,
  options: { name: string; layout?: Layout },
  config: Config,
  files: SonataFiles,
): Promise<CellNeurons> {
  const { morphologies_dir: shapes = '.', biophysical_neuron_models_dir: models = '.' } = config.components;
  const shapePath = resolve(shapes, /\.swc$/i.test(file) ? file : `${file}.swc`);
  const stored = await files.morphology(shapePath);
  const processed = processedOf(stored, sectionOrder(stored), processing, config.path);
  const paramsPath = paramsFile === undefined ? undefined : resolve(models, paramsFile);
  const params = paramsPath === undefined ? {} : await files.json(paramsPath);
  const own = Object.hasOwn(cells, template) ? cells[template] : undefined;
  const length = positive(config, 'dL', config.run.dL) ?? defaultLength;
  const made =
    own === undefined
      ? allenCell(
          processed.morphology,
          params,
          paramsPath ?? unsupportedTemplate(config, template),
          mechanisms,
          { maxLength: length },
        )
      : own({ morphology: processed.morphology, template, params });
  if (made?.cell?.morphology !== processed.morphology)
    invalid(`cells["${template}"]`, made, 'a result with a cell of the given morphology');
  const { cell, ...conditions } = made;
  const threshold = number(config, 'run.spike_threshold', config.run.spike_threshold) ?? defaultThreshold;
  const temperature = number(config, 'conditions.celsius', config.conditions.celsius);
  const initialVoltage = number(config, 'conditions.v_init', config.conditions.v_init);
  return new CellNeurons(cell, processed.sections, (targets) =>
    cellPopulation(cell, n, {
      ...options,
      ...conditions,
      ...(temperature === undefined ? {} : { temperature }),
      ...(initialVoltage === undefined ? {} : { initialVoltage }),
      detector: { threshold },
      targets,
    }),
  );
}

function unsupportedTemplate(config: Config, template: string): never {
  throw unsupported(
    config.path,
    `biophysical nodes of the model_template ${template} without dynamics_params: give options.cells a function`,
  );
}

/** A morphology after `model_processing`, and its branches in the order of sections. */
function processedOf(
  morphology: Morphology,
  sections: readonly number[],
  processing: string | undefined,
  path: string,
): { morphology: Morphology; sections: readonly number[] } {
  if (processing === undefined || processing === 'fullaxon') return { morphology, sections };
  if (processing !== 'aibs_perisomatic')
    throw unsupported(path, `the model_processing ${processing}; aibs_perisomatic and fullaxon are known`);
  const left = morphology.branches.filter(({ tag }) => tag !== 'axon');
  const indexOf = new Map(left.map(({ index }, i) => [index, i]));
  const specs = left.map((branch) => ({
    tag: branch.tag,
    ...(branch.parent === undefined ? {} : { parent: kept(indexOf, branch, path) }),
    at: branch.at as 0 | 0.5 | 1,
    points: pointsOf(branch),
  }));
  const middle = specs[0]!.points[Math.floor(specs[0]!.points.length / 2)]!;
  const along = (from: number): [number, number, number, number][] =>
    [from, from + stub.length].map((y) => [middle[0], middle[1] - y, middle[2], stub.diameter / 2]);
  return {
    morphology: fromBranches([
      ...specs,
      { tag: 'axon', parent: 0, at: 0.5, points: along(0) },
      { tag: 'axon', parent: specs.length, at: 1, points: along(stub.length) },
    ]),
    sections: [
      ...sections.filter((branch) => indexOf.has(branch)).map((branch) => indexOf.get(branch)!),
      specs.length,
      specs.length + 1,
    ],
  };
}

function kept(indexOf: ReadonlyMap<number, number>, branch: Branch, path: string): number {
  const parent = indexOf.get(branch.parent!);
  if (parent === undefined) throw unsupported(path, `a branch of type ${branch.tag} on the axon that is cut`);
  return parent;
}

function pointsOf({ points }: Branch): [number, number, number, number][] {
  return Array.from({ length: points.length / 4 }, (_, i) => [
    points[4 * i]!,
    points[4 * i + 1]!,
    points[4 * i + 2]!,
    points[4 * i + 3]!,
  ]);
}

function number(config: Config, name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw malformed(config.path, `${name} should be a number, not ${JSON.stringify(value)}`);
  return value;
}

function positive(config: Config, name: string, value: unknown): number | undefined {
  const x = number(config, `run.${name}`, value);
  if (x !== undefined && x <= 0) throw malformed(config.path, `run.${name} should be above 0, not ${x}`);
  return x;
}
