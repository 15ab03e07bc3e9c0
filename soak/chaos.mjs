#!/usr/bin/env node
// Chaos: a server that misbehaves in some 30 % of its answers (answers.mjs, server.mjs), against clients with
// pipelining 1 and 4: 200,000 GETs, then 100,000 mixed calls. Nothing may be answered wrongly, lost, sent twice or left
// open. The last line says which of these happened; the exit code is 0 if none did.
//
//   npm run soak -- [--scale 1] [--seed <number>] [--only gets|mixed] [--minutes 60]

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { answers, uploads, content } from './answers.mjs'
import { Breaks, bodies, forms } from './calls.mjs'
import { randomFrom, weighted } from './random.mjs'

const { Client } = createRequire(import.meta.url)('../index.js')

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    only: { type: 'string' },
    minutes: { type: 'string', default: '60' }
  }
})
const scale = Number(values.scale)
const seed = Number(values.seed)

const GETS = Math.round(200_000 * scale)
const MIXED = Math.round(100_000 * scale)
// Of each: how many clients, and how many calls at a time on each of them.
const CLIENTS = 8
const PIPELININGS = [{ pipelining: 1, depth: 3 }, { pipelining: 4, depth: 8 }]
// Every so many mixed calls a client goes and another comes.
const TURNOVER = 200
// A call that takes longer is lost. Nothing here takes longer than a second but for a machine that has better to do.
const LOST_MS = 60_000

// What a request may end with by the fault of another on its connection.
const COLLATERAL = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

const problems = { wrong: [], lost: [], duplicated: [], open: [] }
const tally = { whole: 0, partial: 0, failed: 0, aborted: 0, broken: 0, destroyed: 0 }
const collateral = {}

function problem (kind, text) {
  problems[kind].push(text)
  if (problems[kind].length <= 10) console.error(`${kind}: ${text}`)
}

// --- a call

const pending = new Map()

/** Everything about a call follows from the seed and its number. */
function planned (id, isMixed, pipelining) {
  const below = randomFrom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(id, 0x85ebca6b))
  const plan = { id: String(id), pipelining, method: 'GET', form: 'request', reading: 'text', body: 'none', uploaded: 0 }
  if (isMixed) {
    plan.method = ['GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'HEAD'][below(7)]
    plan.form = Object.keys(forms)[below(6)]
    if (plan.method === 'POST' || plan.method === 'PUT') {
      plan.body = Object.keys(bodies)[below(9)]
      plan.uploaded = plan.body === 'none' ? 0 : 1 + size(below)
    }
    plan.reading = ['text', 'text', 'bytes', 'iterate', 'pauses', 'late', 'dump', 'destroy', 'half', 'unread'][below(10)]
    if (below(8) === 0) plan.abortAfter = [-1, 0, 0, 1, 2, 4, 8, 30][below(8)]
  }
  plan.length = plan.reading === 'unread' ? below(4000) : size(below)
  plan.answer = weighted(below, answers.filter(({ head, alone }) => (head || plan.method !== 'HEAD') && (!alone || pipelining === 1)))
  if (plan.uploaded > 0 && below(8) === 0) {
    plan.answer = weighted(below, uploads)
  }
  plan.callback = below(2) === 0
  return plan
}

// Mostly small; some larger than the window of an exchange.
function size (below) {
  switch (below(20)) {
    case 0: return below(300_000)
    case 1: case 2: return below(40_000)
    default: return below(1_000)
  }
}

async function call (client, plan) {
  const { id, method, answer, length, uploaded } = plan
  const path = `/${answer.name}/${id}/${length}` + (uploaded > 0 ? `/${uploaded}` : '')
  const options = { path, method, body: bodies[plan.body](id, uploaded), headersTimeout: 0, bodyTimeout: 0, ...answer.timeouts }
  if (plan.abortAfter !== undefined) {
    const controller = new AbortController()
    plan.reason = new Error('enough')
    options.signal = controller.signal
    const abort = () => controller.abort(plan.reason)
    if (plan.abortAfter === -1) abort()
    else if (plan.abortAfter === 0) process.nextTick(abort)
    else setTimeout(abort, plan.abortAfter)
  }
  pending.set(id, { since: performance.now(), plan, client })
  let outcome
  try {
    outcome = await forms[plan.form](client, options, plan.reading)
  } catch (error) {
    outcome = { error }
  }
  pending.delete(id)
  judge(plan, outcome)
}

