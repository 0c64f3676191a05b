/**
 * For child processes: hands every typed array that enters the addon over in a SharedArrayBuffer that another thread rewrites
 * all the time. What is written is what the array had, or numbers that nothing accepts, in turns: so a number that is checked is
 * often another one when it is read again.
 */
export const hostileMemory = `
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
const { addon } = createRequire(lapicqueLibrary)('#native');
const words = 1 << 18;
const [memory, original] = [new Int32Array(new SharedArrayBuffer(4 * words)), new Int32Array(new SharedArrayBuffer(4 * words))];
const state = new Int32Array(new SharedArrayBuffer(8));
const scrambler = new Worker(\`
  const { memory, original, state } = require('node:worker_threads').workerData;
  const bad = [-1, 0x7fffffff, 0x7fc00000, 0x7ff80000, 1 << 20, -2147483648, 0x41414141];
  let seed = 1;
  while (Atomics.load(state, 1) === 0) {
    const used = Math.max(1, Atomics.load(state, 0));
    for (let n = 0; n < 200; n++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const at = seed % used;
      memory[at] = bad[n % bad.length];
      for (let k = 0; k < seed >>> 26; k++);
      memory[at] = original[at];
    }
  }
\`, { eval: true, execArgv: [], workerData: { memory, original, state } });
scrambler.unref();
const hit = new Set();
let next = 0;
/** The same numbers where they are rewritten. */
function shared(array) {
  const bytes = Math.ceil(array.byteLength / 8) * 8;
  if (array.length === 0 || bytes > 4 * words) return array;
  if (next + bytes > 4 * words) next = 0;
  const plain = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (const region of [original, memory]) new Uint8Array(region.buffer, next, array.byteLength).set(plain);
  const copy = new array.constructor(memory.buffer, next, array.length);
  Atomics.store(state, 0, Math.max(state[0], (next + bytes) / 4));
  next += bytes;
  return copy;
}
function hostile(value, found) {
  if (ArrayBuffer.isView(value)) {
    found.any = true;
    return shared(value);
  }
  if (Array.isArray(value)) return value.map((item) => hostile(item, found));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hostile(item, found)]));
  return value;
}
function wrapped(plain, name) {
  return function (...args) {
    const found = { any: false };
    const given = args.map((arg) => hostile(arg, found));
    if (found.any) hit.add(name);
    return plain.apply(this, given);
  };
}
const methods = (holder) =>
  Object.getOwnPropertyNames(holder).filter((key) => key !== 'constructor' && typeof Object.getOwnPropertyDescriptor(holder, key).value === 'function');
for (const [name, value] of Object.entries(addon)) {
  if (typeof value !== 'function') continue;
  if (!/^[A-Z]/.test(name)) {
    addon[name] = wrapped(value, name);
    continue;
  }
  for (const key of methods(value.prototype)) value.prototype[key] = wrapped(value.prototype[key], name + '.' + key);
  // Static methods cannot be replaced.
  const over = class extends value {
    static [Symbol.hasInstance](object) {
      return object instanceof value;
    }
  };
  for (const key of methods(value)) Object.defineProperty(over, key, { value: wrapped(value[key].bind(value), name + '.' + key) });
  addon[name] = over;
}
const codes = {};
/** Calls many times; counts the codes of errors, and lets no other thing pass. */
async function often(times, call) {
  for (let i = 0; i < times; i++) {
    try {
      const result = await call(i);
      if (typeof result === 'object' && result !== null && 'error' in result) throw Object.assign(new Error(result.error.message), result.error);
      codes.done = (codes.done ?? 0) + 1;
    } catch (error) {
      if (typeof error.code !== 'string' || error.code === 'internal') throw error;
      codes[error.code] = (codes[error.code] ?? 0) + 1;
    }
  }
}
const end = () => {
  Atomics.store(state, 1, 1);
  console.log(JSON.stringify({ hit: [...hit], codes }));
};
`;
