// The queue of a study over Redis as a page: Bull Board, for reading only.
//   npm install
//   node bull-board.mjs NAME [redis://127.0.0.1:6379] [PORT]        NAME: of the study, while its coordinator runs
// The page has no login: keep it on the loopback address, or put it behind one.
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Queue } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';

const [name, url = 'redis://127.0.0.1:6379', port = '3001'] = process.argv.slice(2);
const connection = new Redis(url, { maxRetriesPerRequest: null });

// Each study has keys of its own; a name may have several studies, for example with two seeds.
const fingerprints = await connection.hkeys(`lapicque:study:${name}`);
if (fingerprints.length === 0) {
  console.error(`no study ${name} is coordinated over ${url}`);
  process.exit(1);
}
const queues = fingerprints.map((fingerprint) => {
  const queue = new Queue('trials', { connection, prefix: `lapicque:{${fingerprint.slice(0, 32)}}` });
  return new BullMQAdapter(queue, { readOnlyMode: true, prefix: `${name} ${fingerprint.slice(0, 8)}: ` });
});

const serverAdapter = new ExpressAdapter();
createBullBoard({ queues, serverAdapter });
express()
  .use('/', serverAdapter.getRouter())
  .listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
