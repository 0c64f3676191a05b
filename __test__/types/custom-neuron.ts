// Compile-only: the options of a custom neuron's layers follow from its definition.

import { lif, type Neuron, neuron } from '../../src-ts/doors/neurons.ts';
import { dense, sequential } from '../../src-ts/index.ts';

const adaptive = neuron({
  state: { v: 0, w: '0 mV' },
  params: { tauMem: 10, tauW: '100 ms', b: { value: [0.1, 0.2], unit: 'mV' } },
  update: "v' = (i - v - w)/tauMem; w' = -w/tauW",
  spike: 'v > 1',
  reset: 'v = 0; w += b',
  refractory: { period: 'tauMem', hold: ['v'] },
  method: 'rk4',
});
const layer: Neuron = adaptive({
  tauMem: 20,
  b: new Float32Array(3),
  learn: ['tauW'],
  recurrent: 'dense',
});
sequential(layer, adaptive());
const states: readonly ('v' | 'w' | 'refractory' | 'clock' | 'clockTurns' | `${string}[t-1]`)[] =
  adaptive.states;
const params: readonly ('tauMem' | 'tauW' | 'b')[] = adaptive.params;

export { params, states };

// @ts-expect-error not a parameter of this neuron
adaptive({ tauMen: 20 });
// @ts-expect-error nothing that could be learned
adaptive({ learn: ['v'] });
// @ts-expect-error a parameter is a number
adaptive({ tauMem: true });
// @ts-expect-error not a state
neuron({ state: { v: 0 }, update: "v' = -v", spike: 'v > 1', refractory: { period: 1, hold: ['w'] } });
// @ts-expect-error not a parameter
neuron({ state: { v: 0 }, params: { tau: 1 }, update: "v' = -v/tau", spike: 'v > 1', refractory: 'tauRef' });
// @ts-expect-error not a method
neuron({ state: { v: 0 }, update: "v' = -v", method: 'heun' });
// @ts-expect-error a neuron has an update
neuron({ state: { v: 0 } });
const plain = neuron({ state: { v: 0 }, update: 'v = i' });
// @ts-expect-error it has no parameters
plain({ beta: 0.9 });
plain({ neurons: 3 });
// @ts-expect-error as many neurons as the layer before has outputs
sequential(dense(2, 4), plain({ neurons: 3 }));
// @ts-expect-error and what leaves is known
sequential(dense(2, 3), plain(), dense(4, 2), plain());
// Of two inputs there are half as many neurons.
const two = neuron({ state: { v: 0 }, input: ['soma', 'dendrite'], update: 'v = soma - dendrite' });
sequential(dense(2, 10), two({ neurons: 5 }), dense(5, 2), lif({ beta: 0.9 }));
sequential(dense(2, 10), two(), dense(5, 2), lif({ beta: 0.9 }));
