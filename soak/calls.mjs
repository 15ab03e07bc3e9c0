// The kinds of calls that the chaos makes of a client, and what comes of each: `{ error }`, or `{ statusCode, headers,
// octets, isWhole }`. Every outcome is told once; what comes after it, or twice, is thrown and ends the run.

import { PassThrough, Readable } from 'node:stream'
import { once } from 'node:events'
import { content } from './answers.mjs'

export class Breaks extends Error {
  name = 'Breaks'
}

// --- bodies of requests, by name

export const bodies = {
  none: () => undefined,
  text: (id, length) => content(id, length).toString('latin1'),
  octets: (id, length) => content(id, length),
  stream: (id, length) => Readable.from(pieces(id, length), { objectMode: false }),
  slow: (id, length) => Readable.from(slowly(pieces(id, length)), { objectMode: false }),
  iterable: (id, length) => pieces(id, length),
  'async iterable': (id, length) => slowly(pieces(id, length)),
  'broken stream': (id, length) => Readable.from(breaking(pieces(id, length)), { objectMode: false }),
  'broken iterable': (id, length) => breaking(pieces(id, length))
}

function * pieces (id, length) {
  const octets = content(id, length)
  const step = 1 + (length >> 2)
  for (let at = 0; at < length; at += step) {
    yield octets.subarray(at, at + step)
  }
}

async function * slowly (iterable) {
  for (const piece of iterable) {
    await new Promise((resolve) => setImmediate(resolve))
    yield piece
  }
}

async function * breaking (iterable) {
  let count = 0
  for await (const piece of slowly(iterable)) {
    yield piece
    if (++count === 2) break
  }
  throw new Breaks('the source broke')
}

// --- what is done with the body of an answer, by name

const WHOLE = (octets) => ({ octets: Buffer.from(octets), isWhole: true })
const SOME = (octets = Buffer.alloc(0)) => ({ octets, isWhole: false })

export const readings = {
  text: async (body) => WHOLE(await body.text()),
  bytes: async (body) => WHOLE(await body.bytes()),
  async iterate (body) {
    const chunks = []
    for await (const chunk of body) chunks.push(chunk)
    return WHOLE(Buffer.concat(chunks))
  },
  async pauses (body) {
    const chunks = []
    body.on('data', (chunk) => {
      chunks.push(chunk)
      body.pause()
      setImmediate(() => body.resume())
    })
    await once(body, 'end')
    return WHOLE(Buffer.concat(chunks))
  },
  async late (body) {
    await new Promise((resolve) => setTimeout(resolve, 3))
    return WHOLE(await body.arrayBuffer())
  },
  async dump (body) {
    await body.dump({ limit: 4096 })
    return SOME()
  },
  async destroy (body) {
    body.on('error', () => {})
    body.destroy()
    return SOME()
  },
  async half (body) {
    const iterator = body[Symbol.asyncIterator]()
    const { value, done } = await iterator.next()
    await iterator.return()
    return done ? WHOLE('') : SOME(value)
  },
  // Only for small ones: nobody makes room for the rest.
  unread: async () => SOME()
}

// --- the calls, by name

export const forms = {
  async request (client, options, reading) {
    const { statusCode, headers, body } = await client.request(options)
    return { statusCode, headers, ...await readings[reading](body) }
  },

  callback (client, options, reading) {
    return new Promise((resolve, reject) => {
      const settle = settling(resolve, reject)
      client.request(options, (error, answer) => {
        if (error) return settle(error)
        const { statusCode, headers, body } = answer
        readings[reading](body).then((read) => settle(null, { statusCode, headers, ...read }), settle)
      })
    })
  },

  async stream (client, options) {
    const chunks = []
    let answer
    await client.stream(options, ({ statusCode, headers }) => {
      answer = { statusCode, headers }
      return new PassThrough({ highWaterMark: 1024 }).on('data', (chunk) => chunks.push(chunk))
    })
    return { ...answer, ...WHOLE(Buffer.concat(chunks)) }
  },

  pipeline (client, { body, ...options }) {
    return new Promise((resolve, reject) => {
      const settle = settling(resolve, reject)
      const chunks = []
      let answer
      const duplex = client.pipeline(options, ({ statusCode, headers, body }) => {
        answer = { statusCode, headers }
        return body
      })
      // It may end before the request is all sent.
      let error = null
      duplex
        .on('data', (chunk) => chunks.push(chunk))
        .on('error', (reason) => { error = reason })
        .on('end', () => duplex.destroy())
        .on('close', () => settle(error, { ...answer, ...WHOLE(Buffer.concat(chunks)) }))
      if (body === undefined) {
        duplex.end()
      } else {
        const source = typeof body === 'string' || Buffer.isBuffer(body) ? Readable.from([body]) : Readable.from(body)
        source.on('error', (reason) => duplex.destroy(reason)).pipe(duplex)
      }
    })
  },

  dispatch (client, options) {
    return new Promise((resolve, reject) => {
      const settle = settling(resolve, reject)
      const chunks = []
      let answer = null
      let stop = null
      const handler = {
        onRequestStart (controller) {
          if (answer !== null) throw new Error('started behind its answer')
          stop = (reason) => controller.abort(reason)
          if (options.signal?.aborted) stop(options.signal.reason)
        },
        onResponseStart (controller, statusCode, headers) {
          if (statusCode < 200) return
          if (answer !== null) settle(new Error('answered twice'))
          answer = { statusCode, headers }
        },
        onResponseData (controller, chunk) {
          chunks.push(chunk)
          if (chunk.length & 1) {
            controller.pause()
            setImmediate(() => controller.resume())
          }
        },
        onResponseEnd: () => settle(null, { ...answer, ...WHOLE(Buffer.concat(chunks)) }),
        onResponseError: (controller, error) => settle(error)
      }
      options.signal?.addEventListener('abort', () => stop?.(options.signal.reason), { once: true })
      client.dispatch(options, handler)
    })
  },

  'dispatch, first generation' (client, options) {
    return new Promise((resolve, reject) => {
      const settle = settling(resolve, reject)
      const chunks = []
      let answer = null
      let stop = null
      client.dispatch(options, {
        onConnect (abort) {
          stop = abort
          if (options.signal?.aborted) stop(options.signal.reason)
        },
        onHeaders (statusCode, rawHeaders, resume) {
          if (statusCode < 200) return true
          const headers = {}
          for (let index = 0; index < rawHeaders.length; index += 2) headers[rawHeaders[index]] = `${rawHeaders[index + 1]}`
          answer = { statusCode, headers, resume }
          return true
        },
        onData (chunk) {
          chunks.push(chunk)
          if (chunk.length & 1) {
            setImmediate(answer.resume)
            return false
          }
          return true
        },
        onComplete: () => settle(null, { ...answer, ...WHOLE(Buffer.concat(chunks)) }),
        onError: (error) => settle(error)
      })
      options.signal?.addEventListener('abort', () => stop?.(options.signal.reason), { once: true })
    })
  }
}

// A promise forgets what it is told a second time; a call must not tell it.
function settling (resolve, reject) {
  let isSettled = false
  return (error, value) => {
    if (isSettled) {
      throw new Error(`settled twice; the second time with ${error ?? 'an answer'}`)
    }
    isSettled = true
    if (error) reject(error)
    else resolve(value)
  }
}
