/** Where training stands, checked before it continues from there. */
import { options as checkOptions, integer, invalid, oneOf } from '../checks/check.ts';
import { optimizerForms } from './optimizer-forms.generated.ts';
import type { EpochRecord, TrainingState } from './training-state.ts';

/** Where training begins. */
export function fresh(): TrainingState {
  return {
    epoch: 0,
    batch: 0,
    updates: 0,
    history: [],
    watched: [],
    running: { samples: 0, loss: 0, correct: 0 },
  };
}

/** A copy of what `fit` was given to resume; where the loaders stand is theirs to check. */
export function checkedState(given: TrainingState): TrainingState {
  if (!Array.isArray(given?.history)) {
    invalid('resume', given, 'a training state from loadCheckpoint');
  }
  const state = checkOptions('resume', given, [
    'epoch',
    'batch',
    'updates',
    'loader',
    'validation',
    'history',
    'watched',
    'running',
    'optimizer',
    'evaluation',
    'best',
  ]);
  const epoch = integer('resume.epoch', state.epoch, { min: 0 });
  integer('resume.batch', state.batch, { min: 0 });
  if (state.updates !== undefined) integer('resume.updates', state.updates, { min: 0 });
  if (state.optimizer !== undefined) oneOf('resume.optimizer', state.optimizer, Object.keys(optimizerForms));
  const history = listOf('resume.history', state.history, epoch).map(record);
  const watched = listOf('resume.watched', state.watched, epoch).map((value, i) =>
    number(`resume.watched[${i}]`, value),
  );
  const running = checkOptions('resume.running', state.running, ['samples', 'loss', 'correct', 'terms']);
  integer('resume.running.samples', running.samples, { min: 0 });
  number('resume.running.loss', running.loss);
  number('resume.running.correct', running.correct);
  numbers('resume.running.terms', running.terms);
  return { ...state, history, watched, running: { ...running } };
}

function record(value: unknown, i: number): EpochRecord {
  const name = `resume.history[${i}]`;
  if (typeof value !== 'object' || value === null) invalid(name, value, "an epoch's record");
  const record = checkOptions(name, value as EpochRecord, [
    'epoch',
    'loss',
    'accuracy',
    'terms',
    'validationLoss',
    'validationAccuracy',
    'lrFactor',
    'seconds',
  ]);
  if (record.epoch !== i + 1) invalid(`${name}.epoch`, record.epoch, `${i + 1}, one record per epoch`);
  for (const key of ['loss', 'accuracy', 'lrFactor', 'seconds'] as const)
    number(`${name}.${key}`, record[key]);
  for (const key of ['validationLoss', 'validationAccuracy'] as const) {
    if (record[key] !== undefined) number(`${name}.${key}`, record[key]);
  }
  numbers(`${name}.terms`, record.terms);
  return { ...record };
}

/** Refuses anything but numbers by name. */
function numbers(name: string, values: unknown): void {
  if (values === undefined) return;
  if (typeof values !== 'object' || values === null) invalid(name, values, 'numbers by name');
  for (const [key, value] of Object.entries(values)) number(`${name}.${key}`, value);
}

function listOf<T>(name: string, list: readonly T[], length: number): readonly T[] {
  if (!Array.isArray(list) || list.length !== length) {
    invalid(name, list, `a list of ${length}, one per finished epoch`);
  }
  return list;
}

/** NaN is one: an accuracy without labels. */
function number(name: string, value: unknown): number {
  if (typeof value !== 'number') invalid(name, value, 'a number');
  return value;
}
