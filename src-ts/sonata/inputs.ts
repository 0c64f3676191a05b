/** Inputs of a SONATA simulation: spikes of virtual nodes, and currents. */
import { currentSource } from '../circuit/devices.ts';
import { connect, type NetworkElement } from '../circuit/elements.ts';
import { type Config, type Json, malformed, objectOf, unsupported } from './config.ts';
import { type Hdf5Reader, populationsOf } from './hdf5.ts';
import { type Built, isSource, type Nodes } from './nodes.ts';
import { readRows } from './rows.ts';

/**
 * By population and by the places of its nodes: ascending times in ms. Of spikes that one node has in one step each further one is in a
 * train of its own.
 */
export type Trains = Map<string, Map<number, readonly (readonly number[])[]>>;

/** Spikes in files: for each its population where that is said, the node's id and the time in ms. */
type Spikes = readonly { population: string | undefined; ids: ArrayLike<number>; times: ArrayLike<number> }[];

export async function readTrains(
  config: Config,
  nodes: ReadonlyMap<string, Nodes>,
  dt: number,
  reader: Hdf5Reader,
): Promise<Trains> {
  const steps = new Map<string, Map<number, number[]>>();
  for (const [name, input] of Object.entries(config.inputs)) {
    if (input.enabled === false || input.input_type !== 'spikes') continue;
    const file = input.input_file;
    if (typeof file !== 'string') throw malformed(config.path, `inputs.${name} has no input_file`);
    const chosen = nodeSet(config, nodes, input.node_set, `inputs.${name}.node_set`);
    for (const { population, ids, times } of await spikesOf(file, input, reader)) {
      const of = population ?? (chosen.size === 1 ? [...chosen.keys()][0]! : undefined);
      if (of === undefined) throw malformed(file, `it does not say of which population its spikes are`);
      const [own, places] = [nodes.get(of), chosen.get(of)];
      // Files may have spikes of others.
      if (own === undefined || places === undefined) continue;
      for (let i = 0; i < ids.length; i++) {
        const place = own.position(ids[i]!);
        if (place === undefined) throw malformed(file, `${of} has no node ${ids[i]}`);
        if (!places.has(place)) continue;
        if (own.virtual[place] !== 1)
          throw malformed(config.path, `inputs.${name}: node ${ids[i]} of ${of} is not virtual`);
        // A spike within a step is one at its end, as in NEST.
        const step = Math.ceil(times[i]! / dt - 1e-6);
        if (!(step > 0))
          throw malformed(file, `node ${ids[i]} of ${of} fires at ${times[i]} ms: times are above 0`);
        const all = steps.get(of) ?? new Map<number, number[]>();
        steps.set(of, all);
        const train = all.get(place);
        if (train === undefined) all.set(place, [step]);
        else train.push(step);
      }
    }
  }
  const apart = ([place, train]: [number, number[]]) => [place, trainsOf(train, dt)] as const;
  return new Map([...steps].map(([name, all]) => [name, new Map([...all].map(apart))]));
}

/** One train, and more where steps have several spikes, which NEST sends all. */
function trainsOf(steps: number[], dt: number): number[][] {
  const trains: number[][] = [];
  let before = 0;
  steps.sort((a, b) => a - b);
  steps.forEach((step, i) => {
    before = step === steps[i - 1] ? before + 1 : 0;
    const train = trains[before];
    if (train === undefined) trains.push([step * dt]);
    else train.push(step * dt);
  });
  return trains;
}

