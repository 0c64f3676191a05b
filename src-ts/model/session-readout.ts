/** The read-out of a session, over the steps so far. */
import { invalid } from '../checks/check.ts';
import type { CompiledModel, Weights } from '../compiled/compiled-model.ts';
import { tensorsOf } from '../compiled/tensors.ts';
import { tracedValue } from '../trace/trace.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';
import { readoutInputs, readsParameters, recordingsOf } from './readout.ts';

/** What a session's read-out needs of its model. */
type Source = Pick<CompiledModel, 'info' | 'description' | 'native'>;

/** The values of one variable, step by step, in an array that grows. */
class Steps {
  #values = new Float64Array(0);
  #length = 0;

  add(step: ArrayLike<number>): void {
    if (this.#length + step.length > this.#values.length) {
      const grown = new Float64Array(Math.max(2 * this.#values.length, 16 * step.length));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values.set(step, this.#length);
    this.#length += step.length;
  }

  clear(): void {
    this.#length = 0;
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }
}

/** A model's read-out for its sessions. */
export class SessionReadout {
  readonly #model: Source;
  readonly #readout: TracedLoss;
  readonly recordings: readonly string[];

  private constructor(model: Source, readout: TracedLoss) {
    this.#model = model;
    this.#readout = readout;
    this.recordings = recordingsOf(model, readout);
  }

  static of(model: Source): SessionReadout {
    const { readout } = model.description;
    if (readout === undefined) invalid('readout', true, 'a model that was compiled with a readout');
    return new SessionReadout(model, readout!);
  }

  /** The parameters that it reads, as they are now. */
  async parameters(): Promise<Readonly<Record<string, Weights>>> {
    return readsParameters(this.#readout) ? tensorsOf(this.#model.native, 'value') : {};
  }

  /** Before the first step. */
  begun(parameters: Readonly<Record<string, Weights>>): ReadoutHistory {
    const { info, description } = this.#model;
    return new ReadoutHistory(this.recordings, (recording, steps) => {
      const inputs = readoutInputs({ info }, this.#readout, { recording, parameters }, [steps, 1]);
      return tracedValue(this.#readout, inputs, description.precision);
    });
  }
}

type Evaluate = (
  recording: (name: string) => { values: Float64Array; shape: number[] },
  steps: number,
) => Float64Array;

/** What a read-out reads of all steps of one session. */
export class ReadoutHistory {
  readonly #evaluate: Evaluate;
  readonly #variables: ReadonlyMap<string, Steps>;
  #steps = 0;

  constructor(names: Iterable<string>, evaluate: Evaluate) {
    this.#evaluate = evaluate;
    this.#variables = new Map([...names].map((name) => [name, new Steps()]));
  }

  add(recorded: (name: string) => ArrayLike<number>): void {
    for (const [name, steps] of this.#variables) steps.add(recorded(name));
    this.#steps += 1;
  }

  clear(): void {
    for (const steps of this.#variables.values()) steps.clear();
    this.#steps = 0;
  }

  /** The history of another session, before its first step. */
  fresh(): ReadoutHistory {
    return new ReadoutHistory(this.#variables.keys(), this.#evaluate);
  }

  /** The scores `[classes]`. */
  value(): Float64Array {
    const count = this.#steps;
    if (count === 0) invalid('readout', 'no step', 'at least one step since the session began or was reset');
    const recording = (name: string) => {
      const { values } = this.#variables.get(name)!;
      return { values, shape: [count, 1, values.length / count] };
    };
    return this.#evaluate(recording, count);
  }
}
