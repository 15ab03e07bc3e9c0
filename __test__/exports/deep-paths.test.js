'use strict'

// The modules of undici that programs require from inside, under the name of undici.

const { after, test } = require('node:test')
const assert = require('node:assert')
const { once } = require('node:events')
const { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } = require('node:fs')
const { createRequire } = require('node:module')
const { tmpdir } = require('node:os')
const path = require('node:path')
const dodici = require('../..')
const { list } = require('./page')

const root = path.join(__dirname, '..', '..')
const project = mkdtempSync(path.join(tmpdir(), 'dodici-deep-paths-'))
mkdirSync(path.join(project, 'node_modules'))
symlinkSync(root, path.join(project, 'node_modules', 'undici'), 'junction')
after(() => rmSync(project, { recursive: true }))

const requireThere = createRequire(path.join(project, 'program.js'))

const folder = path.join(root, 'lib', 'undici')
const paths = readdirSync(folder, { recursive: true })
  .filter((file) => file.endsWith('.js'))
  .map((file) => `lib/${file.slice(0, -3).split(path.sep).join('/')}`)
  .sort()

// What no undici has, by its last name.
const beyond = list('Beyond undici').map((name) => name.split('.').at(-1))

const versions = ['undici8', 'undici7', 'undici6']

// That module of each undici that has it, as far as it loads here; the newest first.
function references (name) {
  const modules = []
  for (const file of versions.map((version) => path.join(root, 'node_modules', version, `${name}.js`)).filter(existsSync)) {
    try {
      modules.push(require(file))
    } catch {
      // This Node.js is too old for it.
    }
  }
  return modules
}

