/** The state of a simulation, in memory and in a file. */
import { attached, finite, integer, invalid, typedArray } from '../check.ts';
import { LapicqueError } from '../errors.ts';
import { namedTensor, readTensors, type TensorData, writeFile } from '../tensor-file.ts';

/** Where a simulation is. Plain data: it can be stored, sent to another thread, and looked at. */
export interface SimulationState {
  /** Steps done since the start. */
  readonly step: number;
  /** How long they are, in ms. */
  readonly dt: number;
  /** Of the simulation; `null` from a file that does not say it, as the first ones. */
  readonly seed: number | null;
  readonly populations: readonly {
    readonly name: string;
    /** Each state of the model in its order, one value a neuron. */
    readonly states: readonly { readonly name: string; readonly values: Float64Array }[];
  }[];
  /** Spikes that have not arrived everywhere: the step of each, and its neuron. */
  readonly inFlightSteps: Float64Array;
  readonly inFlightIds: Uint32Array;
  /** What synapses that change have learned, as the engine packs it; see {@link Simulation.plasticSynapses} for their values. */
  readonly plastic: Uint8Array;
  /**
   * What {@link Simulation.set} and {@link Simulation.setWeights} changed, as the engine packs it. Where it is missing, as in states of
   * before it was held, what is set stays as it is.
   */
  readonly changes?: Uint8Array;
}

const format = 'lapicque simulation state 1';

/** Writes a `.safetensors` file, atomically. */
export async function writeState(path: string, state: SimulationState): Promise<void> {
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
  await writeFile(path, tensors, metadata);
}

/** Checks the form of a state and in which steps it counts; whether it is one of this network, the engine knows. */
export function stateOf(given: SimulationState, dt: number): SimulationState {
  if (typeof given !== 'object' || given === null) invalid('state', given, 'what save() gave, or a file');
  const list = <T>(name: string, value: readonly T[]) =>
    Array.isArray(value) ? Array.from(value as readonly T[]) : invalid(name, value, 'a list');
  finite('state.step', given.step);
  if (given.dt !== dt) invalid('state.dt', given.dt, `${dt} ms, the time step of the simulation`);
  if (given.seed !== null) integer('state.seed', given.seed, { min: 0 });
  list('state.populations', given.populations).forEach((population, i) => {
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
  attached('state.inFlightSteps', typedArray('state.inFlightSteps', given.inFlightSteps, [Float64Array]));
  attached('state.inFlightIds', typedArray('state.inFlightIds', given.inFlightIds, [Uint32Array]));
  attached('state.plastic', typedArray('state.plastic', given.plastic, [Uint8Array]));
  if (given.changes !== undefined)
    attached('state.changes', typedArray('state.changes', given.changes, [Uint8Array]));
  return given;
}

/** Whether they are what {@link writeState} writes: populations, each with its states. */
function areNames(given: unknown): given is [string, string[]][] {
  const all = Array.isArray;
  return all(given) && given.every((pair) => all(pair) && typeof pair[0] === 'string' && all(pair[1]));
}

/** @throws LapicqueError `malformed-file` for another file, `io` */
export async function readState(path: string): Promise<SimulationState> {
  const { tensors, metadata } = await readTensors(path);
  const malformed = (reason: string) =>
    new LapicqueError('malformed-file', {
      format: 'simulation state',
      offset: 0,
      reason: `${path} ${reason}`,
    });
  if (metadata.get('format') !== format)
    throw malformed('is no state of a simulation that this version reads');
  const array = <T>(name: string) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw malformed(`lacks the tensor ${name}`);
    return tensor.data as T;
  };
  let names: unknown;
  try {
    names = JSON.parse(metadata.get('populations') ?? '');
  } catch (error) {
    throw malformed((error as Error).message);
  }
  if (!areNames(names)) throw malformed('does not name populations and their states');
  return {
    step: Number(metadata.get('step')),
    dt: Number(metadata.get('dt')),
    seed: metadata.has('seed') ? Number(metadata.get('seed')) : null,
    populations: names.map(([name, states], i) => ({
      name,
      states: states.map((state, j) => ({ name: state, values: array<Float64Array>(`states.${i}.${j}`) })),
    })),
    inFlightSteps: array('inFlight.steps'),
    inFlightIds: array('inFlight.ids'),
    plastic: array('plastic'),
    ...(tensors.has('changes') ? { changes: array<Uint8Array>('changes') } : {}),
  };
}