async function spikesOf(file: string, input: Json, reader: Hdf5Reader): Promise<Spikes> {
  if (input.module === 'csv' || file.endsWith('.csv')) {
    const rows = await readRows(file);
    const [time, id] = [
      ['timestamps', 'timestamp'],
      ['node_ids', 'node_id', 'gid'],
    ].map((names) => names.find((name) => rows.columns.includes(name)));
    if (time === undefined || id === undefined)
      throw malformed(file, 'it has no columns timestamps and node_ids');
    const populations = new Set(rows.map((row) => row.population));
    return [...populations].map((population) => {
      const own = rows.filter((row) => row.population === population);
      const numbers = (column: string) => own.map((row) => Number(row[column]));
      return { population, ids: numbers(id), times: numbers(time) };
    });
  }
  if (!['h5', 'sonata', undefined].includes(input.module as string | undefined))
    throw unsupported(file, `spikes of the module ${input.module}`);
  const tables = await reader.read(file, ['spikes']);
  const numbers = (at: string): Float64Array => {
    const values = tables.get(at)?.values;
    if (!(values instanceof Float64Array)) throw malformed(file, `${at} is missing`);
    return values;
  };
  const made = (population: string | undefined, ids: string, times: string) => {
    const spikes = { population, ids: numbers(ids), times: numbers(times) };
    if (spikes.ids.length !== spikes.times.length)
      throw malformed(file, `${spikes.ids.length} of ${ids} for ${spikes.times.length} of ${times}`);
    return spikes;
  };
  // Before populations were part of the format.
  if (tables.has('spikes/timestamps')) return [made(undefined, 'spikes/gids', 'spikes/timestamps')];
  return populationsOf(tables, 'spikes').map((population) => {
    const at = `spikes/${population}`;
    return made(population, `${at}/node_ids`, `${at}/timestamps`);
  });
}

/** Currents, which begin a step later than they say, as those of NEST's generators do. */
export function currents(config: Config, nodes: ReadonlyMap<string, Built>, dt: number): NetworkElement[] {
  return Object.entries(config.inputs).flatMap(([name, input]): NetworkElement[] => {
    if (input.enabled === false || input.input_type === 'spikes') return [];
    if (input.input_type !== 'current_clamp')
      throw unsupported(config.path, `inputs.${name} of the type ${input.input_type}`);
    const [amp, delay, duration] = ['amp', 'delay', 'duration'].map((key) => Number(input[key]));
    if (![amp, delay, duration].every(Number.isFinite))
      throw unsupported(config.path, `inputs.${name} without one number each for amp, delay and duration`);
    const grid = (ms: number) => Math.round(ms / dt) * dt;
    const times = [grid(delay! + dt), grid(delay! + duration! + dt)];
    const chosen = nodeSet(config, nodes, input.node_set, `inputs.${name}.node_set`);
    return [...chosen].flatMap(([population, places]) =>
      nodes.get(population)!.parts.flatMap(({ made, nodes: own }) => {
        if (isSource(made) || !own.some((place) => places.has(place))) return [];
        const on = Array.from(own, (place, i) => (places.has(place) ? made.current(amp!, i) : 0));
        return connect(currentSource({ times, values: [on, 0] }), made.cells);
      }),
    );
  });
}

/** Places of the nodes of a set, by population. */
function nodeSet(
  config: Config,
  nodes: ReadonlyMap<string, Nodes>,
  set: unknown,
  where: string,
): Map<string, Set<number>> {
  if (typeof set === 'string' && config.nodeSets[set] === undefined) {
    if (set !== 'all' && !nodes.has(set))
      throw malformed(config.path, `${where}: there is no node set ${set}`);
    return nodeSet(config, nodes, set === 'all' ? {} : { population: set }, where);
  }
  const said = typeof set === 'string' ? config.nodeSets[set] : (set ?? {});
  const chosen = new Map<string, Set<number>>();
  if (Array.isArray(said)) {
    for (const part of said) {
      if (part === set) throw malformed(config.path, `${where}: the node set ${set} contains itself`);
      for (const [population, places] of nodeSet(config, nodes, part, where))
        chosen.set(population, new Set([...(chosen.get(population) ?? []), ...places]));
    }
    return chosen;
  }
  const { population, ...conditions } = objectOf(config.path, where, said);
  const populations = population === undefined ? [...nodes.keys()] : [population].flat();
  for (const name of populations as string[]) {
    const own = nodes.get(name);
    if (own === undefined) throw malformed(config.path, `${where}: there is no population ${name}`);
    const columns = Object.entries(conditions).map(([key, wanted]) => {
      const values = key === 'node_id' ? own.ids : own.elements.values(key);
      return { values, wanted: new Set([wanted].flat().map(String)) };
    });
    const places = Array.from(own.ids.keys()).filter((i) =>
      columns.every(({ values, wanted }) => values !== undefined && wanted.has(String(values[i]))),
    );
    if (places.length > 0) chosen.set(name, new Set(places));
  }
  return chosen;
}
