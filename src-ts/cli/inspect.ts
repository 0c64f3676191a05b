/** `lapicque inspect`: what a file is. */
import { statSync } from 'node:fs';
import { type Activity, type EnergyEstimate, estimateEnergy } from '../energy.ts';
import type { Model } from '../model.ts';
import { loadCheckpoint } from '../model-file.ts';
import type { TrainingState } from '../train/fit.ts';
import { type CommonOptions, prepare } from './common.ts';
import { interruption } from './interrupt.ts';
import { bytes, grouped, output, table } from './output.ts';
import { inputOf, readFile, type TensorFile, tensorOf } from './tensors.ts';

interface Options extends CommonOptions {
  input?: string;
  steps?: number;
  activity?: number;
}

const defaults = { steps: 25, activity: 0.1 };

export async function inspect(path: string, options: Options): Promise<void> {
  await prepare(options);
  const signal = interruption();
  const file = await readFile(path, { signal });
  const size = statSync(path).size;
  const { json } = options;
  if (!file.metadata.some(([key]) => key === 'lapicque.description')) {
    const report = { path, kind: 'tensors', bytes: size, ...contentOf(file) };
    output(json === true).result(report, () => tensorText(report));
    return;
  }

  const { model, training } = await loadCheckpoint(path, { signal });
  const { assumptions, activity } = await activityOf(model, options, signal);
  const estimate = estimateEnergy(model, activity);
  const { steps } = activity;
  const report = {
    path,
    kind: training === undefined ? 'model' : 'checkpoint',
    bytes: size,
    schema: file.schema,
    description: model.description,
    info: model.info,
    updates: model.updates,
    training: training ?? null,
    memory: {
      run: model.estimate({ steps, batch: 1 }),
      training: model.estimate({ steps, batch: 128, training: true }),
    },
    operations: estimate.operations,
    energy: {
      ...estimate.energy,
      model: {
        ...estimate.energy.model,
        assumptions: [...assumptions, ...estimate.energy.model.assumptions],
      },
    },
  };
  output(json === true).result(report, () => modelText(report, model, training, steps));
  model.dispose();
}

/** What enters each projection: counted on an input, or assumed. */
async function activityOf(
  model: Model,
  { input: path, steps = defaults.steps, activity = defaults.activity }: Options,
  signal: AbortSignal,
): Promise<{ activity: Activity; assumptions: string[] }> {
  if (path === undefined) {
    const events = model.info.projections.map(({ name, inputs }) => [
      name,
      Math.round(inputs * steps * activity),
    ]);
    return {
      activity: { events: Object.fromEntries(events), samples: 1, steps },
      assumptions: [
        `${100 * activity} % of the inputs and of the neurons of each layer spike in a step (--activity), over ${steps} steps (--steps); --input FILE counts instead`,
      ],
    };
  }
  const input = inputOf(tensorOf(await readFile(path, { signal }), 'input', path));
  const timeless = input.shape.length === 2;
  const { events, shape } = await model.run(input, { signal, ...(timeless ? { steps } : {}) });
  const spikingInput = input.x.every((value) => value === 0 || value === 1);
  return {
    activity: { events, samples: shape[1], steps: shape[0], spikingInput },
    assumptions: [
      `events counted on ${path}, mean of ${shape[1]} samples of ${shape[0]} steps${timeless ? ' of a constant input' : ''}`,
    ],
  };
}

function contentOf(file: TensorFile) {
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

/** Least and largest value, and how many are no numbers. */
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
    ...Object.entries(metadata).map(([key, value]) => `${key}: ${value}`),
  ].join('\n');
}

function modelText(
  report: {
    path: string;
    kind: string;
    bytes: number;
    memory: Record<'run' | 'training', { total: number }>;
  } & EnergyEstimate,
  model: Model,
  training: TrainingState | undefined,
  steps: number,
): string {
  const { operations, energy } = report;
  const dense = operations.effectiveAcs + operations.effectiveMacs;
  const epoch = training?.history.at(-1);
  return [
    `${report.path}: ${report.kind}, ${bytes(report.bytes)}`,
    ...(training === undefined
      ? []
      : [
          `training stands after ${training.epoch} epochs and ${training.batch} batches, ${grouped(model.updates)} optimiser steps${
            epoch === undefined
              ? ''
              : `; loss ${epoch.loss.toFixed(4)}, accuracy ${(100 * epoch.accuracy).toFixed(1)} %`
          }`,
        ]),
    '',
    model.summary(),
    '',
    `graph       ${model.description.edges.map(([from, to]) => `${from} → ${to}`).join(', ')}`,
    `memory      ${bytes(report.memory.run.total)} to run a sample of ${steps} steps, ${bytes(report.memory.training.total)} to train a batch of 128`,
    `operations  ${grouped(Math.round(operations.effectiveAcs))} additions and ${grouped(Math.round(operations.effectiveMacs))} multiply-adds a sample; dense ${grouped(operations.dense)} multiply-adds (${(operations.dense / Math.max(1, dense)).toFixed(1)} times as many)`,
    `energy      ${joules(energy.joules)} a sample, dense ${joules(energy.denseJoules)} (${(energy.denseJoules / energy.joules).toFixed(1)} times as much)`,
    'assuming',
    ...energy.model.assumptions.map((assumption) => `  - ${assumption}`),
  ].join('\n');
}

function joules(value: number): string {
  const units = ['J', 'mJ', 'µJ', 'nJ', 'pJ'];
  const unit = value > 0 ? Math.min(units.length - 1, Math.max(0, Math.ceil(-Math.log10(value) / 3))) : 0;
  return `${(value * 1000 ** unit).toPrecision(3)} ${units[unit]}`;
}

function short(value: number): string {
  return Number.isInteger(value) ? grouped(value) : value.toPrecision(4);
}
