/** Networks from the literature as scripts, which `lapicque simulate NAME` runs. */
export { brunel } from './brunel.ts';
export { brunelStdp } from './brunel-stdp.ts';
export { coba } from './coba.ts';
export { cobahh } from './cobahh.ts';
export { cuba } from './cuba.ts';
export { izhikevich } from './izhikevich.ts';
export { microcircuit } from './microcircuit.ts';
export type { CircuitContext, CircuitModule, CircuitScript } from './script.ts';
