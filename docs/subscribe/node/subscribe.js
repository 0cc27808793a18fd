// Does once what is to be done of each alert and each closed interaction, whatever comes twice or is killed.
import { Kafka, logLevel } from 'kafkajs'
import Database from 'libsql'

const {
  KAFKA_BOOTSTRAP_SERVERS = 'localhost:9092', TOPIC_PREFIX = '', GROUP = 'my-service', STATE = 'subscribe.db',
} = process.env

const db = new Database(STATE)
db.exec(`
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS remembered (source TEXT, id TEXT, revision INTEGER, at TEXT, PRIMARY KEY (source, id));
  CREATE TABLE IF NOT EXISTS done (line TEXT);
`)
// Changes a row when the event is new, or a higher revision of one that was told before.
const remember = db.prepare(`
  INSERT INTO remembered VALUES (?, ?, ?, CURRENT_TIMESTAMP)
  ON CONFLICT (source, id) DO UPDATE SET revision = excluded.revision, at = excluded.at
  WHERE excluded.revision > remembered.revision
`)
const work = db.prepare('INSERT INTO done VALUES (?)')

const alert = ({ channel, queue, state, numerator, denominator, waiting }) =>
  `${channel}/${queue} ${state}: ${numerator} of ${denominator} in time, ${waiting} waiting`

const closed = ({ channel, interaction_id, outcome, measures }) =>
  `${channel} ${interaction_id} ${outcome}: wait ${measures.wait_ms} ms, handle ${measures.handle_ms} ms`

const handlers = new Map([
  ['queue.sla.at_risk', alert],
  ['queue.sla.breached', alert],
  ['queue.sla.recovered', alert],
  ['enriched.interaction.closed', closed],
])

function handle({ type, source, id, revision = 0, data }) {
  const handler = handlers.get(type)
  if (!handler) return // other types are on these topics too, and some that are not invented yet
  if (remember.run(source, id, revision).changes) {
    const line = handler(data)
    work.run(line) // your own work, in the transaction that remembers it
    console.log(line)
  }
}

const handleAll = db.transaction((messages) => { // all of it, or nothing
  for (const { value } of messages) handle(JSON.parse(value))
})

const kafka = new Kafka({ clientId: GROUP, brokers: KAFKA_BOOTSTRAP_SERVERS.split(','), logLevel: logLevel.WARN })
const consumer = kafka.consumer({ groupId: GROUP, readUncommitted: false, maxWaitTimeInMs: 500 })

consumer.on(consumer.events.CRASH, ({ payload }) => {
  if (!payload.restart) process.exit(1) // for whoever restarts it: kafkajs has given up
})
const stopped = new Promise((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, resolve)
})

await consumer.connect()
await consumer.subscribe({
  topics: [`${TOPIC_PREFIX}queues.alerts`, `${TOPIC_PREFIX}interactions.enriched`],
  fromBeginning: true, // where the group has no offset: auto.offset.reset=earliest
})
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    handleAll(batch.messages)
    const offset = String(BigInt(batch.lastOffset()) + 1n)
    await consumer.commitOffsets([{ topic: batch.topic, partition: batch.partition, offset }])
  },
})

await stopped // not sooner: kafkajs does not bear to be disconnected while it starts
await consumer.disconnect() // after the batch at hand
db.close()
process.exit()
