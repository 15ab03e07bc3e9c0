// Libraries with undici's API: dodici, and undici 8, 7 and 6. Each call in the way that its documentation shows it, on
// a Pool of its own.

import { createWriteStream } from 'node:fs'
import { createRequire } from 'node:module'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { accepted, counted, streamOf } from './answer.mjs'

const require = createRequire(import.meta.url)

const request = {
  async get ({ pool }, { path }) {
    const { statusCode, body } = await pool.request({ path, method: 'GET' })
    const text = await body.text()
    return accepted(statusCode, text.length)
  },
  async post ({ pool }, { path, content }) {
    const { statusCode, body } = await pool.request({ path, method: 'POST', body: content })
    const text = await body.text()
    return accepted(statusCode, text.length)
  },
  async upload ({ pool }, { path, sent }) {
    const headers = { 'content-length': `${sent}` }
    const { statusCode, body } = await pool.request({ path, method: 'POST', headers, body: streamOf(sent) })
    const text = await body.text()
    return accepted(statusCode, text.length)
  },
  async iterate ({ pool }, { path }) {
    const { statusCode, body } = await pool.request({ path, method: 'GET' })
    return accepted(statusCode, await counted(body))
  },
  async dump ({ pool }, { path }) {
    const { statusCode, body } = await pool.request({ path, method: 'GET' })
    await body.dump({ limit: Number.MAX_SAFE_INTEGER })
    accepted(statusCode)
  },
  async file ({ pool }, { path, file }) {
    const { statusCode, body } = await pool.request({ path, method: 'GET' })
    const target = createWriteStream(file)
    await pipeline(body, target)
    return accepted(statusCode, target.bytesWritten)
  }
}

const json = {
  async get ({ pool }, { path }) {
    const { statusCode, body } = await pool.request({ path, method: 'GET' })
    const { text } = await body.json()
    accepted(statusCode, text.length)
  }
}

const stream = {
  async get ({ pool }, { path }) {
    const seen = { statusCode: 0, octets: 0 }
    await pool.stream({ path, method: 'GET', opaque: seen }, counting)
    return accepted(seen.statusCode, seen.octets)
  },
  async file ({ pool }, { path, file }) {
    const target = createWriteStream(file)
    await pool.stream({ path, method: 'GET' }, ({ statusCode }) => {
      accepted(statusCode)
      return target
    })
    return target.bytesWritten
  }
}

function counting ({ statusCode, opaque }) {
  opaque.statusCode = statusCode
  return new Writable({
    write (chunk, _, done) {
      opaque.octets += chunk.length
      done()
    }
  })
}

// What a handler of either generation does with an answer.
class Answer {
  status = 0
  octets = 0

  constructor (resolve, reject) {
    this.resolve = resolve
    this.reject = reject
  }

  end () {
    if (this.status === 200) this.resolve(this.octets)
    else this.reject(new Error(`the server answered ${this.status}`))
  }
}

class SecondGeneration extends Answer {
  onRequestStart () {}

  onResponseStart (_, status) {
    this.status = status
  }

  onResponseData (_, chunk) {
    this.octets += chunk.length
  }

  onResponseEnd () {
    this.end()
  }

  onResponseError (_, error) {
    this.reject(error)
  }
}

class FirstGeneration extends Answer {
  onConnect () {}

  onHeaders (status) {
    this.status = status
    return true
  }

  onData (chunk) {
    this.octets += chunk.length
    return true
  }

  onComplete () {
    this.end()
  }

  onError (error) {
    this.reject(error)
  }
}

function dispatches (Handler) {
  const get = ({ pool }, { path }) => new Promise((resolve, reject) => {
    pool.dispatch({ path, method: 'GET' }, new Handler(resolve, reject))
  })
  return {
    get,
    data: get,
    post: ({ pool }, { path, content }) => new Promise((resolve, reject) => {
      pool.dispatch({ path, method: 'POST', body: content }, new Handler(resolve, reject))
    })
  }
}

const ways = {
  request,
  json,
  stream,
  dispatch: dispatches(SecondGeneration),
  'dispatch v1': dispatches(FirstGeneration)
}

/**
 * The clients of one library with undici's API.
 *
 * @param {string} library its name
 * @param {string} specifier what `require` takes for it
 * @param {string[]} names of the ways to call it: request, json, stream, dispatch, dispatch v1
 * @returns {object[]} rows for the table of clients
 */
export function undicis (library, specifier, names) {
  const module = require.resolve(specifier)
  return names.map((way) => ({
    name: `${library} ${way}`,
    library,
    like: `undici 8 ${way === 'dispatch v1' ? 'dispatch' : way}`,
    module,
    canPipeline: true,
    calls: ways[way],
    async open ({ origin, workload: { connections, pipelining } }) {
      const { Pool } = require(module)
      const pool = new Pool(origin, { connections, pipelining, keepAliveTimeout: 600e3 })
      return { pool, close: () => pool.close() }
    }
  }))
}