// --- what came of it

function story ({ id, method, answer, form, reading, body, uploaded, length, pipelining }) {
  return `${method} ${id} ${answer.name} of ${length} octets, ${form}/${reading}, body ${body} of ${uploaded}, pipelining ${pipelining}`
}

function judge (plan, { error, statusCode, headers, octets, isWhole }) {
  const { answer, id } = plan
  if (error !== undefined) {
    if (error === plan.reason) {
      tally.aborted++
    } else if (error instanceof Breaks && plan.body.startsWith('broken')) {
      tally.broken++
    } else if (error.code === 'UND_ERR_DESTROYED' && plan.isDestroyed) {
      tally.destroyed++
    } else if (answer.fails?.includes(error.code) || answer.may?.includes(error.code)) {
      tally.failed++
    } else if (COLLATERAL.has(error.code) || (plan.pipelining > 1 && error.code?.startsWith('HPE_'))) {
      const key = `pipelining ${plan.pipelining}: ${error.code} ${error.message}`
      collateral[key] = (collateral[key] ?? 0) + 1
    } else {
      problem('wrong', `${story(plan)} failed with ${error.code} ${error.stack.split('\n', 2).join('')}`)
    }
    return
  }
  if (statusCode !== 200 || headers['x-id'] !== id) {
    problem('wrong', `${story(plan)} got ${statusCode} ${JSON.stringify(headers)}`)
  }
  if (plan.body.startsWith('broken') && answer.name !== 'early') {
    problem('wrong', `${story(plan)} was answered, although its body broke`)
  }
  const expected = plan.method === 'HEAD' ? content(id, 0) : content(id, plan.length)
  if (!isWhole) {
    tally.partial++
    const isPart = octets.length <= expected.length && octets.compare(expected, 0, octets.length) === 0
    if (!isPart && answer.fails === undefined) problem('wrong', `${story(plan)} read something else`)
    return
  }
  tally.whole++
  if (answer.fails !== undefined) {
    problem('wrong', `${story(plan)} took a broken answer for a whole one`)
  } else if (!octets.equals(expected)) {
    problem('wrong', `${story(plan)} read ${octets.length} octets: ${octets.toString('latin1', 0, 60)}`)
  }
}

// --- clients

const balance = { clients: 0, connect: 0, disconnect: 0 }

class Seat {
  #client = null
  #plans = new Set()
  #leaving = []
  #options

  constructor (options) {
    this.#options = options
    this.#open()
  }

