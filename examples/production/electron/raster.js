// @ts-check
// A raster that runs through: one second wide, a dot a spike, the oldest overwritten.
const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('raster'));
const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
const [neurons, excitatory, width] = [200, 160, 1000];

// @ts-expect-error what preload.cjs exposes
window.circuit.onSpikes(({ from, times, ids }) => {
  requestAnimationFrame(() => {
    const scale = canvas.width / width;
    context.clearRect((from % width) * scale, 0, 24 * scale, canvas.height);
    for (let i = 0; i < ids.length; i++) {
      context.fillStyle = ids[i] < excitatory ? '#2563c9' : '#e0700c';
      context.fillRect((times[i] % width) * scale, (ids[i] / neurons) * canvas.height, 3, 3);
    }
    // @ts-expect-error as above
    window.circuit.drawn(ids.length);
  });
});
