// Performs each kind of call against a server of its own, checks what comes back, and prints what happened and how
// long it took: `npm run demo`. The server is in server.mjs. Exits with 1 unless everything went as expected.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import dodici from '../index.js'
import { startServer } from './server.mjs'

// A call that has not come to its end by then never will.
const TIMEOUT_MS = 10_000

const CALLS = {
  'request, text': async client => {
    const { statusCode, body } = await client.request({ path: '/hello', method: 'GET' })
    const text = await body.text()
    assert.deepEqual([statusCode, text], [200, 'Hello from the server'])
    return `${statusCode}, "${text}"`
  },

  'request, JSON': async client => {
    const sent = { greeting: 'ciao', numbers: [11, 12] }
    const { statusCode, body } = await client.request({
      path: '/echo',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sent)
    })
    const received = await body.json()
    assert.deepEqual(received, sent)
    return `${statusCode}, the server sent back ${JSON.stringify(received)}`
  },

  'request, body read as a stream': async client => {
    const { statusCode, body } = await client.request({ path: '/octets?1000000', method: 'GET' })
    let octets = 0
    let chunks = 0
    for await (const chunk of body) {
      octets += chunk.length
      chunks++
    }
    assert.equal(octets, 1_000_000)
    return `${statusCode}, ${octets} octets in ${chunks} chunks`
  },

  'request, upload from a stream': async client => {
    const chunks = 64
    const source = Readable.from((function * () {
      for (let n = 0; n < chunks; n++) yield Buffer.alloc(16_384, n)
    })())
    const { body } = await client.request({ path: '/count', method: 'PUT', body: source })
    const { octets, framing } = await body.json()
    assert.deepEqual([octets, framing], [chunks * 16_384, 'chunked'])
    return `the server counted ${octets} octets, sent ${framing}`
  },

  stream: async client => {
    const parts = []
    await client.stream({ path: '/hello', method: 'GET' }, ({ statusCode }) => {
      assert.equal(statusCode, 200)
      return new Writable({
        write (chunk, encoding, callback) {
          parts.push(chunk)
          callback()
        }
      })
    })
    const text = Buffer.concat(parts).toString()
    assert.equal(text, 'Hello from the server')
    return `"${text}" was written to a Writable`
  },

  pipeline: async client => {
    const echo = client.pipeline({ path: '/echo', method: 'POST' }, ({ body }) => body)
    let text = ''
    await pipeline(Readable.from(['uno, ', 'due, ', 'tre']), echo, async source => {
      for await (const chunk of source) text += chunk
    })
    assert.equal(text, 'uno, due, tre')
    return `"${text}" went through the server and back`
  },

  'trailers after the body': async client => {
    const { body, trailers } = await client.request({ path: '/trailers', method: 'GET' })
    await body.text()
    assert.equal(trailers['content-digest'], 'demo')
    return `content-digest: ${trailers['content-digest']}`
  },

  'informational response': async client => {
    const seen = []
    const { statusCode, body } = await client.request({
      path: '/hints',
      method: 'GET',
      onInfo: ({ statusCode, headers }) => seen.push(`${statusCode} (link: ${headers.link})`)
    })
    await body.dump()
    assert.deepEqual([seen, statusCode], [['103 (link: </style.css>; rel=preload; as=style)'], 200])
    return `${seen[0]}, then ${statusCode}`
  },

  'dispatch, first generation of handlers': client => new Promise((resolve, reject) => {
    const heard = []
    let text = ''
    client.dispatch({ path: '/hello', method: 'GET' }, {
      onConnect: () => heard.push('onConnect'),
      onHeaders: () => heard.push('onHeaders'),
      onData: chunk => {
        if (text === '') heard.push('onData')
        text += chunk
        return true
      },
      onComplete: () => {
        heard.push('onComplete')
        resolve(heard)
      },
      onError: reject
    })
  }).then(heard => {
    assert.deepEqual(heard, ['onConnect', 'onHeaders', 'onData', 'onComplete'])
    return heard.join(', ')
  }),

  'dispatch, second generation of handlers': client => new Promise((resolve, reject) => {
    const heard = []
    let text = ''
    client.dispatch({ path: '/hello', method: 'GET' }, {
      onRequestStart: () => heard.push('onRequestStart'),
      onResponseStart: () => heard.push('onResponseStart'),
      onResponseData: (controller, chunk) => {
        if (text === '') heard.push('onResponseData')
        text += chunk
      },
      onResponseEnd: () => {
        heard.push('onResponseEnd')
        resolve(heard)
      },
      onResponseError: (controller, error) => reject(error)
    })
  }).then(heard => {
    assert.deepEqual(heard, ['onRequestStart', 'onResponseStart', 'onResponseData', 'onResponseEnd'])
    return heard.join(', ')
  }),

  'abort by an AbortSignal': async (client, server) => {
    const aborter = new AbortController()
    const arrived = once(server, 'silence')
    const answer = client.request({ path: '/silence', method: 'GET', signal: aborter.signal })
    arrived.then(() => aborter.abort())
    const error = await answer.then(() => assert.fail('there should be no answer'), error => error)
    assert.equal(error.name, 'AbortError')
    return `${error.name}: ${error.message}`
  },

  upgrade: async client => {
    const { headers, socket } = await client.upgrade({ path: '/', protocol: 'shout' })
    const answer = await exchange(socket, 'to the other protocol')
    assert.deepEqual([headers.upgrade, answer], ['shout', 'TO THE OTHER PROTOCOL'])
    return `to "${headers.upgrade}", which answered "${answer}"`
  },

  connect: async client => {
    const { statusCode, socket } = await client.connect({ path: 'tunnel.example:7' })
    const answer = await exchange(socket, 'through the tunnel')
    assert.deepEqual([statusCode, answer], [200, 'through the tunnel'])
    return `${statusCode}, "${answer}" came back`
  },

  close: async client => {
    const last = client.request({ path: '/hello', method: 'GET' }).then(({ body }) => body.text())
    const closed = client.close()
    await assert.rejects(client.request({ path: '/hello', method: 'GET' }), { name: 'ClientClosedError' })
    assert.equal(await last, 'Hello from the server')
    await closed
    return 'a ClientClosedError for a new request, the answer for the one before'
  }
}

