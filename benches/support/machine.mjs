// What a recorded figure says of the machine that measured it.
import { cpus } from 'node:os';

/** The processor's name, the number of its cores that Node counts, and the version of Node. */
export function machine() {
  const cores = cpus();
  return { cpu: cores[0].model.trim(), cores: cores.length, node: process.version };
}
