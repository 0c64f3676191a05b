/** The state of a simulation, in memory and in a file. */
import { attached, finite, integer, invalid, typedArray } from '../checks/check.ts';
import type { FileSource, FileTarget, LoadOptions } from '../files/file-source.ts';
import { Allowance, limitOf } from '../files/limits.ts';
import { type OpenFile, withFile } from '../files/open-file.ts';
import type { TensorData } from '../files/tensor-data.ts';
import { fileBytes, type NamedTensor, namedTensor, writeFile } from '../files/tensor-file.ts';

/** The state of a simulation as plain data: it can be stored, sent to another thread, and inspected. */
export interface SimulationState {
  /** Steps done since the start. */
  readonly step: number;
  /** Time step in ms. */
  readonly dt: number;
  /** Seed of the simulation; `null` for a file without one, as in early versions. */
  readonly seed: number | null;
  readonly populations: readonly {
    readonly name: string;
    /** Each state of the model in its order, one value per neuron. */
    readonly states: readonly { readonly name: string; readonly values: Float64Array }[];
  }[];
  /** Spikes in flight, which have not reached all their targets: the step of each, and its neuron. */
  readonly inFlightSteps: Float64Array;
  readonly inFlightIds: Uint32Array;
  /** The learned state of plastic synapses, packed by the engine; for values see {@link Simulation.plasticSynapses}. */
  readonly plastic: Uint8Array;
  /**
   * Changes by {@link Simulation.set} and {@link Simulation.setWeights}, packed by the engine. If they are missing, as in states of early versions,
   * `restore` leaves the current settings unchanged.
   */
  readonly changes?: Uint8Array;
}

const format = 'lapicque simulation state 1';

/** Writes a `.safetensors` file, atomically. */
export async function writeState(target: FileTarget, state: SimulationState): Promise<void> {
  const { tensors, metadata } = contentOf(state);
  await writeFile('target', target, tensors, metadata);
}

/** The bytes of the same file. */
export function stateBytes(state: SimulationState): Promise<Uint8Array<ArrayBuffer>> {
  const { tensors, metadata } = contentOf(state);
  return fileBytes(tensors, metadata);
}

function contentOf(state: SimulationState): { tensors: NamedTensor[]; metadata: [string, string][] } {
  const vector = (name: string, data: TensorData) => namedTensor(name, [data.length], data);
  const names = state.populations.map(({ name, states }) => [name, states.map((values) => values.name)]);
  const tensors = [
    ...state.populations.flatMap(({ states }, i) =>
      states.map(({ values }, j) => vector(`states.${i}.${j}`, values)),
    ),
    vector('inFlight.steps', state.inFlightSteps),
    vector('inFlight.ids', state.inFlightIds),
    vector('plastic', state.plastic),
    ...(state.changes === undefined ? [] : [vector('changes', state.changes)]),
  ];
  const metadata: [string, string][] = [
    ['format', format],
    ['step', String(state.step)],
    ['dt', String(state.dt)],
    ...(state.seed === null ? [] : [['seed', String(state.seed)] as [string, string]]),
    ['populations', JSON.stringify(names)],
  ];
  return { tensors, metadata };
}

/** Checks the form of a state and in which steps it counts; whether it is one of this network, the engine knows. */
export function stateOf(state: SimulationState, dt: number): SimulationState {
  if (typeof state !== 'object' || state === null) invalid('state', state, 'a result of save(), or a file');
  const list = <T>(name: string, value: readonly T[]) =>
    Array.isArray(value) ? Array.from(value as readonly T[]) : invalid(name, value, 'a list');
  finite('state.step', state.step);
  if (state.dt !== dt) invalid('state.dt', state.dt, `${dt} ms, the time step of the simulation`);
  if (state.seed !== null) integer('state.seed', state.seed, { min: 0 });
  list('state.populations', state.populations).forEach((population, i) => {
    const name = `state.populations[${i}]`;
    if (typeof population?.name !== 'string') invalid(name, population, 'a population with name and states');
    list(`${name}.states`, population.states).forEach((state, j) => {
      if (typeof state?.name !== 'string')
        invalid(`${name}.states[${j}]`, state, 'a state with name and values');
      attached(
        `${name}.states[${j}].values`,
        typedArray(`${name}.states[${j}].values`, state.values, [Float64Array]),
      );
    });
  });
  attached('state.inFlightSteps', typedArray('state.inFlightSteps', state.inFlightSteps, [Float64Array]));
  attached('state.inFlightIds', typedArray('state.inFlightIds', state.inFlightIds, [Uint32Array]));
  attached('state.plastic', typedArray('state.plastic', state.plastic, [Uint8Array]));
  if (state.changes !== undefined)
    attached('state.changes', typedArray('state.changes', state.changes, [Uint8Array]));
  return state;
}

/** Whether they are what {@link writeState} writes: populations, each with its states. */
function areNames(value: unknown): value is [string, string[]][] {
  const all = Array.isArray;
  return all(value) && value.every((pair) => all(pair) && typeof pair[0] === 'string' && all(pair[1]));
}

/** @throws LapicqueError `malformed-file` for another file, `too-large`, `io`, `aborted` */
export function readState(source: FileSource, options: LoadOptions = {}): Promise<SimulationState> {
  return withFile('state', source, options, (file) => stateIn(file, options));
}

async function stateIn(file: OpenFile, options: LoadOptions): Promise<SimulationState> {
  const malformed = (reason: string) => file.malformed('simulation state', reason);
  const metadata = new Map(file.metadata);
  if (metadata.get('format') !== format)
    throw malformed('it is not a state of a simulation that this version can read');
  const array = async <T>(name: string): Promise<T> => {
    if (!file.has(name)) throw malformed(`it lacks the tensor ${name}`);
    return (await file.tensor(name)) as T;
  };
  const allowance = new Allowance(limitOf(options.limits), file.size);
  const names = await file.json('simulation state', metadata.get('populations') ?? '', allowance);
  if (!areNames(names)) throw malformed('it does not name populations and their states');
  const populations = [];
  for (const [i, [name, stateNames]] of names.entries()) {
    const states = [];
    for (const [j, state] of stateNames.entries())
      states.push({ name: state, values: await array<Float64Array>(`states.${i}.${j}`) });
    populations.push({ name, states });
  }
  return {
    step: Number(metadata.get('step')),
    dt: Number(metadata.get('dt')),
    seed: metadata.has('seed') ? Number(metadata.get('seed')) : null,
    populations,
    inFlightSteps: await array('inFlight.steps'),
    inFlightIds: await array('inFlight.ids'),
    plastic: await array('plastic'),
    ...(file.has('changes') ? { changes: await array<Uint8Array>('changes') } : {}),
  };
}
