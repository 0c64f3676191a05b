/** Nodes of a SONATA network as populations and sources of spikes. */
import { resolve } from 'node:path';
import { spikeSource } from '../circuit/elements/elements.ts';
import type { Layout } from '../circuit/elements/layout.ts';
import type { Population, SpikeSource } from '../circuit/elements/populations.ts';
import { iterationsPerCheck, Yielder } from '../engine/yielder.ts';
import { CellNeurons, type CellStatements, cellNeurons } from './cell-nodes.ts';
import type { Config } from './config.ts';
import { Elements, readTypes } from './elements.ts';
import type { SonataFiles } from './files.ts';
import { populationsOf } from './hdf5.ts';
import { type Json, unsupported } from './json.ts';
import { checkNestName, type NestNeurons, nestDefaults, nestNeurons } from './nest-models.ts';
import type { CellModels } from './sonata-cell.ts';

/** Parameters of the neurons that a model makes: one value for all, or one per neuron. */
export type SonataParams = Readonly<Record<string, unknown>>;

/** A function that makes neurons of a model that is not one of NEST's built-in models. */
export type SonataModel = (
  n: number,
  params: SonataParams,
  options: { name: string; layout?: Layout },
) => Population;

/** Nodes of a population that are of one model. */
export interface Part {
  readonly cellsOrSource: NestNeurons | CellNeurons | SpikeSource;
  /** NEST's model that its neurons are of; `undefined` for sources and for a model of the caller's. */
  readonly model: string | undefined;
  /** The nodes of its neurons, by position in the population. */
  readonly nodes: Uint32Array;
  /** A source of further spikes in a step in which a source has fired already, if there are any. */
  readonly extraSpikes?: ExtraSpikes;
}

/** Trains beside the first ones. */
interface ExtraSpikes {
  readonly source: SpikeSource;
  /** By the number of a neuron in its part. */
  readonly trainsOf: ReadonlyMap<number, readonly number[]>;
}

export function isSource(value: Part['cellsOrSource']): value is SpikeSource {
  return 'element' in value;
}

export function neuronsOf({ cellsOrSource }: Part): Population | SpikeSource {
  return isSource(cellsOrSource) ? cellsOrSource : cellsOrSource.cells;
}

/** Whether a part's neurons are cells with dendrites. */
export function areCells(value: Part['cellsOrSource']): value is CellNeurons {
  return value instanceof CellNeurons;
}

export interface Nodes {
  readonly name: string;
  readonly elements: Elements;
  readonly ids: Float64Array;
  /** The position of a node, `undefined` if no node has that id. */
  position(id: number): number | undefined;
  /** 1 for nodes that only send spikes. */
  readonly virtual: Uint8Array;
  /** 1 for cells with a morphology. */
  readonly biophysical: Uint8Array;
}

/** Nodes with what they became. */
export interface Built extends Nodes {
  readonly parts: readonly Part[];
  /** For each node its part, and its index there. */
  readonly partOf: Uint32Array;
  readonly indexOf: Uint32Array;
}

export async function readNodes(config: Config, files: SonataFiles): Promise<Map<string, Nodes>> {
  const all = new Map<string, Nodes>();
  for (const { elements: path, types: table } of config.nodes) {
    const [tables, typesOf] = [await files.tables(path, ['nodes']), await readTypes(table, 'node', files)];
    for (const name of populationsOf(tables, 'nodes')) {
      const elements = new Elements(path, tables, `nodes/${name}`, typesOf(name));
      if (all.has(name)) throw elements.error('another file has a population of this name');
      const yielder = new Yielder(files.signal);
      all.set(name, await nodesOf(name, elements, tables.has(`nodes/${name}/node_id`), path, yielder));
    }
  }
  return all;
}

async function nodesOf(
  name: string,
  elements: Elements,
  areNamed: boolean,
  path: string,
  yielder: Yielder,
): Promise<Nodes> {
  const { size } = elements;
  const ids = areNamed ? elements.dataset('node_id') : await yielder.filled(new Float64Array(size), (i) => i);
  if (ids.length !== size) throw elements.error(`${ids.length} node_id for ${size} node_type_id`);
  const positionOf = new Map<number, number>();
  await yielder.each(size, (i) => {
    positionOf.set(ids[i]!, i);
  });
  if (positionOf.size < size) throw elements.error('two nodes have the same node_id');
  const kinds = await yielder.run(elements.values('model_type'));
  if (kinds === undefined) throw elements.error('no model_type is said');
  const known = ['virtual', 'point_neuron', 'point_process', 'biophysical'];
  const other = kinds.find((kind) => !known.includes(kind as string));
  if (other !== undefined) throw unsupported(path, `nodes of the model_type ${other}`);
  return {
    name,
    elements,
    ids,
    position: (id) => positionOf.get(id),
    virtual: Uint8Array.from(kinds, (kind) => Number(kind === 'virtual')),
    biophysical: Uint8Array.from(kinds, (kind) => Number(kind === 'biophysical')),
  };
}

