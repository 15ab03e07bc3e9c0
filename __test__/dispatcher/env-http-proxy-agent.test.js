'use strict'

// An EnvHttpProxyAgent: who goes by which proxy. The environment of this process is the one that is read, so that
// each test sets it and puts it back. What undici does as well is asked of undici 8 in the same process.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const dodici = require('../..')
const { openOrigin, openProxy, reference } = require('./proxy')

const NAMES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY', 'all_proxy', 'ALL_PROXY']

function environment (t, variables) {
  const before = NAMES.map((name) => [name, process.env[name]])
  for (const name of NAMES) delete process.env[name]
  Object.assign(process.env, variables)
  t.after(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
}

function behaviour (name, play) {
  test(name, (t) => play(t, dodici))
  test(`undici 8: ${name}`, { skip: reference === null && 'undici 8 does not run on this Node' }, (t) => play(t, reference))
}

function open (t, library, options) {
  const agent = new library.EnvHttpProxyAgent(options)
  t.after(() => agent.destroy())
  return agent
}

// A proxy that answers by itself, with its name.
async function named (t, name) {
  const proxy = await openProxy(t, {
    onRequest: (_request, response) => response.end(name),
    onConnect: (_request, socket) => socket.end(`HTTP/1.1 ${name === 'one' ? 591 : 592} ${name}\r\n\r\n`)
  })
  return proxy.url
}

async function proxyOf (agent, origin) {
  try {
    const { body } = await agent.request({ origin, path: '/', method: 'GET' })
    return await body.text()
  } catch (error) {
    return { 591: 'one', 592: 'two' }[/\((\d+)\)/.exec(error.message)?.[1]] ?? error
  }
}

const variables = [
  ['http_proxy', (one) => ({ http_proxy: one }), ['one', 'one']],
  ['HTTP_PROXY', (one) => ({ HTTP_PROXY: one }), ['one', 'one']],
  ['http_proxy before HTTP_PROXY', (one, two) => ({ http_proxy: one, HTTP_PROXY: two }), ['one', 'one']],
  ['https_proxy for https: alone', (one, two) => ({ http_proxy: one, https_proxy: two }), ['one', 'two']],
  ['HTTPS_PROXY for https: alone', (one, two) => ({ HTTP_PROXY: one, HTTPS_PROXY: two }), ['one', 'two']],
  ['https_proxy before HTTPS_PROXY', (one, two) => ({ http_proxy: one, https_proxy: one, HTTPS_PROXY: two }), ['one', 'one']]
]

for (const [name, variablesFor, expected] of variables) {
  behaviour(`the environment says ${name}`, async (t, library) => {
    environment(t, variablesFor(await named(t, 'one'), await named(t, 'two')))
    const agent = open(t, library)
    assert.deepEqual([await proxyOf(agent, 'http://name.test'), await proxyOf(agent, 'https://name.test')], expected)
  })
}

behaviour('httpProxy and httpsProxy come before the environment', async (t, library) => {
  const [one, two] = [await named(t, 'one'), await named(t, 'two')]
  environment(t, { http_proxy: two, https_proxy: one })
  const agent = open(t, library, { httpProxy: one, httpsProxy: two })
  assert.deepEqual([await proxyOf(agent, 'http://name.test'), await proxyOf(agent, 'https://name.test')], ['one', 'two'])
})

behaviour('an empty variable is no proxy, and hides the other case', async (t, library) => {
  const [one, origin] = [await named(t, 'one'), await openOrigin(t)]
  environment(t, { http_proxy: '', HTTP_PROXY: one })
  assert.match(await proxyOf(open(t, library), origin.url), /"method":"GET"/)
})

behaviour('without a variable nothing goes by way of a proxy', async (t, library) => {
  const origin = await openOrigin(t)
  environment(t, {})
  assert.match(await proxyOf(open(t, library), origin.url), /"method":"GET"/)
})

behaviour('https_proxy alone leaves http: origins direct', async (t, library) => {
  const [one, origin] = [await named(t, 'one'), await openOrigin(t)]
  environment(t, { https_proxy: one })
  const agent = open(t, library)
  assert.match(await proxyOf(agent, origin.url), /"method":"GET"/)
  assert.equal(await proxyOf(agent, 'https://name.test'), 'one')
})

// --- no_proxy

// The list, an origin, and whether it is asked without a proxy.
const exceptions = [
  ['name.test', 'http://name.test', true],
  ['name.test', 'http://sub.name.test', true],
  ['name.test', 'http://othername.test', false],
  ['name.test', 'http://name.test.other', false],
  ['NAME.test', 'http://name.TEST', true],
  ['.name.test', 'http://name.test', true],
  ['.name.test', 'http://sub.name.test', true],
  ['*.name.test', 'http://sub.name.test', true],
  ['*.name.test', 'http://name.test', false],
  ['name.test.', 'http://name.test', true],
  ['name.test', 'http://name.test.', true],
  ['name.test:8080', 'http://name.test:8080', true],
  ['name.test:8080', 'http://name.test', false],
  ['name.test:80', 'http://name.test', true],
  ['name.test:443', 'https://name.test', true],
  ['name.test:443', 'http://name.test', false],
  ['a.test,name.test', 'http://name.test', true],
  ['a.test name.test', 'http://name.test', true],
  [' a.test ,  name.test ', 'http://name.test', true],
  [',', 'http://name.test', false],
  ['*', 'http://name.test', true],
  [' * ', 'https://name.test', true],
  ['none.test,*', 'http://name.test', true],
  ['*:80', 'http://name.test', true],
  ['*:80', 'https://name.test', false],
  ['127.0.0.1', 'http://127.0.0.1', true],
  ['127.0.0.1', 'http://127.0.0.2', false],
  ['127.0.0.1:81', 'http://127.0.0.1', false],
  ['::1', 'http://[::1]', true],
  ['[::1]', 'http://[::1]', true],
  ['[::1]:80', 'http://[::1]', true],
  ['[::1]:81', 'http://[::1]', false],
  ['2001:db8::1', 'http://[2001:db8::1]', true]
]

// Blocks of addresses mean nothing to undici.
const blocks = [
  ['10.0.0.0/8', 'http://10.1.2.3', true],
  ['10.0.0.0/8', 'http://11.1.2.3', false],
  ['192.168.1.64/26', 'http://192.168.1.127', true],
  ['192.168.1.64/26', 'http://192.168.1.128', false],
  ['0.0.0.0/0', 'http://8.8.8.8', true],
  ['0.0.0.0/0', 'http://name.test', false],
  ['10.0.0.0/33', 'http://10.0.0.0', false],
  ['2001:db8::/32', 'http://[2001:db8:1::1]', true],
  ['2001:db8::/32', 'http://[2001:db9::1]', false],
  ['10.0.0.0/8', 'http://[2001:db8::1]', false]
]

// Who is asked directly is refused by a connector; the proxy answers for all others.
async function isDirect (t, library, options, origin) {
  const agent = open(t, library, {
    ...options,
    connect: (_params, callback) => callback(new Error('direct'), null)
  })
  const way = await proxyOf(agent, origin)
  return way.message === 'direct' ? true : way === 'one' ? false : way
}

for (const [list, origin, expected] of exceptions) {
  behaviour(`no_proxy '${list}' ${expected ? 'holds' : 'does not hold'} for ${origin}`, async (t, library) => {
    environment(t, { http_proxy: await named(t, 'one'), no_proxy: list })
    assert.equal(await isDirect(t, library, {}, origin), expected)
  })
}

for (const [list, origin, expected] of blocks) {
  test(`no_proxy '${list}' ${expected ? 'holds' : 'does not hold'} for ${origin}`, async (t) => {
    environment(t, { http_proxy: await named(t, 'one'), no_proxy: list })
    assert.equal(await isDirect(t, dodici, {}, origin), expected)
  })
}

behaviour('no_proxy comes before NO_PROXY, and the option before both', async (t, library) => {
  environment(t, { http_proxy: await named(t, 'one'), no_proxy: 'name.test', NO_PROXY: 'other.test' })
  assert.equal(await isDirect(t, library, {}, 'http://name.test'), true)
  assert.equal(await isDirect(t, library, {}, 'http://other.test'), false)
  assert.equal(await isDirect(t, library, { noProxy: 'third.test' }, 'http://third.test'), true)
  assert.equal(await isDirect(t, library, { noProxy: '' }, 'http://name.test'), false)
  delete process.env.no_proxy
  assert.equal(await isDirect(t, library, {}, 'http://other.test'), true)
})

behaviour('a change of no_proxy while it runs counts', async (t, library) => {
  environment(t, { http_proxy: await named(t, 'one') })
  const origin = await openOrigin(t)
  const agent = open(t, library)
  assert.equal(await proxyOf(agent, origin.url), 'one')
  process.env.no_proxy = 'localhost'
  assert.match(await proxyOf(agent, origin.url), /"method":"GET"/)
  process.env.no_proxy = 'other.test'
  assert.equal(await proxyOf(agent, origin.url), 'one')
  delete process.env.no_proxy
  assert.equal(await proxyOf(agent, origin.url), 'one')
})

behaviour('a change of http_proxy while it runs does not count', async (t, library) => {
  const [one, two] = [await named(t, 'one'), await named(t, 'two')]
  environment(t, { http_proxy: one })
  const agent = open(t, library)
  process.env.http_proxy = two
  assert.equal(await proxyOf(agent, 'http://name.test'), 'one')
})

// --- all_proxy, which undici does not know

for (const name of ['all_proxy', 'ALL_PROXY']) {
  test(`${name} is for both where nothing else is said`, async (t) => {
    environment(t, { [name]: await named(t, 'one') })
    const agent = open(t, dodici)
    assert.deepEqual([await proxyOf(agent, 'http://name.test'), await proxyOf(agent, 'https://name.test')], ['one', 'one'])
  })
}

test('http_proxy and https_proxy come before all_proxy', async (t) => {
  const [one, two] = [await named(t, 'one'), await named(t, 'two')]
  environment(t, { all_proxy: one, https_proxy: two })
  const agent = open(t, dodici)
  assert.deepEqual([await proxyOf(agent, 'http://name.test'), await proxyOf(agent, 'https://name.test')], ['one', 'two'])
})

test('allProxy: false leaves all_proxy unread', async (t) => {
  const origin = await openOrigin(t)
  environment(t, { all_proxy: await named(t, 'one') })
  assert.match(await proxyOf(open(t, dodici, { allProxy: false }), origin.url), /"method":"GET"/)
})

// --- the end

behaviour('close() ends all, and refuses what comes', async (t, library) => {
  environment(t, { http_proxy: await named(t, 'one') })
  const agent = open(t, library)
  assert.equal(await proxyOf(agent, 'http://name.test'), 'one')
  await agent.close()
  assert.equal((await proxyOf(agent, 'http://name.test')).code, 'UND_ERR_DESTROYED')
})

behaviour('destroy() ends all', async (t, library) => {
  environment(t, { http_proxy: await named(t, 'one') })
  const agent = open(t, library)
  await agent.destroy()
  assert.equal((await proxyOf(agent, 'http://name.test')).code, 'UND_ERR_DESTROYED')
})
