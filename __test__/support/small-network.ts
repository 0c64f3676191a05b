/** The network that is told what is wrong, and what would be right for it. */

import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, loss, sequential } from '../../src-ts/index.ts';

export const [steps, batch, channels, classes] = [4, 3, 5, 2];
export const network = sequential(
  dense(channels, 6),
  lif({ beta: 0.9 }),
  dense(6, classes),
  lif({ beta: 0.8 }),
);
export const x = new Float32Array(steps * batch * channels);
export const shape = [steps, batch, channels];
export const y = new Uint8Array(batch);
export const objective = loss.crossEntropyMembrane();
