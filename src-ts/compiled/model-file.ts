/** Model files: description and weights in one `.safetensors`. A checkpoint adds moments and the state of the training. */
import { options as checkOptions, integer } from '../checks/check.ts';
import { isError } from '../checks/errors.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import {
  type FileSource,
  type FileTarget,
  isStreamTarget,
  type LoadOptions,
  loadOptions,
} from '../files/file-source.ts';
import { Allowance, limitOf } from '../files/limits.ts';
import { type OpenFile, withFile } from '../files/open-file.ts';
import { fileBytes, type NamedTensor, namedTensor, writeFile } from '../files/tensor-file.ts';
import {
  type CompiledModel,
  currentDescription,
  type ModelMetadata,
  type ModelSummary,
  type NativeModel,
  type Weights,
} from './compiled-model.ts';
import { addParameters, type LossParameters, parametersOfLosses } from './loss-parameters.ts';
import { momentKinds, momentsOf, setMoments, tensorsOf } from './tensors.ts';

/** The state of a training, as the file format sees it: plain data, and the weights of the best epoch. */
export interface KeptTraining {
  best?: Record<string, Weights>;
}

/** The content of a model file. */
export interface ModelContent {
  readonly native: NativeModel;
  readonly summary: ModelSummary;
  readonly updates: number;
  readonly metadata: ModelMetadata | undefined;
  /** Checkpoints only. */
  readonly training: KeptTraining | undefined;
}

/** Writes a model; with `training`, a checkpoint from which training resumes exactly. */
export async function writeModel(
  model: CompiledModel,
  target: FileTarget,
  options: TaskOptions = {},
  training?: KeptTraining,
): Promise<void> {
  // Check the target before reading the weights.
  isStreamTarget('target', target);
  const { tensors, metadata } = await contentOf(model, training);
  await writeFile('target', target, tensors, metadata, options);
}

/** The bytes of the same file. */
export async function modelBytes(
  model: CompiledModel,
  options: TaskOptions = {},
  training?: KeptTraining,
): Promise<Uint8Array<ArrayBuffer>> {
  const { tensors, metadata } = await contentOf(model, training);
  return fileBytes(tensors, metadata, options);
}

async function contentOf(
  model: CompiledModel,
  training: KeptTraining | undefined,
): Promise<{ tensors: NamedTensor[]; metadata: [string, string][] }> {
  // Users can assign to `updates`; an invalid number would make the file unreadable.
  integer('model.updates', model.updates, { min: 0 });
  const kinds = training === undefined ? (['value'] as const) : (['value', ...momentKinds, 'best'] as const);
  // Request everything at once for a consistent snapshot: after the steps requested before, before later ones.
  const described = currentDescription(model.native);
  const { best, ...rest } = training ?? {};
  const read = kinds.map(async (kind) => (kind === 'best' ? best : tensorsOf(model.native, kind)));
  const counted = read[0]!.then(() => model.updates);
  const pendingMoments = training === undefined ? undefined : momentsOf(model.native);
  const [description, updates, moments, ...found] = await Promise.all([
    described,
    counted,
    pendingMoments,
    ...read,
  ]);
  const metadata: [string, string][] = [
    ['kind', training === undefined ? 'model' : 'checkpoint'],
    ['description', JSON.stringify(description)],
    ['updates', String(updates)],
    ...(Object.keys(model.metadata).length === 0
      ? []
      : [['metadata', JSON.stringify(model.metadata)] as [string, string]]),
  ];
  const tensors: NamedTensor[] = [];
  kinds.forEach((kind, i) => {
    for (const { name, shape } of model.info.parameters) {
      const data = found[i]?.[name];
      if (data === undefined || data.length === 0) continue;
      tensors.push(namedTensor(kind === 'value' ? name : `optimizer.${kind}.${name}`, shape, data));
    }
  });
  const ofLosses = parametersOfLosses(model.info).filter(({ name }) => found[0]?.[name] !== undefined);
  if (ofLosses.length > 0) metadata.push(['lossParameters', JSON.stringify(ofLosses)]);
  if (training !== undefined) {
    metadata.push(['optimizer', moments!]);
    metadata.push(['training', JSON.stringify(rest)]);
  }
  return { tensors, metadata };
}

const format = 'lapicque model';

/**
 * Reads a model or a checkpoint.
 *
 * @param name - of the public function, for messages
 */
export async function readModel(
  name: string,
  source: FileSource,
  options: LoadOptions = {},
): Promise<ModelContent> {
  const checked = checkOptions(name, options, loadOptions);
  return withFile('source', source, options, (file) => modelIn(file, checked));
}

async function modelIn(file: OpenFile, { signal, limits }: LoadOptions): Promise<ModelContent> {
  const malformed = (reason: string) => file.malformed(format, reason);
  const entries = new Map(file.metadata);
  if (!entries.has('description') || file.schema === null) throw malformed('it contains no lapicque model');
  const limit = limitOf(limits);
  const allowance = new Allowance(limit, file.size);
  const native = await task({ signal }, (handle) => addon.compileFile(file.native, limit, handle)).catch(
    (error) => {
      // The engine's error does not contain the file name.
      if (!isError(error, 'malformed-file')) throw error;
      throw malformed(error.reason);
    },
  );
  try {
    const summary = (await file.json(format, native.summary, allowance)) as ModelSummary;
    const ofLosses = entries.get('lossParameters');
    if (ofLosses !== undefined) {
      addParameters(summary, (await file.json(format, ofLosses, allowance)) as LossParameters);
    }
    const updates = Number(entries.get('updates') ?? 0);
    if (!Number.isSafeInteger(updates) || updates < 0)
      throw malformed('the number of updates is not an integer');
    const text = entries.get('metadata');
    const metadata = text === undefined ? undefined : await file.json(format, text, allowance);
    if (text !== undefined && (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)))
      throw malformed('its metadata are not an object');
    const named = (kind: string) => {
      const prefix = `optimizer.${kind}.`;
      return summary.parameters.filter(({ name }) => file.has(prefix + name)).map(({ name }) => name);
    };
    await restoreMoments(native, updates, entries.get('optimizer'), named('moment1'), malformed);
    const standing = entries.get('training');
    let training: KeptTraining | undefined;
    if (standing !== undefined) {
      // JSON writes NaN as null: the accuracy without labels is NaN.
      training = (await file.json(format, standing, allowance, { null: Number.NaN })) as KeptTraining;
      if (typeof training !== 'object') throw malformed('its training state is not an object');
      const best: Record<string, Weights> = Object.create(null);
      for (const name of named('best')) best[name] = (await file.tensor(`optimizer.best.${name}`)) as Weights;
      if (Object.keys(best).length > 0) training.best = { ...best };
    }
    return { native, summary, updates, metadata: metadata as ModelMetadata | undefined, training };
  } catch (error) {
    native.dispose();
    throw error;
  }
}

/** Sets the optimizer and the step counts of the moments of the parameters `begun`. */
async function restoreMoments(
  native: NativeModel,
  updates: number,
  optimizer: string | undefined,
  begun: readonly string[],
  malformed: (reason: string) => Error,
): Promise<void> {
  if (begun.length === 0) return;
  // Checkpoints of older versions have one step count for all parameters.
  const all = begun.map((name) => [name, updates] as const);
  const moments = optimizer ?? JSON.stringify({ kind: null, steps: Object.fromEntries(all) });
  try {
    await setMoments(native, moments);
  } catch (error) {
    throw malformed(`its optimizer: ${(error as Error).message}`);
  }
}
