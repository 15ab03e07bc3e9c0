// The floor: programs in C without any JavaScript, where they are installed. Their CPU time is what the shell says that
// its children used.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

// Microseconds in what wrk and h2load write as 12.34us, 1.23ms or 1.02s.
function microseconds (text) {
  const [, number, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text)
  return Number(number) * { us: 1, ms: 1e3, s: 1e6, m: 60e6 }[unit]
}

// What `times` of a shell says last: the user and system time of its children, as 0m1.23s 0m4.56s.
function childrenTime (text) {
  const [user, system] = text.trim().split('\n').at(-1).match(/\d+m[\d.]+s/g).map((time) => {
    const [minutes, seconds] = time.slice(0, -1).split('m').map(Number)
    return (minutes * 60 + seconds) * 1e6
  })
  return user + system
}

async function timed (command, args) {
  const { stdout } = await run('sh', ['-c', '"$@"; echo; times', 'sh', command, ...args])
  return { text: stdout, used: childrenTime(stdout) }
}

const figure = (text, pattern) => pattern.exec(text)?.[1]

const samples = {
  async wrk ({ connections, seconds, url }) {
    const { text, used } = await timed('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url])
    const count = Number(figure(text, /(\d+) requests in/))
    if (/Non-2xx|Socket errors/.test(text)) throw new Error('not every request was answered')
    return {
      rate: Number(figure(text, /Requests\/sec:\s+([\d.]+)/)),
      process: used / count,
      p50: microseconds(figure(text, /50%\s+(\S+)/)) / 1e3,
      p99: microseconds(figure(text, /99%\s+(\S+)/)) / 1e3
    }
  },
  async h2load ({ connections, seconds, url }) {
    const { text, used } = await timed('h2load', ['--h1', '-t1', `-c${connections}`, '-D', `${seconds}`, url])
    const [, count, failed] = /(\d+) succeeded, (\d+) failed/.exec(text)
    if (failed !== '0') throw new Error(`${failed} requests failed`)
    return { rate: Number(figure(text, /([\d.]+) req\/s/)), process: used / Number(count) }
  }
}

// They make plain GETs alone.
function canDo ({ kind, call, pipelining, work }) {
  return kind === 'calls' && call === 'get' && pipelining === 1 && work === 0
}

/** A row for each; `sample` runs it, in the place of a process of Node.js. */
export const tools = Object.keys(samples).map((name) => ({
  name,
  library: name,
  command: name,
  like: 'undici 8 request',
  canDo,
  async sample ({ workload, origin, seconds }) {
    const connections = Math.min(workload.connections, workload.concurrency)
    return samples[name]({ connections, seconds: Math.ceil(seconds), url: origin + workload.path })
  }
}))
