'use strict'

// Who undoes a coding, the engine or node:zlib, and that nobody can tell by what is heard.

const assert = require('node:assert')
const { createHook } = require('node:async_hooks')
const { once } = require('node:events')
const { createServer } = require('node:net')
const { subscribe, unsubscribe } = require('node:diagnostics_channel')
const { after, before, describe, test } = require('node:test')
const zlib = require('node:zlib')
const { serve, keep, hearing } = require('../handler/server.js')
const { play } = require('./play.js')
const rows = require('./rows/decompress.js')
const dodici = require('../../index.js')
const { Agent, Client, DecoratorHandler, Pool, RetryAgent, interceptors } = dodici

const TEXT = 'twelve '.repeat(20)
const GZIP = zlib.gzipSync(TEXT)
const MIB = 1024 * 1024

/** An interceptor whose handler hears all that comes from the dispatcher. */
const between = (dispatch) => (options, handler) => dispatch(options, new DecoratorHandler(handler))

/** Calls `callback` and counts the decoders of node:zlib that are made meanwhile. */
async function counted (callback) {
  let count = 0
  const hook = createHook({ init (id, type) { count += type === 'ZLIB' ? 1 : 0 } }).enable()
  try {
    const outcome = await callback()
    return [outcome, count]
  } finally {
    hook.disable()
  }
}

const answering = (coding, content) => (request, response) =>
  response.writeHead(200, { 'content-encoding': coding, 'content-length': content.length }).end(content)

describe('the engine undoes a coding', () => {
  const ask = async (dispatcher, origin) => {
    const { headers, body } = await dispatcher.request({ origin, path: '/', method: 'GET' })
    return `${headers['content-encoding']} ${headers['content-length']} ${await body.text()}`
  }
  for (const [name, make, expected] of [
    ['for a Client', (origin) => new Client(origin).compose(interceptors.decompress()), 0],
    ['for a Pool', (origin) => new Pool(origin).compose(interceptors.decompress()), 0],
    ['for an Agent', () => new Agent().compose(interceptors.decompress()), 0],
    ['beneath other interceptors', () => new Agent().compose(interceptors.decompress(), interceptors.retry(), interceptors.redirect()), 0],
    ['not above one that may hear the content', () => new Agent().compose(between, interceptors.decompress()), 1],
    ['not above a cache, which keeps the octets as they came', () => new Agent().compose(interceptors.cache(), interceptors.decompress()), 1],
    ['not on a RetryAgent, which counts the octets', () => new RetryAgent(new Agent()).compose(interceptors.decompress()), 1],
    ['not where redirects are followed beneath', () => new Agent({ maxRedirections: 1 }).compose(interceptors.decompress()), 1],
    ['not for a proxy of its handler', () => new Agent().compose((dispatch) => (options, handler) => dispatch(options, new Proxy(handler, { get: (target, key) => typeof target[key] === 'function' ? target[key].bind(target) : target[key] })), interceptors.decompress()), 1]
  ]) {
    test(name, async (context) => {
      const origin = await serve(context, answering('gzip', GZIP))
      const dispatcher = keep(context, make(origin))
      assert.deepStrictEqual(await counted(() => ask(dispatcher, origin)), [`undefined undefined ${TEXT}`, expected])
    })
  }

  test('not while somebody listens to the octets as they come', async (context) => {
    const origin = await serve(context, answering('gzip', GZIP))
    const dispatcher = keep(context, new Agent()).compose(interceptors.decompress())
    const chunks = []
    const listener = ({ chunk }) => { chunks.push(chunk) }
    subscribe('undici:request:bodyChunkReceived', listener)
    try {
      assert.deepStrictEqual(await counted(() => ask(dispatcher, origin)), [`undefined undefined ${TEXT}`, 1])
    } finally {
      unsubscribe('undici:request:bodyChunkReceived', listener)
    }
    assert.deepStrictEqual(zlib.gunzipSync(Buffer.concat(chunks)).toString(), TEXT)
  })

  test('and the channel of heads tells all fields', async (context) => {
    const origin = await serve(context, answering('gzip', GZIP))
    const dispatcher = keep(context, new Agent()).compose(interceptors.decompress())
    let fields
    const listener = ({ response }) => { fields = response.headers.map(String) }
    subscribe('undici:request:headers', listener)
    try {
      assert.deepStrictEqual(await counted(() => ask(dispatcher, origin)), [`undefined undefined ${TEXT}`, 0])
    } finally {
      unsubscribe('undici:request:headers', listener)
    }
    assert.deepStrictEqual(fields.slice(0, 3), ['content-encoding', 'gzip', 'content-length'])
  })
})

test('zstd is undone, also where Node does not know it', async (context) => {
  const content = Buffer.from('28b52ffd' + '20' + '03' + '190000' + '616263', 'hex')
  const origin = await serve(context, answering('zstd', content))
  const { body } = await keep(context, new Agent()).compose(interceptors.decompress()).request({ origin, path: '/', method: 'GET' })
  assert.strictEqual(await body.text(), 'abc')
})

