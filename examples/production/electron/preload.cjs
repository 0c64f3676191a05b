// @ts-check
// The only bridge between the window and the main process: spikes in, how many were drawn out.
const { contextBridge, ipcRenderer } = require('electron');

contextBridge.exposeInMainWorld('circuit', {
  /** @param {(piece: { from: number, times: Float64Array, ids: Uint32Array }) => void} listener */
  onSpikes: (listener) => ipcRenderer.on('spikes', (_, piece) => listener(piece)),
  /** @param {number} count */
  drawn: (count) => ipcRenderer.send('drawn', count),
});
