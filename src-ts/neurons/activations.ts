/** Activations of artificial networks: populations without memory, trained with runs of one step. */
import { options as checkOptions, eachFinite, finite, flag, integer } from '../checks/check.ts';
import { atFirstUse } from './at-first-use.ts';
import { rateUnit } from './models.generated.ts';
import { neuron, type PerNeuron } from './neuron.ts';
import type { Neuron, NeuronOptions } from './neuron-node.ts';

/** Options of {@link relu}. */
export type ReluOptions<N extends number = number> = Pick<NeuronOptions<N>, 'name' | 'neurons'>;

/** Options of {@link clippedRelu}. */
export interface ClippedReluOptions<N extends number = number> extends ReluOptions<N> {
  /** The largest value, above 0: one number, or one per neuron or channel. Default 1. */
  ceiling?: PerNeuron;
  /** Whether training changes `ceiling`; default false. */
  trainable?: boolean;
}

/** Options of {@link qcfs}. */
export interface QcfsOptions<N extends number = number> extends ReluOptions<N> {
  /** L, the number of steps of the staircase, from 1 to 65,536. Default 8. */
  levels?: number;
  /** θ, the largest value, above 0: one number for the layer, or one per neuron or channel. Default 1. */
  theta?: PerNeuron;
  /** Whether training changes `theta`; default true. */
  trainable?: boolean;
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
export function relu<const N extends number = number>(options: ReluOptions<N> = {}): Neuron<N> {
  return rateUnit({ ...checkOptions('relu', options, ['name', 'neurons']), activation: 'relu' });
}

const clipped = atFirstUse(() =>
  neuron({
    name: 'clippedRelu',
    state: { v: 0 },
    params: { ceiling: 1 },
    update: 'v = where(i > 0, where(i < ceiling, i, ceiling), 0)',
  }),
);

/**
 * Rectified linear units with a largest value, `v = min(max(0, x), ceiling)`: the range that a spiking neuron with the threshold `ceiling` can
 * represent. The gradient of a learned `ceiling` sums the gradients of the clipped values (PACT: J. Choi et al., arXiv:1805.06085).
 *
 * @returns a population as wide as the layer before it; with `trainable`, a parameter `ceiling`
 * @throws LapicqueError `invalid-parameter` for a ceiling that is not above 0
 */
export function clippedRelu<const N extends number = number>(options: ClippedReluOptions<N> = {}): Neuron<N> {
  const {
    ceiling = 1,
    trainable = false,
    ...rest
  } = checkOptions('clippedRelu', options, ['name', 'neurons', 'ceiling', 'trainable']);
  positive('clippedRelu.ceiling', ceiling);
  const learn = flag('clippedRelu.trainable', trainable) ? { learn: ['ceiling'] as const } : {};
  return clipped()({ ...rest, ceiling, ...learn }) as Neuron<N>;
}

/** x is at most 2^16 levels, so that x times this is finite, and has no fraction unless x is below 2^-40. */
const scale = 2 ** 64;

const staircase = atFirstUse(() =>
  neuron({
    name: 'qcfs',
    state: { v: 0 },
    params: { theta: 1, levels: 8 },
    // The second difference is 0 but for the gradient: floor has the derivative 0, and x as a multiple of 2^-64 as well.
    update: `
      z = i/theta
      x = levels*where(z > 0, where(z < 1, z, 1), 0)
      q = x + (floor(x + 0.5) - floor(x*${scale})/${scale})
      v = q*theta/levels`,
  }),
);

/**
 * Quantization-clip-floor-shift, `v = θ/L clip(⌊x L/θ + 1/2⌋, 0, L)`: a staircase of L steps up to a learned θ (T. Bu et al., ICLR 2022). It
 * equals the output of an integrate-and-fire neuron with threshold θ and initial potential θ/2 within L steps, so {@link convert} uses θ as
 * threshold, without data. It is trained with the straight-through estimator: floor has the derivative 1, clip the derivative of its argument. The
 * gradient of
 * θ is `v/θ - x/θ` within the staircase and 1 above it.
 *
 * @returns a population as wide as the layer before it; unless `trainable` is false, a parameter `theta`
 * @throws LapicqueError `invalid-parameter` for levels or a theta out of range
 */
export function qcfs<const N extends number = number>(options: QcfsOptions<N> = {}): Neuron<N> {
  const {
    levels = 8,
    theta = 1,
    trainable = true,
    ...rest
  } = checkOptions('qcfs', options, ['name', 'neurons', 'levels', 'theta', 'trainable']);
  integer('qcfs.levels', levels, { min: 1, max: 2 ** 16 });
  positive('qcfs.theta', theta);
  const learn = flag('qcfs.trainable', trainable) ? { learn: ['theta'] as const } : {};
  return staircase()({ ...rest, levels, theta, ...learn }) as Neuron<N>;
}

function positive(name: string, value: PerNeuron): void {
  if (typeof value === 'number') finite(name, value, { above: 0 });
  // What is no list of numbers at all, the population refuses.
  else if (typeof value === 'object' && value !== null) eachFinite(name, value, { above: 0 });
}