describe('nobody can tell who undoes it', () => {
  for (const row of rows) {
    for (const generation of [1, 2]) {
      test(`${row.name} (generation ${generation}, by node:zlib)`, async () => {
        const use = (interceptors) => [between, ...row.use(interceptors)]
        assert.deepStrictEqual(await play({ ...row, use }, dodici, generation), row.sees)
      })
    }
  }

  /** Answers with the octets that the path says, after their coding. */
  let server
  before(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {}).on('data', (octets) => {
        const [, coding, hexadecimal] = /^GET \/([^/]+)\/([0-9a-f]*) /.exec(octets.latin1Slice())
        const content = Buffer.from(hexadecimal, 'hex')
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${content.length}\r\n\r\n`)
        socket.write(content)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => server.close())

  async function outcome (dispatcher, coding, content) {
    const origin = `http://127.0.0.1:${server.address().port}`
    try {
      const { body } = await dispatcher.request({ origin, path: `/${coding}/${content.toString('hex')}`, method: 'GET' })
      return await body.text()
    } catch (error) {
      const { name, code, errno, message } = error
      // The engine cannot always tell which of three it is.
      const reason = message.replace(/^invalid (?:literal\/length code|distance code|distance too far back)$/, 'invalid literal, length or distance')
      return { name, code, errno, reason, keys: Object.keys(error) }
    }
  }

  const encoders = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync }
  // Node 22 says less of what is wrong with zstd.
  if (zlib.zstdCompressSync !== undefined && !process.versions.node.startsWith('22.')) {
    encoders.zstd = (text) => zlib.zstdCompressSync(text, { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } })
  }
  for (const [coding, encode] of Object.entries(encoders)) {
    const content = encode(TEXT)
    const variants = {
      'whatever octet is changed': Array.from(content, (octet, index) => {
        const changed = Buffer.from(content)
        changed[index] ^= 0x5a
        return changed
      }),
      'wherever it is cut off': Array.from(content, (octet, index) => content.subarray(0, index)),
      'whatever follows it': [content, Buffer.from('\0'), Buffer.from('\0abcdef'), Buffer.from('abcdef'), Buffer.from([0x1f])]
        .map((rest) => Buffer.concat([content, rest]))
    }
    for (const [name, contents] of Object.entries(variants)) {
      test(`${coding}, ${name}`, async (context) => {
        const native = keep(context, new Agent()).compose(interceptors.decompress())
        const byZlib = keep(context, new Agent()).compose(between, interceptors.decompress())
        for (const one of contents) {
          const [here, there] = [await outcome(native, coding, one), await outcome(byZlib, coding, one)]
          if (coding === 'zstd' && there.code === 'Z_BUF_ERROR') {
            // What is wrong with a frame may be its length as well, and of two faults the engine tells the first.
            assert.match(here.code, /^(?:Z_BUF_ERROR|ZSTD_error_.+)$/, one.toString('hex'))
          } else {
            assert.deepStrictEqual(here, there, one.toString('hex'))
          }
        }
      })
    }
  }
})

for (const [name, compose] of [['the engine', []], ['node:zlib', [between]]]) {
  test(`what follows a content is waited for and its connection is used again, by ${name}`, async (context) => {
    let connections = 0
    const content = Buffer.concat([zlib.gzipSync('x'), Buffer.alloc(2 * MIB)])
    const server = createServer((socket) => {
      connections++
      socket.on('error', () => {}).on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${content.length}\r\n\r\n`)
        socket.write(content)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    context.after(() => server.close())
    const client = keep(context, new Client(`http://127.0.0.1:${server.address().port}`)).compose(...compose, interceptors.decompress())
    for (let count = 0; count < 3; count++) {
      const { body } = await client.request({ path: '/', method: 'GET' })
      assert.strictEqual(await body.text(), 'x')
    }
    assert.strictEqual(connections, 1)
  })
}

test('a content that is none, of which all has come, leaves its connection alone, and is heard once the body can be listened to', async (context) => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => {}).on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 6\r\n\r\nabcdef'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const client = keep(context, new Client(`http://127.0.0.1:${server.address().port}`)).compose(interceptors.decompress())
  for (let count = 0; count < 3; count++) {
    const { body } = await client.request({ path: '/', method: 'GET' })
    await assert.rejects(body.text(), { code: 'Z_DATA_ERROR' })
  }
  assert.strictEqual(connections, 1)
})

test('an abort in the turn in which a content turns out to be none is heard instead', async (context) => {
  const content = Buffer.concat([zlib.gzipSync('x'), Buffer.from('abcdef')])
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${content.length}\r\n\r\n${content.latin1Slice()}`, 'latin1')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const { handler, done } = hearing(2, {
    // Behind the end of the exchange, and before another turn.
    onResponseStart (controller) { process.nextTick(() => controller.abort(new Error('enough'))) }
  })
  keep(context, new Agent()).compose(interceptors.decompress()).dispatch({ origin: `http://127.0.0.1:${server.address().port}`, path: '/', method: 'GET' }, handler)
  assert.deepStrictEqual(await done, ['start', 'error enough'])
})
