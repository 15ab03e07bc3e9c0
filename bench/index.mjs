#!/usr/bin/env node
// The benches: every client in a process of its own, the clients in turns, the order reversed every other round.
// docs/bench/README.md says how to run and how to read it. Here are the arguments, the rounds, and their order.

import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { FailedStep } from '../scripts/setup.mjs'
import { canDo, clients } from './clients.mjs'
import { described, inspected } from './machine.mjs'
import { isAvailable, isOfOtherMakers, moduleOf, prepare, programOf, versionOf } from './packages.mjs'
import { ratio, ratios, result, table, verdicts } from './report.mjs'
import { serve, serverNames } from './server.mjs'
import { SMOKE_LIMIT } from './targets.mjs'
import { workloads } from './workloads.mjs'

const USAGE = `npm run bench -- [options]
  --workload NAME   this one alone; may be given several times
  --client NAME     this client, or all clients of this library; may be given several times
  --clients all     also the clients of other makers, which are installed for it
  --rounds N        how often each runs, 5
  --seconds N       how long each runs, 3
  --warm-up N       how long each ran before that, in seconds, 2
  --node PATH       the Node.js that is measured; without it the one that runs this
  --server NAME     ${serverNames.join(' or ')}; without it the first that is there
  --json FILE       writes what was measured into a file
  --smoke           GET 50 with dodici and undici 8 alone, three times 2 seconds; fails if dodici's main thread needs too much
  --list            names the workloads and the clients`

// How long a process may take beyond the time of its calls, in seconds: to start, to make 5,000 connections, to stop.
const GRACE = 90

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

class Refusal extends Error {}

