/** Nodes of a SONATA network as populations and sources of spikes. */
import { resolve } from 'node:path';
import type { Cells, SpikeSource } from '../circuit/elements/cells.ts';
import { spikeSource } from '../circuit/elements/elements.ts';
import type { Layout } from '../circuit/elements/layout.ts';
import { atOnce, Turns } from '../engine/turns.ts';
import type { Config } from './config.ts';
import { Elements, readTypes } from './elements.ts';
import type { SonataFiles } from './files.ts';
import { populationsOf } from './hdf5.ts';
import { type Json, unsupported } from './json.ts';
import { checkNestName, type NestNeurons, nestDefaults, nestNeurons } from './nest-models.ts';

/** Parameters of the neurons that a model makes: one value for all, or one for each. */
export type SonataParams = Readonly<Record<string, unknown>>;

/** Makes neurons of a model that is no built-in one of NEST's. */
export type SonataModel = (
  n: number,
  params: SonataParams,
  options: { name: string; layout?: Layout },
) => Cells;

/** Nodes of a population that are of one model. */
export interface Part {
  readonly made: NestNeurons | SpikeSource;
  /** NEST's model that its neurons are of; `undefined` for sources and for a model of the caller's. */
  readonly model: string | undefined;
  /** Which nodes its neurons are, by their places in the population. */
  readonly nodes: Uint32Array;
  /** A source of the spikes that its sources have beside another one in a step, if there are any. */
  readonly again?: Again;
}

/** Trains beside the first ones. */
export interface Again {
  readonly source: SpikeSource;
  /** By the number of a neuron in its part. */
  readonly trainsOf: ReadonlyMap<number, readonly number[]>;
}

export function isSource(made: Part['made']): made is SpikeSource {
  return 'element' in made;
}

export function neuronsOf({ made }: Part): Cells | SpikeSource {
  return isSource(made) ? made : made.cells;
}

export interface Nodes {
  readonly name: string;
  readonly elements: Elements;
  readonly ids: Float64Array;
  /** The place of a node, `undefined` where there is none of that id. */
  position(id: number): number | undefined;
  /** Those that only send spikes. */
  readonly virtual: Uint8Array;
}

/** Nodes with what they became. */
export interface Built extends Nodes {
  readonly parts: readonly Part[];
  /** For each node its part, and its place there. */
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
      const turns = new Turns(files.signal);
      all.set(name, await nodesOf(name, elements, tables.has(`nodes/${name}/node_id`), path, turns));
    }
  }
  return all;
}

async function nodesOf(
  name: string,
  elements: Elements,
  areNamed: boolean,
  path: string,
  turns: Turns,
): Promise<Nodes> {
  const { size } = elements;
  const ids = areNamed ? elements.dataset('node_id') : await turns.filled(new Float64Array(size), (i) => i);
  if (ids.length !== size) throw elements.error(`${ids.length} node_id for ${size} node_type_id`);
  const places = new Map<number, number>();
  await turns.each(size, (i) => {
    places.set(ids[i]!, i);
  });
  if (places.size < size) throw elements.error('two nodes have the same node_id');
  const kinds = await turns.run(elements.values('model_type'));
  if (kinds === undefined) throw elements.error('no model_type is said');
  const known = ['virtual', 'point_neuron', 'point_process'];
  const other = kinds.find((kind) => !known.includes(kind as string));
  if (other !== undefined) throw unsupported(path, `nodes of the model_type ${other}`);
  return {
    name,
    elements,
    ids,
    position: (id) => places.get(id),
    virtual: Uint8Array.from(kinds, (kind) => Number(kind === 'virtual')),
  };
}

