/** Edges of a SONATA network as connections. */
import { resolve } from 'node:path';
import type { Presynaptic } from '../circuit/elements/cells.ts';
import { connect, type NetworkElement } from '../circuit/elements/elements.ts';
import { list } from '../circuit/elements/rule.ts';
import { Turns } from '../engine/turns.ts';
import type { Config } from './config.ts';
import { Elements, readTypes } from './elements.ts';
import type { SonataFiles } from './files.ts';
import { populationsOf } from './hdf5.ts';
import { malformed, unsupported } from './json.ts';
import { type Built, isSource, neuronsOf } from './nodes.ts';
import { nestSynapse, nestSynapseModel } from './synapses.ts';

/** What NEST gives a synapse that says neither. */
const [defaultWeight, defaultDelay] = [1, 1];

export async function readEdges(
  config: Config,
  nodes: ReadonlyMap<string, Built>,
  dt: number,
  files: SonataFiles,
): Promise<NetworkElement[]> {
  const connections: NetworkElement[] = [];
  for (const { elements: path, types: table } of config.edges) {
    const [tables, typesOf] = [await files.tables(path, ['edges']), await readTypes(table, 'edge', files)];
    for (const name of populationsOf(tables, 'edges')) {
      const edges = new Elements(path, tables, `edges/${name}`, typesOf(name));
      connections.push(...(await connectionsOf(edges, config, nodes, dt, path, files)));
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
  files: SonataFiles,
): Promise<NetworkElement[]> {
  const turns = new Turns(files.signal);
  const sideOf = async (side: 'source' | 'target'): Promise<Side> => {
    const name = edges.attribute(`${side}_node_id`, 'node_population');
    const found = name === undefined ? undefined : nodes.get(name);
    if (found === undefined) throw edges.error(`there are no nodes of the ${side} population ${name}`);
    const ids = edges.dataset(`${side}_node_id`);
    if (ids.length !== edges.size) throw edges.error(`${ids.length} ${side}_node_id for ${edges.size} edges`);
    const places = await turns.filled(new Uint32Array(ids.length), (i) => {
      const place = found.position(ids[i]!);
      if (place === undefined) throw edges.error(`the ${side} population ${name} has no node ${ids[i]}`);
      return place;
    });
    return { built: found, places };
  };
  const [source, target] = [await sideOf('source'), await sideOf('target')];
  const { weights, delays, kinds, kindOf } = await synapsesOf(edges, config, dt, path, files, turns);

  // A connection for each pair of parts and each kind of synapse, with its edges in their order.
  const width = target.built.parts.length;
  const pairOf = (i: number) =>
    (source.built.partOf[source.places[i]!]! * width + target.built.partOf[target.places[i]!]!) *
      kinds.length +
    kindOf(i);
  const counts = new Uint32Array(source.built.parts.length * width * kinds.length);
  await turns.each(edges.size, (i) => {
    counts[pairOf(i)]! += 1;
  });
  const members = Array.from(counts, (count) => new Uint32Array(count));
  const filled = new Uint32Array(counts.length);
  await turns.each(edges.size, (i) => {
    const pair = pairOf(i);
    members[pair]![filled[pair]!++] = i;
  });
  const connections: NetworkElement[] = [];
  for (const [group, chosen] of members.entries()) {
    if (chosen.length === 0) continue;
    const [pair, kind] = [Math.floor(group / kinds.length), kinds[group % kinds.length]!];
    const from = source.built.parts[Math.floor(pair / width)]!;
    const { again } = from;
    const { made } = target.built.parts[pair % width]!;
    if (isSource(made)) throw edges.error(`its targets in ${target.built.name} are virtual nodes`);
    const indexIn = (side: Side, edge: number) => side.built.indexOf[side.places[edge]!]!;
    const refuse = (feature: string): never => {
      throw unsupported(path, feature);
    };
    const targetsOf = (edges: Uint32Array) =>
      turns.filled(new Uint32Array(edges.length), (k) => indexIn(target, edges[k]!));
    const targets = await targetsOf(chosen);
    const model =
      kind.template === 'static_synapse'
        ? {}
        : { model: nestSynapseModel(kind.template, kind.params, made, targets, refuse) };
    const joined = async (pre: Presynaptic, edges: Uint32Array, sources: Uint32Array, onto: Uint32Array) =>
      connect(pre, made.cells, list(sources, onto), {
        weight: compact(
          await turns.filled(new Float64Array(edges.length), (k) => made.weight(weights(edges[k]!))),
        ),
        delay: compact(await turns.filled(new Float64Array(edges.length), (k) => delays(edges[k]!))),
        ...model,
      });
    const sources = await turns.filled(new Uint32Array(chosen.length), (k) => indexIn(source, chosen[k]!));
    connections.push(await joined(neuronsOf(from), chosen, sources, targets));
    if (again === undefined) continue;
    // The same synapses once more for each further train of their source.
    const repeated: number[] = [];
    const trains: number[] = [];
    await turns.each(chosen.length, (k) => {
      for (const train of again.trainsOf.get(sources[k]!) ?? []) {
        repeated.push(chosen[k]!);
        trains.push(train);
      }
    });
    if (repeated.length === 0) continue;
    if (kind.template !== 'static_synapse')
      refuse(`two spikes of a node in one step onto the synapse ${kind.template}`);
    const further = Uint32Array.from(repeated);
    connections.push(await joined(again.source, further, Uint32Array.from(trains), await targetsOf(further)));
  }
  return connections;
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

async function synapsesOf(
  edges: Elements,
  config: Config,
  dt: number,
  path: string,
  reader: SonataFiles,
  turns: Turns,
) {
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
    const params = files.get(file) ?? (await reader.json(resolve(folder, file)));
    files.set(file, params);
    for (const [key, value] of Object.entries(params)) {
      if (!['weight', 'delay'].includes(key) && changing?.has(key) !== true)
        throw unsupported(path, `the parameter ${key} of ${file}`);
      if (!Number.isFinite(value))
        throw malformed(resolve(folder, file), `${key} should be a number, not ${value}`);
    }
  }
  const templates = await turns.run(edges.values('model_template'));
  const named = await turns.run(edges.values('dynamics_params'));
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
  const kindsOf = await turns.filled(new Uint32Array(edges.size), kindOf);
  const numbers = (name: string) => turns.run(edges.numbers(name));
  const [weight, count, delay] = [
    await numbers('syn_weight'),
    await numbers('nsyns'),
    await numbers('delay'),
  ];
  const own = [await numbers('dynamics_params/weight'), await numbers('dynamics_params/delay')];
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
