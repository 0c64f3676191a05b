/** `lapicque inspect`: describes a file. */
import { statSync } from 'node:fs';
import { invalid } from '../checks/check.ts';
import { encode } from '../codes/encoders.generated.ts';
import type { EnergyModelName } from '../costs/energy-models.ts';
import { type Operations, operations } from '../costs/operations.ts';
import { joulesText, profileTable } from '../costs/table.ts';
import type { InputTensor } from '../description/input-tensor.ts';
import type { WholeFile } from '../files/open-file.ts';
import type { Edge } from '../layers/branches.ts';
import { loadCheckpoint } from '../model/load-checkpoint.ts';
import type { Model } from '../model/model.ts';
import type { Profile } from '../model/profile.ts';
import { loss } from '../train/losses.generated.ts';
import { adam } from '../train/optimizers.generated.ts';
import type { TrainingState } from '../train/training-state.ts';
import { inspectEvents, isRecording } from './events.ts';
import { asUsageError } from './failure.ts';
import { inspectOnnx, isOnnx } from './foreign-models.ts';
import { inspectIntegerNetwork, isIntegerNetwork } from './inspect-integer.ts';
import { interruption } from './interrupt.ts';
import { layerBlocks } from './layer-blocks.ts';
import { checkFramework, isNir, type NirReadOptions, nirModel } from './nir-model.ts';
import { bytes, grouped, output, printable, table } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { inspectSonata } from './sonata-reports.ts';
import { inputOf, readFile, tensorOf } from './tensors.ts';

interface Options extends CommonOptions, NirReadOptions {
  input?: string;
  steps?: number;
  activity?: number;
  energy?: EnergyModelName;
  /** Takes the times of training steps. */
  profile?: boolean;
  figure?: string;
}

const defaults = { steps: 25, activity: 0.1 };

export async function inspect(path: string, options: Options): Promise<void> {
  checkFramework(path, options);
  if (options.figure !== undefined && options.profile !== true)
    asUsageError(() => invalid('--figure', options.figure, 'an option of --profile'));
  if (options.dt !== undefined && !isNir(path))
    asUsageError(() => invalid('--dt', options.dt, `no --dt, because ${path} is not a NIR file`));
  if (isRecording(path)) return inspectEvents(path, options);
  if (isOnnx(path)) return inspectOnnx(path, options);
  if (await inspectSonata(path, options)) return;
  await prepare(options);
  const signal = interruption();
  if (isNir(path)) {
    using model = await nirModel(path, options, signal);
    return await inspectModel(path, model, undefined, options, signal, { kind: 'nir', schema: null });
  }
  const file = await readFile(path, { signal });
  const size = statSync(path).size;
  const { json } = options;
  if (file.schema !== null && isIntegerNetwork(file.metadata))
    return await inspectIntegerNetwork(path, json === true, signal);
  if (file.schema === null || !file.metadata.some(([key]) => key === 'description')) {
    const report = { path, kind: 'tensors', bytes: size, ...contentOf(file) };
    output(json === true).result(report, () => tensorText(report));
    return;
  }

  const { model, training } = await loadCheckpoint(path, { signal });
  const kind = training === undefined ? 'model' : 'checkpoint';
  await inspectModel(path, model, training, options, signal, { kind, schema: file.schema });
  model.dispose();
}

async function inspectModel(
  path: string,
  model: Model,
  training: TrainingState | undefined,
  options: Options,
  signal: AbortSignal,
  file: { readonly kind: string; readonly schema: WholeFile['schema'] },
): Promise<void> {
  const sample = await sampleOf(model, options, signal);
  const { steps, assumption } = sample;
  const { energy, ...counts } = await operations(model, sample.input, {
    signal,
    ...(options.energy === undefined ? {} : { energy: options.energy }),
    ...(sample.constant ? { steps } : {}),
  });
  const report = {
    path,
    ...file,
    bytes: statSync(path).size,
    description: model.description,
    info: model.info,
    updates: model.updates,
    metadata: model.metadata,
    training: training ?? null,
    memory: {
      run: model.estimate({ steps, batch: 1 }),
      training: model.estimate({ steps, batch: 128, training: true }),
    },
    operations: counts,
    ...(options.profile === true ? { profile: await profiled(model, sample, options) } : {}),
    energy: {
      ...energy,
      model: { ...energy.model, assumptions: [assumption, ...energy.model.assumptions] },
    },
  };
  output(options.json === true).result(report, () => modelText(report, model, training, steps));
}

/** Times of training steps on a sample, with labels that follow one another and Adam. */
async function profiled(
  model: Model,
  { input, steps, constant }: Awaited<ReturnType<typeof sampleOf>>,
  { figure: path }: Options,
): Promise<Profile> {
  const output = model.info.layers.find(({ name }) => name === model.info.output)!;
  const batch = input.shape[constant ? 0 : 1] ?? 1;
  const profile = await model.profile(
    { ...input, y: Uint32Array.from({ length: batch }, (_, i) => i % output.neurons) },
    {
      loss: output.spiking ? loss.crossEntropyCount() : loss.crossEntropyMeanMembrane(),
      optimizer: adam(),
      ...(constant ? { steps } : {}),
    },
  );
  if (path !== undefined) {
    const { profile: figureOf } = await import('../figure/functions.ts');
    await (await figureOf(profile)).save(path);
  }
  return profile;
}

