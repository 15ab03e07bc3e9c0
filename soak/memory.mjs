#!/usr/bin/env node
// Memory: what is done many times must not add up. Each scenario runs in a process of its own: first a tenth of it, all
// the way to the end of its clients, which leaves the counters of the addon at their base; then the rest, in slices.
// After each slice the collector runs and the resident memory is read. From the first slices after another tenth to the
// last ones it may grow by less than 20 MB, and when the clients have ended the counters are at their base again.
//
//   npm run soak:memory -- [--scale 1] [--only <part of a name>] [--samples]

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const LIMIT_MB = 20
const CONNECTIONS = 50
const SLICES = 20
// Slices that still count as warm-up.
const WARM_UP = 2
// How many of the first and of the last samples are taken together: their median is what counts.
const SAMPLES = 5
// What the tables of the engine may have grown by, because once more was under way at the same time than ever before.
const TOLERATED = { blocks: 8, octets: 32 * 1024 }
const SCENARIO_MS = 15 * 60_000

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    samples: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    port: { type: 'string' }
  }
})

// Each: its name, how many times it does `once`, which gets one of the shared clients, or makes its own.
const scenarios = [
  {
    name: '200,000 requests at 50 connections',
    count: 200_000,
    async once (client, id) {
      const { body } = await client.request({ path: `/whole/${id}/100`, method: 'GET' })
      await body.text()
    }
  },
  {
    name: '20,000 unread small bodies',
    count: 20_000,
    async once (client, id) {
      await client.request({ path: `/whole/${id}/2000`, method: 'GET' })
    }
  },
  {
    name: '10,000 aborted while waiting',
    count: 10_000,
    async once (client, id) {
      const controller = new AbortController()
      const answer = client.request({ path: `/stall/${id}/100`, method: id % 2 ? 'GET' : 'POST', body: id % 2 ? undefined : 'body', signal: controller.signal })
      if (!client.stats.connected) await once(client, 'connect')
      setTimeout(() => controller.abort(), id % 5)
      await fails(answer)
    }
  },
  {
    name: '10,000 aborted with the body half read',
    count: 10_000,
    async once (client, id) {
      const controller = new AbortController()
      const { body } = await client.request({ path: `/stall-in-body/${id}/60000`, method: 'GET', signal: controller.signal })
      const closed = new Promise((resolve) => body.on('error', () => {}).on('close', resolve))
      body.once('data', () => id % 2 ? controller.abort() : body.destroy())
      await closed
    }
  },
  {
    name: '20,000 resets by the server',
    count: 20_000,
    async once (client, id) {
      const row = ['reset-before', 'reset-in-head', 'reset-in-body', 'end-before'][id % 4]
      await fails(client.request({ path: `/${row}/${id}/2000`, method: 'GET' }).then(({ body }) => body.text()))
    }
  },
  {
    name: '3,000 clients opened and closed',
    count: 3_000,
    async once (_, id, open) {
      const client = open()
      const { body } = await client.request({ path: `/whole/${id}/100`, method: 'GET' })
      await body.text()
      await (id % 2 ? client.close() : client.destroy())
    }
  },
  {
    name: '3,000 clients abandoned',
    count: 3_000,
    isAbandoning: true,
    async once (_, id, open) {
      const client = open({ keepAliveTimeout: 300 })
      collected.register(client)
      const { body } = await client.request({ path: `/whole/${id}/100`, method: 'GET' })
      await body.text()
    }
  }
]

const garbage = { clients: 0 }
const collected = new FinalizationRegistry(() => { garbage.clients++ })

async function fails (promise) {
  try {
    await promise
  } catch {
    return
  }
  throw new Error('this was to fail')
}

// --- one scenario, in its own process

