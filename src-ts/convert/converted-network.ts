/** A converted network: an ordinary model, with what its input and its readout mean. */
import { options as checkOptions, integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { InputTensor } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Model } from '../model/model.ts';
import type { RunOptions } from '../model/run.ts';
import type { ConversionReport } from './report.ts';

/** The firing schedule: all layers in every step, or one layer after the other. */
export type ConversionSchedule = 'streaming' | 'accumulate';

/** Options of {@link ConvertedNetwork.predict} and {@link ConvertedNetwork.logits}. */
export interface ConvertedRunOptions extends TaskOptions {
  /** Number of steps for which the input is presented; default the conversion's. With `'accumulate'` they are fixed. */
  steps?: number;
}

/** The result of {@link convert}. */
export class ConvertedNetwork {
  /** The spiking network. It runs, streams in sessions, is saved and exported like any other. */
  readonly model: Model;
  readonly report: ConversionReport;
  readonly schedule: ConversionSchedule;
  /** T: the steps of the conversion. */
  readonly steps: number;
  /** Steps of a run: T, and with `'accumulate'` T for each layer of neurons as well. */
  readonly totalSteps: number;
  /** Number of first steps whose output is not read, in runs of at least twice this number. */
  readonly readoutDelay: number;

  /** @internal */
  constructor(
    parts: Pick<ConvertedNetwork, 'model' | 'report' | 'schedule' | 'steps' | 'totalSteps' | 'readoutDelay'>,
  ) {
    this.model = parts.model;
    this.report = parts.report;
    this.schedule = parts.schedule;
    this.steps = parts.steps;
    this.totalSteps = parts.totalSteps;
    this.readoutDelay = parts.readoutDelay;
    Object.freeze(this);
  }

  /** The first step that counts in a run of `steps` steps. */
  readoutStart(steps: number): number {
    return steps >= 2 * this.readoutDelay ? this.readoutDelay : 0;
  }

  /**
   * The arguments of `model.run` for samples: `'streaming'` presents them in every step, `'accumulate'` in the first T steps and nothing
   * afterwards.
   *
   * @param samples - `{ x, shape: [samples, …] }`
   * @throws LapicqueError `shape-mismatch`
   */
  input(
    samples: InputTensor,
    steps: number = this.steps,
  ): { input: InputTensor; options: Pick<RunOptions, 'steps'> } {
    if (this.schedule === 'streaming') return { input: samples, options: { steps } };
    this.#own(steps);
    return {
      input: presented(samples, steps, this.totalSteps, this.model.description.input.size),
      options: {},
    };
  }

  #own(steps: number): void {
    if (this.schedule === 'accumulate' && steps !== this.steps)
      invalid(
        'steps',
        steps,
        `${this.steps}: with the schedule 'accumulate' a network is converted for its steps`,
      );
  }

  /**
   * Sums of the output over the steps that are read, `[samples, outputs]`: of logits, or of spikes if the output spikes. Divided by the number of
   * steps they approximate the logits of the artificial network, within the error of the conversion.
   *
   * @throws LapicqueError as {@link Model.run}; `invalid-parameter` for a number of steps other than that of an `'accumulate'` conversion
   */
  async outputs(samples: InputTensor, options: ConvertedRunOptions = {}): Promise<Float64Array> {
    const { steps = this.steps, ...task } = checkOptions('outputs', options, [
      'steps',
      'signal',
      'onProgress',
    ]);
    integer('steps', steps, { min: 1 });
    const [sums] = await this.outputsAt(samples, [steps], task);
    return sums!;
  }

  /** The same after several numbers of steps, from one run. @internal */
  async outputsAt(
    samples: InputTensor,
    steps: readonly number[],
    task: TaskOptions = {},
  ): Promise<Float64Array[]> {
    for (const each of steps) this.#own(each);
    const { input, options } = this.input(samples, Math.max(...steps));
    const { v, spikes, shape } = await this.model.run(input, { ...options, ...task });
    const [total, batch, outputs] = shape;
    const size = batch * outputs;
    if (this.schedule === 'accumulate' && spikes === undefined)
      return steps.map(() => Float64Array.from(v.subarray((total - 1) * size)));
    const values = spikes ?? v;
    // sums[t] is what the first t steps gave.
    const sums = [new Float64Array(size)];
    for (let t = 0; t < total; t++) sums.push(sums[t]!.map((sum, i) => sum + values[t * size + i]!));
    if (this.schedule === 'accumulate') return steps.map(() => sums[total]!);
    return steps.map((end) => {
      const before = sums[this.readoutStart(end)]!;
      return sums[end]!.map((sum, i) => sum - before[i]!);
    });
  }

  /**
   * Labels `[samples]`: the output with the largest sum.
   *
   * @throws LapicqueError as {@link ConvertedNetwork.outputs}
   */
  async predict(samples: InputTensor, options: ConvertedRunOptions = {}): Promise<Uint32Array> {
    return labelsOf(await this.outputs(samples, options), this.model.outputs);
  }
}

/** The largest of each row; the first of equal ones. */
export function labelsOf(sums: Float64Array, outputs: number): Uint32Array {
  return Uint32Array.from({ length: sums.length / outputs }, (_, row) => {
    let best = 0;
    for (let o = 1; o < outputs; o++) if (sums[row * outputs + o]! > sums[row * outputs + best]!) best = o;
    return best;
  });
}

/** Samples in the first steps, and zeros after them: `[total, batch, channels]`. */
function presented(samples: InputTensor, steps: number, total: number, channels: number): InputTensor {
  const [batch] = samples.shape;
  const size = batch! * channels;
  if (samples.x.length !== size)
    throw new LapicqueError('shape-mismatch', {
      layer: 'input',
      expected: `[samples, ${channels}]`,
      got: `${samples.x.length} values in the shape [${samples.shape.join(', ')}]`,
    });
  const x = new Float64Array(total * size);
  for (let t = 0; t < steps; t++) x.set(samples.x, t * size);
  return { x, shape: [total, batch!, channels] };
}
