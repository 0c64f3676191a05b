/**
 * lapicque: spiking neural networks for Node.
 *
 * @packageDocumentation
 */

/** Accuracies, as {@link writeReport} draws them. */
export declare interface AccuracyAgainstSteps {
    readonly steps: readonly number[];
    /** Samples with the right label after each number of steps. */
    readonly correct: readonly number[];
    /** The same as shares, 0 to 1. */
    readonly accuracy: readonly number[];
    readonly samples: number;
    /** Of the artificial network, where one was given. */
    readonly ann?: {
        readonly correct: number;
        readonly accuracy: number;
    };
}

/**
 * Accuracy after each number of steps, from one run of the largest number for each sample: with the schedule `'streaming'` the first t steps
 * are those of a run of t steps.
 *
 * @param data - labelled samples `{ x, shape: [samples, …], y }`, or batches of them
 * @throws LapicqueError `invalid-parameter` for no samples, for labels that are none of the outputs, and for steps that an `'accumulate'`
 * conversion was not made for; `shape-mismatch`, `non-finite`, `aborted`, `disposed`
 */
export declare function accuracyAgainstSteps(network: ConvertedNetwork, data: TrainingBatch | Batches, options?: AccuracyOptions): Promise<AccuracyAgainstSteps>;

/** Accuracy of converted networks against the number of steps, of what `accuracyAgainstSteps` returns, with the artificial network as a dashed line. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function accuracyAgainstSteps_2(curves: AccuracyCurve | readonly AccuracyCurve[], options?: FigureOptions): Promise<Figure>;

/** Accuracy of a converted network after several numbers of steps; what `accuracyAgainstSteps` returns is one. */
export declare interface AccuracyCurve {
    /** Name of the network, where there are several. */
    name?: string;
    steps: ArrayLike<number>;
    /** Shares from 0 to 1, one for each number of steps. */
    accuracy: ArrayLike<number>;
    /** The artificial network's own accuracy. */
    ann?: {
        readonly accuracy: number;
        readonly correct?: number;
    };
    /** Samples with the right label; not drawn. */
    correct?: ArrayLike<number>;
    samples?: number;
}

/** Options of {@link accuracyAgainstSteps}. */
export declare interface AccuracyOptions extends TaskOptions {
    /** Numbers of steps, ascending; default 1, 2, 4, … up to those of the conversion. With `'accumulate'` only these. */
    steps?: readonly number[];
    /** The artificial network, whose own accuracy is then measured on the same samples. */
    ann?: Model;
}

/** Spikes per sample in each layer; `steps` is needed for the fraction of neurons that spike in a step. */
export declare interface Activity {
    steps: number;
    layers: readonly LayerActivity[];
}

/** Spikes per sample of each layer, of what `evaluate` returns. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function activity(result: Activity | Pick<Evaluation, 'activity'>, options?: FigureOptions): Promise<Figure>;

/**
 * Adam. A step, as computed: `g += weightDecay w; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²; w -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`.
 *
 * Source: D. P. Kingma, J. Ba, ICLR 2015; defaults and order of operations are torch's.
 */
export declare function adam(options?: AdamOptions): Optimizer;

/** Options of {@link adam}. */
export declare interface AdamOptions extends OptimizerOptions {
    /** Learning rate; a number of at least 0; default 0.001. */
    lr?: number;
    /** Decay factors of the first and the second moment; a list of 2, each a number from 0 to below 1; default [0.9, 0.999]. */
    betas?: readonly [number, number];
    /** Added to the root of the second moment; a number of at least 0; default 1e-8. */
    eps?: number;
    /** As torch's `weight_decay`: the decay joins the gradient; a number of at least 0; default 0. */
    weightDecay?: number;
}

/**
 * AdamW: Adam whose weight decay does not pass through the moments. A step, as computed: `w *= 1 - lr weightDecay; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²; w -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`.
 *
 * Source: I. Loshchilov, F. Hutter, ICLR 2019; defaults and order of operations are torch's.
 */
export declare function adamw(options?: AdamwOptions): Optimizer;

/** Options of {@link adamw}. */
export declare interface AdamwOptions extends OptimizerOptions {
    /** Learning rate; a number of at least 0; default 0.001. */
    lr?: number;
    /** Decay factors of the first and the second moment; a list of 2, each a number from 0 to below 1; default [0.9, 0.999]. */
    betas?: readonly [number, number];
    /** Added to the root of the second moment; a number of at least 0; default 1e-8. */
    eps?: number;
    /** As torch's `weight_decay`: the decay shrinks the weights themselves and does not pass through the moments; a number of at least 0; default 0.01. */
    weightDecay?: number;
}

/** `A + B` */
declare type Add<A extends number, B extends number> = number extends A | B ? number : Read<AddDigits<Digits<A>, Digits<B>>>;

/** Digit by digit; `Carry` has the length of what is carried. */
declare type AddDigits<A extends string, B extends string, Carry extends readonly 0[] = [], Done extends string = ''> = A extends `${infer X extends Digit}${infer MoreA}` ? B extends `${infer Y extends Digit}${infer MoreB}` ? Carried<[...Units[X], ...Units[Y], ...Carry]> extends [infer C extends 0[], infer D extends string] ? AddDigits<MoreA, MoreB, C, `${Done}${D}`> : never : B extends '' ? Carry extends [] ? `${Done}${A}` : AddDigits<A, '1', [], Done> : never : A extends '' ? B extends '' ? Carry extends [] ? Done : `${Done}1` : AddDigits<B, A, Carry, Done> : never;

/**
 * adaptive exponential integrate-and-fire: `c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + x; tauW dw/dt = a (v - vLeak) - w`.
 *
 * As computed: `v = v[t-1] + dt / c (gL (vLeak - v[t-1]) + gL deltaT exp((v[t-1] - vT) / deltaT) - w[t-1] + x[t]); w = w[t-1] + dt / tauW (a (v[t-1] - vLeak) - w[t-1]), v[t-1] at most vPeak in both; s[t] = 1 if v >= vPeak else 0; v[t] = vReset if s[t] else v; w[t] = w + b s[t]`. States:
 * - `v`: membrane potential
 * - `iSyn`: synaptic current; only with tauSyn
 * - `w`: adaptation current
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: R. Brette, W. Gerstner, J. Neurophysiol. 94, 2005; patterns: R. Naud et al., Biol. Cybern. 99, 2008.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function adex<const N extends number = number>(options?: AdexOptions<N>): Population<N>;

/** What {@link AdexOptions} may hold. */
export declare interface AdexFields<N extends number = number> extends PopulationOptions<N> {
    /** membrane capacitance (pF); a number above 0; default 281. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** leak conductance (nS); a number above 0; default 30. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -70.6. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke sets in (mV); a finite number; default -50.4. One number, or one a neuron. */
    vT?: number | readonly number[] | Float64Array | Float32Array;
    /** slope factor: how sharp the upstroke is (mV); a number above 0; default 2. One number, or one a neuron. */
    deltaT?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much w follows v (nS); a finite number; default 4. One number, or one a neuron. */
    a?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much a spike raises w (pA); a finite number; default 80.5. One number, or one a neuron. */
    b?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of w (ms); a number above 0; default 144. One number, or one a neuron. */
    tauW?: number | readonly number[] | Float64Array | Float32Array;
    /** adaptation current at the start (pA); a finite number; default 0. One number, or one a neuron. */
    wInit?: number | readonly number[] | Float64Array | Float32Array;
    /** synaptic time constant: if given, the input drives a current of its own, iSyn, that drives v (ms); a number above 0. One number, or one a neuron. */
    tauSyn?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke is cut off and a spike emitted (mV); a finite number; default 0. One number, or one a neuron. */
    vPeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (mV); a finite number below vPeak; default -70.6. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 1. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'euler'`. */
    method?: 'euler' | 'rk4';
    /** when the synaptic current decays, jumps by the input and drives v; default `'decay-add-use'`. */
    currentOrder?: 'decay-add-use' | 'add-use-decay' | 'use-decay-add';
    /** what a spike does to v: set it to vReset, or take vPeak off it; default `'value'`. */
    reset?: 'value' | 'subtract' | 'zero';
    /** when the reset enters. With next-step it opens the next step, and the recorded v is the one before the reset; default `'same-step'`. */
    resetTiming?: 'same-step' | 'next-step';
    /** how v must compare to vPeak to spike; default `'>='`. */
    compare?: '>=' | '>';
    /** whether the reset of v is a constant for the gradient; what else a spike changes is not; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. norse: LIFAdExCell, without dimensions: c is the membrane time constant, gL 1, v_th both vT and vPeak, adaptation_current a, adaptation_spike b; nest: aeif_cond_exp and its like without synapses: V_th is vT. NEST's steps adapt to the error; take 10 subSteps or more for each 0.1 ms. */
    like?: 'norse' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('gL' | 'vT' | 'a' | 'b' | 'tauW' | 'tauSyn' | 'vPeak')[];
}

/** Parameters and options of {@link adex}; of parameters that say the same thing, one. */
export declare type AdexOptions<N extends number = number> = AdexFields<N> & AtMostOne<'refractorySteps' | 'tauRef'>;

/**
 * adaptive exponential integrate-and-fire with exponential conductances: `c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + gE (vE - v) + gI (vI - v) + iBias + x; tauW dw/dt = a (v - vLeak) - w; tauE dgE/dt = -gE; tauI dgI/dt = -gI; a spike adds its weight to gE or gI`.
 *
 * As computed: `1, 2, 5 or 10 steps (tolerance; down to a fiftieth below 1e-4), or subSteps, of the Runge-Kutta method of order 4, synaptic variables exactly: in v, or from vT + 2 deltaT on in q = exp((vT - v) / deltaT), dq/dt = -(q f + gL deltaT / c) / deltaT, f being dv/dt without the exponential; a spike where q comes to exp((vT - vPeak) / deltaT): from there v = vReset, w = w + b, by Heun's method to the end of the sub-step; at the end of the step gE = gE + excitatory[t], gI = gI + inhibitory[t]`. States:
 * - `v`: membrane potential
 * - `w`: adaptation current
 * - `gE`: excitatory conductance
 * - `gI`: inhibitory conductance, 0 or above
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: R. Brette, W. Gerstner, J. Neurophysiol. 94, 2005; NEST 3 aeif_cond_exp, whose steps adapt to the error. For large networks (simulate): it has more than one port.
 *
 * @returns a population with the ports `excitatory`, `inhibitory`, `current`: what feeds it is cut into 3 parts, for `excitatory`, `inhibitory`, `current`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function aeifCondExp<const N extends number = number>(options?: AeifCondExpOptions<N>): PortedPopulation<N>;

/** What {@link AeifCondExpOptions} may hold. */
export declare interface AeifCondExpFields<N extends number = number> extends PopulationOptions<N> {
    /** membrane capacitance (pF); a number above 0; default 281. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** leak conductance (nS); a number above 0; default 30. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -70.6. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke sets in (mV); a finite number; default -50.4. One number, or one a neuron. */
    vT?: number | readonly number[] | Float64Array | Float32Array;
    /** slope factor: how sharp the upstroke is (mV); a number above 0; default 2. One number, or one a neuron. */
    deltaT?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much w follows v (nS); a finite number; default 4. One number, or one a neuron. */
    a?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much a spike raises w (pA); a finite number; default 80.5. One number, or one a neuron. */
    b?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of w (ms); a number above 0; default 144. One number, or one a neuron. */
    tauW?: number | readonly number[] | Float64Array | Float32Array;
    /** adaptation current at the start (pA); a finite number; default 0. One number, or one a neuron. */
    wInit?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of excitation (ms); a number above 0; default 0.2. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of inhibition (ms); a number above 0; default 2. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke is cut off and a spike emitted (mV); a finite number; default 0. One number, or one a neuron. */
    vPeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (mV); a finite number below vPeak; default -60. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** in large networks: how far what a step of the method of order 4 gives may be from what its stages give at order 2, in v. Each neuron takes 1, 2 or 5 steps of the method within one of the network where that is kept, else 10; 20 and 50 below a tolerance of 1e-4. In trained networks always the most (mV); a number above 0; default 0.001. One number, or one a neuron. */
    tolerance?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of excitation (mV); a finite number; default 0. One number, or one a neuron. */
    vE?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of inhibition (mV); a finite number; default -85. One number, or one a neuron. */
    vI?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'rk4'`. */
    method?: 'rk4' | 'euler';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'vPeak'[];
}

/** Parameters and options of {@link aeifCondExp}; of parameters that say the same thing, one. */
export declare type AeifCondExpOptions<N extends number = number> = AeifCondExpFields<N> & AtMostOne<'refractorySteps' | 'tauRef'> & AtMostOne<'tolerance' | 'subSteps'>;

/**
 * adaptive exponential integrate-and-fire with exponential currents: `c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + iE - iI + iBias + x; tauW dw/dt = a (v - vLeak) - w; tauE diE/dt = -iE; tauI diI/dt = -iI; a spike adds its weight to iE or iI`.
 *
 * As computed: `1, 2, 5 or 10 steps (tolerance; down to a fiftieth below 1e-4), or subSteps, of the Runge-Kutta method of order 4, synaptic variables exactly: in v, or from vT + 2 deltaT on in q = exp((vT - v) / deltaT), dq/dt = -(q f + gL deltaT / c) / deltaT, f being dv/dt without the exponential; a spike where q comes to exp((vT - vPeak) / deltaT): from there v = vReset, w = w + b, by Heun's method to the end of the sub-step; at the end of the step iE = iE + excitatory[t], iI = iI + inhibitory[t]`. States:
 * - `v`: membrane potential
 * - `w`: adaptation current
 * - `iE`: excitatory current
 * - `iI`: inhibitory current, 0 or above
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: R. Brette, W. Gerstner, J. Neurophysiol. 94, 2005; NEST 3 aeif_psc_exp, whose steps adapt to the error. For large networks (simulate): it has more than one port.
 *
 * @returns a population with the ports `excitatory`, `inhibitory`, `current`: what feeds it is cut into 3 parts, for `excitatory`, `inhibitory`, `current`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function aeifPscExp<const N extends number = number>(options?: AeifPscExpOptions<N>): PortedPopulation<N>;

/** What {@link AeifPscExpOptions} may hold. */
export declare interface AeifPscExpFields<N extends number = number> extends PopulationOptions<N> {
    /** membrane capacitance (pF); a number above 0; default 281. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** leak conductance (nS); a number above 0; default 30. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -70.6. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke sets in (mV); a finite number; default -50.4. One number, or one a neuron. */
    vT?: number | readonly number[] | Float64Array | Float32Array;
    /** slope factor: how sharp the upstroke is (mV); a number above 0; default 2. One number, or one a neuron. */
    deltaT?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much w follows v (nS); a finite number; default 4. One number, or one a neuron. */
    a?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much a spike raises w (pA); a finite number; default 80.5. One number, or one a neuron. */
    b?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of w (ms); a number above 0; default 144. One number, or one a neuron. */
    tauW?: number | readonly number[] | Float64Array | Float32Array;
    /** adaptation current at the start (pA); a finite number; default 0. One number, or one a neuron. */
    wInit?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of excitation (ms); a number above 0; default 0.2. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of inhibition (ms); a number above 0; default 2. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke is cut off and a spike emitted (mV); a finite number; default 0. One number, or one a neuron. */
    vPeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (mV); a finite number below vPeak; default -60. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** in large networks: how far what a step of the method of order 4 gives may be from what its stages give at order 2, in v. Each neuron takes 1, 2 or 5 steps of the method within one of the network where that is kept, else 10; 20 and 50 below a tolerance of 1e-4. In trained networks always the most (mV); a number above 0; default 0.001. One number, or one a neuron. */
    tolerance?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'rk4'`. */
    method?: 'rk4' | 'euler';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'vPeak'[];
}

/** Parameters and options of {@link aeifPscExp}; of parameters that say the same thing, one. */
export declare type AeifPscExpOptions<N extends number = number> = AeifPscExpFields<N> & AtMostOne<'refractorySteps' | 'tauRef'> & AtMostOne<'tolerance' | 'subSteps'>;

/** What a layer gives that `At` enters. */
declare type After<L, At extends Sizes> = [L] extends [Dense<number, infer Out> | Embedding<infer Out>] ? Sizes<Out, Out, readonly []> : [L] extends [Keeping] ? At : [L] extends [PortedPopulation<infer N>] ? Sizes<N> : [L] extends [Population<infer N>] ? Known<Sizes<N>, At> : [L] extends [Branches<infer J, infer Lists>] ? Joined<J, Lists, At> : AfterImage<L, At>;

/** The same of layers that know of images. */
declare type AfterImage<L, At extends Sizes> = [L] extends [Conv<number, infer Out, infer W>] ? Image<Out, Slid<W, At['pixels']>> : [L] extends [Pointwise<number, infer Out>] ? Image<Out, At['pixels']> : [L] extends [Pool<infer W>] ? Image<At['channels'], Slid<W, At['pixels']>> : [L] extends [GlobalPool] ? Sizes<At['channels'], At['channels'], OnePixel<At['pixels']>> : [L] extends [Flatten] ? Sizes<At['elements'], At['elements'], readonly []> : [L] extends [InputShape<infer S> | Unflatten<infer S>] ? S extends readonly [infer C extends number, ...infer P extends readonly number[]] ? Image<C, P> : Sizes : Sizes;

/**
 * adaptive leaky integrate-and-fire: `tauMem dv/dt = (vLeak - v) + r x; tauAdapt da/dt = -a, a = a + 1 at a spike; threshold = vThreshold + betaAdapt a`.
 *
 * As computed: `a[t] = rho a[t-1] + s[t-1]; v[t] = beta v[t-1] + gain x[t] + (1 - beta) vLeak - s[t-1] vThreshold; s[t] = 1 if v[t] > vThreshold + betaAdapt a[t] else 0. With resetTiming same-step the threshold takes rho a[t-1], and s[t] enters a[t]`. States:
 * - `v`: membrane potential
 * - `iSyn`: synaptic current; only with tauSyn
 * - `a`: adaptation: decaying count of the spikes
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: G. Bellec et al., Long short-term memory and learning-to-learn in networks of spiking neurons, NeurIPS 2018; G. Bellec et al., Nat. Commun. 11:3625, 2020.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function alif<const N extends number = number>(options: AlifOptions<N>): Population<N>;

/** What {@link AlifOptions} may hold. */
export declare interface AlifFields<N extends number = number> extends PopulationOptions<N> {
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** share of a left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    rho?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the adaptation (ms); a number above 0; default 200. One number, or one a neuron. */
    tauAdapt?: number | readonly number[] | Float64Array | Float32Array;
    /** what one unit of a adds to the threshold or takes off the drive (dimensionless); a finite number; default 0.2. One number, or one a neuron. */
    betaAdapt?: number | readonly number[] | Float64Array | Float32Array;
    /** synaptic time constant: if given, the input drives a current of its own, iSyn, that drives v (ms); a number above 0. One number, or one a neuron. */
    tauSyn?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau; default `'exact'`. */
    method?: 'exact' | 'euler';
    /** coefficient on what drives v: r alone, r (1 - beta), or r dt / tauMem; default `'weight'`. */
    inputScale?: 'weight' | 'one-minus-beta' | 'dt-over-tau';
    /** what betaAdapt a does: it raises the threshold, or is taken off what drives v; default `'threshold'`. */
    adaptation?: 'threshold' | 'current';
    /** by how much a spike raises a: 1, or 1 - rho; default `'weight'`. */
    adaptationScale?: 'weight' | 'one-minus-rho';
    /** when the synaptic current decays, jumps by the input and drives v; default `'decay-add-use'`. */
    currentOrder?: 'decay-add-use' | 'add-use-decay' | 'use-decay-add';
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: 'subtract' | 'value' | 'none' | 'zero';
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: 'next-step' | 'same-step' | 'snntorch-no-delay';
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: 'threshold' | 'beta-threshold';
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** whether what a spike adds to a is a constant for the gradient; default false. */
    detachAdaptation?: boolean;
    /** Fills in the parameters and options with which that library computes. norse: LSNNCell, and LSNNRecurrentCell with detachReset and detachAdaptation true. b is vThreshold + betaAdapt a. Its default tau_adapt_inv of 1/800 is per second, as here, but looks meant per ms: give tauAdapt. */
    like?: 'norse';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'rho' | 'tauAdapt' | 'betaAdapt' | 'tauSyn' | 'vThreshold')[];
}

/** Parameters and options of {@link alif}; of parameters that say the same thing, one. */
export declare type AlifOptions<N extends number = number> = AlifFields<N> & OneOf<'beta' | 'tauMem', 'norse'> & AtMostOne<'rho' | 'tauAdapt'> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** Every source to every target. */
declare function allToAll(options?: Pick<RuleOptions, 'autapses'>): Rule;

/**
 * alpha neuron as the difference of two exponentials: `v = tau (synExc + synInh), tau = ln(alpha) / (ln(beta) - ln(alpha)) + 1`.
 *
 * As computed: `synExc[t] = alpha synExc[t-1] + x[t]; synInh[t] = beta synInh[t-1] - x[t]; v[t] = tau (synExc[t] + synInh[t]); where v[t-1] > vThreshold the reset; s[t] = 1 if v[t] > vThreshold else 0`. States:
 * - `v`: membrane potential
 * - `synExc`: rising part: decays by alpha
 * - `synInh`: falling part: decays by beta
 *
 * Source: snnTorch 1.0.0 Alpha; J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, appendix.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function alpha<const N extends number = number>(options: AlphaOptions<N>): Population<N>;

/** What {@link AlphaOptions} may hold. */
export declare interface AlphaFields<N extends number = number> extends PopulationOptions<N> {
    /** share of iSyn left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    alpha?: number | readonly number[] | Float64Array | Float32Array;
    /** synaptic time constant (ms); a number above 0. One number, or one a neuron. */
    tauSyn?: number | readonly number[] | Float64Array | Float32Array;
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau; default `'exact'`. */
    method?: 'exact' | 'euler';
    /** value: all three states start again at 0; subtract: as snnTorch has it, vThreshold off synExc, synInh to 0, and the old synInh added to v; default `'value'`. */
    reset?: 'value' | 'subtract' | 'none' | 'zero';
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Alpha, with its oddities under reset "subtract". */
    like?: 'snntorch';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('alpha' | 'tauSyn' | 'beta' | 'tauMem' | 'vThreshold')[];
}

/** Parameters and options of {@link alpha}; of parameters that say the same thing, one. */
export declare type AlphaOptions<N extends number = number> = AlphaFields<N> & OneOf<'alpha' | 'tauSyn'> & OneOf<'beta' | 'tauMem'>;

export declare namespace analysis {
    export {
        Correlogram,
        correlation,
        crossCorrelogram,
        PowerSpectrum,
        PowerSpectrumOptions,
        powerSpectrum,
        BinOptions,
        binned,
        fanoFactor,
        psth,
        rates,
        TimeHistogram,
        windowedFanoFactors,
        DistanceProfile,
        isiDistance,
        isiProfile,
        PairMatrix,
        spikeDistance,
        spikeProfile,
        spikeSynchronization,
        vanRossum,
        victorPurpura,
        cv,
        cv2,
        Intervals,
        intervals,
        lv,
        lvr,
        fromRaster,
        GivenSpikeTrains,
        SpikeTrainSpan,
        SpikeTrains,
        select,
        spikeTrains,
        within
    }
}

/** {@link AnyPruning}. */
declare function any(...of: readonly Prune[]): AnyPruning;

/** Ends a trial if any of several pruners does. */
declare interface AnyPruning {
    readonly kind: 'any';
    readonly of: readonly Prune[];
}

/** A {@link Study} of any space. */
export declare type AnyStudy = Pick<Study, 'name' | 'definition' | 'fingerprint' | 'run'>;

/** Why what two branches give cannot be added. */
declare type Apart<B extends Sizes, S extends Sizes> = Fits<B['elements'], S['elements']> extends false ? `the body has ${B['elements']} outputs but the shortcut ${S['elements']}` : Fits<B['channels'], S['channels']> extends false ? `the body has ${B['channels']} channels but the shortcut ${S['channels']}` : never;

export declare namespace arithmetic {
    export {
        Digit,
        Units,
        Products,
        Add,
        Subtract,
        Multiply,
        Divide,
        Product,
        Digits,
        Reversed,
        Read,
        Negative,
        Trimmed,
        AddDigits,
        Carried,
        SubtractDigits,
        MultiplyDigits,
        MultiplyByDigit,
        DivideDigits,
        Times
    }
}

/** Arithmetic alone: an addition or a multiply-add for each synaptic operation. */
export declare interface ArithmeticEnergy extends EnergyModelBase {
    readonly kind: 'arithmetic';
    /** J of a multiply-add. */
    readonly mac: number;
    /** J of an addition. */
    readonly ac: number;
}

/**
 * `length` copies of the same node; each varies independently. With `int(low, high)` as the length, the number of
 * elements varies too. The parameters are `name[0]`, `name[1]`, … and `name.length`.
 */
declare function array<N extends SpaceNode>(of: N, length: number | Int): List<N>;

/** An arrow, or a loop if its start is its end. */
declare interface ArrowMark {
    type: 'arrow';
    from: readonly [x: number, y: number];
    to: readonly [x: number, y: number];
    color?: FigureColor;
    /** In pixels; default 1.5. */
    width?: number;
    /** Pixels that are left free at both ends; default 0. */
    inset?: number;
    /** What stands at its end: an arrow head (default), or a bar, as for inhibition. */
    head?: 'arrow' | 'bar';
    /** Direction of a loop from its point, in radians counterclockwise from the x axis; default upwards. */
    angle?: number;
}

/** {@link AshaPruning}: L. Li et al., MLSys 2020; of several objectives R. Schmucker et al., arXiv:2106.12639. */
declare function asha(options?: OptionsOf<AshaPruning>): AshaPruning;

/**
 * Asynchronous successive halving: at the steps `minSteps · reduction^k`, the best 1 / `reduction` of the trials
 * continue.
 */
declare interface AshaPruning extends Pick<PruneOptions, 'direction'> {
    readonly kind: 'asha';
    /** Steps of the first rung. Default 1. */
    readonly minSteps?: number;
    /** The reduction factor. Default 4. */
    readonly reduction?: number;
    /** Trials at a rung before any of them is ended there. Default 1. */
    readonly startup?: number;
}

/**
 * snnTorch's `AssociativeLeaky`: a memory `[values, keys]` to which each step adds the outer product of a value and a
 * key, both dense functions of the input. Each column decays by a gate, `sigmoid` of another such function: `S[t] =
 * S[t-1] a[t] + v[t] k[t]ᵀ`.
 * It spikes where it exceeds the threshold, and a query `[keys, values]` reads the spikes: `y = spikes q`. The layers
 * are `value`, `key`, `decay`, `query` and `memory`. (Outer products as memory: T. Kohonen, IEEE Transactions on
 * Computers C-21, 1972.)
 *
 * @returns a network from `[inputs]` to `[values values]`, row by row, without queries to `[values keys]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 */
declare function associativeLeaky(options: AssociativeLeakyOptions): Network;

/** Options of {@link associativeLeaky}. */
declare interface AssociativeLeakyOptions {
    /** Number of input channels. */
    inputs: number;
    /** Number of rows of the memory: the size of a value. */
    values: number;
    /** Number of columns of the memory: the size of a key. */
    keys: number;
    /** Default 1. */
    vThreshold?: number;
    /** Whether the spikes are read out by a query; default true. */
    queries?: boolean;
    /**
     * The constant (1e-8 in snnTorch) that is added to the product of all gates since the first step before the division
     * by it. A write is weighted by `p[t] / (p[t] + epsilon)`, so once the product is below `epsilon` the memory accepts
     * nothing more. Default 0: no such limit.
     */
    epsilon?: number;
}

/** The number of an axis, which is the key of a list. */
declare type At<L extends readonly number[], Axis> = Axis extends keyof L ? L[Axis] extends number ? L[Axis] : number : number;

/**
 * Surrogate gradient `(alpha / 2) / (1 + (pi alpha x / 2)^2)` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 atan; SpikingJelly 2.0.0 ATan.
 */
declare function atan(options?: {
    /** a number above 0; default 2. */
    alpha?: number;
}): Surrogate;

/** At most one of the parameters `K`: the others are absent. */
export declare type AtMostOne<K extends string> = {
    [One in K]: None<Exclude<K, One>>;
}[K];

/**
 * Attention without softmax: `y = scale (Q Kᵀ) V` for each head, where Q, K and V are what three lists of layers make of the
 * same. A pixel is a token: `[channels, height, width]` or `[channels, width]` each; keys have the queries' channels and
 * the values' pixels. What leaves has the values' channels and the queries' pixels. Where Q, K and V are spikes it counts
 * coincidences. The cheaper of `(Q Kᵀ) V` and `Q (Kᵀ V)` is computed; which follows from the shapes.
 * (Z. Zhou et al., Spikformer, ICLR 2023, equation 6.)
 *
 * @param queries - layers that make Q
 * @param keys - layers that make K
 * @param values - layers that make V
 * @returns a layer from what the lists take to `[channels of V, …pixels of Q]`
 * @example
 * ```ts
 * attention(
 *   [pointwise(64, 64), lif({ tauMem: 2 })],
 *   [pointwise(64, 64), lif({ tauMem: 2 })],
 *   [pointwise(64, 64), lif({ tauMem: 2 })],
 *   { heads: 4 },
 * )
 * ```
 * @throws LapicqueError `invalid-parameter` for heads or a scale that are not positive; at `compile` also for heads that
 * do not divide the channels, and `shape-mismatch` where queries, keys and values do not fit
 */
export declare function attention(queries: readonly Layer[], keys: readonly Layer[], values: readonly Layer[], options?: AttentionOptions): Branches;

/** Attention among three sources: queries, keys and values; see {@link attention}. */
export declare interface AttentionJoin {
    readonly kind: 'attention';
    readonly heads: number;
    readonly scale: number;
}

/** What {@link attention} may be told. */
export declare interface AttentionOptions {
    /** Groups of neighboring channels that attend separately, a divisor of the channels; default 8. */
    heads?: number | undefined;
    /** Factor on the output, above 0; default 0.125. */
    scale?: number | undefined;
}

/**
 * {@link avgPool2d} over one axis that is not time.
 *
 * @param kernel - pixels of the window
 * @returns a layer from `[channels, width]` to `[channels, width']`, the side as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export declare function avgPool1d<const Kernel extends number, const Stride extends number = Kernel, const Padding extends number = 0>(kernel: Kernel, options?: PoolOptions<number, Stride, Padding>): NoInfer<Pool<PoolWindow<readonly [Kernel], readonly [Stride], readonly [Padding]>>>;

/**
 * The mean of each window, zeros of the padding included: `y[c, p] = Σ x[c, stride p + k - padding] / (ky kx)`, as
 * `torch.nn.AvgPool2d`.
 *
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[channels, height, width]` to `[channels, height', width']`, sides as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export declare function avgPool2d<const Kernel extends Pair, const Stride extends Pair = Kernel, const Padding extends Pair = 0>(kernel: Kernel, options?: PoolOptions<Pair, Stride, Padding>): NoInfer<Pool<PoolWindow<PerAxis<Kernel>, PerAxis<Stride>, PerAxis<Padding>>>>;

/** An axis. */
declare interface AxisSpec {
    /** With its unit: `time (ms)`. */
    label: string;
    /** Start and end of the axis; the end may be smaller than the start. Default: the range of the marks. */
    domain?: readonly [number, number];
    /** Default `'linear'`. */
    scale?: 'linear' | 'log';
    /** Positions of the ticks; default round numbers. */
    ticks?: readonly number[];
    /** Texts of the ticks; default the numbers. Where they do not fit they are turned or left out. */
    tickLabels?: readonly string[];
    /** Whether texts are left out, because the panel below has the same axis. */
    hidden?: boolean;
}

/** Values of an axis; with the design `'sample'` alternatively a distribution. */
export declare type AxisValues = readonly number[] | Float64Array | Float32Array | Distribution;

/** The area between two curves. */
declare interface BandMark {
    type: 'band';
    x: ArrayLike<number>;
    low: ArrayLike<number>;
    high: ArrayLike<number>;
    color?: FigureColor;
    /** Default 0.2. */
    opacity?: number;
}

/** Vertical bars from 0, or from the lower end of a log axis. */
declare interface BarsMark {
    type: 'bars';
    /** Left ends. */
    from: ArrayLike<number>;
    /** Right ends. */
    to: ArrayLike<number>;
    height: ArrayLike<number>;
    color?: FigureColor;
}

/** Batches, gone through once an epoch: a {@link DataLoader}, a list, or whatever else `for await` takes. */
export declare type Batches = AsyncIterable<TrainingBatch> | Iterable<TrainingBatch>;

/** {@link batchNorm} */
export declare interface BatchNorm extends BatchNormOptions {
    readonly layer: 'batch-norm';
}

/**
 * Batch norm: `y = weight scale (x - mean) / √(variance + ε) + bias` for each channel over time, batch and pixels, with a trained factor and
 * offset for each channel (S. Ioffe, C. Szegedy, ICML 2015), as `torch.nn.BatchNorm2d` over time and batch together; with `over: 'step'` each step
 * has statistics of its own in training. With `scale` α
 * times the threshold of the neurons behind it, it is the threshold-dependent form (H. Zheng et al., AAAI 2021). Outside
 * training by running averages, which files keep. In training the whole batch is in memory at once, and the sequence
 * cannot be cut into segments. All steps count in the statistics, as in torch, also those behind the `lengths` of samples: what fills them
 * changes losses, gradients and running averages. Tensors `weight`, `bias`, `runningMean` and `runningVariance`, `[channels]` each.
 *
 * With `over: 'step'` and a number of `steps` it is batch norm through time (Y. Kim, P. Panda, Front. Neurosci. 2021, there without
 * offset: `bias: false`): each step has tensors of its own, `[steps, channels]` each. Runs and batches must have exactly this number of steps, in one call; a
 * session goes through them one sequence after the other, and may be `reset` before one is over.
 *
 * A frozen one (`trainable: false`, or frozen by a group of the optimizer) normalizes by its running averages in training, too, and leaves
 * them; see `statistics`.
 *
 * @returns a layer that keeps its shape, `[channels, …pixels]`
 * @throws LapicqueError `invalid-parameter` for an option out of range; `unsupported` for training with `segment` by statistics of the batch,
 * and with `steps` for a run that begins in the middle of a sequence; `shape-mismatch` for a run of another number of steps, and for training
 * by statistics of a single value for each channel, which torch refuses too
 */
export declare function batchNorm(options?: BatchNormOptions): BatchNorm;

/** What {@link batchNorm} may be told. */
export declare interface BatchNormOptions extends NormOptions {
    /** Share of a batch in the running averages, from 0 to 1; default 0.1. */
    momentum?: number;
    /**
     * Deviation of the output before factor and offset, above 0; for the threshold-dependent form α times the threshold.
     * Default 1.
     */
    scale?: number;
    /**
     * Whether the whole sequence has one mean and one variance in training, or each step its own, as where `torch.nn.BatchNorm2d` is
     * called within a loop over time; the running averages then take in step after step. Default `'sequence'`.
     */
    over?: 'sequence' | 'step';
    /**
     * With `over: 'step'`: the steps of every sequence, from 1 to 65,536, each of which then has weights and running averages of its own.
     * Default: all steps share them.
     */
    steps?: number;
    /** Whether there is an offset beside the factor; default true. */
    bias?: boolean;
    /**
     * By which mean and variance training normalizes: those of the `'batch'`, which the running averages take in (default), or the `'running'`
     * averages, which then stay as they are and are constants for the gradient. The default is `'running'` where the layer is frozen: with
     * `trainable: false`, or where a group of the optimizer freezes all that is trained of it. `'batch'` goes on with statistics of the batch
     * even so, as torch does where only `requires_grad` is false.
     */
    statistics?: 'batch' | 'running';
}

/** What `onBatch` receives. */
export declare interface BatchRecord {
    /** From 1. */
    epoch: number;
    /** Finished batches of this epoch, from 1. */
    batch: number;
    /** Finished batches of the training, from 1. If the loader has no length, earlier epochs count as many batches as the previous one had. */
    iteration: number;
    /** Mean over the samples of the epoch so far. */
    loss: number;
    /** Of the samples of the epoch so far, 0 to 1; NaN for targets that are not one label per sample. */
    accuracy: number;
    /** Mean over the samples of this batch. */
    batchLoss: number;
    /** Of the samples of this batch, 0 to 1; NaN for targets that are not one label per sample. */
    batchAccuracy: number;
}

/**
 * Bienenstock–Cooper–Munro plasticity in spikes: `post: w += aPlusTriplet r1 o2; pre: w -= aMinus (rate / rateTarget)^2 o1; rate is that of the target over tauTheta; r1, o1, o2 jump by 1 and decay with tauPlus, tauMinus, tauY`.
 *
 * As computed: at events only: traces decay by exp(-elapsed / tau), then w changes and is clipped to wMin … wMax, then the traces jump; rate = 1000 theta / tauTheta Hz, theta being a trace like the others. Variables of a synapse:
 * - `w`: weight (the unit of the weight)
 *
 * Source: E. L. Bienenstock, L. N. Cooper, P. W. Munro, J. Neurosci. 2, 1982; as minimal triplets: J.-P. Pfister, W. Gerstner, J. Neurosci. 26, 2006, with A2- proportional to the mean of the squared rate.
 *
 * @throws LapicqueError `unknown-name` for an option that does not exist; where it is used, `invalid-parameter` for a
 * value out of range
 */
declare function bcm(options?: BcmOptions): SynapseModel;

/** Parameters and options of {@link bcm}. */
declare interface BcmOptions {
    /** time constant of r1 (ms); a number above 0; default 16.8. */
    tauPlus?: number;
    /** time constant of o1 (ms); a number above 0; default 33.7. */
    tauMinus?: number;
    /** time constant of o2 (ms); a number above 0; default 114. */
    tauY?: number;
    /** time over which the target's rate is taken (ms); a number above 0; default 10000. */
    tauTheta?: number;
    /** rate at which depression is aMinus (Hz); a number above 0; default 10. */
    rateTarget?: number;
    /** potentiation by a triplet (the unit of the weight); a finite number; default 0.0065. */
    aPlusTriplet?: number;
    /** depression by a pair, at the target rate (the unit of the weight); a finite number; default 0.0071. */
    aMinus?: number;
    /** smallest weight (the unit of the weight); a finite number; default 0. */
    wMin?: number;
    /** largest weight (the unit of the weight); a finite number; default 100. */
    wMax?: number;
    /** spikes of source and target that meet at the same time: neither sees the other, the one that comes first is seen by the other, or each sees the other; default `'neither'`. */
    coincidence?: 'neither' | 'pre-first' | 'post-first' | 'both';
    /** exp(-dt / tau) a step, or 1 - dt / tau; default `'exact'`. */
    decay?: 'exact' | 'euler';
}

/**
 * One figure of several, beside each other.
 *
 * @example
 * ```ts
 * const both = figure.beside([await figure.raster(recording), await figure.isi(recording)], { letters: true, width: '180mm' });
 * ```
 * @param figures - at least one; their own appearances are not used
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function beside(figures: readonly Figure[], options?: FigureOptions): Figure;

/**
 * `bits` frames after each other as one frame of numbers from 0 to 1: whether a channel had an event in them are its binary digits, the
 * first the most significant, by the largest such number (Bina-Rep: S. Barchid, J. Mennesson, C. Djéraba 2022; tonic's `ToBinaRep`).
 *
 * @param frames - `[frames, …]`, their number divisible by `bits`
 * @returns `[frames / bits, …]`
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`
 */
export declare function binaryNumbers(frames: {
    readonly x: Float32Array;
    readonly shape: readonly number[];
}, bits: number): {
    x: Float32Array;
    shape: number[];
};

/**
 * Spike counts of each train in each bin.
 *
 * @returns `values` in the shape `[neurons, bins]`
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function binned(trains: GivenSpikeTrains, options: BinOptions): Promise<{
    values: Float64Array;
    shape: [number, number];
}>;

/**
 * Counts in bins of `bin` ms: bin `k` is `[start + k bin, start + (k + 1) bin)`. An incomplete bin at the end is not
 * counted.
 */
declare interface BinOptions extends TaskOptions {
    /** ms */
    bin: number;
    /** Whether a bin with any number of spikes counts as 1; default false. */
    binary?: boolean;
}

/** A `Blob`, for example a `File` or the result of `fetch` or of a database. */
export declare interface BlobLike {
    readonly size: number;
    slice(start?: number, end?: number): {
        arrayBuffer(): Promise<ArrayBuffer>;
    };
}

/** Bounds outside of which a number is drawn again. */
declare interface Bounds {
    min?: number;
    max?: number;
}

/**
 * Surrogate gradient `height where |x| < width / 2, else 0` with `x = v - vThreshold`.
 * Source: spyx boxcar; sinabs 3.1.3 Heaviside (width 2).
 */
declare function boxcar(options?: {
    /** a number above 0; default 2. */
    width?: number;
    /** a number above 0; default 0.5. */
    height?: number;
}): Surrogate;

/** Rectangles, such as horizontal bars. */
declare interface BoxesMark {
    type: 'boxes';
    left: ArrayLike<number>;
    right: ArrayLike<number>;
    low: ArrayLike<number>;
    high: ArrayLike<number>;
    color?: FigureColor;
    /** Default 1. */
    opacity?: number;
}

/** The parameters where `P` has the value `V`. */
declare type Branch<S, P extends keyof S, V> = V extends unknown ? {
    readonly [K in P]: V;
} & {
    readonly [K in keyof S as S[K] extends When<infer Q, infer W, SpaceNode> ? Q extends P ? V extends W ? K : never : never : never]: ValueOf<S[K]>;
} & {
    readonly [K in keyof S as S[K] extends When<infer Q, infer W, SpaceNode> ? Q extends P ? V extends W ? never : K : never : never]?: undefined;
} : never;

/** Branches that read the same and are joined. */
export declare interface Branches<J extends Joining = Joining, L extends readonly (readonly Layer[])[] = readonly (readonly Layer[])[]> {
    readonly layer: 'branches';
    readonly join: J;
    readonly branches: L;
    readonly name?: string;
}

/** The intersection, over the deciding parameters, of the union over their values. */
declare type Branches_2<S, P> = [P] extends [never] ? unknown : (P extends keyof S ? (branch: Branch<S, P, ValueOf<S[P]>>) => void : never) extends (branch: infer I) => void ? I : never;

/** What the first layer inside that does not fit says. */
declare type BranchReason<J, Lists extends readonly (readonly Layer[])[], At extends Sizes> = [
Reasons<Lists[number], At>[number]
] extends [never] ? [J, Lists] extends ['add', readonly [infer A extends readonly Layer[], infer B extends readonly Layer[]]] ? Apart<Leaving<B, At>, Leaving<A, At>> : never : Reasons<Lists[number], At>[number];

/** 10,000 excitatory and 2,500 inhibitory neurons at `scale` 1; the in-degree is always 1,000 + 250. */
declare function brunel(context?: NetworkContext): NetworkScript;

/** 10,000 excitatory and 2,500 inhibitory neurons at `scale` 1; the in-degree is always 1,000 + 250. */
declare function brunelStdp(context?: NetworkContext): NetworkScript;

/** Options of {@link encode}.bsa. */
export declare interface BsaOptions extends TaskOptions {
    /** Coefficients of the filter, whose sum is the largest signal that spikes at every step can make. */
    filter: ArrayLike<number>;
    /** By how much a spike must lower the summed error; default 95 % of the filter's sum of magnitudes. */
    threshold?: number;
}

/** Options of {@link encode}.burst. */
export declare interface BurstOptions extends TaskOptions {
    /** Steps of the spike train; at least 1. */
    steps: number;
    /** Spikes of the value 1; a whole number of at least 1; default 5. */
    spikes?: number;
    /** Steps between its spikes; a whole number of at least 1; default 2. */
    shortest?: number;
    /** Steps between spikes of small values; default as many as let the longest burst end with the train; a whole number of at least 1. */
    longest?: number;
}

/** Batches that {@link quantize} runs to see the ranges of a model. */
export declare type Calibration = InputTensor | readonly InputTensor[];

/** Samples with one shape `[samples, …]`, or batches of them: a list, a `DataLoader`, or what `for await` goes over. Labels are not read. */
export declare type CalibrationData = InputTensor | Iterable<InputTensor> | AsyncIterable<InputTensor>;

/** Calls during training. An error that they throw ends it. */
export declare type Callbacks = CallbacksOf<Model>;

/** Calls during the training of a model of type `M`. An error that they throw ends it. */
export declare interface CallbacksOf<M> {
    /** After every batch; default nothing. */
    onBatch?: ((info: BatchRecord) => void | Promise<void> | undefined) | undefined;
    /** After every epoch; returning `false` ends training. Default nothing. */
    onEpoch?(record: EpochRecord, model: M): unknown;
}

/**
 * What an {@link eventCamera} sees of a function of time: frames of `intensity` every `dt` µs from `from` to `to`.
 *
 * @param intensity - of a column, a row and a time in µs
 */
export declare function cameraEvents(camera: EventSensor, intensity: (x: number, y: number, t: number) => number, given: {
    from?: number;
    to: number;
    dt: number;
}): AsyncGenerator<EventBatch, void, undefined>;

/** How a pixel answers to light: see {@link EventCameraOptions.response}. */
export declare type CameraResponse = {
    kind: 'log';
    offset?: number;
} | {
    kind: 'lin-log';
    threshold?: number;
} | {
    kind: 'linear';
};

/** What a sum of at most 19 carries, and its digit. */
declare type Carried<Sum extends readonly 0[]> = `${Sum['length'] & number}` extends `1${infer D extends Digit}` ? [[0], D] : [[], `${Sum['length'] & number}`];

/** Neurons of one model. */
export declare interface Cells extends Sliceable<CellsSlice> {
    readonly element: 'population';
    readonly name?: string;
    readonly size: number;
    readonly neuron: DynamicsSpec;
    readonly initial: Readonly<Record<string, Values>>;
    readonly layout?: Layout;
    readonly intrinsic?: IntrinsicPlasticity;
}

/** A grid of cells over a rectangle of the axes. The darkness of a cell is its value; a cell whose value is not finite is blank. */
declare interface CellsMark {
    type: 'cells';
    /** `[rows, columns]`; the first row is at `y[0]`. */
    values: ArrayLike<number>;
    columns: number;
    rows: number;
    x: readonly [number, number];
    y: readonly [number, number];
    color?: FigureColor;
    /** The values of the lightest and of the darkest cell; default 0, which is blank, and the largest value. */
    range?: readonly [number, number];
}

/** Beside a model's parameters. */
export declare interface CellsOptions {
    /** Default the model's name and a number. */
    name?: string;
    /** States at the start by name; default the model's. One number, one per neuron, or a distribution. */
    initial?: Readonly<Record<string, Values>>;
    /** Where the neurons are, such as `layout.grid([40, 20])`. */
    layout?: Layout;
    /** How a parameter moves until neurons fire at a target rate; left out, none does. */
    intrinsic?: IntrinsicPlasticity;
}

/** A model's parameters and options, each member of a union of its own, and what cells have beside. */
export declare type CellsParams<O> = O extends object ? Drawable<Omit<O, Exclude<keyof PopulationOptions, 'name'> | 'learn'>> & CellsOptions : never;

/** Some neurons of a population, those from `from` to before `to`. */
export declare interface CellsSlice extends Sliceable<CellsSlice> {
    readonly element: 'slice';
    readonly of: Cells;
    readonly from: number;
    readonly to: number;
}

/** What {@link IntegerNetwork.toC} returns: the texts of two files. */
export declare interface CExport {
    /** `NAME.h`: sizes, the state and two functions. */
    readonly header: string;
    /** `NAME.c`: tables and the step. */
    readonly source: string;
}

/** The names and values of `S` that `when` may refer to; for any other, the type shows the valid ones. */
declare type Checked<S> = {
    readonly [K in keyof S]: S[K] extends When<infer P, infer V, SpaceNode> ? P extends keyof S ? S[P] extends Choice<infer W> ? [V] extends [W] ? S[K] : When<P, W, SpaceNode> : S[K] : When<keyof S & string, unknown, SpaceNode> : S[K];
};

/** Where checkpoints go: `path` or `write`. */
export declare interface CheckpointOptions {
    /** The file, written atomically: a path or a `file:` URL; default none. */
    path?: string | URL;
    /** Receives the bytes of each checkpoint; training waits for its promise. An error that it throws ends the training. Default none. */
    write?: (checkpoint: Uint8Array<ArrayBuffer>) => void | Promise<void>;
    /** Also after this number of batches; default only after each epoch. */
    everyBatches?: number;
}

/**
 * Refuses an invalid space. Errors contain the path of the parameter: `space.lr.low`.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function checkSpace(name: string, given: unknown): asserts given is Space;

/** A chip: its published energy of a synaptic operation, memory access and communication within the chip included as published. */
export declare interface ChipEnergy extends EnergyModelBase {
    readonly kind: 'chip';
    /** J of a synaptic operation: a spike that reaches a synapse. */
    readonly synapticOperation: number;
    /** J of updating a neuron in a step, where it is published; 0 where it is not, or is part of the synaptic operation. */
    readonly neuronUpdate: number;
}

/** One of several values without an order. */
declare interface Choice<V = unknown> {
    readonly kind: 'choice';
    readonly values: readonly V[];
}

/** One of `values`, which have no order: strings, numbers, booleans, or plain data. */
declare function choice<const V extends PlainValue>(values: readonly V[]): Choice<V>;

/** The part of a description that the options of a network decide. */
export declare interface ChosenFields {
    /** Length of a time step, ms. */
    readonly dt: number;
    readonly precision: Precision;
    /** Seed of the initial weights. */
    readonly seed: number;
    /** Of a language model the tokens, in the order of their numbers. */
    readonly vocabulary?: readonly string[];
    /** For each layer without weights of its own that whose weights it has. */
    readonly sharedWeights?: Readonly<Record<string, string>>;
}

/**
 * Surrogate gradient `alpha (1 / sqrt(alpha^2 + x^2) - x^2 / (alpha^2 + x^2)^1.5)` with `x = v - vThreshold`.
 * Source: Norse 1.1.0 circ.
 */
declare function circ(options?: {
    /** a number above 0; default 100. */
    alpha?: number;
}): Surrogate;

/** A large network before it is built. Made by {@link network}. */
export declare class Circuit {
    #private;
    readonly description: CircuitDescription;
    /**
     * A population by its name, to connect, record or stimulate it in a larger network: `network(circuit, …)`.
     *
     * @example
     * ```ts
     * const { network: cortex } = networks.microcircuit({ scale: 0.1 });
     * const thalamus = poisson({ times: [700, 710], values: [15 * 90, 0] });
     * const pulsed = network(cortex, connect(thalamus, cortex.population('L4E'), { weight: 87.8 }));
     * ```
     * @throws LapicqueError `unknown-name`
     */
    population(name: string): Cells;
    /**
     * A source of spike trains by its name, as {@link Circuit.population}.
     *
     * @throws LapicqueError `unknown-name`
     */
    source(name: string): SpikeSource;
    /**
     * Draws the wiring and puts the neurons at their start.
     *
     * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of the wrong value; `too-large`
     * before anything is built
     */
    compile(options?: CompileOptions): Promise<Simulation>;
    /**
     * Estimates a simulation of the network without building it: memory, and how the synapses of each connection are stored.
     *
     * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of the wrong value
     */
    estimate(options?: EstimateOptions): Promise<CircuitEstimate>;
    /**
     * Writes the network to a `.safetensors` file, atomically: the description with its version as metadata, long lists as
     * tensors. {@link loadNetwork} and `lapicque simulate` read it.
     *
     * @param target - a path or a `file:` URL, or a `WritableStream`; {@link Circuit.toBytes} gives bytes
     * @throws LapicqueError `io`, `aborted`
     */
    save(target: FileTarget, options?: TaskOptions): Promise<void>;
    /** The bytes of the file that {@link Circuit.save} writes. @throws LapicqueError `too-large`, `aborted` */
    toBytes(options?: TaskOptions): Promise<Uint8Array<ArrayBuffer>>;
    /**
     * A trainable model: each population becomes a layer, the synapses between two populations a dense projection. The single source of spike
     * trains is the input. Synapses of a population onto itself must have a delay of one step. All other delays must be such that the input reaches
     * a population at one time only. A constant current from that time on becomes a bias. A layer starts with its input, a
     * population at time 0: the spikes are equal if neurons do not change before their input.
     *
     * @throws LapicqueError `unsupported` for anything that layers cannot express: other delays, cycles of populations, other inputs, initial
     * states, intrinsic plasticity, plastic synapses, neurons with several inputs
     */
    toModel(options?: ModelOfOptions): Promise<Model>;
    /** The description with lists in place of typed arrays; {@link networkOf} reads it. */
    toJSON(): CircuitDescription;
}

/** A network as plain data, the content of a network file. Units: ms, mV, pA, nS, Hz. */
export declare interface CircuitDescription {
    readonly version: number;
    /** Default time step in ms of its simulations; default 0.1. */
    readonly dt?: number;
    readonly populations: readonly {
        readonly name: string;
        readonly size: number;
        /** As a layer has it: `{ model, params, options }`. */
        readonly neuron: object;
        readonly initial?: Readonly<Record<string, Values>>;
        readonly layout?: Layout;
        /** How a parameter adapts to rates, see `IntrinsicPlasticity`. */
        readonly intrinsic?: object;
    }[];
    readonly sources?: readonly {
        readonly name: string;
        readonly trains: readonly ArrayLike<number>[];
        readonly layout?: Layout;
    }[];
    readonly connections?: readonly {
        /** The name for axes of a sweep; several connections may share one. */
        readonly name?: string;
        /** Of a population or source, and of a population. */
        readonly from: NeuronsSpec;
        readonly to: NeuronsSpec;
        readonly rule: {
            readonly kind: string;
        } & object;
        readonly weight: SynapseValues;
        readonly delay: SynapseValues;
        /** The dendritic part of the delays, in ms. */
        readonly dendriticDelay?: number;
        readonly port?: string;
        readonly autapses?: boolean;
        readonly multapses?: boolean;
        /** How synapses change: `{ model, params, options }`. */
        readonly synapse?: object;
        /** Structural plasticity, see `StructuralPlasticity`. */
        readonly structural?: object;
        /** The population or source whose spikes modulate the rule. */
        readonly modulator?: string;
    }[];
    /** `{ kind: 'poisson' | 'normal' | 'current', name?, to, port?, … }` */
    readonly inputs?: readonly object[];
    /** Gap junctions and graded synapses: `{ from, to, rule, conductance, autapses?, multapses?, port?, symmetric?, state? }` */
    readonly gaps?: readonly object[];
    readonly record?: {
        /** Neurons whose spikes are recorded; default all. */
        readonly spikes?: readonly NeuronsSpec[];
        readonly traces?: readonly {
            readonly population: string;
            readonly state: string;
            readonly every?: number;
            readonly neurons?: readonly number[];
        }[];
        /** Connections by their index, and the ms between two samples. */
        readonly weights?: readonly {
            readonly connection: number;
            readonly every: number;
        }[];
        /** Means of expressions over neurons, by their names in a recording. */
        readonly means?: readonly {
            readonly name: string;
            readonly of: NeuronsSpec;
            readonly value: string;
            readonly every?: number;
        }[];
        /** Proxies of the local field potential, see `record.lfp`. */
        readonly fields?: readonly ({
            readonly name: string;
            readonly of: NeuronsSpec;
        } & Readonly<Omit<LfpOptions, 'name'>>)[];
    };
}

/** What a network takes, before it is built. */
export declare interface CircuitEstimate {
    readonly neurons: number;
    /** As far as rules say. */
    readonly synapses: number;
    /** Memory of a simulation; {@link SynapseStorage.bytes} are parts of it. */
    readonly bytes: number;
    /** Of each connection, in their order. */
    readonly storage: readonly SynapseStorage[];
}

/**
 * Rectified linear units with a largest value, `v = min(max(0, x), ceiling)`: what a spiking neuron with the threshold `ceiling` can
 * represent. The gradient of a learned `ceiling` is that of the clipped values (PACT: J. Choi et al., arXiv:1805.06085).
 *
 * @returns a population as wide as the layer before it; with `trainable`, a parameter `ceiling`
 * @throws LapicqueError `invalid-parameter` for a ceiling that is not above 0
 */
export declare function clippedRelu<const N extends number = number>(options?: ClippedReluOptions<N>): Population<N>;

/** Options of {@link clippedRelu}. */
export declare interface ClippedReluOptions<N extends number = number> extends ReluOptions<N> {
    /** The largest value, above 0: one number, or one per neuron or channel. Default 1. */
    ceiling?: PerNeuron;
    /** Whether training changes `ceiling`; default false. */
    trainable?: boolean;
}

/**
 * voltage-based spike-timing-dependent plasticity: `each step: w += aLtp (u - thetaPlus) (uPlus - thetaMinus) x dt, both brackets above 0; pre: w -= aLtd (uMinus - thetaMinus), above 0; tauPlus duPlus/dt = u - uPlus; tauMinus duMinus/dt = u - uMinus; tauX dx/dt = -x, a spike of the source adds 1 / tauX to x; homeostatic: aLtd (uBar - uRest)^2 / uRefSquared in place of aLtd, tauBar duBar/dt = uMinus - uBar`.
 *
 * As computed: u is the state v of the target at the end of a step, or uSpike for tSpike ms from its spike on. Filters are exact for a u that is linear within the step, and uPlus and uMinus are seen delayUBars later; before the start all is as at the start. w is clipped to wMin … wMax after each change. Variables of a synapse:
 * - `w`: weight (the unit of the weight)
 *
 * Source: C. Clopath, L. Büsing, E. Vasilaki, W. Gerstner, Nat. Neurosci. 13, 2010; defaults, the delay of the filters and the order of events are those of clopath_synapse and hh_psc_alpha_clopath in NEST 3.10.
 *
 * @throws LapicqueError `unknown-name` for an option that does not exist; where it is used, `invalid-parameter` for a
 * value out of range
 */
declare function clopath(options?: ClopathOptions): SynapseModel;

/** Parameters and options of {@link clopath}. */
declare interface ClopathOptions {
    /** amplitude of potentiation (the unit of the weight·ms/mV²); a number of at least 0; default 0.00008. */
    aLtp?: number;
    /** amplitude of depression (the unit of the weight per mV); a number of at least 0; default 0.00014. */
    aLtd?: number;
    /** what u must exceed for potentiation (mV); a finite number; default -45.3. */
    thetaPlus?: number;
    /** what filters of u must exceed (mV); a finite number; default -70.6. */
    thetaMinus?: number;
    /** time constant of the presynaptic trace (ms); a number above 0; default 15. */
    tauX?: number;
    /** time constant of uPlus (ms); a number above 0; default 7. */
    tauPlus?: number;
    /** time constant of uMinus (ms); a number above 0; default 10. */
    tauMinus?: number;
    /** time constant of uBar, where depression is homeostatic (ms); a number above 0; default 500. */
    tauBar?: number;
    /** how old uPlus and uMinus are when they are seen (ms); a number of at least 0; default 5. */
    delayUBars?: number;
    /** from where uBar counts (mV); a finite number; default 0. */
    uRest?: number;
    /** square of uBar - uRest at which aLtd is as given (mV²); a number above 0; default 60. */
    uRefSquared?: number;
    /** u during a spike, for neurons that reset at once (mV); a finite number; default 33. */
    uSpike?: number;
    /** how long u is uSpike from a spike of the target on (ms); a number of at least 0; default 0. */
    tSpike?: number;
    /** smallest weight (the unit of the weight); a finite number; default 0. */
    wMin?: number;
    /** largest weight (the unit of the weight); a finite number; default 100. */
    wMax?: number;
    /** an amplitude that is constant, or that grows with uBar; default `'constant'`. */
    depression?: 'constant' | 'homeostatic';
    /** filters of v that the rule keeps itself, or states of the target with the names uPlus, uMinus and uBar; default `'own'`. */
    filters?: 'own' | 'target';
}

/** {@link CmaEsSearch}: N. Hansen, The CMA evolution strategy: a tutorial, arXiv:1604.00772. */
declare function cmaEs(options?: OptionsOf_2<CmaEsSearch>): CmaEsSearch;

/** Covariance matrix adaptation over the numeric parameters; choices are random. For one objective. */
declare interface CmaEsSearch {
    readonly kind: 'cma-es';
    /** Initial standard deviation as a fraction of each range. Default 1/6. */
    readonly sigma?: number;
    /** Trials per generation. Default 4 + ⌊3 ln n⌋ for n numbers. */
    readonly population?: number;
    /** Center of the first generation, by name; default the middle of each range. */
    readonly start?: {
        readonly [parameter: string]: number;
    };
}

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
declare function coba(context?: NetworkContext): NetworkScript;

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
declare function cobahh(context?: NetworkContext): NetworkScript;

/**
 * conductance-based leaky integrate-and-fire: `c dv/dt = gL (vLeak - v) + gE (vE - v) + gI (vI - v); tauE dgE/dt = -gE; tauI dgI/dt = -gI; a positive input raises gE, a negative one gI`.
 *
 * As computed: `gE[t] = exp(-dt / tauE) (gE[t-1] + max(0, x[t])); gI[t] = exp(-dt / tauI) (gI[t-1] + max(0, -x[t])); g = gL + gE[t] + gI[t], e = (gL vLeak + gE[t] vE + gI[t] vI) / g; v = e + (v[t-1] - e) exp(-g dt / c); s[t] = 1 if v > vThreshold else 0; v[t] = vReset if s[t] else v`. States:
 * - `v`: membrane potential
 * - `gE`: excitatory conductance
 * - `gI`: inhibitory conductance
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: R. Brette et al., Simulation of networks of spiking neurons, J. Comput. Neurosci. 23, 2007, benchmark 1; T. P. Vogels, L. F. Abbott, J. Neurosci. 25, 2005.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function cobaLif<const N extends number = number>(options?: CobaLifOptions<N>): Population<N>;

/** What {@link CobaLifOptions} may hold. */
export declare interface CobaLifFields<N extends number = number> extends PopulationOptions<N> {
    /** membrane capacitance (pF); a number above 0; default 200. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** leak conductance (nS); a number above 0; default 10. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -60. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of excitation (mV); a finite number; default 0. One number, or one a neuron. */
    vE?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of inhibition (mV); a finite number; default -80. One number, or one a neuron. */
    vI?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the excitatory conductance (ms); a number above 0; default 5. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the inhibitory conductance (ms); a number above 0; default 10. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (mV); a finite number; default -50. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a spike (mV); a finite number; default -60. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates v under conductances that are held, and how they decay: exactly, or by Euler's method; default `'exponential-euler'`. */
    method?: 'exponential-euler' | 'euler';
    /** what a spike does to v: set it to vReset, or take vThreshold off it; default `'value'`. */
    reset?: 'value' | 'subtract' | 'zero';
    /** when the reset enters. With next-step it opens the next step, and the recorded v is the one before the reset; default `'same-step'`. */
    resetTiming?: 'same-step' | 'next-step';
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. norse: CobaLIFCell in Norse's own numbers: c is 1 / c_m_inv, all inverses per second. */
    like?: 'norse';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('tauE' | 'tauI' | 'vThreshold')[];
}

/** Parameters and options of {@link cobaLif}; of parameters that say the same thing, one. */
export declare type CobaLifOptions<N extends number = number> = CobaLifFields<N> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** A silicon cochlea: band-pass filters, whose rectified outputs charge a leaky integrate-and-fire neuron each. `x` is the band. */
export declare function cochlea(options: CochleaOptions): EventSensor;

/** Options of {@link cochlea}. */
export declare interface CochleaOptions {
    /** Samples a second. */
    rate: number;
    /** Bands. Default 64. */
    channels?: number;
    /** Center of the first and the last band, in Hz. Default 50 and 8000. */
    low?: number;
    high?: number;
    /** Centers evenly spaced in their logarithm (default) or on the ERB scale. */
    spacing?: 'log' | 'erb';
    /** Center by bandwidth. Default 8. */
    q?: number;
    /** Filters of two poles one after the other. Default 2. */
    order?: number;
    /** Events a second for a rectified mean of 1 at a threshold of 1. Default 1000. */
    gain?: number;
    /** Default 1. */
    threshold?: number;
    /** Leak of the neurons, in ms; default none. */
    tauMem?: number;
    /** In µs. Default 0. */
    refractory?: number;
}

/** Spikes `[time, …]`, as {@link encode} returns them. */
export declare interface CodedSpikes {
    readonly x: Float32Array;
    readonly shape: Shape;
}

/**
 * Combines samples that are objects into one batch, field by field, as torch's `default_collate` does. A {@link
 * DataLoader} does this with them by default.
 *
 * - typed arrays of one kind and length are concatenated: `[sample, …]`. `shape` is that of `x` (or `data`); that of
 *   the batch has the number of samples as its first axis. Without `shape`, the arrays are vectors
 * - typed arrays of 64-bit integers become a `Uint32Array` as `y`, else a `Float64Array`
 * - numbers become a `Float64Array`; numbers of `y`, which are labels, become a `Uint32Array`. Give a value to be
 *   learned as `Float32Array.of(value)`
 * - nested objects are collated in the same way
 * - anything else, such as strings, becomes a list
 *
 * @example
 * ```ts
 * const samples = [
 *   { x: Float32Array.of(0.1, 0.9), y: 0 },
 *   { x: Float32Array.of(0.8, 0.3), y: 1 },
 * ];
 * const { x, y, shape } = collate(samples); // shape [2, 2], y Uint32Array [0, 1]
 * ```
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch` if samples do not fit together
 */
export declare function collate<S extends object>(samples: readonly S[], options?: CollateOptions): Collated<S>;

/** A batch of samples that are objects: see {@link collate}. */
export declare type Collated<S> = CollatedFields<S> & (S extends {
    readonly x: TypedArray;
} ? {
    /** With `sequences`: steps of each sample, `[sample]`. */
    lengths?: Uint32Array;
} : unknown);

/** One field of many samples: see {@link collate}. */
export declare type CollatedField<V, K = unknown> = V extends TypedArray ? V : V extends BigInt64Array | BigUint64Array ? K extends 'y' ? Uint32Array : Float64Array : V extends bigint ? K extends 'y' ? Uint32Array : bigint[] : V extends number ? K extends 'y' ? Uint32Array : Float64Array : V extends CollatedLeaf ? V[] : V extends object ? CollatedFields<V> : V[];

export declare type CollatedFields<S> = {
    [K in keyof S as K extends 'shape' ? never : K]: CollatedField<S[K], K>;
} & (S extends {
    readonly x: TypedArray;
} | {
    readonly data: TypedArray;
} ? {
    shape: number[];
} : S extends {
    readonly shape: infer V;
} ? {
    shape: V[];
} : unknown);

/** A value that is not an object of fields: a batch contains a list of such values. */
export declare type CollatedLeaf = readonly unknown[] | ((...args: never[]) => unknown) | Date | {
    readonly [Symbol.toStringTag]: string;
};

/** Whether samples have a time axis. */
export declare interface CollateOptions {
    /**
     * `x` of each sample is `[time, …]` (with `shape`; without it, one channel). The batch is `[time, sample, …]`, as the
     * engine expects it. Its number of steps is that of the longest sample; shorter samples are padded with zeros, and
     * `lengths` contains the number of steps of each. Default `false`.
     */
    sequences?: boolean;
    /** With `sequences`: `y` of each sample is `[time, …]` too, with targets for each step. Default `false`. */
    ySequences?: boolean;
}

/** A column of a {@link TrialTable}. */
export declare type Column = NumberColumn | FlagColumn | TextColumn;

/** The kind of the column of this name, in a table of trials with parameters `P`. */
export declare type ColumnAt<N extends string, P> = N extends keyof FixedColumns ? FixedColumns[N] : N extends `values.${string}` ? NumberColumn : N extends `parameters.${infer K}` ? K extends keyof P ? ColumnOf<P[K]> : Column : Column;

/** Columns of a table of trials: typed arrays, each with a mask of the rows that have a value. */
/** Properties of every column. */
export declare interface ColumnBase {
    /** The path of the value in a trial's record: `number`, `parameters.lr`, `values.0`, `user.note`. */
    readonly name: string;
    readonly length: number;
    /**
     * 1 if the trial has a value, 0 if not: for example a conditional parameter that does not apply, or the value of a
     * failed trial.
     */
    readonly present: Uint8Array;
}

/** The kind of column for values of a type. */
export declare type ColumnOf<V> = [Exclude<V, undefined>] extends [number] ? NumberColumn : [Exclude<V, undefined>] extends [boolean] ? FlagColumn : [Exclude<V, undefined>] extends [string] ? TextColumn : Column;

/**
 * Several models on one synapse. They share the weight `w`; each has its own variables and traces. At an event, all
 * variables first change as each model specifies between events, in the given order; then each model applies the event,
 * in the same order. The last model determines the value that arrives, so a model of short-term plasticity must be
 * last.
 *
 * @example
 * ```ts
 * const homeostatic = synapse.combine(synapse.stdp({ wMax: 1 }), synapse.synapticScaling({ wMax: 1 }));
 * const both = synapse.combine(synapse.stdp({ wMax: 1 }), synapse.tsodyksMarkram({ utilisation: 0.2 }));
 * ```
 * @throws LapicqueError `invalid-parameter` for fewer than two models or a model that is combined itself; at use, for
 * models with different bounds of the weight or a different `coincidence`
 */
declare function combine(...models: readonly SynapseModel[]): SynapseModel;

/**
 * Finds the number of steps at which a spiking network is as accurate as an ANN, and puts the costs of both side by side there. Both run
 * the same samples: the ANN one step of each.
 *
 * @param ann - a network without time, run for one step
 * @param snn - the spiking network
 * @param data - batches of static samples `[batch, channels]` with one label each, gone through once for each number of steps: a list or a {@link DataLoader}
 * @example
 * ```ts
 * const compared = await compareCosts(ann, snn, test, { tolerance: 0.001 });
 * console.log(compared.steps, compared.energies.map(({ model, ann, snn }) => [model.name, ann, snn]));
 * ```
 * @throws LapicqueError `invalid-parameter` when the spiking network reaches the accuracy at none of the `steps`, for targets that are not one
 * label per sample, and for data that can be gone through once only
 */
export declare function compareCosts(ann: Model, snn: Model, data: Batches, options?: CompareCostsOptions): Promise<CostComparison>;

/** Options of {@link compareCosts}. */
export declare interface CompareCostsOptions extends TaskOptions {
    /** Numbers of steps of the spiking network to try, ascending; default 1, 2, 4, 8, 16, 32, 64. */
    steps?: readonly number[];
    /** By how much the accuracy of the spiking network may be below that of the ANN, as a share: 0.001 is 0.1 points. Default 0. */
    tolerance?: number;
    /** How each decides. Default as `predict`. */
    annDecision?: CostDecision;
    snnDecision?: CostDecision;
    /**
     * Makes the input of the spiking network, `[time, batch, channels]`, from a batch of the data and a number of steps. Default: the batch
     * is a constant input at every step.
     */
    encode?: (batch: TrainingBatch, steps: number) => InputTensor | Promise<InputTensor>;
    /** Energy models; default all of {@link energyModels}. */
    energies?: readonly (EnergyModelName | EnergyModel)[];
}

/** A number of theirs that the model has as a constant, and which is the same. */
export declare interface Compared {
    readonly tensor: string;
    readonly constant: string;
    readonly value: number | readonly number[];
}

/** An ANN beside a spiking network. */
export declare interface ComparedCosts {
    /** Share of right labels of the ANN. */
    annAccuracy: number;
    /** Steps of the spiking network at which energies are compared. */
    steps: number;
    curve: readonly {
        steps: number;
        accuracy: number;
    }[];
    /** J a sample by energy model; a chip for spikes has none for the ANN. */
    energies: readonly {
        name: string;
        ann?: number;
        snn: number;
    }[];
}

/**
 * Compiles a description.
 *
 * @throws LapicqueError `shape-mismatch`, `unknown-name`, `invalid-parameter`, `equation`, `unsupported`, `too-large`,
 * each naming the layer or, for a malformed description, the path of the wrong value
 */
export declare function compile(description: Description, options?: TaskOptions): Promise<Model>;

/** Options of building a network. */
export declare interface CompileOptions extends TaskOptions {
    /** Time step in ms. Default: that of the description, or 0.1. */
    dt?: number;
    /** Seed of wiring, initial values and noise; default 0. */
    seed?: number;
    /** `'f32'` (default) stores a synapse in 4 bytes if its weight fits 16 bits, otherwise in 8; `'f64'` is the reference. */
    precision?: Precision;
    /** Number of threads for building and running; default that of `setThreads`. Results do not depend on it. */
    threads?: number;
}

/**
 * What several branches make of the same, one behind the other along the channels: `y = [a(x), b(x), …]`, as `torch.cat`.
 *
 * @param lists - a branch each, a list of layers; an empty one passes the input through
 * @returns a layer from what the branches take to `[sum of their channels, …pixels]`
 * @throws LapicqueError `invalid-parameter` without a branch or for what is no layer; at `compile` `shape-mismatch` for branches
 * of other pixels
 */
export declare function concat<const L extends readonly (readonly Layer[])[]>(...lists: FittingBranches<L>): Branches<'concat', L>;

/** The channels of all branches, and the pixels of the first. */
declare type Concatenated<Lists extends readonly (readonly Layer[])[], At extends Sizes, C extends number = 0, P extends readonly number[] = readonly number[]> = Lists extends readonly [
infer First extends readonly Layer[],
...infer Rest extends readonly (readonly Layer[])[]
] ? Concatenated<Rest, At, Add<C, Leaving<First, At>['channels']>, number extends P['length'] ? Leaving<First, At>['pixels'] : P> : Lists extends readonly [] ? Image<C, P> : Sizes;

/** The confusion matrix. */
export declare interface Confusion {
    /** `[true class, predicted class]`, row-major. */
    counts: ArrayLike<number>;
    labels: readonly string[];
}

/**
 * Confusion matrix: how often each class was answered for each true class.
 *
 * @param result - what `evaluate` returns, or counts `[true class][answered class]`
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function confusion(result: Pick<Evaluation, 'confusion'> | readonly (readonly number[])[], options?: ConfusionOptions): Promise<Figure>;

/** Options of {@link confusion}. */
declare interface ConfusionOptions extends FigureOptions {
    /** Names of the classes; default their numbers. */
    classes?: readonly string[];
}

/**
 * Synapses from `pre` to `post`. A spike at the end of a step arrives `delay` ms later.
 *
 * @example
 * ```ts
 * connect(excitatory, inhibitory, rule.fixedInDegree(80), { weight: 0.1, delay: 1.5 });
 * connect(poisson(8000), excitatory, { weight: 0.1 });
 * ```
 * @param rule - which pairs get a synapse
 */
export declare function connect(pre: Presynaptic, post: Postsynaptic, rule: Rule, synapse: Synapse): Connection;

/**
 * A Poisson train for each neuron of `post`, through synapses of `weight` without a delay. By `name`, or by what this returns,
 * `simulation.set` finds it: `set('background', { rate: 9000 })`.
 */
export declare function connect(pre: PoissonSource, post: Postsynaptic, synapse: {
    weight: number;
    port?: string;
    name?: string;
}): Connection;

/**
 * Noise or a current, added to an input of each neuron of `post`: by default `current`, or the only one. By `name`, or by what this
 * returns, `simulation.set` finds it: `set('step', { current: 50 })`.
 */
export declare function connect(pre: NoiseSource | CurrentSource, post: Postsynaptic, synapse?: {
    port?: string;
    name?: string;
}): Connection;

/** Synapses between neurons, or a device's input to neurons. */
export declare type Connection = {
    readonly element: 'connection';
    readonly from: Presynaptic;
    readonly to: Postsynaptic;
    readonly rule: Rule;
    readonly synapse: Readonly<Synapse>;
} | {
    readonly element: 'input';
    readonly from: PoissonSource | NoiseSource | CurrentSource;
    readonly to: Postsynaptic;
    readonly weight?: number;
    readonly port?: string;
    readonly name?: string;
};

/** The objective of a study over two parameters at a time, as shades: the pairs of the three most important ones by default. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function contours<P>(results: ReportedResults<P>, options?: ContoursOptions): Promise<Figure>;

/** Options of {@link contours}. */
declare interface ContoursOptions extends ObjectiveFigureOptions {
    /** The parameters of which each pair is shown, by their paths; default the three most important ones. */
    parameters?: readonly string[];
}

/** A convolution. */
export declare interface Conv<In extends number = number, Out extends number = number, W extends SlidingWindow = SlidingWindow> {
    readonly layer: 'conv';
    readonly inputs: In;
    readonly outputs: Out;
    readonly kernel: W['kernel'];
    readonly stride: W['stride'];
    readonly padding: W['padding'];
    readonly dilation: W['dilation'];
    readonly groups: number;
    readonly outputPadding?: NonNullable<W['outputPadding']>;
    readonly name?: string;
    readonly bias?: boolean;
    readonly initial?: Initialiser;
    readonly initialBias?: Initialiser;
    readonly trainable?: boolean;
}

/**
 * A convolution over one axis that is not time: {@link conv2d} with one pixel axis; weights `[outputs, inputs / groups, k]`,
 * transposed `[inputs, outputs / groups, k]`, bias `[outputs]`; as `torch.nn.Conv1d` and `ConvTranspose1d`. Over time:
 * {@link timeFilter}.
 *
 * @param inputs - number of input channels
 * @param outputs - number of output channels
 * @param kernel - pixels of the window
 * @returns a layer from `[inputs, width]` to `[outputs, width']`, sides as of {@link conv2d}
 * @throws LapicqueError as {@link conv2d}
 */
export declare function conv1d<const In extends number, const Out extends number, const Kernel extends number = number, const Stride extends number = 1, const Padding extends number = 0, const Dilation extends number = 1, const Transposed extends boolean = false, const Further extends number = 0>(inputs: In, outputs: Out, kernel: Kernel, options?: ConvOptions<number, Stride, Padding, Dilation, Transposed, Further>): NoInfer<Conv<In, Out, WindowOf<readonly [Kernel], readonly [Stride], readonly [Padding], readonly [Dilation], FurtherOf<Transposed, readonly [Further]>>>>;

/**
 * A convolution over images: `y[o, p] = Σ W[o, c, k] x[c, stride p + dilation k - padding] + b[o]`, summed over channels `c` of
 * the group and places `k` of the window; weights `[outputs, inputs / groups, ky, kx]`, bias `[outputs]`. With `transposed` what
 * a window reads it writes: weights `[inputs, outputs / groups, ky, kx]`. Definitions, sizes and initial weights are those of
 * `torch.nn.Conv2d` and `ConvTranspose2d` (V. Dumoulin, F. Visin, arXiv:1603.07285). Where the input is spikes, weights are added,
 * not multiplied, and what is silent costs nothing.
 *
 * @param inputs - number of input channels
 * @param outputs - number of output channels
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[inputs, height, width]` to `[outputs, height', width']`, each side
 * `floor((side + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`; transposed
 * `(side - 1) stride - 2 padding + dilation (kernel - 1) + 1 + outputPadding`
 *
 * @example
 * ```ts
 * sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), lif({ beta: 0.5 }), flatten(), dense(1728, 10), lif({ beta: 0.5 }));
 * ```
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` also for groups that do not divide the
 * channels and a window larger than the image, and `shape-mismatch` for other channels (a type error where they are literals) or
 * what is no image
 */
export declare function conv2d<const In extends number, const Out extends number, const Kernel extends Pair = Pair, const Stride extends Pair = 1, const Padding extends Pair = 0, const Dilation extends Pair = 1, const Transposed extends boolean = false, const Further extends Pair = 0>(inputs: In, outputs: Out, kernel: Kernel, options?: ConvOptions<Pair, Stride, Padding, Dilation, Transposed, Further>): NoInfer<Conv<In, Out, WindowOf<PerAxis<Kernel>, PerAxis<Stride>, PerAxis<Padding>, PerAxis<Dilation>, FurtherOf<Transposed, PerAxis<Further>>>>>;

/** {@link conv3d} */
export declare interface Conv3d extends Omit<Conv3dOptions, 'stride' | 'padding' | 'dilation'> {
    readonly layer: 'conv3d';
    readonly inputs: number;
    readonly outputs: number;
    readonly kernel: readonly number[];
    readonly stride?: readonly number[];
    readonly padding?: readonly number[];
    readonly dilation?: readonly number[];
}

/**
 * A convolution over volumes: `y[o, p] = Σ W[o, c, k] x[c, stride p + dilation k - padding] + b[o]`, summed over channels
 * `c` of the group and places `k` of the window; weights `[outputs, inputs / groups, kz, ky, kx]`, bias `[outputs]`.
 * Definitions, sizes and initial weights are those of `torch.nn.Conv3d`. Where the input is spikes, what is silent costs
 * nothing.
 *
 * @param inputs - input channels
 * @param outputs - output channels
 * @param kernel - pixels of the window, `[depth, height, width]` or one number for all three
 * @returns a layer from `[inputs, depth, height, width]` to `[outputs, depth', height', width']`, each side `floor((side +
 * 2 padding - dilation (kernel - 1) - 1) / stride) + 1`
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` for groups that do not divide the
 * channels or a window larger than the volume, and `shape-mismatch` for what is no volume of `inputs` channels
 *
 * @example
 * ```ts
 * sequential(input(2, 3, 4, 3), conv3d(2, 3, 2), dense(36, 10), lif({ beta: 0.9 }));
 * ```
 */
export declare function conv3d(inputs: number, outputs: number, kernel: Triple, options?: Conv3dOptions): Conv3d;

/** What {@link conv3d} may be told. */
export declare interface Conv3dOptions {
    /** Name in files, recordings and messages; default `conv3d` and a number. */
    name?: string;
    /** Pixels from one window to the next, at least 1; default 1. */
    stride?: Triple;
    /** Zeros around the volume, in pixels on each side; default 0. */
    padding?: Triple;
    /** Pixels from one element of a window to the next, at least 1; default 1. */
    dilation?: Triple;
    /** Channels are split into this number of separate groups, a divisor of both numbers of channels; default 1. */
    groups?: number;
    /** Adds a trained constant to each channel; default true. */
    bias?: boolean;
    /** Initial weights; default as in torch; default `fan-in-uniform`. */
    initial?: Initialiser;
    /** Initial biases, with the fan-in of the weights; default `fan-in-uniform`. */
    initialBias?: Initialiser;
    /** Whether training changes its weights; default true. */
    trainable?: boolean;
}

/** How thresholds are chosen; see {@link ConvertOptions}. */
export declare type ConversionMethod = 'max' | 'percentile' | 'channel-wise' | 'ltb' | 'least-error';

/** The report of a conversion. */
export declare interface ConversionReport {
    /** How the thresholds were chosen; `'learned'` where all activations are quantised ones with thresholds of their own. */
    readonly method: ConversionMethod | 'learned';
    readonly schedule: 'streaming' | 'accumulate';
    /** T */
    readonly steps: number;
    /** Calibration samples. */
    readonly samples: number;
    /** Samples that both networks were run on for `populations` and `output`: the first of the calibration data. */
    readonly compared: number;
    /** What became of each layer of the artificial network, in order. */
    readonly layers: readonly ConvertedLayer[];
    /** Each population that spikes, from the input on. */
    readonly populations: readonly LayerFidelity[];
    readonly output: {
        /** As that of a population, of the outputs. */
        readonly error: number;
        /** Share of the samples compared that both networks give the same label. */
        readonly agreement: number;
    };
    /** Largest deviation of the outputs once norms are folded, over the largest output: rounding. */
    readonly folding: number;
    /** Circumstances that a reader of the figures should know. */
    readonly notes: readonly string[];
}

/** When the layers fire: all in every step, or one after the other. */
export declare type ConversionSchedule = 'streaming' | 'accumulate';

/**
 * Converts a trained artificial network to a spiking one, without training. Batch norms are folded into the layers before them, activations
 * become integrate-and-fire neurons with soft reset, and thresholds are folded into the weights, so that each threshold is 1. The input is presented as
 * a constant current; the rate of a neuron times its threshold is the activation. The last layer's output is summed over the steps.
 *
 * Converted are dense and convolutional layers, batch norms, average, sum and max pools, flatten, residual branches (`add`) and `concat`, with
 * the activations {@link relu}, {@link clippedRelu}, {@link qcfs} and the same written in another way, such as by {@link readOnnx}. Any other
 * layer is refused by name, unless `keep` names it. See docs/ann-to-snn.md.
 *
 * @example
 * ```ts
 * const ann = await (await readOnnx('classifier.onnx')).compile();
 * const spiking = await convert(ann, { data: { x: images, shape: [1000, 784] } });
 * console.log(spiking.report.populations, await spiking.predict({ x: images, shape: [1000, 784] }, { steps: 16 }));
 * ```
 * @returns the spiking model, how its input and readout are used, and a report layer by layer
 * @throws LapicqueError `unsupported` for a layer that cannot be converted, by name; `invalid-parameter` for options out of range, data without
 * samples, data that leave a layer at 0, and data that exceed learned thresholds; `non-finite` for data that are not finite; `shape-mismatch`;
 * `unknown-name` for a layer of `keep`; `aborted`, `disposed`
 */
export declare function convert(ann: Model, options: ConvertOptions): Promise<ConvertedNetwork>;

/** What became of a layer of the artificial network. */
export declare interface ConvertedLayer {
    readonly layer: string;
    readonly kind: string;
    readonly became: 'spiking' | 'linear' | 'folded' | 'removed' | 'readout' | 'kept';
    /** Why it is not converted, or how. */
    readonly reason?: string;
}

/** What {@link convert} returns. */
export declare class ConvertedNetwork {
    #private;
    /** The spiking network. It runs, streams in sessions, is saved and exported as any other. */
    readonly model: Model;
    readonly report: ConversionReport;
    readonly schedule: ConversionSchedule;
    /** T: the steps of the conversion. */
    readonly steps: number;
    /** Steps of a run: T, and with `'accumulate'` T for each layer of neurons as well. */
    readonly totalSteps: number;
    /** The first steps whose output is not read in runs of at least twice as many. */
    readonly readoutDelay: number;
    /** The first step that counts in a run of `steps` steps. */
    readoutStart(steps: number): number;
    /**
     * The arguments of `model.run` for samples: `'streaming'` presents them in every step, `'accumulate'` in the first T steps and nothing
     * afterwards.
     *
     * @param samples - `{ x, shape: [samples, …] }`
     * @throws LapicqueError `shape-mismatch`
     */
    input(samples: InputTensor, steps?: number): {
        input: InputTensor;
        options: Pick<RunOptions, 'steps'>;
    };
    /**
     * Sums of the output over the steps that are read, `[samples, outputs]`: of logits, or of spikes where the output spikes. Divided by the
     * number of steps they are the logits of the artificial network, within the error of the conversion.
     *
     * @throws LapicqueError as {@link Model.run}; `invalid-parameter` for other steps than those of an `'accumulate'` conversion
     */
    outputs(samples: InputTensor, options?: ConvertedRunOptions): Promise<Float64Array>;
    /**
     * Labels `[samples]`: the output with the largest sum.
     *
     * @throws LapicqueError as {@link ConvertedNetwork.outputs}
     */
    predict(samples: InputTensor, options?: ConvertedRunOptions): Promise<Uint32Array>;
}

/** Options of {@link ConvertedNetwork.predict} and {@link ConvertedNetwork.logits}. */
export declare interface ConvertedRunOptions extends TaskOptions {
    /** Steps that the input is presented; default those of the conversion. With `'accumulate'` they are fixed. */
    steps?: number;
}

/** Options of {@link convert}. */
export declare interface ConvertOptions extends TaskOptions {
    /**
     * Samples like those that the network was trained on; labels are not needed. Some hundred suffice for most networks. One array
     * `{ x, shape: [samples, …] }`, or batches of them, gone through once.
     */
    data: CalibrationData;
    /**
     * How thresholds are chosen where the activation does not have one ({@link qcfs} has):
     *
     * - `'least-error'` (default): per channel, what gives the least mean squared error in `steps` steps
     * - `'ltb'`: per channel, local threshold balancing (T. Bu, M. Li, Z. Yu, arXiv:2409.03368)
     * - `'channel-wise'`: per channel, the `percentile` of the activations
     * - `'percentile'`: one for the layer, robust normalisation (B. Rueckauer et al., Front. Neurosci. 2017)
     * - `'max'`: one for the layer, the largest activation (P. Diehl et al., IJCNN 2015)
     */
    method?: ConversionMethod;
    /** T: steps of a run, from 1 to 65,536. With `'streaming'` other numbers may be run later. Default 16. */
    steps?: number;
    /**
     * `'streaming'` (default): all layers fire in every step; results come from the first step on and improve. `'accumulate'`: a layer first
     * integrates all T steps of its input, then fires; a unit's spike count is then exactly ⌊T x/θ + 1/2⌋, between 0 and T, as of a network with
     * {@link qcfs} of T levels. A run takes T steps more for each layer.
     */
    schedule?: ConversionSchedule;
    /** In percent, for `'percentile'` and `'channel-wise'`. Default 99.9. */
    percentile?: number;
    /** Iterations of `'ltb'`; default 80. */
    iterations?: number;
    /** Potential at the start as a share of the threshold, from 0 to 1. Default 0.5, which rounds to the nearest count. */
    initial?: number;
    /**
     * Of `'streaming'`: chooses the initial potential of each channel by the least error of its spike counts in `steps` steps on the first 200
     * samples, layer by layer. Takes seven runs of these for each layer. Default false.
     */
    offsets?: boolean;
    /**
     * Of `'streaming'`: the first steps whose output is not read (delayed readout), in runs of at least twice as many: layers behind the first begin
     * with few and uneven spikes. Default 3 for each layer of neurons behind the first, on the longest path.
     */
    readoutDelay?: number;
    /** Layers without a spiking counterpart that stay as they are and run at every step, by name. Default none: such a layer is refused. */
    keep?: readonly string[];
}

/** What {@link conv1d} and {@link conv2d} may be told. */
export declare interface ConvOptions<Size = Pair, Stride extends Size = Size, Padding extends Size = Size, Dilation extends Size = Size, Transposed extends boolean = boolean, Further extends Size = Size> {
    /** Name in files, recordings and messages; default `conv` and a number. */
    name?: string;
    /** Pixels from one window to the next, at least 1; default 1. Transposed: pixels between the windows of two neighboring inputs. */
    stride?: Stride;
    /** Zeros around the image, in pixels on each side; default 0. Transposed: pixels cut off each side. */
    padding?: Padding;
    /** Pixels from one element of a window to the next, at least 1; default 1. */
    dilation?: Dilation;
    /**
     * Channels are split into this number of separate groups, a divisor of both numbers of channels; as many as input channels:
     * depthwise. Default 1.
     */
    groups?: number;
    /** The transposed convolution, which enlarges the image. Default false. */
    transposed?: Transposed;
    /**
     * Of a transposed convolution: further pixels at the far sides (the last rows and columns), less than the stride or the
     * dilation. Default 0.
     */
    outputPadding?: Further;
    /** Adds a trained constant to each channel; default true. */
    bias?: boolean;
    /** Default `fan-in-uniform`, as torch's. */
    initial?: Initialiser;
    /** Default `fan-in-uniform`, with the fan-in of the weights. */
    initialBias?: Initialiser;
    /** Whether training changes it; default true. */
    trainable?: boolean;
}

/**
 * Convolution of 12 channels and 5 × 5, pool, LIF, convolution of 64 channels, pool, LIF, dense, LIF: 29,826 parameters
 * for 28 × 28 images. The network of snnTorch's tutorial 6 (J. K. Eshraghian et al., Proceedings of the IEEE 111, 2023).
 * The output neurons spike; train it with `loss.crossEntropyRate()`.
 *
 * @returns a network from `[channels, height, width]` to `[classes]`
 * @throws LapicqueError `invalid-parameter` for an invalid shape and an image smaller than 16 × 16
 * @example
 * ```ts
 * const model = await models.convSnn().compile({ seed: 1 });
 * ```
 */
declare function convSnn(options?: ConvSnnOptions): Network;

/** Options of {@link convSnn}. */
declare interface ConvSnnOptions {
    /** `[channels, height, width]` of an image; default `[1, 28, 28]`. */
    image?: readonly [number, number, number];
    /** Default 10. */
    classes?: number;
    /** The neuron of all layers; default a decay of 0.5 and the fast sigmoid's surrogate with slope 25. */
    neuron?: LifOptions;
}

/**
 * Pearson's correlation of the trains' counts in bins; NaN for a train whose counts are all equal. The time is
 * proportional to the number of pairs of spikes that share a bin. Does not report progress.
 *
 * @returns `values` in the shape `[neurons, neurons]`
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function correlation(trains: GivenSpikeTrains, options: BinOptions): Promise<{
    values: Float64Array;
    shape: [number, number];
}>;

/** Counts of the pairs of a spike of the first train and a spike of the second train, by lag. */
declare interface Correlogram {
    /** ms, multiples of the bin, `[lags]` */
    lags: Float64Array;
    /** `[lags]` */
    counts: Float64Array;
}

/** Cross-correlogram of two neurons: pairs of spikes by their lag. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function correlogram(spikes: FigureSpikes, options: CorrelogramOptions): Promise<Figure>;

/** Options of {@link correlogram}. */
declare interface CorrelogramOptions extends FigureOptions {
    /** Numbers of the two neurons; the same twice for the autocorrelogram, whose lag 0 is left out. */
    pair: readonly [number, number];
    /** Length of a bin in ms. */
    bin: number;
    /** First and last lag in ms, multiples of the bin. */
    window: readonly [number, number];
}

/** What {@link compareCosts} returns. */
export declare interface CostComparison {
    samples: number;
    /** Share of right labels of the ANN. */
    annAccuracy: number;
    tolerance: number;
    /** The first number of steps at which the spiking network reaches the accuracy of the ANN minus the tolerance, and its accuracy there. */
    steps: number;
    snnAccuracy: number;
    /** All that were tried, ascending; the last one is `steps`. */
    curve: {
        steps: number;
        accuracy: number;
    }[];
    ann: Operations;
    /** At `steps`. */
    snn: Operations;
    energies: {
        model: EnergyModel;
        /**
         * J a sample. A chip for spikes cannot run the ANN, and has none. `annDense` is the ANN on hardware that multiplies zeros too.
         */
        ann?: number;
        annDense?: number;
        snn: number;
    }[];
}

/** How the label of a network is decided, as of {@link Model.predict}. */
export declare type CostDecision = Pick<PredictOptions, 'by' | 'from' | 'populationClasses'>;

/** What the layers of a network cost. */
export declare interface Costs {
    /** Name of the energy model. */
    model: string;
    layers: readonly LayerCosts[];
}

/** What of {@link Operations} an estimate reads. */
export declare interface CountedOperations {
    readonly steps: number;
    readonly layers: readonly LayerOperations[];
}

/** What rates and currents may be. */
export declare type Course = number | readonly number[] | Float64Array | WholeNumbers | Distribution | {
    times: readonly number[] | Float64Array | WholeNumbers;
    values: Float64Array | WholeNumbers | readonly (number | readonly number[] | Float64Array)[];
};

/**
 * Begins a recording at a path, where the file appears when `close` has succeeded.
 *
 * @throws LapicqueError `unsupported` for a format that is not known; `invalid-parameter`; `io`. `write` throws `invalid-parameter` for events that
 * the format cannot hold, such as an x that is too large or times that go back
 */
export declare function createEventWriter(path: string | URL, options?: WriteEventsOptions): Promise<EventWriter>;

/**
 * Starts an HDF5 file that is written piece by piece; `writeHdf5` writes one at once.
 *
 * @param path - of the file, or a `file:` URL
 * @throws LapicqueError `io`
 * @example
 * ```ts
 * const file = await createHdf5('events.h5');
 * const t = await file.stream('events/t', { type: 'uint32', deflate: true });
 * for await (const batch of batches) await t.append(batch.t);
 * await file.close();
 * ```
 */
export declare function createHdf5(path: string | URL): Promise<Hdf5Writer>;

/**
 * Cross-correlogram of two trains in bins: `counts[lag] = sum over t of a[t] b[t + lag]`, without correction at the
 * edges. For a train with itself it is the autocorrelogram.
 *
 * @param options - `pair`: indices of the trains `[a, b]`; `bin` in ms; `window`: the first and last lag in ms,
 * multiples of the bin
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function crossCorrelogram(trains: GivenSpikeTrains, options: TaskOptions & {
    pair: readonly [number, number];
    bin: number;
    window: readonly [number, number];
}): Promise<Correlogram>;

/** Options of {@link loss}.crossEntropyCount. */
export declare interface CrossEntropyCountOptions extends LossOptions, PooledLossOptions {
    /** Share of the target that is spread evenly over all classes, as torch's `label_smoothing` (C. Szegedy et al., CVPR 2016); not together with `classWeights`; a number from 0 to 1; default 0. */
    labelSmoothing?: number;
}

/** Options of {@link loss}.crossEntropyFirstSpike. */
export declare interface CrossEntropyFirstSpikeOptions extends LossOptions {
    /** Share of the target that is spread evenly over all classes, as torch's `label_smoothing` (C. Szegedy et al., CVPR 2016); not together with `classWeights`; a number from 0 to 1; default 0. */
    labelSmoothing?: number;
    /** How the step t of a first spike becomes a logit: -t (`'negate'`) or 1/(t+1) (`'reciprocal'`); default `'negate'`. */
    inverse?: 'negate' | 'reciprocal';
}

/** Options of {@link loss}.crossEntropyMaxMembrane. */
export declare interface CrossEntropyMaxMembraneOptions extends LossOptions {
    /** Share of the target that is spread evenly over all classes, as torch's `label_smoothing` (C. Szegedy et al., CVPR 2016); not together with `classWeights`; a number from 0 to 1; default 0. */
    labelSmoothing?: number;
}

/** Options of {@link loss}.crossEntropyMeanMembrane. */
export declare interface CrossEntropyMeanMembraneOptions extends LossOptions {
    /** Share of the target that is spread evenly over all classes, as torch's `label_smoothing` (C. Szegedy et al., CVPR 2016); not together with `classWeights`; a number from 0 to 1; default 0. */
    labelSmoothing?: number;
}

/** Options of {@link loss}.crossEntropyMeanRate. */
export declare interface CrossEntropyMeanRateOptions extends LossOptions, PooledLossOptions {
    /** Share of the target that is spread evenly over all classes, as torch's `label_smoothing` (C. Szegedy et al., CVPR 2016); not together with `classWeights`; a number from 0 to 1; default 0. */
    labelSmoothing?: number;
}

/** Options of {@link loss}.crossEntropyMembrane. */
export declare interface CrossEntropyMembraneOptions extends LossOptions, SteppedLossOptions {
    /** Share of the target that is spread evenly over all classes, as torch's `label_smoothing` (C. Szegedy et al., CVPR 2016); not together with `classWeights`; a number from 0 to 1; default 0. */
    labelSmoothing?: number;
}

/** Options of {@link loss}.crossEntropyRate. */
export declare interface CrossEntropyRateOptions extends LossOptions, PooledLossOptions, SteppedLossOptions {
    /** Share of the target that is spread evenly over all classes, as torch's `label_smoothing` (C. Szegedy et al., CVPR 2016); not together with `classWeights`; a number from 0 to 1; default 0. */
    labelSmoothing?: number;
}

/** Options of {@link loss}.crossEntropySumMembrane. */
export declare interface CrossEntropySumMembraneOptions extends LossOptions {
    /** Share of the target that is spread evenly over all classes, as torch's `label_smoothing` (C. Szegedy et al., CVPR 2016); not together with `classWeights`; a number from 0 to 1; default 0. */
    labelSmoothing?: number;
}

/**
 * A log of comma-separated values (RFC 4180): a line of names, then one row per epoch, or per batch with `batches: true`, or per trial, step or call of
 * `values`. All rows have the columns of the first one; an entry with others is refused.
 *
 * @example
 * ```ts
 * await using logs = log.csv('history.csv');
 * await model.fit(train, { epochs: 10, loss: loss.crossEntropyRate(), callbacks: logs });
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function csv(path: string, options?: TextLogOptions): Log;

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
declare function cuba(context?: NetworkContext): NetworkScript;

/**
 * current-based leaky integrator: `tauSyn diSyn/dt = -iSyn + wIn x; tauMem dv/dt = (vLeak - v) + r iSyn`.
 *
 * As computed: `iSyn[t] = alpha iSyn[t-1] + gainSyn x[t]; v[t] = beta v[t-1] + gain iSyn[t] + (1 - beta) vLeak`. States:
 * - `v`: membrane potential
 * - `iSyn`: synaptic current
 *
 * Source: NIR CubaLI.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function cubaLi<const N extends number = number>(options: CubaLiOptions<N>): Population<N>;

/**
 * current-based leaky integrate-and-fire: `tauSyn diSyn/dt = -iSyn + wIn x; tauMem dv/dt = (vLeak - v) + r iSyn`.
 *
 * As computed: `iSyn[t] = alpha iSyn[t-1] + gainSyn x[t]; v[t] = beta v[t-1] + gain iSyn[t] + (1 - beta) vLeak - s[t-1] vThreshold; s[t] = 1 if v[t] > vThreshold else 0`. States:
 * - `v`: membrane potential
 * - `iSyn`: synaptic current
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, appendix; NIR CubaLIF.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function cubaLif<const N extends number = number>(options: CubaLifOptions<N>): Population<N>;

/** What {@link CubaLifOptions} may hold. */
export declare interface CubaLifFields<N extends number = number> extends PopulationOptions<N> {
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** share of iSyn left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    alpha?: number | readonly number[] | Float64Array | Float32Array;
    /** synaptic time constant (ms); a number above 0. One number, or one a neuron. */
    tauSyn?: number | readonly number[] | Float64Array | Float32Array;
    /** factor on the input of iSyn (dimensionless); a finite number; default 1. One number, or one a neuron. */
    wIn?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau; default `'exact'`. */
    method?: 'exact' | 'euler';
    /** when the synaptic current decays, jumps by the input and drives v; default `'decay-add-use'`. */
    currentOrder?: 'decay-add-use' | 'add-use-decay' | 'use-decay-add';
    /** coefficient on the input of iSyn: wIn alone, or wIn dt / tauSyn; default `'weight'`. */
    synInputScale?: 'weight' | 'dt-over-tau';
    /** coefficient on iSyn as it drives v: r alone, r (1 - beta), r dt / tauMem, or r tauSyn (alpha - beta) / (tauSyn - tauMem), which is exact when iSyn decays in continuous time; default `'weight'`. */
    inputScale?: 'weight' | 'one-minus-beta' | 'dt-over-tau' | 'propagator';
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: 'subtract' | 'value' | 'none' | 'zero';
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: 'next-step' | 'same-step' | 'snntorch-no-delay';
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: 'threshold' | 'beta-threshold';
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Synaptic, RSynaptic. reset_mechanism="zero" zeroes v and keeps iSyn; spikingjelly: CUBALIFNode: c_decay is alpha, v_decay beta; norse: LIFCell, LIFRefracCell, LIFRecurrentCell and LIFRefracRecurrentCell (with detachReset true). Norse up to 1.0 and LSNN use currentOrder "use-decay-add". A refractory period is a constant for the gradient; Norse differentiates through its counter; nir: CubaLIF. The current is updated before v, as Norse and SpikingJelly import it; nest: iaf_psc_exp: r is tau_m / C_m, with C_m of 250 pF if left out, an input is a jump of iSyn in pA and moves v a step later. */
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'alpha' | 'tauSyn' | 'vThreshold')[];
}

/** What {@link CubaLiOptions} may hold. */
export declare interface CubaLiFields<N extends number = number> extends PopulationOptions<N> {
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** share of iSyn left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    alpha?: number | readonly number[] | Float64Array | Float32Array;
    /** synaptic time constant (ms); a number above 0. One number, or one a neuron. */
    tauSyn?: number | readonly number[] | Float64Array | Float32Array;
    /** factor on the input of iSyn (dimensionless); a finite number; default 1. One number, or one a neuron. */
    wIn?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau; default `'exact'`. */
    method?: 'exact' | 'euler';
    /** when the synaptic current decays, jumps by the input and drives v; default `'decay-add-use'`. */
    currentOrder?: 'decay-add-use' | 'add-use-decay' | 'use-decay-add';
    /** coefficient on the input of iSyn: wIn alone, or wIn dt / tauSyn; default `'weight'`. */
    synInputScale?: 'weight' | 'dt-over-tau';
    /** coefficient on iSyn as it drives v: r alone, r (1 - beta), r dt / tauMem, or r tauSyn (alpha - beta) / (tauSyn - tauMem), which is exact when iSyn decays in continuous time; default `'weight'`. */
    inputScale?: 'weight' | 'one-minus-beta' | 'dt-over-tau' | 'propagator';
    /** Fills in the parameters and options with which that library computes. snntorch: Synaptic, RSynaptic. reset_mechanism="zero" zeroes v and keeps iSyn; spikingjelly: CUBALIFNode: c_decay is alpha, v_decay beta; norse: LIFCell, LIFRefracCell, LIFRecurrentCell and LIFRefracRecurrentCell (with detachReset true). Norse up to 1.0 and LSNN use currentOrder "use-decay-add". A refractory period is a constant for the gradient; Norse differentiates through its counter; nir: CubaLIF. The current is updated before v, as Norse and SpikingJelly import it; nest: iaf_psc_exp: r is tau_m / C_m, with C_m of 250 pF if left out, an input is a jump of iSyn in pA and moves v a step later. */
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'alpha' | 'tauSyn')[];
}

/** Parameters and options of {@link cubaLif}; of parameters that say the same thing, one. */
export declare type CubaLifOptions<N extends number = number> = CubaLifFields<N> & OneOf<'beta' | 'tauMem', 'spikingjelly' | 'norse' | 'nest'> & OneOf<'alpha' | 'tauSyn', 'spikingjelly' | 'norse' | 'nest'> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** Parameters and options of {@link cubaLi}; of parameters that say the same thing, one. */
export declare type CubaLiOptions<N extends number = number> = CubaLiFields<N> & OneOf<'beta' | 'tauMem', 'spikingjelly' | 'norse' | 'nest'> & OneOf<'alpha' | 'tauSyn', 'spikingjelly' | 'norse' | 'nest'>;

/** A current, piecewise constant. */
export declare interface CurrentSource<V = readonly number[] | Distribution> {
    readonly element: 'current';
    /** In ms, ascending. */
    readonly times: readonly number[];
    /** One for each time, or `[times, neurons]`; or drawn for each neuron. */
    readonly values: V;
}

/**
 * A current: one value, one for each neuron that it is connected to, or a distribution from which the seed of the simulation draws one
 * each; or over time, `values[i]` from `times[i]` ms on and 0 before `times[0]`, where `values[i]` is one value or a list of one for
 * each neuron.
 *
 * @example
 * ```ts
 * connect(currentSource({ times: [100, 200], values: [50, 0] }), excitatory); // 50 pA from 100 to 200 ms
 * connect(currentSource(Array.from({ length: 10 }, (_, i) => 10 * i)), excitatory.slice(0, 10));
 * connect(currentSource(distribution.normal(100, 20)), excitatory);
 * ```
 */
export declare function currentSource(current: Distribution): CurrentSource<Distribution>;

export declare function currentSource(current: Exclude<Course, Distribution>): CurrentSource<readonly number[]>;

/** {@link CustomSearch}: a custom sampler. */
declare function custom(propose: CustomSearch['propose']): CustomSearch;

/** Makes layers of a custom neuron. */
export declare interface CustomNeuron<S extends string = string, P extends string = string, I extends Inputs = InputDefinition> {
    /**
     * @returns a population with the same number of neurons as the layer before it has outputs; with several inputs, that
     * number divided by the number of inputs
     * @throws LapicqueError `unknown-name` for an option that does not exist, `invalid-parameter` for an invalid value;
     * at `compile` `shape-mismatch` for a list whose length is not the number of neurons
     */
    <const N extends number = number>(options?: CustomNeuronOptions<P, N>): [I] extends [InputDefinition | readonly [InputDefinition]] ? Population<N> : PortedPopulation<N>;
    /**
     * Names of the states that can be recorded: the declared ones, and `refractory`, `clock` and `clockTurns` if the
     * neuron uses them.
     */
    readonly states: readonly (S | 'refractory' | 'clock' | 'clockTurns')[];
    readonly params: readonly P[];
    /** The integration method in use; `'discrete'` for difference equations. */
    readonly method: IntegrationMethod | 'discrete';
}

/** Options of a layer of a custom neuron: its parameters, and the options of every population. */
export declare type CustomNeuronOptions<P extends string = string, N extends number = number> = PopulationOptions<N> & {
    readonly [K in P]?: PerNeuron;
} & {
    /** The trained parameters. */
    readonly learn?: readonly P[];
};

/** A custom sampler; `undefined` ends the study. */
declare interface CustomSearch {
    readonly kind: 'custom';
    readonly propose: (context: ProposalContext) => Readonly<Record<string, unknown>> | undefined;
}

/** A surrogate of an expression, with its parameters; see {@link customSurrogate}. */
export declare interface CustomSurrogate {
    readonly derivative: string;
    readonly name?: undefined;
    readonly [parameter: string]: number | string | undefined;
}

/**
 * A custom surrogate.
 *
 * @param derivative - an expression in `x = v - vThreshold`, for example `'max(0, 1 - abs(x))'`; it may use
 * `+ - * / ^`, comparisons, `exp`, `ln`, `sqrt`, `abs`, `min`, `max`, `tanh`, `sigmoid`, `relu`, `where` and the names
 * in `params`
 * @param params - numbers by name
 * @throws LapicqueError `equation` (at `compile`, or in {@link surrogateDerivative}) with line, column and frame
 */
export declare function customSurrogate(derivative: string, params?: Record<string, number>): Surrogate;

/**
 * Coefficient of variation of each train's intervals, `[neurons]`: the standard deviation (over n) divided by the mean;
 * 0 for a regular train, 1 for a Poisson process. NaN for a train of fewer than three spikes, as in {@link cv2}, {@link
 * lv} and {@link lvr}.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function cv(trains: GivenSpikeTrains, options?: TaskOptions): Promise<Float64Array>;

/**
 * Mean of `2 |b - a| / (b + a)` over neighboring intervals, `[neurons]`. Unlike the CV, it is little affected by slow
 * changes of the rate (G. R. Holt et al., Journal of Neurophysiology 75, 1996).
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function cv2(trains: GivenSpikeTrains, options?: TaskOptions): Promise<Float64Array>;

/**
 * An async iterable of batches. Each `for await` over it is one epoch, and leaving the loop early ends the epoch.
 *
 * @example
 * ```ts
 * const { train } = (await mnist()).split(0);
 * const loader = new DataLoader(train, { batchSize: 128, shuffle: true, seed: 1 });
 * for await (const { x, y, shape } of loader) console.log(shape, y[0]); // [128, 784] …
 * ```
 */
export declare interface DataLoader<Batch> extends AsyncIterable<Batch> {
    /** Batches per epoch. */
    readonly length: number;
    /** Number of samples in the source. */
    readonly samples: number;
    readonly batchSize: number;
    /** The running epoch or, between loops, the next one; from 0. */
    readonly epoch: number;
    /** The current state; batches read ahead do not count. */
    state(): LoaderState;
    /**
     * Continues at `state`: the next loop yields the batches that would have followed there.
     * @throws LapicqueError `invalid-parameter` if the state was made by a loader with other samples or options
     */
    restore(state: LoaderState): void;
}

export declare const DataLoader: DataLoaderConstructor;

/**
 * Infers the type of the batches from the source, `collate` and the `transform`, which receives the result of `collate`.
 *
 * @example
 * ```ts
 * const recordings = [
 *   { x: Float32Array.of(1, 0, 0, 1, 1, 1), shape: [3, 2], y: 0 },
 *   { x: Float32Array.of(0, 1, 1, 0), shape: [2, 2], y: 1 },
 * ];
 * const loader = new DataLoader(recordings, { batchSize: 2, sequences: true });
 * for await (const { x, y, shape, lengths } of loader) console.log(shape, lengths); // [3, 2, 2] [3, 2]
 * ```
 */
export declare interface DataLoaderConstructor {
    new <X extends TypedArray, Y extends TypedArray | undefined = undefined, Out = TensorBatch<X, Y>>(source: TensorSource<X, Y>, options: TransformOptions<TensorBatch<X, Y>, Out>): DataLoader<Out>;
    new <X extends TypedArray, Y extends TypedArray | undefined = undefined>(source: TensorSource<X, Y>, options: LoaderOptions): DataLoader<NoInfer<TensorBatch<X, Y>>>;
    new <S, Batch, Out>(source: Dataset<S> | readonly S[], options: OwnCollateOptions<S, Batch> & TransformOptions<Batch, Out>): DataLoader<Out>;
    new <S, Batch>(source: Dataset<S> | readonly S[], options: OwnCollateOptions<S, Batch>): DataLoader<Batch>;
    new <S, Out>(source: Dataset<S> | readonly S[], options: TransformOptions<SampleBatch<S>, Out> & CollateOptions): DataLoader<Out>;
    new <S>(source: Dataset<S> | readonly S[], options: LoaderOptions & CollateOptions): DataLoader<SampleBatch<S>>;
}

/** Samples that are computed or read one at a time. */
export declare interface Dataset<S> {
    readonly length: number;
    /** Returns the sample at `index`, from 0 to `length - 1`. */
    get(index: number): S | Promise<S>;
}

/** What {@link EventDataset.verify} has found. */
export declare interface DatasetCheck {
    /** Samples found, and those of the whole split (`undefined` for an index). */
    readonly samples: number;
    readonly expected: number | undefined;
    /** Of each archive of the authors': whether its MD5 is theirs, or that it does not lie in the folder. */
    readonly archives: readonly {
        readonly name: string;
        readonly state: 'right' | 'wrong' | 'absent';
    }[];
}

/** Siblings with literal values that a `when` of `S` refers to. */
declare type Deciding<S> = {
    [K in keyof S]: S[K] extends When<infer P, unknown, SpaceNode> ? P extends keyof S ? S[P] extends Choice<infer V> ? IsLiteral<V> extends true ? P : never : never : never : never;
}[keyof S];

/**
 * The output neuron that gives a sample's label. Only steps from the loss's `from` to the end of the sample count. In a tie the lowest
 * neuron wins.
 *
 * - `'count'`: the one with most spikes
 * - `'membrane'`: the one whose membrane, summed over the steps, is largest
 * - `'max-membrane'`: the one with the largest membrane of any step
 * - `'first-spike'`: the one that spikes first; a silent neuron counts as spiking in the last step
 *
 * The default is the criterion of the loss: first spikes for a loss of first spikes; the largest membrane for
 * `loss.crossEntropyMaxMembrane` of an output that does not spike; otherwise the count if the output spikes and the membrane if it does
 * not. Graded spikes count with their values. With `populationClasses` of the loss the score of a class is the sum over its neurons: of
 * spikes, membranes, maxima, or steps of first spikes.
 */
export declare type Decision = 'count' | 'membrane' | 'max-membrane' | 'first-spike';

/**
 * Labels from outputs `[time, batch, neurons]` (spikes or membrane, as the decoder reads): the class with the largest
 * score, the lowest of equal ones.
 *
 * @param lengths - steps of each sample that count, `[batch]`
 * @returns `labels` `[batch]` and `scores` `[batch, classes]`
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `non-finite`
 */
export declare function decode(decoder: Decoder, outputs: Float32Array | Uint8Array, shape: readonly [number, number, number], lengths?: WholeNumbers): {
    labels: Uint32Array;
    scores: Float64Array;
};

/**
 * How outputs become a label: the score of a class is
 *
 * - `spike-count`, `rate`: its neuron's spikes, or spikes per step
 * - `first-spike`: minus the step of its first spike, the last step for a silent neuron
 * - `population-vote`: the spikes of its block of neurons, one of `classes` blocks of equal size
 * - `max-membrane`, `mean-membrane`, `last-membrane`: its membrane's maximum, mean, or value after the last step
 */
export declare type Decoder = {
    kind: 'spike-count' | 'rate' | 'max-membrane' | 'mean-membrane' | 'last-membrane' | 'first-spike';
} | {
    kind: 'population-vote';
    classes: number;
};

/** Delays of a {@link dense} projection, one per synapse. */
export declare interface Delays {
    /** The longest delay in ms, not below any initial one. Learned delays are brought back into 0 to `max` after each step. */
    max: number;
    /** Default uniform from 0 to `max`. */
    initial?: Initialiser;
    /** Whether training changes them; default true. */
    trainable?: boolean;
}

/**
 * leaky integrator that spikes at changes: `tauMem dv/dt = (vLeak - v) + r x`.
 *
 * As computed: `v[t] = beta v[t-1] + gain x[t] + (1 - beta) vLeak; s[t] = 1 if |v[t] - v[t-1]| > vThreshold else 0`. States:
 * - `v`: membrane potential
 *
 * Source: snnTorch 1.0.0 DeltaLeaky.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function deltaLif<const N extends number = number>(options: DeltaLifOptions<N>): Population<N>;

/** What {@link DeltaLifOptions} may hold. */
export declare interface DeltaLifFields<N extends number = number> extends PopulationOptions<N> {
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** change of v in one step at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau; default `'exact'`. */
    method?: 'exact' | 'euler';
    /** coefficient on what drives v: r alone, r (1 - beta), or r dt / tauMem; default `'weight'`. */
    inputScale?: 'weight' | 'one-minus-beta' | 'dt-over-tau';
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** Fills in the parameters and options with which that library computes. snntorch: DeltaLeaky: delta_threshold is vThreshold. */
    like?: 'snntorch';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'vThreshold')[];
}

/** Parameters and options of {@link deltaLif}; of parameters that say the same thing, one. */
export declare type DeltaLifOptions<N extends number = number> = DeltaLifFields<N> & OneOf<'beta' | 'tauMem'>;

/** Options of {@link encode}.delta. */
export declare interface DeltaOptions extends TaskOptions {
    /** By how much a value must rise from one step to the next; a number above 0; default 0.1. */
    threshold?: number;
    /** Whether the first step is compared with itself instead of with 0; default false. */
    padding?: boolean;
    /** Whether there is a -1 where the signal falls by the threshold; default false. */
    offSpike?: boolean;
}

/** A dense projection, weights `[outputs, inputs]`. */
export declare interface Dense<In extends number = number, Out extends number = number> extends DenseOptions {
    readonly layer: 'dense';
    readonly inputs: In;
    readonly outputs: Out;
}

/**
 * Every input to every output: `y[o] = Σ W[o, i] x[i] + b[o]`, weights `[outputs, inputs]`, bias `[outputs]`; as
 * `torch.nn.Linear`. With a delay `y[t, o] = Σ W[o, i] x[t - d[o, i], i] + b[o]`, `d` in steps. Where the input is spikes, weights are
 * added, not multiplied.
 *
 * @param inputs - number of inputs
 * @param outputs - number of outputs
 * @returns a layer from a shape of `inputs` elements, such as `[inputs]` or an image's, to `[outputs]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer, or a delay below 0; at `compile`
 * `shape-mismatch` for another number of elements (a type error where sizes are literals)
 */
export declare function dense<const In extends number, const Out extends number>(inputs: In, outputs: Out, options?: DenseOptions): Dense<In, Out>;

/** Options of {@link dense}. */
export declare interface DenseOptions {
    /** Name in files, recordings and messages; default `dense` and a number. */
    name?: string;
    /** Adds a trained constant to each output; default true. */
    bias?: boolean;
    /** Default `fan-in-uniform`. */
    initial?: Initialiser;
    /** Default `fan-in-uniform`, with the fan-in of the weights. */
    initialBias?: Initialiser;
    /** Whether training changes it; default true. */
    trainable?: boolean;
    /**
     * How long a spike takes from an input to an output, in ms: one fixed number for all synapses, or `{ max, … }` for a delay of each
     * synapse, by default learned, a tensor `delay` of the shape of the weights. Delays are rounded to whole steps. In training a learned one
     * lies between two steps and is shared out between them, so that it has a gradient (I. Hammouamri, I. Khalfaoui-Hassani, T. Masquelier,
     * ICLR 2024, with a triangle as kernel). Default 0.
     */
    delay?: number | Delays;
}

/** A network as data: what files keep and what `compile` takes. */
export declare interface Description extends ChosenFields {
    readonly schema: 1;
    readonly input: {
        readonly size: number;
        /** `[channels, width]`, `[channels, height, width]` or `[channels, depth, height, width]` where the channels are an image or a volume. */
        readonly shape?: readonly number[];
    };
    readonly nodes: readonly NodeSpec[];
    /** `[from, to]` or `[from, to, options]`; `input` is the network's input. */
    readonly edges: readonly Edge[];
    /** The population whose spikes and membrane are the output. */
    readonly output: string;
}

/** How the values of axes become rows. */
export declare type Design = 'grid' | 'zip' | 'sample';

/** Options of a design. */
export declare interface DesignOptions {
    design?: Design;
    seeds?: number | readonly number[] | Float64Array;
    samples?: number;
    sampleSeed?: number;
}

/**
 * Surrogate gradient `1` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 DeterministicPass.
 */
declare function deterministicPass(): Surrogate;

/**
 * Arithmetic of whole numbers at the level of types, so that an editor knows the sizes that a convolution leaves. Numbers are texts of
 * decimal digits, the last digit first: their length, not their value, decides what an operation costs the compiler. An operand that is
 * not a literal gives `number`.
 */
/** One decimal digit. */
declare type Digit = keyof Units;

/** The digits of a number, the last one first. */
declare type Digits<N extends number> = Reversed<`${N}`>;

/** The direction of an objective. */
export declare type Direction = 'minimize' | 'maximize';

/** Options of {@link encode}.direct. */
export declare interface DirectOptions extends TaskOptions {
    /** Steps of the spike train; at least 1. */
    steps: number;
    /** Factor of the values; default 1. */
    gain?: number;
    /** Added to each value; default 0. */
    offset?: number;
}

/** Discretization: zero-order hold (exact), Euler, bilinear, or none. */
export declare type Discretisation = 'zoh' | 'euler' | 'tustin' | 'continuous';

/** A piecewise linear function of time with two points per piece. At a jump, the same time occurs twice. */
declare interface DistanceProfile {
    /** ms */
    x: Float64Array;
    y: Float64Array;
}

/** A distribution to draw from. Numbers outside `min` and `max` are drawn again. */
declare type Distribution = {
    readonly kind: 'uniform';
    readonly low: number;
    readonly high: number;
} | {
    readonly kind: 'normal';
    readonly mean: number;
    readonly sd: number;
    readonly min?: number;
    readonly max?: number;
} | {
    readonly kind: 'log-normal';
    readonly mu: number;
    readonly sigma: number;
    readonly min?: number;
    readonly max?: number;
};

export declare namespace distribution {
    export {
        uniform,
        normal,
        logNormal,
        draw,
        Distribution,
        Values,
        SynapseValues,
        Bounds
    }
}

/** `floor(A / B)`; `number` for a division by 0. */
declare type Divide<A extends number, B extends number> = number extends A | B ? number : B extends 1 ? A : B extends 0 ? number : Read<DivideDigits<Reversed<Digits<A>>, Digits<B>>>;

/** Digit by digit from the first on, as on paper. `A` and `Done` have the first digit first, `Rest` has the last one first. */
declare type DivideDigits<A extends string, B extends string, Rest extends string = '', Done extends string = ''> = A extends `${infer X extends Digit}${infer MoreA}` ? Times<`${X}${Rest}`, B> extends [infer D extends string, infer Left extends string] ? DivideDigits<MoreA, B, Left, `${Done}${D}`> : never : A extends '' ? Reversed<Done> : never;

/**
 * Draws now, where values depend on each other: several parameters of a neuron on one random number.
 *
 * @param seed - the same seed gives the same numbers, those of another seed are independent
 * @returns `[count]`
 * @throws LapicqueError `invalid-parameter`
 */
declare function draw(distribution: Distribution, count: number, seed: number): Float64Array;

/** Options of a model whose parameters may be drawn for each neuron. */
export declare type Drawable<O> = {
    [K in keyof O]: Extract<O[K], readonly number[]> extends never ? O[K] : O[K] | Distribution;
};

/** Options of {@link driveSynapse}. */
export declare interface DriveOptions extends TaskOptions {
    /** Initial weight, in the unit of the model's parameters; default 1. */
    weight?: number;
    /**
     * In ms: a spike of the target at `t` reaches the synapse at `t + delay`, a spike of the source at once; default 0.
     */
    delay?: number;
    /** Ascending times of the source's spikes, in ms from 0. */
    pre: readonly number[] | Float64Array;
    /** Those of the target's spikes. */
    post?: readonly number[] | Float64Array;
    /** Those of the modulator's spikes, for rules such as `rewardStdp`. */
    modulator?: readonly number[] | Float64Array;
    /** Ascending times in ms at which all variables are recorded. */
    sampleTimes?: readonly number[] | Float64Array;
    /** Whether an event at exactly the time of a sample is applied before it; default false. */
    sampleAfter?: boolean;
    /** Step in ms of rules with `decay: 'euler'`; default 0.1. */
    dt?: number;
}

/**
 * Drives one synapse by spikes at given times, event by event and in double precision: the computation of one synapse
 * of a large network's connection. Spikes within 1e-6 ms count as simultaneous.
 *
 * @example
 * ```ts
 * const { last } = await driveSynapse(synapse.stdp({ wMax: 2 }), { pre: [10], post: [15], weight: 1 });
 * ```
 * @throws LapicqueError `invalid-parameter` for times that do not ascend, a value out of range, or a weight outside the
 * rule's bounds; `unknown-name`; `equation` for a custom rule; `aborted`
 */
export declare function driveSynapse(model: SynapseModel, options: DriveOptions): Promise<SynapseResponse>;

/** {@link dropout} */
export declare interface Dropout extends DropoutOptions {
    readonly layer: 'dropout';
    readonly rate: number;
}

/**
 * Zeroes a share of the elements, or of the channels; in training only, where the others are scaled by `1 / (1 - rate)`. A sample keeps its
 * mask over the whole sequence, or with `mask: 'step'` has a new one at each step. Which elements are zeroed follows from the network's seed,
 * the number of the batch, the sample and, with `mask: 'step'`, the step (N. Srivastava et al., JMLR 15, 2014).
 *
 * @param rate - the share that is zeroed, from 0 to below 1
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for another rate
 */
export declare function dropout(rate: number, options?: DropoutOptions): Dropout;

/** What {@link dropout} may be told. */
export declare interface DropoutOptions extends MapOptions {
    /** What is zeroed or kept as a whole: elements (default), or channels with all their pixels, as of `torch.nn.Dropout2d`. */
    over?: 'elements' | 'channels';
    /**
     * How long a sample keeps its mask: the whole `'sequence'` (default), as SpikingJelly's `layer.Dropout`, or one `'step'`, as where
     * `torch.nn.Dropout` is called within a loop over time, the usual way in snnTorch.
     */
    mask?: 'sequence' | 'step';
}

/** Options of {@link writeDsec}. */
export declare interface DsecOptions {
    /** What is taken from each time before it is stored in 32 bits, and kept as `t_offset`. Default 0. */
    offset?: number;
}

/** The `dynamics` part of a description's node. */
export declare interface DynamicsSpec {
    readonly model: string;
    /** Of a custom neuron, whose `model` is `'custom'`. */
    readonly equations?: NeuronEquations;
    readonly params: Readonly<Record<string, number | readonly number[]>>;
    /** For parameters that the pixels of a channel share: the number of neighboring neurons with one value. */
    readonly shared?: Readonly<Record<string, number>>;
    readonly options: Readonly<Record<string, string | boolean>>;
    readonly learn?: readonly string[];
    readonly like?: string;
    readonly surrogate?: Surrogate;
    readonly smoothed?: number;
}

/** Ends training when a metric no longer improves. */
export declare interface EarlyStopping {
    /** Default `validationLoss` with validation data, else `loss`. */
    metric?: Metric;
    /** How many epochs without improvement to wait; default 5. */
    patience?: number;
    /** How much better an epoch must be to count as an improvement; default 0. */
    minDelta?: number;
    /** Ends with the weights of the best epoch; default true. */
    restoreBest?: boolean;
}

/** Who reads whom: `[from, to]`, or `[from, to, options]`. */
export declare type Edge = readonly [string, string] | readonly [string, string, EdgeOptions];

/** What an edge of a {@link GraphSpec} may say. */
export declare interface EdgeOptions {
    /**
     * The port of the population that is entered, such as `'inhibitory'`, or several, one for each part of what arrives.
     * Default: what arrives is cut into one part for each of the model's ports.
     */
    port?: string | readonly string[];
    /** The state of the source that is read. Default its spikes, or its first state where it does not spike. */
    state?: string;
    /**
     * Reads what the source gave in the step before; default false. Every cycle needs one such edge. It leaves a population
     * and leads to another, or to a dense or convolutional layer between two populations.
     */
    delayed?: boolean;
}

/**
 * exponential integrate-and-fire: `tauMem dv/dt = vLeak - v + deltaT exp((v - vT) / deltaT) + r x`.
 *
 * As computed: `v = v[t-1] + dt / tauMem (vLeak - v[t-1] + deltaT exp((v[t-1] - vT) / deltaT) + r x[t]), the exponent at most 50; s[t] = 1 if v >= vPeak else 0; v[t] = vReset if s[t] else v`. States:
 * - `v`: membrane potential
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: N. Fourcaud-Trocmé, D. Hansel, C. van Vreeswijk, N. Brunel, J. Neurosci. 23, 2003.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function eif<const N extends number = number>(options?: EifOptions<N>): Population<N>;

/** What {@link EifOptions} may hold. */
export declare interface EifFields<N extends number = number> extends PopulationOptions<N> {
    /** membrane time constant (ms); a number above 0; default 10. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** slope factor: how sharp the upstroke is (dimensionless); a number above 0; default 0.2. One number, or one a neuron. */
    deltaT?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke sets in (dimensionless); a finite number; default 0.8. One number, or one a neuron. */
    vT?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke is cut off and a spike emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vPeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (dimensionless); a finite number below vPeak; default 0. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 1. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'euler'`. */
    method?: 'euler' | 'rk4';
    /** what a spike does to v: set it to vReset, or take vPeak off it; default `'value'`. */
    reset?: 'value' | 'subtract' | 'zero';
    /** when the reset enters. With next-step it opens the next step, and the recorded v is the one before the reset; default `'same-step'`. */
    resetTiming?: 'same-step' | 'next-step';
    /** how v must compare to vPeak to spike; default `'>='`. */
    compare?: '>=' | '>';
    /** whether the reset of v is a constant for the gradient; what else a spike changes is not; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. spikingjelly: EIFNode, theta_rh is vT. v starts at vReset; v_reset=None is reset "subtract" with vReset 0. */
    like?: 'spikingjelly';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('tauMem' | 'deltaT' | 'vT' | 'vPeak')[];
}

/** Parameters and options of {@link eif}; of parameters that say the same thing, one. */
export declare type EifOptions<N extends number = number> = EifFields<N> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** {@link embedding} */
export declare interface Embedding<Size extends number = number> {
    readonly layer: 'embedding';
    readonly count: number;
    readonly size: Size;
    readonly name?: string;
    readonly initial?: Initialiser;
    readonly trainable?: boolean;
}

/**
 * A trained row for each number: `y = W[x]`, weights `[count, size]`. The input is `[time, batch, 1]` with numbers from 0 to
 * `count - 1` (`torch.nn.Embedding`). Only directly behind the input.
 *
 * @param count - how many numbers there are, at least 2
 * @param size - values of a row
 * @returns a layer from `[1]` to `[size]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer; when it runs, for another number
 */
export declare function embedding<const Size extends number>(count: number, size: Size, options?: EmbeddingOptions): Embedding<Size>;

/** What {@link embedding} may be told. */
export declare interface EmbeddingOptions extends MapOptions {
    /** Default `normal` with mean 0 and deviation 1, as torch's. */
    initial?: Initialiser;
    /** Whether training changes it; default true. */
    trainable?: boolean;
}

/** A batch without events. */
export declare function emptyBatch(): EventBatch;

/**
 * Encoders. `data` is `{ x, shape }`. Those that draw (`rate`, `poisson`) draw anew in each call, unless a
 * `seed` is given, and in a {@link DataLoader} by seed, epoch and sample: see {@link RandomOptions}.
 */
export declare const encode: Readonly<{
    /**
     * Bernoulli: a spike with probability clamp(gain x + offset, 0, 1) at each step. Shapes: `[…]` becomes `[steps, …]`, or without `steps` `[time, …]` remains `[time, …]`. Source: snnTorch's `spikegen.rate`.
     */
    rate: (data: ShapedData, options?: RateOptions) => Promise<Encoded>;
    /**
     * The probabilities that `rate` draws with, in the shape of the data. Shapes: the result has the shape of the data. Source: snnTorch's `spikegen.rate`.
     */
    rateProbabilities: (data: ShapedData, options?: RateProbabilitiesOptions) => Promise<Float32Array>;
    /**
     * A Poisson process a channel: rates in Hz; with `counts` more than one spike a step. Shapes: `[…]` becomes `[steps, …]`. Source: P. Dayan, L. F. Abbott, Theoretical Neuroscience, 2001, section 1.4.
     */
    poisson: (data: ShapedData, options: PoissonOptions) => Promise<Encoded>;
    /**
     * One spike a value, the earlier the larger: at step tau ln(x / (x - threshold)) + firstSpikeTime, or with `linear` -tau (x - 1) + firstSpikeTime. Shapes: `[…]` becomes `[steps, …]`. Source: snnTorch's `spikegen.latency`.
     */
    latency: (data: ShapedData, options?: LatencyOptions) => Promise<Encoded>;
    /**
     * The unrounded spike times of `latency`, in steps and in the shape of the data. Shapes: the result has the shape of the data. Source: snnTorch's `spikegen.latency`.
     */
    latencyTimes: (data: ShapedData, options?: LatencyTimesOptions) => Promise<Float32Array>;
    /**
     * A spike where a value rises by at least `threshold` from step to step; with `offSpike` -1 where it falls so far. The first axis is time; before it the values are 0, or those of the first step with `padding`. Shapes: `[time, …]` remains `[time, …]`. Source: snnTorch's `spikegen.delta`.
     */
    delta: (data: ShapedData, options?: DeltaOptions) => Promise<Encoded>;
    /**
     * The value itself at every step, scaled: gain x + offset. Shapes: `[…]` becomes `[steps, …]`. Source: N. Rathi, K. Roy, IEEE Transactions on Neural Networks and Learning Systems 34, 2023.
     */
    direct: (data: ShapedData, options: DirectOptions) => Promise<Encoded>;
    /**
     * The values of a sample (the first axis, of data with several) fire one after the other, the largest first, each once: the value of rank r of n spikes at step floor(r steps / n). Of equal values the first in memory is first; values at `threshold` or below do not spike. Shapes: `[…]` becomes `[steps, …]`. Source: S. Thorpe, J. Gautrais, Computational Neuroscience: Trends in Research, 1998.
     */
    rankOrder: (data: ShapedData, options: RankOrderOptions) => Promise<Encoded>;
    /**
     * The binary digits of a value of 0 to 1, the most significant first, one a step, again and again: a spike at step t where digit t mod period of floor(x 2^period) is 1. Shapes: `[…]` becomes `[steps, …]`. Source: J. Kim et al., Neurocomputing 311, 2018: weighted spikes.
     */
    phase: (data: ShapedData, options: PhaseOptions) => Promise<Encoded>;
    /**
     * The larger a value x of 0 to 1, the more spikes, and the closer together: ceil(spikes x) of them from step 0 on, every ceil(longest - (longest - shortest) x) steps. Shapes: `[…]` becomes `[steps, …]`. Source: W. Guo et al., Frontiers in Neuroscience 15, 2021.
     */
    burst: (data: ShapedData, options: BurstOptions) => Promise<Encoded>;
    /**
     * Each value excites neurons with overlapping Gaussian receptive fields, which spike the earlier the closer it is to their centers: field i, with its center at min + (2 i - 1) / 2 (max - min) / (neurons - 2), at step round((1 - excitation) (steps - 1)). Shapes: `[…]` becomes `[steps, …, neurons]`. Source: S. M. Bohte, J. N. Kok, H. La Poutré, Neurocomputing 48, 2002.
     */
    population: (data: ShapedData, options: PopulationCodeOptions) => Promise<Encoded>;
    /**
     * 1 or -1 where a signal is above or below a reference by more than `threshold`, which then moves by it. The first axis is time, and the first reference the first sample. Shapes: `[time, …]` remains `[time, …]`. Source: B. Petro, N. Kasabov, R. M. Kiss, IEEE Transactions on Neural Networks and Learning Systems 31, 2020.
     */
    stepForward: (data: ShapedData, options?: StepForwardOptions) => Promise<Encoded>;
    /**
     * 1 or -1 where a signal is above or below the mean of the last `window` samples by more than `threshold`. The first axis is time, and the first reference the first sample. Shapes: `[time, …]` remains `[time, …]`. Source: B. Petro, N. Kasabov, R. M. Kiss, IEEE Transactions on Neural Networks and Learning Systems 31, 2020.
     */
    movingWindow: (data: ShapedData, options: MovingWindowOptions) => Promise<Encoded>;
    /**
     * Ben's spiker algorithm: spikes whose convolution with `filter` is the signal, which goes from 0 to the filter's sum. A spike at each step t where Σ|x[t+k] - h[k]| <= Σ|x[t+k]| - threshold, and then x[t+k] -= h[k]. Shapes: `[time, …]` remains `[time, …]`. Source: B. Schrauwen, J. Van Campenhout, IJCNN 2003.
     */
    bsa: (data: ShapedData, options: BsaOptions) => Promise<Encoded>;
    /**
     * Hough's spiker algorithm: a spike at each step t where x[t+k] >= h[k] for every coefficient h[k] of `filter`, and then x[t+k] -= h[k]. The first axis is time; no spike comes so late that the filter ends after the signal. Shapes: `[time, …]` remains `[time, …]`. Source: M. Hough et al., International Conference on Robotics and Artificial Life, 1999.
     */
    hsa: (data: ShapedData, options: HsaOptions) => Promise<Encoded>;
}>;

/** Spikes (or, with `interpolate`, membrane targets) `[time, …]`, `…` being the shape of what was encoded. */
export declare interface Encoded {
    /** 0 and 1 unless targets say otherwise; `[time, …]` */
    x: Float32Array;
    shape: number[];
    steps: number;
}

/** Labels as spike trains or targets: `[time, batch, classes]`, or `[batch, classes]` without steps. */
export declare function encodeTargets(labels: WholeNumbers, classes: number, options: TargetOptions): Promise<Encoded>;

/** The last layer has a reason of its own, or `Why`. */
declare type Ending<R extends readonly Said[], Why extends Said> = R extends readonly [
...infer Others extends readonly Said[],
infer Last extends Said
] ? [...Others, [Last] extends [never] ? Why : Last] : R;

/** Energy of one sample in joules; `assumptions` of its `model` say what is counted and what is not. */
export declare interface EnergyEstimate {
    joules: number;
    /** The same network run dense: a multiply-add at every synapse and step. */
    denseJoules: number;
    /** `joules` by what they are spent for; their sum is `joules`. */
    parts: EnergyParts;
    /** `joules` by layer, in the order of `operations.layers`. */
    layers: {
        name: string;
        joules: number;
    }[];
    /** Of a model with memory: where weights, states and activations are kept. */
    levels?: MemoryLevels;
    model: EnergyModel;
}

/** An energy model: one of {@link energyModels}, or one with figures of your own. */
export declare type EnergyModel = ArithmeticEnergy | MemoryEnergy | ChipEnergy;

/** Energy models by name: every figure in joules, with its source. */
/** What every energy model has; see {@link energyModels}. */
export declare interface EnergyModelBase {
    readonly name: string;
    /** Where the figures are from. */
    readonly source: string;
    /** What is counted and what is not, one sentence each. */
    readonly assumptions: readonly string[];
}

/** Names of {@link energyModels}. */
export declare type EnergyModelName = `horowitz-45nm-${EnergyPrecision}` | `horowitz-45nm-memory-${EnergyPrecision}` | 'loihi' | 'truenorth' | 'spinnaker' | 'spinnaker2' | 'brainscales' | 'neurogrid' | 'odin' | 'reckon' | 'ubrain' | 'tianjic' | 'seneca';

/**
 * All energy models by name: 45 nm arithmetic of four precisions, the same with memory access, and chips with their published energy of
 * a synaptic operation. Figures in joules, each with its source and what it leaves out.
 */
export declare const energyModels: Readonly<Record<EnergyModelName, EnergyModel>>;

/** Joules of a sample by what they are spent for. A chip has one figure for all synaptic operations, which is in `arithmetic`. */
export declare interface EnergyParts {
    arithmetic: number;
    /** Reading weights. */
    weights: number;
    /** Reading and writing sums and states; of a chip, updates of neurons. */
    states: number;
    /** Reading inputs and writing outputs. */
    activations: number;
}

/** The precisions that a model of 45 nm arithmetic may have. */
export declare type EnergyPrecision = 'fp32' | 'fp16' | 'int32' | 'int8';

/** Energies of some models as a table: of the network as counted, and dense. */
export declare function energyTable(estimates: readonly EnergyEstimate[]): string;

/** The limits, as {@link setEngineLimits} sets them. */
export declare interface EngineLimits {
    /**
     * Long tasks that run at once, 1 to 64. The others are paused, and all take turns in slices of 100 ms. A
     * task is long once it has run for 20 ms. `'auto'` (default): as many tasks as have together no more
     * threads than the machine, but at least two.
     */
    running: number | 'auto';
    /** Calls that may wait before further calls are refused with `busy`; default `Infinity`. */
    queued: number;
}

/** A snapshot of the engine. All worker threads of the process share one engine. */
export declare interface EngineStatus {
    /** Calls that have started, in the order of their start. */
    tasks: EngineTask[];
    /** Calls that have not started: calls behind others on the same model, and long tasks. */
    queued: number;
    /** Threads that the engine has started, including idle ones, and the maximum for all tasks together. */
    threads: number;
    mostThreads: number;
    limits: EngineLimits;
}

/** A snapshot of the running and the waiting calls. */
export declare function engineStatus(): EngineStatus;

/** A call that has started and not ended. */
export declare interface EngineTask {
    /** Number of the call within the process. */
    id: number;
    /**
     * The kind of work, by the engine's name: `run`, `trainStep`, `evaluateStep` (also of `predict`),
     * `simulation.run`, `compile`, `encode` …
     */
    name: string;
    /** Threads that the call asked for. */
    threads: number;
    /** Whether the call is paused in favor of other long tasks. */
    paused: boolean;
    /** Time in the queue before the start, in ms. */
    waitedMs: number;
    /** Time since the start, in ms, including pauses. */
    sinceStartMs: number;
}

/** The message on the channels `lapicque:task:queued`, `lapicque:task:started` and `lapicque:task:ended`. */
export declare interface EngineTaskEvent {
    stage: 'queued' | 'started' | 'ended';
    id: number;
    name: string;
    threads: number;
    /** Numbers of calls of the process that waited and that ran at that moment. */
    queued: number;
    running: number;
    /** Time in the queue, in ms; present once the call has started. */
    waitedMs?: number;
    /** Time that the call ran without pauses, and time that it was paused, in ms; present once it has ended. */
    runMs?: number;
    pausedMs?: number;
    /** `done` or the code of the error; present once the call has ended. */
    outcome?: string;
}

/** The side behind a transposed convolution: `(side - 1) stride + reach + outputPadding - 2 padding`; 0 where nothing is left. */
declare type Enlarged<W extends SlidingWindow, Further extends readonly number[], Axis, Pixels extends number> = OrNone<Subtract<Add<Multiply<Subtract<Pixels, 1>, At<W['stride'], Axis>>, Add<Reach<W, Axis>, At<Further, Axis>>>, Multiply<2, At<W['padding'], Axis>>>>;

/** What enters layers, as the first of them with sizes tells. */
declare type Entry<L extends readonly unknown[]> = L extends readonly [infer First, ...infer Rest] ? [First] extends [Keeping | Population] ? Known<Taken<First>, Entry<Rest>> : Taken<First> : Sizes;

/** The engine's binary and machine. */
export declare interface Environment {
    /** Version of the addon. */
    version: string;
    /** The target that it was built for. */
    target: string;
    /** The SIMD level in use: `portable` (NEON on 64-bit ARM), `avx2` or `avx512`. */
    simd: string;
    /** All SIMD levels that this CPU supports. */
    simdAvailable: string[];
    /** Number of threads of one task. */
    threads: number;
    /** Number of hardware threads of the machine. */
    availableThreads: number;
    /**
     * The maximum that `setThreads`, `threads` of a simulation and `LAPICQUE_THREADS` accept: four times the
     * threads of the machine, and at least 64.
     */
    mostThreads: number;
    cpuFeatures: string[];
}

/** The binary, the SIMD level and the number of threads in use. */
export declare function environment(): Environment;

/** One epoch's record. */
export declare interface EpochRecord {
    /** From 1. */
    epoch: number;
    loss: number;
    /** 0 to 1; NaN for targets that are not one label per sample. */
    accuracy: number;
    validationLoss?: number;
    validationAccuracy?: number;
    /** Factor of the schedule in this epoch's last step. */
    lrFactor: number;
    seconds: number;
}

/**
 * Surrogate gradient `alpha / sqrt(pi) exp(-(alpha x)^2)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 Erf.
 */
declare function erf(options?: {
    /** a number above 0; default 2. */
    alpha?: number;
}): Surrogate;

/** The stable codes. */
export declare type ErrorCode = keyof ErrorFields;

/** The fields of each error code. A code never changes once it has been released. */
export declare interface ErrorFields {
    /** Two things do not fit together, or an array has the wrong number of elements. */
    'shape-mismatch': {
        layer: string;
        expected: string;
        got: string;
    };
    /**
     * A name (an option, a layer, a neuron model …) that does not exist, with a similar existing name; or, without a similar one, with `known`,
     * the existing names, if they are few.
     */
    'unknown-name': {
        kind: string;
        name: string;
        didYouMean?: string;
        known?: readonly string[];
    };
    /** A value of the wrong type or out of range. */
    'invalid-parameter': {
        name: string;
        value: string;
        expected: string;
    };
    /** An error in a user's equation; `frame` shows the line and points at the column. */
    equation: {
        line: number;
        column: number;
        reason: string;
        frame: string;
    };
    /**
     * Weights of another library that do not fit the model. `model` and `tensors` are the names on both sides that are left
     * over, do not fit one another, or are ambiguous.
     */
    'weights-mismatch': {
        model: readonly string[];
        tensors: readonly string[];
        reason: string;
    };
    /** NaN or an infinity where a finite number is needed. */
    'non-finite': {
        layer: string;
        step: number;
        name: string;
    };
    /** A feature that the format or the machine does not support. */
    unsupported: {
        feature: string;
        format: string;
    };
    /** A file that is not what it claims to be; `offset` is in bytes of the uncompressed content. */
    'malformed-file': {
        format: string;
        offset: number;
        reason: string;
    };
    /** Sizes in bytes. */
    'too-large': {
        what: string;
        needed: number;
        allowed: number;
    };
    /** The operating system refused to read or write. */
    io: {
        path: string;
        reason: string;
        /** The system's name of the reason, such as `ENOENT` or `ENOSPC`, if there is one (not on Windows). */
        errno?: string;
    };
    /** The engine's queue is full: as many calls wait as `setEngineLimits` allows. Try again later. */
    busy: {
        queued: number;
        limit: number;
    };
    /**
     * A trial of a study ends early because its pruner or its objective requested it. The error passes through
     * the objective.
     */
    pruned: {
        trial: number;
        step?: number;
    };
    /** A trial of a study did not end within its time limit. */
    'time-limit': {
        what: string;
        seconds: number;
    };
    /** The process that ran a trial of a study ended before the trial did. */
    'process-exit': {
        what: string;
        status: string;
    };
    /** Cancelled through an `AbortSignal`; `name` is `AbortError`, `cause` the signal's reason. */
    aborted: Record<never, never>;
    /** Use of a handle whose native memory has been freed. */
    disposed: {
        what: string;
    };
    /** A bug of lapicque: please report it. */
    internal: {
        reason: string;
    };
}

/**
 * Energy of a sample by an energy model.
 *
 * @param counted - what {@link operations} returns
 * @param model - one of {@link energyModels} by name, or a model with figures of your own
 * @param options - `levels`: of a model with memory, where weights, states or activations are kept; default the smallest memory that holds them
 * @throws LapicqueError `unknown-name` for the name of a model that does not exist; `invalid-parameter` for figures that are negative or no numbers,
 * and for `levels` of a model without memory
 */
export declare function estimateEnergy(counted: CountedOperations, model?: EnergyModelName | EnergyModel, options?: {
    levels?: Partial<MemoryLevels>;
}): EnergyEstimate;

/** Options of {@link Circuit.estimate}; see {@link CompileOptions}. */
export declare type EstimateOptions = Pick<CompileOptions, 'dt' | 'precision' | 'threads' | 'signal'>;

/**
 * The value and gradient of a loss for outputs at hand, as `fit` computes them; in double precision where an output is a
 * `Float64Array`, as the `v` of {@link Model.forward} is, and then with gradients in arrays of that kind. So a sum of losses is a
 * few lines:
 *
 * ```ts
 * const out = await model.forward(batch);
 * const a = await evaluateLoss(loss.crossEntropyMembrane(), out, batch.y);
 * const b = await evaluateLoss(loss.meanSquaredMembrane({ onTarget: 1, offTarget: 1 }), out, batch.y);
 * await out.backward({ v: a.gradV.map((g, i) => 0.95 * g + 0.05 * b.gradV[i]!) });
 * await model.step(optimizer);
 * ```
 *
 * Graded spikes are to be given with their values; `forward` and `run` tell 0 and 1 of them.
 *
 * @param targets - labels `[batch]`, or for a cross-entropy of each step `[time, batch]`, as whole numbers of any width, or values `[batch, neurons]` or
 * `[time, batch, neurons]`
 * @param lengths - steps of each sample that count, `[batch]`
 * @throws LapicqueError `invalid-parameter` for a label out of range or an option the loss does not read,
 * `shape-mismatch` for arrays that do not fit, `non-finite` for outputs that are not numbers, or so large that the loss
 * or its gradient is not one
 */
export declare function evaluateLoss<A extends Float32Array | Float64Array>(spec: Loss, outputs: LossOutputs<A> & {
    v: A;
}, targets: WholeNumbers | Float32Array | Float64Array, lengths?: WholeNumbers): Promise<LossValue<A> & {
    gradV: A;
}>;

export declare function evaluateLoss<A extends Float32Array | Float64Array = Float32Array>(spec: Loss, outputs: LossOutputs<A>, targets: WholeNumbers | Float32Array | Float64Array, lengths?: WholeNumbers): Promise<LossValue<A>>;

/** Options of `model.evaluate`. */
export declare interface EvaluateOptions extends InputOptions, TaskOptions {
    loss: Loss | OwnLoss;
    /** The criterion of the label; default the one of the loss, see {@link Decision}. */
    by?: Decision;
    regularisers?: readonly Regulariser[];
}

/**
 * The value of a penalty for spikes at hand, as a regularizer of `fit` adds it to the loss of a batch.
 *
 * @param spikes - `[time, batch, neurons]`, 0 and 1 or graded
 * @param lengths - steps of each sample that count, `[batch]`
 * @throws LapicqueError `invalid-parameter`, `unknown-name`, `shape-mismatch`, `non-finite`
 */
export declare function evaluatePenalty(penalty: Penalty, spikes: Float32Array, shape: readonly [number, number, number], lengths?: WholeNumbers): Promise<number>;

/** What {@link Model.evaluateStep} does with a batch. */
export declare type EvaluateStepOptions = Pick<TrainStepOptions, 'loss' | 'regularisers' | 'segment' | 'by' | 'steps' | 'signal' | 'onProgress'>;

/** What a data set says about a model. */
export declare interface Evaluation {
    /** Mean over samples. */
    loss: number;
    /** Share of samples with the right label, 0 to 1; NaN where the targets of a batch are not one label per sample. */
    accuracy: number;
    samples: number;
    /** `confusion[label][predicted]`, numbers of samples, `[classes, classes]`; empty where the accuracy is NaN. */
    confusion: number[][];
    /** Mean number of spikes a sample of each population, also in the steps behind the `lengths` of samples, which run too. */
    spikesPerSample: Record<string, number>;
    /** Mean number of input spikes (or non-zero values) a sample, of all steps likewise. */
    inputEventsPerSample: number;
    /** `spikesPerSample` beside the sizes of the populations that spike, and the mean number of steps of a sample: as a report takes it. */
    activity: {
        steps: number;
        layers: {
            name: string;
            neurons: number;
            spikes: number;
        }[];
    };
}

/**
 * A piece of a recording: the columns of its events, equally long, and what else the file has between them.
 *
 * Times are whole microseconds in a Float64Array: exact up to 2^53 (285 years; Unix times in microseconds are below 2^51), and ordinary
 * numbers in JavaScript. A BigInt64Array would be as exact, but each `BigInt` is an object of its own: sums over it are some ten times as slow,
 * and `Math` does not take them. A file with a time beyond 2^53 is refused as `malformed-file`.
 */
export declare interface EventBatch {
    /** Microseconds, as stored in the file (see `origin`), counter loops added. Whole numbers, usually not decreasing. */
    readonly t: Float64Array;
    /** Column, as stored: no flip. */
    readonly x: Uint16Array;
    /** Row, as stored: no flip. */
    readonly y: Uint16Array;
    /** 0 or 1, as stored: no inversion. 1 is ON (brighter) in every format but those of jAER's DVS128, see docs/event-files.md. */
    readonly polarity: Uint8Array;
    /** Red, green and blue of each event, of color `.es` files. */
    readonly colors?: {
        readonly r: Uint8Array;
        readonly g: Uint8Array;
        readonly b: Uint8Array;
    } | undefined;
    /** 1 where an event belongs to an exposure measurement, of ATIS `.es` files. */
    readonly exposure?: Uint8Array | undefined;
    /** The address word as stored, of headerless AER files; `x` is its lower half and `y` its upper half. */
    readonly address?: Uint32Array | undefined;
    /** The bytes of each event, of generic `.es` files; `x`, `y` and `polarity` are 0. */
    readonly payload?: readonly Uint8Array[] | undefined;
    /** Only where there are some. */
    readonly triggers?: Triggers | undefined;
    /** Only where there are some. */
    readonly imu?: ImuSamples | undefined;
    /** Only where there are some. */
    readonly frames?: readonly EventFrame[] | undefined;
}

/**
 * An event camera: each pixel sends an event when its log intensity has moved by a threshold since its last one. Between two frames
 * the log intensity moves along a straight line (ESIM, Rebecq et al. 2018); mismatch, bandwidth, leak, shot noise and refractory
 * period as v2e (Hu et al. 2021) describes them. A pixel that does not change costs a comparison.
 *
 * @example
 * ```ts
 * using camera = eventCamera({ width: 2, height: 1, on: 0.1 });
 * camera.push(Float32Array.of(0.5, 0.5), 0);
 * const { t, x } = camera.push(Float32Array.of(0.5, 1), 10_000); // six events of pixel 1
 * ```
 */
export declare function eventCamera(options: EventCameraOptions): EventSensor;

/** Options of {@link eventCamera}. */
export declare interface EventCameraOptions {
    width: number;
    height: number;
    /** Change of the response that gives an event, up and down. Default 0.2 (of the natural logarithm: 22 % more light). */
    on?: number;
    off?: number;
    /** Standard deviation of these thresholds over pixels, in the same units; none is below 0.01. Default 0. */
    mismatch?: number;
    /**
     * `log`: ln(offset + intensity), offset default 0.001, as ESIM (default); `lin-log`: as v2e, for intensities of 0 to 255, a straight
     * line up to `threshold` (default 20); `linear`: the value itself.
     */
    response?: CameraResponse;
    /** Cutoff of a low-pass filter before the comparison, in Hz; default none. */
    bandwidth?: number;
    /** The cutoff falls with the light, to 7 % in the dark. Default false. */
    darkBandwidth?: boolean;
    /** On events per second that each pixel sends where nothing changes, in Hz. Default 0. */
    leak?: number;
    /** Random events per second of a pixel in the dark, in Hz; a quarter of them where it is brightest. Default 0. */
    shotNoise?: number;
    /** An event so soon after its pixel's last one is lost, in µs. Default 0. */
    refractory?: number;
    /** The brightest intensity: what `shotNoise` and `darkBandwidth` refer to. Default 1. */
    brightest?: number;
    /** Of mismatch and shot noise. Default 0. */
    seed?: number;
}

/**
 * Events as points in space and time, seen from the side: time runs to the right, columns go into the depth, rows run down. Of more than 20,000 events
 * every n-th is drawn, and the caption says so.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function eventCloud(events: FigureEvents, options?: EventFigureOptions): Promise<Figure>;

/** Recordings with their labels, read when they are asked for. */
export declare interface EventDataset extends Dataset<EventExample>, Disposable {
    readonly samples: readonly EventSample[];
    readonly classes: number;
    readonly sensor: PixelArray | undefined;
    /** The events of a sample, without transforms. */
    events(index: number): Promise<EventBatch & {
        readonly sensor: PixelArray;
    }>;
    /** Compares numbers of samples, and the MD5 of the authors' archives that lie in the folder. */
    verify(options?: {
        signal?: AbortSignal;
    }): Promise<DatasetCheck>;
    /** Closes the file of SHD and SSC. */
    dispose(): void;
}

/**
 * A local copy of an event data set in the layout its authors ship, or your own recordings given by an index. Nothing is downloaded: where
 * a folder does not hold the data set, the error says what must be there and where to get it.
 *
 * @param source - the folder, or a list of {@link EventSample}
 * @example
 * ```ts
 * const train = await eventDataset('data/n-mnist', {
 *   kind: 'n-mnist',
 *   representation: represent.frames({ timeBins: 10, binary: true }),
 *   augment: [eventTransform.jitter({ x: 0.7, y: 0.7 }), eventTransform.drop({ probability: 0.1 })],
 * });
 * const loader = new DataLoader(train, { batchSize: 64, shuffle: true, sequences: true });
 * await model.fit(loader, { epochs: 3, loss: loss.crossEntropyCount(), optimizer: adam() });
 * ```
 * @throws LapicqueError `io` for a folder that does not hold it, `invalid-parameter`, `malformed-file` for a list of trials that cannot be read
 */
export declare function eventDataset(source: string | URL | readonly EventSample[], options: EventDatasetOptions): Promise<EventDataset>;

/** Data sets that {@link eventDataset} knows. */
export declare type EventDatasetName = 'n-mnist' | 'n-cars' | 'cifar10-dvs' | 'dvs-gesture' | 'shd' | 'ssc';

/** Options of {@link eventDataset}. */
export declare interface EventDatasetOptions {
    /** Which data set the folder is a copy of; not with an index. */
    kind?: EventDatasetName;
    /** Default `train`; of CIFAR10-DVS, which its authors do not split, `all`; of SSC also `valid`. */
    split?: 'train' | 'valid' | 'test' | 'all';
    /** What a sample becomes: frames, a voxel grid, surfaces. */
    representation: EventRepresentation<'frames'>;
    /** Come before, always. */
    transforms?: readonly EventTransform[];
    /** Come before too: what they draw follows from the loader's seed, epoch and the sample, as for encoders. */
    augment?: readonly EventTransform[];
    /** Of an index: pixels of the recordings; default what their files say. */
    sensor?: PixelArray;
}

/** A sample as {@link DataLoader} collates it; with `sequences: true` to `[time, sample, …]`. */
export declare interface EventExample {
    readonly x: Float32Array;
    /** `[frames, …]` */
    readonly shape: readonly number[];
    readonly y: number;
}

/** Options of {@link eventFrame} and {@link eventCloud}. */
declare interface EventFigureOptions extends FigureOptions {
    /** The time that is shown, `[start, end]` in µs, the end not included; default all. */
    window?: readonly [number, number];
}

/** The name of a format, see docs/event-files.md. */
export declare type EventFormat = 'aedat2' | 'aedat3.1' | 'aedat4' | 'aer' | 'csv' | 'dat' | 'es' | 'evt2' | 'evt21' | 'evt3' | 'evt4' | 'nmnist' | 'npy' | 'npz' | 'hdf5';

/** An image of a camera that has both events and frames. */
export declare interface EventFrame {
    /** Microseconds, as {@link EventBatch.t}. */
    readonly t: number;
    readonly exposureStart: number;
    readonly exposureEnd: number;
    readonly width: number;
    readonly height: number;
    /** Of the first pixel, on the sensor. */
    readonly x: number;
    readonly y: number;
    readonly channels: 1 | 3 | 4;
    /** `[height][width][channels]`; channels are blue, green, red, alpha. Uint16Array of AEDAT 3.1, which has 16 bits. */
    readonly pixels: Uint8Array | Uint16Array;
}

/**
 * Events of a time window by pixel, ON and OFF beside each other. The darkness of a pixel is its number of events.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function eventFrame(events: FigureEvents, options?: EventFigureOptions): Promise<Figure>;

/** Frames that became complete together. */
export declare interface EventFrames {
    /** One frame after the other. */
    readonly x: Float32Array;
    /** `[frames, …]` */
    readonly shape: readonly number[];
    /** When each begins and ends (the end not included), in µs. */
    readonly starts: Float64Array;
    readonly ends: Float64Array;
    /** Events of each. */
    readonly counts: Float64Array;
}

/** Options of {@link transformEvents} and {@link representEvents}. */
export declare interface EventPipelineOptions {
    /** Pixels of the source; needed where it does not know them. */
    sensor?: PixelArray;
    /** Of transforms that draw: an integer from 0. Default the loader's in a {@link DataLoader}, else {@link setSeed}'s. */
    seed?: number;
    /** Tells apart draws of one seed; default as for encoders (see {@link RandomOptions}). */
    stream?: number;
    /** Ends the stream between two batches. */
    signal?: AbortSignal;
}

/** An open recording. Iterating it reads from where it stands to the end; it can be iterated again after `seek(0)`. */
export declare interface EventReader extends AsyncIterable<EventBatch> {
    /** The name of the format, such as `evt3`. */
    readonly format: string;
    /** `undefined` where the file does not say and no option did. */
    readonly sensor: Sensor | undefined;
    /** Microseconds of one unit of `t`: 1 but for headerless AER files, whose option `tick` says it. */
    readonly tick: number;
    /** What the file's header says in words, such as `Date` or `camera`. */
    readonly metadata: ReadonlyMap<string, string>;
    /** So far; it is complete when the last batch has been read. */
    readonly warnings: readonly EventWarning[];
    /** The next batch, or `undefined` at the end. Not while another call is under way. */
    read(): Promise<EventBatch | undefined>;
    /** The next batch begins with the first event of the file at or after a time (in the unit and origin of `t`). */
    seek(time: number): Promise<void>;
    /** Gives the file free. Twice is as good as once. */
    close(): void;
    [Symbol.dispose](): void;
}

/** All events of a recording. */
export declare interface EventRecording extends EventBatch {
    readonly format: string;
    readonly sensor: Sensor | undefined;
    readonly tick: number;
    readonly metadata: ReadonlyMap<string, string>;
    readonly warnings: readonly EventWarning[];
}

/** What {@link representEvents} makes of events; made by a function of {@link represent}. `F` is the kind of output. */
export declare interface EventRepresentation<F extends 'frames' | 'sparse' | 'slices' = 'frames' | 'sparse' | 'slices'> {
    readonly kind: string;
    readonly gives: F;
    readonly [option: string]: unknown;
}

/** A sample of an index: a recording or a part of one. */
export declare interface EventSample {
    /** Of an event file, in any format that {@link openEvents} reads. */
    readonly path: string;
    /** Its class, from 0. */
    readonly label: number;
    /** Part of the recording, in µs as stored: from `start` to before `end`. Default all. */
    readonly start?: number;
    readonly end?: number;
    /** Number of the sample in a file of several (SHD, SSC). */
    readonly sample?: number;
}

/** A sensor that is fed piece by piece, and gives the events of the time since the last piece. */
export declare class EventSensor implements Disposable {
    #private;
    /** What its events look like. */
    readonly sensor: Required<PixelArray>;
    /**
     * The events up to a time.
     *
     * @param values - of a camera: intensities `[height, width]`, rows one after the other; of {@link levelCrossing} a value for each
     * channel; of a {@link cochlea} samples of sound, any number
     * @param t - their time in µs, after that of the last call. Of a cochlea: of the first sample ever, default 0
     * @throws LapicqueError `shape-mismatch`, `invalid-parameter`, `disposed`
     */
    push(values: Float32Array, t?: number): EventBatch;
    /** Several pieces at once: `values` is `[times, …]`. */
    pushAll(values: Float32Array, times: Float64Array): EventBatch;
    /** Values worked on so far: what stands still is compared with what was before, and then left alone. */
    get operations(): number;
    dispose(): void;
    [Symbol.dispose](): void;
}

/** A stream through a session. It can be iterated once, and gives the steps that had input or output. */
export declare interface EventSession extends AsyncIterable<StreamedStep> {
    /** So far; final when the iteration has ended. */
    readonly statistics: StreamStatistics;
    /** To the end: output spikes of each neuron. */
    count(outputs: number): Promise<{
        readonly counts: Uint32Array;
        readonly statistics: StreamStatistics;
    }>;
}

/** A window's events. */
export declare interface EventSlice extends EventBatch {
    readonly start: number;
    readonly end: number;
}

/** A recording, its batches, or one batch. A reader and what {@link transformEvents} gives know their sensor. */
declare type EventSource_2 = EventReader | EventStream | AsyncIterable<EventBatch> | Iterable<EventBatch> | EventBatch | (EventBatch & {
    readonly sensor: Sensor | undefined;
});
export { EventSource_2 as EventSource }

/** The bytes of a recording; option `format` is needed. @throws LapicqueError as {@link writeEvents} */
export declare function eventsToBytes(events: EventBatch | AsyncIterable<EventBatch> | Iterable<EventBatch>, options: WriteEventsOptions): Promise<Uint8Array<ArrayBuffer>>;

/** Events on their way: batches, with the sensor that they belong to. It can be iterated once. */
export declare interface EventStream extends AsyncIterable<EventBatch> {
    readonly sensor: Required<PixelArray>;
    /** All events in one batch. */
    collect(): Promise<EventBatch & {
        readonly sensor: Required<PixelArray>;
    }>;
}

/** A step of {@link transformEvents}, made by a function of {@link eventTransform}. */
export declare interface EventTransform {
    readonly kind: string;
    readonly [option: string]: unknown;
}

/**
 * Transforms, each with the state that it carries from one batch to the next: the result does not depend on how a stream is cut.
 * Times are in µs. Those that draw do so by the seed of {@link transformEvents} and the number of the event; what is drawn *once* is
 * drawn when a stream begins.
 */
export declare const eventTransform: Readonly<{
    /** Times from the first event on: `t - t[0]` (tonic's `TimeAlignment`). */
    align: () => EventTransform;
    /**
     * The events of a rectangle, with coordinates from its corner on. Without `x` and `y` it lies in the middle (`CenterCrop`; a larger one
     * adds a margin), or with `position: 'random'` anywhere, drawn once (`RandomCrop`).
     */
    crop: (options: {
        width: number;
        height: number;
        x?: number;
        y?: number;
        position?: 'center' | 'random';
    }) => EventTransform;
    /** The events from `from` to `to`, both included (`CropTime`). */
    cropTime: (options: {
        from?: number;
        to?: number;
    }) => EventTransform;
    /** Every n-th event of each pixel (`Decimation`). */
    decimate: (options: {
        n: number;
    }) => EventTransform;
    /**
     * Drops an event unless one of the four pixels beside it had one less than `time` before (`Denoise`). tonic also keeps all events with
     * `t < time`; with `like: 'tonic'` so does this.
     */
    denoise: (options: {
        time: number;
        like?: 'tonic';
    }) => EventTransform;
    /**
     * Coarser pixels: coordinates times a factor, cut to whole numbers (`Downsample`). `factor`, or the new `width` and `height`;
     * `timeFactor` does the same to times. No event is lost.
     */
    downsample: (options: {
        width?: number;
        height?: number;
        factor?: number;
        timeFactor?: number;
    }) => EventTransform;
    /** Drops each event with a probability (`DropEvent`, which drops an exact share of a whole recording). */
    drop: (options: {
        probability: number;
    }) => EventTransform;
    /** Drops the events of a rectangle of `ratio` times width and height, its place drawn once (`DropEventByArea`). */
    dropArea: (options: {
        ratio: number;
    }) => EventTransform;
    /**
     * Drops the events of an interval of `ratio` times the duration, its place drawn once (`DropEventByTime`). Without `duration` all
     * events are kept in memory until the end.
     */
    dropTime: (options: {
        ratio: number;
        duration?: number;
    }) => EventTransform;
    /** Drops all events of pixels: those given (`DropPixel`), and others with a probability, drawn once (`RandomDropPixel`). */
    dropPixels: (options: {
        pixels?: readonly (readonly [number, number])[];
        probability?: number;
    }) => EventTransform;
    /** Mirrors columns, rows or polarities, each with a probability, drawn once (`RandomFlipLR`, `RandomFlipUD`, `RandomFlipPolarity`). */
    flip: (options: {
        x?: number;
        y?: number;
        polarity?: number;
    }) => EventTransform;
    /**
     * Drops pixels that fire at more than `frequency` Hz (`DropPixel`): over the whole recording, which is kept in memory until its end, or
     * over the first `learn` µs.
     */
    hotPixels: (options: {
        frequency: number;
        learn?: number;
    }) => EventTransform;
    /**
     * Moves pixels by normal numbers with standard deviations `x` and `y`, rounded; events moved off the sensor are dropped
     * (`SpatialJitter`, which takes variances, and cuts instead of rounding: half a pixel to the left and up on average).
     */
    jitter: (options: {
        x?: number;
        y?: number;
    }) => EventTransform;
    /** All polarities become 0; the sensor has one polarity from there on (`MergePolarities`). */
    mergePolarities: () => EventTransform;
    /** Adds a Poisson process of `rate` Hz a pixel between the first and the last event (`UniformNoise`, which adds a number). */
    noise: (options: {
        rate: number;
    }) => EventTransform;
    /**
     * Drops an event that comes at most `time` after its pixel's last one (`RefractoryPeriod`): `from: 'last'` (default) after the last
     * event, as tonic; `'kept'` after the last one that was kept, as a sensor rests. With `like: 'tonic'` first events at time 0 are
     * lost, too.
     */
    refractory: (options: {
        time: number;
        from?: 'last' | 'kept';
        like?: 'tonic';
    }) => EventTransform;
    /** Puts events in the order of time that are at most `within` µs late; a later one is an error. */
    reorder: (options: {
        within: number;
    }) => EventTransform;
    /**
     * The stream backwards, on and off exchanged unless `flipPolarity: false` (`RandomTimeReversal`), with a probability (default 1), drawn
     * once. All events are kept in memory until the end.
     */
    reverse: (options?: {
        probability?: number;
        flipPolarity?: boolean;
    }) => EventTransform;
    /**
     * Turns the image counter-clockwise by `angle` degrees, plus one from -`range` to `range`, drawn once. Quarter turns are exact, and
     * width and height change places; else pixels go to the nearest one, and what leaves the sensor is dropped.
     */
    rotate: (options: {
        angle?: number;
        range?: number;
    }) => EventTransform;
    /**
     * Moves times by normal numbers with standard deviation `std`, rounded, and puts events in order again unless `sort: false`
     * (`TimeJitter`). `clipNegative` drops those before 0.
     */
    timeJitter: (options: {
        std: number;
        clipNegative?: boolean;
        sort?: boolean;
    }) => EventTransform;
}>;

/** Something about a recording that is not right but did not stop its reading. */
export declare interface EventWarning {
    /** `truncated`: the file ends early; `unordered`: times go back; `outside`: an event lies beyond the sensor; `skipped`: events were left out. */
    readonly kind: 'truncated' | 'unordered' | 'outside' | 'skipped';
    /** In bytes of the file. */
    readonly offset: number;
    readonly message: string;
}

/** A recording that is being written. Nothing is at the path before `close` has succeeded. */
export declare interface EventWriter {
    readonly format: string;
    /** Events go behind those written so far. */
    write(batch: EventBatch): Promise<void>;
    /** Completes the file. */
    close(): Promise<void>;
    /** Gives up: what was written is deleted. */
    abort(): void;
    [Symbol.dispose](): void;
}

/** Contents of files beside the network, by their names, where the network itself came as bytes. */
export declare type ExternalData = Readonly<Record<string, Uint8Array>>;

/** A row that failed; its columns are NaN. */
export declare interface FailedRow {
    readonly row: number;
    readonly error: LapicqueError;
}

/** A row whose training failed; its columns are NaN. */
export declare interface FailedTraining {
    readonly row: number;
    readonly error: Error;
}

/**
 * Surrogate gradient `min(1 / |x|, alpha)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 FakeNumericalGradient.
 */
declare function fakeNumericalGradient(options?: {
    /** a number above 0; default 0.3. */
    alpha?: number;
}): Surrogate;

/**
 * Fano factor of the trains' spike counts, where each train is one trial of a neuron: the variance (over n) divided by
 * the mean. NaN without a spike.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function fanoFactor(trains: GivenSpikeTrains, options?: TaskOptions): Promise<number>;

/**
 * Surrogate gradient `1 / (1 + slope |x|)^2` with `x = v - vThreshold`.
 * Source: F. Zenke, S. Ganguli 2018; snnTorch 1.0.0 fast_sigmoid.
 */
declare function fastSigmoid(options?: {
    /** a number of at least 0; default 25, under `like: 'norse'` 1. */
    slope?: number;
}): Surrogate;

/** f–I curves: firing rate against input current. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function fi(curves: FiCurve | Readonly<Record<string, FiCurve>>, options?: FiOptions): Promise<Figure>;

/** A relation of current and rate. */
declare interface FiCurve {
    /** Input currents. */
    readonly currents: ArrayLike<number>;
    /** Firing rates in Hz, one per current. */
    readonly rates: ArrayLike<number>;
}

/**
 * A figure. Functions such as `figure.raster` return one; nothing is drawn before a format is asked for. PNG and PDF need the package `@lapicque/report`; SVG and HTML need nothing.
 *
 * @example
 * ```ts
 * const spikes = await figure.raster(recording, { width: '85mm', fontSize: '8pt' });
 * await spikes.save('raster.pdf');
 * ```
 */
declare class Figure {
    #private;
    /** The description of the figure as plain data. It may be changed before the figure is drawn. */
    readonly spec: FigureSpec;
    /** Its appearance. */
    readonly options: FigureOptions;
    /** @throws LapicqueError `invalid-parameter`, `unknown-name` for options */
    constructor(spec: FigureSpec, options?: FigureOptions);
    /** The same figure with another appearance. The description is shared. */
    with(options: FigureOptions): Figure;
    /** The figure as an SVG document. @throws LapicqueError `invalid-parameter` for a description that cannot be drawn */
    svg(): Promise<string>;
    /** The figure as the bytes of a PNG file. @throws LapicqueError as {@link svg}; `unsupported` without `@lapicque/report` */
    png(options?: FigurePngOptions): Promise<Uint8Array>;
    /** The figure as the bytes of a PDF file of one page, with its fonts. @throws LapicqueError as {@link png} */
    pdf(): Promise<Uint8Array>;
    /** The figure as an HTML page that loads nothing else. @throws LapicqueError as {@link svg} */
    html(): Promise<string>;
    /**
     * Writes the figure to a file, whose ending chooses the format: `.svg`, `.png`, `.pdf` or `.html`. An existing file is replaced atomically.
     *
     * @throws LapicqueError as {@link png}; `invalid-parameter` for another ending, `io`
     */
    save(path: string | URL, options?: FigurePngOptions): Promise<void>;
}

export declare namespace figure {
    export {
        AccuracyCurve,
        Activity,
        ComparedCosts,
        Costs,
        LayerActivity,
        LayerCosts,
        beside,
        Figure,
        FigurePngOptions,
        FigureAxisOptions,
        FigureLength,
        FigureOptions,
        ArrowMark,
        AxisSpec,
        BandMark,
        BarsMark,
        BoxesMark,
        CellsMark,
        FigureColor,
        FigureSpec,
        LegendEntrySpec,
        LineMark,
        MarkSpec,
        PanelSpec,
        PointsMark,
        RuleMark,
        TextMark,
        TicksMark,
        VectorsMark,
        FigureTheme,
        EventFigureOptions,
        FigureEvents,
        FigureTable,
        PhaseDiagramOptions,
        PhasePlaneOptions,
        Trajectory,
        FigureSpikes,
        CorrelogramOptions,
        IsiOptions,
        PsthOptions,
        RasterOptions,
        RateOptions_2 as RateOptions,
        Rates,
        SpectrumOptions,
        FiCurve,
        FigureTrace,
        FiOptions,
        MembraneOptions,
        WeightsOptions,
        StdpWindowOptions,
        StepResponseOptions,
        ContoursOptions,
        ParametersFigureOptions,
        ObjectiveFigureOptions,
        StudyFigureOptions,
        StudyLabels,
        SurrogateFigureOptions,
        ConfusionOptions,
        FigureRun,
        History,
        raster,
        rate,
        psth_2 as psth,
        isi,
        correlogram,
        spectrum,
        membrane,
        weights,
        fi,
        stepResponse,
        phasePlane,
        surrogate_2 as surrogate,
        stdpWindow,
        history,
        confusion,
        operations_2 as operations,
        activity,
        accuracyAgainstSteps_2 as accuracyAgainstSteps,
        eventFrame,
        eventCloud,
        topology,
        phaseDiagram,
        optimizationHistory,
        intermediateValues,
        parameterImportance,
        slices,
        contours,
        parallelCoordinates,
        paretoFront
    }
}

/** What an option can change of an axis. */
declare interface FigureAxisOptions {
    label?: string;
    domain?: readonly [number, number];
    scale?: 'linear' | 'log';
}

/** The description of a figure as plain data. A program may change it before the figure is drawn. */
/**
 * A color: a number counts the theme's series colors from 0; a name is one of the theme's, of which `'paper'` is the background and `'wrong'` marks mistakes;
 * anything else is a CSS color.
 */
declare type FigureColor = number | 'ink' | 'muted' | 'grid' | 'paper' | 'wrong' | (string & {});

/** Events of a camera, such as `await readEvents(path)` or what `collect()` of an event stream returns. */
declare interface FigureEvents {
    /** µs */
    readonly t: ArrayLike<number>;
    /** Column. */
    readonly x: ArrayLike<number>;
    /** Row. */
    readonly y: ArrayLike<number>;
    /** 0 (OFF) or 1 (ON). */
    readonly polarity: ArrayLike<number>;
    /** Size of the sensor; default: as large as the events need. */
    readonly sensor?: {
        readonly width: number;
        readonly height: number;
    };
}

/** A length: a number of CSS pixels (96 per inch), or a text with the unit `mm`, `cm`, `in`, `pt` or `px`. */
declare type FigureLength = number | `${number}${'mm' | 'cm' | 'in' | 'pt' | 'px'}`;

/** Options of every figure. */
declare interface FigureOptions {
    /** Default 120 mm, which is readable in a column of a journal. */
    width?: FigureLength;
    /** Default: depends on the figure. */
    height?: FigureLength;
    /** A font family. PNG and PDF contain Inter, the default, in place of families that the machine does not have. */
    font?: string;
    /** Default `'9pt'`, as in most journals. */
    fontSize?: FigureLength;
    /** `'light'` (default) and `'dark'` have colors that color-blind people can tell apart, `'print'` has greys and dashes, `'auto'` is light or dark as the reader's system prefers. */
    theme?: FigureTheme;
    /** CSS colors of the series, in place of those of the theme. */
    colors?: readonly string[];
    /** Whether the title and the caption stand above the figure; default false, because papers have them in the text. */
    titles?: boolean;
    /** Whether columns have letters (a, b, …); default false. */
    letters?: boolean;
    /** Labels, ranges and scales (`'log'`) of the x axes, in place of the figure's own. */
    x?: FigureAxisOptions;
    /** The same for the y axes. */
    y?: FigureAxisOptions;
}

/** The resolution of PNG. */
declare interface FigurePngOptions {
    /** Pixels per inch; default 192, twice a screen's. Papers ask for 300 to 600. */
    dpi?: number;
}

/** A training: what `fit` returns, its `history`, or learning curves. */
declare type FigureRun = FitResult | readonly EpochRecord[] | History;

/** A figure: columns of panels. */
declare interface FigureSpec {
    /** File name without its ending. */
    name: string;
    title: string;
    /** What the figure shows, with units. It is the description for screen readers, and stands below the title if `titles` is set. */
    caption: string;
    columns: PanelSpec[][];
    /** Widths of the columns relative to each other; default equal. */
    widths?: readonly number[];
    /** Columns beside each other at most; the others follow below. Default: as many as fit. */
    perRow?: number;
}

/** Spikes: a recording of a simulation, spike trains, or spike trains by the names of populations. */
declare type FigureSpikes = Recording | SpikeTrains | Readonly<Record<string, SpikeTrains>>;

/** Columns of numbers by name, one row for each point, or what `simulateMany` returns. */
declare type FigureTable = Readonly<Record<string, ArrayLike<number>>> | {
    readonly columns: Readonly<Record<string, ArrayLike<number>>>;
};

/** A set of colors; `'auto'` is light or dark as the reader's system prefers, in SVG and HTML, and light in PNG and PDF. */
declare type FigureTheme = 'light' | 'dark' | 'print' | 'auto';

/** States over time: `values` has the shape `[times, neurons]`. */
declare interface FigureTrace {
    /** ms */
    readonly times: ArrayLike<number>;
    readonly values: ArrayLike<number>;
    /** Times of spikes in ms, drawn as points above the curve; default none. */
    readonly spikes?: ArrayLike<number>;
}

/**
 * The source of a loader: a path or a `file:` URL, the file's bytes, a `Blob`, or a stream (`response.body`,
 * `createReadStream(…)`), which is read to its end.
 */
export declare type FileSource = string | URL | Uint8Array | ArrayBuffer | SharedArrayBuffer | BlobLike | ReadableBytes | AsyncIterable<Uint8Array>;

/**
 * The target of a writer: a path or a `file:` URL, whose file is replaced atomically; or a `WritableStream`,
 * which is closed at the end, and aborted if writing fails.
 */
export declare type FileTarget = string | URL | WritableBytes;

/** A tensor of a file: its elements in C order. */
export declare interface FileTensor {
    /** The element type by its safetensors name: `F32`, `I64`, `BOOL` … */
    dtype: string;
    shape: readonly number[];
    /** F16 and BF16 are widened to a `Float32Array`, BOOL is a `Uint8Array`. */
    data: TensorData;
}

/** {@link timeFilter} */
export declare interface Filter {
    readonly layer: 'filter';
    readonly kernel: readonly number[];
    readonly each: boolean;
    readonly bias: boolean;
    readonly initialBias?: Initialiser;
    readonly name?: string;
    readonly trainable?: boolean;
}

/** What {@link timeFilter} may be told. */
export declare interface FilterOptions {
    /** Name in files, recordings and messages; default `filter` and a number. */
    name?: string;
    /** A kernel of its own for each channel, all of which begin alike; default false: one for all. */
    each?: boolean;
    /** Adds a constant, for each kernel one; default false. */
    bias?: boolean;
    /** Default `zeros`. */
    initialBias?: Initialiser;
    /** Whether training changes the kernel; default true. */
    trainable?: boolean;
}

/** Options of {@link fi}. */
declare interface FiOptions extends FigureOptions {
    /** Unit of the currents, such as `'pA'`; default none. */
    unit?: string;
}

/** Options of {@link Model.fit}. */
export declare type FitOptions = FitOptionsOf<Model>;

/** Options of the training of a model of type `M`: of {@link Model.fit}, and as the training loop reads them. */
export declare interface FitOptionsOf<M> extends InputOptions, TaskOptions, MethodOptions {
    /** How often training goes through the data, at least 1. */
    epochs: number;
    /** The objective to minimize: `loss.crossEntropyRate()` for example, or a function of outputs and batch that returns a value and its gradient. */
    loss: Loss | OwnLoss;
    /** Default Adam with torch's settings. Its moments stay with the model for the next training; another kind of optimizer starts without them. */
    optimizer?: Optimizer;
    /** A factor on the learning rate over epochs or steps, also as a function of the number of finished ones; default none. */
    schedule?: Schedule | OwnSchedule;
    /** Whether the schedule counts epochs (default) or optimizer steps, from the start of this training. */
    scheduleBy?: 'epoch' | 'step';
    /** The criterion of the label for the accuracy; default the one of the loss, see {@link Decision}. */
    by?: Decision;
    /** Data to evaluate after every epoch, without learning from them; default none. */
    validation?: Batches;
    /** Ends training when a metric no longer improves; by default all epochs are trained. */
    earlyStopping?: EarlyStopping;
    /**
     * Number of batches whose mean gradient makes one step. If fewer are left at the end of an epoch, their sum is also divided by this
     * number, so that every batch has the same weight. Default 1.
     */
    accumulate?: number;
    /** Clips each element of the gradients to at most this magnitude, before the optimizer's `maxNorm`; default none. */
    clipValue?: number;
    /** Penalties on firing rates, added to the loss; default none. */
    regularisers?: readonly Regulariser[];
    /**
     * Number of time steps kept in memory at once: checkpointed back-propagation through time, which finds the same gradient with one more
     * forward pass (T. Chen et al., arXiv:1604.06174); default all.
     */
    segment?: number;
    /**
     * Writes a checkpoint after every epoch, and with `everyBatches` also after this number of batches (with `accumulate`, after the next step);
     * default none. Within a trial of a study, the default is checkpoints that are kept with the trial, and a killed trial continues from the last one automatically.
     * A checkpoint is written to a file, atomically, or its bytes are passed to a function: {@link loadCheckpoint} reads either.
     */
    checkpoint?: CheckpointOptions;
    /** The `training` that `loadCheckpoint` returned with its `model`: training continues from there, with the same kind of optimizer. Default: a new training. */
    resume?: TrainingState;
    /** Functions to call after a batch and after an epoch, a log such as `log.tensorboard('runs/1')`, or a list of these; default none. */
    callbacks?: CallbacksOf<M> | readonly CallbacksOf<M>[];
}

/**
 * Trains a model for weights of few bits, as {@link Model.fit} does otherwise. Each forward and backward pass uses rounded weights of its
 * dense and convolutional layers, and the optimizer changes the weights in full precision by those gradients (straight-through: the
 * derivative of rounding counts as 1; Y. Bengio et al., arXiv:1308.3432). Evaluation uses rounded weights. Afterwards the model has
 * its weights in full precision; {@link quantize} with the same `weightBits` and `scale` rounds them as training did (where a
 * population has several projections, their units are powers of two apart).
 *
 * Weights are rounded in JavaScript in every step, which costs two copies of them.
 *
 * @throws LapicqueError as {@link Model.fit}
 */
export declare function fitQuantized(model: Model, data: Batches, options: FitOptions, weights: QuantizedWeights): Promise<FitResult>;

/** The result of a training. */
export declare interface FitResult {
    history: EpochRecord[];
    /** Why it ended. */
    stopped: 'done' | 'early' | 'callback';
    /** The best epoch by the watched metric, from 1. */
    bestEpoch: number;
    /** On the validation data after the last epoch, even if the best epoch's weights are restored afterwards. */
    validation?: Evaluation;
}

/** Whether two sizes can be the same: one that is not known can be any. */
declare type Fits<A extends number, B extends number> = [A & B] extends [never] ? [A] extends [never] ? true : [B] extends [never] ? true : false : true;

/** Layers one after the other. In the place of one that does not fit stands why, a text, which it is not. */
declare type Fitting<L extends readonly Layer[]> = Marked<L, Ending<Reasons<L, Sizes>, LastRefused<L>>>;

export declare namespace fitting {
    export {
        Fitting,
        LastRefused,
        FittingBranch,
        FittingBranches,
        FittingBody,
        Marked,
        Said,
        Fits,
        Sizes,
        Image,
        Known,
        Reasons,
        Reason,
        BranchReason,
        Refused,
        Apart,
        Ending,
        Taken,
        Keeping,
        Entry,
        Leaving,
        After,
        AfterImage,
        OnePixel,
        Joined,
        Concatenated
    }
}

/** The body of a residual connection: its last layer gives what the shortcut gives. */
declare type FittingBody<B extends readonly Layer[], S extends readonly Layer[], At extends Sizes = Known<Entry<B>, Entry<S>>> = Marked<B, Ending<Reasons<B, At>, Apart<Leaving<B, At>, Leaving<S, At>>>>;

/** A second branch: the first size that one of them states is the input of both. */
declare type FittingBranch<L extends readonly Layer[], First extends readonly Layer[]> = Marked<L, Reasons<L, Known<Entry<First>, Entry<L>>>>;

/** Branches that read the same. */
declare type FittingBranches<L extends readonly (readonly Layer[])[]> = {
    [K in keyof L]: FittingBranch<L[K], L[0]>;
};

/** The same value in every trial. */
declare interface Fixed<V = unknown> {
    readonly kind: 'fixed';
    readonly value: V;
}

/** `value` in every trial. It is recorded with the parameters. */
declare function fixed<const V extends PlainValue>(value: V): Fixed<V>;

/** The columns of every table. */
export declare interface FixedColumns {
    number: NumberColumn;
    state: TextColumn;
    attempts: NumberColumn;
    seed: NumberColumn;
    worker: TextColumn;
    started: NumberColumn;
    ended: NumberColumn;
    seconds: NumberColumn;
    lastStep: NumberColumn;
    'error.code': TextColumn;
    'error.message': TextColumn;
}

/** `count` random sources for each target. */
declare function fixedInDegree(count: number, options?: RuleOptions): Rule;

/** `count` random targets for each source. */
declare function fixedOutDegree(count: number, options?: RuleOptions): Rule;

/** `count` synapses in all, each between a random source and a random target. */
declare function fixedTotalNumber(count: number, options?: RuleOptions): Rule;

/** True (1) and false (0). */
export declare interface FlagColumn extends ColumnBase {
    readonly kind: 'flag';
    readonly values: Uint8Array;
}

/** One object type instead of an intersection, in each member of a union. */
declare type Flat<T> = T extends unknown ? {
    [K in keyof T]: T[K];
} : never;

/** {@link flatten} */
export declare interface Flatten {
    readonly layer: 'flatten';
    readonly name?: string;
}

/**
 * An image as one axis: element `(c, y, x)` becomes `(c height + y) width + x`. The same values; {@link dense} would take the image
 * as well.
 *
 * @returns a layer from `[channels, height, width]` to `[channels height width]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export declare function flatten(options?: MapOptions): Flatten;

/** Options of {@link loss}.focalCount. */
export declare interface FocalCountOptions extends LossOptions, PooledLossOptions {
    /** Exponent of the factor (1 - p)^gamma, p being the probability of the label; 0 is the cross-entropy; a number of at least 0; default 2. */
    gamma?: number;
}

/** Options of {@link loss}.focalMaxMembrane. */
export declare interface FocalMaxMembraneOptions extends LossOptions {
    /** Exponent of the factor (1 - p)^gamma, p being the probability of the label; 0 is the cross-entropy; a number of at least 0; default 2. */
    gamma?: number;
}

/** Options of {@link loss}.focalMeanMembrane. */
export declare interface FocalMeanMembraneOptions extends LossOptions {
    /** Exponent of the factor (1 - p)^gamma, p being the probability of the label; 0 is the cross-entropy; a number of at least 0; default 2. */
    gamma?: number;
}

/** Options of {@link loss}.focalMeanRate. */
export declare interface FocalMeanRateOptions extends LossOptions, PooledLossOptions {
    /** Exponent of the factor (1 - p)^gamma, p being the probability of the label; 0 is the cross-entropy; a number of at least 0; default 2. */
    gamma?: number;
}

/** Options of {@link loss}.focalMembrane. */
export declare interface FocalMembraneOptions extends LossOptions, SteppedLossOptions {
    /** Exponent of the factor (1 - p)^gamma, p being the probability of the label; 0 is the cross-entropy; a number of at least 0; default 2. */
    gamma?: number;
}

/** Options of {@link loss}.focalRate. */
export declare interface FocalRateOptions extends LossOptions, PooledLossOptions, SteppedLossOptions {
    /** Exponent of the factor (1 - p)^gamma, p being the probability of the label; 0 is the cross-entropy; a number of at least 0; default 2. */
    gamma?: number;
}

/** Options of {@link loss}.focalSumMembrane. */
export declare interface FocalSumMembraneOptions extends LossOptions {
    /** Exponent of the factor (1 - p)^gamma, p being the probability of the label; 0 is the cross-entropy; a number of at least 0; default 2. */
    gamma?: number;
}

/** Outputs of {@link Model.forward}, and the backward pass. */
export declare interface ForwardResult {
    /**
     * `[time, batch, neurons]`, 0 and 1; empty if the output does not spike. The gradient that `backward` takes is with respect to the
     * output: for graded spikes, these times `gradedSpikes`.
     */
    spikes: Uint8Array;
    /** `[time, batch, neurons]` */
    v: Float64Array;
    shape: [number, number, number];
    /** The state of the network at the end; the next pass may start from it. */
    state: NetworkState;
    /**
     * Computes the gradients of all parameters from those of the loss with respect to the outputs (either may be omitted), and adds them to
     * the accumulated ones. The gradient of graded spikes is with respect to the output: a spike times its value. Call it once for each forward
     * pass. Models of both precisions take both kinds of arrays. An f32 model rounds a `Float64Array`.
     *
     * @throws LapicqueError `shape-mismatch`; `invalid-parameter` for a number that is not finite in the model's precision
     */
    backward(gradients: {
        spikes?: Weights;
        v?: Weights;
    }, options?: TaskOptions): Promise<void>;
}

/** Which events a frame is made of: one of `window`, `count`, `timeBins`, `eventBins`, or none of them for all events. */
export declare interface FrameSchedule {
    /** Length of a window in µs. A frame comes when an event at its end or later has been seen. */
    window?: number;
    /** Number of events of a frame. */
    count?: number;
    /** Number of frames of equal duration of the recording, which is kept in memory unless `start` and `end` are given. */
    timeBins?: number;
    /** Number of frames with equally many events of the recording, which is kept in memory. */
    eventBins?: number;
    /** Of windows in µs (negative: a gap), of counts in events, of bins as a share of one. Default 0. */
    overlap?: number;
    /** Also the last frame, which the recording does not fill. Default false. */
    includeIncomplete?: boolean;
    /** When the first window begins, in µs; default the first event. */
    start?: number;
    /** Up to when there are windows, in µs; default the last event. */
    end?: number;
    /** Bins as tonic 1.7.0 cuts them, which lose the last event and those that do not divide by the number of bins. */
    like?: 'tonic';
}

/** What {@link representEvents} gives, piece by piece. It can be iterated once. */
export declare interface FrameStream<T> extends AsyncIterable<T> {
    /** Of the events that enter the representation. */
    readonly sensor: Required<PixelArray>;
    /** Of one frame; empty for slices. */
    readonly shape: readonly number[];
    /** Everything at once. */
    collect(): Promise<T>;
}

/**
 * Makes spike trains from spikes on a time grid, as `model.run` returns them: step `t` is the time `start + t dt`.
 *
 * @param spikes - `[time, neurons]`, or `[time, batch, neurons]`, where each neuron of each sample is a train with the
 * number `sample * neurons + neuron`; any value other than 0 is a spike
 * @param options - `dt` in ms, default 1; `start` in ms, default 0
 * @throws LapicqueError `shape-mismatch`, `invalid-parameter`
 */
declare function fromRaster(spikes: Float32Array | Uint8Array, shape: readonly [number, number] | readonly [number, number, number], options?: {
    dt?: number;
    start?: number;
}): SpikeTrains;

/** The output padding where a convolution is transposed; both where that is not known. */
declare type FurtherOf<Transposed extends boolean, Further extends readonly number[]> = Transposed extends true ? Further : undefined;

/** Gap junctions between neurons. Made by {@link gapJunctions}. */
export declare interface GapJunctions {
    readonly element: 'gap-junctions';
    readonly from: Postsynaptic;
    readonly to: Postsynaptic;
    readonly rule: Rule;
    readonly conductance: SynapseValues;
    readonly port?: string;
    readonly symmetric?: boolean;
    /** Of graded synapses: the state of `pre` that enters, and `conductance` the weight. */
    readonly state?: string;
}

/**
 * Gap junctions from `pre` to `post`: each lets a current `conductance * (v_pre - v_post)` into `post`, from the potentials at the
 * end of the step before, and the opposite one into `pre`. No neuron has one with itself. All neurons of the network then wait
 * for each other in every step.
 *
 * @example
 * ```ts
 * gapJunctions(inhibitory, inhibitory, rule.pairwiseBernoulli(0.05), { conductance: 2 });
 * ```
 * @param rule - which pairs get one; with `symmetric` a pair of one population is met twice, once in each direction
 * @throws LapicqueError `invalid-parameter`; conductances below 0 and neurons without `v` are found when the network is compiled
 */
export declare function gapJunctions(pre: Postsynaptic, post: Postsynaptic, rule: Rule, options: GapOptions): GapJunctions;

/** What gap junctions are. */
export declare interface GapOptions {
    /**
     * At least 0, one for all, one for each where the rule is a list, drawn, or an expression of the distance; times mV it is in the port's
     * unit: nS for pA.
     */
    conductance: SynapseValues;
    /** Input of the neurons of both; default the only one, or `current`. */
    port?: string;
    /** Whether the opposite current runs into `pre`; default true. */
    symmetric?: boolean;
}

/**
 * leaky membrane with a gate for its leak: `v = sigmoid(gate) v + x`.
 *
 * As computed: `v[t] = sigmoid(gate[t]) v[t-1] + x[t]; s[t] = 1 if v[t] > vThreshold else 0; the membrane is not reset`. States:
 * - `v`: membrane
 *
 * Source: snnTorch 1.0.0 AssociativeLeaky, one element of its matrix.
 *
 * @returns a population with the ports `current`, `gate`: what feeds it is cut into 2 parts, for `current`, `gate`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function gatedLeaky<const N extends number = number>(options?: GatedLeakyOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link gatedLeaky}. */
export declare interface GatedLeakyOptions<N extends number = number> extends PopulationOptions<N> {
    /** membrane at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'vThreshold'[];
}

/**
 * Surrogate gradient `N(x; 0, sigma)` with `x = v - vThreshold`.
 * Source: sinabs 3.1.3 Gaussian.
 */
declare function gaussian(options?: {
    /** a number above 0; default 0.5. */
    sigma?: number;
}): Surrogate;

/**
 * Text that goes on after `prompt`, character by character as it is drawn. A session carries the state: the cost of a
 * character does not grow with what came before it.
 *
 * @param model - with a `vocabulary` (see `NetworkOptions`), an `embedding` as its first layer, and as its output a
 * population whose potentials are the logits of the next token
 * @throws LapicqueError `invalid-parameter` for a model without a vocabulary, for a prompt with other characters,
 * `disposed`, `aborted`
 * @example
 * ```ts
 * for await (const character of generate(model, { prompt: 'Call me ', length: 200 })) process.stdout.write(character);
 * ```
 */
export declare function generate(model: Model, options?: GenerateOptions): AsyncGenerator<string, void, undefined>;

/** What {@link generate} may be told. */
export declare interface GenerateOptions {
    /** Text that the model reads first, of the vocabulary's characters. Default: the vocabulary's line break, or its first. */
    prompt?: string;
    /** Characters to generate; default no end: leave the loop. */
    length?: number;
    /** Divides the logits before the softmax: below 1 likelier, above 1 wilder; 0 takes the likeliest. Default 1. */
    temperature?: number;
    /** Decides every draw; an integer from 0, default 0. */
    seed?: number;
    signal?: AbortSignal;
}

/**
 * generalised integrate-and-fire: `tauMem dv/dt = vLeak - v + i1 + i2 + r x; dtheta/dt = a (v - vLeak) - (theta - thetaInf) / tauTheta; di1/dt = -i1 / tau1; di2/dt = -i2 / tau2`.
 *
 * As computed: `all variables by one step of Euler's method from the values of t-1; s[t] = 1 if v >= theta else 0; where s[t]: v[t] = vReset, theta[t] = max(theta, thetaReset), i1[t] = keep1 i1 + jump1, i2[t] = keep2 i2 + jump2`. States:
 * - `v`: membrane potential
 * - `theta`: threshold
 * - `i1`: first current that spikes leave
 * - `i2`: second current that spikes leave
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: S. Mihalas, E. Niebur, A generalized linear integrate-and-fire neural model produces diverse spiking behaviors, Neural Computation 21, 2009; currents as the potentials that they add.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function gif<const N extends number = number>(options?: GifOptions<N>): Population<N>;

/** What {@link GifOptions} may hold. */
export declare interface GifFields<N extends number = number> extends PopulationOptions<N> {
    /** membrane time constant (ms); a number above 0; default 20. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -70. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** threshold at rest (mV); a finite number; default -50. One number, or one a neuron. */
    thetaInf?: number | readonly number[] | Float64Array | Float32Array;
    /** the threshold is at least this after a spike (mV); a finite number; default -60. One number, or one a neuron. */
    thetaReset?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the threshold (ms); a number above 0; default 100. One number, or one a neuron. */
    tauTheta?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much the threshold follows v (1/ms); a finite number; default 0. One number, or one a neuron. */
    a?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the first current (ms); a number above 0; default 5. One number, or one a neuron. */
    tau1?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the second current (ms); a number above 0; default 50. One number, or one a neuron. */
    tau2?: number | readonly number[] | Float64Array | Float32Array;
    /** share of i1 that a spike leaves (dimensionless); a finite number; default 0. One number, or one a neuron. */
    keep1?: number | readonly number[] | Float64Array | Float32Array;
    /** share of i2 that a spike leaves (dimensionless); a finite number; default 1. One number, or one a neuron. */
    keep2?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much a spike raises i1 (mV); a finite number; default 0. One number, or one a neuron. */
    jump1?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much a spike raises i2 (mV); a finite number; default 0. One number, or one a neuron. */
    jump2?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a spike (mV); a finite number; default -70. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** threshold at the start (mV); a finite number; default = thetaInf. One number, or one a neuron. */
    thetaInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 1. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'euler'`. */
    method?: 'euler' | 'rk4';
    /** when the reset enters. With next-step it opens the next step, and the recorded v is the one before the reset; default `'same-step'`. */
    resetTiming?: 'same-step' | 'next-step';
    /** how v must compare to vPeak to spike; default `'>='`. */
    compare?: '>=' | '>';
    /** whether the reset of v is a constant for the gradient; what else a spike changes is not; default true. */
    detachReset?: boolean;
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('tauMem' | 'thetaInf' | 'tauTheta' | 'a' | 'tau1' | 'tau2' | 'jump1' | 'jump2')[];
}

/** Parameters and options of {@link gif}; of parameters that say the same thing, one. */
export declare type GifOptions<N extends number = number> = GifFields<N> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** Spike trains as arguments: NumPy's int64 is accepted for identifiers and for integer times. */
declare interface GivenSpikeTrains extends Omit<SpikeTrains, 'times' | 'ids'> {
    readonly times: Float64Array | WholeNumbers;
    readonly ids: WholeNumbers;
}

/** Values, or values with a shape, which must then be that of the parameter. */
export declare type GivenTensor = Weights | Pick<FileTensor, 'data' | 'shape'>;

/** Parameters by name, as an object or a map; each an array, or one with its shape, as {@link readTensors} gives them. */
export declare type GivenWeights = Readonly<Record<string, GivenTensor>> | ReadonlyMap<string, Pick<FileTensor, 'data' | 'shape'>>;

/**
 * The mean over all pixels, channel by channel: `y[c] = Σ x[c, p] / pixels`.
 *
 * @returns a layer from `[channels, height, width]` to `[channels, 1, 1]`, or `[channels, width]` to `[channels, 1]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export declare function globalAvgPool(options?: MapOptions): GlobalPool;

/**
 * The largest of all pixels, channel by channel: `y[c] = max x[c, p]`.
 *
 * @returns a layer from `[channels, height, width]` to `[channels, 1, 1]`, or `[channels, width]` to `[channels, 1]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export declare function globalMaxPool(options?: MapOptions): GlobalPool;

/** A pool over all pixels. */
export declare interface GlobalPool {
    readonly layer: 'global-pool';
    readonly pooling: 'max' | 'average' | 'sum';
    readonly name?: string;
}

/**
 * The sum over all pixels, channel by channel: `y[c] = Σ x[c, p]`.
 *
 * @returns a layer from `[channels, height, width]` to `[channels, 1, 1]`, or `[channels, width]` to `[channels, 1]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export declare function globalSumPool(options?: MapOptions): GlobalPool;

/** What graded synapses are. */
export declare interface GradedOptions {
    /** The state of `pre` that they carry, such as a gate `'s'` or a rate `'r'`. */
    state: string;
    /** One for all, one for each where the rule is a list, drawn, or an expression of the distance; times the state it is in the port's unit. */
    weight: SynapseValues;
    /** Input of the neurons of `post`; default the only one, or `current`. No gap junctions have the same. */
    port?: string;
}

/**
 * Graded synapses from `pre` to `post`: each adds `weight * state` to the input of `post` for a step, the state of `pre` at the end of the
 * step before; they need no spikes, so `pre` may be neurons that have none. Synapses whose gates are equations of the sender (X.-J. Wang, G.
 * Buzsáki, J. Neurosci. 16, 1996) and networks of rates. All neurons of the network then wait for each other in every step.
 *
 * @example
 * ```ts
 * const unit = neuron({ state: { v: 0, r: 0 }, update: 'v += dt*(i - v)/10; r = tanh(v)' });
 * const rates = population(unit, 200);
 * const chaotic = gradedSynapses(rates, rates, rule.allToAll(), { state: 'r', weight: distribution.normal(0, 1.5 / Math.sqrt(200)) });
 * ```
 * @param rule - which pairs get one
 * @throws LapicqueError `invalid-parameter`, `unknown-name`; what the neurons do not have is found when the network is compiled
 */
export declare function gradedSynapses(pre: Postsynaptic, post: Postsynaptic, rule: Rule, options: GradedOptions): GapJunctions;

/**
 * Any directed graph of layers; every cycle needs a `delayed` edge ({@link EdgeOptions}).
 *
 * @example
 * ```ts
 * graph({
 *   inputs: [20],
 *   nodes: { a: dense(20, 30), b: dense(20, 30), both: join('concat'), hidden: lif({ beta: 0.9 }), out: dense(60, 4), last: li({ beta: 0.9 }) },
 *   edges: [['input', 'a'], ['input', 'b'], ['a', 'both'], ['b', 'both'], ['both', 'hidden'], ['hidden', 'out'], ['out', 'last']],
 *   output: 'last',
 * });
 * ```
 * @param spec - nodes by name, edges, the shape of the input, and which node is the output
 * @returns a frozen network, from `inputs` to the shape of `output`; `compile` makes it run
 * @throws LapicqueError at `compile` `unknown-name` for an edge to an unknown node, `invalid-parameter` for a cycle without a delay
 */
export declare function graph(spec: GraphSpec): Network;

/** Any directed graph of layers, for `graph`. */
export declare interface GraphSpec {
    /**
     * Layers by name. A population from which nothing leads to the output may be recorded and have penalties; the loss does not change the
     * weights that lead to it alone.
     */
    readonly nodes: Readonly<Record<string, Layer | Join>>;
    /**
     * Who reads whom; `input` is the network's input. What several edges bring to a port of a population is added; any
     * other layer reads one, but for {@link join}.
     */
    readonly edges: readonly Edge[];
    /** The population whose spikes and membrane are the output. */
    readonly output: string;
    /** Shape of the input: `[channels]`, `[channels, width]`, `[channels, height, width]` or `[channels, depth, height, width]`. */
    readonly inputs: readonly number[];
}

/** A gray image, 0 to 1, row-major. */
export declare interface GreyImage {
    width: number;
    height: number;
    pixels: ArrayLike<number>;
}

/**
 * A regular grid, the last dimension running fastest; neurons sit in the middle of their cells.
 *
 * @param shape - neurons in each of one to three dimensions: `grid([20, 50])` is for 1,000
 */
declare function grid(shape: readonly number[], options?: LayoutOptions): Layout;

/** {@link GridSearch}. */
declare function grid_2(options?: OptionsOf_2<GridSearch>): GridSearch;

/**
 * Every combination, in the order of the space; the last parameter changes fastest. The study ends after the last
 * combination.
 */
declare interface GridSearch {
    readonly kind: 'grid';
    /**
     * Number of values of a range, evenly spaced and including both ends; one number for all ranges or one by name.
     * Default 10.
     */
    readonly points?: number | {
        readonly [parameter: string]: number;
    };
    /** Combinations in random order, which covers the space better if the study ends early. Default false. */
    readonly shuffle?: boolean;
}

/**
 * How synaptic elements grow with a neuron's calcium `c`, per ms: `linear`, `rate (1 - c / epsilon)`; `gaussian`, `rate (2
 * exp(-((c - xi) / zeta)^2) - 1)` with `xi = (eta + epsilon) / 2` and `zeta = (epsilon - eta) / (2 sqrt(ln 2))`: 0 at `eta` and
 * `epsilon`, above in between.
 */
export declare type Growth = {
    curve: 'linear';
    rate: number;
    epsilon: number;
} | {
    curve: 'gaussian';
    rate: number;
    eta: number;
    epsilon: number;
};

/** Whether one of some sides is known to be 0. */
declare type HasNone<Side extends number> = number extends Side ? false : 0 extends Side ? true : false;

/** A dataset that grows. */
export declare interface Hdf5Appender {
    /** Appends whole rows of elements, in any form that {@link hdf5Dataset} accepts. */
    append(values: Hdf5Writable): Promise<void>;
}

/** An array of numbers. */
export declare type Hdf5Array = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

/** The bytes of an HDF5 file, as {@link writeHdf5} writes it. @throws LapicqueError as {@link writeHdf5} */
export declare function hdf5Bytes(tree: Hdf5Tree | Hdf5GroupSpec, options?: TaskOptions): Promise<Uint8Array<ArrayBuffer>>;

/** Values with their shape. */
export declare interface Hdf5Data {
    /** Lengths of the axes; none for a single value, `null` for a null dataspace (no value). */
    readonly shape: readonly number[] | null;
    readonly type: Hdf5Type;
    readonly values: Hdf5Values;
}

/** A dataset of an open file. */
export declare class Hdf5Dataset {
    #private;
    readonly path: string;
    /** Lengths of the axes; none for a single value, `null` for a null dataspace (no value). */
    readonly shape: readonly number[] | null;
    /** The maximum lengths of the axes, `null` for any length; `undefined` if the file does not specify them. */
    readonly maxShape: readonly (number | null)[] | undefined;
    readonly type: Hdf5Type;
    /** The shape of a chunk; `undefined` if the elements are contiguous. */
    readonly chunks: readonly number[] | undefined;
    /** The filters of chunks, in the order of compression. */
    readonly filters: readonly {
        readonly id: number;
        readonly name: string;
    }[];
    /**
     * Reads all elements or a part. Only the chunks that overlap the part are read and decompressed, on the engine's
     * threads.
     *
     * @throws LapicqueError `invalid-parameter` for a part outside the shape; `too-large` for more than the limit;
     * `malformed-file`; `unsupported` with the name of a filter; `aborted`
     */
    read(options?: Hdf5SliceOptions): Promise<Hdf5Data>;
}

/**
 * Values with a shape, a type, chunks or attributes, as a member of a group that {@link writeHdf5} writes. An object of
 * arrays is a compound type with one array per member. An array of typed arrays contains rows of different lengths.
 *
 * @example
 * ```ts
 * hdf5Dataset(weights, { shape: [10, 784], deflate: true });
 * hdf5Dataset({ x, y, t }); // a compound type
 * hdf5Dataset([times0, times1]); // rows
 * ```
 */
export declare function hdf5Dataset(values: Hdf5Writable, options?: Hdf5DatasetOptions): Hdf5DatasetSpec;

/** Options of {@link hdf5Dataset}. */
export declare interface Hdf5DatasetOptions {
    /**
     * Lengths of the axes in C order; default that of the values, `[]` for a single value.
     */
    shape?: readonly number[];
    /**
     * The element type. Default by the values: the kind of the array, `float64` for numbers, `string`, `bool`, `int64`
     * for a `bigint`.
     */
    type?: Hdf5Type;
    /**
     * The shape of a chunk; default about 256 KiB if the data are compressed, otherwise none: the elements are
     * contiguous.
     */
    chunks?: readonly number[];
    /** Compresses chunks with deflate (h5py's gzip) at a level from 0 to 9; `true` is 4. Default no compression. */
    deflate?: boolean | number;
    /**
     * Reorders the bytes of a chunk by their position in the element (the shuffle filter), which makes numbers more
     * compressible. Default with `deflate`.
     */
    shuffle?: boolean;
    /** Attributes by name. */
    attributes?: Readonly<Record<string, Hdf5Writable | Hdf5DatasetSpec>>;
}

/** A dataset to be written, made by {@link hdf5Dataset}. */
export declare class Hdf5DatasetSpec {
    readonly values: Hdf5Writable;
    readonly options: Hdf5DatasetOptions;
}

/** A member of a group. */
export declare interface Hdf5Entry {
    readonly name: string;
    readonly kind: Hdf5Kind;
}

/** Options of {@link openHdf5Events}. */
export declare interface Hdf5EventsOptions extends LimitOptions {
    /** Events of a batch; default about 65,536, in whole chunks. */
    batchSize?: number | undefined;
    /** Times as they are stored, or less the first one. Default `'stored'`. */
    origin?: 'stored' | 'first' | undefined;
    /** Where the file does not say. */
    sensor?: Sensor | undefined;
    /** Of SHD and SSC, which sample. Default 0. */
    sample?: number | undefined;
    signal?: AbortSignal | undefined;
    /** Has no effect: a truncated HDF5 file has lost its descriptions, or some of its data. */
    allowTruncated?: boolean | undefined;
}

/** An open HDF5 file. Paths are those of HDF5, `/nodes/V1/node_id`, with or without the first `/`. */
export declare class Hdf5File {
    #private;
    /**
     * The members of a group, in the order of creation if the file stores it, otherwise by name.
     *
     * @param path - default the root
     * @throws LapicqueError `unknown-name`, `invalid-parameter` for a dataset, `malformed-file`, `unsupported` for a link to another file, `aborted`
     */
    members(path?: string, options?: Pick<TaskOptions, 'signal'>): Promise<readonly Hdf5Entry[]>;
    /**
     * The kind of the object at a path; `undefined` if there is none.
     *
     * @throws LapicqueError `malformed-file`; `unsupported` for a link to another file, or a type, filter or layout that cannot be read; `aborted`
     */
    kind(path: string, options?: Pick<TaskOptions, 'signal'>): Promise<Hdf5Kind | undefined>;
    /**
     * Opens a dataset without reading its elements.
     *
     * @throws LapicqueError `unknown-name`; `invalid-parameter` for a group; `malformed-file`; `unsupported` for a link to another file, data in other files,
     * a virtual dataset, or a type; `aborted`
     */
    dataset(path: string, options?: Pick<TaskOptions, 'signal'>): Promise<Hdf5Dataset>;
    /**
     * Reads the elements of a dataset, all or a part. @throws LapicqueError as {@link Hdf5File.dataset} and {@link
     * Hdf5Dataset.read}
     */
    read(path: string, options?: Hdf5SliceOptions): Promise<Hdf5Data>;
    /**
     * The attributes of a group or dataset, by name.
     *
     * @param path - default the root
     * @throws LapicqueError `unknown-name`, `malformed-file`, `unsupported` for a type, `too-large`, `aborted`
     */
    attributes(path?: string, options?: Hdf5ReadOptions): Promise<ReadonlyMap<string, Hdf5Data>>;
    /** Size of the file in bytes. */
    get size(): number;
    /** Closes the file. Further calls have no effect. */
    close(): void;
    [Symbol.dispose](): void;
}

/**
 * A group with attributes, as a member of another group or as the root. Without attributes, an object of members is
 * enough.
 */
export declare function hdf5Group(members: Hdf5Tree, attributes?: Readonly<Record<string, Hdf5Writable | Hdf5DatasetSpec>>): Hdf5GroupSpec;

/** A group to be written, made by {@link hdf5Group}. */
export declare class Hdf5GroupSpec {
    readonly members: Hdf5Tree;
    readonly attributes: Readonly<Record<string, Hdf5Writable | Hdf5DatasetSpec>>;
}

/**
 * The kind of a group's member. `type` is a named type that datasets share; `external-link` refers to another file and
 * is never followed; `dangling-link` has no target; opening an `unreadable` member throws the reason.
 */
export declare type Hdf5Kind = 'group' | 'dataset' | 'type' | 'external-link' | 'dangling-link' | 'unreadable';

/** A member of a compound type. */
export declare interface Hdf5Member {
    readonly name: string;
    readonly type: Hdf5Type;
    /** Offset in bytes within the record; for writing the default is directly after the previous member. */
    readonly offset?: number;
}

/** A member of a group to be written. */
export declare type Hdf5Node = number | bigint | string | boolean | readonly number[] | readonly string[] | readonly boolean[] | Hdf5Source | readonly Hdf5Source[] | Hdf5DatasetSpec | Hdf5GroupSpec | Hdf5Tree | ReadonlyMap<string, Hdf5Node>;

/** Names of number types, as in numpy. */
export declare type Hdf5Number = 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float16' | 'float32' | 'float64';

/** Options of reading values. */
export declare interface Hdf5ReadOptions extends Pick<TaskOptions, 'signal'> {
    /**
     * How 64-bit integers are returned: as `BigInt64Array` and `BigUint64Array`, or with `'number'` as `Float64Array`,
     * which refuses integers beyond 2^53. Default `'bigint'`.
     */
    int64?: 'bigint' | 'number';
}

/** The value of data without axes: a number, string, boolean or, for 64-bit integers, a `bigint`. */
export declare type Hdf5Scalar = number | bigint | string | boolean;

/**
 * The single value of a dataset or attribute without axes, or with one element.
 *
 * @throws LapicqueError `shape-mismatch` for several values or none, `unsupported` for a compound type
 */
export declare function hdf5Scalar({ values, shape, type }: Hdf5Data): Hdf5Scalar;

/** Options of reading a dataset. */
export declare interface Hdf5SliceOptions extends Hdf5ReadOptions {
    /** First index on each axis; default 0. */
    start?: readonly number[];
    /** Number of elements on each axis; default all from `start` on. Omitted axes are read whole. */
    count?: readonly number[];
}

/** Arrays of numbers that can be written; they may be views of shared memory. */
export declare type Hdf5Source = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

/** Options of a dataset whose elements arrive over time. */
export declare interface Hdf5StreamOptions extends Pick<Hdf5DatasetOptions, 'deflate' | 'shuffle'> {
    /** The element type. */
    type: Hdf5Type;
    /** The shape of a chunk; the first axis is the one that grows. Default about 256 KiB. */
    chunks?: readonly number[];
    /** Lengths of the axes after the first; default none. */
    row?: readonly number[];
    /** Compresses events with Prophesee's ECF; for records of 16 bytes. Default no compression. */
    ecf?: boolean;
}

/** The members of a group by name: values, which become datasets, and groups. */
export declare interface Hdf5Tree {
    readonly [name: string]: Hdf5Node;
}

/** The element type of a dataset or an attribute. */
export declare type Hdf5Type = Hdf5Number
/** Variable-length strings. */
| 'string'
/** h5py's booleans: an enumeration of `FALSE` and `TRUE`. */
| 'bool'
/** The address of an object of the file. Not written. */
| 'reference'
/** Strings of at most this number of bytes. */
| {
    readonly string: number;
}
/** Records of `size` bytes. */
| {
    readonly compound: readonly Hdf5Member[];
    readonly size?: number;
}
/** Each element is an array. */
| {
    readonly array: Hdf5Type;
    readonly shape: readonly number[];
}
/** Each element is a row of variable length. */
| {
    readonly rows: Hdf5Type;
}
/** Integers with names. */
| {
    readonly enum: Hdf5Type;
    readonly names: Readonly<Record<string, number>>;
}
/** Opaque bytes. They can be read but not written. */
| {
    readonly opaque: number;
};

/**
 * The values of elements in C order: numbers as a typed array (`float16` widened to a `Float32Array`, `bool` and
 * enumerations as their numbers, references as a `BigUint64Array`), texts as strings, variable-length rows as an array
 * of either, and a compound type as the values of each member by its name. For an array type, the elements of all
 * arrays are concatenated.
 */
export declare type Hdf5Values = Hdf5Array | readonly string[] | readonly Hdf5Array[] | readonly (readonly string[])[] | {
    readonly [member: string]: Hdf5Values;
};

/** The values of a dataset or an attribute. In an object of arrays, each array is a member of a compound type. */
export declare type Hdf5Writable = number | bigint | string | boolean | readonly number[] | readonly string[] | readonly boolean[] | Hdf5Source | readonly Hdf5Source[] | {
    readonly [member: string]: Hdf5Writable;
};

/**
 * Writes one HDF5 file piece by piece: one group, dataset or attribute at a time. Memory holds one row of chunks per
 * dataset. The file appears at its path only when {@link Hdf5Writer.close} has succeeded. Made by {@link createHdf5}.
 */
export declare class Hdf5Writer {
    #private;
    /** Adds a group and its parents; an existing group is kept. */
    group(path: string): Promise<void>;
    /** Adds an attribute to a group or to an existing dataset; at most 64 KiB. `''` is the root. */
    attribute(path: string, name: string, value: Hdf5Writable | Hdf5DatasetSpec): Promise<void>;
    /** A dataset with all its elements. */
    dataset(path: string, values: Hdf5Writable, options?: Hdf5DatasetOptions): Promise<void>;
    /** Adds a dataset whose elements are appended later along its first axis. */
    stream(path: string, options: Hdf5StreamOptions): Promise<Hdf5Appender>;
    /**
     * Completes the file and moves it to its path. @throws LapicqueError `io`, and the error of an earlier call that was
     * not awaited
     */
    close(): Promise<void>;
    /** Discards the file. After `close` it has no effect. */
    abort(): void;
    [Symbol.dispose](): void;
}

/**
 * Surrogate gradient `2 / sqrt(pi) exp(-(alpha x)^2)` with `x = v - vThreshold`.
 * Source: Norse 1.1.0 heavi_erfc.
 */
declare function heaviErfc(options?: {
    /** a number above 0; default 100. */
    alpha?: number;
}): Surrogate;

/**
 * Surrogate gradient `1 where x > 0, else 0` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 heaviside.
 */
declare function heaviside(): Surrogate;

/**
 * Hodgkin-Huxley with Traub and Miles's rates and exponential conductances: `c dv/dt = gL (vLeak - v) + gE (vE - v) + gI (vI - v) - gNa m^3 h (v - vNa) - gK n^4 (v - vK) + iBias + x; dy/dt = alpha_y(v) (1 - y) - beta_y(v) y for y = m, h, n; tauE dgE/dt = -gE; tauI dgI/dt = -gI; a spike adds its weight to gE or gI`.
 *
 * As computed: `g = gL + gE + gI + gNa m^3 h + gK n^4, e = (gL vLeak + gE vE + gI vI + gNa m^3 h vNa + gK n^4 vK + iBias + x[t]) / g; v[t] = e + (v[t-1] - e) exp(-g dt / c); y[t] = y_inf + (y[t-1] - y_inf) exp(-(alpha_y + beta_y) dt), all from the values of t-1; gE[t] = exp(-dt / tauE) gE[t-1] + excitatory[t]; gI[t] = exp(-dt / tauI) gI[t-1] + inhibitory[t]; s[t] = 1 if v > vThreshold at the end of the step or of one of its subSteps and no spike was in the last tauRef, else 0`. States:
 * - `v`: membrane potential
 * - `m`: activation of sodium
 * - `h`: inactivation of sodium
 * - `n`: activation of potassium
 * - `gE`: excitatory conductance
 * - `gI`: inhibitory conductance
 * - `refractory`: steps for which no spike is emitted
 *
 * Source: R. Brette et al., J. Comput. Neurosci. 23, 2007, benchmark 3, as in Brian2; R. D. Traub, R. Miles, Neuronal Networks of the Hippocampus, 1991; NEST 3 hh_cond_exp_traub, which integrates by Runge-Kutta-Fehlberg and marks the peak. For large networks (simulate): it has more than one port.
 *
 * @returns a population with the ports `excitatory`, `inhibitory`, `current`: what feeds it is cut into 3 parts, for `excitatory`, `inhibitory`, `current`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function hhCondExpTraub<const N extends number = number>(options?: HhCondExpTraubOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link hhCondExpTraub}. */
export declare interface HhCondExpTraubOptions<N extends number = number> extends PopulationOptions<N> {
    /** membrane capacitance (pF); a number above 0; default 200. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** largest conductance of the sodium channels (nS); a number of at least 0; default 20000. One number, or one a neuron. */
    gNa?: number | readonly number[] | Float64Array | Float32Array;
    /** largest conductance of the potassium channels (nS); a number of at least 0; default 6000. One number, or one a neuron. */
    gK?: number | readonly number[] | Float64Array | Float32Array;
    /** leak conductance (nS); a number above 0; default 10. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of sodium (mV); a finite number; default 50. One number, or one a neuron. */
    vNa?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of potassium (mV); a finite number; default -90. One number, or one a neuron. */
    vK?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of the leak (mV); a finite number; default -60. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of excitation (mV); a finite number; default 0. One number, or one a neuron. */
    vE?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of inhibition (mV); a finite number; default -80. One number, or one a neuron. */
    vI?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the excitatory conductance (ms); a number above 0; default 5. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the inhibitory conductance (ms); a number above 0; default 10. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** the potential that the rates count from (mV); a finite number; default -63. One number, or one a neuron. */
    vT?: number | readonly number[] | Float64Array | Float32Array;
    /** potential above which a spike is emitted (mV); a finite number; default -20. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** for how long after a spike no other is emitted, rounded to whole steps (ms); a number of at least 0; default 3. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default -60. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** m at the start; its steady state at vInit if left out (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    mInit?: number | readonly number[] | Float64Array | Float32Array;
    /** h at the start; its steady state at vInit if left out (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    hInit?: number | readonly number[] | Float64Array | Float32Array;
    /** n at the start; its steady state at vInit if left out (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    nInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 1. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'exponential-euler'`. */
    method?: 'exponential-euler' | 'rk4';
}

/**
 * Hodgkin-Huxley with alpha-shaped currents: `c dv/dt = -gNa m^3 h (v - vNa) - gK n^4 (v - vK) - gL (v - vLeak) + iE + iI + iBias + x; dy/dt = alpha_y(v) (1 - y) - beta_y(v) y for y = m, h, n; a spike of weight w, s ms ago, is a current w (e / tau) s exp(-s / tau), which peaks at w after tau`.
 *
 * As computed: `iE and iI exactly; v, m, h and n by 1, 2, 5 or 10 steps (tolerance), or subSteps, of the Runge-Kutta method of order 4; then dE[t] = dE + (e / tauE) excitatory[t], dI[t] = dI - (e / tauI) inhibitory[t]; s[t] = 1 if v[t] >= vThreshold and v[t] < v[t-1] and no spike was in the last tauRef, else 0`. States:
 * - `v`: membrane potential
 * - `m`: activation of sodium
 * - `h`: inactivation of sodium
 * - `n`: activation of potassium
 * - `iE`: excitatory synaptic current
 * - `iI`: inhibitory synaptic current, 0 or below
 * - `dE`: rise of the excitatory current
 * - `dI`: rise of the inhibitory current
 * - `refractory`: steps for which no spike is emitted
 *
 * Source: A. L. Hodgkin, A. F. Huxley, J. Physiol. 117, 1952; NEST 3 hh_psc_alpha, which integrates by Runge-Kutta-Fehlberg. For large networks (simulate): it has more than one port.
 *
 * @returns a population with the ports `excitatory`, `inhibitory`, `current`: what feeds it is cut into 3 parts, for `excitatory`, `inhibitory`, `current`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function hhPscAlpha<const N extends number = number>(options?: HhPscAlphaOptions<N>): PortedPopulation<N>;

/** What {@link HhPscAlphaOptions} may hold. */
export declare interface HhPscAlphaFields<N extends number = number> extends PopulationOptions<N> {
    /** membrane capacitance (pF); a number above 0; default 100. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** largest conductance of the sodium channels (nS); a number of at least 0; default 12000. One number, or one a neuron. */
    gNa?: number | readonly number[] | Float64Array | Float32Array;
    /** largest conductance of the potassium channels (nS); a number of at least 0; default 3600. One number, or one a neuron. */
    gK?: number | readonly number[] | Float64Array | Float32Array;
    /** leak conductance (nS); a number of at least 0; default 30. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of sodium (mV); a finite number; default 50. One number, or one a neuron. */
    vNa?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of potassium (mV); a finite number; default -77. One number, or one a neuron. */
    vK?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of the leak (mV); a finite number; default -54.402. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** time to the peak of an excitatory current (ms); a number above 0; default 0.2. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time to the peak of an inhibitory current (ms); a number above 0; default 2. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** a spike is a peak of v at or above it (mV); a finite number; default 0. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** for how long after a spike no other is emitted, rounded to whole steps (ms); a number of at least 0; default 2. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default -65. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** m at the start; its steady state at vInit if left out (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    mInit?: number | readonly number[] | Float64Array | Float32Array;
    /** h at the start; its steady state at vInit if left out (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    hInit?: number | readonly number[] | Float64Array | Float32Array;
    /** n at the start; its steady state at vInit if left out (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    nInit?: number | readonly number[] | Float64Array | Float32Array;
    /** in large networks: how far what a step of the method of order 4 gives may be from what its stages give at order 2, in v. Each neuron takes 1, 2 or 5 steps of the method within one of the network where that is kept, else 10; 20 and 50 below a tolerance of 1e-4. In trained networks always the most (mV); a number above 0; default 0.001. One number, or one a neuron. */
    tolerance?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
}

/** Parameters and options of {@link hhPscAlpha}; of parameters that say the same thing, one. */
export declare type HhPscAlphaOptions<N extends number = number> = HhPscAlphaFields<N> & AtMostOne<'tolerance' | 'subSteps'>;

/** Learning curves. Per-epoch lists have one entry per epoch; accuracies are fractions from 0 to 1. */
export declare interface History {
    /** Loss of every batch, over all epochs. */
    batchLoss?: ArrayLike<number>;
    /** Mean training loss of each epoch. */
    loss?: ArrayLike<number>;
    /** Loss on the validation data after each epoch. */
    validationLoss?: ArrayLike<number>;
    /** Loss on the test data after each epoch. */
    testLoss?: ArrayLike<number>;
    /** Accuracy on the training data in each epoch. */
    accuracy?: ArrayLike<number>;
    /** Accuracy on the validation data after each epoch. */
    validationAccuracy?: ArrayLike<number>;
    /** Accuracy on the test data after each epoch. */
    testAccuracy?: ArrayLike<number>;
}

/**
 * Loss and accuracy over epochs. Of several runs, the line is their mean and the band reaches from the lowest to the highest. The loss of single batches, if it is
 * given, is a faint line below its running mean.
 *
 * @param runs - one training, or a list of trainings of the same setting with other seeds
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function history(runs: FigureRun | readonly FigureRun[], options?: FigureOptions): Promise<Figure>;

/**
 * Hodgkin-Huxley: `c dv/dt = x - gNa m^3 h (v - vNa) - gK n^4 (v - vK) - gL (v - vLeak); dy/dt = phi (alpha_y(v) (1 - y) - beta_y(v) y) for y = m, h, n`.
 *
 * As computed: `g = gNa m^3 h + gK n^4 + gL, e = (gNa m^3 h vNa + gK n^4 vK + gL vLeak + x[t]) / g; v[t] = e + (v[t-1] - e) exp(-g dt / c); y[t] = y_inf + (y[t-1] - y_inf) exp(-phi (alpha_y + beta_y) dt), all from the values of t-1; s[t] = 1 if v[t] > vThreshold and v[t-1] not, else 0; with subSteps from any of them to the next`. States:
 * - `v`: membrane potential
 * - `m`: activation of sodium
 * - `h`: inactivation of sodium
 * - `n`: activation of potassium
 *
 * Source: A. L. Hodgkin, A. F. Huxley, J. Physiol. 117, 1952, rest at -65 mV; traub-miles: R. D. Traub, R. Miles, Neuronal Networks of the Hippocampus, 1991, as in R. Brette et al., J. Comput. Neurosci. 23, 2007.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function hodgkinHuxley<const N extends number = number>(options?: HodgkinHuxleyOptions<N>): Population<N>;

/** Parameters and options of {@link hodgkinHuxley}. */
export declare interface HodgkinHuxleyOptions<N extends number = number> extends PopulationOptions<N> {
    /** membrane capacitance (uF/cm2); a number above 0; default 1. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** largest conductance of the sodium channels (mS/cm2); a number of at least 0; default 120. One number, or one a neuron. */
    gNa?: number | readonly number[] | Float64Array | Float32Array;
    /** largest conductance of the potassium channels (mS/cm2); a number of at least 0; default 36. One number, or one a neuron. */
    gK?: number | readonly number[] | Float64Array | Float32Array;
    /** leak conductance (mS/cm2); a number of at least 0; default 0.3. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of sodium (mV); a finite number; default 50. One number, or one a neuron. */
    vNa?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of potassium (mV); a finite number; default -77. One number, or one a neuron. */
    vK?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of the leak (mV); a finite number; default -54.387. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** of the rates traub-miles: the potential that they count from (mV); a finite number; default -63. One number, or one a neuron. */
    vT?: number | readonly number[] | Float64Array | Float32Array;
    /** temperature factor on the rates of the gates: 3^((T - 6.3) / 10) (dimensionless); a number above 0; default 1. One number, or one a neuron. */
    phi?: number | readonly number[] | Float64Array | Float32Array;
    /** potential whose upward crossing is a spike (mV); a finite number; default 0. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default -65. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** m at the start; its steady state at vInit if left out (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    mInit?: number | readonly number[] | Float64Array | Float32Array;
    /** h at the start; its steady state at vInit if left out (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    hInit?: number | readonly number[] | Float64Array | Float32Array;
    /** n at the start; its steady state at vInit if left out (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    nInit?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 1. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how alpha and beta depend on v: the squid's axon of 1952, or a cell of the hippocampus; default `'squid'`. */
    rates?: 'squid' | 'traub-miles';
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'exponential-euler'`. */
    method?: 'exponential-euler' | 'rk4';
    /** Fills in the parameters and options with which that library computes. brian2: the neuron of its example COBAHH, by exponential Euler; Brian2 marks a spike above -20 mV. */
    like?: 'brian2';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('gNa' | 'gK' | 'gL')[];
}

/** Options of {@link encode}.hsa. */
export declare interface HsaOptions extends TaskOptions {
    /** Coefficients of the filter, at least one. */
    filter: ArrayLike<number>;
}

/** {@link HyperbandPruning}: L. Li et al., J. Mach. Learn. Res. 18, 2018. */
declare function hyperband(options: OptionsOf<HyperbandPruning>): HyperbandPruning;

/** Several brackets of successive halving: the first bracket ends trials early, the last one not at all. */
declare interface HyperbandPruning extends Pick<PruneOptions, 'direction'> {
    readonly kind: 'hyperband';
    /** Steps of a full trial. */
    readonly maxSteps: number;
    /** Steps of the first rung of the first bracket. Default 1. */
    readonly minSteps?: number;
    /** The reduction factor. Default 3. */
    readonly reduction?: number;
}

/**
 * leaky integrate-and-fire with alpha-shaped conductances: `c dv/dt = gL (vLeak - v) + gE (vE - v) + gI (vI - v) + iBias + x; a spike of weight w, s ms ago, is a conductance w (e / tau) s exp(-s / tau), which peaks at w after tau`.
 *
 * As computed: `gE and gI exactly; v by subSteps steps of the Runge-Kutta method of order 4, unless v rests; then dE[t] = dE + (e / tauE) excitatory[t], dI[t] = dI + (e / tauI) inhibitory[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if s[t] else v`. States:
 * - `v`: membrane potential
 * - `gE`: excitatory conductance
 * - `gI`: inhibitory conductance
 * - `dE`: rise of the excitatory conductance
 * - `dI`: rise of the inhibitory conductance
 * - `refractory`: steps for which v still rests
 *
 * Source: NEST 3 iaf_cond_alpha, which integrates by Runge-Kutta-Fehlberg. For large networks (simulate): it has more than one port.
 *
 * @returns a population with the ports `excitatory`, `inhibitory`, `current`: what feeds it is cut into 3 parts, for `excitatory`, `inhibitory`, `current`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function iafCondAlpha<const N extends number = number>(options?: IafCondAlphaOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link iafCondAlpha}. */
export declare interface IafCondAlphaOptions<N extends number = number> extends PopulationOptions<N> {
    /** leak conductance (nS); a number above 0; default 16.6667. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of excitation (mV); a finite number; default 0. One number, or one a neuron. */
    vE?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of inhibition (mV); a finite number; default -85. One number, or one a neuron. */
    vI?: number | readonly number[] | Float64Array | Float32Array;
    /** time to the peak of an excitatory conductance (ms); a number above 0; default 0.2. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time to the peak of an inhibitory conductance (ms); a number above 0; default 2. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane capacitance (pF); a number above 0; default 250. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -70. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at and above which a spike is emitted (mV); a finite number; default -55. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a spike (mV); a finite number below vThreshold; default -70. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0; default 2. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 4. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'rk4'`. */
    method?: 'rk4' | 'euler';
}

/**
 * leaky integrate-and-fire with exponential conductances: `c dv/dt = gL (vLeak - v) + gE (vE - v) + gI (vI - v) + iBias + x; tauE dgE/dt = -gE; tauI dgI/dt = -gI; a spike adds its weight to gE or gI`.
 *
 * As computed: `mean conductances of the step: mE = gE[t-1] (1 - qE) tauE / dt, qE = exp(-dt / tauE), mI and qI likewise; g = gL + mE + mI, d = gL vLeak + iBias + x[t], e = (d + mE vE + mI vI + k) / g; v = e + (v[t-1] - e) exp(-g dt / c), unless v rests; gE[t] = qE gE[t-1] + excitatory[t]; gI[t] = qI gI[t-1] + inhibitory[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if s[t] else v; k is Magnus's second term, with which v is of fourth order: -2 c dt k = gE[t-1] kE (d - gL vE) + gI[t-1] kI (d - gL vI) + gE[t-1] gI[t-1] kEI (vI - vE), kE = tauE (2 tauE (1 - qE) - dt (1 + qE)), kI likewise, kEI = tauE tauI ((qI - qE) + (tauE - tauI) / (tauE + tauI) (1 - qE qI))`. States:
 * - `v`: membrane potential
 * - `gE`: excitatory conductance
 * - `gI`: inhibitory conductance
 * - `refractory`: steps for which v still rests
 *
 * Source: NEST 3 iaf_cond_exp, which integrates by Runge-Kutta-Fehlberg; R. Brette et al., J. Comput. Neurosci. 23, 2007, benchmark 1. For large networks (simulate): it has more than one port.
 *
 * @returns a population with the ports `excitatory`, `inhibitory`, `current`: what feeds it is cut into 3 parts, for `excitatory`, `inhibitory`, `current`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function iafCondExp<const N extends number = number>(options?: IafCondExpOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link iafCondExp}. */
export declare interface IafCondExpOptions<N extends number = number> extends PopulationOptions<N> {
    /** leak conductance (nS); a number above 0; default 10. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of excitation (mV); a finite number; default 0. One number, or one a neuron. */
    vE?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of inhibition (mV); a finite number; default -80. One number, or one a neuron. */
    vI?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the excitatory conductance (ms); a number above 0; default 5. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the inhibitory conductance (ms); a number above 0; default 10. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane capacitance (pF); a number above 0; default 250. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -70. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at and above which a spike is emitted (mV); a finite number; default -55. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a spike (mV); a finite number below vThreshold; default -70. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0; default 2. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
}

/**
 * leaky integrate-and-fire with alpha-shaped currents: `c dv/dt = -c (v - vLeak) / tauMem + iE + iI + iBias + x; a spike of weight w, s ms ago, is a current w (e / tau) s exp(-s / tau), which peaks at w after tau`.
 *
 * As computed: `v = left v[t-1] + (1 - left) vLeak + riseE dE[t-1] + gainE iE[t-1] + riseI dI[t-1] + gainI iI[t-1] + charge (iBias + x[t]), unless v rests; iE[t] = exp(-dt / tauE) (iE[t-1] + dt dE[t-1]); dE[t] = exp(-dt / tauE) dE[t-1] + (e / tauE) excitatory[t]; the same for iI and dI with -inhibitory[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if s[t] else v`. States:
 * - `v`: membrane potential
 * - `iE`: excitatory synaptic current
 * - `iI`: inhibitory synaptic current, 0 or below
 * - `dE`: rise of the excitatory current
 * - `dI`: rise of the inhibitory current
 * - `refractory`: steps for which v still rests
 *
 * Source: NEST 3 iaf_psc_alpha; S. Rotter, M. Diesmann, Biol. Cybern. 81, 1999. For large networks (simulate): it has more than one port.
 *
 * @returns a population with the ports `excitatory`, `inhibitory`, `current`: what feeds it is cut into 3 parts, for `excitatory`, `inhibitory`, `current`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function iafPscAlpha<const N extends number = number>(options?: IafPscAlphaOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link iafPscAlpha}. */
export declare interface IafPscAlphaOptions<N extends number = number> extends PopulationOptions<N> {
    /** membrane time constant (ms); a number above 0; default 10. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** time to the peak of an excitatory current (ms); a number above 0; default 2. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time to the peak of an inhibitory current (ms); a number above 0; default 2. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane capacitance (pF); a number above 0; default 250. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -70. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at and above which a spike is emitted (mV); a finite number; default -55. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a spike (mV); a finite number below vThreshold; default -70. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0; default 2. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
    /** bound below which no input brings v; without one if left out (mV); a finite number. One number, or one a neuron. */
    vMin?: number | readonly number[] | Float64Array | Float32Array;
}

/**
 * leaky integrate-and-fire with exponential currents: `c dv/dt = -c (v - vLeak) / tauMem + iE + iI + iBias + x; tauE diE/dt = -iE; tauI diI/dt = -iI; a spike adds its weight to iE or takes it off iI`.
 *
 * As computed: `v = left v[t-1] + (1 - left) vLeak + gainE iE[t-1] + gainI iI[t-1] + charge (iBias + x[t]), unless v rests; iE[t] = exp(-dt / tauE) iE[t-1] + excitatory[t]; iI[t] = exp(-dt / tauI) iI[t-1] - inhibitory[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if s[t] else v`. States:
 * - `v`: membrane potential
 * - `iE`: excitatory synaptic current
 * - `iI`: inhibitory synaptic current, 0 or below
 * - `refractory`: steps for which v still rests
 *
 * Source: NEST 3 iaf_psc_exp; S. Rotter, M. Diesmann, Biol. Cybern. 81, 1999. For large networks (simulate): it has more than one port.
 *
 * @returns a population with the ports `excitatory`, `inhibitory`, `current`: what feeds it is cut into 3 parts, for `excitatory`, `inhibitory`, `current`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function iafPscExp<const N extends number = number>(options?: IafPscExpOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link iafPscExp}. */
export declare interface IafPscExpOptions<N extends number = number> extends PopulationOptions<N> {
    /** membrane time constant (ms); a number above 0; default 10. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the excitatory current (ms); a number above 0; default 2. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the inhibitory current (ms); a number above 0; default 2. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane capacitance (pF); a number above 0; default 250. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -70. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at and above which a spike is emitted (mV); a finite number; default -55. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a spike (mV); a finite number below vThreshold; default -70. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0; default 2. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
}

/**
 * leaky integrate-and-fire with one exponential current: `c dv/dt = -c (v - vLeak) / tauMem + i + iBias + x; tauSyn di/dt = -i; a spike adds its weight, of either sign, to i`.
 *
 * As computed: `v = left v[t-1] + (1 - left) vLeak + gain i[t-1] + charge (iBias + x[t]), unless v rests; i[t] = exp(-dt / tauSyn) i[t-1] + synaptic[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if s[t] else v`. States:
 * - `v`: membrane potential
 * - `i`: synaptic current
 * - `refractory`: steps for which v still rests
 *
 * Source: NEST 3 iaf_psc_exp with tau_syn_ex = tau_syn_in, whose two currents are then one; S. Rotter, M. Diesmann, Biol. Cybern. 81, 1999. For large networks (simulate): it has more than one port.
 *
 * @returns a population with the ports `synaptic`, `current`: what feeds it is cut into 2 parts, for `synaptic`, `current`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function iafPscExpShared<const N extends number = number>(options?: IafPscExpSharedOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link iafPscExpShared}. */
export declare interface IafPscExpSharedOptions<N extends number = number> extends PopulationOptions<N> {
    /** membrane time constant (ms); a number above 0; default 10. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the synaptic current (ms); a number above 0; default 2. One number, or one a neuron. */
    tauSyn?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane capacitance (pF); a number above 0; default 250. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (mV); a finite number; default -70. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at and above which a spike is emitted (mV); a finite number; default -55. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a spike (mV); a finite number below vThreshold; default -70. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0; default 2. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
}

/** The array of an IDX file; `shape` lists the outermost axis first. */
export declare interface IdxArray {
    data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
    shape: number[];
}

/** Options of readers of IDX files. */
export declare interface IdxOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
}

/** A tensor that is no weight here, and why. */
export declare interface IgnoredTensor {
    readonly tensor: string;
    readonly reason: string;
}

/** The sizes of a shape `[channels, …pixels]`. */
declare type Image<C extends number, P extends readonly number[]> = Sizes<Multiply<C, Product<P>>, C, P>;

/** The importance of a parameter. */
export declare interface Importance {
    readonly parameter: string;
    /** Its share of the total importance; the shares sum to 1. */
    readonly importance: number;
}

/** Options of {@link Model.importWeights}. */
export declare interface ImportOptions {
    /** The library that the tensors come from. Default `'torch'`: nothing but `torch.nn`, and parameters that are called as here. */
    from?: Peer;
    /**
     * Where modules or tensors go that names, structure and shapes do not tell: by the name of the module or tensor (`fc_out`,
     * `lif_out.beta`) that of our layer or parameter, or `null` for what is to be left out; or a function from each tensor's name to
     * that, which gives `undefined` where it has nothing to say.
     */
    map?: Readonly<Record<string, string | null>> | ((tensor: string) => string | null | undefined);
    /** Layers that keep their weights, which then need no tensors: a new readout behind trained layers. */
    keep?: readonly string[];
    /**
     * Of a checkpoint the dictionary that holds the weights, such as `'model_state_dict'`. Default the file itself where it is a state_dict,
     * else the only one that it holds.
     */
    stateDict?: string;
    /** Cancels the reading of a file. */
    signal?: AbortSignal;
    /** What a file may take. */
    limits?: Limits;
}

/** What {@link Model.importWeights} has done with each tensor. */
export declare interface ImportReport {
    /** Parameters that were set, and from which tensors; `how` says what was done to the numbers, where they are not the same. */
    readonly set: readonly {
        readonly parameter: string;
        readonly shape: readonly number[];
        readonly tensors: readonly string[];
        readonly how?: string;
    }[];
    /** Numbers that the model has as constants of its description: they are the same, or the import would have been refused. */
    readonly compared: readonly Compared[];
    /** Tensors that are no weights of the model, and why. */
    readonly ignored: readonly IgnoredTensor[];
    /** Parameters that kept their values. */
    readonly kept: readonly string[];
}

/** Samples of the camera's inertial measurement unit. */
export declare interface ImuSamples {
    /** Microseconds, as {@link EventBatch.t}. */
    readonly t: Float64Array;
    /** `[sample][x, y, z]`, in g. */
    readonly accelerometer: Float32Array;
    /** `[sample][x, y, z]`, in degrees per second. */
    readonly gyroscope: Float32Array;
    /** `[sample][x, y, z]`, in microtesla; 0 where the sensor has none. */
    readonly magnetometer: Float32Array;
    /** In degrees Celsius. */
    readonly temperature: Float32Array;
}

/**
 * Vogels–Sprekeler plasticity of inhibition: `pre: w += eta (xPost - alpha); post: w += eta xPre; dx/dt = -x / tau, each + 1 at its neuron's spikes; alpha = 2 rate tau`.
 *
 * As computed: at events only: traces decay by exp(-elapsed / tau), then w changes and is clipped to wMin … wMax, then the trace jumps. At a spike of the source eta xPost is added first and the sum clipped, then eta alpha is taken off: a weight at wMax goes down by eta alpha however large xPost is, as in NEST. w is a magnitude: where weights are negative, more of it is more inhibition. Variables of a synapse:
 * - `w`: weight (the unit of the weight)
 *
 * Source: T. P. Vogels, H. Sprekeler et al., Science 334, 2011; order of clipping: NEST 3.10 vogels_sprekeler_synapse.
 *
 * @throws LapicqueError `unknown-name` for an option that does not exist; where it is used, `invalid-parameter` for a
 * value out of range
 */
declare function inhibitoryStdp(options?: InhibitoryStdpOptions): SynapseModel;

/** Parameters and options of {@link inhibitoryStdp}. */
declare interface InhibitoryStdpOptions {
    /** time constant of both traces (ms); a number above 0; default 20. */
    tau?: number;
    /** change by a pair at no distance (the unit of the weight); a finite number; default 0.001. */
    eta?: number;
    /** rate of the target that inhibition aims at (Hz); a number of at least 0; default 3. */
    rate?: number;
    /** depression by each spike of the source, as a part of eta (dimensionless); a finite number. */
    alpha?: number;
    /** smallest weight (the unit of the weight); a finite number; default 0. */
    wMin?: number;
    /** largest weight (the unit of the weight); a finite number; default 1. */
    wMax?: number;
    /** a spike pairs with all earlier ones of the other side, or with the last one alone; default `'all-to-all'`. */
    pairing?: 'all-to-all' | 'nearest';
    /** spikes of source and target that meet at the same time: neither sees the other, the one that comes first is seen by the other, or each sees the other; default `'neither'`. */
    coincidence?: 'neither' | 'pre-first' | 'post-first' | 'both';
    /** exp(-dt / tau) a step, or 1 - dt / tau; default `'exact'`. */
    decay?: 'exact' | 'euler';
}

/**
 * Initializer of weights, with formulas as in `torch.nn.init`. Values are drawn in double precision from the network's
 * seed. The fan-in is the number of inputs of an output (channels times pixels of the window), the fan-out the number
 * of outputs of an input.
 */
export declare type Initialiser = 
/** U(-b, b), b = gain / √fan-in, gain 1: torch's `Linear`, the default */
    {
    kind: 'fan-in-uniform';
    gain?: number;
}
/**
* U(-b, b), b = gain √(6 / (fan-in + fan-out)), or N(0, s), s = gain √(2 / (fan-in + fan-out)), gain 1 (X. Glorot, Y. Bengio,
* AISTATS 2010)
*/
| {
    kind: 'xavier-uniform' | 'xavier-normal';
    gain?: number;
}
/**
* U(-b, b), b = √(6 / ((1 + a²) fan)), or N(0, s), s = √(2 / ((1 + a²) fan)), a = 0, the fan that of `mode`, by default the
* fan-in (K. He et al., ICCV 2015)
*/
| {
    kind: 'kaiming-uniform' | 'kaiming-normal';
    a?: number;
    mode?: 'fan-in' | 'fan-out';
}
/**
* gain times a matrix whose rows or columns, whichever are fewer, are orthonormal (A. Saxe et al., ICLR 2014), or gain on
* the diagonal of a dense projection and 0 elsewhere; gain 1
*/
| {
    kind: 'orthogonal' | 'identity';
    gain?: number;
}
/** U(low, high) */
| {
    kind: 'uniform';
    low: number;
    high: number;
}
/** N(mean, std), std at least 0 */
| {
    kind: 'normal';
    mean: number;
    std: number;
}
/** all equal */
| {
    kind: 'constant';
    value: number;
}
/**
* A Legendre memory of `theta` steps for each of outputs / order inputs: its state transition (`legendre-memory`, one
* block of `[order, order]` each) and its input weights (`legendre-input`); method `'zoh'`; see {@link
* legendreMemory}
*/
| {
    kind: 'legendre-memory' | 'legendre-input';
    order: number;
    theta: number;
    method?: 'zoh' | 'euler' | 'tustin';
}
/** all 0 */
| {
    kind: 'zeros';
}
/** These values, in the public order of the tensor; the count must match. */
| {
    kind: 'values';
    values: readonly number[];
};

/** An input as a simulation lists it. */
export declare interface Input {
    /** What `set` and `get` take: that which it was given, else its kind and a number. */
    readonly name: string;
    readonly kind: 'poisson' | 'normal' | 'current';
    readonly to: NeuronsSpec;
}

/**
 * The shape of the input where it is an image: `[channels, height, width]`, or `[channels, width]`, or `[channels, depth, height, width]`
 * of a volume. The first layer of a
 * network that begins with a convolution or a pool. Data then has as many elements a sample and step, in this order.
 *
 * @param shape - one to four positive integers
 * @returns the first layer of `sequential`, of just this shape
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer, or at `compile` behind another layer
 */
export declare function input<const S extends readonly number[]>(...shape: S): InputShape<S>;

/** A rate or current over time. */
export declare interface InputCourse {
    /** In ms. */
    readonly times: Float64Array;
    /** One for each time, or `[times, neurons]`. */
    readonly values: Float64Array;
}

/**
 * An input by name, optionally with a unit. In a large network an input called `inhibitory` accepts no weights below 0,
 * because they would excite, unless `signed` is set.
 */
export declare type InputDefinition = string | {
    readonly name: string;
    readonly unit?: string;
    readonly signed?: boolean;
};

/** How a batch is read. */
export declare interface InputOptions {
    /**
     * Number of time steps. If given, `x` is `[batch, channels]` and is a constant input current at every step. Default: `x`
     * is `[time, batch, channels]`.
     */
    steps?: number | undefined;
}

/** One input, or several. */
export declare type Inputs = InputDefinition | readonly InputDefinition[];

/** The shape of the input, where it is an image; only as the first layer. */
export declare interface InputShape<S extends readonly number[] = readonly number[]> {
    readonly layer: 'input';
    readonly shape: S;
}

/** Numbers with a shape. */
export declare interface InputTensor {
    /**
     * Values, also as whole numbers of 16 bits or more, or spikes as bytes 0 and 1 (a quarter of the memory), also where they are constant. Values that are all 0 or 1 count as spikes, too: the
     * engine keeps either as bits.
     * `[time, batch, channels]`, or `[batch, channels]` for a constant input at every step.
     */
    x: Float32Array | Float64Array | Exclude<WholeNumbers, BigInt64Array | BigUint64Array>;
    /**
     * Shape of `x`. A sample at a step is one flat axis of `channels` elements, or has the axes of {@link input} in their order. Other
     * axes are refused, because their elements would be misread. Without `input(…)` several axes are read in their order.
     */
    shape: readonly number[];
}

/** New values of an input; those that are left out stay. */
export declare interface InputValues {
    /** Of a Poisson input, in Hz: for all neurons, one for each, or over time, as `poisson` takes it. */
    rate?: Exclude<Course, Distribution>;
    /** Of a Poisson input, in the unit of the port. */
    weight?: number;
    /** Of a current, as `currentSource` takes it. */
    current?: Exclude<Course, Distribution>;
    /** Of noise. */
    mean?: number;
    sd?: number;
}

/** An integer from `low` to `high`, both included, in steps of `step`, or uniform in its logarithm. */
declare interface Int {
    readonly kind: 'int';
    readonly low: number;
    readonly high: number;
    readonly step?: number;
    readonly log?: boolean;
}

/**
 * An integer from `low` to `high`, both included.
 *
 * @param options - `step`: only `low`, `low + step`, …, default 1; `log`: uniform in the logarithm, with `low` at least
 * 1 and `step` 1, default false
 */
declare function int(low: number, high: number, options?: {
    step?: number;
    log?: boolean;
}): Int;

/** A connection of a layer. */
export declare interface IntegerConnection {
    /** Of its weights in files and in C. */
    readonly name: string;
    /** `'input'` or the name of a layer. */
    readonly from: string;
    /** Steps from a spike of the source to its effect, 0 or 1; 0 only from the input and earlier layers. */
    readonly delay: number;
    /** The synaptic current that receives. */
    readonly current: number;
    /** A weight counts as `weight << shift`. */
    readonly shift: number;
    /** The largest count of a source neuron in a step; more is clipped. */
    readonly maxCount: number;
    readonly projection: IntegerProjection;
}

/** A connection of {@link integerNetwork}. */
export declare interface IntegerConnectionSpec {
    /** `'input'` or the name of a layer; a layer may be its own source. */
    readonly from: string;
    /** Row-major `[out, in]`; of a convolution `[out, in, height, width]`. 0 is no synapse. */
    readonly weights: Int8Array;
    /** Default `LAYER.from.FROM` with the number of the current. */
    readonly name?: string;
    /** Steps, 0 or 1. Default 1 from a layer to itself and where the target says so, else 0. */
    readonly delay?: number;
    /** Default 0. */
    readonly current?: number;
    /** Left shift of the weights; default 0. */
    readonly shift?: number;
    /** Default the most that the source gives. */
    readonly maxCount?: number;
    /** Default dense. */
    readonly projection?: IntegerProjection;
}

/** The rules of the layers of an integer network. The engine checks them. */
/**
 * The decay of a state in one step; each neuron has its own parameter.
 * - `shift`: x - (x >> shift), with an arithmetic shift. With `atLeastOne`, a value that would not change moves by 1 towards 0.
 * - `multiplier`: x factor / 2^fractionBits, rounded; a factor is a whole number from 0 to 2^fractionBits.
 */
export declare type IntegerDecay = {
    readonly kind: 'none';
} | {
    readonly kind: 'shift';
    readonly atLeastOne: boolean;
} | {
    readonly kind: 'multiplier';
    readonly fractionBits: number;
    readonly rounding: 'floor' | 'nearest' | 'toward-zero';
};

/** The whole network without its numbers. */
export declare interface IntegerDescription {
    /** The name of the target, for people. */
    readonly target: string;
    readonly input: {
        readonly size: number;
        /** `[channels, height, width]` of an image. */
        readonly shape?: readonly [number, number, number];
        readonly maxCount: number;
        readonly signed: boolean;
        /** The value of one count, for inputs that are not whole numbers; default 1. */
        readonly scale?: number;
    };
    readonly layers: readonly IntegerLayer[];
}

/** Numbers with a shape, `[time, batch, channels]`, or `[batch, channels]` for a constant input. */
export declare interface IntegerInput {
    /** Counts, or values, which are divided by `input.scale` of the network and rounded to whole counts. */
    readonly x: Uint8Array | Int16Array | Float32Array | Float64Array;
    readonly shape: readonly number[];
}

/** A layer of an integer network. */
export declare interface IntegerLayer {
    readonly name: string;
    readonly neurons: number;
    /** `[channels, height, width]` of neurons of an image. */
    readonly shape?: readonly [number, number, number];
    readonly rules: IntegerRules;
    /** `[a, b]`: right after neuron a, its spikes of this step count for b too, up to `maxSpikes`. */
    readonly aliases: readonly (readonly [number, number])[];
    readonly connections: readonly IntegerConnection[];
}

/** A layer of {@link integerNetwork}. Numbers are one for all neurons, or one for each. */
export declare interface IntegerLayerSpec {
    readonly name: string;
    readonly neurons: number;
    readonly shape?: readonly [number, number, number];
    /** Changes to the rules of the target. */
    readonly rules?: Partial<IntegerRules>;
    readonly threshold?: number | Int32Array;
    /** Default 0. */
    readonly vReset?: number | Int32Array;
    /** Default 0. */
    readonly bias?: number | Int32Array;
    /** Default 0. */
    readonly vStart?: number | Int32Array;
    readonly vDecay?: number | Int32Array;
    /** For each current, `[currents, neurons]`. */
    readonly currentDecay?: number | Int32Array;
    /** Default 0; `[currents, neurons]`. */
    readonly currentBias?: number | Int32Array;
    readonly aliases?: readonly (readonly [number, number])[];
    readonly connections: readonly IntegerConnectionSpec[];
}

/** One layer in {@link IntegerSummary}. */
export declare interface IntegerLayerSummary {
    readonly name: string;
    readonly neurons: number;
    readonly spiking: boolean;
    readonly weightBits: number;
    readonly vBits: number;
    /** Bits of a current; 0 if there is none. */
    readonly currentBits: number;
    readonly currents: number;
    readonly weights: number;
    /** Weights that are not 0. */
    readonly synapses: number;
    /** Smallest and largest threshold. */
    readonly threshold: readonly [number, number];
    readonly connections: readonly {
        readonly name: string;
        readonly from: string;
        readonly shift: number;
    }[];
}

/**
 * A network of integer weights and states whose arithmetic is that of its rules exactly, on every machine. {@link quantize} makes one
 * of a model, {@link integerNetwork} of tables.
 */
export declare class IntegerNetwork implements Disposable {
    #private;
    readonly description: IntegerDescription;
    readonly tensors: IntegerTensors;
    /**
     * Runs a batch from rest, its samples in parallel.
     *
     * @param input - counts, or values in units of `description.input.scale`, `[time, batch, channels]`; with `steps` `[batch, channels]`
     * @throws LapicqueError `shape-mismatch`, `invalid-parameter`, `unknown-name` for a recording, `too-large`, `aborted`, `disposed`
     */
    run(input: IntegerInput, options?: IntegerRunOptions): Promise<IntegerRunResult>;
    /** A streaming session at rest. Sessions share the weights. @throws LapicqueError `disposed`, `too-large` */
    session(): IntegerSession;
    /** Bytes of weights and parameters in the engine's memory, and of the state of a session. */
    get bytes(): {
        readonly network: number;
        readonly session: number;
    };
    /** Sizes, bits and ranges of all layers. */
    summary(): IntegerSummary;
    /**
     * The network as C99 without dependencies: a header, and a source with the tables and a step function. Its spikes are those of
     * {@link IntegerNetwork.session}.
     *
     * @param options - `name`: prefix of all names in C, a C identifier; default `network`
     * @throws LapicqueError `invalid-parameter` for a name that is no C identifier
     */
    toC(options?: {
        readonly name?: string;
    }): CExport;
    /** Description, weights and parameters as plain JSON data: arrays of numbers. */
    toTables(): IntegerTables;
    /**
     * Writes the network to a `.safetensors` file, atomically.
     *
     * @param target - a path or a `file:` URL, or a `WritableStream`
     * @throws LapicqueError `io`, `aborted`
     */
    save(target: FileTarget, options?: TaskOptions): Promise<void>;
    /** The bytes of the file that {@link IntegerNetwork.save} writes. @throws LapicqueError `too-large`, `aborted` */
    toBytes(options?: TaskOptions): Promise<Uint8Array<ArrayBuffer>>;
    /**
     * Reads a network that {@link IntegerNetwork.save} wrote.
     *
     * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
     * @param options - `limits`: the memory that the network may take
     * @throws LapicqueError `malformed-file`, `unsupported` for a newer version, `too-large`, `io`, `aborted`
     */
    static load(source: FileSource, options?: LoadOptions): Promise<IntegerNetwork>;
    /** Frees the native memory; using the network afterwards throws `disposed`. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/**
 * An integer network from tables, with the rules of a target.
 *
 * @example
 * ```ts
 * using network = await integerNetwork({
 *   target: 'xylo',
 *   input: 2,
 *   layers: [
 *     { name: 'hidden', neurons: 2, threshold: 100, vDecay: 4, currentDecay: 3,
 *       connections: [{ from: 'input', weights: Int8Array.of(90, -20, 15, 60) }] },
 *     { name: 'out', neurons: 1, threshold: 50, vDecay: 4, currentDecay: 3,
 *       connections: [{ from: 'hidden', weights: Int8Array.of(40, 40) }] },
 *   ],
 * });
 * ```
 * @throws LapicqueError `invalid-parameter` for a number or a rule out of range, `shape-mismatch`, `unknown-name`, `too-large`
 */
export declare function integerNetwork(spec: IntegerNetworkSpec, options?: TaskOptions): Promise<IntegerNetwork>;

/** What {@link integerNetwork} takes. */
export declare interface IntegerNetworkSpec {
    readonly target: IntegerTarget;
    /** Channels, or more about them. */
    readonly input: number | {
        readonly size: number;
        readonly shape?: readonly [number, number, number];
        readonly maxCount?: number;
        readonly signed?: boolean;
        readonly scale?: number;
    };
    /** In the order in which they are computed in a step; the last is the output. */
    readonly layers: readonly IntegerLayerSpec[];
}

/** The numbers of a layer, each one for every neuron. */
export declare interface IntegerParameters {
    readonly threshold: Int32Array;
    readonly vReset: Int32Array;
    /** Added to v in each step. */
    readonly bias: Int32Array;
    readonly vStart: Int32Array;
    /** A shift, or a factor. */
    readonly vDecay: Int32Array;
    /** `[currents, neurons]` */
    readonly currentDecay: Int32Array;
    /** Added to each current in each step after its input, `[currents, neurons]`. */
    readonly currentBias: Int32Array;
}

/** How a connection's weights are applied. */
export declare type IntegerProjection = 
/** Weights `[out, in]`. `pool`: the source is an image; the counts in each square of `pool` x `pool` pixels are added first. */
    {
    readonly kind: 'dense';
    readonly pool?: number;
}
/** Weights `[out, in, height, width]`, after a pool if one is given. */
| {
    readonly kind: 'conv';
    readonly kernel: readonly [number, number];
    readonly stride: readonly [number, number];
    readonly padding: readonly [number, number];
    readonly pool?: number;
};

/** All rules of a layer. */
export declare interface IntegerRules {
    /** Bits of a weight, 2 to 8; two's complement. */
    readonly weightBits: number;
    /** Bits of v, 8 to 24. */
    readonly vBits: number;
    /** Bits of a synaptic current, 8 to 24. */
    readonly currentBits: number;
    /** `twos-complement`: -2^(bits - 1) to 2^(bits - 1) - 1; `symmetric`: without the lowest number. */
    readonly range: 'twos-complement' | 'symmetric';
    /** Synaptic currents of a neuron, 0 to 8. With 0, input is added to v. */
    readonly currents: number;
    /** When a current decays, receives the input of the step and is added to v. */
    readonly currentOrder: 'decay-add-use' | 'add-decay-use' | 'add-use-decay' | 'use-decay-add';
    /**
     * `sum`: the sum of the inputs of a step is exact, and the state saturates once. `each-addition`: a current saturates after every
     * addition, in the order of the connections and in each by the number of the source neuron. (n equal additions are one of n times the
     * weight.)
     */
    readonly saturation: 'sum' | 'each-addition';
    readonly vDecay: IntegerDecay;
    readonly currentDecay: IntegerDecay;
    /** How v must compare with the threshold to spike. */
    readonly compare: '>' | '>=';
    /** Spikes of a neuron in a step, 1 to 255; more than 1 only with `reset: 'subtract'`. At the limit v keeps the rest. */
    readonly maxSpikes: number;
    /** What a spike does to v: subtract the threshold (once for each spike), set it to `vReset`, or nothing. */
    readonly reset: 'subtract' | 'value' | 'none';
    /** `next-step`: with the decay of the next step, so that the v of a step is that before the reset. */
    readonly resetTiming: 'same-step' | 'next-step';
    /** Of a reset that subtracts in the next step: whether the amount decays with v. */
    readonly resetScale: 'threshold' | 'beta-threshold';
    /** Without spikes, v is the output. */
    readonly spiking: boolean;
}

/** Options of {@link IntegerNetwork.run}. */
export declare interface IntegerRunOptions extends TaskOptions {
    /** Number of time steps of a constant input `[batch, channels]`. */
    steps?: number;
    /** What to record beside the output: `NAME.spikes` (counts), `NAME.v`, `NAME.currents` of layers. */
    record?: readonly string[];
}

/** The result of {@link IntegerNetwork.run}. */
export declare interface IntegerRunResult {
    /** Spikes of each output neuron in each step (counts), `[time, batch, neurons]`; absent if the last layer does not spike. */
    spikes?: Uint8Array;
    /** v of the output after each step, `[time, batch, neurons]`. One unit of v is worth `network.tensors.units` in the model. */
    v: Int32Array;
    /** `[time, batch, neurons]` of the output. */
    shape: [number, number, number];
    /** By the names asked for, `[time, batch, neurons]`; currents `[time, batch, neurons, currents]`. */
    recordings: Record<string, Uint8Array | Int32Array>;
}

/**
 * A stream through an integer network, made by {@link IntegerNetwork.session}. Each `push` is one time step. Its results are those of
 * {@link IntegerNetwork.run}, and no float takes part.
 */
export declare class IntegerSession implements Disposable {
    #private;
    /**
     * One time step.
     *
     * @param input - the channels that spike once, ascending (`Uint32Array`), or a count for each channel (`Uint8Array`, or `Int16Array`
     * where counts may be negative). Counts above `input.maxCount` are clipped
     * @returns the output neurons that spiked, ascending; {@link IntegerSession.counts} tells how often
     * @throws LapicqueError `invalid-parameter` for a channel out of range or out of order and for a negative count of an unsigned input,
     * `shape-mismatch`, `disposed`. After an error the state is unchanged
     */
    push(input: Uint32Array | Uint8Array | Int16Array): Uint32Array;
    /** The spikes of each neuron of a layer (default the last) in the last step. @throws LapicqueError `unknown-name` */
    counts(layer?: string): Uint8Array;
    /** v of each neuron of a layer (default the last); with `out` it is written there. @throws LapicqueError `unknown-name` */
    v(layer?: string, out?: Int32Array): Int32Array;
    /** The synaptic currents of a layer (default the last), `[neurons, currents]`. @throws LapicqueError `unknown-name` */
    currents(layer?: string): Int32Array;
    /** Time steps since the session started or was reset. */
    get steps(): number;
    /** Puts every neuron at rest. */
    reset(): void;
    /** Another stream on the same weights, at rest. */
    fork(): IntegerSession;
    /** Frees the native memory; using the session afterwards throws `disposed`. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/** What {@link IntegerNetwork.summary} returns. */
export declare interface IntegerSummary {
    readonly target: string;
    readonly inputs: number;
    readonly layers: readonly IntegerLayerSummary[];
    /** Bytes of the weights at their number of bits. */
    readonly weightBytes: number;
}

/** What {@link IntegerNetwork.toTables} returns: everything that another program needs to run the network. */
export declare interface IntegerTables {
    readonly description: IntegerDescription;
    /** By connection; row-major. */
    readonly weights: Readonly<Record<string, {
        readonly shape: readonly number[];
        readonly data: readonly number[];
    }>>;
    /** By layer; currents `[currents, neurons]`. */
    readonly parameters: Readonly<Record<string, Readonly<Record<keyof IntegerParameters, readonly number[]>>>>;
}

/** Names of {@link integerTargets}. */
export declare type IntegerTarget = 'int8' | 'int4' | 'loihi' | 'xylo';

/** The rules of a target. @throws LapicqueError `unknown-name` */
export declare function integerTarget(target: IntegerTarget): TargetRules;

/** The table of all rules of all targets, as Markdown. */
export declare function integerTargetTable(): string;

/** The numbers of a network. */
export declare interface IntegerTensors {
    /** Weights by the name of their connection. */
    readonly weights: Readonly<Record<string, Int8Array>>;
    /** By the name of the layer. */
    readonly parameters: Readonly<Record<string, IntegerParameters>>;
    /** What one unit of v is worth in the model that was quantized, by layer; only for reading v. */
    readonly units: Readonly<Record<string, Float64Array>>;
}

/**
 * integrate-and-fire: `dv/dt = r x`.
 *
 * As computed: `v[t] = v[t-1] + gain x[t] - s[t-1] vThreshold; s[t] = 1 if v[t] > vThreshold else 0`. States:
 * - `v`: membrane potential
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, section II, with beta = 1.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function integrateAndFire<const N extends number = number>(options?: IntegrateAndFireOptions<N>): Population<N>;

/** What {@link IntegrateAndFireOptions} may hold. */
export declare interface IntegrateAndFireFields<N extends number = number> extends PopulationOptions<N> {
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** coefficient on the input: r alone, or r dt; default `'weight'`. */
    inputScale?: 'weight' | 'dt';
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: 'subtract' | 'value' | 'none' | 'zero';
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: 'next-step' | 'same-step' | 'snntorch-no-delay';
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: 'threshold' | 'beta-threshold';
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Leaky with beta = 1; spikingjelly: IFNode. v starts at vReset; norse: IAFCell; nir: IF, with r per ms. */
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'vThreshold'[];
}

/** Parameters and options of {@link integrateAndFire}; of parameters that say the same thing, one. */
export declare type IntegrateAndFireOptions<N extends number = number> = IntegrateAndFireFields<N> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** How derivatives are integrated over a step of `dt`. */
export declare type IntegrationMethod = 'exact' | 'euler' | 'exponential-euler' | 'rk2' | 'rk4';

/** What the trials of a study reported by step. @throws LapicqueError `invalid-parameter` if no trial reported twice, `unknown-name` */
declare function intermediateValues<P>(results: ReportedResults<P>, options?: StudyFigureOptions): Promise<Figure>;

/** Intervals between successive spikes; those of train `i` are `values.subarray(offsets[i], offsets[i + 1])`. */
declare interface Intervals {
    /** ms */
    values: Float64Array;
    /** `[neurons + 1]` */
    offsets: Float64Array;
}

/**
 * The inter-spike intervals of all trains.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function intervals(trains: GivenSpikeTrains, options?: TaskOptions): Promise<Intervals>;

/**
 * Intrinsic plasticity: every `interval` ms a parameter of each neuron changes by `gain * (rate - rateTarget) * interval /
 * 1000`, where `rate` is the neuron's, filtered by `tauRate`. A threshold moves with a gain above 0, a current below 0.
 */
export declare interface IntrinsicPlasticity {
    /** A parameter of the model, such as `'vThreshold'` or `'iBias'`. */
    parameter: string;
    /** In Hz. */
    rateTarget: number;
    /** In the parameter's unit per second and Hz. */
    gain: number;
    /** In ms; default 1,000. */
    tauRate?: number;
    /** In ms, a whole number of steps; default 100. */
    interval?: number;
    /** Between which the parameter stays. A run ends where it comes to a value that the model does not take. */
    min?: number;
    max?: number;
}

/** Distribution of the inter-spike intervals of each population. @throws LapicqueError `invalid-parameter` without two spikes of one neuron, `unknown-name` */
declare function isi(spikes: FigureSpikes, options?: IsiOptions): Promise<Figure>;

/**
 * ISI distance (T. Kreuz et al., Journal of Neuroscience Methods 165, 2007): the difference of the two trains' current
 * inter-spike intervals, relative to the longer one, averaged over time; from 0 to below 1. Edges as in PySpike: the
 * interval before the first spike is at least as long as the one after it, and likewise at the end; an empty train has
 * one interval.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function isiDistance(trains: GivenSpikeTrains, options?: TaskOptions): Promise<PairMatrix>;

/** Options of {@link isi}. */
declare interface IsiOptions extends FigureOptions {
    /** Number of bins, 1 to 1000; default 50. */
    bins?: number;
}

/**
 * The time course whose average is {@link isiDistance}.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function isiProfile(trains: GivenSpikeTrains, options: TaskOptions & {
    pair: readonly [number, number];
}): Promise<DistanceProfile>;

/** Whether values are literals, which can discriminate a union. */
declare type IsLiteral<V> = string extends V ? false : number extends V ? false : V extends object ? false : true;

/** Whether a node is a subgraph. */
export declare function isNirGraph(node: NirNode | NirGraph): node is NirGraph;

/**
 * Izhikevich's simple model: `dv/dt = k2 v^2 + k1 v + k0 - u + x; du/dt = a (b (v + uOffset) - uLeak u)`.
 *
 * As computed: `h = v[t-1] + dt/2 (k2 v[t-1]^2 + k1 v[t-1] + k0 - u[t-1] + x[t]); v = h + dt/2 (k2 h^2 + k1 h + k0 - u[t-1] + x[t]); u = u[t-1] + dt a (b v - u[t-1]); s[t] = 1 if v >= vPeak else 0; v[t] = c if s[t] else v; u[t] = u + d s[t]`. States:
 * - `v`: membrane potential
 * - `u`: recovery
 *
 * Source: E. M. Izhikevich, Simple model of spiking neurons, IEEE Trans. Neural Networks 14, 2003; which model to use, 15, 2004. Its network of 2003 is half-steps with >= at dt 1 ms, its figure of 2004 sequential with > at 0.1 to 0.5 ms.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function izhikevich<const N extends number = number>(options?: IzhikevichOptions<N>): Population<N>;

/**
 * 800 excitatory and 200 inhibitory neurons at `scale` 1, all to all. At another scale each neuron has 80 excitatory and 20
 * inhibitory sources, with weights five times as large.
 */
declare function izhikevich_2(context?: NetworkContext): NetworkScript;

/** Parameters and options of {@link izhikevich}. */
export declare interface IzhikevichOptions<N extends number = number> extends PopulationOptions<N> {
    /** rate at which u recovers (1/ms); a finite number; default 0.02. One number, or one a neuron. */
    a?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much u follows v (1/ms); a finite number; default 0.2. One number, or one a neuron. */
    b?: number | readonly number[] | Float64Array | Float32Array;
    /** v after a spike (mV); a finite number; default -65. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much a spike raises u (mV/ms); a finite number; default 8. One number, or one a neuron. */
    d?: number | readonly number[] | Float64Array | Float32Array;
    /** factor on v^2 (1/(mV ms)); a finite number; default 0.04. One number, or one a neuron. */
    k2?: number | readonly number[] | Float64Array | Float32Array;
    /** factor on v (1/ms); a finite number; default 5. One number, or one a neuron. */
    k1?: number | readonly number[] | Float64Array | Float32Array;
    /** constant part of dv/dt (mV/ms); a finite number; default 140. One number, or one a neuron. */
    k0?: number | readonly number[] | Float64Array | Float32Array;
    /** factor on u in du/dt (dimensionless); a finite number; default 1. One number, or one a neuron. */
    uLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** added to v in du/dt (mV); a finite number; default 0. One number, or one a neuron. */
    uOffset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke is cut off and a spike emitted (mV); a finite number; default 30. One number, or one a neuron. */
    vPeak?: number | readonly number[] | Float64Array | Float32Array;
    /** bound below which no input brings v; without one if left out (mV); a finite number. One number, or one a neuron. */
    vMin?: number | readonly number[] | Float64Array | Float32Array;
    /** v at the start (mV); a finite number; default -65. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** u at the start; b vInit if left out (mV/ms); a finite number. One number, or one a neuron. */
    uInit?: number | readonly number[] | Float64Array | Float32Array;
    /** ms of the equations in a ms of the network (dimensionless); a number above 0; default 1. One number, or one a neuron. */
    timeScale?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 1. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'half-steps'`. */
    method?: 'half-steps' | 'sequential' | 'simultaneous' | 'rk4';
    /** when the reset enters. With next-step it opens the next step, and the recorded v is the one before the reset; default `'same-step'`. */
    resetTiming?: 'same-step' | 'next-step';
    /** how v must compare to vPeak to spike; default `'>='`. */
    compare?: '>=' | '>';
    /** whether the reset of v is a constant for the gradient; what else a spike changes is not; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. norse: IzhikevichCell: sq is k2, mn k1, bias k0; tau_inv of 250 per second is timeScale 0.25; nest: izhikevich with consistent_integration; without it, half-steps. V_min is vMin. */
    like?: 'norse' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('a' | 'b' | 'c' | 'd' | 'vPeak')[];
}

/** Joins what several edges of a {@link GraphSpec} bring. */
export declare interface Join {
    readonly layer: 'join';
    readonly join: Joining;
}

/**
 * A node of a graph that joins what its edges bring: adds it, multiplies it (see {@link multiply}), puts it one behind the other
 * along the channels in the order of the edges, takes it as queries, keys and values (see {@link attention}), or multiplies it as
 * two matrices, `y[i, j] = Σ a[i, k] b[k, j]` (with `inner` 1 the outer product of two vectors).
 *
 * @param kind - `'add'`, `'concat'`, `'multiply'`, or an object `{ kind: 'attention', heads, scale }` or
 * `{ kind: 'matrix-product', rows, inner, columns }`
 * @returns a node of a graph; its shape is that of what it adds, `[sum of the channels, …pixels]`, that of its first source, that of
 * its queries with the values' channels, or `[rows columns]`
 * @throws LapicqueError `invalid-parameter` for another kind, heads, scale or sizes; at `compile` `shape-mismatch` for sources that
 * do not fit
 */
export declare function join(kind: 'add' | 'concat' | 'multiply' | ({
    readonly kind: 'attention';
} & AttentionOptions) | MatrixProductJoin): Join;

/** What joined branches give. */
declare type Joined<J, Lists extends readonly (readonly Layer[])[], At extends Sizes> = [J] extends ['add'] ? Lists extends readonly [infer A extends readonly Layer[], infer B extends readonly Layer[]] ? Known<Leaving<A, At>, Leaving<B, At>> : Sizes : [J] extends ['multiply'] ? Lists extends readonly [infer A extends readonly Layer[], ...unknown[]] ? Leaving<A, At> : Sizes : [J] extends ['concat'] ? Concatenated<Lists, At> : Sizes;

/** How sources are joined. */
export declare type Joining = 'add' | 'concat' | 'multiply' | AttentionJoin | MatrixProductJoin;

/**
 * A log of one JSON object per line, of batches, epochs, progress, trials and values: `{"kind":"epoch","step":1,"time":"…","epoch":1,"loss":0.3,…}`. Numbers
 * that are not finite are the texts `NaN`, `Infinity` and `-Infinity`.
 *
 * @example
 * ```ts
 * await using logs = log.jsonl('history.jsonl');
 * await simulate(network, { duration: 1000, onProgress: logs.onProgress });
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function jsonl(path: string, options?: TextLogOptions): Log;

/** Layers that keep the shape. */
declare type Keeping = LateralInhibition | Dropout | BatchNorm | TimeLayer | KeepingOperation;

/** Those that keep the shape. */
export declare type KeepingOperation = LayerNorm | RmsNorm;

/**
 * leaky integrate-and-fire scaled by a learned k: `tauMem dv/dt = (vLeak - v) + r x; v = max(0, k v)`.
 *
 * As computed: `v = max(0, k (beta v[t-1] + gain x[t] + (1 - beta) vLeak)); s[t] = 1 if v > vThreshold else 0; v[t] = v - s[t] vThreshold`. States:
 * - `v`: membrane potential
 *
 * Source: C. Jiang, Y. Zhang, KLIF: an optimized spiking neuron unit for tuning surrogate gradient slope and membrane potential, arXiv:2302.09238, 2023; SpikingJelly 2.0.0 KLIFNode.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function klif<const N extends number = number>(options: KlifOptions<N>): Population<N>;

/** What {@link KlifOptions} may hold. */
export declare interface KlifFields<N extends number = number> extends PopulationOptions<N> {
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** factor on the charged potential (dimensionless); a finite number; default 1. One number, or one a neuron. */
    k?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau; default `'exact'`. */
    method?: 'exact' | 'euler';
    /** coefficient on what drives v: r alone, r (1 - beta), or r dt / tauMem; default `'weight'`. */
    inputScale?: 'weight' | 'one-minus-beta' | 'dt-over-tau';
    /** whether v is divided by k again after the reset; what vReset sets is not; default false. */
    scaleReset?: boolean;
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: 'subtract' | 'value' | 'none' | 'zero';
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. spikingjelly: KLIFNode. decay_input=False is inputScale "weight", v_reset=None is reset "subtract"; v decays towards vReset. snnTorch's LeakyParallel is k 1, not learned, with reset none. */
    like?: 'spikingjelly';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'k' | 'vThreshold')[];
}

/** Parameters and options of {@link klif}; of parameters that say the same thing, one. */
export declare type KlifOptions<N extends number = number> = KlifFields<N> & OneOf<'beta' | 'tauMem', 'spikingjelly'>;

/** The first of two where it is known, else the second. */
declare type Known<A extends Sizes, B extends Sizes> = Sizes<number extends A['elements'] ? B['elements'] : A['elements'], number extends A['channels'] ? B['channels'] : A['channels'], number extends A['pixels']['length'] ? B['pixels'] : A['pixels']>;

/** Images and labels in the form that `DataLoader` accepts. */
export declare interface LabelledImages {
    /** `[samples, pixels]`, 0 (black) to 1 (white) */
    x: Float32Array;
    /** `[samples]`, 0 to 9 */
    y: Uint8Array;
    /** `[samples, pixels]` */
    shape: readonly [number, number];
}

/**
 * Lapicque's leaky integrate-and-fire: `r c dv/dt = -v + r x`.
 *
 * As computed: `v[t] = (1 - timeStep / (r c)) v[t-1] + timeStep / c x[t] - s[t-1] vThreshold; s[t] = 1 if v[t] > vThreshold else 0`. States:
 * - `v`: membrane potential
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: L. Lapicque 1907; J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, section II; snnTorch 1.0.0 Lapicque.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function lapicque<const N extends number = number>(options?: LapicqueOptions<N>): Population<N>;

/** An error of the library: a union discriminated by `code`, each member with the fields of {@link ErrorFields}. */
export declare type LapicqueError = {
    [C in ErrorCode]: LapicqueErrorBase<C> & OwnFields<C>;
}[ErrorCode];

/**
 * The class of every error that lapicque throws on purpose.
 *
 * @example
 * ```ts
 * try {
 *   await model.fit(loader, { epochs: 5, loss: loss.crossEntropyCount() });
 * } catch (error) {
 *   if (error instanceof LapicqueError && error.code === 'shape-mismatch') console.log(error.layer, error.got);
 *   else throw error;
 * }
 * ```
 */
export declare const LapicqueError: LapicqueErrorConstructor;

/** Properties that every {@link LapicqueError} has. */
export declare interface LapicqueErrorBase<C extends ErrorCode> extends Error {
    readonly code: C;
    /** All fields of the code. `name` is only here, because `error.name` is the class of the error. */
    readonly details: Readonly<ErrorFields[C]>;
    /** A plain object for `JSON.stringify`: `code`, `message`, the fields, and the cause's message. */
    toJSON(): Record<string, unknown>;
}

/** The constructor's type: `instanceof LapicqueError` narrows to the union, `code` to one member of it. */
export declare interface LapicqueErrorConstructor {
    new <C extends ErrorCode>(code: C, fields: ErrorFields[C], options?: {
        cause?: unknown;
        message?: string;
    }): LapicqueErrorBase<C> & OwnFields<C>;
    readonly prototype: LapicqueError;
}

/** What {@link LapicqueOptions} may hold. */
export declare interface LapicqueFields<N extends number = number> extends PopulationOptions<N> {
    /** resistance (dimensionless); a number above 0. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** capacitance (dimensionless); a number above 0. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** exp(-timeStep / (r c)), instead of r, c or both (dimensionless); a number between 0 and 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** time step in units of r c; dt if left out (dimensionless); a number above 0. One number, or one a neuron. */
    timeStep?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: 'subtract' | 'value' | 'none' | 'zero';
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: 'next-step' | 'same-step' | 'snntorch-no-delay';
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: 'threshold' | 'beta-threshold';
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Lapicque. reset_mechanism="zero" drops the input of the step. */
    like?: 'snntorch';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'vThreshold'[];
}

/** Parameters and options of {@link lapicque}; of parameters that say the same thing, one. */
export declare type LapicqueOptions<N extends number = number> = LapicqueFields<N> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** Why the last layer of a network cannot be its output; `never` where it can, and where no type tells which one it is. */
declare type LastRefused<L extends readonly Layer[]> = L extends readonly [...unknown[], infer Last] ? [Extract<Last, Population>] extends [never] ? 'the last layer of a network is a population, such as lif() or li()' : never : never;

/** Options of {@link encode}.latency. */
export declare interface LatencyOptions extends TaskOptions {
    /** Needed unless `bypass`, with which it is up to the latest spike; a whole number of at least 1. */
    steps?: number;
    /** Values are from 0 to 1; one at the threshold or below it spikes latest; a number between 0 and 1; default 0.01. */
    threshold?: number;
    /** In steps; a number above 0; default 1. */
    tau?: number;
    /** The step of the earliest spike possible; default 0. */
    firstSpikeTime?: number;
    /** Value at a spike; default 1. */
    onTarget?: number;
    /** Value elsewhere; at least 0 unless `interpolate`, as in snnTorch; default 0. */
    offTarget?: number;
    /** Whether values below the threshold do not spike at all; default false. */
    clip?: boolean;
    /** Whether the times are stretched over all steps; default false. */
    normalize?: boolean;
    /** Whether times fall linearly with the value, instead of by the charge of an RC circuit; default false. */
    linear?: boolean;
    /** Whether in place of a spike there are values that rise linearly up to its step: a target for a membrane; default false. */
    interpolate?: boolean;
    /** Whether spikes beyond the last step are dropped; otherwise they are an error; default false. */
    bypass?: boolean;
    /** By how much a value is kept above the threshold, where its time would be infinite; a number above 0; default 1e-7. */
    epsilon?: number;
}

/** Options of {@link encode}.latencyTimes. */
export declare interface LatencyTimesOptions extends TaskOptions {
    /** Needed unless `bypass`, with which it is up to the latest spike; a whole number of at least 1. */
    steps?: number;
    /** Values are from 0 to 1; one at the threshold or below it spikes latest; a number between 0 and 1; default 0.01. */
    threshold?: number;
    /** In steps; a number above 0; default 1. */
    tau?: number;
    /** The step of the earliest spike possible; default 0. */
    firstSpikeTime?: number;
    /** Value at a spike; default 1. */
    onTarget?: number;
    /** Value elsewhere; at least 0 unless `interpolate`, as in snnTorch; default 0. */
    offTarget?: number;
    /** Whether values below the threshold do not spike at all; default false. */
    clip?: boolean;
    /** Whether the times are stretched over all steps; default false. */
    normalize?: boolean;
    /** Whether times fall linearly with the value, instead of by the charge of an RC circuit; default false. */
    linear?: boolean;
    /** Whether in place of a spike there are values that rise linearly up to its step: a target for a membrane; default false. */
    interpolate?: boolean;
    /** Whether spikes beyond the last step are dropped; otherwise they are an error; default false. */
    bypass?: boolean;
    /** By how much a value is kept above the threshold, where its time would be infinite; a number above 0; default 1e-7. */
    epsilon?: number;
}

/** {@link lateralInhibition} */
export declare interface LateralInhibition {
    readonly layer: 'lateral-inhibition';
    readonly state: string;
    readonly name?: string;
}

/**
 * Lateral inhibition, behind a population: of its neurons (of an image, of those at one pixel) only the one with the largest
 * potential may spike: `y[i] = s[i] where v[i] = max v, else 0`. The others are reset as ever, but nothing leaves them (snnTorch's
 * `inhibition`). Of a population that does not spike the largest value leaves.
 *
 * @returns a layer that keeps the shape of the population
 *
 * @example
 * ```ts
 * sequential(dense(784, 100), lif({ beta: 0.9 }), lateralInhibition(), dense(100, 10), lif({ beta: 0.9 }));
 * ```
 * @throws LapicqueError at `compile` `invalid-parameter` behind anything but a population, `unknown-name` for a state that it
 * does not have
 */
export declare function lateralInhibition(options?: LateralInhibitionOptions): LateralInhibition;

/** What {@link lateralInhibition} may be told. */
export declare interface LateralInhibitionOptions extends MapOptions {
    /** The state of the population that is compared; default `'v'`. */
    state?: string;
}

/** {@link LatinHypercubeSearch}: M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21, 1979. */
declare function latinHypercube(options?: OptionsOf_2<LatinHypercubeSearch>): LatinHypercubeSearch;

/** Of each `size` trials, every parameter takes one value in each of `size` equal parts of its range. */
declare interface LatinHypercubeSearch {
    readonly kind: 'latin-hypercube';
    /** Trials of one hypercube; then the next one starts. Default 64. */
    readonly size?: number;
}

/** A layer of {@link sequential}. */
export declare type Layer = Dense | Population | MapLayer | TimeLayer | Branches | InputShape;

/** The activity of one layer, averaged over samples. */
export declare interface LayerActivity {
    name: string;
    neurons: number;
    /** Mean number of spikes per sample. */
    spikes: number;
}

/** Synaptic operations and energy of a layer, means over samples. */
export declare interface LayerCosts {
    name: string;
    /** Multiply-adds at every synapse and step. */
    dense: number;
    effectiveAcs: number;
    effectiveMacs: number;
    /** J a sample. */
    joules: number;
}

/** How well each layer of a converted network gives the activations of the artificial one. */
/** A population of the converted network beside that of the artificial network. */
export declare interface LayerFidelity {
    readonly layer: string;
    readonly neurons: number;
    /** Thresholds in units of the artificial network's activations; one per channel, so these are over channels. */
    readonly threshold: {
        readonly min: number;
        readonly mean: number;
        readonly max: number;
    };
    /** Root of the mean squared difference of θ × spikes / steps and the activation, over the root of the mean squared activation. */
    readonly error: number;
    /** Mean of that difference over the mean activation: below 0 where spikes are missing. */
    readonly bias: number;
    /** Share of the activations above 0 that exceed the threshold, over all calibration data: what no rate represents. */
    readonly saturated: number;
    /** Neurons that are 0 on all calibration data. */
    readonly dead: number;
    /** Neurons that are not dead, and do not spike on the samples compared. */
    readonly silent: number;
    /** Mean spikes of a neuron and sample within `steps`. */
    readonly spikes: number;
}

/** {@link layerNorm} */
export declare interface LayerNorm extends LayerNormOptions {
    readonly layer: 'layer-norm';
}

/**
 * Layer norm: `y = weight (x - mean) / √(variance + ε) + bias` over all elements of one sample at one step, with a trained
 * factor and offset for each element (J. L. Ba, J. R. Kiros, G. E. Hinton, arXiv:1607.06450), as `torch.nn.LayerNorm` over
 * the whole shape. Tensors `weight` and `bias` of that shape. With `over: 'channels'` or `groups` it is the layer norm of
 * tokens or group norm, with tensors `[channels]`.
 *
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` for groups that do not divide the
 * channels, or beside `over: 'channels'`
 *
 * @example
 * ```ts
 * sequential(input(3, 2, 2), layerNorm(), dense(12, 10), lif({ beta: 0.9 }));
 * ```
 */
export declare function layerNorm(options?: LayerNormOptions): LayerNorm;

/** What {@link layerNorm} may be told. */
export declare interface LayerNormOptions {
    /** Name in files, recordings and messages; default `layerNorm` and a number. */
    name?: string;
    /** Added to the variance (ε), above 0; default 0.00001. */
    epsilon?: number;
    /** Whether there are a trained factor and offset; default true. */
    affine?: boolean;
    /** What has one mean and one variance: all elements of a sample, or the channels of each pixel, as of `torch.nn.LayerNorm(channels)` where pixels are tokens. With the channels there is a factor and an offset for each of them; default `'sample'`. */
    over?: 'sample' | 'channels';
    /** Group norm: this number of groups of neighboring channels, each normalized by itself over its pixels, with a factor and an offset for each channel (Y. Wu, K. He, ECCV 2018), as `torch.nn.GroupNorm`; a divisor of the channels, not beside `over`; default none. */
    groups?: number;
    /** Whether training changes its weights; default true. */
    trainable?: boolean;
}

/** Costs of a layer: means over samples, each for its whole sequence, but for sizes. */
export declare interface LayerOperations {
    name: string;
    /** The kind of layer (`dense`, `conv`, `batch-norm`, `pool`, …) or the neuron model (`lif`). */
    kind: string;
    /** Number of outputs of the layer in a step: neurons, or elements. */
    outputs: number;
    /** Outputs that are not zero, over all steps. */
    nonZero: number;
    /** Share of outputs that are zero. Absent where the layer is merged into the next one, so that its outputs exist only as a sum. */
    sparsity?: number;
    /** Whether NeuroBench counts the outputs as activations. */
    activation: boolean;
    /** Weights, and how many of them are zero; 0 for a layer without. */
    weights: number;
    zeroWeights: number;
    /** Inputs of the weights that are not zero, over all steps. */
    events: number;
    effectiveMacs: number;
    effectiveAcs: number;
    dense: number;
    /** Whether NeuroBench counts the operations of the layer: those of dense layers and convolutions. */
    counted: boolean;
    /** Values of state of all neurons. */
    states: number;
    /** Of a population: changes of a membrane. */
    membraneUpdates?: number;
    /** Of a population: operations of its neurons at `membraneUpdates`, and dense; absent where NeuroBench has no figure for the neuron. */
    neuronOperations?: {
        effective: number;
        dense: number;
    };
}

/** One layer in {@link QuantizationReport}. */
export declare interface LayerQuantization {
    readonly name: string;
    readonly weightBits: number;
    readonly vBits: number;
    /** Bits that v needs for the calibration data, without bits behind the point. */
    readonly neededBits: number;
    /** The largest absolute v of the calibration data, in numbers of the model. */
    readonly largest: number;
    /** Smallest and largest unit of v: what 1 is worth in the model. */
    readonly unit: readonly [number, number];
    /** Root mean square of the rounding errors of the weights over that of the weights. */
    readonly weightError: number;
    /** The largest difference of a decay factor per step from the model's. */
    readonly decayError: number;
    /** Share of all v of the calibration data that are at a limit. */
    readonly saturated: number;
    /** Spikes on the calibration data. */
    readonly spikes: {
        readonly model: number;
        readonly integer: number;
    };
}

/** The spikes of one layer during one sample. */
export declare interface LayerSpikes {
    name: string;
    neurons: number;
    /**
     * `[steps, neurons]`, row-major; any value other than 0 is a spike. Alternatively `times` and `ids`, for layers with
     * few spikes relative to their size.
     */
    spikes?: ArrayLike<number>;
    /** Time of each spike in ms, with the same origin as `start` of the raster. */
    times?: ArrayLike<number>;
    /** Neuron of each spike, from 0. */
    ids?: ArrayLike<number>;
    /** For `times` and `ids`: only the spikes of every n-th neuron are given; default 1, all. */
    every?: number;
    /** Number of spikes of all neurons, if not all are given. */
    count?: number;
    /** Names of the neurons, for small layers (classes). */
    labels?: readonly string[];
}

/** The state of one population in {@link StateArrays}. */
export declare interface LayerStateArrays {
    neurons: number;
    /** One array `[batch, neurons]` per state; the membrane potential first. */
    states: Float64Array[];
    /** The spikes of the last step, `[batch, neurons]`; recurrent populations only. */
    lastSpikes?: Uint8Array;
}

/** Positions of neurons in one, two or three dimensions, in any unit of length. */
declare interface Layout {
    readonly dimensions: number;
    /** `[neurons, dimensions]` */
    readonly positions: Float64Array;
    /** Length of each dimension whose ends meet, 0 for those whose ends do not; left out, none do. */
    readonly period?: readonly number[];
}

export declare namespace layout {
    export {
        grid,
        random,
        positions,
        Layout,
        LayoutOptions
    }
}

/** Size and ends of a layout. */
declare interface LayoutOptions {
    /** Length of each dimension; default 1 each. */
    extent?: readonly number[];
    /** Whether the ends of each dimension meet: one for all, or one each; default false. */
    periodic?: boolean | readonly boolean[];
}

/**
 * Surrogate gradient `k where x >= 0, else leak` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 LeakyKReLU.
 */
declare function leakyKRelu(options?: {
    /** a finite number; default 0. */
    leak?: number;
    /** a finite number; default 1. */
    k?: number;
}): Surrogate;

/** What layers give, one after the other, of which `At` enters the first. */
declare type Leaving<L extends readonly unknown[], At extends Sizes> = L extends readonly [
infer First,
...infer Rest
] ? Leaving<Rest, After<First, At>> : L extends readonly [] ? At : Sizes;

/** An entry of a legend: a line, or a point or a box if `mark` says so. */
declare interface LegendEntrySpec {
    name: string;
    color: FigureColor;
    dashed?: boolean;
    mark?: 'line' | 'point' | 'box';
}

/**
 * The decoder of delayed input: row `k` times the memory approximates the input `fractions[k] theta` steps
 * ago: `u[t - fraction theta] ≈ Σ P[i](2 fraction - 1) m[i, t]` (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS
 * 2019).
 *
 * @param order - number of coefficients, from 1 to 1024
 * @param fractions - of the window, mostly from 0 (now) to 1
 * @returns `[fractions, order]`, row by row, the shifted Legendre polynomials at the fractions
 * @throws LapicqueError `invalid-parameter` for an order out of range or a fraction that is not finite
 */
export declare function legendreDecoder(order: number, fractions: readonly number[]): Float64Array;

/**
 * The matrices of a Legendre memory: `m[t] = a m[t-1] + b u[t]`, whose state holds the last `theta` steps of `u` as coefficients of Legendre
 * polynomials (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS 2019). Column-vector convention; keras-lmu's are transposed.
 *
 * Order 512 takes a quarter of a second, off the event loop; twice the order takes eight times as long.
 *
 * @param order - number of coefficients, from 1 to 1024
 * @param theta - length of the window, in steps, above 0
 * @param method - default `'zoh'`
 * @returns matrices `a` `[order, order]`, row by row, and `b` `[order]`; as weights they are the initializers `legendre-memory` and
 * `legendre-input`
 * @throws LapicqueError `invalid-parameter` for a number out of range or another method
 */
export declare function legendreMemory(order: number, theta: number, method?: Discretisation): Promise<{
    a: Float64Array;
    b: Float64Array;
}>;

/** Signals as events at their crossings: `x` is the channel, polarity 1 upwards. */
export declare function levelCrossing(options: LevelCrossingOptions): EventSensor;

/** Options of {@link levelCrossing}. */
export declare interface LevelCrossingOptions {
    channels: number;
    threshold: number;
    /**
     * `delta` (default): an event where the signal is a threshold away from where it was at the last event; `level`: at each crossing of a
     * multiple of the threshold, also of the same one back again.
     */
    scheme?: 'delta' | 'level';
    /** In µs. Default 0. */
    refractory?: number;
    /** Value at time `start` (default 0), before the first sample; default: the first sample gives no event. */
    initial?: number;
    start?: number;
}

/** How a proxy of the local field potential is taken. */
export declare interface LfpOptions {
    /** What it is called in `recording.lfp`; default the population's name. */
    name?: string;
    /** In ms, a whole number of steps; default every step. */
    every?: number;
    /**
     * The excitatory (AMPA) synaptic current of a neuron, an expression of states and parameters; default that of the model:
     * `gE*(v - vE)` of conductances, `iE` of currents.
     */
    excitatory?: string;
    /** The inhibitory (GABA) synaptic current; default `gI*(v - vI)` or `iI`. */
    inhibitory?: string;
    /** Weight of the inhibitory current; default 1.65. */
    alpha?: number;
    /** How much earlier the excitatory current is taken, in ms; default 6. */
    excitatoryDelay?: number;
    /** The same of the inhibitory current; default 0. */
    inhibitoryDelay?: number;
}

/**
 * leaky integrator: `tauMem dv/dt = (vLeak - v) + r x`.
 *
 * As computed: `v[t] = beta v[t-1] + gain x[t] + (1 - beta) vLeak`. States:
 * - `v`: membrane potential
 *
 * Source: J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, section II; NIR LI.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function li<const N extends number = number>(options: LiOptions<N>): Population<N>;

/**
 * leaky integrate-and-fire: `tauMem dv/dt = (vLeak - v) + r x`.
 *
 * As computed: `v[t] = beta v[t-1] + gain x[t] + (1 - beta) vLeak - s[t-1] vThreshold; s[t] = 1 if v[t] > vThreshold else 0`. States:
 * - `v`: membrane potential
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: L. Lapicque 1907; J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, section II.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function lif<const N extends number = number>(options: LifOptions<N>): Population<N>;

/** What {@link LifOptions} may hold. */
export declare interface LifFields<N extends number = number> extends PopulationOptions<N> {
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** bound below which no input brings v; without one if left out (dimensionless); a finite number. One number, or one a neuron. */
    vMin?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau; default `'exact'`. */
    method?: 'exact' | 'euler';
    /** coefficient on what drives v: r alone, r (1 - beta), or r dt / tauMem; default `'weight'`. */
    inputScale?: 'weight' | 'one-minus-beta' | 'dt-over-tau';
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: 'subtract' | 'value' | 'none' | 'zero';
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: 'next-step' | 'same-step' | 'snntorch-no-delay';
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: 'threshold' | 'beta-threshold';
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Leaky. reset_delay=False is resetTiming "snntorch-no-delay". RLeaky with reset_mechanism="zero" drops the input of the step: zeroKeepsInput false. StateLeaky, which decays by exp(-(1 - beta)), is tauMem 1 / (1 - beta) with reset none; spikingjelly: LIFNode. decay_input=False is inputScale "weight", v_reset=None is reset "subtract"; v decays towards vReset; norse: LIFBoxCell; nir: LIF; nest: iaf_psc_delta: an input is a jump of v in mV; V_min is vMin. */
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'vThreshold')[];
}

/** What {@link LiOptions} may hold. */
export declare interface LiFields<N extends number = number> extends PopulationOptions<N> {
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau; default `'exact'`. */
    method?: 'exact' | 'euler';
    /** coefficient on what drives v: r alone, r (1 - beta), or r dt / tauMem; default `'weight'`. */
    inputScale?: 'weight' | 'one-minus-beta' | 'dt-over-tau';
    /** Fills in the parameters and options with which that library computes. snntorch: Leaky. reset_delay=False is resetTiming "snntorch-no-delay". RLeaky with reset_mechanism="zero" drops the input of the step: zeroKeepsInput false. StateLeaky, which decays by exp(-(1 - beta)), is tauMem 1 / (1 - beta) with reset none; spikingjelly: LIFNode. decay_input=False is inputScale "weight", v_reset=None is reset "subtract"; v decays towards vReset; norse: LIFBoxCell; nir: LIF; nest: iaf_psc_delta: an input is a jump of v in mV; V_min is vMin. */
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem')[];
}

/** Parameters and options of {@link lif}; of parameters that say the same thing, one. */
export declare type LifOptions<N extends number = number> = LifFields<N> & OneOf<'beta' | 'tauMem', 'spikingjelly' | 'norse' | 'nest'> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** The `limits` option of every loader. */
export declare interface LimitOptions {
    /** The memory that the file may take; raise it for large files from a source that you trust. */
    limits?: Limits | undefined;
}

/** Limits of a loader. */
export declare interface Limits {
    /**
     * Bytes of memory that the uncompressed content of one file may take; or 4 times the size of the file, whichever is more. For a stream, whose size
     * is unknown before its end: its maximal number of bytes. Default 256 MiB.
     */
    bytes?: number;
}

/** A line through points. It has a gap at values that are not finite, so that one mark may be many lines. */
declare interface LineMark {
    type: 'line';
    x: ArrayLike<number>;
    y: ArrayLike<number>;
    color?: FigureColor;
    /** In pixels; default 1.5. */
    width?: number;
    dashed?: boolean;
    /** Default 1. */
    opacity?: number;
    /** Whether a value holds until the next point, as steps; default false. */
    steps?: boolean;
}

/**
 * Lion (evolved sign momentum). A step, as computed: `w *= 1 - lr weightDecay; w -= lr sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g`.
 *
 * Source: X. Chen et al., NeurIPS 2023, algorithm 2.
 */
export declare function lion(options?: LionOptions): Optimizer;

/** Options of {@link lion}. */
export declare interface LionOptions extends OptimizerOptions {
    /** Learning rate: the size of every step; a number of at least 0; default 0.0001. */
    lr?: number;
    /** Share of the momentum in the direction of a step, and decay factor of the momentum; a list of 2, each a number from 0 to below 1; default [0.9, 0.99]. */
    betas?: readonly [number, number];
    /** Decoupled: the decay shrinks the weights themselves; a number of at least 0; default 0. */
    weightDecay?: number;
}

/** Parameters and options of {@link li}; of parameters that say the same thing, one. */
export declare type LiOptions<N extends number = number> = LiFields<N> & OneOf<'beta' | 'tauMem', 'spikingjelly' | 'norse' | 'nest'>;

/** Several copies of one node; each element varies independently. */
declare interface List<N extends SpaceNode = SpaceNode> {
    readonly kind: 'array';
    readonly of: N;
    readonly length: number | Int;
}

/**
 * Synapse `i` from `sources[i]` to `targets[i]`, counted within their populations, also as int64 of NumPy; weights and delays may be
 * lists. A sparse matrix of SciPy is its rows and columns: {@link readSparse}.
 */
declare function list(sources: readonly number[] | WholeNumbers, targets: readonly number[] | WholeNumbers): Rule;

/** Numbers with commas between them, for a message. */
declare type Listed<L extends readonly number[]> = L extends readonly [
infer First extends number,
...infer Rest extends readonly number[]
] ? Rest extends readonly [] ? `${First}` : `${First}, ${Listed<Rest>}` : '';

/** {@link List} of anything. */
declare interface ListNode extends List<SpaceNode> {
}

/**
 * A Legendre memory unit (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS 2019) and a readout. The signal `u = Wx x + Wh h
 * + Wm m` is remembered by `m = A m + B u`, which represents its last `theta` steps, and `h = tanh(Vx x + Vh h + Vm
 * m)`. On the right-hand sides, `h` and `m` are values of the previous step, except in `Vm m`. The memory is a
 * population `memory` with fixed recurrent weights; the layers are `encode`, `hiddenToSignal`, `memoryToSignal`,
 * `write`, `read`, `shortcut`, `hidden.recurrent` and `readout`. Without feedback (`feedback: []`) the memory depends
 * on the input alone, and all its steps may be computed at once (`parallel: true`).
 *
 * @returns a network from `[inputs]` to `[classes]`
 * @throws LapicqueError `invalid-parameter` for an option out of range
 * @example
 * ```ts
 * const model = await models.lmu({ inputs: 1, classes: 10, theta: 64, order: 32, hidden: 64 }).compile({ seed: 1 });
 * ```
 */
declare function lmu(options: LmuOptions): Network;

/** Options of {@link lmu}. */
declare interface LmuOptions {
    /** Number of input channels. */
    inputs: number;
    /** Number of classes. */
    classes: number;
    /** Number of remembered signals; default 1. */
    memories?: number;
    /** Number of Legendre polynomials per signal; default 16. */
    order?: number;
    /** Length of the memory in steps. */
    theta: number;
    /** Number of hidden units; default 64. */
    hidden?: number;
    /** The discretization; default `'zoh'`, the zero-order hold. */
    method?: 'zoh' | 'euler';
    /** Whether the matrices of the memory are trained; default false. */
    learned?: boolean;
    /** The sources of feedback to the remembered signal; default both. */
    feedback?: readonly ('hidden' | 'memory')[];
    /** Whether the hidden units are recurrently connected; default true. */
    recurrent?: boolean;
    /** A trained constant in the remembered signal; default false. */
    bias?: boolean;
    /** Whether the input also reaches the hidden units directly; default true. */
    shortcut?: boolean;
    /**
     * Whether a batch computes all steps of the memory at once (N. R. Chilkuri, C. Eliasmith, ICML 2021). This requires a
     * memory without feedback: `feedback: []`. Results equal those of a session within rounding. Default false.
     */
    parallel?: boolean;
    /** The hidden units; default `rateUnit` with `tanh`; with a spiking population the network is spiking. */
    neuron?: Population;
}

/**
 * Reads a checkpoint: the model with the optimizer's moments and, as `training`, what `fit` takes as `resume` to go on
 * bit for bit. A plain model file gives only the model.
 *
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @throws LapicqueError as `Model.load`
 */
export declare function loadCheckpoint(source: FileSource, options?: LoadOptions): Promise<{
    model: Model;
    training?: TrainingState;
}>;

/** Options of a {@link DataLoader}. */
export declare interface LoaderOptions {
    /** Samples per batch. */
    batchSize: number;
    /** A new order in each epoch; default `false`. */
    shuffle?: boolean;
    /** Determines every order; an integer from 0, default 0. */
    seed?: number;
    /** Leaves out a last batch that is not full; default `false`. */
    dropLast?: boolean;
    /** Batches to read ahead while the loop processes one; default 1. It never changes the result. */
    prefetch?: number;
}

/** The state of a loader; plain data, for a checkpoint. */
export declare interface LoaderState {
    seed: number;
    epoch: number;
    /** Batches of this epoch that the loop has received. */
    batch: number;
    /** Identifies the loader of the state, so that it cannot be restored into another. */
    samples: number;
    batchSize: number;
    shuffle: boolean;
    dropLast: boolean;
}

/**
 * Reads a network that {@link Circuit.save} wrote.
 *
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @param options - `limits`: what it may take in memory
 * @throws LapicqueError `malformed-file` for another file, `too-large`, `io`, `aborted`; what it says is checked when it is compiled
 */
export declare function loadNetwork(source: FileSource, options?: LoadOptions): Promise<Circuit>;

/** Options of every loader. */
export declare interface LoadOptions extends TaskOptions, LimitOptions {
}

/**
 * Reads a network of point neurons from a SONATA configuration: of a circuit, of a simulation with its inputs, or one that names
 * both. Neurons are NEST's (`nest:iaf_psc_alpha`), with its defaults and units, so are synapses (`static_synapse`, `stdp_synapse`, `tsodyks_synapse` …); nodes with `x`, `y` and
 * `z` have a layout; virtual nodes are sources of spikes, which fire at what `inputs` of the type `spikes` say (HDF5 or CSV). Inputs of
 * the type `current_clamp` are currents in pA.
 *
 * Parameters of synapses come from the file that a type names in `dynamics_params` (JSON), and before it from the datasets `dynamics_params` of single edges; NaN
 * there is a value that this edge does not have. Weights and delays are each edge's own. Other parameters belong to a connection of ours: edges become one
 * connection for each combination, at most 256 in a population of edges.
 *
 * The network records what `reports` of the module `membrane_report` say (`variable_name`, `cells`, `start_time`, `end_time`, `dt`), and `writeReports` writes
 * these and the spikes where `output` says. `warnings` names what cannot be recorded.
 *
 * @example
 * ```ts
 * const { network: v1, dt, duration, nodes, writeReports } = await loadSonata('simulation_config.json');
 * const recording = await simulate(v1, { duration: duration!, dt, precision: 'f64' });
 * const layer = nodes.v1!.attribute('layer');
 * await writeReports(recording); // output/spikes.h5 and the reports
 * ```
 * @param options - `limits`: what the content of each of the files may take
 * @throws LapicqueError `io`; `malformed-file`, with the edge where a parameter is wrong; `too-large`; `unsupported` for biophysical neurons, models and synapses that
 * there are not, parameters that the synapse of an edge has not, weight functions of BMTK, or HDF5 that cannot be read; `unknown-name` for parameters of neurons; `aborted`
 */
export declare function loadSonata(path: string | URL, options?: SonataOptions): Promise<SonataNetwork>;

/**
 * A log. It is a value for `callbacks` of `fit`; `onProgress` and `onTrial` are functions for the options of these names. Call {@link close} at the end, or
 * declare it with `await using`: entries of batches and of progress may wait up to a second for others.
 *
 * An error of writing rejects the `fit` that it happens in; in `onProgress` and `onTrial`, and for entries that waited, it is thrown by the next call
 * or by {@link close}.
 */
declare class Log implements CallbacksOf<LoggedModel>, AsyncDisposable {
    #private;
    /** The file. It is created with the first entry. */
    get path(): string;
    /** Records a batch: `epoch`, `batch`, `loss` and `accuracy` of this batch. Absent if batches are not recorded, so that `fit` need not wait for it. */
    get onBatch(): ((info: BatchRecord) => Promise<void> | undefined) | undefined;
    /** Records an epoch, and the histograms of the weights if `weights` is set. */
    onEpoch(record: EpochRecord, model: LoggedModel): Promise<void>;
    /** Records how far a simulation, or other work with `onProgress`, has come: what is `done` of `total`, and the numbers that it reports beside them. */
    get onProgress(): (progress: TaskProgress) => void;
    /** Records a trial of a study: its state, its values, and its parameters as `parameters/NAME`. */
    get onTrial(): (trial: TrialRecord) => void;
    /**
     * Records values of the caller.
     *
     * @param step - a whole number: the position on the horizontal axis
     * @param values - finite or not, by name; in TensorBoard, names with the same part in front of a `/` are drawn together
     */
    values(step: number, values: Readonly<Record<string, number>>): Promise<void>;
    /** Writes what waits. @throws LapicqueError `io` */
    flush(): Promise<void>;
    /** Writes what waits and closes the file. @throws LapicqueError `io`, also of an earlier entry */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

export declare namespace log {
    export {
        tensorboard,
        csv,
        jsonl,
        LoggedModel,
        TextLogOptions,
        TensorBoardOptions,
        Log
    }
}

/** What a log needs of a model. */
declare interface LoggedModel {
    weights(): Promise<Record<string, ArrayLike<number>>>;
}

/** `exp` of a normal number with mean `mu` and standard deviation `sigma`, within `bounds` by drawing again. */
declare function logNormal(mu: number, sigma: number, bounds?: Bounds): Distribution;

/**
 * Surrogate gradient `1 / x where x > 1, 1 where 0 < x <= 1, else alpha` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 LogTailedReLU; Z. Cai et al. 2017.
 */
declare function logTailedRelu(options?: {
    /** a finite number; default 0. */
    alpha?: number;
}): Surrogate;

/** A number from `low` to `high` whose logarithm is uniform. */
declare interface LogUniform {
    readonly kind: 'log-uniform';
    readonly low: number;
    readonly high: number;
}

/**
 * A number from `low`, above 0, to `high`, uniform in its logarithm: for parameters that vary over powers of ten, such
 * as learning rates.
 */
declare function logUniform(low: number, high: number): LogUniform;

/** A loss as plain data. `S` spikes, `v` membrane potential, `y` label, CE softmax cross-entropy. */
export declare type Loss = Readonly<(CrossEntropyRateOptions & {
    kind: 'cross-entropy-rate';
}) | (CrossEntropyCountOptions & {
    kind: 'cross-entropy-count';
}) | (CrossEntropyMeanRateOptions & {
    kind: 'cross-entropy-mean-rate';
}) | (CrossEntropyMembraneOptions & {
    kind: 'cross-entropy-membrane';
}) | (CrossEntropyMaxMembraneOptions & {
    kind: 'cross-entropy-max-membrane';
}) | (CrossEntropyMeanMembraneOptions & {
    kind: 'cross-entropy-mean-membrane';
}) | (CrossEntropySumMembraneOptions & {
    kind: 'cross-entropy-sum-membrane';
}) | (CrossEntropyFirstSpikeOptions & {
    kind: 'cross-entropy-first-spike';
}) | (MeanSquaredCountOptions & {
    kind: 'mean-squared-count';
}) | (MeanSquaredRateOptions & {
    kind: 'mean-squared-rate';
}) | (MeanSquaredMembraneOptions & {
    kind: 'mean-squared-membrane';
}) | (MeanSquaredFirstSpikeOptions & {
    kind: 'mean-squared-first-spike';
}) | (FocalRateOptions & {
    kind: 'focal-rate';
}) | (FocalCountOptions & {
    kind: 'focal-count';
}) | (FocalMeanRateOptions & {
    kind: 'focal-mean-rate';
}) | (FocalMembraneOptions & {
    kind: 'focal-membrane';
}) | (FocalMaxMembraneOptions & {
    kind: 'focal-max-membrane';
}) | (FocalMeanMembraneOptions & {
    kind: 'focal-mean-membrane';
}) | (FocalSumMembraneOptions & {
    kind: 'focal-sum-membrane';
})>;

/**
 * The losses; every one is checked by the engine when it is used. S is the output of the output population: its spikes, graded
 * ones with their values.
 */
export declare const loss: Readonly<{
    /** mean (or, with `perStep: 'sum'`, sum) over steps of CE(S[t], y), or of CE(S[t], y[t]) where every step has a label; snnTorch's `ce_rate_loss`. */
    crossEntropyRate: (options?: CrossEntropyRateOptions) => Loss;
    /** CE(sum over steps of S, y); snnTorch's `ce_count_loss`. */
    crossEntropyCount: (options?: CrossEntropyCountOptions) => Loss;
    /** CE(mean over steps of S, y), with `populationClasses` the mean over the neurons of a class too; SpikingJelly's usual `cross_entropy(out.mean(0), y)`, with its `VotingLayer`. */
    crossEntropyMeanRate: (options?: CrossEntropyMeanRateOptions) => Loss;
    /** mean (or, with `perStep: 'sum'`, sum) over steps of CE(v[t], y), or of CE(v[t], y[t]) where every step has a label, as in a language model; snnTorch's `ce_rate_loss` on the membrane. */
    crossEntropyMembrane: (options?: CrossEntropyMembraneOptions) => Loss;
    /** CE(max over steps of v, y); snnTorch's `ce_max_membrane_loss`. */
    crossEntropyMaxMembrane: (options?: CrossEntropyMaxMembraneOptions) => Loss;
    /** CE(mean over steps of v, y): the usual loss of a readout that does not spike; torch's `cross_entropy(v.mean(0), y)`. */
    crossEntropyMeanMembrane: (options?: CrossEntropyMeanMembraneOptions) => Loss;
    /** CE(sum over steps of v, y); torch's `cross_entropy(v.sum(0), y)`. */
    crossEntropySumMembrane: (options?: CrossEntropySumMembraneOptions) => Loss;
    /** CE(f(step of the first spike), y), f = -t (`inverse: 'negate'`, the default) or 1/(t+1) (`'reciprocal'`). A neuron that is silent has its first spike at the last step; snnTorch's `ce_temporal_loss`. */
    crossEntropyFirstSpike: (options?: CrossEntropyFirstSpikeOptions) => Loss;
    /** (count - target)² / steps, averaged over classes; targets are the whole part of steps times `correctRate` (default 1) for the label and `incorrectRate` (0) for the others, in spikes per step, with `populationClasses` times the neurons of a class; snnTorch's `mse_count_loss`. */
    meanSquaredCount: (options?: MeanSquaredCountOptions) => Loss;
    /** (mean over steps of S - target)², averaged over classes: `onTarget` (default 1) for the label, `offTarget` (0) else; torch's `mse_loss` of the mean over steps. */
    meanSquaredRate: (options?: MeanSquaredRateOptions) => Loss;
    /** mean (or, with `perStep: 'sum'`, sum) over steps of (v[t] - target)², averaged over classes: `onTarget` (default 1) for the label, `offTarget` (0) else; snnTorch's `mse_membrane_loss`. */
    meanSquaredMembrane: (options?: MeanSquaredMembraneOptions) => Loss;
    /** ((step of the spike - target) / steps)², averaged over classes, of the first spike, or averaged over as many as there are targets: `onTarget` (default 0, the first step) for the label, `offTarget` (-1, the last step: below 0 counts from the end) else. A spike less than `tolerance` (0) steps from its target counts as on it, one that never came as in the last step. The gradient is -1 at the step of the spike; snnTorch's `mse_temporal_loss`. */
    meanSquaredFirstSpike: (options?: MeanSquaredFirstSpikeOptions) => Loss;
    /** mean (or, with `perStep: 'sum'`, sum) over steps of (1 - p)^gamma CE(S[t], y), p = softmax(S[t])[y]; with y[t] where every step has a label; T.-Y. Lin et al., ICCV 2017, equation 5 with a softmax; its alpha is `classWeights`. */
    focalRate: (options?: FocalRateOptions) => Loss;
    /** (1 - p)^gamma CE(sum over steps of S, y), p = softmax(sum over steps of S)[y]; T.-Y. Lin et al., ICCV 2017, equation 5 with a softmax; its alpha is `classWeights`. */
    focalCount: (options?: FocalCountOptions) => Loss;
    /** (1 - p)^gamma CE(mean over steps of S, y), p = softmax(mean over steps of S)[y]; with `populationClasses` the mean over the neurons of a class too; T.-Y. Lin et al., ICCV 2017, equation 5 with a softmax; its alpha is `classWeights`. */
    focalMeanRate: (options?: FocalMeanRateOptions) => Loss;
    /** mean (or, with `perStep: 'sum'`, sum) over steps of (1 - p)^gamma CE(v[t], y), p = softmax(v[t])[y]; with y[t] where every step has a label; T.-Y. Lin et al., ICCV 2017, equation 5 with a softmax; its alpha is `classWeights`. */
    focalMembrane: (options?: FocalMembraneOptions) => Loss;
    /** (1 - p)^gamma CE(max over steps of v, y), p = softmax(max over steps of v)[y]; T.-Y. Lin et al., ICCV 2017, equation 5 with a softmax; its alpha is `classWeights`. */
    focalMaxMembrane: (options?: FocalMaxMembraneOptions) => Loss;
    /** (1 - p)^gamma CE(mean over steps of v, y), p = softmax(mean over steps of v)[y]; T.-Y. Lin et al., ICCV 2017, equation 5 with a softmax; its alpha is `classWeights`. */
    focalMeanMembrane: (options?: FocalMeanMembraneOptions) => Loss;
    /** (1 - p)^gamma CE(sum over steps of v, y), p = softmax(sum over steps of v)[y]; T.-Y. Lin et al., ICCV 2017, equation 5 with a softmax; its alpha is `classWeights`. */
    focalSumMembrane: (options?: FocalSumMembraneOptions) => Loss;
}>;

/** What every loss takes. */
export declare interface LossOptions {
    /** How samples become one number. `'sum'` adds up samples and, of squared errors, classes and the spikes of one neuron. `'none'` computes the loss and gradients of the mean, and keeps squared errors in `perSample` apart by class; default `'mean'`. */
    reduction?: 'mean' | 'sum' | 'none';
    /** Steps before this one do not count; targets in steps count from there; default 0. */
    from?: number;
    /** Weight of each class, `[classes]`; default all 1. Not where every step has a label; a list, each a number of at least 0. */
    classWeights?: readonly number[];
    /** With class weights: whether the mean divides by the number of samples (default except for `crossEntropyFirstSpike`) or by the sum of their weights. */
    weightedMean?: 'samples' | 'weights';
}

/** The options of one kind of loss. */
export declare type LossOptionsOf<K extends Loss['kind'], L = Loss> = L extends {
    kind: infer Kinds;
} ? K extends Kinds ? Omit<L, 'kind'> : never : never;

/** Outputs to compute a loss of: `[time, batch, neurons]`. What {@link Model.forward} or {@link Model.run} gave does as it is. */
export declare interface LossOutputs<A extends Float32Array | Float64Array = Float32Array> {
    /** 0 and 1, or graded. Empty is as absent. */
    spikes?: A | Uint8Array | undefined;
    v?: A | undefined;
    /** `[time, batch, neurons]` */
    shape: readonly [number, number, number];
}

/** A loss's value and gradients. */
export declare interface LossValue<A extends Float32Array | Float64Array = Float32Array> {
    loss: number;
    /** `[batch]`, or `[batch, classes]` for an unreduced squared error. */
    perSample: Float64Array;
    /** Of the outputs given, in their shape. */
    gradSpikes?: A;
    gradV?: A;
}

/**
 * Surrogate gradient `1 where x > 0, else slope` with `x = v - vThreshold`.
 * Source: snnTorch LSO as documented; 1.0.0 raises an error.
 */
declare function lso(options?: {
    /** a finite number; default 0.1. */
    slope?: number;
}): Surrogate;

/**
 * Local variation, `[neurons]`: 3 times the mean of `((a - b) / (a + b))²` over neighboring intervals (S. Shinomoto et
 * al., Neural Computation 15, 2003).
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function lv(trains: GivenSpikeTrains, options?: TaskOptions): Promise<Float64Array>;

/**
 * Local variation revised for a refractory period, `[neurons]`: 3 times the mean of
 * `(1 - 4ab / (a + b)²)(1 + 4 refractory / (a + b))` (S. Shinomoto et al., PLoS Computational Biology 5, 2009).
 *
 * @param options - `refractory` in ms, default 5
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function lvr(trains: GivenSpikeTrains, options?: TaskOptions & {
    refractory?: number;
}): Promise<Float64Array>;

/** A layer without a state. */
export declare type MapLayer = Conv | Pointwise | Pool | GlobalPool | Flatten | Unflatten | LateralInhibition | Dropout | BatchNorm | Embedding | OperationLayer;

/** What a layer without any other option may be told. */
export declare interface MapOptions {
    /** Name in files, recordings and messages; default the layer's and a number. */
    name?: string;
}

/** The trials whose parameter lies in one range, or has one value. */
export declare interface MarginalBin {
    /**
     * The smallest and the largest value of the parameter among these trials; for a choice, `from` and `to` are the
     * value.
     */
    readonly from: number | string;
    readonly to: number | string;
    /** Median of the parameter; for a choice, the value. */
    readonly at: number | string;
    readonly trials: number;
    /** Median of the objective over these trials. */
    readonly mean: number;
    readonly median: number;
    /** Quartiles of the objective over these trials. */
    readonly lower: number;
    readonly upper: number;
}

/** Layers as they are where nothing is said of any, which also keeps a union of lists whole. */
declare type Marked<L extends readonly Layer[], R extends readonly Said[]> = [R[number]] extends [never] ? L : {
    [K in keyof L]: K extends keyof R ? ([R[K]] extends [never] ? L[K] : R[K]) : L[K];
};

/** What a panel draws. */
declare type MarkSpec = ArrowMark | TicksMark | PointsMark | LineMark | BandMark | BarsMark | BoxesMark | RuleMark | CellsMark | TextMark | VectorsMark;

/** The product of two sources as matrices, `[rows, inner]` and `[inner, columns]`, row by row; see {@link join}. */
export declare interface MatrixProductJoin {
    readonly kind: 'matrix-product';
    readonly rows: number;
    readonly inner: number;
    readonly columns: number;
}

/**
 * {@link maxPool2d} over one axis that is not time.
 *
 * @param kernel - pixels of the window
 * @returns a layer from `[channels, width]` to `[channels, width']`, the side as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export declare function maxPool1d<const Kernel extends number, const Stride extends number = Kernel, const Padding extends number = 0>(kernel: Kernel, options?: PoolOptions<number, Stride, Padding>): NoInfer<Pool<PoolWindow<readonly [Kernel], readonly [Stride], readonly [Padding]>>>;

/**
 * The largest of each window, channel by channel: `y[c, p] = max x[c, stride p + k - padding]` over the places `k` of the window;
 * of spikes, whether any fired. The gradient goes to the first of equal ones, as of `torch.nn.MaxPool2d`.
 *
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[channels, height, width]` to `[channels, height', width']`, each side
 * `floor((side + 2 padding - kernel) / stride) + 1`
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` also for a window larger than the image or
 * padding above half of it, and `shape-mismatch` for what is no image
 */
export declare function maxPool2d<const Kernel extends Pair, const Stride extends Pair = Kernel, const Padding extends Pair = 0>(kernel: Kernel, options?: PoolOptions<Pair, Stride, Padding>): NoInfer<Pool<PoolWindow<PerAxis<Kernel>, PerAxis<Stride>, PerAxis<Padding>>>>;

/** Options of {@link loss}.meanSquaredCount. */
export declare interface MeanSquaredCountOptions extends LossOptions, PooledLossOptions {
    /** Spikes per step wanted of the label's output; a number from 0 to 1; default 1. */
    correctRate?: number;
    /** Spikes per step wanted of the other outputs; a number from 0 to 1; default 0. */
    incorrectRate?: number;
}

/** Options of {@link loss}.meanSquaredFirstSpike. */
export declare interface MeanSquaredFirstSpikeOptions extends LossOptions {
    /** Step of the label's first spike, or of its first spikes; below 0 counts from the end; a finite number or a list of them; default 0. */
    onTarget?: number | readonly number[];
    /** Step of the others' first spike, or of as many spikes as `onTarget` has; a finite number or a list of them; default -1. */
    offTarget?: number | readonly number[];
    /** A spike closer than this many steps to its target counts as on it; a number of at least 0; default 0. */
    tolerance?: number;
}

/** Options of {@link loss}.meanSquaredMembrane. */
export declare interface MeanSquaredMembraneOptions extends LossOptions, SteppedLossOptions {
    /** Target of the label's output; default 1. */
    onTarget?: number;
    /** Target of the other outputs; default 0. */
    offTarget?: number;
}

/** Options of {@link loss}.meanSquaredRate. */
export declare interface MeanSquaredRateOptions extends LossOptions, PooledLossOptions {
    /** Target of the label's output; default 1. */
    onTarget?: number;
    /** Target of the other outputs; default 0. */
    offTarget?: number;
}

/** One number over time. */
export declare interface MeanTrace {
    /** In ms. */
    readonly times: Float64Array;
    /** `[times]` */
    readonly values: Float64Array;
}

/** {@link MedianPruning}: D. Golovin et al., KDD 2017. */
declare function median(options?: OptionsOf<MedianPruning>): MedianPruning;

/**
 * Ends a trial whose best report so far is worse than the median of the reports of complete trials at the same step.
 */
declare interface MedianPruning extends PruneOptions {
    readonly kind: 'median';
    /** Complete trials before the first decision. Default 5. */
    readonly startup?: number;
    /** The percentage of trials, the best first, to which a trial must belong. Default 50: the median. */
    readonly percentile?: number;
}

/**
 * Membrane potentials, or other recorded states, over time: a panel for each trace, a line for each neuron. A gap is a value that is not finite.
 *
 * @param traces - a recording with `record.traces`, or traces by name, `E.v`
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function membrane(traces: Recording | Readonly<Record<string, FigureTrace>>, options?: MembraneOptions): Promise<Figure>;

/** Options of {@link membrane}. */
declare interface MembraneOptions extends FigureOptions {
    /** The neurons that are shown, by their place in the trace; default the first five. */
    neurons?: readonly number[];
    /** Unit of the state, such as `'mV'`, for the label of the axis; default none. */
    unit?: string;
    /** The threshold, drawn as a dashed line in the panels of `v`; default none. */
    threshold?: number;
}

/** One neuron's membrane potential over time. */
export declare interface MembraneTrace {
    name: string;
    /**
     * Name of the variable if it is not the potential: `current`, `iSyn`; each variable has its own scale. Default `v`.
     */
    state?: string;
    /** One value per step, or one at each of `times`. */
    v: ArrayLike<number>;
    /** In ms; default the end of each step. */
    times?: ArrayLike<number>;
    /** The steps of its spikes, from 0; only for traces without `times`. */
    spikes?: ArrayLike<number>;
}

/** Arithmetic, and a memory access for each weight, state, input and output. */
export declare interface MemoryEnergy extends EnergyModelBase {
    readonly kind: 'memory';
    readonly mac: number;
    readonly ac: number;
    /** Widths of a weight, a state and an input or output in bits; an access costs in proportion. */
    readonly bits: {
        readonly weight: number;
        readonly state: number;
        readonly activation: number;
    };
    /** J of reading or writing 64 bits at each level. */
    readonly access: Readonly<Record<MemoryLevel, number>>;
}

/** Memory in bytes, beyond the arrays that the caller holds. */
export declare interface MemoryEstimate {
    /** All that is learned. */
    parameters: number;
    /** Gradients, moments, transposed weights. */
    training: number;
    /** The engine's copy of the input. */
    input: number;
    /** States and spikes, and what learning needs of them. */
    tape: number;
    outputs: number;
    total: number;
}

/** Where values are kept: registers, an SRAM of a size, or DRAM. */
export declare type MemoryLevel = 'register' | 'sram-8KiB' | 'sram-32KiB' | 'sram-1MiB' | 'dram';

/** Where values are kept. */
export declare interface MemoryLevels {
    weights: MemoryLevel;
    states: MemoryLevel;
    activations: MemoryLevel;
}

/** What is to be done, as far as memory is concerned. */
export declare interface MemoryWork {
    steps: number;
    batch: number;
    /** Default false: a run. */
    training?: boolean;
    /** As in training; default all steps. */
    segment?: number;
    /** As in training: truncated back-propagation, with the memory of this number of steps; default not. */
    truncate?: number;
    /** How gradients are found in training; default `'bptt'`. */
    method?: TrainingMethod;
    /** Default `'values'`: a `Float32Array` with numbers for each step. */
    input?: 'values' | 'constant' | 'spikes';
}

/** The gradient method of {@link Model.fit} and {@link Model.trainStep}. */
export declare interface MethodOptions {
    /** Default `'bptt'`. */
    method?: TrainingMethod | undefined;
    /**
     * Truncated back-propagation, with `'bptt'` only: the sequence is divided into segments of this number of steps; states continue from one to the next,
     * gradients do not flow back (R. J. Williams, J. Peng, Neural Computation 2(4), 1990). The memory is that of one segment. Default: gradients flow
     * back through the whole sequence.
     */
    truncate?: number | undefined;
}

/** What early stopping watches. */
export declare type Metric = 'loss' | 'accuracy' | 'validationLoss' | 'validationAccuracy';

/**
 * `scale` multiplies neurons and in-degrees. Below 1, weights grow by `1 / sqrt(scale)` and a constant current replaces
 * the missing mean input (S. J. van Albada, M. Helias, M. Diesmann, PLoS Computational Biology 11, 2015).
 */
declare function microcircuit(context?: NetworkContext): NetworkScript;

/** {@link timeMixture} */
export declare interface Mixture {
    readonly layer: 'mixture';
    readonly steps: number;
    readonly order?: number;
    readonly lambda?: number;
    readonly bias: boolean;
    readonly initial?: Initialiser;
    readonly initialBias?: Initialiser;
    readonly name?: string;
    readonly trainable?: boolean;
}

/** What {@link timeMixture} may be told. */
export declare interface MixtureOptions {
    /** Name in files, recordings and messages; default `mixture` and a number. */
    name?: string;
    /** Only the steps `t - order + 1` to `t` reach step `t`, from 1 to `steps`; default all, later ones too. */
    order?: number;
    /**
     * With an `order`: how much of the mask holds, from 0 to 1; the weights of the other steps count by `1 - lambda`. A tensor
     * `lambda` of one number, which training does not change and `setWeights` does. Default: the mask holds, and is no tensor.
     */
    lambda?: number;
    /** Adds a constant for each step; default true. */
    bias?: boolean;
    /** Default `fan-in-uniform`, the fan-in being the number of steps. */
    initial?: Initialiser;
    /** Default `fan-in-uniform`, with the fan-in of the weights. */
    initialBias?: Initialiser;
    /** Whether training changes it; default true. */
    trainable?: boolean;
}

/** The 10,000 digits of the package `@lapicque/data-mnist`. */
export declare interface Mnist {
    /** `[10000, 784]`, 0 to 1; the 28 rows of each image are contiguous */
    images: Float32Array;
    /** `[10000]`, 0 to 9; the digits are sorted by label */
    labels: Uint8Array;
    /** Shuffles with `seed` and holds out the last 2,000 as the test set. */
    split(seed?: number): Split;
}

/**
 * 10,000 real digits of MNIST (LeCun, Cortes & Burges), from the package `@lapicque/data-mnist`, which is installed
 * separately (a clone contains it). The first call reads them in about a tenth of a second; nothing is downloaded.
 *
 * @throws LapicqueError `unsupported` if `@lapicque/data-mnist` is not installed, `io` if one of its files cannot be
 * read
 */
export declare function mnist(): Promise<Mnist>;

/** A model in the engine's memory. Dispose of it, or leave it to the garbage collector. */
export declare class Model implements Disposable {
    #private;
    /** The network as plain data, with every default written out; parameters as they were at the start. */
    readonly description: Description;
    readonly info: ModelInfo;
    /** Optimizer steps taken so far, also those before the model was saved and loaded. */
    updates: number;
    /**
     * Your metadata: an object of JSON values, such as `{ labels: ['cat', 'dog'], version: '1.2', license:
     * 'MIT' }`. Model files contain it, {@link Model.load} restores it, and `lapicque inspect` shows it. Assign the whole object: it is copied and frozen.
     *
     * @throws LapicqueError `invalid-parameter` for anything but an object of JSON values
     */
    get metadata(): ModelMetadata;
    set metadata(metadata: ModelMetadata);
    /** Number of trained values. */
    get parameterCount(): number;
    /** Neurons of the output population. */
    get outputs(): number;
    /** A table of the layers, for people. */
    summary(): string;
    /**
     * Runs a batch without learning.
     *
     * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`
     * @throws LapicqueError `shape-mismatch`, `non-finite`, `unknown-name` for a recording, `too-large`, `aborted`,
     * `disposed`
     */
    run(input: InputTensor, options?: RunOptions): Promise<RunResult>;
    /**
     * Predicted labels `[batch]`: `by` spike count (default if the output spikes), the membrane summed over time (default if it
     * does not), its largest value, or the first spike; see {@link Decision}. Steps before `from` do not count, as in a loss. With
     * `populationClasses` the outputs are grouped into this number of classes of equal size, and all neurons of a class vote for it; without it,
     * each output is a class.
     *
     * ```ts
     * const labels = await model.predict(batch);
     * const { scores, shape: [samples, classes] } = await model.predict(batch, { scores: true });
     * ```
     *
     * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`; with `lengths`, the steps of each sample that count
     * @returns the labels, or with `scores` a {@link Prediction}: the labels and their scores
     * @throws LapicqueError as {@link Model.run}, and `invalid-parameter` for another `by` or for classes that do not divide
     * the outputs
     */
    predict(input: PredictInput, options?: PredictOptions & {
        scores?: false;
    }): Promise<Uint32Array>;
    predict(input: PredictInput, options: PredictOptions & {
        scores: true;
    }): Promise<Prediction>;
    predict(input: PredictInput, options?: PredictOptions): Promise<Uint32Array | Prediction>;
    /**
     * Loss, accuracy, confusion matrix and activity over a data set.
     * @param data - batches with `x` as for {@link Model.run} and `y`, labels `[batch]` or values
     * @throws LapicqueError as {@link Model.evaluateStep}; `invalid-parameter` if there is no batch
     */
    evaluate(data: Batches, options: EvaluateOptions): Promise<Evaluation>;
    /**
     * Trains over a data set, epoch by epoch. A second `fit` of a model that is being trained is refused; await the first. Other calls
     * (`run`, `session`, `save` …) run between two steps, with the weights of that moment.
     * @param data - batches with `x` as for {@link Model.run} and `y`, labels `[batch]` or values
     * @throws LapicqueError as {@link Model.trainStep}; `invalid-parameter` also while another `fit` of the model runs; `io` for
     * a checkpoint that cannot be written; `aborted`, after which
     * the weights are those of the last finished step. Errors of callbacks and data are passed on.
     */
    fit(data: Batches, options: FitOptions): Promise<FitResult>;
    /**
     * Gradients of one batch and, with an optimizer, a step.
     * @throws LapicqueError `shape-mismatch`, `invalid-parameter` for labels out of range and options, `unknown-name`,
     * `non-finite` with layer and step (no weight has changed then), `too-large`, `aborted`, `disposed`
     */
    trainStep(batch: TrainingBatch, options: TrainStepOptions): Promise<StepReport>;
    /**
     * Loss and predictions of one batch, without gradients.
     * @throws LapicqueError as {@link Model.trainStep}
     */
    evaluateStep(batch: TrainingBatch, options: EvaluateStepOptions): Promise<StepReport>;
    /**
     * Outputs for a custom loss. The loop is: `forward`, your gradient with respect to the outputs, `backward`, `step`.
     *
     * To process a sequence that is longer than a batch, start each pass from the `state` of the previous one: truncated
     * back-propagation over a stream of any length. The state is a constant for the gradient. {@link dropout} draws a new mask in each
     * pass. Layers that read a whole sequence ({@link psn}) start only from rest.
     *
     * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`
     * @returns spikes and membrane of the output population, `[time, batch, neurons]` each, and the state at the end
     * @throws LapicqueError as {@link Model.run}; of `backward`: `shape-mismatch`, `non-finite`, `invalid-parameter` for a pass
     * that is not the model's last
     */
    forward(input: InputTensor, options?: InputOptions & TaskOptions & {
        segment?: number;
        state?: NetworkState | undefined;
    }): Promise<ForwardResult>;
    /**
     * Takes a step on the accumulated gradients and clears them.
     * @throws LapicqueError `invalid-parameter`, `non-finite` (no weight has changed then), `aborted`, `disposed`
     */
    step(optimizer: Optimizer, options?: TaskOptions & {
        lrFactor?: number;
        scale?: number;
        clipValue?: number;
    }): Promise<void>;
    /**
     * All parameters by name, row-major; copies. Each array has its `shape`, that of `info.parameters`. So
     * {@link writeTensors} writes them directly, and {@link Model.setWeights} takes the result of {@link readTensors}.
     * @throws LapicqueError `too-large`, `disposed`
     */
    weights(): Promise<Record<string, Shaped<Weights>>>;
    /**
     * All gradients by name, as {@link Model.weights}; empty arrays before the first backward pass.
     * @throws LapicqueError `too-large`, `disposed`
     */
    gradients(): Promise<Record<string, Shaped<Weights>>>;
    /**
     * Replaces parameters: all of them, or none if one is refused. It is atomic: no other call uses some old and some new values.
     * It takes the tensors that {@link readTensors} reads from a file, if their names are those of this model.
     * @param weights - by name: an array, or an array with its shape, which is then compared
     * @throws LapicqueError `unknown-name`, `shape-mismatch`, `invalid-parameter` for a value that is not finite or that the tensor
     * cannot have: a `runningVariance` below 0, a `lambda` outside 0 to 1, `draws` that are not a count
     */
    setWeights(weights: GivenWeights): Promise<void>;
    /**
     * Imports weights that were trained with torch, snnTorch, SpikingJelly or Norse: the tensors of a `state_dict`, from a file of `torch.save`,
     * `safetensors.torch.save_file` or `numpy.savez`, or as {@link readTensors} returns them. Sets all of them, or none if one does not fit.
     * {@link stateDictOf} exports them again.
     *
     * A tensor is assigned to a layer by `map`, else by the layer's name, else by structure and shape: projections, norms and
     * populations separately, in the order of their names if those are numbered (`0`, `2`; `fc1`, `fc2`). Values of neurons
     * (`lif1.beta`, `lif1.threshold`, SpikingJelly's `w`, Norse's `tau_mem_inv`) are set if the model learns them. If
     * they are constants of its description, they are compared, and refused if they differ. Running values of batch norm are set.
     *
     * @example
     * ```ts
     * const report = await model.importWeights('net.pth', { from: 'snntorch' });
     * console.log(report.set, report.ignored);
     * ```
     * @param tensors - a file, or tensors by name, each with its shape
     * @returns the tensors that were set, compared, and ignored with the reason
     * @throws LapicqueError `weights-mismatch` for tensors or parameters without a counterpart, for ambiguous assignments, and
     * for values that differ from those of the description; `shape-mismatch`, `unknown-name` and `invalid-parameter` for `map`
     * and the tensors; for a file the errors of {@link readTensors}; `disposed`
     */
    importWeights(tensors: GivenWeights | FileSource, options?: ImportOptions): Promise<ImportReport>;
    /**
     * SHA-256 over all parameters' bytes in order: equal exactly when the weights are equal.
     * @throws LapicqueError `disposed`
     */
    weightsSha256(): Promise<string>;
    /**
     * Predicts the bytes that a batch needs: those of the model, and an upper bound during the batch. It assumes that one neuron
     * in ten fires in a step. A batch that needs more than the available memory is refused with `too-large` before any
     * allocation. Freed memory that the C library keeps (about 10 MiB with glibc) is not counted.
     * @throws LapicqueError `invalid-parameter`, `unknown-name`, `disposed`
     */
    estimate(work: MemoryWork): MemoryEstimate;
    /**
     * A streaming session with the current weights. Sessions on the same weights share one copy of them; each needs only memory for its state.
     * @param options - `record`: the values that {@link Session.recorded} returns for each step, by the names that `run` takes
     * @throws LapicqueError `unsupported` for a network that cannot go step by step, `unknown-name` for a recording, `too-large`, `disposed`
     */
    session(options?: Pick<RunOptions, 'record'>): Promise<Session>;
    /**
     * Returns this model with other surrogate gradients, including the optimizer's moments and the number of updates: for surrogates that
     * become narrower during training. The model itself does not change.
     *
     * ```ts
     * for (let epoch = 0; epoch < epochs; epoch++) {
     *   model = await model.withSurrogates({ lif1: surrogate.sigmoid({ slope: 2 + 4 * epoch }) });
     *   await model.fit(data, { epochs: 1, loss, optimizer });
     * }
     * ```
     *
     * @param surrogates - by the name of the layer; the others keep theirs
     * @throws LapicqueError `unknown-name` for anything but a layer that spikes, `invalid-parameter` and `equation` for an invalid
     * surrogate, `disposed`
     */
    withSurrogates(surrogates: Readonly<Record<string, Surrogate>>, options?: TaskOptions): Promise<Model>;
    /** The network as plain data with its learned neuron parameters as they are now. */
    currentDescription(): Promise<Description>;
    /**
     * Writes the model to a `.safetensors` file, atomically: a crash leaves the old file.
     *
     * @param target - a path or a `file:` URL, or a `WritableStream`; {@link Model.toBytes} gives bytes
     * @throws LapicqueError `io`, `aborted`, `disposed`
     */
    save(target: FileTarget, options?: TaskOptions): Promise<void>;
    /**
     * The bytes of the file that {@link Model.save} writes, for a database or an object store.
     *
     * @throws LapicqueError `too-large`, `aborted`, `disposed`
     */
    toBytes(options?: TaskOptions): Promise<Uint8Array<ArrayBuffer>>;
    /**
     * Reads a model that {@link Model.save} (or a checkpoint) wrote.
     *
     * ```ts
     * using model = await Model.load(new URL('model.safetensors', import.meta.url));
     * using other = await Model.load(await response.arrayBuffer());
     * ```
     *
     * @param source - a path or a `file:` URL, the bytes of a file (`Uint8Array`, `ArrayBuffer`, `Blob`), or a stream of them
     * @param options - `limits`: the memory that the model may take; an untrusted file cannot exceed it
     * @throws LapicqueError `malformed-file` for a file that is truncated or has a flipped bit, `unsupported` for one of a
     * newer version, `too-large`, `io`, `aborted`
     */
    static load(source: FileSource, options?: LoadOptions): Promise<Model>;
    /** Frees the native memory; using the model afterwards throws `disposed`. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/** Information about a compiled model. */
export declare interface ModelInfo {
    readonly parameters: readonly {
        readonly name: string;
        readonly shape: readonly number[];
        readonly trainable: boolean;
    }[];
    readonly layers: readonly {
        readonly name: string;
        readonly neurons: number;
        /** `[neurons]`; for neurons of an image or a volume, `[channels, …pixels]`. */
        readonly shape: readonly number[];
        readonly spiking: boolean;
        /** Its inputs by name: one, or several. */
        readonly ports: readonly string[];
        /** Whether its kernels are compiled ahead of time; otherwise they are interpreted, with the same results. */
        readonly native: boolean;
        readonly states: readonly {
            readonly name: string;
            readonly unit: string;
        }[];
    }[];
    readonly projections: readonly {
        readonly name: string;
        readonly inputs: number;
        readonly outputs: number;
        readonly dense: boolean;
    }[];
    /** Stateless layers that are not merged into the next population, and the shapes of their outputs. */
    readonly maps: readonly {
        readonly name: string;
        readonly shape: readonly number[];
    }[];
    /**
     * The names that `record` takes, in runs and in sessions: the states, `spikes` and ports (inputs) of a population
     * (`lif1.current`, `slstm1.i`); the `values` of a stateless layer.
     */
    readonly recordable: readonly string[];
    /** Number of trained values. */
    readonly parameterCount: number;
    /** Name of the output population. */
    readonly output: string;
}

/** What users keep with a model: labels, version, license … */
export declare type ModelMetadata = Readonly<Record<string, unknown>>;

/** Options of {@link Circuit.toModel}. */
export declare interface ModelOfOptions {
    /** Time step in ms; default 0.1, as in simulations. */
    dt?: number;
    /** Seed of the wiring, as in simulations; default 0. */
    seed?: number;
    /** Default `'f32'`. */
    precision?: Precision;
}

export declare namespace models {
    export {
        AssociativeLeakyOptions,
        associativeLeaky,
        ConvSnnOptions,
        convSnn,
        LmuOptions,
        lmu,
        ShdRecurrentOptions,
        shdRecurrent,
        SpikeGPTOptions,
        spikeGPT,
        SpikformerBlockOptions,
        SpikformerOptions,
        spikformer,
        spikformerBlock
    }
}

/** Options of {@link encode}.movingWindow. */
export declare interface MovingWindowOptions extends TaskOptions {
    /** Samples whose mean is the reference; a whole number of at least 1. */
    window: number;
    /** By how much the signal must leave the reference; a number above 0; default 0.1. */
    threshold?: number;
}

/**
 * Surrogate gradient `(1 + h) N(x; 0, sigma) - h N(x; sigma, s sigma) - h N(x; -sigma, s sigma)` with `x = v - vThreshold`.
 * Source: B. Yin, F. Corradi, S. Bohté, Nature Machine Intelligence 2021; sinabs 3.1.3 MultiGaussian.
 */
declare function multiGaussian(options?: {
    /** a number above 0; default 0.5. */
    sigma?: number;
    /** a finite number; default 0.15. */
    h?: number;
    /** a number above 0; default 6. */
    s?: number;
}): Surrogate;

/**
 * leaky integrate-and-fire with graded spikes of several levels: `tauMem dv/dt = (vLeak - v) + r x`.
 *
 * As computed: `v = beta v[t-1] + gain x[t] + (1 - beta) vLeak; s[t] = how many of vThreshold, 2 vThreshold, … levels vThreshold v is above; v[t] = v - s[t] vThreshold`. States:
 * - `v`: membrane potential
 *
 * Source: sinabs 3.1.3 LIF with MultiSpike and MembraneSubtract; L. Feng et al., IJCAI 2022.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function multiLevelLif<const N extends number = number>(options: MultiLevelLifOptions<N>): Population<N>;

/** What {@link MultiLevelLifOptions} may hold. */
export declare interface MultiLevelLifFields<N extends number = number> extends PopulationOptions<N> {
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential from one level to the next (dimensionless); a number above 0; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** the most that a spike is worth (dimensionless); a whole number from 1 to 64; default 4. One number, or one a neuron. */
    levels?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau; default `'exact'`. */
    method?: 'exact' | 'euler';
    /** coefficient on what drives v: r alone, r (1 - beta), or r dt / tauMem; default `'weight'`. */
    inputScale?: 'weight' | 'one-minus-beta' | 'dt-over-tau';
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'vThreshold')[];
}

/** Parameters and options of {@link multiLevelLif}; of parameters that say the same thing, one. */
export declare type MultiLevelLifOptions<N extends number = number> = MultiLevelLifFields<N> & OneOf<'beta' | 'tauMem'>;

/** `A × B` */
declare type Multiply<A extends number, B extends number> = number extends A | B ? number : A extends 1 ? B : B extends 1 ? A : Read<MultiplyDigits<Digits<A>, Digits<B>>>;

/**
 * What several branches make of the same, multiplied element by element: `y = a(x) b(x) …`; of spikes, a mask. Branches after the
 * first may give one pixel, `[channels, 1, 1]` or `[channels]`, which counts for all pixels.
 *
 * @param lists - a branch each, a list of layers; an empty one passes the input through
 * @returns a layer of the shape that the first branch gives
 * @throws LapicqueError `invalid-parameter` without a branch or for what is no layer; at `compile` `shape-mismatch` for shapes that do not fit
 */
export declare function multiply<const L extends readonly (readonly Layer[])[]>(...lists: FittingBranches<L>): Branches<'multiply', L>;

/** One row of a product; `Carry` is what the digit before carries. */
declare type MultiplyByDigit<A extends string, Y extends Digit, Carry extends Digit = '0', Done extends string = ''> = A extends `${infer X extends Digit}${infer MoreA}` ? AddDigits<Reversed<Products[X][Y]>, Carry> extends `${infer D extends Digit}${infer C}` ? MultiplyByDigit<MoreA, Y, C extends Digit ? C : '0', `${Done}${D}`> : never : A extends '' ? Carry extends '0' ? Done : `${Done}${Carry}` : never;

/** Row by row, as on paper: `Shift` has a zero for each digit of `B` that is done. */
declare type MultiplyDigits<A extends string, B extends string, Shift extends string = '', Done extends string = '0'> = B extends `${infer Y extends Digit}${infer MoreB}` ? MultiplyDigits<A, MoreB, `${Shift}0`, AddDigits<Done, `${Shift}${MultiplyByDigit<A, Y>}`>> : B extends '' ? Done : never;

/** A surrogate by its name, with its parameters. */
declare type NamedSurrogate = {
    readonly name: 'atan';
    readonly alpha?: number;
} | {
    readonly name: 'spyx-atan';
    readonly k?: number;
} | {
    readonly name: 'fast-sigmoid';
    readonly slope?: number;
} | {
    readonly name: 'super-spike';
    readonly alpha?: number;
} | {
    readonly name: 'soft-sign';
    readonly alpha?: number;
} | {
    readonly name: 'sigmoid';
    readonly slope?: number;
} | {
    readonly name: 'tanh';
    readonly alpha?: number;
} | {
    readonly name: 'circ';
    readonly alpha?: number;
} | {
    readonly name: 'erf';
    readonly alpha?: number;
} | {
    readonly name: 'heavi-erfc';
    readonly alpha?: number;
} | {
    readonly name: 'gaussian';
    readonly sigma?: number;
} | {
    readonly name: 'multi-gaussian';
    readonly sigma?: number;
    readonly h?: number;
    readonly s?: number;
} | {
    readonly name: 'piecewise-exp';
    readonly alpha?: number;
} | {
    readonly name: 'single-exponential';
    readonly height?: number;
    readonly width?: number;
} | {
    readonly name: 'periodic-exponential';
    readonly height?: number;
    readonly width?: number;
    readonly period?: number;
} | {
    readonly name: 'q-pseudo-spike';
    readonly alpha?: number;
} | {
    readonly name: 'nonzero-sign-log-abs';
    readonly alpha?: number;
} | {
    readonly name: 'triangular';
    readonly height?: number;
    readonly width?: number;
} | {
    readonly name: 'piecewise-quadratic';
    readonly alpha?: number;
} | {
    readonly name: 'rect';
    readonly alpha?: number;
} | {
    readonly name: 'boxcar';
    readonly width?: number;
    readonly height?: number;
} | {
    readonly name: 'step-pwl';
    readonly window?: number;
    readonly threshold?: number;
} | {
    readonly name: 'piecewise-leaky-relu';
    readonly w?: number;
    readonly c?: number;
} | {
    readonly name: 'leaky-k-relu';
    readonly leak?: number;
    readonly k?: number;
} | {
    readonly name: 'log-tailed-relu';
    readonly alpha?: number;
} | {
    readonly name: 's2nn';
    readonly alpha?: number;
    readonly beta?: number;
} | {
    readonly name: 'fake-numerical-gradient';
    readonly alpha?: number;
} | {
    readonly name: 'straight-through';
} | {
    readonly name: 'deterministic-pass';
} | {
    readonly name: 'heaviside';
} | {
    readonly name: 'lso';
    readonly slope?: number;
} | {
    readonly name: 'sso';
    readonly mean?: number;
    readonly variance?: number;
} | {
    readonly name: 'sfs';
    readonly slope?: number;
    readonly B?: number;
} | {
    readonly name: 'spike-rate-escape';
    readonly beta?: number;
    readonly slope?: number;
} | {
    readonly name: 'snntorch-triangular';
    readonly threshold?: number;
} | {
    readonly name: 'squarewave-fourier';
    readonly n?: number;
    readonly T?: number;
};

/**
 * Arrays by name: a typed array, which counts as a vector, or an array with its shape, as {@link readTensors}
 * returns them.
 */
export declare type NamedTensors = Readonly<Record<string, TensorData | Pick<FileTensor, 'data' | 'shape'>>> | ReadonlyMap<string, Pick<FileTensor, 'data' | 'shape'>>;

/** The same of a difference, which `-` stands for where it is below 0. */
declare type Negative<S extends string> = [S] extends [never] ? number : S extends '-' ? never : Read<S>;

/** A network before it is compiled: plain data, and the method that compiles it. */
export declare interface Network {
    readonly description: Description;
    /** Validates everything and makes the model. Options override earlier ones. */
    compile(options?: NetworkOptions & TaskOptions): Promise<Model>;
}

/**
 * A network of populations, connections, inputs and recorders, in any order. Populations are numbered in the order in which
 * they are first mentioned: a neuron's id is its index among all neurons. A network among the elements becomes a part of this one,
 * with its recorders. It always comes first; {@link Circuit.population} returns its populations.
 *
 * @example
 * ```ts
 * const E = population(iafPscExp, 800, { name: 'E', tauMem: 20 });
 * const I = population(iafPscExp, 200, { name: 'I', tauMem: 20 });
 * const balanced = network(
 *   E, I,
 *   connect(E, E, rule.fixedInDegree(80), { weight: 20, delay: 1.5 }),
 *   connect(E, I, rule.fixedInDegree(80), { weight: 20, delay: 1.5 }),
 *   connect(I, E, rule.fixedInDegree(20), { weight: -100, delay: 1.5 }),
 *   connect(I, I, rule.fixedInDegree(20), { weight: -100, delay: 1.5 }),
 *   connect(poisson(8000), E, { weight: 20 }),
 *   connect(poisson(8000), I, { weight: 20 }),
 * );
 * const { times, ids } = await simulate(balanced, { duration: 1000, dt: 0.1, seed: 1 });
 * ```
 * @throws LapicqueError `invalid-parameter` for anything but an element, and for a state that is recorded twice
 */
export declare function network(...elements: readonly (NetworkElement | Circuit | readonly (NetworkElement | Circuit)[])[]): Circuit;

export declare namespace network {
    var _a: (model: Model, trains: SpikeSource) => Promise<Circuit>;
    export { _a as fromModel };
}

/** Options that `lapicque simulate` passes to a script. */
declare interface NetworkContext {
    /** Multiplies the neurons; default 1. */
    scale?: number;
    /** Seed of random numbers that the script draws itself; default 0. */
    seed?: number;
    /** Time step in ms; default the script's own. */
    dt?: number;
    /** The integration method, if the network has several. */
    method?: string;
}

/** What {@link network} takes. */
export declare type NetworkElement = Cells | SpikeSource | Connection | GapJunctions | Recorder;

/** The default export of a network module. */
declare type NetworkModule = Circuit | NetworkScript | ((context: NetworkContext) => Circuit | NetworkScript | Promise<Circuit | NetworkScript>);

/**
 * A network from its description, as a file has it.
 *
 * @throws LapicqueError `invalid-parameter` for an invalid description or one of a newer version; what it says is checked
 * when it is compiled
 */
export declare function networkOf(description: CircuitDescription): Circuit;

/** What is chosen for a whole network. */
export declare interface NetworkOptions {
    /** Length of a time step, ms; default 1. */
    dt?: number;
    /** Default `'f32'`. */
    precision?: Precision;
    /** Seed of the initial weights, an integer from 0; default 0. */
    seed?: number;
    /**
     * Number of input channels, or the input's shape `[channels, width]`, `[channels, height, width]` or
     * `[channels, depth, height, width]`; needed only where the first layer does not tell.
     */
    inputs?: number | readonly number[];
    /**
     * Of a language model the characters that its inputs and outputs stand for, in the order of their numbers: files keep
     * them, and `generate` needs them. As many as the output has neurons.
     */
    vocabulary?: readonly string[];
    /**
     * Layers that compute with the weights of another, by their names: `{ decoder: 'encoder' }`. Such a layer has no tensors of its own; its
     * gradients are added to those of the other, which comes before it and has tensors of the same shapes. Default: none.
     */
    sharedWeights?: Readonly<Record<string, string>>;
}

export declare namespace networks {
    export {
        brunel,
        brunelStdp,
        coba,
        cobahh,
        cuba,
        izhikevich_2 as izhikevich,
        microcircuit,
        NetworkContext,
        NetworkModule,
        NetworkScript
    }
}

/** A network and the settings of its run. */
declare interface NetworkScript {
    network: Circuit;
    /** Default time step in ms. */
    dt?: number;
    /** Default transient in s, which is simulated first and not measured. */
    transient?: number;
}

/** A state in the engine's memory. It is always explicit; layers hold no state. */
export declare class NetworkState {
    /** The state as plain arrays, for storage or inspection. */
    toArrays(): StateArrays;
    /**
     * A state from arrays, for example from a file.
     * @throws LapicqueError `invalid-parameter`. Whether the state fits a network is checked when it is used
     */
    static fromArrays(arrays: StateArrays): NetworkState;
}

/**
 * NeuroBench's metrics (J. Yik et al., Nature Communications 16, 2025; package `neurobench` 2.3.0), under the names of its classes.
 * Figures of operations and updates are means over samples, each for its whole sequence.
 */
export declare interface NeuroBenchMetrics {
    /**
     * Bytes of parameters and buffers. Buffers are those that torch and snnTorch keep for the same network before its first run: means,
     * variances and a counter of a batch norm; threshold, decay factors, factor of the spikes and number of the reset of a population.
     */
    Footprint: number;
    /** Weights, biases and learned parameters of neurons. */
    ParameterCount: number;
    /**
     * Share of the weights of dense layers and convolutions that are zero, 0 to 1, to four decimals; 0 without such weights. null for a
     * network with an LSTM, whose biases NeuroBench counts too.
     */
    ConnectionSparsity: number | null;
    /** Share of outputs that are zero, over all {@link NeuroBenchMetrics.ActivationSparsityByLayer} layers, samples and steps; 0 without one. */
    ActivationSparsity: number;
    /** The same by layer: spiking populations, and rate units with the activation `relu` or `sigmoid`. */
    ActivationSparsityByLayer: Record<string, number>;
    /**
     * Of dense layers and convolutions, recurrent ones included. null for a network with an LSTM: NeuroBench also counts the products
     * of its gates, and this does not.
     */
    SynapticOperations: {
        /** Non-zero weights times non-zero inputs, of steps where an input of the batch is none of -1, 0, 1. */
        Effective_MACs: number;
        /** The same of the other steps. */
        Effective_ACs: number;
        /** All weights at all steps; the padding of a convolution has none. */
        Dense: number;
    } | null;
    /** All neurons but rate units at the first step, and at each later one those whose membrane changed. */
    MembraneUpdates: number;
    /**
     * Membrane updates (or all neurons at all steps) times the operations of the neuron; null where NeuroBench has no figure for a neuron
     * of the network, as for a recurrent one: its package then prints an error and gives 0.
     */
    NeuronOperations: {
        'Effective Neuron Ops': number;
        'Neuron Dense Ops': number;
    } | null;
}

/**
 * Defines a custom neuron. It trains, streams, saves and loads as a built-in one; model files contain its equations.
 *
 * @example
 * ```ts
 * const adaptive = neuron({
 *   state: { v: 0, w: 0 },
 *   params: { tauMem: 10, tauW: 100, b: 0.2, vThreshold: 1 },
 *   update: "v' = (i - v - w)/tauMem; w' = -w/tauW",
 *   spike: 'v > vThreshold',
 *   reset: 'v = 0; w += b',
 * });
 * const network = sequential(dense(100, 50), adaptive({ tauMem: 20, learn: ['tauW'] }), dense(50, 2), li({ beta: 0.9 }));
 * ```
 * @returns a function that makes layers; its options are the parameters and the options of every population
 * @throws LapicqueError `equation` with line, column and frame for an empty text, an unknown name, an algebraic loop,
 * units that do not fit or an integration method that does not apply; `invalid-parameter` and `unknown-name` for the
 * rest of the definition
 */
export declare function neuron<const S extends string, const P extends string = never, const I extends Inputs = InputDefinition>(definition: NeuronDefinition<S, P, I>): CustomNeuron<S, P, I>;

/** The definition of a {@link neuron}. `S` are the names of the states, `P` those of the parameters, `I` the inputs. */
export declare interface NeuronDefinition<S extends string = string, P extends string = string, I extends Inputs = Inputs> {
    /** Default name of its layers in files, recordings and messages; default `'custom'`. */
    name?: string;
    /** The states by name. The first one is the membrane: the output of a readout, and `v` of a result. */
    state: Readonly<Record<S, StateDefinition<P>>>;
    /** The parameters by name, with default values. Each may have one value per neuron and may be trained. */
    params?: Readonly<Record<P, ParamDefinition>>;
    /**
     * Name of the input, optionally with a unit; default `'i'`. A list names several inputs: the ports of a population in
     * a large network. A layer then has one input per neuron and port.
     */
    input?: I;
    /** Functions for use in the equations, `'gate(x) = 1 / (1 + exp(-x))'`, one per line. */
    functions?: string;
    /**
     * The equations, one per line or separated by `;`. They are derivatives, `v' = (vLeak - v + r*i)/tauMem`; or
     * simultaneous difference equations, `v[t] = beta*v[t-1] + i[t]`; or assignments in sequence, `v = beta*v + i`. They
     * may define and use other names. `t` is the time at the start of the step in ms.
     */
    update: string;
    /**
     * The effect of the inputs of a step on the states, after the update and before the spike condition: `'gE +=
     * excitatory'`, a jump for every integration method. Held states do not receive it during a refractory period. With
     * `arrival`, `update` need not use the input.
     */
    arrival?: string;
    /**
     * The condition of a spike, `'v > vThreshold'`; the surrogate is applied to the difference of its sides. `or` and
     * `not` combine such comparisons; `and` adds conditions without a gradient. Without a condition the neuron is a
     * readout.
     */
    spike?: string;
    /** The effect of a spike on the states: `'v -= vThreshold'`, `'v = vReset; w += b'`. */
    reset?: string;
    /**
     * Refractory period in ms, or the name of the parameter that holds it. The states in `hold` do not change during it;
     * default: the states in the spike condition.
     */
    refractory?: number | NoInfer<P> | {
        readonly period: number | NoInfer<P>;
        readonly hold?: readonly NoInfer<S>[];
    };
    /** Default `'exact'` if the equations are linear with constant coefficients, otherwise `'euler'`. */
    method?: IntegrationMethod;
    /**
     * `'same-step'` (default): directly after the spike. `'next-step'`: after the update of the next step, so that
     * recordings show the membrane before its reset. `'start-of-next-step'`: before the update of the next step.
     */
    resetTiming?: 'same-step' | 'next-step' | 'start-of-next-step';
    /** Whether the gradient treats the reset as a constant; default true. */
    detachReset?: boolean;
}

/** Equations as they are stored in a description. */
export declare interface NeuronEquations {
    readonly name?: string;
    readonly states: readonly {
        readonly name: string;
        readonly init: number | string;
    }[];
    /** Several inputs in neurons of large networks. */
    readonly input: string | readonly string[];
    /** Inputs called `inhibitory` that accept weights of both signs. */
    readonly signed?: readonly string[];
    readonly units?: Readonly<Record<string, string>>;
    readonly functions?: string;
    readonly update: string;
    readonly arrival?: string;
    readonly spike?: string;
    readonly reset?: string;
    readonly refractory?: {
        readonly period: number | string;
        readonly hold?: readonly string[];
    };
}

/** Makes neurons of a model: `lif`, `iafPscExp`, or what `neuron` gave. */
export declare interface NeuronModel<O> {
    (options: O): Population;
    /**
     * Of every function. That it is asked for keeps TypeScript from settling `O` before it has looked at a factory that is
     * generic in its number of neurons.
     */
    readonly name: string;
}

/** As a description names them. */
export declare type NeuronsSpec = string | {
    readonly of: string;
    readonly from: number;
    readonly to: number;
};

/** The bytes of the NIR file that {@link writeNir} would write. @throws LapicqueError as {@link writeNir} */
export declare function nirBytes(source: Model | NirGraph, options?: WriteNirOptions): Promise<Uint8Array<ArrayBuffer>>;

/** The choices that a NIR file leaves open. Each framework that writes NIR files makes its own. */
export declare interface NirConventions {
    /** The decay factor of v in one step: `1 - dt/tau` (forward Euler) or `exp(-dt/tau)`. */
    membrane: 'euler' | 'exponential';
    /**
     * The update of the synaptic current i of CubaLI and CubaLIF by the input u. `euler`: `i += dt/tau_syn (w_in u - i)`, then v uses i.
     * `jump-then-decay`: `i += u`, then v uses i, then `i *= 1 - dt/tau_syn`. `jump-decay-use`: `i = (i + u) exp(-dt/tau_syn)`, then v uses i.
     * The last two ignore w_in.
     */
    synapse: 'euler' | 'jump-then-decay' | 'jump-decay-use';
    /** The factor on the input of v: `nir` is `r dt/tau`; `one` is 1, and r is ignored. For I the factor is always `r dt`. */
    inputGain: 'nir' | 'one';
    /** The factor on the input of IF: `nir` is `r dt`; `one` is 1, and r is ignored. Default: the value of `inputGain`. */
    ifGain: 'nir' | 'one';
    /** The reset by a spike: `value` sets v to v_reset; `subtract` subtracts v_threshold from v. */
    reset: 'value' | 'subtract';
    /** Whether v is reset in the step of the spike or by the update of the next step. */
    resetTiming: 'same-step' | 'next-step';
    /** The initial v of a spiking neuron: `rest` is v_leak, or 0 for IF; `reset` is v_reset. */
    start: 'rest' | 'reset';
    /** The comparison of v with v_threshold that makes a spike. */
    compare: '>' | '>=';
    /** Whether a neuron emits at most one spike per step, or one spike for each multiple of v_threshold that v reaches. */
    spikes: 'one' | 'several';
    /** The maximal number of spikes per step with `spikes: 'several'`, from 1 to 256. */
    maxSpikes: number;
    /** A factor on every time constant of the file. */
    tauScale: number;
    /** A factor on every v_threshold of the file. */
    thresholdScale: number;
    /**
     * The edge of a cycle that delays its value by one step. `closing-edge`: the back edge of a depth-first search from the input, which carries
     * 0 in the first step; so the bias of a recurrent layer acts from the second step on. `neuron`: the output edge of the neuron, so the bias
     * acts from the first step on.
     */
    feedback: 'closing-edge' | 'neuron';
}

/** Events of neurons, `[samples, events]`. Samples with fewer events are padded with `idx` -1 and infinite `time`. */
export declare interface NirEventData {
    readonly kind: 'events';
    readonly idx: Int32Array | Float64Array;
    readonly time: Float32Array | Float64Array;
    /** One value per event; absent for events without values. */
    readonly value?: Float32Array | Float64Array;
    readonly shape: readonly [samples: number, events: number];
    readonly neurons: number;
    /** End of the recording. */
    readonly tMax: number;
}

/** The result of {@link writeNir}. */
export declare interface NirExportReport {
    /** Semantics that NIR cannot express, so the file has them only in its metadata: `lif1.reset: 'subtract'; NIR sets v to v_reset`. */
    readonly lost: readonly string[];
    /** Choices that NIR leaves open: another reader may choose differently. */
    readonly notes: readonly string[];
}

/** A field of a node: numbers, or a string such as the padding `same`. */
export declare type NirField = NirTensor | string;

/** A framework with known conventions; `nir` solves the equations as written by forward Euler. */
export declare type NirFramework = 'nir' | 'lapicque' | 'snntorch' | 'norse' | 'spikingjelly' | 'sinabs' | 'rockpool';

/** A graph of nodes; a node may be a subgraph. */
export declare interface NirGraph {
    readonly type: 'NIRGraph';
    /** The nodes in the order of the file. */
    readonly nodes: ReadonlyMap<string, NirNode | NirGraph>;
    readonly edges: readonly (readonly [from: string, to: string])[];
    readonly metadata: ReadonlyMap<string, NirField>;
    /** The version of the package `nir` that wrote the file; only the outermost graph has it. */
    readonly version?: string;
}

/** Recordings of a graph's nodes; a node may be a subgraph. */
export declare interface NirGraphData {
    readonly kind: 'graph';
    readonly nodes: ReadonlyMap<string, NirNodeData | NirGraphData>;
}

/** Values at equally spaced time steps, `[samples, steps, neurons]`; spikes are a `Uint8Array` of 0 and 1. */
export declare interface NirGriddedData {
    readonly kind: 'gridded';
    readonly data: Float32Array | Float64Array | Uint8Array;
    readonly shape: readonly [samples: number, steps: number, neurons: number];
    /** Length of a step in the file's time unit (seconds). */
    readonly dt: number;
}

/** The result of {@link readNir}. */
export declare interface NirImport {
    /** An ordinary model, which can run, stream, train and be saved. */
    readonly model: Model;
    /** What the reader found and assumed. */
    readonly report: NirReport;
    /** The content of the file as plain data. */
    readonly graph: NirGraph;
}

/** A node that is not a graph: `LIF`, `Affine`, … with its fields under their NIR names. */
export declare interface NirNode {
    readonly type: string;
    readonly fields: ReadonlyMap<string, NirField>;
    readonly metadata: ReadonlyMap<string, NirField>;
    /** Names of fields in the file that NIR does not define; they are ignored. */
    readonly unknown?: readonly string[];
}

/** Recordings of one node by the name of the observable: `spikes`, `v`, … */
export declare interface NirNodeData {
    readonly kind: 'node';
    readonly observables: ReadonlyMap<string, NirGriddedData | NirEventData>;
}

/** A node of the file or of one of its subgraphs. */
export declare interface NirNodeReport {
    /** The path in the file: `outer/inner`. */
    readonly name: string;
    readonly type: string;
    /** The shape of the node's output. */
    readonly shape: readonly number[];
    /** The layer of the network for this node; absent if the node has none, such as an Identity. */
    readonly layer?: string;
}

/** Options for converting a NIR graph to a model. */
export declare interface NirOptions {
    /** Length of a step, ms. Default: 0.1 for snnTorch and SpikingJelly, 1 for the others. */
    dt?: number;
    /**
     * The framework that wrote the file: its conventions are used. `'nir'` solves the equations as written by forward Euler. Default `'auto'`: the
     * detected framework, or `'nir'`.
     */
    framework?: NirFramework | 'auto';
    /** Conventions that replace those of the framework. */
    conventions?: Partial<NirConventions>;
    /** Default `'f32'`, or `'f64'` if a time constant is shorter than a step, because such states can grow without bound. */
    precision?: Precision;
    /** The seed of random numbers in training; default 0. */
    seed?: number;
}

/** Where the model has the values of a NIR Output. */
export declare interface NirOutput {
    /** The name of the Output node. */
    readonly node: string;
    /** The population with the values. */
    readonly layer: string;
    /** The recorded state of the population: `spikes` are 0 and 1, `graded` is the number of spikes per step, `v` is the membrane potential. */
    readonly value: 'spikes' | 'graded' | 'v';
    readonly shape: readonly number[];
}

/** The report of {@link readNir} and {@link verifyNir}. */
export declare interface NirReport {
    /** The version of the package `nir` that wrote the file. */
    readonly version?: string;
    readonly framework: NirFramework;
    /** Whether the framework was detected from the file; otherwise it is from the options or the default `'nir'`. */
    readonly detected: boolean;
    /** The reason for the framework. */
    readonly evidence: string;
    /** Length of a step, ms. */
    readonly dt: number;
    readonly conventions: NirConventions;
    readonly nodes: readonly NirNodeReport[];
    /** The layer and state with the values of each Output; the first is the output of the model. */
    readonly outputs: readonly NirOutput[];
    /** Edges that carry the values of the previous step. */
    readonly delayed: readonly (readonly [string, string])[];
    /** Choices that the reader made because the file does not record them. */
    readonly assumptions: readonly string[];
    /** Known differences of the framework from NIR that the file does not record. */
    readonly quirks: readonly string[];
    /** Probable mistakes in the file or the options. */
    readonly warnings: readonly string[];
}

/** Whether writing the network and reading it again results in the same network. */
export declare interface NirRoundTrip {
    readonly exact: boolean;
    /** The parts of the network that differ. */
    readonly differences: readonly string[];
}

/** A NIR graph as plain data: nodes with the fields of the file, and edges as pairs of node names. */
/** The numbers of a field in C order. The shape `[]` is a single number. */
export declare interface NirTensor {
    readonly shape: readonly number[];
    readonly data: Float32Array | Float64Array;
    /** The type in the file, such as `float32` or `int64`; `data` of an integer type is a Float64Array. */
    readonly type: string;
}

/** Numbers as a field: a Float32Array for the type `float32`, otherwise a Float64Array. */
export declare function nirTensor(values: ArrayLike<number>, shape: readonly number[], type?: string): NirTensor;

/** The result of {@link verifyNir}. */
export declare interface NirVerification {
    /** Whether readNir can convert the file to a model. */
    readonly supported: boolean;
    /** The reason if the file is not supported. */
    readonly problem?: LapicqueError;
    /** What the reader found and assumed; only for supported files. */
    readonly report?: NirReport;
    /** Whether the network is the same after writing it as NIR and reading it again. */
    readonly roundTrip?: NirRoundTrip;
    /** Semantics that a written file would have only in its metadata, so other readers lose them. */
    readonly lost?: readonly string[];
}

/** A node of a {@link Description}. */
export declare type NodeSpec = {
    readonly kind: 'dense';
    readonly name: string;
    readonly in: number;
    readonly out: number;
    readonly bias: boolean;
    readonly initial?: Initialiser;
    readonly initialBias?: Initialiser;
    readonly trainable?: boolean;
    /** ms */
    readonly delay?: {
        readonly max: number;
        readonly initial: Initialiser;
        readonly trainable: boolean;
    };
} | {
    readonly kind: 'filter';
    readonly name: string;
    readonly length: number;
    readonly each: boolean;
    readonly bias: boolean;
    readonly initial: Initialiser;
    readonly initialBias?: Initialiser;
    readonly trainable?: boolean;
} | {
    readonly kind: 'mixture';
    readonly name: string;
    readonly steps: number;
    readonly order?: number;
    readonly lambda?: number;
    readonly bias: boolean;
    readonly initial?: Initialiser;
    readonly initialBias?: Initialiser;
    readonly trainable?: boolean;
} | {
    readonly kind: 'time-reduction';
    readonly name: string;
    readonly reduction: 'sum' | 'mean' | 'max';
} | {
    readonly kind: 'one-to-one';
    readonly name: string;
    readonly neurons: number;
    /** One weight per neuron for each of this number of ports; default 1. */
    readonly parts?: number;
    /** One weight for all neurons of a port; default false. */
    readonly shared?: boolean;
    readonly initial?: Initialiser;
    readonly trainable?: boolean;
} | {
    readonly kind: 'conv';
    readonly name: string;
    readonly in: number;
    readonly out: number;
    /** A number for each axis, as all lists here. */
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly padding: readonly number[];
    readonly dilation: readonly number[];
    readonly groups: number;
    /** Given: the transposed convolution. */
    readonly outputPadding?: readonly number[];
    readonly bias: boolean;
    readonly initial?: Initialiser;
    readonly initialBias?: Initialiser;
    readonly trainable?: boolean;
} | {
    readonly kind: 'pool';
    readonly name: string;
    readonly pooling: 'max' | 'average' | 'sum';
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly padding: readonly number[];
} | {
    readonly kind: 'flatten' | 'concat' | 'add' | 'multiply' | 'inhibition';
    readonly name: string;
} | {
    readonly kind: 'unflatten';
    readonly name: string;
    readonly shape: readonly number[];
} | {
    readonly kind: 'matrix-product';
    readonly name: string;
    readonly rows: number;
    readonly inner: number;
    readonly columns: number;
} | {
    readonly kind: 'attention';
    readonly name: string;
    readonly heads: number;
    readonly scale: number;
} | {
    readonly kind: 'dropout';
    readonly name: string;
    readonly rate: number;
    readonly channels?: boolean;
    readonly eachStep?: boolean;
} | OperationSpec | {
    readonly kind: 'batch-norm';
    readonly name: string;
    readonly epsilon: number;
    readonly momentum: number;
    readonly affine: boolean;
    readonly scale: number;
    readonly bias?: boolean;
    readonly eachStep?: boolean;
    readonly steps?: number;
    readonly statistics?: 'batch' | 'running';
    readonly trainable?: boolean;
} | {
    readonly kind: 'embedding';
    readonly name: string;
    readonly count: number;
    readonly size: number;
    readonly initial?: Initialiser;
    readonly trainable?: boolean;
} | {
    readonly kind: 'dynamics';
    readonly name: string;
    readonly neurons: number;
    readonly dynamics: DynamicsSpec;
};

/** White noise: a normal number for each neuron and step, in the unit of the port. */
export declare function noise(options: {
    mean?: number;
    sd: number;
}): NoiseSource;

/** A normal number for each neuron and step. */
export declare interface NoiseSource {
    readonly element: 'noise';
    readonly mean: number;
    readonly sd: number;
}

/** None of the parameters `K`. */
export declare type None<K extends string> = {
    readonly [P in K]?: undefined;
};

/** {@link NoPruning}. */
declare function none(): NoPruning;

/** {@link NonFinitePruning}. */
declare function nonFinite(): NonFinitePruning;

/** Ends a trial only at a report that is not finite: the default of a study. */
declare interface NonFinitePruning {
    readonly kind: 'non-finite';
}

/**
 * Surrogate gradient `1 / (1 / alpha + |x|)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 NonzeroSignLogAbs.
 */
declare function nonzeroSignLogAbs(options?: {
    /** a number above 0; default 1. */
    alpha?: number;
}): Surrogate;

/** Never ends a trial. */
declare interface NoPruning {
    readonly kind: 'none';
}

/** Normal with this mean and standard deviation, within `bounds` by drawing again. */
declare function normal(mean: number, sd: number, bounds?: Bounds): Distribution;

/** What norms may be told. */
export declare interface NormOptions {
    /** Name in files, recordings and messages; default the layer's and a number. */
    name?: string;
    /** ε, added to the variance, above 0; default 1e-5. */
    epsilon?: number;
    /** A trained factor and offset; default true. */
    affine?: boolean;
    /** Whether training changes factor and offset; default true. */
    trainable?: boolean;
}

/** {@link Nsga2Search}: K. Deb et al., IEEE Trans. Evol. Comput. 6, 2002; one trial at a time, J. J. Durillo et al., EMO 2009. */
declare function nsga2(options?: OptionsOf_2<Nsga2Search>): Nsga2Search;

/** Non-dominated sorting genetic algorithm II, for several objectives. */
declare interface Nsga2Search {
    readonly kind: 'nsga2';
    /** Size of the parent population; the first trials, equally many, are random. Default 50. */
    readonly population?: number;
    /** Probability that a child has two parents. Default 0.9. */
    readonly crossover?: number;
    /** Probability that a parameter of a child is mutated. Default 1 / number of its parameters. */
    readonly mutation?: number;
}

/** Numbers. NaN in a present row is a measured value; absent rows also contain NaN. */
export declare interface NumberColumn extends ColumnBase {
    /** `integer` if the column contains integers only, `time` for milliseconds since 1970. */
    readonly kind: 'number' | 'integer' | 'time';
    readonly values: Float64Array;
}

/** The objective, which is minimized or maximized. */
export declare type Objective<P = never> = (parameters: P, trial: Trial<P>) => ObjectiveValue;

/** Options of a figure of one objective. */
declare interface ObjectiveFigureOptions extends StudyFigureOptions {
    /** From 0; default 0. */
    objective?: number;
}

/** The result of an objective: one number, or one for each objective. */
export declare type ObjectiveValue = number | readonly number[] | Promise<number | readonly number[]>;

/**
 * Oja's rule in spikes: `post: w += eta (x - w y); x and y are rates in Hz, filtered with tauPre and tauPost`.
 *
 * As computed: at spikes of the target: x = 1000 xPre / tauPre and y = 1000 xPost / tauPost, without the spike itself; traces decay by exp(-elapsed / tau) and jump by 1. On average dw/dt = eta y (x - w y). Variables of a synapse:
 * - `w`: weight (dimensionless)
 *
 * Source: E. Oja, J. Math. Biol. 15, 1982, with the target's spikes in place of its rate.
 *
 * @throws LapicqueError `unknown-name` for an option that does not exist; where it is used, `invalid-parameter` for a
 * value out of range
 */
declare function oja(options?: OjaOptions): SynapseModel;

/** Parameters and options of {@link oja}. */
declare interface OjaOptions {
    /** how fast it learns (1/Hz); a number of at least 0; default 0.0001. */
    eta?: number;
    /** time over which the source's rate is taken (ms); a number above 0; default 100. */
    tauPre?: number;
    /** time over which the target's rate is taken (ms); a number above 0; default 100. */
    tauPost?: number;
    /** smallest weight (dimensionless); a finite number; default 0. */
    wMin?: number;
    /** largest weight (dimensionless); a finite number; default 10. */
    wMax?: number;
    /** spikes of source and target that meet at the same time: neither sees the other, the one that comes first is seen by the other, or each sees the other; default `'neither'`. */
    coincidence?: 'neither' | 'pre-first' | 'post-first' | 'both';
    /** exp(-dt / tau) a step, or 1 - dt / tau; default `'exact'`. */
    decay?: 'exact' | 'euler';
}

/** Exactly one of the parameters `K`; with one of the presets `Filled`, which set it themselves, none is required. */
export declare type OneOf<K extends string, Filled extends string = never> = Single<K> | ([Filled] extends [never] ? never : {
    readonly like: Filled;
} & None<K>);

/** One pixel along each axis. */
declare type OnePixel<P extends readonly number[]> = number extends P['length'] ? P : {
    readonly [Axis in keyof P]: 1;
};

/** Source `i` to target `i`: both have the same size. */
declare function oneToOne(options?: Pick<RuleOptions, 'autapses'>): Rule;

/** A network from an ONNX file. */
export declare interface OnnxNetwork extends Network {
    /** The graph as {@link graph} takes it. */
    readonly spec: GraphSpec;
    /** The numbers of the file by the names that the model's parameters have. */
    readonly weights: ReadonlyMap<string, {
        readonly data: Float32Array | Float64Array;
        readonly shape: readonly number[];
    }>;
    readonly report: OnnxReport;
}

/** Options of {@link readOnnx}. */
export declare interface OnnxOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
    /** Which of several outputs the network has. */
    output?: string;
    /** Shape of the input without the batch, `[channels, height, width]`, where the file leaves sizes open. */
    inputs?: readonly number[];
    /**
     * The gradient of Floor: `'straight-through'` (default) is 1, as quantised networks are trained; `'exact'` is 0, and nothing in front of
     * it is trained.
     */
    floor?: 'straight-through' | 'exact';
    /** Initializers that are trained although they are operands of arithmetic whose name is not that of a parameter of torch (`act.theta` is). */
    trained?: readonly string[];
    /** Initializers that are not trained; of a layer its weights. */
    fixed?: readonly string[];
    /** Bytes of the files with external data by their names, where the network itself comes as bytes. */
    externalData?: ExternalData;
}

/** How an ONNX file was translated. */
export declare interface OnnxReport {
    readonly irVersion: number;
    readonly opset: number;
    readonly producer: string;
    readonly input: string;
    readonly output: string;
    /** The nodes in their order, with the layers that they are now. */
    readonly nodes: readonly TranslatedNode[];
    /** Assumptions, and differences from the file. */
    readonly notes: readonly string[];
}

/**
 * Opens a recording of an event camera: AEDAT 2, 3.1 and 4, Prophesee EVT2, EVT2.1, EVT3, EVT4 and DAT, N-MNIST, `.es`, CSV, NPY, NPZ,
 * and HDF5 of several kinds. The format is told by the file's first bytes, or by its extension. Memory does not depend on the file's size.
 *
 * @param source - a path or `file:` URL, or the file's bytes in any form
 * @throws LapicqueError `unsupported` for a format that is not known or a feature of it; `malformed-file`; `invalid-parameter`; `io`
 *
 * @example
 * ```ts
 * using reader = await openEvents('recording.raw', { origin: 'first' });
 * for await (const { t, x, y, polarity } of reader) console.log(t.length, 'events from', t[0], 'us on');
 * ```
 */
export declare function openEvents(source: FileSource, options?: OpenEventsOptions): Promise<EventReader>;

/** Options of {@link openEvents} and {@link readEvents}. Those of formats whose files do not say everything stand at the end. */
export declare interface OpenEventsOptions extends LimitOptions, TaskOptions {
    /** Default: the one that the first bytes show, or else the file's extension. */
    format?: EventFormat | undefined;
    /** Most events of a batch; default 65536. */
    batchSize?: number | undefined;
    /**
     * Use the same memory for the columns of every batch; default false. The columns of a batch are then valid until the next call of
     * `read` (or step of the iteration), which overwrites them; copy what is to stay. Reading is up to several times as fast, since no
     * memory is asked for. {@link readEvents} and HDF5 files take no notice of it.
     */
    reuse?: boolean | undefined;
    /** What time 0 is: as in the file (`stored`, default), or the first event or other item of it (`first`), as Metavision shifts. */
    origin?: 'stored' | 'first' | undefined;
    /**
     * Read what is whole of a file that ends early, with a warning; default false: `malformed-file` after the events that are there. (Of an
     * AEDAT 4 file whose header says that it was longer at once.)
     */
    allowTruncated?: boolean | undefined;
    /** The size of the sensor, if the file does not contain it, or to override the file. */
    sensor?: Sensor | undefined;
    /** AEDAT 2: `dvs128`, `davis128`, `davis240` or `davis346`, where the header names none. */
    chip?: 'dvs128' | 'davis128' | 'davis240' | 'davis346' | undefined;
    /** EVT2.1: whether the upper half of a word comes second (`little`) or first (`legacy`), instead of what the header says. */
    halfOrder?: 'little' | 'legacy' | undefined;
    /** Headerless AER: bytes of an address. Default: as the file's name says (`addr2b`). */
    addressBytes?: 2 | 4 | undefined;
    /** Headerless AER: microseconds of a unit of time; `t` stays in units. Default: as the file's name says (`ts02`: 0.2), or 1. */
    tick?: number | undefined;
    /** CSV and `.npy`: names of the columns in their order, of `t`, `x`, `y`, `p`; others are passed over. NPZ: of the arrays. */
    columns?: readonly string[] | undefined;
    /** CSV, `.npy`, `.npz`: the unit of the times in the file; default `us`. They are rounded to whole microseconds. */
    timeUnit?: 'ns' | 'us' | 'ms' | 's' | undefined;
    /** HDF5: which recording of a file of many (SHD, SSC), from 0 on; default 0. */
    sample?: number | undefined;
}

/**
 * Opens an HDF5 file of any version of the format. Only requested data are read, in pieces, off the event loop.
 * Supported filters: deflate, shuffle, fletcher32, szip, n-bit, scale-offset, LZF, LZ4, Zstandard, bitshuffle, Blosc
 * (without Snappy) and Prophesee's ECF. The error for any other filter contains its name. Links to other files are not
 * followed.
 *
 * @param source - a path or a `file:` URL, which is read on demand; or the bytes of a file, or a stream of them, which
 * are kept in memory
 * @param options - `limits`: the memory of a single read; data count twice while they are decompressed and copied
 * @throws LapicqueError `io`, `malformed-file`, `unsupported`, `too-large` for a stream, `aborted`
 * @example
 * ```ts
 * using file = await openHdf5('shd_train.h5');
 * const times = await file.dataset('spikes/times');
 * const { values } = await times.read({ start: [100], count: [32] });
 * ```
 */
export declare function openHdf5(source: FileSource, options?: LoadOptions): Promise<Hdf5File>;

/**
 * Opens a recording in HDF5, whichever of the layouts it has: Prophesee's (`CD/events`), DSEC's (`events/t`) or that of SHD and SSC (`spikes/times`).
 *
 * @throws LapicqueError `io`, `malformed-file`, `unsupported` for another layout or a filter, `invalid-parameter`, `aborted`
 */
export declare function openHdf5Events(source: FileSource, options?: Hdf5EventsOptions): Promise<EventReader>;

/**
 * Opens a file of the Heidelberg spiking data sets, SHD or SSC, as their authors publish it. Samples are read when they are asked for.
 *
 * @throws LapicqueError `io`, `malformed-file`, `unsupported`, `aborted`
 * @example
 * ```ts
 * using shd = await openShd('shd_train.h5');
 * for await (const { times, units, label } of shd) count(times, units, label);
 * ```
 */
export declare function openShd(source: FileSource, options?: LoadOptions): Promise<ShdFile>;

/** A layer with a definition in the engine. */
export declare type OperationLayer = LayerNorm | RmsNorm | Conv3d;

/** Means over the samples, each for its whole sequence. */
export declare interface Operations {
    samples: number;
    /** Mean number of steps of a sample. */
    steps: number;
    /** Multiply-adds with weight and input both non-zero, of steps at which a layer's inputs are not all -1, 0 or 1. */
    effectiveMacs: number;
    /** Additions, of the other steps. */
    effectiveAcs: number;
    /** Every synapse at every step; biases are not counted. */
    dense: number;
    /** Changes of a membrane potential. */
    membraneUpdates: number;
    /** Spikes of all populations. */
    spikes: number;
    /** Share of outputs that are zero, as {@link NeuroBenchMetrics.ActivationSparsity}. */
    activationSparsity: number;
    /** Share of weights of dense layers and convolutions that are zero, to four decimals. */
    connectionSparsity: number;
    /** Weights, biases and learned parameters of neurons: how many, and their bytes. */
    parameters: number;
    parameterBytes: number;
    /** By layer, in the order of the description. */
    layers: LayerOperations[];
    /** NeuroBench's metrics by their names. The sums above count norms, filters and one-to-one weights too; these do not. */
    neurobench: NeuroBenchMetrics;
    energy: EnergyEstimate;
}

/**
 * Runs a batch, or all batches of a data set, from rest and counts what a sample costs (J. Yik et al., NeuroBench, Nature Communications
 * 16, 2025, as its package 2.3.0 computes; energy: see {@link energyModels}). A batch needs memory for the spikes and membranes of all
 * populations.
 *
 * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`; or a {@link DataLoader} or list of such
 * @throws LapicqueError as `model.run`; `invalid-parameter` for no batch at all
 */
export declare function operations(model: Model, input: OperationsInput, options?: OperationsOptions): Promise<Operations>;

/**
 * What a network costs: synaptic operations of each layer and their energy, of what `operations` returns; or an ANN beside a spiking network, with the accuracy
 * against steps and the energies of both by each energy model, of what `compareCosts` returns.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function operations_2(counted: Operations | CostComparison | Costs | ComparedCosts, options?: FigureOptions): Promise<Figure>;

/** A batch, or batches. */
export declare type OperationsInput = InputTensor | AsyncIterable<InputTensor> | Iterable<InputTensor>;

/** Options of {@link operations}. */
export declare interface OperationsOptions extends InputOptions, TaskOptions {
    /**
     * Samples that run together. The inputs of all of them decide at each step whether a layer accumulates or multiplies, as the batch of
     * NeuroBench's loader does. Default: the batches as they are given. Small batches need less memory.
     */
    batchSize?: number;
    /** The energy model, by name or with figures of your own; default `'horowitz-45nm-fp32'`. */
    energy?: EnergyModelName | EnergyModel;
}

/** Their form in a {@link Description}. */
export declare type OperationSpec = {
    readonly kind: 'layer-norm';
    readonly name: string;
    readonly epsilon: number;
    readonly affine: boolean;
    readonly channels?: boolean;
    readonly groups?: number;
    readonly trainable: boolean;
} | {
    readonly kind: 'rms-norm';
    readonly name: string;
    readonly epsilon?: number;
    readonly affine: boolean;
    readonly channels?: boolean;
    readonly trainable: boolean;
} | {
    readonly kind: 'conv3d';
    readonly name: string;
    readonly in: number;
    readonly out: number;
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly padding: readonly number[];
    readonly dilation: readonly number[];
    readonly groups: number;
    readonly bias: boolean;
    readonly initial: Initialiser;
    readonly initialBias: Initialiser;
    readonly trainable: boolean;
};

/**
 * Operations as a table, one row a layer and one of all: means per sample, as `lapicque inspect` shows them. Layers that neither compute
 * nor count, such as `flatten`, are left out.
 *
 * @example
 * ```ts
 * console.log(operationsTable(await operations(model, { x, shape }, { steps: 25 })));
 * ```
 */
export declare function operationsTable(counted: Operations): string;

/** The value of each trial of a study, with the best so far, and trials without a value. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function optimizationHistory<P>(results: ReportedResults<P>, options?: StudyFigureOptions): Promise<Figure>;

/** An optimizer with its settings. */
export declare type Optimizer = Readonly<(AdamOptions & {
    kind: 'adam';
}) | (AdamwOptions & {
    kind: 'adamw';
}) | (SgdOptions & {
    kind: 'sgd';
}) | (RmspropOptions & {
    kind: 'rmsprop';
}) | (LionOptions & {
    kind: 'lion';
})>;

/** What every optimizer takes. */
export declare interface OptimizerOptions {
    /** Learning rate; the default is the optimizer's own. */
    lr?: number;
    /** Weight decay; the default is the optimizer's own. */
    weightDecay?: number;
    /** Parameters with a learning rate or decay of their own, or frozen; default none. */
    groups?: readonly ParameterGroup[];
    /** The gradient of all parameters together is scaled down to at most this Euclidean norm; default none. */
    maxNorm?: number;
}

/** The options of one kind of optimizer. */
export declare type OptimizerOptionsOf<K extends Optimizer['kind'], O = Optimizer> = O extends {
    kind: infer Kinds;
} ? K extends Kinds ? Omit<O, 'kind'> : never : never;

/** The options of a node. */
declare type OptionsOf<P> = Omit<P, 'kind'>;

/** The options of a node. */
declare type OptionsOf_2<S> = Omit<S, 'kind'>;

declare type OrNone<N extends number> = [N] extends [never] ? 0 : N;

/**
 * Constant, one for each neuron, drawn for each neuron, or `values[i]` from `times[i]` ms on and 0 before `times[0]`, where `values` has one
 * for each time, or `[times, neurons]`.
 */
export declare type OverTime = number | readonly number[] | Distribution | {
    readonly times: readonly number[];
    readonly values: readonly number[];
};

/** Options with a function that makes a batch of a list of samples, instead of {@link collate}. */
export declare interface OwnCollateOptions<S, Batch> extends LoaderOptions {
    collate: (samples: S[], context: TransformContext) => Batch | Promise<Batch>;
}

/** The fields on the error itself: all except `name`, which every JavaScript error has already. */
export declare type OwnFields<C extends ErrorCode> = Readonly<Omit<ErrorFields[C], 'name'>>;

/**
 * A custom loss, where {@link Loss} is not enough: a sum of losses, labels that are mixed, a teacher's outputs. It sees the batch as it
 * came, with whatever a `transform` of its loader has put there.
 *
 * ```ts
 * const tet = async (outputs, { y }) => {
 *   const ce = await evaluateLoss(loss.crossEntropyMembrane(), outputs, y);
 *   const mse = await evaluateLoss(loss.meanSquaredMembrane({ onTarget: 1, offTarget: 1 }), outputs, y);
 *   return { loss: 0.95 * ce.loss + 0.05 * mse.loss, gradV: ce.gradV.map((g, i) => 0.95 * g + 0.05 * mse.gradV[i]) };
 * };
 * await model.fit(data, { epochs: 10, loss: tet });
 * ```
 */
export declare type OwnLoss = (outputs: OwnLossOutputs, batch: OwnLossBatch) => OwnLossValue | Promise<OwnLossValue>;

/** The batch as it came; labels of 64 bits are a `Uint32Array` by then. */
export declare type OwnLossBatch = Omit<TrainingBatch, 'y'> & {
    y: Exclude<TrainingBatch['y'], BigInt64Array | BigUint64Array>;
};

/** The data that a custom loss receives: outputs `[time, batch, neurons]`. */
export declare interface OwnLossOutputs {
    /** 0 and 1, also of graded ones, whose gradient is with respect to the output; absent where the output does not spike. */
    spikes?: Uint8Array;
    v: Float64Array;
    /** `[time, batch, neurons]` */
    shape: readonly [number, number, number];
}

/** The result of a custom loss. */
export declare interface OwnLossValue {
    /** Mean over the samples of the batch. */
    loss: number;
    /** Its gradient with respect to the outputs, in their shape; one that is left out is 0. Not needed of a batch that is only evaluated. */
    gradSpikes?: Float32Array | Float64Array | undefined;
    gradV?: Float32Array | Float64Array | undefined;
    /** Each sample's share, `[batch]`; default the mean for each. */
    perSample?: Float64Array | undefined;
}

/**
 * A custom schedule: the factor on the learning rate for the epoch (or, with `scheduleBy: 'step'`, the step) before which `done` are
 * done, from 0. A number from 0.
 */
export declare type OwnSchedule = (done: number) => number;

/** A size for each axis of an image, `[height, width]`; one number stands for both. */
export declare type Pair = number | readonly [number, number];

/** A measure of each pair of trains. */
declare interface PairMatrix {
    /** Symmetric. */
    values: Float64Array;
    /** `[neurons, neurons]` */
    shape: [number, number];
    /** Mean over pairs of different trains; NaN for fewer than two trains. */
    mean: number;
}

/**
 * Each pair with probability `p`, at most once: never multapses. `multapses: false` holds for what comes later, by `structural`
 * plasticity.
 *
 * @param p - from 0 to 1; or an expression of the distance `d` between the two neurons, cut off at 0 and 1, such as
 * `'0.8 * exp(-d^2 / (2 * 0.1^2))'` or `'where(d < 0.2, 0.5, 0)'`, for populations with a {@link layout}
 */
declare function pairwiseBernoulli(p: number | string, options?: RuleOptions): Rule;

/** The objective over two parameters, on a grid. */
export declare interface PairwiseEffect {
    /**
     * Values of the first parameter at the columns of the grid: evenly spaced along its axis, or the values of a choice.
     */
    readonly x: readonly (number | string)[];
    /** Values of the second parameter at the rows. */
    readonly y: readonly (number | string)[];
    /** The estimated mean of the objective, `[y, x]` row-major; NaN without trials nearby. */
    readonly mean: Float64Array;
    /** Effective number of nearby trials, `[y, x]`: a trial counts 1 at its position, and less with distance. */
    readonly support: Float64Array;
}

/** A Poisson number of synapses for each pair, `mean` on average: pairwise chance with multapses. */
declare function pairwisePoisson(mean: number, options?: Pick<RuleOptions, 'autapses'>): Rule;

/** A pair of axes with marks. */
declare interface PanelSpec {
    title?: string;
    x: AxisSpec;
    y: AxisSpec;
    marks: MarkSpec[];
    /** Names of series in the legend above the panel; default none. */
    legend?: LegendEntrySpec[];
    /** What the darkness of cells is, with its unit, and the values of the lightest and of the darkest; a scale above the panel. */
    shades?: {
        label: string;
        range: readonly [number, number];
        color?: FigureColor;
    };
    /** Texts at the right of the frame, by their position on the y axis. */
    notes?: {
        y: number;
        text: string;
        color?: FigureColor;
    }[];
    /** Height relative to the other panels of the column; default 1. */
    weight?: number;
    /** Height of the frame divided by its width, for images; replaces `weight`. */
    aspect?: number;
    /** Whether frame, axes and ticks are left out; default false. */
    bare?: boolean;
}

/** The trials of a study as lines across its most important parameters and the objective. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function parallelCoordinates<P>(results: ReportedResults<P>, options?: ParametersFigureOptions): Promise<Figure>;

/** What parallel spiking neurons may be told. */
export declare interface ParallelOptions {
    /** Name of the neurons; the layer of their weights is called the same and `.time`. Default `lif`, `mixture` or `filter` and a number. */
    name?: string;
    /** Default the arc tangent's. */
    surrogate?: Surrogate;
}

/** A parameter: its default value, optionally with a unit: `10`, `'10 ms'` or `{ value: 10, unit: 'ms' }`. */
export declare type ParamDefinition = PerNeuron | string | {
    readonly value: PerNeuron;
    readonly unit?: string;
};

/** A varied parameter. */
export declare interface ParameterAxis extends ParameterColumn {
    readonly kind: Column['kind'];
    /** `categories` have no order. */
    readonly scale: 'linear' | 'log' | 'categories';
    /** Bounds of a number. */
    readonly low: number;
    readonly high: number;
    /** The values of a choice as strings, in order; empty for numbers. */
    readonly categories: readonly string[];
}

/**
 * The description of a parameter before any trial has run: its column exists, with the right kind, even if it is empty.
 */
export declare interface ParameterColumn {
    /** The path within `parameters`: `lr`, `layers[0].width`. */
    readonly name: string;
    readonly kind?: Column['kind'];
}

/** Parameters that are treated differently from the others. */
export declare interface ParameterGroup {
    /** Names of parameters (`dense1.weight`), of layers, or of what several layers have (`*.bias`, `*.tauMem`). */
    parameters: readonly string[];
    /** Default the optimizer's. */
    lr?: number;
    /** Default the optimizer's. */
    weightDecay?: number;
    /** Whether they are not trained at all; default false. */
    frozen?: boolean;
}

/** How much each parameter of a study matters (PED-ANOVA). @throws LapicqueError `invalid-parameter`, also for results without a space; `unknown-name` */
declare function parameterImportance<P>(results: ReportedResults<P>, options?: StudyFigureOptions): Promise<Figure>;

/** Options of {@link slices} and {@link parallelCoordinates}. */
declare interface ParametersFigureOptions extends ObjectiveFigureOptions {
    /** The parameters that are shown, by their paths; default the most important ones. */
    parameters?: readonly string[];
}

/**
 * The argument of an objective over the space `S`. A parameter that depends by `when` on a sibling choice exists in
 * that branch of a union: `if (p.optimizer === 'sgd')` makes `p.momentum` a number. With any other condition it is
 * optional.
 */
declare type ParametersOf<S> = Flat<{
    readonly [K in keyof S as S[K] extends WhenNode ? never : K extends Deciding<S> ? never : K]: ValueOf<S[K]>;
} & {
    readonly [K in keyof S as S[K] extends When<infer P, unknown, SpaceNode> ? P extends Deciding<S> ? never : K : never]?: ValueOf<S[K]>;
} & Branches_2<S, Deciding<S>>>;

/**
 * Alternative parameters, of which a neuron takes exactly one because they mean the same: for example a decay factor or
 * its time constant.
 */
/** A parameter of neurons: one number, or one per neuron. */
export declare type ParameterValue = number | readonly number[] | Float64Array | Float32Array;

/**
 * parametric leaky integrate-and-fire: `tau dv/dt = (vLeak - v) + r x, 1 / tau = sigmoid(w)`.
 *
 * As computed: `v[t] = v[t-1] + (r x[t] + vLeak - v[t-1]) sigmoid(w) - s[t-1] vThreshold; s[t] = 1 if v[t] > vThreshold else 0`. States:
 * - `v`: membrane potential
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: W. Fang et al., Incorporating learnable membrane time constant, ICCV 2021; SpikingJelly 2.0.0 ParametricLIFNode.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function parametricLif<const N extends number = number>(options?: ParametricLifOptions<N>): Population<N>;

/** What {@link ParametricLifOptions} may hold. */
export declare interface ParametricLifFields<N extends number = number> extends PopulationOptions<N> {
    /** 1 / tau = sigmoid(w), tau in steps (dimensionless); a finite number. One number, or one a neuron. */
    w?: number | readonly number[] | Float64Array | Float32Array;
    /** start value of tau; becomes w (steps); a number above 1; default 2. One number, or one a neuron. */
    tauInit?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** coefficient on the input: r sigmoid(w), or r alone; default `'dt-over-tau'`. */
    inputScale?: 'dt-over-tau' | 'weight';
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: 'subtract' | 'value' | 'none' | 'zero';
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: 'next-step' | 'same-step' | 'snntorch-no-delay';
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: 'threshold' | 'beta-threshold';
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. spikingjelly: ParametricLIFNode. decay_input=False is inputScale "weight", v_reset=None is reset "subtract"; v decays towards vReset. */
    like?: 'spikingjelly';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('w' | 'vThreshold')[];
}

/** Parameters and options of {@link parametricLif}; of parameters that say the same thing, one. */
export declare type ParametricLifOptions<N extends number = number> = ParametricLifFields<N> & AtMostOne<'w' | 'tauInit'> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** The trials of a study with several objectives, and their Pareto front. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function paretoFront<P>(results: ReportedResults<P>, options?: StudyFigureOptions): Promise<Figure>;

/** Libraries whose tensors {@link Model.importWeights} knows. */
export declare type Peer = 'snntorch' | 'spikingjelly' | 'norse' | 'torch';

/**
 * A penalty on a population's firing, as plain data. It is added to the loss of a batch. Rates are in spikes per step, over the steps that
 * count; graded spikes count with their values, and of a population that does not spike the values that leave it, each with its sign.
 *
 * - `l1-count`: lambda times the number of spikes in the batch, snnTorch's `l1_rate_sparsity`
 * - `l1-rate`: lambda times the mean rate over samples and neurons
 * - `rate-band`: lambda times the mean, over samples and neurons, of the squared distance of a rate from the band `low` to `high`. With
 *   `over: 'batch'` a neuron's rate is that over all samples together, as of LSNNs (G. Bellec et al., NeurIPS 2018); the whole batch is
 *   then in memory at once
 */
export declare type Penalty = Readonly<{
    kind: 'l1-count' | 'l1-rate';
    lambda: number;
} | {
    kind: 'rate-band';
    lambda: number;
    low: number;
    high: number;
    over?: 'sample' | 'batch';
}>;

/** One number for each of two axes. */
declare type PerAxis<Size extends Pair> = Size extends number ? readonly [Size, Size] : Extract<Size, readonly number[]>;

/** Of the last 65,536 values; NaN without one. */
export declare interface Percentiles {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
}

/**
 * Surrogate gradient `height / period exp(-d / width), d the distance of x to 0 below and to the nearest multiple of period above` with `x = v - vThreshold`.
 * Source: sinabs 3.1.3 PeriodicExponential, for several spikes a step.
 */
declare function periodicExponential(options?: {
    /** a number above 0; default 1. */
    height?: number;
    /** a number above 0; default 0.5. */
    width?: number;
    /** a number above 0; default 1. */
    period?: number;
}): Surrogate;

/** One number for all neurons, or one per neuron. */
export declare type PerNeuron = number | readonly number[] | Float64Array | Float32Array;

/**
 * Measures over a grid of two parameters, a panel for each measure, such as the columns of `simulateMany`. Several rows of the same point are their mean.
 *
 * @example
 * ```ts
 * const phases = await figure.phaseDiagram({ g, eta, rate }, { parameters: ['g', 'eta'], measures: ['rate'], labels: { rate: 'rate (Hz)' } });
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function phaseDiagram(table: FigureTable, options: PhaseDiagramOptions): Promise<Figure>;

/** Options of {@link phaseDiagram}. */
declare interface PhaseDiagramOptions extends FigureOptions {
    /** The columns of the parameters on the x and the y axis. */
    parameters: readonly [string, string];
    /** The columns that are shown, a panel for each. */
    measures: readonly string[];
    /** Labels with units by column: `{ rate: 'rate (Hz)' }`; default the names of the columns. */
    labels?: Readonly<Record<string, string>>;
    /** The values of the lightest and of the darkest cell by measure; default the smallest and the largest. */
    ranges?: Readonly<Record<string, readonly [number, number]>>;
}

/** Options of {@link encode}.phase. */
export declare interface PhaseOptions extends TaskOptions {
    /** Steps of the spike train; at least 1. */
    steps: number;
    /** Steps of a period, one for each binary digit; at most 24; a whole number of at least 1; default 8. */
    period?: number;
}

/**
 * The plane of two states of a neuron: nullclines, on which one of them does not change, arrows in the direction of change, and a trajectory on top. All of it
 * comes from the equations that the engine runs: a neuron at each point of a grid makes a step of 1 µs. Points at which it spikes are left out.
 *
 * @example
 * ```ts
 * const plane = await figure.phasePlane(population(adex, 1), { current: 500, x: { domain: [-75, -40] }, y: { domain: [-50, 500] } });
 * ```
 * @param neuron - a population of one neuron, of a built-in model or of your own equations
 * @param options - `x.domain` and `y.domain` are required without a trajectory
 * @throws LapicqueError `invalid-parameter`, `unknown-name`; errors of `simulate`
 */
declare function phasePlane(neuron: Cells, options?: PhasePlaneOptions): Promise<Figure>;

/** Options of {@link phasePlane}. */
declare interface PhasePlaneOptions extends FigureOptions {
    /** The states on the x and the y axis; default the first two of the neuron. */
    states?: readonly [string, string];
    /** A constant input, in the unit of the neuron's input; default 0. */
    current?: number;
    /** The input of a neuron with several; default the model's own choice. */
    port?: string;
    /** The values of all other states; default those at the start. */
    others?: Readonly<Record<string, number>>;
    /** Whether arrows show how the states change; default true. */
    field?: boolean;
    /** A way on top: a recording with traces of both states, whose first neuron is shown with gaps at its spikes; or points. */
    trajectory?: Recording | Trajectory;
}

/**
 * Surrogate gradient `(alpha / 2) exp(-alpha |x|)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 PiecewiseExp.
 */
declare function piecewiseExp(options?: {
    /** a number above 0; default 1. */
    alpha?: number;
}): Surrogate;

/**
 * Surrogate gradient `1 / (2 w) where |x| < w, else c` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 PiecewiseLeakyReLU.
 */
declare function piecewiseLeakyRelu(options?: {
    /** a number above 0; default 1. */
    w?: number;
    /** a finite number; default 0.01. */
    c?: number;
}): Surrogate;

/**
 * Surrogate gradient `max(0, alpha - alpha^2 |x|)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 PiecewiseQuadratic.
 */
declare function piecewiseQuadratic(options?: {
    /** a number above 0; default 1. */
    alpha?: number;
}): Surrogate;

/** Columns, rows and polarities of the pixels that events come from. */
export declare interface PixelArray {
    readonly width: number;
    readonly height: number;
    /** 1: polarity is not told apart. Default 2. */
    readonly polarities?: 1 | 2;
}

/** JSON values, which a trial's record can hold. */
declare type PlainValue = string | number | boolean | null | readonly PlainValue[] | {
    readonly [key: string]: PlainValue;
};

/** Synapses of a connection that change, by target, then source, then delay. */
export declare interface PlasticSynapses {
    /** Neurons, 0-based in their populations. */
    readonly sources: Uint32Array;
    readonly targets: Uint32Array;
    /** In ms. */
    readonly delays: Float64Array;
    /** In the unit of the port. */
    readonly weights: Float64Array;
    /** The model's other variables by name. */
    readonly variables: Readonly<Record<string, Float64Array>>;
}

/** Round points. */
declare interface PointsMark {
    type: 'points';
    x: ArrayLike<number>;
    y: ArrayLike<number>;
    color?: FigureColor;
    /** In pixels; default 2.5. */
    radius?: number;
    /** Default 1. */
    opacity?: number;
    /** Whether they are rings; default false. */
    hollow?: boolean;
}

/** A dense layer of the channels, the same at every pixel; see {@link pointwise}. */
export declare interface Pointwise<In extends number = number, Out extends number = number> {
    readonly layer: 'pointwise';
    readonly inputs: In;
    readonly outputs: Out;
    readonly name?: string;
    readonly bias?: boolean;
    readonly initial?: Initialiser;
    readonly initialBias?: Initialiser;
    readonly trainable?: boolean;
}

/**
 * A dense layer of the channels, the same at every pixel: `y[o, p] = Σ W[o, c] x[c, p] + b[o]`, the convolution with
 * a kernel of 1. Where pixels are tokens it is the linear layer of a transformer. Weights `[outputs, inputs, 1, 1]` over
 * images, `[outputs, inputs, 1]` over a line, `[outputs, inputs]` without pixels; bias `[outputs]`.
 *
 * @param inputs - number of input channels
 * @param outputs - number of output channels
 * @returns a layer from `[inputs, …pixels]` to `[outputs, …pixels]`
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` `shape-mismatch` for other channels
 */
export declare function pointwise<const In extends number, const Out extends number>(inputs: In, outputs: Out, options?: PointwiseOptions): Pointwise<In, Out>;

/** What {@link pointwise} may be told. */
export declare interface PointwiseOptions {
    /** Name in files, recordings and messages; default `pointwise` and a number. */
    name?: string;
    /** Adds a trained constant to each channel; default true. */
    bias?: boolean;
    /** Default `fan-in-uniform`, as torch's. */
    initial?: Initialiser;
    /** Default `fan-in-uniform`, with the fan-in of the weights. */
    initialBias?: Initialiser;
    /** Whether training changes it; default true. */
    trainable?: boolean;
}

/**
 * A Poisson train for each neuron that it is connected to, each independent of the others.
 *
 * @example
 * ```ts
 * connect(poisson(distribution.uniform(5, 15)), excitatory, { weight: 20 }); // drawn for each neuron by the simulation's seed
 * ```
 * @param given - rates in Hz: one for all, one for each neuron that it is connected to, or a distribution from which the seed of the
 * simulation draws one each; or over time, `values[i]` from `times[i]` ms on and 0 before `times[0]`, where `values[i]` is one rate
 * or a list of one for each neuron
 */
export declare function poisson(given: Course): PoissonSource;

/** Options of {@link encode}.poisson. */
export declare interface PoissonOptions extends RandomOptions {
    /** Steps of the spike train; at least 1. */
    steps: number;
    /** Length of a step in ms; a number above 0; default 1. */
    dt?: number;
    /** Whether the result is the number of events of a step; otherwise 1 where there is at least one, with probability 1 - exp(-rate dt); default false. */
    counts?: boolean;
}

/** A Poisson train of its own for each neuron. */
export declare interface PoissonSource {
    readonly element: 'poisson';
    /** In Hz. */
    readonly rate: OverTime;
}

/** A pool. */
export declare interface Pool<W extends SlidingWindow = SlidingWindow> {
    readonly layer: 'pool';
    readonly pooling: 'max' | 'average' | 'sum';
    readonly kernel: W['kernel'];
    readonly stride: W['stride'];
    readonly padding: W['padding'];
    readonly name?: string;
}

/** What losses of spikes summed over time take too. */
export declare interface PooledLossOptions {
    /** Number of classes into which the output neurons are grouped evenly; the spikes of a class are pooled. Default: each neuron is a class; a whole number of at least 1. */
    populationClasses?: number;
}

/** What a pool may be told. */
export declare interface PoolOptions<Size = Pair, Stride extends Size = Size, Padding extends Size = Size> {
    /** Name in files, recordings and messages; default `pool` and a number. */
    name?: string;
    /** Pixels from one window to the next, at least 1; default the window's size, so that windows do not overlap. */
    stride?: Stride;
    /** Pixels added around the image, absent for the maximum and 0 for mean and sum; at most half of the window. Default 0. */
    padding?: Padding;
}

/** The window of a pool, which has no dilation. */
declare type PoolWindow<Kernel extends readonly number[], Stride extends readonly number[], Padding extends readonly number[]> = WindowOf<Kernel, Stride, Padding, {
    readonly [Axis in keyof Kernel]: 1;
}>;

/** A population of neurons, by default with the size of the layer before it. */
export declare interface Population<N extends number = number> {
    readonly layer: 'population';
    readonly name?: string;
    readonly neurons?: N;
    readonly spiking: boolean;
    readonly dynamics: DynamicsSpec;
    readonly recurrent?: Recurrence;
    /** For a model with more than one state. */
    readonly ports?: PortNames;
}

/**
 * `n` neurons of a model.
 *
 * @example
 * ```ts
 * const excitatory = population(iafPscExp, 800, {
 *   name: 'E', tauMem: distribution.normal(20, 2, { min: 5 }), tauE: 5, initial: { v: distribution.uniform(-70, -55) },
 * });
 * ```
 * @param model - a factory of the library, or a custom neuron
 * @param params - the model's parameters and options, each one number, one per neuron, or a distribution from which the seed of the
 * simulation draws one per neuron; `name`; `initial`, the states at the start; `layout`, where they are
 * @throws LapicqueError `unknown-name` for an option that does not exist, `invalid-parameter`; other values are checked when
 * the network is compiled
 */
export declare function population<O>(model: NeuronModel<O>, n: number, ...given: Record<never, never> extends CellsParams<O> ? [params?: CellsParams<O>] : [params: CellsParams<O>]): Cells;

/** Options of {@link encode}.population. */
export declare interface PopulationCodeOptions extends TaskOptions {
    /** Steps of the spike train; at least 1. */
    steps: number;
    /** Neurons of each value; a whole number of at least 3; default 8. */
    neurons?: number;
    /** The least value; default 0. */
    min?: number;
    /** The largest value; default 1. */
    max?: number;
    /** A field's width is the distance of two centers by this; a number above 0; default 1.5. */
    beta?: number;
    /** Fields that a value excites less do not spike; a number from 0 to below 1; default 0.1. */
    cutoff?: number;
}

/** Options of every population, in addition to the parameters of its model. */
export declare interface PopulationOptions<N extends number = number> {
    /** Name in files, recordings and messages; default the model's name and a number. */
    name?: string;
    /**
     * Number of neurons. Required only if nothing before the population determines it. Otherwise it must be equal: a
     * mismatch is a type error if sizes are literals, and `shape-mismatch` at `compile`.
     */
    neurons?: N;
    /** Surrogate gradient of the spike; default the model's. */
    surrogate?: Surrogate;
    /**
     * Replaces each spike by the logistic function of the distance to the threshold, times this slope, so that the
     * network is differentiable: for comparing gradients with finite differences. The output is then the state `graded`.
     */
    smoothed?: number;
    /** Feeds the population's output of the previous step back to it. */
    recurrent?: Recurrence | 'dense' | 'one-to-one';
}

/** The range of a population's neurons among all ids. */
export declare interface PopulationRange {
    readonly first: number;
    readonly size: number;
}

/** A population whose neurons have several ports. */
export declare interface PortedPopulation<N extends number = number> extends Population<N> {
    readonly ports: PortNames;
}

/** The ports of a model, and those over which inputs and feedback are split unless an edge names a port. */
export declare interface PortNames {
    readonly all: readonly string[];
    readonly entering: readonly string[];
    readonly returning: readonly string[];
}

/**
 * Given places.
 *
 * @param points - `[neurons][dimensions]`
 * @param options - `period`: the length of each dimension whose ends meet, 0 for those whose ends do not
 */
declare function positions(points: readonly (readonly number[])[], options?: {
    period?: readonly number[];
}): Layout;

/** What connections and inputs lead to, and what is recorded. */
export declare type Postsynaptic = Cells | CellsSlice;

/** A one-sided power spectral density. */
declare interface PowerSpectrum {
    /** Hz */
    frequencies: Float64Array;
    /** Hz² / Hz */
    power: Float64Array;
}

/**
 * Power spectral density of the trains' mean rate, by P. D. Welch's method (IEEE Transactions on Audio and
 * Electroacoustics 15, 1967) with the conventions of `scipy.signal.welch`; segments are padded to a power of two. For
 * independent Poisson trains of rate r it is flat at 2 r / neurons.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function powerSpectrum(trains: GivenSpikeTrains, options: PowerSpectrumOptions): Promise<PowerSpectrum>;

/** Options of {@link powerSpectrum}. */
declare interface PowerSpectrumOptions extends TaskOptions {
    /** Width of a bin in ms; the highest frequency is half of its inverse. */
    bin: number;
    /** Length of a segment in ms, rounded to whole bins; its inverse is the resolution. Default: the whole time. */
    segment?: number;
    /** The fraction of a segment that overlaps with the next one; default 0.5. */
    overlap?: number;
    /** The window function of a segment; default `'hann'`. */
    taper?: 'hann' | 'none';
}

/** Precision of all arithmetic: `f32` is fast, `f64` the reference. */
export declare type Precision = 'f32' | 'f64';

/** The input of {@link Model.predict}. */
export declare type PredictInput = InputTensor & Pick<TrainingBatch, 'lengths'>;

/** Labels and their scores. */
export declare interface Prediction {
    /** `[batch]` */
    labels: Uint32Array;
    /**
     * `[batch, classes]`, row by row; the largest score of a row is that of its label. By count: the number of spikes. By membrane: its sum over the
     * steps. By maximum: the largest value. By first spike: minus its step (minus the last step for a silent neuron). For classes of several
     * neurons: the sum over these. Scores are not probabilities.
     */
    scores: Float64Array;
    /** `[batch, classes]` */
    shape: [number, number];
}

/** Options of {@link Model.predict}. */
export declare interface PredictOptions extends InputOptions, TaskOptions {
    /** The criterion; default spike count, or the membrane of an output that does not spike. */
    by?: Decision;
    /** The first step that counts; default 0. */
    from?: number;
    /** Classes whose neurons vote together; default each output is a class. */
    populationClasses?: number;
    /** Whether to return a {@link Prediction}; default false. */
    scores?: boolean;
}

/** Where connections come from. */
export declare type Presynaptic = Postsynaptic | SpikeSource | SourceSlice;

/** The product of all of them, which of none is 1. */
declare type Product<L extends readonly number[], Done extends number = 1> = L extends readonly [
infer First extends number,
...infer Rest extends readonly number[]
] ? Product<Rest, Multiply<Done, First>> : L extends readonly [] ? Done : number;

/** The products of two digits. */
declare interface Products {
    '0': ['0', '0', '0', '0', '0', '0', '0', '0', '0', '0'];
    '1': ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
    '2': ['0', '2', '4', '6', '8', '10', '12', '14', '16', '18'];
    '3': ['0', '3', '6', '9', '12', '15', '18', '21', '24', '27'];
    '4': ['0', '4', '8', '12', '16', '20', '24', '28', '32', '36'];
    '5': ['0', '5', '10', '15', '20', '25', '30', '35', '40', '45'];
    '6': ['0', '6', '12', '18', '24', '30', '36', '42', '48', '54'];
    '7': ['0', '7', '14', '21', '28', '35', '42', '49', '56', '63'];
    '8': ['0', '8', '16', '24', '32', '40', '48', '56', '64', '72'];
    '9': ['0', '9', '18', '27', '36', '45', '54', '63', '72', '81'];
}

/**
 * Shows progress in a terminal as a bar with the remaining time, elsewhere as a line every five seconds.
 * Writes to stderr. The display ends when all work is done; work that ends early, for example by an abort,
 * leaves it at its last state. A handler can be used again for other work.
 *
 * @example
 * ```ts
 * await model.fit(loader, { epochs: 5, loss: loss.crossEntropyCount(), onProgress: progressBar('training') });
 * ```
 * @param label - name of the work, one or two words
 * @returns a handler for `onProgress`
 */
export declare function progressBar(label: string, options?: ProgressOptions): (progress: TaskProgress) => void;

/** Options of {@link startProgress}. */
export declare interface ProgressOptions {
    stream?: ProgressStream;
    /** Without a terminal, the least time between two lines in ms; default 5,000. */
    interval?: number;
    /** A clock in ms, for tests. */
    now?: () => number;
}

/** Where progress is written: `process.stderr` or a stream like it. */
export declare interface ProgressStream {
    write(text: string): unknown;
    /** Whether it is a terminal, which gets a bar instead of lines. */
    isTTY?: boolean;
}

/** Options of {@link writeProphesee}. */
export declare interface PropheseeOptions {
    sensor: Sensor;
    /** Packs events with ECF, as OpenEB does; without it any HDF5 library reads them. Default true. */
    ecf?: boolean;
}

/** The argument of a custom sampler. Its proposal must depend only on this, otherwise the study cannot be repeated. */
declare interface ProposalContext {
    /** The trial to propose. */
    readonly number: number;
    /** Finished trials that this proposal may use, by number (with `order: 'free'` in the order of arrival). */
    readonly trials: readonly TrialRecord[];
    /** Parameters of trials that were proposed before and are not among `trials`. */
    readonly pending: readonly Readonly<Record<string, unknown>>[];
    /** A random number in [0, 1), the next one of this trial's stream. */
    readonly random: () => number;
}

/** A pruner, which ends trials early. */
declare type Prune = NoPruning | NonFinitePruning | MedianPruning | ThresholdPruning | AshaPruning | HyperbandPruning | AnyPruning;

export declare namespace prune {
    export {
        none,
        nonFinite,
        median,
        threshold_2 as threshold,
        asha,
        hyperband,
        any,
        PruneOptions,
        NoPruning,
        NonFinitePruning,
        MedianPruning,
        ThresholdPruning,
        AshaPruning,
        HyperbandPruning,
        AnyPruning,
        Prune,
        OptionsOf
    }
}

/** Options of every pruner that compares trials. */
declare interface PruneOptions {
    /** Steps before the first decision. Default 0. */
    readonly warmup?: number;
    /** Steps from one decision to the next. Default 1. */
    readonly interval?: number;
    /**
     * Declares that a report is one number with this direction, whatever the objectives are. Default: reports are like
     * the study's values, in number and direction.
     */
    readonly direction?: 'minimize' | 'maximize';
}

/**
 * Parallel spiking neurons (W. Fang et al., NeurIPS 2023): no state and no reset, so that all steps of a sequence run at
 * once; `s[t] = 1 where Σ weight[t, s] x[s] + bias[t] >= 0`. With `order` masked: step `t` sees only the steps
 * `t - order + 1` to `t`, and a session takes them one by one. Spread the two layers into a network. As SpikingJelly's `PSN` and
 * `MaskedPSN`, whose mask may close while training goes on: `lambda` from 0, an open mask, to 1. Without a mask every step also sees
 * those behind the `lengths` of samples.
 *
 * @param steps - steps of every sequence, from 1 to 65,536
 * @example
 * ```ts
 * sequential(dense(20, 64), ...psn(30), dense(64, 2), li({ beta: 0.9 }));
 * ```
 * @example
 * ```ts
 * // The mask of order 4 closes over the first eighth of the epochs, as in the paper.
 * const model = await sequential(dense(20, 64), ...psn(30, { order: 4, lambda: 0, name: 'psn' }), dense(64, 2), li({ beta: 0.9 })).compile();
 * const onEpoch = ({ epoch }) => model.setWeights({ 'psn.time.lambda': Float32Array.of(Math.min(1, (8 * epoch) / (epochs - 1))) });
 * await model.fit(data, { epochs, loss: loss.crossEntropyMembrane(), callbacks: { onEpoch } });
 * ```
 * @returns two layers, which keep the shape that enters; weights `[steps, steps]` and bias `[steps]` are those of the first
 * @throws LapicqueError `invalid-parameter` for a number of steps, an order or a lambda out of range; `unsupported` for a
 * session without an order whose mask holds; `shape-mismatch` for a run of another number of steps
 */
export declare function psn(steps: number, options?: PsnOptions): readonly [Mixture, Population];

/** What {@link psn} may be told. */
export declare interface PsnOptions extends ParallelOptions {
    /** Only the steps `t - order + 1` to `t` reach step `t`: the masked form. Default all, later ones too. */
    order?: number;
    /**
     * With an `order`: how much of the mask holds, from 0, an open mask, to 1; see {@link timeMixture}. Default: it holds, and is
     * no tensor.
     */
    lambda?: number;
}

/**
 * Peri-stimulus time histogram: spike counts of all trains in bins of the time since an event, summed over events.
 * Without `events`, the trains are trials with a common start, and the histogram covers their whole time.
 *
 * @param options - `bin`, `events` and `window` (`[from, to]` around an event) in ms
 * @throws LapicqueError `invalid-parameter` for an event whose window reaches beyond the trains, `too-large`, `aborted`
 *
 * @example
 * ```ts
 * const { counts, edges } = await analysis.psth(trains, { bin: 5, events: [200, 700], window: [-50, 200] });
 * ```
 */
declare function psth(trains: GivenSpikeTrains, options: TaskOptions & {
    bin: number;
    events?: readonly number[];
    window?: readonly [number, number];
}): Promise<TimeHistogram>;

/** Peri-stimulus time histogram: spikes per second and neuron around events, on average. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function psth_2(spikes: FigureSpikes, options: PsthOptions): Promise<Figure>;

/** Options of {@link psth}. */
declare interface PsthOptions extends FigureOptions {
    /** Length of a bin in ms. */
    bin: number;
    /** Times of events in ms. Default: the trains are trials that begin together. */
    events?: readonly number[];
    /** Time around an event in ms, `[from, to]`; with `events` only. */
    window?: readonly [number, number];
}

/**
 * Quantisation-clip-floor-shift, `v = θ/L clip(⌊x L/θ + 1/2⌋, 0, L)`: a staircase of L steps up to a learned θ (T. Bu et al., ICLR 2022). It
 * gives what an integrate-and-fire neuron with threshold θ and initial potential θ/2 gives within L steps, so {@link convert} takes θ as
 * threshold, without data. Trained by the straight-through estimator: floor has the derivative 1, clip that of its inner part. The gradient of
 * θ is `v/θ - x/θ` within the staircase and 1 above it.
 *
 * @returns a population as wide as the layer before it; unless `trainable` is false, a parameter `theta`
 * @throws LapicqueError `invalid-parameter` for levels or a theta out of range
 */
export declare function qcfs<const N extends number = number>(options?: QcfsOptions<N>): Population<N>;

/** Options of {@link qcfs}. */
export declare interface QcfsOptions<N extends number = number> extends ReluOptions<N> {
    /** L, the number of steps of the staircase, from 1 to 65,536. Default 8. */
    levels?: number;
    /** θ, the largest value, above 0: one number for the layer, or one per neuron or channel. Default 1. */
    theta?: PerNeuron;
    /** Whether training changes `theta`; default true. */
    trainable?: boolean;
}

/**
 * quadratic integrate-and-fire: `tauMem dv/dt = a0 (v - vLeak) (v - vCritical) - w + r x; tauW dw/dt = a (v - vLeak) - w`.
 *
 * As computed: `v = v[t-1] + dt / tauMem (a0 (v[t-1] - vLeak) (v[t-1] - vCritical) - w[t-1] + r x[t]); w = w[t-1] + dt / tauW (a (v[t-1] - vLeak) - w[t-1]); s[t] = 1 if v >= vPeak else 0; v[t] = vReset if s[t] else v; w[t] = w + b s[t]`. States:
 * - `v`: membrane potential
 * - `w`: adaptation current; only with tauW
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: G. B. Ermentrout, N. Kopell, SIAM J. Appl. Math. 46, 1986; P. E. Latham et al., J. Neurophysiol. 83, 2000.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function qif<const N extends number = number>(options?: QifOptions<N>): Population<N>;

/** What {@link QifOptions} may hold. */
export declare interface QifFields<N extends number = number> extends PopulationOptions<N> {
    /** membrane time constant (ms); a number above 0; default 10. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** curvature of the upstroke (dimensionless); a finite number; default 1. One number, or one a neuron. */
    a0?: number | readonly number[] | Float64Array | Float32Array;
    /** potential above which v runs away by itself (dimensionless); a finite number; default 0.8. One number, or one a neuron. */
    vCritical?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which v decays (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of w; only if given there is an adaptation current (ms); a number above 0. One number, or one a neuron. */
    tauW?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much w follows v (dimensionless); a finite number; default 0. One number, or one a neuron. */
    a?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much a spike raises w (dimensionless); a finite number; default 0. One number, or one a neuron. */
    b?: number | readonly number[] | Float64Array | Float32Array;
    /** adaptation current at the start (dimensionless); a finite number; default 0. One number, or one a neuron. */
    wInit?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke is cut off and a spike emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vPeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (dimensionless); a finite number below vPeak; default 0. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (dimensionless); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 1. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'simultaneous'`. */
    method?: 'simultaneous' | 'sequential' | 'rk4';
    /** what a spike does to v: set it to vReset, or take vPeak off it; default `'value'`. */
    reset?: 'value' | 'subtract' | 'zero';
    /** when the reset enters. With next-step it opens the next step, and the recorded v is the one before the reset; default `'same-step'`. */
    resetTiming?: 'same-step' | 'next-step';
    /** how v must compare to vPeak to spike; default `'>='`. */
    compare?: '>=' | '>';
    /** whether the reset of v is a constant for the gradient; what else a spike changes is not; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. spikingjelly: QIFNode; with tauW 2, vLeak -0.1 and vReset 0 IzhikevichNode as it is by default, a normalised adaptive quadratic neuron rather than the one of 2003. v starts at vReset; v_reset=None is reset "subtract" with vReset 0. */
    like?: 'spikingjelly';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('tauMem' | 'a0' | 'vCritical' | 'tauW' | 'a' | 'b' | 'vPeak')[];
}

/** Parameters and options of {@link qif}; of parameters that say the same thing, one. */
export declare type QifOptions<N extends number = number> = QifFields<N> & AtMostOne<'refractorySteps' | 'tauRef'>;

/**
 * Surrogate gradient `(1 + 2 |x| / (alpha - 1))^-alpha` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 QPseudoSpike; J. Herranz-Celotti, J. Rouat 2022.
 */
declare function qPseudoSpike(options?: {
    /** a number above 1; default 2. */
    alpha?: number;
}): Surrogate;

/** What {@link quantize} reports. */
export declare interface QuantizationReport {
    readonly target: string;
    /** Values of an input are divided by `scale` and rounded to counts. */
    readonly input: {
        readonly scale: number;
        readonly maxCount: number;
        readonly signed: boolean;
    };
    readonly layers: readonly LayerQuantization[];
}

/**
 * Makes an integer network of a model of dense and convolutional layers with average or sum pools between populations of the models `lif`,
 * `if`, `cubaLif`, `li` and `cubaLi`. The model does not change.
 *
 * Weights are rounded to `weightBits` bits with a unit for each neuron, channel or layer. States get as many bits behind the point as the
 * range of the calibration data leaves. Values as input become whole counts.
 *
 * @example
 * ```ts
 * const { network, report } = await quantize(model, { target: 'int8', calibration: batch });
 * console.table(report.layers);
 * const { spikes } = await network.run(batch);
 * ```
 * @throws LapicqueError `unsupported` for a layer, model or option that integer networks do not have, which it names;
 * `invalid-parameter` for calibration without data and for bits that are too few for the range (it says how many are needed); `disposed`
 */
export declare function quantize(model: Model, options: QuantizeOptions): Promise<Quantized>;

/** The result of {@link quantize}. */
export declare interface Quantized {
    readonly network: IntegerNetwork;
    readonly report: QuantizationReport;
}

/** What {@link fitQuantized} rounds. */
export declare interface QuantizedWeights {
    /** Bits of a weight, 2 to 8. */
    readonly weightBits: number;
    /** Default `'channel'`. */
    readonly scale?: WeightScale;
}

/** Options of {@link quantize}. */
export declare interface QuantizeOptions extends TaskOptions {
    /** Default `'int8'`. */
    readonly target?: IntegerTarget;
    /** 2 to 8; default that of the target. */
    readonly weightBits?: number;
    /** 8 to 24; default that of the target, of `'int8'` and `'int4'` more if the range needs more. */
    readonly vBits?: number;
    /** As `vBits`. */
    readonly currentBits?: number;
    /** Default that of the target. */
    readonly scale?: WeightScale;
    /** Batches whose ranges the states must hold, `[time, batch, channels]`. */
    readonly calibration: Calibration;
    /** Number of time steps of constant inputs `[batch, channels]`. */
    readonly steps?: number;
}

/** `count` neurons anywhere, uniform over the extent; `dimensions` default 2, the same `seed` gives the same places. */
declare function random(count: number, options?: LayoutOptions & {
    dimensions?: number;
    seed?: number;
}): Layout;

/** {@link RandomSearch}. */
declare function random_2(): RandomSearch;

/**
 * What every random encoder takes. The same seed and stream give the same spikes, whatever the threads.
 *
 * | | without `stream` | with |
 * | --- | --- | --- |
 * | in a `transform`, `collate` or dataset of a {@link DataLoader} | each sample draws by seed (default the loader's), epoch, its number in the source and which call of the function this is | that stream of the seed (default the loader's) |
 * | elsewhere, with `seed` | stream 0: every call gives the same spikes | that stream |
 * | elsewhere, without `seed` | each call draws anew: the next stream of {@link setSeed}'s seed | that stream of its seed |
 */
export declare interface RandomOptions extends TaskOptions {
    /** An integer from 0; default the loader's, elsewhere that of {@link setSeed}. */
    seed?: number;
    /** Tells apart draws of one seed; default by seed, epoch and sample in a loader, elsewhere 0 with a `seed` and the next one without. */
    stream?: number;
}

/** Each trial is independent of all others. */
declare interface RandomSearch {
    readonly kind: 'random';
}

/** Options of {@link encode}.rankOrder. */
export declare interface RankOrderOptions extends TaskOptions {
    /** Steps of the spike train; at least 1. */
    steps: number;
    /** Values at this or below do not spike, but have their ranks; default 0. */
    threshold?: number;
}

/** The spikes of one sample in all layers, from input to output. */
export declare interface Raster {
    /** Length of a step in ms. */
    dt: number;
    steps: number;
    /** Start of the first step, in ms; default 0. */
    start?: number;
    layers: readonly LayerSpikes[];
    /** The input image. */
    image?: GreyImage;
    /** The true class. */
    label?: string;
    /** The class that the network predicted. */
    predicted?: string;
}

/**
 * Spikes over time, a panel for each population; a stroke is a spike. Above 20,000 spikes of a population, which would lie on each other, the darkness of cells
 * is the number of spikes. The panels' heights follow the numbers of neurons, within limits.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function raster(spikes: FigureSpikes, options?: RasterOptions): Promise<Figure>;

/** Options of {@link raster}. */
declare interface RasterOptions extends FigureOptions {
    /** The time that is shown, `[start, end]` in ms; default all. */
    window?: readonly [number, number];
    /** `'strokes'`, `'density'` (spikes per cell, for many spikes), or `'auto'` (default): density above 20,000 spikes of a population. */
    marks?: 'auto' | 'strokes' | 'density';
}

/**
 * Firing rates of populations over time: spikes per second and recorded neuron in bins. More than six populations have a panel each.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function rate(spikes: FigureSpikes | Rates, options?: RateOptions_2): Promise<Figure>;

/** Options of {@link encode}.rate. */
export declare interface RateOptions extends RandomOptions {
    /** Steps to make of data without a time axis; absent: the first axis is time; at least 1. */
    steps?: number;
    /** Factor of the values; default 1. */
    gain?: number;
    /** Added to each value times `gain`; default 0. */
    offset?: number;
    /** Steps before this are silent; data with a time axis get this number of silent steps in front; default 0. */
    firstSpikeTime?: number;
}

/** Options of {@link rate}. */
declare interface RateOptions_2 extends FigureOptions {
    /** Length of a bin in ms; default a round number, about a two-hundredth of the time. */
    bin?: number;
}

/** Options of {@link encode}.rateProbabilities. */
export declare interface RateProbabilitiesOptions extends TaskOptions {
    /** Factor of the values; default 1. */
    gain?: number;
    /** Added to each value times `gain`; default 0. */
    offset?: number;
    /** Steps before this are silent; data with a time axis get this number of silent steps in front; default 0. */
    firstSpikeTime?: number;
}

/** Firing rates in bins. */
export declare interface Rates {
    /** Length of a bin in ms. */
    readonly bin: number;
    /** Start of the first bin in ms; default 0. */
    readonly start?: number;
    /** The mean rate of each bin, in Hz. */
    readonly populations: readonly {
        readonly name: string;
        readonly rate: ArrayLike<number>;
    }[];
}

/**
 * The mean firing rate of each train in Hz, `[neurons]`.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function rates(trains: GivenSpikeTrains, options?: TaskOptions): Promise<Float64Array>;

/**
 * rate unit: `v = activation(x)`.
 *
 * As computed: `v[t] = activation(x[t])`. States:
 * - `v`: rate
 *
 * Source: P. Dayan, L. F. Abbott, Theoretical Neuroscience, MIT Press 2001, section 7.2.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function rateUnit<const N extends number = number>(options?: RateUnitOptions<N>): Population<N>;

/** Parameters and options of {@link rateUnit}. */
export declare interface RateUnitOptions<N extends number = number> extends PopulationOptions<N> {
    /** the function of the current; squared-relu is max(0, x)^2; default `'identity'`. */
    activation?: 'identity' | 'tanh' | 'sigmoid' | 'relu' | 'squared-relu';
}

/** From the first pixel of a window to its last: `dilation (kernel - 1) + 1`. */
declare type Reach<W extends SlidingWindow, Axis> = At<W['dilation'], Axis> extends 1 ? At<W['kernel'], Axis> : Add<Multiply<At<W['dilation'], Axis>, Subtract<At<W['kernel'], Axis>, 1>>, 1>;

/** The number of digits, zeros in front of it left out; `number` of what is none, such as a fraction. */
declare type Read<S extends string> = [S] extends [never] ? number : Trimmed<Reversed<S>> extends `${infer N extends number}` ? N : number;

/** A `ReadableStream` of bytes, such as `response.body`. */
export declare interface ReadableBytes {
    getReader(): {
        read(): Promise<{
            readonly done: boolean;
            readonly value?: Uint8Array | undefined;
        }>;
        cancel(reason?: unknown): Promise<void>;
    };
}

/**
 * Reads a whole recording. For one that may not fit in memory use {@link openEvents}: compressed formats can hold a hundred times their size.
 *
 * @throws LapicqueError as {@link openEvents}; `too-large` for more events than `limits` allow
 *
 * @example
 * ```ts
 * const { t, x, y, polarity, sensor } = await readEvents('00002.bin', { sensor: { width: 34, height: 34 } });
 * ```
 */
export declare function readEvents(source: FileSource, options?: OpenEventsOptions): Promise<EventRecording>;

/**
 * Reads an IDX file, plain or gzip-compressed (detected by content, not by name). Memory is bounded by what the file
 * can hold, whatever its header claims.
 *
 * @param source - a path, a `file:` URL, the bytes themselves, or a stream of them
 * @param options - `limits`: the memory that the array may take
 * @throws LapicqueError `malformed-file` if the header is not an IDX header or the content is shorter or longer than it
 * says, `too-large` for more than the limit or than memory can hold, `io` if the file cannot be read, `aborted`
 */
export declare function readIdx(source: FileSource, options?: IdxOptions): Promise<IdxArray>;

/**
 * Reads the four files of MNIST (or of a data set with the same files, such as Fashion-MNIST) from a folder:
 * `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`, each of
 * them plain or with `.gz`.
 *
 * @param options - `limits`: the memory that each of the files may take; pixels take 4 bytes
 * @throws LapicqueError `io` if a file is missing, `malformed-file`, `too-large`, `shape-mismatch` if the numbers of
 * images and labels differ, `aborted`
 */
export declare function readMnist(folder: string | URL, options?: IdxOptions): Promise<Split>;

/**
 * Reads a NIR file as a model. Supports all nodes of NIR 1.0, subgraphs, cycles and files of every version of `nir`. NIR has continuous-time equations;
 * the framework that wrote the file determines how they are discretized, and the report lists every choice.
 *
 * @example
 * ```ts
 * const { model, report } = await readNir('network.nir');
 * console.log(report.framework, report.assumptions);
 * const { spikes } = await model.run({ x, shape: [100, 1, 12] });
 * ```
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @param options - `dt` in ms, `framework`, `conventions`, `precision`
 * @returns the model, the report and the graph
 * @throws LapicqueError as {@link readNirGraph}; `unsupported` with the node's name for a feature that networks of layers do not have
 */
export declare function readNir(source: FileSource, options?: ReadNirOptions): Promise<NirImport>;

/**
 * Reads recordings of a graph's nodes, as `nir.write_data` writes them.
 *
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @throws LapicqueError `io`, `malformed-file`, `too-large`, `unsupported`, `aborted`
 */
export declare function readNirData(source: FileSource, options?: LoadOptions): Promise<NirGraphData>;

/**
 * Reads a NIR file (`nir` 0.x and 1.x) as plain data: nodes, fields, edges. Checks every node (type, fields, shapes, numbers) and every edge (existing nodes,
 * no duplicates).
 *
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @returns the graph with its subgraphs
 * @throws LapicqueError `io`, `malformed-file` if it is not a NIR file; `unsupported` for an unknown node type; `invalid-parameter` for a number out of range
 * (with node, field and index) or a duplicate edge; `shape-mismatch`; `unknown-name` for an edge to a missing node; `too-large`; `aborted`
 */
export declare function readNirGraph(source: FileSource, options?: LoadOptions): Promise<NirGraph>;

/** Options of {@link readNir}. */
export declare interface ReadNirOptions extends LoadOptions, NirOptions {
}

/**
 * Reads a feed-forward network from an ONNX file, as torch.onnx.export and others write it: a `graph` that runs, trains and is saved like one
 * that was written here. `compile` gives the model with the file's weights. A run of one step, `[1, batch, …]`, is one pass of the network; its
 * outputs are `v`.
 *
 * Read are Conv, Gemm and MatMul with constant weights, BatchNormalization, MaxPool, AveragePool, GlobalAveragePool, GlobalMaxPool, ReduceMean
 * over pixels, Flatten, Reshape, Squeeze, Unsqueeze, Concat of channels, Add, Sub and Mul of two branches, Dropout, Identity, Constant and
 * the sizes that a Reshape follows from; of each element Relu, LeakyRelu, Sigmoid, Tanh, Clip, Floor, Ceil, Abs, Neg, Sign, Exp, Log, Sqrt,
 * Reciprocal, and Add, Sub, Mul, Div, Pow, Min and Max with a constant, which become one population without memory. Any other operator or
 * attribute is refused, by the name of its node. The first axis is the batch. Opset 13 and later; numbers in a file beside the network
 * (`model.onnx.data`) are read from its own folder only.
 *
 * @example
 * ```ts
 * const network = await readOnnx('classifier.onnx');
 * const model = await network.compile();
 * const { v } = await model.run({ x: images, shape: [1, batch, 784] });
 * ```
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @returns the network with its weights, and a report that names the layer of each node
 * @throws LapicqueError `unsupported` for an operator, an attribute, an element type or an opset; `malformed-file`, `too-large`, `io`, `aborted`;
 * `invalid-parameter` where the file leaves the shape of the input or the output open
 */
export declare function readOnnx(source: FileSource, options?: OnnxOptions): Promise<OnnxNetwork>;

/**
 * Reads a frame-oriented report of a SONATA simulation (membrane potentials, currents, calcium …), by population. Only the frames and nodes that are asked for
 * are read.
 *
 * @example
 * ```ts
 * const { v1 } = await readSonataReport('output/membrane_potential.h5', { start: 100, stop: 200, nodeIds: { v1: [0, 1] } });
 * v1.values; // [frames, elements], at v1.times
 * ```
 * @param options - `limits`: what the content of the file may take
 * @throws LapicqueError `io`; `malformed-file`, with the dataset and the index, for shapes that do not fit together, index pointers that fall or lead beyond the
 * data, nodes that are there twice, and times that are no grid; `invalid-parameter` for a node that is not in the report; `unsupported` for units of time other
 * than s, ms and us; `too-large`; `aborted`
 */
export declare function readSonataReport(source: FileSource, options?: SonataReportOptions): Promise<Record<string, SonataReport>>;

/**
 * Reads the spikes of a SONATA simulation (`spikes.h5`), as BMTK, NEST, Neurodamus and {@link writeSonataSpikes} write them: by population, trains for
 * `analysis`. The layout without populations (`/spikes/gids`) is read, too.
 *
 * @example
 * ```ts
 * const { nodes, duration } = await loadSonata('simulation_config.json');
 * const { v1 } = await readSonataSpikes('output/spikes.h5', { nodes, stop: duration });
 * const irregularity = await analysis.cv(v1);
 * ```
 * @param options - `limits`: what the content of the file may take
 * @throws LapicqueError `io`; `malformed-file`, with the dataset and the index, for arrays of different lengths, ids that are not whole numbers or not of the
 * population, and times that are not finite; `unsupported` for units of time other than s, ms and us; `too-large`; `aborted`
 */
export declare function readSonataSpikes(source: FileSource, options?: SonataSpikesOptions): Promise<Record<string, SonataSpikes>>;

/**
 * Reads a matrix written by `scipy.sparse.save_npz`: CSR, CSC or COO. Entries keep the order of the file.
 *
 * @example
 * ```ts
 * const { rows, columns, values } = await readSparse('connectivity.npz'); // rows are targets, columns sources
 * const synapses = connect(E, I, rule.list(columns, rows), { weight: values, delay: 1.5 });
 * const weight = toDense(await readSparse('weights.npz'));
 * await model.setWeights({ 'dense1.weight': weight });
 * ```
 * @throws LapicqueError `malformed-file` for arrays that do not fit together, `unsupported` for other formats
 * (BSR, DIA), complex values and more than two axes, `too-large`, `io`
 */
export declare function readSparse(path: string | URL, options?: TaskOptions): Promise<SparseMatrix>;

/**
 * Reads a `.safetensors`, `.npy` or `.npz` file or a torch file (`torch.save`: `.pth`, `.pt`). The content decides the format. The array of an
 * `.npy` file is named after the file, without the extension, or `array` if the source is not a path.
 *
 * Nothing in a torch file is executed. The reader accepts dictionaries, lists, tensors, numbers and strings; the error for any other Python
 * object names it. Tensors in nested dictionaries, as in a checkpoint, have names such as `model_state_dict.fc1.weight`. Numbers and strings
 * beside the tensors (`epoch`) are in `metadata`.
 *
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @param options - `limits`: the memory for the arrays; each array counts twice while it is unpacked and copied
 * @throws LapicqueError `malformed-file`, `unsupported` for an element type or a Python object, `too-large`, `io`, `aborted`
 */
export declare function readTensors(source: FileSource, options?: LoadOptions): Promise<TensorFile>;

declare type Reason<L, At extends Sizes> = [L] extends [Branches<infer J, infer Lists>] ? BranchReason<J, Lists, At> : [L] extends [Conv<number, number, infer W> | Pool<infer W>] ? [Refused<Taken<L>, At>] extends [never] ? WindowRefused<W, At['pixels']> : Refused<Taken<L>, At> : [L] extends [Unflatten<infer S>] ? Refused<Sizes<Product<S>>, At> : Refused<Taken<L>, At>;

/**
 * For each layer why it does not fit behind those before it, or `never`, and `never` for as many more as there may be. `At`
 * enters the first.
 */
declare type Reasons<L extends readonly unknown[], At extends Sizes, Done extends readonly Said[] = []> = L extends readonly [infer First, ...infer Rest] ? Reasons<Rest, After<First, At>, [...Done, Reason<First, At>]> : L extends readonly [] ? Done : [...Done, ...never[]];

/** The default export of a recipe module. */
export declare interface Recipe {
    network: Network | Description;
    /** Options of `network.compile`. */
    compile?: NetworkOptions;
    /** A loader, or one for training and one for evaluation. */
    data: Batches | {
        train: Batches;
        test?: Batches;
    };
    /** Options of `model.fit`; `checkpoint` has a default. */
    fit: Omit<FitOptions, 'signal' | 'onProgress' | 'resume' | 'validation'>;
    /** Path of the trained model. */
    out?: string;
}

/** The argument of a recipe that is a function. */
export declare interface RecipeContext {
    /** `--seed`, default 0. */
    seed: number;
}

/** A recipe, or a function that returns one (for data that depends on the seed). */
export declare type RecipeModule = Recipe | ((context: RecipeContext) => Recipe | Promise<Recipe>);

/**
 * The inverse of {@link encode}: values from spikes `[time, …]`, by the options of the encoder. Codes lose information;
 * {@link reconstructionError} measures how much.
 */
export declare const reconstruct: Readonly<{
    /** (mean over time - offset) / gain: for `rate` and `direct`. */
    rate: (spikes: CodedSpikes, options?: TaskOptions & {
        gain?: number;
        offset?: number;
    }) => Promise<Reconstructed>;
    /** Rates in Hz: -ln(1 - mean) / dt, or with `counts` mean / dt. */
    poisson: (spikes: CodedSpikes, options?: TaskOptions & {
        dt?: number;
        counts?: boolean;
    }) => Promise<Reconstructed>;
    /**
     * For a first spike at step s: threshold / (1 - exp(-(s - firstSpikeTime) / tau)), or with `linear` 1 - (s -
     * firstSpikeTime) / tau; 0 without a spike. For a normalized linear code, `tau` is steps - 1 - firstSpikeTime.
     */
    latency: (spikes: CodedSpikes, options?: TaskOptions & {
        tau?: number;
        threshold?: number;
        linear?: boolean;
        firstSpikeTime?: number;
    }) => Promise<Reconstructed>;
    /** 1 - (s + 1/2) / steps: the rank of a value among those of its sample, not its size. */
    rankOrder: (spikes: CodedSpikes, options?: TaskOptions) => Promise<Reconstructed>;
    /** The weighted sum of the spikes of one period. */
    phase: (spikes: CodedSpikes, options?: TaskOptions & {
        period?: number;
    }) => Promise<Reconstructed>;
    /** The midpoint of the range of values that give such a burst. */
    burst: (spikes: CodedSpikes, options?: Omit<BurstOptions, 'steps'>) => Promise<Reconstructed>;
    /**
     * The mean of the fields' centers, weighted by the excitations that the spike times imply. The last axis, the
     * neurons, is reduced.
     */
    population: (spikes: CodedSpikes, options?: Omit<PopulationCodeOptions, 'steps'>) => Promise<Reconstructed>;
    /**
     * initial + threshold times the sum of the spikes so far: for `delta`, `stepForward` and `movingWindow`, `[time, …]`.
     */
    sum: (spikes: CodedSpikes, options?: TaskOptions & {
        threshold?: number;
        initial?: number;
    }) => Promise<Reconstructed>;
    /** The spikes convolved with the filter, `[time, …]`. */
    bsa: (spikes: CodedSpikes, options: TaskOptions & {
        filter: ArrayLike<number>;
    }) => Promise<Reconstructed>;
}>;

/** Reconstructed values. */
export declare interface Reconstructed {
    x: Float32Array;
    shape: number[];
}

/** The error of reconstructed values. */
export declare interface ReconstructionError {
    /** Mean of the squared differences, its square root, and the mean of the absolute differences. */
    readonly mse: number;
    readonly rmse: number;
    readonly mae: number;
    /** The largest difference. */
    readonly max: number;
    /**
     * Signal-to-noise ratio in dB: 10 log10 of the mean of the squared true values divided by `mse`; Infinity without a
     * difference.
     */
    readonly snr: number;
}

/** Compares values with the same number of true values. */
export declare function reconstructionError(values: ArrayLike<number>, truth: ArrayLike<number>): ReconstructionError;

/** What is kept of a run. Without a recorder of spikes, those of all populations. */
export declare const record: {
    /** Keeps the spikes of these populations only; without arguments those of all. */
    readonly spikes: (...populations: readonly Postsynaptic[]) => Recorder;
    /**
     * Reads states of a population's neurons, the first time after `every` ms.
     *
     * @param every - in ms, a whole number of steps; default every step
     * @param neurons - which ones, 0-based in the population or slice; default all
     */
    readonly traces: (population: Postsynaptic, states: readonly string[], every?: number, neurons?: readonly number[] | WholeNumbers) => Recorder;
    /**
     * Reads all weights of a connection whose synapses change, the first time after `every` ms.
     *
     * @example
     * ```ts
     * const learning = connect(E, E, rule.fixedInDegree(100), { weight: 10, delay: 1.5, model: synapse.stdp() });
     * const learns = network(E, learning, record.weights(learning, { every: 100 }));
     * const { weights } = await simulate(learns, { duration: 1000 });
     * weights[0].values; // [10 times, synapses]
     * ```
     * @param connection - what {@link connect} gave; it must be in the network
     * @param every - in ms, a whole number of steps
     */
    readonly weights: (connection: Connection, options: {
        every: number;
    }) => Recorder;
    /**
     * Reads means over a population's neurons, without keeping what each neuron is: of states, or of expressions of states and
     * parameters. The sums are exact, so a mean does not depend on threads. `recording.means['E.v']`, the first after `every` ms.
     *
     * @example
     * ```ts
     * record.mean(E, ['v', 'gE*(v - vE)'], 1);
     * record.mean(E.slice(0, 100), { synaptic: 'abs(iE) + abs(iI)' }); // recording.means['E.synaptic']
     * ```
     * @param values - states or expressions, or an object of them by name
     * @param every - in ms, a whole number of steps; default every step
     */
    readonly mean: (population: Postsynaptic, values: readonly string[] | Readonly<Record<string, string>>, every?: number) => Recorder;
    /**
     * A proxy of the local field potential that a population makes: the reference weighted sum of A. Mazzoni et al., PLoS Comput. Biol.
     * 11(12), e1004584, 2015, as a mean over the neurons, `mean |I_E(t - 6 ms)| + 1.65 mean |I_I(t)|`, in the unit of the
     * currents. `recording.lfp['E']`.
     *
     * @example
     * ```ts
     * const { lfp } = await simulate(network(…, record.lfp(E, { every: 1 })), { duration: 1000 });
     * ```
     * @param population - pyramidal cells; the paper's sum is the mean times their number, less its mean over time
     */
    readonly lfp: (population: Postsynaptic, options?: LfpOptions) => Recorder;
};

/** What is kept of a run. */
export declare type Recorder = {
    readonly element: 'record-spikes';
    readonly populations: readonly Postsynaptic[];
} | {
    readonly element: 'record-traces';
    readonly population: Postsynaptic;
    readonly states: readonly string[];
    readonly every?: number;
    readonly neurons?: readonly number[];
} | {
    readonly element: 'record-weights';
    readonly connection: Connection;
    readonly every: number;
} | {
    readonly element: 'record-means';
    readonly population: Postsynaptic;
    /** Expressions by the name that their means get. */
    readonly values: Readonly<Record<string, string>>;
    readonly every?: number;
} | ({
    readonly element: 'record-lfp';
    readonly population: Postsynaptic;
} & Readonly<LfpOptions>);

/** Spikes and traces of one run. Nothing in it depends on the number of threads. */
export declare class Recording {
    #private;
    /** Time of each spike in ms, ascending: the end of its step, counted from the start of the simulation. */
    readonly times: Float64Array;
    /** The neuron of each spike, ascending within a step; populations in declared order, 0-based. */
    readonly ids: Uint32Array;
    /** By `population.state`. */
    readonly traces: Readonly<Record<string, Trace>>;
    /** Means over neurons, by `population.state` or the names given to `record.mean`. */
    readonly means: Readonly<Record<string, MeanTrace>>;
    /** Proxies of the local field potential, by population or the name given to `record.lfp`. */
    readonly lfp: Readonly<Record<string, MeanTrace>>;
    /** For each `record.weights`, in that order. */
    readonly weights: readonly WeightTrace[];
    /** By name, in the order in which neurons are numbered. */
    readonly populations: Readonly<Record<string, PopulationRange>>;
    /** The number of recorded neurons of each population; populations without recorded neurons are absent. */
    readonly recorded: Readonly<Record<string, number>>;
    /** Start and end of the run, in ms from the start of the simulation. */
    readonly start: number;
    readonly stop: number;
    /** Length of the run in ms. */
    readonly duration: number;
    /** The number of synaptic events: each spike counts once per synapse that it reached. */
    readonly synapticEvents: number;
    /**
     * The spikes of a population or a slice, with its neurons counted from 0: trains for `analysis`. The trains of neurons
     * that are not recorded are empty.
     *
     * @example
     * ```ts
     * const irregularity = await analysis.cv(recording.of('E'));
     * ```
     * @param neurons - the population or slice, or the name of a population
     * @throws LapicqueError `unknown-name`; `invalid-parameter` for neurons of another network
     */
    of(neurons: Postsynaptic | string): SpikeTrains;
    /**
     * Spikes per second and neuron, in Hz, of each population with recorded spikes, over the recorded neurons only. NaN
     * for a run of no time.
     */
    rates(): Record<string, number>;
}

/**
 * Surrogate gradient `alpha where |x| < 1 / (2 alpha), else 0` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 Rect.
 */
declare function rect(options?: {
    /** a number above 0; default 1. */
    alpha?: number;
}): Surrogate;

/**
 * `'dense'`: all to all, weights `[ports * neurons, neurons]`; `'one-to-one'`: one weight per neuron and port, or with
 * `shared` one per port (snnTorch's `all_to_all=False`); `'conv'`: a convolution from the population's image to itself
 * for each port, with an odd `kernel` or with `padding`, weights `[ports * channels, channels, …kernel]`.
 */
export declare type Recurrence = Returning & RecurrentProjection;

/** The projection of a {@link Recurrence}. */
export declare type RecurrentProjection = {
    kind: 'dense';
    bias?: boolean;
    initial?: Initialiser;
    initialBias?: Initialiser;
    trainable?: boolean;
    name?: string;
    /**
     * For a `rateUnit` with `identity` that only one dense projection without bias feeds, and without a bias here: a
     * batch computes all steps at once from the impulse response, if that takes fewer operations than the steps one
     * by one, which is the case in sequences (or segments) shorter than 2 neurons / inputs of that projection. The
     * sums have another order than in a session, which computes step by step, so results equal those of a session
     * within rounding, not bit for bit. Default false.
     */
    parallel?: boolean;
    /**
     * Whether neurons are connected to themselves; default true. Without autapses these weights are fixed at 0, as in
     * Norse and in LSNNs (G. Bellec et al., NeurIPS 2018).
     */
    autapses?: boolean;
} | {
    kind: 'one-to-one';
    /**
     * Whether all neurons share one weight: weights `[ports]` instead of `[ports * neurons]`. snnTorch's
     * `all_to_all=False` is this, with its scalar `V`, and not one weight per neuron. Default false.
     */
    shared?: boolean;
    initial?: Initialiser;
    trainable?: boolean;
    name?: string;
} | {
    kind: 'conv';
    kernel: number | readonly [number, number];
    /** Default half of the kernel, which keeps the size of the image. */
    padding?: number | readonly [number, number];
    bias?: boolean;
    initial?: Initialiser;
    initialBias?: Initialiser;
    trainable?: boolean;
    name?: string;
};

/** What a reduction over time may be told. */
export declare interface ReductionOptions {
    /** Name in files, recordings and messages; default the function's name and a number. */
    name?: string;
}

declare type Refused<Expected extends Sizes, At extends Sizes> = Fits<Expected['elements'], At['elements']> extends false ? `expected ${Expected['elements']} inputs but the layer before has ${At['elements']}` : Fits<Expected['channels'], At['channels']> extends false ? `expected ${Expected['channels']} channels but the layer before has ${At['channels']}` : never;

/** A penalty and the population it is on. */
export declare interface Regulariser {
    layer: string;
    penalty: Penalty;
}

/**
 * Rectified linear units, `v = max(0, x)`, without memory: `rateUnit({ activation: 'relu' })`. A network of such layers is an artificial
 * network: train it with `steps: 1`, and end it with `rateUnit()`, which gives the logits.
 *
 * @example
 * ```ts
 * const ann = await sequential(dense(784, 512), relu(), dense(512, 10), rateUnit()).compile();
 * await ann.fit(batches, { steps: 1, epochs: 10, loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 1e-3 }) });
 * ```
 * @returns a population as wide as the layer before it
 */
export declare function relu<const N extends number = number>(options?: ReluOptions<N>): Population<N>;

/** Options of {@link relu}. */
export declare type ReluOptions<N extends number = number> = Pick<PopulationOptions<N>, 'name' | 'neurons'>;

/**
 * The content of a report. Results of `fit`, `evaluate` and `simulate` may be passed directly for the figures for which
 * they contain data.
 *
 * @example
 * ```ts
 * const history = await model.fit(train, { epochs: 5, loss: objective, validation });
 * const result = await model.evaluate(test, { loss: objective });
 * await writeReport('report', { title: 'Digits', history, confusion: result, activity: result });
 *
 * const recording = await simulate(network(E, I, record.traces(E, ['v'], 0.1, [0, 1])), { duration: 1000 });
 * await writeReport('run', { title: 'Balanced', raster: recording, traces: recording, rates: recording });
 * ```
 */
export declare interface Report {
    title: string;
    /** One paragraph under the title. */
    description?: string;
    /** Key figures, in order; the first four are displayed large. Give the unit in the name or in the value. */
    summary?: Readonly<Record<string, string | number>>;
    /** Learning curves, the result of `fit`, or its `history`. */
    history?: History | FitResult | readonly EpochRecord[];
    /** Spikes of one sample, or the result of `simulate`: its populations, with every n-th neuron of large ones. */
    raster?: Raster | Recording;
    /** Membrane potentials, or the result of `simulate`: the first neurons of each of its traces. */
    traces?: Traces | Recording;
    /** Population rates, or the result of `simulate`. */
    rates?: Rates | Recording;
    /** The confusion matrix, or the result of `evaluate`, or its `confusion`. */
    confusion?: Confusion | Evaluation | readonly (readonly number[])[];
    /** Names of the classes, for `confusion` of an evaluation; default their numbers. */
    classes?: readonly string[];
    /** Spikes per sample in each layer, or the result of `evaluate`. */
    activity?: Activity | Evaluation;
    /** Operations and energy of each layer; or what `operations` returns. */
    costs?: Costs | Operations;
    /** Accuracy against steps, and energies of an ANN and a spiking network; or what `compareCosts` returns. */
    comparison?: ComparedCosts | CostComparison;
    /** Accuracy against steps of one converted network, as `accuracyAgainstSteps` returns it, or of several with names. */
    steps?: AccuracyCurve | readonly AccuracyCurve[];
}

/** The results that figures and reports read; {@link StudyResults} documents the members. */
declare interface ReportedResults<P = Readonly<Record<string, unknown>>> {
    readonly name: string;
    readonly directions: readonly Direction[];
    readonly table: TrialTable<P>;
    readonly complete: TrialTable<P>;
    readonly axes: readonly ParameterAxis[];
    readonly space: Space | undefined;
    best(count?: number): Promise<readonly TrialRecord[]>;
    paretoFront(): Promise<readonly TrialRecord[]>;
    history(objective?: number): StudyHistory;
    importance(objective?: number): Promise<readonly Importance[]>;
    marginal(parameter: string, objective?: number): readonly MarginalBin[];
    pairwise(first: string, second: string, objective?: number): PairwiseEffect;
}

/** The files of a report: `html` is one page, `svg` and `png` are one file per figure. */
export declare type ReportFormats = readonly ('html' | 'png' | 'svg')[];

/** Options of {@link writeReport}. */
export declare interface ReportOptions extends Pick<TaskOptions, 'signal'> {
    /** Default `['html', 'png']`; `svg` and `png` write one file per figure. */
    formats?: ReportFormats;
}

/** What events can become. */
export declare const represent: Readonly<{
    /** Events of each channel, `[polarity, height, width]`; with `binary` 1 where there is any (`ToFrame`). */
    frames: (options?: FrameSchedule & {
        binary?: boolean;
    }) => EventRepresentation<"frames">;
    /** All events in one frame (`ToImage`). */
    image: () => EventRepresentation<"frames">;
    /** The channels with events, ascending, and their counts (`ToSparseTensor`): what a session takes, at the cost of its events. */
    sparse: (options?: FrameSchedule) => EventRepresentation<"sparse">;
    /** The events of each window themselves (`SliceByTime`, `SliceByEventCount`, …). */
    slices: (options?: FrameSchedule) => EventRepresentation<"slices">;
    /**
     * Polarities (+1, -1) shared out between the two of `bins` time bins beside each event, `[bins, height, width]` (`ToVoxelGrid`): of the
     * recording, which is kept in memory until its end, or of each window.
     */
    voxelGrid: (options: FrameSchedule & {
        bins: number;
    }) => EventRepresentation<"frames">;
    /** exp(-(end of the window - time of the channel's last event) / tau), 0 where there was none (`ToTimesurface`, `window` its dt). */
    timeSurface: (options: FrameSchedule & {
        tau: number;
    }) => EventRepresentation<"frames">;
    /**
     * Histograms of averaged time surfaces, `[cells, polarity, surface, surface]` (`ToAveragedTimesurface`): events of the last `time` µs, within
     * cells of `cell` pixels, decay by exp(-age / tau) or 1 - age / (3 tau).
     */
    averagedTimeSurface: (options: FrameSchedule & {
        surface: number;
        cell: number;
        time: number;
        tau: number;
        decay: 'exp' | 'lin';
    }) => EventRepresentation<"frames">;
}>;

/** What comes out of a representation: frames, sparse frames, or lists of slices. */
export declare type Represented<F> = F extends 'frames' ? EventFrames : F extends 'sparse' ? SparseEventFrames : readonly EventSlice[];

/**
 * Makes frames, voxel grids, time surfaces, sparse frames or slices of events, as they become complete.
 *
 * @param options - `transforms` come before, in their order
 * @example
 * ```ts
 * const frames = representEvents(await openEvents('digit.bin'), represent.frames({ timeBins: 20 }));
 * const { x, shape } = await frames.collect(); // [20, 2, 34, 34]
 * ```
 * @throws LapicqueError as {@link transformEvents}; `invalid-parameter` for events that are not in the order of time (put
 * `eventTransform.reorder` before)
 */
export declare function representEvents<F extends 'frames' | 'sparse' | 'slices'>(source: EventSource_2, representation: EventRepresentation<F>, options?: EventPipelineOptions & {
    transforms?: readonly EventTransform[];
}): FrameStream<Represented<F>>;

/**
 * What enters and what layers make of it, added: `y = shortcut(x) + body(x)` (K. He et al., CVPR 2016).
 *
 * @param body - layers one after the other
 * @param shortcut - layers of the other branch; default none: the input
 * @returns a layer of the shape that both branches give
 * @example
 * ```ts
 * residual([conv2d(16, 16, 3, { padding: 1 }), lif({ beta: 0.9 })])
 * ```
 * @throws LapicqueError `invalid-parameter` for an empty body or what is no layer; at `compile` `shape-mismatch` for branches of
 * two shapes (a type error where sizes are literals)
 */
export declare function residual<const Body extends readonly Layer[], const Shortcut extends readonly Layer[] = readonly []>(body: FittingBody<Body, Shortcut>, shortcut?: FittingBranch<Shortcut, Body>): Branches<'add', readonly [NoInfer<Shortcut>, Body]>;

/**
 * resonate-and-fire: `dz/dt = (-1 / tauMem + i omega) z + r x, omega = 2 pi frequency; z = u + i v`.
 *
 * As computed: `u = lambda (cos(omega dt) u[t-1] - sin(omega dt) v[t-1]) + gain x[t]; v = lambda (sin(omega dt) u[t-1] + cos(omega dt) v[t-1]), lambda = exp(-dt / tauMem); s[t] = 1 if v > vThreshold else 0; v[t] = vReset if s[t] else v; u[t] = 0 if s[t] else u`. States:
 * - `v`: membrane potential
 * - `u`: current-like variable, that the input drives
 *
 * Source: E. M. Izhikevich, Resonate-and-fire neurons, Neural Networks 14, 2001.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function resonateAndFire<const N extends number = number>(options?: ResonateAndFireOptions<N>): Population<N>;

/** Parameters and options of {@link resonateAndFire}. */
export declare interface ResonateAndFireOptions<N extends number = number> extends PopulationOptions<N> {
    /** time constant with which the oscillation dies away (ms); a number above 0; default 10. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** frequency of the oscillation (Hz); a finite number; default 50. One number, or one a neuron. */
    frequency?: number | readonly number[] | Float64Array | Float32Array;
    /** resistance: factor on what drives v (dimensionless); a finite number; default 1. One number, or one a neuron. */
    r?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** v after a reset (dimensionless); a finite number; default = vThreshold. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** v at the start (dimensionless); a finite number; default 0. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** coefficient on the input: r alone, or r dt; default `'weight'`. */
    inputScale?: 'weight' | 'dt';
    /** what a spike does: set v to vReset and u to 0, or nothing; default `'value'`. */
    reset?: 'value' | 'none' | 'zero';
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('tauMem' | 'frequency' | 'vThreshold')[];
}

/**
 * The current results of a study.
 *
 * @throws any error of reading the trials
 */
export declare function resultsOf<P = Readonly<Record<string, unknown>>>(study: ResultsSource): Promise<StudyResults<P>>;

/** The source of results: a study, an opened store, or an object with these fields. */
export declare interface ResultsSource {
    readonly name: string;
    /** One direction for each objective. */
    readonly directions: readonly Direction[];
    /** The study's definition; its space describes the parameters. */
    readonly definition?: {
        readonly space?: unknown;
    };
    trials(): Promise<readonly TrialRecord[]> | readonly TrialRecord[];
}

/** The signal that is fed back to a population, and its target. */
export declare interface Returning {
    /** The state that is fed back; default that of the model: usually its spikes, for a spiking LSTM its hidden value. */
    state?: string;
    /** The target port, or several ports, one for each part of the projection's output; default that of the model. */
    port?: string | readonly string[];
}

declare type Reversed<S extends string, Done extends string = ''> = S extends `${infer First}${infer Rest}` ? Reversed<Rest, `${First}${Done}`> : Done;

/**
 * reward-modulated spike-timing-dependent plasticity: `dw/dt = c (n - baseline); dc/dt = -c / tauC; dn/dt = -n / tauN; post: c += aPlus xPre; pre: c -= aMinus xPost; a spike of the modulator: n += 1 / tauN; dx/dt = -x / tau, each + 1 at its neuron's spikes`.
 *
 * As computed: at events only: w, c and n move by their exact solution over the time since the last event, w is clipped to wMin … wMax, then the jump. Variables of a synapse:
 * - `w`: weight (the unit of the weight)
 * - `c`: eligibility (the unit of the weight)
 * - `n`: concentration of the modulator (1/ms)
 *
 * Source: E. M. Izhikevich, Cereb. Cortex 17, 2007; in closed form between events: W. Potjans, A. Morrison, M. Diesmann, Front. Comput. Neurosci. 4, 2010.
 *
 * @throws LapicqueError `unknown-name` for an option that does not exist; where it is used, `invalid-parameter` for a
 * value out of range
 */
declare function rewardStdp(options?: RewardStdpOptions): SynapseModel;

/** Parameters and options of {@link rewardStdp}. */
declare interface RewardStdpOptions {
    /** time constant of the presynaptic trace (ms); a number above 0; default 20. */
    tauPlus?: number;
    /** time constant of the postsynaptic trace (ms); a number above 0; default 20. */
    tauMinus?: number;
    /** time constant of the eligibility (ms); a number above 0; default 1000. */
    tauC?: number;
    /** time constant of the modulator (ms); a number above 0; default 200. */
    tauN?: number;
    /** eligibility of a pair, the source first (the unit of the weight); a finite number; default 1. */
    aPlus?: number;
    /** eligibility of a pair, the target first (the unit of the weight); a finite number; default 1.5. */
    aMinus?: number;
    /** concentration at which nothing is learned (1/ms); a finite number; default 0. */
    baseline?: number;
    /** eligibility at the start (the unit of the weight); a finite number; default 0. */
    cInit?: number;
    /** concentration at the start (1/ms); a finite number; default 0. */
    nInit?: number;
    /** smallest weight (the unit of the weight); a finite number; default 0. */
    wMin?: number;
    /** largest weight (the unit of the weight); a finite number; default 200. */
    wMax?: number;
    /** a spike pairs with all earlier ones of the other side, or with the last one alone; default `'all-to-all'`. */
    pairing?: 'all-to-all' | 'nearest';
    /** spikes of source and target that meet at the same time: neither sees the other, the one that comes first is seen by the other, or each sees the other; default `'neither'`. */
    coincidence?: 'neither' | 'pre-first' | 'post-first' | 'both';
    /** exp(-dt / tau) a step, or 1 - dt / tau; default `'exact'`. */
    decay?: 'exact' | 'euler';
}

/** {@link rmsNorm} */
export declare interface RmsNorm extends RmsNormOptions {
    readonly layer: 'rms-norm';
}

/**
 * RMS norm: `y = weight x / √(mean(x²) + ε)` over all elements of one sample at one step, with a trained factor for each
 * element and no offset (B. Zhang, R. Sennrich, NeurIPS 2019), as `torch.nn.RMSNorm` over the whole shape. Tensor `weight`
 * of that shape; with `over: 'channels'` it is `[channels]`.
 *
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for an option out of range
 *
 * @example
 * ```ts
 * sequential(input(3, 2, 2), rmsNorm(), dense(12, 10), lif({ beta: 0.9 }));
 * ```
 */
export declare function rmsNorm(options?: RmsNormOptions): RmsNorm;

/** What {@link rmsNorm} may be told. */
export declare interface RmsNormOptions {
    /** Name in files, recordings and messages; default `rmsNorm` and a number. */
    name?: string;
    /** Added to the mean square (ε); by default the machine epsilon of the network's precision, as torch's, above 0; default none. */
    epsilon?: number;
    /** Whether there is a trained factor (the gain); default true. */
    affine?: boolean;
    /** What has one root mean square and how many factors there are: all elements of a sample with a factor for each, or the channels of each pixel with a factor for each channel, as of `torch.nn.RMSNorm(channels)` where pixels are tokens; default `'sample'`. */
    over?: 'sample' | 'channels';
    /** Whether training changes its weights; default true. */
    trainable?: boolean;
}

/**
 * RMSprop. A step, as computed: `g += weightDecay w; s = alpha s + (1 - alpha) g²; d = sqrt(s) + eps, or with `centered` a = alpha a + (1 - alpha) g and d = sqrt(s - a²) + eps; w -= lr g / d, or with `momentum` b = momentum b + g / d and w -= lr b`.
 *
 * Source: T. Tieleman, G. Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012; A. Graves, arXiv:1308.0850 (centered); defaults and order of operations are torch's.
 */
export declare function rmsprop(options?: RmspropOptions): Optimizer;

/** Options of {@link rmsprop}. */
export declare interface RmspropOptions extends OptimizerOptions {
    /** Learning rate; a number of at least 0; default 0.01. */
    lr?: number;
    /** Decay factor of the mean of squares; a number from 0 to below 1; default 0.99. */
    alpha?: number;
    /** Added to the root of the mean of squares; a number of at least 0; default 1e-8. */
    eps?: number;
    /** Factor of the momentum at each step; a number of at least 0; default 0. */
    momentum?: number;
    /** Whether the gradient is divided by its standard deviation: the square of its mean is taken off the mean of squares; default false. */
    centered?: boolean;
    /** As torch's `weight_decay`: the decay joins the gradient; a number of at least 0; default 0. */
    weightDecay?: number;
}

/** Spikes of one row. */
export declare interface RowSpikes {
    /** In ms, ascending, from the start of the simulation. */
    readonly times: Float64Array;
    /** Neurons, numbered as in a recording. */
    readonly ids: Uint32Array;
}

/**
 * Which pairs of a source and a target get a synapse. `autapses`: whether a neuron may connect to itself; `multapses`:
 * whether a pair may have several synapses; both default to true.
 */
declare interface Rule {
    readonly kind: 'all-to-all' | 'one-to-one' | 'fixed-in-degree' | 'fixed-out-degree' | 'fixed-total' | 'bernoulli' | 'poisson' | 'list';
    readonly count?: number;
    /** A number, or an expression of the distance `d`. */
    readonly p?: number | string;
    readonly mean?: number;
    readonly sources?: Uint32Array;
    readonly targets?: Uint32Array;
    readonly autapses?: boolean;
    readonly multapses?: boolean;
}

export declare namespace rule {
    export {
        allToAll,
        oneToOne,
        fixedInDegree,
        fixedOutDegree,
        fixedTotalNumber,
        pairwiseBernoulli,
        pairwisePoisson,
        list,
        Rule,
        RuleOptions
    }
}

/**
 * A custom learning rule. Statements may read `w`, the variables, traces (before the event's own jump), observed
 * values, parameters, `dt`, and `elapsed`, the ms since the rule's last event at the synapse, which then is a readable
 * variable of the synapse. They may use `+ - * / ^`, comparisons, `exp`, `ln`, `sqrt`, `abs`, `min`, `max`, `clip`,
 * `where` and other functions of custom neurons. Without `everyStep` nothing is computed between events. With it, each
 * synapse runs its statements in each step in which `when` holds.
 * its statements for each step at which `when` holds.
 *
 * @example
 * ```ts
 * const hebb = synapse.rule({
 *   params: { eta: 0.01, wMin: 0, wMax: 1 },
 *   traces: { x: { of: 'pre', tau: 20 }, y: { of: 'post', tau: 20 } },
 *   pre: 'w -= 1.05 * eta * y',
 *   post: 'w += eta * x',
 * });
 * ```
 * @throws LapicqueError `unknown-name`, `invalid-parameter`; at use `equation` with line, column and frame
 */
declare function rule_2(definition: RuleDefinition): SynapseModel;

/** The definition of a {@link synapse}.rule. */
export declare interface RuleDefinition {
    /** Constants of the equations by name. `wMin` and `wMax`, if both are given, bound the weight after each event. */
    params?: Readonly<Record<string, number>>;
    /**
     * Variables of the synapse, in addition to its weight `w`, by name: the value before the first event, or `{ init, tau
     * }`. With `tau` (ms, or the name of a parameter) it decays to 0 between events; without it, it is constant between
     * events.
     */
    variables?: Readonly<Record<string, number | {
        init?: number;
        tau?: number | string;
    }>>;
    /**
     * Exponential traces by name: `of` the spikes of the source or the target, `tau` in ms (or the name of a parameter),
     * and whether a spike adds 1 (`'add'`, the default: all-to-all pairing) or sets the trace to 1 (`'set'`:
     * nearest-neighbor pairing).
     */
    traces?: Readonly<Record<string, {
        of: 'pre' | 'post';
        tau: number | string;
        jump?: 'add' | 'set' | undefined;
    }>>;
    /**
     * States of the target that statements may read, by name: a state, `'v'`, or a {@link Sight}. `pre` reads values from
     * one dendritic delay ago, as it does for spikes of the target. Before the start of the simulation, the values are
     * those at the start.
     */
    sights?: Readonly<Record<string, string | Sight>>;
    /**
     * The effect of a spike of the source: `'w -= eta * y'`. Statements, separated by lines or semicolons, run in order.
     */
    pre?: string;
    /** The effect of a spike of the target. */
    post?: string;
    /** The effect of a spike of the modulator; at equal times it runs directly before `pre`. */
    modulated?: string;
    /**
     * The effect of every step of the target, `'w += eta * (u - theta) * x * dt'`. It runs before spikes that reach the
     * synapse at the same time. If `coincidence` orders spikes of the target after those of the source (`'pre-first'` and
     * `'both'`), it runs after those of the source and sees their effects.
     */
    everyStep?: string;
    /**
     * The steps in which `everyStep` runs: an expression of observed values and parameters, `'u > theta'`; default all
     * steps.
     */
    when?: string;
    /**
     * The value that arrives at the target, after `pre`; default `'w'`. In f32 at most 128 times the largest weight, in
     * f64 1,024 times.
     */
    transmit?: string;
    /** Whether a spike of the source and one of the target at the same time see each other; default `'neither'`. */
    coincidence?: 'neither' | 'pre-first' | 'post-first' | 'both';
    /** How exponentials decay: by `exp(-dt / tau)` per step, or by `1 - dt / tau`; default `'exact'`. */
    decay?: 'exact' | 'euler';
}

/** A straight line through the whole panel, at an x or at a y. */
declare interface RuleMark {
    type: 'rule';
    x?: number;
    y?: number;
    color?: FigureColor;
    dashed?: boolean;
}

/** What a drawn rule leaves out. */
declare interface RuleOptions {
    /** Whether a neuron may connect to itself; default true. */
    autapses?: boolean;
    /** Whether a pair may have several synapses; default true. */
    multapses?: boolean;
}

/** Options of {@link Model.run}. */
export declare interface RunOptions extends InputOptions, TaskOptions {
    /**
     * What to record besides the output, by the names of {@link ModelInfo.recordable}: a state or the spikes of a population (`lif1.v`,
     * `lif1.spikes`), the input of one of its ports (`lif1.current`), the values of a layer without a state (`conv1.values`, `dense1.values`).
     */
    record?: readonly string[];
    /** The initial state; default rest. */
    state?: NetworkState | undefined;
}

/** The result of a run. */
export declare interface RunResult {
    /**
     * `[time, batch, neurons]`, 0 and 1, also for graded spikes, whose values are the state `graded`; absent if the output does
     * not spike.
     */
    spikes?: Uint8Array;
    /** The output's membrane potential after each step, `[time, batch, neurons]`. */
    v: Weights;
    /** `[time, batch, neurons]` of the output. */
    shape: [number, number, number];
    /** By the names asked for, each `[time, batch, neurons of its layer]`: see `shapes`. */
    recordings: Record<string, Uint8Array | Weights>;
    /** The shape of each recording, by the same names; images are flattened. */
    shapes: Record<string, [time: number, batch: number, neurons: number]>;
    /** The final state, from which another run can continue. */
    state: NetworkState;
    /** Spikes of each population, all samples and steps. */
    spikeCounts: Record<string, number>;
    /** Input spikes (or non-zero values) of each projection, over all samples and steps. */
    events: Record<string, number>;
}

/** Options of {@link Study.run}. */
export declare interface RunStudyOptions extends Omit<TaskOptions, 'onProgress'> {
    /** How many trials the study has at the end of the run, including those of earlier runs; at least 1. */
    trials: number;
    /**
     * How many trials run at a time; default 1. Trials of a function share this process and the engine's threads; each
     * trial of a module has a process of its own. Results do not depend on this number. With a search that learns, at
     * most the study's `parallel`.
     */
    jobs?: number;
    /**
     * The shard of this process, for several processes that share a folder and have no other connection: the trials whose
     * number modulo `count` is `index`. A search that learns uses the trials of its shard only. Default all trials.
     */
    shard?: Shard;
    /** Called at most 20 times per second, and at the end. An error that it throws ends the run. */
    onProgress?: ((progress: StudyProgress) => void) | undefined;
    /** Called with each trial whose result is on disk. An error that it throws ends the run. */
    onTrial?: ((trial: TrialRecord) => void) | undefined;
}

/**
 * Surrogate gradient `alpha s (1 - s) where x < 0, s = 1 / (1 + exp(-alpha x)), else beta / (x + 1)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 S2NN; K. Suetake et al. 2022.
 */
declare function s2nn(options?: {
    /** a number above 0; default 4. */
    alpha?: number;
    /** a number above 0; default 1. */
    beta?: number;
}): Surrogate;

/** Why a layer does not fit; `never` where it does. */
declare type Said = string;

/** The batches of a loader of single samples: objects are collated (see {@link collate}), anything else is a list. */
export declare type SampleBatch<S> = [S] extends [object] ? ([S] extends [CollatedLeaf] ? S[] : Collated<S>) : S[];

/** Learning-rate schedules as plain data; the engine runs them. */
/**
 * A learning-rate schedule. It gives a factor on the learning rate, with the formulas and defaults of torch's schedulers of these names
 * (`minFactor` is torch's `eta_min` or `min_lr` divided by the learning rate). Schedules count epochs, or steps with `scheduleBy: 'step'`.
 * `reduce-on-plateau` reads the metric of `earlyStopping`, or its default. `warm-up` rises linearly from `startFactor` (default 0)
 * to 1, as torch's LinearLR, and continues with `then`. A function of the number of finished epochs (or steps), as torch's
 * LambdaLR, is an {@link OwnSchedule}.
 */
export declare type Schedule = Readonly<{
    kind: 'constant';
} | {
    kind: 'step';
    stepSize: number;
    gamma?: number;
} | {
    kind: 'multi-step';
    milestones: readonly number[];
    gamma?: number;
} | {
    kind: 'exponential';
    gamma: number;
} | {
    kind: 'cosine';
    period: number;
    minFactor?: number;
} | {
    kind: 'cosine-restarts';
    period: number;
    periodGrowth?: number;
    minFactor?: number;
} | {
    kind: 'warm-up';
    steps: number;
    startFactor?: number;
    then: Schedule;
} | {
    kind: 'one-cycle';
    totalSteps: number;
    pctStart?: number;
    divFactor?: number;
    finalDivFactor?: number;
    anneal?: 'cosine' | 'linear';
    threePhase?: boolean;
} | {
    kind: 'reduce-on-plateau';
    factor?: number;
    patience?: number;
    threshold?: number;
    thresholdMode?: 'relative' | 'absolute';
    mode?: 'min' | 'max';
    cooldown?: number;
    minFactor?: number;
}>;

/** How parameters are proposed. */
declare type Search = GridSearch | RandomSearch | SobolSearch | LatinHypercubeSearch | TpeSearch | CmaEsSearch | Nsga2Search | CustomSearch;

export declare namespace search {
    export {
        grid_2 as grid,
        random_2 as random,
        sobol,
        latinHypercube,
        tpe,
        cmaEs,
        nsga2,
        custom,
        GridSearch,
        RandomSearch,
        SobolSearch,
        LatinHypercubeSearch,
        TpeSearch,
        CmaEsSearch,
        Nsga2Search,
        ProposalContext,
        CustomSearch,
        Search,
        OptionsOf_2 as OptionsOf
    }
}

/**
 * Selects trains, in the given order: for example one population of a recording, or 100 of its neurons, because the
 * cost of pairwise measures grows with the square of the number of trains.
 *
 * @param chosen - numbers of the trains; they become 0, 1, 2 …
 * @throws LapicqueError `invalid-parameter` for a train that does not exist, or a repeated one
 */
declare function select(given: GivenSpikeTrains, chosen: ArrayLike<number> | WholeNumbers): SpikeTrains;

/**
 * Spiking self-attention as layers one after the other, a pixel being a token. Every projection is {@link pointwise}, without bias and followed by {@link batchNorm}.
 *
 * `'dot-product'`: queries, keys and values by projection and neuron, {@link attention}, its neuron, and a projection with
 * its neuron; the output is spikes (Z. Zhou et al., Spikformer, ICLR 2023).
 *
 * `'spike-driven'`: the input is a membrane, which neurons first convert to spikes. `Q ∘ spike(Σ_tokens K ∘ V)` takes masks
 * and additions only; the output of the last projection is again a membrane (M. Yao et al., Spike-driven Transformer, NeurIPS
 * 2023).
 *
 * @param channels - of input and output
 * @returns layers for {@link residual} or, spread, for {@link sequential}; they keep the shape `[channels, height, width]` or
 * `[channels, width]`
 * @example
 * ```ts
 * residual(selfAttention(256, { heads: 8 }))
 * ```
 * @throws LapicqueError `invalid-parameter` for an option out of range or an invalid neuron; at `compile` for heads that do not
 * divide the channels
 */
export declare function selfAttention(channels: number, options?: SelfAttentionOptions): readonly Layer[];

/** What {@link selfAttention} may be told. */
export declare interface SelfAttentionOptions extends AttentionOptions {
    /**
     * `'dot-product'`: Spikformer's, {@link attention} of queries, keys and values. `'spike-driven'`: keys mask values, their
     * sum over the tokens charges a neuron for each channel, and its spikes mask the queries; heads and scale have no part in
     * it. Default `'dot-product'`.
     */
    kind?: 'dot-product' | 'spike-driven';
    /**
     * Behind each projection; default `lif` with a time constant of 2 ms, reset to 0 at once and detached, as the paper's.
     */
    neuron?: Population;
    /** Behind the attention; default the same with a threshold of 0.5. */
    attentionNeuron?: Population;
}

/** What every reader of event recordings gives, every transform takes and every writer writes: events in columns. */
/** Pixels of the sensor. */
export declare interface Sensor {
    readonly width: number;
    readonly height: number;
}

/**
 * A chain of layers: projections, populations, and layers without a
 * state. The last is a population. If sizes are literals, an editor checks elements, channels and pixels, also after `input`,
 * convolutions, pools, `flatten` and branches. It does not check the input of a population with several ports.
 *
 * @example
 * ```ts
 * const model = await sequential(dense(784, 1000), lif({ beta: 0.95 }), dense(1000, 10), lif({ beta: 0.95 })).compile();
 * ```
 * @param layers - each takes the output shape of the layer before it
 * @returns a frozen network, from the shape of the first layer to that of the last; `compile` makes it run
 * @throws LapicqueError at `compile` `shape-mismatch` when consecutive layers do not fit (a type error if sizes are literals),
 * `invalid-parameter` when the network does not end with a population (a type error)
 */
export declare function sequential<const L extends readonly Layer[]>(...layers: Fitting<L>): Network;

/**
 * A stream through a trained model, made by `model.session()`. Each `push` is one time step and takes microseconds:
 * its cost is proportional to its input events. Pushing a sequence gives the spikes of `model.run` on it, bit
 * for bit. The session keeps the weights that the model had when the session was created.
 */
export declare class Session implements Disposable {
    #private;
    /** Channels of the model's input. */
    readonly inputs: number;
    /**
     * One time step.
     *
     * @param events - the input channels that fire in this step, ascending, each once (a `Uint32Array`; a list is copied),
     * or a `Float32Array` or `Float64Array` with a value for each channel, which an f32 model rounds
     * @returns the output neurons that fired, ascending; a new array
     * @throws LapicqueError `invalid-parameter` for a channel out of range or out of order, or while a `pushAsync`
     * runs; `shape-mismatch`; `non-finite` for such a value, or for a state that becomes non-finite in this step (`run` checks
     * the states only after its last step); `disposed`. After an error the state is unchanged
     */
    push(events: StepEvents): Uint32Array;
    /**
     * Many time steps; yields to the event loop regularly. A call waits for earlier calls, so the results are those of
     * consecutive calls. Until all have ended, `push`, `reset` and `restore` are refused, and reads (`save`,
     * `membrane`, `steps`) return the values of the current step.
     *
     * @param steps - the events of each step
     * @param options - `signal` ends it between two steps, `onProgress` receives the number of finished steps (`total` is at least that where
     * `steps` is no array)
     * @returns the output spikes of each step
     * @throws LapicqueError as `push`, and `aborted`; the state is then that of the last finished step
     */
    pushAsync(steps: Iterable<StepEvents>, options?: TaskOptions): Promise<Uint32Array[]>;
    /**
     * The current membrane potential of the output population, `[neurons]`. With `out` it is written there; a `Float64Array` receives the
     * values of an f64 model without rounding.
     */
    membrane(): Float32Array;
    membrane<A extends Float32Array | Float64Array>(out: A): A;
    /**
     * The recording of the last step, by its name in `record` of {@link Model.session}; a new array, `[neurons]` or of the layer's
     * values. Spikes are 0 and 1. Before the first step states are at rest, and the inputs of ports and the outputs of layers are 0.
     * @throws LapicqueError `unknown-name` for anything that is not recorded
     */
    recorded(name: string): Float32Array | Float64Array | Uint8Array;
    /** Time steps since the session started or was reset. */
    get steps(): number;
    /** Puts every neuron at rest. Refused (`invalid-parameter`) while a `pushAsync` runs. */
    reset(): void;
    /** The state now. */
    save(): NetworkState;
    /** Continues from a state (of a batch of one). Refused (`invalid-parameter`) while a `pushAsync` runs. */
    restore(state: NetworkState): void;
    /** Another stream on the same weights, at rest; needs only memory for its state. */
    fork(): Session;
    /** Frees the native memory; using the session afterwards throws `disposed`. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/**
 * Sets limits for the whole process; an absent limit is left unchanged. Limits do not change results.
 *
 * @param limits - `running`: long tasks at once; `queued`: calls that may wait
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export declare function setEngineLimits(limits: Partial<EngineLimits>): void;

/**
 * Restarts the random streams of encoders that have no `seed` and run outside a {@link DataLoader}: each call
 * takes the next stream of this seed, from the first on. The seed at the start of a process (and of a worker)
 * is 0, so a program that makes the same calls gets the same spikes. In a trial of a study the default is the
 * trial's seed, and a seed that is set there applies to that trial only.
 *
 * @param seed - an integer from 0
 * @throws LapicqueError `invalid-parameter`
 */
export declare function setSeed(seed: number): void;

/**
 * Sets the SIMD level of tasks that start from now on. Results do not depend on it.
 * @throws LapicqueError `unknown-name`, `invalid-parameter`, `unsupported` when this CPU lacks them
 */
export declare function setSimd(level: 'portable' | 'avx2' | 'avx512'): void;

/**
 * Sets the number of threads of tasks that start from now on. Results do not depend on it.
 *
 * @param threads - 1 to `environment().mostThreads`; default: the threads of the machine, or
 * `LAPICQUE_THREADS`
 * @throws LapicqueError `invalid-parameter`
 */
export declare function setThreads(threads: number): void;

/**
 * Surrogate gradient `1 / (1 + slope |x|)^2 where x > B, else 0` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 SFS.
 */
declare function sfs(options?: {
    /** a number of at least 0; default 25. */
    slope?: number;
    /** a finite number; default 1. */
    B?: number;
}): Surrogate;

/**
 * Stochastic gradient descent with optional (Nesterov) momentum. A step, as computed: `g += weightDecay w; b = momentum b + (1 - dampening) g, at the first step g; w -= lr b, or with `nesterov` w -= lr (g + momentum b)`.
 *
 * Source: I. Sutskever et al., ICML 2013; defaults and order of operations are torch's.
 */
export declare function sgd(options: SgdOptions): Optimizer;

/** Options of {@link sgd}. */
export declare interface SgdOptions extends OptimizerOptions {
    /** Learning rate; a number of at least 0. */
    lr: number;
    /** Factor of the momentum at each step; a number of at least 0; default 0. */
    momentum?: number;
    /** Share of the gradient that does not join the momentum; a number of at least 0; default 0. */
    dampening?: number;
    /** Whether a step looks ahead by its momentum; needs a momentum, and no dampening; default false. */
    nesterov?: boolean;
    /** As torch's `weight_decay`: the decay joins the gradient; a number of at least 0; default 0. */
    weightDecay?: number;
}

/**
 * spiking gated recurrent unit, real gates: `n = tanh(n + sigmoid(r) m); v = (1 - sigmoid(z)) n + sigmoid(z) v`.
 *
 * As computed: `n = tanh(n[t] + sigmoid(r[t]) m[t]); v[t] = (1 - sigmoid(z[t])) n + sigmoid(z[t]) v[t-1]; s[t] = 1 if v[t] > vThreshold else 0; what enters feeds r, z and n; where recurrent, v[t-1] feeds r, z and m`. States:
 * - `v`: hidden value, the membrane
 *
 * Source: K. Cho et al., EMNLP 2014; gates in the order of torch.nn.GRUCell.
 *
 * @returns a population with the ports `r`, `z`, `n`, `m`: what feeds it is cut into 3 parts, for `r`, `z`, `n`, unless an edge names its port, and what it feeds back into parts for `r`, `z`, `m`; where recurrent it feeds back `v`, not its spikes
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function sgru<const N extends number = number>(options?: SgruOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link sgru}. */
export declare interface SgruOptions<N extends number = number> extends PopulationOptions<N> {
    /** hidden value at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** what a spike of the step before does to v: nothing, take vThreshold off it, or set it to 0; default `'none'`. */
    reset?: 'none' | 'subtract' | 'value' | 'zero';
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'vThreshold'[];
}

/** Sizes of the axes, outermost first. */
export declare type Shape = readonly number[];

/**
 * An array that may carry its shape, as those of {@link Model.weights} do; copies of it (`slice`, `map`) are
 * plain arrays and count as vectors.
 */
export declare type Shaped<A> = A & {
    readonly shape?: readonly number[];
};

/** Values to encode, with their shape. */
export declare type ShapedData = {
    x: Float32Array;
    shape: readonly number[];
};

/** The shard of a process: the trials whose number modulo `count` is `index`. */
export declare interface Shard {
    readonly index: number;
    readonly count: number;
}

/** An open file of SHD or SSC. Iterating it reads sample by sample. */
export declare class ShdFile implements AsyncIterable<ShdSample> {
    #private;
    /** Of every sample. */
    readonly labels: Uint16Array;
    /** Of every sample; `undefined` where the file does not say. */
    readonly speakers: Uint16Array | undefined;
    /** Names of the labels, where the file has them. */
    readonly keys: readonly string[] | undefined;
    private constructor();
    /** Samples in all. */
    get length(): number;
    /** @throws LapicqueError `invalid-parameter`, `malformed-file`, `too-large`, `aborted` */
    sample(index: number): Promise<ShdSample>;
    [Symbol.asyncIterator](): AsyncGenerator<ShdSample>;
    /** Gives the file free. Twice is as good as once. */
    close(): void;
    [Symbol.dispose](): void;
}

/**
 * Recurrent layers of current-based neurons and a leaky readout, as used for the Spiking Heidelberg Digits (B. Cramer et al.,
 * IEEE Transactions on Neural Networks and Learning Systems 33(7), 2022): 700-256-256-20 with 381,972 parameters. Train it
 * with `loss.crossEntropyMeanMembrane()` or `loss.crossEntropyMaxMembrane()`.
 *
 * @returns a network from `[channels]` to `[classes]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 * @example
 * ```ts
 * const model = await models.shdRecurrent({ hidden: [128] }).compile({ seed: 1 });
 * ```
 */
declare function shdRecurrent(options?: ShdRecurrentOptions): Network;

/** Options of {@link shdRecurrent}. */
declare interface ShdRecurrentOptions {
    /** Channels of the cochlea; default 700. */
    channels?: number;
    /** Neurons of each recurrent layer; default `[256, 256]`. */
    hidden?: readonly number[];
    /** Default 20: ten digits in two languages. */
    classes?: number;
    /** The hidden neurons; default decays of 0.9 (current) and 0.95 and the fast sigmoid's surrogate with slope 25. */
    neuron?: CubaLifOptions;
}

/** One sample of SHD or SSC. */
export declare interface ShdSample {
    /** Seconds, as stored: numbers of 16, 32 or 64 bits. */
    readonly times: Float32Array | Float64Array;
    /** The unit that fired at each time, from 0 to 699. */
    readonly units: Uint16Array;
    readonly label: number;
    /** `undefined` where the file does not say. */
    readonly speaker: number | undefined;
}

/** One side: `floor((side + 2 padding - reach) / stride) + 1`; 0 where the window reaches beyond the padded image. */
declare type Side<W extends SlidingWindow, Axis, Pixels extends number> = [W['outputPadding']] extends [
undefined
] ? Steps<Subtract<Add<Pixels, Multiply<2, At<W['padding'], Axis>>>, Reach<W, Axis>>, At<W['stride'], Axis>> : [W['outputPadding']] extends [readonly number[]] ? Enlarged<W, W['outputPadding'], Axis, Pixels> : number;

/** A value of the target that a rule reads at the end of every step. Numbers are values or names of parameters. */
export declare interface Sight {
    /** A state of the target's model, such as `v`, or a previously defined observed value. */
    of: string;
    /**
     * Time constant of a low-pass filter in ms, exact for values that change linearly within a step; default no filter.
     */
    tau?: number | string;
    /** Delay of the observed value in ms; default 0. */
    delay?: number | string;
    /**
     * The value that replaces the state for `time` ms after a spike of the target. It stands for the spike's waveform,
     * which neurons with an immediate reset do not have.
     */
    held?: {
        value: number | string;
        time: number | string;
    };
}

/**
 * Surrogate gradient `slope s (1 - s), s = 1 / (1 + exp(-slope x))` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 sigmoid, here without its overflow; SpikingJelly 2.0.0 Sigmoid (slope alpha).
 */
declare function sigmoid(options?: {
    /** a number above 0; default 25, under `like: 'spikingjelly'` 4. */
    slope?: number;
}): Surrogate;

/**
 * sigmoid gate: `out = value / (1 + exp(-gate))`.
 *
 * As computed: `out[t] = value[t] / (1 + exp(-gate[t])); nothing is carried from step to step`. States:
 * - `out`: what leaves
 *
 * Source: Y. N. Dauphin et al., Language modeling with gated convolutional networks, ICML 2017; the receptance of RWKV and SpikeGPT.
 *
 * @returns a population with the ports `gate`, `value`: what feeds it is cut into 2 parts, for `gate`, `value`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function sigmoidGate<const N extends number = number>(options?: SigmoidGateOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link sigmoidGate}. */
export declare interface SigmoidGateOptions<N extends number = number> extends PopulationOptions<N> {
}

/**
 * Builds a network, runs it from its start and frees it. Within a trial of a study it keeps checkpoints of its state and recording; a killed
 * trial continues from them with the same result.
 *
 * @param options - `onProgress` receives the number of finished steps
 * @returns spikes and traces
 * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of the wrong value; `too-large`
 * before anything is built; `non-finite` with population, neuron and state, or with connection and source if a plastic weight is out of
 * range; `aborted`
 */
export declare function simulate(network: Circuit, options: SimulateOptions): Promise<Recording>;

/** The result of {@link simulateMany}: columns with one number per row. */
export declare class SimulatedRows<A extends string = string> {
    #private;
    readonly rows: number;
    /** The value of each axis in each row. */
    readonly axes: {
        readonly [K in A]: Float64Array;
    };
    readonly seeds: Float64Array;
    /** By `population.statistic`, such as `E.rate`, and by the names of recorded means; NaN in failed rows. */
    readonly columns: Readonly<Record<string, Float64Array>>;
    /** Ascending. */
    readonly failed: readonly FailedRow[];
    /** Number of rows that ran at a time: the number of threads, or fewer if memory is short. */
    readonly atATime: number;
    /**
     * The spikes of a row; empty for a failed one.
     *
     * @throws LapicqueError `invalid-parameter` for a row that does not exist, or if `spikes: true` was not set
     */
    spikesOf(row: number): RowSpikes;
    /** The rows as objects: axes, `seed` and columns by name. A failed row has `error`, the error message. */
    toJSON(): Record<string, number | string>[];
}

/**
 * Simulates a network once for each row of a sweep: with the row's parameters and seed, everything else equal. Each row
 * is bit for bit the result of `compile` with the row's seed and `run`, for a network with the row's numbers. The seed
 * of a row also determines its wiring.
 *
 * The network is described and checked once, and all rows run in one call of the engine, each on one thread. Rows with
 * the same parameters share their neurons; rows with the same seed share their synapses unless an axis changes them.
 * The engine computes the statistics, so no spikes are copied to JavaScript.
 *
 * @example
 * ```ts
 * const sweep = await simulateMany(balanced, {
 *   axes: { 'E.tauMem': [10, 20, 30], 'drive.rate': [6000, 8000, 10_000] },
 *   seeds: [1, 2, 3],
 *   measure: ['rate', 'cv', 'synchrony'],
 *   transient: 200,
 *   duration: 1000,
 * });
 * const { axes, seeds, columns } = sweep; // 27 rows: columns['E.rate'][i] is that of axes['E.tauMem'][i] and seeds[i]
 * ```
 * @param options - `onProgress` receives the number of finished rows; `signal` ends rows at their next step
 * @returns columns with one number per row; failed rows, for example with infinite values, are listed in `failed`, and
 * the others continue
 * @throws LapicqueError `unknown-name` for axes that the network does not have, `invalid-parameter` for options, and if
 * no row can be built; `too-large`, before anything is built, if memory cannot hold one row; `aborted`
 */
export declare function simulateMany<const A extends string = never>(network: Circuit, options: SimulateManyOptions<A>): Promise<SimulatedRows<A>>;

/** Options of {@link simulateMany}. */
export declare interface SimulateManyOptions<A extends string = string> extends TaskOptions, DesignOptions {
    /**
     * Values by axis. The name of an axis is the name of an element of the network, a dot, and the name of a number.
     * - For a population: a parameter of its neurons (`'E.tauMem'`), its `size`, an initial state (`'E.initial.v'`).
     * - For a connection: `weight`, `delay`, a number of its rule (`count`, `p`, `mean`), a parameter of its synapse
     *   model. The connection is named by its `name`; several with the same name change together. Without a name, by its
     *   ends: `'E>I.weight'`, or short `'EI.weight'`.
     * - For an input: `rate` and `weight` of `poisson`, `mean` and `sd` of `noise`, `current` of `currentSource`, by its
     *   `name`.
     *
     * If the network has a distribution, the axis replaces it, or is one of its numbers: `'EE.weight.mean'`.
     */
    axes: {
        readonly [K in A]: AxisValues;
    };
    /**
     * `'grid'` (default): every combination of values and seeds; the first axis changes slowest, the seed fastest.
     * `'zip'`: row `i` has value `i` of each axis and seed `i`. `'sample'`: `samples` rows with values drawn from the
     * distributions and lists of the axes.
     */
    design?: Design;
    /** Seeds of wiring, initial values and noise: one for all rows (default 0), or a list. */
    seeds?: number | readonly number[] | Float64Array;
    /** Number of rows of the design `'sample'`. */
    samples?: number;
    /** Seed of that design; default 0. */
    sampleSeed?: number;
    /** The statistics of each row; default `['rate']`. */
    measure?: readonly SweepStatistic[];
    /** Measured time of each row in ms, an integer number of steps. */
    duration: number;
    /** Time that each row is simulated before, in ms; default 0. */
    transient?: number;
    /** Time step in ms; default that of the network, or 0.1. */
    dt?: number;
    /** As in `compile`; default `'f32'`. */
    precision?: Precision;
    /**
     * Number of threads, each of which computes one row at a time; default that of `setThreads`. Results do not depend on
     * it.
     */
    threads?: number;
    /** Whether the spikes of each row are recorded; default false. */
    spikes?: boolean;
}

/** Options of {@link simulate}. */
export declare interface SimulateOptions extends CompileOptions {
    /** In ms, a whole number of steps. */
    duration: number;
}

/** A running network, made by `network(…).compile()`. Several short runs give the same result as one long run, bit for bit. */
export declare class Simulation implements Disposable {
    #private;
    /** By name, in the order in which neurons are numbered. */
    readonly populations: Readonly<Record<string, PopulationRange>>;
    /** Neurons of all populations. */
    readonly neurons: number;
    readonly synapses: number;
    /** The memory estimate from before the network was built; a network that needs more than the available memory is refused. */
    readonly bytes: number;
    /**
     * Populations and connections that are computed in double precision although `precision` is `'f32'`, because a state, trace or weight
     * changes so slowly that single precision would lose the change.
     */
    readonly inDoublePrecision: readonly string[];
    /** How the synapses of each connection are stored, in the order of the connections. */
    readonly storage: readonly SynapseStorage[];
    /** Time step in ms. */
    readonly dt: number;
    readonly seed: number;
    readonly precision: Precision;
    /** The network as a table: how the synapses of each connection are stored, their memory, and the total. */
    summary(): string;
    /** Simulated time in ms at the end of the last finished run. */
    get time(): number;
    /** Poisson trains, noise and currents, which {@link set} takes by these names. */
    get inputs(): readonly Input[];
    /**
     * Continues for `duration` ms, a whole number of steps.
     *
     * @returns spikes and traces of these steps, times counted from the start of the simulation
     * @throws LapicqueError `non-finite` with population, neuron and state, or with connection and source if a plastic weight is out of
     * range; `invalid-parameter` for a parameter that `intrinsic` moves out of its range; `aborted`: the simulation then stays at the step where it stopped, and may go on from there, but what
     * it recorded since the call is lost ({@link chunks} loses less)
     */
    run(duration: number, options?: TaskOptions): Promise<Recording>;
    /**
     * The same in chunks, for long recordings: each chunk is the recording of `every` ms.
     *
     * @example
     * ```ts
     * for await (const { times, ids } of simulation.chunks(60_000, 1000)) write(times, ids);
     * ```
     */
    chunks(duration: number, every: number, options?: TaskOptions): AsyncGenerator<Recording, void, undefined>;
    /** Connections with plastic synapses, by the names of their populations. */
    get plastic(): readonly (readonly [from: string, to: string])[];
    /**
     * The synapses of the connection from `from` to `to` that has a synapse model, after all runs that were
     * requested before. If there are several such connections, the synapses of all, concatenated.
     *
     * @param from - a population or a source, or its name; connections from its slices are included
     * @param to - a population, or its name
     * @throws LapicqueError `unknown-name` when there is none
     */
    plasticSynapses(from: Cells | SpikeSource | string, to: Cells | string): Promise<PlasticSynapses>;
    /**
     * Only the weights, in the order of {@link plasticSynapses}, in the simulation's precision and a fifth of the memory. If no
     * connection between the two has a synapse model: the static weights, in the order of {@link connections}.
     *
     * @throws LapicqueError `unknown-name` when there is no such connection
     */
    weights(from: Cells | SpikeSource | string, to: Cells | string): Promise<Float32Array | Float64Array>;
    /**
     * Sets the weights of the synapses of {@link weights}, in that order. It takes effect after all runs that were requested before. Saved states
     * contain them. For static synapses the rows are built again: this takes about the time of compiling them and, briefly, their memory
     * twice. Spikes that are on their way arrive with the new weights.
     *
     * Plastic synapses: spikes that are on their way arrive with the new weights. Plasticity events that `weights` already includes, but that
     * are applied only with the next spike of the source, change the new weights by the same amount.
     *
     * @example
     * ```ts
     * const { targets, weights } = await simulation.plasticSynapses(input, E); // the weights onto each neuron sum to 80
     * const sums = new Float64Array(E.size);
     * weights.forEach((w, i) => (sums[targets[i]!]! += w));
     * await simulation.setWeights(input, E, weights.map((w, i) => (80 * w) / sums[targets[i]!]!));
     * ```
     * @param weights - one per synapse, or one number for all
     * @throws LapicqueError `unknown-name` when there is no such connection, `shape-mismatch`, `invalid-parameter` for a weight beyond the
     * bounds of the rule (without bounds: beyond 128 times the largest initial weight, in f64 1,024 times), or one that the precision cannot
     * represent together with others of its port. After an error nothing has changed
     */
    setWeights(from: Cells | SpikeSource | string, to: Cells | string, weights: number | readonly number[] | Float32Array | Float64Array): Promise<void>;
    /**
     * Sets variables of the synapses of {@link plasticSynapses}, as {@link setWeights} sets weights: for example to reset an eligibility
     * trace, or to set a constant variable, which serves as a parameter of each synapse.
     *
     * @example
     * ```ts
     * const { weights } = await simulation.plasticSynapses(E, E);
     * const u = distribution.draw(distribution.normal(0.5, 0.1, { min: 0, max: 1 }), weights.length, 1);
     * await simulation.setVariables(E, E, { u });
     * ```
     * @param values - by name, each one number for all synapses or one per synapse
     * @throws LapicqueError `unknown-name`, `shape-mismatch`, `invalid-parameter`; after an error nothing has changed
     */
    setVariables(from: Cells | SpikeSource | string, to: Cells | string, values: Readonly<Record<string, number | readonly number[] | Float32Array | Float64Array>>): Promise<void>;
    /**
     * Synaptic elements and calcium of the connection with structural plasticity from `from` to `to`.
     *
     * @throws LapicqueError `unknown-name` when there is none
     */
    synapticElements(from: Cells | SpikeSource | string, to: Cells | string): Promise<SynapticElements>;
    /**
     * The synapses between two populations, or from a source to one, static and plastic, after all runs that
     * were requested before. Without an argument: from or to any population.
     *
     * @param from - a population, a source or a slice of one, or its name
     * @throws LapicqueError `unknown-name`, `too-large`
     */
    connections(from?: Presynaptic | string, to?: Postsynaptic | string): Promise<Synapses>;
    /**
     * A state or parameter of neurons, a value of an input, or of a connection's synapses, after all runs that were requested before.
     *
     * @param of - a population or a slice of one; a result of `connect`; or the name of a population or input
     * @returns for neurons one value per neuron; for an input one value, one per target neuron, or over time `{ times, values }` with the values of
     * each time concatenated; for a connection one value per synapse, in the order of {@link connections}
     * @throws LapicqueError `unknown-name`
     */
    get(of: Postsynaptic, name: string): Promise<Float64Array>;
    get(of: Connection | string, name: 'rate' | 'current'): Promise<Float64Array | InputCourse>;
    get(of: Postsynaptic | Connection | string, name: string): Promise<Float64Array>;
    /**
     * Sets parameters and states of neurons, rates and currents of inputs, and weights of synapses between two runs, without
     * compiling again. It takes effect after all runs that were requested before. Saved states contain the values, and {@link restore}
     * restores them.
     *
     * @example
     * ```ts
     * const background = connect(poisson(8000), excitatory, { weight: 20, name: 'background' });
     * await simulation.run(1000);
     * await simulation.set(excitatory.slice(0, 100), { iBias: 200, v: -65 });
     * await simulation.set(background, { rate: { times: [1000, 1500], values: [8000, 12_000] } });
     * await simulation.set('background', { weight: 25 });
     * await simulation.set(recurrent, { weight: 18 }); // a result of connect(…)
     * await simulation.run(1000);
     * ```
     * @param of - a population or a slice of one; a result of `connect`; or the name of a population or input
     * @param values - for neurons by name, each one number for all or one per neuron; for inputs {@link InputValues}, with times of the
     * simulation; for connections `weight` and the variables of their model, each one number or one per synapse in the order of
     * {@link connections}
     * @throws LapicqueError `unknown-name`, `shape-mismatch`, `invalid-parameter` with the path of the wrong value; `unsupported`
     * for a value that would change the set of states; after an error nothing has changed
     */
    set(of: Postsynaptic | Connection | string, values: Readonly<Record<string, number | readonly number[] | Float64Array | Float32Array>> | InputValues): Promise<void>;
    /** The state of the simulation: states of all neurons, and spikes on their way, after all runs that were requested before. */
    save(): Promise<SimulationState>;
    /**
     * Continues from a state of the same network with the same time step. With the same seed, the simulation continues exactly as the saved
     * one. Another seed gives other noise, and is refused if it determines synapses, because a state does not contain them.
     *
     * @param state - a result of {@link save}, or a file of {@link saveFile}: its path or `file:` URL, its bytes, or a stream of them
     * @param options - for a file; `limits`: the memory that it may take
     * @throws LapicqueError `shape-mismatch`, `invalid-parameter`, `malformed-file`, `too-large`, `io`, `aborted`; after an error the simulation is unchanged
     */
    restore(state: SimulationState | FileSource, options?: LoadOptions): Promise<void>;
    /**
     * Writes the state to a `.safetensors` file, atomically and exactly.
     *
     * @param target - a path or a `file:` URL, or a `WritableStream`; {@link stateBytes} gives bytes
     * @throws LapicqueError `io`
     */
    saveFile(target: FileTarget): Promise<void>;
    /** The bytes of the file that {@link saveFile} writes. */
    stateBytes(): Promise<Uint8Array<ArrayBuffer>>;
    /** Frees the native memory; using the simulation afterwards throws `disposed`. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/** Where a simulation is. Plain data: it can be stored, sent to another thread, and looked at. */
export declare interface SimulationState {
    /** Steps done since the start. */
    readonly step: number;
    /** How long they are, in ms. */
    readonly dt: number;
    /** Of the simulation; `null` from a file that does not say it, as the first ones. */
    readonly seed: number | null;
    readonly populations: readonly {
        readonly name: string;
        /** Each state of the model in its order, one value per neuron. */
        readonly states: readonly {
            readonly name: string;
            readonly values: Float64Array;
        }[];
    }[];
    /** Spikes that have not arrived everywhere: the step of each, and its neuron. */
    readonly inFlightSteps: Float64Array;
    readonly inFlightIds: Uint32Array;
    /** What synapses that change have learned, as the engine packs it; see {@link Simulation.plasticSynapses} for their values. */
    readonly plastic: Uint8Array;
    /**
     * What {@link Simulation.set} and {@link Simulation.setWeights} changed, as the engine packs it. Where it is missing, as in states of
     * before it was held, what is set stays as it is.
     */
    readonly changes?: Uint8Array;
}

/** One of the parameters `K` and none of the others. */
export declare type Single<K extends string> = {
    [One in K]: {
        readonly [P in One]: ParameterValue;
    } & None<Exclude<K, One>>;
}[K];

/**
 * Surrogate gradient `height exp(-|x| / width)` with `x = v - vThreshold`.
 * Source: S. Shrestha, G. Orchard, SLAYER, 2018; sinabs 3.1.3 SingleExponential; lava-dl with height scale / (2 tau).
 */
declare function singleExponential(options?: {
    /** a number above 0; default 1. */
    height?: number;
    /** a number above 0; default 0.5. */
    width?: number;
}): Surrogate;

/** What is known of a shape; `number`, and of pixels `readonly number[]`, stands for what is not. */
declare interface Sizes<N extends number = number, C extends number = number, P extends readonly number[] = readonly number[]> {
    readonly elements: N;
    readonly channels: C;
    /** `[height, width]`, `[width]`, or `[]`. */
    readonly pixels: P;
}

/** What can be cut as an array is. */
export declare interface Sliceable<S> {
    /**
     * Some of the neurons, as `Array.prototype.slice` counts them: from `start` to before `end`, negative ones from the end.
     *
     * @throws LapicqueError `invalid-parameter` when none are left
     */
    slice(start?: number, end?: number): S;
}

/** The objective of a study over one parameter at a time, the twelve most important ones by default. @throws LapicqueError `invalid-parameter`, `unknown-name` */
declare function slices<P>(results: ReportedResults<P>, options?: ParametersFigureOptions): Promise<Figure>;

/** The pixels behind a window; `readonly number[]` where those before it are not known. */
declare type Slid<W, P extends readonly number[]> = W extends SlidingWindow ? number extends P['length'] ? readonly number[] : {
    readonly [Axis in keyof P]: Side<W, Axis, P[Axis]>;
} : readonly number[];

export declare namespace sliding {
    export {
        SlidingWindow,
        WindowOf,
        PoolWindow,
        FurtherOf,
        PerAxis,
        Slid,
        Side,
        Steps,
        Enlarged,
        OrNone,
        Reach,
        At,
        WindowRefused,
        HasNone,
        Listed
    }
}

/**
 * Sliding parallel spiking neurons (W. Fang et al., NeurIPS 2023): `s[t] = 1 where Σ kernel[lag] x[t - lag] + bias >= 0`
 * over `order` lags, one learned kernel for all neurons, for sequences of any length and sessions. SpikingJelly's
 * `SlidingPSN`, whose weights are in the other order, begins as here with `2^-lag` and a bias of -1.
 *
 * @param order - lags that are seen, from 1 to 65,536
 * @returns two layers, which keep the shape that enters; weights `[1, order]` and bias `[1]` are those of the first
 * @throws LapicqueError `invalid-parameter` for an order below 1
 */
export declare function slidingPsn(order: number, options?: ParallelOptions): readonly [Filter, Population];

/** A window as convolutions and pools have it, a number for each axis; `outputPadding` of transposed convolutions only. */
declare interface SlidingWindow {
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly padding: readonly number[];
    readonly dilation: readonly number[];
    readonly outputPadding: readonly number[] | undefined;
}

/**
 * spiking long short-term memory, real gates: `c = sigmoid(f) c + sigmoid(i) tanh(g); v = sigmoid(o) tanh(c)`.
 *
 * As computed: `c[t] = sigmoid(f[t]) c[t-1] + sigmoid(i[t]) tanh(g[t]); v[t] = sigmoid(o[t]) tanh(c[t]); s[t] = 1 if v[t] > vThreshold else 0; where recurrent, v[t-1] enters the ports, not s[t-1]`. States:
 * - `v`: hidden value, the membrane
 * - `c`: cell
 *
 * Source: S. Hochreiter, J. Schmidhuber, Neural Comput. 9, 1997; snnTorch 1.0.0 SLSTM; gates in the order of torch.nn.LSTMCell.
 *
 * @returns a population with the ports `i`, `f`, `g`, `o`: what feeds it is cut into 4 parts, for `i`, `f`, `g`, `o`, unless an edge names its port; where recurrent it feeds back `v`, not its spikes
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function slstm<const N extends number = number>(options?: SlstmOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link slstm}. */
export declare interface SlstmOptions<N extends number = number> extends PopulationOptions<N> {
    /** hidden value at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** what a spike of the step before does to v: nothing, take vThreshold off it, or set it to 0; default `'none'`. */
    reset?: 'none' | 'subtract' | 'value' | 'zero';
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: SLSTM; its state is kept where 1.0.0 forgets it (input_size other than hidden_size). */
    like?: 'snntorch';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'vThreshold'[];
}

/**
 * Surrogate gradient `threshold where x < 0, else -threshold` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 triangular, which is no triangle.
 */
declare function snntorchTriangular(options?: {
    /** a finite number; default 1. */
    threshold?: number;
}): Surrogate;

/** {@link SobolSearch}: I. M. Sobol', 1967, direction numbers of S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30, 2008. */
declare function sobol(options?: OptionsOf_2<SobolSearch>): SobolSearch;

/** Low-discrepancy points, in any number; most even at powers of two. Up to 1,024 parameters. */
declare interface SobolSearch {
    readonly kind: 'sobol';
    /**
     * Owen scrambling by the seed. Without it, every study has the same points, and the first one is all lower bounds.
     * Default true.
     */
    readonly scramble?: boolean;
}

/**
 * Surrogate gradient `1 / (2 alpha (1 / alpha + |x|)^2)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 SoftSign.
 */
declare function softSign(options?: {
    /** a number above 0; default 2. */
    alpha?: number;
}): Surrogate;

/** Makes neurons of a model that is no built-in one of NEST's. */
export declare type SonataModel = (n: number, params: SonataParams, options: {
    name: string;
    layout?: Layout;
}) => Cells;

/** What {@link loadSonata} gives. */
export declare interface SonataNetwork {
    /** Populations have the names of SONATA's; where a population has neurons of several models, `name:model`. */
    readonly network: Circuit;
    /** In ms. */
    readonly dt: number;
    /** `tstop` of the simulation in ms, if the file is of one. */
    readonly duration?: number;
    readonly nodes: Readonly<Record<string, SonataNodes>>;
    /** The reports of the configuration that the network records. */
    readonly reports: readonly SonataReportPlan[];
    /** Statements of the files without effect: reports that cannot be recorded, attributes that are no parameters. */
    readonly warnings: readonly string[];
    /**
     * Writes the output files of the configuration from a recording of this network: `spikes_file` with the spikes of all neurons (not of virtual nodes),
     * and the file of each report. Files are replaced, unless `overwrite_output_dir` is false.
     *
     * @example
     * ```ts
     * const v1 = await loadSonata('simulation_config.json');
     * const recording = await simulate(v1.network, { duration: v1.duration!, dt: v1.dt });
     * const paths = await v1.writeReports(recording);
     * ```
     * @returns the paths of the files
     * @throws LapicqueError `unknown-name` for a recording of another network; `invalid-parameter` for a file name that leads out of the folder, or a file
     * that must not be replaced; `io`; `aborted`
     */
    writeReports(recording: Recording, options?: SonataOutputOptions): Promise<readonly string[]>;
}

/** A population of nodes: neurons and virtual ones. */
export declare interface SonataNodes {
    readonly size: number;
    /** `node_id` of each. */
    readonly ids: Float64Array;
    /** Names of what is said of them, by the nodes or their types. */
    readonly attributes: readonly string[];
    /** One value per node; `undefined` for nodes without it. */
    attribute(name: string): readonly (string | number | undefined)[] | undefined;
    /**
     * Populations and sources of the network that they became, one for each model: neuron `i` is the node at place `nodes[i]` of
     * `ids`.
     */
    readonly populations: readonly {
        readonly name: string;
        readonly nodes: Uint32Array;
    }[];
}

/** Options of {@link loadSonata}. */
export declare interface SonataOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
    /** Step in ms to which delays, refractory periods and spike times are rounded; default that of the simulation, or 0.1. */
    dt?: number;
    /**
     * Neurons by their `model_template`, in place of NEST's or beside them: a function of their number, their parameters
     * (`dynamics_params`, one value for all or a `Float64Array`) and the `name` and `layout` that the population is to have.
     */
    models?: Readonly<Record<string, SonataModel>>;
    /**
     * Synapses that change by the `model_template` of edges, in place of NEST's or beside them: a function of the parameters (`dynamics_params`) that edges have
     * in common. Models of the library need none: `lapicque:clopath` with the names of its options.
     */
    synapses?: Readonly<Record<string, SonataSynapse>>;
    /**
     * Whether the network records what the configuration has under `reports`; default true. Spikes of all neurons are recorded either way.
     */
    reports?: boolean;
}

/** Options of {@link SonataNetwork.writeReports}. */
export declare interface SonataOutputOptions extends Pick<TaskOptions, 'signal'> {
    /** Where the files go; default `output_dir` of the configuration. The folder is made if there is none. */
    folder?: string | URL;
}

/** Parameters of the neurons that a model makes: one value for all, or one for each. */
export declare type SonataParams = Readonly<Record<string, unknown>>;

/**
 * Spikes and reports of a SONATA simulation as one recording, as `simulate` gives it: for figures and all else that takes one. Neuron `i` of a population
 * is the `i`-th of the nodes that its parts name, ascending; a trace has the nodes of its report in their order, and of several elements of a node the one with
 * the smallest number (the soma, before the dendrites). `synapticEvents` is NaN, because files do not tell.
 *
 * @example
 * ```ts
 * const spikes = await readSonataSpikes('output/spikes.h5');
 * const recording = await sonataRecording({ spikes, reports: { v: await readSonataReport('output/v.h5') } });
 * await writeReport('page', { title: 'V1', raster: recording, traces: recording, rates: recording });
 * recording.traces['v1.v']; // { times, values }
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export declare function sonataRecording(parts: SonataRecordingParts): Promise<Recording>;

/** What `sonataRecording` takes. */
export declare interface SonataRecordingParts {
    /** What `readSonataSpikes` gave. */
    spikes?: Readonly<Record<string, SonataSpikes>>;
    /** What `readSonataReport` gave, by the name of its variable. */
    reports?: Readonly<Record<string, Readonly<Record<string, SonataReport>>>>;
    /** Start and end of the recording, in ms; default the earliest start and the latest end of its parts. */
    start?: number;
    stop?: number;
}

/**
 * Values of the elements (compartments, synapses) of one population's nodes over time. With one element per node it is a trace like those of a recording:
 * `values[frame * nodes + i]` is the node `nodeIds[i]`.
 */
export declare interface SonataReport extends Trace {
    /** Time of each frame, in ms. */
    readonly times: Float64Array;
    /** `[frames, elements]` */
    readonly values: Float64Array;
    /** `node_id` of each node. */
    readonly nodeIds: Float64Array;
    /** `[nodes + 1]`: node `i` has the elements from `pointers[i]` to before `pointers[i + 1]`. */
    readonly pointers: Uint32Array;
    /** `element_id` of each element; for compartments the section (0 is the soma). */
    readonly elementIds: Float64Array;
    /** Position of each element in its section, from 0 to 1, if the file has it. */
    readonly elementPositions?: Float64Array;
    /** Time of the first frame, and one step after the last frame, in ms. */
    readonly start: number;
    readonly stop: number;
    /** Between two frames, in ms. */
    readonly dt: number;
    /** Unit of the values as the file states it; `''` without a statement. */
    readonly units: string;
    /** Name of the recorded variable, such as `'v'`, if the file has it. */
    readonly variable?: string;
    /** What the file leaves open or states wrongly, and what was assumed. */
    readonly warnings: readonly string[];
}

/** Values that are written: those of a file, or a trace of a recording with what the file says of it. */
export declare interface SonataReportData {
    /** Time of each frame, in ms, at equal distances. */
    readonly times: ArrayLike<number>;
    /** `[frames, elements]` */
    readonly values: ArrayLike<number>;
    /** `node_id` of each node; default 0, 1, 2 … */
    readonly nodeIds?: ArrayLike<number> | undefined;
    /** As in {@link SonataReport}; default one element for each node. */
    readonly pointers?: ArrayLike<number> | undefined;
    /** Default 0 each, the soma. */
    readonly elementIds?: ArrayLike<number> | undefined;
    /** Default 0 each. */
    readonly elementPositions?: ArrayLike<number> | undefined;
    /** Between two frames, in ms; default the distance of the first two. */
    readonly dt?: number | undefined;
    /** Unit of the values, such as `'mV'`. */
    readonly units: string;
    /** Name of the recorded variable, such as `'v'`. */
    readonly variable?: string | undefined;
}

/** Options of `readSonataReport`. */
export declare interface SonataReportOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
    /** Nodes to read, by population, in this order; default all, in the order of the file. */
    nodeIds?: Readonly<Record<string, ArrayLike<number>>>;
    /** Frames to read: from `start` to before `stop`, in ms. Default all. */
    start?: number;
    stop?: number;
    /** Name of the population in files from before populations were part of the format; default `'default'`. */
    population?: string;
}

/** A report of a configuration that the network records. */
export declare interface SonataReportPlan {
    readonly name: string;
    /** Its file within the folder of outputs. */
    readonly file: string;
    /** What is recorded, as the configuration says it: `'v'`, `'V_m'`. */
    readonly variable: string;
    readonly units: string;
    /** Frames are at `start + dt`, `start + 2 dt` … up to `end`, in ms, as NEST records them; `end` may be infinite. */
    readonly start: number;
    readonly end: number;
    readonly dt: number;
    /** `node_id` of its neurons, by population of nodes. */
    readonly nodeIds: Readonly<Record<string, Float64Array>>;
}

/** Options of `writeSonataReport`. */
export declare interface SonataReportWriteOptions extends Pick<TaskOptions, 'signal'> {
    /** Type of the stored values; default `'float32'`, as in SONATA. */
    type?: 'float32' | 'float64';
    /** Packs the values with deflate (h5py's gzip), at a level from 0 to 9; `true` is 4. Default not: libsonata of PyPI cannot unpack. */
    deflate?: boolean | number;
}

/** How the spikes of a file are sorted. */
export declare type SonataSorting = 'none' | 'by_id' | 'by_time';

/** Spikes of one population: trains for `analysis`, in the order of the file. Train `i` is that of the node `nodeIds[i]`. */
export declare interface SonataSpikes extends SpikeTrains {
    /** `node_id` of each train. */
    readonly nodeIds: Float64Array;
    /** The order that the file states and has; otherwise `'none'`. */
    readonly sorting: SonataSorting;
    /** What the file leaves open or states wrongly, and what was assumed. */
    readonly warnings: readonly string[];
}

/** Spikes that are written: those of a file, of a recording's population (`recording.of('E')`), or plain arrays. */
export declare interface SonataSpikesData {
    /** In ms. */
    readonly times: ArrayLike<number>;
    /** The train of each spike. */
    readonly ids: ArrayLike<number>;
    /** `node_id` of each train; default the train's number. */
    readonly nodeIds?: ArrayLike<number> | undefined;
}

/** Options of `readSonataSpikes`. */
export declare interface SonataSpikesOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
    /**
     * The nodes of populations, such as `nodes` of a `loadSonata`: each has a train then, and a spike of another node is refused. A population that is not
     * named here has the nodes that fire, ascending: a file of spikes does not name silent ones.
     */
    nodes?: Readonly<Record<string, {
        readonly ids: ArrayLike<number>;
    }>>;
    /** First and last time of the spikes to read, in ms; default 0 (or the first spike, if it is earlier) and the last spike of the file. */
    start?: number;
    stop?: number;
    /** Name of the population in files from before populations were part of the format; default `'default'`. */
    population?: string;
}

/** Options of `writeSonataSpikes`. */
export declare interface SonataSpikesWriteOptions extends Pick<TaskOptions, 'signal'> {
    /** How the spikes are sorted in the file; default `'by_time'`. `'none'` keeps their order. */
    sorting?: SonataSorting;
    /** Packs the datasets with deflate (h5py's gzip), at a level from 0 to 9; `true` is 4. Default not: libsonata of PyPI cannot unpack. */
    deflate?: boolean | number;
}

/** Makes synapses of a model that is no built-in one of NEST's, of the parameters that edges and their types have under `dynamics_params`. */
export declare type SonataSynapse = (params: Readonly<Record<string, number | string>>) => SynapseModel;

/** Some trains of a source. */
export declare interface SourceSlice extends Sliceable<SourceSlice> {
    readonly element: 'source-slice';
    readonly of: SpikeSource;
    readonly from: number;
    readonly to: number;
}

/** Parameters by name. */
declare interface Space {
    readonly [name: string]: SpaceNode;
}

export declare namespace space {
    export {
        uniform_2 as uniform,
        logUniform,
        int,
        choice,
        fixed,
        when,
        array,
        checkSpace,
        Uniform,
        LogUniform,
        Int,
        Choice,
        Fixed,
        When,
        List,
        SpaceNode,
        WhenNode,
        ListNode,
        Space,
        PlainValue,
        ValueOf,
        ParametersOf,
        Deciding,
        IsLiteral,
        Branches_2 as Branches,
        Branch,
        Flat,
        Checked
    }
}

/** Any part of a space; a plain object groups parameters. */
declare type SpaceNode = Uniform | LogUniform | Int | Choice<PlainValue> | Fixed<PlainValue> | WhenNode | ListNode | Space;

/** Sparse frames that became complete together. */
export declare interface SparseEventFrames {
    /** Of each frame the channels with events, ascending: `(polarity * height + row) * width + column`. */
    readonly channels: readonly Uint32Array[];
    /** Events of each of them. */
    readonly values: readonly Float32Array[];
    /** `[frames, polarity, height, width]` of the dense frames that they stand for. */
    readonly shape: readonly number[];
    readonly starts: Float64Array;
    readonly ends: Float64Array;
}

/** A matrix as a list of entries: entry `i` is in row `rows[i]` and column `columns[i]`. */
export declare interface SparseMatrix {
    readonly shape: readonly [rows: number, columns: number];
    readonly rows: Uint32Array;
    readonly columns: Uint32Array;
    readonly values: Float32Array | Float64Array;
}

/** Makes the matrix from the result of {@link readTensors}. */
export declare function sparseOf(file: Pick<TensorFile, 'tensors'>): SparseMatrix;

/** Power spectral density of the population rates, on a logarithmic axis (Welch's method). @throws LapicqueError `invalid-parameter`, `too-large`, `unknown-name` */
declare function spectrum(spikes: FigureSpikes, options: SpectrumOptions): Promise<Figure>;

/** Options of {@link spectrum}. */
declare interface SpectrumOptions extends FigureOptions {
    /** Length of a bin in ms; the highest frequency is half of its inverse. */
    bin: number;
    /** Length of a segment in ms, whose inverse is the resolution; default all the time. */
    segment?: number;
}

/**
 * SPIKE distance (T. Kreuz et al., Journal of Neurophysiology 109, 2013): the distance of the spikes around a time to
 * the nearest spikes of the other train, relative to the intervals, averaged over time. Edges by auxiliary spikes (E.
 * Satuvuori et al., Journal of Neuroscience Methods 287, 2017).
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function spikeDistance(trains: GivenSpikeTrains, options?: TaskOptions): Promise<PairMatrix>;

/**
 * SpikeGPT (R.-J. Zhu et al., TMLR 2024): each step reads a token and outputs the logits of the next one. A block adds
 * the spikes of two parts to each channel: `attention`, whose WKV recurrence is a weighted sum of all tokens so far
 * with decaying keys, and `feedForward`. The time axis of the neurons is that of the text. Train it on windows of a
 * text with `loss.crossEntropyMembrane()`, then generate text with `generate`.
 *
 * Initial weights are as in the authors' code: zero for channel mixing, except for values and the hidden layer; decays
 * and token mixes are spread over the channels. The embedding is initialized from a normal distribution.
 *
 * @returns a network from `[1]`, the number of a token, to one logit for each token
 * @throws LapicqueError `invalid-parameter` for invalid sizes, and without a vocabulary
 * @example
 * ```ts
 * const tokens = vocabulary(text);
 * const model = await models.spikeGPT({ vocabulary: tokens }).compile({ seed: 1 });
 * const loader = new DataLoader(tokenWindows(tokens.encode(text), { steps: 128 }), { batchSize: 32, shuffle: true });
 * await model.fit(loader, { epochs: 10, loss: loss.crossEntropyMembrane(), optimizer: adamw({ lr: 6e-3, maxNorm: 1 }) });
 * ```
 */
declare function spikeGPT(options: SpikeGPTOptions): Network;

/** Options of {@link spikeGPT}. */
declare interface SpikeGPTOptions {
    /** The characters of the model: a vocabulary, or a text that contains them all. */
    vocabulary: Vocabulary | string;
    /** Default 128. */
    channels?: number;
    /** Default 2. */
    blocks?: number;
    /** Hidden channels of the feed-forward part for each channel; default 4. */
    ratio?: number;
    /** Default `lif` with a time constant of two steps, a reset to 0 and the arc tangent's surrogate. */
    neuron?: Population;
}

/**
 * The time course whose average is {@link spikeDistance}.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function spikeProfile(trains: GivenSpikeTrains, options: TaskOptions & {
    pair: readonly [number, number];
}): Promise<DistanceProfile>;

/**
 * Surrogate gradient `slope exp(-beta |x - 1|)` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 spike_rate_escape, centred at x = 1 although x is v - vThreshold already.
 */
declare function spikeRateEscape(options?: {
    /** a number above 0; default 1. */
    beta?: number;
    /** a number above 0; default 25. */
    slope?: number;
}): Surrogate;

/** Spikes at given times. */
export declare interface SpikeSource extends Sliceable<SourceSlice> {
    readonly element: 'spike-source';
    readonly name?: string;
    readonly trains: readonly Float64Array[];
    readonly layout?: Layout;
}

/**
 * Sources that spike at given times.
 *
 * @param trains - for each source its ascending times in ms, whole multiples of `dt` above 0
 */
export declare function spikeSource(trains: readonly (readonly number[] | Float64Array | WholeNumbers)[], options?: {
    name?: string;
    layout?: Layout;
}): SpikeSource;

/**
 * SPIKE synchronization (T. Kreuz et al., Journal of Neurophysiology 113, 2015): the fraction of spikes that coincide
 * with a spike of the other train, within half of the shortest interval around the two; from 0 to 1. `mean` is the
 * fraction over the spikes of all pairs.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function spikeSynchronization(trains: GivenSpikeTrains, options?: TaskOptions): Promise<PairMatrix>;

/**
 * Spike times of one neuron between the steps of its method: where a step makes a spike, halves of it are taken until the spike
 * is found, to `dt / 2^40`; reset and rest of the step go on from there. With `method: 'rk4'` what is left is the error
 * of Runge and Kutta's method, so it serves as a reference for networks on a grid.
 *
 * @example
 * ```ts
 * const times = await spikeTimes(izhikevich({ a: 0.02, b: 0.2, c: -65, d: 6, method: 'rk4' }), { current: 14, duration: 100 });
 * ```
 * @returns ascending times in ms
 * @throws LapicqueError `invalid-parameter`; `unsupported` for a readout, for noise, for a refractory period, which is counted
 * in steps, and for neurons whose input or decay is for a step, however long (`lif({ beta })`, and `lif({ tauMem })` unless its
 * `inputScale` is one of time); `non-finite`; `aborted`
 */
export declare function spikeTimes(neuron: Population, options: SpikeTimesOptions): Promise<Float64Array>;

/** What {@link spikeTimes} is told. */
export declare interface SpikeTimesOptions extends TaskOptions {
    /** In ms. */
    duration: number;
    /** What enters the neuron: one value, or `values[i]` from `times[i]` ms on and 0 before; default 0. */
    current?: number | {
        times: readonly number[] | Float64Array;
        values: readonly number[] | Float64Array;
    };
    /** The longest step of the neuron's method, in ms; default 0.01. Its error falls with the step. */
    dt?: number;
}

/**
 * Spikes of `neurons` trains over `[start, stop]`: the train `ids[k]` has a spike at `times[k]`. Any order is allowed;
 * the order of a recording (by time) is the fastest. A train may have no spike.
 */
declare interface SpikeTrains {
    /** ms, all from `start` to `stop`; the times of one train must differ. */
    readonly times: Float64Array;
    /** From 0 to `neurons - 1`. */
    readonly ids: Uint32Array;
    readonly neurons: number;
    /** ms; default 0. */
    readonly start?: number | undefined;
    /** ms */
    readonly stop: number;
}

/**
 * Makes spike trains from one list of times per train.
 *
 * @param lists - spike times in ms
 * @throws LapicqueError `invalid-parameter` for invalid lists or non-finite numbers
 *
 * @example
 * ```ts
 * const trains = analysis.spikeTrains([[12, 40.5, 71], [13.1, 70]], { stop: 100 });
 * const { mean } = await analysis.spikeDistance(trains);
 * ```
 */
declare function spikeTrains(lists: readonly (ArrayLike<number> | WholeNumbers)[], span: SpikeTrainSpan): SpikeTrains;

/** Start and end of trains, in ms. */
declare interface SpikeTrainSpan {
    /** Default 0. */
    start?: number | undefined;
    stop: number;
}

/**
 * Spikformer (Z. Zhou et al., ICLR 2023): four convolutions convert the image to tokens, and a convolution with a
 * shortcut adds their positions. Blocks of spiking self-attention and perceptron follow, and a dense layer reads the
 * mean over tokens. The output population `li` passes its values on: train it with `loss.crossEntropyMeanMembrane()`,
 * which is the cross-entropy of the readout's mean over time. Order and neurons are those of SpikingJelly 2.0.
 *
 * @returns a network from `[channels, height, width]` to `[classes]`
 * @throws LapicqueError `invalid-parameter` for a number of channels that is not a multiple of 8
 * @example
 * ```ts
 * const model = await models.spikformer({ channels: 64, heads: 4 }).compile({ seed: 1 });
 * await model.fit(loader, { epochs: 5, steps: 4, loss: loss.crossEntropyMeanMembrane(), optimizer: adam({ lr: 1e-3 }) });
 * ```
 */
declare function spikformer(options?: SpikformerOptions): Network;

/**
 * One block of {@link spikformer}: `x += attention(x); x += perceptron(x)`.
 *
 * @param channels - number of input and output channels
 * @returns layers in sequence that keep the shape `[channels, height, width]` or `[channels, tokens]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 */
declare function spikformerBlock(channels: number, options?: SpikformerBlockOptions): readonly Layer[];

/** Options of {@link spikformerBlock}. */
declare interface SpikformerBlockOptions {
    /** Heads of the attention; default 8. */
    heads?: number;
    /** Hidden channels of the perceptron per channel; default 4. */
    ratio?: number;
    /**
     * The neuron of all layers except those after the attention; default `lif` with a time constant of 2 ms and reset to
     * 0.
     */
    neuron?: Population;
}

/** Options of {@link spikformer}. */
declare interface SpikformerOptions extends SpikformerBlockOptions {
    /** `[channels, height, width]` of an image; default `[1, 28, 28]`. */
    image?: readonly [number, number, number];
    /** Default 10. */
    classes?: number;
    /** Channels of a token, a multiple of 8 and of `heads`; default 128. */
    channels?: number;
    /** Default 2. */
    blocks?: number;
    /** Number of the four convolutions, from the last, that halve the image: 0 to 4; default 2. */
    halvings?: number;
}

/**
 * gated recurrent unit with spiking gates: `h = (1 - z) n + z h; r, z and n are 1 or 0`.
 *
 * As computed: `n = H(n[t] + H(r[t]) m[t]); h[t] = (1 - H(z[t])) n + H(z[t]) h[t-1]; s[t] = h[t]; H(x) = 1 if x > 0 else 0; what enters feeds r, z and n, what returns r, z and m`. States:
 * - `h`: hidden value, 0 or 1
 *
 * Source: SpikingJelly 2.0.0 SpikingGRU; gates in the order of torch.nn.GRUCell.
 *
 * @returns a population with the ports `r`, `z`, `n`, `m`: what feeds it is cut into 3 parts, for `r`, `z`, `n`, unless an edge names its port, and what it feeds back into parts for `r`, `z`, `m`
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function spikingGru<const N extends number = number>(options?: SpikingGruOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link spikingGru}. */
export declare interface SpikingGruOptions<N extends number = number> extends PopulationOptions<N> {
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
}

/**
 * long short-term memory with spiking gates: `c = min(f c + i g, 1); s = o c; i, f, g and o are 1 or 0`.
 *
 * As computed: `c[t] = min(H(f[t]) c[t-1] + H(i[t]) H(g[t]), 1); s[t] = H(o[t]) c[t]; H(x) = 1 if x > 0 else 0; for the gradient min(x, 1) is x`. States:
 * - `c`: cell, 0 or 1
 *
 * Source: A. Lotfi Rezaabad, S. Vishwanath, ICONS 2020; SpikingJelly 2.0.0 SpikingLSTM; gates in the order of torch.nn.LSTMCell.
 *
 * @returns a population with the ports `i`, `f`, `g`, `o`: what feeds it is cut into 4 parts, for `i`, `f`, `g`, `o`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function spikingLstm<const N extends number = number>(options?: SpikingLstmOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link spikingLstm}. */
export declare interface SpikingLstmOptions<N extends number = number> extends PopulationOptions<N> {
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
}

/** A training set and a test set that is held out from training. */
export declare interface Split {
    train: LabelledImages;
    test: LabelledImages;
}

/**
 * Surrogate gradient `1 / (pi (1 + k pi x^2))` with `x = v - vThreshold`.
 * Source: spyx arctan, whose square is of x alone.
 */
declare function spyxAtan(options?: {
    /** a number of at least 0; default 2. */
    k?: number;
}): Surrogate;

/**
 * Surrogate gradient `4 / T sum_{i=1}^{n-1} cos((2 i - 1) w x), w = 2 pi / T` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 SquarewaveFourierSeries, which sums n - 1 terms.
 */
declare function squarewaveFourier(options?: {
    /** a whole number from 1 to 64; default 2. */
    n?: number;
    /** a number above 0; default 8. */
    T?: number;
}): Surrogate;

/**
 * spike response model: `v(t) = sum over inputs of w epsilon(t - t_in) + sum over own spikes of eta(t - t_out); eta(s) = etaInit vThreshold exp(-s / tauEta)`.
 *
 * As computed: `psp[t] = left psp[t-1] + gain iSyn[t-1]; iSyn[t] = leftSyn iSyn[t-1] + x[t]; v[t] = psp[t] + exp(-dt / tauEta) eta[t-1]; s[t] = 1 if v[t] > vThreshold else 0; eta[t] = exp(-dt / tauEta) eta[t-1] + s[t] etaInit vThreshold; left, leftSyn and gain are those that make the sum exact`. States:
 * - `v`: membrane potential
 * - `iSyn`: input through the first exponential
 * - `psp`: sum of the responses to inputs
 * - `eta`: sum of the responses to own spikes
 *
 * Source: W. Gerstner, Phys. Rev. E 51, 1995; W. Gerstner, W. Kistler, Spiking Neuron Models, 2002, section 4.2 (SRM0).
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function srm<const N extends number = number>(options?: SrmOptions<N>): Population<N>;

/** Parameters and options of {@link srm}. */
export declare interface SrmOptions<N extends number = number> extends PopulationOptions<N> {
    /** time constant of the rise; of alpha the only one (ms); a number above 0; default 5. One number, or one a neuron. */
    tauSyn?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the decay; not of alpha (ms); a number above 0; default 10. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of the refractoriness (ms); a number above 0; default 10. One number, or one a neuron. */
    tauEta?: number | readonly number[] | Float64Array | Float32Array;
    /** refractoriness just after a spike, in thresholds (dimensionless); a finite number; default -1. One number, or one a neuron. */
    etaInit?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** response of v to an input, s ms after it: (s / tauSyn) exp(1 - s / tauSyn), or tauMem / (tauMem - tauSyn) (exp(-s / tauMem) - exp(-s / tauSyn)), or exp(-s / tauMem); 0 at s = 0; default `'alpha'`. */
    kernel?: 'alpha' | 'double-exponential' | 'exponential';
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('tauSyn' | 'tauMem' | 'tauEta' | 'etaInit' | 'vThreshold')[];
}

/**
 * Surrogate gradient `1 where x > 0, else mean variance` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 SSO without its noise: it draws (u - 0.5 + mean) variance, u uniform in [0, 1), of which this is the expectation.
 */
declare function sso(options?: {
    /** a finite number; default 0. */
    mean?: number;
    /** a number of at least 0; default 0.2. */
    variance?: number;
}): Surrogate;

/** A state as plain arrays, exact in either precision. */
export declare interface StateArrays {
    precision: 'f32' | 'f64';
    batch: number;
    layers: LayerStateArrays[];
    /** Per layer, its pending outputs: nonempty for layers with delays or filters over time. Default none. */
    pending?: Float64Array[];
}

/**
 * A state: its initial value; its unit, `'mV'`; both, `'-65 mV'`; or an object with both, where `init` may also be the
 * name of a parameter. Default 0 without a unit.
 */
export declare type StateDefinition<P extends string = string> = number | string | {
    readonly init?: number | NoInfer<P>;
    readonly unit?: string;
};

/** Tensors by name, as {@link writeTensors} takes them. */
export declare type StateDict = Map<string, Pick<FileTensor, 'data' | 'shape'>>;

/**
 * Exports the weights of a model as a `state_dict` for torch, snnTorch, SpikingJelly or Norse. {@link writeTensors} writes it to a
 * `.safetensors` file for `safetensors.torch.load_file`. With a `template`, a state_dict of the network that will load the weights, the
 * result has exactly its names and shapes, also for cells of recurrent networks; this reverses {@link Model.importWeights}. Without a
 * template, tensors are named after the layers (or after `names`), and a layer that is not a single module in the other library is refused.
 *
 * @example
 * ```ts
 * const tensors = await stateDictOf(model, { to: 'snntorch', template: 'net.pth' });
 * await writeTensors('trained.safetensors', tensors);
 * // Python: net.load_state_dict(safetensors.torch.load_file('trained.safetensors'))
 * ```
 * @returns tensors in single precision, by their names in the other library
 * @throws LapicqueError `weights-mismatch` if the template belongs to a different network; `unsupported`, with the layer's name, for a parameter
 * without a tensor in the other library; the errors of {@link readTensors} for the template; `disposed`
 */
export declare function stateDictOf(model: Model, options?: StateDictOptions): Promise<StateDict>;

/** Options of {@link stateDictOf}. */
export declare interface StateDictOptions extends Pick<ImportOptions, 'map' | 'stateDict' | 'signal'> {
    /** The library whose network loads the result. Default `'torch'`. */
    to?: Peer;
    /**
     * A state_dict of that network, as a file or as tensors. The result has its names and shapes, as `load_state_dict` requires. `map` assigns
     * modules to layers, as for {@link Model.importWeights}. Tensors without a parameter in the model keep their values from the template.
     */
    template?: GivenWeights | FileSource;
    /** Without a template: names of modules by the names of this model's layers. Default: the layers' names. */
    names?: Readonly<Record<string, string>>;
    /** The memory that the template may need. */
    limits?: Limits;
}

/** The name of a statistic; {@link SweepStatistic} defines them. */
export declare type StatisticName = 'spikes' | 'rate' | 'cv' | 'cv2' | 'lv' | 'fano' | 'synchrony' | 'means' | 'lfp';

/**
 * spike-timing-dependent plasticity of pairs: `post: w += aPlus (1 - x)^muPlus xPre; pre: w -= aMinus x^muMinus xPost; x = (w - wMin) / (wMax - wMin); dxPre/dt = -xPre / tauPlus, dxPost/dt = -xPost / tauMinus, each + 1 at its neuron's spikes`.
 *
 * As computed: at events only: traces decay by exp(-elapsed / tau), then w changes and is clipped to wMin … wMax, then the trace jumps; a presynaptic spike arrives with the weight it leaves behind. Variables of a synapse:
 * - `w`: weight (the unit of the weight)
 *
 * Source: G. Bi, M. Poo, J. Neurosci. 18, 1998; S. Song et al., Nat. Neurosci. 3, 2000; R. Gütig et al., J. Neurosci. 23, 2003; power law: A. Morrison et al., Neural Comput. 19, 2007.
 *
 * @throws LapicqueError `unknown-name` for an option that does not exist; where it is used, `invalid-parameter` for a
 * value out of range
 */
declare function stdp(options?: StdpOptions): SynapseModel;

/** Parameters and options of {@link stdp}. */
declare interface StdpOptions {
    /** time constant of the presynaptic trace (ms); a number above 0; default 20. */
    tauPlus?: number;
    /** time constant of the postsynaptic trace (ms); a number above 0; default 20. */
    tauMinus?: number;
    /** potentiation by a pair, as a part of wMax (dimensionless); a number of at least 0; default 0.01. */
    lambda?: number;
    /** potentiation by a pair at no distance (the unit of the weight); a finite number. */
    aPlus?: number;
    /** depression over potentiation (dimensionless); a number of at least 0; default 1. */
    alpha?: number;
    /** depression by a pair at no distance (the unit of the weight); a finite number. */
    aMinus?: number;
    /** power of the distance to wMax: 0 additive, 1 multiplicative (dimensionless); a number of at least 0; default 1. */
    muPlus?: number;
    /** power of the distance to wMin: 0 additive, 1 multiplicative (dimensionless); a number of at least 0; default 1. */
    muMinus?: number;
    /** smallest weight (the unit of the weight); a finite number; default 0. */
    wMin?: number;
    /** largest weight (the unit of the weight); a finite number; default 100. */
    wMax?: number;
    /** potentiation by the distance to wMax, or by (w / wMax)^muPlus; default `'bounds'`. */
    dependence?: 'bounds' | 'power-law';
    /** a spike pairs with all earlier ones of the other side, or with the last one alone; default `'all-to-all'`. */
    pairing?: 'all-to-all' | 'nearest';
    /** spikes of source and target that meet at the same time: neither sees the other, the one that comes first is seen by the other, or each sees the other; default `'neither'`. */
    coincidence?: 'neither' | 'pre-first' | 'post-first' | 'both';
    /** exp(-dt / tau) a step, or 1 - dt / tau; default `'exact'`. */
    decay?: 'exact' | 'euler';
    /** Fills in the parameters and options with which that simulator computes. nest: stdp_synapse. Of a pair that meets at the same time neither sees the other; brian2: the equations of its documentation, additive. */
    like?: 'nest' | 'brian2';
}

/**
 * The window of a plasticity rule: the change of a weight by a pair of spikes, against the time from the source's spike to the target's, made by driving a
 * synapse.
 *
 * @example
 * ```ts
 * const window = await figure.stdpWindow(synapse.stdp({ wMax: 2 }));
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`; errors of `driveSynapse`
 */
declare function stdpWindow(rules: SynapseModel | Readonly<Record<string, SynapseModel>>, options?: StdpWindowOptions): Promise<Figure>;

/** Options of {@link stdpWindow}. */
declare interface StdpWindowOptions extends FigureOptions {
    /** The weight before the pair, in the unit of the rule's parameters; default 1. */
    weight?: number;
    /** Largest distance of the two spikes, in ms; default 100. */
    range?: number;
    /** Pairs of spikes that follow each other, 1 to 1000; the change is that of one pair on average. Default 1. */
    pairs?: number;
    /** ms between two pairs; default 1000. */
    interval?: number;
}

/** The input of a {@link Session} in one step: the channels that fire, ascending, or a value for each channel. */
export declare type StepEvents = Exclude<WholeNumbers, Uint8Array | Int8Array> | Float32Array | Float64Array | readonly number[];

/** Options of {@link encode}.stepForward. */
export declare interface StepForwardOptions extends TaskOptions {
    /** By how much the signal must leave the reference, and by how much the reference moves then; a number above 0; default 0.1. */
    threshold?: number;
}

/** What losses of each step take too. */
export declare interface SteppedLossOptions {
    /** Whether the value of a sample is the mean of the values of its steps or their sum; default `'mean'`. */
    perStep?: 'mean' | 'sum';
}

/**
 * Surrogate gradient `1 / threshold where x >= -window, else 0` with `x = v - vThreshold`.
 * Source: rockpool StepPWL.
 */
declare function stepPwl(options?: {
    /** a number of at least 0; default 0.5. */
    window?: number;
    /** a number above 0; default 1. */
    threshold?: number;
}): Surrogate;

/** The report of one training step. */
export declare interface StepReport {
    loss: number;
    /** Each sample's share, `[batch]`. */
    perSample: Float64Array;
    /** Predicted labels, `[batch]`, by what `by` says. */
    labels: Uint32Array;
    /**
     * Predicted labels by spike count and by summed membrane, `[batch]`; by count is empty for a silent readout. Of a loss with
     * `populationClasses` they are the classes that most of it voted for.
     */
    byCount: Uint32Array;
    byMembrane: Uint32Array;
    /** Spikes of each population, in order. */
    spikes: number[];
    inputEvents: number;
    /** Before clipping; only where the optimizer clips by norm. */
    gradientNorm?: number | null;
    inputGradient?: Float64Array;
}

/**
 * States and spikes of a neuron while a constant current is switched on and off, made by running it.
 *
 * @example
 * ```ts
 * const response = await figure.stepResponse(population(adex, 1), { current: 800, unit: 'pA', states: ['v', 'w'] });
 * ```
 * @param neuron - a population of one neuron, of a built-in model or of your own equations
 * @throws LapicqueError `invalid-parameter`, `unknown-name`; errors of `simulate`
 */
declare function stepResponse(neuron: Cells, options: StepResponseOptions): Promise<Figure>;

/** Options of {@link stepResponse}. */
declare interface StepResponseOptions extends FigureOptions {
    /** The height of the step, in the unit of the neuron's input. */
    current: number;
    /** When the step begins and ends, in ms; default from 10 % to 80 % of the duration. */
    window?: readonly [number, number];
    /** In ms; default 200. */
    duration?: number;
    /** Length of a step of the simulation, in ms; default 0.1. */
    dt?: number;
    /** The states that are shown; default the first. */
    states?: readonly string[];
    /** The input of a neuron with several; default the model's own choice. */
    port?: string;
    /** Unit of the current, such as `'pA'`, for the label of its axis; default none. */
    unit?: string;
}

/** One more than how often a stride goes into what the first window leaves. */
declare type Steps<Left extends number, Stride extends number> = [Left] extends [never] ? 0 : Add<Divide<Left, Stride>, 1>;

/**
 * Surrogate gradient `1` with `x = v - vThreshold`.
 * Source: Y. Bengio et al. 2013; snnTorch 1.0.0 straight_through_estimator.
 */
declare function straightThrough(): Surrogate;

/** A step of a stream that had input or output. */
export declare interface StreamedStep {
    /** Number of the step, from 0. */
    readonly step: number;
    /** When it begins, in µs of the recording. */
    readonly t: number;
    /** Channels that fired in it. */
    readonly input: Uint32Array;
    /** Output neurons that fired, ascending. */
    readonly spikes: Uint32Array;
}

/**
 * Feeds a session with a stream of events, one step of `step` µs after the other: what falls into a step is its input, each channel
 * once (`(polarity * height + row) * width + column`). The source is read only as fast as steps are taken (back-pressure), and as the
 * reader of a slow consumer waits for it. The spikes are those of {@link Session.push} with the same inputs.
 *
 * @example
 * ```ts
 * using session = await model.session();
 * const stream = streamEvents(session, await openEvents('recording.raw'), { step: 1000, transforms: [eventTransform.downsample({ width: 34, height: 34 })] });
 * for await (const { t, spikes } of stream) if (spikes.length > 0) console.log(t, spikes);
 * console.log(stream.statistics.busyLatency.p99, 'µs');
 * ```
 * @throws LapicqueError `shape-mismatch` where the channels are not the model's inputs; as {@link transformEvents} and {@link Session.push}
 */
export declare function streamEvents(session: Session, source: EventSource_2, options: StreamEventsOptions): EventSession;

/** Options of {@link streamEvents}. */
export declare interface StreamEventsOptions extends EventPipelineOptions {
    /** Length of a step of the model, in µs: events of one are one input. */
    step: number;
    /** Come before, in their order. What leaves them must have as many channels as the model has inputs. */
    transforms?: readonly EventTransform[];
    /**
     * `fast` (default): as fast as possible. `real-time`: a step is taken when its time has come, counted from the first one; where the
     * model is too slow, `late` says what happens.
     */
    pace?: 'fast' | 'real-time';
    /** A step that is late by more than `tolerance` µs: `keep` (default) takes it all the same, `drop` takes it without its events. */
    late?: 'keep' | 'drop';
    /** In µs. Default 5 steps. */
    tolerance?: number;
    /** Steps without input after the last event. Default 0. */
    tail?: number;
    /** Is called after every step, also one without input and output, before the next: to read the session's membrane, for example. */
    onStep?: (step: StreamedStep) => void;
}

/** What a stream has cost so far. Times in µs. */
export declare interface StreamStatistics {
    readonly steps: number;
    /** Steps without input. */
    readonly idle: number;
    /** Channels that fired, over all steps; events of one channel in one step are one. */
    readonly inputs: number;
    readonly outputs: number;
    /** Steps whose events were dropped because they were late. */
    readonly dropped: number;
    /** Computing time of a step with input, and of one without. */
    readonly busyLatency: Percentiles;
    readonly idleLatency: Percentiles;
    /** In real time: how long after the end of its window a step was done. */
    readonly delay: Percentiles;
    /** Wall-clock seconds, and recorded seconds by them. */
    readonly seconds: number;
    readonly speed: number;
}

/**
 * Structural plasticity (M. Butz, A. van Ooyen, PLoS Computational Biology 9, 2013; as in NEST: S. Diaz-Pier et al., Frontiers
 * in Neuroanatomy 10, 2016): every `interval` ms a neuron with more synapses than elements loses some, drawn at random, and
 * free axonal and dendritic elements are joined at random, each pair that the rule allows. Neurons start with as many elements as
 * the connection gives them synapses.
 */
export declare interface StructuralPlasticity {
    /** Of the sources' elements. */
    axonal: Growth;
    /** Of the targets'. */
    dendritic: Growth;
    /** ms between two changes, a whole number of steps. */
    interval: number;
    /** Time constant of calcium in ms; default 10,000. */
    tauCalcium?: number;
    /** What a spike adds to calcium; default 0.001. At a rate of r kHz calcium is about `r tauCalcium betaCalcium`. */
    betaCalcium?: number;
    /** The part of free elements, which are whole ones, that is lost at each change; default 0.1. */
    vacantDecay?: number;
    /** Elements of a neuron at the most; default 1,000. */
    most?: number;
}

/** A study, made by {@link study}. */
export declare class Study<P = Readonly<Record<string, unknown>>> implements AsyncDisposable {
    #private;
    readonly name: string;
    readonly directions: readonly Direction[];
    /** The options that determine the results. */
    readonly definition: StudyDefinition;
    /** SHA-256 of the definition. */
    readonly fingerprint: string;
    /**
     * Runs trials until there are `trials` of them. Trials in the store count. Trials that were interrupted continue from
     * their checkpoints. Failed and pruned trials count too.
     *
     * @throws LapicqueError `aborted`, where ended trials are kept; `io` if the store cannot be written or is in use:
     * acknowledged results are on disk; `invalid-parameter`; `malformed-file`; `unsupported` for a store of a newer
     * version
     */
    run(options: RunStudyOptions): Promise<StudySummary>;
    /**
     * The next trial, for callers who run it by other means than {@link run}: its parameters are in `parameters`, and its
     * result is passed to {@link tell}. The store stays open until {@link close}. Trials that were asked for and not told
     * come first in a later session.
     *
     * @returns undefined if the search has ended
     * @throws LapicqueError `invalid-parameter` if `parallel` trials are open; `io` as {@link run}
     */
    ask(): Promise<Trial<P> | undefined>;
    /**
     * Stores the result of a trial from {@link ask}. When the promise resolves, the result is on disk.
     *
     * @param trial - the trial, or its number
     * @param result - the value, with several objectives a list; or `{ state: 'pruned' }`, or `{ state: 'failed', error
     * }`
     * @returns the record: an invalid value makes a failed trial
     * @throws LapicqueError `invalid-parameter` for a trial that was not asked for; `io`
     */
    tell(trial: Trial<P> | number, result: ToldResult): Promise<TrialRecord>;
    /** All trials by number; for a study with a store, those on disk. */
    trials(): Promise<readonly TrialRecord[]>;
    /**
     * The complete trial with the best value; undefined if there is none.
     *
     * @throws LapicqueError `unsupported` for several objectives
     */
    best(): Promise<TrialRecord | undefined>;
    /** The current results: a table of the trials, the best ones, importance, effects, a report. */
    results(): Promise<StudyResults<P>>;
    /**
     * Closes the store that {@link ask} has opened, so that other processes can write it. Not needed after {@link run}.
     */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

export declare const study: StudyFactory;

/** The argument of a study file's default export, if it is a function. */
export declare interface StudyContext {
    /** `--seed`, default 0. */
    seed: number;
}

/** The options that determine the results of a study: plain data, except a custom search. */
export declare interface StudyDefinition {
    readonly name: string;
    readonly space: Space;
    readonly search: Search;
    readonly prune: Prune;
    readonly directions: readonly Direction[];
    readonly seed: number;
    readonly parallel: number;
    readonly order: 'fixed' | 'free';
}

/** Makes studies and opens stored ones. */
export declare interface StudyFactory {
    /**
     * Defines a study: it proposes parameters, computes an objective for them, and searches for the best ones.
     *
     * @example
     * ```ts
     * const s = study({
     *   name: 'decay',
     *   space: { beta: space.uniform(0.5, 0.99), lr: space.logUniform(1e-4, 1e-1) },
     *   objective: async ({ beta, lr }, trial) => {
     *     const model = await sequential(input(784), dense(10), lif({ beta })).compile({ seed: trial.seed });
     *     const { history } = await model.fit(loader, { epochs: 5, loss: loss.crossEntropyCount(), optimizer: adam({ lr }) });
     *     return history.at(-1)!.loss;
     *   },
     *   store: 'studies/decay',
     * });
     * const { best } = await s.run({ trials: 100, jobs: 2 });
     * ```
     * @throws LapicqueError `invalid-parameter`, `unknown-name`
     */
    <const S extends Space>(options: StudyOptions<S>): Study<ParametersOf<S>>;
    /**
     * Opens a stored study for reading. It may be running, in this process or another.
     *
     * @param path - the folder that is the study's `store`
     * @throws LapicqueError `io`, `malformed-file`, `unsupported` for a store of a newer version
     */
    open(path: string | URL): Promise<StudyView>;
}

/** Options of the figures of studies. */
declare interface StudyFigureOptions extends FigureOptions {
    /**
     * Labels of parameters and objectives with units: `{ lr: 'learning rate', tauMem: 'tauMem (ms)', value: 'error (%)'
     * }`; several objectives are `values.0`, `values.1` and so on. Default their names.
     */
    labels?: StudyLabels;
}

/** The values of one objective, in the order of the trials' numbers. */
export declare interface StudyHistory {
    readonly number: Float64Array;
    readonly value: Float64Array;
    /** The best value so far. */
    readonly best: Float64Array;
}

/** Labels of parameters and objectives in figures and tables, with units. */
export declare type StudyLabels = Readonly<Record<string, string>>;

/** The default export of a study file: the result of `study(…)`, its options, or a function that returns either. */
export declare type StudyModule = AnyStudy | StudyOptions | ((context: StudyContext) => AnyStudy | StudyOptions | Promise<AnyStudy | StudyOptions>);

/** Options of {@link study}. */
export declare interface StudyOptions<S extends Space = Space> {
    /** Name of the study, for people who look at its store. */
    name: string;
    /** The parameters that are varied. */
    space: S & Checked<S>;
    /**
     * What is minimized: a function of the parameters and the trial, or a module (by its path or `file:` URL) whose
     * default export is such a function. Trials of a function share this process; each trial of a module has a process of
     * its own.
     */
    objective: ((parameters: ParametersOf<S>, trial: Trial<ParametersOf<S>>) => ObjectiveValue) | string | URL;
    /** How parameters are proposed; default `search.tpe()`, with several objectives `search.nsga2()`. */
    search?: Search;
    /** When a trial is ended early, judged by its reports; default `prune.nonFinite()`. */
    prune?: Prune;
    /** Whether the objective is minimized (default) or maximized; with several objectives a list. */
    directions?: Direction | readonly Direction[];
    /** The seed from which the seeds of the trials are derived; default 0. */
    seed?: number;
    /**
     * The folder for results and checkpoints. Default none: the study exists in memory only. A study that is stored there
     * is continued.
     */
    store?: string | URL;
    /**
     * How many trials may run at once. Trial n is proposed from the trials up to n - `parallel`, whatever the number of
     * workers, so results do not depend on that number. Default 8.
     */
    parallel?: number;
    /**
     * `'fixed'` (default): the same study for any number of workers. `'free'`: a proposal uses all trials that have ended
     * by then, so it depends on their speed.
     */
    order?: 'fixed' | 'free';
    /** Limits of each trial; default none. */
    limits?: TrialLimits;
    /** Minimum time in seconds between two checkpoints that `fit` and `simulate` write in a trial; default 1. */
    checkpointEvery?: number;
}

/** The progress of a study. */
export declare interface StudyProgress extends TaskProgress {
    /** Number of trials of this process's shard whose result is on disk. */
    done: number;
    total: number;
    complete: number;
    pruned: number;
    failed: number;
    /** Numbers of the running trials. */
    running: readonly number[];
    /** The best trial so far, for studies with one objective. */
    best?: {
        number: number;
        value: number;
    };
    /** Trials per second in this run. */
    rate: number;
    /** Estimated seconds to the end. */
    left: number;
}

/** Options of {@link StudyResults.report}. */
export declare interface StudyReportOptions extends Pick<TaskOptions, 'signal'> {
    /** Default `['html', 'png']`; `svg` and `png` write one file per figure. */
    formats?: ReportFormats;
    /** Default the name of the study. */
    title?: string;
    /** One paragraph under the title. */
    description?: string;
    /**
     * Labels of parameters and objectives with units: `{ lr: 'learning rate', tauMem: 'tauMem (ms)', value: 'error (%)'
     * }`; several objectives are `values.0`, `values.1` and so on. Default their names.
     */
    labels?: StudyLabels;
}

/**
 * The results of a study at one moment. Estimates use complete trials with a finite value; pruned and failed trials
 * have none.
 *
 * @typeParam P - the parameters as the objective receives them
 * @example
 * ```ts
 * const results = await resultsOf(study);
 * console.table(results.best(5).map(({ number, values, parameters }) => ({ number, value: values[0], ...parameters })));
 * console.log(await results.importance());
 * await results.write('trials.parquet');
 * await results.report('report');
 * ```
 */
export declare class StudyResults<P = Readonly<Record<string, unknown>>> {
    #private;
    readonly name: string;
    readonly directions: readonly Direction[];
    /** All trials. */
    readonly table: TrialTable<P>;
    /** The parameters that vary, in the order of the space. */
    readonly axes: readonly ParameterAxis[];
    /** The space; undefined if the study has none. */
    readonly space: Space | undefined;
    /** The complete trials. */
    get complete(): TrialTable<P>;
    /**
     * The best trials in order; of equal ones, the earlier first. With several objectives, those of the Pareto front come
     * first, then those of the front of the remaining trials, and so on; within a front by number.
     *
     * @param count - maximum number of trials; default 1
     */
    best(count?: number): Promise<readonly TrialRecord[]>;
    /**
     * The Pareto front by number: trials for which no other trial is better in one objective without being worse in
     * another. With one objective, the best ones.
     */
    paretoFront(): Promise<readonly TrialRecord[]>;
    /** The values by number, and the best value so far. @param objective - from 0; default 0 */
    history(objective?: number): StudyHistory;
    /**
     * How much each parameter matters for being among the best tenth of the complete trials: PED-ANOVA (S. Watanabe, A.
     * Bansal, F. Hutter, IJCAI 2023), in descending order. The shares sum to 1, or are all 0 if nothing can be estimated.
     *
     * @param objective - from 0; default 0
     * @throws LapicqueError `invalid-parameter`, also for results without a space
     */
    importance(objective?: number): Promise<readonly Importance[]>;
    /**
     * The objective as a function of one parameter: {@link marginalEffect}.
     *
     * A learning search puts most trials into good regions. So this describes the trials of the study, not the effect of
     * the parameter with all others fixed.
     *
     * @param parameter - its path: `lr`, `layers[0].width`
     * @param objective - from 0; default 0
     * @throws LapicqueError `unknown-name` for a name that is not a varied parameter
     */
    marginal(parameter: string, objective?: number): readonly MarginalBin[];
    /**
     * The objective as a function of two parameters: {@link pairwiseEffect}.
     *
     * @param objective - from 0; default 0
     * @throws LapicqueError `unknown-name` for a name that is not a varied parameter
     */
    pairwise(first: string, second: string, objective?: number): PairwiseEffect;
    /** Writes the table: {@link writeTrials}. */
    write(target: FileTarget, options?: WriteTrialsOptions): Promise<void>;
    /**
     * Writes a page, `report.html`, with the best trials and all figures for which there are data: history, reports,
     * Pareto front, importance, slices, pairs and parallel coordinates; and the figures as image files beside it.
     *
     * @param folder - created if it does not exist; files of the same names are replaced
     * @returns the paths written, the page first
     * @throws LapicqueError `invalid-parameter`, `unknown-name`; `unsupported` without the package `@lapicque/report`; `io`, `aborted`
     */
    report(folder: string | URL, options?: StudyReportOptions): Promise<string[]>;
}

/** The state of a study. */
export declare interface StudyStatus {
    readonly complete: number;
    readonly pruned: number;
    readonly failed: number;
    /** Numbers of the running trials. */
    readonly running: readonly number[];
    /**
     * Numbers of the interrupted trials: their process has ended without a result. The next run continues them from their
     * checkpoints.
     */
    readonly interrupted: readonly number[];
    /** Trials that ran twice with different results: their objective does not depend on its parameters and seed alone. */
    readonly conflicts: readonly TrialConflict[];
}

/** The result of a run. */
export declare interface StudySummary {
    /** Number of trials that have ended. */
    readonly trials: number;
    readonly complete: number;
    readonly pruned: number;
    readonly failed: number;
    /** The best trial, for a study with one objective. */
    readonly best?: TrialRecord;
}

/**
 * A stored study, made by `study.open(path)`. It may be running, in this process or another; each call reads what is on
 * disk at that moment.
 */
export declare class StudyView {
    #private;
    readonly name: string;
    readonly directions: readonly Direction[];
    /** The options that determine the results. */
    readonly definition: StudyDefinition;
    /** SHA-256 of the definition. */
    readonly fingerprint: string;
    /**
     * All trials by number, without interrupted ones, which will start again.
     *
     * @throws LapicqueError `io`, `malformed-file`
     */
    trials(): Promise<readonly TrialRecord[]>;
    /**
     * The complete trial with the best value; undefined if there is none.
     *
     * @throws LapicqueError `unsupported` for several objectives; `io`, `malformed-file`
     */
    best(): Promise<TrialRecord | undefined>;
    /**
     * The results of the trials that are on disk now: the best ones, importance, effects, a report.
     *
     * @throws LapicqueError `io`, `malformed-file`
     */
    results(): Promise<StudyResults>;
    /** @throws LapicqueError `io`, `malformed-file` */
    status(): Promise<StudyStatus>;
    /** A file of a trial; undefined if there is none of that name. */
    artifact(trial: number, name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
    /** Names of the files of a trial. */
    artifacts(trial: number): Promise<string[]>;
}

/** `A - B`, or `never` where that is below 0. */
declare type Subtract<A extends number, B extends number> = number extends A | B ? number : Negative<SubtractDigits<Digits<A>, Digits<B>>>;

/** Digit by digit; `Borrow` is one where one has been borrowed. `-` where the difference is below 0. */
declare type SubtractDigits<A extends string, B extends string, Borrow extends readonly 0[] = [], Done extends string = ''> = B extends `${infer Y extends Digit}${infer MoreB}` ? A extends `${infer X extends Digit}${infer MoreA}` ? Units[X] extends [...Units[Y], ...Borrow, ...infer Left extends 0[]] ? SubtractDigits<MoreA, MoreB, [], `${Done}${Left['length']}`> : [...Units['9'], 0, ...Units[X]] extends [...Units[Y], ...Borrow, ...infer Left extends 0[]] ? SubtractDigits<MoreA, MoreB, [0], `${Done}${Left['length']}`> : never : A extends '' ? Trimmed<Reversed<B>> extends '0' ? Borrow extends [] ? Done : '-' : '-' : never : B extends '' ? Borrow extends [] ? `${Done}${A}` : SubtractDigits<A, '1', [], Done> : never;

/**
 * {@link sumPool2d} over one axis that is not time.
 *
 * @param kernel - pixels of the window
 * @returns a layer from `[channels, width]` to `[channels, width']`, the side as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export declare function sumPool1d<const Kernel extends number, const Stride extends number = Kernel, const Padding extends number = 0>(kernel: Kernel, options?: PoolOptions<number, Stride, Padding>): NoInfer<Pool<PoolWindow<readonly [Kernel], readonly [Stride], readonly [Padding]>>>;

/**
 * The sum of each window: `y[c, p] = Σ x[c, stride p + k - padding]`; spikes of a window add up.
 *
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[channels, height, width]` to `[channels, height', width']`, sides as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export declare function sumPool2d<const Kernel extends Pair, const Stride extends Pair = Kernel, const Padding extends Pair = 0>(kernel: Kernel, options?: PoolOptions<Pair, Stride, Padding>): NoInfer<Pool<PoolWindow<PerAxis<Kernel>, PerAxis<Stride>, PerAxis<Padding>>>>;

/**
 * Surrogate gradient `alpha / (1 + |x|)^2` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 SuperSpike.
 */
declare function superSpike(options?: {
    /** a number above 0; default 1. */
    alpha?: number;
}): Surrogate;

/**
 * A surrogate gradient by name, with the given parameters. The others have the defaults of its page or, in a neuron
 * with `like`, those of that library: `surrogate.sigmoid()` has slope 25, and with `like: 'spikingjelly'` slope 4.
 */
export declare type Surrogate = NamedSurrogate | CustomSurrogate;

export declare namespace surrogate {
    export {
        atan,
        spyxAtan,
        fastSigmoid,
        superSpike,
        softSign,
        sigmoid,
        tanh,
        circ,
        erf,
        heaviErfc,
        gaussian,
        multiGaussian,
        piecewiseExp,
        singleExponential,
        periodicExponential,
        qPseudoSpike,
        nonzeroSignLogAbs,
        triangular,
        piecewiseQuadratic,
        rect,
        boxcar,
        stepPwl,
        piecewiseLeakyRelu,
        leakyKRelu,
        logTailedRelu,
        s2nn,
        fakeNumericalGradient,
        straightThrough,
        deterministicPass,
        heaviside,
        lso,
        sso,
        sfs,
        spikeRateEscape,
        snntorchTriangular,
        squarewaveFourier,
        NamedSurrogate
    }
}

/** Surrogate gradients over the distance of the potential to the threshold: the smoothed spike, and its derivative. @throws LapicqueError `invalid-parameter`, `unknown-name`, `equation` */
declare function surrogate_2(surrogates: Surrogate | Readonly<Record<string, Surrogate>>, options?: SurrogateFigureOptions): Promise<Figure>;

/**
 * The values of a surrogate, for plots and checks.
 *
 * @param x - distances `v - vThreshold`
 * @param options - `like`: the library whose defaults apply, as in a neuron with this `like`; default none
 * @returns `derivative` at each of them, and its antiderivative if that is known
 */
export declare function surrogateDerivative(surrogate: Surrogate, x: Float64Array | readonly number[], options?: {
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest';
}): {
    derivative: Float64Array;
    primitive?: Float64Array;
};

/** Options of {@link surrogate}. */
declare interface SurrogateFigureOptions extends FigureOptions {
    /** The distances `v - vThreshold` that are shown, `[from, to]`; default -2 to 2. */
    range?: readonly [number, number];
}

/**
 * A statistic of each population with recorded spikes, one column `population.statistic` each:
 * - `'spikes'`: their number; `'rate'`: in Hz, over the recorded neurons
 * - `'cv'`, `'cv2'`, `'lv'`: irregularity of intervals as `analysis` defines it, the mean over the neurons with enough
 *   spikes; NaN if there are none
 * - `'fano'`: variance divided by mean of a neuron's counts in windows of `window` ms (default 100, or the duration if
 *   that is shorter), the mean over the neurons that spike
 * - `'synchrony'`: the mean covariance of two neurons' counts in bins of `bin` ms (default 2), divided by the mean
 *   variance of one neuron's counts: 0 if neurons fire independently, 1 if all fire together
 *
 * and of the recordings of `record.mean` and `record.lfp`:
 * - `'means'`: the mean over time of each recorded mean, in a column of its name, such as `E.v`
 * - `'lfp'`: likewise for each proxy of the local field potential, in a column `name.lfp`
 */
export declare type SweepStatistic = StatisticName | {
    readonly measure: 'fano';
    readonly window?: number;
} | {
    readonly measure: 'synchrony';
    readonly bin?: number;
};

/** What a connection's synapses are. */
export declare interface Synapse {
    /** In the unit of the port: pA, nS, or mV for a jump of the membrane. What arrives is within 1/1024 of it. */
    weight: SynapseValues;
    /** In ms, at least one step; drawn ones and those of a distance are rounded to steps, others must be whole steps. */
    delay: SynapseValues;
    /**
     * Input of the neurons. Default the only one; where there are `excitatory` and `inhibitory`, that of the weight's sign,
     * which is then taken off.
     */
    port?: string;
    /** How synapses change, such as `synapse.stdp()`; left out, they do not. */
    model?: SynapseModel;
    /**
     * How much of the delays is the dendrite's, in ms, a whole number of steps, of synapses with a `model`: a spike of the target is
     * at the synapse so long after it, one of the source so long before what is transmitted arrives. The axon has the rest; the
     * dendrite has all of a delay that is shorter, and of all delays when this is left out.
     */
    dendriticDelay?: number;
    /** How synapses come and go; left out, they stay. With it there is one weight and one delay. */
    structural?: StructuralPlasticity;
    /** The population or source whose spikes modulate the rule, as dopamine does: at once and in all synapses. */
    modulator?: Cells | SpikeSource;
    /** By which the axes of `simulateMany` find the connection; connections that share a name change together. Default none. */
    name?: string;
}

export declare namespace synapse {
    export {
        tsodyksMarkram,
        stdp,
        tripletStdp,
        inhibitoryStdp,
        oja,
        bcm,
        rewardStdp,
        synapticScaling,
        clopath,
        combine,
        rule_2 as rule,
        TsodyksMarkramOptions,
        StdpOptions,
        TripletStdpOptions,
        InhibitoryStdpOptions,
        OjaOptions,
        BcmOptions,
        RewardStdpOptions,
        SynapticScalingOptions,
        ClopathOptions
    }
}

/** The statements of a custom rule, as stored in files. */
export declare interface SynapseEquations {
    readonly variables: readonly {
        readonly name: string;
        readonly init: number;
        readonly tau?: number | string;
    }[];
    readonly traces: readonly {
        readonly name: string;
        readonly of: 'pre' | 'post';
        readonly tau: number | string;
        readonly jump: 'add' | 'set';
    }[];
    readonly sights?: readonly {
        readonly name: string;
        readonly of: string;
        readonly tau?: number | string;
        readonly delay?: number | string;
        readonly held?: {
            readonly value: number | string;
            readonly time: number | string;
        };
    }[];
    readonly pre?: string;
    readonly post?: string;
    readonly modulated?: string;
    readonly everyStep?: string;
    readonly when?: string;
    readonly transmit?: string;
}

/**
 * A synapse model with its parameters, made by the functions of {@link synapse}: a frozen plain node.
 * As `synapse` of a connection's description it makes the connection plastic.
 */
export declare interface SynapseModel {
    readonly model: string;
    readonly params: Readonly<Record<string, number>>;
    readonly options: Readonly<Record<string, string>>;
    readonly like?: string;
    /** For a custom rule, whose `model` is `'custom'`. */
    readonly equations?: SynapseEquations;
    /** For several rules on one synapse, whose `model` is `'combined'`. */
    readonly rules?: readonly SynapseModel[];
}

/** The result of {@link driveSynapse}. */
export declare interface SynapseResponse {
    /** The weight with which each spike of the source arrives at the target, `[pre]`. */
    transmitted: Float64Array;
    /** `w` after each spike of the source, `[pre]`. */
    weights: Float64Array;
    /** Every variable after the last event, by name. */
    last: Record<string, number>;
    /** Every variable at `sampleTimes`, by name, `[sampleTimes]`. */
    samples: Record<string, Float64Array>;
}

/** Synapses by connection, then target, source and delay. */
export declare interface Synapses {
    /** Neurons, 0-based in their populations or sources. */
    readonly sources: Uint32Array;
    readonly targets: Uint32Array;
    /** In ms. */
    readonly delays: Float64Array;
    /** In the unit of the port, as the simulation has them: in f32 rounded. */
    readonly weights: Float64Array;
    /** Which connection each is of, in the order in which the network has them. */
    readonly connections: Uint32Array;
}

/**
 * How the synapses of a connection are stored. Weights onto one input are whole multiples of a unit, so that sums do not depend
 * on their order; what arrives is within 1/1024 of the weight in every form.
 */
export declare interface SynapseStorage {
    /** Names of what the connection leads from and to. */
    readonly from: string;
    readonly to: string;
    /**
     * `'compact'`: a list of synapses, in f32 of 4 bytes with weights of 16 bits, in f64 of 16 bytes. `'wide'`: a list of mostly
     * 8 bytes each, for weights of which some are less than 1/64 of others. `'bits'` and `'dense'`: a bit or 16 bits for each pair
     * of neurons. `'plastic'`: weights that change.
     */
    readonly form: 'compact' | 'wide' | 'bits' | 'dense' | 'plastic';
    /** How many there are, as far as the rule says. */
    readonly synapses: number;
    /** How many of them take 8 bytes at the most, since 16 bits would round their weights by more than 1/1024. They are listed beside what the form says. */
    readonly wide: number;
    /** About what they take. */
    readonly bytes: number;
}

/**
 * Values of synapses: as {@link Values}, or an expression of the two neurons, such as `'0.2 + 0.5 * d'`: of their distance `d` and the
 * displacements `dx`, `dy` and `dz` from source to target, for populations with layouts, and of their numbers `i` and `j`.
 */
declare type SynapseValues = Values | string;

/** Elements and calcium of a connection whose synapses come and go, by neuron of the connection. */
export declare interface SynapticElements {
    readonly axonal: Float64Array;
    readonly axonalCalcium: Float64Array;
    readonly dendritic: Float64Array;
    readonly dendriticCalcium: Float64Array;
}

/**
 * homeostatic synaptic scaling: `tauScaling dw/dt = w (1 - y / rateTarget); tauRate dy/dt = -y, a spike of the target adds 1000 / tauRate to y, its rate in Hz`.
 *
 * As computed: at events only: w and y advance by their exact solution over the time since the last event, w is clipped to wMin … wMax; then a spike of the target adds to y. All weights onto a neuron keep their ratios. Variables of a synapse:
 * - `w`: weight (the unit of the weight)
 * - `y`: rate of the target (Hz)
 *
 * Source: G. G. Turrigiano et al., Nature 391, 1998; multiplicative and by a filtered rate: M. C. W. van Rossum, G. Q. Bi, G. G. Turrigiano, J. Neurosci. 20, 2000.
 *
 * @throws LapicqueError `unknown-name` for an option that does not exist; where it is used, `invalid-parameter` for a
 * value out of range
 */
declare function synapticScaling(options?: SynapticScalingOptions): SynapseModel;

/** Parameters and options of {@link synapticScaling}. */
declare interface SynapticScalingOptions {
    /** rate at which nothing changes (Hz); a number above 0; default 5. */
    rateTarget?: number;
    /** time over which the target's rate is taken (ms); a number above 0; default 1000. */
    tauRate?: number;
    /** time in which a silent neuron's weights grow by e (ms); a number above 0; default 10000. */
    tauScaling?: number;
    /** rate at the start (Hz); a number of at least 0; default = rateTarget. */
    rateInit?: number;
    /** smallest weight (the unit of the weight); a finite number; default 0. */
    wMin?: number;
    /** largest weight (the unit of the weight); a finite number; default 100. */
    wMax?: number;
}

/**
 * Makes the table of these trials.
 *
 * @param trials - in any order
 * @param parameters - those of the space, in its order; further parameters of trials follow
 */
export declare function tableOf<P = Readonly<Record<string, unknown>>>(trials: readonly TrialRecord[], parameters?: readonly ParameterColumn[]): TrialTable<P>;

/** What a layer takes. */
declare type Taken<L> = [L] extends [Dense<infer In>] ? Sizes<In> : [L] extends [Conv<infer In> | Pointwise<infer In>] ? Sizes<number, In> : [L] extends [PortedPopulation] ? Sizes : [L] extends [Population<infer N>] ? Sizes<N> : Sizes;

/**
 * Surrogate gradient `1 - tanh(alpha x)^2` with `x = v - vThreshold`.
 * Source: Norse 1.1.0 tanh.
 */
declare function tanh(options?: {
    /** a number above 0; default 100. */
    alpha?: number;
}): Surrogate;

/** What labels ask of the output population: options of {@link encodeTargets}, as snnTorch's `targets_convert`. */
export declare type TargetOptions = {
    code: 'rate';
    /** Absent: no time axis, `[batch, classes]`. */
    steps?: number;
    firstSpikeTime?: number;
    correctRate?: number;
    incorrectRate?: number;
    onTarget?: number;
    offTarget?: number;
    firingPattern?: 'regular' | 'uniform' | 'poisson';
    interpolate?: boolean;
    /** Of the patterns `uniform` and `poisson`, as {@link RandomOptions}. */
    seed?: number;
} | ({
    code: 'latency';
    seed?: number;
} & Omit<LatencyOptions, keyof TaskOptions>);

/** The rules of a target. */
export declare interface TargetRules {
    /** The rules of hidden layers. */
    readonly layer: IntegerRules;
    /** Spikes of a neuron of the last layer in a step. */
    readonly outputMaxSpikes: number;
    /** Steps from a hidden spike to its effect on the last layer, 0 or 1. */
    readonly outputDelay: 0 | 1;
    /** The largest count of an input channel in a step; more is clipped. */
    readonly inputMaxCount: number;
    /** Whether input counts may be negative. */
    readonly inputSigned: boolean;
    /** The largest left shift of the weights of a connection. */
    readonly maxShift: number;
    /** The scale of weights that `quantize` chooses by default. */
    readonly scale: 'tensor' | 'channel' | 'power-of-two';
    /** Rules that `quantize` takes from the layer of the model instead. */
    readonly fromModel: readonly (keyof IntegerRules)[];
    /** Where the rules are from. */
    readonly source: string;
}

/** Options of every operation that runs off the event loop. */
export declare interface TaskOptions {
    /** Cancels the work. The promise then rejects with an error whose `name` is `AbortError`. Default none. */
    signal?: AbortSignal | undefined;
    /**
     * Called with the progress of the work, at most 20 times per second; default none. If it throws, or if its
     * promise rejects during the work, the work ends.
     */
    onProgress?: ((progress: TaskProgress) => void) | undefined;
}

/** `done` of `total` units of work. */
export declare interface TaskProgress {
    done: number;
    total: number;
    [key: string]: unknown;
}

/**
 * two-compartment leaky integrate-and-fire: `d' = d - sigmoid(c1) v + x; v' = v + sigmoid(c2) d'`.
 *
 * As computed: `d = vDendrite[t-1] - sigmoid(c1) v[t-1] + x[t]; u = v[t-1] + sigmoid(c2) d; s[t] = 1 if u > vThreshold else 0; vDendrite[t] = d - gamma s[t]; v[t] = u - vThreshold s[t]`. States:
 * - `v`: potential of the soma
 * - `vDendrite`: potential of the dendrite
 *
 * Source: S. Zhang et al., TC-LIF: a two-compartment spiking neuron model for long-term sequential modelling, AAAI 2024, as in the authors' code: detachReset false and compare ">=" there.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function tcLif<const N extends number = number>(options?: TcLifOptions<N>): Population<N>;

/** Parameters and options of {@link tcLif}. */
export declare interface TcLifOptions<N extends number = number> extends PopulationOptions<N> {
    /** how the soma discharges the dendrite, by sigmoid(c1) (dimensionless); a finite number; default 0. One number, or one a neuron. */
    c1?: number | readonly number[] | Float64Array | Float32Array;
    /** how the dendrite charges the soma, by sigmoid(c2) (dimensionless); a finite number; default 0. One number, or one a neuron. */
    c2?: number | readonly number[] | Float64Array | Float32Array;
    /** what a spike takes off the dendrite (dimensionless); a finite number; default 0.5. One number, or one a neuron. */
    gamma?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which a spike is emitted (dimensionless); a finite number; default 1. One number, or one a neuron. */
    vThreshold?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('c1' | 'c2' | 'vThreshold')[];
}

/** A batch from a {@link TensorSource}, in the layout of the source; with `sequences` time comes first. */
export declare interface TensorBatch<X extends TypedArray = TypedArray, Y extends TypedArray | undefined = undefined> {
    x: X;
    y: Y;
    /** Shape of `x`: that of the source, with this batch's number of samples. */
    shape: Shape;
    /** Shape of `y`, if the source has one. */
    yShape?: Shape;
    /** Number of valid steps of each sample of this batch, if the source has it. */
    lengths?: Uint32Array;
    /** Number of samples. */
    size: number;
    /** Indices of the samples in the source. */
    indices: Uint32Array;
}

/**
 * A log that TensorBoard reads (`tensorboard --logdir FOLDER`): curves of loss and accuracy over batches and epochs, histograms of weights, values of trials.
 * Each log writes an event file of its own, so runs to compare go into folders beside each other.
 *
 * @example
 * ```ts
 * await using logs = log.tensorboard('runs/first', { weights: true });
 * await model.fit(train, { epochs: 10, loss: loss.crossEntropyRate(), callbacks: logs });
 * ```
 * @param folder - is created if it does not exist
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
declare function tensorboard(folder: string, options?: TensorBoardOptions): Log;

/** Options of {@link tensorboard}. */
declare interface TensorBoardOptions {
    /** Whether to record the loss and accuracy of each batch; default true. */
    batches?: boolean;
    /** Whether to record a histogram of each weight tensor after each epoch; default false. */
    weights?: boolean;
}

/**
 * The bytes of a file of tensors, as {@link writeTensors} writes it; {@link readTensors} reads them.
 *
 * @param tensors - by name: a typed array, which counts as a vector, or an array with its shape
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `unsupported` for what the format cannot hold, `too-large`, `aborted`
 */
export declare function tensorBytes(tensors: NamedTensors, options?: WriteTensorsOptions): Promise<Uint8Array<ArrayBuffer>>;

/** Elements in C order. */
export declare type TensorData = Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** The result of {@link readTensors}. */
export declare interface TensorFile {
    tensors: ReadonlyMap<string, FileTensor>;
    metadata: ReadonlyMap<string, string>;
}

/** The formats that can be written. */
export declare type TensorFormat = 'safetensors' | 'npy' | 'npz';

/** Samples in one typed array, with one target for each. */
export declare interface TensorSource<X extends TypedArray = TypedArray, Y extends TypedArray | undefined = undefined> {
    /** Inputs: `[sample, …]`, `[sample, time, …]` with `sequences`, or `[time, sample, …]` with `timeMajor`. */
    x: X;
    /** Targets: `[sample]`, or of shape `yShape`. */
    y?: Y;
    /** Shape of `x`, including the number of samples. */
    shape: Shape;
    /** Shape of `y`, with the number of samples first (after the time with `yTimeMajor`); default `[samples]`. */
    yShape?: Shape;
    /** `x` is `[sample, time, …]`, as in most files. Batches are `[time, sample, …]`, as the engine expects them. */
    sequences?: boolean;
    /** `x` is `[time, sample, …]`, as in batches. */
    timeMajor?: boolean;
    /** `y` is `[sample, time, …]`, with targets for each step. Batches are `[time, sample, …]`. */
    ySequences?: boolean;
    /** `y` is `[time, sample, …]`, with targets for each step. */
    yTimeMajor?: boolean;
    /**
     * Number of valid steps of each sample, `[sample]`; a batch has those of its samples. Default: all steps of all
     * samples.
     */
    lengths?: WholeNumbers | undefined;
}

/** Strings, each distinct one stored once; `json` if they are JSON of values of another type or of several types. */
export declare interface TextColumn extends ColumnBase {
    readonly kind: 'text' | 'json';
    /** The index of the row's string in `categories`; 0 in absent rows. */
    readonly codes: Uint32Array;
    /** In the order of their first occurrence. */
    readonly categories: readonly string[];
}

/** Options of {@link jsonl} and {@link csv}. */
declare interface TextLogOptions {
    /** Adds to a file that exists, after a resume for example; by default such a file is refused. */
    append?: boolean;
    /** Whether to record batches. Default: `true` for `jsonl`; `false` for `csv`, where `true` records batches in place of epochs. */
    batches?: boolean;
}

/** Texts at points. */
declare interface TextMark {
    type: 'text';
    x: ArrayLike<number>;
    y: ArrayLike<number>;
    texts: readonly string[];
    color?: FigureColor;
    /** Which end of a text is at the point; default `'middle'`. */
    anchor?: 'start' | 'middle' | 'end';
    /** Pixels to the right of the point; default 0. */
    dx?: number;
}

/**
 * Neurons without a memory: `s[t] = 1 where x[t] >= vThreshold`, else 0. Behind a {@link timeFilter} they are a spike response
 * model without a reset.
 *
 * @returns a population of the shape that enters
 * @throws LapicqueError `invalid-parameter` for a threshold that is not finite or an invalid surrogate
 */
export declare function threshold(options?: ThresholdOptions): Population;

/** {@link ThresholdPruning}. */
declare function threshold_2(options: OptionsOf<ThresholdPruning>): ThresholdPruning;

/** What {@link threshold} may be told. */
export declare interface ThresholdOptions {
    /** Name of the neurons; default `lif` and a number. */
    name?: string;
    /** Default 1. */
    vThreshold?: number;
    /** Default the arc tangent's. */
    surrogate?: Surrogate;
}

/** Ends a trial whose report is out of bounds. */
declare interface ThresholdPruning extends Omit<PruneOptions, 'direction'> {
    readonly kind: 'threshold';
    /** With several objectives a list. Default none. */
    readonly lower?: number | readonly number[];
    /** With several objectives a list. Default none. */
    readonly upper?: number | readonly number[];
}

/** Short vertical strokes, such as spikes. */
declare interface TicksMark {
    type: 'ticks';
    x: ArrayLike<number>;
    y: ArrayLike<number>;
    color?: FigureColor;
    /** Length in units of the y axis; default 0.8. */
    length?: number;
    /** In pixels; default 1. */
    width?: number;
}

/**
 * A causal convolution over time: `y[t] = Σ kernel[lag] x[t - lag] + b` for each element, lag 0 first; weights `[1, lags]`, or
 * `[channels, lags]` with `each`; bias `[1]` or `[channels]`. What is on its way between two runs, segments or steps of a session is
 * part of the state. As postsynaptic potential: W. Gerstner, Phys. Rev. E 51, 1995.
 *
 * @param kernel - numbers by lag, lag 0 first, or a function `of` the lag in ms that is taken over `length` steps of `dt` ms
 * (default 1)
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for a kernel without lags or with a number that is not finite
 * @example
 * ```ts
 * // An alpha-shaped postsynaptic potential with a time constant of 4 ms, and a threshold: a spike response model.
 * sequential(dense(40, 20), timeFilter({ of: (t) => (t / 4) * Math.exp(1 - t / 4), length: 30 }), threshold({ vThreshold: 1 }));
 * ```
 */
export declare function timeFilter(kernel: readonly number[] | {
    of: (ms: number) => number;
    length: number;
    dt?: number;
}, options?: FilterOptions): Filter;

/** A histogram over time. */
declare interface TimeHistogram {
    /** Spike counts of all trains in each bin, `[bins]`. */
    counts: Float64Array;
    /** ms, `[bins + 1]`: the start of each bin, and the end of the last one. */
    edges: Float64Array;
}

/** A layer that mixes steps of time. */
export declare type TimeLayer = Filter | Mixture | TimeReduction;

/**
 * The largest value of each element over the steps so far: `y[t] = max(x[0], …, x[t])`, as torch's `x.max(0)` at the last one; its gradient goes to the
 * first step that had it. Of a population it reads the spikes; an edge of a `graph` with `state: 'v'` gives it the membrane
 * potential. See {@link timeSum}.
 *
 * @returns a layer that keeps its shape
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export declare function timeMax(options?: ReductionOptions): TimeReduction;

/**
 * The mean over the steps so far: `y[t] = (x[0] + … + x[t]) / (t + 1)`, as torch's `x.mean(0)` at the last one; of spikes the rate.
 * See {@link timeSum}.
 *
 * @returns a layer that keeps its shape
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export declare function timeMean(options?: ReductionOptions): TimeReduction;

/**
 * A matrix over the steps of a sequence: `y[t] = Σ weight[t, s] x[s] + bias[t]` for each element, weights `[steps, steps]`, bias
 * `[steps]`. Runs and batches must have exactly this number of steps, in one call. A session takes one with an `order` whose mask holds, step by
 * step, one sequence after the other, and refuses any other. Without one, or while its mask is open, every step sees all others, also those
 * behind the `lengths` of samples. (The time axis of W. Fang et al., NeurIPS 2023; see {@link psn}.)
 *
 * @param steps - steps of every sequence, from 1 to 65,536
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for a number of steps, an order or a lambda out of range; `shape-mismatch` for a run
 * of another number of steps; `unsupported` for a session without an order whose mask holds, and for training with `segment`
 */
export declare function timeMixture(steps: number, options?: MixtureOptions): Mixture;

/** {@link timeSum}, {@link timeMean}, {@link timeMax} */
export declare interface TimeReduction {
    readonly layer: 'time-reduction';
    readonly reduction: 'sum' | 'mean' | 'max';
    readonly name?: string;
}

/** How often, at most nine times, `B` goes into `A`, and what is left. */
declare type Times<A extends string, B extends string, Count extends readonly 0[] = []> = SubtractDigits<A, B> extends infer Left extends string ? Left extends '-' ? [`${Count['length'] & number}`, A] : Times<Left, B, [...Count, 0]> : never;

/**
 * The sum over time: `y[t] = x[0] + … + x[t]` for each element, so that the last step has that of the whole sequence, as
 * torch's `x.sum(0)`, and a session has at each step that of what came so far. What was summed before is part of the state.
 * Over the last `k` steps alone: `timeFilter(Array(k).fill(1), { trainable: false })`.
 *
 * @returns a layer that keeps its shape
 * @throws LapicqueError `unknown-name` for an option that does not exist
 * @example
 * ```ts
 * // A classifier of how often each neuron fires, trained on the last of 25 steps.
 * const network = sequential(dense(784, 100), lif({ beta: 0.9 }), timeSum(), dense(100, 10), li({ beta: 0 }));
 * await (await network.compile()).fit(data, { epochs: 1, loss: loss.crossEntropyMembrane({ from: 24 }) });
 * ```
 */
export declare function timeSum(options?: ReductionOptions): TimeReduction;

/**
 * Converts a sparse matrix to a dense one in row-major order: `{ data, shape }`, as `setWeights`,
 * `writeTensors` and a loader's `x` accept it. Duplicate entries are added, as in SciPy.
 *
 * @throws LapicqueError `too-large` for more than 2^31 elements, `invalid-parameter`
 */
export declare function toDense(sparse: SparseMatrix): {
    data: Float32Array | Float64Array;
    shape: number[];
};

/**
 * token shift: `out[t] = mix x[t] + (1 - mix) x[t-1]`.
 *
 * As computed: `out[t] = mix x[t] + (1 - mix) last[t-1]; last[t] = x[t]`. States:
 * - `out`: what leaves
 * - `last`: what entered a step before
 *
 * Source: B. Peng et al., RWKV: reinventing RNNs for the transformer era, EMNLP Findings 2023.
 *
 * @returns a population as wide as what feeds it
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function tokenShift<const N extends number = number>(options?: TokenShiftOptions<N>): Population<N>;

/** Parameters and options of {@link tokenShift}. */
export declare interface TokenShiftOptions<N extends number = number> extends PopulationOptions<N> {
    /** share of what enters now (dimensionless); a finite number; default 0.5. One number, or one a neuron. */
    mix?: number | readonly number[] | Float64Array | Float32Array;
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'mix'[];
}

/**
 * Windows of a sequence, for a `DataLoader`: a batch has the tokens `[steps, batch, 1]` as `x` and the tokens after
 * them as `y`, `[steps, batch]`. Train with `loss.crossEntropyMembrane()` and with `embedding` as the network's first
 * layer. Tokens after the last whole window are not used.
 *
 * @param given - numbers, as `vocabulary(…).encode` returns them
 * @throws LapicqueError `invalid-parameter` for fewer than `steps + 1` tokens
 * @example
 * ```ts
 * const loader = new DataLoader(tokenWindows(tokens, { steps: 128 }), { batchSize: 32, shuffle: true });
 * ```
 */
export declare function tokenWindows(given: WholeNumbers, options: WindowOptions): TensorSource<Float32Array, Uint32Array> & {
    readonly y: Uint32Array;
};

/** The result of a trial from `ask`: its value, one for each objective, or the reason why there is none. */
export declare type ToldResult = number | readonly number[] | {
    readonly state: 'pruned';
} | {
    readonly state: 'failed';
    readonly error?: unknown;
};

/**
 * A network: the populations and sources of a large one on a circle with their models and inputs, an arrow for each connection, which ends in a bar if its mean
 * weight is negative, and delays; or the layers of `sequential`, `graph` or a model from top to bottom with their shapes.
 *
 * @throws LapicqueError `invalid-parameter` for what is no network, for more than 400 connections or 200 layers; `unknown-name`
 */
declare function topology(network: Circuit | Model | Network, options?: FigureOptions): Promise<Figure>;

/** {@link TpeSearch}: J. Bergstra et al., NIPS 2011; multivariate as in S. Falkner et al., ICML 2018, and S. Watanabe, arXiv:2304.11127. */
declare function tpe(options?: OptionsOf_2<TpeSearch>): TpeSearch;

/**
 * Tree-structured Parzen estimator: proposes parameters that are more likely among good trials than among the others.
 */
declare interface TpeSearch {
    readonly kind: 'tpe';
    /** Random trials before the first estimated one. Default 10. */
    readonly startup?: number;
    /** Number of candidates, of which the best one is proposed. Default 24. */
    readonly candidates?: number;
    /** Weight of the prior, uniform over the space, relative to one trial. Default 1. */
    readonly priorWeight?: number;
}

/** States over time. */
export declare interface Trace {
    /** In ms. */
    readonly times: Float64Array;
    /** `[times, neurons]` */
    readonly values: Float64Array;
}

/** Membrane potentials of some neurons. */
export declare interface Traces {
    /** Length of a step in ms. */
    dt: number;
    /** The threshold of a spike, drawn as a line. */
    threshold?: number;
    /** Unit of `v`, for the caption; omit it for the dimensionless potential of trained networks. */
    unit?: string;
    /** Start of the first step, in ms; default 0. */
    start?: number;
    neurons: readonly MembraneTrace[];
}

/** The result of {@link trainMany}: columns with one number per row. */
export declare interface TrainedRows<A extends string = string> {
    readonly rows: number;
    readonly axes: {
        readonly [K in A]: Float64Array;
    };
    readonly seeds: Float64Array;
    readonly columns: {
        /** Values of the last epoch, as in the history; those of validation are NaN without `validation`. */
        readonly loss: Float64Array;
        readonly accuracy: Float64Array;
        readonly validationLoss: Float64Array;
        readonly validationAccuracy: Float64Array;
        readonly epochs: Float64Array;
        readonly bestEpoch: Float64Array;
    };
    /** Ascending. */
    readonly failed: readonly FailedTraining[];
}

/** One batch for {@link Model.trainStep}. */
export declare interface TrainingBatch extends InputTensor {
    /**
     * Labels `[batch]`, or for a cross-entropy of each step `[time, batch]`, in an array of whole numbers, also NumPy's int64; or values `[batch, neurons]` or
     * `[time, batch, neurons]` as a `Float32Array` or `Float64Array`. A custom loss may read anything, or nothing, from it: where
     * it is not one label per sample, each of an output, there is no accuracy (NaN).
     */
    y: WholeNumbers | Float32Array | Float64Array;
    /**
     * Shape of `y`; where it is given it is compared with what the loss reads, so that `[batch, time, …]` is not taken for
     * `[time, batch, …]`. Several axes of neurons are those of the output population.
     */
    yShape?: readonly number[] | undefined;
    /**
     * Steps of each sample that count, `[batch]`: for the loss, the penalties and the predictions. The steps behind them run too.
     * Layers that look back in time alone never see them; the statistics of {@link batchNorm} count them, as torch's do, and a
     * {@link timeMixture} or {@link psn} mixes them in unless its `order` masks what is later: fill them with zeros.
     */
    lengths?: WholeNumbers | undefined;
}

/**
 * - `'bptt'`: back-propagation through time, exact; memory grows with the number of steps (see `segment`, `truncate`).
 * - `'e-prop'`: eligibility propagation (G. Bellec et al., Nature Communications 11, 3625, 2020). Every synapse carries
 *   a trace of its effect, forward in time, filtered by the leak of a readout that does not spike. The memory is that of the
 *   traces and of at most 64 steps, for sequences of any length. It is exact for one hidden population without recurrence
 *   before such a readout. With recurrence it omits the effect of a spike on later spikes of other neurons; if the output
 *   spikes, it also omits the memory of the output's membrane.
 * - `'ottt'`: online training through time (M. Xiao et al., NeurIPS 2022): as e-prop, but the loss of a step reaches only what
 *   happens in that step.
 *
 * The last two need dense layers between populations that spike and a loss of each step (`loss.crossEntropyMembrane`,
 * `crossEntropyRate`, `meanSquaredMembrane`), without penalties or learned parameters of neurons. Anything else is refused with
 * `unsupported`.
 */
export declare type TrainingMethod = 'bptt' | 'e-prop' | 'ottt';

/** The numbers of one row: its axes by name, its seed, and its number. */
export declare type TrainingRow<A extends string = string> = {
    readonly [K in A]: number;
} & {
    readonly seed: number;
    readonly row: number;
};

/** The state of a training, as plain data; together with the model and the optimizer's moments it makes a checkpoint. */
export declare interface TrainingState {
    /** Finished epochs. */
    epoch: number;
    /** Finished batches of the running epoch. */
    batch: number;
    /** Optimizer steps of this training; absent in checkpoints of older versions. */
    updates?: number;
    /** Of the loader, if it has a state. */
    loader?: LoaderState;
    /** Of the validation data, if they have a state. */
    validation?: LoaderState;
    history: EpochRecord[];
    /** Values that a plateau schedule and early stopping have seen. */
    watched: number[];
    /** Sums of the running epoch. */
    running: {
        samples: number;
        loss: number;
        correct: number;
    };
    /** The optimizer, whose moments the checkpoint holds. */
    optimizer?: Optimizer['kind'];
    /** Of the validation data after the last epoch, in checkpoints of trials. */
    evaluation?: Evaluation;
    /** Weights of the best epoch so far, if early stopping restores them. */
    best?: Record<string, Weights>;
}

/**
 * Trains a model once for each row of a sweep over hyper-parameters: learning rates, time constants, thresholds,
 * penalties, seeds. Each row is bit for bit the result of `compile` with the row's seed and `fit`. Several models are
 * trained at a time; small ones, which do not benefit from several threads, have one thread each.
 *
 * @example
 * ```ts
 * const sweep = await trainMany({
 *   axes: { lr: [1e-3, 3e-3, 1e-2], beta: [0.8, 0.9] },
 *   seeds: [1, 2, 3],
 *   model: ({ beta }) => sequential(dense(64, 50), lif({ beta }), dense(50, 10), li({ beta })),
 *   data: ({ seed }) => new DataLoader(digits, { batchSize: 32, shuffle: true, seed }),
 *   fit: ({ lr }) => ({ epochs: 3, loss: loss.crossEntropyRate(), optimizer: adam({ lr }) }),
 * });
 * const best = sweep.columns.accuracy.indexOf(Math.max(...sweep.columns.accuracy));
 * ```
 * @param options - `onProgress` receives the number of finished rows
 * @returns columns with one number per row; failed rows are listed in `failed`, and the others continue
 * @throws LapicqueError `invalid-parameter`, `unknown-name` for options, `aborted`; the first error if all rows failed
 */
export declare function trainMany<const A extends string = never>(options: TrainManyOptions<A>): Promise<TrainedRows<A>>;

/** Options of {@link trainMany}. */
export declare interface TrainManyOptions<A extends string = string> extends TaskOptions, DesignOptions {
    /** Values by axis. Names are free; `model` and `fit` read them. */
    axes: {
        readonly [K in A]: AxisValues;
    };
    /** As in `simulateMany`; default `'grid'`. */
    design?: Design;
    /** Seeds with which models are compiled: one for all rows (default 0), or a list. */
    seeds?: number | readonly number[] | Float64Array;
    /** Number of rows of the design `'sample'`. */
    samples?: number;
    /** Seed of that design; default 0. */
    sampleSeed?: number;
    /** The network of a row; it is compiled with the row's seed. */
    model: (row: TrainingRow<A>) => Network;
    /** The data of a row: a new loader, because a loader has a position. */
    data: (row: TrainingRow<A>) => Batches;
    /** How a row is trained. */
    fit: (row: TrainingRow<A>) => Omit<FitOptions, 'signal' | 'onProgress'>;
    /**
     * Rows that are trained at a time; default the number of threads of `setThreads`, which are divided among the models.
     */
    parallel?: number;
    /** Called with each trained model before it is freed, to save or use it; default nothing. */
    onModel?: (model: Model, row: TrainingRow<A>, result: FitResult) => unknown;
}

/** What {@link Model.trainStep} does with a batch. */
export declare interface TrainStepOptions extends InputOptions, TaskOptions, MethodOptions {
    /** What is to become small, or a function that says so. */
    loss: Loss | OwnLoss;
    /** Absent: the gradients are added to those there are, and no step is taken. */
    optimizer?: Optimizer | undefined;
    /** Factor on the learning rate. */
    lrFactor?: number;
    /** Factor on the gradients, for example 1 / accumulated batches. */
    scale?: number;
    clipValue?: number | undefined;
    regularisers?: readonly Regulariser[];
    /** Time steps kept at once; fewer need less memory and one more forward pass. Default: all. */
    segment?: number | undefined;
    inputGradient?: boolean;
    /** The criterion of the labels; default the one of the loss, see {@link Decision}. */
    by?: Decision | undefined;
}

/** A way through the plane. A gap is a value that is not finite. */
declare interface Trajectory {
    readonly x: ArrayLike<number>;
    readonly y: ArrayLike<number>;
}

/**
 * The context of a `transform` or a `collate`, for reproducible random changes: derive all randomness from it. Encoders do so automatically:
 * within a loader, the result of `encode.rate` depends on seed, epoch and sample, also after a restart and in any batch.
 */
export declare interface TransformContext {
    seed: number;
    epoch: number;
    /** Number of the batch in its epoch, from 0. */
    batch: number;
    /** The samples of the batch, by their indices in the source. */
    indices: Uint32Array;
}

/**
 * Transforms a stream of events: each batch goes through all transforms before the next is read, so memory does not grow with the
 * recording (but for transforms whose doc says that they need all of it). What batches hold beside the four columns (colors,
 * triggers, IMU, frames of a camera) is left out.
 *
 * @example
 * ```ts
 * const quiet = transformEvents(await openEvents('recording.raw'), [
 *   eventTransform.hotPixels({ frequency: 1000, learn: 1e6 }),
 *   eventTransform.denoise({ time: 5000 }),
 * ]);
 * for await (const { t, x, y, polarity } of quiet) console.log(t.length);
 * ```
 * @throws LapicqueError `invalid-parameter` for options out of range (at once), and for events outside of the sensor (while it is
 * iterated); `too-large`; `aborted`
 */
export declare function transformEvents(source: EventSource_2, transforms: readonly EventTransform[], options?: EventPipelineOptions): EventStream;

/** Options with a function that is applied to each batch; the loop receives its result. */
export declare interface TransformOptions<In, Out> extends LoaderOptions {
    transform: (batch: In, context: TransformContext) => Out | Promise<Out>;
}

/** Which layer an ONNX node became. */
export declare interface TranslatedNode {
    readonly node: string;
    readonly operator: string;
    /** The layer that computes it; nothing for a node that only carries constants, sizes or the same values on. */
    readonly layer?: string;
}

/** One trial of a study, as the second argument of an objective. */
export declare interface Trial<P = Readonly<Record<string, unknown>>> {
    readonly number: number;
    readonly parameters: P;
    /** A hash of the study's seed and the trial's number, an integer: for `compile`, loaders and encoders. */
    readonly seed: number;
    /** Number of the attempt from 1. Above 1, an earlier attempt was interrupted. */
    readonly attempt: number;
    /**
     * Fires when the trial must end: the study was aborted, or the time limit has passed. `fit` and `simulate` observe it
     * without being passed it.
     */
    readonly signal: AbortSignal;
    /**
     * Reports the objective after a step; steps ascend. If the study's pruner decides so, it ends the trial by throwing
     * an error with the code `pruned`, which the objective must not catch.
     *
     * @param step - an integer from 0, for example an epoch
     * @param value - the current value of the objective, with several objectives a list
     * @throws LapicqueError `pruned`; `non-finite` if the value is NaN or infinite, unless the study's `prune` is `none`
     */
    report(step: number, value: number | readonly number[]): void;
    /** Ends the trial as pruned. */
    prune(): never;
    /** Attaches plain data (JSON values) to the trial's record. */
    set(name: string, value: unknown): void;
    readonly checkpoint: TrialCheckpoint;
    readonly artifacts: TrialArtifacts;
}

/** Files that a trial leaves beside the journal. */
export declare interface TrialArtifacts {
    /** The path of a file, for functions that write files themselves; undefined in a study without a store. */
    path(name: string): string | undefined;
    read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
    /** Atomic: a reader finds either the old or the new content. */
    write(name: string, bytes: Uint8Array): Promise<void>;
    list(): Promise<string[]>;
}

/**
 * Storage of an objective for its state, so that it can continue after a kill. It is removed when the trial has ended.
 */
export declare interface TrialCheckpoint {
    /**
     * The path of a checkpoint file, for functions that write files atomically themselves; undefined in a study without a
     * store.
     */
    readonly path: string | undefined;
    /** The last bytes from {@link save}, also from before a kill; undefined if there are none. */
    get(): Promise<Uint8Array<ArrayBuffer> | undefined>;
    /** Replaces the stored bytes. Atomic: after a kill there are either the old or the new bytes. */
    save(bytes: Uint8Array): Promise<void>;
}

/** Two runs of the same trial with different results. */
export declare interface TrialConflict {
    readonly number: number;
    /** The first result, which the study keeps. */
    readonly kept: TrialOutcome;
    readonly other: TrialOutcome;
}

/** Why a trial failed. */
export declare interface TrialError {
    /** Code of the `LapicqueError`; absent if the objective threw another error. */
    readonly code?: string;
    readonly message: string;
}

/** A format of {@link writeTrials}. */
export declare type TrialFormat = 'csv' | 'jsonl' | 'parquet';

/** Limits of each trial. */
export declare interface TrialLimits {
    /**
     * Time limit in seconds from the start of a trial; after it the trial fails with `time-limit`. Default none. The
     * process of an objective that is a module is killed. An objective that is a function is notified by `trial.signal`,
     * and the study does not wait for it.
     */
    readonly seconds?: number;
    /**
     * Memory limit in bytes of a trial's process; above it the trial fails with `too-large`. Default none. Only for an
     * objective that is a module.
     */
    readonly bytes?: number;
}

/** The outcome of a trial, as plain data that `encodeRecord` converts to JSON without loss. */
export declare interface TrialOutcome {
    readonly state: Exclude<TrialState, 'running'>;
    /** One value for each objective, if the trial is complete. */
    readonly values?: readonly number[];
    readonly error?: TrialError;
    readonly user?: Readonly<Record<string, unknown>>;
    /** Start of the last attempt, in ms since 1970. */
    readonly started: number;
    readonly ended: number;
    readonly worker?: string;
    /** Number of attempts, if the executor restarts trials itself. */
    readonly attempts?: number;
    /**
     * Whether the trial may have left checkpoints. They are removed once the outcome is on disk. Not part of the result.
     */
    readonly checkpointed?: boolean;
}

/** A trial of a study. */
export declare interface TrialRecord {
    /** 0, 1, 2 …: the identity of the trial within its study. */
    readonly number: number;
    readonly state: TrialState;
    /** The parameters as the objective received them; conditional ones that do not apply are absent. */
    readonly parameters: Readonly<Record<string, unknown>>;
    /** One for each objective; absent unless the trial is complete. */
    readonly values?: readonly number[];
    /** In ascending order of steps, one per step. */
    readonly reports: readonly TrialReport[];
    /** A hash of the study's seed and the trial's number. */
    readonly seed: number;
    /** The worker: a shard, a process, a machine. */
    readonly worker?: string;
    /** Time of the first start, in ms since 1970. */
    readonly started: number;
    /** Time of the result, in ms since 1970. */
    readonly ended?: number;
    readonly error?: TrialError;
    /** Number of starts: more than 1 after an interruption. */
    readonly attempts: number;
    /** The data that the objective attached with `trial.set`. */
    readonly user?: Readonly<Record<string, unknown>>;
}

/** A value that a running trial reported. */
export declare interface TrialReport {
    readonly step: number;
    /** The current value of the objective, with several objectives one number each; may be NaN or infinite. */
    readonly value: number | readonly number[];
}

/** The record of a trial, as the store returns it and as tables, figures, samplers and pruners read it. */
/** The state of a trial. */
export declare type TrialState = 'running' | 'complete' | 'pruned' | 'failed';

/**
 * Trials as columns. Rows are in the order of the trials' numbers; `sort` changes it. A table is immutable: `filter`
 * and `sort` return a new one.
 *
 * Columns, by the path of the value in a {@link TrialRecord}: `number`, `state`, `values.0` …, `parameters.NAME` … (parts of lists and objects
 * as `layers[0].width`), `seconds` (from start to end), `started` and `ended` (ms since 1970), `attempts`, `seed`, `worker`, `lastStep` (of the
 * last report), `error.code`, `error.message`, `user.NAME` …
 *
 * @typeParam P - the parameters as the objective receives them; they determine the kinds of their columns
 */
export declare class TrialTable<P = Readonly<Record<string, unknown>>> {
    #private;
    /** The record of each row. */
    readonly trials: readonly TrialRecord[];
    readonly columns: readonly Column[];
    /** Number of rows. */
    get length(): number;
    /** The names of the columns, in order. */
    get names(): string[];
    /**
     * Returns a column.
     *
     * @throws LapicqueError `unknown-name`
     */
    column<N extends string>(name: N): ColumnAt<N, P>;
    /** One row as an object with the names of the columns; absent values are left out. */
    row(i: number): Record<string, number | boolean | string>;
    /** The rows for which `keep` returns true. */
    filter(keep: (trial: TrialRecord, row: number) => boolean): TrialTable<P>;
    /**
     * The rows sorted by a column: numbers by size, strings by their characters, false before true; absent values and NaN
     * come last in both orders. The order of equal rows does not change.
     *
     * @throws LapicqueError `unknown-name`
     */
    sort(name: string, order?: 'ascending' | 'descending'): TrialTable<P>;
}

/**
 * Surrogate gradient `height max(0, 1 - |x| / width)` with `x = v - vThreshold`.
 * Source: S. Esser et al. 2016; G. Bellec et al. 2018 (height 0.3); Norse 1.1.0 triangle (height alpha); spyx (width 0.5).
 */
declare function triangular(options?: {
    /** a number above 0; default 1, under `like: 'norse'` 100. */
    height?: number;
    /** a number above 0; default 1. */
    width?: number;
}): Surrogate;

/** External trigger inputs of a camera, in the order of the file. */
export declare interface Triggers {
    /** Microseconds, as {@link EventBatch.t}. */
    readonly t: Float64Array;
    /** Number of the input; 0 where the format has one only. AEDAT 4: 0 the input, 1 the generator, 2 frames, 3 exposures of frames, 4 a reset of the clock. */
    readonly id: Uint8Array;
    /** 1 for a rising edge, 0 for a falling edge. A pulse (AEDAT 3.1 and 4) is 2. */
    readonly polarity: Uint8Array;
}

/** Without zeros in front. */
declare type Trimmed<S extends string> = S extends `0${infer Rest}` ? Rest extends '' ? S : Trimmed<Rest> : S;

/** A size for each axis of a volume, `[depth, height, width]`; one number stands for all three. */
export declare type Triple = number | readonly [number, number, number];

/**
 * spike-timing-dependent plasticity of triplets: `post: w += r1 (aPlus + aPlusTriplet o2); pre: w -= o1 (aMinus + aMinusTriplet r2); r1, r2 jump by 1 at spikes of the source and decay with tauPlus, tauX, o1, o2 at those of the target with tauMinus, tauY`.
 *
 * As computed: at events only: traces decay by exp(-elapsed / tau), then w changes and is clipped to wMin … wMax, then the traces jump: r2 and o2 are those before the spike itself. Variables of a synapse:
 * - `w`: weight (the unit of the weight)
 *
 * Source: J.-P. Pfister, W. Gerstner, J. Neurosci. 26, 2006, equations 3 and 4; defaults: visual cortex, all to all, full model (table 4).
 *
 * @throws LapicqueError `unknown-name` for an option that does not exist; where it is used, `invalid-parameter` for a
 * value out of range
 */
declare function tripletStdp(options?: TripletStdpOptions): SynapseModel;

/** Parameters and options of {@link tripletStdp}. */
declare interface TripletStdpOptions {
    /** time constant of r1 (ms); a number above 0; default 16.8. */
    tauPlus?: number;
    /** time constant of r2 (ms); a number above 0; default 101. */
    tauX?: number;
    /** time constant of o1 (ms); a number above 0; default 33.7. */
    tauMinus?: number;
    /** time constant of o2 (ms); a number above 0; default 125. */
    tauY?: number;
    /** potentiation by a pair (the unit of the weight); a finite number; default 5e-10. */
    aPlus?: number;
    /** potentiation by a triplet: target, source, target (the unit of the weight); a finite number; default 0.0062. */
    aPlusTriplet?: number;
    /** depression by a pair (the unit of the weight); a finite number; default 0.007. */
    aMinus?: number;
    /** depression by a triplet: source, target, source (the unit of the weight); a finite number; default 0.00023. */
    aMinusTriplet?: number;
    /** smallest weight (the unit of the weight); a finite number; default 0. */
    wMin?: number;
    /** largest weight (the unit of the weight); a finite number; default 100. */
    wMax?: number;
    /** a spike pairs with all earlier ones of the other side, or with the last one alone; default `'all-to-all'`. */
    pairing?: 'all-to-all' | 'nearest';
    /** spikes of source and target that meet at the same time: neither sees the other, the one that comes first is seen by the other, or each sees the other; default `'neither'`. */
    coincidence?: 'neither' | 'pre-first' | 'post-first' | 'both';
    /** exp(-dt / tau) a step, or 1 - dt / tau; default `'exact'`. */
    decay?: 'exact' | 'euler';
    /** Fills in the parameters and options with which that simulator computes. nest: stdp_triplet_synapse. */
    like?: 'nest';
}

/**
 * Tsodyks–Markram short-term plasticity: `du/dt = -u / tauFac, dx/dt = (1 - x - y) / tauRec, dy/dt = -y / tauPsc; at a spike u += utilisation (1 - u), then u x moves from x to y and the weight is w u x. Without tauPsc, y = 0`.
 *
 * As computed: at presynaptic spikes only: the exact solution over the time since the last one, then the jump. Variables of a synapse:
 * - `w`: weight of all resources together (the unit of the weight)
 * - `u`: part of the resources that the last spike used (dimensionless)
 * - `x`: part of the resources that is there (dimensionless)
 * - `y`: part of the resources that is at work (dimensionless)
 *
 * Source: M. Tsodyks, H. Markram, PNAS 94, 1997; M. Tsodyks, A. Uziel, H. Markram, J. Neurosci. 20, 2000, equations 3 and 4.
 *
 * @throws LapicqueError `unknown-name` for an option that does not exist; where it is used, `invalid-parameter` for a
 * value out of range
 */
declare function tsodyksMarkram(options?: TsodyksMarkramOptions): SynapseModel;

/** Parameters and options of {@link tsodyksMarkram}. */
declare interface TsodyksMarkramOptions {
    /** U: what a spike adds to u, as a part of 1 - u (dimensionless); a number from 0 to 1; default 0.5. */
    utilisation?: number;
    /** time constant of recovery (ms); a number above 0; default 800. */
    tauRec?: number;
    /** time constant of facilitation; 0: none (ms); a number of at least 0; default 0. */
    tauFac?: number;
    /** how long resources are at work before they recover; left out: not at all (ms); a number above 0. */
    tauPsc?: number;
    /** u before the first spike (dimensionless); a finite number; default 0. */
    uInit?: number;
    /** u of a first spike at the time that counting starts (dimensionless); a number from 0 to 1. */
    uFirst?: number;
    /** x before the first spike (dimensionless); a number from 0 to 1; default 1. */
    xInit?: number;
    /** y before the first spike (dimensionless); a number from 0 to 1; default 0. */
    yInit?: number;
    /** exp(-dt / tau) a step, or 1 - dt / tau; default `'exact'`. */
    decay?: 'exact' | 'euler';
    /** from when on the initial values relax; default `'time-zero'`. */
    start?: 'time-zero' | 'first-spike';
    /** Fills in the parameters and options with which that simulator computes. nest: tsodyks_synapse; nest-tsodyks2: tsodyks2_synapse; norse: stp. In the step of a spike u grows by a part of what it was before its decay. */
    like?: 'nest' | 'nest-tsodyks2' | 'norse';
}

/**
 * two compartments: adaptive exponential soma and passive dendrite: `c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + gC (d - v) + gE (vE - v) + gI (vI - v) + iBias + x; cD dd/dt = gLD (vLeak - d) + gC (v - d) + gED (vE - d) + gID (vI - d) + xD; tauW dw/dt = a (v - vLeak) - w; tauE dgE/dt = -gE; tauI dgI/dt = -gI; gED and gID likewise; a spike adds its weight to the conductance of its port`.
 *
 * As computed: `subSteps steps of the Runge-Kutta method of order 4, v at most vPeak within; after each a spike if v >= vPeak: v = vReset, w = w + b; at the end of the step what arrives is added to the conductances. The dendrite has no reset`. States:
 * - `v`: membrane potential
 * - `w`: adaptation current
 * - `gE`: excitatory conductance of the soma
 * - `gI`: inhibitory conductance of the soma
 * - `d`: potential of the dendrite
 * - `gED`: excitatory conductance of the dendrite
 * - `gID`: inhibitory conductance of the dendrite
 * - `refractory`: steps until the neuron may be charged again; takes part only with a refractory period
 *
 * Source: conductance-coupled compartments as in J. Rinzel, P. F. Pinsky, J. Comput. Neurosci. 1, 1994; soma: R. Brette, W. Gerstner, J. Neurophysiol. 94, 2005.
 *
 * @returns a population with the ports `excitatory`, `inhibitory`, `current`, `dendriteExcitatory`, `dendriteInhibitory`, `dendriteCurrent`: what feeds it is cut into 6 parts, for `excitatory`, `inhibitory`, `current`, `dendriteExcitatory`, `dendriteInhibitory`, `dendriteCurrent`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function twoCompartment<const N extends number = number>(options?: TwoCompartmentOptions<N>): PortedPopulation<N>;

/** What {@link TwoCompartmentOptions} may hold. */
export declare interface TwoCompartmentFields<N extends number = number> extends PopulationOptions<N> {
    /** capacitance of the soma (pF); a number above 0; default 150. One number, or one a neuron. */
    c?: number | readonly number[] | Float64Array | Float32Array;
    /** leak conductance of the soma (nS); a finite number; default 10. One number, or one a neuron. */
    gL?: number | readonly number[] | Float64Array | Float32Array;
    /** potential towards which both decay (mV); a finite number; default -70. One number, or one a neuron. */
    vLeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke sets in (mV); a finite number; default -50. One number, or one a neuron. */
    vT?: number | readonly number[] | Float64Array | Float32Array;
    /** slope factor: how sharp the upstroke is (mV); a number above 0; default 2. One number, or one a neuron. */
    deltaT?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much w follows v (nS); a finite number; default 0. One number, or one a neuron. */
    a?: number | readonly number[] | Float64Array | Float32Array;
    /** by how much a spike raises w (pA); a finite number; default 0. One number, or one a neuron. */
    b?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of w (ms); a number above 0; default 100. One number, or one a neuron. */
    tauW?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current into the soma (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
    /** capacitance of the dendrite (pF); a number above 0; default 100. One number, or one a neuron. */
    cD?: number | readonly number[] | Float64Array | Float32Array;
    /** leak conductance of the dendrite (nS); a finite number; default 8. One number, or one a neuron. */
    gLD?: number | readonly number[] | Float64Array | Float32Array;
    /** conductance between soma and dendrite (nS); a number of at least 0; default 15. One number, or one a neuron. */
    gC?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of excitation (mV); a finite number; default 0. One number, or one a neuron. */
    vE?: number | readonly number[] | Float64Array | Float32Array;
    /** reversal potential of inhibition (mV); a finite number; default -80. One number, or one a neuron. */
    vI?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of excitation (ms); a number above 0; default 5. One number, or one a neuron. */
    tauE?: number | readonly number[] | Float64Array | Float32Array;
    /** time constant of inhibition (ms); a number above 0; default 10. One number, or one a neuron. */
    tauI?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at which the upstroke is cut off and a spike emitted (mV); a finite number; default 0. One number, or one a neuron. */
    vPeak?: number | readonly number[] | Float64Array | Float32Array;
    /** potential after a reset to a value (mV); a finite number below vPeak; default -60. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 4. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'rk4'`. */
    method?: 'rk4' | 'euler';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'vPeak'[];
}

/** Parameters and options of {@link twoCompartment}; of parameters that say the same thing, one. */
export declare type TwoCompartmentOptions<N extends number = number> = TwoCompartmentFields<N> & AtMostOne<'refractorySteps' | 'tauRef'>;

/** The kinds of typed arrays that data may have. */
export declare type TypedArray = Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** {@link unflatten} */
export declare interface Unflatten<S extends readonly number[] = readonly number[]> {
    readonly layer: 'unflatten';
    readonly shape: S;
    readonly name?: string;
}

/**
 * One axis as an image, the reverse of {@link flatten}: element `(c height + y) width + x` becomes `(c, y, x)`; as `torch.nn.Unflatten`.
 * So a dense layer feeds transposed convolutions, as of a decoder.
 *
 * @param shape - `[channels, width]`, `[channels, height, width]` or `[channels, depth, height, width]`, positive integers
 * @returns a layer from as many elements to that shape
 * @throws LapicqueError `invalid-parameter` for an invalid shape; at `compile` `shape-mismatch` for another number of elements
 *
 * @example
 * ```ts
 * sequential(dense(10, 64), unflatten([4, 4, 4]), conv2d(4, 1, 2, { stride: 2, transposed: true }), lif({ beta: 0.5 }));
 * ```
 */
export declare function unflatten<const S extends readonly number[]>(shape: S, options?: MapOptions): Unflatten<S>;

/** A number from `low` to `high`, both included; with `step` one of `low`, `low + step`, … */
declare interface Uniform {
    readonly kind: 'uniform';
    readonly low: number;
    readonly high: number;
    readonly step?: number;
}

/** Uniform from `low` to `high`. */
declare function uniform(low: number, high: number): Distribution;

/**
 * A number from `low` to `high`, both included.
 *
 * @param options - `step`: only `low`, `low + step`, … up to `high`; default any number
 */
declare function uniform_2(low: number, high: number, options?: {
    step?: number;
}): Uniform;

/** Each digit as a list of that length. */
declare interface Units {
    '0': [];
    '1': [0];
    '2': [0, 0];
    '3': [0, 0, 0];
    '4': [0, 0, 0, 0];
    '5': [0, 0, 0, 0, 0];
    '6': [0, 0, 0, 0, 0, 0];
    '7': [0, 0, 0, 0, 0, 0, 0];
    '8': [0, 0, 0, 0, 0, 0, 0, 0];
    '9': [0, 0, 0, 0, 0, 0, 0, 0, 0];
}

/** The value of a node that the objective receives. */
declare type ValueOf<N> = N extends Uniform | LogUniform | Int ? number : N extends Choice<infer V> ? V : N extends Fixed<infer V> ? V : N extends When<string, unknown, infer T> ? ValueOf<T> : N extends List<infer E> ? readonly ValueOf<E>[] : ParametersOf<N>;

/** One number for all, one for each, or a distribution. */
declare type Values = number | readonly number[] | Float64Array | Float32Array | Distribution;

/**
 * Distance of M. van Rossum (Neural Computation 13, 2001): each spike becomes an exponential with the time constant
 * `tau`; the distance is the root mean square difference of the two functions, √2 for two single spikes far apart.
 * Computed in one pass over the spikes of a pair (C. Houghton, T. Kreuz, Network 23, 2012).
 *
 * @param options - `tau` in ms
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function vanRossum(trains: GivenSpikeTrains, options: TaskOptions & {
    tau: number;
}): Promise<PairMatrix>;

/** Small arrows at points, such as a vector field. They have the same length; `u` and `v` are their directions in units of the axes. */
declare interface VectorsMark {
    type: 'vectors';
    x: ArrayLike<number>;
    y: ArrayLike<number>;
    u: ArrayLike<number>;
    v: ArrayLike<number>;
    color?: FigureColor;
    /** In pixels; default 9. */
    length?: number;
}

/**
 * Reports whether a NIR file is supported, which framework wrote it, which discretization, update order, reset and comparison the reader assumes, what is
 * implausible in it, and whether a round trip is exact. For a file that is malformed or not supported it returns a `problem` instead of throwing.
 *
 * @example
 * ```ts
 * const { supported, report, roundTrip } = await verifyNir('network.nir');
 * ```
 * @param source - a path or a `file:` URL, bytes, or a stream
 * @throws LapicqueError `io`, `invalid-parameter` and `unknown-name` for the options, `aborted`
 */
export declare function verifyNir(source: FileSource, options?: ReadNirOptions): Promise<NirVerification>;

/**
 * Distance of J. D. Victor and K. P. Purpura (Journal of Neurophysiology 76, 1996): the minimum cost of transforming
 * one train into the other, where inserting or deleting a spike costs 1 and shifting it by 1 ms costs `q`. The time of
 * a pair is proportional to the product of its spike counts.
 *
 * @param options - `q` in 1/ms: 0 compares spike counts
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function victorPurpura(trains: GivenSpikeTrains, options: TaskOptions & {
    q: number;
}): Promise<PairMatrix>;

/** The tokens of a language model, by number. */
export declare interface Vocabulary {
    /** In ascending order of their numbers. */
    readonly tokens: readonly string[];
    /** Number of tokens. */
    readonly size: number;
    /**
     * Converts a text to the numbers of its characters.
     * @throws LapicqueError `invalid-parameter` for a character that is not a token, with its index
     */
    encode(text: string): Uint32Array;
    /**
     * Converts numbers to a text.
     * @throws LapicqueError `invalid-parameter` for a number without a token
     */
    decode(numbers: ArrayLike<number>): string;
}

/**
 * The characters (code points) of a text as tokens in ascending order; or the characters of a list, in its order:
 * `vocabulary(model.description.vocabulary)` is the vocabulary of a model from a file.
 *
 * @example
 * ```ts
 * const tokens = vocabulary('abracadabra');
 * tokens.encode('bar'); // Uint32Array [1, 0, 4]
 * ```
 * @throws LapicqueError `invalid-parameter` for an empty text, a token that is not a single character, or a repeated
 * token
 */
export declare function vocabulary(source: string | readonly string[]): Vocabulary;

/** A tensor of weights, row-major. */
export declare type Weights = Float32Array | Float64Array;

/**
 * Distributions of weights, a panel for each tensor.
 *
 * @param tensors - by name, such as `await model.weights()`; or one array
 * @throws LapicqueError `invalid-parameter` for values that are not finite, `unknown-name`
 */
declare function weights(tensors: Readonly<Record<string, ArrayLike<number>>> | ArrayLike<number>, options?: WeightsOptions): Promise<Figure>;

/** How weights are scaled: one unit for a layer, one for each of its neurons (of a convolution each channel), or a power of two. */
export declare type WeightScale = 'tensor' | 'channel' | 'power-of-two';

/** Options of {@link weights}. */
declare interface WeightsOptions extends FigureOptions {
    /** Number of bins, 1 to 1000; default 50. */
    bins?: number;
}

/** Weights of one connection over time. */
export declare interface WeightTrace {
    readonly from: string;
    readonly to: string;
    /** In ms. */
    readonly times: Float64Array;
    /** `[times, synapses]`: the weights at that time, synapses in the order of `plasticSynapses`. */
    readonly values: Float64Array;
}

/** A part of the space that exists only where another parameter has one of some values. */
declare interface When<P extends string = string, V = unknown, N extends SpaceNode = SpaceNode> {
    readonly kind: 'when';
    readonly parameter: P;
    readonly is: readonly V[];
    readonly part: N;
}

/**
 * `part` exists only if the parameter of that name has the value `is`, or one of several values. The parameter must be
 * in the same group or in an enclosing one, and must be a `choice`, an `int` or `fixed`.
 *
 * @example
 * ```ts
 * const parameters = {
 *   optimizer: space.choice(['adam', 'sgd']),
 *   momentum: space.when('optimizer', 'sgd', space.uniform(0, 0.99)),
 * };
 * ```
 */
declare function when<const P extends string, const V extends string | number | boolean | null, N extends SpaceNode>(parameter: P, is: V | readonly V[], part: N): When<P, V, N>;

/** {@link When} of anything. */
declare interface WhenNode extends When<string, PlainValue, SpaceNode> {
}

/** Integers in an array of any width. */
export declare type WholeNumbers = Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array | BigInt64Array | BigUint64Array;

/**
 * Fano factor of each train's counts in successive windows, `[neurons]`; NaN for a train without a spike.
 *
 * @param options - `window` in ms
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function windowedFanoFactors(trains: GivenSpikeTrains, options: TaskOptions & {
    window: number;
}): Promise<Float64Array>;

/** The window of a convolution or a pool; `Further` is its output padding. */
declare interface WindowOf<Kernel extends readonly number[], Stride extends readonly number[], Padding extends readonly number[], Dilation extends readonly number[], Further extends readonly number[] | undefined = undefined> {
    readonly kernel: Kernel;
    readonly stride: Stride;
    readonly padding: Padding;
    readonly dilation: Dilation;
    readonly outputPadding: Further;
}

/** Options of {@link tokenWindows}. */
export declare interface WindowOptions {
    /** Tokens of a window. The model predicts the next token at each of them. */
    steps: number;
    /** Distance between the starts of two windows; default `steps`, so that each token is predicted once. */
    stride?: number;
}

/** Why a window cannot slide over pixels; `never` where it can, or where they are not known. */
declare type WindowRefused<W, P extends readonly number[]> = W extends SlidingWindow ? number extends P['length'] | W['kernel']['length'] ? never : P['length'] extends W['kernel']['length'] ? HasNone<Slid<W, P>[number]> extends true ? `a window of [${Listed<W['kernel']>}] leaves no pixel of an image of [${Listed<P>}]` : never : `expected ${W['kernel']['length']} axes of pixels but the layer before has ${P['length']}` : never;

/**
 * Selects the spikes from `start` to before `stop`, for example to remove a transient.
 *
 * @throws LapicqueError `invalid-parameter` for an invalid time span, or one that is not within that of the trains
 */
declare function within(given: GivenSpikeTrains, span: SpikeTrainSpan): SpikeTrains;

/**
 * WKV recurrence: `out[t] = (sum over i < t of exp(k[i] - (t - 1 - i) exp(decay)) v[i] + exp(bonus + k[t]) v[t]) / (the same sum without v)`.
 *
 * As computed: `q = max(exponent[t-1], bonus + k), e = exp(exponent[t-1] - q), f = exp(bonus + k - q); out[t] = (e numerator[t-1] + f v) / (e denominator[t-1] + f); exponent[t] = max(exponent[t-1] - exp(decay), k), e = exp(exponent[t-1] - exp(decay) - exponent[t]), f = exp(k - exponent[t]); numerator[t] = e numerator[t-1] + f v; denominator[t] = e denominator[t-1] + f`. States:
 * - `out`: what leaves
 * - `numerator`: sum of the values seen, weighted, over exp(exponent)
 * - `denominator`: sum of their weights, over exp(exponent)
 * - `exponent`: running maximum of the exponents, so that no weight overflows
 *
 * Source: B. Peng et al., RWKV: reinventing RNNs for the transformer era, EMNLP Findings 2023; R.-J. Zhu et al., SpikeGPT, TMLR 2024. Keys k and values v are its inputs; a step is a token, whatever dt.
 *
 * @returns a population with the ports `key`, `value`: what feeds it is cut into 2 parts, for `key`, `value`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function wkv<const N extends number = number>(options?: WkvOptions<N>): PortedPopulation<N>;

/** Parameters and options of {@link wkv}. */
export declare interface WkvOptions<N extends number = number> extends PopulationOptions<N> {
    /** logarithm of the rate at which what was seen is forgotten, a step (dimensionless); a finite number; default -1. One number, or one a neuron. */
    decay?: number | readonly number[] | Float64Array | Float32Array;
    /** added to the key of the token that is there now (dimensionless); a finite number; default 0. One number, or one a neuron. */
    bonus?: number | readonly number[] | Float64Array | Float32Array;
    /** exponent at the start (dimensionless); a finite number; default -1e+38. One number, or one a neuron. */
    exponentInit?: number | readonly number[] | Float64Array | Float32Array;
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('decay' | 'bonus')[];
}

/** A `WritableStream` of bytes. */
export declare interface WritableBytes {
    getWriter(): {
        write(piece: Uint8Array): Promise<void>;
        close(): Promise<void>;
        abort(reason?: unknown): Promise<void>;
    };
}

/** Begins a recording in the layout of DSEC. Times are to be in order. @throws LapicqueError `io` */
export declare function writeDsec(path: string | URL, { offset }?: DsecOptions): Promise<EventWriter>;

/**
 * Writes events: a batch, or all batches of a reader or another iterable, one at a time. The sensor is that of the reader where option `sensor`
 * is absent.
 *
 * @param target - a path, or a `WritableStream`, which needs option `format`
 * @returns how much was written, and what was left out
 * @throws LapicqueError as {@link createEventWriter}; whatever the iterable throws. The file at the path is then as it was
 *
 * @example
 * ```ts
 * using reader = await openEvents('recording.aedat4', { origin: 'first' });
 * await writeEvents('recording.raw', reader, { format: 'evt3', drop: ['frames', 'imu'] });
 * ```
 */
export declare function writeEvents(target: FileTarget, events: EventBatch | EventReader | AsyncIterable<EventBatch> | Iterable<EventBatch>, options?: WriteEventsOptions): Promise<WrittenEvents>;

/** Options of {@link writeEvents} and {@link createEventWriter}. */
export declare interface WriteEventsOptions extends TaskOptions {
    /** Default: by the path's extension (`.raw` is EVT3, `.aedat` is AEDAT 3.1). */
    format?: EventFormat | undefined;
    /** Default: that of the reader that is written. AEDAT 4 and `.es` need it. */
    sensor?: Sensor | undefined;
    /** What is left out where the format cannot hold it; default nothing, so that it is refused as `unsupported`. */
    drop?: readonly ('triggers' | 'imu' | 'frames')[] | undefined;
    /** AEDAT 2: whose addresses are written. */
    chip?: 'dvs128' | 'davis128' | 'davis240' | 'davis346' | undefined;
    /** EVT2.1; default `little`. */
    halfOrder?: 'little' | 'legacy' | undefined;
    /** AEDAT 4; default `lz4`. */
    compression?: 'none' | 'lz4' | 'zstd' | undefined;
    /** Headerless AER; default 4. */
    addressBytes?: 2 | 4 | undefined;
}

/**
 * Writes an HDF5 file: an object of groups (objects) and datasets (arrays, numbers, strings; {@link hdf5Dataset} for
 * shapes, types, compression and attributes). h5py and every HDF5 library since 1.8 can read it.
 *
 * @param target - a path or a `file:` URL, where the file is replaced as a whole or not at all, or a `WritableStream`
 * @throws LapicqueError `invalid-parameter`, `unsupported` for an attribute of more than 64 KiB, `io`, `aborted`
 * @example
 * ```ts
 * await writeHdf5('network.h5', {
 *   version: '1.0',
 *   layer: hdf5Group({ weight: hdf5Dataset(weights, { shape: [10, 784], deflate: true }), bias }, { type: 'Affine' }),
 * });
 * ```
 */
export declare function writeHdf5(target: FileTarget, tree: Hdf5Tree | Hdf5GroupSpec, options?: TaskOptions): Promise<void>;

/**
 * Writes a model or a graph as a NIR file, which `nir` 1.0 reads, and so do Norse, SpikingJelly, snnTorch, sinabs and others. The time constants are chosen so
 * that forward Euler with the model's dt computes the same values as the model. Semantics that NIR cannot express are in metadata, which {@link readNir} reads.
 *
 * @example
 * ```ts
 * const model = await sequential(dense(12, 4), lif({ tauMem: 10, like: 'nir' })).compile();
 * await writeNir('network.nir', model);
 * ```
 * @param target - a path or a `file:` URL, whose file is replaced atomically, or a `WritableStream`
 * @param source - a model, or a graph such as {@link readNirGraph} returns
 * @returns the semantics that are lost, and the choices left open
 * @throws LapicqueError `unsupported` for a layer without a NIR node, and for lost semantics that are not in `lossy`; `io`; `aborted`
 */
export declare function writeNir(target: FileTarget, source: Model | NirGraph, options?: WriteNirOptions): Promise<NirExportReport>;

/**
 * Writes recordings of a graph's nodes in the format that `nir.read_data` reads.
 *
 * @param target - a path or a `file:` URL, whose file is replaced atomically, or a `WritableStream`
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `io`, `aborted`
 */
export declare function writeNirData(target: FileTarget, data: NirGraphData, options?: TaskOptions): Promise<void>;

/** Options of {@link writeNir}. */
export declare interface WriteNirOptions extends TaskOptions {
    /**
     * The semantics that other readers may lose because NIR cannot express them: names from the error message such as `'lif1.reset'`, or a field of all layers
     * such as `'reset'`, or `true` for all. lapicque reads them back from the metadata. Default none.
     */
    lossy?: boolean | readonly string[];
}

/** Begins a recording in the layout of OpenEB's writer. @throws LapicqueError `io` */
export declare function writeProphesee(path: string | URL, { sensor, ecf }: PropheseeOptions): Promise<EventWriter>;

/**
 * Writes `report.html`, a self-contained page, and the figures as files beside it.
 *
 * @param into - the folder: created if it does not exist; files of the same names are replaced
 * @returns the paths written, the page first
 * @throws LapicqueError `shape-mismatch` or `invalid-parameter` for data that do not fit together, `io`, `aborted`
 * (between two figures or files; files already written remain)
 */
export declare function writeReport(into: string | URL, report: Report, options?: ReportOptions): Promise<string[]>;

/**
 * Writes values of nodes over time as a frame-oriented report of SONATA, for libsonata, BMTK and h5py.
 *
 * @example
 * ```ts
 * const { traces } = await simulate(network(E, record.traces(E, ['v'], 1)), { duration: 1000 });
 * await writeSonataReport('v.h5', { E: { ...traces['E.v'], units: 'mV', variable: 'v' } });
 * ```
 * @param target - a path or a `file:` URL, where the file is replaced as a whole or not at all, or a `WritableStream`
 * @param reports - by population; what {@link readSonataReport} gave is written as it was
 * @throws LapicqueError `invalid-parameter`, also for times that are not at equal distances; `unknown-name`, `io`, `aborted`
 */
export declare function writeSonataReport(target: FileTarget, reports: Readonly<Record<string, SonataReportData>>, options?: SonataReportWriteOptions): Promise<void>;

/**
 * Writes spikes as SONATA stores them, for libsonata, BMTK and h5py.
 *
 * @example
 * ```ts
 * const recording = await simulate(network(E, I), { duration: 1000 });
 * await writeSonataSpikes('spikes.h5', recording); // populations E and I, node_id from 0
 * await writeSonataSpikes('v1.h5', { v1: { ...recording.of('E'), nodeIds } });
 * ```
 * @param target - a path or a `file:` URL, where the file is replaced as a whole or not at all, or a `WritableStream`
 * @param spikes - by population; or a recording, of which each population with recorded spikes is one
 * @throws LapicqueError `invalid-parameter`, `unknown-name`, `io`, `aborted`
 */
export declare function writeSonataSpikes(target: FileTarget, spikes: Recording | Readonly<Record<string, SonataSpikesData>>, options?: SonataSpikesWriteOptions): Promise<void>;

/**
 * Writes arrays atomically to a `.safetensors` file, to an `.npz` file or, for one array, to an `.npy` file
 * that numpy can read. The ending of the name selects the format; other endings are refused. The element type
 * is that of the array.
 *
 * @example
 * ```ts
 * const { times, ids } = await simulate(balanced, { duration: 1000 });
 * await writeTensors('spikes.npz', { times, ids });
 * const { spikes, shape } = await model.run(batch);
 * await writeTensors('spikes.npy', { spikes: { data: spikes!, shape } });
 * ```
 * @param target - a path or a `file:` URL, or a `WritableStream`; {@link tensorBytes} returns bytes
 * @param tensors - by name: a typed array, which counts as a vector unless it carries its shape as those of
 * {@link Model.weights} do, or an array with its shape, as {@link readTensors} returns them
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `unsupported` for what the format cannot hold, `io`, `aborted`
 */
export declare function writeTensors(target: FileTarget, tensors: NamedTensors, options?: WriteTensorsOptions): Promise<void>;

/** Options of the functions that write files of tensors. */
export declare interface WriteTensorsOptions extends TaskOptions {
    /** Metadata as text by name; only in safetensors files. */
    metadata?: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
    /** Default: from the ending of the name; for a stream and for bytes `'safetensors'`. */
    format?: TensorFormat;
}

/**
 * Writes a table of trials.
 *
 * - `csv` (RFC 4180, UTF-8): a header and one line per row. An absent value is an empty field, an empty string is `""`;
 *   numbers have all their digits, times are ISO 8601 in UTC.
 * - `jsonl`: the record of each trial as JSON, one per line, with all its reports; numbers that are not finite are the
 *   strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
 * - `parquet`: columns with the table's types; absent values are null, integers are INT64, times are TIMESTAMP.
 *
 * @param target - a path, whose file is replaced atomically, or a `WritableStream`
 * @throws LapicqueError `invalid-parameter`, `unknown-name` for a format that does not exist, `io`, `aborted`
 */
export declare function writeTrials<P>(target: FileTarget, table: TrialTable<P>, given?: WriteTrialsOptions): Promise<void>;

/** Options of {@link writeTrials}. */
export declare interface WriteTrialsOptions extends Pick<TaskOptions, 'signal'> {
    /** Default by the ending of the path: `.csv`, `.jsonl` or `.parquet`. Required for a stream. */
    format?: TrialFormat;
}

/** What came of {@link writeEvents}. */
export declare interface WrittenEvents {
    readonly format: string;
    readonly events: number;
    readonly triggers: number;
    readonly imu: number;
    readonly frames: number;
    /** What was left out because option `drop` said so. */
    readonly dropped: {
        readonly triggers: number;
        readonly imu: number;
        readonly frames: number;
    };
}

export { }