/** Neurons and sources of one population; the sources fire at `trains`, by position. */
export async function build(
  nodes: Nodes,
  config: Config,
  trains: ReadonlyMap<number, readonly (readonly number[])[]>,
  models: Readonly<Record<string, SonataModel>>,
  cellModels: CellModels,
  dt: number,
  files: SonataFiles,
): Promise<Built> {
  const { elements, virtual, biophysical, name } = nodes;
  const yielder = new Yielder(files.signal);
  const templates = (await yielder.run(elements.values('model_template'))) ?? [];
  const statementsOf = await cellStatements(nodes, yielder);
  const groups = new Map<string, number[]>();
  const cells = new Map<string, CellStatements>();
  await yielder.each(elements.size, (i) => {
    const template = virtual[i] === 1 ? 'virtual' : templates[i];
    if (template === undefined) throw elements.error(`node ${nodes.ids[i]} has no model_template`);
    let key = String(template);
    if (biophysical[i] === 1) {
      const statements = statementsOf(i, key);
      key = Object.values(statements).filter(Boolean).join(':');
      cells.set(key, statements);
    }
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  });
  const [partOf, indexOf] = [new Uint32Array(elements.size), new Uint32Array(elements.size)];
  const parts: Part[] = [];
  const parameters = await parametersOf(nodes, config, files, yielder);
  for (const [template, positions] of groups) {
    const chosen = Uint32Array.from(positions);
    await yielder.each(chosen.length, (i) => {
      partOf[chosen[i]!] = parts.length;
      indexOf[chosen[i]!] = i;
    });
    const layout = await layoutOf(elements, chosen, yielder);
    const options = {
      name: groups.size === 1 ? name : `${name}:${template.replace(/^nest:/, '')}`,
      ...(layout === undefined ? {} : { layout }),
    };
    const statements = cells.get(template);
    const pointsOrSource = () =>
      template === 'virtual'
        ? spikeSource(
            positions.map((i) => trains.get(i)?.[0] ?? []),
            options,
          )
        : neurons(template, chosen, parameters, nodes, models, dt, options, config.path);
    const cellsOrSource =
      statements === undefined
        ? pointsOrSource()
        : await cellNeurons(statements, chosen.length, cellModels, options, config, files);
    const extraSpikes = isSource(cellsOrSource)
      ? furtherTrains(`${options.name}:again`, positions, trains)
      : undefined;
    const model =
      isSource(cellsOrSource) || areCells(cellsOrSource) || Object.hasOwn(models, template)
        ? undefined
        : template.replace(/^nest:/, '');
    parts.push({
      cellsOrSource,
      model,
      nodes: chosen,
      ...(extraSpikes === undefined ? {} : { extraSpikes }),
    });
  }
  return { ...nodes, parts, partOf, indexOf };
}

/** Attributes of each biophysical node. */
async function cellStatements({ elements, ids, biophysical }: Nodes, yielder: Yielder) {
  const values = async (name: string) =>
    biophysical.includes(1) ? ((await yielder.run(elements.values(name))) ?? []) : [];
  const [shapes, processing, params] = [
    await values('morphology'),
    await values('model_processing'),
    await values('dynamics_params'),
  ];
  const own = elements.stored.find(
    (name) => name === 'dynamics_params' || name.startsWith('dynamics_params/'),
  );
  if (own !== undefined && biophysical.includes(1))
    throw elements.error(`${own} of single biophysical nodes`);
  const text = (value: unknown) => (value === undefined || value === 'NULL' ? undefined : String(value));
  return (i: number, template: string): CellStatements => {
    const morphology = text(shapes[i]);
    if (morphology === undefined) throw elements.error(`the biophysical node ${ids[i]} has no morphology`);
    return { template, morphology, processing: text(processing[i]), params: text(params[i]) };
  };
}

