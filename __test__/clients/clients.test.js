'use strict'

// Clients from npm that are built on undici, unchanged, with this package in its place, against local servers. Each
// runs in a process of its own, which ends by itself.

const { test } = require('node:test')
const assert = require('node:assert/strict')
const { execFile } = require('node:child_process')
const { once } = require('node:events')
const { createServer } = require('node:http')
const path = require('node:path')
const { promisify } = require('node:util')

const run = promisify(execFile)
const root = path.join(__dirname, '..', '..')

async function serve (t, answer) {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${server.address().port}`
}

/** Runs a program with ours in undici's place; resolves with what it printed as JSON. */
async function play (program, origin) {
  const { stdout } = await run(process.execPath, ['-r', path.join(__dirname, 'in-place.js'), '-e', `
    const origin = ${JSON.stringify(origin)}
    const { census } = require(${JSON.stringify(path.join(root, 'lib', 'native', 'bridge.js'))})
    ;(async () => {
      ${program}
    })().then((result) => console.log(JSON.stringify({ result, isOurs: census().allocations.blocks > 0 })))
  `], { cwd: root, timeout: 120_000 })
  const { result, isOurs } = JSON.parse(stdout)
  assert.ok(isOurs)
  return result
}

async function textOf (stream) {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}

test('@elastic/elasticsearch: index, search, an error of the cluster, and many at once', async (t) => {
  const origin = await serve(t, async (request, response) => {
    const body = await textOf(request)
    const answer = (status, value) => {
      response.writeHead(status, { 'content-type': 'application/vnd.elasticsearch+json;compatible-with=8', 'x-elastic-product': 'Elasticsearch' })
      response.end(JSON.stringify(value))
    }
    if (request.url.startsWith('/books/_doc')) {
      answer(201, { _index: 'books', _id: '1', result: 'created', given: JSON.parse(body) })
    } else if (request.url.startsWith('/books/_search')) {
      answer(200, { took: 1, timed_out: false, hits: { total: { value: 1, relation: 'eq' }, hits: [{ _source: { title: 'Ulysses' } }] } })
    } else {
      answer(404, { error: { type: 'index_not_found_exception', reason: 'no such index' }, status: 404 })
    }
  })
  const result = await play(`
    const { Client } = require('@elastic/elasticsearch')
    const client = new Client({ node: origin, auth: { username: 'u', password: 'p' } })
    const indexed = await client.index({ index: 'books', document: { title: 'Ulysses' } })
    const found = await client.search({ index: 'books', query: { match_all: {} } })
    const error = await client.search({ index: 'none' }).catch((error) => error)
    const many = await Promise.all(Array.from({ length: 50 }, () => client.search({ index: 'books' })))
    await client.close()
    return { created: indexed.result, title: found.hits.hits[0]._source.title, error: [error.name, error.statusCode], many: many.length }
  `, origin)
  assert.deepEqual(result, { created: 'created', title: 'Ulysses', error: ['ResponseError', 404], many: 50 })
})

test('@elastic/elasticsearch over a MockPool: what a test of a program answers in the place of the cluster', async (t) => {
  const origin = await serve(t, (request, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.elasticsearch+json;compatible-with=8', 'x-elastic-product': 'Elasticsearch' }).end('{"count":12}')
  })
  const result = await play(`
    const { Client, UndiciConnection } = require('@elastic/elasticsearch')
    const { MockAgent } = require('undici')
    const mock = new MockAgent()
    class MockedConnection extends UndiciConnection {
      constructor (options) {
        super(options)
        this.pool = mock.get(this.url.origin)
      }
    }
    const headers = { 'content-type': 'application/vnd.elasticsearch+json;compatible-with=8', 'x-elastic-product': 'Elasticsearch' }
    const cluster = mock.get(origin)
    cluster.intercept({ method: 'POST', path: '/books/_search', body: (body) => JSON.parse(body).query.match_all !== undefined })
      .reply(200, ({ body }) => ({ took: 1, timed_out: false, hits: { total: { value: 1, relation: 'eq' }, hits: [{ _source: { title: 'Ulysses', size: JSON.parse(body).size } }] } }), { headers })
    cluster.intercept({ path: /^\\/none/, method: 'POST' }).reply(404, { error: { type: 'index_not_found_exception' }, status: 404 }, { headers }).times(2)
    const client = new Client({ node: origin, Connection: MockedConnection, maxRetries: 0 })
    const found = await client.search({ index: 'books', query: { match_all: {} }, size: 3 })
    const refused = [await client.search({ index: 'none', query: { match_all: {} } }).catch((error) => error.statusCode), await client.search({ index: 'none', query: { match_all: {} } }).catch((error) => error.statusCode)]
    mock.assertNoPendingInterceptors()
    // What is not mocked reaches the cluster, until that is not wanted.
    const { count } = await client.count({ index: 'books' })
    mock.disableNetConnect()
    const error = await client.count({ index: 'books' }).catch((error) => error)
    await client.close()
    await mock.close()
    return { source: found.hits.hits[0]._source, refused, count, error: /net\\.connect disabled/.test(error.message) }
  `, origin)
  assert.deepEqual(result, { source: { title: 'Ulysses', size: 3 }, refused: [404, 404], count: 12, error: true })
})

test('@discordjs/rest: over its own request, with files, errors and rate limits, and over a MockAgent', async (t) => {
  let limited = false
  const origin = await serve(t, async (request, response) => {
    const body = await textOf(request)
    const answer = (status, value, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
    if (request.url.endsWith('/limited') && !limited) {
      limited = true
      answer(429, { message: 'slowly', retry_after: 0.01, global: false }, { 'retry-after': '0.01' })
    } else if (request.url.endsWith('/missing')) {
      answer(404, { message: 'Unknown Message', code: 10008 })
    } else if (request.method === 'POST') {
      answer(200, { type: request.headers['content-type'].split(';')[0], hasFile: body.includes('filename="menu.txt"') && body.includes('pasta') })
    } else {
      answer(200, { path: request.url, authorization: request.headers.authorization, agent: request.headers['user-agent'].split(' ')[0] })
    }
  })
  const result = await play(`
    const { REST } = require('@discordjs/rest')
    const { makeRequest } = require('@discordjs/rest').DefaultRestOptions
    const { Agent, MockAgent } = require('undici')
    const agent = new Agent()
    const rest = new REST({ api: origin, version: '10', retries: 1, makeRequest }).setToken('token').setAgent(agent)
    const read = await rest.get('/channels/12')
    const sent = await rest.post('/channels/12/messages', { body: { content: 'ciao' }, files: [{ name: 'menu.txt', data: Buffer.from('pasta') }] })
    const limited = await rest.get('/channels/12/limited')
    const error = await rest.get('/channels/12/missing').catch((error) => error)
    await agent.close()

    const mock = new MockAgent()
    mock.disableNetConnect()
    mock.get('http://discord.test').intercept({ path: '/api/v10/users/@me', headers: { authorization: 'Bot token' } })
      .reply(200, { username: 'dodici' }, { headers: { 'content-type': 'application/json' } })
    const mocked = await new REST({ api: 'http://discord.test/api', version: '10', makeRequest }).setToken('token').setAgent(mock).get('/users/@me')
    mock.assertNoPendingInterceptors()
    await mock.close()
    return { read, sent, limited: limited.path, error: [error.name, error.status, error.code], mocked }
  `, origin)
  assert.deepEqual(result, {
    read: { path: '/v10/channels/12', authorization: 'Bot token', agent: 'DiscordBot' },
    sent: { type: 'multipart/form-data', hasFile: true },
    limited: '/v10/channels/12/limited',
    error: ['DiscordAPIError[10008]', 404, 10008],
    mocked: { username: 'dodici' }
  })
})

test('@fastify/reply-from: a Fastify server in front of another hands bodies and fields on, both ways', async (t) => {
  const origin = await serve(t, async (request, response) => {
    const body = await textOf(request)
    response.writeHead(request.url === '/teapot' ? 418 : 200, { 'content-type': 'text/plain', 'x-method': request.method })
    response.end(`${request.url} ${request.headers['x-asked']} ${body.length}`)
  })
  const result = await play(`
    const fastify = require('fastify')()
    fastify.register(require('@fastify/reply-from'), { base: origin, undici: { connections: 10, pipelining: 1 } })
    fastify.all('/*', (request, reply) => reply.from(request.url))
    const address = await fastify.listen({ port: 0, host: '127.0.0.1' })
    const { request } = require('undici')
    const asked = []
    for (const [method, path, body] of [['GET', '/a', null], ['POST', '/b', JSON.stringify({ text: 'x'.repeat(100000) })], ['GET', '/teapot', null]]) {
      const { statusCode, headers, body: answer } = await request(address + path, {
        method, body, headers: { 'x-asked': 'yes', ...(body ? { 'content-type': 'application/json' } : {}) }
      })
      asked.push([statusCode, headers['x-method'], await answer.text()])
    }
    await fastify.close()
    await require('undici').getGlobalDispatcher().close()
    return asked
  `, origin)
  assert.deepEqual(result, [
    [200, 'GET', '/a yes 0'],
    [200, 'POST', '/b yes 100011'],
    [418, 'GET', '/teapot yes 0']
  ])
})

test('openai: an answer, and one that is streamed, by way of fetchOptions.dispatcher', async (t) => {
  const origin = await serve(t, async (request, response) => {
    const { stream } = JSON.parse(await textOf(request))
    if (!stream) {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ id: '1', object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: 'twelve' } }] }))
      return
    }
    response.setHeader('content-type', 'text/event-stream')
    for (const content of ['do', 'di', 'ci']) {
      response.write(`data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`)
      await new Promise(setImmediate)
    }
    response.end('data: [DONE]\n\n')
  })
  const result = await play(`
    const { OpenAI } = require('openai')
    const { Agent } = require('undici')
    const dispatcher = new Agent()
    const client = new OpenAI({ apiKey: 'none', baseURL: origin, fetchOptions: { dispatcher } })
    const messages = [{ role: 'user', content: 'What is dodici?' }]
    const whole = await client.chat.completions.create({ model: 'any', messages })
    let streamed = ''
    for await (const chunk of await client.chat.completions.create({ model: 'any', messages, stream: true })) {
      streamed += chunk.choices[0].delta.content
    }
    await dispatcher.close()
    return { whole: whole.choices[0].message.content, streamed }
  `, origin)
  assert.deepEqual(result, { whole: 'twelve', streamed: 'dodici' })
})

test('cheerio.fromURL: a page behind a redirect', async (t) => {
  const origin = await serve(t, (request, response) => {
    if (request.url === '/old') {
      response.writeHead(302, { location: '/new' }).end()
    } else {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end('<!doctype html><title>Dodici</title><p class="à">dodici è dodici</p>')
    }
  })
  const result = await play(`
    const cheerio = require('cheerio')
    const page = await cheerio.fromURL(origin + '/old')
    await require('undici').getGlobalDispatcher().close()
    return { title: page('title').text(), text: page('p').text() }
  `, origin)
  assert.deepEqual(result, { title: 'Dodici', text: 'dodici è dodici' })
})