test('the page lists the paths that are there', () => {
  assert.deepStrictEqual(list('Paths inside the package').map((name) => name.replace(/^undici\//, '')), paths)
})

for (const name of paths) {
  test(`undici/${name} is shaped as undici's`, () => {
    const ours = requireThere(`undici/${name}`)
    assert.strictEqual(requireThere(`undici/${name}.js`), ours)
    const theirs = references(name)
    assert.ok(theirs.length > 0, 'no undici has it')
    // A class with static methods alone may be an object here.
    assert.ok(typeof ours === typeof theirs[0] || /wrap-handler$/.test(name))
    const strange = Object.keys(ours).filter((key) => !theirs.some((one) => key in one))
    assert.deepStrictEqual(strange.filter((key) => !beyond.includes(key)), [])
    assert.deepStrictEqual(Object.keys(ours).filter((key) => ours[key] === undefined), [])
  })
}

test('what is exported by both is the same', () => {
  for (const [name, value] of [
    ['dispatcher/agent', dodici.Agent], ['dispatcher/client', dodici.Client], ['dispatcher/pool', dodici.Pool],
    ['handler/retry-handler', dodici.RetryHandler], ['interceptor/dns', dodici.interceptors.dns], ['mock/mock-agent', dodici.MockAgent],
    ['cache/memory-cache-store', dodici.cacheStores.MemoryCacheStore], ['core/connect', dodici.buildConnector], ['core/errors', dodici.errors]
  ]) {
    assert.strictEqual(requireThere(`undici/lib/${name}`), value)
  }
  assert.strictEqual(requireThere('undici/lib/web/fetch/headers').Headers, dodici.Headers)
  assert.strictEqual(requireThere('undici/lib/web/fetch').fetch, dodici.fetch)
  assert.strictEqual(requireThere('undici/lib/api').request, dodici.Dispatcher.prototype.request)
})

test('the functions of lib/core/util give what undici\'s give', () => {
  const ours = requireThere('undici/lib/core/util')
  const calls = {
    buildURL: [['/a', { b: ['c', 1] }]],
    bufferToLowerCasedHeaderName: [[Buffer.from('Content-Type')], [Buffer.from('X-A')]],
    deepClone: [[{ a: [1, undefined], b: undefined }]],
    encodeRawHeaders: [[['a', 'b']]],
    getProtocolFromUrlString: [['http://a'], ['https://a'], ['ws://a']],
    getServerName: [['a:1'], ['[::1]:1'], ['1.2.3.4'], [''], [null]],
    getSocketInfo: [[{ localPort: 1, remoteFamily: 'IPv4', more: 2 }]],
    hasSafeIterator: [[[]], [{}], [new Map()]],
    isBuffer: [[Buffer.alloc(0)], [new Uint8Array(1)], ['a'], [null]],
    isHttpOrHttpsPrefixed: [['http://a'], ['https:'], ['ws://a'], [null]],
    isTokenCharCode: [[65], [32], [0], [200]],
    isUSVString: [['a'], ['\ud800']],
    isValidHTTPToken: [['a'], ['a b'], ['']],
    isValidHeaderValue: [['a\tb'], ['a\n'], ['\u0100']],
    isValidPort: [[80], ['80'], [65536], ['a']],
    parseKeepAliveTimeout: [['timeout=5'], ['max=1, Timeout=7'], ['xtimeout=5'], ['']],
    parseRangeHeader: [['bytes 0-5/10'], ['bytes 1-2/*'], ['bytes 1-2/'], [''], [null], ['a']],
    pathHasQueryOrFragment: [['/a'], ['/a?'], ['/a#']],
    toUSVString: [['a\ud800']]
  }
  for (const [name, lists] of Object.entries(calls)) {
    const theirs = references('lib/core/util').map((one) => one[name]).find((one) => one !== undefined)
    for (const list of lists) {
      assert.deepStrictEqual(ours[name](...list), theirs(...list), `${name}(${JSON.stringify(list)})`)
    }
  }
  for (const name of ['normalizedMethodRecords', 'normalizedMethodRecordsBase', 'safeHTTPMethods', 'kEnumerableProperty']) {
    assert.deepStrictEqual({ ...ours[name] }, { ...references('lib/core/util')[0][name] }, name)
  }
})

test('a body is made of what undici\'s is made of', async () => {
  const { Readable } = requireThere('undici/lib/api/readable')
  const calls = []
  const make = () => new Readable({ resume: () => calls.push('resume'), abort: () => calls.push('abort'), contentType: 'a/b', highWaterMark: 5 })
  const read = make()
  read.push(Buffer.from('hel'))
  process.nextTick(() => {
    read.push(Buffer.from('lo'))
    read.push(null)
  })
  assert.strictEqual((await read.blob()).type, 'a/b')
  assert.ok(calls.includes('resume'))
  const dropped = make()
  const failed = once(dropped, 'error')
  dropped.destroy()
  assert.strictEqual((await failed)[0].code, 'UND_ERR_ABORTED')
  assert.strictEqual(calls.at(-1), 'abort')
})

test('the body of a response is an instance of lib/api/readable', async (t) => {
  const { Readable } = requireThere('undici/lib/api/readable')
  const agent = new dodici.MockAgent()
  t.after(() => agent.close())
  agent.get('http://localhost').intercept({ path: '/' }).reply(200, 'a')
  const { body } = await dodici.request('http://localhost/', { dispatcher: agent })
  assert.ok(body instanceof Readable)
  await body.dump()
})

test('the symbols show what a dispatcher has', async (t) => {
  const { kBusy, kClosed, kConnected, kDestroyed, kFree, kNeedDrain, kPending, kQueued, kRunning, kSize, kUrl } = requireThere('undici/lib/core/symbols')
  const client = new dodici.Client('http://localhost:1')
  const pool = new dodici.Pool('http://localhost:1')
  t.after(() => Promise.all([client.destroy(), pool.destroy()]))
  for (const dispatcher of [client, pool]) {
    assert.strictEqual(dispatcher[kUrl].origin, 'http://localhost:1')
    for (const [symbol, name] of [[kConnected, 'connected'], [kFree, 'free'], [kPending, 'pending'], [kQueued, 'queued'], [kRunning, 'running'], [kSize, 'size']]) {
      assert.strictEqual(dispatcher[symbol], dispatcher.stats[name])
    }
    assert.deepStrictEqual([dispatcher[kBusy], dispatcher[kNeedDrain], dispatcher[kClosed], dispatcher[kDestroyed]], [false, false, false, false])
  }
  const failed = client.request({ path: '/', method: 'GET' }).catch((error) => error)
  assert.deepStrictEqual([client[kSize], client[kBusy], client[kNeedDrain]], [1, true, true])
  await client.destroy()
  await failed
  assert.deepStrictEqual([client[kClosed], client[kDestroyed]], [false, true])
})

test('a class may extend DispatcherBase as it extends undici\'s', async () => {
  const DispatcherBase = requireThere('undici/lib/dispatcher/dispatcher-base')
  const { kClose, kDestroy, kDispatch } = requireThere('undici/lib/core/symbols')
  const calls = []
  class Own extends DispatcherBase {
    [kDispatch] (options, handler) {
      calls.push(options.path)
      const controller = { abort () {}, pause () {}, resume () {} }
      handler.onRequestStart(controller, null)
      handler.onResponseStart(controller, 204, {}, 'No Content')
      handler.onResponseEnd(controller, {})
      return true
    }

    async [kClose] () { calls.push('close') }
    async [kDestroy] (error) { calls.push(error.code) }
  }
  const own = new Own()
  const { statusCode, body } = await own.request({ path: '/', method: 'GET' })
  await body.dump()
  await own.close()
  assert.deepStrictEqual([statusCode, own.closed, own.destroyed, ...calls], [204, true, true, '/', 'close', 'UND_ERR_DESTROYED'])
  await assert.rejects(own.request({ path: '/', method: 'GET' }), { code: 'UND_ERR_DESTROYED' })
})

test('a handler of either generation is given the methods of the other', () => {
  const { wrap } = requireThere('undici/lib/handler/wrap-handler')
  const { unwrap } = requireThere('undici/lib/handler/unwrap-handler')
  const [first, second] = [{ onConnect () {}, onHeaders () {} }, { onRequestStart () {}, onResponseStart () {} }]
  assert.strictEqual(typeof wrap(first).onResponseStart, 'function')
  assert.strictEqual(wrap(second), second)
  assert.strictEqual(typeof unwrap(second).onHeaders, 'function')
  assert.strictEqual(unwrap(first), first)
})

test('what stands beside the modules is reached as well', () => {
  assert.strictEqual(requireThere('undici/package.json').name, 'dodici')
  assert.strictEqual(requireThere('undici/index.js'), dodici)
  assert.strictEqual(requireThere.resolve('undici/lib/native/binding.js'), require.resolve('../../lib/native/binding.js'))
})

test('an inside of undici\'s is not found', () => {
  assert.throws(() => requireThere('undici/lib/dispatcher/client-h1'), { code: 'MODULE_NOT_FOUND' })
})
