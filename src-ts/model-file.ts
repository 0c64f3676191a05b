/** Model files: the description and the weights in one `.safetensors`; a checkpoint is the same and more. */
import { filePath, integer } from './check.ts';
import { compileWith } from './compile.ts';
import type { Description } from './description.ts';
import { LapicqueError } from './errors.ts';
import type { Model, Weights } from './model.ts';
import { addon, type TaskOptions, task, unwrap } from './native.ts';
import { type NamedTensor, namedTensor, writeFile } from './tensor-file.ts';
import type { TrainingState } from './train/fit.ts';

interface FileTensor {
  name: string;
  dtype: string;
  shape: number[];
  data: Weights;
}

/** Writes a model, and with `training` what is needed to go on exactly where it stands. */
export async function writeModel(
  model: Model,
  file: string | URL,
  options: TaskOptions = {},
  training?: TrainingState,
): Promise<void> {
  const path = filePath('path', file);
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
  await writeFile(path, tensors, metadata, options);
}

/** Reads a model. */
export async function readModel(path: string | URL, options: TaskOptions = {}): Promise<Model> {
  return (await loadCheckpoint(path, options)).model;
}

/**
 * Reads a checkpoint: the model with the optimiser's moments and, as `training`, what `fit` takes as `resume` to go on
 * bit for bit. A plain model file gives only the model.
 *
 * @throws LapicqueError as `Model.load`
 */
export async function loadCheckpoint(
  from: string | URL,
  options: TaskOptions = {},
): Promise<{ model: Model; training?: TrainingState }> {
  const path = filePath('path', from);
  const file = await task(options, (handle) => addon.readTensors(path, handle));
  const metadata = new Map(file.metadata);
  const text = metadata.get('description');
  if (text === undefined || file.schema === null) {
    throw malformed(path, 'it holds no lapicque model');
  }
  const model = await compileWith('unset', parsed(path, text) as Description, { signal: options.signal });
  const none = (): Record<string, Weights> => Object.create(null);
  const found = { value: none(), moment1: none(), moment2: none(), best: none() };
  for (const { name, shape, data } of file.tensors as FileTensor[]) {
    const named = (wanted: string | undefined) => model.info.parameters.find((p) => p.name === wanted);
    const other = named(name) === undefined ? /^optimizer\.(moment[12]|best)\.(.+)$/s.exec(name) : null;
    const kind = (other?.[1] ?? 'value') as keyof typeof found;
    const parameter = named(other?.[2] ?? name);
    if (parameter === undefined) throw malformed(path, `the tensor ${name} belongs to no layer`);
    if (parameter.shape.join() !== shape.join()) {
      throw malformed(
        path,
        `the tensor ${name} has the shape [${shape.join(', ')}], not [${parameter.shape.join(', ')}]`,
      );
    }
    found[kind][parameter.name] = data;
  }
  const missing = model.info.parameters.find(({ name }) => found.value[name] === undefined);
  if (missing !== undefined) throw malformed(path, `the tensor ${missing.name} is missing`);
  for (const kind of ['value', 'moment1', 'moment2'] as const) await model.setTensors(kind, found[kind]);
  model.updates = Number(metadata.get('updates') ?? 0);
  if (!Number.isSafeInteger(model.updates) || model.updates < 0)
    throw malformed(path, 'the number of updates is none');
  await restoreMoments(path, model, metadata.get('optimizer'), Object.keys(found.moment1));
  const standing = metadata.get('training');
  if (standing === undefined) return { model };
  // Every value is a number, and JSON has null for those that are none: an accuracy without labels is NaN.
  const training = parsed(path, standing, (_, value) => value ?? Number.NaN) as TrainingState;
  if (Object.keys(found.best).length > 0) training.best = { ...found.best };
  return { model, training };
}

/** Says whose the moments of `begun` are and how many steps they have taken. */
async function restoreMoments(
  path: string,
  model: Model,
  told: string | undefined,
  begun: readonly string[],
): Promise<void> {
  if (begun.length === 0) return;
  // A checkpoint of an older version has one count for all.
  const all = begun.map((name) => [name, model.updates] as const);
  const moments = told ?? JSON.stringify({ kind: null, steps: Object.fromEntries(all) });
  try {
    unwrap((await model.native.setMoments(moments)) as never);
  } catch (error) {
    throw malformed(path, `what it says of the optimiser: ${(error as Error).message}`);
  }
}

function parsed(path: string, text: string, reviver?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (error) {
    throw malformed(path, (error as Error).message);
  }
}

function malformed(path: string, reason: string): Error {
  return new LapicqueError('malformed-file', {
    format: 'lapicque model',
    offset: 0,
    reason: `${path}: ${reason}`,
  });
}
