/** The recurrent network of the Spiking Heidelberg Digits. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import { dense } from '../layers/operations.generated.ts';
import type { Network } from '../model/network.ts';
import { sequential } from '../model/sequential.ts';
import { type CubaLifOptions, cubaLif, li } from '../neurons/models.generated.ts';
import { fastSigmoid } from '../neurons/surrogates.generated.ts';

/** Options of {@link shdRecurrent}. */
export interface ShdRecurrentOptions {
  /** Channels of the cochlea; default 700. */
  channels?: number;
  /** Neurons of each recurrent layer; default `[256, 256]`. */
  hidden?: readonly number[];
  /** Default 20: ten digits in two languages. */
  classes?: number;
  /** The hidden neurons; default decays of 0.9 (current) and 0.95 and the fast sigmoid's surrogate with slope 25. */
  neuron?: CubaLifOptions;
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
 * const model = await networks.shdRecurrent({ hidden: [128] }).compile({ seed: 1 });
 * ```
 */
export function shdRecurrent(options: ShdRecurrentOptions = {}): Network {
  const {
    channels = 700,
    hidden = [256, 256],
    classes = 20,
    neuron = { alpha: 0.9, beta: 0.95, surrogate: fastSigmoid({ slope: 25 }) },
  } = checkOptions('shdRecurrent', options, ['channels', 'hidden', 'classes', 'neuron']);
  if (!Array.isArray(hidden)) invalid('shdRecurrent.hidden', hidden, 'a list of sizes, one per layer');
  const sizes = [channels, ...hidden];
  // Gains at which about 6 % of the neurons fire in a step, for a cochlea with 1.5 % active channels.
  const initial = (gain: number) =>
    ({ initial: { kind: 'fan-in-uniform', gain }, initialBias: { kind: 'zeros' } }) as const;
  const recurrent = { kind: 'dense', ...initial(0.25) } as const;
  const layers = hidden.flatMap((neurons, i) => [
    dense(sizes[i]!, neurons, initial(i === 0 ? 0.83 : 0.26)),
    cubaLif({ recurrent, ...neuron }),
  ]);
  const readout = [dense(sizes.at(-1)!, classes), li({ beta: 0.95 })];
  return (sequential as (...layers: unknown[]) => Network)(...layers, ...readout);
}
