// The detector of eeg.mjs behind HTTP: each client has a stream, each stream a session of its own.
//   node examples/applications/eeg-server.mjs MODEL.safetensors [PORT]
// The model is trained and saved when the file does not exist (about a minute).
//   POST /streams/NAME      body: samples in microvolts at 256 Hz as float32; answer: { seconds, alarm, evidence, since }
//   DELETE /streams/NAME    ends a stream
//   GET /metrics            the figures of the engine, for Prometheus
import { existsSync, realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { engineMetrics, LapicqueError, Model } from 'lapicque';
import { rate, recording } from './support/eeg-data.mjs';
import { Alarm, FrontEnd, levelsOf, stepRate, trainDetector } from './support/eeg-detector.mjs';

const most = { streams: 1000, bytes: 4 * 60 * rate }; // a body has at most a minute

/** One client's stream: filters, network and alarm, each with its state. */
class Stream {
  #front = new FrontEnd();
  #alarm;
  #session;
  #since = null;
  #steps = 0;

  constructor(session, threshold) {
    this.#session = session;
    this.#alarm = new Alarm(threshold);
  }

  push(samples) {
    let evidence = 0;
    for (const sample of samples) {
      const line = this.#front.push(sample);
      if (line === undefined) continue;
      this.#session.push(line);
      const [no, yes] = this.#session.membrane();
      evidence = yes - no;
      this.#steps += 1;
      const before = this.#alarm.on;
      if (!this.#alarm.push(evidence)) this.#since = null;
      else if (!before) this.#since = this.#steps / stepRate;
    }
    return { seconds: this.#steps / stepRate, alarm: this.#alarm.on, evidence, since: this.#since };
  }

  end() {
    this.#session.dispose();
  }
}

/** An HTTP server on a model; `listen` starts it. */
export function eegServer(model, { threshold = 3.5 } = {}) {
  const streams = new Map();
  const answer = (response, status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return createServer(async (request, response) => {
    try {
      if (request.url === '/metrics') return void response.end(engineMetrics());
      const name = /^\/streams\/([\w-]{1,64})$/.exec(request.url)?.[1];
      if (name === undefined) return void answer(response, 404, { error: 'expected /streams/NAME' });
      if (request.method === 'DELETE') {
        streams.get(name)?.end();
        return void answer(response, 200, { ended: streams.delete(name) });
      }
      const samples = await floats(request);
      if (typeof samples === 'string') return void answer(response, 400, { error: samples });
      let stream = streams.get(name);
      if (stream === undefined) {
        if (streams.size >= most.streams) return void answer(response, 503, { error: 'too many streams' });
        stream = new Stream(await model.session(), threshold);
        streams.set(name, stream);
      }
      answer(response, 200, stream.push(samples));
    } catch (error) {
      const wrong = error instanceof LapicqueError && error.code === 'non-finite';
      answer(response, wrong ? 400 : 500, { error: wrong ? error.message : 'internal error' });
    }
  });
}

/** The samples of a body, or what is wrong with it. */
async function floats(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > most.bytes) return `body: more than ${most.bytes} bytes`;
    chunks.push(chunk);
  }
  if (size % 4 !== 0) return `body: ${size} bytes are not whole float32 samples`;
  const samples = new Float32Array(new Uint8Array(Buffer.concat(chunks)).buffer);
  return samples.every(Number.isFinite) ? samples : 'body: a sample is not finite';
}

/** Trains on synthetic recordings, as `eeg.mjs` does by default. */
export function trainOnSynthetic({ subjects = 12, minutes = 20, batches = 600 } = {}) {
  const recordings = [2, 1].flatMap((snr) =>
    Array.from({ length: subjects }, (_, k) => {
      const { signal, events, decoys } = recording(200 + k, { snr, minutes });
      return { levels: levelsOf(signal), events, places: [...events, ...decoys] };
    }),
  );
  return trainDetector(recordings, { seed: 0, batches });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [file, port = '8080'] = process.argv.slice(2);
  if (file === undefined) throw new TypeError('usage: eeg-server.mjs MODEL.safetensors [PORT]');
  if (!existsSync(file)) await (await trainOnSynthetic()).save(file);
  const server = eegServer(await Model.load(file));
  server.listen(Number(port), () => console.log(`listening on port ${server.address().port}`));
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.close(() => process.exit(0)));
}
