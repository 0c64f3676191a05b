// One thread that draws PNG files, started by the first. It does not keep a program running.
import { Worker } from 'node:worker_threads';

/** @type {Worker | undefined} */
let worker;
/** @type {Map<number, { resolve: (png: Uint8Array) => void, reject: (error: unknown) => void }>} */
const waiting = new Map();
let calls = 0;

function started() {
  const own = new Worker(new URL('png-worker.js', import.meta.url));
  const failed = (/** @type {unknown} */ error) => {
    if (worker === own) worker = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  own.on('message', ({ id, png, error }) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) own.unref();
    if (error === undefined) call?.resolve(png);
    else call?.reject(error);
  });
  own.on('error', failed);
  own.on('exit', (code) => failed(new Error(`the thread that draws PNG files ended with code ${code}`)));
  return own;
}

/**
 * An SVG document as the bytes of a PNG file, drawn with the font of the package.
 *
 * @param {string} svg
 * @param {number} scale - pixels per unit
 * @returns {Promise<Uint8Array>}
 */
export function svgToPng(svg, scale) {
  worker ??= started();
  const own = worker;
  return new Promise((resolve, reject) => {
    const id = calls++;
    waiting.set(id, { resolve, reject });
    own.ref();
    own.postMessage({ id, svg, scale });
  });
}
