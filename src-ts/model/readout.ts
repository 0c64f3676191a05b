/** Labels by a traced read-out: the network runs, then the engine evaluates the function of its outputs. */
import { options as checkOptions, flag, invalid } from '../checks/check.ts';
import type { CompiledModel } from '../compiled/compiled-model.ts';
import { tensorsOf } from '../compiled/tensors.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { TracedAxis, TracedGraph } from '../trace/graph-builder.ts';
import { evaluateTraced, type TensorValues } from '../trace/trace.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';
import { isTraced } from '../train/loss.ts';
import type { PredictInput, Prediction, PredictOptions } from './predict.ts';
import { run } from './run.ts';

/** The names of a graph's inputs, each once. */
function inputsOf({ nodes }: TracedGraph): string[] {
  return [...new Set(nodes.filter(({ op }) => op === 'input').map(({ name }) => String(name)))];
}

/** The axes of the only result. */
function axesOfResult({ nodes, results }: TracedGraph): readonly string[] {
  const builder = new addon.GraphBuilder();
  const axes = nodes.map(
    (node) => (JSON.parse(unwrap(builder.push(JSON.stringify(node)))) as [number, TracedAxis[]])[1],
  );
  if (results.length !== 1) invalid('readout', `${results.length} results`, 'one result');
  return (axes[results[0]![1]] ?? []).map(([name]) => name);
}

/** The recording that a function reads as this input. Graded spikes have their values. */
function recordingOf({ info }: Pick<CompiledModel, 'info'>, input: string): string {
  const output = info.layers.find(({ name }) => name === info.output)!;
  const variable = input === 'v' ? output.states[0]!.name : input;
  const name = input.startsWith('layer:') ? input.slice('layer:'.length) : `${output.name}.${variable}`;
  if (!name.endsWith('.spikes')) return name;
  const layer = info.layers.find((one) => `${one.name}.spikes` === name);
  const graded = layer?.states.some((state) => state.name === 'graded');
  return graded === true ? `${layer!.name}.graded` : name;
}

/** Labels and scores of a batch by a traced function with the axes `batch` and one for the classes. */
export async function predictedByReadout(
  model: CompiledModel,
  input: PredictInput,
  options: PredictOptions,
): Promise<Uint32Array | Prediction> {
  const known = ['steps', 'readout', 'scores', 'signal', 'onProgress'] as const;
  const {
    readout,
    scores: scored = false,
    ...ofRun
  } = checkOptions('predict with a readout', options, known);
  flag('scores', scored);
  const { labels, ...rest } = await evaluated(model, readout!, input, ofRun);
  return scored ? { labels, ...rest } : labels;
}

async function evaluated(
  model: CompiledModel,
  readout: TracedLoss,
  input: PredictInput,
  options: Pick<PredictOptions, 'steps' | 'signal' | 'onProgress'>,
): Promise<Prediction> {
  if (!isTraced(readout)) invalid('readout', readout, 'a function as loss.trace(…) returns it');
  const axes = axesOfResult(readout.graph);
  if (axes.length !== 2 || axes[0] !== 'batch') {
    invalid(
      'readout',
      `a result with the axes [${axes.join(', ')}]`,
      '[batch, and one axis for the classes]',
    );
  }
  const inputs = inputsOf(readout.graph);
  const foreign = inputs.find((name) => name === 'target' || name.startsWith('batch:'));
  if (foreign !== undefined) {
    invalid('readout', foreign, 'a function of outputs, layers, parameters, lengths and mask');
  }
  const isRecorded = (name: string) => ['spikes', 'v'].includes(name) || name.startsWith('layer:');
  const record = [...new Set(inputs.filter(isRecorded).map((name) => recordingOf(model, name)))];
  const { lengths, ...values } = input;
  // Both are requested at once, so that the values are those of the parameters.
  const [ran, weights] = await Promise.all([
    run(model, values, { ...options, record }),
    tensorsOf(model.native, 'value'),
  ]);
  const [steps, batch] = ran.shape;
  const counted = lengths === undefined ? new Array<number>(batch).fill(steps) : Array.from(lengths, Number);
  const parameters = new Map(model.info.parameters.map(({ name, shape }) => [name, shape]));
  const tensor = (name: string): TensorValues => {
    if (isRecorded(name)) {
      const recording = recordingOf(model, name);
      return { values: ran.recordings[recording]!, shape: ran.shapes[recording]! };
    }
    if (name === 'lengths') return { values: counted, shape: [batch] };
    if (name === 'mask') {
      const at = (_: unknown, i: number) => Number(Math.floor(i / batch) < counted[i % batch]!);
      return { values: Array.from({ length: steps * batch }, at), shape: [steps, batch] };
    }
    const parameter = name.slice('parameter:'.length);
    const trained = weights[parameter];
    if (trained !== undefined) return { values: trained, shape: parameters.get(parameter)! };
    const declared = readout.parameters?.find((own) => own.name === parameter);
    if (declared === undefined)
      return invalid('readout', parameter, `one of ${Object.keys(weights).join(', ')}`);
    // Before the first step.
    const size = declared.shape.reduce((product, length) => product * length, 1);
    const initial = Array.from({ length: size }, (_, i) => declared.initial[i] ?? declared.initial[0]!);
    return { values: initial, shape: declared.shape };
  };
  const { results } = await evaluateTraced(
    readout,
    Object.fromEntries(inputs.map((name) => [name, tensor(name)])),
    { precision: model.description.precision, gradients: false },
  );
  const { values: scores, shape } = Object.values(results)[0]!;
  const labels = Uint32Array.from({ length: batch }, (_, sample) => {
    const row = scores.subarray(sample * shape[1]!, (sample + 1) * shape[1]!);
    return row.reduce((best, score, i) => (score > row[best]! ? i : best), 0);
  });
  return { labels, scores, shape: [shape[0]!, shape[1]!] };
}
