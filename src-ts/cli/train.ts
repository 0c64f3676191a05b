/** `lapicque train`: trains from a recipe, writes checkpoints, continues from them. */
import { existsSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { filePath, invalid } from '../checks/check.ts';
import { isAbort, LapicqueError } from '../checks/errors.ts';
import type { Description } from '../description/description.ts';
import { environment } from '../engine/environment.ts';
import { csv, jsonl, type Log, tensorboard } from '../log/log.ts';
import { compile } from '../model/compile.ts';
import { loadCheckpoint } from '../model/load-checkpoint.ts';
import type { Model } from '../model/model.ts';
import type { Batches } from '../train/batch.ts';
import type { EpochRecord, FitResult, TrainingState } from '../train/training-state.ts';
import { asUsageError } from './failure.ts';
import { interruption } from './interrupt.ts';
import { grouped, output, progressOf, table } from './output.ts';
import { readRecipe } from './recipe.ts';
import type { Recipe } from './recipe-form.ts';
import { ofScript } from './script-error.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { checkApart, checkWritable } from './tensors.ts';

interface Options extends CommonOptions {
  resume?: true;
  out?: string;
  log?: string;
  append?: true;
  epochs?: number;
}

export async function train(path: string, options: Options): Promise<void> {
  await prepare(options);
  const { note, result } = output(options.json === true);
  const signal = interruption();
  const recipe = await readRecipe(path, options.seed);
  const out = options.out ?? recipe.out ?? `${basename(path, extname(path))}.safetensors`;
  const policy = recipe.fit.checkpoint ?? {
    path: `${out.replace(/\.safetensors$/, '')}.checkpoint.safetensors`,
  };
  const checkpoint = { ...policy, path: filePath('checkpoint.path', policy.path) };
  asUsageError(() => {
    checkApart('--out', out, [path, checkpoint.path]);
    checkApart('checkpoint', checkpoint.path, [path]);
  });
  for (const file of [out, checkpoint.path]) checkWritable(file);
  const { model, training } =
    options.resume === true
      ? await resumed(checkpoint.path, recipe, signal)
      : { model: await compiled(recipe, options, signal), training: undefined };

  const log =
    options.log === undefined
      ? undefined
      : logAt(options.log, options.append === true || options.resume === true);
  const began = performance.now();
  const before = modified(checkpoint.path);
  const { data, validation } = dataOf(recipe);
  const progress = progressOf('training');
  let fitted: FitResult;
  try {
    fitted = await model.fit(data, {
      ...recipe.fit,
      epochs: options.epochs ?? recipe.fit.epochs,
      checkpoint,
      signal,
      ...(validation === undefined ? {} : { validation }),
      ...(training === undefined ? {} : { resume: training }),
      ...(log === undefined
        ? {}
        : { callbacks: [log, ...(recipe.fit.callbacks === undefined ? [] : [recipe.fit.callbacks].flat())] }),
      onProgress: ({ done, total, epoch, loss, accuracy }) =>
        progress.update(done, total, statusText(epoch as number, loss as number, accuracy as number)),
    });
    await model.save(out, { signal });
  } catch (error) {
    progress.stop();
    if (isAbort(error))
      note(kept(checkpoint.path, training !== undefined || modified(checkpoint.path) !== before));
    throw ofScript('recipe', path, error);
  } finally {
    progress.stop();
    await log?.close();
  }

  const { threads, simd } = environment();
  const report = {
    recipe: path,
    out,
    checkpoint: checkpoint.path,
    params: model.parameterCount,
    updates: model.updates,
    threads,
    simd,
    seconds: (performance.now() - began) / 1000,
    ...fitted,
    weights_sha256: await model.weightsSha256(),
  };
  result(report, () => text(report, fitted.history));
}

/** The log at a path, of the kind that its ending says. A resumed training adds to its log. A folder for TensorBoard gets a file more. */
function logAt(path: string, append: boolean): Log {
  const isCsv = path.endsWith('.csv');
  if (!isCsv && !path.endsWith('.jsonl')) return tensorboard(path);
  if (!append && existsSync(path)) {
    const reason = 'the file exists already; choose another path, or add to it with --append';
    throw new LapicqueError('io', { path, reason, errno: 'EEXIST' });
  }
  return isCsv ? csv(path, { append }) : jsonl(path, { append, weights: true, activity: true });
}

async function compiled(recipe: Recipe, { seed }: Options, signal: AbortSignal): Promise<Model> {
  const { network, compile: compileOptions = {} } = recipe;
  const chosen = seed === undefined ? compileOptions : { ...compileOptions, seed };
  if ('compile' in network) return network.compile({ ...chosen, signal });
  return compile({ ...network, ...chosen } as Description, { signal });
}

/** The model and the position in training from a checkpoint, if it belongs to this recipe's network. */
async function resumed(path: string, recipe: Recipe, signal: AbortSignal) {
  if (!existsSync(path)) throw new LapicqueError('io', { path, reason: 'no checkpoint to resume from' });
  const { model, training } = await loadCheckpoint(path, { signal });
  if (training === undefined) {
    const reason = `${path}: it is a model, not a checkpoint`;
    throw new LapicqueError('malformed-file', { format: 'checkpoint', offset: 0, reason });
  }
  const { network } = recipe;
  const expected = outline('compile' in network ? network.description : network);
  const found = outline(model.description);
  if (expected !== found) {
    throw new LapicqueError('shape-mismatch', { layer: path, expected: expected, got: found });
  }
  return { model, training: training as TrainingState | undefined };
}

/** `dense1 [1000, 784], lif1 lif [1000], …` */
function outline({ nodes }: Description): string {
  const parts = nodes.map((node) => {
    if (node.kind === 'dynamics') return `${node.name} ${node.dynamics.model} [${node.neurons}]`;
    if (node.kind === 'one-to-one') return `${node.name} [${node.neurons}]`;
    if (node.kind === 'dense') return `${node.name} [${node.out}, ${node.in}]`;
    const { kind, name, ...sizes } = node;
    const numbers = Object.values(sizes).filter((size) => typeof size === 'number' || Array.isArray(size));
    return `${name} ${kind} ${JSON.stringify(numbers)}`;
  });
  return parts.join(', ');
}

function dataOf({ data }: Recipe): {
  data: Batches;
  validation?: Batches;
} {
  if (Symbol.asyncIterator in data || Symbol.iterator in data) return { data };
  const { train: loader, test } = data;
  if (loader === undefined) invalid('recipe.data', data, 'a loader, or { train, test }');
  return test === undefined ? { data: loader } : { data: loader, validation: test };
}

function statusText(epoch: number, loss: number, accuracy: number): string {
  const share = Number.isNaN(accuracy) ? '' : `, accuracy ${percent(accuracy)}`;
  return `epoch ${epoch}, loss ${loss.toPrecision(4)}${share}`;
}

/** Empty if targets are not one label per sample. */
function percent(share: number): string {
  return Number.isNaN(share) ? '' : `${(100 * share).toFixed(1)} %`;
}

function modified(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function kept(checkpoint: string, written: boolean): string {
  return written
    ? `${checkpoint} contains the finished part; continue with --resume`
    : 'no checkpoint was reached; nothing was saved';
}

function text(
  report: { out: string; params: number; updates: number; stopped: string; bestEpoch: number },
  history: readonly EpochRecord[],
): string {
  const rows = history.map((record) => [
    String(record.epoch),
    record.loss.toPrecision(5),
    percent(record.accuracy),
    record.validationLoss?.toPrecision(5) ?? '',
    record.validationAccuracy === undefined ? '' : percent(record.validationAccuracy),
    record.seconds.toFixed(2),
  ]);
  const stopped =
    report.stopped === 'done' ? '' : `, stopped ${report.stopped}, best epoch ${report.bestEpoch}`;
  return [
    table([['epoch', 'loss', 'accuracy', 'test loss', 'test accuracy', 's'], ...rows]),
    `${report.out}: ${grouped(report.params)} parameters after ${grouped(report.updates)} steps${stopped}`,
  ].join('\n');
}
