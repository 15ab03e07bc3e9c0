'use strict'

// The SnapshotAgent: what it records and plays back, and that its files are undici's.

const { after, describe, test } = require('node:test')
const assert = require('node:assert')
const { existsSync, mkdtempSync, rmSync } = require('node:fs')
const { readFile, stat, watch, writeFile } = require('node:fs/promises')
const { tmpdir } = require('node:os')
const path = require('node:path')
const { SnapshotAgent } = require('../..')
const { serve } = require('./server')

const load = (name) => {
  try {
    return require(name)
  } catch {
    // It needs a newer Node than we do.
    return null
  }
}

const reference = load('undici8')
const subjects = { dodici: SnapshotAgent, ...reference && { undici: reference.SnapshotAgent } }

const directory = mkdtempSync(path.join(tmpdir(), 'dodici-snapshots-'))
let files = 0
const newFile = () => path.join(directory, 'deep', `${++files}.json`)
after(() => rmSync(directory, { recursive: true }))

async function ask (agent, origin, options) {
  try {
    const { statusCode, headers, trailers, body } = await agent.request({ origin, path: '/', method: 'GET', ...options })
    delete headers.date
    return [statusCode, headers, await body.text(), trailers]
  } catch (error) {
    return `${error.name} ${error.message}`
  }
}

// Requests of all sorts, to a server that says how often it was asked.
const requests = [
  {}, {}, { path: '/a?b=c&d=e' }, { path: '/a?d=e&b=c' },
  { method: 'POST', body: 'text' }, { method: 'POST', body: Buffer.from('other') },
  { headers: { One: 'a', two: ['b', 'c'], secret: 'x' } }, { headers: ['one', 'a', 'TWO', 'b'] }
]

function answer () {
  let count = 0
  return (line, request, response) => {
    response.writeHead(200 + count % 3, { 'x-count': ++count, secret: 'token', 'set-cookie': ['a=1', 'b=2'], trailer: 't' })
    response.write(`${line} é`)
    response.addTrailers({ t: 'end' })
    response.end()
  }
}

async function recorded (t, Agent, options = {}) {
  const origin = await serve(t, answer())
  const snapshotPath = newFile()
  const agent = new Agent({ mode: 'record', snapshotPath, ...options })
  const responses = []
  for (const request of requests) {
    responses.push(await ask(agent, origin, request))
  }
  await agent.close()
  return { origin, snapshotPath, responses }
}

async function played (Agent, { origin, snapshotPath }, options = {}) {
  const agent = new Agent({ mode: 'playback', snapshotPath, ...options })
  const responses = []
  for (const request of requests) {
    responses.push(await ask(agent, origin, request))
  }
  await agent.close()
  return responses
}

test('a snapshot is played back as it was recorded', async (t) => {
  const file = await recorded(t, SnapshotAgent)
  const inOneString = ([status, headers, text, trailers]) => [status, { ...headers, 'set-cookie': String(headers['set-cookie']).replace(',', ', ') }, text, trailers]
  assert.deepStrictEqual((await played(SnapshotAgent, file)).slice(0, 2), file.responses.slice(0, 2).map(inOneString))
})

// What differs from one run to the next: when it was, and the port, which is in the hash.
async function contents ({ origin, snapshotPath }) {
  const text = await readFile(snapshotPath, 'utf8')
  const snapshots = JSON.parse(text)
  assert.strictEqual(JSON.stringify(snapshots, null, 2), text)
  for (const { hash, snapshot } of snapshots) {
    assert.match(hash, /^[\w-]{43}$/)
    assert.match(snapshot.timestamp, /^\d{4}-.*Z$/)
    for (const { headers } of snapshot.responses) {
      assert.ok(headers.date)
      delete headers.date
    }
  }
  return snapshots.map(({ snapshot: { timestamp, ...snapshot } }) =>
    ({ ...snapshot, request: { ...snapshot.request, url: snapshot.request.url.replace(origin, '') } }))
}