/** The input on which operations are counted: the user's, or random spikes. */
async function sampleOf(
  model: Model,
  { input: path, steps = defaults.steps, activity = defaults.activity, seed = 0 }: Options,
  signal: AbortSignal,
): Promise<{ input: InputTensor; steps: number; constant: boolean; assumption: string }> {
  if (path !== undefined) {
    const input = inputOf(tensorOf(await readFile(path, { signal }), 'input', path));
    const constant = input.shape.length === 2;
    const own = constant ? steps : input.shape[0]!;
    const batch = input.shape[constant ? 0 : 1] ?? 0;
    const assumption = `counted on ${path}: mean of ${batch} samples of ${own} steps${constant ? ', a constant input' : ''}`;
    return { input, steps: own, constant, assumption };
  }
  const { size } = model.description.input;
  const samples = 8;
  const shape = [samples, size];
  const probability = { x: new Float32Array(samples * size).fill(activity), shape };
  const input = await encode.rate(probability, { steps, seed, signal });
  const assumption = `counted on random spikes: each input fires in ${100 * activity} % of ${steps} steps, mean of ${samples} samples (--activity, --steps, --seed; --input FILE counts on data)`;
  return { input, steps, constant: false, assumption };
}

function contentOf(file: WholeFile) {
  return {
    metadata: Object.fromEntries(file.metadata),
    tensors: file.tensors.map(({ name, dtype, shape, data }) => ({
      name,
      dtype,
      shape,
      elements: data.length,
      ...rangeOf(data as ArrayLike<number | bigint>),
    })),
  };
}

/** Minimum, maximum, and the number of values that are not finite. */
function rangeOf(data: ArrayLike<number | bigint>) {
  let [min, max, notFinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (!Number.isFinite(value)) notFinite += 1;
    else {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return { min, max, notFinite };
}

function tensorText({
  path,
  bytes: size,
  tensors,
  metadata,
}: { path: string; bytes: number } & ReturnType<typeof contentOf>): string {
  const rows = tensors.map(({ name, dtype, shape, min, max, notFinite }) => [
    name,
    dtype,
    `[${shape.join(', ')}]`,
    Number.isFinite(min) ? `${short(min)} to ${short(max)}` : '',
    notFinite > 0 ? `${grouped(notFinite)} not finite` : '',
  ]);
  return [
    `${path}: ${tensors.length} tensor${tensors.length === 1 ? '' : 's'}, ${bytes(size)}; no lapicque model`,
    table([['tensor', 'type', 'shape', 'values'], ...rows]),
    ...Object.entries(metadata).map(([key, value]) => printable(`${key}: ${value}`)),
  ].join('\n');
}

interface ModelReport {
  path: string;
  kind: string;
  bytes: number;
  memory: Record<'run' | 'training', { total: number }>;
  operations: Omit<Operations, 'energy'>;
  energy: Operations['energy'];
  profile?: Profile;
}

function modelText(
  { path, kind, bytes: size, memory, operations: counts, energy, profile }: ModelReport,
  model: Model,
  training: TrainingState | undefined,
  steps: number,
): string {
  const count = (value: number) => grouped(Math.round(value));
  const times = (dense: number, sparse: number) =>
    sparse > 0 ? ` (${(dense / sparse).toFixed(1)} times)` : '';
  const effective = counts.effectiveAcs + counts.effectiveMacs;
  return [
    `${path}: ${kind}, ${bytes(size)}`,
    ...(training === undefined ? [] : [progressText(training, model.updates)]),
    '',
    model.summary(),
    '',
    ...Object.entries(model.metadata).map(([key, value]) => printable(`${key.padEnd(11)} ${textOf(value)}`)),
    `graph       ${printable(graphText(model.description.edges))}`,
    ...model.info.fusions.map(({ layer, within, reason }, i) =>
      printable(`${(i === 0 ? 'fused' : '').padEnd(12)}${layer} in ${within}: ${reason}`),
    ),
    `memory      ${bytes(memory.run.total)} to run a sample of ${steps} steps, ${bytes(memory.training.total)} to train a batch of 128`,
    '',
    'costs per sample',
    layerBlocks({ ...counts, energy }),
    '',
    `activity    ${count(counts.spikes)} spikes per sample; ${(100 * counts.activationSparsity).toFixed(1)} % of neurons and steps silent`,
    `operations  ${count(counts.effectiveAcs)} additions, ${count(counts.effectiveMacs)} multiply-adds per sample; dense ${count(counts.dense)} multiply-adds${times(counts.dense, effective)}`,
    `energy      ${joulesText(energy.joules)} per sample (${energy.model.name}); dense ${joulesText(energy.denseJoules)}${times(energy.denseJoules, energy.joules)}`,
    ...(profile === undefined
      ? []
      : ['', `a training step, mean of ${profile.rounds}`, profileTable(profile), '']),
    'assuming',
    ...energy.model.assumptions.map((assumption) => `  - ${assumption}`),
    `source: ${energy.model.source}`,
  ].join('\n');
}

function progressText({ epoch, batch, history }: TrainingState, updates: number): string {
  const last = history.at(-1);
  const reached =
    last === undefined
      ? ''
      : `; loss ${last.loss.toFixed(4)}, accuracy ${(100 * last.accuracy).toFixed(1)} %`;
  return `trained for ${epoch} epochs and ${batch} batches, ${grouped(updates)} optimizer steps${reached}`;
}

/** The user's data in a model, on one line. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function short(value: number): string {
  return Number.isInteger(value) ? grouped(value) : value.toPrecision(4);
}

/** `input → a → b, a.v (of the previous step) → b.inhibitory`: an edge that begins where the one before ended continues its chain. */
function graphText(edges: readonly Edge[]): string {
  let text = '';
  let end: string | undefined;
  for (const [from, to, { state, port, delayed } = {}] of edges) {
    const source = `${from}${state === undefined ? '' : `.${state}`}${delayed ? ' (of the previous step)' : ''}`;
    if (source !== end) text += `${text === '' ? '' : ', '}${source}`;
    end = `${to}${port === undefined ? '' : `.${[port].flat().join('+')}`}`;
    text += ` → ${end}`;
  }
  return text;
}
