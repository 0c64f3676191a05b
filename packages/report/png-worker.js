// Draws SVG as PNG in a thread of its own: rendering and compression of a large figure take seconds, in which a server would answer nobody.
import { parentPort } from 'node:worker_threads';
import { Resvg } from '@resvg/resvg-js';
import { fontFiles } from './fonts.js';

const font = {
  fontFiles,
  loadSystemFonts: false,
  defaultFontFamily: 'Inter',
  sansSerifFamily: 'Inter',
};

parentPort.on('message', ({ id, svg, scale }) => {
  try {
    const drawn = new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render().asPng();
    // A copy of its own, because memory of the renderer cannot be moved to another thread.
    const png = Uint8Array.from(drawn);
    parentPort.postMessage({ id, png }, [png.buffer]);
  } catch (error) {
    parentPort.postMessage({ id, error });
  }
});
