#!/usr/bin/env node
// The ends of processes and environments under load: 1,000 worker threads that are terminated, 1,000 processes that
// call process.exit(), each at another moment; 100 environments one after the other in one process; and no file
// descriptors left. Nothing may end by a signal, hang, or forget a call.
//
//   npm run soak:process -- [--scale 1] [--seed <number>] [--only workers|exits|environments|descriptors]

import { spawn, fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { randomFrom } from './random.mjs'

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    only: { type: 'string' }
  }
})
const scale = Number(values.scale)
const below = randomFrom(Number(values.seed))

// How many processes at once; each has an engine's thread besides its own.
const AT_ONCE = 4
// A process hangs that has neither ended nor said anything for so long; those with more to do than that say a dot each
// time. Only tells a hang from a slow machine.
const HANG_MS = 60_000
// The workers of so many terminations share a process.
const PER_PROCESS = 50

const index = createRequire(import.meta.url).resolve('../index.js')
const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)))
const [{ port }] = await once(server, 'message')

// What a victim does, over and over: calls of every kind on ten clients, among them some that never end.
const load = `'use strict'
  const { Readable } = require('node:stream')
  const { Client } = require(${JSON.stringify(index)})
  const origin = 'http://127.0.0.1:${port}'
  const rows = ['whole', 'chunked', 'pieces', 'drip', 'stall', 'stall-in-body', 'reset-in-body', 'end-after', 'whole', 'whole']
  let id = 0
  const clients = rows.map((row, index) => {
    const client = new Client(origin, { pipelining: 1 + index % 3 })
    for (let lane = 0; lane < 3; lane++) {
      const go = () => {
        const length = ++id % 50 === 0 ? 300000 : 500
        const options = { path: \`/\${row}/\${id}/\${length}\`, method: 'GET', headersTimeout: 0, bodyTimeout: 0 }
        if (lane === 2 && row !== 'stall') {
          const source = function * () { for (let piece = 0; piece < 20; piece++) yield Buffer.alloc(20000, 'x') }
          options.method = 'POST'
          options.body = index % 2 ? source() : Readable.from(source(), { objectMode: false })
        }
        const controller = new AbortController()
        if (id % 7 === 0) {
          options.signal = controller.signal
          setImmediate(() => controller.abort())
        }
        client.request(options).then(({ body }) => id % 5 ? body.text() : body.dump()).catch(() => {}).then(() => setImmediate(go))
      }
      go()
    }
    return client
  })
`

let failures = 0

function failed (text) {
  failures++
  if (failures <= 20) console.error(`FAIL ${text}`)
}

/** Runs a program; resolves with how it ended and what it wrote. */
async function run (program, { command = process.execPath, args = ['-e', program] } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let hangs = false
  const watchdog = setTimeout(() => {
    hangs = true
    child.kill('SIGKILL')
  }, HANG_MS)
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
      watchdog.refresh()
    })
  }
  const [code, signal] = await once(child, 'close')
  clearTimeout(watchdog)
  return { code, signal: hangs ? 'HANGS' : signal, output: output.replace(/^\.+/, '') }
}

/** Runs `count` programs, several at once, and expects of each an exit code and an output. */
async function all (count, program, expected) {
  let next = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) {
      const number = next++
      const { code, signal, output } = await run(program(number))
      if (code !== expected.code || signal !== null || output !== expected.output) {
        failed(`number ${number} ended with code ${code}, signal ${signal}: ${output.slice(-2000)}`)
      }
    }
  }))
}

