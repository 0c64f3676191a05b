// @ts-check
// The main process: a balanced network, simulated in pieces off the event loop; each piece's spikes go to the window, and the next piece
// begins when the window has drawn them. With LAPICQUE_SMOKE=1 it ends after ten pieces, with 0 if spikes were drawn.
const { join } = require('node:path');
const { app, BrowserWindow, ipcMain } = require('electron');
const { circuit, connect, distribution, poisson, population, record, rule } = require('lapicque/circuit');
const { lif } = require('lapicque/neurons');

const piece = 20; // ms
const smoke = process.env.LAPICQUE_SMOKE !== undefined;

/** N. Brunel, Journal of Computational Neuroscience 8, 2000, with 200 neurons. */
function balanced() {
  const neuron = /** @type {const} */ ({
    like: 'nest',
    vLeak: 0,
    tauMem: 20,
    vThreshold: 20,
    vReset: 10,
    tauRef: 2,
  });
  const E = population(lif, 160, { ...neuron, name: 'E' });
  const I = population(lif, 40, { ...neuron, name: 'I' });
  return circuit(
    E,
    I,
    [E, I].flatMap((target) => [
      connect(E, target, rule.fixedInDegree(40), { weight: 0.5, delay: distribution.uniform(0.5, 2.5) }),
      connect(I, target, rule.fixedInDegree(10), { weight: -3, delay: 1 }),
      connect(poisson(4000), target, { weight: 0.5 }),
    ]),
    record.spikes(),
  );
}

app
  .whenReady()
  .then(async () => {
    const window = new BrowserWindow({
      width: 960,
      height: 480,
      show: !smoke,
      webPreferences: { preload: join(__dirname, 'preload.cjs'), contextIsolation: true, sandbox: true },
    });
    const simulation = await balanced().compile({ dt: 0.1, seed: 1 });
    let pieces = 0;
    let drawn = 0;
    const next = async () => {
      if (window.isDestroyed()) return;
      const { times, ids } = await simulation.run(piece);
      if (window.isDestroyed()) return;
      window.webContents.send('spikes', { from: pieces * piece, times, ids });
      pieces += 1;
    };
    ipcMain.on('drawn', (_, count) => {
      drawn += count;
      if (smoke && pieces === 10) app.exit(drawn > 0 ? 0 : 1);
      else next().catch(fail);
    });
    window.on('closed', () => simulation.dispose());
    await window.loadFile('index.html');
    await next();
  })
  .catch(fail);

app.on('window-all-closed', () => app.quit());

/** @param {unknown} error */
function fail(error) {
  console.error(error);
  app.exit(1);
}
