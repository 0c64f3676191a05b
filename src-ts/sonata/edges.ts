/** Edges of a SONATA network as connections. */
import { resolve } from 'node:path';
import type { Presynaptic } from '../circuit/cells.ts';
import { connect, type NetworkElement } from '../circuit/elements.ts';
import { list } from '../circuit/rule.ts';
import { type Config, malformed, readJson, unsupported } from './config.ts';
import { Elements, readTypes } from './elements.ts';
import { type Hdf5Reader, populationsOf } from './hdf5.ts';
import { type Built, isSource, neuronsOf } from './nodes.ts';
import { nestSynapse, nestSynapseModel } from './synapses.ts';

/** What NEST gives a synapse that says neither. */
const [defaultWeight, defaultDelay] = [1, 1];

export async function readEdges(
  config: Config,
  nodes: ReadonlyMap<string, Built>,
  dt: number,
  reader: Hdf5Reader,
): Promise<NetworkElement[]> {
  const connections: NetworkElement[] = [];
  for (const { elements: path, types: table } of config.edges) {
    const [tables, typesOf] = [await reader.read(path, ['edges']), await readTypes(table, 'edge')];
    for (const name of populationsOf(tables, 'edges')) {
      const edges = new Elements(path, tables, `edges/${name}`, typesOf(name));
      connections.push(...(await connectionsOf(edges, config, nodes, dt, path)));
    }
  }
  return connections;
}

async function connectionsOf(
  edges: Elements,
  config: Config,
  nodes: ReadonlyMap<string, Built>,
  dt: number,
  path: string,
): Promise<NetworkElement[]> {
  const [source, target] = (['source', 'target'] as const).map((side) => {
    const name = edges.attribute(`${side}_node_id`, 'node_population');
    const found = name === undefined ? undefined : nodes.get(name);
    if (found === undefined) throw edges.error(`there are no nodes of the ${side} population ${name}`);
    const ids = edges.dataset(`${side}_node_id`);
    if (ids.length !== edges.size) throw edges.error(`${ids.length} ${side}_node_id for ${edges.size} edges`);
    const places = Uint32Array.from(ids, (id) => {
      const place = found.position(id);
      if (place === undefined) throw edges.error(`the ${side} population ${name} has no node ${id}`);
      return place;
    });
    return { built: found, places };
  }) as [Side, Side];
  const { weights, delays, kinds, kindOf } = await synapsesOf(edges, config, dt, path);

  // A connection for each pair of parts and each kind of synapse, with its edges in their order.
  const width = target.built.parts.length;
  const pairOf = (i: number) =>
    (source.built.partOf[source.places[i]!]! * width + target.built.partOf[target.places[i]!]!) *
      kinds.length +
    kindOf(i);
  const counts = new Uint32Array(source.built.parts.length * width * kinds.length);
  for (let i = 0; i < edges.size; i++) counts[pairOf(i)]! += 1;
  const members = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(counts.length);
  for (let i = 0; i < edges.size; i++) {
    const pair = pairOf(i);
    members[pair]![filled[pair]!++] = i;
  }
  return members.flatMap((chosen, group) => {
    if (chosen.length === 0) return [];
    const [pair, kind] = [Math.floor(group / kinds.length), kinds[group % kinds.length]!];
    const from = source.built.parts[Math.floor(pair / width)]!;
    const { again } = from;
    const { made } = target.built.parts[pair % width]!;
    if (isSource(made)) throw edges.error(`its targets in ${target.built.name} are virtual nodes`);
    const indexIn = (side: Side, edge: number) => side.built.indexOf[side.places[edge]!]!;
    const targets = Uint32Array.from(chosen, (i) => indexIn(target, i));
    const refuse = (feature: string): never => {
      throw unsupported(path, feature);
    };
    const model =
      kind.template === 'static_synapse'
        ? {}
        : { model: nestSynapseModel(kind.template, kind.params, made, targets, refuse) };
    const joined = (pre: Presynaptic, edges: Uint32Array, sources: Uint32Array) =>
      connect(
        pre,
        made.cells,
        list(
          sources,
          Uint32Array.from(edges, (i) => indexIn(target, i)),
        ),
        {
          weight: compact(Float64Array.from(edges, (i) => made.weight(weights(i)))),
          delay: compact(Float64Array.from(edges, delays)),
          ...model,
        },
      );
    const first = joined(
      neuronsOf(from),
      chosen,
      chosen.map((i) => indexIn(source, i)),
    );
    if (again === undefined) return first;
    // The same synapses once more for each further train of their source.
    const trainsOf = (i: number) => again.trainsOf.get(indexIn(source, i)) ?? [];
    const further = [...chosen].flatMap((i) => trainsOf(i).map((train) => [i, train] as const));
    if (further.length === 0) return first;
    if (kind.template !== 'static_synapse')
      refuse(`two spikes of a node in one step onto the synapse ${kind.template}`);
    const [repeated, trains] = [0, 1].map((at) => Uint32Array.from(further, (pair) => pair[at]!));
    return [first, joined(again.source, repeated!, trains!)];
  });
}