function options () {
  const { values } = parseArgs({
    options: {
      workload: { type: 'string', multiple: true },
      client: { type: 'string', multiple: true },
      clients: { type: 'string', default: 'own' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      'warm-up': { type: 'string', default: '2' },
      node: { type: 'string', default: process.execPath },
      server: { type: 'string' },
      json: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  const settings = values.smoke
    ? { ...values, workload: ['get-50'], client: ['dodici request', 'undici 8 request'], rounds: '3', seconds: '2' }
    : values
  return { ...settings, rounds: positive(settings, 'rounds'), seconds: positive(settings, 'seconds'), warmUp: positive(settings, 'warm-up') }
}

function positive (values, name) {
  const value = Number(values[name])
  if (!(value > 0)) throw new Refusal(`--${name} takes a number above 0`)
  return value
}

function chosenWorkloads (names) {
  return chosen(names, workloads, 'workload', (workload, name) => workload.name === name)
}

function chosenClients (names, which) {
  if (!['own', 'all'].includes(which)) throw new Refusal('--clients takes own or all')
  const wanted = names === undefined
    ? clients.filter((client) => which === 'all' || !isOfOtherMakers(client))
    : chosen(names, clients, 'client', (client, name) => client.name === name || client.library === name)
  return wanted.filter(isAvailable)
}

function chosen (names, all, kind, matches) {
  if (names === undefined) return all
  const stranger = names.find((name) => !all.some((one) => matches(one, name)))
  if (stranger !== undefined) throw new Refusal(`There is no ${kind} ${stranger}. There are:\n  ${all.map(({ name }) => name).join('\n  ')}`)
  return all.filter((one) => names.some((name) => matches(one, name)))
}

// The one message of a child; it is ended when it takes too long.
async function answerOf (child, seconds) {
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1e3)
  try {
    return await new Promise((resolve, reject) => {
      child.once('message', resolve)
      child.once('error', reject)
      child.once('exit', (code, signal) => reject(new Error(`its process ended with ${signal ?? code}`)))
    })
  } finally {
    clearTimeout(timer)
  }
}

function started (program, args, environment) {
  return spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json'
  })
}

// One run of one client: its figures.
async function sample ({ client, workload, node, seconds, warmUp, server }) {
  const origin = workload.isSecure ? server.secureOrigin : server.origin
  if (client.sample) return client.sample({ workload, origin, seconds })
  if (workload.kind === 'loading') return ended(started(node, [here('loading.cjs'), moduleOf(client)]), GRACE)
  const gathering = workload.kind === 'idle' ? fork(here('gathering.mjs'), [`${workload.concurrency}`]) : null
  try {
    const [hello] = gathering ? await once(gathering, 'message') : []
    const environment = { BUN_CONFIG_MAX_HTTP_REQUESTS: '65535', ...workload.isSecure && { NODE_EXTRA_CA_CERTS: server.authority } }
    const program = programOf(client, node)
    const child = started(program, [...program === node ? ['--expose-gc'] : [], here('measure.mjs')], environment)
    child.send({
      client: client.name,
      workload: workload.name,
      seconds,
      warmUp,
      origin: hello ? `http://127.0.0.1:${hello.port}` : origin,
      server: { pids: server.pids, workers: server.workers },
      file: server.file
    })
    const { figures, failure } = await ended(child, warmUp + seconds + GRACE)
    if (failure) throw new Error(failure)
    return figures
  } finally {
    gathering?.kill()
  }
}

async function ended (child, seconds) {
  const exit = once(child, 'exit')
  const answer = await answerOf(child, seconds)
  await exit
  return answer
}

// All rounds of one workload. A client that fails is left out from then on.
async function measured (workload, candidates, settings) {
  const samples = new Map(candidates.map((client) => [client, []]))
  const failures = []
  for (let round = 0; round < settings.rounds; round++) {
    for (const client of round % 2 ? [...candidates].reverse() : candidates) {
      if (failures.some((failure) => failure.client === client.name)) continue
      say(`${workload.name}, round ${round + 1} of ${settings.rounds}: ${client.name}`)
      try {
        for (let i = 0; i < workload.repeats; i++) samples.get(client).push(await sample({ ...settings, client, workload }))
      } catch (error) {
        failures.push({ workload: workload.name, client: client.name, failure: error.message })
      }
    }
  }
  say('')
  const failed = new Set(failures.map(({ client }) => client))
  const results = candidates.filter(({ name }) => !failed.has(name)).map((client) => result(workload, client, samples.get(client)))
  return { results, failures }
}

// What is going on, for who watches.
function say (text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

function smokeFailure (results) {
  const found = ratio(results.find(({ client }) => client === 'dodici request'), results.find(({ client }) => client === 'undici 8 request'), 'main')
  if (found <= SMOKE_LIMIT) return undefined
  return `dodici's main-thread CPU per request is ${found?.toFixed(2)} of undici 8's; at most ${SMOKE_LIMIT} is let through`
}

async function run () {
  const settings = options()
  if (settings.help) return console.log(USAGE)
  const list = (all) => all.map(({ name, title = '' }) => `  ${name.padEnd(18)}${title}`.trimEnd()).join('\n')
  if (settings.list) return console.log(`workloads\n${list(workloads)}\nclients\n${list(clients)}`)

  const { version, isFit } = inspected(settings.node)
  if (!isFit) {
    throw new Refusal(`Node.js ${version} cannot tell the CPU time of its main thread (process.threadCpuUsage); 24 and later can.\n` +
      'Run the benches with one of those, or name it: npm run bench -- --node PATH')
  }
  const wanted = chosenWorkloads(settings.workload)
  const candidates = chosenClients(settings.client, settings.clients)
  prepare(candidates)
  const server = await serve(settings.server)
  const results = []
  const failures = []
  const report = {
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    date: new Date().toISOString(),
    machine: described(),
    node: version,
    server: { name: server.name, version: server.version, workers: server.workers },
    versions: Object.fromEntries(candidates.map((client) => [client.library, versionOf(client)])),
    rounds: settings.rounds,
    seconds: settings.seconds,
    warmUp: settings.warmUp
  }
  console.log(`${report.machine.processor}, ${report.machine.cores} cores, ${report.machine.memory}, ${report.machine.system}; Node.js ${version}; ` +
    `${server.name} ${server.version} with ${server.workers} ${server.workers === 1 ? 'worker' : 'workers'}\n` +
    `${settings.rounds} rounds of ${settings.seconds} s after ${settings.warmUp} s of warming up; medians (least–most); main, process: CPU time; × is the ratio to the same call of undici 8`)
  // nginx hears of an interrupt by itself; its folder would stay.
  const interrupted = () => server.stop().finally(() => process.exit(130))
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    for (const workload of wanted) {
      const able = candidates.filter((client) => canDo(client, workload))
      if (able.length === 0) continue
      const outcome = await measured(workload, able, { ...settings, server })
      results.push(...outcome.results)
      failures.push(...outcome.failures)
      console.log(`\n${table(workload, outcome.results)}`)
    }
  } finally {
    await server.stop()
  }
  const compared = ratios(results)
  if (compared) console.log(`\n${compared}`)
  if (settings.json) {
    writeFileSync(path.resolve(settings.json), JSON.stringify({ ...report, results, verdicts: verdicts(results), failures }, null, 1) + '\n')
  }
  for (const { workload, client, failure } of failures) console.error(`${workload}: ${client} failed: ${failure}`)
  if (failures.length > 0) process.exitCode = 1
  const objection = settings.smoke && smokeFailure(results)
  if (objection) throw new Refusal(objection)
}

try {
  await run()
} catch (error) {
  const isExpected = error instanceof Refusal || error instanceof FailedStep || error.code?.startsWith('ERR_PARSE_ARGS')
  if (!isExpected) throw error
  console.error(error.message)
  process.exitCode = 1
}
