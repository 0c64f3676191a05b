/** Runs a batch without learning. */
import { options as checkOptions, invalid, text } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { nearestName, shortName } from '../checks/nearest-name.ts';
import { recordingOfPeers } from '../checks/peer-names.ts';
import type { CompiledModel, Weights } from '../compiled/compiled-model.ts';
import { isState, ModelState } from '../compiled/state.ts';
import { tensorsOf } from '../compiled/tensors.ts';
import { type InputOptions, type InputTensor, nativeInput } from '../description/input-tensor.ts';
import { task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { evaluateTraced } from '../trace/trace.ts';
import { readoutInputs, readsParameters, recordingsOf } from './readout.ts';

/** Options of {@link Model.run}. */
export interface RunOptions extends InputOptions, TaskOptions {
  /**
   * Values to record besides the output, by the names of {@link ModelInfo.recordable}: a state or the spikes of a population (`lif1.v`,
   * `lif1.spikes`), the input of one of its ports (`lif1.current`), the values of a layer without a state (`conv1.values`, `dense1.values`).
   */
  record?: readonly string[];
  /** The initial state; default rest. */
  state?: ModelState | undefined;
}

/** The result of a run. */
export interface RunResult {
  /**
   * `[time, batch, neurons]`, 0 and 1, also for graded spikes, whose values are the state `graded`; absent if the output does
   * not spike.
   */
  spikes?: Uint8Array;
  /** The output's membrane potential after each step, `[time, batch, neurons]`. */
  v: Weights;
  /** `[time, batch, neurons]` of the output. */
  shape: [number, number, number];
  /** By the requested names, each `[time, batch, neurons of its layer]`: see `shapes`. */
  recordings: Record<string, Uint8Array | Weights>;
  /** The shape of each recording, by the same names; images are flattened. */
  shapes: Record<string, [time: number, batch: number, neurons: number]>;
  /** The scores of the model's read-out, `[batch, classes]` row by row; only of a model that was compiled with one. */
  readout?: { values: Float64Array; shape: [batch: number, classes: number] };
  /** The final state, from which another run can continue. */
  state: ModelState;
  /** Spikes of each population, all samples and steps. */
  spikeCounts: Record<string, number>;
  /** Input spikes (or non-zero values) of each projection, over all samples and steps. */
  events: Record<string, number>;
}

/** As {@link Model.run}. */
export async function run(model: CompiledModel, input: InputTensor, options: RunOptions): Promise<RunResult> {
  checkOptions('run', options, ['steps', 'record', 'state', 'signal', 'onProgress']);
  const native = nativeInput(input, model.description.input, options);
  const output = model.info.layers.find((layer) => layer.name === model.info.output)!;
  const record = options.record ?? [];
  checkRecordings(model, record);
  if (options.state !== undefined && !isState(options.state)) {
    invalid('state', options.state, 'a ModelState');
  }
  const own = [
    `${output.name}.${output.states[0]!.name}`,
    ...(output.spiking ? [`${output.name}.spikes`] : []),
  ];
  const { readout } = model.description;
  const names = [
    ...new Set([...own, ...record, ...(readout === undefined ? [] : recordingsOf(model, readout))]),
  ];
  // Both are requested at once, so that the parameters are those of the run.
  const [ran, parameters] = await Promise.all([
    task(options, (handle) => model.native.run(native, names, options.state?.native, handle)),
    readout !== undefined && readsParameters(readout) ? tensorsOf(model.native, 'value') : {},
  ]);
  const raw = ran as unknown as {
    recordings: (Uint8Array | Weights)[];
    spikes: number[];
    events: number[];
    state: never;
  };
  const { steps, batch } = native;
  const all = Object.fromEntries(names.map((name, i) => [name, raw.recordings[i]!]));
  const named = (values: readonly { name: string }[], counts: number[]) =>
    Object.fromEntries(values.map(({ name }, i) => [name, counts[i]!]));
  const shapeOf = (name: string): [number, number, number] => [
    steps,
    batch,
    all[name]!.length / (steps * batch),
  ];
  const read =
    readout === undefined
      ? undefined
      : await evaluateTraced(
          readout,
          readoutInputs(
            model,
            readout,
            { recording: (name) => ({ values: all[name]!, shape: shapeOf(name) }), parameters },
            [steps, batch],
          ),
          { precision: model.description.precision, gradients: false },
        );
  return {
    ...(output.spiking ? { spikes: all[own[1]!] as Uint8Array } : {}),
    v: all[own[0]!] as Weights,
    shape: [steps, batch, output.neurons],
    recordings: Object.fromEntries(record.map((name) => [name, all[name]!])),
    shapes: Object.fromEntries(record.map((name) => [name, shapeOf(name)])),
    ...(read === undefined
      ? {}
      : { readout: Object.values(read.results)[0] as RunResult['readout'] & object }),
    state: new ModelState(raw.state),
    spikeCounts: named(model.info.layers, raw.spikes),
    events: named(model.info.projections, raw.events),
  };
}

/** Refuses recordings that a model does not have. */
export function checkRecordings({ info }: Pick<CompiledModel, 'info'>, names: readonly string[]): void {
  if (!Array.isArray(names)) invalid('record', names, "a list of names such as 'lif1.v'");
  names.forEach((name, i) => {
    if (!info.recordable.includes(text(`record[${i}]`, name))) throw unknownRecording(name, info.recordable);
  });
}

/** The number of names that an error lists. */
const maxListed = 40;

/** Suggests a near name or the name here for that of another library, and lists the recordings of the layer or, if it does not exist, of the model. */
function unknownRecording(name: string, known: readonly string[]): Error {
  const ofLayer = (recording: string) => recording.slice(0, recording.lastIndexOf('.'));
  const layer = ofLayer(name);
  const others = known.filter((recording) => ofLayer(recording) === layer);
  const didYouMean = recordingOfPeers(name, known) ?? nearestName(name, known);
  const near = didYouMean === undefined ? {} : { didYouMean };
  const all = others.length > 0 ? others : known;
  const more = all.length > maxListed ? [`and ${all.length - maxListed} more (info.recordable)`] : [];
  return new LapicqueError('unknown-name', {
    kind: 'recording',
    name: shortName(name),
    ...near,
    known: [...all.slice(0, maxListed), ...more],
  });
}