async function exchange (socket, text) {
  socket.write(text)
  let answer = ''
  while (answer.length < text.length) answer += (await once(socket, 'data'))[0]
  socket.end()
  await once(socket, 'close')
  return answer
}

async function performed (call, client, server) {
  const deadline = new AbortController()
  const start = performance.now()
  try {
    const tooLate = setTimeout(TIMEOUT_MS, undefined, { signal: deadline.signal })
      .then(() => assert.fail(`nothing happened for ${TIMEOUT_MS} ms`))
    const outcome = await Promise.race([call(client, server), tooLate])
    return { outcome, took: performance.now() - start, expected: true }
  } catch (error) {
    const outcome = `${error.name}: ${error.message.split('\n')[0]}`
    return { outcome, took: performance.now() - start, expected: false }
  } finally {
    deadline.abort()
  }
}

function print (rows) {
  const name = Math.max(...rows.map(row => row.name.length))
  const outcome = Math.max(...rows.map(row => row.outcome.length))
  const line = '─'.repeat(2 + name + 2 + outcome + 2 + 10)
  console.log(`  ${'call'.padEnd(name)}  ${'what happened'.padEnd(outcome)}  ${'took (ms)'.padStart(10)}`)
  console.log(line)
  for (const row of rows) {
    const mark = row.expected ? '✔' : '✘'
    console.log(`${mark} ${row.name.padEnd(name)}  ${row.outcome.padEnd(outcome)}  ${row.took.toFixed(2).padStart(10)}`)
  }
  console.log(line)
}

const server = await startServer()
const client = new dodici.Client(`http://localhost:${server.address().port}`)
const rows = []
for (const [name, call] of Object.entries(CALLS)) rows.push({ name, ...await performed(call, client, server) })
await client.destroy()
server.close()
server.closeAllConnections()

print(rows)
const failures = rows.filter(row => !row.expected).length
console.log(`${rows.length - failures} of ${rows.length} calls went as expected.`)
if (failures > 0) process.exitCode = 1