  async call (plan) {
    this.#plans.add(plan)
    await call(this.#client, plan)
    this.#plans.delete(plan)
  }

  /** The client goes, in one way or the other, and another takes the seat. */
  change (isGentle) {
    const client = this.#client
    if (!isGentle) {
      for (const plan of this.#plans) plan.isDestroyed = true
    }
    this.#leaving.push(isGentle ? client.close() : client.destroy())
    this.#open()
  }

  async leave () {
    this.#leaving.push(this.#client.close())
    await Promise.all(this.#leaving)
  }

  #open () {
    const client = new Client(`http://127.0.0.1:${port}`, this.#options)
    let connections = 0
    balance.clients++
    client.on('connect', () => {
      balance.connect++
      connections++
    })
    client.on('disconnect', () => {
      balance.disconnect++
      if (--connections < 0) problem('open', 'a client lost a connection that it did not have')
    })
    this.#client = client
  }
}

async function phase (name, count, isMixed, first) {
  if (values.only !== undefined && values.only !== name) return
  const start = performance.now()
  let next = 0
  const seats = []
  const workers = []
  const work = async (seat, pipelining) => {
    while (next < count) {
      const number = next++
      if (isMixed && number % TURNOVER === TURNOVER - 1) seat.change(number % (2 * TURNOVER) < TURNOVER)
      await seat.call(planned(first + number, isMixed, pipelining))
    }
  }
  for (const { pipelining, depth } of PIPELININGS) {
    for (let index = 0; index < CLIENTS; index++) {
      const seat = new Seat({ pipelining, keepAliveTimeout: 1000 })
      seats.push(seat)
      for (let lane = 0; lane < depth; lane++) workers.push(work(seat, pipelining))
    }
  }
  await Promise.all(workers)
  await Promise.all(seats.map((seat) => seat.leave()))
  const seconds = (performance.now() - start) / 1000
  console.log(`${name}: ${count} calls in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second`)
}

// --- the server

const server = fork(fileURLToPath(new URL('server.mjs', import.meta.url)))
const [{ port }] = await once(server, 'message')

async function report () {
  server.send('report')
  const [counts] = await once(server, 'message')
  return counts
}

// --- the run

function finish (counts) {
  const sum = (object) => Object.values(object).reduce((total, value) => total + value, 0)
  if (counts !== undefined) {
    const share = (100 * counts.faults / counts.requests).toFixed(1)
    console.log(`server: ${counts.requests} requests on ${counts.connections} connections, ${counts.faults} answered badly (${share} %)`)
  }
  console.log('calls:', Object.entries(tally).map(([name, count]) => `${count} ${name}`).join(', ') + `, ${sum(collateral)} lost their connection to others`)
  for (const [key, count] of Object.entries(collateral)) console.log(`  ${count} × ${key}`)
  console.log(`clients: ${balance.clients}, with ${balance.connect} connections made and ${balance.disconnect} ended`)
  const { wrong, lost, duplicated, open } = problems
  console.log(`seed ${seed}: ${wrong.length} wrong, ${lost.length} lost, ${duplicated.length} duplicated, ${open.length} left open`)
  process.exitCode = sum({ a: wrong.length, b: lost.length, c: duplicated.length, d: open.length }) === 0 ? 0 : 1
}

function giveUp (text) {
  console.error(text)
  finish()
  process.exit(1)
}

process.on('uncaughtException', (error) => problem('wrong', `uncaught: ${error.stack}`))
process.on('unhandledRejection', (error) => problem('wrong', `unhandled: ${error.stack}`))

setTimeout(() => giveUp(`not done within ${values.minutes} minutes`), Number(values.minutes) * 60_000).unref()
const watchdog = setInterval(() => {
  const now = performance.now()
  for (const [id, { since, plan, client }] of pending) {
    if (now - since > LOST_MS) problem('lost', `call ${id}: ${story(plan)}; its client: ${JSON.stringify(client.stats)}`)
  }
  if (problems.lost.length > 0) giveUp(`${pending.size} calls pending`)
}, 1000)

console.log(`chaos: seed ${seed}, ${GETS} GETs, ${MIXED} mixed calls, Node.js ${process.version}`)
await phase('gets', GETS, false, 1)
await phase('mixed', MIXED, true, 1 + GETS)

let counts = await report()
for (let patience = 100; counts.open > 0 && patience > 0; patience--) {
  await new Promise((resolve) => setTimeout(resolve, 50))
  counts = await report()
}
if (counts.open > 0) problem('open', `${counts.open} sockets at the server`)
if (balance.connect !== balance.disconnect) problem('open', `${balance.connect - balance.disconnect} connections of clients`)
for (const text of counts.duplicatedPosts) problem('duplicated', text)
for (const text of [...counts.malformed, ...counts.wrongUploads]) problem('wrong', `the server got ${text}`)

clearInterval(watchdog)
server.disconnect()
await once(server, 'exit')
// Nothing keeps the process alive now; if something does, that is what is left open.
setTimeout(() => {
  problem('open', `the process lives on with ${process.getActiveResourcesInfo()}`)
  finish(counts)
  process.exit(1)
}, 10_000).unref()
process.once('beforeExit', () => finish(counts))