const configurations = {
  'as it comes': {},
  'with headers that count': { matchHeaders: ['ONE'] },
  'with headers that do not count': { ignoreHeaders: ['Two'] },
  'with headers that nobody sees': { excludeHeaders: ['Secret', 'set-cookie'] },
  'with case-sensitive headers': { caseSensitive: true, ignoreHeaders: ['One', 'two'] },
  'without bodies': { matchBody: false },
  'without queries': { matchQuery: false },
  'with queries in order': { normalizeQuery: (query) => { query.sort(); return query.toString() } },
  'with bodies that are shortened': { normalizeBody: (body) => body ? String(body).slice(0, 1) : undefined },
  'with the newest only': { maxSnapshots: 2 },
  'without what is not to be recorded': { shouldRecord: ({ method }) => method === 'POST' },
  'without what is not to be played back': { shouldPlayback: ({ method }) => method === 'POST' }
}

for (const [name, options] of reference ? Object.entries(configurations) : []) {
  describe(`snapshots ${name}`, () => {
    test('are written as undici writes them', async (t) => {
      const own = await recorded(t, SnapshotAgent, options)
      const theirs = await recorded(t, reference.SnapshotAgent, options)
      assert.deepStrictEqual(own.responses, theirs.responses)
      assert.deepStrictEqual(await contents(own), await contents(theirs))
    })

    for (const [writer, Writer] of Object.entries(subjects)) {
      test(`of ${writer} are played back as undici does`, async (t) => {
        const file = await recorded(t, Writer, options)
        const text = await readFile(file.snapshotPath, 'utf8')
        assert.deepStrictEqual(await played(SnapshotAgent, file, options), await played(reference.SnapshotAgent, file, options))
        assert.strictEqual(await readFile(file.snapshotPath, 'utf8'), text)
      })
    }
  })
}

