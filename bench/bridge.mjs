#!/usr/bin/env node
// What the bridge costs: completions of 150 octets of head and 104 of body through the rings, with the engine's
// sessions replaced by an echo. Main-thread and process CPU per completion, for batches of 1, 10 and 50 in flight.
//
//   npm run bench:bridge            needs Node >= 24 (process.threadCpuUsage)

import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import path from 'node:path'

if (typeof process.threadCpuUsage !== 'function') {
  console.error('This bench needs a Node with process.threadCpuUsage: 24 or later.')
  process.exit(1)
}

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))
const target = path.join(root, 'target', 'echo')
execFileSync('cargo', ['build', '--release', '--features', 'echo', '--target-dir', target], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })

// The echo stands in the place of the addon.
const addon = { exports: {} }
process.dlopen(addon, path.join(target, 'release', process.platform === 'darwin' ? 'libdodici.dylib' : 'libdodici.so'))
const binding = require.resolve('../lib/native/binding.js')
require.cache[binding] = { id: binding, filename: binding, loaded: true, exports: addon.exports }

const { bridge } = require('../lib/native/bridge.js')
const { DISPATCH_FLAG_STARTED } = require('../lib/native/layout.js')

const REQUEST = {
  flags: DISPATCH_FLAG_STARTED,
  head: 'GET /data.json HTTP/1.1\r\nhost: localhost:8080\r\n',
  connectionAt: 47,
  serverName: '',
  decoding: '',
  typeOfService: null,
  body: null,
  declared: 0,
  headersTimeout: 300e3,
  bodyTimeout: 300e3,
  timeout: 0
}
const dispatcher = { slot: 0, generation: 0, session: null }
let onBatch
let left = 0

// What the drain needs of an exchange, and nothing above it.
class Sink {
  slot = -1
  generation = 0
  owner = dispatcher
  outlet = null
  paused = false
  waited = 0
  octets = 0

  time () {}

  respond (status, reason, fields, memory, start, end) {
    this.octets += end - start
    link.forget(this, true)
    if (--left === 0) onBatch()
  }
}

const link = bridge()

async function run (batch, total) {
  const sinks = Array.from({ length: batch }, () => new Sink())
  const threadBefore = process.threadCpuUsage()
  const before = process.cpuUsage()
  for (let done = 0; done < total; done += batch) {
    left = batch
    await new Promise((resolve) => {
      onBatch = resolve
      for (const sink of sinks) link.dispatch(sink, dispatcher, REQUEST, null, true)
    })
  }
  const thread = process.threadCpuUsage(threadBefore)
  const all = process.cpuUsage(before)
  return [(thread.user + thread.system) / total, (all.user + all.system) / total]
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]
await run(50, 100e3)
console.log('batch  main thread, µs per completion  whole process')
for (const batch of [1, 10, 50]) {
  const rounds = []
  for (let round = 0; round < 7; round++) rounds.push(await run(batch, batch === 1 ? 20e3 : 100e3))
  const [main, all] = [0, 1].map((column) => median(rounds.map((round) => round[column])))
  console.log(`${String(batch).padStart(5)}  ${main.toFixed(2).padStart(30)}  ${all.toFixed(2).padStart(13)}`)
}
