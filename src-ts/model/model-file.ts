/** Model files: the description and the weights in one `.safetensors`; a checkpoint is the same and more. */
import { options as checkOptions, integer } from '../checks/check.ts';
import { isError } from '../checks/errors.ts';
import { addon, task, unwrap } from '../engine/native.ts';
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
import type { TrainingState } from '../train/fit.ts';
import { Model, type ModelMetadata, type Weights } from './model.ts';

/** Writes a model, and with `training` what is needed to go on exactly where it stands. */
export async function writeModel(
  model: Model,
  target: FileTarget,
  options: TaskOptions = {},
  training?: TrainingState,
): Promise<void> {
  // Before the weights are read.
  isStreamTarget('target', target);
  const { tensors, metadata } = await contentOf(model, training);
  await writeFile('target', target, tensors, metadata, options);
}

/** The bytes of the same file. */
export async function modelBytes(
  model: Model,
  options: TaskOptions = {},
  training?: TrainingState,
): Promise<Uint8Array<ArrayBuffer>> {
  const { tensors, metadata } = await contentOf(model, training);
  return fileBytes(tensors, metadata, options);
}

async function contentOf(
  model: Model,
  training: TrainingState | undefined,
): Promise<{ tensors: NamedTensor[]; metadata: [string, string][] }> {
  // It may be written to, and a file must be one that can be read.
  integer('model.updates', model.updates, { min: 0 });
  const kinds =
    training === undefined ? (['value'] as const) : (['value', 'moment1', 'moment2', 'best'] as const);
  // All is asked for at once, so that it is of one moment: behind the steps asked for before, ahead of those to come.
  const described = model.currentDescription();
  const { best, ...rest } = training ?? {};
  const read = kinds.map(async (kind) =>
    kind === 'best' ? best : (unwrap((await model.native.tensors(kind)) as never) as Record<string, Weights>),
  );
  const counted = read[0]!.then(() => model.updates);
  const moments = training === undefined ? undefined : model.native.moments();
  const [description, updates, ...found] = await Promise.all([described, counted, ...read]);
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
  if (training !== undefined) {
    metadata.push(['optimizer', unwrap((await moments) as never) as string]);
    metadata.push(['training', JSON.stringify(rest)]);
  }
  return { tensors, metadata };
}

/** Reads a model. */
export async function readModel(source: FileSource, options: LoadOptions = {}): Promise<Model> {
  return (await read('Model.load', source, options)).model;
}

/**
 * Reads a checkpoint: the model with the optimiser's moments and, as `training`, what `fit` takes as `resume` to go on
 * bit for bit. A plain model file gives only the model.
 *
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @throws LapicqueError as `Model.load`
 */
export async function loadCheckpoint(
  source: FileSource,
  options: LoadOptions = {},
): Promise<{ model: Model; training?: TrainingState }> {
  return read('loadCheckpoint', source, options);
}

const format = 'lapicque model';

async function read(
  name: string,
  source: FileSource,
  options: LoadOptions,
): Promise<{ model: Model; training?: TrainingState }> {
  const given = checkOptions(name, options, loadOptions);
  return withFile('source', source, options, (file) => modelIn(file, given));
}

async function modelIn(
  file: OpenFile,
  { signal, limits }: LoadOptions,
): Promise<{ model: Model; training?: TrainingState }> {
  const malformed = (reason: string) => file.malformed(format, reason);
  const metadata = new Map(file.metadata);
  if (!metadata.has('description') || file.schema === null) throw malformed('it holds no lapicque model');
  const limit = limitOf(limits);
  const allowance = new Allowance(limit, file.held);
  const native = await task({ signal }, (handle) => addon.compileFile(file.native, limit, handle)).catch(
    (error) => {
      // The engine does not know the name.
      if (!isError(error, 'malformed-file')) throw error;
      throw malformed(error.reason);
    },
  );
  try {
    const summary = await file.json(format, native.summary, allowance);
    const model = new Model(native, summary as ConstructorParameters<typeof Model>[1]);
    model.updates = Number(metadata.get('updates') ?? 0);
    if (!Number.isSafeInteger(model.updates) || model.updates < 0)
      throw malformed('the number of updates is none');
    const said = metadata.get('metadata');
    if (said !== undefined) {
      const found = await file.json(format, said, allowance);
      if (typeof found !== 'object' || found === null || Array.isArray(found))
        throw malformed('its metadata are no object');
      model.metadata = found as ModelMetadata;
    }
    const named = (kind: string) => {
      const prefix = `optimizer.${kind}.`;
      return model.info.parameters.filter(({ name }) => file.has(prefix + name)).map(({ name }) => name);
    };
    await restoreMoments(model, metadata.get('optimizer'), named('moment1'), malformed);
    const standing = metadata.get('training');
    if (standing === undefined) return { model };
    // Every value is a number, and JSON has null for those that are none: an accuracy without labels is NaN.
    const training = (await file.json(format, standing, allowance, { null: Number.NaN })) as TrainingState;
    if (typeof training !== 'object') throw malformed('what it says of the training is no object');
    const best: Record<string, Weights> = Object.create(null);
    for (const name of named('best')) best[name] = (await file.tensor(`optimizer.best.${name}`)) as Weights;
    if (Object.keys(best).length > 0) training.best = { ...best };
    return { model, training };
  } catch (error) {
    native.dispose();
    throw error;
  }
}

/** Says whose the moments of `begun` are and how many steps they have taken. */
async function restoreMoments(
  model: Model,
  told: string | undefined,
  begun: readonly string[],
  malformed: (reason: string) => Error,
): Promise<void> {
  if (begun.length === 0) return;
  // A checkpoint of an older version has one count for all.
  const all = begun.map((name) => [name, model.updates] as const);
  const moments = told ?? JSON.stringify({ kind: null, steps: Object.fromEntries(all) });
  try {
    unwrap((await model.native.setMoments(moments)) as never);
  } catch (error) {
    throw malformed(`what it says of the optimiser: ${(error as Error).message}`);
  }
}