for (const [name, Agent] of Object.entries(subjects)) {
  describe(`the SnapshotAgent of ${name}`, () => {
    test('asks the server in update mode for what it does not have', async (t) => {
      const origin = await serve(t)
      const snapshotPath = newFile()
      const record = new Agent({ snapshotPath })
      assert.strictEqual(record.getMode(), 'record')
      await ask(record, origin, { path: '/known' })
      await record.close()

      const update = new Agent({ mode: 'update', snapshotPath })
      assert.strictEqual((await ask(update, origin, { path: '/known' }))[2], 'real GET /known')
      assert.strictEqual((await ask(update, origin, { path: '/new' }))[2], 'real GET /new')
      assert.strictEqual(update.getRecorder().size(), 2)
      await update.close()
      const written = JSON.parse(await readFile(snapshotPath)).map(({ snapshot }) => snapshot)
      assert.strictEqual(written.length, 2)
      // undici reads its file beside the first request, and what it counted by then is lost.
      if (Agent === SnapshotAgent) {
        assert.deepStrictEqual(written.map(({ callCount }) => callCount), [1, 0])
      }
    })

    test('neither records nor plays back URLs that are excluded', async (t) => {
      const origin = await serve(t)
      const snapshotPath = newFile()
      const excludeUrls = ['/SECRET', /\/token$/]
      const record = new Agent({ snapshotPath, excludeUrls })
      await ask(record, origin, { path: '/secret/1' })
      await ask(record, origin, { path: '/token' })
      await ask(record, origin, { path: '/tokens' })
      assert.deepStrictEqual(record.getRecorder().getSnapshots().map(({ request }) => request.url), [`${origin}/tokens`])
      await record.close()
      const playback = new Agent({ mode: 'playback', snapshotPath, excludeUrls })
      assert.strictEqual((await ask(playback, origin, { path: '/token' }))[2], 'real GET /token')
      assert.strictEqual(await ask(playback, origin, { path: '/other' }), 'UndiciError No snapshot found for GET /other')
      await playback.close()
    })

    test('has its snapshots looked at and changed', async (t) => {
      const origin = await serve(t)
      const agent = new Agent()
      const request = { origin, path: '/', method: 'GET' }
      assert.strictEqual(agent.getSnapshotInfo(request), null)
      await ask(agent, origin)
      await ask(agent, origin)
      const info = agent.getSnapshotInfo(request)
      assert.deepStrictEqual(Object.keys(info), ['hash', 'request', 'responseCount', 'callCount', 'timestamp'])
      assert.deepStrictEqual([info.responseCount, info.callCount, info.request], [2, 0, { method: 'GET', url: `${origin}/`, headers: {}, body: '' }])
      const recorder = agent.getRecorder()
      assert.strictEqual(recorder.findSnapshot(request).callCount, 1)
      assert.strictEqual(agent.getSnapshotInfo(request).callCount, 1)
      agent.resetCallCounts()
      assert.strictEqual(agent.getSnapshotInfo(request).callCount, 0)
      const [snapshot] = recorder.getSnapshots()
      assert.strictEqual(agent.deleteSnapshot(request), true)
      assert.strictEqual(agent.deleteSnapshot(request), false)
      agent.replaceSnapshots([{ hash: info.hash, snapshot }])
      assert.strictEqual(agent.getSnapshotInfo(request).responseCount, 2)
      agent.replaceSnapshots({ [info.hash]: snapshot })
      assert.strictEqual(recorder.size(), 1)
      agent.clearSnapshots()
      assert.strictEqual(recorder.size(), 0)
      await assert.rejects(agent.saveSnapshots(), { code: 'UND_ERR_INVALID_ARG', message: 'Snapshot path is required' })
      await assert.rejects(agent.loadSnapshots(), { code: 'UND_ERR_INVALID_ARG', message: 'Snapshot path is required' })
      await agent.close()
    })

    test('saves to a path that is given and loads from it', async (t) => {
      const origin = await serve(t)
      const file = newFile()
      const agent = new Agent()
      await ask(agent, origin)
      await agent.saveSnapshots(file)
      agent.clearSnapshots()
      await agent.loadSnapshots(file)
      assert.strictEqual(agent.getRecorder().size(), 1)
      await agent.loadSnapshots(newFile())
      assert.strictEqual(agent.getRecorder().size(), 0)
      await writeFile(file, 'no JSON')
      await assert.rejects(agent.loadSnapshots(file), (error) => {
        assert.strictEqual(error.message, `Failed to load snapshots from ${file}`)
        return error.cause instanceof SyntaxError && error.code === 'UND_ERR'
      })
      await agent.close()
    })

    test('refuses a mode that is none, and a mode without the path that it needs', () => {
      const messages = []
      for (const options of [{ mode: 'rewind' }, { mode: 'playback' }, { mode: 'update' }]) {
        try {
          new Agent(options).close()
        } catch (error) {
          messages.push(`${error.code} ${error.message}`)
        }
      }
      assert.deepStrictEqual(messages, [
        'UND_ERR_INVALID_ARG Invalid snapshot mode: rewind. Must be one of: record, playback, update',
        'UND_ERR_INVALID_ARG snapshotPath is required when mode is \'playback\'',
        'UND_ERR_INVALID_ARG snapshotPath is required when mode is \'update\''
      ])
    })

    test('plays back to a handler of the second generation', async (t) => {
      const file = await recorded(t, Agent)
      const agent = new Agent({ mode: 'playback', snapshotPath: file.snapshotPath })
      await agent.loadSnapshots()
      const heard = []
      agent.dispatch({ origin: file.origin, path: '/', method: 'GET' }, {
        onRequestStart: () => heard.push('start'),
        onResponseStart: (controller, status, headers) => heard.push(status, headers['x-count'], controller.rawHeaders.length % 2),
        onResponseData: (controller, chunk) => heard.push(String(chunk)),
        onResponseEnd: (controller, trailers) => heard.push(trailers, String(controller.rawTrailers))
      })
      assert.deepStrictEqual(heard, ['start', 200, '1', 0, 'real GET / é', { t: 'end' }, 't,end'])
      await agent.close()
    })
  })
}

// --- where undici lets the process end, or the request wait for ever, or has an option without effect

