/** The data of trainings on the page: what has arrived, and fetching what is new. */
import type { Distribution } from '../parts/heat-map.ts';
import { unpack } from '../parts/packed.ts';
import type { ViewSource } from '../view.ts';

/** What the server has of a run. */
interface RunStatus {
  readonly id: string;
  readonly epochs: number;
  readonly batches: number;
  readonly stride: number;
  readonly perEpoch: number;
  readonly tensors: readonly string[];
  readonly values: readonly string[];
  readonly skipped: number;
  readonly isMissing: boolean;
}

/** A run as far as it has arrived. */
export interface RunData {
  readonly id: string;
  epochs: Record<string, number | null>[];
  /** `step` counts the batches of the training. */
  batches: { step: Float64Array; loss: Float64Array; accuracy: Float64Array };
  stride: number;
  /** Batches of an epoch, as far as is known. */
  perEpoch: number;
  tensors: readonly string[];
  /** Values that the program records by itself. */
  values: Map<string, { step: Float64Array; value: Float64Array }>;
  skipped: number;
  /** Whether its file cannot be read now. */
  isMissing: boolean;
}

export class TrainingData {
  readonly runs = new Map<string, RunData>();
  readonly #source: ViewSource;
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #stops: (() => void)[] = [];
  #pending: readonly RunStatus[] | undefined;
  #fetching = false;

  constructor(source: ViewSource, changed: () => void, failed: (error: unknown) => void) {
    this.#source = source;
    this.#changed = changed;
    this.#failed = failed;
    const fetch = () => void this.#fetch();
    document.addEventListener('visibilitychange', fetch);
    this.#stops.push(
      () => document.removeEventListener('visibilitychange', fetch),
      source.follow('runs', (status) => {
        this.#pending = (status as { runs: RunStatus[] }).runs;
        fetch();
      }),
    );
  }

  /** The weights of a run. */
  histograms(run: string, tensor: string): Promise<Distribution[]> {
    return this.#source.json(`histograms?${new URLSearchParams({ run, tensor })}`);
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
  }

  async #fetch(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      // A page in the background takes no time from the training.
      while (this.#pending !== undefined && !document.hidden) {
        const pending = this.#pending;
        this.#pending = undefined;
        const updated = await Promise.all(pending.map((status) => this.#update(status)));
        // In the order of the server, on which the colors depend, whichever answer arrived first.
        this.runs.clear();
        for (const run of updated) this.runs.set(run.id, run);
        this.#changed();
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#fetching = false;
    }
  }

  async #update(status: RunStatus): Promise<RunData> {
    const { id } = status;
    let run = this.runs.get(id) ?? empty(id);
    // A log that is written anew begins anew.
    const isShorter = status.stride <= run.stride && status.batches < run.batches.step.length;
    if (status.epochs < run.epochs.length || isShorter) run = empty(id);
    const at = (route: string, parameters: Record<string, string | number>) =>
      `${route}?${new URLSearchParams({ run: id, ...parameters } as Record<string, string>)}`;
    const epochs = status.epochs - run.epochs.length;
    if (epochs > 0)
      run.epochs.push(
        ...(await this.#source.json<Record<string, number>[]>(at('epochs', { from: run.epochs.length }))),
      );
    if (status.stride !== run.stride || status.batches > run.batches.step.length) {
      const from = run.batches.step.length;
      const bytes = await this.#source.bytes(at('batches', { from, stride: run.stride }));
      const { meta, arrays } = unpack<{ from: number; stride: number }>(bytes);
      const joined = (name: 'step' | 'loss' | 'accuracy') =>
        Float64Array.from([...run.batches[name].subarray(0, meta.from), ...arrays[name]!]);
      run.batches = { step: joined('step'), loss: joined('loss'), accuracy: joined('accuracy') };
      run.stride = meta.stride;
    }
    for (const name of status.values) {
      const { step, value } = unpack(await this.#source.bytes(at('values', { name }))).arrays;
      run.values.set(name, { step: step as Float64Array, value: value as Float64Array });
    }
    run.perEpoch = status.perEpoch;
    run.tensors = status.tensors;
    run.skipped = status.skipped;
    run.isMissing = status.isMissing;
    return run;
  }
}

function empty(id: string): RunData {
  const none = new Float64Array();
  return {
    id,
    epochs: [],
    batches: { step: none, loss: none, accuracy: none },
    stride: 1,
    perEpoch: 1,
    tensors: [],
    values: new Map(),
    skipped: 0,
    isMissing: false,
  };
}
