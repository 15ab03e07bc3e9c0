// The process of one client: it makes the calls of one workload, first to warm up, then for the time that counts, and
// sends the figures to its parent. It runs under Node.js and under Bun.

import { readFileSync } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { clientNamed } from './clients.mjs'
import { workloadNamed } from './workloads.mjs'

const MIB = 1024 * 1024
const MB = 1e6

// So many of the latest latencies are kept, in tenths of a microsecond. The histogram is made of them when the time is
// over: recording into it costs 0.2 µs, which would be the program's own work.
const KEPT = 2 ** 20

// The CPU time of the main thread, in µs. Bun has no call for it; Linux has it in a file.
const mainThread = process.threadCpuUsage
  ? () => {
      const { user, system } = process.threadCpuUsage()
      return user + system
    }
  : () => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e3

function wholeProcess () {
  const { user, system } = process.cpuUsage()
  return user + system
}

// The CPU time of the server's processes, in µs; only Linux says it.
function serverTime (pids) {
  const TICK = 10e3
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) * TICK
  }, 0)
}

function spin (microseconds) {
  const end = performance.now() + microseconds / 1e3
  while (performance.now() < end);
}

// Makes calls, `concurrency` at a time, until so many seconds are over, each to its end.
async function run (call, { concurrency, octets, work }, seconds, latencies) {
  const end = performance.now() + seconds * 1e3
  let count = 0
  const loop = async () => {
    let start = performance.now()
    do {
      const came = await call()
      if (came !== undefined && came !== octets) throw new Error(`${came} octets came, and ${octets} should have`)
      if (work > 0) spin(work)
      const now = performance.now()
      latencies[count++ % KEPT] = (now - start) * 1e4
      start = now
    } while (start < end)
  }
  await Promise.all(Array.from({ length: concurrency }, loop))
  return count
}

async function calls (call, workload, { seconds, warmUp, server }) {
  const latencies = new Uint32Array(KEPT)
  await run(call, workload, warmUp, latencies)

  const before = { wall: performance.now(), main: mainThread(), process: wholeProcess(), server: serverTime(server.pids) }
  const count = await run(call, workload, seconds, latencies)
  const elapsed = (performance.now() - before.wall) / 1e3
  const main = mainThread() - before.main
  const all = wholeProcess() - before.process
  const served = serverTime(server.pids) - before.server
  const rss = process.memoryUsage.rss() / MIB

  const histogram = createHistogram()
  for (const one of latencies.subarray(0, Math.min(count, KEPT))) histogram.record(Math.max(1, one))
  const counted = count * (workload.unit === 'MB' ? Math.max(workload.octets, workload.sent) / MB : 1)
  return {
    count,
    rate: counted / elapsed,
    main: main / counted,
    process: all / counted,
    p50: histogram.percentile(50) / 1e4,
    p99: histogram.percentile(99) / 1e4,
    rss,
    ...server.pids.length > 0 && { server: served / 1e4 / elapsed / server.workers }
  }
}

async function resident () {
  for (let round = 0; round < 5; round++) {
    if (globalThis.Bun) globalThis.Bun.gc(true)
    else globalThis.gc()
    await delay(200)
  }
  return process.memoryUsage.rss()
}

async function idle (call, { concurrency }) {
  const before = await resident()
  await Promise.all(Array.from({ length: concurrency }, call))
  return { connection: (await resident() - before) / 1024 / concurrency }
}

const kinds = { calls, idle }

async function sample (job) {
  const client = clientNamed(job.client)
  const workload = workloadNamed(job.workload)
  const session = await client.open({ origin: job.origin, workload })
  const target = {
    path: workload.path,
    url: job.origin + workload.path,
    content: Buffer.alloc(workload.sent < MIB ? workload.sent : 0, 'x'),
    sent: workload.sent,
    file: job.file
  }
  const call = client.calls[workload.call]
  const figures = await kinds[workload.kind](() => call(session, target), workload, job)
  await session.close()
  return figures
}

process.once('message', async (job) => {
  let answer
  try {
    answer = { figures: await sample(job) }
  } catch (error) {
    answer = { failure: `${error.code ?? error.name}: ${error.message || error.errors?.[0]?.message || ''}` }
  }
  process.send(answer, () => process.exit())
})
