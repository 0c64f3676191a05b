/** Inputs of a SONATA simulation: spikes of virtual nodes, and currents. */
import { currentSource } from '../circuit/elements/devices.ts';
import { type CircuitElement, connect } from '../circuit/elements/elements.ts';
import { Yielder } from '../engine/yielder.ts';
import { electrode } from './cell-nodes.ts';
import type { Config } from './config.ts';
import type { SonataFiles } from './files.ts';
import { type Json, malformed, unsupported } from './json.ts';
import { NodeSets } from './node-sets.ts';
import { areCells, type Built, isSource, type Nodes } from './nodes.ts';

/**
 * By population and by the positions of its nodes: ascending times in ms. Of spikes that one node has in one step each further one is in a
 * train of its own.
 */
export type Trains = Map<string, Map<number, readonly (readonly number[])[]>>;

/** Spikes in files: for each its population if the file has it, the node's id and the time in ms. */
type Spikes = readonly { population: string | undefined; ids: ArrayLike<number>; times: ArrayLike<number> }[];

export async function readTrains(
  config: Config,
  nodes: ReadonlyMap<string, Nodes>,
  dt: number,
  files: SonataFiles,
): Promise<Trains> {
  const yielder = new Yielder(files.signal);
  const sets = new NodeSets(config, nodes, yielder);
  const steps = new Map<string, Map<number, number[]>>();
  for (const [name, input] of Object.entries(config.inputs)) {
    if (input.enabled === false || input.input_type !== 'spikes') continue;
    const file = input.input_file;
    if (typeof file !== 'string') throw malformed(config.path, `inputs.${name} has no input_file`);
    const chosen = await sets.of(input.node_set, `inputs.${name}.node_set`);
    for (const { population, ids, times } of await spikesOf(file, input, files)) {
      const of = population ?? (chosen.size === 1 ? [...chosen.keys()][0]! : undefined);
      if (of === undefined) throw malformed(file, `it does not name the population of its spikes`);
      const [own, positions] = [nodes.get(of), chosen.get(of)];
      // Files may have spikes of others.
      if (own === undefined || positions === undefined) continue;
      await yielder.each(ids.length, (i) => {
        const position = own.position(ids[i]!);
        if (position === undefined) throw malformed(file, `${of} has no node ${ids[i]}`);
        if (!positions.has(position)) return;
        if (own.virtual[position] !== 1)
          throw malformed(config.path, `inputs.${name}: node ${ids[i]} of ${of} is not virtual`);
        // A spike within a step is one at its end, as in NEST.
        const step = Math.ceil(times[i]! / dt - 1e-6) + 0;
        if (!(step >= 0))
          throw malformed(file, `node ${ids[i]} of ${of} fires at ${times[i]} ms: times are at least 0`);
        const all = steps.get(of) ?? new Map<number, number[]>();
        steps.set(of, all);
        const train = all.get(position);
        if (train === undefined) all.set(position, [step]);
        else train.push(step);
      });
    }
  }
  const apart = ([position, train]: [number, number[]]) => [position, trainsOf(train, dt)] as const;
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

async function spikesOf(file: string, input: Json, files: SonataFiles): Promise<Spikes> {
  if (input.module === 'csv' || file.endsWith('.csv')) {
    const rows = await files.rows(file);
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
  return files.spikes(file);
}

/** Currents, which begin a step later than they say, as those of NEST's generators do. */
export async function currents(
  config: Config,
  nodes: ReadonlyMap<string, Built>,
  dt: number,
  files: SonataFiles,
): Promise<CircuitElement[]> {
  const yielder = new Yielder(files.signal);
  const sets = new NodeSets(config, nodes, yielder);
  const all: CircuitElement[] = [];
  for (const [name, input] of Object.entries(config.inputs)) {
    if (input.enabled === false || input.input_type === 'spikes') continue;
    if (input.input_type !== 'current_clamp')
      throw unsupported(config.path, `inputs.${name} of the type ${input.input_type}`);
    const [amp, delay, duration] = ['amp', 'delay', 'duration'].map((key) => Number(input[key]));
    if (![amp, delay, duration].every(Number.isFinite))
      throw unsupported(config.path, `inputs.${name} without one number each for amp, delay and duration`);
    const grid = (ms: number) => Math.round(ms / dt) * dt;
    const chosen = await sets.of(input.node_set, `inputs.${name}.node_set`);
    for (const [population, positions] of chosen) {
      for (const { cellsOrSource, nodes: own } of nodes.get(population)!.parts) {
        if (isSource(cellsOrSource)) continue;
        // In NEURON a current begins with the step in which its time lies.
        const lag = areCells(cellsOrSource) ? 0 : dt;
        const times = [grid(delay! + lag), grid(delay! + duration! + lag)];
        let some = false;
        const on = await yielder.filled(new Float64Array(own.length), (i) => {
          if (!positions.has(own[i]!)) return 0;
          some = true;
          return cellsOrSource.current(amp!, i);
        });
        if (some)
          all.push(
            connect(
              currentSource({ times, values: [Array.from(on), 0] }),
              cellsOrSource.cells,
              areCells(cellsOrSource) ? { port: electrode } : {},
            ),
          );
      }
    }
  }
  return all;
}
