// A streaming decoder that learns: a session of leaky neurons, whose weights follow a delta rule on filtered spikes.
import { dense, sequential } from 'lapicque';
import { cubaLi } from 'lapicque/neurons';

const stepMs = 4;
const tau = 50; // ms, of the synaptic current and of the membrane
const decay = Math.exp(-stepMs / tau);
const every = 5; // steps between two corrections, 20 ms
const swap = 25; // steps after which the session gets the corrected weights, 100 ms

/**
 * Each output neuron adds up its input spikes, weighted and filtered twice. The derivative of its potential with respect to a weight is the same filter
 * applied to the spikes of that input: the eligibility trace. For one layer without hidden neurons, error × trace is the exact gradient, which e-prop
 * computes, too. A correction is divided by the variance of the trace, so that quiet and busy channels learn equally fast.
 */
export class OnlineDecoder {
  #model;
  #session;
  #channels;
  #outputs;
  #current;
  #trace;
  #mean;
  #variance;
  #weights;
  #offset;
  #past = [];
  #steps = 0;

  /** @param options - `late`: steps from a spike to the arrival of the target, a multiple of 5 */
  static async create(channels, outputs, { late }) {
    const model = await sequential(
      dense(channels, outputs, { bias: false }),
      cubaLi({ tauSyn: tau, tauMem: tau }),
    ).compile({ dt: stepMs, seed: 0 });
    return new OnlineDecoder(model, channels, outputs, late);
  }

  constructor(model, channels, outputs, late) {
    this.#model = model;
    this.#channels = channels;
    this.#outputs = outputs;
    this.late = late;
    this.#current = new Float64Array(channels);
    this.#trace = new Float64Array(channels);
    this.#weights = new Float64Array(outputs * channels);
    this.#offset = new Float64Array(outputs);
  }

  get model() {
    return this.#model;
  }

  /** The filter of the neurons, for each input. */
  #filter(counts) {
    for (let c = 0; c < this.#channels; c++) {
      this.#current[c] = decay * this.#current[c] + counts[c];
      this.#trace[c] = decay * this.#trace[c] + this.#current[c];
    }
  }

  /** One correction by the error of the potential that the current weights give for a trace. */
  #correct(trace, target, rate) {
    for (let o = 0; o < this.#outputs; o++) {
      const row = o * this.#channels;
      let value = this.#offset[o];
      for (let c = 0; c < this.#channels; c++) value += this.#weights[row + c] * (trace[c] - this.#mean[c]);
      const error = target[o] - value;
      this.#offset[o] += rate * error;
      for (let c = 0; c < this.#channels; c++)
        this.#weights[row + c] += (rate * error * (trace[c] - this.#mean[c])) / this.#variance[c];
    }
  }

  /** Learns from a recorded session, in several passes with falling rates, and opens the stream at its end. */
  async calibrate(counts, targets, { passes, rate }) {
    const steps = targets.length / this.#outputs;
    const traces = new Float32Array(Math.floor(steps / every) * this.#channels);
    for (let t = 0; t < steps; t++) {
      this.#filter(counts.subarray(t * this.#channels, (t + 1) * this.#channels));
      if (t % every === 0) traces.set(this.#trace, (t / every) * this.#channels);
    }
    this.#measure(traces);
    for (let pass = 0; pass < passes; pass++)
      for (let t = 0; t < steps; t += every) {
        const trace = traces.subarray((t / every) * this.#channels, (t / every + 1) * this.#channels);
        if (trace.length > 0)
          this.#correct(
            trace,
            targets.subarray(t * this.#outputs, (t + 1) * this.#outputs),
            rate / (1 + pass),
          );
      }
    await this.#open();
    for (let t = steps - 250; t < steps; t++) this.#session.push(this.#events(counts, t));
  }

  #measure(traces) {
    const rows = traces.length / this.#channels;
    this.#mean = new Float64Array(this.#channels);
    this.#variance = new Float64Array(this.#channels).fill(1e-3);
    traces.forEach((value, i) => {
      this.#mean[i % this.#channels] += value / rows;
    });
    traces.forEach((value, i) => {
      this.#variance[i % this.#channels] += (value - this.#mean[i % this.#channels]) ** 2 / rows;
    });
  }

  #events(counts, t) {
    return Float32Array.from(counts.subarray(t * this.#channels, (t + 1) * this.#channels));
  }

  /** The session goes on with the present weights, from its present state. */
  async #open() {
    await this.#model.setWeights({ 'dense1.weight': Float32Array.from(this.#weights) });
    const next = await this.#model.session();
    if (this.#session !== undefined) {
      next.restore(this.#session.save());
      this.#session.dispose();
    }
    this.#session = next;
  }

  /** One step of the stream: spike counts in, the estimate out. */
  push(counts) {
    this.#filter(counts);
    this.#session.push(Float32Array.from(counts));
    if (this.#steps % every === 0) this.#past.push(Float64Array.from(this.#trace));
    if (this.#past.length > this.late / every + 1) this.#past.shift();
    this.#steps += 1;
    return Array.from(this.#session.membrane(), (v, o) => {
      let value = v + this.#offset[o];
      for (let c = 0; c < this.#channels; c++) value -= this.#weights[o * this.#channels + c] * this.#mean[c];
      return value;
    });
  }

  /** The target of the step `late` steps ago has arrived: call it after each `push`. */
  async learn(target, rate) {
    const at = this.#steps - 1 - this.late;
    if (at >= 0 && at % every === 0) this.#correct(this.#past[0], target, rate);
    if (this.#steps % swap === 0) await this.#open();
  }

  dispose() {
    this.#session?.dispose();
    this.#model.dispose();
  }
}