interface Side {
  readonly built: Built;
  /** Of each edge. */
  readonly places: Uint32Array;
}

/** A number where all are the same, which the engine stores once. */
function compact(values: Float64Array): number | Float64Array {
  return values.every((x) => x === values[0]) ? values[0]! : values;
}

type Numbers = Readonly<Record<string, number>>;

function templateOf(said: string | number | undefined): string {
  return said === undefined ? 'static_synapse' : String(said).replace(/^nest:/, '');
}

async function synapsesOf(edges: Elements, config: Config, dt: number, path: string) {
  // Of each edge there are numbers; what its synapse is follows from its type.
  const allowed = ['dynamics_params/weight', 'dynamics_params/delay'];
  const other = edges.stored.find((name) =>
    name.startsWith('dynamics_params')
      ? !allowed.includes(name)
      : ['model_template', 'weight_function'].includes(name),
  );
  if (other !== undefined) throw unsupported(path, `${other} of each edge`);
  const { synaptic_models_dir: folder = '.' } = config.components;
  const files = new Map<string, Readonly<Record<string, unknown>>>();
  for (const [id, said] of edges.types) {
    const template = templateOf(said.model_template);
    const changing = nestSynapse(template);
    if (template !== 'static_synapse' && changing === undefined)
      throw unsupported(path, `the synapse ${template} of edge_type_id ${id}`);
    if (said.weight_function !== undefined)
      throw unsupported(path, `the weight_function ${said.weight_function} of edge_type_id ${id}`);
    const file = said.dynamics_params;
    if (file === undefined) continue;
    const params = files.get(file) ?? (await readJson(resolve(folder, file)));
    files.set(file, params);
    for (const [key, value] of Object.entries(params)) {
      if (!['weight', 'delay'].includes(key) && changing?.has(key) !== true)
        throw unsupported(path, `the parameter ${key} of ${file}`);
      if (!Number.isFinite(value))
        throw malformed(resolve(folder, file), `${key} should be a number, not ${value}`);
    }
  }
  const [templates, named] = [edges.values('model_template'), edges.values('dynamics_params')];
  const typed = (i: number): Numbers => (files.get(String(named?.[i])) ?? {}) as Numbers;
  // Synapses that do not change are of one kind, whatever their files say.
  const kinds: { readonly template: string; readonly params: Numbers }[] = [];
  const known = new Map<string, number>();
  const kindOf = (i: number): number => {
    const template = templateOf(templates?.[i]);
    const key = template === 'static_synapse' ? template : `${template} ${named?.[i]}`;
    const found = known.get(key) ?? kinds.push({ template, params: typed(i) }) - 1;
    known.set(key, found);
    return found;
  };
  const kindsOf = Uint32Array.from({ length: edges.size }, (_, i) => kindOf(i));
  const [weight, count, delay] = ['syn_weight', 'nsyns', 'delay'].map((name) => edges.numbers(name));
  const own = ['weight', 'delay'].map((name) => edges.numbers(`dynamics_params/${name}`));
  const said = (values: Float64Array | undefined, i: number) => {
    const value = values?.[i];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  return {
    kinds,
    kindOf: (i: number) => kindsOf[i]!,
    weights: (i: number) =>
      (said(count, i) ?? 1) * (said(weight, i) ?? said(own[0], i) ?? typed(i).weight ?? defaultWeight),
    // NEST rounds delays to steps.
    delays: (i: number) => {
      const ms = said(delay, i) ?? said(own[1], i) ?? typed(i).delay ?? defaultDelay;
      if (!(ms >= dt / 2))
        throw edges.error(`edge ${i} has a delay of ${ms} ms, less than a step of ${dt} ms`);
      return Math.max(1, Math.round(ms / dt)) * dt;
    },
  };
}
