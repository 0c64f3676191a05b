/** The tensors that a read-out reads of a run or of a session. */
import { invalid } from '../checks/check.ts';
import type { CompiledModel, Weights } from '../compiled/compiled-model.ts';
import { inputsOfTraced } from '../trace/readout.ts';
import type { TensorValues } from '../trace/trace.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';

/** The values of recordings, and those of parameters by name. */
export interface ReadoutSources {
  readonly recording: (name: string) => TensorValues;
  readonly parameters: Readonly<Record<string, Weights>>;
}

const ofLayer = 'layer:';
const ofParameter = 'parameter:';

function isRecorded(input: string): boolean {
  return input === 'spikes' || input === 'v' || input.startsWith(ofLayer);
}

/** The recording that a function reads as this input. Graded spikes have their values. */
function recordingOf({ info }: Pick<CompiledModel, 'info'>, input: string): string {
  const output = info.layers.find(({ name }) => name === info.output)!;
  const variable = input === 'v' ? output.states[0]!.name : input;
  const name = input.startsWith(ofLayer) ? input.slice(ofLayer.length) : `${output.name}.${variable}`;
  if (!name.endsWith('.spikes')) return name;
  const layer = info.layers.find((one) => `${one.name}.spikes` === name);
  const graded = layer?.states.some((state) => state.name === 'graded');
  return graded === true ? `${layer!.name}.graded` : name;
}

/** The recordings that a read-out needs. */
export function recordingsOf(model: Pick<CompiledModel, 'info'>, readout: TracedLoss): string[] {
  const recorded = inputsOfTraced(readout).filter(isRecorded);
  return [...new Set(recorded.map((name) => recordingOf(model, name)))];
}

/** Whether a read-out reads parameters. */
export function readsParameters(readout: TracedLoss): boolean {
  return inputsOfTraced(readout).some((name) => name.startsWith(ofParameter));
}

/** The inputs of a read-out by name; every step counts. */
export function readoutInputs(
  model: Pick<CompiledModel, 'info'>,
  readout: TracedLoss,
  { recording, parameters }: ReadoutSources,
  [steps, batch]: readonly [number, number],
): Record<string, TensorValues> {
  const shapes = new Map(model.info.parameters.map(({ name, shape }) => [name, shape]));
  const tensor = (name: string): TensorValues => {
    if (isRecorded(name)) return recording(recordingOf(model, name));
    if (name === 'lengths') return { values: new Float64Array(batch).fill(steps), shape: [batch] };
    if (name === 'mask') return { values: new Float64Array(steps * batch).fill(1), shape: [steps, batch] };
    const parameter = name.slice(ofParameter.length);
    const values = parameters[parameter];
    if (values === undefined)
      return invalid('readout', parameter, `one of ${Object.keys(parameters).join(', ')}`);
    return { values, shape: shapes.get(parameter)! };
  };
  return Object.fromEntries(inputsOfTraced(readout).map((name) => [name, tensor(name)]));
}

/** The sizes of the inputs of a read-out of one sample. */
export function readoutSizes(
  { info }: Pick<CompiledModel, 'info'>,
  readout: TracedLoss,
  steps: number,
): [name: string, sizes: readonly number[]][] {
  const sizes = (name: string): readonly number[] => {
    if (name === 'lengths') return [1];
    if (name === 'mask') return [steps, 1];
    if (name.startsWith(ofParameter)) {
      const parameter = name.slice(ofParameter.length);
      return info.parameters.find((own) => own.name === parameter)!.shape;
    }
    const recording = recordingOf({ info }, name);
    const layer = recording.slice(0, recording.lastIndexOf('.'));
    const isOf = (one: { readonly name: string }) => one.name === layer;
    const elements =
      info.layers.find(isOf)?.neurons ??
      info.maps.find(isOf)?.shape.reduce((product, size) => product * size, 1) ??
      info.projections.find(isOf)?.outputs;
    return [steps, 1, elements!];
  };
  return inputsOfTraced(readout).map((name) => [name, sizes(name)]);
}
