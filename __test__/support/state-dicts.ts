/** Networks that other libraries trained (fixtures/state-dicts), as layers of ours. */

import type { ImportOptions, Peer } from '../../src-ts/doors/files.ts';
import {
  cubaLi,
  cubaLif,
  integrateAndFire,
  klif,
  li,
  lif,
  parametricLif,
  rateUnit,
  slstm,
} from '../../src-ts/doors/neurons.ts';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  input,
  type Layer,
  layerNorm,
  maxPool2d,
} from '../../src-ts/index.ts';

/** A network as it is here, and whose it is. */
export interface StateDictCase {
  from: Peer;
  layers: () => Layer[];
  /** Parameters that the import must have set, of all that there are. */
  set?: readonly string[];
  options?: ImportOptions;
}

const snn = { like: 'snntorch' } as const;
const sj = { like: 'spikingjelly' } as const;
const learned = { ...snn, learn: ['beta', 'vThreshold'] as const };

/** By the file of fixtures/state-dicts. */
export const stateDictCases: Record<string, StateDictCase> = {
  'snntorch-sequential.safetensors': {
    from: 'snntorch',
    layers: () => [
      dense(5, 8),
      lif({ ...learned, beta: new Array(8).fill(0.1) }),
      dense(8, 4),
      lif({ ...learned, beta: 0.1 }),
    ],
  },
  'snntorch-tutorial.npz': {
    from: 'snntorch',
    layers: () => [
      dense(5, 8),
      cubaLif({ ...snn, alpha: 0.6, beta: 0.8 }),
      dense(8, 8),
      lif({ ...snn, beta: 0.85, recurrent: 'dense' }),
      dense(8, 8),
      lif({ ...snn, beta: 0.9 }),
    ],
  },
  'snntorch-slstm.safetensors': {
    from: 'snntorch',
    layers: () => [
      dense(6, 24),
      slstm({ ...snn, vThreshold: 0.1, recurrent: 'dense' }),
      dense(6, 4),
      lif({ ...snn, beta: 0.9, vThreshold: 0.3 }),
    ],
  },
  'snntorch-sconv2dlstm.safetensors': {
    from: 'snntorch',
    layers: () => [
      input(3, 4, 4),
      conv2d(3, 12, 3, { padding: 1 }),
      slstm({ ...snn, vThreshold: 0.05, recurrent: { kind: 'conv', kernel: 3 } }),
      flatten(),
      dense(48, 4),
      lif({ ...snn, beta: 0.9, vThreshold: 0.3 }),
    ],
  },
  'snntorch-image.npz': {
    from: 'snntorch',
    layers: () => [
      input(2, 6, 4),
      conv2d(2, 4, 3, { padding: 1, bias: false }),
      batchNorm(),
      lif({ ...snn, beta: 0.6 }),
      maxPool2d(2),
      flatten(),
      dense(24, 4),
      lif({ ...snn, beta: 0.8 }),
    ],
  },
  'spikingjelly-parametric.safetensors': {
    from: 'spikingjelly',
    layers: () => [
      input(2, 6, 4),
      conv2d(2, 4, 3, { padding: 1, bias: false }),
      batchNorm(),
      parametricLif(sj),
      maxPool2d(2),
      flatten(),
      dense(24, 8),
      parametricLif(sj),
      dense(8, 8),
      klif({ ...sj, tauMem: 2 }),
      dense(8, 4),
      lif({ ...sj, tauMem: 1.7, vThreshold: 0.5 }),
    ],
  },
  'spikingjelly-container.safetensors': {
    from: 'spikingjelly',
    layers: () => [
      dense(6, 6),
      parametricLif({ ...sj, vThreshold: 0.6, recurrent: { kind: 'dense', bias: false } }),
      dense(6, 4),
      integrateAndFire({ ...sj, vThreshold: 0.7 }),
    ],
  },
  'norse-recurrent.safetensors': {
    from: 'norse',
    layers: () => [
      dense(5, 8, { bias: false }),
      cubaLif({
        like: 'norse',
        tauMem: new Array(8).fill(10),
        tauSyn: 5,
        vThreshold: 1,
        learn: ['tauMem', 'tauSyn', 'vThreshold'],
        recurrent: { kind: 'dense', bias: false, autapses: false },
      }),
      dense(8, 3),
      cubaLi({ like: 'norse', tauMem: 8, tauSyn: 5 }),
    ],
  },
  'torch-rates.safetensors': {
    from: 'torch',
    layers: () => [
      dense(5, 6),
      batchNorm(),
      dense(6, 7),
      rateUnit({ activation: 'relu', recurrent: 'dense' }),
      layerNorm(),
      dense(7, 3),
      li({ beta: 0 }),
    ],
  },
};
