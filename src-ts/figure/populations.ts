/** Spike trains of populations, from what simulations return and analyses take. */

import type { SpikeTrains } from '../analysis/spike-trains.ts';
import { invalid } from '../checks/check.ts';
import type { Recording } from '../circuit/recording.ts';

/** Spikes: a recording of a simulation, spike trains, or spike trains by the names of populations. */
export type FigureSpikes = Recording | SpikeTrains | Readonly<Record<string, SpikeTrains>>;

/** Spike trains with the name of their population; empty for unnamed trains. */
export interface NamedTrains {
  readonly name: string;
  readonly trains: SpikeTrains;
}

/** The populations of a recording whose spikes are recorded, or given trains. @throws LapicqueError `invalid-parameter` */
export function populationsOf(spikes: FigureSpikes): NamedTrains[] {
  if (typeof spikes !== 'object' || spikes === null)
    invalid('spikes', spikes, 'a recording, spike trains, or an object of spike trains');
  if (isTrains(spikes)) return [{ name: '', trains: spikes }];
  if (isRecording(spikes)) return recordedOf(spikes);
  const named = Object.entries(spikes as Readonly<Record<string, SpikeTrains>>);
  for (const [name, trains] of named)
    if (!isTrains(trains)) invalid(`spikes.${name}`, trains, 'spike trains: { times, ids, neurons, stop }');
  if (named.length === 0) invalid('spikes', spikes, 'at least one population');
  return named.map(([name, trains]) => ({ name, trains }));
}

function recordedOf(recording: Recording): NamedTrains[] {
  const all = Object.keys(recording.recorded);
  if (all.length === 0)
    invalid('spikes', 'a recording without spikes of any population', 'record.spikes(…) in the network');
  return all.map((name) => ({ name, trains: recording.of(name) }));
}

/** The neuron of a train, counted in its population. */
export function neuronOf({ neuronIds }: SpikeTrains, train: number): number {
  return neuronIds?.[train] ?? train;
}

/** Start and end in ms of all populations. */
export function spanOf(populations: readonly NamedTrains[]): [number, number] {
  return [
    Math.min(...populations.map(({ trains }) => trains.start ?? 0)),
    Math.max(...populations.map(({ trains }) => trains.stop)),
  ];
}

function isTrains(value: unknown): value is SpikeTrains {
  if (typeof value !== 'object' || value === null) return false;
  return 'times' in value && 'ids' in value && 'neurons' in value && 'stop' in value;
}

/** Also of another copy of the package. */
export function isRecording(value: object): value is Recording {
  return 'times' in value && 'ids' in value && 'populations' in value && 'recorded' in value;
}