async function play (scenario) {
  const require = createRequire(import.meta.url)
  const { Client } = require('../index.js')
  const { census } = require('../lib/native/bridge.js')
  const open = (options) => new Client(`http://127.0.0.1:${values.port}`, options)
  const count = Math.round(scenario.count * Number(values.scale))
  const done = { id: 0 }

  // Until it was done so many times, on all connections at once.
  const work = (clients, until) => Promise.all(clients.map(async (client) => {
    while (done.id < until) await scenario.once(client, ++done.id, open)
  }))
  const clients = () => Array.from({ length: CONNECTIONS }, () => open())
  const leave = async (clients) => {
    await Promise.all(clients.map((client) => client.close()))
    // Abandoned clients leave by themselves.
    for (let patience = 100; census().dispatchers > 0 && patience > 0; patience--) await pause(100)
  }

  const started = performance.now()
  const first = clients()
  await work(first, count / 10)
  await leave(first)
  await settle()
  const base = census()

  const second = clients()
  const samples = []
  for (let slice = 0; slice < SLICES; slice++) {
    await work(second, count * (0.1 + 0.9 * (slice + 1) / SLICES))
    await settle()
    const { rss, heapUsed, external } = process.memoryUsage()
    samples.push({ rss, heap: heapUsed, external })
  }
  await leave(second)
  await settle()
  const end = census()
  if (scenario.isAbandoning) {
    for (let patience = 50; garbage.clients < done.id && patience > 0; patience--) await settle()
  }

  const growth = (what) => {
    const median = (some) => some.map((sample) => sample[what]).sort((a, b) => a - b)[some.length >> 1]
    return (median(samples.slice(-SAMPLES)) - median(samples.slice(WARM_UP, WARM_UP + SAMPLES))) / 1e6
  }
  process.send({
    operations: done.id,
    seconds: (performance.now() - started) / 1000,
    rss: samples.map(({ rss }) => Math.round(rss / 1e5) / 10),
    growth: { rss: growth('rss'), heap: growth('heap'), external: growth('external') },
    base,
    end,
    uncollected: scenario.isAbandoning ? done.id - garbage.clients : 0
  })
  process.disconnect()
}

async function settle () {
  for (let round = 0; round < 3; round++) {
    await turn()
    globalThis.gc()
  }
  await pause(10)
  globalThis.gc()
}

// --- all of them

async function direct () {
  const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)))
  const [{ port }] = await once(server, 'message')
  console.log(`memory: scale ${values.scale}, Node.js ${process.version}`)
  let failures = 0
  for (const { name } of scenarios) {
    if (!name.includes(values.only)) continue
    const child = fork(process.argv[1], ['--scenario', name, '--port', String(port), '--scale', values.scale], { execArgv: ['--expose-gc'] })
    const watchdog = setTimeout(() => child.kill('SIGKILL'), SCENARIO_MS)
    let result
    child.on('message', (message) => { result = message })
    const [code, signal] = await once(child, 'exit')
    clearTimeout(watchdog)
    const faults = code !== 0 || result === undefined ? [`ended with ${signal ?? code}`] : judge(result)
    server.send('report')
    const [{ open }] = await once(server, 'message')
    if (open > 0) faults.push(`${open} sockets open at the server`)
    if (faults.length > 0) failures++
    console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}: ${describe(result)}`)
    if (values.samples) console.log(`     RSS, in MB: ${result.rss.join(' ')}`)
    for (const fault of faults) console.log(`     ${fault}`)
  }
  server.disconnect()
  console.log(`${failures} failed`)
  process.exitCode = failures === 0 ? 0 : 1
}

function judge ({ growth, base, end, uncollected, rss }) {
  const faults = []
  if (growth.rss >= LIMIT_MB) faults.push(`RSS has grown, in MB: ${rss.join(' ')}`)
  if (end.exchanges !== 0 || end.dispatchers !== 0) faults.push(`${end.exchanges} exchanges and ${end.dispatchers} dispatchers remain`)
  for (const what of ['blocks', 'octets']) {
    const more = end.allocations[what] - base.allocations[what]
    if (more > TOLERATED[what]) faults.push(`${more} ${what} more than at the base (${base.allocations[what]})`)
  }
  if (uncollected > 0) faults.push(`${uncollected} clients were not collected`)
  return faults
}

function describe (result) {
  if (result === undefined) return ''
  const { operations, seconds, growth, rss, base, end } = result
  const signed = (value) => (value < 0 ? '' : '+') + value.toFixed(1)
  const blocks = end.allocations.blocks - base.allocations.blocks
  const octets = end.allocations.octets - base.allocations.octets
  return `${operations} in ${seconds.toFixed(0)} s; RSS ${rss.at(-1)} MB, ${signed(growth.rss)}; ` +
    `heap ${signed(growth.heap)}, external ${signed(growth.external)}; native blocks ${blocks}, octets ${octets}`
}

if (values.scenario === undefined) {
  await direct()
} else {
  await play(scenarios.find(({ name }) => name === values.scenario))
}
