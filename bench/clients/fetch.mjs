// fetch, wherever it comes from: Node's own, over its own Agent and over dodici's; undici 8's; Bun's; and packages that
// have a function like it. The rows of packages name them, and import them only when they are opened.

import { createWriteStream } from 'node:fs'
import { createRequire } from 'node:module'
import { pipeline } from 'node:stream/promises'
import { accepted, counted, streamOf } from './answer.mjs'

const require = createRequire(import.meta.url)

const calls = {
  async get ({ fetch, options }, { url }) {
    const response = await fetch(url, options)
    const text = await response.text()
    return accepted(response.status, text.length)
  },
  async post ({ fetch, options }, { url, content }) {
    const response = await fetch(url, { ...options, method: 'POST', body: content })
    const text = await response.text()
    return accepted(response.status, text.length)
  },
  async upload ({ fetch, options }, { url, sent }) {
    const response = await fetch(url, { ...options, method: 'POST', duplex: 'half', body: streamOf(sent) })
    const text = await response.text()
    return accepted(response.status, text.length)
  },
  async iterate ({ fetch, options }, { url }) {
    const response = await fetch(url, options)
    return accepted(response.status, await counted(response.body))
  },
  async file ({ fetch, options }, { url, file }) {
    const response = await fetch(url, options)
    const target = createWriteStream(file)
    await pipeline(response.body, target)
    return accepted(response.status, target.bytesWritten)
  }
}

const { upload, ...withoutUpload } = calls

// The class of the Agent that Node's own fetch has inside.
async function builtinAgent () {
  await fetch('data:,')
  return globalThis[Symbol.for('undici.globalDispatcher.2')]?.constructor ?? globalThis[Symbol.for('undici.globalDispatcher.1')].constructor
}

async function overAgent (fetch, Agent, { connections }) {
  const dispatcher = new Agent({ connections, keepAliveTimeout: 600e3 })
  return { fetch, options: { dispatcher }, close: () => dispatcher.close() }
}

async function overHttpAgent (fetch, origin, { connections }) {
  const { Agent } = await import(origin.startsWith('https') ? 'node:https' : 'node:http')
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return { fetch, options: { agent }, close: () => agent.destroy() }
}

/** Those that come with Node.js or are development dependencies of this project. */
export const fetches = [
  {
    name: 'dodici fetch',
    library: 'dodici',
    module: require.resolve('../../index.js'),
    like: 'undici 8 fetch',
    calls,
    async open ({ workload }) {
      const { fetch, Agent } = require('../../index.js')
      return overAgent(fetch, Agent, workload)
    }
  },
  {
    name: 'undici 8 fetch',
    library: 'undici 8',
    module: require.resolve('undici8'),
    like: 'undici 8 fetch',
    calls,
    async open ({ workload }) {
      const { fetch, Agent } = require('undici8')
      return overAgent(fetch, Agent, workload)
    }
  },
  {
    name: 'built-in fetch',
    library: 'Node.js (fetch)',
    like: 'undici 8 fetch',
    calls,
    async open ({ workload }) {
      return overAgent(globalThis.fetch, await builtinAgent(), workload)
    }
  }
]

/** Those of other makers. Bun and impit have no bound for their connections. */
export const otherFetches = [
  {
    name: 'bun fetch',
    library: 'bun',
    like: 'undici 8 fetch',
    package: 'bun',
    runtime: 'bun',
    calls,
    async open () {
      return { fetch: globalThis.fetch, options: {}, close () {} }
    }
  },
  {
    name: 'impit',
    library: 'impit',
    like: 'undici 8 fetch',
    package: 'impit',
    calls: withoutUpload,
    async open () {
      const { Impit } = await import('impit')
      const impit = new Impit({ ignoreTlsErrors: true })
      return { fetch: (url, options) => impit.fetch(url, options), options: {}, close () {} }
    }
  },
  {
    name: 'node-fetch',
    library: 'node-fetch',
    like: 'undici 8 fetch',
    package: 'node-fetch',
    calls,
    async open ({ origin, workload }) {
      const { default: fetch } = await import('node-fetch')
      return overHttpAgent(fetch, origin, workload)
    }
  }
]