const stages = {
  // Mostly within the first milliseconds, when connections come and go.
  async exits () {
    const count = Math.round(1000 * scale)
    await all(count, () => {
      const moment = [0, 1, 2, 5, 10, 20, 50, 150][below(8)]
      const exit = [
        `setTimeout(() => process.exit(3), ${moment})`,
        `let calls = ${moment}; setImmediate(function again () { if (--calls < 0) process.exit(3); setImmediate(again) })`,
        `clients[${below(10)}].on('connect', () => process.exit(3))`,
        `let left = ${1 + below(30)}; for (const client of clients) client.on('disconnect', () => { if (--left === 0) process.exit(3) })
         setTimeout(() => process.exit(3), 500)`,
        'clients[0].dispatch({ path: \'/whole/0/10\', method: \'GET\' }, { onRequestStart () {}, onResponseStart () {}, onResponseData () { process.exit(3) }, onResponseEnd () {}, onResponseError () { process.exit(3) } })',
        `setTimeout(() => { for (const client of clients) client.destroy(); process.exit(3) }, ${moment})`,
        `process.on('exit', () => { for (const client of clients) client.destroy().catch(() => {}) }); setTimeout(() => process.exit(3), ${moment})`,
        `setTimeout(() => { process.exitCode = 3; throw new Error('uncaught') }, ${moment}); process.on('uncaughtException', () => process.exit(3))`
      ][below(8)]
      return load + exit
    }, { code: 3, output: '' })
    return `${count} processes exited under load`
  },

  async workers () {
    const count = Math.max(1, Math.round(1000 * scale / PER_PROCESS))
    await all(count, () => `'use strict'
      const { Worker } = require('node:worker_threads')
      const moments = ${JSON.stringify(Array.from({ length: PER_PROCESS }, () => [0, 0, 1, 3, 8, 20, 60][below(7)]))}
      const source = ${JSON.stringify(load)} + ';require("node:worker_threads").parentPort.postMessage("under load")'
      // Three at a time, so that one ends while others work.
      async function lane () {
        while (moments.length > 0) {
          const moment = moments.pop()
          const worker = new Worker(source, { eval: true })
          worker.on('error', (error) => { console.log(error); process.exit(1) })
          await new Promise((resolve) => worker.once(moment === 0 ? 'online' : 'message', resolve))
          if (moment > 0) await new Promise((resolve) => setTimeout(resolve, moment))
          await worker.terminate()
          process.stdout.write('.')
        }
      }
      Promise.all([lane(), lane(), lane()]).then(() => console.log('done'))`,
    { code: 0, output: 'done\n' })
    return `${count * PER_PROCESS} workers terminated under load, in ${count} processes`
  },

  // Each does its work and ends by itself; the last ones take no more memory than the first.
  async environments () {
    const count = Math.max(20, Math.round(100 * scale))
    const { code, signal, output } = await run(`'use strict'
      const { Worker } = require('node:worker_threads')
      const { census } = require(${JSON.stringify(index.replace(/index\.js$/, 'lib/native/bridge.js'))})
      const source = ${JSON.stringify(`'use strict'
        const { Client } = require(${JSON.stringify(index)})
        const client = new Client('http://127.0.0.1:${port}')
        Promise.all(Array.from({ length: 20 }, (_, id) => client.request({ path: '/whole/' + id + '/1000', method: 'GET' }).then(({ body }) => body.text())))
          .then((texts) => texts.every((text) => text.length === 1000) ? client.close() : process.exit(1))`)}
      ;(async () => {
        const after = []
        for (let index = 0; index < ${count}; index++) {
          const worker = new Worker(source, { eval: true })
          const code = await new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject))
          if (code !== 0) throw new Error('a worker ended with ' + code)
          process.stdout.write('.')
          after.push({ ...census().allocations, threads: require('node:fs').existsSync('/proc/self/task') ? require('node:fs').readdirSync('/proc/self/task').length : 0 })
        }
        console.log(JSON.stringify([after[4], after.at(-1)]))
      })().catch((error) => { console.log(error); process.exitCode = 1 })`)
    if (code !== 0 || signal !== null) {
      failed(`environments: code ${code}, signal ${signal}: ${output.slice(-2000)}`)
      return 'environments failed'
    }
    const [early, late] = JSON.parse(output)
    for (const what of ['blocks', 'octets', 'threads']) {
      if (late[what] > early[what]) failed(`environments: ${early[what]} ${what} after 5, ${late[what]} after ${count}`)
    }
    return `${count} environments made and ended; native blocks ${early.blocks} → ${late.blocks}, threads ${early.threads} → ${late.threads}`
  },

  async descriptors () {
    const count = Math.max(1, Math.round(10 * scale))
    for (let round = 0; round < count; round++) {
      const program = `'use strict'
        const fs = require('node:fs')
        const { Client } = require(${JSON.stringify(index)})
        const origin = 'http://127.0.0.1:${port}'
        const call = (client, id) => client.request({ path: '/whole/' + id + '/1000', method: 'GET' }).then(({ body }) => body.text())
        ;(async () => {
          // The engine itself needs some.
          const first = new Client(origin)
          await call(first, 1)
          const taken = []
          try { while (true) taken.push(fs.openSync('/dev/null')) } catch (error) { if (error.code !== 'EMFILE') throw error }
          for (let free = ${below(6)}; free > 0; free--) fs.closeSync(taken.pop())
          const clients = Array.from({ length: 30 }, () => new Client(origin))
          const outcomes = {}
          await Promise.all(clients.flatMap((client, index) => [1, 2, 3].map((lane) => call(client, index).then(
            (text) => { outcomes[text.length] = (outcomes[text.length] ?? 0) + 1 },
            (error) => { outcomes[error.code] = (outcomes[error.code] ?? 0) + 1 }))))
          // The one that has its connection is not concerned.
          if ((await call(first, 2)).length !== 1000) throw new Error('the first client suffers')
          for (const one of taken) fs.closeSync(one)
          const texts = await Promise.all(clients.map((client, index) => call(client, index)))
          if (!texts.every((text) => text.length === 1000)) throw new Error('not recovered')
          await Promise.all([first, ...clients].map((client) => client.close()))
          const { 1000: whole = 0, EMFILE = 0, ...others } = outcomes
          if (whole + EMFILE !== 90 || EMFILE === 0) throw new Error(JSON.stringify(outcomes))
          console.log('recovered')
        })().catch((error) => { console.log(error); process.exitCode = 1 })`
      const { code, signal, output } = await run(program, {
        command: '/bin/sh',
        args: ['-c', 'ulimit -n 64 && exec "$0" -e "$1"', process.execPath, program]
      })
      if (code !== 0 || signal !== null || output !== 'recovered\n') {
        failed(`descriptors: code ${code}, signal ${signal}: ${output.slice(-2000)}`)
      }
    }
    return `${count} times out of file descriptors, and recovered`
  }
}

console.log(`process: scale ${scale}, seed ${values.seed}, Node.js ${process.version}`)
for (const [name, stage] of Object.entries(stages)) {
  if (values.only !== undefined && values.only !== name) continue
  const start = performance.now()
  const before = failures
  const summary = await stage()
  console.log(`${failures === before ? 'ok  ' : 'FAIL'} ${summary}, in ${((performance.now() - start) / 1000).toFixed(0)} s`)
}
server.disconnect()
console.log(`${failures} failed`)
process.exitCode = failures === 0 ? 0 : 1
