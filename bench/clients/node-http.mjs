// node:http and node:https with keep-alive, and the packages on top of them: axios and got.

import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { accepted, counted, streamOf } from './answer.mjs'

async function agentFor (origin, { connections }) {
  const module = await import(origin.startsWith('https') ? 'node:https' : 'node:http')
  return { module, agent: new module.Agent({ keepAlive: true, maxSockets: connections }) }
}

// --- node:http itself

function started ({ module, agent }, url, options = {}) {
  let request
  const response = new Promise((resolve, reject) => {
    request = module.request(url, { agent, ...options }, resolve)
    request.once('error', reject)
  })
  return { request, response }
}

function text (response) {
  return new Promise((resolve, reject) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk) => { text += chunk })
    response.on('end', () => resolve(text))
    response.on('error', reject)
  })
}

const plain = {
  async get (session, { url }) {
    const { request, response } = started(session, url)
    request.end()
    const answer = await response
    return accepted(answer.statusCode, (await text(answer)).length)
  },
  async post (session, { url, content }) {
    const { request, response } = started(session, url, { method: 'POST', headers: { 'content-length': content.length } })
    request.end(content)
    const answer = await response
    return accepted(answer.statusCode, (await text(answer)).length)
  },
  async upload (session, { url, sent }) {
    const { request, response } = started(session, url, { method: 'POST', headers: { 'content-length': sent } })
    streamOf(sent).pipe(request)
    const answer = await response
    return accepted(answer.statusCode, (await text(answer)).length)
  },
  async iterate (session, { url }) {
    const { request, response } = started(session, url)
    request.end()
    const answer = await response
    return accepted(answer.statusCode, await counted(answer))
  },
  async file (session, { url, file }) {
    const { request, response } = started(session, url)
    request.end()
    const answer = await response
    const target = createWriteStream(file)
    await pipeline(answer, target)
    return accepted(answer.statusCode, target.bytesWritten)
  }
}

// --- axios

const byAxios = {
  async get ({ axios }, { url }) {
    const { status, data } = await axios.get(url)
    accepted(status, data.text.length)
  },
  async post ({ axios }, { url, content }) {
    const { status } = await axios.post(url, content)
    accepted(status)
  },
  async upload ({ axios }, { url, sent }) {
    const options = { headers: { 'content-length': sent }, maxBodyLength: Infinity, maxRedirects: 0 }
    const { status } = await axios.post(url, streamOf(sent), options)
    accepted(status)
  },
  async iterate ({ axios }, { url }) {
    const { status, data } = await axios.get(url, { responseType: 'stream' })
    return accepted(status, await counted(data))
  },
  async file ({ axios }, { url, file }) {
    const { status, data } = await axios.get(url, { responseType: 'stream' })
    const target = createWriteStream(file)
    await pipeline(data, target)
    return accepted(status, target.bytesWritten)
  }
}

// --- got

const byGot = {
  async get ({ got }, { url }) {
    const { statusCode, body } = await got(url)
    return accepted(statusCode, body.length)
  },
  async post ({ got }, { url, content }) {
    const { statusCode, body } = await got.post(url, { body: content })
    return accepted(statusCode, body.length)
  },
  async upload ({ got }, { url, sent }) {
    const { statusCode, body } = await got.post(url, { body: streamOf(sent), headers: { 'content-length': `${sent}` } })
    return accepted(statusCode, body.length)
  },
  async iterate ({ got }, { url }) {
    return counted(got.stream(url))
  },
  async file ({ got }, { url, file }) {
    const target = createWriteStream(file)
    await pipeline(got.stream(url), target)
    return target.bytesWritten
  }
}

/** What comes with Node.js. */
export const nodeHttp = {
  name: 'node:http',
  library: 'node:http',
  like: 'undici 8 request',
  calls: plain,
  async open ({ origin, workload }) {
    const { module, agent } = await agentFor(origin, workload)
    return { module, agent, close: () => agent.destroy() }
  }
}

/** The packages. */
export const onNodeHttp = [
  {
    name: 'axios',
    library: 'axios',
    like: 'undici 8 request',
    package: 'axios',
    calls: byAxios,
    async open ({ origin, workload }) {
      const { default: axios } = await import('axios')
      const { agent } = await agentFor(origin, workload)
      return { axios: axios.create({ httpAgent: agent, httpsAgent: agent }), close: () => agent.destroy() }
    }
  },
  {
    name: 'got',
    library: 'got',
    like: 'undici 8 request',
    package: 'got',
    calls: byGot,
    async open ({ origin, workload }) {
      const { default: got } = await import('got')
      const { agent } = await agentFor(origin, workload)
      return { got: got.extend({ agent: { http: agent, https: agent }, retry: { limit: 0 } }), close: () => agent.destroy() }
    }
  }
]