function furtherTrains(
  name: string,
  positions: readonly number[],
  trains: ReadonlyMap<number, readonly (readonly number[])[]>,
): ExtraSpikes | undefined {
  const all: (readonly number[])[] = [];
  const trainsOf = new Map<number, number[]>();
  positions.forEach((position, i) => {
    const further = trains.get(position)?.slice(1) ?? [];
    if (further.length === 0) return;
    trainsOf.set(
      i,
      further.map((_, k) => all.length + k),
    );
    all.push(...further);
  });
  return all.length === 0 ? undefined : { source: spikeSource(all, { name }), trainsOf };
}

function neurons(
  template: string,
  chosen: Uint32Array,
  given: ReadonlyMap<string, readonly unknown[]>,
  nodes: Nodes,
  models: Readonly<Record<string, SonataModel>>,
  dt: number,
  options: { name: string; layout?: Layout },
  path: string,
): NestNeurons {
  const own = Object.hasOwn(models, template) ? models[template] : undefined;
  const model = template.replace(/^nest:/, '');
  const defaults = own === undefined ? nestDefaults(model) : {};
  if (defaults === undefined) throw unsupported(path, `the neuron ${template}: give options.models one`);
  const params = new Map<string, unknown>();
  for (const [name, all] of given) {
    const values = Array.from(chosen, (node) => all[node] ?? defaults[name]);
    if (values.every((value) => value === undefined)) continue;
    if (own === undefined) checkNestName(model, name);
    const missing = values.indexOf(undefined);
    if (missing >= 0)
      throw nodes.elements.error(`node ${nodes.ids[chosen[missing]!]} has no parameter ${name}`);
    const text = JSON.stringify(values[0]);
    if (values.every((value) => value === values[0] || JSON.stringify(value) === text)) {
      params.set(name, values[0]);
      continue;
    }
    const other = values.find((value) => typeof value !== 'number');
    if (other !== undefined)
      throw nodes.elements.error(`${name} should be a number, not ${JSON.stringify(other)}`);
    params.set(name, Float64Array.from(values as number[]));
  }
  const parameters = Object.fromEntries(params);
  if (own === undefined) return nestNeurons(model, chosen.length, parameters, dt, options);
  const cells = own(chosen.length, parameters, options);
  return { cells, plasticity: {}, weight: (w) => w, current: (i) => i };
}

/** Parameters by name, one a node: of the files that `dynamics_params` names, and before them those of the nodes' own tables. */
async function parametersOf(
  { elements, biophysical }: Nodes,
  config: Config,
  reader: SonataFiles,
  yielder: Yielder,
): Promise<Map<string, unknown[]>> {
  const all = new Map<string, unknown[]>();
  const at = (name: string) => {
    const found = all.get(name) ?? new Array(elements.size).fill(undefined);
    all.set(name, found);
    return found;
  };
  const files = new Map<string, Json>();
  const { point_neuron_models_dir: folder = '.' } = config.components;
  const named = (await yielder.run(elements.values('dynamics_params'))) ?? [];
  for (const [i, file] of named.entries()) {
    if (i % iterationsPerCheck === 0 && yielder.isDue) await yielder.yieldNow();
    if (file === undefined || biophysical[i] === 1) continue;
    const path = resolve(folder, String(file));
    const content = files.get(path) ?? (await reader.json(path));
    files.set(path, content);
    for (const [name, value] of Object.entries(content)) at(name)[i] = value;
  }
  for (const name of elements.names.filter((own) => own.startsWith('dynamics_params/'))) {
    const own = at(name.slice('dynamics_params/'.length));
    const values = (await yielder.run(elements.values(name))) ?? [];
    await yielder.each(values.length, (i) => {
      if (values[i] !== undefined) own[i] = values[i];
    });
  }
  return all;
}

/** The coordinates of nodes, if all of them have some. */
async function layoutOf(
  elements: Elements,
  chosen: Uint32Array,
  yielder: Yielder,
): Promise<Layout | undefined> {
  const axes: Float64Array[] = [];
  for (const axis of ['x', 'y', 'z']) {
    const values = await yielder.run(elements.numbers(axis));
    if (values === undefined) return undefined;
    axes.push(values);
  }
  const positions = await yielder.filled(
    new Float64Array(3 * chosen.length),
    (i) => axes[i % 3]![chosen[Math.floor(i / 3)]!]!,
  );
  return positions.some(Number.isNaN) ? undefined : Object.freeze({ dimensions: 3, positions });
}
