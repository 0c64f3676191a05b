/** Edges of a SONATA network as connections. */
import { LapicqueError } from '../checks/errors.ts';
import { type CircuitElement, connect } from '../circuit/elements/elements.ts';
import type { Presynaptic } from '../circuit/elements/populations.ts';
import { list } from '../circuit/elements/rule.ts';
import { Yielder } from '../engine/yielder.ts';
import { driveSynapse, type SynapseModel } from '../neurons/synapse-model.ts';
import { synapsesByTarget } from './cell-edges.ts';
import type { Config } from './config.ts';
import { type SynapseKind, synapsesOf } from './edge-synapses.ts';
import { Elements, readTypes } from './elements.ts';
import type { SonataFiles } from './files.ts';
import { populationsOf } from './hdf5.ts';
import { unsupported } from './json.ts';
import type { NestNeurons } from './nest-models.ts';
import { areCells, type Built, isSource, neuronsOf } from './nodes.ts';
import { isExp2Syn, type SonataSynapse, synapseModelOf } from './synapses.ts';

/** Makes a connection when the targets of all cells are known. */
type Later = () => CircuitElement;

export async function readEdges(
  config: Config,
  nodes: ReadonlyMap<string, Built>,
  dt: number,
  files: SonataFiles,
  models: Readonly<Record<string, SonataSynapse>>,
  warnings: string[],
): Promise<Later[]> {
  const connections: Later[] = [];
  for (const { elements: path, types: table } of config.edges) {
    const [tables, typesOf] = [await files.tables(path, ['edges']), await readTypes(table, 'edge', files)];
    for (const name of populationsOf(tables, 'edges')) {
      const edges = new Elements(path, tables, `edges/${name}`, typesOf(name));
      connections.push(...(await connectionsOf(edges, config, nodes, dt, path, files, models, warnings)));
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
  models: Readonly<Record<string, SonataSynapse>>,
  warnings: string[],
): Promise<Later[]> {
  const yielder = new Yielder(files.signal);
  const source = await sideOf('source', edges, nodes, yielder);
  const target = await sideOf('target', edges, nodes, yielder);
  const synapses = await synapsesOf(edges, config, dt, path, files, yielder, models, warnings);
  const { weights, delays, kinds, kindOf } = synapses;
  const ontoCells = target.built.parts.some(({ cellsOrSource }) => areCells(cellsOrSource));
  const byTarget = ontoCells ? await synapsesByTarget(edges, path, yielder) : undefined;

  // A connection for each pair of parts and each kind of synapse, with its edges in their order.
  const width = target.built.parts.length;
  const pairOf = (i: number) =>
    (source.built.partOf[source.positions[i]!]! * width + target.built.partOf[target.positions[i]!]!) *
      kinds.length +
    kindOf[i]!;
  const groups = new Map<number, number>();
  await yielder.each(edges.size, (i) => {
    const pair = pairOf(i);
    groups.set(pair, (groups.get(pair) ?? 0) + 1);
  });
  const members = new Map([...groups].map(([pair, count]) => [pair, new Uint32Array(count)]));
  await yielder.each(edges.size, (i) => {
    const pair = pairOf(i);
    const left = groups.get(pair)!;
    const all = members.get(pair)!;
    all[all.length - left] = i;
    groups.set(pair, left - 1);
  });
  const indexIn = (side: Side, edge: number) => side.built.indexOf[side.positions[edge]!]!;
  const connections: Later[] = [];
  for (const [group, chosen] of [...members].sort(([a], [b]) => a - b)) {
    const [pair, kind] = [Math.floor(group / kinds.length), kinds[group % kinds.length]!];
    const from = source.built.parts[Math.floor(pair / width)]!;
    const { extraSpikes } = from;
    const { cellsOrSource } = target.built.parts[pair % width]!;
    if (isSource(cellsOrSource)) throw edges.error(`its targets in ${target.built.name} are virtual nodes`);
    const refuse = (feature: string): never => {
      throw unsupported(path, feature);
    };
    const indicesOf = (edges: Uint32Array) =>
      yielder.filled(new Uint32Array(edges.length), (k) => indexIn(target, edges[k]!));
    if (areCells(cellsOrSource)) {
      if (extraSpikes !== undefined) refuse('two spikes of a node in one step onto cells with a morphology');
      const targeted = await yielder.run(byTarget!(chosen, weights, kind, cellsOrSource));
      for (const [port, { edges: own, weights: each }] of targeted) {
        const [sources, targets] = [source, target].map((side) => own.map((edge) => indexIn(side, edge)));
        const delay = compact(Float64Array.from(own, (edge) => delays[edge]!));
        const options = { port, weight: compact(each), delay };
        connections.push(() =>
          connect(neuronsOf(from), cellsOrSource.cells, list(sources!, targets!), options),
        );
      }
      continue;
    }
    if (isExp2Syn(kind.template)) refuse('the synapse exp2syn onto point neurons');
    const targets = await indicesOf(chosen);
    const model =
      kind.template === 'static_synapse'
        ? {}
        : {
            model: await checkedModel(
              edges,
              kind,
              models,
              cellsOrSource,
              targets,
              weights[chosen[0]!]!,
              refuse,
            ),
          };
    const joined = async (
      pre: () => Presynaptic,
      edges: Uint32Array,
      sources: Uint32Array,
      onto: Uint32Array,
    ): Promise<Later> => {
      const weight = await yielder.filled(new Float64Array(edges.length), (k) =>
        cellsOrSource.weight(weights[edges[k]!]!),
      );
      const delay = await yielder.filled(new Float64Array(edges.length), (k) => delays[edges[k]!]!);
      const options = { weight: compact(weight), delay: compact(delay), ...model };
      return () => connect(pre(), cellsOrSource.cells, list(sources, onto), options);
    };
    const sources = await yielder.filled(new Uint32Array(chosen.length), (k) => indexIn(source, chosen[k]!));
    connections.push(await joined(() => neuronsOf(from), chosen, sources, targets));
    if (extraSpikes === undefined) continue;
    // The same synapses once more for each further train of their source.
    const repeated: number[] = [];
    const trains: number[] = [];
    await yielder.each(chosen.length, (k) => {
      for (const train of extraSpikes.trainsOf.get(sources[k]!) ?? []) {
        repeated.push(chosen[k]!);
        trains.push(train);
      }
    });
    if (repeated.length === 0) continue;
    if (kind.template !== 'static_synapse')
      refuse(`two spikes of a node in one step onto the synapse ${kind.template}`);
    const further = Uint32Array.from(repeated);
    connections.push(
      await joined(() => extraSpikes.source, further, Uint32Array.from(trains), await indicesOf(further)),
    );
  }
  return connections;
}

/** The nodes at one end of edges. */
async function sideOf(
  side: 'source' | 'target',
  edges: Elements,
  nodes: ReadonlyMap<string, Built>,
  yielder: Yielder,
): Promise<Side> {
  const name = edges.attribute(`${side}_node_id`, 'node_population');
  const built = name === undefined ? undefined : nodes.get(name);
  if (built === undefined) throw edges.error(`there are no nodes of the ${side} population ${name}`);
  const ids = edges.dataset(`${side}_node_id`);
  if (ids.length !== edges.size) throw edges.error(`${ids.length} ${side}_node_id for ${edges.size} edges`);
  const positions = await yielder.filled(new Uint32Array(ids.length), (i) => {
    const position = built.position(ids[i]!);
    if (position === undefined) throw edges.error(`the ${side} population ${name} has no node ${ids[i]}`);
    return position;
  });
  return { built, positions };
}

/** The model of some synapses, tried with the weight of one of them: the engine would name a connection, which no file has. */
async function checkedModel(
  edges: Elements,
  { template, params, edge, typeId }: SynapseKind,
  models: Readonly<Record<string, SonataSynapse>>,
  onto: NestNeurons,
  targets: Uint32Array,
  weight: number,
  refuse: (feature: string) => never,
): Promise<SynapseModel> {
  try {
    const model = synapseModelOf(template, params, models, onto, targets, refuse);
    // Rules that see their target's states run in a network only.
    if (!['clopath', 'custom', 'combined'].includes(model.model))
      await driveSynapse(model, { pre: [], weight: Math.abs(weight) });
    return model;
  } catch (error) {
    const isModelError = error instanceof LapicqueError && !['aborted', 'unsupported'].includes(error.code);
    if (!isModelError) throw error;
    throw edges.error(`edge ${edge} of edge_type_id ${typeId}: ${template}: ${error.message}`);
  }
}

interface Side {
  readonly built: Built;
  /** Of each edge. */
  readonly positions: Uint32Array;
}

/** A number where all are the same, which the engine stores once. */
function compact(values: Float64Array): number | Float64Array {
  return values.every((x) => x === values[0]) ? values[0]! : values;
}