/** Neurons and sources of one population; the sources fire at `trains`, by their places. */
export async function build(
  nodes: Nodes,
  config: Config,
  trains: ReadonlyMap<number, readonly (readonly number[])[]>,
  models: Readonly<Record<string, SonataModel>>,
  dt: number,
  files: SonataFiles,
): Promise<Built> {
  const { elements, virtual, name } = nodes;
  const turns = new Turns(files.signal);
  const templates = (await turns.run(elements.values('model_template'))) ?? [];
  const groups = new Map<string, number[]>();
  await turns.each(elements.size, (i) => {
    const template = virtual[i] === 1 ? 'virtual' : templates[i];
    if (template === undefined) throw elements.error(`node ${nodes.ids[i]} has no model_template`);
    const group = groups.get(String(template));
    if (group === undefined) groups.set(String(template), [i]);
    else group.push(i);
  });
  const [partOf, indexOf] = [new Uint32Array(elements.size), new Uint32Array(elements.size)];
  const parts: Part[] = [];
  const given = await parametersOf(nodes, config, files, turns);
  for (const [template, places] of groups) {
    const chosen = Uint32Array.from(places);
    await turns.each(chosen.length, (i) => {
      partOf[chosen[i]!] = parts.length;
      indexOf[chosen[i]!] = i;
    });
    const layout = await layoutOf(elements, chosen, turns);
    const options = {
      name: groups.size === 1 ? name : `${name}:${template.replace(/^nest:/, '')}`,
      ...(layout === undefined ? {} : { layout }),
    };
    const made =
      template === 'virtual'
        ? spikeSource(
            places.map((i) => trains.get(i)?.[0] ?? []),
            options,
          )
        : neurons(template, chosen, given, nodes, models, dt, options, config.path);
    const again = isSource(made) ? furtherTrains(`${options.name}:again`, places, trains) : undefined;
    const model =
      isSource(made) || Object.hasOwn(models, template) ? undefined : template.replace(/^nest:/, '');
    parts.push({ made, model, nodes: chosen, ...(again === undefined ? {} : { again }) });
  }
  return { ...nodes, parts, partOf, indexOf };
}

function furtherTrains(
  name: string,
  places: readonly number[],
  trains: ReadonlyMap<number, readonly (readonly number[])[]>,
): Again | undefined {
  const all: (readonly number[])[] = [];
  const trainsOf = new Map<number, number[]>();
  places.forEach((place, i) => {
    const further = trains.get(place)?.slice(1) ?? [];
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
  const said = Object.fromEntries(params);
  if (own === undefined) return nestNeurons(model, chosen.length, said, dt, options);
  const cells = own(chosen.length, said, options);
  return { cells, plasticity: {}, weight: (w) => w, current: (i) => i };
}

/** Parameters by name, one a node: of the files that `dynamics_params` names, and before them those of the nodes' own tables. */
async function parametersOf(
  { elements }: Nodes,
  config: Config,
  reader: SonataFiles,
  turns: Turns,
): Promise<Map<string, unknown[]>> {
  const all = new Map<string, unknown[]>();
  const at = (name: string) => {
    const found = all.get(name) ?? new Array(elements.size).fill(undefined);
    all.set(name, found);
    return found;
  };
  const files = new Map<string, Json>();
  const { point_neuron_models_dir: folder = '.' } = config.components;
  const named = (await turns.run(elements.values('dynamics_params'))) ?? [];
  for (const [i, file] of named.entries()) {
    if (i % atOnce === 0 && turns.over) await turns.next();
    if (file === undefined) continue;
    const path = resolve(folder, String(file));
    const said = files.get(path) ?? (await reader.json(path));
    files.set(path, said);
    for (const [name, value] of Object.entries(said)) at(name)[i] = value;
  }
  for (const name of elements.names.filter((own) => own.startsWith('dynamics_params/'))) {
    const own = at(name.slice('dynamics_params/'.length));
    const values = (await turns.run(elements.values(name))) ?? [];
    await turns.each(values.length, (i) => {
      if (values[i] !== undefined) own[i] = values[i];
    });
  }
  return all;
}

/** Where nodes are, if it is said of all of them. */
async function layoutOf(elements: Elements, chosen: Uint32Array, turns: Turns): Promise<Layout | undefined> {
  const axes: Float64Array[] = [];
  for (const axis of ['x', 'y', 'z']) {
    const values = await turns.run(elements.numbers(axis));
    if (values === undefined) return undefined;
    axes.push(values);
  }
  const positions = await turns.filled(
    new Float64Array(3 * chosen.length),
    (i) => axes[i % 3]![chosen[Math.floor(i / 3)]!]!,
  );
  return positions.some(Number.isNaN) ? undefined : Object.freeze({ dimensions: 3, positions });
}
