// A server that answers while it learns: predictions over HTTP, event streams over WebSocket, hot swap of the model after each epoch,
// health and metrics, a graceful stop.
//   npm install && npm start          PORT (default 3000), HOST (default 127.0.0.1)
import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import websocket from '@fastify/websocket';
import fastify from 'fastify';
import { adam, dense, LapicqueError, loss, Model, sequential } from 'lapicque';
import { DataLoader, mnist } from 'lapicque/data';
import { lif } from 'lapicque/neurons';
import { startMetrics } from './metrics.mjs';

const steps = 20;
const [inputs, classes] = [784, 10];
const maxBuffered = 64 * 1024; // bytes that a slow client may leave unread before its stream is paused

/** Builds the server; `close` stops the training, ends the streams and waits for what was begun. */
export async function buildServer({ epochs = 3, samples = 8000, logger = false } = {}) {
  const stop = new AbortController();
  const { train } = (await mnist()).split();
  const data = {
    x: train.x.subarray(0, samples * inputs),
    y: train.y.subarray(0, samples),
    shape: [samples, inputs],
  };
  const learning = await sequential(
    dense(inputs, 128),
    lif({ beta: 0.9 }),
    dense(128, classes),
    lif({ beta: 0.9 }),
  ).compile({
    seed: 0,
  });
  let answering = await copyOf(learning);
  let version = 0;

  const training = learning
    .fit(new DataLoader(data, { batchSize: 64, shuffle: true }), {
      steps,
      epochs,
      loss: loss.crossEntropyCount(),
      optimizer: adam({ lr: 2e-3 }),
      signal: stop.signal,
      callbacks: {
        async onEpoch() {
          const before = answering;
          answering = await copyOf(learning);
          version += 1;
          before.dispose(); // once its last call has ended
        },
      },
    })
    .catch((error) => {
      if (error.name !== 'AbortError') throw error;
    });

  const now = () => ({ model: answering, version });
  const server = fastify({ logger, bodyLimit: 1 << 20 });
  await server.register(websocket, { options: { maxPayload: 1 << 16 } });
  addPredictions(server, now);
  // A stream: each message is the channels with an event in one step, a JSON list; each answer the output neurons that fired.
  server.get('/stream', { websocket: true }, (socket) => stream(socket, answering.session()));
  const metrics = startMetrics();
  server.get('/health', async () => ({ status: 'ok', version, uptime: process.uptime() }));
  server.get('/metrics', (request, reply) => {
    reply.hijack();
    metrics.answer(request.raw, reply.raw);
  });
  server.setErrorHandler(answerError);
  server.addHook('preClose', async () => {
    stop.abort(new Error('the server stops'));
    for (const client of server.websocketServer.clients) client.close(1001, 'the server stops');
  });
  server.addHook('onClose', async () => {
    await training;
    await metrics.stop();
    learning.dispose();
    answering.dispose();
  });
  return { server, training };
}

function addPredictions(server, now) {
  server.post(
    '/predict',
    {
      schema: {
        body: {
          type: 'object',
          required: ['pixels'],
          properties: {
            pixels: {
              type: 'array',
              minItems: inputs,
              maxItems: inputs,
              items: { type: 'number', minimum: 0, maximum: 1 },
            },
          },
        },
      },
    },
    async ({ body }) => {
      const { model, version } = now();
      const [label] = await model.predict(
        { x: Float32Array.from(body.pixels), shape: [1, inputs] },
        { steps },
      );
      return { label, version };
    },
  );
}

/** Answers each message of a client by a step of its session. */
function stream(socket, opened) {
  // `opened` is not awaited here: a message that arrives before there is a listener is lost.
  const waiting = [];
  let running = false;
  const run = async () => {
    if (running) return;
    running = true;
    const session = await opened;
    while (waiting.length > 0 && socket.readyState === socket.OPEN) {
      // Back-pressure: a client that does not read its answers has its own messages left unread.
      if (socket.bufferedAmount > maxBuffered) {
        socket.pause();
        await sleep(5);
        continue;
      }
      socket.resume();
      try {
        socket.send(JSON.stringify([...session.push(JSON.parse(waiting.shift()))]));
      } catch (error) {
        socket.close(
          1008,
          error instanceof LapicqueError ? error.message.slice(0, 120) : 'a list of channels is expected',
        );
      }
    }
    running = false;
  };
  const failed = (error) => socket.close(1011, error.message.slice(0, 120));
  socket.on('message', (message) => {
    waiting.push(message.toString());
    run().catch(failed);
  });
  socket.on('close', () => opened.then((session) => session.dispose(), failed));
}

function answerError(error, _, reply) {
  const typed = error instanceof LapicqueError;
  // `busy`: the engine's queue is full (setEngineLimits); the client may try again.
  const status = typed
    ? error.code === 'busy'
      ? 503
      : error.code === 'shape-mismatch'
        ? 400
        : 500
    : (error.statusCode ?? 500);
  reply.status(status).send({ error: typed ? error.toJSON() : { message: error.message } });
}

/** A model of its own with the weights that `model` has now. */
async function copyOf(model) {
  return Model.load(await model.toBytes());
}

// Started as a program, also by a link or from a folder with a space in its name.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { server, training } = await buildServer({ logger: true });
  await server.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '127.0.0.1' });
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => server.close().then(() => process.exit(0)));
  training.catch((error) => server.close().finally(() => Promise.reject(error)));
}
