/** Callbacks of a training: checks them, and joins a list of them. */
import { callback, options as checkOptions } from '../checks/check.ts';
import type { CallbacksOf, FitOptionsOf } from './fit-options.ts';

type CallbackOptions<M> = FitOptionsOf<M>['callbacks'];

/** Callbacks whose `onBatch` only reads its argument. */
const readers = new WeakSet<object>();

/** Says that `onBatch` of these callbacks only reads its argument, such as that of a log: training need not wait for it before it starts the next step. */
export function readsOnly<T extends object>(callbacks: T): T {
  readers.add(callbacks);
  return callbacks;
}

/** Whether the next step may start while `onBatch` runs. */
export function mayPipeline(callbacks: { readonly onBatch?: unknown }): boolean {
  return callbacks.onBatch === undefined || readers.has(callbacks);
}

/** @throws LapicqueError `invalid-parameter`, `unknown-name` */
export function checkCallbacks<M>(callbacks: CallbackOptions<M>): void {
  for (const [i, one] of listOf(callbacks).entries()) {
    const name = Array.isArray(callbacks) ? `callbacks[${i}]` : 'callbacks';
    const { onBatch, onEpoch } = checkOptions(name, one, ['onBatch', 'onEpoch']);
    if (onBatch !== undefined) callback(`${name}.onBatch`, onBatch);
    if (onEpoch !== undefined) callback(`${name}.onEpoch`, onEpoch);
  }
}

/** One object that calls all of a list in their order. `onEpoch` returns `false` if one of them does; `onBatch` is absent if none has it. */
export function joined<M>(callbacks: CallbackOptions<M>): CallbacksOf<M> {
  const list = listOf(callbacks);
  const all: CallbacksOf<M> = {
    async onEpoch(record, model, last) {
      let continues = true;
      for (const one of list) if ((await one.onEpoch?.(record, model, last)) === false) continues = false;
      return continues;
    },
  };
  if (list.some(({ onBatch }) => onBatch !== undefined))
    all.onBatch = async (info, model) => {
      for (const one of list) await one.onBatch?.(info, model);
    };
  return list.every(mayPipeline) ? readsOnly(all) : all;
}

function listOf<M>(callbacks: CallbackOptions<M>): readonly CallbacksOf<M>[] {
  if (callbacks === undefined) return [];
  return Array.isArray(callbacks) ? callbacks : [callbacks as CallbacksOf<M>];
}
