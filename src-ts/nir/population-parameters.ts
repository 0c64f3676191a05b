/** The parameters and options of a population that is written as a NIR neuron. */
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import { exp, log } from '../numbers/elementary.ts';
import { unsupportedNir } from './errors.ts';

/** The parameters of a population, one number per neuron. */
export class PopulationParameters {
  readonly #dynamics: DynamicsSpec;
  readonly #neurons: number;
  /** ms */
  readonly dt: number;

  constructor(dynamics: DynamicsSpec, neurons: number, dt: number) {
    this.#dynamics = dynamics;
    this.#neurons = neurons;
    this.dt = dt;
  }

  has(name: string): boolean {
    return this.#dynamics.params[name] !== undefined;
  }

  get(name: string): number[] {
    const value = this.#dynamics.params[name]!;
    return Array.from({ length: this.#neurons }, (_, i) => (typeof value === 'number' ? value : value[i]!));
  }

  each(of: (i: number) => number): number[] {
    return Array.from({ length: this.#neurons }, (_, i) => of(i));
  }

  option(name: string): string | boolean | undefined {
    return this.#dynamics.options[name];
  }

  /** The decay factor of one step. */
  factor(factor: string, tau: string): number[] {
    if (this.has(factor)) return this.get(factor).map((x) => Math.min(1, Math.max(0, x)));
    const euler = this.option('method') === 'euler';
    return this.get(tau).map((one) =>
      euler ? Math.min(1, Math.max(0, 1 - this.dt / one)) : exp(-this.dt / one),
    );
  }

  /** dt / tau of the model's own discretization. */
  ratio(factor: string, tau: string): number[] {
    if (!this.has(factor)) return this.get(tau).map((one) => this.dt / one);
    const euler = this.option('method') === 'euler';
    return this.get(factor).map((x) => (euler ? 1 - x : -log(x)));
  }

  /** The time constant in seconds for which forward Euler has the model's decay factor. */
  seconds(factor: string, tau: string): number[] {
    if (this.has(tau) && !this.has(factor) && this.option('method') === 'euler')
      return this.get(tau).map((ms) => ms / 1000);
    return this.factor(factor, tau).map((x) => this.dt / 1000 / (1 - x));
  }

  /** The resistance for which forward Euler has the model's input gain. */
  resistance(seconds: readonly number[]): number[] {
    const r = this.get('r');
    const exact = this.has('tauMem') && !this.has('beta') && this.option('method') === 'euler';
    if (exact && this.option('inputScale') === 'dt-over-tau') return r;
    const scale = this.#inputScale();
    return this.each((i) => (r[i]! * scale[i]! * seconds[i]!) / (this.dt / 1000));
  }

  #inputScale(): number[] {
    switch (this.option('inputScale')) {
      case 'one-minus-beta':
        return this.factor('beta', 'tauMem').map((x) => 1 - x);
      case 'dt-over-tau':
        return this.ratio('beta', 'tauMem');
      case 'propagator': {
        const [beta, alpha] = [this.factor('beta', 'tauMem'), this.factor('alpha', 'tauSyn')];
        const [mem, syn] = [this.ratio('beta', 'tauMem'), this.ratio('alpha', 'tauSyn')].map((all) =>
          all.map((x) => this.dt / x),
        );
        return this.each((i) => {
          const difference = syn![i]! - mem![i]!;
          const close = Math.abs(difference) < mem![i]! * 1e-6;
          return close ? (beta[i]! * this.dt) / mem![i]! : (syn![i]! * (alpha[i]! - beta[i]!)) / difference;
        });
      }
      default:
        return this.each(() => 1);
    }
  }

  /** The w_in for which forward Euler has the model's gain of the synaptic input. */
  inputWeight(seconds: readonly number[]): number[] {
    const weight = this.get('wIn');
    const exact = this.has('tauSyn') && !this.has('alpha') && this.option('method') === 'euler';
    const scaled = this.option('synInputScale') === 'dt-over-tau';
    if (exact && scaled) return weight;
    const scale = scaled ? this.ratio('alpha', 'tauSyn') : this.each(() => 1);
    return this.each((i) => (weight[i]! * scale[i]! * seconds[i]!) / (this.dt / 1000));
  }

  /** Options and parameters of a spiking neuron that NIR cannot express. `init` is the parameter with NIR's initial v; without it 0. */
  lostOfSpikes(init: string | undefined): [string, string][] {
    const lost: [string, string][] = [];
    const reset = this.option('reset');
    if (reset !== 'value') lost.push(['reset', `'${reset}'; NIR sets v to v_reset`]);
    const timing = this.option('resetTiming');
    if (timing === 'snntorch-no-delay')
      lost.push(['resetTiming', `'${timing}'; NIR resets in the step of the spike`]);
    if (reset === 'subtract' && timing === 'next-step')
      lost.push(['resetTiming', "'next-step'; NIR resets in the step of the spike"]);
    if (reset === 'value' && timing === 'next-step' && this.option('zeroKeepsInput') === false)
      lost.push(['zeroKeepsInput', 'false; NIR uses the input of every step']);
    if (this.option('thresholdBefore') === true)
      lost.push(['thresholdBefore', 'true; NIR compares v with v_threshold after the update']);
    const refractory = ['refractorySteps', 'tauRef'].find(
      (name) => this.has(name) && this.get(name).some((x) => x !== 0),
    );
    if (refractory !== undefined) lost.push([refractory, 'NIR has no refractory period']);
    if (this.has('vMin')) lost.push(['vMin', 'NIR has no lower bound of v']);
    if (this.has('gradedSpikes') && this.get('gradedSpikes').some((x) => x !== 1))
      lost.push(['gradedSpikes', 'NIR spikes have the value 1']);
    return [...lost, ...this.lostInit(init)];
  }

  lostInit(rest: string | undefined): [string, string][] {
    if (!this.has('vInit')) return [];
    const own = rest === undefined ? this.each(() => 0) : this.get(rest);
    const start = this.get('vInit');
    return start.every((v, i) => v === own[i])
      ? []
      : [['vInit', 'NIR starts v at v_leak, or at 0 for neurons without it']];
  }

  /** The fields of a neuron that spikes. */
  spiking() {
    return { v_threshold: this.get('vThreshold'), v_reset: this.get('vReset') };
  }

  /** The fields of a neuron that spikes several times in a step, as one that spikes once. */
  levels() {
    return { v_threshold: this.get('vThreshold'), v_reset: this.each(() => 0) };
  }

  /** What a neuron that spikes several times in a step loses. */
  lostOfLevels(): [string, string][] {
    return [
      ['levels', 'NIR has at most one spike per step'],
      ['reset', 'by subtraction; NIR sets v to v_reset'],
      ...this.lostInit('vLeak'),
    ];
  }

  /** The fields of a leaky membrane. */
  leak() {
    const tau = this.seconds('beta', 'tauMem');
    return { tau, r: this.resistance(tau), v_leak: this.get('vLeak') };
  }

  /** The r of a membrane without leak, an integrator: its gain per second. */
  integrator(): readonly number[] {
    return this.get('r').map((r) => (r * 1000) / this.dt);
  }

  /** Whether the membrane has no leak. */
  hasNoLeak(): boolean {
    const beta = this.factor('beta', 'tauMem');
    if (beta.every((x) => x === 1)) return true;
    if (beta.some((x) => x === 1))
      throw unsupportedNir('a population in which some neurons leak and others do not', 'NIR');
    return false;
  }
}
