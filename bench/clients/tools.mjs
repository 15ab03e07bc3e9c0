// The floor: programs in C without any JavaScript, where they are installed. Their CPU time is what the shell says that
// its children used.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text as textOf } from 'node:stream/consumers'

// How long one may take beyond its time, in seconds.
const GRACE = 30

// Microseconds in what wrk writes as 12.34us, 1.23ms or 1.02s.
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

// A group of processes, so that all of it ends if it does not by itself.
async function timed (seconds, command, args) {
  const shell = spawn('sh', ['-c', '"$@" || exit; echo; times', 'sh', command, ...args], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const timer = setTimeout(() => process.kill(-shell.pid, 'SIGKILL'), (seconds + GRACE) * 1e3)
  const [text, [code, signal]] = await Promise.all([textOf(shell.stdout), once(shell, 'exit')])
  clearTimeout(timer)
  if (code !== 0) throw new Error(`it ended with ${signal ?? code}:\n${text}`)
  return { text, used: childrenTime(text) }
}

function figure (text, pattern) {
  const found = pattern.exec(text)
  if (!found) throw new Error(`no ${pattern.source} in what it wrote:\n${text}`)
  return found[1]
}

/** What each is told, and how what it wrote is read: how many answers, and the figures that it has itself. */
export const programs = {
  wrk: {
    argumentsFor: ({ connections, seconds, url }) => ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url],
    read (text) {
      return {
        isWhole: !/Non-2xx|Socket errors/.test(text),
        count: Number(figure(text, /(\d+) requests in/)),
        rate: Number(figure(text, /Requests\/sec:\s+([\d.]+)/)),
        p50: microseconds(figure(text, /^ +50% +(\S+)/m)) / 1e3,
        p99: microseconds(figure(text, /^ +99% +(\S+)/m)) / 1e3
      }
    }
  },
  h2load: {
    argumentsFor: ({ connections, seconds, url }) => ['--h1', '-t1', `-c${connections}`, '-D', `${seconds}`, url],
    read (text) {
      return {
        isWhole: / 0 failed/.test(text),
        count: Number(figure(text, /(\d+) succeeded/)),
        rate: Number(figure(text, /([\d.]+) req\/s/))
      }
    }
  }
}

async function sampled (name, job) {
  const { argumentsFor, read } = programs[name]
  const { text, used } = await timed(job.seconds, name, argumentsFor(job))
  const { isWhole, count, ...figures } = read(text)
  if (!isWhole) throw new Error('not every request was answered')
  return { ...figures, process: used / count }
}

// They make plain GETs alone.
function canDo ({ kind, call, pipelining, work }) {
  return kind === 'calls' && call === 'get' && pipelining === 1 && work === 0
}

/** A row for each; `sample` runs it, in the place of a process of Node.js. */
export const tools = Object.keys(programs).map((name) => ({
  name,
  library: name,
  command: name,
  like: 'undici 8 request',
  canDo,
  async sample ({ workload, origin, seconds }) {
    const connections = Math.min(workload.connections, workload.concurrency)
    return sampled(name, { connections, seconds: Math.ceil(seconds), url: origin + workload.path })
  }
}))
