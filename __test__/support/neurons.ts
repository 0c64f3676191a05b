/** Neurons from equations that several tests run. */
import { neuron } from '../../src-ts/doors/neurons.ts';

/** Noise, a refractory period and a second state. */
export const noisy = neuron({
  name: 'noisy',
  state: { v: 0, w: 0 },
  params: { tauMem: 6, tauW: 40, b: 0.1, sigma: 0.4, vThreshold: 0.5 },
  update: "v' = (i - v - w)/tauMem + sigma*xi; w' = -w/tauW + 0.02*xi_w",
  spike: 'v > vThreshold',
  reset: 'v = 0; w += b',
  refractory: 2,
});

/** The default of `lif`, as text. */
export const written = neuron({
  state: { v: 0 },
  params: { beta: 0.9, vThreshold: 1 },
  update: 'v = beta*v + i',
  spike: 'v > vThreshold',
  reset: 'v -= vThreshold',
  resetTiming: 'next-step',
});
