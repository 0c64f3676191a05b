/** Quantization-aware training: gradients at rounded weights, steps of the weights in full precision (straight-through). */
import { options as checkOptions, integer, invalid } from '../checks/check.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import type { Weights } from '../compiled/compiled-model.ts';
import { type FitOptions, isModel, type Model } from '../model/model.ts';
import type { Batches } from '../train/batch.ts';
import { checkCallbacks, joined, mayPipeline, readsOnly } from '../train/callbacks.ts';
import { fit } from '../train/fit.ts';
import type { BatchRecord, LastBatch } from '../train/fit-options.ts';
import type { TrainStepOptions } from '../train/step.ts';
import type { PreparedSteps, TrainedModel } from '../train/trained-model.ts';
import type { EpochRecord, FitResult } from '../train/training-state.ts';
import { fakeQuantized, roundedNames } from './fake-weights.ts';
import type { WeightScale } from './scales.ts';

/** The rounding of {@link fitQuantized}. */
export interface QuantizedWeights {
  /** Bits of a weight, 2 to 8. */
  readonly weightBits: number;
  /** Default `'channel'`. */
  readonly scale?: WeightScale;
}

/** See `fitQuantized` in functions.ts. */
export async function fitQuantized(
  model: Model,
  data: Batches,
  options: FitOptions,
  weights: QuantizedWeights,
): Promise<FitResult> {
  if (!isModel(model)) invalid('model', model, 'a Model');
  const { weightBits, scale = 'channel' } = checkOptions('fitQuantized', weights, ['weightBits', 'scale']);
  integer('weightBits', weightBits, { min: 2, max: 8 });
  oneOfOption('scale', scale, ['tensor', 'channel', 'power-of-two']);
  // Callbacks get the model itself.
  const { callbacks, ...rest } = options;
  checkCallbacks(callbacks);
  const all = joined(callbacks);
  const own = {
    ...(all.onBatch === undefined ? {} : { onBatch: (info: BatchRecord) => all.onBatch!(info, model) }),
    onEpoch: (record: EpochRecord, _: unknown, last?: LastBatch) => all.onEpoch?.(record, model, last),
  };
  if (mayPipeline(all)) readsOnly(own);
  const fitOptions = callbacks === undefined ? rest : { ...rest, callbacks: own };
  return fit(new RoundedModel(model, weightBits, scale), data, fitOptions as Parameters<typeof fit>[2]);
}

/** A model whose passes use rounded weights. */
class RoundedModel implements TrainedModel {
  readonly #model: Model;
  readonly #bits: number;
  readonly #scale: WeightScale;
  /** Settles when the last pass has ended: the weights are rounded during a pass. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(model: Model, bits: number, scale: WeightScale) {
    this.#model = model;
    this.#bits = bits;
    this.#scale = scale;
  }

  get native() {
    return this.#model.native;
  }
  get description() {
    return this.#model.description;
  }
  get info() {
    return this.#model.info;
  }
  get outputs() {
    return this.#model.outputs;
  }
  get updates() {
    return this.#model.updates;
  }
  set updates(updates: number) {
    this.#model.updates = updates;
  }
  get metadata() {
    return this.#model.metadata;
  }
  set metadata(metadata) {
    this.#model.metadata = metadata;
  }

  prepareSteps(options: TrainStepOptions): PreparedSteps {
    const steps = this.#model.prepareSteps(options);
    return {
      train: (batch, lrFactor, follows) =>
        this.#after(follows, async () => {
          const report = await this.#rounded(() => steps.train(batch, undefined, false));
          if (lrFactor === undefined) return report;
          try {
            await steps.update(lrFactor);
          } catch (error) {
            await this.#model.clearGradients();
            throw error;
          }
          return report;
        }),
      evaluate: (batch) => this.#after(false, () => this.#rounded(() => steps.evaluate(batch))),
      update: (lrFactor) => this.#after(false, () => steps.update(lrFactor)),
    };
  }

  clearGradients(): Promise<void> {
    return this.#after(false, () => this.#model.clearGradients());
  }

  weights(): Promise<Record<string, Weights>> {
    return this.#after(false, () => this.#model.weights());
  }

  setWeights(weights: Readonly<Record<string, Weights>>): Promise<void> {
    return this.#after(false, () => this.#model.setWeights(weights));
  }

  /** Runs work after all work requested before; work that `follows` a pass does not run if that pass fails. */
  #after<T>(follows: boolean, work: () => Promise<T>): Promise<T> {
    const next = follows ? this.#last.then(work) : this.#last.then(work, work);
    this.#last = next;
    // The caller gets the error; `#last` must not report it again.
    next.catch(() => {});
    return next;
  }

  /** Runs a pass with rounded weights. */
  async #rounded<T>(pass: () => Promise<T>): Promise<T> {
    const all = await this.#model.weights();
    const names = roundedNames(this.#model.description).filter((name) => all[name] !== undefined);
    const shapes = new Map(this.#model.info.parameters.map(({ name, shape }) => [name, shape]));
    const full = Object.fromEntries(names.map((name) => [name, all[name]!]));
    const rounded = Object.entries(full).map(([name, weights]) => {
      const rows = shapes.get(name)?.[0] ?? 1;
      return [name, fakeQuantized(weights, rows, this.#bits, this.#scale)] as const;
    });
    await this.#model.setWeights(Object.fromEntries(rounded));
    try {
      return await pass();
    } finally {
      await this.#model.setWeights(full);
    }
  }
}
