// A program typed against undici 5. types.test.js compiles it against that undici, and against this package instead.

import { Client, Dispatcher, errors, DiagnosticsChannel, MockAgent, MockClient, mockErrors, MockPool, Interceptable } from 'undici5'

const client = new Client('http://localhost', { connectTimeout: 1, keepAliveTimeout: 1, maxRedirections: 0 })

const handlers: Dispatcher.DispatchHandlers = {
  onConnect (abort) { abort() },
  onError (err: Error) { console.log(err) },
  onHeaders (statusCode, headers: Buffer[] | string[] | null) { console.log(statusCode, headers); return true },
  onData: chunk => chunk.length > 0,
  onComplete: (trailers: string[] | null) => { console.log(trailers) }
}

async function main (): Promise<void> {
  const { statusCode, body, opaque } = await client.request({ path: '/', method: 'POST', body: 'a', headers: { a: ['b'] }, opaque: 1 })
  await body.dump({ limit: 1 })
  const { socket } = await client.connect({ path: 'a:1' })
  await (client as Dispatcher).upgrade({ path: '/', protocol: 'a' })
  console.log(statusCode, opaque, socket)
}

function onCreate ({ request }: DiagnosticsChannel.RequestCreateMessage): void { request.addHeader('a', 'b').addHeader('c', 'd') }

client.dispatch({ path: '/', method: 'GET' }, handlers)
console.log(main, onCreate, new errors.UndiciError('a').code, errors.ResponseStatusCodeError)

async function mocked (): Promise<void> {
  const agent = new MockAgent({ connections: 1 })
  agent.disableNetConnect()
  agent.enableNetConnect(/^localhost/)
  const client = agent.get<MockClient>('http://localhost')
  const pool: Interceptable = new MockPool('http://localhost', { agent })
  for (const dispatcher of [client, pool]) {
    dispatcher.intercept({ path: '/', method: 'POST', headers: { a: /b/ }, query: { c: 1 } })
      .defaultReplyHeaders({ d: 'e' })
      .reply(200, ({ body }) => `${body}`, { trailers: { f: 'g' } })
      .times(2)
      .delay(1)
    dispatcher.intercept({ path: (path) => path === '/' }).reply(({ path }) => ({ statusCode: 200, data: { path } })).persist()
    dispatcher.intercept({ path: /./ }).replyWithError(new mockErrors.MockNotMatchedError('no'))
  }
  const { body } = await client.request({ path: '/', method: 'GET' })
  console.log(await body.json(), agent.pendingInterceptors().length)
  agent.assertNoPendingInterceptors()
  await agent.close()
}

console.log(mocked)
