/** The state of a simulation, in memory and in a file. */
import { LapicqueError } from '../errors.ts';
import { addon, task } from '../native.ts';
import { readTensors } from '../tensor-file.ts';

/** Where a simulation is. Plain data: it can be stored, sent to another thread, and looked at. */
export interface SimulationState {
  /** Steps done since the start. */
  readonly step: number;
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
}

const format = 'lapicque simulation state 1';

/** Writes a `.safetensors` file, atomically. */
export async function writeState(path: string, state: SimulationState): Promise<void> {
  const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const tensor = (name: string, dtype: string, data: Float64Array | Uint32Array | Uint8Array) => ({
    name,
    dtype,
    shape: [data.length],
    data: bytes(data),
  });
  const names = state.populations.map(({ name, states }) => [name, states.map((values) => values.name)]);
  const tensors = [
    ...state.populations.flatMap(({ states }, i) =>
      states.map(({ values }, j) => tensor(`states.${i}.${j}`, 'F64', values)),
    ),
    tensor('inFlight.steps', 'F64', state.inFlightSteps),
    tensor('inFlight.ids', 'U32', state.inFlightIds),
    tensor('plastic', 'U8', state.plastic),
  ];
  const metadata: [string, string][] = [
    ['format', format],
    ['step', String(state.step)],
    ['populations', JSON.stringify(names)],
  ];
  await task({}, (handle) => addon.writeTensors(path, metadata, tensors, handle));
}

/** @throws LapicqueError `malformed-file` for another file, `io` */
export async function readState(path: string): Promise<SimulationState> {
  const { tensors, metadata } = await readTensors(path);
  if (metadata.get('format') !== format) {
    const reason = `${path} is no state of a simulation that this version reads`;
    throw new LapicqueError('malformed-file', { format: 'simulation state', offset: 0, reason });
  }
  const array = <T>(name: string) => tensors.get(name)!.data as T;
  const names = JSON.parse(metadata.get('populations')!) as [string, string[]][];
  return {
    step: Number(metadata.get('step')),
    populations: names.map(([name, states], i) => ({
      name,
      states: states.map((state, j) => ({ name: state, values: array<Float64Array>(`states.${i}.${j}`) })),
    })),
    inFlightSteps: array('inFlight.steps'),
    inFlightIds: array('inFlight.ids'),
    plastic: array('plastic'),
  };
}
