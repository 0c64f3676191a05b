/** Model files: the description and the weights in one `.safetensors`; a checkpoint is the same and more. */
import { LapicqueError } from './errors.ts';
import { compile, type Model, type Weights } from './model.ts';
import { addon, type TaskOptions, task, unwrap } from './native.ts';
import type { Description } from './network.ts';
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
  path: string,
  options: TaskOptions = {},
  training?: TrainingState,
): Promise<void> {
  const description = await model.currentDescription();
  const metadata: [string, string][] = [
    ['kind', training === undefined ? 'model' : 'checkpoint'],
    ['description', JSON.stringify(description)],
    ['updates', String(model.updates)],
  ];
  const kinds = training === undefined ? (['value'] as const) : (['value', 'moment1', 'moment2'] as const);
  const tensors: { name: string; dtype: string; shape: number[]; data: Uint8Array }[] = [];
  for (const kind of kinds) {
    const values = unwrap((await model.native.tensors(kind)) as never) as Record<string, Weights>;
    for (const { name, shape } of model.info.parameters) {
      const data = values[name]!;
      if (data.length === 0) continue;
      tensors.push({
        name: kind === 'value' ? name : `optimizer.${kind}.${name}`,
        dtype: data instanceof Float32Array ? 'F32' : 'F64',
        shape: [...shape],
        data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      });
    }
  }
  if (training !== undefined) metadata.push(['training', JSON.stringify(training)]);
  await task(options, (handle) => addon.writeTensors(path, metadata, tensors, handle));
}

/** Reads a model. */
export async function readModel(path: string, options: TaskOptions = {}): Promise<Model> {
  return (await loadCheckpoint(path, options)).model;
}

/**
 * Reads a checkpoint: the model with the optimiser's moments and, as `training`, what `fit` takes as `resume` to go on
 * bit for bit. A plain model file gives only the model.
 *
 * @throws LapicqueError as `Model.load`
 */
export async function loadCheckpoint(
  path: string,
  options: TaskOptions = {},
): Promise<{ model: Model; training?: TrainingState }> {
  const file = await task(options, (handle) => addon.readTensors(path, handle));
  const metadata = new Map(file.metadata);
  const text = metadata.get('description');
  if (text === undefined || file.schema === null) {
    throw malformed(path, 'it holds no lapicque model');
  }
  const model = await compile(JSON.parse(text) as Description, { signal: options.signal });
  const missing = new Set(model.info.parameters.map(({ name }) => name));
  for (const { name, shape, data } of file.tensors as FileTensor[]) {
    const moment = /^optimizer\.(moment[12])\.(.+)$/.exec(name);
    const kind = (moment?.[1] ?? 'value') as 'value' | 'moment1' | 'moment2';
    const parameter = model.info.parameters.find((p) => p.name === (moment?.[2] ?? name));
    if (parameter === undefined) throw malformed(path, `the tensor ${name} belongs to no layer`);
    if (parameter.shape.join() !== shape.join()) {
      throw malformed(
        path,
        `the tensor ${name} has the shape [${shape.join(', ')}], not [${parameter.shape.join(', ')}]`,
      );
    }
    await model.setTensor(kind, parameter.name, data);
    if (kind === 'value') missing.delete(parameter.name);
  }
  if (missing.size > 0) throw malformed(path, `the tensor ${[...missing][0]} is missing`);
  model.updates = Number(metadata.get('updates') ?? 0);
  const training = metadata.get('training');
  return training === undefined ? { model } : { model, training: JSON.parse(training) as TrainingState };
}

function malformed(path: string, reason: string): Error {
  return new LapicqueError('malformed-file', {
    format: 'lapicque model',
    offset: 0,
    reason: `${path}: ${reason}`,
  });
}