test('records and plays back to a handler of the first generation', async (t) => {
  const origin = await serve(t)
  const snapshotPath = newFile()
  for (const mode of ['record', 'playback']) {
    const agent = new SnapshotAgent({ mode, snapshotPath })
    const heard = await new Promise((resolve, reject) => {
      const heard = []
      agent.dispatch({ origin, path: '/', method: 'GET' }, {
        onConnect: () => heard.push('connect'),
        onHeaders: (status, headers) => heard.push(status, Buffer.isBuffer(headers[0])),
        onData: (chunk) => heard.push(String(chunk)),
        onComplete: (trailers) => resolve([...heard, trailers]),
        onError: reject
      })
    })
    assert.deepStrictEqual(heard, ['connect', 200, true, 'real GET /', []])
    await agent.close()
  }
  const agent = new SnapshotAgent({ mode: 'playback', snapshotPath })
  await agent.loadSnapshots()
  const error = await new Promise((resolve) => agent.dispatch({ origin, path: '/unknown', method: 'GET' }, { onError: resolve }))
  assert.strictEqual(error.message, 'No snapshot found for GET /unknown')
  await agent.close()
})

test('a file that cannot be read fails the requests', async () => {
  const snapshotPath = path.join(directory, 'broken.json')
  await writeFile(snapshotPath, '{')
  const agent = new SnapshotAgent({ mode: 'playback', snapshotPath })
  assert.strictEqual(await ask(agent, 'http://a.test'), `UndiciError Failed to load snapshots from ${snapshotPath}`)
  assert.strictEqual(await ask(agent, 'http://a.test'), `UndiciError Failed to load snapshots from ${snapshotPath}`)
  await agent.close()
})

test('snapshots are flushed by themselves after the interval', async (t) => {
  const origin = await serve(t)
  const snapshotPath = path.join(directory, 'flushed.json')
  const agent = new SnapshotAgent({ snapshotPath, autoFlush: true, flushInterval: 10 })
  const changes = watch(directory, { signal: t.signal })
  // It watches from the first question on, and the file may be written before the answer is read.
  let change = changes.next()
  await ask(agent, origin)
  while (!existsSync(snapshotPath) || (await stat(snapshotPath)).size === 0) {
    await change
    change = changes.next()
  }
  change.catch(() => {})
  const [{ snapshot }] = JSON.parse(await readFile(snapshotPath, 'utf8'))
  assert.strictEqual(snapshot.request.url, `${origin}/`)
  await agent.close()
})

test('an agent that is given makes the real requests', async (t) => {
  const origin = await serve(t)
  const { Agent } = require('../..')
  const agent = new SnapshotAgent({
    agent: new Agent().compose((dispatch) => (options, handler) => dispatch({ ...options, path: '/composed' }, handler))
  })
  assert.strictEqual((await ask(agent, origin))[2], 'real GET /composed')
  await agent.close()
})

test('the dispatcher of an origin plays back too', async (t) => {
  const { origin, snapshotPath } = await recorded(t, SnapshotAgent)
  const agent = new SnapshotAgent({ mode: 'playback', snapshotPath })
  await agent.loadSnapshots()
  agent.disableNetConnect()
  assert.strictEqual(agent.pendingInterceptors().length, agent.getRecorder().size())
  assert.strictEqual((await ask(agent.get(origin), origin))[2], 'real GET / é')
  await agent.close()
})

test('a response can be aborted while it is played back', async (t) => {
  const { origin, snapshotPath } = await recorded(t, SnapshotAgent)
  const agent = new SnapshotAgent({ mode: 'playback', snapshotPath })
  await agent.loadSnapshots()
  const heard = []
  agent.dispatch({ origin, path: '/', method: 'GET' }, {
    onRequestStart: () => heard.push('start'),
    onResponseStart: (controller) => {
      heard.push('head')
      controller.abort(new Error('enough'))
    },
    onResponseData: () => heard.push('data'),
    onResponseEnd: () => heard.push('end'),
    onResponseError: (controller, error) => heard.push(error.message)
  })
  assert.deepStrictEqual(heard, ['start', 'head', 'enough'])
  await agent.close()
})
